#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tunnels: every kind, and those at UDP ports of one's own. Usage: test_tunnels.py CSUMOFF DATA;
see captures.py."""

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
