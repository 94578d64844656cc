#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lines and branches that the tests take, file by file, and those they don't take, with the reason.

usage: report.py ALL.json     (of gcovr)

Exit status 1: a line or branch is missed without a reason here, or a reason is out of date.
"""
import json
import pathlib
import sys

# File, the text of the line, how many of its branches no test takes, and why.
EXCEPTIONS = [
]


def main():
    data = json.loads(pathlib.Path(sys.argv[1]).read_text())
    reasons = {(file, text): (branches, why) for file, text, branches, why in EXCEPTIONS}
    unused, bad, totals = set(reasons), [], [0, 0, 0, 0]
    explained = []
    print(f'{"file":<28} {"lines":>11} {"branches":>13}')
    for file in sorted(data['files'], key=lambda file: file['file']):
        name = file['file']
        source = pathlib.Path(name).read_text().split('\n')
        count = [0, 0, 0, 0]
        for line in file['lines']:
            if line['gcovr/noncode']:
                continue
            taken = [branch['count'] > 0 for branch in line['branches']]
            text = source[line['line_number'] - 1].strip()
            missed = taken.count(False)
            count = [a + b for a, b in zip(count, (line['count'] > 0, 1, sum(taken), len(taken)))]
            if line['count'] and not missed:
                continue
            where = f'{name}:{line["line_number"]}: {text}'
            branches, why = reasons.get((name, text), (None, ''))
            if branches == missed:
                unused.discard((name, text))
                explained.append(f'{where}\n    {missed} of {len(taken)} branches: {why}')
            else:
                bad.append(f'{where}: {missed} of {len(taken)} branches, no reason given'
                           if line['count'] else f'{where}: never run')
        totals = [a + b for a, b in zip(totals, count)]
        print(f'{name:<28} {count[0]:>5}/{count[1]:<5} {count[2]:>6}/{count[3]:<6}')
    print(f'{"all":<28} {totals[0]:>5}/{totals[1]:<5} {totals[2]:>6}/{totals[3]:<6}')
    if explained:
        print('\nnot taken, and why:')
        print('\n'.join(explained))
    bad += [f'{file}: {text}: is taken, or no longer there' for file, text in sorted(unused)]
    if bad:
        print('\nmissed:')
        print('\n'.join(bad))
    return 1 if bad else 0


sys.exit(main())
