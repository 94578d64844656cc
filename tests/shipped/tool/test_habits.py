#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How the command is used day by day: what is shown and counted, terminals, signals, completion,
the manual's examples. Usage: test_habits.py CSUMOFF DATA; see captures.py."""

import fcntl
import json
import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import signal
import struct
import subprocess
import termios
import threading
import time

from captures import *

ROOT = pathlib.Path(__file__).resolve().parents[3]
MANUAL = (ROOT / "docs/man/csumoff.1").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^  csumoff (\w+) ", run("help").out, re.M)


def sent_by(source, *checks):
    """TCP from this address to 198.51.100.2, with these checksums."""
    return [ether(ip4(TCP, l4(TCP, source, "198.51.100.2", check=check), src=source))
            for check in checks]


def summary(*args):
    return json.loads(run("verify", "--json", *args).out.splitlines()[-1])["summary"]


def options_of(command):
    """What --help lists: {name: (letter or "", value or "")}."""
    return {m[2]: (m[1].strip("-, "), m[3] or "") for m in
            re.finditer(r"^  (-\w, |    )--([a-z-]+)(?: ([A-Z=]+))?(?=\s)",
                        run("help", command).out, re.M)}


# ---- --only --------------------------------------------------------------------------------


@test
def only_some_verdicts():
    whole = run("verify", path("zoo.pcap"))
    heading = whole.out.splitlines()[0]
    for words in ("BAD", "BAD,SEEDED", "seeded-gso,Truncated", "BLANK"):
        p = run("verify", "--only", words, path("zoo.pcap"))
        wanted = words.upper().split(",")
        shown = rows(p.out)
        equal(p.out.splitlines()[0], heading, "heading")
        # Packet 19 is BAD by its IPv4 header.
        expected = [row for row in rows(whole.out)
                    if (row[3] if row[2] != "BAD" else "BAD") in wanted]
        equal(shown, expected, words)
        equal(p.out.split("\n\n", 1)[1], whole.out.split("\n\n", 1)[1], "the summary")
        equal(p.returncode, 1, "exit status")
        lines = run("verify", "--json", "--only", words, path("zoo.pcap")).out.splitlines()
        equal([str(json.loads(line)["packet"]) for line in lines[:-1]], [row[0] for row in shown])
        equal(json.loads(lines[-1])["summary"]["packets"], len(ZOO))


@test
def only_of_tunnels():
    """A frame is chosen by its verdict, and of its packets those that have one of the verdicts."""
    write("tunnels.pcap", pcap([vxlan(BAD_INNER, "good"), vxlan(SEEDED_INNER, "zero"),
                                vxlan(ether(v4(TCP)), "bad"), vxlan(ether(v4(TCP)), "good")]))

    def shown(words):
        return [row[0] for row in rows(run("verify", "--only", words, path("tunnels.pcap")).out)]

    equal(shown("BAD"), ["1.2", "3.1"])
    equal(shown("SEEDED,ABSENT"), ["2.1", "2.2"])
    equal(shown("GOOD"), ["4.1", "4.2"])


@test
def only_what_there_is():
    for words in ("WRONG", "BAD,", "", "BAD,,SEEDED", "GOO", "GOODS"):
        p = run("verify", "--only", words, path("zoo.pcap"))
        unusable(p, "no verdict", "GOOD, BAD, SEEDED, SEEDED-GSO, BLANK, ABSENT, UNCHECKED, "
                                  "TRUNCATED, MALFORMED")
        equal(p.out, "")


# ---- --filter ------------------------------------------------------------------------------


@test
def filtered_packets():
    p = run("verify", "--filter", "udp and ip6", path("zoo.pcap"))
    # Number 23 is a fragment; VLAN tags hide number 9 from libpcap.
    equal([row[0] for row in rows(p.out)], ["7", "8", "23"])
    contains(p.out, "3 packets: 1 wrong",
             "%d packets were left out by the filter." % (len(ZOO) - 3))
    equal(p.out.splitlines()[0], run("verify", path("zoo.pcap")).out.splitlines()[0])
    s = summary("--filter", "udp and ip6", path("zoo.pcap"))
    equal((s["packets"], s["filtered"]), (3, len(ZOO) - 3))
    p = run("netfront", "--filter", "arp", path("zoo.pcap"))
    contains(p.out, "1  packet\n", "%d  left out by the filter" % (len(ZOO) - 1))
    equal(len(run("netfront", "--json", "--filter", "arp", path("zoo.pcap")).out.splitlines()), 1)
    p = run("verify", "--filter", "port 4", path("fine.pcap"))
    equal(p.returncode, 0)
    contains(p.out, "0 packets", "2 packets were left out")


@test
def filters_of_every_link_type():
    """An expression is compiled for what the capture has."""
    packet = v4(TCP)
    for link, frame in ((RAW, packet), (12, packet), (14, packet), (NULL, b"\2\0\0\0" + packet),
                        (SLL, bytes(14) + b"\x08\x00" + packet), (IPV4, packet),
                        (SLL2, b"\x08\x00" + bytes(18) + packet), (9, b"\xFF\x03\0\x21" + packet)):
        write("link.pcap", pcap([frame, frame], link=link))
        equal(summary("--filter", "tcp port 80", path("link.pcap"))["packets"], 2, link)
        equal(summary("--filter", "udp", path("link.pcap"))["filtered"], 2, link)
    write("raw.pcap", pcap([packet], link=RAW))
    equal(summary("--filter", "ip", path("raw.pcap"), path("zoo.pcap"), path("raw.pcap"))
          ["filtered"], len([f for _, f in ZOO if f[12:14] != b"\x08\x00"]))
    unusable(run("verify", "--filter", "ether src 2:0:0:0:0:1", path("raw.pcap")), "--filter")


@test
def filters_that_make_no_sense():
    for args in (["verify"], ["netfront"]):
        p = run(*args, "--filter", "host and", path("zoo.pcap"))
        unusable(p, "--filter: ", "syntax error")
        assert not rows(p.out)
    unusable(run("finish", "--filter", "host and", path("zoo.pcap"), path("never.pcap")),
             "syntax error")
    assert not os.path.exists(path("never.pcap"))
    # Where there are no packets, too.
    write("none.pcap", pcap([]))
    unusable(run("verify", "--filter", "host and", path("none.pcap")), "syntax error")


@test
def finish_copies_what_does_not_match():
    frames = sent_by("192.0.2.1", "seed") + sent_by("192.0.2.9", "seed", "bad", "good")
    done = sent_by("192.0.2.1", "good") + frames[1:]
    write("mixed.pcap", pcap(frames, order="="))
    for options, words in (([], "1 finished, 0 left as they were, 3 left by the filter"),
                           (["--all"], "1 recomputed (1 changed), 0 left as they were, "
                                       "3 left by the filter")):
        p = run("finish", "--filter", "src host 192.0.2.1", *options, path("mixed.pcap"),
                path("out.pcap"))
        equal((p.returncode, p.err), (0, ""))
        contains(p.out, words)
        equal(read("out.pcap"), pcap(done, order="="))
    p = run("finish", path("mixed.pcap"), path("out.pcap"))
    assert "filter" not in p.out, p.out


@test
def finish_in_json():
    write("mixed.pcap", pcap(sent_by("192.0.2.1", "seed", "bad", "good")
                             + sent_by("192.0.2.9", "seed") + [(ether(v4(TCP))[:50], 67)]))
    args = ["--json", "--filter", "not host 192.0.2.9", path("mixed.pcap")]
    others = {"snapped": 1, "fragments": 0, "filtered": 1, "hashes_made": 0, "hashes_removed": 0}
    expected = {"finished": 1, "wrong": 1, "left": 3, **others}
    p = run("finish", *args, path("out.pcap"))
    equal((json.loads(p.out), p.err), (expected, ""))
    p = run("finish", *args, "-")
    equal(json.loads(p.err), expected)
    equal(p.stdout, read("out.pcap"))
    p = run("finish", "--all", *args, path("out.pcap"))
    equal(json.loads(p.out),
          {"recomputed": 3, "changed": 2, "left": 1, **others})


# ---- --files, --senders --------------------------------------------------------------------


@test
def counts_per_capture():
    captures = [path("zoo.pcap"), path("fine.pcap"), path("garbage"), path('q".pcap')]
    write('q".pcap', pcap(sent_by("192.0.2.1", "bad", "bad", "good"))[:-3])
    p = run("verify", "--summary", "--files", *captures)
    equal(p.returncode, 2)
    zoo = summary(captures[0])
    table = p.out[p.out.index("unchecked  capture"):].splitlines()[1:]
    equal([line.split(None, 4) for line in table],
          [[str(zoo["packets"]), str(zoo["wrong"]), str(zoo["right"]), str(zoo["unchecked"]),
            captures[0]],
           ["2", "0", "2", "0", captures[1]],
           ["0", "0", "0", "0", captures[2] + " (not read to its end)"],
           ["2", "2", "0", "0", captures[3] + " (not read to its end)"]])
    s = summary("--files", *captures)
    equal([(f["capture"], f["usable"], f["packets"], f["wrong"]) for f in s["files"]],
          [(captures[0], True, len(ZOO), zoo["wrong"]), (captures[1], True, 2, 0),
           (captures[2], False, 0, 0), (captures[3], False, 2, 2)])
    equal(sum(f["right"] for f in s["files"]), s["right"])
    assert "files" not in zoo and "capture\n" not in run("verify", captures[1]).out


@test
def counts_per_sender():
    frames = (sent_by("192.0.2.1", "seed", "good") + sent_by("192.0.2.2", "bad", "good", "good")
              + sent_by("192.0.2.3", "bad", "bad") + sent_by("192.0.2.4", "good") + [ARP]
              + [ether(v6(UDP, "bad"))])
    write("senders.pcap", pcap(frames))
    p = run("verify", "--summary", "--senders", path("senders.pcap"))
    table = p.out[p.out.index("SEEDED  sender"):].splitlines()[1:]
    equal([line.split(None, 3) for line in table],
          [["2", "2", "0", "192.0.2.3"], ["3", "1", "0", "192.0.2.2"],
           ["1", "1", "0", "2001:db8::1"], ["2", "0", "1", "192.0.2.1"],
           ["1", "0", "0", "192.0.2.4"], ["1", "0", "0", "without an IP address"]])
    s = summary("--senders", path("senders.pcap"))
    equal(s["senders"][2], {"address": "2001:db8::1", "packets": 1, "bad": 1, "seeded": 0})
    equal((s["other_senders"]["packets"], s["no_sender"]["packets"]), (0, 1))


@test
def a_tunnels_sender_is_whose_packet_is_worst():
    write("tunnel.pcap", pcap([vxlan(ether(ip4(TCP, l4(TCP, "10.0.0.9", "10.0.0.1", check="bad"),
                                               src="10.0.0.9", dst="10.0.0.1")), "good")]))
    senders = summary("--senders", path("tunnel.pcap"))["senders"]
    equal([s["address"] for s in senders], ["10.0.0.9"])


@test
def more_senders_than_there_is_room_for():
    """Whatever the table holds, the sums are right, and who sends wrong ones is told."""
    payload = l4(TCP, "0.0.0.0", "0.0.0.0", b"")

    def frame(number):
        source = struct.pack(">I", 0x0A000000 + number)
        target = struct.pack(">I", ~number & 2**32 - 1)
        head = struct.pack(">BBHHHBBH", 0x45, 0, 40, 7, 0, 64, TCP, 0) + source + target
        check = ~ones_sum(head) & 0xFFFF
        return head[:10] + struct.pack(">H", check) + head[12:]

    def checked(number, is_bad):
        head = frame(number)
        seed = ones_sum(head[12:] + struct.pack(">II", 20, TCP))
        data = payload[:16] + b"\0\0" + payload[18:]
        value = ~ones_sum(struct.pack(">H", seed) + data) & 0xFFFF ^ (0x0100 if is_bad else 0)
        return head + data[:16] + struct.pack(">H", value) + data[18:]

    count = 90000
    bad = {count - 1 - 7 * i for i in range(30)}
    write("crowd.pcap", pcap([checked(i, i in bad) for i in range(count)], link=RAW))
    s = summary("--senders", path("crowd.pcap"))
    equal((s["packets"], s["wrong"]), (count, len(bad)))
    assert len(s["senders"]) <= 65536 and s["other_senders"]["packets"] >= count - 65536
    equal(sum(x["packets"] for x in s["senders"]) + s["other_senders"]["packets"], count)
    equal(sum(x["bad"] for x in s["senders"]), len(bad))
    equal(s["other_senders"]["bad"], 0)
    p = run("verify", "--summary", "--senders", path("crowd.pcap"))
    table = p.out[p.out.index("SEEDED  sender"):].splitlines()[1:]
    equal(len(table), 21)
    equal(table[-1].split(None, 3),
          [str(count - 20), "10", "0", "others, more than the table holds"])


# ---- Times ---------------------------------------------------------------------------------


def times(form, name, command="verify"):
    """The column behind the packet's number."""
    out = run(command, "--time", form, path(name)).out
    return [m[1] for m in re.finditer(r"^ +\d+ +(\S+) +\d+  ", out, re.M)]


@test
def times_in_rows():
    frame = ether(v4(TCP))
    write("times.pcap", pcap([frame] * 3, step=123456))
    write("nano.pcap", pcap([frame] * 2, step=123456789, nano=True))
    for command in ("verify", "netfront"):
        equal(times("relative", "times.pcap", command), ["0.000000", "1.000000", "2.000000"])
        equal(times("utc", "times.pcap", command), ["2023-11-14T22:13:%d.123456Z" % s
                                                    for s in (20, 21, 22)])
        equal(times("utc", "nano.pcap", command)[1], "2023-11-14T22:13:21.123456789Z")
    heading, row = run("verify", "--time", "utc", path("times.pcap")).out.splitlines()[:2]
    equal(heading.index("UTC") + 3, row.index("Z") + 1)
    equal(heading.index("packet"), row.index("TCP"))
    for form in ("", "iso", "UTC"):
        unusable(run("verify", "--time", form, path("times.pcap")), "relative or utc")


@test
def times_of_damaged_and_unordered_captures():
    def at(*stamps, nano=False):
        data = pcap([ether(v4(TCP))] * len(stamps), nano=nano)
        size = (len(data) - 24) // len(stamps)
        for i, (seconds, fraction) in enumerate(stamps):
            where = 24 + i * size
            data = data[:where] + struct.pack("<II", seconds, fraction) + data[where + 8:]
        write("times.pcap", data)

    at((100, 500000), (100, 499999), (99, 600000), (98, 400000), (2147483647, 999999))
    equal(times("relative", "times.pcap"),
          ["0.000000", "-0.000001", "-0.900000", "-2.100000", "2147483547.499999"])
    at((0, 4294967295), (2147483647, 4294967295))
    equal(times("utc", "times.pcap"),
          ["1970-01-01T01:11:34.967295Z", "2038-01-19T04:25:41.967295Z"])
    at((5, 1), (4, 999999999), nano=True)
    equal(times("relative", "times.pcap"), ["0.000000000", "-0.000000002"])


# ---- Terminals -----------------------------------------------------------------------------


def on_terminal(args, columns, **env):
    """What a terminal of so many columns gets to show."""
    try:
        master, slave = pty.openpty()
    except OSError as why:
        raise Skip("no pseudo-terminal: %s" % why)
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    clean = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
    p = subprocess.Popen(TOOL + list(args), stdout=slave, stdin=subprocess.DEVNULL,
                         env=dict(clean, TERM="xterm", **env))
    os.close(slave)
    out = b""
    try:
        while chunk := os.read(master, 65536):
            out += chunk
    except OSError:  # the way Linux tells that the other side is closed
        pass
    os.close(master)
    p.wait()
    return re.sub("\033\\[[0-9;]*m", "", out.decode()).replace("\r\n", "\n")


@test
def rows_fit_a_terminal():
    long = [ether(ip6(TCP, l4(TCP, *pair, check=check), *pair), tags=[(0x8100, 4000)])
            for check in ("good", "bad", "seed")
            for pair in [("2001:db8:1111:2222:3333:4444:5555:6666", "2001:db8:aaaa::1")]]
    write("long.pcap", pcap([frame for _, frame in ZOO] + long
                            + [blank(ether(v4(TCP))), vxlan(BAD_INNER, "zero")]))
    whole = [row[:4] for row in rows(run("verify", path("long.pcap")).out)]
    for columns in (80, 100, 132):
        for extra in ([], ["--time", "utc"], ["--time", "relative"]):
            out = on_terminal(["verify", *extra, path("long.pcap")], columns)
            body = out.split("\n\n")[0].splitlines()
            assert max(map(len, body)) <= columns, max(body, key=len)
            # No verdict is lost, nor what is said of a header.
            for word in ("GOOD", "BAD", "SEEDED", "SEEDED-GSO", "UNCHECKED", "TRUNCATED", "BLANK"):
                equal(sum(word in line.split() for line in body),
                      sum(word in row[2:] for row in whole), (columns, word))
            contains(" ".join(out.split()), "IPv4 header: found 0x", "IPv4 header: 0, left to")
            if not extra:
                heading = body[0].index("packet")
                for line in body[1:]:
                    assert line.startswith(" " * 9) or line[heading - 1:heading] in (" ", ""), line
    contains(on_terminal(["verify", path("long.pcap")], 80), "~")
    # Wide terminals show what a pipe gets, narrow ones if it is asked for.
    piped = run("verify", path("long.pcap")).out
    for columns, args in ((250, []), (80, ["--wide"])):
        equal(on_terminal(["verify", *args, path("long.pcap")], columns), piped)
    assert "~" not in run("verify", path("long.pcap"), env=dict(os.environ, COLUMNS="80")).out


@test
def the_width_of_a_terminal():
    def widest(columns, **env):
        out = on_terminal(["verify", path("zoo.pcap")], columns, **env).split("\n\n")[0]
        return max(map(len, out.splitlines()))

    assert widest(250) > 100
    assert 70 < widest(250, COLUMNS="80") <= 80
    assert widest(80, COLUMNS="250") > 100
    assert 70 < widest(0) <= 80  # a terminal that does not know
    assert 70 < widest(80, COLUMNS="many") <= 80
    assert widest(250, COLUMNS="-1") > 100


@test
def netfront_fits_a_terminal():
    out = on_terminal(["netfront", path("zoo.pcap")], 100)
    for line in out.split("\n\n")[0].splitlines():
        assert len(line) <= 100, line
    equal(re.sub(r"\s+", " ", on_terminal(["netfront", "--wide", path("zoo.pcap")], 80)),
          re.sub(r"\s+", " ", run("netfront", path("zoo.pcap")).out))


# ---- Signals -------------------------------------------------------------------------------


def live(args, number, ignored=False):
    """Feeds two packets to a pipe that stays open, and sends a signal once they are shown."""
    p = subprocess.Popen(TOOL + list(args), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(
                             number, signal.SIG_IGN if ignored else signal.SIG_DFL))
    watchdog = threading.Timer(60, p.kill)  # or a signal that is lost is waited for without end
    watchdog.daemon = True
    watchdog.start()
    p.stdin.write(pcap(sent_by("192.0.2.1", "bad", "good")))
    p.stdin.flush()
    seen = b""
    while seen.count(b"TCP") < 2 and seen.count(b'"packet"') < 2:
        assert select.select([p.stdout], [], [], 20)[0], "no row: %r" % seen
        seen += os.read(p.stdout.fileno(), 65536)
    p.send_signal(number)
    return p, seen


@test
def a_summary_when_interrupted():
    for number in (signal.SIGINT, signal.SIGTERM):
        p, seen = live(["verify", "-l", "-"], number)
        out = seen + p.stdout.read()  # the pipe is still open
        equal((p.wait(20), p.stderr.read()), (-number, b""), number)
        contains(out.decode(), "2 packets: 1 wrong, 1 right.")
        p.stdin.close()
        p, seen = live(["verify", "-l", "--json", "-"], number)
        out = seen + p.stdout.read()
        equal(json.loads(out.splitlines()[-1])["summary"]["packets"], 2)
        equal((p.wait(20), p.stderr.read()), (-number, b""))
        p.stdin.close()
        p, seen = live(["netfront", "-l", "-"], number)
        contains((seen + p.stdout.read()).decode(), "2  packets")
        equal((p.wait(20), p.stderr.read()), (-number, b""))
        p.stdin.close()


@test
def interrupted_before_the_first_packet():
    p = subprocess.Popen(TOOL + ["verify", "-", path("zoo.pcap")], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        caught = re.search(r"SigCgt:\s*(\w+)", pathlib.Path("/proc/%d/status" % p.pid).read_text())
        if not caught:
            raise Skip("/proc tells nothing of signals")
        if int(caught[1], 16) >> (signal.SIGINT - 1) & 1:
            break
        time.sleep(0.02)
    time.sleep(0.1)
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=20)
    equal((p.returncode, err), (-signal.SIGINT, b""))
    contains(out.decode(), "0 packets: there is nothing to check.")


@test
def ignored_signals_remain_ignored():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        p, seen = live(["verify", "-l", "-"], number, ignored=True)
        time.sleep(0.1)
        p.stdin.write(pcap(sent_by("192.0.2.1", "good"))[24:])
        out = seen + p.communicate(timeout=20)[0]
        equal(p.returncode, 1, number)
        contains(out.decode(), "3 packets: 1 wrong, 2 right.")


# ---- What is asked for wrongly -------------------------------------------------------------


@test
def an_interface_gets_advice():
    for args in (["verify", "-i", "eth7"], ["-i", "eth7", "netfront"], ["verify", "-ieth7", "-"]):
        unusable(run(*args), "tcpdump -i eth7 -w - | csumoff verify -")


@test
def options_of_other_commands():
    for command in COMMANDS:
        others = {name: value for c in COMMANDS for name, (_, value) in options_of(c).items()}
        for name, value in others.items():
            if name in options_of(command):
                continue
            words = {"only": "BAD", "time": "utc", "key": "a=b", "mtu": "1500",
                     "tunnel": "vxlan=4788"}
            args = ["--" + name] + ([words.get(name, "x")] if value else [])
            unusable(run(command, *args), "%s takes no --%s" % (command, name))


# ---- What the ring is told -----------------------------------------------------------------


@test
def ring_of_super_frames_without_a_length():
    """They go out as if their length had been there; the header's checksum follows."""
    data = bytes(range(256)) * 12
    for packet, where in ((v4(TCP, "seed", payload=data), 2), (v6(TCP, "seed", payload=data), 4)):
        zero = bytearray(packet)
        zero[where:where + 2] = b"\0\0"
        if where == 2:
            zero[10:12] = b"\0\0"
            zero[10:12] = struct.pack(">H", ~ones_sum(bytes(zero[:20])) & 0xFFFF)
        write("ring.pcap", pcap([ether(packet), ether(bytes(zero))]))
        whole, filled = ring("ring.pcap")
        equal(filled.pop("filled"), True)
        assert "filled" not in whole
        equal(dict(filled, packet=1), whole)
        equal((whole["state"], whole["gso"], whole["segments"]), ("partial", True, 3))
        contains(run("netfront", path("ring.pcap")).out, "IP length 0: filled in")
    # A header that was left to the card is made, and said to be.
    zero[:] = v4(TCP, "seed", payload=data)
    zero[2:4] = zero[10:12] = b"\0\0"
    write("ring.pcap", pcap([ether(bytes(zero))]))
    contains(ring("ring.pcap")[0]["why"], "no backend makes it")


@test
def ring_of_udp_that_may_be_a_tunnel():
    """A port of one's own tells nothing: the cut is called wrong unless it is USO."""
    inner = ether(v4(TCP, payload=bytes(3000)))
    write("ring.pcap", pcap([vxlan(inner, "good", port=9999), vxlan(inner, "good")]))
    unknown, known = ring("ring.pcap")
    equal((unknown["what"], known["what"]), ("cut here", "not sent"))
    contains(unknown["why"], "wrong if it is a tunnel's packet")
    contains(known["why"], "a tunnel's super-frame")
    told = ring("ring.pcap", "--tunnel", "vxlan=9999")[0]
    equal(told["what"], "not sent")


# ---- Completion ----------------------------------------------------------------------------

COMPLETION = ROOT / "packaging/completion"


def bash_completes(words):
    """What bash offers for the last word, "" where nothing is typed of it."""
    if not shutil.which("bash"):
        raise Skip("no bash")
    script = 'compopt() { :; }; . "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ' \
             '_csumoff "$1" "${@: -1}" "${@: -2:1}"; printf "%s\\n" "${COMPREPLY[@]}"'
    p = subprocess.run(["bash", "-c", script, "bash", str(COMPLETION / "csumoff.bash"), csumoff()]
                       + words, capture_output=True, text=True, timeout=60, cwd=home.name)
    equal(p.stderr, "")
    return sorted(set(p.stdout.split()))


def zsh_completes(words):
    """The same, of an interactive zsh."""
    if not shutil.which("zsh"):
        raise Skip("no zsh")
    try:
        pid, master = pty.fork()
    except OSError as why:
        raise Skip("no pseudo-terminal: %s" % why)
    if pid == 0:
        os.chdir(home.name)
        env = dict(os.environ, TERM="dumb",
                   PATH=os.path.dirname(csumoff()) + ":" + os.environ["PATH"])
        os.execvpe("zsh", ["zsh", "-f", "-i"], env)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 500, 300, 0, 0))

    def until(mark):
        seen = b""
        while mark not in seen:
            if not select.select([master], [], [], 30)[0]:
                break
            try:
                seen += os.read(master, 65536)
            except OSError:
                break
        assert mark in seen, seen
        return seen[:seen.index(mark)]

    write("setup.zsh", (
        "PS1='READ''Y> ' LISTMAX=10000; unsetopt zle 2>/dev/null\n"
        "setopt zle no_always_last_prompt\n"
        "fpath=(%s $fpath); autoload -Uz compinit; compinit -u -D\n"
        "zstyle ':completion:*' verbose no; bindkey '^I' list-choices\n"
        % shlex.quote(str(COMPLETION))).encode())
    os.write(master, b". ./setup.zsh\n")
    # What is typed before the prompt is there, the terminal echoes by itself, and zsh once more.
    until(b"READY> ")
    typed = " ".join(["csumoff"] + words).encode()
    os.write(master, typed)
    until(typed)
    os.write(master, b"\t\x15print DO''NE\n")
    seen = until(b"DONE").decode(errors="replace")
    os.close(master)
    os.waitpid(pid, 0)
    seen = re.sub("\033\\[[0-9;?]*[a-zA-Z]", " ", seen).replace("\r", "\n")
    return sorted({word for line in seen.splitlines() if "csumoff" not in line
                   for word in line.split()} - {"#", "READY>", "print", "DO''NE"})


def csumoff():
    if len(TOOL) > 1 or not os.access(TOOL[0], os.X_OK) or os.path.basename(TOOL[0]) != "csumoff":
        raise Skip("the command runs under an emulator")
    return TOOL[0]


def completes(complete):
    equal(complete([""]), sorted(COMMANDS + ["help"]), "commands")
    more = ["help"] if complete is zsh_completes else []
    equal(complete(["help", ""]), sorted(COMMANDS + more))
    for command in COMMANDS:
        options = ["--" + name for name in options_of(command)]
        equal(complete([command, "--"]), sorted(options), command)
    # zsh knows that one is given already.
    given = {"color"} if complete is zsh_completes else set()
    equal(complete(["--color", "never", "finish", "--"]),
          sorted("--" + name for name in set(options_of("finish")) - given))
    equal(complete(["verify", "--time", ""]), ["relative", "utc"])
    equal(complete(["info", "--color", ""]), ["always", "auto", "never"])
    equal(complete(["verify", "--kernel", ""]), sorted(usable_kernels()))
    tunnels = re.search(r"--tunnel .*?as a tunnel: (.*?)\.", run("help", "verify").out, re.S)[1]
    equal(complete(["verify", "--tunnel", ""]),
          sorted(name + "=" for name in re.findall(r"[a-z-]+", tunnels.replace(" or ", " "))))
    contains(" ".join(complete(["verify", path("zoo")[:-1]])), "zoo.pcap")


@test
def bash_completes_what_there_is():
    completes(bash_completes)
    verdicts = re.findall(r"[A-Z-]+", run("verify", "--only", "?", "x").err.split("there are")[1])
    equal(bash_completes(["verify", "--only", ""]), sorted(verdicts))
    equal(bash_completes(["verify", "--only", "BAD,S"]), ["BAD,SEEDED", "BAD,SEEDED-GSO"])
    equal(bash_completes(["verify", "--time", "=", "u"]), ["utc"])
    equal(bash_completes(["verify", "--filter", ""]), [])


@test
def zsh_completes_what_there_is():
    completes(zsh_completes)
    verdicts = re.findall(r"[A-Z-]+", run("verify", "--only", "?", "x").err.split("there are")[1])
    equal([w for w in zsh_completes(["verify", "--only", ""]) if w.isupper()], sorted(verdicts))


@test
def every_value_is_skipped_on_the_way_to_the_command():
    """What takes a value is listed in both files, or that value would be taken for the command."""
    valued = sorted({"--" + name for c in COMMANDS for name, (_, value) in options_of(c).items()
                     if value})
    for name in ("csumoff.bash", "_csumoff"):
        text = (COMPLETION / name).read_text(encoding="utf-8")
        line = re.search(r"^ +((?:--[a-z]+ \| )+--[a-z]+)\) \(\(i\+\+\)\) ;;$", text, re.M)
        equal(sorted(line[1].split(" | ")), valued, name)


# ---- The manual ----------------------------------------------------------------------------


@test
def the_manual_lists_the_options_of_each_command():
    synopsis = MANUAL[MANUAL.index(".Sh SYNOPSIS"):MANUAL.index(".Sh DESCRIPTION")]
    entries = re.findall(r"^\.It Fl (?:(\w) , Fl )?-([a-z-]+).*\n((?:(?!\.It |\.El).*\n)*)",
                         MANUAL, re.M)
    common = set.intersection(*(set(options_of(c)) for c in COMMANDS))
    described = {name: (letter, body) for letter, name, body in entries}
    equal(set(described), {name for c in COMMANDS for name in options_of(c)})
    for command in COMMANDS:
        block = re.search(r"^\.Cm %s\n((?:\.(?:Op|Ar) .*\n)*)" % command, synopsis, re.M)
        listed = set(re.findall(r"^\.Op Fl -([a-z-]+)", block[1], re.M))
        if ".Op Fl l\n" in block[1]:
            listed.add("line-buffered")
        equal(listed, set(options_of(command)) - common, command)
        for name in listed:
            letter, body = described[name]
            equal(letter, options_of(command)[name][0], name)
            assert re.search(r"\b%s\b" % command, body), "--%s says nothing of %s" % (name, command)


# What each example must say; its exit status is 1 where one of the packets is wrong.
EXAMPLES = {
    "tcpdump -c 1000 -i eth0 -w - | csumoff verify --summary -": ["SEEDED            2"],
    "csumoff verify --summary --filter 'src host 192.0.2.1' trace.pcap":
        ["left out by the filter", "SEEDED            1"],
    "csumoff verify --summary --senders trace.pcap":
        ["SEEDED  sender\n        4          2          0  192.0.2.7"],
    "csumoff verify --only BAD --time utc trace.pcap": ["      7  2023-11-14T22:13:26"],
    "csumoff explain trace.pcap 7": ["192.0.2.7", "BAD"],
    "csumoff verify --summary --html report.html trace.pcap": ["BAD               2"],
    "csumoff verify --summary --files *.pcap": ["  trace.pcap\n"],
    "csumoff finish trace.pcap fixed.pcap": ["2 finished"],
    "csumoff finish --all trace.pcap fixed.pcap && csumoff verify --summary fixed.pcap":
        ["none wrong"],
    "csumoff finish trace.pcap - | tcpdump -vv -r -": ["IP packets: 8"],
    "csumoff netfront --summary trace.pcap": ["or the backend drops it"],
    "csumoff netfront trace.pcap | grep 'the backend drops it'": ["drops it", "vlan 5"],
    "csumoff netfront --key feature-no-csum-offload=1 trace.pcap":
        ["the backend takes no seeds in IPv4"],
}


@test
def the_manuals_examples_run():
    """tcpdump needs a network card and a right to it: here a program does as it would."""
    examples = re.findall(r"^\.Dl \$ (.*)$", MANUAL, re.M)
    equal(sorted(examples), sorted(EXAMPLES))
    folder = pathlib.Path(home.name) / "examples"
    (folder / "bin").mkdir(parents=True)
    trace = (sent_by("192.0.2.1", "seed") + sent_by("192.0.2.7", "good", "good", "bad")
             + [ARP, ether(v4(TCP, "seed"), tags=[(0x8100, 5)])] + sent_by("192.0.2.7", "bad")
             + sent_by("192.0.2.9", "good"))
    (folder / "trace.pcap").write_bytes(pcap(trace))
    for name, text in (("csumoff", 'exec %s "$@"' % " ".join(map(shlex.quote, TOOL))),
                       ("tcpdump", 'case "$*" in *-w*) cat trace.pcap ;; *) '
                                   'echo "IP packets: $(($(wc -c) / 80))" ;; esac')):
        (folder / "bin" / name).write_text("#!/bin/sh\n%s\n" % text)
        (folder / "bin" / name).chmod(0o755)
    for example, words in EXAMPLES.items():
        p = subprocess.run(["sh", "-c", example], cwd=folder, capture_output=True, text=True,
                           timeout=60, env=dict(os.environ, PATH="%s/bin:%s"
                                                % (folder, os.environ["PATH"])))
        equal(p.returncode, 1 if re.search(r": [1-9]\d* wrong", p.stdout)
              else 0, (example, p.stderr))
        contains(p.stdout + (p.stderr if " - |" in example else ""), *words)


main()
