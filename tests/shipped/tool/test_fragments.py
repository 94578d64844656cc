#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fragments, put together for the verdict. Usage: test_fragments.py CSUMOFF DATA; see
captures.py."""

import itertools
import random
import resource
import struct

from captures import *

FRAGMENT = 44
FOUR, SIX = ("192.0.2.1", "198.51.100.2"), ("2001:db8::1", "2001:db8::2")


def frag4(proto, offset, data, more, ident=7, **ends):
    head = ip4(proto, data, frag=offset // 8 | (0x2000 if more else 0), **ends)
    size = (head[0] & 15) * 4
    packet = head[:4] + struct.pack(">H", ident) + head[6:10] + b"\0\0" + head[12:]
    return packet[:10] + struct.pack(">H", ~ones_sum(packet[:size]) & 0xFFFF) + packet[12:]


def frag6(proto, offset, data, more, ident=7, **ends):
    """before: extension headers in front of the fragment header, and what the first of them is;
    their last one says that it follows."""
    before, first = ends.pop("before", (b"", FRAGMENT))
    header = struct.pack(">BBHI", proto, 0, offset | more, ident)
    return ip6(proto, before + header + data, first=first, **ends)


def cut(proto, data, size, make=frag4, **ends):
    return [make(proto, at, data[at:at + size], at + size < len(data), **ends)
            for at in range(0, len(data), size)]


def timed(frames, link=ETHERNET):
    """A capture of (seconds, frame)."""
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link) + b"".join(
        struct.pack("<IIII", time, 0, len(frame), len(frame)) + frame for time, frame in frames)


def judged(data):
    """What verify --json says: the packets, and the last object."""
    write("pieces.pcap", data)
    p = run("verify", "--json", path("pieces.pcap"))
    *packets, last = [json.loads(line) for line in p.out.splitlines()]
    equal((p.err, p.returncode), ("", int(any(q["verdict"] == "BAD" for q in packets))))
    # The rows say the same, where they hold it.
    rows_ = run("verify", path("pieces.pcap")).out
    count = last["summary"]["fragments"]
    if count["datagrams"]:
        contains(rows_, "%d datagram" % count["datagrams"],
                 "from %d fragments." % count["fragments"])
    never = {k: n for k, n in count.items() if k not in ("datagrams", "fragments") and n}
    if never:
        words = ", ".join("%d %s" % (n, k) for k, n in never.items())
        contains(rows_, "never became whole:  %s.\n" % words)
    return packets, dict(datagrams=count["datagrams"], **never)


def states(packets):
    return [p.get("fragment", {}).get("state") for p in packets]


def at_once(*packets, link=ether):
    return timed([(5, link(p)) for p in packets])


# ---- Whole ones ----------------------------------------------------------------------------

PAYLOAD = bytes(range(200))


@test
def the_last_fragment_has_the_verdict():
    for version, (make, pair) in {4: (frag4, FOUR), 6: (frag6, SIX)}.items():
        for proto in TCP, UDP, ICMP if version == 4 else ICMPV6, SCTP:
            for check, verdict in (("good", "GOOD"), ("bad", "BAD"), ("seed", "SEEDED"),
                                   ("zero", "ABSENT")):
                if (proto == SCTP and check not in ("good", "bad")) or \
                        (proto in (ICMP, ICMPV6) and check != "good" and check != "bad"):
                    continue
                if check == "zero":
                    if proto != UDP:
                        continue
                    verdict = "ABSENT" if version == 4 else "BAD"
                data = sctp(PAYLOAD, None if check == "good" else 1) if proto == SCTP else \
                    l4(proto, *pair, PAYLOAD, check)
                orders = list(itertools.permutations(range(4)))
                pieces = [cut(proto, data, 56, make, ident=n) for n in range(len(orders))]
                equal(len(pieces[0]), 4)
                packets, counts = judged(at_once(*[pieces[i][n] for i, order in enumerate(orders)
                                                   for n in order]))
                equal(counts, {"datagrams": 24})
                table = rows(run("verify", path("pieces.pcap")).out)
                for i, order in enumerate(orders):
                    each, got = packets[4 * i:4 * i + 4], table[4 * i:4 * i + 4]
                    numbers = [4 * i + n for n in range(1, 5)]
                    equal([p["l4"] for p in each], ["UNCHECKED"] * 3 + [verdict], (proto, check))
                    equal([p["l3"] for p in each], ["GOOD" if version == 4 else "ABSENT"] * 4)
                    equal(states(each), ["waiting"] * 3 + ["whole"])
                    equal(each[3]["fragment"]["packets"], numbers)
                    equal([p.get("reason") for p in each], ["fragment"] * 3 + [None])
                    equal(["csum_start" in p for p in each], [False] * 4)
                    if proto == UDP:
                        equal((each[3]["from_port"], each[3]["to_port"]), (5000, 53))
                    equal([row[3] for row in got], ["UNCHECKED"] * 3 + [verdict])
                    contains(got[3][4], "fragments %d, %d, %d, %d" % tuple(numbers))
                    contains(got[2][4], "(fragment)",
                             "of datagram %d, begun in %d" % (i, numbers[0]))
                    equal(got[0][4].split("  ")[-1], "bytes %d-%d of datagram %d" % (
                        order[0] * 56, min(order[0] * 56 + 55, len(data) - 1), i))


@test
def on_every_link_and_on_each_vlan_apart():
    data = l4(UDP, *FOUR, PAYLOAD)
    a, b, c = cut(UDP, data, 80)
    links = [ether, lambda p: ether(p, tags=[(0x8100, 5)]),
             lambda p: ether(p, tags=[(0x88A8, 5), (0x8100, 6)]),
             lambda p: ether(bytes.fromhex("0001004000020140") + p, kind=0x8847),
             lambda p: ether(bytes.fromhex("11000001") + struct.pack(">HH", len(p) + 2, 0x21) + p,
                             kind=0x8864),
             lambda p: ether(bytes.fromhex("aaaa030000000800") + p, kind=len(p) + 8),
             lambda p: ether(p, pad=bytes(range(30)))]
    for link in links:
        equal([p["l4"] for p in judged(at_once(c, a, b, link=link))[0]],
              ["UNCHECKED", "UNCHECKED", "GOOD"])
    equal([p["l4"] for p in judged(timed([(5, p) for p in (a, b, c)], link=RAW))[0]],
          ["UNCHECKED", "UNCHECKED", "GOOD"])
    # The same names on two VLANs.
    other = cut(UDP, l4(UDP, *FOUR, PAYLOAD[::-1]), 80)
    frames = [links[n](p) for pieces in zip((a, b, c), other) for n, p in enumerate(pieces, 1)]
    packets, counts = judged(timed([(5, f) for f in frames]))
    equal(([p["l4"] for p in packets], counts),
          (["UNCHECKED"] * 4 + ["GOOD"] * 2, {"datagrams": 2}))
    equal([p["fragment"]["packets"] for p in packets[4:]], [[1, 3, 5], [2, 4, 6]])


@test
def what_is_part_of_a_datagrams_name():
    """Source, destination, identifier and, over IPv4, the protocol."""
    same = dict(ident=7)
    for make, pair, names in (
            (frag4, FOUR, [same, dict(ident=8), dict(same, src="192.0.2.3"),
                           dict(same, dst="192.0.2.4")]),
            (frag6, SIX, [same, dict(ident=0x10007), dict(ident=0x7000000),
                          dict(same, src="2001:db8::3"), dict(same, dst="2001:db8::4")])):
        pieces = [[make(UDP, at, l4(UDP, name.get("src", pair[0]), name.get("dst", pair[1]),
                                    bytes([n]) * 100)[at:at + 56], at < 56, **name)
                   for at in (0, 56)] for n, name in enumerate(names)]
        packets, counts = judged(at_once(*[p for first, _ in pieces for p in [first]],
                                         *[last for _, last in pieces]))
        equal(([p["l4"] for p in packets], counts),
              (["UNCHECKED"] * len(names) + ["GOOD"] * len(names), {"datagrams": len(names)}))
    equal(states(judged(at_once(frag4(UDP, 0, bytes(8), 1), frag4(TCP, 8, bytes(8), 0)))[0]),
          ["waiting"] * 2)


@test
def headers_around_the_fragment_header():
    data = l4(UDP, *SIX, PAYLOAD)
    options = bytes([FRAGMENT, 0, 1, 4, 0, 0, 0, 0])
    atomic = bytes([FRAGMENT, 0, 0, 0, 0, 0, 0, 9])
    ah = bytes([FRAGMENT, 4, 0, 0]) + bytes(20)
    for before in ((options, 60), (options, 0), (atomic, FRAGMENT), (ah, 51),
                   (bytes([60]) + atomic[1:] + options, FRAGMENT),
                   (bytes([51]) + options[1:] + ah, 60), (bytes([60]) + ah[1:] + options, 51)):
        packets, _ = judged(at_once(*cut(UDP, data, 80, frag6, before=before)))
        equal([p["l4"] for p in packets], ["UNCHECKED"] * 2 + ["GOOD"], before)
    # Behind it, in the part that is cut.
    packets, _ = judged(at_once(*cut(60, bytes([UDP, 0, 1, 4, 0, 0, 0, 0]) + data, 80, frag6)))
    equal([p["l4"] for p in packets], ["UNCHECKED"] * 2 + ["GOOD"])
    # A route whose end is in the pseudo-header, and IPv4 options.
    route = bytes([FRAGMENT, 2, 4, 1, 0, 0, 0, 0]) + address("2001:db8::9")
    data = l4(UDP, SIX[0], "2001:db8::9", PAYLOAD)
    packets, _ = judged(at_once(*cut(UDP, data, 80, frag6, before=(route, ROUTING))))
    equal(packets[2]["l4"], "GOOD")
    data = l4(UDP, *FOUR, PAYLOAD)
    packets, _ = judged(at_once(*cut(UDP, data, 80, options=b"\1" * 8)))
    equal(packets[2]["l4"], "GOOD")
    # A fragment of a fragment is one that is not to be judged.
    inner = struct.pack(">BBHI", UDP, 0, 8 | 1, 3) + bytes(80)
    packets, _ = judged(at_once(*cut(FRAGMENT, inner, 40, frag6)))
    equal((packets[2]["l4"], packets[2]["reason"], states(packets)[2]),
          ("UNCHECKED", "fragment", "whole"))


@test
def ipv4_headers_are_each_fragments_own():
    a, b = cut(UDP, l4(UDP, *FOUR, PAYLOAD), 120)
    for how, at in itertools.product(("BAD", "BLANK"), (0, 1)):
        pieces = [a, b]
        check = struct.unpack_from(">H", pieces[at], 10)[0]
        value = struct.pack(">H", check ^ 1 if how == "BAD" else 0)
        pieces[at] = pieces[at][:10] + value + pieces[at][12:]
        packets, _ = judged(at_once(*pieces))
        equal([p["l3"] for p in packets], [how if n == at else "GOOD" for n in (0, 1)])
        equal(packets[at]["l3_expected"], "0x%04x" % check)
        equal(packets[1]["l4"], "GOOD")
        equal(packets[1]["verdict"], how if at else "GOOD")


@test
def a_tunnel_that_was_cut():
    for frame, verdicts_ in ((vxlan(SEEDED_INNER, "later"), ["GOOD", "SEEDED"]),
                             (vxlan(BAD_INNER, "zero"), ["ABSENT", "BAD"])):
        packets, _ = judged(at_once(*cut(UDP, frame[34:], 48)))
        equal([level["l4"] for level in packets[-1]["levels"]], verdicts_)
        equal([level["protocol"] for level in packets[-1]["levels"]], ["UDP", "TCP"])
        got = rows(run("verify", path("pieces.pcap")).out)[-2:]
        equal([row[0] for row in got], ["%d.1" % len(packets), "%d.2" % len(packets)])
        contains(got[0][4], "fragments 1, 2")
        assert "fragments" not in got[1][4], got
    # Fragments inside a tunnel are not put together.
    a, b = cut(UDP, l4(UDP, *FOUR, PAYLOAD), 120)
    packets, counts = judged(at_once(ip4(4, a), ip4(4, b)))
    equal(([p["l4"] for p in packets], counts), (["UNCHECKED"] * 2, {"datagrams": 0}))
    write("pieces.pcap", pcap([vxlan(ether(p), "later") for p in (a, b)]))
    equal(levels("pieces.pcap"), [("GOOD", [("GOOD", "GOOD"), ("GOOD", "UNCHECKED")])] * 2)


@test
def a_seed_that_arrived_in_fragments():
    """Nothing on the way joins UDP datagrams and cuts them again."""
    for kind, code in (4, 0), (0, 1):  # sent by us, to us
        head = struct.pack(">H12xH", kind, 0x0800)
        pieces = cut(UDP, l4(UDP, *FOUR, bytes(3000), "seed"), 1480)
        write("pieces.pcap", timed([(5, head + p) for p in pieces], link=SLL))
        p = run("verify", "--json", path("pieces.pcap"))
        last = json.loads(p.out.splitlines()[len(pieces) - 1])
        equal((p.returncode, last["l4"], last.get("near")),
              (code, "SEEDED", "arrived unfinished" if code else None))


@test
def a_long_datagram_is_not_coalesced():
    """It is longer than any packet, and says nothing of how long packets are."""
    right, wrong = (cut(UDP, l4(UDP, *FOUR, bytes(3000), check), 1480) for check in ("good", "bad"))
    big = v4(TCP, "bad", payload=bytes(2000))
    write("pieces.pcap", at_once(*wrong, *right, big))
    out = run("verify", "--json", path("pieces.pcap")).out
    got = [json.loads(line) for line in out.splitlines()]
    equal((got[2]["l4"], got[2].get("near"), got[5]["l4"]), ("BAD", None, "GOOD"))
    equal(got[6]["near"], "longer than the MTU seen")


@test
def explain_knows_why_a_datagram_is_wrong():
    """As verify does: addresses that were rewritten are known by three datagrams."""
    frames, link = [], b"\2\0\0\0\0\1" * 2 + b"\x08\0"
    for n in range(4):
        data = l4(UDP, "192.0.2.99", FOUR[1], bytes([n]) * 100)
        frames += [link + p for p in cut(UDP, data, 56, ident=n)]
    write("pieces.pcap", timed([(5, f) for f in frames]))
    p = run("verify", "--json", path("pieces.pcap"))
    equal(json.loads(p.out.splitlines()[7])["near"], "rewritten addresses")
    p = run("explain", path("pieces.pcap"), "8")
    contains(" ".join(p.out.split()), "The datagram, whole with packets 7, 8", "rewritten")


@test
def the_whole_may_make_no_sense():
    data = l4(UDP, *FOUR, PAYLOAD)
    for broken, verdict in ((data[:4] + b"\0\7" + data[6:], "MALFORMED"),
                            (data[:4] + b"\xff\0" + data[6:], "MALFORMED"),
                            (data[:4] + b"\0\x64" + data[6:], "BAD")):
        packets, _ = judged(at_once(*cut(UDP, broken, 80)))
        equal(packets[2]["l4"], verdict)
    packets, _ = judged(at_once(frag4(TCP, 0, bytes(8), True), frag4(TCP, 8, bytes(8), False)))
    equal(packets[1]["l4"], "TRUNCATED")
    packets, _ = judged(at_once(frag4(50, 0, bytes(8), True), frag4(50, 8, bytes(8), False)))
    equal((packets[1]["l4"], packets[1]["reason"]), ("UNCHECKED", "protocol 50"))


@test
def many_fragments_are_not_all_listed_in_a_row():
    data = l4(UDP, *FOUR, bytes(8 * 30 - 8))
    packets, _ = judged(at_once(*cut(UDP, data, 8)))
    equal((packets[-1]["l4"], packets[-1]["fragment"]["packets"]), ("GOOD", list(range(1, 31))))
    contains(run("verify", path("pieces.pcap")).out, "fragments 1, 2, 3, 4, 5, ..., 30 (30)\n")


# ---- Duplicates, overlaps, lengths ---------------------------------------------------------


@test
def copies_change_nothing():
    a, b, c = cut(UDP, l4(UDP, *FOUR, PAYLOAD), 80)
    packets, counts = judged(at_once(a, a, c, b, b, a, c))
    equal((states(packets), counts),
          (["waiting", "again", "waiting", "whole"] + ["again"] * 3, {"datagrams": 1}))
    equal(packets[3]["fragment"]["packets"], [1, 3, 4])
    contains(run("verify", path("pieces.pcap")).out, "bytes 0-79 of datagram 7, again\n")
    # A part of what is there, and several of them as one.
    whole = l4(UDP, *FOUR, PAYLOAD)
    packets, counts = judged(at_once(a, b, frag4(UDP, 40, whole[40:56], True),
                                     frag4(UDP, 0, whole[:160], True), c))
    equal((states(packets), counts),
          (["waiting", "waiting", "again", "again", "whole"], {"datagrams": 1}))


@test
def a_name_used_again_is_another_datagram():
    one, two = (cut(UDP, l4(UDP, *FOUR, bytes([n]) * 200), 80) for n in (1, 2))
    packets, counts = judged(at_once(*one, *two, *one[:1]))
    equal((states(packets), counts),
          (["waiting", "waiting", "whole"] * 2 + ["waiting"], {"datagrams": 2, "incomplete": 1}))
    equal([p["l4"] for p in packets[2::3]], ["GOOD"] * 2)
    equal(packets[5]["fragment"]["packets"], [4, 5, 6])
    # The same bytes again, and then one fragment that is not.
    packets, counts = judged(at_once(*one, *one, two[2]))
    equal((states(packets)[3:], counts),
          (["again"] * 3 + ["waiting"], {"datagrams": 1, "incomplete": 1}))


@test
def overlaps_are_refused():
    data = l4(TCP, *FOUR, PAYLOAD)
    a, b, c = cut(TCP, data, 80)
    other = bytes(x ^ 1 for x in data)
    for again in (frag4(TCP, 72, data[72:96], True),   # partly new
                  frag4(TCP, 0, other[:80], True),     # the same place, other bytes
                  frag4(TCP, 8, other[8:24], True),    # RFC 1858: the TCP header rewritten
                  frag4(TCP, 0, data[:72] + other[72:80], True),
                  frag4(TCP, 0, data[:88], True)):
        # What holds all of the other, and the same, comes second.
        for order in ((a, again), (again, a))[:1 if len(again) == 108 else 2]:
            packets, counts = judged(at_once(*order, b, c, a, again))
            equal((states(packets), counts),
                  (["waiting"] + ["refused"] * 5, {"datagrams": 0, "overlapping": 1}))
            equal([p["fragment"].get("why") for p in packets], [None] + ["overlapping"] * 5)
            equal([p["l4"] for p in packets], ["UNCHECKED"] * 6)
            contains(run("verify", path("pieces.pcap")).out, ", not put together: overlapping\n")
    # RFC 1858: the flags of TCP in the second fragment are where they belong.
    tiny = cut(TCP, l4(TCP, *FOUR, b"", "bad"), 8)
    equal(judged(at_once(*tiny))[0][-1]["l4"], "BAD")


@test
def impossible_lengths_are_refused():
    data = l4(UDP, *FOUR, PAYLOAD)
    a, b, c = cut(UDP, data, 80)
    for odd in (frag4(UDP, 80, data[80:159], True),         # no multiple of 8
                frag4(UDP, 80, b"", True), frag4(UDP, 80, b"", False),
                frag4(UDP, 160, data[160:200], False),      # contradicts c
                frag4(UDP, 160, data[160:] + bytes(8), False),
                frag4(UDP, 160, data[160:] + bytes(8), True),
                frag4(UDP, 208, bytes(8), True),
                frag4(UDP, 80, data[80:160], False),        # ends before c does
                frag4(UDP, 65528, bytes(8), True), frag4(UDP, 65528, bytes(9), False)):
        packets, counts = judged(at_once(a, c, odd, b))
        equal((states(packets), counts), (["waiting"] * 2 + ["refused"] * 2,
                                          {"datagrams": 0, "impossible lengths": 1}))
    for odd in frag4(UDP, 65528, bytes(8), True), frag6(UDP, 65528, bytes(9), False):
        equal(states(judged(at_once(odd))[0]), ["refused"])
    # The longest ones, and those that are a byte longer.
    for make, pair, most in (frag4, FOUR, 65535 - 20), (frag6, SIX, 65535):
        for extra in 0, 1:
            size = most + extra
            data = l4(UDP, *pair, bytes(size - 8)) if size <= 65535 else bytes(65536)
            packets, counts = judged(at_once(*cut(UDP, data, 32768, make)))
            equal((states(packets)[-1], packets[-1]["l4"]),
                  ("refused", "UNCHECKED") if extra else ("whole", "GOOD"))
            equal(counts, {"datagrams": 0, "impossible lengths": 1} if extra else {"datagrams": 1})


@test
def snapped_fragments():
    a, b = cut(UDP, l4(UDP, *FOUR, PAYLOAD), 120)
    frame = ether(a)
    packets, counts = judged(pcap([(frame[:60], len(frame)), ether(b)]))
    equal((states(packets), counts), (["refused"] * 2, {"datagrams": 0, "snapped": 1}))
    # Only padding is missing.
    frame = ether(a, pad=bytes(20))
    packets, counts = judged(pcap([(frame[:-9], len(frame)), ether(b)]))
    equal((states(packets), counts), (["waiting", "whole"], {"datagrams": 1}))


# ---- Time and memory -----------------------------------------------------------------------


@test
def missing_fragments():
    pieces = cut(UDP, l4(UDP, *FOUR, PAYLOAD), 56)
    for missing in range(4):
        packets, counts = judged(at_once(*[p for n, p in enumerate(pieces) if n != missing]))
        equal((states(packets), counts), (["waiting"] * 3, {"datagrams": 0, "incomplete": 1}))
    contains(run("verify", "--summary", path("pieces.pcap")).out,
             "\n1 datagram never became whole:  1 incomplete.\n")
    # Each capture is one of its own.
    write("other.pcap", at_once(pieces[3]))
    out = run("verify", path("pieces.pcap"), path("other.pcap")).out
    contains(out, "\n2 datagrams never became whole:  2 incomplete.\n")


@test
def by_the_captures_clock():
    a, b = cut(UDP, l4(UDP, *FOUR, PAYLOAD), 120)
    for apart, whole in (60, True), (61, False), (-60, True), (-61, False), (4294966295, False):
        packets, counts = judged(timed([(1000, ether(a)), (1000 + apart, ether(b))]))
        equal((states(packets)[1], counts), ("whole", {"datagrams": 1}) if whole else
              ("waiting", {"datagrams": 0, "incomplete": 2}), apart)
    # One that was refused is forgotten as well.
    packets, counts = judged(timed([(1, ether(a)), (1, ether(frag4(UDP, 0, bytes(8), True))),
                                    (70, ether(a)), (71, ether(b))]))
    equal((states(packets), counts), (["waiting", "refused", "waiting", "whole"],
                                      {"datagrams": 1, "overlapping": 1}))


@test
def no_more_than_1024_at_once():
    def halves(n):
        return [ether(p) for p in cut(UDP, l4(UDP, *FOUR, bytes([n % 251]) * 64), 40, ident=n)]

    firsts, lasts = zip(*map(halves, range(1, 1027)))
    packets, counts = judged(timed([(5, f) for f in firsts + lasts[2:] + lasts[:2]]))
    equal(counts, {"datagrams": 1024, "incomplete": 2, "too many at once": 2})
    equal(states(packets)[1026:], ["whole"] * 1024 + ["waiting"] * 2)


@test
def no_more_than_16_mib_at_once():
    """Each of these takes 64 KiB, a list of packets and a header; the oldest are dropped."""
    frames = [ether(frag4(UDP, 65000, bytes(80), False, ident=n)) for n in range(1, 300)]
    frames.insert(0, ether(frag4(UDP, 0, bytes(8), True, ident=999)))
    packets, counts = judged(timed([(5, f) for f in frames]))
    assert counts["too many at once"] in range(299 - 256, 60) and counts["datagrams"] == 0, counts
    equal(counts["too many at once"] + counts["incomplete"], 300)
    # The oldest one, which grows, is not dropped for its own sake.
    data = l4(UDP, *FOUR, bytes(60000))
    first, rest = [ether(frag4(UDP, at, data[at:end], at == 0, ident=1000))
                   for at, end in ((0, 8), (8, None))]
    packets, counts = judged(timed([(5, f) for f in [first, *frames[1:256], rest]]))
    equal((packets[-1]["l4"], counts),
          ("GOOD", {"datagrams": 1, "incomplete": 254, "too many at once": 1}))


@test
def memory_is_bounded():
    """60,000 datagrams of up to 64 KiB are begun, in 128 MiB."""
    if b"__asan_init" in open(TOOL[-1], "rb").read():
        raise Skip("a sanitizer holds back what is freed")
    if len(TOOL) > 1:
        raise Skip("an emulator has needs of its own")

    def limit():
        resource.setrlimit(resource.RLIMIT_DATA, (128 << 20, 128 << 20))

    pieces = [frag4(UDP, 8 * (n % 8000), bytes(64), True, ident=n) for n in range(60000)]
    write("many.pcap", at_once(*pieces))
    p = run("verify", "--summary", path("many.pcap"), preexec_fn=limit)
    equal((p.returncode, p.err), (0, ""))
    contains(p.out, "60000 datagrams never became whole")


# ---- Whatever comes ------------------------------------------------------------------------


class Model:
    """What a receiver makes of fragments, byte by byte, with nothing of the command's ways."""

    def __init__(self):
        self.held, self.counts = {}, {"datagrams": 0}

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def take(self, number, name, offset, data, more):
        d = self.held.get(name)
        end = offset + len(data)
        odd = not data or (more and len(data) % 8) or end > 65535
        if d and d["state"] == "whole":
            there = bytes(d["bytes"][i] for i in range(offset, min(end, d["end"])))
            if not odd and there == data and (more or end == d["end"]):
                return "again"
            d = None
        if not d:
            d = self.held[name] = {"state": "waiting", "bytes": {}, "end": None, "packets": []}
        if d["state"] == "refused":
            return "refused"
        there = {i for i in range(offset, end) if i in d["bytes"]}
        if not odd:
            odd = d["end"] is not None and (end > d["end"] or (not more and end != d["end"])) or \
                not more and d["bytes"] and max(d["bytes"]) >= end
        if odd or (there and (len(there) < len(data) or
                              any(d["bytes"][i] != data[i - offset] for i in there))):
            d["state"] = "refused"
            self.count("impossible lengths" if odd else "overlapping")
            return "refused"
        if there:
            return "again"
        d["bytes"].update(enumerate(data, offset))
        d["packets"].append(number)
        if not more:
            d["end"] = end
        if d["end"] is None or len(d["bytes"]) < d["end"]:
            return "waiting"
        d["state"] = "whole"
        self.count("datagrams")
        return "whole"

    def end(self):
        for d in self.held.values():
            if d["state"] == "waiting":
                self.count("incomplete")
        return self.counts


@test
def random_fragments_as_a_receiver_takes_them():
    rng = random.Random(8)
    for _ in range(60):
        model, frames, want = Model(), [], []
        waiting = []
        for _ in range(rng.randrange(1, 30)):
            version, ident = rng.choice((4, 6)), rng.randrange(3)
            make, pair = (frag4, FOUR) if version == 4 else (frag6, SIX)
            payload = rng.choice((b"a", b"b")) * rng.randrange(300)
            data = l4(UDP, *pair, payload, rng.choice(("good", "good", "seed", "bad")))
            size = 8 * rng.randrange(1, 12)
            cuts = [(at, data[at:at + size], at + size < len(data))
                    for at in range(0, len(data), size)]
            for at, part, more in cuts:
                if rng.random() < 0.03:
                    continue
                if rng.random() < 0.03:
                    at += 8 * rng.choice((-1, 1)) if at else 8
                if rng.random() < 0.02:
                    part += bytes(rng.randrange(1, 12))
                if rng.random() < 0.02:
                    more = not more
                if at == 0 and not more:  # not a fragment
                    continue
                piece = (version, ident), at, part, more, make
                waiting += [piece] * (2 if rng.random() < 0.05 else 1)
            if rng.random() < 0.7:
                rng.shuffle(waiting)
            emit = len(waiting) if rng.random() < 0.6 else rng.randrange(len(waiting) + 1)
            for name, at, part, more, make in waiting[:emit]:
                frames.append(make(UDP, at, part, more, ident=name[1]))
                want.append(model.take(len(frames), name, at, part, more))
            del waiting[:emit]
        if not frames:
            continue
        packets, counts = judged(at_once(*frames))
        equal(states(packets), want)
        equal(counts, model.end())


@test
def hostile_bytes():
    """Nothing is read outside; the sanitizers of a test build look on."""
    rng = random.Random(9)
    frames = []
    pieces = cut(UDP, l4(UDP, *FOUR, PAYLOAD), 56, ident=1)
    pieces += cut(UDP, l4(UDP, *SIX, PAYLOAD), 56, frag6)
    for _ in range(4000):
        frame = bytearray(ether(rng.choice(pieces)))
        for _ in range(rng.randrange(4)):
            frame[rng.randrange(14, 62)] = rng.randrange(256)
        frames.append((bytes(frame[:rng.randrange(14, len(frame) + 1)]), len(frame))
                      if rng.random() < 0.2 else bytes(frame))
    write("hostile.pcap", pcap(frames))
    p = run("verify", "--json", path("hostile.pcap"))
    equal(p.err, "")
    equal(len(p.out.splitlines()), len(frames) + 1)


# ---- finish, and the kernel's own ----------------------------------------------------------


@test
def finish_leaves_fragments_and_says_so():
    pieces = cut(UDP, l4(UDP, *FOUR, PAYLOAD, "seed"), 80)
    frames = [ether(p) for p in pieces]
    write("seeded.pcap", pcap(frames, order="="))
    p = finish("seeded.pcap", "seeded.out")
    contains(p.out, "0 finished, 3 left as they were (3 fragments)")
    equal(read("seeded.out"), read("seeded.pcap"))
    packets, _ = judged(read("seeded.pcap"))
    equal(packets[2]["l4"], "SEEDED")
    # Only their IPv4 headers can be made.
    write("blank.pcap", pcap([blank(f) for f in frames[:2]] + frames[2:], order="="))
    p = finish("blank.pcap", "blank.out")
    contains(p.out, "2 finished, 1 left as it was (1 fragment)")
    equal(read("blank.out"), read("seeded.pcap"))


@test
def the_kernels_fragments_are_right():
    p = run("verify", "--json", DATA / "fragments.pcap")
    *packets, last = [json.loads(line) for line in p.out.splitlines()]
    equal((p.returncode, last["summary"]["fragments"]["datagrams"],
           last["summary"]["fragments"]["fragments"], last["summary"]["unchecked"]),
          (0, 10, len(packets), len(packets) - 10))
    equal({p["l4"] for p in packets if p["fragment"]["state"] == "whole"}, {"GOOD"})


main()
