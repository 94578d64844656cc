#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Protocols other than TCP, UDP and ICMP, each with its checksum worked out by its RFC. Usage:
test_protocols.py CSUMOFF DATA; see captures.py."""

import struct

from captures import *

FOUR, SIX = ("192.0.2.1", "198.51.100.2"), ("2001:db8::1", "2001:db8::2")
IGMP, DCCP, RSVP, EIGRP, OSPF, PIM, VRRP, UDPLITE = 2, 33, 46, 88, 89, 103, 112, 136


def summed(data, at, covered=None, pseudo=b""):
    """data with its checksum at `at`, over `covered` of it."""
    data = data[:at] + b"\0\0" + data[at + 2:]
    value = ~ones_sum(pseudo + (data if covered is None else covered(data))) & 0xFFFF
    return data[:at] + struct.pack(">H", value) + data[at + 2:]


def pseudo(pair, proto, length):
    return address(pair[0]) + address(pair[1]) + struct.pack(">II", length, proto)


def udplite(pair, coverage, payload=b"some payload!"):
    data = struct.pack(">HHHH", 5000, 53, coverage, 0) + payload
    data = summed(data, 6, lambda d: d[:coverage or len(d)], pseudo(pair, UDPLITE, len(data)))
    return data


def dccp(pair, coverage, payload=b"some payload!"):
    """Data with 48-bit sequence numbers; a header of 16 bytes."""
    data = struct.pack(">HHBBHBBHI", 5000, 6000, 4, coverage, 0, 2 << 1 | 1, 0, 0, 7) + payload
    covered = len(data) if coverage == 0 else 16 + 4 * (coverage - 1)
    return summed(data, 6, lambda d: d[:covered], pseudo(pair, DCCP, len(data)))


def ospf2(kind=0, key=bytes(8)):
    """A Hello; the 64 bits of authentication are no part of the sum: RFC 2328, section D.4."""
    data = struct.pack(">BBHIIHH", 2, 1, 44, 0x01020304, 0, 0, kind) + key + bytes(range(20))
    return summed(data, 12, lambda d: d[:16] + d[24:])


def ospf3():
    data = struct.pack(">BBHIIHBB", 3, 1, 36, 0x01020304, 0, 0, 0, 0) + bytes(range(20))
    return summed(data, 12, None, pseudo(SIX, OSPF, len(data)))


def pim(version_and_type=0x20, body=bytes(range(30)), pair=None, covered=None):
    data = bytes([version_and_type, 0, 0, 0]) + body
    head = pseudo(pair, PIM, covered or len(data)) if pair else b""
    return summed(data, 2, lambda d: d[:covered], head)


def gre(payload, kind=0x0800):
    return summed(struct.pack(">HHHH", 0x8000, kind, 0, 0) + payload, 4)


def eigrp(version=2):
    return summed(struct.pack(">BBHIIIHH", version, 5, 0, 0, 0, 0, 0, 100) + bytes(range(12)), 2)


def rsvp(version=1, length=20, after=b"", check=True):
    data = struct.pack(">BBHBBH", version << 4, 1, 0, 64, 0, length) + bytes(range(12))
    return (summed(data, 2) if check else data) + after


# The protocol's number, its name, the L4 packet, and which of its bytes is in the sum (None: each).
RIGHT = [
    (4, IGMP, "IGMP", summed(struct.pack(">BBHI", 0x16, 0, 0, 0xEF010203), 2), None),
    (4, IGMP, "IGMP", summed(bytes.fromhex("22000000000000010400000000000001ef010203"), 2), None),
    (4, OSPF, "OSPF", ospf2(), None), (4, OSPF, "OSPF", ospf2(1, b"password"), None),
    (6, OSPF, "OSPF", ospf3(), None),
    (4, VRRP, "VRRP", summed(bytes.fromhex("2101640100010000c0000201") + bytes(8), 6), None),
    (6, VRRP, "VRRP", summed(bytes.fromhex("310164010064") + bytes(2) + address("fe80::1"), 6, None,
                             pseudo(SIX, VRRP, 24)), None),
    (4, PIM, "PIM", pim(), None), (6, PIM, "PIM", pim(pair=SIX), None),
    # A Register message's checksum covers its header alone: RFC 7761, section 4.9.
    (4, PIM, "PIM", pim(0x21, bytes(4) + v4(UDP), covered=8), range(8)),
    (6, PIM, "PIM", pim(0x21, bytes(4) + v6(UDP), SIX, 8), range(8)),
    (4, UDPLITE, "UDP-Lite", udplite(FOUR, 0), None),
    (4, UDPLITE, "UDP-Lite", udplite(FOUR, 12), range(12)),
    (6, UDPLITE, "UDP-Lite", udplite(SIX, 0), None),
    (6, UDPLITE, "UDP-Lite", udplite(SIX, 8), range(8)),
    (4, DCCP, "DCCP", dccp(FOUR, 0), None), (6, DCCP, "DCCP", dccp(SIX, 0), None),
    (4, DCCP, "DCCP", dccp(FOUR, 1), range(16)), (6, DCCP, "DCCP", dccp(SIX, 2), range(20)),
    (4, SCTP, "SCTP", sctp(), None), (6, SCTP, "SCTP", sctp(), None),
    (4, GRE, "GRE", gre(bytes(range(30)), 0x88CC), None),
    (6, GRE, "GRE", gre(bytes(range(31)), 0x88CC), None),
    (4, EIGRP, "EIGRP", eigrp(), None), (6, EIGRP, "EIGRP", eigrp(), None),
    (4, RSVP, "RSVP", rsvp(), None), (4, RSVP, "RSVP", rsvp(after=b"\1\2\3\4"), range(20)),
    (6, RSVP, "RSVP", rsvp(), None),
]
# Their lengths, versions and types: where a bit makes something else of the packet.
MEANING = {OSPF: [0, 2, 3, 14, 15], VRRP: [0], PIM: [0], UDPLITE: [4, 5], DCCP: [4, 5, 8],
           GRE: [0, 1], EIGRP: [0], RSVP: [0, 6, 7], SCTP: [], IGMP: []}


def packet(version, proto, data):
    return ip4(proto, data, *FOUR) if version == 4 else ip6(proto, data, *SIX)


@test
def each_is_right():
    write("right.pcap", pcap([ether(packet(*row[:2], row[3])) for row in RIGHT]))
    got, p = verdicts("right.pcap")
    equal((got, p.returncode), (["GOOD"] * len(RIGHT), 0))
    for row, (_, _, name, _, _) in zip(rows(p.out), RIGHT):
        contains(row[4], name + " ")


@test
def behind_authentication_headers():
    """The protocol is that of the checksum, over IPv4 as well as over IPv6."""
    ah = lambda following: bytes([following, 4, 0, 0]) + bytes(20)
    for version, proto, name, data, _ in RIGHT + [(4, TCP, "TCP", l4(TCP, *FOUR), None),
                                                  (4, UDP, "UDP", l4(UDP, *FOUR), None),
                                                  (6, UDP, "UDP", l4(UDP, *SIX), None)]:
        pair, put = (FOUR, ip4) if version == 4 else (SIX, ip6)
        if proto in (GRE, RSVP, EIGRP):
            continue
        write("ah.pcap", pcap([ether(put(51, ah(proto) + data, *pair)),
                               ether(put(51, ah(51) + ah(proto) + data, *pair)),
                               ether(put(51, ah(proto) + data, *pair)[:-len(data)])]))
        got = [json.loads(line) for line in
               run("verify", "--json", path("ah.pcap")).out.splitlines()[:-1]]
        equal([(p["protocol"], p["ip_protocol"], p["l4"]) for p in got],
              [(name, proto, "GOOD")] * 2 + [(name, proto, "TRUNCATED")], (version, name))
        p = run("explain", path("ah.pcap"), "1")
        assert "AH" not in p.out, p.out
    # Only the first fragment has the headers, and not all of them need be in it.
    write("ah.pcap", pcap([ether(ip4(51, ah(UDP) + l4(UDP, *FOUR), *FOUR, frag=frag))
                           for frag in (0x2000, 1)]))
    equal([json.loads(line)["protocol"] for line in
           run("verify", "--json", path("ah.pcap")).out.splitlines()[:-1]], ["UDP", "AH"])


@test
def each_bit_that_is_summed_counts_and_no_other():
    """But for bits of the fields that say what is summed."""
    frames, want, what = [], [], []
    for version, proto, name, data, covered in RIGHT:
        for at in range(len(data)):
            if at in MEANING[proto]:
                continue
            damaged = data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1:]
            counts = covered is None or at in covered
            if proto == OSPF and version == 4:
                counts = not 16 <= at < 24
            frames.append(ether(packet(version, proto, damaged)))
            want.append("BAD" if counts else "GOOD")
            what.append((name, version, at))
    write("wrong.pcap", pcap(frames))
    got = [each[0][1] for _, each in levels("wrong.pcap")]
    for verdict, expected, where in zip(got, want, what):
        equal(verdict, expected, where)
    counts = want.count("BAD"), want.count("GOOD")
    assert counts[0] > 500 and counts[1] > 100, counts


@test
def finish_all_makes_each_of_them():
    """finish leaves them as they are: no card makes them."""
    wrong = {IGMP: 2, OSPF: 12, VRRP: 6, PIM: 2, UDPLITE: 6, DCCP: 6, SCTP: 8, GRE: 4, EIGRP: 2,
             RSVP: 2}
    frames = [ether(packet(version, proto, data[:wrong[proto]] + bytes([data[wrong[proto]] ^ 1]) +
                           data[wrong[proto] + 1:])) for version, proto, _, data, _ in RIGHT]
    write("wrong.pcap", pcap(frames, order="="))
    equal([verdict for verdict, _ in levels("wrong.pcap")], ["BAD"] * len(RIGHT))
    p = finish("wrong.pcap", "wrong.out")
    contains(p.out, "0 finished, %d left as they were (%d wrong)" % (len(RIGHT), len(RIGHT)))
    equal(read("wrong.out"), read("wrong.pcap"))
    finish("wrong.pcap", "wrong.all", "--all")
    equal([data for _, _, _, data in unpcap(read("wrong.all"))[2]],
          [ether(packet(version, proto, data)) for version, proto, _, data, _ in RIGHT])


@test
def vrrp_version_3_over_ipv4_that_is_wrong_for_everybody():
    vrrp3 = bytes.fromhex("310164010064") + bytes(2) + address("192.0.2.1")
    right = [summed(vrrp3, 6), summed(vrrp3, 6, None, pseudo(FOUR, VRRP, len(vrrp3)))]
    wrong = [vrrp3] + [data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
                       for data in right for at in range(1, len(data))]
    write("vrrp.pcap", pcap([ether(ip4(VRRP, data, *FOUR)) for data in right + wrong]))
    equal([verdict for verdict, _ in levels("vrrp.pcap")],
          ["UNCHECKED"] * 2 + ["BAD"] * len(wrong))
    equal(run("verify", path("vrrp.pcap")).returncode, 1)
    # It is made as RFC 9568 has it.
    finish("vrrp.pcap", "vrrp.out", "--all")
    equal([data for _, _, _, data in unpcap(read("vrrp.out"))[2]],
          [ether(ip4(VRRP, data, *FOUR)) for data in right + [summed(data, 6) for data in wrong]])


@test
def what_has_no_checksum_to_be_judged():
    vrrp3 = bytes.fromhex("310164010064") + bytes(2) + address("192.0.2.1")
    # Of version 3 over IPv4 either sum is somebody's: RFC 5798, section 5.2.8; RFC 9568.
    for data in summed(vrrp3, 6), summed(vrrp3, 6, None, pseudo(FOUR, VRRP, len(vrrp3))):
        write("none.pcap", pcap([ether(ip4(VRRP, data))]))
        p = run("verify", path("none.pcap"))
        equal((rows(p.out)[0][3], p.returncode), ("UNCHECKED", 0))
        contains(p.out, "(ambiguous sum)", "VRRP 192.0.2.1", "1 ambiguous sum")
        p = run("explain", path("none.pcap"), "1")
        contains(" ".join(p.out.split()), "RFC 9568 leaves it out")
        p = run("verify", "--json", path("none.pcap"))
        equal(json.loads(p.out.splitlines()[0])["reason"], "ambiguous sum")
    for version, proto, data in [
            (4, OSPF, ospf2(2)), (4, OSPF, ospf3()), (6, OSPF, ospf2()),
            (4, VRRP, b"\x51" + vrrp3[1:]),
            (4, VRRP, b"\x11" + vrrp3[1:]), (6, VRRP, b"\x21" + vrrp3[1:]), (4, PIM, pim(0x10)),
            (4, GRE, bytes.fromhex("000088cc") + bytes(20)), (4, EIGRP, eigrp(1)),
            (4, EIGRP, bytes(4)),
            (4, EIGRP, b"\2" + bytes(15)), (4, RSVP, rsvp(2)), (4, RSVP, rsvp(check=False)),
            (4, RSVP, rsvp(length=7)), (4, RSVP, rsvp(length=21)),
            (4, RSVP, bytes.fromhex("10010203400000")),
            (4, 50, bytes(30)), (4, 132 + 1, bytes(30)), (6, 59, b"")]:
        write("none.pcap", pcap([ether(packet(version, proto, data))]))
        p = run("verify", path("none.pcap"))
        equal((rows(p.out)[0][3], p.returncode), ("UNCHECKED", 0), (version, proto, data.hex()))
        contains(p.out, "(protocol %d)" % proto)


@test
def each_of_them_cut():
    """Wherever the capture ends, nothing is called wrong."""
    for version, proto, name, data, _ in RIGHT:
        whole = ether(packet(version, proto, data))
        write("cut.pcap", pcap([(whole[:n], len(whole)) for n in range(14, len(whole))]))
        p = run("verify", path("cut.pcap"))
        got = [row[3] for row in rows(p.out)]
        equal(p.returncode, 0, name)
        assert set(got) <= {"UNCHECKED", "GOOD"}, (name, got)


main()
