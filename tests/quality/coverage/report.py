#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lines and branches that the tests take, file by file, and those they don't take, with the reason,
which a row of report.txt gives.

usage: report.py ALL.json     (of gcovr)
       report.py --check      only whether the reasons still fit the sources

Exit status 1: a line or branch is missed without a reason, or a reason is out of date. Of a kernel
that cannot run on this machine nothing is expected; that it was skipped is said.
"""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import here  # noqa: E402
import places  # noqa: E402


MISSED = r'(never run|1 branch|\d+ branches)'


def check(rows):
    """Yields what is wrong with rows, whatever the tests take."""
    yield from places.complaints(rows)
    for row in rows:
        if not re.fullmatch(f'(taken|{MISSED})(, by chance)?(; without avx512 {MISSED})?',
                            row.rest):
            yield f'{row.title}: neither "never run" nor "N branches": {row.rest}'


def expected_of(row):
    """What is missed on this machine, and whether that is so in some runs only."""
    usual, _, without = row.rest.partition('; without avx512 ')
    if without and here.lacking('avx512'):
        return without, False
    said, _, chance = usual.partition(', ')
    return said, bool(chance)


def by_line(rows, name, source):
    """By the number of a line of this file: the row that gives a reason for it."""
    found = {}
    for row in rows:
        if row.file == name:
            first, last = (source.count('\n', 0, at) + 1 for at in row.find(source))
            found.update((number, row) for number in range(first, last + 1))
    return found


def main():
    rows = places.rows(pathlib.Path(__file__).with_suffix('.txt'))
    wrong = list(check(rows))
    if wrong or sys.argv[1:] == ['--check']:
        sys.exit('\n'.join(wrong) or 0)
    data = json.loads(pathlib.Path(sys.argv[1]).read_text())
    bad, skipped, totals = [], [], [0, 0, 0, 0]
    missed = {row: [] for row in rows}  # (where, how many branches; None: the line never runs)
    print(f'{"file":<28} {"lines":>11} {"branches":>13}')
    for file in sorted(data['files'], key=lambda file: file['file']):
        name = file['file']
        source = pathlib.Path(name).read_text()
        lacks = here.lacking(name)
        if lacks and not any(line['count'] for line in file['lines']):
            skipped.append(f'{name}: there is no {lacks} here')
            continue
        reasons = by_line(rows, name, source)
        count = [0, 0, 0, 0]
        for line in file['lines']:
            if line['gcovr/noncode']:
                continue
            taken = [branch['count'] > 0 for branch in line['branches']]
            count = [a + b for a, b in zip(count, (line['count'] > 0, 1, sum(taken), len(taken)))]
            if line['count'] and all(taken):
                continue
            number = line['line_number']
            where = f'{name}:{number}: {source.split(chr(10))[number - 1].strip()}'
            if number in reasons:
                missed[reasons[number]].append(
                    (where, taken.count(False) if line['count'] else None))
            else:
                said = f'{taken.count(False)} of {len(taken)} branches'
                bad.append(f'{where}: {said if line["count"] else "never run"}, no reason given')
        totals = [a + b for a, b in zip(totals, count)]
        print(f'{name:<28} {count[0]:>5}/{count[1]:<5} {count[2]:>6}/{count[3]:<6}')
    print(f'{"all":<28} {totals[0]:>5}/{totals[1]:<5} {totals[2]:>6}/{totals[3]:<6}')
    if skipped:
        print('\nskipped:', *skipped, sep='\n')
    if any(missed.values()):
        print('\nnot taken, and why:')
    for row, lines in missed.items():
        numbers = [number for where, number in lines]
        said = 'never run' if None in numbers else \
            f'{sum(numbers)} branch{"es" if sum(numbers) != 1 else ""}'
        expected, chance = expected_of(row)
        if not lines and expected == 'taken':
            continue
        if lines and said == expected:
            print(*(where for where, _ in lines), f'    {said}: {row.title}', sep='\n')
        elif lines or not chance:
            bad.append(f'{row.file}: {row.there}: {said if lines else "taken"}, not: {row.rest}')
    if bad:
        print('\nmissed:')
        print('\n'.join(bad))
    return 1 if bad else 0


sys.exit(main())
