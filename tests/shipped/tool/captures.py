# SPDX-License-Identifier: MIT
"""What the tests of the csumoff command share: packets, checksums and capture files, built by the
RFCs and without the library; running the command; the tests themselves, printed as TAP.
Each test file is run as: test_ROOM.py CSUMOFF DATA. DATA: the directory of captures that the Linux
kernel's own frames are in."""

import errno
import json
import os
import pathlib
import re
import shlex
import socket
import stat
import struct
import subprocess
import sys
import tempfile

import pcapng_file

DATA = pathlib.Path(sys.argv[2])
TOOL = shlex.split(os.environ.get("MESON_EXE_WRAPPER", "")) + [os.path.abspath(sys.argv[1])]

ETHERNET, NULL, RAW, LOOP, SLL, IPV4, IPV6, SLL2 = 1, 0, 101, 108, 113, 228, 229, 276
TCP, UDP, ICMP, ICMPV6, SCTP, GRE, ROUTING = 6, 17, 1, 58, 132, 47, 43

# ---- Packets -------------------------------------------------------------------------------


def ones_sum(data):
    """The folded ones'-complement sum of big-endian words (RFC 1071)."""
    total = sum(struct.unpack(">%dH" % ((len(data) + 1) // 2), data + b"\0" * (len(data) & 1)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def crc32c(data):
    """RFC 9260, appendix A: bit after bit, the least significant one first."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def sctp(payload=b"some chunks!", check=None):
    """An SCTP packet; check: in place of the right one. Its lowest byte is sent first."""
    data = struct.pack(">HHII", 5000, 6000, 7, 0) + payload
    return data[:8] + struct.pack("<I", crc32c(data) if check is None else check) + data[12:]


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def l4(proto, src, dst, payload=b"some payload!", check="good", pseudo=True):
    """An L4 packet; check: good, bad, seed, gso (a seed without the length), zero."""
    header, at = {
        TCP: (struct.pack(">HHIIBBHHH", 40000, 80, 1, 2, 0x50, 0x18, 512, 0, 0), 16),
        UDP: (struct.pack(">HHHH", 5000, 53, 8 + len(payload) & 0xFFFF, 0), 6),
        ICMP: (struct.pack(">BBHHH", 8, 0, 0, 77, 1), 2),
        ICMPV6: (struct.pack(">BBHHH", 128, 0, 0, 77, 1), 2),
    }[proto]
    data = header + payload
    pair = address(src) + address(dst)
    length = 0 if check == "gso" else len(data)
    seed = ones_sum(pair + struct.pack(">II", length, proto)) if proto != ICMP else 0
    value = ~ones_sum(struct.pack(">H", seed) + data) & 0xFFFF
    if proto == UDP:
        value = value or 0xFFFF
    value = {"good": value, "bad": value ^ 0x0100, "seed": seed, "gso": seed, "zero": 0}[check]
    return data[:at] + struct.pack(">H", value) + data[at + 2:]


def ip4(proto, data, src="192.0.2.1", dst="198.51.100.2", frag=0, bad=False, options=b"",
        claim=0):
    ihl, total = 5 + len(options) // 4, 20 + len(options) + len(data) + claim
    head = struct.pack(">BBHHHBBH", 0x40 + ihl, 0, total, 7, frag, 64, proto, 0)
    head += address(src) + address(dst) + options
    check = ~ones_sum(head) & 0xFFFF ^ (1 if bad else 0)
    return head[:10] + struct.pack(">H", check) + head[12:] + data


def ip6(proto, data, src="2001:db8::1", dst="2001:db8::2", extensions=b"", first=None):
    head = struct.pack(">IHBB", 6 << 28, len(extensions) + len(data),
                       proto if first is None else first, 64)
    return head + address(src) + address(dst) + extensions + data


def v4(proto, check="good", **more):
    payload = more.pop("payload", b"some payload!")
    return ip4(proto, l4(proto, "192.0.2.1", "198.51.100.2", payload, check), **more)


def v6(proto, check="good", payload=b"some payload!", **more):
    return ip6(proto, l4(proto, "2001:db8::1", "2001:db8::2", payload, check), **more)


def ether(packet, tags=(), kind=None, pad=b""):
    kind = kind if kind is not None else 0x86DD if packet[0] >> 4 == 6 else 0x0800
    head = bytes.fromhex("02000000000102000000000a")
    for tpid, tag in tags:
        head += struct.pack(">HH", tpid, tag)
    return head + struct.pack(">H", kind) + packet + pad


def blank(frame):
    """An Ethernet frame whose IPv4 header checksum is left to the network card."""
    return frame[:24] + b"\0\0" + frame[26:]


def vxlan(inner, check, port=4789, header=bytes.fromhex("0800000000002a00"), outer=v4):
    """An Ethernet frame in UDP; check: zero, bad, seed, "now": right for the bytes as they are, or
    "later": right once the inner one is finished."""
    data = header + inner
    done = header + (inner if check == "now" else finished(inner))
    udp = struct.pack(">HHHH", 50000, port, 8 + len(data), 0)
    pair = address("192.0.2.1") + address("198.51.100.2")
    if outer is v6:
        pair = address("2001:db8::1") + address("2001:db8::2")
    value = ~ones_sum(pair + struct.pack(">II", 8 + len(data), UDP) + udp + done) & 0xFFFF
    seed = ones_sum(pair + struct.pack(">II", 8 + len(data), UDP))
    value = {"zero": 0, "bad": value ^ 1, "seed": seed}.get(check, value or 0xFFFF)
    packet = udp[:6] + struct.pack(">H", value) + data
    return ether(ip4(UDP, packet) if outer is v4 else ip6(UDP, packet))


def finished(frame):
    """A frame with a seeded packet of TCP over IPv4 in it, as its network card sends it."""
    return frame.replace(v4(TCP, "seed"), v4(TCP))


# ---- Other link types ----------------------------------------------------------------------

SNAP = b"\xaa\xaa\x03\0\0\0"
FDDI, PPP, SERIAL, PPPOE, HDLC, WIFI, FRELAY, RADIOTAP, PPP_DIRECTION, NFLOG, PKTAP = (
    10, 9, 50, 51, 104, 105, 107, 127, 166, 239, 258)


def wifi(body, control=0x0801, more=b"", sequence=0x10):
    """A data frame; control: its two bytes of frame control."""
    return struct.pack(">HH", control, 0) + bytes(18) + struct.pack("<H", sequence) + more + body


def radiotap(frame, fields, *present):
    head = struct.pack("<%dI" % len(present), *present) + fields
    return struct.pack("<BBH", 0, 0, 4 + len(head)) + head + frame


def nflog(family, packet, order):
    attributes = struct.pack(order + "HH", 9, 10) + b"title\0\0\0"
    return (struct.pack(">BBH", family, 0, 7) + attributes +
            struct.pack(order + "HH", 4 + len(packet), 9) + packet)


def pktap(link, frame, size=108):
    return struct.pack("<III", size, 1, link).ljust(size, b"\0") + frame


def sll(kind, packet):
    """As it was sent: a seed that was received is wrong."""
    return struct.pack(">H", 4) + bytes(12) + struct.pack(">H", kind) + packet


def sll2(kind, packet):
    return struct.pack(">H8xB9x", kind, 4) + packet


SEEDED_INNER = ether(v4(TCP, "seed"))
BAD_INNER = ether(v4(TCP, "bad"))
ARP = ether(bytes.fromhex("0001080006040001") + bytes(20), kind=0x0806)

# ---- Capture files -------------------------------------------------------------------------


def pcap(frames, link=ETHERNET, order="<", nano=False, snaplen=262144, step=None):
    """frames: bytes, or (captured bytes, length on the wire)."""
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    out = bytearray(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link))
    for i, frame in enumerate(frames):
        data, length = frame if isinstance(frame, tuple) else (frame, len(frame))
        out += struct.pack(order + "IIII", 1700000000 + i, step or 1, len(data), length) + data
    return bytes(out)


def pcapng(frames, link=ETHERNET):
    w = pcapng_file.Writer()
    out = w.section() + w.interface(link, options=[(pcapng_file.TIME_RESOLUTION, b"\x09")])
    return out + b"".join(w.packet(frame, 0, (1700000000 + i) * 10**9 + 123456789)
                          for i, frame in enumerate(frames))


def unpcap(data):
    """Magic, link, [(seconds, fraction, length, bytes)]."""
    order = "<" if data[:1] in (b"\xd4", b"\x4d") else ">"
    magic, _, _, _, _, _, link = struct.unpack_from(order + "IHHiIII", data)
    at, packets = 24, []
    while at < len(data):
        sec, frac, caplen, length = struct.unpack_from(order + "IIII", data, at)
        packets.append((sec, frac, length, data[at + 16:at + 16 + caplen]))
        at += 16 + caplen
    return magic, link, packets


# ---- Running it ----------------------------------------------------------------------------

home = tempfile.TemporaryDirectory(prefix="csumoff-tool-")


def path(name):
    return os.path.join(home.name, name)


def write(name, data):
    with open(path(name), "wb") as f:
        f.write(data)
    return path(name)


def read(name):
    with open(path(name), "rb") as f:
        return f.read()


def run(*args, stdin=b"", **more):
    p = subprocess.run(TOOL + list(args), input=stdin, capture_output=True, timeout=60, **more)
    p.out, p.err = p.stdout.decode(errors="replace"), p.stderr.decode()
    return p


def rows(out):
    """The table of verify: lists of (number or number.level, bytes, IPv4, verdict, rest)."""
    found = []
    for line in out.splitlines():
        m = re.match(r" *([\d.]+)  +(\d+)  (GOOD|BAD|BLANK|-) +([A-Z-]+) *(.*)$", line)
        if m:
            found.append((m[1], int(m[2]), m[3], m[4], m[5]))
    return found


def verdicts(name, *args):
    p = run("verify", *args, path(name))
    return [row[3] for row in rows(p.out)], p


def levels(name, *args):
    """What verify --json says of each packet: (the packet's verdict, [(l3, l4) of each level])."""
    packets = [json.loads(line) for line in
               run("verify", "--json", *args, path(name)).out.splitlines()[:-1]]
    return [(p["verdict"], [(level["l3"], level["l4"]) for level in p.get("levels", [p])])
            for p in packets]


def equal(got, want, what=""):
    assert got == want, "%s: got %r, expected %r" % (what or "values", got, want)


def contains(text, *parts):
    for part in parts:
        assert part in text, "%r not in:\n%s" % (part, text)


def unusable(p, *parts):
    equal(p.returncode, 2, "exit status (%s)" % p.err)
    contains(p.err, "csumoff: ", *parts)


def finish(name, out, *args):
    p = run("finish", *args, path(name), path(out))
    equal((p.returncode, p.err), (0, ""), "exit status, stderr")
    return p


def ring(name, *args):
    p = run("netfront", "--json", *args, path(name))
    equal((p.returncode, p.err), (0, ""))
    return [json.loads(line) for line in p.out.splitlines()]


class Skip(Exception):
    pass


def full_device():
    """A device that is always full. Root gets one of its own: a tool that replaced it by a file,
    as a broken one might, must not do that to the machine's."""
    if os.getuid() != 0:
        if os.path.exists("/dev/full"):
            return "/dev/full"
        raise Skip("no /dev/full")
    if not os.path.lexists(path("full")):
        try:
            os.mknod(path("full"), 0o666 | stat.S_IFCHR, os.makedev(1, 7))
        except OSError as why:
            raise Skip("no device: %s" % why)
    try:
        with open(path("full"), "wb", buffering=0) as full:
            full.write(b"x")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return path("full")
    raise Skip("no device that is always full")


def with_header(packet, how):
    check = struct.unpack_from(">H", packet, 10)[0]
    return packet[:10] + struct.pack(">H", {"GOOD": check, "BAD": check ^ 1, "BLANK": 0}[how]) + \
        packet[12:]


tests = []


def test(function):
    tests.append(function)
    return function


def usable_kernels():
    return [k["name"] for k in json.loads(run("info", "--json").out)["kernels"] if k["usable"]]


# One of everything, with its verdict.
ZOO = [
    ("GOOD", ether(v4(TCP))),
    ("BAD", ether(v4(TCP, "bad"))),
    ("SEEDED", ether(v4(TCP, "seed"))),
    ("ABSENT", ether(v4(UDP, "zero"))),
    ("UNCHECKED", ether(ip4(UDP, l4(UDP, "192.0.2.1", "198.51.100.2"), frag=0x2000))),
    ("TRUNCATED", ether(v4(TCP, claim=40))),
    ("GOOD", ether(v6(UDP))),
    ("BAD", ether(v6(UDP, "zero"))),
    ("SEEDED", ether(v6(UDP, "seed"), tags=[(0x8100, 5)])),
    ("SEEDED-GSO", ether(v4(TCP, "gso", payload=bytes(range(256)) * 100))),
    ("SEEDED-GSO", ether(v6(TCP, "gso", payload=bytes(range(251)) * 50))),
    ("GOOD", ether(v4(ICMP), pad=bytes(18))),
    ("GOOD", ether(v6(ICMPV6), tags=[(0x88A8, 7), (0x8100, 9)])),
    ("UNCHECKED", ether(ip4(47, bytes(24)))),
    ("GOOD", ether(ip4(SCTP, sctp()))),
    ("UNCHECKED", ARP),
    ("MALFORMED", ether(b"\x42" + v4(TCP)[1:])),
    ("GOOD", ether(v4(UDP, options=b"\1" * 8))),
    ("GOOD", ether(v4(TCP, bad=True))),
    ("TRUNCATED", b"\2\0\0\0\0\1"),
    ("SEEDED", ether(v4(UDP, "seed", payload=b"odd"), pad=b"\xAA\xBB\xCC")),
    ("GOOD", ether(v6(TCP, extensions=bytes([TCP, 0, 1, 4, 0, 0, 0, 0]), first=60))),
    ("UNCHECKED", ether(v6(UDP, extensions=bytes([UDP, 0, 0, 9, 0, 0, 0, 1]), first=44))),
]

# What finishing makes of it.
DONE = [frame for _, frame in ZOO]
DONE[2] = ether(v4(TCP))
DONE[8] = ether(v6(UDP), tags=[(0x8100, 5)])
DONE[9] = ether(v4(TCP, payload=bytes(range(256)) * 100))
DONE[10] = ether(v6(TCP, payload=bytes(range(251)) * 50))
DONE[20] = ether(v4(UDP, payload=b"odd"), pad=b"\xAA\xBB\xCC")
DONE_FILE = pcap(DONE)

GENEVE = dict(port=6081, header=bytes.fromhex("0100655800002a00") + b"opts")
# The L4 verdicts from the outermost packet on, the last one's being that of TCP; the frame's is
# the worst.
TUNNELS = [
    ("ABSENT SEEDED", vxlan(SEEDED_INNER, "zero")), ("GOOD SEEDED", vxlan(SEEDED_INNER, "later")),
    ("BAD SEEDED", vxlan(SEEDED_INNER, "bad")),
    ("GOOD SEEDED", vxlan(SEEDED_INNER, "later", **GENEVE)),
    ("ABSENT SEEDED", vxlan(SEEDED_INNER, "zero", outer=v6)),
    ("GOOD SEEDED", vxlan(SEEDED_INNER, "later", outer=v6)),
    ("ABSENT GOOD", vxlan(finished(SEEDED_INNER), "zero")),
    ("ABSENT GOOD", vxlan(finished(SEEDED_INNER), "zero", outer=v6)),
    ("GOOD GOOD", vxlan(finished(SEEDED_INNER), "later")),
    ("BAD GOOD", vxlan(finished(SEEDED_INNER), "bad")),
    ("ABSENT BAD", vxlan(BAD_INNER, "zero")), ("GOOD BAD", vxlan(BAD_INNER, "later")),
    ("SEEDED BAD", vxlan(BAD_INNER, "seed")),
    ("BAD", vxlan(SEEDED_INNER, "later", port=4791)), ("ABSENT", vxlan(b"", "zero")),
    ("GOOD SEEDED", vxlan(SEEDED_INNER, "later", port=8472)),
    ("GOOD SEEDED",
     vxlan(SEEDED_INNER, "later", port=4790, header=bytes.fromhex("0c00000300002a00"))),
    ("ABSENT SEEDED", ether(ip4(GRE, bytes.fromhex("00006558") + SEEDED_INNER))),
    ("ABSENT BAD", ether(ip4(GRE, bytes.fromhex("00006558") + BAD_INNER))),
    ("ABSENT SEEDED", ether(ip4(4, v4(TCP, "seed")))), ("ABSENT GOOD", ether(ip6(4, v4(TCP)))),
    # Local checksum offload goes by the next checksum, whatever lies between.
    ("GOOD ABSENT SEEDED", vxlan(ether(ip4(4, v4(TCP, "seed"))), "later")),
    ("GOOD GOOD SEEDED", vxlan(vxlan(SEEDED_INNER, "later"), "later")),
    # Both left to the card, as of a super-frame; and an outer one that was made over the seed.
    ("SEEDED SEEDED", vxlan(SEEDED_INNER, "seed")),
    ("SEEDED GOOD", vxlan(finished(SEEDED_INNER), "seed")),
    ("SEEDED SEEDED", vxlan(ether(v4(TCP, "seed", payload=bytes(40000))), "seed")),
    ("SEEDED SEEDED-GSO", vxlan(ether(v4(TCP, "gso", payload=bytes(40000))), "seed")),
    ("GOOD SEEDED", vxlan(SEEDED_INNER, "now")),
]

write("zoo.pcap", pcap([frame for _, frame in ZOO]))
write("fine.pcap", pcap([frame for _, frame in ZOO[2:4]]))
write("garbage", bytes(range(7, 207)) * 4)


def main():
    """Runs the tests of the file that calls this; ends the program."""
    failed = 0
    print("1..%d" % len(tests))
    for number, function in enumerate(tests, 1):
        name = function.__name__.replace("_", " ")
        try:
            function()
            print("ok %d - %s" % (number, name))
        except Skip as why:
            print("ok %d - %s # SKIP %s" % (number, name, why))
        except Exception as error:  # whatever it is, the others still have their say
            failed += 1
            print("not ok %d - %s" % (number, name))
            for line in ("%s: %s" % (type(error).__name__, error)).splitlines():
                print("# " + line)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
