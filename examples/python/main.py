# SPDX-License-Identifier: MIT
"""A UDP packet is seeded as a guest does, finished as its host does, and judged; then damaged."""
import csumoff
from csumoff import Link

# IPv4 and UDP, 192.0.2.1:4660 to 192.0.2.2:53, "csumoff"; both checksums still to be made.
packet = bytearray.fromhex('45000023 00004000 40110000 c0000201 c0000202'
                           '12340035 000f0000') + b'csumoff'


def show(structure):
    name = type(structure).__name__.lower()
    print(name, *(getattr(structure, member) for member, _ in structure._fields_))


print('csumoff', csumoff.version())
at = csumoff.seed(packet, Link.IP)
print('seeded', packet.hex())
show(at)
show(csumoff.inspect(packet, Link.IP))
csumoff.finish(packet, at.csum_start, at.csum_offset)
print('finished', packet.hex())
show(csumoff.inspect(packet, Link.IP))
csumoff.verify(packet, Link.IP)
print('verify:', csumoff.strerror(0))

packet[-1] ^= 1
try:
    csumoff.verify(packet, Link.IP)
except csumoff.Error as error:
    print(f'damaged: {error.status}, {error}')
show(csumoff.inspect(bytes(packet), Link.IP))
try:
    csumoff.seed(memoryview(packet)[:27], Link.IP)
except csumoff.Error as error:
    print(f'cut short: {error.status}, {error}')
print('untouched', packet.hex())
print(f'sum {csumoff.fold(csumoff.partial(packet)):04x}, '
      f'crc32c {csumoff.crc32c(b"123456789"):08x}')
