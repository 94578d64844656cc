#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the csumoff command makes of the recorded frames, against what the kernel said of each.

usage: recorded_frames.py CSUMOFF FOLDER SCRATCH

FOLDER has the captures and their tables (recorded/README.md says what is in them). SCRATCH receives
the finished captures. TAP: a capture is a test. It passes where every seeded frame has its checksum
where the kernel said, and is GOOD once it is finished.
"""
import csv
import json
import pathlib
import subprocess
import sys

ROW = '{:<10} {:>7} {:>7} {:>24} {:>20}'


def verdicts(csumoff, capture):
    """What verify says of each frame, by its number. Exit status 1: some frame is not right yet."""
    said = subprocess.run([csumoff, 'verify', '--json', capture], stdout=subprocess.PIPE, text=True)
    if said.returncode not in (0, 1):
        sys.exit(f'Bail out! {csumoff} verify {capture}: exit status {said.returncode}')
    return {frame['packet']: frame for frame in map(json.loads, said.stdout.splitlines())
            if 'packet' in frame}


def judge(csumoff, table, finished):
    """Frames of a capture, seeded ones, those located as the kernel said, and those good at the
    end."""
    capture = table.with_suffix('.pcap')
    with open(table, encoding='ascii') as file:
        rows = list(csv.DictReader(file))
    seeded = {int(row['frame']): (int(row['csum_start']), int(row['csum_offset']))
              for row in rows if int(row['flags']) & 1}
    subprocess.run([csumoff, 'finish', capture, finished], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    before, after = verdicts(csumoff, capture), verdicts(csumoff, finished)
    located = sum((before[number].get('csum_start'), before[number].get('csum_offset')) == place
                  for number, place in seeded.items())
    good = sum(after[number]['verdict'] == 'GOOD' for number in seeded)
    return len(rows), len(seeded), located, good


def main():
    csumoff, folder, scratch = sys.argv[1:]
    tables = sorted(pathlib.Path(folder).glob('*.csv'))
    pathlib.Path(scratch).mkdir(parents=True, exist_ok=True)
    print('#', ROW.format('capture', 'frames', 'seeded', 'located as kernel said',
                          'finished and GOOD'))
    totals, failed = (0, 0, 0, 0), False
    for test, table in enumerate(tables, 1):
        counts = judge(csumoff, table, pathlib.Path(scratch, table.stem + '.pcap'))
        totals = tuple(map(sum, zip(totals, counts)))
        frames, seeded, located, good = counts
        right = located == good == seeded
        failed |= not right
        shown = (f'{located}/{seeded}', f'{good}/{seeded}') if seeded else ('-', '-')
        print('ok' if right else 'not ok', test, '-',
              ROW.format(table.stem, frames, seeded, *shown))
    frames, seeded, located, good = totals
    print('#', ROW.format('all', frames, seeded, f'{located}/{seeded}', f'{good}/{seeded}'))
    print(f'1..{len(tables)}')
    sys.exit(failed or not seeded)


if __name__ == '__main__':
    main()
