#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tunnels: every kind, and those at UDP ports of one's own. Usage: test_tunnels.py CSUMOFF DATA;
see captures.py."""

import shutil
import struct

from captures import *

OWN = 7777
INNER = v4(TCP, "seed")
LABELS = bytes.fromhex("0001004000020140")
# The tunnels over UDP: name, port, header, what is inside, as far as INNER.
UDP_TUNNELS = [
    ("vxlan", 4789, bytes.fromhex("0800000000002a00"), ether(INNER)),
    ("vxlan", 8472, bytes.fromhex("0800000000002a00"), ether(INNER, tags=[(0x8100, 5)])),
    ("vxlan-gpe", 4790, bytes.fromhex("0c00000100002a00"), INNER),
    ("vxlan-gpe", 4790, bytes.fromhex("0c00000300002a00"), ether(INNER)),
    ("vxlan-gpe", 4790, bytes.fromhex("0800000000002a00"), ether(INNER)),
    ("geneve", 6081, bytes.fromhex("0100655800002a00") + b"opts", ether(INNER)),
    ("geneve", 6081, bytes.fromhex("0000080000002a00"), INNER),
    ("gtp-u", 2152, bytes.fromhex("30ff") + struct.pack(">HI", len(INNER), 9), INNER),
    ("gtp-u", 2152, bytes.fromhex("34ff") + struct.pack(">HI", len(INNER) + 8, 9) +
     bytes.fromhex("0000008501000900"), INNER),
    ("mpls", 6635, LABELS, INNER),
    ("lisp", 4341, bytes.fromhex("8000002a00000001"), INNER),
    ("gue", 6080, bytes.fromhex("00040000"), INNER),
    ("gue", 6080, b"", INNER),
]


def tunnel(row, check, port=None, outer=v4, inner=INNER):
    _, known, header, inside = row
    return vxlan(inside.replace(INNER, inner), check, port or known, header, outer)


def verdicts_of(frames, *args):
    write("own.pcap", pcap(frames))
    return [[l4 for _, l4 in each] for _, each in levels("own.pcap", *args)]


def own(row, port=OWN):
    return "--tunnel=%s=%d" % (row[0], port)


@test
def every_tunnel_over_udp_at_its_own_port_and_at_another():
    for row in UDP_TUNNELS:
        for outer in v4, v6:
            for check, want in (("zero", "ABSENT"), ("later", "GOOD"), ("bad", "BAD"),
                                ("seed", "SEEDED")):
                frame = tunnel(row, check, OWN, outer)
                known = tunnel(row, check, outer=outer)
                equal(verdicts_of([known]), [[want, "SEEDED"]], (row[:2], check))
                equal(verdicts_of([frame], own(row)), [[want, "SEEDED"]], (row[:2], check))
                # Nothing is looked into unasked; over IPv6 what is no tunnel must have a checksum.
                outside = {"later": "BAD", "zero": "BAD" if outer is v6 else want}.get(check, want)
                equal(verdicts_of([frame]), [[outside]], (row[:2], check))
    # One whose header makes no sense is a tunnel all the same: RFC 6935.
    for outer, without in (v4, "ABSENT"), (v6, "BAD"):
        frame = vxlan(bytes(40), "zero", OWN, outer=outer)
        equal((verdicts_of([frame], "--tunnel", "geneve=%d" % OWN), verdicts_of([frame])),
              ([["ABSENT"]], [[without]]))


def erspan(kind, inner, more=b""):
    """Of types I, II, III: GRE without and with a sequence number, and a header of their own."""
    if kind == 1:
        return bytes.fromhex("000088be") + inner
    if kind == 2:
        return bytes.fromhex("100088be00000007") + bytes.fromhex("1001000100000000") + inner
    return bytes.fromhex("100022eb00000007") + bytes.fromhex("2001000100000000000000") + \
        bytes([1 if more else 0]) + more + inner


def checked_gre(payload, kind):
    """GRE with a checksum, which is right once the packet inside is finished; a key and a sequence
    number as well: RFC 2784, RFC 2890."""
    head = struct.pack(">HHHHII", 0xB000, kind, 0, 0, 5, 6)
    value = ~ones_sum(head + finished(payload)) & 0xFFFF
    return head[:4] + struct.pack(">H", value) + head[6:] + payload


# The tunnels without UDP: protocol, what the tunnel holds, and the verdict on its own checksum.
SIX_INNER = v6(TCP, "seed")
OTHER_TUNNELS = [
    (4, INNER, "ABSENT"), (41, SIX_INNER, "ABSENT"),
    (GRE, bytes.fromhex("00000800") + INNER, "ABSENT"),
    (GRE, bytes.fromhex("000086dd") + SIX_INNER, "ABSENT"),
    (GRE, bytes.fromhex("200008000000002a") + INNER, "ABSENT"),
    (GRE, bytes.fromhex("300008000000002a00000001") + INNER, "ABSENT"),
    (GRE, bytes.fromhex("00006558") + ether(INNER), "ABSENT"),
    (GRE, bytes.fromhex("00008847") + LABELS + INNER, "ABSENT"),
    (GRE, checked_gre(INNER, 0x0800), "GOOD"), (GRE, checked_gre(ether(INNER), 0x6558), "GOOD"),
    (GRE, erspan(1, ether(INNER)), "ABSENT"), (GRE, erspan(2, ether(INNER)), "ABSENT"),
    (GRE, erspan(3, ether(INNER)), "ABSENT"), (GRE, erspan(3, ether(INNER), bytes(8)), "ABSENT"),
]
LINKS = [
    ether, lambda p: ether(p, tags=[(0x9100, 5), (0x8100, 6)]),
    lambda p: ether(LABELS + p, kind=0x8847),
    lambda p: ether(bytes.fromhex("11000001") +
                    struct.pack(">HH", len(p) + 2, 0x21 if p[0] >> 4 == 4 else 0x57) + p,
                    kind=0x8864),
    lambda p: ether(bytes.fromhex("aaaa03000000" + ("0800" if p[0] >> 4 == 4 else "86dd")) + p,
                    kind=len(p) + 8),
]


def done(data):
    return finished(data).replace(SIX_INNER, v6(TCP))


def damaged(data):
    return data.replace(SIX_INNER, v6(TCP, "bad")).replace(INNER, v4(TCP, "bad"))


@test
def every_tunnel_without_udp_behind_every_link_header():
    for link in LINKS:
        for outer in ip4, ip6:
            frames, want, right = [], [], []
            for proto, data, own_ in OTHER_TUNNELS:
                for change, inner in ((bytes, "SEEDED"), (done, "GOOD"), (damaged, "BAD")):
                    frames.append(link(outer(proto, change(data))))
                    # The checksum of GRE is that of what is inside as it should be.
                    want.append([own_ if own_ == "ABSENT" or inner != "BAD" else "BAD", inner])
                    right.append(link(outer(proto, done(data))))
            equal(verdicts_of(frames), want)
            finish("own.pcap", "own.out")
            equal([data for _, _, _, data in unpcap(read("own.out"))[2]],
                  [r if w[1] != "BAD" else f for f, w, r in zip(frames, want, right)])
            finish("own.pcap", "own.out", "--all")
            equal([data for _, _, _, data in unpcap(read("own.out"))[2]], right)


def header_of(packet, how):
    """The packet with this checksum in its IPv4 header: good, bad, blank."""
    check = {"good": packet[10:12], "bad": bytes([packet[10] ^ 1, packet[11]]), "blank": b"\0\0"}
    return packet[:10] + check[how] + packet[12:]


# Packets whose L4 checksum cannot be judged, and the verdict on it.
UNLOCATED = [
    (ip4(UDP, bytes(40), frag=0x2000), "UNCHECKED"), (ip4(UDP, bytes(5), frag=9), "UNCHECKED"),
    (ip4(50, bytes(24)), "UNCHECKED"), (ip4(50, bytes(4), options=bytes(8)), "UNCHECKED"),
    (ip4(TCP, l4(TCP, "192.0.2.1", "198.51.100.2"), claim=1), "TRUNCATED"),
    (ip4(UDP, struct.pack(">HHHH", 1, 2, 7, 0)), "MALFORMED"),
]


def around_packets():
    """Tunnels without a checksum: what the command is told of them, and what puts a packet in."""
    own_ports = [row for row in UDP_TUNNELS if row[0] != "vxlan-gpe"]
    known = [lambda packet, row=row: tunnel(row, "zero", inner=packet) for row in UDP_TUNNELS]
    known += [lambda packet, p=proto, data=data: ether(ip4(p, data.replace(INNER, packet)))
              for proto, data, check in OTHER_TUNNELS if INNER in data and check == "ABSENT"]
    return [([], known)] + [
        ([own(row)], [lambda packet, row=row: tunnel(row, "zero", OWN, inner=packet)])
        for row in own_ports]


@test
def headers_of_packets_inside_whose_checksum_is_not_located():
    for args, puts in around_packets():
        frames, want, kept, whole = [], [], [], []
        for packet, verdict in UNLOCATED:
            for put in puts:
                good, bad, blank = (put(header_of(packet, how)) for how in ("good", "bad", "blank"))
                frames += [good, bad, blank]
                kept += [good, bad, good]
                want += [(verdict, [("GOOD", "ABSENT"), ("GOOD", verdict)]),
                         ("BAD", [("GOOD", "ABSENT"), ("BAD", verdict)]),
                         (verdict, [("GOOD", "ABSENT"), ("BLANK", verdict)])]
                whole += [[("GOOD", verdict)]] * 3
        write("own.pcap", pcap(frames))
        equal(levels("own.pcap", *args), want, args)
        equal(run("verify", *args, path("own.pcap")).returncode, 1)
        finish("own.pcap", "own.out", *args)
        equal([data for _, _, _, data in unpcap(read("own.out"))[2]], kept)
        finish("own.pcap", "own.out", "--all", *args)
        equal([levels_[1:] for _, levels_ in levels("own.out", *args)], whole)


@test
def tunnels_in_tunnels_whose_innermost_packet_is_not_located():
    fragment = ip4(UDP, bytes(40), frag=0x2000)
    for bad in False, True:
        inner = header_of(fragment, "bad" if bad else "good")
        last = ("BAD" if bad else "GOOD", "UNCHECKED")
        # A tunnel's checksum that was judged covers what is inside; one that is absent does not.
        for frame, around, verdict in (
                (vxlan(ether(ip4(4, inner)), "later"), ["GOOD", "ABSENT"], "GOOD"),
                (vxlan(ether(ip4(4, inner)), "seed"), ["SEEDED", "ABSENT"], "SEEDED"),
                (vxlan(ether(ip4(4, inner)), "zero"), ["ABSENT", "ABSENT"], "UNCHECKED"),
                (ether(ip4(4, ip4(4, ip4(4, inner)))), ["ABSENT"] * 3, "UNCHECKED"),
                (ether(ip6(4, inner)), ["ABSENT"], "UNCHECKED")):
            write("own.pcap", pcap([frame]))
            got = levels("own.pcap")[0]
            equal((got[0], [level[1] for level in got[1][:-1]], got[1][-1]),
                  ("BAD" if bad else verdict, around, last))
            # Whatever byte was the last one captured, the header is judged if it is whole.
            end, outer = frame.index(inner), "ABSENT" if frame[14] >> 4 == 6 else "GOOD"
            write("own.pcap", pcap([(frame[:n], len(frame)) for n in range(end + 19, end + 30)]))
            equal([each[-1][0] for _, each in levels("own.pcap")], [outer] + [last[0]] * 10)
            p = run("explain", path("own.pcap"), "11")
            contains(" ".join(p.out.split()), "IPv4 header, bytes %d to %d: %s" %
                     (end, end + 19, last[0]), "does not put together inside a tunnel")


@test
def a_super_frame_whose_levels_are_all_seeds():
    for outer in v4, v6:
        for row in UDP_TUNNELS:
            big = v4(TCP, "seed", payload=bytes(range(256)) * 150)
            frame = tunnel(row, "seed", outer=outer, inner=big)
            equal(verdicts_of([frame]), [["SEEDED", "SEEDED"]])
            finish("own.pcap", "own.out")
            equal(levels("own.out"), [("GOOD", [("GOOD" if outer is v4 else "ABSENT", "GOOD"),
                                                ("GOOD", "GOOD")])])


def tshark(name):
    """What tshark says of the checksums of each packet, level by level: 1 is good, 0 is bad. Of UDP
    without a checksum it says 3."""
    args = [part for protocol in ("ip", "tcp", "udp")
            for part in ("-o", "%s.check_checksum:TRUE" % protocol)]
    fields = ["%s.checksum.status" % protocol for protocol in ("ip", "tcp", "udp", "icmp")]
    p = subprocess.run(["tshark", "-r", path(name), "-T", "fields", *args, "-E", "occurrence=a",
                        *[part for field in fields for part in ("-e", field)]],
                       capture_output=True, timeout=120,
                       env=dict(os.environ, HOME=home.name, XDG_CONFIG_HOME=home.name))
    equal(p.returncode, 0, p.stderr.decode())
    return [[status for field in line.split("\t") for status in field.split(",") if status]
            for line in p.stdout.decode().splitlines()]


def needs_tshark():
    if not shutil.which("tshark"):
        raise Skip("no tshark: the package of this name")


@test
def finish_all_of_the_kernels_tunnels_is_right_by_tshark():
    needs_tshark()
    run("finish", "--all", DATA / "vxlan.pcap", path("vxlan-all.pcap"))
    write("vxlan.pcap", (DATA / "vxlan.pcap").read_bytes())
    got, before = tshark("vxlan-all.pcap"), tshark("vxlan.pcap")
    equal(len(got), 152)
    for number, statuses in enumerate(got, 1):
        equal(set(statuses), {"1"}, "frame %d: %s" % (number, statuses))
    # It does look inside, where seeds were, and at the checksums that were not there.
    assert sum("0" in statuses for statuses in before) > 50, before
    equal([len(statuses) for statuses in got], [len(statuses) for statuses in before])
    equal([len(each) for _, each in levels("vxlan-all.pcap")], [2] * 152)


@test
def every_tunnel_that_finish_made_is_right_by_tshark():
    needs_tshark()
    # Where tshark looks into a tunnel by itself; the others would take options of its own.
    rows_ = [row for row in UDP_TUNNELS if row[1] in (4789, 6081, 2152) or row[2][:1] == b"\x0c"]
    # How many checksums it has to judge: of IPv4 headers, UDP and TCP.
    frames = [(3 + (outer is v4), tunnel(row, check, outer=outer)) for row in rows_
              for outer in (v4, v6) for check in ("later", "now", "seed")]
    frames += [((outer is ip4) + (2 if INNER in data else 1), ether(outer(proto, data)))
               for proto, data, _ in OTHER_TUNNELS for outer in (ip4, ip6)]
    write("made.pcap", pcap([frame for _, frame in frames]))
    finish("made.pcap", "made.out")
    got = tshark("made.out")
    equal(len(got), len(frames))
    for statuses, (count, frame) in zip(got, frames):
        equal(statuses, ["1"] * count, frame.hex())


@test
def own_ports_are_finished_as_known_ones_are():
    for row in UDP_TUNNELS:
        frames = [tunnel(row, check, OWN, outer) for outer in (v4, v6)
                  for check in ("zero", "later", "now", "bad", "seed")]
        done = []
        for outer in v4, v6:
            right = tunnel(row, "later", OWN, outer, v4(TCP))
            done += [tunnel(row, "zero", OWN, outer, v4(TCP)), right, right,
                     tunnel(row, "bad", OWN, outer).replace(INNER, v4(TCP)), right]
        write("own.pcap", pcap(frames))
        finish("own.pcap", "own.out", own(row))
        equal([data for _, _, _, data in unpcap(read("own.out"))[2]], done, row[:2])
        finish("own.pcap", "own.out", own(row), "--all")
        equal(levels("own.out", own(row)), [("GOOD", [("GOOD" if outer is v4 else "ABSENT", "GOOD"),
                                                      ("GOOD", "GOOD")])
                                            for outer in (v4, v6) for _ in range(5)], row[:2])


@test
def own_ports_inside_own_ports():
    frame = ether(INNER)
    ports = 7001, 7002, 7003, 7004, 7005, 7006
    args = ["--tunnel=geneve=%d" % port for port in ports]
    for n, port in enumerate(ports, 1):
        # Together the options are longer than what is looked at first.
        frame = vxlan(frame, "later", port, bytes.fromhex("3f00655800002a00") + bytes(252),
                      v6 if n % 2 else v4)
        equal(verdicts_of([frame], *args), [["GOOD"] * n + ["SEEDED"]])
        # One that is not asked for ends the way in.
        equal(verdicts_of([frame], *args[1:]), [["BAD"] * n])
    done = frame.replace(INNER, v4(TCP))
    finish("own.pcap", "own.out", *args)
    equal(unpcap(read("own.out"))[2][0][3], done)
    # Known and unknown ports in turn; the innermost levels of more than can be held stay alone.
    frame = vxlan(vxlan(vxlan(SEEDED_INNER, "later"), "later", OWN), "later")
    equal(verdicts_of([frame], own(UDP_TUNNELS[0])), [["GOOD", "GOOD", "GOOD", "SEEDED"]])
    # One without a checksum, around a seed that the outer checksum was made for.
    equal(verdicts_of([vxlan(vxlan(SEEDED_INNER, "zero", OWN, outer=v6), "later")],
                      own(UDP_TUNNELS[0])), [["GOOD", "ABSENT", "SEEDED"]])
    for _ in range(20):
        frame = vxlan(frame, "later", OWN)
    equal([len(each) for each in verdicts_of([frame], own(UDP_TUNNELS[0]))], [16])


@test
def cut_and_damaged_the_same_is_said_at_any_port():
    """Whatever byte a frame ends at, and whichever bit of its tunnel is wrong."""
    for row in UDP_TUNNELS:
        for outer in v4, v6:
            got = []
            for port, args in ((row[1], []), (OWN, [own(row)])):
                whole = tunnel(row, "zero", port, outer)
                start = whole.index(INNER) - len(whole)
                at = len(whole) - len(row[2]) - len(row[3])
                frames = [(whole[:n], len(whole)) for n in range(14, len(whole))]
                frames += [whole[:n] for n in range(14, len(whole))]
                for bit in range(8 * at, 8 * (len(whole) + start + 20)):
                    damaged = bytearray(whole)
                    damaged[bit // 8] ^= 1 << bit % 8
                    frames.append(bytes(damaged))
                write("own.pcap", pcap(frames))
                packets = [json.loads(line) for line in
                           run("verify", "--json", *args, path("own.pcap")).out.splitlines()]
                keys = "verdict", "l3", "l4", "reason", "csum_start"
                got.append([[tuple(map(level.get, keys)) for level in p.get("levels", [p])]
                            for p in packets[:-1]])
                # Nothing breaks by being finished.
                finish("own.pcap", "own.out", *args)
            equal(len(got[0]), len(got[1]))
            for n, (a, b) in enumerate(zip(*got)):
                equal(b, a, (row[:2], n))


@test
def what_the_ring_gets_of_own_ports():
    for row in UDP_TUNNELS:
        write("own.pcap", pcap([tunnel(row, check, OWN) for check in ("zero", "later", "seed")]))
        write("known.pcap", pcap([tunnel(row, check) for check in ("zero", "later", "seed")]))
        sent, known = ring("own.pcap", own(row)), ring("known.pcap")
        equal([(s["state"], s["flags"], s["what"]) for s in sent],
              [(s["state"], s["flags"], s["what"]) for s in known], row[:2])
        big = v4(TCP, "seed", payload=bytes(4000))
        write("big.pcap", pcap([tunnel(row, "seed", OWN, inner=big)]))
        contains(ring("big.pcap", own(row))[0]["why"], "a tunnel's super-frame")


@test
def tunnels_that_make_no_sense():
    for value in ("", "vxlan", "vxlan=", "vxlan=0", "vxlan=65536", "vxlan=99999999999999999999",
                  "vxlan=-1", "vxlan= 7", "vxlan=7x", "vxla=7", "vxlann=7", "=7", "esp=7"):
        unusable(run("verify", "--tunnel", value, path("fine.pcap")), "NAME=PORT", "'%s'" % value,
                 "gtp-u")
    unusable(run("verify", "--tunnel=gue=4789", path("fine.pcap")), "another tunnel's")
    unusable(run("verify", "--tunnel=gue=7", "--tunnel=lisp=7", path("fine.pcap")),
             "another tunnel's")
    unusable(run("info", "--tunnel=gue=7"), "takes no --tunnel")
    # The same twice is fine, and so is what is known anyway; 16 of them are.
    p = run("verify", "--tunnel=gue=7", "--tunnel=gue=7", "--tunnel=vxlan=8472",
            "--tunnel=vxlan=4789", path("fine.pcap"))
    equal(p.returncode, 0, p.err)
    many = ["--tunnel=mpls=%d" % port for port in range(1, 18)]
    equal(run("verify", *many[:16], path("fine.pcap")).returncode, 0)
    unusable(run("verify", *many, path("fine.pcap")), "16 times")


main()
