# SPDX-License-Identifier: MIT
"""Makes pcapng files block by block, as draft-ietf-opsawg-pcapng has them; reads them leniently."""

import struct

SECTION, INTERFACE, OBSOLETE, SIMPLE, NAMES, STATISTICS, ENHANCED, SECRETS, CUSTOM = (
    0x0A0D0D0A, 1, 2, 3, 4, 5, 6, 10, 0xBAD)
COMMENT, FLAGS, HASH, TIME_RESOLUTION, TIME_OFFSET = 1, 2, 3, 9, 14


def padded(data):
    return data + b"\0" * (-len(data) % 4)


class Writer:
    """The blocks of a section in one byte order."""

    def __init__(self, order="<"):
        self.order = order

    def pack(self, layout, *values):
        return struct.pack(self.order + layout, *values)

    def options(self, options, end=True):
        """options: [(code, bytes)]"""
        data = b"".join(self.pack("HH", code, len(value)) + padded(value)
                        for code, value in options)
        return data + (bytes(4) if options and end else b"")

    def block(self, kind, body):
        body = padded(body)
        size = self.pack("I", len(body) + 12)
        return self.pack("I", kind) + size + body + size

    def section(self, length=-1, options=(), version=(1, 0)):
        return self.block(SECTION, self.pack("IHHq", 0x1A2B3C4D, *version, length) +
                          self.options(options))

    def interface(self, link=1, snaplen=0, options=(), end=True):
        return self.block(INTERFACE, self.pack("HHI", link, 0, snaplen) +
                          self.options(options, end))

    def packet(self, data, interface=0, ticks=0, length=None, options=(), end=True):
        length = len(data) if length is None else length
        return self.block(ENHANCED, self.pack("IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF,
                                              len(data), length) +
                          padded(data) + self.options(options, end))

    def obsolete(self, data, interface=0, ticks=0, length=None, options=(), drops=9):
        length = len(data) if length is None else length
        return self.block(OBSOLETE, self.pack("HHIIII", interface, drops, ticks >> 32,
                                              ticks & 0xFFFFFFFF, len(data), length) +
                          padded(data) + self.options(options))

    def simple(self, data, length=None):
        return self.block(SIMPLE, self.pack("I", len(data) if length is None else length) + data)


def blocks(data):
    """[(kind, block)] of a file that is not damaged."""
    found, at, order = [], 0, "<"
    while at < len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, size = struct.unpack_from(order + "II", data, at)
        found.append((kind, data[at:at + size]))
        at += size
    return found
