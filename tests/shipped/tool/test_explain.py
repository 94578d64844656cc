#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""csumoff explain: the numbers it prints add up, and to what the RFCs say. Usage: test_explain.py
CSUMOFF DATA; see captures.py."""

import json
import pty
import re
import struct
import subprocess

from captures import *

IGMP, UDPLITE, DCCP, OSPF, PIM, VRRP, HOP, DSTOPTS = 2, 136, 33, 89, 103, 112, 0, 60

# ---- Reading what it says ------------------------------------------------------------------


class Sum:
    """One checksum as it is printed, added up again from its words."""

    def __init__(self, title, lines):
        self.title, self.lines, self.rows = title, lines, []
        self.verdict = title.split()[-1]
        self.values = {}
        for line in lines:
            m = re.match(r"  (CRC32c|complement|expected|found) +(0x[0-9a-f]+)", line)
            if m:
                self.values[m[1]] = int(m[2], 16)
            m = re.match(r"  +(\d+|source|to|protocol|length)  ((?:[0-9a-f]{2,4}|----|\.\.\.).*)"
                         r"  (0x[0-9a-f]{8,})\b", line)
            if m:
                self.rows.append((m[1], m[2], int(m[3], 16)))
        self.is_crc = "CRC32c" in self.values
        assert self.rows, "no words:\n%s" % "\n".join(lines)

    def total(self):
        """Adds the printed words, and compares each sum on the way with the one beside them."""
        total = 0
        for _, words, so_far in self.rows:
            m = re.match(r"\.\.\. \d+ bytes, sum (0x[0-9a-f]+) \.\.\.", words)
            total += int(m[1], 16) if m else sum(int(w, 16) for w in words.split() if w != "----")
            equal("0x%x" % total, "0x%x" % so_far, "sum so far in " + self.title)
        return total

    def data(self):
        """The bytes of the rows, the checksum's own as zeros."""
        text = "".join(words.replace("----", "0000") for _, words, _ in self.rows)
        return bytes.fromhex(text.replace(" ", ""))

    def check(self):
        """Everything printed of an Internet checksum follows from the words."""
        value = total = self.total()
        said = iter(self.lines)
        assert any(line == "  sum         0x%08x" % total for line in said), self.lines
        while value >> 16:
            high, low, value = value >> 16, value & 0xFFFF, (value >> 16) + (value & 0xFFFF)
            equal(next(said), "  folded      0x%04x + 0x%04x = 0x%04x" % (high, low, value))
        equal(self.values["complement"], ~value & 0xFFFF, "complement")
        if self.values["expected"] != self.values["complement"]:
            equal((self.values["complement"], self.values["expected"]), (0, 0xFFFF))
            contains("\n".join(self.lines), "0x0000  sent as 0xffff, for 0 means no checksum")
        right = self.values["found"] % 0xFFFF == self.values["expected"] % 0xFFFF
        equal(self.verdict == "GOOD", right, "verdict of " + self.title)


def explain(name, number, *args):
    p = run("explain", *args, path(name) if isinstance(name, str) else str(name), str(number))
    equal((p.returncode, p.err), (0, ""), "exit status and complaints")
    for line in p.out.splitlines():
        assert len(line) <= 80 or line.startswith("Packet "), "a long line: %r" % line
    return p.out


def sums(out):
    found, title, lines = [], None, []
    for line in out.splitlines() + [""]:
        if re.match(r"\S.*, bytes \d+ to \d+: [A-Z-]+$", line):
            title, lines = line, []
        elif not line and title:
            found.append(Sum(title, lines))
            title = None
        elif title:
            lines.append(line)
    return found


def words(text):
    """A text in one line."""
    return " ".join(text.split())


def explained(frame, link=ETHERNET, *args):
    write("one.pcap", pcap([frame], link=link))
    out = explain("one.pcap", 1, *args)
    found = sums(out)
    for one in found:
        if not one.is_crc:
            one.check()
    return out, found


def good(packet, count=1, link=RAW):
    """Explains a packet with right checksums; returns the last one."""
    out, found = explained(packet, link)
    equal([one.verdict for one in found], ["GOOD"] * count, out)
    return out, found[-1]


# ---- Tests ---------------------------------------------------------------------------------


@test
def a_whole_explanation():
    frame = ether(v4(TCP), tags=[(0x8100, 5)])
    out, (header, tcp) = explained(frame)
    equal(header.title, "IPv4 header, bytes 18 to 37: GOOD")
    equal(tcp.title, "TCP checksum, bytes 38 to 70: GOOD")
    equal([row[0] for row in tcp.rows],
          ["source", "to", "protocol", "length", "38", "54", "70"])
    equal(tcp.data(), address("192.0.2.1") + address("198.51.100.2") + struct.pack(">HH", 6, 33) +
          frame[38:54] + b"\0\0" + frame[56:] + b"\0", "the words")
    seed = ones_sum(address("192.0.2.1") + address("198.51.100.2") + struct.pack(">HH", 6, 33))
    gso = ones_sum(address("192.0.2.1") + address("198.51.100.2") + struct.pack(">HH", 6, 0))
    contains(out, "Packet 1 of %s: %d bytes: GOOD" % (path("one.pcap"), len(frame)),
             "TCP 192.0.2.1:40000 > 198.51.100.2:80 vlan 5", "RFC 1071",
             "Offload: csum_start 38, csum_offset 16, seed 0x%04x, without length 0x%04x" %
             (seed, gso), "CHECKSUM_PARTIAL", "(RFC 791, section 3.1)", "RFC 9293, section 3.1")
    contains(words(out), "Bytes 0 to 17 are the link's header",
             "The odd last byte counts as if a zero byte followed it")
    equal(header.values["found"], struct.unpack_from(">H", frame, 28)[0])
    equal(tcp.values["found"], struct.unpack_from(">H", frame, 54)[0])
    contains("\n".join(tcp.lines), "at byte 54")


@test
def every_verdict():
    for check, verdict, said in (
            ("bad", "BAD", "neither the checksum nor a seed"), ("seed", "SEEDED", "is the seed"),
            ("gso", "SEEDED-GSO", "the seed without the length")):
        right = explained(ether(v4(TCP)))[1][1].values["expected"]
        out, (_, tcp) = explained(ether(v4(TCP, check)))
        equal((tcp.verdict, tcp.values["expected"]), (verdict, right))
        contains(words(out), said)
        seed, gso = re.search(r"seed (0x\w+), without length (0x\w+)", out).groups()
        if check != "bad":
            equal(tcp.values["found"], int(seed if check == "seed" else gso, 16), "seed")
    out, (_, udp) = explained(ether(v4(UDP, "zero")))
    equal((udp.verdict, udp.values["found"]), ("ABSENT", 0))
    contains(words(out), "made no checksum, which UDP over IPv4 may do (RFC 768)")
    out, (header, tcp) = explained(ether(v4(TCP, bad=True)))
    equal((header.verdict, tcp.verdict), ("BAD", "GOOD"))
    contains(words(out), "every router and every receiver drops this packet")
    blank = ether(v4(TCP))
    out, (header, _) = explained(blank[:24] + b"\0\0" + blank[26:])
    equal((header.verdict, header.values["found"]), ("BLANK", 0))
    contains(words(out), "left it to its network card")


@test
def why_it_is_wrong():
    out, _ = explained(ether(v4(UDP, "bad")))
    contains(words(out), "Why: unexplained. No mistake known here gives the value")
    out, _ = explained(ether(v4(TCP, "zero")))
    contains(words(out), "Why: not computed. The field is 0")
    # A seed that was received, which a cooked capture tells.
    for proto, word in ((UDP, "arrived unfinished"), (TCP, "joined on arrival")):
        cooked = struct.pack(">HHH8xH", 0, 1, 6, 0x0800) + v4(proto, "seed")
        out, (_, packet) = explained(cooked, SLL)
        equal(packet.verdict, "SEEDED")
        contains(words(out), "Found is the seed, in a packet that was received. Why: %s." % word)


@test
def zero_is_told_from_ffff():
    # A payload for which the checksum works out as 0.
    data = l4(UDP, "192.0.2.1", "198.51.100.2", b"\0\0")
    check = struct.unpack_from(">H", data, 6)[0]
    payload = struct.pack(">H", check)
    packet = v4(UDP, payload=payload)
    equal(packet[26:28], b"\xff\xff", "the packet made for this")
    _, udp = good(packet, 2)
    equal((udp.values["complement"], udp.values["expected"]), (0, 0xFFFF))
    zeros = v4(TCP, payload=b"\0\0")
    tcp = v4(TCP, payload=struct.pack(">H", struct.unpack_from(">H", zeros, 36)[0]))
    equal(tcp[36:38], b"\0\0", "the packet made for this")
    good(tcp, 2)
    out, found = explained(tcp[:36] + b"\xff\xff" + tcp[38:], RAW)
    equal(found[1].verdict, "GOOD")
    contains(words(out), "the two forms of zero")


def summed(proto, data, at, packet, pseudo=b"", skip=(0, 0), covered=None):
    """An IP packet around data with the right checksum at `at`."""
    view = bytearray(data[:at] + b"\0\0" + data[at + 2:])
    view[skip[0]:skip[1]] = bytes(skip[1] - skip[0])
    value = ~ones_sum(pseudo + bytes(view[:covered])) & 0xFFFF
    if proto in (UDP, UDPLITE):
        value = value or 0xFFFF
    return packet(proto, data[:at] + struct.pack(">H", value) + data[at + 2:])


PAIR4 = address("192.0.2.1") + address("198.51.100.2")
PAIR6 = address("2001:db8::1") + address("2001:db8::2")


@test
def every_protocol():
    payload = bytes(range(1, 50))

    def case(proto, data, at, pseudo4=False, has4=True, has6=True, **more):
        length = more.pop("length", len(data))
        if has4:
            pseudo = PAIR4 + struct.pack(">HH", proto, length) if pseudo4 else b""
            yield summed(proto, data, at, ip4, pseudo, **more), 2
        if has6:
            yield summed(proto, data, at, ip6, PAIR6 + struct.pack(">II", length, proto),
                         **{k: v for k, v in more.items() if k != "skip"}), 1

    dccp = struct.pack(">HHBBHI", 1000, 2000, 4, 1, 0, 0x04000001) + bytes(4) + payload[:32]
    cases = [
        *case(TCP, struct.pack(">HHIIBBHHH", 1, 2, 3, 4, 0x50, 16, 5, 0, 0) + payload, 16, True),
        *case(UDP, struct.pack(">HHHH", 1, 2, 8 + len(payload), 0) + payload, 6, True),
        *case(ICMP, struct.pack(">BBHHH", 8, 0, 0, 1, 1) + payload, 2, has6=False),
        *case(ICMPV6, struct.pack(">BBHHH", 128, 0, 0, 1, 1) + payload, 2, has4=False),
        *case(IGMP, struct.pack(">BBHI", 0x16, 0, 0, 0xE0000001), 2, has6=False),
        *case(GRE, struct.pack(">HHHH", 0x8000, 0x88B5, 0, 0) + payload, 4, has6=False),
        *case(UDPLITE, struct.pack(">HHHH", 1, 2, 12, 0) + payload, 6, True, covered=12),
        *case(UDPLITE, struct.pack(">HHHH", 1, 2, 0, 0) + payload, 6, True),
        *case(DCCP, dccp, 6, True, covered=16),
        *case(PIM, struct.pack(">BBH", 0x20, 0, 0) + payload, 2),
        *case(PIM, struct.pack(">BBHI", 0x21, 0, 0, 0) + payload, 2, covered=8, length=8),
        *case(OSPF, struct.pack(">BBHIIHH8s", 2, 1, 44, 1, 0, 0, 0, b"password") + bytes(20), 12,
              has6=False, skip=(16, 24)),
        *case(OSPF, struct.pack(">BBHIIHBB", 3, 1, 36, 1, 0, 0, 0, 0) + bytes(20), 12, has4=False),
        *case(VRRP, struct.pack(">BBBBBBHI", 0x21, 1, 100, 1, 0, 1, 0, 1) + bytes(8), 6,
              has6=False),
        *case(VRRP, struct.pack(">BBBBHH", 0x31, 1, 100, 1, 100, 0) + bytes(16), 6, has4=False),
    ]
    assert len(cases) > 20
    is_partial = 0
    for packet, count in cases:
        out, one = good(packet, count)
        proto = packet[9] if packet[0] >> 4 == 4 else packet[6]
        contains(out, "RFC")
        covered = [int(n) for n in re.search(r"checksum, bytes (\d+) to (\d+)", out).groups()]
        equal("are in the datagram, but not covered." in words(out),
              covered[1] + 1 < len(packet), "what is not covered")
        is_partial += covered[1] + 1 < len(packet)
        assert ("source" in [row[0] for row in one.rows]) == \
            (packet[0] >> 4 == 6 or proto in (TCP, UDP, UDPLITE, DCCP)), out
        wrong = packet[:-len(payload) // 2] + bytes([packet[-len(payload) // 2] ^ 1]) + \
            packet[-len(payload) // 2 + 1:]
        explained(wrong, RAW)
    equal(is_partial, 6, "packets that are covered in part")


@test
def sctp_is_a_crc():
    frame = ether(ip4(SCTP, sctp(payload=b"a longer chunk, 27 bytes...")))
    out, (_, one) = explained(frame)
    equal(one.verdict, "GOOD")
    data = one.data()
    equal(data, frame[34:42] + bytes(4) + frame[46:], "the bytes")
    at = 0
    for _, line, so_far in one.rows:
        at += len(line.replace(" ", "")) // 2
        equal(crc32c(data[:at]), so_far, "CRC so far")
    equal(one.values["CRC32c"], crc32c(data))
    equal(struct.pack(">I", one.values["expected"]), struct.pack("<I", crc32c(data)))
    equal(one.values["found"], one.values["expected"])
    contains(words(out), "its lowest byte sent first (RFC 9260", "There is no pseudo-header")
    _, (_, one) = explained(ether(ip4(SCTP, sctp(check=7))))
    equal((one.verdict, one.values["found"]), ("BAD", 0x07000000))


@test
def routes_and_homes():
    end = "198.51.100.77"
    for kind, proto in ((131, UDP), (137, TCP), (131, TCP)):
        option = struct.pack(">BBB4sB", kind, 7, 4, address(end), 0)
        _, one = good(ip4(proto, l4(proto, "192.0.2.1", end), options=option), 2)
        equal([r[1].strip() for r in one.rows if r[0] == "to"], ["c633 644d"])
        contains("\n".join(one.lines), "route's end")
    # UDP may also be right for the next hop, as Linux makes it.
    option = struct.pack(">BBB4sB", 131, 7, 4, address(end), 0)
    _, one = good(ip4(UDP, l4(UDP, "192.0.2.1", "198.51.100.2"), options=option), 2)
    assert "route's end" not in "\n".join(one.lines)
    # The first route counts, not one whose pointer is at its end, and no bytes of AH.
    other = struct.pack(">BBB4s", 137, 7, 4, address("198.51.100.99"))
    _, one = good(ip4(TCP, l4(TCP, "192.0.2.1", end), options=option[:7] + other + bytes(2)), 2)
    contains("\n".join(one.lines), "c633 644d")
    for used in 7, 8:
        _, one = good(ip4(TCP, l4(TCP, "192.0.2.1", "198.51.100.2"),
                          options=option[:2] + bytes([used]) + option[3:7] + other + bytes(2)), 2)
        assert "route's end" not in "\n".join(one.lines)
    ah = bytes([TCP, 4, 0, 0]) + other + bytes(13)
    _, one = good(ip4(51, ah + l4(TCP, "192.0.2.1", "198.51.100.2")), 2)
    assert "route's end" not in "\n".join(one.lines)
    last = "2001:db8:9::9"
    route = struct.pack(">BBBBI", TCP, 2, 0, 1, 0) + address(last)
    segments = struct.pack(">BBBBI", TCP, 4, 4, 1, 0) + address(last) + address("2001:db8::2")
    rpl = struct.pack(">BBBBI", TCP, 1, 3, 1, 0x88 << 24) + address("2001:db8::77")[8:]
    for extension, to in ((route, last), (segments, last), (rpl, "2001:db8::77")):
        _, one = good(ip6(TCP, l4(TCP, "2001:db8::1", to), extensions=extension, first=ROUTING))
        contains("\n".join(one.lines), "route's end")
    home = struct.pack(">BBBBBB", TCP, 2, 1, 0, 1, 0)[:2] + b"\1\2\0\0" + b"\xC9\x10" + \
        address("2001:db8:5::5")
    two = bytes([TCP, 5]) + home[2:] + b"\xC9\x10" + address("2001:db8:6::6") + b"\1\4" + bytes(4)
    for options in home, two:
        _, one = good(ip6(TCP, l4(TCP, "2001:db8:5::5", "2001:db8::2"), extensions=options,
                          first=DSTOPTS))
        contains("\n".join(one.lines), "home address")


@test
def tunnels_level_by_level():
    inner = ether(v4(TCP, "seed"))
    vxlan = bytes.fromhex("0800000000000700")
    # An outer checksum made for what the inner one will be: local checksum offload.
    done = vxlan + ether(v4(TCP))
    udp = struct.pack(">HHHH", 5000, 4789, 8 + len(done), 0)
    check = ~ones_sum(PAIR4 + struct.pack(">HH", UDP, len(udp + done)) + udp + done) & 0xFFFF
    packet = ip4(UDP, udp[:6] + struct.pack(">H", check) + vxlan + inner)
    out, found = explained(ether(packet))
    equal([(one.title.split(",")[0], one.verdict) for one in found],
          [("IPv4 header", "GOOD"), ("UDP checksum", "GOOD"), ("IPv4 header", "GOOD"),
           ("TCP checksum", "SEEDED")])
    equal(found[1].values["found"], check)
    contains(words(out), "local checksum offload", "1.2 TCP 192.0.2.1:40000 > 198.51.100.2:80")
    equal(out.count("CHECKSUM_PARTIAL"), 1)
    # And one that is right as things are.
    pseudo = PAIR4 + struct.pack(">HH", UDP, len(udp + done))
    check = ~ones_sum(pseudo + udp + vxlan + inner) & 0xFFFF
    out, found = explained(ether(ip4(UDP, udp[:6] + struct.pack(">H", check) + vxlan + inner)))
    equal([one.verdict for one in found], ["GOOD", "GOOD", "GOOD", "SEEDED"])
    assert "local checksum offload" not in words(out)
    # One level of them; a tunnel without a checksum.
    out, found = explained(ether(ip4(4, v4(TCP, "bad"))))
    equal([one.verdict for one in found], ["GOOD", "GOOD", "BAD"])
    contains(words(out), "This tunnel has no checksum of its own.")
    one = explain("one.pcap", "1.2")
    contains(one, "1.2 TCP")
    assert "\n1.1 " not in one and "tunnel" not in one, one
    unusable(run("explain", path("one.pcap"), "1.3"), "no packet 1.3: the frame has 2")


@test
def fragments_and_their_datagram():
    for check in ("good", "bad"):
        data = l4(UDP, "192.0.2.1", "198.51.100.2", bytes(range(100)), check)
        write("pieces.pcap", pcap(
            ether(ip4(UDP, data[at:at + 40], frag=at // 8 | (0x2000 if at < 80 else 0)))
            for at in (0, 40, 80)))
        first = explain("pieces.pcap", 1)
        equal([one.verdict for one in sums(first)], ["GOOD"])
        contains(words(first), "0 bytes into its datagram, and more follow", "still to come")
        out = explain("pieces.pcap", 3)
        header, udp = sums(out)
        header.check()
        udp.check()
        equal((udp.verdict, udp.values["found"]),
              (check.upper(), struct.unpack_from(">H", data, 6)[0]))
        equal(udp.title, "UDP checksum, bytes 20 to 127: " + udp.verdict)
        contains(out, "The datagram, whole with packets 1, 2, 3")
        contains(words(out), "80 bytes into its datagram, the last one")
    data = l4(TCP, "2001:db8::1", "2001:db8::2", bytes(50))
    write("pieces.pcap", pcap(
        ether(ip6(TCP, bytes([TCP, 0]) + struct.pack(">HI", at | (at < 64), 9) + data[at:at + 32],
                  first=44)) for at in (32, 0, 64)))
    out = explain("pieces.pcap", 3)
    contains(words(out), "RFC 8200, section 4.5")
    (tcp,) = sums(out)
    tcp.check()
    equal((tcp.verdict, tcp.values["found"]), ("GOOD", struct.unpack_from(">H", data, 16)[0]))
    # Overlapping ones are not put together.
    write("pieces.pcap", pcap(
        ether(ip4(UDP, bytes([at]) * 24, frag=at // 8 | 0x2000)) for at in (0, 16)))
    contains(words(explain("pieces.pcap", 2)), "can't be put together: overlapping")


@test
def recorded_frames():
    """Every kind of frame the kernel makes: what is printed adds up to what verify expects."""
    count = 0
    for file in sorted(DATA.glob("*.pcap")):
        lines = [json.loads(line) for line in
                 run("verify", "--json", str(file)).out.splitlines()[:-1]]
        for packet in lines[::max(1, len(lines) // 12)]:
            out = explain(file, packet["packet"])
            wanted = []
            for level in packet.get("levels", [packet]):
                if "l3_expected" in level:
                    wanted.append((level["l3"], level["l3_found"], level["l3_expected"]))
                if "l4_expected" in level:
                    wanted.append((level["l4"], level["l4_found"], level["l4_expected"]))
                    contains(out, "csum_start %d, csum_offset %d" %
                             (level["csum_start"], level["csum_offset"])
                             if level["ip_protocol"] in (TCP, UDP) else "checksum")
            found = sums(out)
            for one in found:
                one.check()
            equal([(one.verdict, "0x%04x" % one.values["found"], "0x%04x" % one.values["expected"])
                   for one in found], wanted, "%s %d" % (file.name, packet["packet"]))
            count += len(found)
    assert count > 100, count


@test
def long_data_are_abbreviated():
    frame = ether(v6(TCP, "seed", payload=bytes(range(256)) * 20))
    short, (one,) = explained(frame)
    full, (whole,) = explained(frame, ETHERNET, "--all")
    assert len(one.rows) < 20 < 300 < len(whole.rows), (len(one.rows), len(whole.rows))
    equal(one.total(), whole.total())
    contains(short, "bytes, sum 0x")
    assert "..." not in full
    equal(len(whole.data()), 40 + len(frame) - 54)
    sctp_frame = ether(ip4(SCTP, sctp(bytes(range(250)) * 4)))
    out, (_, one) = explained(sctp_frame)
    equal(one.verdict, "GOOD")
    contains(out, "more bytes ...")
    # More than 16 bits of length.
    data = l4(TCP, "2001:db8::1", "2001:db8::2", bytes(range(250)) * 280)
    _, one = good(ip6(TCP, b"")[:4] + b"\0\0" + ip6(TCP, b"")[6:] + data)
    equal([row[1].strip() for row in one.rows if row[0] == "length"], ["0001 1184"])


@test
def what_is_not_judged():
    for frame, *parts in (
            (ether(v4(UDP, frag=0x2003)), "24 bytes into its datagram, and more follow"),
            (ether(v4(UDP, frag=100)), "800 bytes into its datagram, the last one"),
            (ether(v6(UDP, extensions=bytes([UDP, 0, 0, 9, 0, 0, 0, 1]), first=44)),
             "RFC 8200, section 4.5"),
            (ether(ip4(50, bytes(24))), "ESP encrypts what it carries"),
            (ether(ip4(GRE, bytes(24))), "C bit"),
            (ether(ip4(200, bytes(24))), "Protocol 200 has no checksum that is known here"),
            (ether(ip6(59, b"")), "Nothing follows the IPv6 header"),
            (ARP, "ARP is not IP"),
            (ether(v4(TCP, claim=40)), "By its own length the IP datagram ends at byte 107, but "
             "the packet has 67 bytes"),
            ((ether(v4(TCP))[:60], 67), "60 of them captured",
             "The IP datagram ends at byte 67, and 60 bytes were captured"),
            (ether(b"\x42" + v4(TCP)[1:]), "The headers make no sense"),
            (b"\2\0\0\0\0\1", "The packet ends before its headers do"),
            (b"", "The packet ends before its headers do"),
            (ether(ip6(TCP, l4(TCP, "2001:db8::1", "2001:db8::2"), first=ROUTING,
                       extensions=struct.pack(">BBBBI", TCP, 0, 77, 1, 0))),
             "routing header of an unknown type"),
            (ether(v6(TCP)), "IPv6 header, from byte 14: without a checksum (RFC 8200, section 3)"),
            (ether(v4(ICMP), pad=bytes(9)), "follow the IP datagram: zeros"),
            (ether(v4(ICMP), pad=b"\1\2\3"), "padding or a trailer of the link"),
            (ether(v4(UDP, payload=b"0123456789")[:-4] + b"4567"), "Found is what is expected")):
        out, _ = explained(frame)
        contains(words(out), *parts)


@test
def it_has_to_be_a_packet():
    write("three.pcap", pcap([ARP] * 3))
    for number in ("x", "", "-1", "0", "1x", "1.", "1.x", "1.0", " 1", "+1", "0x1", "1.2.3",
                   "99999999999999999999999", "1.99999999999999999999999"):
        p = run("explain", "--", path("three.pcap"), number)
        unusable(p, "a packet is a number from 1")
        equal(p.out, "")
    unusable(run("explain", path("three.pcap"), "4"), "no packet 4: it has 3")
    unusable(run("explain", path("three.pcap"), "18446744073709551615"), "it has 3")
    unusable(run("explain", path("garbage"), "1"), "not a capture")
    unusable(run("explain", path("nowhere"), "1"), "No such file")
    unusable(run("explain", path("three.pcap")), "explain takes CAPTURE N")
    unusable(run("explain", path("three.pcap"), "1", "2"), "explain takes CAPTURE N")
    unusable(run("explain", "--json", path("three.pcap"), "1"), "explain takes no --json")
    cut = write("cut.pcap", pcap([ARP] * 3)[:-5])
    contains(explain("cut.pcap", 2), "Packet 2 of")
    unusable(run("explain", cut, "3"), "packet 3")


@test
def through_a_pipe_and_in_colour():
    data = pcap([ether(v4(TCP)), ether(v4(UDP, "bad"))])
    p = run("explain", "-", "2", stdin=data)
    equal(p.returncode, 0)
    contains(p.out, "Packet 2 of standard input: ", "UDP checksum, bytes 34 to 54: BAD")
    assert "\033" not in p.out
    coloured = run("explain", "--color", "always", "-", "2", stdin=data).out
    contains(coloured, "\033[1;31mBAD\033[0m", "\033[36m----\033[0m")
    equal(re.sub(r"\033\[[0-9;]*m", "", coloured), p.out)
    # Other link types: offsets count from the first captured byte.
    out, (_, tcp) = explained(bytes(14) + b"\x08\x00" + v4(TCP), SLL)
    equal(tcp.title, "TCP checksum, bytes 36 to 68: GOOD")
    contains(out, "csum_start 36, csum_offset 16")


main()
