#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What verify says of captures: verdicts, columns, JSON, every link type.
Usage: test_verify.py CSUMOFF DATA; see captures.py."""

import decimal
import json
import os
import socket
import struct
import subprocess

from captures import *


@test
def five_packets_five_verdicts():
    good = struct.unpack_from(">H", v4(TCP), 36)[0]
    write("five.pcap", pcap([ether(v4(TCP, "bad")), ether(v4(UDP, "seed")), ether(v4(UDP, "zero")),
                             ether(v4(UDP, frag=100)), ether(v4(TCP, claim=9))]))
    got, p = verdicts("five.pcap")
    equal(got, ["BAD", "SEEDED", "ABSENT", "UNCHECKED", "TRUNCATED"])
    equal(p.returncode, 1, "exit status")
    contains(p.out, "0x%04x  0x%04x" % (good ^ 0x0100, good), "(fragment)",
             "TCP 192.0.2.1:40000 > 198.51.100.2:80",
             "5 packets: 1 wrong, 2 right, 2 not to be checked.")


@test
def one_of_everything():
    got, p = verdicts("zoo.pcap")
    equal(got, [verdict for verdict, _ in ZOO])
    equal(p.returncode, 1, "exit status")
    contains(p.out, "(protocol 47)", "(not IP)", "ARP", "vlan 7.9",
             "IPv4 header: found 0x", "[2001:db8::1]:5000 > [2001:db8::2]:53")


@test
def columns_are_aligned():
    lines = run("verify", path("zoo.pcap")).out.splitlines()
    at = lines[0].index("packet")
    for line in lines[1:len(ZOO) + 1]:
        assert line[at - 1] == " " and line[at] != " ", line


@test
def nothing_wrong_is_exit_0():
    p = run("verify", path("fine.pcap"))
    equal(p.returncode, 0, "exit status")
    contains(p.out, "2 packets: none wrong, 2 right.")


@test
def a_wrong_ipv4_header_alone_is_exit_1():
    packet = v4(UDP, bad=True)
    found = struct.unpack_from(">H", packet, 10)[0]
    write("header.pcap", pcap([ether(packet)]))
    got, p = verdicts("header.pcap")
    equal((got, p.returncode), (["GOOD"], 1))
    equal(rows(p.out)[0][2], "BAD")
    contains(p.out, "IPv4 header: found 0x%04x, expected 0x%04x" % (found, found ^ 1))


@test
def snapped_is_never_bad():
    frame = ether(v4(TCP, "bad", payload=bytes(500)))
    write("snapped.pcap", pcap([(frame[:96], len(frame)), (frame[:20], len(frame))], snaplen=96))
    got, p = verdicts("snapped.pcap")
    equal((got, p.returncode), (["UNCHECKED"] * 2, 0))
    contains(p.out, "(snapped)", "TCP 192.0.2.1:40000")


@test
def snapped_by_a_writer_that_forgot_the_length():
    frame = ether(v4(TCP, payload=bytes(500)))
    write("snaplen.pcap", pcap([frame[:96]], snaplen=96))
    got, p = verdicts("snaplen.pcap")
    equal(got, ["UNCHECKED"])
    contains(p.out, "(snapped)")


def broken(packet):
    """UDP with a length that is shorter than its header."""
    return packet[:24] + b"\0\3" + packet[26:]


# Packets whose L4 checksum can't be judged, and how much of them is captured.
HEADERS = [
    ("UNCHECKED", v4(UDP, frag=0x2000), None), ("UNCHECKED", v4(UDP, frag=100), None),
    ("UNCHECKED", ip4(50, bytes(24)), None), ("UNCHECKED", ip4(47, bytes(24)), None),
    ("TRUNCATED", v4(TCP, claim=40), None), ("TRUNCATED", ip4(TCP, bytes(7)), None),
    ("TRUNCATED", v4(TCP, claim=40, options=b"\1" * 20), None),
    ("MALFORMED", broken(v4(UDP)), None),
    ("MALFORMED", ip4(TCP, bytes(30), claim=-40), None),
    # Cut in the payload, in the L4 header, right behind the IPv4 header.
    ("UNCHECKED", v4(TCP), 46), ("UNCHECKED", v4(TCP), 25), ("UNCHECKED", v4(TCP), 20),
    ("UNCHECKED", v4(UDP, options=b"\1" * 8), 28), ("UNCHECKED", v4(ICMP), 21),
]
LINKS = [
    lambda p: ether(p), lambda p: ether(p, tags=[(0x88A8, 7), (0x8100, 9)]),
    lambda p: ether(bytes.fromhex("0001004000020140") + p, kind=0x8847),
    lambda p: ether(bytes.fromhex("11000001") + struct.pack(">HH", len(p) + 2, 0x21) + p,
                    kind=0x8864),
    lambda p: ether(bytes.fromhex("aaaa030000000800") + p, kind=len(p) + 8),
]


def cut(packet, link, have):
    whole = link(packet)
    return whole if have is None else (whole[:len(whole) - len(packet) + have], len(whole))


@test
def ipv4_headers_are_judged_wherever_they_are_whole():
    for n, link in enumerate(LINKS):
        for how in "GOOD", "BAD", "BLANK":
            write("headers.pcap", pcap([cut(with_header(packet, how), link, have)
                                        for _, packet, have in HEADERS]))
            got, p = verdicts("headers.pcap")
            equal((got, [row[2] for row in rows(p.out)]),
                  ([verdict for verdict, _, _ in HEADERS], [how] * len(HEADERS)), (n, how))
            equal(p.returncode, int(how == "BAD"), "exit status")
            equal([verdict for verdict, _ in levels("headers.pcap")],
                  [how if how == "BAD" else verdict for verdict, _, _ in HEADERS])
            equal(p.out.count("192.0.2.1"), len(HEADERS), "addresses")
    # One that is not there to its end, or no IPv4 header at all, is not.
    odd = v4(UDP, bad=True, options=b"\1" * 8)
    write("headers.pcap", pcap([(ether(odd)[:14 + 27], 75), ether(odd[:27]),
                                ether(b"\x41" + odd[1:]), ether(b"\x55" + odd[1:]),
                                ether(odd, kind=0x86DD), ether(odd, kind=0x0806)]))
    got, p = verdicts("headers.pcap")
    equal(([row[2] for row in rows(p.out)], p.returncode), (["-"] * 6, 0))


@test
def ipv4_headers_are_finished_wherever_they_are_whole():
    for link in LINKS:
        frames = {how: pcap([cut(with_header(packet, how), link, have)
                             for _, packet, have in HEADERS], order="=")
                  for how in ("GOOD", "BAD", "BLANK")}
        for how, args, said in [
            ("GOOD", (), "0 finished, 14 left as they were (5 snapped, 2 fragments)"),
            ("BAD", (), "0 finished, 14 left as they were (5 snapped, 2 fragments, 14 wrong)"),
            ("BLANK", (), "14 finished, 0 left"),
            ("GOOD", ("--all",),
             "0 recomputed (0 changed), 14 left as they were (5 snapped, 2 fragments)"),
            ("BAD", ("--all",), "14 recomputed (14 changed), 0 left"),
            ("BLANK", ("--all",), "14 recomputed (14 changed), 0 left"),
        ]:
            write("headers.pcap", frames[how])
            p = finish("headers.pcap", "headers.out", *args)
            contains(p.out, said)
            equal(unpcap(read("headers.out")),
                  unpcap(frames["BAD" if "wrong" in said else "GOOD"]), (how, args))


@test
def headers_inside_what_was_cut():
    """They are written only where no checksum around them, which can't be made again, covers
    them."""
    def inside(how, check):
        return vxlan(ether(with_header(v4(TCP, payload=bytes(900)), how)), check)

    frames = [inside(how, check)[:140] for check in ("zero", "now") for how in ("BLANK", "BAD")]
    length = len(inside("BAD", "now"))
    write("inside.pcap", pcap([(frame, length) for frame in frames]))
    equal(levels("inside.pcap"),
          [("UNCHECKED", [("GOOD", "UNCHECKED"), ("BLANK", "UNCHECKED")]),
           ("BAD", [("GOOD", "UNCHECKED"), ("BAD", "UNCHECKED")])] * 2)
    right = inside("GOOD", "zero")[:140]
    finish("inside.pcap", "inside.out")
    equal([data for _, _, _, data in unpcap(read("inside.out"))[2]], [right] + frames[1:])
    finish("inside.pcap", "inside.out", "--all")
    equal([data for _, _, _, data in unpcap(read("inside.out"))[2]], [right] * 2 + frames[2:])


@test
def only_the_trailer_was_cut():
    frames = [ether(v4(UDP, check), pad=bytes(13))
              for check in ("good", "bad", "seed")]
    write("trailer.pcap", pcap([(frame[:-n], len(frame)) for frame in frames for n in (3, 13, 14)]))
    got, p = verdicts("trailer.pcap")
    equal((got, p.returncode), ([v for w in ("GOOD", "BAD", "SEEDED")
                                 for v in (w, w, "UNCHECKED")], 1))
    finish("trailer.pcap", "trailer.out")
    equal([data for _, _, _, data in unpcap(read("trailer.out"))[2]][6:],
          [frames[0][:-3], frames[0][:-13], frames[2][:-14]])


@test
def super_frames_with_an_ip_length_of_0():
    payload = bytes(range(256)) * 300
    def zero_length(packet, at):
        packet = packet[:at] + b"\0\0" + packet[at + 2:]
        if packet[0] >> 4 == 6:
            return packet
        packet = with_header(packet, "BLANK")
        return packet[:10] + struct.pack(">H", ~ones_sum(packet[:20]) & 0xFFFF) + packet[12:]

    def four(check):
        data = l4(TCP, "192.0.2.1", "198.51.100.2", payload, check)
        return zero_length(ip4(TCP, data, claim=-len(data)), 2)

    def six(check):
        data = l4(TCP, "2001:db8::1", "2001:db8::2", payload, check)
        return zero_length(struct.pack(">IHBB", 6 << 28, 0, TCP, 64) + address("2001:db8::1") +
                           address("2001:db8::2") + data, 4)

    checks = ["good", "bad", "seed", "gso"]
    for make in four, six:
        for link, frame in (ETHERNET, ether), (RAW, lambda p: p):
            write("super.pcap", pcap([frame(make(check)) for check in checks], link))
            got, p = verdicts("super.pcap")
            equal(got, ["GOOD", "BAD", "SEEDED", "SEEDED-GSO"])
            finish("super.pcap", "super.out")
            equal([data for _, _, _, data in unpcap(read("super.out"))[2]],
                  [frame(make(check)) for check in ("good", "bad", "good", "good")])


@test
def sctp_has_32_bits():
    right = crc32c(sctp(check=0))
    write("sctp.pcap", pcap([ether(ip4(SCTP, sctp())), ether(ip6(SCTP, sctp(check=0x01020304))),
                             ether(ip6(SCTP, sctp(check=0)))]))
    got, p = verdicts("sctp.pcap")
    equal((got, p.returncode), (["GOOD", "BAD", "BAD"], 1))
    wire = "0x" + struct.pack("<I", right).hex()
    contains(p.out, wire, "0x04030201  " + wire, "SCTP 192.0.2.1:5000 > 198.51.100.2:6000")
    packet = json.loads(run("verify", "--json", path("sctp.pcap")).out.splitlines()[1])
    equal((packet["l4_found"], packet["l4_expected"], packet["csum_offset"]),
          ("0x04030201", wire, 8))
    finish("sctp.pcap", "sctp.all", "--all")
    equal([data for _, _, _, data in unpcap(read("sctp.all"))[2]],
          [ether(ip4(SCTP, sctp())), ether(ip6(SCTP, sctp())), ether(ip6(SCTP, sctp()))])


@test
def a_blank_ipv4_header_is_not_wrong():
    frames = [ether(v4(TCP)), ether(v4(TCP, "seed")), ether(v4(UDP, "zero"))]
    write("blank.pcap", pcap([blank(frame) for frame in frames] +
                             [blank(ether(v4(UDP, "bad"))), ether(v4(UDP, bad=True))]))
    got, p = verdicts("blank.pcap")
    equal((got, p.returncode), (["GOOD", "SEEDED", "ABSENT", "BAD", "GOOD"], 1))
    equal([row[2] for row in rows(p.out)], ["BLANK"] * 4 + ["BAD"])
    right = struct.unpack_from(">H", v4(TCP), 10)[0]
    contains(p.out, "IPv4 header: 0, left to the network card; expected 0x%04x" % right,
             "4 packets have an IPv4 header checksum of 0, left to the network card.")
    packets = [json.loads(line) for line in
               run("verify", "--json", path("blank.pcap")).out.splitlines()]
    equal([o["verdict"] for o in packets[:5]], ["BLANK", "SEEDED", "BLANK", "BAD", "BAD"])
    equal((packets[0]["l3"], packets[0]["l3_found"]), ("BLANK", "0x0000"))
    equal((packets[5]["summary"]["wrong"], packets[5]["summary"]["right"]), (2, 3))
    p = finish("blank.pcap", "blank.out")
    contains(p.out, "4 finished, 1 left as it was (2 wrong)")
    frames[1] = ether(v4(TCP))
    equal([data for _, _, _, data in unpcap(read("blank.out"))[2]],
          frames + [ether(v4(UDP, "bad")), ether(v4(UDP, bad=True))])
    write("blank.pcap", pcap([blank(frame) for frame in frames]))
    equal(verdicts("blank.pcap")[1].returncode, 0, "exit status")


@test
def other_protocols_and_routes():
    igmp = struct.pack(">BBHI", 0x16, 0, 0, 0xEF010203)
    igmp = igmp[:2] + struct.pack(">H", ~ones_sum(igmp) & 0xFFFF) + igmp[4:]
    def lite(coverage):
        data = struct.pack(">HHHH", 5000, 53, coverage, 0) + b"some payload!"
        seed = address("192.0.2.1") + address("198.51.100.2") + struct.pack(">II", len(data), 136)
        sum_ = ones_sum(seed + data[:coverage or len(data)])
        return data[:6] + struct.pack(">H", ~sum_ & 0xFFFF or 0xFFFF) + data[8:]
    route = struct.pack(">BBBBI", UDP, 0, 200, 1, 0)
    for verdict, name, packet in [
        ("GOOD", "IGMP", ip4(2, igmp)), ("BAD", "IGMP", ip4(2, igmp[:-1] + b"\xff")),
        ("GOOD", "UDP-Lite", ip4(136, lite(0))), ("GOOD", "UDP-Lite", ip4(136, lite(12))),
        ("GOOD", "UDP-Lite", ip4(136, lite(12)[:-1] + b"?")),
        ("BAD", "UDP-Lite", ip4(136, lite(0)[:-1] + b"?")),
        ("UNCHECKED", "(unknown route)", v6(UDP, extensions=route, first=ROUTING)),
    ]:
        write("other.pcap", pcap([ether(packet)]))
        got, p = verdicts("other.pcap")
        equal((got, p.returncode), ([verdict], int(verdict == "BAD")), name)
        contains(p.out, name)


@test
def behind_other_link_headers():
    """What is there behind MPLS, PPPoE, SNAP and tags of any type; and who speaks to whom."""
    packet, seed = v4(TCP), v4(TCP, "seed")
    frames = [lambda p: ether(bytes.fromhex("0001004000020140") + p, kind=0x8847),
              lambda p: ether(bytes.fromhex("11000001") + struct.pack(">HH", len(p) + 2, 0x21) + p,
                              kind=0x8864),
              lambda p: ether(bytes.fromhex("aaaa030000000800") + p, kind=len(p) + 8),
              lambda p: ether(p, tags=[(0x9100, 5), (0x8100, 6)])]
    write("links.pcap", pcap([f(p) for f in frames for p in (packet, seed)]))
    got, p = verdicts("links.pcap")
    equal((got, p.returncode), (["GOOD", "SEEDED"] * 4, 0))
    equal(p.out.count("TCP 192.0.2.1:40000 > 198.51.100.2:80"), 8)
    finish("links.pcap", "links.out")
    equal([data for _, _, _, data in unpcap(read("links.out"))[2]],
          [f(packet) for f in frames for _ in range(2)])


@test
def every_link_type():
    four, six = v4(TCP, "seed"), v6(UDP)
    tag, outer_tag = struct.pack(">HH", 42, 0x0800), struct.pack(">HH", 1, 0x8100)
    for link, frames in {
        ETHERNET: [ether(four), ether(six)],
        RAW: [four, six], 12: [four, six], 14: [four, six],
        IPV4: [four], IPV6: [six],
        NULL: [struct.pack(o + "I", f) + four for f in (2, 0x0800) for o in "<>"] +
              [struct.pack(o + "I", f) + six
               for f in (10, 23, 24, 26, 28, 30, 0x86DD) for o in "<>"],
        LOOP: [struct.pack(">I", 2) + four, struct.pack(">I", 24) + six],
        SLL: [sll(0x0800, four), sll(0x86DD, six), sll(0x8100, tag + four)],
        SLL2: [sll2(0x0800, four), sll2(0x86DD, six), sll2(0x88A8, outer_tag + tag + four)],
    }.items():
        want = ["SEEDED" if four in frame else "GOOD" for frame in frames]
        for order in "<>":
            write("link.pcap", pcap(frames, link, order))
            got, p = verdicts("link.pcap")
            equal((got, p.returncode), (want, 0), "link type %d" % link)
        contains(p.out, "TCP 192.0.2.1:40000" if four in frames[0] else "UDP [2001:db8::1]:5000")
        # Finishing must find them as well.
        finish("link.pcap", "link.out")
        equal(unpcap(read("link.out"))[1], link, "link type written")
        got, p = verdicts("link.out")
        equal((got, p.returncode), (["GOOD"] * len(frames), 0), "link type %d, finished" % link)


@test
def link_types_with_headers_of_varying_length():
    four, six = v4(TCP, "seed"), v6(UDP)
    ip, ip6_ = SNAP + b"\x08\0" + four, SNAP + b"\x86\xdd" + six
    tagged = struct.pack(">HHH", 0x8100, 42, 0x0800) + four
    for link, frames in {
        PPP: [b"\xff\x03\0\x21" + four, b"\xff\x03\0\x57" + six, b"\0\x21" + four,
              b"\x21" + four, b"\xff\x03\x57" + six],
        SERIAL: [b"\xff\x03\0\x21" + four, b"\x0f\0\x08\0" + four, b"\x8f\0\x86\xdd" + six],
        PPPOE: [b"\x11\0\0\x05" + struct.pack(">H", 2 + len(four)) + b"\0\x21" + four],
        PPP_DIRECTION: [b"\1\xff\x03\0\x21" + four, b"\0\0\x57" + six],
        HDLC: [b"\x0f\0\x08\0" + four, b"\x8f\0\x86\xdd" + six],
        FRELAY: [b"\x18\x41\x03\xcc" + four, b"\x18\x41\x03\0\x8e" + six,
                 b"\x18\x40\x40\x41\x03\xcc" + four, b"\x18\x41\x08\0" + four,
                 b"\x18\x41\x03\0\x80\0\0\0\x08\0" + four],
        FDDI: [b"\x50" + bytes(12) + ip, b"\x50" + bytes(12) + ip6_,
               b"\x50" + bytes(12) + SNAP + tagged],
        WIFI: [wifi(ip), wifi(ip6_, 0x0802), wifi(ip, 0x8801, b"\0\0"),
               wifi(ip, 0x8881, b"\0\0htc_"), wifi(ip, 0x0803, b"addr_4"),
               wifi(ip6_, 0x8883, b"addr_4\0\0htc_")],
        RADIOTAP: [radiotap(wifi(ip), b"", 0), radiotap(wifi(ip) + b"fcs!", b"\x10", 2),
                   radiotap(wifi(ip, 0x8801, b"\0\0\0\0"), b"\x20", 2),
                   radiotap(wifi(ip, 0x8801, b"\0\0"), b"\x20", 4),
                   radiotap(wifi(ip6_, 0x8801, b"\0\0\0\0"), b"\xff" * 8 + b"\x20", 3),
                   radiotap(wifi(ip6_, 0x8801, b"\0\0\0\0"), bytes(4) + b"\xdf" * 8 + b"\x20",
                            3 | 1 << 31, 0)],
        PKTAP: [pktap(ETHERNET, ether(four)), pktap(RAW, six, 156),
                pktap(ETHERNET, ether(four, kind=0x8847).replace(four, b"\0\1\1\x40" + four)),
                pktap(NULL, struct.pack("<I", 30) + six),
                pktap(RADIOTAP, radiotap(wifi(ip), b"", 0))],
    }.items():
        want = ["SEEDED" if four in frame else "GOOD" for frame in frames]
        for order in "<>":
            write("link.pcap", pcap(frames, link, order))
            got, p = verdicts("link.pcap")
            equal((got, p.returncode), (want, 0), "link type %d" % link)
            equal(p.out.count("TCP 192.0.2.1:40000 >") + p.out.count("UDP [2001:db8::1]:5000 >"),
                  len(frames), "link type %d" % link)
        finish("link.pcap", "link.out")
        _, written, packets = unpcap(read("link.out"))
        equal((written, [data for _, _, _, data in packets]),
              (link, [frame.replace(four, v4(TCP)) for frame in frames]))
        # Cut off anywhere, they are not judged, and nothing is read that is not there.
        short = [frame[:n] for frame in frames for n in range(len(frame) - 20)]
        write("short.pcap", pcap(short, link))
        got, p = verdicts("short.pcap")
        assert not {"GOOD", "BAD", "SEEDED"} & set(got), "link type %d" % link
        equal((len(got), p.returncode), (len(short), 0))


@test
def nflog_in_the_order_of_any_machine():
    four, six = v4(TCP, "seed"), v6(UDP)
    for order in "<>":
        write("nflog.pcap", pcap([nflog(2, four, order), nflog(10, six, order),
                                  nflog(7, four, order), nflog(2, four, order)[:12],
                                  nflog(2, four, order)[:16],
                                  nflog(2, four, order)[:4] +
                                  struct.pack(order + "HH", 3, 9) + four],
                                 NFLOG, order))
        got, p = verdicts("nflog.pcap")
        equal(got, ["SEEDED", "GOOD", "UNCHECKED", "TRUNCATED", "UNCHECKED", "TRUNCATED"], order)
        contains(p.out, "TCP 192.0.2.1:40000 >", "UDP [2001:db8::1]:5000 >")


@test
def what_is_not_ip_in_each_link_type():
    four = v4(TCP)
    for link, frame, verdict in [
        (SLL, bytes(14) + b"\x08\x06" + bytes(28), "UNCHECKED"),
        (SLL2, b"\x08\x06" + bytes(46), "UNCHECKED"),
        (NULL, struct.pack("<I", 7) + bytes(40), "UNCHECKED"),
        (LOOP, struct.pack(">I", 2) + b"\x60" + four[1:], "MALFORMED"),
        (SLL, bytes(14) + b"\x86\xdd" + four, "MALFORMED"),
        (IPV6, four, "MALFORMED"),
        (SLL, bytes(5), "TRUNCATED"), (NULL, bytes(3), "TRUNCATED"), (SLL2, bytes(19), "TRUNCATED"),
        (SLL, bytes(14) + b"\x81\x00\x00", "TRUNCATED"),
        (SLL2, b"\x81\x00" + bytes(18) + b"\0\1\x81\0" * 4 + b"\0\1\x08\0" + four, "UNCHECKED"),
        (SLL, bytes(14) + b"\x08\x00", "TRUNCATED"),
        (PPP, b"\xff\x03\xc0\x21" + bytes(40), "UNCHECKED"), (PPP, b"\xff\x03", "TRUNCATED"),
        (PPP, b"\0\x57" + four, "MALFORMED"), (HDLC, b"\x8f\0\x80\x35" + bytes(20), "UNCHECKED"),
        (FRELAY, b"\x18\x41\x03\x83" + four, "UNCHECKED"),
        (FRELAY, b"\x18\x41\x03\0\x80\0\x80\xc2\x08\0" + four, "UNCHECKED"),
        (FDDI, b"\x50" + bytes(12) + b"\x42\x42\x03\0\0\0\x08\0" + four, "UNCHECKED"),
        # A beacon, no data, encrypted data, fragments, and several packets in one.
        (WIFI, b"\x80\0" + bytes(40), "UNCHECKED"), (WIFI, wifi(b"", 0x4801), "UNCHECKED"),
        (WIFI, wifi(SNAP + b"\x08\0" + four, 0x0841), "UNCHECKED"),
        (WIFI, wifi(SNAP + b"\x08\0" + four, 0x0805), "UNCHECKED"),
        (WIFI, wifi(SNAP + b"\x08\0" + four, sequence=0x11), "UNCHECKED"),
        (WIFI, wifi(SNAP + b"\x08\0" + four, 0x8801, b"\x80\0"), "UNCHECKED"),
        (RADIOTAP, radiotap(wifi(SNAP + b"\x08\0" + four), b"", 0)[:9], "TRUNCATED"),
        (RADIOTAP, b"\0\0\7\0" + bytes(40), "TRUNCATED"),
        (PKTAP, pktap(147, four), "UNCHECKED"), (PKTAP, pktap(PKTAP, four), "UNCHECKED"),
        (PKTAP, pktap(RAW, four, 108)[:107], "TRUNCATED"),
        (NULL, struct.pack("<I", 2) + four[:19], "TRUNCATED"),
    ]:
        write("odd.pcap", pcap([frame], link))
        got, p = verdicts("odd.pcap")
        equal((got, p.returncode), ([verdict], 0), "link type %d, %s" % (link, frame.hex()))


@test
def unknown_link_type():
    p = run("verify", write("blue.pcap", pcap([bytes(60)], 187)))
    unusable(p, "blue.pcap", "187", "BLUETOOTH_HCI_H4", "not supported")


@test
def pcapng_and_big_endian_and_stdin():
    frames = [ether(v4(TCP)), ether(v6(UDP, "seed"))]
    for data in pcapng(frames), pcap(frames, order=">"), pcap(frames, nano=True):
        for p in run("verify", path(write("in", data))), run("verify", "-", stdin=data):
            equal(([r[3] for r in rows(p.out)], p.returncode), (["GOOD", "SEEDED"], 0), p.err)


@test
def addresses_are_written_as_everywhere_else():
    """Those of IPv6 by RFC 5952; a run of zeros at every place, of every length, and twice."""
    words = [[0xDB8 * (n >> i & 1) for i in range(8)] for n in range(256)]
    words += [[0] * 5 + [0xFFFF, 0xC000, 0x201], [0] * 6 + [0xC000, 0x201], [0] * 6 + [0, 1],
              [0] * 5 + [0xFFFF, 0, 0], [1, 0x20, 0x300, 0x4000, 0xABCD, 0xEF, 0xFFFF, 0x1001]]
    sixes = [struct.pack(">8H", *w) for w in words]
    fours = [bytes(b) for b in ([0, 0, 0, 0], [1, 10, 100, 255], [9, 99, 199, 200], [255] * 4)]
    frames = [ether(v6(UDP)[:8] + a + b + v6(UDP)[40:]) for a, b in zip(sixes, sixes[::-1])]
    frames += [ether(v4(UDP)[:12] + a + b + v4(UDP)[20:]) for a, b in zip(fours, fours[::-1])]

    def text(a):
        # Not every C library writes the IPv4 address in these, ::1 and :: apart.
        if len(a) == 16 and a[:12] == bytes(12) and a[12:14] != bytes(2):
            return "::" + socket.inet_ntop(socket.AF_INET, a[12:])
        return socket.inet_ntop(socket.AF_INET6 if len(a) == 16 else socket.AF_INET, a)

    want = [(text(a), text(b)) for all_ in (sixes, fours) for a, b in zip(all_, all_[::-1])]
    packets = [json.loads(line) for line in run(
        "verify", "--json", write("ends.pcap", pcap(frames))).out.splitlines()[:-1]]
    equal([(p["from"], p["to"]) for p in packets], want)
    contains(run("verify", path("ends.pcap")).out, "UDP [::ffff:192.0.2.1]:5000 > [0:0:db8::]:53",
             "UDP 1.10.100.255:5000 > 9.99.199.200:53")


@test
def no_packets_is_fine():
    p = run("verify", write("none.pcap", pcap([])))
    equal(p.returncode, 0, "exit status")
    contains(p.out, "0 packets")


@test
def unusable_input():
    unusable(run("verify", path("garbage")), "garbage", "not a capture")
    unusable(run("verify", write("text", b"hello")), "text")
    unusable(run("verify", write("empty.pcap", b"")), "empty.pcap", "empty")
    unusable(run("verify", path("missing.pcap")), "missing.pcap", "No such file")
    unusable(run("verify", home.name), home.name)
    unusable(run("verify", "-"), "standard input", "empty")
    unusable(run("finish", path("garbage"), path("never")), "garbage")
    assert not os.path.exists(path("never"))


@test
def a_cut_file_gives_its_rows_and_exit_2():
    whole = pcap([ether(v4(TCP)), ether(v4(UDP)), ether(v4(ICMP))])
    for cut in (1, len(ether(v4(ICMP))), len(ether(v4(ICMP))) + 3):
        got, p = verdicts(os.path.basename(write("cut.pcap", whole[:-cut])))
        equal(got, ["GOOD", "GOOD"])
        unusable(p, "cut.pcap", "packet 3")
        contains(p.out, "2 packets: none wrong")


@test
def an_unusable_capture_does_not_hide_the_others():
    p = run("verify", path("zoo.pcap"), path("garbage"), path("fine.pcap"))
    equal([r[3] for r in rows(p.out)], [v for v, _ in ZOO] + ["SEEDED", "ABSENT"])
    unusable(p, "garbage")
    contains(p.out, "%d packets in 3 captures" % (len(ZOO) + 2))


@test
def json_lines():
    p = run("verify", "--json", path("zoo.pcap"))
    equal(p.returncode, 1, "exit status")
    objects = [json.loads(line) for line in p.out.splitlines()]
    summary = objects.pop()["summary"]
    equal([o["l4"] for o in objects], [verdict for verdict, _ in ZOO])
    equal([o["packet"] for o in objects], list(range(1, len(ZOO) + 1)))
    good = struct.unpack_from(">H", v4(TCP), 36)[0]
    equal(objects[1]["l4_found"], "0x%04x" % (good ^ 256))
    equal(objects[1]["l4_expected"], "0x%04x" % good)
    equal((objects[1]["from"], objects[1]["from_port"]), ("192.0.2.1", 40000))
    equal((objects[6]["to"], objects[6]["to_port"]), ("2001:db8::2", 53))
    equal(objects[12]["vlan"], [7, 9])
    equal((objects[4]["reason"], objects[13]["reason"], objects[15]["reason"]),
          ("fragment", "protocol 47", "not IP"))
    equal((objects[18]["verdict"], objects[18]["l3"], objects[18]["l4"]), ("BAD", "BAD", "GOOD"))
    equal(summary["packets"], len(ZOO))
    equal(summary["wrong"], 3)
    equal(sum(summary["verdicts"].values()), len(ZOO))
    equal(sum(sum(row.values()) for row in summary["protocols"].values()), len(ZOO))
    equal(summary["wrong"] + summary["right"] + summary["unchecked"], len(ZOO))


@test
def json_holds_any_file_name_and_every_digit_of_the_time():
    name = os.fsencode(home.name) + b"/\"q\\ \n \xff \xc3\xa9.pcap"
    with open(name, "wb") as f:
        f.write(pcap([ARP], nano=True, step=123456789))
    p = subprocess.run(TOOL + ["verify", "--json", name], capture_output=True)
    first = json.loads(p.stdout.splitlines()[0].decode(), parse_float=decimal.Decimal)
    equal(first["capture"], home.name + "/\"q\\ \n \ufffd \u00e9.pcap")
    equal(first["time"], decimal.Decimal("1700000000.123456789"))
    p = run("verify", "--json", write("late.pcap", pcap([ARP], step=0xFFFFFFFF)))
    equal(json.loads(p.out.splitlines()[0])["time"], 1700004294.967295)


@test
def summary_only():
    p = run("verify", "--summary", path("zoo.pcap"))
    equal((rows(p.out), p.returncode), ([], 1))
    contains(p.out, "TCP", "ICMPv6", "SEEDED-GSO", "%d packets: 3 wrong" % len(ZOO))
    table = [line.split() for line in p.out.splitlines()]
    assert ["BAD", "2", "1", ".", ".", ".", ".", ".", "3"] in [row[:9] for row in table], p.out
    lines = run("verify", "--summary", "--json", path("zoo.pcap")).out.splitlines()
    equal((len(lines), json.loads(lines[0])["summary"]["packets"]), (1, len(ZOO)))


@test
def every_kernel_gives_the_same_verdicts():
    frames = [frame for _, frame in ZOO]
    for size in list(range(0, 200)) + [1459, 1460, 8999, 65000]:
        payload = bytes((i * 7 + size) & 0xFF for i in range(size))
        frames += [ether(v4(TCP, c, payload=payload)) for c in ("good", "bad", "seed", "gso")]
    write("sizes.pcap", pcap(frames))
    reference = run("verify", path("sizes.pcap"))
    equal([row[3] for row in rows(reference.out)][len(ZOO):],
          ["GOOD", "BAD", "SEEDED", "SEEDED-GSO"] * 204)
    kernels = usable_kernels()
    assert "scalar" in kernels
    for kernel in kernels:
        p = run("--kernel", kernel, "verify", path("sizes.pcap"))
        equal((p.out, p.returncode), (reference.out, reference.returncode), kernel)


main()
