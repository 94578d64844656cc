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
    ('glue/netfront/pieces.c', 'if (csumoff_fill(frame, len, CSUMOFF_LINK_ETHERNET))', 1,
     'the packet has been located, so it can be filled; the status must be looked at'),
    ('glue/netfront/pieces.c', 'return 0;', 0, 'as above'),
    ('glue/netfront/tx.c', 'switch (tx.action) {', 1, 'no other actions; gcc counts a default'),
    ('glue/virtio/virtio.c', 'if (start > end || offset > end - start || '
     'end - start - offset < 2 || start > UINT16_MAX ||', 1,
     'an offset beyond 16 bits lies outside any IP packet; checked all the same'),
    ('src/cpu_builtin.c', 'if (!__get_cpuid(1, &a, &b, &c, &d))', 1,
     'a 32-bit CPU without CPUID, or without leaf 1'),
    ('src/cpu_builtin.c', 'return 0;', 0, 'as above'),
    ('src/cpu_builtin.c', 'if (d & bit_SSE2)', 1,
     'measured on 64 bits; the row x86-32-old of ./dev test takes it'),
    ('src/cpu_builtin.c', 'if ((saved & XCR0_AVX) != XCR0_AVX || !(c & bit_AVX) ||', 2,
     'no CPU saves YMM and lacks AVX, or has AVX and lacks leaf 7, among those emulated'),
    ('src/cpu_builtin.c',
     'if ((saved & XCR0_AVX512) != XCR0_AVX512 || (b & avx512) != avx512)', 1,
     'AVX-512 without BW, VL or BMI2: Xeon Phi'),
    ('src/cpu_features.c',
     'const bool avx512 = has.avx512f && has.avx512bw && has.avx512vl && has.bmi2;', 3,
     'AVX-512 without BW, VL or BMI2: Xeon Phi'),
    ('src/cpu_features.c', '(avx512 && has.avx512vnni ? CSUMOFF_CPU_AVX512VNNI : 0);', 1,
     'AVX-512 without VNNI: Skylake-X, which is not emulated'),
]

# The same where it is chance whether a run takes them.
CHANCE = [
    ('src/dispatch.c', 'while (!(state & ACTIVE) && !swap_state(&state, chosen(state)))', 1,
     'another thread chose meanwhile: the suite threads provokes it, but not in every run'),
]


def main():
    data = json.loads(pathlib.Path(sys.argv[1]).read_text())
    reasons = {(file, text): (branches, why) for file, text, branches, why in EXCEPTIONS + CHANCE}
    unused = {(file, text) for file, text, _, _ in EXCEPTIONS}
    bad, totals = [], [0, 0, 0, 0]
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
