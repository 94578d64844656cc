// SPDX-License-Identifier: MIT
/*
 * The oracle: what RFC 1071 and the protocols' own documents say, in the plainest form there is.
 * NOT TO BE CHANGED TO MAKE A TEST PASS. It includes nothing of the library, not even its header.
 *
 * Everything here is in wire terms: a word is (first byte << 8) + second byte, whatever the CPU's
 * own order, so tests convert at the border (wire16() and memory16() in support.h). Sums are 64-bit
 * and never wrap for any data that fits a memory; 0 means that every byte was zero.
 */
#ifndef CSUMOFF_TESTS_REFERENCE_H
#define CSUMOFF_TESTS_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

/* The sum of the byte pairs; an odd last byte is the upper one of a pair. */
uint64_t ref_sum(const uint8_t *data, size_t len);

/* The same for `len` bytes of one word again and again, without having them. */
uint64_t ref_sum_repeated(uint16_t word, uint64_t len);

/* Carries added back until 16 bits are left. Not complemented: 0 only for a sum of 0. */
uint16_t ref_fold(uint64_t sum);

/* The checksum: folded and complemented. */
uint16_t ref_checksum(uint64_t sum);

/* The pseudo-headers, the length as 32 bits in both (it has 16 in RFC 768, where that is enough).
 */
uint64_t ref_pseudo4(const uint8_t src[4], const uint8_t dst[4], uint8_t proto, uint32_t len);
uint64_t ref_pseudo6(const uint8_t src[16], const uint8_t dst[16], uint8_t proto, uint32_t len);

/* The checksum of an IPv4 header, its bytes 10 and 11 taken as zero. */
uint16_t ref_ipv4_header(const uint8_t *header, size_t len);

/* The checksum over a pseudo-header sum and `len` bytes whose word at `field` (even or odd) is
 * taken as zero. */
uint16_t ref_transport(uint64_t pseudo, const uint8_t *l4, size_t len, size_t field);

/*
 * CRC32c as RFC 9260, appendix A, defines it: a division of polynomials, bit after bit, the least
 * significant bit of each byte first. `crc` is 0 or the CRC32c of the bytes before. The result is
 * the number whose lowest byte SCTP transmits first.
 */
uint32_t ref_crc32c(uint32_t crc, const uint8_t *data, size_t len);

#endif
