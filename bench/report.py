#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads what csumoff-bench wrote; prints tables a person can read and draws the plot.

usage: report.py RESULT.json [PLOT.svg]

Times are the best of all repetitions: on a shared machine the rest is the neighbours' work.
"""
import json
import math
import platform
import re
import sys

PEERS = ('adc_loop', 'dpdk_native', 'dpdk_avx2', 'dpdk_debian', 'lwip', 'reference')
NOT_SUMS = ('memcpy', 'memcpy_then_sum', 'fused_loop')
MIXES = {'20..64': 42, '40..1500': 770}  # lengths and their mean
PLACES = {'offset0': 'offset 0', 'offset14': 'offset 14', 'moving': 'moving', 'cold': 'cold'}

# Rows of the packet table: name, bytes, what it says; whom the target is about, and the most that
# csumoff may take of that one's time.
PACKETS = (
    ('locate_tcp_ipv4', 60, 'locate, TCP/IPv4 over Ethernet', 'dpdk', 0.6),
    ('locate_udp_ipv6', 70, 'locate, UDP/IPv6', 'dpdk', None),
    ('locate_tcp_ipv4_vlan', 64, 'locate, TCP/IPv4, VLAN tag', 'dpdk', None),
    ('locate_head', 1502, 'locate_head, the first 128 bytes', 'dpdk', None),
    ('inspect', 60, 'inspect, 60 bytes', 'straight', 1.5),
    ('inspect', 1502, 'inspect, 1,502 bytes', 'straight', 1.25),
    ('seed', 60, 'seed (header and seed), 60 bytes', 'straight', 1.5),
    ('seed_at', 60, 'seed_at, 1,024 layouts, 60 bytes', 'straight', 1.5),
    ('fill', 1502, 'fill, 1,502 bytes', 'straight', 1.25),
    ('rewrite_saddr', 60, 'rewrite, an IPv4 address', 'straight', None),
)

# Rows of the glue table: name, bytes, what it says; who is measured beside whom, how the other one
# is called, and the most that the former may take of the latter's time.
GLUE = (
    ('netfront_tx', '60', 'netfront_tx, TCP/IPv4, 60 bytes', 'csumoff', 'straight', '', 1.6),
    ('netfront_tx', '1502', 'the same, 1,502 bytes', 'csumoff', 'straight', '', 1.6),
    ('netfront_tx', '1502', '', 'csumoff', 'sum', 'sum of 1,460 bytes', 1),
    ('netfront_tx_seeded', '60', 'a seed and its layout, 60 bytes', 'csumoff', 'straight', '', 1.6),
    ('netfront_tx_iov', '1502', 'netfront_tx_iov, headers and payload', 'csumoff', 'straight', '',
     2),
    ('netfront_tx_mixed', '60..1514', 'netfront_tx, four kinds mixed', 'csumoff', 'straight', '',
     1.6),
    ('virtio_tx', '60', 'virtio_tx, TCP/IPv4, 60 bytes', 'csumoff', 'straight', '', 1.6),
    ('virtio_tx_udp_ipv6', '70', 'virtio_tx, UDP/IPv6, 70 bytes', 'csumoff', 'straight', '', None),
    ('netfront_rx', '60', 'netfront_rx, blank, 60 bytes', 'csumoff', 'straight', '', 1.6),
    ('netfront_rx_finish', '60', 'netfront_rx_finish, 60 bytes', 'csumoff', 'straight', '', 1.6),
    ('netfront_tx', '60', 'netfront_tx_burst, 60 bytes', 'burst', 'each', 'call for each item', 1),
    ('netfront_tx', '60', '', 'burst', 'csumoff', 'call without items', None),
    ('netfront_tx_mixed', '60..1514', 'netfront_tx_burst, mixed', 'burst', 'each',
     'call for each item', 1),
    ('netfront_tx_mixed', '60..1514', '', 'burst', 'csumoff', 'call without items', None),
    ('netfront_rx_finish', '60', 'netfront_rx_finish_burst, 60 bytes', 'burst', 'each',
     'call for each item', 1),
    ('netfront_rx_finish', '60', '', 'burst', 'csumoff', 'call without items', None),
    ('inspect', '60', 'inspect_burst, 60 bytes', 'burst', 'each', 'call for each item', 1),
    ('inspect', '60', '', 'burst', 'csumoff', 'call without items', None),
    ('netfront_tx_cold', '60', 'netfront_tx, cold', 'csumoff', 'straight', '', None),
    ('netfront_tx_cold', '60', 'netfront_tx_burst, cold', 'burst', 'csumoff',
     'call without items', 0.5),
    ('netfront_tx_cold', '60', '', 'burst', 'straight_ahead', 'straight, fetching', None),
    ('netfront_rx_finish_cold', '60', 'netfront_rx_finish, cold', 'csumoff', 'straight', '', None),
    ('netfront_rx_finish_cold', '60', 'netfront_rx_finish_burst, cold', 'burst', 'csumoff',
     'call without items', 0.5),
    ('inspect_cold', '60', 'inspect, cold', 'csumoff', 'straight', '', None),
    ('inspect_cold', '60', 'inspect_burst, cold', 'burst', 'csumoff', 'call without items', 0.5),
)


class Results:
    def __init__(self, path):
        with open(path, encoding='utf-8') as file:
            data = json.load(file)
        self.context = data['context']
        self.ns = {}
        # Repetitions are interleaved; the family tells the order in which they were registered.
        for run in sorted(data['benchmarks'], key=lambda run: run['family_index']):
            if run['run_type'] == 'iteration':
                key = run['name'].split('/iterations')[0]
                self.ns[key] = min(self.ns.get(key, math.inf), run['cpu_time'])
        names = [key.split('/') for key in self.ns]
        sums = list(dict.fromkeys(n[1] for n in names if n[0] == 'sum'))
        self.ways = [w for w in sums if w.startswith('read_')]
        self.who = [w for w in sums if w not in self.ways]
        self.copiers = list(dict.fromkeys(n[1] for n in names if n[0] == 'copy'))
        self.sizes = sorted({int(n[2]) for n in names if n[0] == 'sum' and n[2].isdigit()})
        self.kernels = [w for w in self.who if w not in PEERS + NOT_SUMS]
        # What is built for this machine may use more than AVX2.
        self.up_to_avx2 = [p for p in PEERS
                           if p != 'dpdk_native' or 'avx512' not in self.kernels]

    def time(self, what, who, size, where):
        return self.ns.get(f'{what}/{who}/{size}/{where}', math.nan)

    def speed(self, what, who, size, where):
        return MIXES.get(size, size) / self.time(what, who, size, where)

    def fastest(self, what, names, size, where):
        """Which of the names takes least time there; None where none was measured."""
        known = [n for n in names if not math.isnan(self.time(what, n, size, where))]
        return min(known, key=lambda n: self.time(what, n, size, where), default=None)

    def times(self, what, who, others, size, where):
        """How many times as fast `who` is as the fastest of the others."""
        other = self.fastest(what, others, size, where)
        return self.time(what, other, size, where) / self.time(what, who, size, where)

    def judged(self):
        """The kernel in use, and AVX2's where that is another: each with whom it is held to."""
        for kernel in self.kernels[:1] + ['avx2'] * ('avx2' in self.kernels[1:]):
            yield kernel, PEERS if kernel == self.kernels[0] else self.up_to_avx2


def label(size):
    if size in MIXES:
        return f'{size} bytes'
    for unit, name in ((1 << 20, 'M'), (1 << 10, 'K')):
        if size >= unit and size % unit == 0:
            return f'{size // unit}{name}'
    return str(size)


def line(name, cells, form='8.1f'):
    print(f'{name:18}' + ''.join('       -' if math.isnan(c) else format(c, form) for c in cells))


def table(r, title, what, who, where, unit='GB/s', most=math.inf):
    """Up to `most` bytes."""
    sizes = [s for s in r.sizes if s <= most and any(
        not math.isnan(r.time(what, w, s, where)) for w in who)]
    if not sizes:
        return
    print(f'\n{title} [{unit}]')
    print(' ' * 18 + ''.join(f'{label(s):>8}' for s in sizes))
    get = r.speed if unit == 'GB/s' else r.time
    for w in who:
        line(w, [get(what, w, s, where) for s in sizes])
    if what == 'sum':
        line('ceiling', [get(what, r.fastest(what, r.ways, s, where), s, where) for s in sizes])
        for kernel, peers in r.judged():
            print(f'{kernel}: times the speed of the best peer, and of the ceiling:')
            for others in peers, r.ways:
                line('', [r.times(what, kernel, others, s, where) for s in sizes], '8.2f')


def ways(r):
    """The ceiling is the fastest of these; what beats it shows that it is none."""
    if not r.ways:
        return
    sizes = [s for s in r.sizes if s >= 1460]
    print('\nWays to read, data at offset 14, in cache [GB/s]')
    print(' ' * 18 + ''.join(f'{label(s):>8}' for s in sizes))
    for way in r.ways:
        line(way, [r.speed('sum', way, s, 'offset14') for s in sizes])
    for where, text in PLACES.items():
        for size in r.sizes:
            who = r.fastest('sum', r.who, size, where)
            if size >= 1460 and who and r.times('sum', who, r.ways, size, where) > 1.03:
                print(f'No ceiling: {label(size)}, {text}: {who} takes '
                      f'{1 / r.times("sum", who, r.ways, size, where):.2f} of its time')


def mixes(r):
    """Packets of lengths that no branch predictor learns."""
    if all(math.isnan(r.time('sum', w, mix, 'moving')) for w in r.who for mix in MIXES):
        return
    print('\nPackets of random lengths, a new address each call [GB/s]')
    print(' ' * 18 + ''.join(f'{mix:>12}' for mix in MIXES))
    for w in r.who:
        print(f'{w:18}' + ''.join(f'{r.speed("sum", w, mix, "moving"):12.1f}' for mix in MIXES))


def packets(r):
    """csumoff's packet functions beside DPDK and beside code for one kind of frame."""
    if not any(key.startswith('packets/') for key in r.ns):
        return
    print('\nPackets: one core, 1,024 different frames in cache, best of all repetitions [ns]. '
          'DPDK is told\nwhere the headers are, but for locate; straight-line code takes '
          'TCP/IPv4 over Ethernet only.')
    print(f'{"":36}{"csumoff":>9}{"DPDK":>9}{"straight":>9}{"ratio":>8} to {"target":>14}')
    for name, size, text, to, most in PACKETS:
        ns = {who: r.ns.get(f'packets/{name}/{who}/{size}', math.nan)
              for who in ('csumoff', 'dpdk', 'straight')}
        if math.isnan(ns['csumoff']):
            continue
        ratio = ns['csumoff'] / ns[to]
        cells = ''.join('        -' if math.isnan(v) else f'{v:9.1f}' for v in ns.values())
        verdict = '' if most is None else f'{most:6.2f}  ' + ('met' if ratio <= most else 'MISSED')
        print(f'{text:36}{cells}{ratio:8.2f} {to:9}{verdict}'.rstrip())


def glue(r):
    """The glue beside code for one kind of frame, and its bursts beside single calls."""
    if not any(key.startswith('glue/') for key in r.ns):
        return
    print('\nGlue: one core, best of all repetitions [ns a frame]. Warm: 1,024 different frames in '
          'cache, those\nthat are mixed in an order that does not soon repeat. Cold: 65,536 frames '
          '2 KiB apart in random order,\nin no cache. Bursts of 32; straight-line code that '
          'fetches does so 8 frames ahead.')
    print(f'{"":38}{"csumoff":>9}  {"beside":20}{"":>8}{"ratio":>8}{"target":>9}')
    for name, size, text, who, other, called, most in GLUE:
        ours, theirs = (r.ns.get(f'glue/{name}/{w}/{size}', math.nan) for w in (who, other))
        if math.isnan(ours) or math.isnan(theirs):
            continue
        ratio = round(ours / theirs, 2)
        verdict = '' if most is None else f'{most:9.2f}  ' + ('met' if ratio <= most else 'MISSED')
        print(f'{text:38}{ours:9.1f}  {called or other:20}{theirs:8.1f}{ratio:8.2f}{verdict}')


def targets(r):
    """Rows of (what, measured, at least)."""
    rows = []

    def worst(text, who, others, sizes, wheres, least, what='sum'):
        """Of all sizes and places, the one that is furthest from what it should be."""
        found = [(r.times(what, who, others, s, w), s, w) for w in wheres for s in sizes
                 if r.fastest(what, others, s, w) and not math.isnan(r.time(what, who, s, w))]
        if found:
            ratio, size, where = min(found, key=lambda f: f[0])
            other = r.fastest(what, others, size, where)
            rows.append((f'{text}: {label(size)}, {PLACES[where]}, {other}', ratio, least))

    def between(least, most):
        return [s for s in r.sizes if least <= s <= most]

    for kernel, peers in r.judged():
        vnni = kernel == 'avx512vnni'
        worst(f'{kernel}, of the best peer', kernel, peers, r.sizes, PLACES, 0.97)
        worst(f'{kernel}, random lengths, of the best peer', kernel, peers, MIXES, ['moving'], 0.97)
        if vnni:
            worst(f'{kernel}, 1,460 bytes', kernel, peers, [1460], ['offset14'], 1.3)
        if vnni or kernel == 'avx2':
            worst(f'{kernel}, 4 to 16 KiB', kernel, peers, between(4096, 16384),
                  ['offset0', 'offset14'], 1.6 if vnni else 1.2)
        worst(f'{kernel}, 64 KiB to 32 MiB, of the ceiling', kernel, r.ways,
              between(65536, 32 << 20), PLACES, 0.95)
        worst(f'{kernel} copy, of other ways', kernel, ['memcpy_then_sum', 'fused_loop'],
              between(1460, 1 << 20), PLACES, 0.97, 'copy')
        worst(f'{kernel} copy, of memcpy', kernel, ['memcpy'], between(1460, 16384),
              ['offset0', 'offset14'], 0.9, 'copy')
    for short in 'scalar', *PEERS:
        for kernel in r.kernels[:-1]:
            worst(f'{kernel}, up to 256 bytes, of {short}', kernel, [short], between(0, 256),
                  PLACES, 0.97)
    op = {tuple(key.split('/')[1:3]): ns for key, ns in r.ns.items() if key.startswith('op/')}
    if ('ipv4_header', 'dpdk_native') in op:
        rows.append(('csumoff_ipv4_header, 20 bytes, of rte_ipv4_cksum',
                     op['ipv4_header', 'dpdk_native'] / op['ipv4_header', 'csumoff'], 1))
    return rows


def crc32c(r):
    """Each kernel of CRC32c; each CRC waits for the one before."""
    keys = [key.split('/') for key in r.ns if key.startswith('crc32c/')]
    if not keys:
        return
    sizes = sorted({int(key[2]) for key in keys})
    print('\nCRC32c, data at offset 14, in cache [GB/s]')
    print(' ' * 18 + ''.join(f'{label(size):>8}' for size in sizes))
    for who in dict.fromkeys(key[1] for key in keys):
        print(f'{who:18}' + ''.join(f'{r.speed("crc32c", who, size, "offset14"):8.1f}'
                                    for size in sizes))


def order(r):
    """kernels.def says best first; whether the sizes that matter agree, by their total time."""
    cost = {k: sum(r.time('sum', k, s, 'moving') / r.time('sum', 'scalar', s, 'moving')
                   for s in (128, 552, 1460, 4096, 16384)) for k in r.kernels}
    measured = sorted(r.kernels, key=cost.get)
    print('\nOrder of kernels.def: ' + ' '.join(r.kernels))
    print('Order by measurement: ' + ' '.join(measured))


def plot(r, path):
    """Bytes on a log axis, GB/s on a linear one; data at offset 14 in cache."""
    width, height, left, right, top, bottom = 900, 520, 60, 170, 40, 50
    who = [w for w in r.who + r.ways if not math.isnan(r.time('sum', w, 4096, 'offset14'))]
    highest = max(r.speed('sum', w, s, 'offset14') for w in who for s in r.sizes
                  if not math.isnan(r.time('sum', w, s, 'offset14')))
    step = 50 if highest > 150 else 10
    highest = math.ceil(highest / step) * step
    low, high = math.log(r.sizes[0]), math.log(r.sizes[-1])

    def x(size):
        return left + (math.log(size) - low) / (high - low) * (width - left - right)

    def y(speed):
        return height - bottom - speed / highest * (height - top - bottom)

    colours = ['#0b6e4f', '#1b9aaa', '#3a6ea5', '#7b5ea7', '#b5651d', '#c1121f', '#d98e04',
               '#6c757d', '#495057', '#adb5bd']
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="#fff"/>',
           f'<text x="{left}" y="22" font-size="15">Sum of data at offset 14, in cache: GB/s by '
           'bytes</text>']
    for speed in range(0, highest + 1, step):
        out.append(f'<path d="M{left} {y(speed):.1f}H{width - right}" stroke="#ddd"/>'
                   f'<text x="{left - 8}" y="{y(speed) + 4:.1f}" text-anchor="end">{speed}</text>')
    for size in r.sizes:
        if size not in (40, 200, 8960):
            out.append(f'<text x="{x(size):.1f}" y="{height - bottom + 20}" text-anchor="middle">'
                       f'{label(size)}</text>')
    ends = []
    for i, w in enumerate(who):
        colour = '#000' if w in r.ways else colours[i % len(colours)]
        dash = '' if w in r.kernels else ' stroke-dasharray="6 4"'
        points = [(x(s), y(r.speed('sum', w, s, 'offset14'))) for s in r.sizes
                  if not math.isnan(r.time('sum', w, s, 'offset14'))]
        out.append('<polyline fill="none" stroke-width="2" stroke="{}"{} points="{}"/>'.format(
            colour, dash, ' '.join(f'{a:.1f},{b:.1f}' for a, b in points)))
        ends.append((r.speed('sum', w, 16384, 'offset14'), w, colour, dash))
    for i, (speed, w, colour, dash) in enumerate(sorted(ends, reverse=True)):
        at = top + 10 + i * 20
        out.append(f'<path d="M{width - right + 12} {at}h26" stroke="{colour}" stroke-width="2"'
                   f'{dash}/><text x="{width - right + 44}" y="{at + 4}">{w}</text>')
    out.append('</svg>')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(out) + '\n')


def cpu_model():
    try:
        with open('/proc/cpuinfo', encoding='utf-8') as file:
            cpu = dict(re.split(r'\s*:\s*', l.strip(), maxsplit=1) for l in file if ':' in l)
        return f'{cpu["model name"]}, family {cpu["cpu family"]}, model {cpu["model"]}'
    except (OSError, KeyError):
        return platform.machine()


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    r = Results(sys.argv[1])
    c = r.context
    print(f'CPU       {cpu_model()}\ncompiler  {c["compiler"]}\ncsumoff   {c["flags_csumoff"]}\n'
          f'peers     {c["flags_peers"]}')
    table(r, 'Short sums, data at offset 14, in cache', 'sum', r.who, 'offset14', 'ns', 256)
    table(r, 'Sums, data at offset 0, in cache', 'sum', r.who, 'offset0')
    table(r, 'Sums, data at offset 14, in cache', 'sum', r.who, 'offset14')
    table(r, 'Sums, a new address each call, in cache', 'sum', r.who, 'moving')
    table(r, 'Sums, data out of cache', 'sum', r.who, 'cold')
    table(r, 'Copies with sums, offset 14, in cache', 'copy', r.copiers, 'offset14')
    table(r, 'Copies with sums, data out of cache', 'copy', r.copiers, 'cold')
    ways(r)
    mixes(r)
    operations = [key for key in r.ns if key.startswith('op/')]
    if operations:
        print('\nWhole operations [ns]')
    for key in operations:
        print('{:28}{:8.2f}'.format('{1}, {2}, {3} B'.format(*key.split('/')), r.ns[key]))
    crc32c(r)
    packets(r)
    glue(r)
    if r.kernels:
        order(r)
    rows = targets(r)
    if rows:
        print(f'\n{"Target; the worst place and the best peer there":80}at least  measured')
    for text, measured, least in rows:
        print(f'{text:80}{least:8.2f}{measured:10.2f}  {"met" if measured >= least else "MISSED"}')
    if len(sys.argv) == 3:
        plot(r, sys.argv[2])
        print(f'\nPlot: {sys.argv[2]}')


if __name__ == '__main__':
    main()
