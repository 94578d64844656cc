// SPDX-License-Identifier: MIT

// A UDP packet is seeded as a guest does, finished as its host does, and judged; then damaged.
package main

import (
	"fmt"
	"log"

	"csumoff.example/csumoff"
)

// IPv4 and UDP, 192.0.2.1:4660 to 192.0.2.2:53, "csumoff"; both checksums still to be made.
var packet = []byte("\x45\x00\x00\x23\x00\x00\x40\x00\x40\x11\x00\x00\xc0\x00\x02\x01\xc0\x00\x02\x02" +
	"\x12\x34\x00\x35\x00\x0f\x00\x00csumoff")

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func printReport() {
	r, err := csumoff.Inspect(packet, csumoff.IP)
	must(err)
	fmt.Println("report", r.L3, r.L4, r.L3Found, r.L3Expected, r.L4Found, r.L4Expected)
}

func main() {
	fmt.Println("csumoff", csumoff.Version())
	at, err := csumoff.Seed(packet, csumoff.IP)
	must(err)
	fmt.Printf("seeded %x\n", packet)
	fmt.Println("layout", at.L3Start, at.L4Start, at.PayloadStart, at.End, at.L4Len, at.CsumStart,
		at.CsumOffset, at.Pseudo, at.IPVersion, at.L4Proto, at.VlanTags, at.CsumKind)
	printReport()
	must(csumoff.Finish(packet, at.CsumStart, at.CsumOffset))
	fmt.Printf("finished %x\n", packet)
	printReport()
	must(csumoff.Verify(packet, csumoff.IP))
	fmt.Println("verify:", csumoff.Status(0))

	packet[34] ^= 1
	if err := csumoff.Verify(packet, csumoff.IP); err != nil {
		fmt.Printf("damaged: %d, %v\n", err, err)
	}
	printReport()
	if _, err := csumoff.Seed(packet[:27], csumoff.IP); err != nil {
		fmt.Printf("cut short: %d, %v\n", err, err)
	}
	fmt.Printf("untouched %x\n", packet)
	fmt.Printf("sum %04x, crc32c %08x\n", csumoff.Fold(csumoff.Partial(packet, 0)),
		csumoff.CRC32C([]byte("123456789"), 0))
}
