// SPDX-License-Identifier: MIT

// Package csumoff is csumoff for Go, by cgo: frames are slices, which are changed in place.
package csumoff

/*
#cgo CFLAGS: -I${SRCDIR}/../../../include
#cgo LDFLAGS: -lcsumoff
#include <csumoff.h>
*/
import "C"

import "unsafe"

// Link is what a frame begins with.
type Link uint32

const (
	Ethernet      Link = C.CSUMOFF_LINK_ETHERNET
	IP            Link = C.CSUMOFF_LINK_IP
	EthernetSuper Link = C.CSUMOFF_LINK_ETHERNET_SUPER
	IPSuper       Link = C.CSUMOFF_LINK_IP_SUPER
)

// Verdict is how a checksum stands.
type Verdict uint32

const (
	Unchecked Verdict = C.CSUMOFF_UNCHECKED
	Good      Verdict = C.CSUMOFF_GOOD
	Bad       Verdict = C.CSUMOFF_BAD
	Seeded    Verdict = C.CSUMOFF_SEEDED
	SeededGSO Verdict = C.CSUMOFF_SEEDED_GSO
	Absent    Verdict = C.CSUMOFF_ABSENT
	Blank     Verdict = C.CSUMOFF_BLANK
)

// Status is a negative enum csumoff_status as an error: nothing was written.
type Status int

func (s Status) Error() string { return C.GoString(C.csumoff_strerror(C.int(s))) }

// What was wrong, to be compared by errors.Is.
const (
	ErrTrunc   Status = C.CSUMOFF_ETRUNC
	ErrHdr     Status = C.CSUMOFF_EHDR
	ErrProto   Status = C.CSUMOFF_EPROTO
	ErrFrag    Status = C.CSUMOFF_EFRAG
	ErrRange   Status = C.CSUMOFF_ERANGE
	ErrCsum    Status = C.CSUMOFF_ECSUM
	ErrTrailer Status = C.CSUMOFF_ETRAILER
	ErrNotSup  Status = C.CSUMOFF_ENOTSUP
	ErrHead    Status = C.CSUMOFF_EHEAD
)

func check(status C.int) error {
	if status < 0 {
		return Status(status)
	}
	return nil
}

// Layout is where the parts of a packet are.
type Layout struct {
	L3Start, L4Start, PayloadStart, End, L4Len, CsumStart, CsumOffset, Pseudo uint32
	IPVersion, L4Proto, VlanTags, CsumKind                                    uint8
}

// Report is what Inspect found.
type Report struct {
	L3, L4              Verdict
	L3Found, L3Expected uint16
	L4Found, L4Expected uint32
}

// first is the address of a slice's bytes; the library takes NULL where there are none.
func first(data []byte) unsafe.Pointer {
	if len(data) == 0 {
		return nil
	}
	return unsafe.Pointer(&data[0])
}

// Version is the number of the library that is linked.
func Version() uint32 { return uint32(C.csumoff_version()) }

// Partial returns the sum of the data added to sum; not folded.
func Partial(data []byte, sum uint32) uint32 {
	return uint32(C.csumoff_partial(first(data), C.size_t(len(data)), C.csumoff_wsum(sum)))
}

// Fold returns the value for a header, in memory order.
func Fold(sum uint32) uint16 { return uint16(C.csumoff_fold(C.csumoff_wsum(sum))) }

// CRC32C returns SCTP's checksum of the data, continued from crc.
func CRC32C(data []byte, crc uint32) uint32 {
	return uint32(C.csumoff_crc32c(first(data), C.size_t(len(data)), C.uint32_t(crc)))
}

// Seed writes the seed that the host finishes, and returns where things are.
func Seed(frame []byte, link Link) (Layout, error) {
	var at C.struct_csumoff_layout
	err := check(C.csumoff_seed(first(frame), C.size_t(len(frame)), uint32(link), &at))
	return Layout{
		L3Start: uint32(at.l3_start), L4Start: uint32(at.l4_start),
		PayloadStart: uint32(at.payload_start), End: uint32(at.end), L4Len: uint32(at.l4_len),
		CsumStart: uint32(at.csum_start), CsumOffset: uint32(at.csum_offset),
		Pseudo: uint32(at.pseudo), IPVersion: uint8(at.ip_version), L4Proto: uint8(at.l4_proto),
		VlanTags: uint8(at.vlan_tags), CsumKind: uint8(at.csum_kind),
	}, err
}

// Finish finishes a checksum as a device does.
func Finish(frame []byte, csumStart, csumOffset uint32) error {
	return check(C.csumoff_finish(first(frame), C.size_t(len(frame)), C.size_t(csumStart),
		C.size_t(csumOffset)))
}

// Verify returns nil only where nothing is wrong.
func Verify(frame []byte, link Link) error {
	return check(C.csumoff_verify(first(frame), C.size_t(len(frame)), uint32(link)))
}

// Inspect returns a verdict for each checksum.
func Inspect(frame []byte, link Link) (Report, error) {
	var r C.struct_csumoff_report
	err := check(C.csumoff_inspect(first(frame), C.size_t(len(frame)), uint32(link), &r))
	return Report{
		L3: Verdict(r.l3), L4: Verdict(r.l4),
		L3Found: uint16(r.l3_found), L3Expected: uint16(r.l3_expected),
		L4Found: uint32(r.l4_found), L4Expected: uint32(r.l4_expected),
	}, err
}
