#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads what csumoff-bench wrote; prints tables a person can read and draws the plot.

usage: report.py RESULT.json [PLOT.svg]

Times are the best of all repetitions: on a shared machine the rest is the neighbours' work.
"""
import json
import math
import platform
import sys

PEERS = ('adc_loop', 'dpdk_native', 'dpdk_debian', 'lwip', 'reference')
NOT_SUMS = ('read_ceiling', 'memcpy', 'memcpy_then_sum')
MIXES = {'20..64': 42, '40..1500': 770}  # lengths and their mean

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
        self.who = list(dict.fromkeys(n[1] for n in names if n[0] == 'sum'))
        self.copiers = list(dict.fromkeys(n[1] for n in names if n[0] == 'copy'))
        self.sizes = sorted({int(n[2]) for n in names if n[0] == 'sum' and n[2].isdigit()})
        self.kernels = [w for w in self.who if w not in PEERS + NOT_SUMS]

    def time(self, what, who, size, where):
        return self.ns.get(f'{what}/{who}/{size}/{where}', math.nan)

    def speed(self, what, who, size, where):
        return MIXES.get(size, size) / self.time(what, who, size, where)

    def faster(self, what, who, other, size, where):
        """How many times as fast `who` is as `other`."""
        return self.time(what, other, size, where) / self.time(what, who, size, where)

    def peer(self, size, where):
        """The fastest peer there."""
        known = [p for p in PEERS if not math.isnan(self.time('sum', p, size, where))]
        return min(known, key=lambda p: self.time('sum', p, size, where))


def label(size):
    for unit, name in ((1 << 20, 'M'), (1 << 10, 'K')):
        if size >= unit and size % unit == 0:
            return f'{size // unit}{name}'
    return str(size)


def table(results, title, what, who, where, unit='GB/s'):
    sizes = [s for s in results.sizes
             if any(not math.isnan(results.time(what, w, s, where)) for w in who)]
    if not sizes:
        return
    print(f'\n{title} [{unit}]')
    print(' ' * 18 + ''.join(f'{label(s):>8}' for s in sizes))
    for w in who:
        get = results.speed if unit == 'GB/s' else results.time
        cells = [get(what, w, s, where) for s in sizes]
        print(f'{w:18}' + ''.join('       -' if math.isnan(c) else f'{c:8.1f}' for c in cells))


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
    """Rows of (what, measured, at least, what is possible)."""
    if not r.kernels:
        return []
    best = r.kernels[0]
    ceiling = [('sum', size) for size in (4096, 16384)]
    rows = []

    def add(text, measured, least, limit=math.inf):
        """limit: what the read ceiling itself reaches."""
        rows.append((text, measured, least, limit))

    for dpdk, size, least in [(d, s, l) for d in ('dpdk_debian', 'dpdk_native')
                                for s, l in ((1460, 3), (4096, 4), (16384, 4))]:
        add(f'{best}, {size} B, offset 14, times {dpdk}',
            r.faster('sum', best, dpdk, size, 'offset14'), least,
            r.faster('sum', 'read_ceiling', dpdk, size, 'offset14'))
    for size in (20, 40, 64):
        add(f'{best}, {size} B, offset 14, times dpdk_native',
            r.faster('sum', best, 'dpdk_native', size, 'offset14'), 1)
    for what, size in ceiling:
        for where, least in (('offset0', 0.57), ('offset14', 0.52)):
            add(f'{best}, {size} B, {where}, of the ceiling at offset 0',
                r.time(what, 'read_ceiling', size, 'offset0') / r.time(what, best, size, where),
                least)
    for size in (65536, 1 << 20):
        add(f'{best}, {label(size)}B, offset 14, of the ceiling',
            r.faster('sum', best, 'read_ceiling', size, 'offset14'), 0.82)
    for kernel in r.kernels:
        if kernel != 'scalar':
            add(f'{kernel}, 32 MiB, of the ceiling',
                r.faster('sum', kernel, 'read_ceiling', 32 << 20, 'offset14'), 0.95)
    for size, least in ((552, 1.7), (1460, 2.5)):
        add(f'{best}, {size} B, offset 14, times adc_loop',
            r.faster('sum', best, 'adc_loop', size, 'offset14'), least)
    for size in (4096, 16384, 65536):
        add(f'avx2, {label(size)}B, offset 14, times adc_loop',
            r.faster('sum', 'avx2', 'adc_loop', size, 'offset14'), 2.0)
    for size, least in ((20, 1), (40, 1 / 1.2), (64, 1), (128, 1), (200, 1), (256, 1)):
        peer = r.peer(size, 'offset14')
        add(f'{best}, {size} B, times the fastest peer ({peer})',
            r.faster('sum', best, peer, size, 'offset14'), least)
    for mix in MIXES:
        peer = r.peer(mix, 'moving')
        add(f'{best}, packets of {mix} B, times the fastest peer ({peer})',
            r.faster('sum', best, peer, mix, 'moving'), 1.5)
    for size in (1460, 4096, 16384):
        add(f'{best} copy, {size} B, offset 14, of memcpy',
            r.faster('copy', best, 'memcpy', size, 'offset14'), 0.65)
        add(f'{best} copy, {size} B, offset 14, times memcpy_then_sum',
            r.faster('copy', best, 'memcpy_then_sum', size, 'offset14'), 1.4)
    op = {key.split('/')[1] + '/' + key.split('/')[2]: ns
          for key, ns in r.ns.items() if key.startswith('op/')}
    add('csumoff_ipv4_header, 20 B, times rte_ipv4_cksum',
        op.get('ipv4_header/dpdk_native', math.nan) / op.get('ipv4_header/csumoff', math.nan), 1)
    return [row for row in rows if not math.isnan(row[1])]


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
    who = [w for w in r.who if not math.isnan(r.time('sum', w, 4096, 'offset14'))]
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
        colour = '#000' if w == 'read_ceiling' else colours[i % len(colours)]
        dash = ' stroke-dasharray="6 4"' if w in PEERS + NOT_SUMS else ''
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
            return next(l.split(':')[1].strip() for l in file if l.startswith('model name'))
    except (OSError, StopIteration):
        return platform.machine()


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    r = Results(sys.argv[1])
    c = r.context
    print(f'CPU       {cpu_model()}\ncompiler  {c["compiler"]}\ncsumoff   {c["flags_csumoff"]}\n'
          f'peers     {c["flags_peers"]}')
    small = [s for s in r.sizes if s <= 256]
    r_all, r.sizes = r.sizes, small
    table(r, 'Short sums, data at offset 14, in cache', 'sum', r.who, 'offset14', 'ns')
    r.sizes = r_all
    table(r, 'Sums, data at offset 0, in cache', 'sum', r.who, 'offset0')
    table(r, 'Sums, data at offset 14, in cache', 'sum', r.who, 'offset14')
    table(r, 'Sums, a new address each call, in cache', 'sum', r.who, 'moving')
    table(r, 'Sums, data out of cache', 'sum', r.who, 'cold')
    table(r, 'Copies with sums, offset 14, in cache', 'copy', r.copiers, 'offset14')
    if r.who:
        print('\nPackets of random lengths, a new address each call [GB/s]')
        print(' ' * 18 + ''.join(f'{mix:>12}' for mix in MIXES))
    for w in r.who:
        print(f'{w:18}' + ''.join(f'{r.speed("sum", w, mix, "moving"):12.1f}' for mix in MIXES))
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
        print('\nTarget' + ' ' * 64 + 'at least  measured')
    for text, measured, least, limit in rows:
        verdict = 'holds' if measured >= least else 'MISSED'
        if measured < least and limit < least:
            verdict += f': reading alone reaches {limit:.2f}'
        print(f'{text:70}{least:8.2f}{measured:10.2f}  {verdict}')
    if len(sys.argv) == 3:
        plot(r, sys.argv[2])
        print(f'\nPlot: {sys.argv[2]}')


if __name__ == '__main__':
    main()
