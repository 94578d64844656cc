#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command line: info, selftest, bench, and what every command has in common.
Usage: test_tool.py CSUMOFF DATA; see captures.py."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time

from captures import *


@test
def info_tells_the_kernels():
    p = run("info")
    equal(p.returncode, 0, "exit status")
    contains(p.out, "scalar", "active: best usable")
    info = json.loads(run("info", "--json").out)
    equal([k["name"] for k in info["kernels"] if k["active"]], [info["active"]])
    equal(info["why"], "best usable")
    policy = info["policy"]
    words = ", ".join(name for name in ("fetch", "narrow") if policy[name]) or "none"
    contains(p.out, "policy    %s: %s\n" % (words, policy["why"]))
    assert "program" not in policy["why"], policy
    equal(info["cpu"]["endian"], sys.byteorder)
    for kernel in usable_kernels():
        info = json.loads(run("--kernel", kernel, "info", "--json").out)
        equal((info["active"], info["why"]), (kernel, "forced by --kernel"))


@test
def selftest_passes():
    p = run("selftest")
    equal(p.returncode, 0, "exit status")
    for kernel in usable_kernels():
        assert re.search(r"^%s +tested$" % kernel, p.out, re.M), p.out


@test
def bench_is_quick():
    start = time.monotonic()
    p = run("bench")
    took = time.monotonic() - start
    equal(p.returncode, 0, "exit status")
    contains(p.out, "memcpy", "65536", *usable_kernels())
    assert took < 10, "took %.1f s" % took
    p = run("bench", "--kernel", "scalar")
    equal([line.split()[0] for line in p.out.splitlines()[1:3]], ["scalar", "(memcpy)"])


@test
def help_and_version():
    for args in (["--help"], ["help"], ["help", "verify"], ["verify", "--help"], ["finish", "-h"],
                 ["netfront", "-h"], ["info", "--help"], ["selftest", "--help"],
                 ["bench", "--help"], ["--version"]):
        p = run(*args)
        equal((p.returncode, p.err), (0, ""), args)
        contains(p.out, "csumoff")
        assert max(map(len, p.out.splitlines())) <= 100, p.out
    equal(run("help").out, run("--help").out)
    equal(run("help", "finish").out, run("finish", "--help").out)


@test
def usage_errors():
    for args in ([], ["explode"], ["help", "explode"], ["help", "info", "verify"], ["verify"],
                 ["finish", "a"], ["finish", "a", "b", "c"], ["info", "x"],
                 ["verify", "--frob", "x"], ["finish", "--json", "a", "b"],
                 ["verify", "--all", "x"], ["verify", "--fresh", "x"], ["netfront"],
                 ["netfront", "--key", "sg", "x"], ["netfront", "--mtu", "67", "x"],
                 ["verify", "--mtu", "1500", "x"], ["--color=pink", "info"], ["--kernel"]):
        p = run(*args)
        equal((p.returncode, p.out), (2, ""), args)
        contains(p.err, "csumoff: ")
    contains(run("help", "info", "verify").err, "help takes one COMMAND")
    for args in (["verify", "--frob", "x"], ["verify", "-f", "x"], ["--kernel"]):
        contains(run(*args).err, "try csumoff --help")


@test
def mtu_in_digits():
    for mtu in ("67", "65536", "1500x", "1500 ", " 1500", "+1500", "0x5dc", "1e3", "",
                "99999999999999999999", "-18446744073709550116"): # -2^64 + 1500
        p = run("netfront", "--mtu=" + mtu, path("zoo.pcap"))
        unusable(p, "--mtu is 68 to 65535, not '%s'" % mtu)
        equal(p.out, "")
    equal(run("netfront", "--mtu=1500", path("zoo.pcap")).returncode, 0)


@test
def unknown_kernel():
    for args in (["--kernel", "abacus", "info"],
                 ["verify", "--kernel", "abacus", path("zoo.pcap")]):
        unusable(run(*args), "abacus", *usable_kernels())


@test
def colour_only_where_asked_for():
    for args in (["verify"], ["verify", "--summary"], ["verify", "--json"]):
        assert "\033" not in run(*args, path("zoo.pcap")).out
    assert "\033" in run("verify", "--color=always", path("zoo.pcap")).out
    assert "\033" not in run("info").out

    def on_terminal(*args, **env):
        try:
            master, slave = pty.openpty()
        except OSError as why:
            raise Skip("no pseudo-terminal: %s" % why)
        clean = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        p = subprocess.Popen(TOOL + list(args), stdout=slave, stdin=subprocess.DEVNULL,
                             env=dict(clean, TERM="xterm", **env))
        os.close(slave)
        out = b""
        try:
            while True:
                chunk = os.read(master, 65536)
                if not chunk:
                    break
                out += chunk
        except OSError:  # the way Linux tells that the other side is closed
            pass
        os.close(master)
        p.wait()
        return out

    assert b"\033[" in on_terminal("verify", path("zoo.pcap"))
    assert b"\033" not in on_terminal("verify", path("zoo.pcap"), NO_COLOR="1")
    assert b"\033[" in on_terminal("verify", path("zoo.pcap"), NO_COLOR="")
    assert b"\033" not in on_terminal("verify", "--color=never", path("zoo.pcap"))


@test
def lost_output_is_an_error():
    device = full_device()
    for args in (["info"], ["--version"], ["--help"], ["verify", path("fine.pcap")], ["selftest"]):
        with open(device, "wb") as full:
            p = subprocess.run(TOOL + args, stdout=full, stderr=subprocess.PIPE)
        equal(p.returncode, 2, args)
        contains(p.stderr.decode(), "standard output: No space left")


@test
def a_row_at_once_where_asked_for():
    for args in (["verify"], ["netfront", "--line-buffered"]):
        for by_line in (True, False):
            p = subprocess.Popen(TOOL + args[:1] + (args[1:] or ["-l"]) * by_line + ["--json", "-"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            p.stdin.write(pcap([ether(v4(TCP))]))
            p.stdin.flush()
            if by_line:
                assert select.select([p.stdout], [], [], 20)[0], "no row: %s" % args
                equal(json.loads(p.stdout.readline())["packet"], 1)
            else:
                assert not select.select([p.stdout], [], [], 0.3)[0], "a row, and nobody asked"
            p.communicate()
    unusable(run("finish", "-l", path("zoo.pcap"), path("never")), "line-buffered")


@test
def closed_output_is_an_error():
    r, w = os.pipe()
    os.close(r)
    write("long.pcap", pcap([ARP] * 3000))
    p = subprocess.run(TOOL + ["verify", path("long.pcap")], stdout=w, stderr=subprocess.PIPE)
    os.close(w)
    equal(p.returncode, 2, "exit status")
    contains(p.stderr.decode(), "Broken pipe")
    # No stdout at all: the report must not end up in the file that took its descriptor.
    for closed in '"$@" >&-', '"$@" <&- >&-':
        p = subprocess.run(["sh", "-c", closed, "sh"] + TOOL +
                           ["finish", path("zoo.pcap"), path("closed.pcap")],
                           stderr=subprocess.PIPE)
        equal(p.returncode, 2, "exit status")
        equal(read("closed.pcap"), DONE_FILE)


main()
