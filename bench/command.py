#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures the csumoff command beside others that read captures.

usage: command.py CSUMOFF CAPTURE [REPETITIONS]

Each command reads the capture once per repetition, in turn, so that what the neighbours do hits
everyone alike. The time is what the CPU spends, in the program and in the kernel for it; the best
of all repetitions counts. What is slow sees a part of the capture.
"""
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile

import report

# Name, command line ({} is the capture), whether a part of the capture will
# do; who it is to be compared with, and how much faster it has to be, in packets per second.
COMMANDS = (
    ('verify --summary', '{csumoff} verify --summary {}', False,
     (('tcpdump -vv', 10), ('capinfos -c', 1))),
    ('finish', '{csumoff} finish {} -', False, (('tcpdump -vv', 10), ('capinfos -c', 1))),
    ('finish --all', '{csumoff} finish --all {} -', False, (('tcprewrite -C', 1),)),
    ('verify', '{csumoff} verify {}', True, ()),
    ('verify --json', '{csumoff} verify --json {}', True, ()),
    ('capinfos -c', 'capinfos -c {}', False, ()),
    ('tcpdump -vv', 'tcpdump -nvvr {}', True, ()),
    ('tcprewrite -C', 'tcprewrite -C --infile={} --outfile=/dev/null', False, ()),
    ('cat', 'cat {}', False, ()),
)
# Packets per second of CPU time that a command has to reach, in millions.
GOALS = {'verify --summary': 8, 'finish': 8, 'verify': 2, 'verify --json': 2}
PART = 64 << 20


def count_packets(path):
    """Returns how many packets a pcap file of this machine's byte order holds."""
    packets = 0
    size = os.path.getsize(path)
    with open(path, 'rb') as capture:
        at = len(capture.read(24))
        while at < size:
            captured = struct.unpack('=8xII', capture.read(16))[0]
            at += 16 + captured
            capture.seek(at)
            packets += 1
    return packets


def take_part(path, part):
    """Writes the first packets of a capture, about PART bytes."""
    with open(path, 'rb') as capture, open(part, 'wb') as out:
        out.write(capture.read(24))
        while out.tell() < PART:
            header = capture.read(16)
            if not header:
                break
            out.write(header + capture.read(struct.unpack('=8xII', header)[0]))


def cpu_seconds(line):
    """Runs a command, whose output goes nowhere; returns the CPU time of it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode > 1:  # 1: a wrong checksum was found
        sys.exit(f'{" ".join(line)}: {done.stderr.decode()}')
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(csumoff, path, repetitions):
    commands = [c for c in COMMANDS
                if c[1].startswith('{csumoff}') or shutil.which(c[1].split()[0])]
    absent = [c[0] for c in COMMANDS if c not in commands]
    best = {}
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(path))) as folder:
        part = os.path.join(folder, 'part.pcap')
        take_part(path, part)
        packets = {path: count_packets(path), part: count_packets(part)}
        for _ in range(repetitions):
            for name, line, is_part_enough, _ in commands:
                capture = part if is_part_enough else path
                words = [w.format(capture, csumoff=csumoff)
                         for w in line.split()]
                rate = packets[capture] / cpu_seconds(words) / 1e6
                best[name] = max(best.get(name, 0), rate)
    print(f'CPU         {report.cpu_model()}')
    for tool in sorted({c[1].split()[0] for c in commands} - {'{csumoff}', 'cat'}):
        said = subprocess.run([tool, '--version'], capture_output=True, text=True, check=False)
        print(f'{tool:12}{(said.stdout or said.stderr).splitlines()[0]}')
    print(f'{packets[path]} packets, {os.path.getsize(path) >> 20} MiB; millions of packets per '
          f'second of CPU time, best of {repetitions}')
    print(f'{"":18}{"rate":>8}{"goal":>6}  beside')
    for name, _, _, peers in commands:
        goal = GOALS.get(name)
        beside = ', '.join(f'{best[name] / best[peer]:.2f} of {peer} (goal {least})'
                           for peer, least in peers if peer in best)
        print(f'{name:18}{best[name]:8.2f}{goal or "":>6}  {beside}'.rstrip())
    if absent:
        print('not installed: ' + ', '.join(absent))


if __name__ == '__main__':
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) == 4 else 5)
