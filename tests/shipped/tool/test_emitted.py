#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tunnels, and the frames that a kernel emitted.
Usage: test_emitted.py CSUMOFF DATA; see captures.py."""

import json
import re
import struct

from captures import *


WORST = ["ABSENT", "GOOD", "BLANK", "SEEDED", "SEEDED-GSO", "UNCHECKED", "BAD"]


def worst(verdicts):
    return max(verdicts.split(), key=WORST.index)


@test
def tunnels_are_looked_into():
    write("tunnels.pcap", pcap([frame for _, frame in TUNNELS]))
    for (want, frame), (verdict, got) in zip(TUNNELS, levels("tunnels.pcap")):
        equal((verdict, [l4 for _, l4 in got]), (worst(want), want.split()), frame[:120].hex())
    p = run("verify", path("tunnels.pcap"))
    equal(p.returncode, 1, "exit status")
    equal([row[3] for row in rows(p.out)], [v for want, _ in TUNNELS for v in want.split()])
    numbers = []
    for i, (want, _) in enumerate(TUNNELS, 1):
        n = len(want.split())
        numbers += ["%d.%d" % (i, level) for level in range(1, n + 1)] if n > 1 else ["%d" % i]
    equal([row[0] for row in rows(p.out)], numbers)
    equal(rows(p.out)[1][1], len(v4(TCP)), "bytes of the packet inside")
    contains(p.out, "UDP 192.0.2.1:50000 > 198.51.100.2:4789",
             "TCP 192.0.2.1:40000 > 198.51.100.2:80",
             "%d packets: 7 wrong, %d right." % (len(TUNNELS), len(TUNNELS) - 7))
    # A good inner one alone is no reason to exit with 1, a bad one is.
    for frame, code in ((TUNNELS[3][1], 0), (vxlan(BAD_INNER, "later"), 1)):
        write("one.pcap", pcap([frame]))
        equal(run("verify", path("one.pcap")).returncode, code, "exit status")


@test
def every_level_says_who_speaks_to_whom():
    four, six = ("192.0.2.1", "198.51.100.2"), ("2001:db8::1", "2001:db8::2")
    write("who.pcap", pcap([vxlan(ether(v4(TCP)), "later", outer=v6),
                            vxlan(ether(ip4(41, v6(UDP))), "later", outer=v6),
                            ether(ip4(41, v6(TCP)))]))
    want = [[("UDP", *six, 50000, 4789), ("TCP", *four, 40000, 80)],
            [("UDP", *six, 50000, 4789), ("IPv4", *four, None, None), ("UDP", *six, 5000, 53)],
            [("IPv4", *four, None, None), ("TCP", *six, 40000, 80)]]
    keys = "protocol", "from", "to", "from_port", "to_port"
    packets = [json.loads(line) for line in
               run("verify", "--json", path("who.pcap")).out.splitlines()[:-1]]
    equal([[tuple(map(level.get, keys)) for level in p["levels"]] for p in packets], want)
    equal([tuple(map(p.get, keys)) for p in packets], [levels_[0] for levels_ in want])
    texts = []
    for name, source, to, source_port, to_port in sum(want, []):
        end = "%s" if source_port is None else "[%s]:%d" if ":" in source else "%s:%d"
        ends = (source, source_port), (to, to_port)
        texts.append("%s %s > %s" % (name, *(end % e[:end.count("%")] for e in ends)))
    got = rows(run("verify", path("who.pcap")).out)
    equal([re.sub(r"^(0x[0-9a-f]+ +)+", "", row[4]) for row in got], texts)


@test
def the_worst_level_gives_the_packets_fields():
    write("one.pcap", pcap([vxlan(BAD_INNER, "later"), TUNNELS[1][1], TUNNELS[23][1]]))
    bad, later, seeds = [json.loads(line) for line in
                         run("verify", "--json", path("one.pcap")).out.splitlines()[:3]]
    inner = 14 + 20 + 8 + 8 + 14 + 20
    for packet in bad, later, seeds:
        equal((packet["protocol"], packet["csum_start"], packet["csum_offset"]),
              ("UDP", inner, 16))
        equal([level["csum_start"] for level in packet["levels"]], [34, inner])
        equal([level["protocol"] for level in packet["levels"]], ["UDP", "TCP"])
        equal(packet["l4_found"], packet["levels"][1]["l4_found"])
    good = struct.unpack_from(">H", v4(TCP), 36)[0]
    equal((bad["l4_found"], bad["l4_expected"]), ("0x%04x" % (good ^ 256), "0x%04x" % good))
    # What is expected of the outer one is what it will be on the wire.
    right = struct.unpack_from(">H", vxlan(finished(SEEDED_INNER), "later"), 40)[0]
    equal([level["l4_expected"] for level in later["levels"]], ["0x%04x" % right, "0x%04x" % good])
    equal([level["l4_expected"] for level in seeds["levels"]], ["0x%04x" % right, "0x%04x" % good])


@test
def a_tunnel_is_finished_inside():
    finish("tunnels.pcap", "tunnels-done.pcap")
    for (want, before), (_, _, _, after), (_, got) in zip(
            TUNNELS, unpcap(read("tunnels-done.pcap"))[2], levels("tunnels-done.pcap")):
        equal([l4 for _, l4 in got],
              ["GOOD" if v.startswith("SEEDED") else v for v in want.split()], before[:120].hex())
        equal(before[:34], after[:34], "the outer IPv4 header")
        if "SEEDED" not in want:
            equal(after, before)
    done = [data for _, _, _, data in unpcap(read("tunnels-done.pcap"))[2]]
    right = vxlan(finished(SEEDED_INNER), "later")
    equal([done[n] for n in (1, 23, 24, 27)], [right] * 4)
    equal(done[22], vxlan(right, "later"))
    equal(done[2], TUNNELS[2][1].replace(v4(TCP, "seed"), v4(TCP)), "the outer one is wrong")
    big = vxlan(ether(v4(TCP, payload=bytes(40000))), "later")
    equal(done[25:27], [big, big])


@test
def finish_all_goes_through_every_level():
    p = finish("tunnels.pcap", "tunnels-all.pcap", "--all")
    contains(p.out, "%d recomputed" % len(TUNNELS))
    for (want, before), (_, got) in zip(TUNNELS, levels("tunnels-all.pcap")):
        none = before[23:24] in (b"\x04", b"\x2f") or before[20:21] == b"\x04"
        want = ["GOOD"] * len(want.split())
        if none:
            want[0] = "ABSENT"
        if before is TUNNELS[21][1]:
            want[1] = "ABSENT"
        equal([l4 for _, l4 in got], want, before[:120].hex())
    # The summary counts wrong headers of any level, beside a wrong checksum of another.
    outer = vxlan(BAD_INNER, "zero")
    write("inside.pcap", pcap([outer[:14] + with_header(outer[14:], "BAD")]))
    equal(levels("inside.pcap"), [("BAD", [("BAD", "ABSENT"), ("GOOD", "BAD")])])
    contains(run("verify", "--summary", path("inside.pcap")).out, "(IPv4 header: 1)")
    # An IPv4 header inside as well.
    frame = vxlan(blank(ether(v4(TCP))), "zero"), vxlan(ether(v4(TCP, bad=True)), "later")
    write("inside.pcap", pcap(frame))
    equal(levels("inside.pcap"), [("BLANK", [("GOOD", "ABSENT"), ("BLANK", "GOOD")]),
                                  ("BAD", [("GOOD", "GOOD"), ("BAD", "GOOD")])])
    contains(run("verify", path("inside.pcap")).out, "IPv4 header: 0, left", "IPv4 header: found")
    finish("inside.pcap", "inside.out")
    right = ether(v4(TCP))
    equal([data for _, _, _, data in unpcap(read("inside.out"))[2]],
          [vxlan(right, "zero"), frame[1]])
    finish("inside.pcap", "inside.all", "--all")
    equal([data for _, _, _, data in unpcap(read("inside.all"))[2]], [vxlan(right, "later")] * 2)
    # A header that the outer checksum was made for before the card filled it in, and after.
    hole = blank(right)
    write("inside.pcap", pcap([vxlan(hole, "now"),
                               vxlan(right, "later").replace(right, hole)]))
    equal(levels("inside.pcap"), [("BLANK", [("GOOD", "GOOD"), ("BLANK", "GOOD")])] * 2)
    finish("inside.pcap", "inside.out")
    equal([data for _, _, _, data in unpcap(read("inside.out"))[2]], [vxlan(right, "later")] * 2)


@test
def finish_all_leaves_every_level_of_the_kernels_tunnels_good():
    run("finish", "--all", DATA / "vxlan.pcap", path("vxlan-all.pcap"))
    got = levels("vxlan-all.pcap")
    equal(len(got), 152)
    for verdict, each in got:
        assert verdict == "GOOD" and all(l4 == "GOOD" and l3 != "BAD" for l3, l4 in each), each


@test
def kernel_frames_are_located_where_the_kernel_says():
    captures = sorted(DATA.glob("*.pcap"))
    assert captures
    for capture in captures:
        with open(capture.with_suffix(".csv"), encoding="ascii") as table:
            names, *lines = [line.strip().split(",") for line in table]
        packets = [json.loads(line) for line in run("verify", "--json", capture).out.splitlines()]
        equal(len(packets), len(lines) + 1, capture)
        for packet, line in zip(packets, lines):
            row = dict(zip(names, line))
            if int(row["flags"]) & 1:
                equal((packet["verdict"], packet["csum_start"], packet["csum_offset"]),
                      ("SEEDED", int(row["csum_start"]), int(row["csum_offset"])),
                      "%s %s" % (capture, row))
            else:
                assert packet["verdict"] != "SEEDED", (capture, row)


@test
def kernel_frames_are_finished_and_right():
    for capture in sorted(DATA.glob("*.pcap")):
        seeded = [p["packet"] for p in map(json.loads, run(
            "verify", "--json", capture).out.splitlines()[:-1]) if p["verdict"] == "SEEDED"]
        run("finish", capture, path("kernel.pcap"))
        packets = [json.loads(line) for line in
                   run("verify", "--json", path("kernel.pcap")).out.splitlines()]
        for number in seeded:
            equal(packets[number - 1]["verdict"], "GOOD", "%s %u" % (capture, number))


main()
