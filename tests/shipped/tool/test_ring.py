#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What netfront prints: the flags of a ring.
Usage: test_ring.py CSUMOFF DATA; see captures.py."""

import json

from captures import *


BLANK, VALIDATED, EXTRA = 1, 2, 8

# State, flags of the first slot and what is done, of each of the ZOO.
RING = [
    ("unnecessary", VALIDATED, "left alone"),
    ("complete", 0, "left alone"),
    ("partial", BLANK | VALIDATED, "finished by the backend"),
    ("unnecessary", VALIDATED, "left alone"),
    ("-", 0, "left alone"),
    ("-", None, "not sent"),
    ("unnecessary", VALIDATED, "left alone"),
    ("complete", 0, "left alone"),
    ("partial", 0, "finished here, or the backend drops it"),
    ("none", BLANK | VALIDATED | EXTRA, "cut by the backend"),
    ("none", BLANK | VALIDATED | EXTRA, "cut by the backend"),
    ("unnecessary", VALIDATED, "left alone"),
    ("unnecessary", VALIDATED, "left alone"),
    ("-", 0, "left alone"),
    ("unnecessary", VALIDATED, "left alone"),
    ("-", 0, "left alone"),
    ("-", None, "not sent"),
    ("unnecessary", VALIDATED, "left alone"),
    ("complete", 0, "left alone"),
    ("-", None, "not sent"),
    ("partial", 0, "finished here"),
    ("unnecessary", VALIDATED, "left alone"),
    ("-", 0, "left alone"),
]


@test
def ring_of_one_of_everything():
    got = ring("zoo.pcap")
    equal([(s["state"], s.get("flags"), s["what"]) for s in got], RING)
    equal((got[9]["mss"], got[9]["segments"]), (1460, -(-25600 // 1460)))
    contains(got[20]["why"], "non-zero bytes")
    p = run("netfront", path("zoo.pcap"))
    equal(p.returncode, 0)
    contains(p.out, "csum_blank|data_validated  finished by the backend: the field holds a seed",
             "(18 segments of 1460)", "TCP 192.0.2.1:40000 > 198.51.100.2:80", "23  packets")
    summary = run("netfront", "--summary", path("zoo.pcap"))
    equal(p.out.splitlines()[-1], summary.out.splitlines()[-1])


@test
def ring_of_a_packet_inside_whose_checksum_is_not_located():
    """Nobody vouches for it, unless the tunnel's own checksum covers it."""
    for bad in False, True:
        inner = ip4(UDP, bytes(2000), frag=0x2000, bad=bad)
        frames = [ether(ip4(4, inner)), vxlan(ether(inner), "later"), vxlan(ether(inner), "seed")]
        write("inside.pcap", pcap(frames))
        want = [("-", 0, "left alone"), ("unnecessary", VALIDATED, "left alone"),
                ("partial", BLANK | VALIDATED, "finished by the backend")]
        if bad:
            want[1] = ("complete", 0, "left alone")
        equal([(s["state"], s.get("flags"), s["what"])
               for s in ring("inside.pcap", "--mtu", "9000")], want)
        # Datagrams cut from the tunnel's would each hold a part of a packet.
        equal([s["what"] for s in ring("inside.pcap")], ["left alone", "not sent", "not sent"])


@test
def ring_of_a_stack_that_makes_no_checksum():
    for seen, sent in zip(ring("zoo.pcap"), ring("zoo.pcap", "--fresh")):
        equal(sent["state"], "none" if seen["state"] != "-" else "-")
        if seen["packet"] in (1, 2, 3, 7, 18, 22):
            equal(sent["flags"], BLANK | VALIDATED, sent)
        elif seen["packet"] in (9, 12, 13, 15, 21):
            equal((sent["flags"], sent["what"][:13]), (0, "finished here"), sent)


@test
def ring_follows_the_keys_of_the_backend():
    def flags(*keys):
        args = [part for key in keys for part in ("--key", key)]
        return {s["packet"]: s.get("flags") for s in ring("zoo.pcap", "--fresh", *args)}

    usual = flags()
    equal([usual[n] & BLANK for n in (1, 7, 10, 11)], [1, 1, 1, 1])
    got = flags("feature-no-csum-offload=1")
    equal([got[n] for n in (1, 7, 10)], [0, usual[7], 0])
    got = flags("feature-ipv6-csum-offload=0")
    equal([got[n] for n in (1, 7, 11)], [usual[1], 0, 0])
    for key, cut in (("feature-gso-tcpv4=0", (10,)), ("feature-gso-tcpv6=junk", (11,)),
                     ("feature-sg=0", (10, 11))):
        got = flags(key)
        equal([n for n in got if got[n] != usual[n]], list(cut), key)
        equal([got[n] for n in cut], [BLANK | VALIDATED] * len(cut), key)


@test
def ring_names_keys_that_make_no_difference():
    """A misspelt key would otherwise show the flags for another backend."""
    args = ["--key", "feature-sg=0", "--key", "feature-gso-tcp4=0", "--key", "feature-sg=1"]
    p = run("netfront", *args, path("zoo.pcap"))
    equal((p.returncode, p.err), (0, "csumoff: --key feature-gso-tcp4=0: a frontend reads no such "
                                     "key for its checksums\n"))


@test
def ring_of_what_has_no_ethernet_header():
    write("raw.pcap", pcap([v4(TCP, "seed"), v6(UDP, "seed")], link=RAW))
    equal([(s["state"], s["flags"], s["length"]) for s in ring("raw.pcap")],
          [("partial", 3, 14 + len(v4(TCP))), ("partial", 3, 14 + len(v6(UDP)))])


@test
def ring_of_blank_ipv4_headers():
    """No backend makes them: they are made here, but for a packet that is wrong, with a warning."""
    write("ring.pcap", pcap([blank(ether(v4(TCP, check))) for check in ("seed", "good", "bad")]))
    got = ring("ring.pcap")
    equal([(s["state"], s["flags"], s["what"]) for s in got],
          [("partial", BLANK | VALIDATED, "IPv4 header made here"),
           ("complete", BLANK | VALIDATED, "IPv4 header made here"), ("complete", 0, "left alone")])
    for sent in got:
        contains(sent["why"], "no backend makes")


@test
def ring_of_tunnels():
    """A wrong packet at any level is nothing to vouch for; a seed inside is finished here."""
    write("tunnels.pcap", pcap([frame for _, frame in TUNNELS]))
    for (want, frame), sent in zip(TUNNELS, ring("tunnels.pcap")):
        verdicts = want.split()
        if "BAD" in verdicts:
            expected = "complete", 0, "left alone"
        elif len(frame) > 1500:
            expected = "partial", None, "not sent"
        elif verdicts[-1] == "SEEDED":
            expected = "partial", 0, "finished here"
        elif "SEEDED" in verdicts:
            expected = "partial", BLANK | VALIDATED, "finished by the backend"
        else:
            expected = "unnecessary", VALIDATED, "left alone"
        equal((sent["state"], sent.get("flags"), sent["what"].split(",")[0]), expected, want)
    write("ring.pcap", pcap([vxlan(blank(SEEDED_INNER), "zero")]))
    contains(ring("ring.pcap")[0]["why"], "no backend makes IPv4 headers")


@test
def ring_of_the_kernels_frames():
    blank = gso = 0
    for capture in sorted(DATA.glob("*.pcap")):
        with open(capture.with_suffix(".csv"), encoding="ascii") as table:
            names, *lines = [line.strip().split(",") for line in table]
        packets = [json.loads(line) for line in run("netfront", "--json", capture).out.splitlines()]
        equal(len(packets), len(lines), capture)
        for sent, line in zip(packets, lines):
            row = dict(zip(names, line))
            seeded = int(row["flags"]) & 1
            equal(sent["state"] == "partial", bool(seeded), sent)
            if capture.stem == "vlan":
                equal(sent["flags"] & BLANK, 0, sent)
            elif seeded and capture.stem != "vxlan":
                equal(sent["flags"] & (BLANK | VALIDATED), BLANK | VALIDATED, sent)
                blank += 1
            if row["gso_type"] in "14" and capture.stem.startswith("tso"):
                equal((sent["flags"] & EXTRA, sent["mss"]), (EXTRA, int(row["gso_size"])), sent)
                gso += 1
    assert blank > 150 and gso > 20, (blank, gso)


main()
