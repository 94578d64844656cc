#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What finish writes, and what it leaves alone: files, pipes, signals, permissions.
Usage: test_finishing.py CSUMOFF DATA; see captures.py."""

import os
import re
import resource
import signal
import stat
import subprocess
import time

from captures import *


@test
def finish_completes_the_seeded_and_nothing_else():
    p = finish("zoo.pcap", "done.pcap")
    contains(p.out,
             "done.pcap: 5 finished, %d left as they were (2 fragments, 3 wrong)" % (len(ZOO) - 5))
    got, _ = verdicts("done.pcap")
    equal(got, ["GOOD" if v.startswith("SEEDED") else v for v, _ in ZOO])
    magic, link, packets = unpcap(read("done.pcap"))
    equal((magic, link, len(packets)), (0xA1B2C3D4, ETHERNET, len(ZOO)))
    for i, (sec, frac, length, data) in enumerate(packets):
        equal((sec, frac, length), (1700000000 + i, 1, len(DONE[i])))
        equal(data, DONE[i], "packet %d" % (i + 1))
    equal([f for f in os.listdir(home.name) if f.startswith("done.pcap.")], [], "left behind")


@test
def finish_refuses_to_append_to_its_input():
    """What it appended would be read again, without end."""
    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    for name, data in (("itself.ng", pcapng([f for _, f in ZOO])), ("itself.pcap", DONE_FILE)):
        write(name, data)
        with open(path(name), "ab") as itself:
            p = subprocess.run(TOOL + ["finish", path(name), "-"], stdout=itself,
                               stderr=subprocess.PIPE, preexec_fn=limited)
        p.err = p.stderr.decode()
        unusable(p, name, "the input and the output at once")
        assert read(name) == data, name
    finish("itself.pcap", "itself.pcap") # a file that is replaced as a whole
    equal(read("itself.pcap"), DONE_FILE)


@test
def finish_into_standard_output_by_another_name():
    if not os.path.exists("/dev/stdout"):
        raise Skip("no /dev/stdout")
    p = run("finish", path("zoo.pcap"), "/dev/stdout")
    equal((p.returncode, p.stdout), (0, DONE_FILE))
    contains(p.err, "5 finished")


@test
def finish_needs_a_place_for_its_output():
    os.symlink(path("nowhere.pcap"), path("to-nowhere"))
    unusable(run("finish", path("zoo.pcap"), path("to-nowhere")), "a file that does not exist")
    assert os.path.islink(path("to-nowhere")) and not os.path.exists(path("nowhere.pcap"))
    unusable(run("finish", path("zoo.pcap"), ""), "the name of the output is empty")


@test
def finish_twice_changes_nothing():
    write("once.pcap", DONE_FILE)
    finish("once.pcap", "twice.pcap")
    equal(read("twice.pcap"), DONE_FILE)


@test
def finish_all_recomputes():
    p = finish("zoo.pcap", "all.pcap", "--all")
    contains(p.out, "recomputed", "left as they were")
    got, after = verdicts("all.pcap")
    fixed = {"BAD", "SEEDED", "SEEDED-GSO", "ABSENT"}
    equal(got, ["GOOD" if v in fixed else v for v, _ in ZOO])
    equal(after.returncode, 0, "exit status")
    for i, (_, _, _, data) in enumerate(unpcap(read("all.pcap"))[2]):
        if ZOO[i][0] in ("UNCHECKED", "TRUNCATED", "MALFORMED"):
            equal(data, ZOO[i][1], "packet %d" % (i + 1))
    equal(unpcap(read("all.pcap"))[2][1][3], ether(v4(TCP)), "the bad one")


@test
def finish_leaves_snapped_packets_alone():
    frame = ether(v4(TCP, "seed", payload=bytes(500)))
    for args in ((), ("--all",)):
        write("snap.pcap", pcap([(frame[:96], len(frame)), frame], snaplen=96000))
        p = finish("snap.pcap", "snap.out", *args)
        contains(p.out, "1 recomputed" if args else "1 finished", "1 left as it was (1 snapped)")
        packets = unpcap(read("snap.out"))[2]
        equal(packets[0][2:], (len(frame), frame[:96]))
        equal(packets[1][3], ether(v4(TCP, payload=bytes(500))))


@test
def finish_in_place():
    write("same.pcap", pcap([frame for _, frame in ZOO]))
    os.chmod(path("same.pcap"), 0o640)
    finish("same.pcap", "same.pcap")
    equal(read("same.pcap"), DONE_FILE)
    equal(os.stat(path("same.pcap")).st_mode & 0o777, 0o640, "permissions")
    os.symlink(path("same.pcap"), path("link"))
    finish("link", "link")
    assert os.path.islink(path("link"))


@test
def finish_keeps_nanoseconds_and_byte_for_byte():
    for name, nano in (("micro", False), ("nano", True)):
        for order in "<>":
            data = pcap([ether(v4(TCP))], order=order, nano=nano, step=123456, snaplen=262144)
            write(name, data)
            finish(name, name + ".out")
            equal(read(name + ".out"), data)


@test
def finish_through_pipes():
    p = run("finish", "-", "-", stdin=read("zoo.pcap"))
    equal((p.returncode, p.stdout), (0, DONE_FILE), p.err)
    contains(p.err, "standard output: 5 finished")


@test
def finish_clobbers_nothing_on_failure():
    kept = write("kept.pcap", b"precious")
    cut = write("cut", read("zoo.pcap")[:-1])
    unusable(run("finish", cut, kept), "cut", "packet %d" % len(ZOO))
    unusable(run("finish", path("garbage"), kept), "garbage")
    equal(read("kept.pcap"), b"precious")
    unusable(run("finish", cut, cut), "cut")
    equal(read("cut"), read("zoo.pcap")[:-1])
    equal([f for f in os.listdir(home.name) if re.search(r"\.\w{6}$", f)], [], "left behind")


@test
def finish_to_where_it_cannot_write():
    zoo = path("zoo.pcap")
    unusable(run("finish", zoo, path("nowhere/out.pcap")), "nowhere/out.pcap", "No such file")
    unusable(run("finish", zoo, home.name), home.name)
    full = full_device()
    unusable(run("finish", zoo, full), full, "No space")
    assert stat.S_ISCHR(os.stat(full).st_mode), "the device was replaced"


@test
def finish_without_permission():
    if os.getuid() == 0:
        raise Skip("root may write anywhere")
    os.mkdir(path("locked"), 0o500)
    p = run("finish", path("zoo.pcap"), path("locked/out.pcap"))
    unusable(p, "locked/out.pcap", "Permission")


def finish_signalled(number, ignored=()):
    """Sends a signal to a finish at work, then the end of its input; returns its exit status."""
    def handle():
        """Whoever started this test in the background may have had it ignore some of them."""
        for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(n, signal.SIG_IGN if n in ignored else signal.SIG_DFL)

    p = subprocess.Popen(TOOL + ["finish", "-", path("stop/out.pcap")], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         preexec_fn=handle)
    p.stdin.write(read("zoo.pcap"))
    p.stdin.flush()
    for _ in range(200):
        if os.listdir(path("stop")):
            break
        time.sleep(0.02)
    time.sleep(0.05)
    p.send_signal(number)
    p.communicate()
    return p.returncode


@test
def finish_interrupted_leaves_nothing():
    os.mkdir(path("stop"))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        assert finish_signalled(number) != 0
        equal(os.listdir(path("stop")), [], number)


@test
def finish_goes_on_under_nohup():
    os.makedirs(path("stop"), exist_ok=True)
    equal(finish_signalled(signal.SIGHUP, ignored=[signal.SIGHUP]), 0)
    equal(os.listdir(path("stop")), ["out.pcap"])
    equal(read("stop/out.pcap"), DONE_FILE)
    os.remove(path("stop/out.pcap"))


main()
