#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How the csumoff command reads captures and writes them again. The files are built here.
Usage: test_reading.py CSUMOFF DATA PROBE; prints TAP. PROBE: the program of probe.c."""

import bz2
import decimal
import gzip
import io
import json
import lzma
import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
import zlib

import pcapng_file as ng
from captures import *

PROBE = TOOL[:-1] + [os.path.abspath(sys.argv[3])]
LITTLE, BIG = ng.Writer("<"), ng.Writer(">")
SEEDED, DONE = ether(v4(TCP, "seed")), ether(v4(TCP))


def probe(name):
    """Each packet's direction, seconds, fraction, captured, length, is snapped, is at snaplen."""
    p = subprocess.run(PROBE + [path(name)], capture_output=True, check=True)
    lines = [line.split() for line in p.stdout.decode().splitlines()]
    return [(line[0], *map(int, line[1:])) for line in lines]


def times(name):
    return [json.loads(line, parse_float=decimal.Decimal, parse_int=decimal.Decimal)["time"]
            for line in run("verify", "--json", path(name)).out.splitlines()[:-1]]


# ---- pcapng --------------------------------------------------------------------------------


def everything(w, packet):
    """A section with a block of each kind; `packet`: what every packet is made of."""
    comment, name = (ng.COMMENT, "a comment, \u00e9".encode()), (2, b"eth0\0bad name")
    custom = (2988, w.pack("I", 32473) + b"text"), (19372, w.pack("I", 32473) + b"\1\2\3\4\5")
    return b"".join([
        w.section(options=[comment, (2, b"hardware"), (4, b"program"), *custom]),
        w.interface(ETHERNET, 65535, [comment, name, (3, b"description"), (4, bytes(8)),
                                      (ng.TIME_RESOLUTION, b"\x09"), (11, b"\0tcp"), (12, b"OS"),
                                      (13, b"\4"), (ng.TIME_OFFSET, w.pack("q", -5)), *custom]),
        w.interface(RAW, 0, [(ng.TIME_RESOLUTION, b"\x94")], end=False),
        w.block(ng.NAMES, w.pack("HH", 1, 14) + b"\xc0\0\2\1somebody\0\0\0\0" + bytes(4) +
                w.options([comment])),
        w.block(ng.SECRETS, w.pack("II", 0x544C534B, 9) + b"secrets!!"),
        w.packet(packet, 0, 1700000000 * 10**9,
                 options=[comment, (ng.FLAGS, w.pack("I", 0x81)), (4, w.pack("Q", 7)),
                          (5, w.pack("Q", 8)), (6, w.pack("I", 9)), (7, b"\1verdict!"), *custom]),
        w.packet(packet[14:], 1, 5 << 20, options=[(ng.FLAGS, w.pack("I", 2))], end=False),
        w.block(ng.CUSTOM, w.pack("I", 32473) + b"custom"),
        w.block(0x40000BAD, w.pack("I", 32473) + bytes(200000)),
        w.block(0x80000123, b"local use: nobody knows"),
        w.simple(packet), w.obsolete(packet, 0, 77, options=[(2, w.pack("I", 1))]),
        w.block(ng.STATISTICS, w.pack("III", 0, 1, 2) + w.options([(4, w.pack("Q", 99)), comment])),
        w.block(9, b"__REALTIME_TIMESTAMP=1700000000000000\nMESSAGE=kept\n"),
    ])


@test
def every_block_of_pcapng_is_kept():
    for w in LITTLE, BIG:
        for start, end in (b"", b""), (everything(LITTLE, DONE), everything(BIG, DONE)):
            right = start + everything(w, DONE) + end
            write("right", right)
            got, p = verdicts("right")
            equal((set(got), p.returncode, p.err), ({"GOOD"}, 0, ""))
            finish("right", "out")
            equal(read("out"), right)
            write("seeded", start + everything(w, SEEDED) + end)
            p = finish("seeded", "out")
            contains(p.out, "4 finished, %d left" % (len(got) - 4))
            equal(read("out"), right)
            equal(run("finish", "-", "-", stdin=read("seeded")).stdout, right)
            finish("seeded", "seeded")
            equal(read("seeded"), right)


@test
def each_packet_by_its_interface():
    snap = SNAP + b"\x08\0"
    for w in LITTLE, BIG:
        data = w.section() + b"".join(map(w.interface, (ETHERNET, RAW, SLL, WIFI, IPV4)))
        for n, packet in enumerate([SEEDED, v4(TCP, "seed"), sll(0x0800, v4(TCP, "seed")),
                                    wifi(snap + v4(TCP, "seed")), v4(TCP, "seed")]):
            data += w.packet(packet, n) + w.obsolete(packet, n)
        # Numbers begin again with each section.
        write("links", data + BIG.section() + BIG.interface(RAW) + BIG.packet(v4(UDP, "seed")) +
              LITTLE.section() + LITTLE.interface(SLL2) +
              LITTLE.packet(sll2(0x86DD, v6(UDP, "seed"))))
        got, p = verdicts("links")
        equal((got, p.returncode, p.err), (["SEEDED"] * 12, 0, ""))
        contains(finish("links", "links.out").out, "12 finished, 0 left")
        equal(verdicts("links.out")[0], ["GOOD"] * 12)


@test
def each_packet_by_its_snaplen():
    long = ether(v4(TCP, payload=bytes(500)))
    data = LITTLE.section() + b"".join(LITTLE.interface(ETHERNET, n) for n in (96, 0, 200))
    for n, kept in (0, 96), (1, 96), (2, 96), (2, 200), (1, 554), (0, 554):
        data += LITTLE.packet(long[:kept], n)
    write("snaplens", data + LITTLE.packet(long[:96], 1, length=554))
    equal([p[3:] for p in probe("snaplens")],
          [(96, 96, 0, 1), (96, 96, 0, 0), (96, 96, 0, 0), (200, 200, 0, 1), (554, 554, 0, 0),
           (554, 554, 0, 0), (96, 554, 1, 0)])
    got, _ = verdicts("snaplens")
    equal(got, ["UNCHECKED", "TRUNCATED", "TRUNCATED", "UNCHECKED", "GOOD", "GOOD", "UNCHECKED"])
    finish("snaplens", "out", "--all")
    equal(read("out"), read("snaplens"))


@test
def simple_packets_have_the_first_snaplen_and_no_time():
    long = ether(v4(TCP, payload=bytes(500)))
    data = LITTLE.section() + LITTLE.interface(ETHERNET, 97) + LITTLE.interface(RAW)
    write("simple", data + LITTLE.simple(long[:97], 554) + LITTLE.simple(SEEDED, len(SEEDED)) +
          LITTLE.simple(long, 554))
    equal([p[3:6] for p in probe("simple")],
          [(97, 554, 1), (len(SEEDED), len(SEEDED), 0), (554, 554, 0)])
    equal(verdicts("simple")[0], ["UNCHECKED", "SEEDED", "GOOD"])
    packets = run("verify", "--json", path("simple")).out.splitlines()[:-1]
    assert all("time" not in json.loads(packet) for packet in packets)
    for form in "utc", "relative":
        for line in run("verify", "--time", form, path("simple")).out.splitlines()[1:4]:
            equal(line.split()[1], "-", form)


@test
def times_of_any_resolution():
    cases, total = [], decimal.Decimal
    decimal.getcontext().prec = 60
    for w in LITTLE, BIG:
        for resolution, offset, ticks in [
            (None, 0, 1700000000123456), (6, 0, 1700000000123456), (9, 0, 1700000000123456789),
            (0, 0, 1700000000), (3, 0, 1700000000123), (7, 0, 17000000001234567),
            (12, 0, 1700000123456789123), (19, 0, 2**64 - 1), (20, 0, 2**64 - 1),
            (28, 0, 2**64 - 1), (29, 0, 2**64 - 1), (127, 0, 2**64 - 1),
            (0x80, 0, 1700000000), (0x8A, 0, 1700000000 << 10 | 512), (0xA0, 0, 17 << 58 | 1 << 31),
            (0xBF, 0, 2**64 - 1), (0xC0, 0, 3 << 62), (0xC1, 0, 3 << 62), (0xFF, 0, 2**64 - 1),
            # After 2038, 2106, and long after.
            (6, -5, 4500000), (6, -5, 3500001), (9, -1, 999999999), (9, -2**40, 1), (6, -7, 0),
            (6, 0, (2**31 + 5) * 10**6 + 1), (6, 0, (2**32 + 5) * 10**6 + 999999),
            (9, 0, 2**64 - 1), (0, 0, 2**40), (6, 1700000000, 5), (6, -50, 100 * 10**6 + 7),
            (9, 2**33, 123), (0, 2**62, 2**62 - 1), (0, -2**63, 2**64 - 1), (0, 0, 2**63 - 1),
        ]:
            options = [] if resolution is None else [(ng.TIME_RESOLUTION, bytes([resolution]))]
            options += [(ng.TIME_OFFSET, w.pack("q", offset))] if offset else []
            resolution = 6 if resolution is None else resolution
            unit = 2**(resolution & 127) if resolution & 128 else 10**resolution
            nano = ticks * 10**9 // unit + offset * 10**9
            if resolution == 3 and w is BIG: # told in UTC, too
                write("utc", w.section() + w.interface(ETHERNET, 0, options) +
                      w.packet(DONE, 0, ticks))
                contains(run("verify", "--time", "utc", path("utc")).out,
                         "2023-11-14T22:13:20.123000000Z")
            file = w.section() + w.interface(ETHERNET, 0, options) + w.packet(DONE, 0, ticks)
            cases.append((file, total(nano) / 10**9))
    write("times", b"".join(data for data, _ in cases))
    equal(times("times"), [time for _, time in cases])
    finish("times", "times.out")
    equal(read("times.out"), read("times"))
    # What has no place in 64 bits of seconds.
    write("times", b"".join(LITTLE.section() + LITTLE.interface(
        options=[(ng.TIME_RESOLUTION, b"\0"), (ng.TIME_OFFSET, struct.pack("<q", offset))]) +
        LITTLE.packet(DONE, 0, ticks) for offset, ticks in (
            (0, 2**64 - 1), (2**63 - 1, 1), (-2**63, 0), (-1, 2**64 - 1), (-2**63, 1))))
    equal([p[1] for p in probe("times")],
          [2**63 - 1, 2**63 - 1, -2**63, 2**63 - 1, -2**63 + 1])


@test
def times_of_pcap_have_no_sign():
    for order in "<>":
        for nano in False, True:
            data = pcap([DONE, SEEDED], order=order, nano=nano)
            for second in 2**31 - 1, 2**31, 2**32 - 1:
                late = data[:24] + struct.pack(order + "I", second) + data[28:]
                write("late.pcap", late)
                equal(int(times("late.pcap")[0]), second)
                finish("late.pcap", "late.out")
                equal(read("late.out"), late.replace(SEEDED, DONE))


def crc(data, order):
    return struct.pack(order + "I", zlib.crc32(data))


def xor(data, size):
    total = bytearray(size)
    for i, byte in enumerate(data):
        total[i % size] ^= byte
    return bytes(total)


@test
def hashes_of_packets_follow_them():
    comment, flags = (ng.COMMENT, b"kept"), (ng.FLAGS, struct.pack("<I", 1))
    md5, sha = (ng.HASH, b"\3" + bytes(16)), (ng.HASH, b"\4" + bytes(20))

    def hashed(packet, order):
        return [(ng.HASH, b"\2" + crc(packet, order)), (ng.HASH, b"\1" + xor(packet, 1)),
                (ng.HASH, b"\1" + xor(packet, 4))]

    def capture(packet, options, extra=b"", end=True):
        return (LITTLE.section(4000) + LITTLE.interface() +
                LITTLE.packet(packet, options=options, end=end) + extra)

    for order in "<>":
        before = [comment, *hashed(SEEDED, order), flags]
        write("hash", capture(SEEDED, before))
        contains(finish("hash", "out").out, "1 finished", "hashes of packets made again: 3")
        equal(read("out"), capture(DONE, [comment, *hashed(DONE, order), flags]))
    # Those that are not made here, or were wrong before, are removed; the block keeps its length.
    wrong = [(ng.HASH, b"\2" + crc(DONE, "<")), (ng.HASH, b"\5abcd"), (ng.HASH, b""),
             (ng.HASH, b"\1" + bytes(9)), (ng.HASH, b"\0\1")]
    for end in True, False:
        before = [wrong[0], comment, md5, sha, flags, *wrong[1:], comment, *hashed(SEEDED, "<")]
        after = [comment, flags, comment, *hashed(DONE, "<")]
        data = capture(SEEDED, before, LITTLE.packet(DONE, options=[md5]), end)
        write("hash", data)
        contains(finish("hash", "out").out, "hashes of packets made again: 3",
                 "hashes of packets removed: 7")
        equal(len(read("out")), len(data))
        equal([len(block) for _, block in ng.blocks(read("out"))],
              [len(block) for _, block in ng.blocks(data)])
        block = ng.blocks(read("out"))[2][1]
        options = LITTLE.options(after, end=False)
        at = 28 + len(ng.padded(DONE))
        equal(block[:at], ng.blocks(data)[2][1][:at].replace(SEEDED, DONE))
        equal(block[at:at + len(options)], options)
        equal(block[at + len(options):-4].strip(b"\0"), b"", "behind the options")
        equal(ng.blocks(read("out"))[3], ng.blocks(data)[3], "a packet that was not changed")
        equal(probe("out")[0][0], "received", "options that come after a removed one")
    # A list that is damaged is followed as far as it goes, and the rest left as it was.
    tail = struct.pack("<HH", 1, 60000) + b"lost"
    block = LITTLE.packet(SEEDED, options=[md5, flags], end=False)
    block = LITTLE.block(ng.ENHANCED, block[8:-4] + tail)
    write("hash", LITTLE.section() + LITTLE.interface() + block)
    finish("hash", "out")
    equal(ng.blocks(read("out"))[2][1],
          LITTLE.block(ng.ENHANCED, LITTLE.packet(DONE, options=[flags], end=False)[8:-4] +
                       bytes(24) + tail))


@test
def damaged_pcapng():
    start = LITTLE.section() + LITTLE.interface() + LITTLE.packet(DONE)
    at = len(start)
    long = struct.pack("<I", 16 * 2**20 + 4)
    for what, block in [
        ("makes no sense", struct.pack("<II", 6, 8) + bytes(40)),
        ("makes no sense", struct.pack("<II", 6, 42) + bytes(40)),
        ("makes no sense", b"\6\0\0\0" + long + bytes(40)),
        ("makes no sense", struct.pack("<II", 6, 0xFFFFFFFC) + bytes(40)),
        ("two lengths differ", LITTLE.packet(DONE)[:-4] + bytes(4)),
        ("longer than its block", LITTLE.block(6, struct.pack("<IIIII", 0, 0, 0, 9, 9) + bytes(8))),
        ("longer than its block",
         LITTLE.block(6, struct.pack("<IIIII", 0, 0, 0, 2**32 - 1, 9) + bytes(8))),
        ("longer than its block",
         LITTLE.block(2, struct.pack("<IIIII", 0, 0, 0, 9, 9) + bytes(8))),
        ("longer than its block", LITTLE.simple(bytes(8), 9)),
        ("too short for a packet", LITTLE.block(6, bytes(16))),
        ("too short for a packet", LITTLE.block(2, bytes(16))),
        ("too short for a packet", LITTLE.block(3, b"")),
        ("too short for an interface", LITTLE.block(1, bytes(4))),
        ("too short for a section", LITTLE.block(ng.SECTION, struct.pack("<I", 0x1A2B3C4D))),
        ("without a byte order", LITTLE.block(ng.SECTION, bytes(16))),
        ("version 2.0", LITTLE.section(version=(2, 0))),
        ("version 1.1", LITTLE.section(version=(1, 1))),
        ("not described", LITTLE.packet(DONE, 1)), ("not described", LITTLE.obsolete(DONE, 7)),
        ("not described", LITTLE.packet(DONE, 2**32 - 1)),
        ("an option", LITTLE.block(1, bytes(8) + struct.pack("<HH", 9, 5) + b"\6\0\0\0")),
    ]:
        write("bad", start + block + LITTLE.packet(DONE))
        got, p = verdicts("bad")
        equal(got, ["GOOD"], what)
        unusable(p, "bad: block 4 at offset %d: " % at, what)
        contains(p.out, "1 packet: none wrong")
        write("kept", b"precious")
        unusable(run("finish", path("bad"), path("kept")), what)
        equal(read("kept"), b"precious")
    # No section, no interface; then of a new section.
    write("bad", LITTLE.section() + LITTLE.simple(DONE))
    unusable(run("verify", path("bad")), "block 2 at offset 28: ", "not described")
    write("bad", start + LITTLE.section() + LITTLE.packet(DONE))
    unusable(run("verify", path("bad")), "block 5", "not described")
    for version in (1, 2), (1, 0):
        write("bad", LITTLE.section(version=version) + start[28:])
        equal(verdicts("bad")[0], ["GOOD"])


@test
def a_cut_pcapng_gives_its_rows_and_exit_2():
    start = BIG.section() + BIG.interface() + BIG.packet(DONE)
    whole = start + BIG.packet(SEEDED, options=[(1, b"comment")])
    for cut in range(len(start) + 1, len(whole), 3):
        write("cut", whole[:cut])
        got, p = verdicts("cut")
        equal(got, ["GOOD"])
        unusable(p, "cut: block 4 at offset %d: the file ends in the middle" % len(start))
    for cut in range(4, len(BIG.section() + BIG.interface()), 4):
        p = run("verify", "-", stdin=whole[:cut])
        equal(p.returncode, 0 if cut == len(BIG.section()) else 2)


@test
def link_types_that_are_not_supported():
    data = LITTLE.section() + LITTLE.interface(187) + LITTLE.interface()
    write("mixed", data + LITTLE.packet(bytes(20)) + LITTLE.packet(SEEDED, 1))
    got, p = verdicts("mixed")
    equal((got, p.returncode, p.err), (["UNCHECKED", "SEEDED"], 0, ""))
    contains(finish("mixed", "out").out, "1 finished, 1 left as it was")
    equal(read("out"), read("mixed").replace(SEEDED, DONE))
    write("blue", data + LITTLE.packet(bytes(20)))
    unusable(run("verify", path("blue")), "blue: link type 187 (BLUETOOTH_HCI_H4) is not supported")
    write("none", data)
    equal(verdicts("none")[1].returncode, 0)


@test
def filters_go_by_the_interface():
    data = b"".join(map(LITTLE.interface, (ETHERNET, RAW, 187, 12, PKTAP)))
    frames = [(ether(v4(TCP, "seed")), 0), (v4(TCP, "seed"), 1), (v4(UDP, "seed"), 1),
              (bytes(60), 2),
              (v4(TCP, "seed"), 3)]
    write("filter", LITTLE.section() + data + b"".join(LITTLE.packet(f, n) for f, n in frames))
    equal(verdicts("filter", "--filter", "tcp")[0], ["SEEDED"] * 3)
    equal(verdicts("filter", "--filter", "udp")[0], ["SEEDED"])
    finish("filter", "out", "--filter", "tcp")
    equal(read("out"), read("filter").replace(v4(TCP, "seed"), v4(TCP)))
    unusable(run("verify", "--filter", "tcp port port", path("filter")), "--filter")


@test
def blocks_longer_than_what_is_read_at_once():
    long = ether(v4(UDP, payload=bytes(range(256)) * 200))
    data = (LITTLE.section() + LITTLE.interface() + LITTLE.packet(long + bytes(400000)) +
            LITTLE.block(77, bytes(range(256)) * 60000) + LITTLE.packet(SEEDED))
    write("long", data)
    equal(verdicts("long")[0], ["GOOD", "SEEDED"])
    finish("long", "out")
    equal(read("out"), data.replace(SEEDED, DONE))
    many = LITTLE.interface() * 65536
    write("many", LITTLE.section() + many + LITTLE.packet(DONE, 65535))
    equal(verdicts("many")[0], ["GOOD"])
    unusable(run("verify", write("many", LITTLE.section() + many + LITTLE.interface())),
             "more interfaces than any machine has")


# ---- pcap ----------------------------------------------------------------------------------


@test
def frames_longer_than_the_snaplen_are_written_whole():
    long, short = ether(v4(TCP, "seed", payload=bytes(500))), SEEDED
    done = ether(v4(TCP, payload=bytes(500)))
    for order in "<>":
        write("snap.pcap", pcap([long, short], order=order, snaplen=96))
        equal(verdicts("snap.pcap")[0], ["SEEDED"] * 2)
        finish("snap.pcap", "out")
        equal(read("out"), pcap([done, DONE], order=order, snaplen=len(long)), "snaplen raised")
        p = run("finish", "-", "-", stdin=read("snap.pcap"))
        equal(p.stdout, pcap([done, DONE], order=order, snaplen=96), "into a pipe")
    for snaplen in 0, 2**31, 2**32 - 1:
        data = bytearray(pcap([long, short]))
        data[16:20] = struct.pack("<I", snaplen)
        write("snap.pcap", data)
        finish("snap.pcap", "out")
        raised = struct.pack("<I", snaplen or len(long))
        equal(read("out"), bytes(data[:16] + raised) + pcap([done, DONE])[20:])


@test
def pcap_of_old_writers():
    """Lengths the other way round, and headers of 24 bytes that a patched libpcap wrote."""
    for order in "<>":
        for major, minor, swap in (2, 2, True), (2, 3, True), (2, 3, False), (543, 0, True):
            data = struct.pack(order + "IHHiIII", 0xA1B2C3D4, major, minor, 0, 0, 65535, 1)
            lengths = (len(SEEDED), 900)
            both = lengths[::-1] if swap else lengths
            data += struct.pack(order + "IIII", 5, 6, *both) + SEEDED
            write("old.pcap", data)
            equal(probe("old.pcap"), [("unknown", 5, 6, len(SEEDED), 900, 1, 0)], (major, minor))
            finish("old.pcap", "out")
            equal(read("out"), data.replace(SEEDED, DONE))
        data = struct.pack(order + "IHHiIII", 0xA1B2CD34, 2, 4, 0, 0, 65535, 1)
        for kind in 0, 4, 9:
            data += struct.pack(order + "IIIIIHBB", 5, 6, len(SEEDED), 99, 3, 8, kind, 0) + SEEDED
        write("patched.pcap", data)
        equal([p[:5] for p in probe("patched.pcap")],
              [(way, 5, 6, len(SEEDED), 99) for way in ("received", "sent", "unknown")])
        finish("patched.pcap", "out")
        equal(read("out"), data.replace(SEEDED, DONE))
    for version in (1, 2), (2, 5), (543, 1):
        data = struct.pack("<IHHiIII", 0xA1B2C3D4, *version, 0, 0, 65535, 1)
        unusable(run("verify", "-", stdin=data), "version %d.%d of pcap" % version)


@test
def damaged_pcap():
    data = pcap([DONE, DONE])
    second = 24 + 16 + len(DONE)
    bad = bytearray(data)
    bad[second + 8:second + 12] = struct.pack("<I", 16 * 2**20 + 1)
    write("bad.pcap", bad)
    got, p = verdicts("bad.pcap")
    equal(got, ["GOOD"])
    unusable(p, "bad.pcap: packet 2 at offset %d: its length makes no sense" % second)
    for cut in range(4, 24, 3):
        unusable(run("verify", "-", stdin=data[:cut]), "ends in its header")
    for cut in range(second + 1, len(data), 5):
        unusable(run("verify", "--summary", "-", stdin=data[:cut]),
                 "packet 2 at offset %d" % second)


# ---- Link types, and which way packets went ------------------------------------------------


def ppi(link, frame, size=40):
    return struct.pack("<BBHI", 0, 0, size, link).ljust(size, b"\7") + frame


def prism(frame, order, size=144):
    return struct.pack(order + "II", 0x44, size).ljust(size, b"\7") + frame


def avs(frame, size=64, version=1):
    return struct.pack(">II", 0x80211000 + version, size).ljust(min(size, 200), b"\7") + frame


@test
def ppi_prism_and_avs():
    four, six = v4(TCP, "seed"), v6(UDP)
    air, air6 = wifi(SNAP + b"\x08\0" + four), wifi(SNAP + b"\x86\xdd" + six, 0x8801, b"\0\0")
    air6 = wifi(b"\0\0" + SNAP + b"\x86\xdd" + six, 0x8801)
    for link, frames in {
        192: [ppi(105, air), ppi(105, air6, 8), ppi(ETHERNET, ether(four), 12),
              ppi(127, radiotap(air, b"", 0)), ppi(119, prism(air, "<"))],
        119: [prism(air, "<"), prism(air6, ">"), prism(air, "<", 24), avs(air), avs(air6, 8, 2)],
        163: [avs(air), avs(air6, 8), avs(air, 100, 2)],
    }.items():
        want = ["SEEDED" if four in frame else "GOOD" for frame in frames]
        for order in "<>":
            write("link.pcap", pcap(frames, link, order))
            got, p = verdicts("link.pcap")
            equal((got, p.returncode), (want, 0), "link type %d" % link)
            equal(p.out.count("TCP 192.0.2.1:40000 >") + p.out.count("UDP [2001:db8::1]:5000 >"),
                  len(frames), "link type %d" % link)
        finish("link.pcap", "link.out")
        equal([data for _, _, _, data in unpcap(read("link.out"))[2]],
              [frame.replace(four, v4(TCP)) for frame in frames])
        short = [frame[:n] for frame in frames for n in range(len(frame) - 20)]
        write("short.pcap", pcap(short, link))
        got, p = verdicts("short.pcap")
        assert not {"GOOD", "BAD", "SEEDED"} & set(got), "link type %d" % link
        equal((len(got), p.returncode), (len(short), 0))
    for link, frame, want in [(192, ppi(192, ppi(105, air)), "UNCHECKED"),
                              (192, ppi(PKTAP, pktap(ETHERNET, ether(four))), "UNCHECKED"),
                              (192, ppi(147, four), "UNCHECKED"),
                               (192, ppi(105, air, 7), "TRUNCATED"),
                              (119, prism(air, "<", 23), "TRUNCATED"),
                               (163, avs(air, 7), "TRUNCATED"),
                              (163, avs(b"", 2**32 - 1), "TRUNCATED")]:
        write("odd.pcap", pcap([frame], link))
        equal(verdicts("odd.pcap")[0], [want], (link, frame[:16].hex()))


@test
def which_way_packets_went():
    four = v4(TCP)
    unknown, received, sent = "unknown", "received", "sent"

    def hook(number, order):
        attribute = struct.pack(order + "HH", 8, 1) + b"\x08\0" + bytes([number, 0])
        frame = nflog(2, four, order)
        return frame[:4] + attribute + frame[4:]

    def tap(flags, size=108):
        return pktap(RAW, b"", size)[:36] + struct.pack("<I", flags)[:size - 36] + bytes(
            max(size - 40, 0)) + four

    for order in "<>":
        for link, frames in {
            ETHERNET: [(ether(four), unknown)],
            SLL: [(struct.pack(">HH", n, 772) + sll(0x0800, four)[4:], unknown) for n in (0, 4)] +
                 [(struct.pack(">H", n) + sll(0x0800, four)[2:], way) for n, way in enumerate(
                [received] * 4 + [sent] + [unknown] * 2)],
            SLL2: [(sll2(0x0800, four)[:10] + bytes([n]) + sll2(0x0800, four)[11:], way)
                   for n, way in enumerate([received] * 4 + [sent] + [unknown] * 2)] +
                  [(struct.pack(">H6xHB9x", 0x0800, 772, n) + four, unknown) for n in (0, 4)],
            PPP_DIRECTION: [(b"\0\x21" + four, received), (b"\1\x21" + four, sent),
                            (b"\xff\x21" + four, sent)],
            PKTAP: [(tap(1), received), (tap(2), sent), (tap(0), unknown), (tap(3), unknown),
                    (tap(0xFFFFFFF2), sent), (tap(1, 40), received), (tap(1, 39), unknown),
                    (pktap(SLL, b"\0\4" + sll(0x0800, four)[2:]), sent)],
            NFLOG: [(hook(n, order), way) for n, way in enumerate(
                [received, received, unknown, sent, sent, unknown, unknown])] +
                   [(nflog(2, four, order), unknown)],
            192: [(ppi(113, b"\0\4" + sll(0x0800, four)[2:]), sent)],
        }.items():
            write("way.pcap", pcap([frame for frame, _ in frames], link, order))
            equal([p[0] for p in probe("way.pcap")], [way for _, way in frames], link)
            assert set(verdicts("way.pcap")[0]) == {"GOOD"}, link
    # What pcapng says comes before what the link header says.
    for w in LITTLE, BIG:
        data = w.section() + w.interface(SLL)
        frame = b"\0\4" + sll(0x0800, four)[2:]
        ways = [(0, sent), (1, received), (2, sent), (3, sent), (0xFFFFFFFD, received)]
        for flags, _ in ways:
            data += w.packet(frame, options=[(1, b"x"), (ng.FLAGS, w.pack("I", flags))])
            data += w.obsolete(frame, options=[(ng.FLAGS, w.pack("I", flags))])
        write("way", data + w.packet(frame, options=[(ng.FLAGS, b"\1")]) + w.simple(frame))
        equal([p[0] for p in probe("way")],
              [way for _, way in ways for _ in range(2)] + [sent, sent])


# ---- Compressed ----------------------------------------------------------------------------


def raw_zstd(data):
    """A frame of blocks that are not compressed (RFC 8878), without a checksum, in a window of
    1 MB."""
    out = b"\x28\xb5\x2f\xfd\0\x50"
    for at in range(0, max(len(data), 1), 100000):
        part = data[at:at + 100000]
        is_last = at + 100000 >= len(data)
        out += struct.pack("<I", len(part) << 3 | is_last)[:3] + part
    return out


def raw_lz4(data):
    """A frame of blocks of up to 64 kB that are not compressed, without a checksum."""
    out = b"\x04\x22\x4d\x18\x60\x40\x82"
    for at in range(0, len(data), 1 << 16):
        part = data[at:at + (1 << 16)]
        out += struct.pack("<I", len(part) | 1 << 31) + part
    return out + bytes(4)


PACKINGS = {"gzip": gzip.compress, "zstd": raw_zstd, "lz4": raw_lz4, "xz": lzma.compress,
            "bzip2": bz2.compress}


def readable(*names):
    """Those that this command was built to read; of the others it says what to do."""
    can = []
    for name in names:
        p = run("verify", "-", stdin=PACKINGS[name](pcap([DONE])))
        if p.returncode == 0:
            can.append(name)
        else:
            unusable(p, "standard input: compressed with %s: decompress it first: " % name,
                     "-dc FILE | csumoff verify -" if name != "gzip" else "gunzip -c FILE | ")
    if not can:
        raise Skip("built to read none of " + ", ".join(names))
    return can


MANY = [ether(v4(TCP, payload=struct.pack(">I", n * 2654435761 % 2**32) * 100))
        for n in range(3000)]


@test
def compressed_captures():
    for name in readable(*PACKINGS):
        for data, want in [(pcap(MANY), ["GOOD"] * len(MANY)),
                           (everything(BIG, DONE), ["GOOD"] * 4),
                           (pcap([]), [])]:
            write("packed", PACKINGS[name](data))
            got, p = verdicts("packed")
            equal((got, p.returncode, p.err), (want, 0, ""), name)
            p = run("verify", "-", stdin=read("packed"))
            equal(([row[3] for row in rows(p.out)], p.returncode, p.err), (want, 0, ""), name)
        write("packed", PACKINGS[name](pcap([SEEDED])))
        p = finish("packed", "unpacked")
        contains(p.out, "unpacked: 1 finished", "; not compressed")
        equal(read("unpacked"), pcap([DONE]))
        # Several one after the other are one capture.
        data = pcap([SEEDED] * 9)
        write("packed", PACKINGS[name](data[:200]) + PACKINGS[name](data[200:]))
        equal(verdicts("packed")[0], ["SEEDED"] * 9, name)
        # What is inside is no capture, or nothing.
        for inside, why in (b"", "not a capture"), (b"hello world", "not a capture"):
            unusable(run("verify", "-", stdin=PACKINGS[name](inside)), why)
    if "gzip" in readable(*PACKINGS):
        unusable(run("verify", "-", stdin=gzip.compress(gzip.compress(pcap([DONE])))),
                 "compressed with gzip: decompress it first")


@test
def damaged_compressed_captures():
    data = pcap(MANY)
    for name in readable(*PACKINGS):
        whole = PACKINGS[name](data)
        for cut in (5, 20, len(whole) // 2, len(whole) - 9, len(whole) - 1):
            p = run("verify", "-", stdin=whole[:cut])
            unusable(p, "standard input: ")
            got = [row[3] for row in rows(p.out)]
            assert set(got) <= {"GOOD"}, (name, cut)
            if name == "gzip":
                contains(p.err, "the gzip data are damaged", "end too early")
        p = run("verify", "--summary", "--json", "-", stdin=whole + b"something else")
        unusable(p, "the %s data are damaged" % name)
        packets = json.loads(p.out)["summary"]["packets"]
        assert packets == len(MANY) or name != "gzip" and packets > 0, (name, packets)
        write("kept", b"precious")
        unusable(run("finish", write("cut", whole[:len(whole) // 2]), path("kept")), "cut: ")
        equal(read("kept"), b"precious")


@test
def what_comes_before_damage_is_judged():
    data = pcap(MANY)
    for name in readable(*PACKINGS):
        # Nothing but bytes, or in small pieces: libraries hand on what a piece is decompressed to.
        packed = {"bzip2": lambda d: bz2.compress(d, 1), "gzip": lambda d: gzip.compress(d, 0)}.get(
            name, PACKINGS[name])(data)
        p = run("verify", "-", stdin=packed[:len(packed) * 9 // 10])
        unusable(p, "standard input: ")
        got = [row[3] for row in rows(p.out)]
        assert len(got) > len(MANY) // 3 and set(got) == {"GOOD"}, (name, len(got))


@test
def gzip_is_read_to_its_crc():
    readable("gzip")
    data = gzip.compress(pcap([SEEDED]), 0)
    equal(run("verify", "-", stdin=data).returncode, 0)
    equal(run("verify", "-", stdin=data + bytes(100)).returncode, 0, "a tape's padding")
    equal(run("verify", "-", stdin=data + bytes(300000)).returncode, 0, "a tape's padding")
    for at, why in ((-9, "incorrect data check"), (-8, "incorrect data check"),
                    (-1, "incorrect length check")):
        bad = bytearray(data)
        bad[at] ^= 1
        unusable(run("verify", "-", stdin=bytes(bad)), "gzip data are damaged", why)
    with io.BytesIO() as out:
        with gzip.GzipFile("a name.pcap", "wb", fileobj=out) as packed:
            packed.write(pcap([SEEDED]))
        equal(run("verify", "-", stdin=out.getvalue()).returncode, 0)


@test
def memory_is_flat():
    """However much comes out of a compressed capture."""
    def peak(data):
        """In kB, when the next capture is waited for."""
        p = subprocess.Popen(TOOL + ["verify", "-l", write("bomb", data), "-"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        while p.stdout.readline() not in (b"-\n", b""):
            pass
        with open("/proc/%d/status" % p.pid, encoding="ascii") as status:
            found = int(re.search(r"VmHWM:\s*(\d+) kB", status.read())[1])
        p.communicate(pcap([]))
        equal(p.returncode, 0)
        return found

    if not os.path.exists("/proc/self/status"):
        raise Skip("no /proc")
    frame = pcap([ether(v4(UDP, "zero", payload=bytes(1400)))])
    fast = {"xz": lambda data: lzma.compress(data, preset=0),
            "bzip2": lambda data: bz2.compress(data, 1)}
    for name in readable(*PACKINGS):
        little, much = (peak(fast.get(name, PACKINGS[name])(frame[:24] + frame[24:] * n))
                        for n in (1000, 14000))
        assert much < little + 16000, "%s: %d, %d kB" % (name, much, little)


# ---- Pipes ---------------------------------------------------------------------------------


def live(args, parts, mark):
    """Writes one part after the other, and expects `mark` to be printed for each before the next
    one is there; the first part is the file's header."""
    p = subprocess.Popen(TOOL + args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    seen = b""
    for n, part in enumerate(parts):
        p.stdin.write(part)
        p.stdin.flush()
        while seen.count(mark) < n:
            assert select.select([p.stdout], [], [], 20)[0], "no packet: %s, %d" % (args, n)
            seen += os.read(p.stdout.fileno(), 65536)
    rest, _ = p.communicate()
    equal(p.returncode, 0)
    return seen + rest


@test
def each_packet_as_soon_as_it_is_there():
    frame = pcap([SEEDED])
    head = LITTLE.section() + LITTLE.interface()
    for parts in ([frame[:24]] + [frame[24:]] * 3, [head] + [LITTLE.packet(SEEDED)] * 3):
        live(["verify", "-l", "-"], parts, b"TCP 192.0.2.1:40000")
        equal(live(["finish", "-", "-"], parts, DONE), b"".join(parts).replace(SEEDED, DONE))
    if "gzip" in readable("gzip"):
        packer = zlib.compressobj(wbits=31)
        parts = [packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH) for part in parts]
        parts[-1] += packer.flush()
        live(["verify", "-l", "-"], parts, b"TCP 192.0.2.1:40000")


@test
def interrupted_in_the_middle():
    """Of a packet, a block, or compressed data: no complaint is made of the end."""
    for data in pcap([DONE] * 3)[:-5], LITTLE.section() + LITTLE.interface() + (
            LITTLE.packet(DONE) * 3)[:-5], gzip.compress(pcap([DONE] * 2), 0)[:-5]:
        if data[:1] == b"\x1f" and "gzip" not in readable("gzip"):
            continue
        p = subprocess.Popen(TOOL + ["verify", "-l", "-"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        p.stdin.write(data)
        p.stdin.flush()
        for _ in range(3): # a heading and two packets
            p.stdout.readline()
        time.sleep(0.2) # then it waits for more
        p.send_signal(signal.SIGINT)
        assert select.select([p.stderr], [], [], 20)[0], "it waits for more"
        out, err = p.communicate()
        equal((p.returncode, err), (-signal.SIGINT, b""))
        contains(out.decode(), "none wrong")


@test
def a_capture_in_pieces_of_any_size():
    for data in pcap([SEEDED] * 3), everything(BIG, SEEDED)[:1000]:
        for size in 1, 7:
            p = subprocess.Popen(TOOL + ["verify", "-"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for at in range(0, len(data), size):
                p.stdin.write(data[at:at + size])
                p.stdin.flush()
            out, _ = p.communicate()
            whole = run("verify", "-", stdin=data)
            equal((out.decode(), p.returncode), (whole.out, whole.returncode))


main()
