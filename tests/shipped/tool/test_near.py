#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Why a packet is BAD: every mistake that csumoff verify knows is made here, in packets of every
kind, and must be told by its name. The values come from the RFCs' text, never from the library.
Usage: test_near.py CSUMOFF DATA; prints TAP."""

import json
import random
import struct
import zlib

from captures import (ETHERNET, GRE, ICMP, ICMPV6, SCTP, SLL, SLL2, TCP, UDP, address, contains,
                      crc32c, equal, ether, ip4, ip6, main, ones_sum, path, pcap, rows, run, sctp,
                      test, write)

IGMP, UDPLITE, ROUTING, OSPF = 2, 136, 43, 89
FOUR, SIX = ("192.0.2.1", "198.51.100.2"), ("2001:db8::1", "2001:db8::2")
OTHER_FOUR, OTHER_SIX = ("10.1.2.3", "10.77.88.99"), ("2001:db8:5::7", "2001:db8:6::9")
PAD = b"\xC5\x00\x5A\x11\x07\xE0"

# ---- Packets -------------------------------------------------------------------------------


class Packet:
    """An L4 packet whose field is 0, and what its checksum is made of."""

    def __init__(self, proto, pair, payload, trailer=b"", pseudo=None):
        self.proto, self.pair, self.payload, self.trailer = proto, pair, payload, trailer
        header, self.at = {
            TCP: (struct.pack(">HHIIBBHHHI", 40000, 80, 1, 2, 0x60, 0x18, 512, 0, 0, 0x01010101),
                  16),
            UDP: (struct.pack(">HHHH", 5000, 53, 8 + len(payload), 0), 6),
            UDPLITE: (struct.pack(">HHHH", 5000, 53, 0, 0), 6),
            ICMP: (struct.pack(">BBHHH", 8, 0, 0, 77, 1), 2),
            ICMPV6: (struct.pack(">BBHHH", 128, 0, 0, 77, 1), 2),
            IGMP: (struct.pack(">BBH4s", 0x11, 100, 0, bytes(4)), 2),
        }[proto]
        self.header, self.data = header, header + payload
        self.is_six = ":" in pair[0]
        self.has_pseudo = proto not in (ICMP, IGMP) if pseudo is None else pseudo
        self.addresses = b"".join(address(a) for a in pair)
        self.ip_len = (40 if self.is_six else 20) + len(self.data) + len(trailer)

    def seed(self, length=None, proto=None, addresses=None):
        return ones_sum((self.addresses if addresses is None else addresses) +
                        struct.pack(">II", len(self.data) if length is None else length,
                                    self.proto if proto is None else proto))

    def right(self, data=None, **seed):
        """The checksum; or that of other data, or of another pseudo-header."""
        total = ones_sum(self.data if data is None else data)
        if self.has_pseudo:
            total = ones_sum(struct.pack(">HH", total, self.seed(**seed)))
        return ~total & 0xFFFF

    def l4(self, value):
        return self.data[:self.at] + struct.pack(">H", value) + self.data[self.at + 2:]

    def ip(self, value, **more):
        make = ip6 if self.is_six else ip4
        return make(self.proto, self.l4(value) + self.trailer, *self.pair, **more)


def noise(n, seed=1):
    return random.Random(seed).randbytes(n)


KINDS = [(proto, pair) for proto, pair in [
    (TCP, FOUR), (UDP, FOUR), (ICMP, FOUR), (IGMP, FOUR), (UDPLITE, FOUR),
    (TCP, SIX), (UDP, SIX), (ICMPV6, SIX), (UDPLITE, SIX)]]
PACKETS = [Packet(proto, pair, noise(n, 7 * n + proto)) for proto, pair in KINDS for n in (37, 94)]


def vxlan(inside):
    data = struct.pack(">HHHH", 40000, 4789, 8 + 8 + 14 + len(inside), 0)
    return ip4(UDP, data + b"\x08\0\0\0\0\0\7\0" + ether(inside), "203.0.113.1", "203.0.113.2")


def gre(inside):
    kind = 0x86DD if inside[0] >> 4 == 6 else 0x0800
    return ip6(GRE, struct.pack(">HH", 0, kind) + inside, "2001:db8:9::1", "2001:db8:9::2")


TUNNELS = [lambda packet: packet, vxlan, gre,
           lambda packet: ip4(41 if packet[0] >> 4 == 6 else 4, packet, "203.0.113.1",
                              "203.0.113.2")]


def swap(value):
    return value >> 8 | value << 8 & 0xFF00


def plus(*values):
    return ones_sum(struct.pack(">%dH" % len(values), *values))


# ---- What is said --------------------------------------------------------------------------


def told(frames, *args, link=ETHERNET):
    """(near, l3_near, l4_near) of each packet by its worst level, and the summary."""
    write("near.pcap", pcap(frames, link))
    p = run("verify", "--json", *args, path("near.pcap"))
    lines = [json.loads(line) for line in p.out.splitlines()]
    for line in lines[:-1]:
        equal("near" in line, "advice" in line, "a word comes with advice")
        assert "near" not in line or line["advice"].endswith("."), line
    return ([(q.get("near"), q.get("l3_near"), q.get("l4_near")) for q in lines[:-1]],
            lines[-1]["summary"], lines[:-1], p.returncode)


def counted(summary):
    return {word: n for word, n in summary["near"].items() if n}


def each_is(word, cases):
    """cases: (packet, value, what follows its IP packet). Every one of them, plain and in every
    tunnel, must be BAD for this reason, in rows and in JSON."""
    cases = [(packet, value % 0x10000, pad) for packet, value, pad in cases]
    assert len(cases) >= 2, "too few cases"
    for tunnel in TUNNELS:
        frames = [ether(tunnel(packet.ip(value)), pad=pad) for packet, value, pad in cases]
        nears, summary, lines, status = told(frames)
        for (packet, value, pad), near, line in zip(cases, nears, lines):
            equal(near, (word, None, word), "proto %d, IPv%d, %d bytes, 0x%04x instead of 0x%04x" %
                  (packet.proto, 6 if packet.is_six else 4, len(packet.data), value,
                   packet.right()))
            equal(line["verdict"], "BAD")
        equal(counted(summary), {word: len(frames)})
        equal(status, 1)
        out = run("verify", path("near.pcap")).out
        wrong = [row for row in rows(out) if row[3] == "BAD"]
        equal([row[4].endswith("  " + word) for row in wrong], [True] * len(frames), out)
        contains(out, "\n%10d  %s\n            " % (len(frames), word))


def mistake(word, only=lambda packet: True, pad=b""):
    """Makes a test of a function from a packet to a value, for all packets it concerns. A value
    that is right after all, or a seed, or no checksum, is no mistake."""
    def make(value_of):
        def check():
            cases = [(packet, value_of(packet) % 0x10000, pad) for packet in PACKETS
                     if only(packet)]
            each_is(word, [c for c in cases if c[1] not in (c[0].right(), c[0].seed())])
        check.__name__ = "told_" + value_of.__name__
        test(check)
        return value_of
    return make


def has_pseudo(packet):
    return packet.has_pseudo


def is_odd(packet):
    return len(packet.data) % 2 == 1


# ---- One packet ----------------------------------------------------------------------------


@mistake("not computed", lambda p: p.proto != UDP or p.is_six)
def zero(packet):
    return 0


@mistake("summed twice")
def twice(packet):
    """The checksum in the field makes all bits of the sum 1; UDP sends the complement so."""
    equal(packet.right(packet.l4(packet.right())), 0)
    return 0xFFFF


@mistake("no pseudo-header", has_pseudo)
def no_pseudo(packet):
    return ~ones_sum(packet.data)


@test
def told_seed():
    """Of TCP and UDP alone it is right to leave one."""
    each_is("seed", [(p, p.seed(), b"") for p in PACKETS if p.proto in (UDPLITE, ICMPV6)])


@mistake("complement of the seed", has_pseudo)
def seed_complement(packet):
    return ~packet.seed()


@mistake("complement of the seed", has_pseudo)
def gso_seed_complement(packet):
    return ~packet.seed(0)


@mistake("not complemented")
def complement_forgotten(packet):
    return ~packet.right()


@mistake("bytes swapped")
def bytes_swapped(packet):
    return swap(packet.right())


@mistake("swapped seed", has_pseudo)
def seed_swapped(packet):
    return swap(packet.seed())


@mistake("finished from the seed's complement", has_pseudo)
def finished_from_complement(packet):
    return ~ones_sum(packet.l4(~packet.seed() & 0xFFFF))


@mistake("pseudo-header twice", has_pseudo)
def pseudo_twice(packet):
    """The card adds the pseudo-header, and the seed was in the field."""
    return packet.right(packet.l4(packet.seed()))


@mistake("pseudo-header added", lambda p: not p.has_pseudo)
def pseudo_added(packet):
    return ~plus(packet.seed(), ones_sum(packet.data))


@mistake("no length", has_pseudo)
def no_length(packet):
    return ~ones_sum(packet.l4(packet.seed(0)))


@mistake("swapped length", has_pseudo)
def length_swapped(packet):
    return packet.right(length=swap(len(packet.data)))


@mistake("IP's length", has_pseudo)
def ip_length(packet):
    return packet.right(length=packet.ip_len)


@mistake("length with padding", has_pseudo, pad=bytes(6))
def length_padded(packet):
    return packet.right(length=len(packet.data) + 6)


@mistake("length with padding", has_pseudo, pad=PAD)
def length_padded_alone(packet):
    return packet.right(length=len(packet.data) + len(PAD))


@mistake("padding summed", pad=PAD)
def padding(packet):
    return packet.right(packet.data + PAD)


@mistake("padding summed", has_pseudo, pad=PAD)
def padding_and_length(packet):
    return packet.right(packet.data + PAD, length=len(packet.data) + len(PAD))


@mistake("header's length", has_pseudo)
def l4_header_length(packet):
    return packet.right(length=len(packet.header))


@mistake("header's length", has_pseudo)
def ip_header_length(packet):
    return packet.right(length=40 if packet.is_six else 20)


@mistake("payload's length", has_pseudo)
def payload_length(packet):
    return packet.right(length=len(packet.payload))


@mistake("wrong protocol", has_pseudo)
def no_protocol(packet):
    return packet.right(proto=0)


@mistake("wrong protocol", has_pseudo)
def protocol_swapped(packet):
    return packet.right(proto=packet.proto << 8)


@mistake("header alone")
def header_alone(packet):
    return packet.right(packet.header)


@mistake("header alone", lambda p: p.has_pseudo)
def header_alone_without_pseudo(packet):
    return ~ones_sum(packet.header)


@mistake("payload alone")
def payload_alone(packet):
    return packet.right(packet.payload)


@mistake("payload alone", has_pseudo)
def payload_alone_without_pseudo(packet):
    return ~ones_sum(packet.payload)


@mistake("odd last byte", is_odd)
def odd_byte_left_out(packet):
    return packet.right(packet.data[:-1])


@mistake("odd last byte", is_odd)
def odd_byte_in_the_wrong_half(packet):
    return packet.right(packet.data[:-1] + b"\0" + packet.data[-1:])


@test
def ip_length_and_not_udps():
    packets = [Packet(UDP, pair, noise(n, n), trailer=noise(5, 2)) for pair in (FOUR, SIX)
               for n in (37, 94)]
    for covered, length in [(5, 5), (0, 5), (5, 0)]:
        each_is("IP's length for UDP's",
                [(p, p.right(p.data + p.trailer[:covered], length=len(p.data) + length), b"")
                 for p in packets])


@test
def lengths_of_extension_headers():
    """IPv6's payload length counts them, and its next header is the first of them."""
    options, extension = 60, bytes([TCP, 0, 1, 4, 0, 0, 0, 0])
    packet = Packet(TCP, SIX, noise(37))

    def frame(value):
        return ether(packet.ip(value, extensions=extension, first=options))

    nears, _, _, _ = told([frame(packet.right(length=len(packet.data) + 8)),
                           frame(packet.right(length=len(packet.data) + 48)),
                           frame(packet.right(length=48)),
                           frame(packet.right(proto=options))])
    equal([near[2] for near in nears],
          ["IP's length", "IP's length", "header's length", "wrong protocol"])


@test
def next_hop_of_a_route():
    hop, end = "2001:db8::99", "2001:db8::2"
    packet = Packet(TCP, (SIX[0], end), noise(37))
    route = bytes([TCP, 2, 4, 1]) + bytes(4) + address(end)
    value = packet.right(addresses=address(SIX[0]) + address(hop))
    nears, _, _, _ = told([ether(ip6(TCP, packet.l4(value), SIX[0], hop, extensions=route,
                                     first=ROUTING))])
    equal(nears[0][2], "address of the next hop")


def ospf(value):
    """A hello with a password, which its checksum leaves out (RFC 2328, D.4.2)."""
    head = struct.pack(">BBHIIHH", 2, 1, 44, 1, 0, value & 0xFFFF, 1) + b"password"
    return ether(ip4(OSPF, head + noise(20), *FOUR))


@test
def a_password_is_no_pseudo_header():
    empty = ospf(0)[34:]
    right = ~ones_sum(empty[:16] + empty[24:])
    nears, summary, lines, _ = told([ospf(right), ospf(swap(right & 0xFFFF)), ospf(~right),
                                     ospf(~ones_sum(empty))])
    equal([line["verdict"] for line in lines], ["GOOD"] + ["BAD"] * 3)
    equal([near[0] for near in nears], [None, "bytes swapped", "not complemented", None])


# ---- IPv4 headers --------------------------------------------------------------------------


def header(change, options=b"", payload=TCP):
    """A frame whose IPv4 header checksum is change(the header with a field of 0, the right one)."""
    packet = Packet(payload, FOUR, noise(37))
    whole = ip4(payload, packet.l4(packet.right()), options=options)
    n = 20 + len(options)
    empty = whole[:10] + b"\0\0" + whole[12:n]
    right, = struct.unpack_from(">H", whole, 10)
    return ether(whole[:10] + struct.pack(">H", change(empty, right) & 0xFFFF) + whole[12:])


HEADERS = [
    ("TTL", lambda h, right: ~ones_sum(h[:8] + bytes([h[8] + 1]) + h[9:])),
    ("bytes swapped", lambda h, right: swap(right)),
    ("not complemented", lambda h, right: ~right),
    ("summed twice", lambda h, right: 0xFFFF),
    ("swapped length", lambda h, right: ~ones_sum(h[:2] + h[3:4] + h[2:3] + h[4:])),
]


@test
def ipv4_headers():
    options = b"\x07\x07\x04" + bytes(5)
    cases = [(word, header(change, o)) for word, change in HEADERS for o in (b"", options)]
    cases.append(("options left out", header(lambda h, _: ~ones_sum(h[:20]), options)))
    nears, summary, _, status = told([frame for _, frame in cases])
    equal(nears, [(word, word, None) for word, _ in cases])
    equal(sum(counted(summary).values()), len(cases))
    equal(status, 1)
    out = run("verify", path("near.pcap")).out
    for word, _ in cases:
        contains(out, ", %s\n" % word)


@test
def what_is_wrong_with_the_header_does_not_explain_the_l4():
    packet = Packet(TCP, FOUR, noise(37))
    frame = bytearray(ether(packet.ip(packet.right() ^ 0x1357)))
    frame[22] -= 1
    nears, summary, _, _ = told([bytes(frame)])
    equal(nears, [(None, "TTL", None)])
    equal(counted(summary), {"unexplained": 1})


@test
def header_and_l4_have_words_of_their_own():
    packet = Packet(TCP, FOUR, noise(37))
    frame = bytearray(ether(packet.ip(swap(packet.right()))))
    frame[22] -= 1
    nears, summary, _, _ = told([bytes(frame)])
    equal(nears, [("bytes swapped", "TTL", "bytes swapped")])
    equal(counted(summary), {"bytes swapped": 1})


# ---- SCTP ----------------------------------------------------------------------------------


def with_field(packet, field):
    return packet[:8] + field + packet[12:]


def crc32_reversed(n):
    return int("{:032b}".format(n)[::-1], 2)


def sctp_mistakes(packet, pad):
    right, = struct.unpack_from("<I", packet, 8)
    empty = with_field(packet, bytes(4))
    internet = struct.pack(">H", ~ones_sum(empty) & 0xFFFF)
    over = struct.pack(">H", ~ones_sum(packet) & 0xFFFF)
    yield "not computed", bytes(4)
    yield "bytes swapped", struct.pack(">I", right)
    yield "not complemented", struct.pack("<I", right ^ 0xFFFFFFFF)
    yield "not complemented", struct.pack(">I", right ^ 0xFFFFFFFF)
    yield "bits reversed", struct.pack("<I", crc32_reversed(right))
    yield "bits reversed", struct.pack(">I", crc32_reversed(right))
    yield "summed twice", struct.pack("<I", crc32c(packet))
    yield "padding summed", struct.pack("<I", crc32c(empty + pad))
    yield "Adler-32", struct.pack(">I", zlib.adler32(empty))
    yield "Adler-32", struct.pack("<I", zlib.adler32(empty))
    yield "CRC-32", struct.pack(">I", zlib.crc32(empty))
    yield "CRC-32", struct.pack("<I", zlib.crc32(empty))
    yield "Internet checksum", internet + b"\0\0"
    yield "Internet checksum", over + packet[10:12]


@test
def sctp_by_name():
    for tunnel in TUNNELS:
        for n in (12, 600):
            packet = sctp(noise(n))
            cases = list(sctp_mistakes(packet, PAD))
            frames = [ether(tunnel(make(SCTP, with_field(packet, field), *pair)), pad=PAD)
                      for make, pair in ((ip4, FOUR), (ip6, SIX)) for _, field in cases]
            nears, summary, lines, _ = told(frames)
            equal([near[2] for near in nears], [word for word, _ in cases] * 2)
            equal([line["verdict"] for line in lines], ["BAD"] * len(frames))
            assert "unexplained" not in counted(summary)


# ---- Nothing of the kind -------------------------------------------------------------------


@test
def random_damage_is_not_explained():
    """About 30 values of 65,536 are explained, of SCTP's none."""
    chance, frames = random.Random(20), []
    for i in range(4000):
        packet = PACKETS[i % len(PACKETS)]
        # Pairs that don't come again, so that nothing can be learnt of them.
        pair = tuple(a + str(10 + i) for a in ("2001:db8::", "2001:db9::")) if packet.is_six else (
            "10.0.%d.%d" % (i >> 8, i & 255), "10.1.2.3")
        packet = Packet(packet.proto, pair, packet.payload)
        value = packet.right() ^ chance.randrange(1, 0xFFFF)
        if value != packet.seed() and value:
            frames.append(ether(packet.ip(value)))
    _, summary, _, _ = told(frames)
    equal(sum(counted(summary).values()), summary["wrong"])
    equal(summary["wrong"], len(frames))
    assert len(frames) - summary["near"]["unexplained"] <= 9, counted(summary)
    packet = sctp(noise(60))
    frames = [ether(ip4(SCTP, with_field(packet, noise(4, i)))) for i in range(300)]
    equal(counted(told(frames)[1]), {"unexplained": 300})
    # The other half of an Internet checksum would be 0, or the CRC's.
    internet = struct.pack(">H", ~ones_sum(with_field(packet, b"\0\0\x12\x34")) & 0xFFFF)
    frames = [ether(ip4(SCTP, with_field(packet, internet + b"\x12\x34")))]
    internet = struct.pack(">H", ~ones_sum(with_field(packet, bytes(4))) & 0xFFFF)
    frames.append(ether(ip4(SCTP, with_field(packet, internet + b"\x12\x34"))))
    equal(counted(told(frames)[1]), {"unexplained": 2})
    frames = [header(lambda h, right: right + 0x0305 + 977 * i) for i in range(40)]
    equal(told(frames)[1]["near"]["unexplained"], 40)


@test
def what_is_right_has_no_word():
    frames = [ether(packet.ip(packet.right())) for packet in PACKETS]
    frames += [ether(packet.ip(packet.seed())) for packet in PACKETS if packet.proto in (TCP, UDP)]
    nears, summary, _, status = told(frames)
    equal((set(nears), counted(summary), status), ({(None, None, None)}, {}, 0))
    assert "no mistake" not in run("verify", path("near.pcap")).out.lower()


# ---- Pairs of addresses --------------------------------------------------------------------


def rewritten(pair, old, seeds=range(6), proto=TCP, seed=False, size=lambda i: 40 + 3 * i):
    """Frames from `old`'s to `pair`'s addresses, rewritten with everything but the checksum."""
    frames = []
    for i in seeds:
        was, now = (Packet(proto, p, noise(size(i), i)) for p in (old, pair))
        frames.append(ether(now.ip(was.seed() if seed else was.right())))
    return frames


@test
def rewritten_addresses_are_known_from_the_third_packet():
    for pair, old in ((FOUR, OTHER_FOUR), (SIX, OTHER_SIX)):
        for proto in (TCP, UDP):
            for seed, word in ((False, "rewritten addresses"), (True, "seed of other addresses")):
                nears, summary, _, status = told(rewritten(pair, old, proto=proto, seed=seed))
                equal([near[0] for near in nears], [None] * 2 + [word] * 4)
                equal((counted(summary), status), ({word: 6}, 1))
                out = run("verify", path("near.pcap")).out
                equal(out.count("  %s\n" % word), 5, out)
                contains(out, "         6  %s\n" % word)


@test
def explain_knows_the_packets_before():
    write("pair.pcap", pcap(rewritten(FOUR, OTHER_FOUR)))
    for number, word in ((2, "unexplained"), (3, "rewritten addresses")):
        p = run("explain", path("pair.pcap"), str(number))
        equal(p.returncode, 0, p.err)
        contains(p.out, "Why: %s." % word)


@test
def pairs_are_told_apart():
    """Two pairs in turn, and a third one whose packets each differ in their own way."""
    one = rewritten(FOUR, OTHER_FOUR)
    two = rewritten(("192.0.2.1", "198.51.100.3"), ("10.9.9.9", "10.8.7.6"), range(10, 16))
    odd = [rewritten(("192.0.2.7", "198.51.100.9"), ("10.%d.9.9" % i, "10.8.7.%d" % (3 * i)),
                     [i])[0] for i in range(6)]
    nears, summary, _, _ = told([frame for three in zip(one, two, odd) for frame in three])
    words = [near[0] for near in nears]
    equal(words[0::3], [None] * 2 + ["rewritten addresses"] * 4)
    equal(words[1::3], [None] * 2 + ["rewritten addresses"] * 4)
    equal(words[2::3], [None] * 6)
    equal(counted(summary), {"rewritten addresses": 12, "unexplained": 6})


@test
def repeated_packets_prove_nothing():
    again = rewritten(FOUR, OTHER_FOUR, [0] * 9)
    equal(counted(told(again)[1]), {"unexplained": 9})
    nears, summary, _, _ = told(again + rewritten(FOUR, OTHER_FOUR, [1, 0]))
    equal([near[0] for near in nears], [None] * 10 + ["rewritten addresses"])
    equal(counted(summary), {"rewritten addresses": 11})


@test
def a_mistake_that_was_named_is_not_counted_for_the_pair():
    packets = [Packet(TCP, FOUR, noise(40 + 3 * i, i)) for i in range(6)]
    frames = [ether(p.ip(~ones_sum(p.data) & 0xFFFF)) for p in packets]
    equal(counted(told(frames)[1]), {"no pseudo-header": 6})
    # These differ by the same as well, as all have one length.
    packets = [Packet(TCP, FOUR, noise(40, i)) for i in range(6)]
    frames = [ether(p.ip(~ones_sum(p.data) & 0xFFFF)) for p in packets]
    equal(counted(told(frames)[1]), {"no pseudo-header": 6})
    mixed = rewritten(FOUR, OTHER_FOUR) + frames
    equal(counted(told(mixed)[1]), {"no pseudo-header": 6, "rewritten addresses": 6})


@test
def a_pair_can_change():
    """Another rewriting later, and damage between."""
    first, second = rewritten(FOUR, OTHER_FOUR), rewritten(FOUR, ("10.4.4.4", "10.5.6.7"),
                                                           range(20, 25))
    bad = Packet(TCP, FOUR, noise(50, 99))
    damage = [ether(bad.ip(bad.right() ^ 0x5A3C))]
    nears, summary, _, _ = told(first + damage + second + first[:1])
    word = "rewritten addresses"
    equal([near[0] for near in nears], [None] * 2 + [word] * 4 + [None] * 3 + [word] * 3 + [None])
    equal(counted(summary), {word: 11, "unexplained": 2})


@test
def header_and_l4_wrong_by_the_same_are_known_at_once():
    for seed, word in ((False, "rewritten addresses"), (True, "seed of other addresses")):
        was = Packet(TCP, OTHER_FOUR, noise(37))
        packet = was.ip(was.seed() if seed else was.right())
        new = packet[:12] + b"".join(address(a) for a in FOUR) + packet[20:]
        nears, summary, _, _ = told([ether(new)])
        equal(nears, [(word, "rewritten addresses", word)])
        equal(counted(summary), {word: 1})


@test
def headers_alone_by_the_pair():
    """A field of the IPv4 header that is always changed by the same: TOS."""
    frames = []
    for i in range(5):
        packet = Packet(ICMP, FOUR, noise(40 + 3 * i, i))
        ip = packet.ip(packet.right())
        frames.append(ether(ip[:1] + b"\x2C" + ip[2:]))
    nears, summary, _, _ = told(frames)
    equal([near[1] for near in nears], [None] * 2 + ["rewritten addresses"] * 3)
    equal(counted(summary), {"rewritten addresses": 5})


@test
def header_and_l4_are_pairs_of_their_own():
    """The header is always wrong by the same; what is in it is damaged at random."""
    frames = []
    for i in range(6):
        packet = Packet(TCP, FOUR, noise(40 + 3 * i, i))
        ip = packet.ip(packet.right() ^ (0x1111 + 0x0A37 * i))
        frames.append(ether(ip[:1] + b"\x2C" + ip[2:]))
    nears, summary, _, _ = told(frames)
    equal(nears, [(None, None, None)] * 2 + [(None, "rewritten addresses", None)] * 4)
    equal(counted(summary), {"unexplained": 6})


@test
def protocols_are_pairs_of_their_own():
    odd = [Packet(ICMP, FOUR, noise(50, i)) for i in range(6)]
    odd = [ether(p.ip(p.right() ^ (0x2222 + 0x0A37 * i))) for i, p in enumerate(odd)]
    frames = [frame for two in zip(rewritten(FOUR, OTHER_FOUR), odd) for frame in two]
    equal(counted(told(frames)[1]), {"rewritten addresses": 6, "unexplained": 6})


@test
def only_what_was_counted_is_counted_anew():
    """The tunnel's checksum is always wrong by the same, but the packet inside has the word."""
    frames = []
    for i in range(6):
        inside = Packet(TCP, FOUR, noise(40 + 3 * i, i))
        data = b"\x08\0\0\0\0\0\7\0" + ether(inside.ip(inside.right() ^ (0x1111 + 0x0A37 * i)))
        outer = Packet(UDP, ("203.0.113.1", "203.0.113.2"), data)
        outer.data = outer.data[:2] + struct.pack(">H", 4789) + outer.data[4:]
        frames.append(ether(outer.ip((outer.right() + 0x0123) % 0xFFFF)))
    nears, summary, lines, _ = told(frames)
    equal([[level.get("l4_near") for level in line["levels"]] for line in lines],
          [[None, None]] * 2 + [["rewritten addresses", None]] * 4)
    equal(counted(summary), {"unexplained": 6})


@test
def no_packet_is_counted_anew_twice():
    """Wrong by the same from the checksum, then by the same from the seed as the last one was."""
    for size in (40, 2000):
        packets = [Packet(TCP, FOUR, noise(size + 3 * i, i)) for i in range(6)]
        values = [(p.right() + 0x1234) % 0xFFFF for p in packets[:3]]
        off = values[1] - packets[1].seed()
        values += [(p.seed() + off) % 0xFFFF for p in packets[3:]]
        nears, summary, _, _ = told([ether(p.ip(v)) for p, v in zip(packets, values)])
        word = "longer than the MTU seen" if size > 1500 else None
        equal([near[0] for near in nears], [word] * 2 + ["rewritten addresses"] + [word] +
              ["seed of other addresses"] * 2)
        equal(counted(summary), {"rewritten addresses": 3, "seed of other addresses": 3})


@test
def a_named_mistake_is_not_taken_for_rewriting():
    """Header and L4 are wrong by the same, and the L4's value has its bytes swapped."""
    packet = Packet(TCP, FOUR, noise(37))
    off = swap(packet.right()) - packet.right()
    whole = packet.ip(swap(packet.right()))
    right, = struct.unpack_from(">H", whole, 10)
    frame = ether(whole[:10] + struct.pack(">H", (right + off) % 0xFFFF) + whole[12:])
    equal(told([frame])[0], [("bytes swapped", None, "bytes swapped")])


@test
def captures_are_apart():
    frames = rewritten(FOUR, OTHER_FOUR)
    write("one.pcap", pcap(frames[:2]))
    write("two.pcap", pcap(frames[2:4]))
    p = run("verify", "--json", "--summary", path("one.pcap"), path("two.pcap"))
    equal(counted(json.loads(p.out)["summary"]), {"unexplained": 4})


@test
def more_pairs_than_there_is_memory_for():
    """Each of them once, all wrong by the same: nothing is known of them. What is known of a pair
    before them is not forgotten."""
    frames, to = [], address("192.0.2.1")
    for i in range(70000):
        pair = struct.pack(">I", 0x0A000000 + i) + to
        l4 = struct.pack(">HHHH", 1 + i % 999, 2, 8, 0)
        right = ~ones_sum(pair + b"\0\x11\0\x08" + l4) & 0xFFFF
        frames.append(ether(b"\x45\0\0\x1c\0\7\0\0\x40\x11\0\0" + pair + l4[:6] +
                            struct.pack(">H", (right + 0x0321) % 0xFFFF or 1)))
    known = rewritten(FOUR, OTHER_FOUR)
    write("many.pcap", pcap(known[:3] + frames + known[3:4]))
    summary = json.loads(run("verify", "--json", "--summary", path("many.pcap")).out)["summary"]
    equal((summary["packets"], summary["near"]["rewritten addresses"]), (70004, 4))
    # A few are named by chance.
    assert 69800 < summary["near"]["unexplained"] <= 70000, summary["near"]


# ---- Longer than the MTU -------------------------------------------------------------------


def stale(n, seed=3, pair=FOUR, proto=TCP):
    packet = Packet(proto, pair, noise(n, seed))
    return ether(packet.ip(Packet(proto, pair, noise(1448, seed)).right() ^ 0x1357))


@test
def longer_than_the_mtu_seen():
    word = "longer than the MTU seen"
    edge = 1500 - 20 - 24
    nears, summary, lines, status = told([stale(edge, 1, ("192.0.2.1", "192.0.2.9")),
                                          stale(edge + 1, 2, ("192.0.2.1", "192.0.2.8"))])
    equal([near[0] for near in nears], [None, word])
    equal((counted(summary), status), ({word: 1, "unexplained": 1}, 1))
    contains(lines[1]["advice"], "LRO, RSC")
    # Jumbo frames that are right raise it, for those after them.
    jumbo = Packet(TCP, FOUR, noise(8900))
    good = ether(jumbo.ip(jumbo.right()))
    nears, _, _, _ = told([stale(2896, 1), good, stale(2896, 2), stale(8900, 3), stale(8901, 4)])
    equal([near[0] for near in nears], [word, None, None, None, word])
    # What a sender leaves to its card is no packet of the network's.
    left = ether(jumbo.ip(jumbo.seed()))
    equal([near[0] for near in told([left, stale(2896, 1)])[0]], [None, word])
    # No card joins ICMP, and what was sent here was not joined here.
    equal(told([stale(2896, proto=ICMP)])[0][0][0], None)
    cooked = [struct.pack(">HH", way, 1) + bytes(10) + b"\x08\0" + stale(2896)[14:]
              for way in (0, 4)]
    equal([near[0] for near in told(cooked, link=SLL)[0]], [word, None])


def fragments(packet, value, size=1400):
    whole = packet.l4(value)
    return [ether(ip4(packet.proto, whole[at:at + size], *packet.pair,
                      frag=(0x2000 if at + size < len(whole) else 0) | at // 8))
            for at in range(0, len(whole), size)]


@test
def a_datagram_of_fragments_is_no_long_packet():
    """It neither was coalesced nor tells the MTU."""
    packet = Packet(UDP, FOUR, noise(6000))
    frames = fragments(packet, packet.right() ^ 0x1357)
    _, summary, lines, _ = told(frames)
    equal([line["verdict"] for line in lines].count("BAD"), 1)
    equal(counted(summary), {"unexplained": 1})
    frames = fragments(packet, packet.right()) + [stale(2896)]
    _, summary, lines, _ = told(frames)
    equal([line["verdict"] for line in lines].count("GOOD"), 1)
    equal(counted(summary), {"longer than the MTU seen": 1})


@test
def other_mistakes_come_before_the_length():
    packet = Packet(TCP, FOUR, noise(2896))
    equal(told([ether(packet.ip(swap(packet.right())))])[0][0][0], "bytes swapped")
    nears, summary, _, _ = told(rewritten(FOUR, OTHER_FOUR, size=lambda i: 2000 + i))
    equal([near[0] for near in nears],
          ["longer than the MTU seen"] * 2 + ["rewritten addresses"] * 4)
    equal(counted(summary), {"rewritten addresses": 6})


# ---- Seeds that arrived --------------------------------------------------------------------


def sll(way, packet, hardware=1):
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    return struct.pack(">HH10xH", way, hardware, kind) + packet


def sll2(way, packet, hardware=1):
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    return struct.pack(">H6xHB9x", kind, hardware, way) + packet


@test
def seeds_that_arrived_are_wrong():
    packets = [Packet(UDP, FOUR, noise(37)), Packet(TCP, SIX, b""), Packet(UDP, SIX, noise(94))]
    for link, cook in ((SLL, sll), (SLL2, sll2)):
        for way in range(6):
            frames = [cook(way, packet.ip(packet.seed())) for packet in packets]
            nears, summary, lines, status = told(frames, link=link)
            word = "arrived unfinished" if way < 4 else None
            equal([near[0] for near in nears], [word] * 3, "way %d" % way)
            equal([line["verdict"] for line in lines], ["SEEDED"] * 3)
            equal((summary["wrong"], status), (3, 1) if way < 4 else (0, 0))
            equal(summary["right"], 0 if way < 4 else 3)
            equal(counted(summary), {word: 3} if word else {})
            out = run("verify", path("near.pcap")).out
            equal(out.count("  arrived unfinished\n"), 4 if word else 0, out)
            equal("fine: captured on the sender" in out, not word)
        # What a machine sends to itself needs no checksum.
        frames = [cook(0, packet.ip(packet.seed()), 772) for packet in packets]
        nears, summary, _, status = told(frames, link=link)
        equal((nears, summary["wrong"], status), ([(None, None, None)] * 3, 0, 0))


@test
def what_the_receiver_joined_is_fine():
    """GRO leaves a seed. It joins TCP segments with a payload, and UDP to more than an MTU."""
    word = "joined on arrival"
    syn = Packet(TCP, FOUR, noise(37))
    syn.data = syn.data[:13] + b"\x02" + syn.data[14:]
    for packet, want in [(Packet(TCP, FOUR, noise(37)), word), (syn, "arrived unfinished"),
                         (Packet(TCP, SIX, noise(2000)), word), (Packet(UDP, FOUR, noise(2000)),
                                                                 word),
                         (Packet(UDP, FOUR, noise(1400)), "arrived unfinished")]:
        nears, summary, _, status = told([sll(0, packet.ip(packet.seed()))], link=SLL)
        equal((nears[0][0], status), (want, want != word))
        equal((summary["wrong"], counted(summary)), (int(want != word), {want: 1}))
    # The tunnel around what was joined has a seed as well.
    inside = Packet(TCP, FOUR, noise(37))
    data = b"\x08\0\0\0\0\0\7\0" + ether(inside.ip(inside.seed()))
    outer = Packet(UDP, ("203.0.113.1", "203.0.113.2"), data)
    outer.data = outer.data[:2] + struct.pack(">H", 4789) + outer.data[4:]
    _, summary, lines, status = told([sll(0, outer.ip(outer.seed()))], link=SLL)
    equal([level["l4_near"] for level in lines[0]["levels"]], [word] * 2)
    equal((counted(summary), status), ({word: 1}, 0))


@test
def seeds_of_both_kinds_and_a_wrong_header():
    unfinished, joined = Packet(UDP, FOUR, noise(37)), Packet(TCP, FOUR, noise(37))
    bad = bytearray(unfinished.ip(unfinished.seed()))
    bad[10] ^= 0x35
    frames = [sll(way, p.ip(p.seed())) for way in (0, 4) for p in (unfinished, joined)]
    _, summary, lines, _ = told(frames + [sll(0, bytes(bad))], link=SLL)
    equal([line["verdict"] for line in lines], ["SEEDED"] * 4 + ["BAD"])
    equal((summary["wrong"], summary["right"]), (2, 3))
    out = run("verify", path("near.pcap")).out
    contains(out, "network card finishes them  wrong: 1 arrived so\n",
             "5 packets: 2 wrong, 3 right.")


@test
def what_arrived_unfinished_is_worse_than_what_was_not_captured():
    """The tunnel's own end is cut off, behind the packet inside."""
    inside = Packet(UDP, FOUR, noise(37))
    data = b"\x08\0\0\0\0\0\7\0" + ether(inside.ip(inside.seed()), pad=bytes(40))
    outer = Packet(UDP, ("203.0.113.1", "203.0.113.2"), data)
    outer.data = outer.data[:2] + struct.pack(">H", 4789) + outer.data[4:]
    frame = sll(0, outer.ip(outer.right()))
    _, summary, lines, status = told([(frame[:-30], len(frame))], link=SLL)
    equal([level["l4"] for level in lines[0]["levels"]], ["UNCHECKED", "SEEDED"])
    equal((lines[0]["verdict"], summary["wrong"], status), ("SEEDED", 1, 1))


main()
