# SPDX-License-Identifier: MIT
"""csumoff for Python, by ctypes: frames are bytearrays, errors are exceptions.

Functions that write take a writable buffer (bytearray, memoryview, mmap) and change it in place.
Those that only read take bytes, too. Of all buffers, only read-only memoryviews are copied.
"""
import ctypes
import enum
from ctypes import (POINTER, Structure, byref, c_char_p, c_int, c_size_t, c_uint8, c_uint16,
                    c_uint32, c_void_p)

_library = ctypes.CDLL('libcsumoff.so')


class Link(enum.IntEnum):
    """What a frame begins with."""
    ETHERNET, IP, ETHERNET_SUPER, IP_SUPER = range(4)


class Verdict(enum.IntEnum):
    """How a checksum stands."""
    UNCHECKED, GOOD, BAD, SEEDED, SEEDED_GSO, ABSENT, BLANK = range(7)


class Error(Exception):
    """A negative enum csumoff_status; nothing was written. Its text is the library's."""

    def __init__(self, status):
        super().__init__(strerror(status))
        self.status = status


class Layout(Structure):
    """Where the parts of a packet are: struct csumoff_layout."""
    _fields_ = [('l3_start', c_uint32), ('l4_start', c_uint32), ('payload_start', c_uint32),
                ('end', c_uint32), ('l4_len', c_uint32), ('csum_start', c_uint32),
                ('csum_offset', c_uint32), ('pseudo', c_uint32), ('ip_version', c_uint8),
                ('l4_proto', c_uint8), ('vlan_tags', c_uint8), ('csum_kind', c_uint8)]


class Report(Structure):
    """What inspect() found: struct csumoff_report."""
    _fields_ = [('l3', c_int), ('l4', c_int), ('l3_found', c_uint16), ('l3_expected', c_uint16),
                ('l4_found', c_uint32), ('l4_expected', c_uint32)]


def _checked(status, _function, _arguments):
    if status < 0:
        raise Error(status)
    return status


def _declare(name, returns, *parameters):
    function = getattr(_library, name)
    function.restype, function.argtypes = returns, parameters
    if returns is c_int:
        function.errcheck = _checked
    return function


_strerror = _declare('csumoff_strerror', c_char_p, c_int)
_version = _declare('csumoff_version', c_uint32)
_partial = _declare('csumoff_partial', c_uint32, c_void_p, c_size_t, c_uint32)
_fold = _declare('csumoff_fold', c_uint16, c_uint32)
_crc32c = _declare('csumoff_crc32c', c_uint32, c_void_p, c_size_t, c_uint32)
_seed = _declare('csumoff_seed', c_int, c_void_p, c_size_t, c_int, POINTER(Layout))
_finish = _declare('csumoff_finish', c_int, c_void_p, c_size_t, c_size_t, c_size_t)
_verify = _declare('csumoff_verify', c_int, c_void_p, c_size_t, c_int)
_inspect = _declare('csumoff_inspect', c_int, c_void_p, c_size_t, c_int, POINTER(Report))


def _writable(frame):
    """A pointer to the bytes of a buffer, and their number. It keeps the buffer from moving."""
    view = memoryview(frame).cast('B')
    return (ctypes.c_char * len(view)).from_buffer(view), len(view)


def _readable(frame):
    if not isinstance(frame, bytes) and not memoryview(frame).readonly:
        return _writable(frame)
    return bytes(frame), memoryview(frame).nbytes


def strerror(status):
    return _strerror(status).decode()


def version():
    return _version()


def partial(data, wsum=0):
    """The sum of the data added to `wsum`; not folded."""
    return _partial(*_readable(data), wsum)


def fold(wsum):
    """The value for a header, in memory order: store it by int.to_bytes(2, sys.byteorder)."""
    return _fold(wsum)


def crc32c(data, crc=0):
    return _crc32c(*_readable(data), crc)


def seed(frame, link):
    """Writes the seed that the host finishes; returns where things are."""
    layout = Layout()
    _seed(*_writable(frame), link, byref(layout))
    return layout


def finish(frame, csum_start, csum_offset):
    """Finishes a checksum as a device does."""
    if csum_start < 0 or csum_offset < 0:
        raise ValueError('negative offset')
    _finish(*_writable(frame), csum_start, csum_offset)


def verify(frame, link):
    """Returns if nothing is wrong; raises Error otherwise."""
    _verify(*_readable(frame), link)


def inspect(frame, link):
    """A verdict for each checksum."""
    report = Report()
    _inspect(*_readable(frame), link, byref(report))
    return report
