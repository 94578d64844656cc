#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""csumoff verify --html: the page says what --json says, stands for itself, and shows hostile names
as text; a browser lays it out. Usage: test_html.py CSUMOFF DATA; see captures.py."""

import calendar
import collections
import html
import html.parser
import json
import math
import os
import re
import shutil
import signal
import stat
import struct
import subprocess
import tempfile
import unicodedata

from captures import *

# ---- Reading the page ----------------------------------------------------------------------

TAGS = set("""html head meta title style body svg defs pattern rect g header main section footer h1
h2 p dl div dt dd small figure figcaption ul li span details summary table thead tbody tr th td bdi
code""".split())
ATTRIBUTES = set("""lang charset name content http-equiv class id width height viewbox x y role
preserveaspectratio aria-label aria-labelledby aria-describedby aria-hidden tabindex scope
patternunits patterntransform""".split())
EMPTY = {"meta"}


class Page(html.parser.HTMLParser):
    """Reads a page, and fails for what must not be in one."""

    def __init__(self, data):
        super().__init__(convert_charrefs=True)
        self.open, self.tables, self.names, self.text = [], {}, [], []
        self.title = self.heading = self.style = ""
        self.table = self.cell = None
        self.meta = {}
        self.label = ""
        text = data.decode("utf-8")
        assert text.startswith("<!doctype html>\n<html lang=\"en\">"), text[:80]
        self.feed(text)
        self.close()
        equal(self.open, [], "elements left open")

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, "an element %r" % tag
        for name, value in attrs:
            assert name in ATTRIBUTES and value is not None, "an attribute %s=%r" % (name, value)
        attrs = dict(attrs)
        if tag == "meta":
            self.meta[attrs.get("http-equiv", attrs.get("name", "charset"))] = \
                attrs.get("content", attrs.get("charset"))
        if tag not in EMPTY:
            self.open.append(tag)
        if tag == "div" and "aria-label" in attrs:
            self.label = attrs["aria-label"]
        if tag == "table":
            self.table = self.tables[self.label] = []
        if tag == "tr":
            self.table.append([])
        if tag in ("td", "th"):
            assert tag == "td" or attrs["scope"] in ("col", "row"), attrs
            self.table[-1].append("")
        if tag == "bdi":
            self.names.append("")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        equal(self.open.pop(), tag, "the element that ends")
        if tag == "table":
            self.table = None

    def handle_data(self, data):
        where = self.open[-1] if self.open else ""
        if where == "style":
            self.style += data
            return
        if self.open[-2:] == ["head", "title"]:
            self.title += data
        self.text.append(data)
        if where == "h1":
            self.heading += data
        if where == "bdi":
            self.names[-1] += data
        if self.table and self.table[-1]:
            self.table[-1][-1] += ("\n" if where == "small" else "") + data

    def handle_comment(self, data):
        raise AssertionError("a comment: %r" % data)

    def handle_pi(self, data):
        raise AssertionError("an instruction: %r" % data)

    def rows(self, label):
        return [row for row in self.tables.get(label, [])[1:]]


def number(text):
    assert re.fullmatch(r"\d{1,3}(,\d{3})*", text), text
    return int(text.replace(",", ""))


def page(*names, code=None, args=(), out="page.html"):
    """Has captures verified with a page; returns it and what --json says."""
    paths = [n if isinstance(n, bytes) or os.path.isabs(n) else path(n) for n in names]
    p = run("verify", "--summary", "--html", path(out), *args, "--", *paths)
    if code is not None:
        equal(p.returncode, code, "exit status (%s)" % p.err)
    said = [json.loads(line) for line in run("verify", "--json", *args, "--", *paths)
            .stdout.decode(errors="surrogateescape").splitlines()]
    return Page(read(out)), said[:-1], said[-1]["summary"]


def kind(packet):
    if packet["verdict"] == "BAD" or packet.get("near") == "arrived unfinished":
        return "wrong"
    if packet["verdict"] in ("SEEDED", "SEEDED-GSO", "BLANK"):
        return "left to the card"
    return "right" if packet["verdict"] in ("GOOD", "ABSENT") else "not judged"


def seconds(text):
    whole, _, part = text.partition(".")
    at = re.fullmatch(r"(\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)", whole)
    return calendar.timegm(tuple(map(int, at.groups()))) + float("0." + (part or "0"))


def timeline(said):
    """The rows of the timeline: (start, {kind: packets})."""
    kinds = [cell for cell in said.tables["numbers"][0][1:]]
    return [(row[0], dict(zip(kinds, map(number, row[1:])))) for row in said.rows("numbers")]


KINDS = ["wrong", "left to the card", "not judged", "right"]

# ---- What it says --------------------------------------------------------------------------


@test
def it_says_what_json_says():
    said, packets, summary = page("zoo.pcap", code=1)
    equal(said.title, "csumoff: %d of %d packets wrong" % (summary["wrong"], summary["packets"]))
    equal(said.heading, "%d of %d packets are wrong" % (summary["wrong"], summary["packets"]))
    table = said.tables["Verdicts"]
    columns = [word for word in table[0][1:]]
    for row in table[1:]:
        verdict = row[0].split("\n")[0]
        for column, cell in zip(columns, row[1:]):
            want = summary["verdicts"][verdict] if column == "all" else \
                summary["protocols"][column][verdict]
            equal(number(cell), want, "%s %s" % (verdict, column))
    equal({row[0].split("\n")[0] for row in table[1:]},
          {v for v, n in summary["verdicts"].items() if n})
    wanted = collections.Counter(map(kind, packets))
    tiles = re.findall(r"<dt>([a-z ]+)</dt><dd>([\d,]+)<small>", read("page.html").decode())
    equal([word for word, _ in tiles], KINDS)
    equal({word: number(n) for word, n in tiles if n != "0"}, wanted)
    equal(sum(number(row[0]) for row in said.rows("Why packets are wrong")), summary["wrong"])
    unchecked = [row[0] for row in table if row[0].startswith("UNCHECKED")][0]
    for word, n in summary["reasons"].items():
        equal("%d %s" % (n, word) in unchecked, n > 0, "%s in %r" % (word, unchecked))
    equal(said.rows("Capture"), [[path("zoo.pcap"), "%d" % summary["packets"],
                                  "%d" % summary["wrong"], "%d" % summary["right"],
                                  "%d" % summary["unchecked"]]])


@test
def seeds_that_arrived():
    def received(packet):
        return struct.pack(">HHH8xH", 0, 1, 6, 0x0800) + packet

    write("received.pcap", pcap([received(v4(UDP, "seed"))] * 3 + [received(v4(TCP, "seed"))] * 4 +
                                [received(v4(UDP, "seed", bad=True))] * 5 +
                                [received(v4(TCP))] * 6, link=SLL))
    said, packets, summary = page("received.pcap", code=1)
    equal(summary["wrong"], 8)
    equal(collections.Counter(map(kind, packets)),
          {"wrong": 8, "left to the card": 4, "right": 6})
    tiles = re.findall(r"<dt>([a-z ]+)</dt><dd>(\d+)<small>", read("page.html").decode())
    equal(tiles, [("wrong", "8"), ("left to the card", "4"), ("not judged", "0"), ("right", "6")])
    equal([row[0] for row in said.rows("Why packets are wrong")], ["8"])
    equal([sum(bar[k] for _, bar in timeline(said)) for k in KINDS], [8, 4, 0, 6])
    contains(" ".join(said.text), "4 joined on arrival. Fine: ")


@test
def senders_and_captures():
    frames = []
    for i in range(30):
        src = "10.0.0.%d" % i
        data = l4(UDP, src, "198.51.100.2", check="bad" if i < 25 else "good")
        frames += [ether(ip4(UDP, data, src=src))] * (40 - i)
    write("many.pcap", pcap(frames))
    write("damaged.pcap", pcap([ether(v4(TCP))] * 3)[:-5])
    said, _, summary = page("many.pcap", "fine.pcap", "damaged.pcap", code=2)
    rows = said.rows("Worst senders")
    equal([row[0] for row in rows], ["10.0.0.%d" % i for i in range(20)] + ["others"])
    equal(rows[0], ["10.0.0.0", "40", "40", "100.0 %", "0"])
    equal(sum(number(row[1]) for row in rows), summary["packets"])
    equal(sum(number(row[2]) for row in rows), summary["verdicts"]["BAD"])
    equal([row[:2] for row in said.rows("Captures")],
          [[path("many.pcap"), "%s" % len(frames)], [path("fine.pcap"), "2"],
           [path("damaged.pcap") + "\nnot read to its end", "2"]])
    contains(" ".join(said.text), "1 capture could not be read to its end",
             "in 3 captures")
    assert "Senders" not in said.tables


@test
def nothing_and_nothing_wrong():
    write("empty.pcap", pcap([]))
    said, _, _ = page("empty.pcap", code=0)
    equal(said.heading, "No packets: there is nothing to check")
    equal(set(said.tables), {"Capture"})
    said, _, _ = page("fine.pcap", code=0)
    equal(said.heading, "No packet is wrong")
    assert "Why packets are wrong" not in said.tables
    said, _, summary = page("zoo.pcap", args=["--filter", "tcp"])
    contains(" ".join(said.text), "were left out by a filter")
    equal(sum(sum(bar.values()) for _, bar in timeline(said)), summary["packets"])


# ---- The timeline --------------------------------------------------------------------------


def at_times(name, times, nano=False):
    """A capture with a packet at each of these (seconds, fraction), of every kind in turn."""
    frames = [ether(v4(TCP)), ether(v4(TCP, "bad")), ether(v4(TCP, "seed")), ARP]
    out = struct.pack("<IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, 262144, ETHERNET)
    for i, (sec, fraction) in enumerate(times):
        frame = frames[i * 7 % 4]
        out += struct.pack("<IIII", sec, fraction, len(frame), len(frame)) + frame
    write(name, out)


def check_timeline(name, least=1):
    """Every packet is in the bar of its time, and the bars are of equal width."""
    said, packets, _ = page(name)
    rows = timeline(said)
    text = " ".join(said.text).replace("\u00a0", " ")
    width = re.search(
        r"A bar stands for ([\d. dhminsµ]+), the highest one for ([\d,]+) packet", text)
    unit = {"d": 86400, "h": 3600, "min": 60, "s": 1, "ms": 1e-3, "µs": 1e-6}
    wide = sum(float(n) * unit[u] for n, u in re.findall(r"([\d.]+) (\w+)", width[1]))
    exact = 2.0**round(math.log2(wide))
    assert abs(wide - exact) < exact / 100, (wide, exact)
    assert least <= len(rows) <= 120, len(rows)
    equal(number(width[2]), max(sum(bar.values()) for _, bar in rows), "the highest")
    wanted = collections.defaultdict(collections.Counter)
    for packet in packets:
        wanted[packet["time"] // exact][kind(packet)] += 1
    got = [(round(seconds(start) / exact), {k: n for k, n in bar.items() if n})
           for start, bar in rows] if exact >= 2.0**-9 else \
        [(None, {k: n for k, n in bar.items() if n}) for _, bar in rows]
    want = sorted(wanted.items())
    equal([bar for _, bar in got], [dict(bar) for _, bar in want], "the bars of %s" % name)
    if exact >= 2.0**-9:
        equal([n for n, _ in got], [n for n, _ in want], "where the bars of %s are" % name)
    # The picture: a group for each bar, a mark for each that holds wrong ones.
    picture = read("page.html").decode()
    equal(picture.count("<g>"), len(rows))
    equal(picture.count("<rect class=\"c-wrong\" x="), sum(bar["wrong"] > 0 for _, bar in rows))
    return rows


@test
def bars_hold_what_was_captured_then():
    at_times("steady.pcap", [(1700000000 + i // 10, i % 10 * 100000) for i in range(3000)])
    check_timeline("steady.pcap", 60)
    at_times("burst.pcap", [(1700000000, i * 331) for i in range(3000)])
    check_timeline("burst.pcap", 60)
    at_times("alone.pcap", [(1700000000, 5)])
    equal(len(check_timeline("alone.pcap")), 1)
    at_times("same.pcap", [(1700000000, 500000)] * 50)
    equal(len(check_timeline("same.pcap")), 1)
    at_times("backwards.pcap", [(1700000000 - i * 3, 250000) for i in range(500)])
    check_timeline("backwards.pcap", 60)
    at_times("shuffled.pcap", [(1700000000 + i * 7919 % 1000, i) for i in range(1000)])
    check_timeline("shuffled.pcap", 60)
    at_times("far.pcap", [(0, 0), (1700000000, 0), (0xFFFFFFFF, 999999), (5, 5)])
    check_timeline("far.pcap")
    at_times("growing.pcap", [(1600000000 + int(1.02**i), 0) for i in range(900)])
    check_timeline("growing.pcap", 30)
    at_times("nano.pcap", [(1700000000, i * 999983) for i in range(1000)], nano=True)
    check_timeline("nano.pcap", 60)


@test
def damaged_times_are_survived():
    frame = ether(v4(TCP))
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, ETHERNET)
    for sec, fraction in ((1, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x80000000, 0x80000000)):
        out += struct.pack("<IIII", sec, fraction, len(frame), len(frame)) + frame
    write("odd.pcap", out)
    said, _, _ = page("odd.pcap", code=0)
    equal(sum(sum(bar.values()) for _, bar in timeline(said)), 3)
    # 64 bits of time, as pcapng has them, in nanoseconds; and in seconds, past what is counted.
    ng = bytearray(pcapng([frame] * 4))
    at = [m.start() for m in re.finditer(re.escape(struct.pack("<I", 6)), ng)]
    for block, stamp in zip([a for a in at if a % 4 == 0][:4], (0, 1, 2**63, 2**64 - 1)):
        struct.pack_into("<II", ng, block + 12, stamp >> 32, stamp & 0xFFFFFFFF)
    for resolution in (9, 0):
        write("odd.pcapng", bytes(ng.replace(struct.pack("<HHB", 9, 1, 9),
                                             struct.pack("<HHB", 9, 1, resolution))))
        said, _, _ = page("odd.pcapng")
        equal(sum(sum(bar.values()) for _, bar in timeline(said)), 4)


def piped(frames):
    """Verifies a live pipe with a page; returns the most memory it took, in KiB."""
    p = subprocess.Popen(TOOL + ["verify", "--summary", "--html", path("pipe.html"), "-"],
                         stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    p.stdin.write(pcap([]))
    most = 0
    for start in range(0, frames, 1000):
        p.stdin.write(b"".join(struct.pack("<IIII", 1700000000 + start + i, 0, len(ARP), len(ARP)) +
                               ARP for i in range(1000)))
        if start % 20000 == 0 or start + 1000 >= frames:
            with open("/proc/%d/status" % p.pid) as status:
                most = max([most] + [int(line.split()[1]) for line in status
                                     if line.startswith("VmHWM")])
    p.stdin.close()
    equal(p.wait(), 0)
    equal(sum(sum(bar.values()) for _, bar in timeline(Page(read("pipe.html")))), frames)
    return most


@test
def a_pipe_takes_no_more_memory():
    if not os.path.exists("/proc/self/status"):
        raise Skip("no /proc")
    few, many = piped(2000), piped(200000)
    assert many < few + 1024, "%d KiB, then %d" % (few, many)


# ---- The file ------------------------------------------------------------------------------


@test
def the_page_appears_as_a_whole():
    for name in ("page.html", "old.html"):
        if os.path.exists(path(name)):
            os.unlink(path(name))
    run("verify", "--html", path("old.html"), path("fine.pcap"))
    os.chmod(path("old.html"), 0o640)
    before = os.stat(path("old.html"))
    p = run("verify", "--html", path("old.html"), path("zoo.pcap"))
    contains(p.out, "packet", "wrong")
    after = os.stat(path("old.html"))
    assert after.st_ino != before.st_ino, "written over"
    equal(stat.S_IMODE(after.st_mode), 0o640)
    equal([n for n in os.listdir(home.name) if n.startswith("old.html.")], [])
    # What is no page is not replaced, be it a capture whose name came in the wrong place.
    capture = read("fine.pcap")
    unusable(run("verify", "--html", path("fine.pcap"), path("zoo.pcap")), "is no page")
    equal(read("fine.pcap"), capture)
    write("nothing.html", b"")
    equal(run("verify", "--html", path("nothing.html"), path("fine.pcap")).returncode, 0)
    Page(read("nothing.html"))
    unusable(run("verify", "--html", home.name, path("fine.pcap")), "directory")
    unusable(run("verify", "--html", path("nowhere/x.html"), path("fine.pcap")), "No such file")
    os.symlink(path("nowhere.html"), path("to-nowhere.html"))
    for name, why in (("", "is empty"), (path("to-nowhere.html"), "does not exist")):
        p = run("verify", "--html", name, path("fine.pcap"))
        unusable(p, why)
        equal(p.out, "") # before a capture is read
    unusable(run("verify", "--html", path("new.html")), "verify takes CAPTURE...")
    unusable(run("finish", "--html", path("new.html"), path("fine.pcap"), path("x")), "--html")
    os.makedirs(path("sub"), exist_ok=True)
    equal(subprocess.run(TOOL + ["verify", "--html", "new.html", path("fine.pcap")],
                         cwd=path("sub"), stdout=subprocess.DEVNULL).returncode, 0)
    equal(os.listdir(path("sub")), ["new.html"])


@test
def the_page_on_standard_output():
    p = run("verify", "--html", "-", path("zoo.pcap"))
    equal((p.returncode, p.err), (1, ""))
    said = Page(p.stdout)
    page("zoo.pcap")
    equal(p.stdout, read("page.html"), "the page")
    assert said.names, "no capture"
    if os.path.exists("/dev/stdout"):
        equal(run("verify", "--html", "/dev/stdout", path("zoo.pcap")).stdout, p.stdout)


@test
def a_full_disk_is_told():
    p = run("verify", "--html", full_device(), path("zoo.pcap"))
    unusable(p, "No space left")


@test
def interrupted_it_writes_what_it_saw():
    p = subprocess.Popen(TOOL + ["verify", "-l", "--html", path("part.html"), "-"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdin.write(pcap([ether(v4(TCP))] * 3))
    p.stdin.flush()
    for _ in range(4):
        p.stdout.readline()
    p.send_signal(signal.SIGINT)
    p.communicate()
    equal(p.returncode, -signal.SIGINT)
    equal(sum(sum(bar.values()) for _, bar in timeline(Page(read("part.html")))), 3)
    equal([n for n in os.listdir(home.name) if n.startswith("part.html.")], [])


# ---- Nothing from elsewhere, nothing but text ----------------------------------------------

HOSTILE = [
    "<script>document.title='owned'</script>", "\"><img src=x onerror=document.title='owned'>",
    "' onmouseover='x", "</title></style><b>", "&lt;&amp;&#60;", "<!-- --><![CDATA[", "%s%n%x%%",
    "a" * 200, "\u202Egnp.exe\u2066\u200b", "\x1b[31mred\x07\n\tnext", "\x7f\u0085\u00ad",
    "\u05e9\u05dc\u05d5\u05dd.pcap", "\u6f22\u5b57 \U0001f600", "\ufeff\ufffe\U000e0041",
    "{{x}}", "javascript:alert(1)",
]
BYTES = [b"\xff\xfe\x80", b"\xc0\xaf\xe0\x80\xafx", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
         b"cut\xe2\x82", b"<\xc3", b"\xf8\x88\x80\x80\x80"]


def hidden(c):
    """Whether a character is to be seen as its number."""
    n = ord(c)
    return unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") or \
        n & 0xFFFE == 0xFFFE or 0xFDD0 <= n <= 0xFDEF


def shown(name):
    """How a name is shown."""
    text = name if isinstance(name, str) else name.decode("utf-8", "replace")
    return "".join("\u27e8U+%04X\u27e9" % ord(c) if hidden(c) else c for c in text)


def hostile_page():
    folder = os.path.join(home.name, "hostile").encode()
    os.makedirs(folder, exist_ok=True)
    names = []
    for name in HOSTILE + BYTES:
        where = os.path.join(folder, (name if isinstance(name, bytes) else
                                      name.encode()).replace(b"/", b"|"))
        with open(where, "wb") as f:
            f.write(pcap([ether(v4(TCP, "bad"))]))
        names.append(where)
    # A slash needs folders.
    deep = os.path.join(folder, b"<script>alert(1)<")
    os.makedirs(deep, exist_ok=True)
    names.append(os.path.join(deep, b"script>"))
    with open(names[-1], "wb") as f:
        f.write(pcap([ether(v4(TCP))]))
    p = subprocess.run(TOOL + ["verify", "--summary", "--html", path("hostile.html"), "--"] + names,
                       capture_output=True)
    equal(p.returncode, 1)
    return names


@test
def hostile_names_are_text():
    names = hostile_page()
    data = read("hostile.html")
    said = Page(data)
    for got, name in zip(said.names, names):
        tail = name[len(home.name):]
        try:
            want = shown(tail.decode("utf-8"))
        except UnicodeDecodeError:
            # Python and browsers count the bytes of one mistake in their own ways.
            want = shown(tail)
            got, want = re.sub("\ufffd+", "\ufffd", got), re.sub("\ufffd+", "\ufffd", want)
        assert got.endswith(want), "%r is shown as %r" % (tail, got)
    equal(len(said.names), len(names))
    equal(said.title, "csumoff: %d of %d packets wrong" % (len(names) - 1, len(names)))
    for byte in data:
        assert byte >= 0x20 or byte == 0x0A, "a control character"


@test
def nothing_comes_from_elsewhere():
    page("zoo.pcap")
    data = read("page.html").decode()
    said = Page(read("page.html"))
    policy = said.meta["Content-Security-Policy"]
    equal(policy.split("; ")[0], "default-src 'none'")
    assert "script" not in data.lower() and "http:" not in data and "https:" not in data, "a script"
    assert "@import" not in data and "url(" not in re.sub(r"url\(#[a-z]+\)", "", data), "a resource"
    equal(said.meta["viewport"], "width=device-width, initial-scale=1")
    assert "prefers-color-scheme" in said.style and "@media print" in said.style


# ---- A browser -----------------------------------------------------------------------------

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
               None)

# Runs in a page around the one that is tested, which has no script and allows none.
MEASURE = """<!doctype html><meta charset="utf-8"><title>measure</title>
<style>body{margin:0}iframe{border:0;display:block}</style>%s
<pre id="result"></pre><script>
function rgb(text) { return text.match(/[\\d.]+/g).map(Number); }
function light(c) {
    const f = c.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 :
                                                       ((v + .055) / 1.055) ** 2.4);
    return .2126 * f[0] + .7152 * f[1] + .0722 * f[2];
}
function ground(e, view) {
    for (; e; e = e.parentElement) {
        const c = rgb(view.getComputedStyle(e).backgroundColor);
        if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
}
function look(frame) {
    const view = frame.contentWindow, doc = frame.contentDocument, root = doc.documentElement;
    const said = {width: view.innerWidth, scroll: root.scrollWidth, client: root.clientWidth,
                  dark: view.matchMedia('(prefers-color-scheme: dark)').matches,
                  title: doc.title, lang: root.lang, problems: [], texts: 0, worst: 99,
                  names: [...doc.querySelectorAll('bdi')].map(e => e.textContent),
                  scripts: doc.scripts.length, images: doc.images.length,
                  elements: [...new Set([...doc.querySelectorAll('*')].map(e => e.localName))],
                  handlers: [...doc.querySelectorAll('*')].flatMap(e => e.getAttributeNames())
                      .filter(n => n.startsWith('on')),
                  bars: 0, styled: view.getComputedStyle(doc.body).maxWidth};
    for (const d of doc.querySelectorAll('details')) d.open = true;
    const rects = [], walker = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
        const e = node.parentElement, range = doc.createRange();
        if (!node.data.trim() || e.closest('svg')) continue;
        range.selectNodeContents(node);
        const style = view.getComputedStyle(e);
        const a = light(rgb(style.color)), b = light(ground(e, view));
        const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        said.worst = Math.min(said.worst, contrast);
        said.texts++;
        if (contrast < 4.5) said.problems.push('contrast ' + contrast + ': ' + node.data);
        if (parseFloat(style.fontSize) < 11) said.problems.push('small: ' + node.data);
        for (const r of range.getClientRects()) {
            if (r.width < 1 || r.height < 1) continue;
            const box = e.closest('.scroll');
            if (!box && (r.left < 0 || r.right > root.clientWidth + .5))
                said.problems.push('outside: ' + node.data);
            const cell = e.closest('td,th,dd,dt,h1,h2,p,summary,figcaption,li,footer');
            const c = cell.getBoundingClientRect();
            if (r.left < c.left - 1 || r.right > c.right + 1 || r.top < c.top - 4 ||
                r.bottom > c.bottom + 4)
                said.problems.push('out of its box: ' + node.data);
            rects.push([r, node]);
        }
    }
    for (let i = 0; i < rects.length; i++)
        for (let j = i + 1; j < rects.length; j++) {
            const [p, m] = rects[i], [q, n] = rects[j];
            if (m !== n && Math.min(p.right, q.right) - Math.max(p.left, q.left) > 2 &&
                Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 5)
                said.problems.push('overlap: ' + m.data + ' / ' + n.data);
        }
    const chart = doc.querySelector('svg.time');
    if (chart) {
        const frame = chart.getBoundingClientRect();
        said.chart = [frame.width, frame.height];
        for (const bar of chart.querySelectorAll('g')) {
            const r = bar.getBoundingClientRect();
            said.bars++;
            if (r.left < frame.left - 1 || r.right > frame.right + 1 || r.top < frame.top - 1 ||
                Math.abs(r.bottom - frame.bottom) > 2 || r.height < 1)
                said.problems.push('a bar outside: ' + bar.textContent);
        }
    }
    return said;
}
addEventListener('load', () => {
    document.getElementById('result').textContent =
        JSON.stringify([...document.querySelectorAll('iframe')].map(look));
});
</script>"""
WIDTHS = (360, 768, 1280)


def browse(name, *args):
    """Lays a page out at each width; returns what was measured of it."""
    frames = "".join('<iframe src="%s" width="%d" height="900"></iframe>' % (name, w)
                     for w in WIDTHS)
    write("measure.html", (MEASURE % frames).encode())
    with tempfile.TemporaryDirectory() as profile:
        p = subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu",
                            "--user-data-dir=" + profile, "--allow-file-access-from-files",
                            "--window-size=1300,1000", "--virtual-time-budget=10000", *args,
                            "--dump-dom", "file://" + path("measure.html")],
                           capture_output=True, timeout=100)
    found = re.search(r'<pre id="result">(.*?)</pre>', p.stdout.decode(), re.S)
    assert found and found[1], "the browser said: %s%s" % (p.stdout.decode()[:500],
                                                          p.stderr.decode()[-500:])
    return json.loads(html.unescape(found[1]))


def laid_out(name, *args):
    for said, width in zip(browse(name, *args), WIDTHS):
        what = "%s at %d" % (name, width)
        equal(said["width"], width, what)
        equal(said["styled"], "992px", "the style sheet of " + what)
        assert said["scroll"] <= said["client"], "%s is %d wide" % (what, said["scroll"])
        equal(said["problems"][:5], [], what)
        assert said["texts"] > 10, said
        equal((said["scripts"], said["images"], said["handlers"], said["lang"]), (0, 0, [], "en"))
        yield said


def needs_browser():
    if not BROWSER:
        raise Skip("no browser: the package chromium")
    if os.environ.get("CSUMOFF_TEST_EFFORT") == "quick":  # the page is the same in every build
        raise Skip("quick effort")


@test
def a_browser_lays_it_out():
    needs_browser()
    write("empty.pcap", pcap([]))
    at_times("steady.pcap", [(1700000000 + i // 10, i % 10 * 100000) for i in range(3000)])
    at_times("alone.pcap", [(1700000000, 5)])
    for name, more in (("zoo.pcap", ["many.pcap", "damaged.pcap"]), ("empty.pcap", []),
                       ("fine.pcap", []), ("steady.pcap", []), ("alone.pcap", [])):
        said, _, _ = page(name, *[m for m in more if os.path.exists(path(m))])
        for seen in laid_out("page.html"):
            equal(seen["title"], said.title)
            equal(seen["bars"], len(timeline(said)) if "numbers" in said.tables else 0)
            equal(seen["dark"], False)
        if name == "steady.pcap":
            dark = list(laid_out("page.html", "--blink-settings=preferredColorScheme=0"))
            equal({seen["dark"] for seen in dark}, {True}, "dark")


@test
def a_browser_shows_hostile_names_as_text():
    needs_browser()
    hostile_page()
    said = Page(read("hostile.html"))
    for seen in laid_out("hostile.html"):
        equal(seen["names"], said.names)
        equal(seen["title"], said.title)
        assert set(seen["elements"]) <= TAGS, set(seen["elements"]) - TAGS


@test
def the_measuring_can_fail():
    """The page with its style sheet broken, and with names that are not escaped."""
    needs_browser()
    hostile_page()
    good = read("hostile.html")
    for was, becomes, what in (
            (b"overflow-wrap:anywhere", b"white-space:nowrap", "is|outside|box"),
            (b".scroll{overflow-x:auto;", b".scroll{", "wide|outside|box"),
            (b"th,td{padding:.4rem .75rem", b"th,td{line-height:.3;padding:0 .75rem",
             "overlap|box"),
            (b"--soft:#565c64", b"--soft:#a0a0a0", "contrast"),
            (b"<bdi>", b"<script>1</script><bdi>", r"\(1|\(\d+, 0")):
        assert was in good, was
        write("broken.html", good.replace(was, becomes))
        try:
            list(laid_out("broken.html"))
        except AssertionError as error:
            assert re.search(what, str(error)), "%s: %s" % (becomes, error)
        else:
            raise AssertionError("nothing was found with %s" % becomes)


main()
