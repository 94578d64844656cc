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

/* Returns the sum of the byte pairs; an odd last byte is the upper byte of a pair. */
uint64_t ref_sum(const uint8_t *data, size_t len);

/* Returns the sum of `len` bytes that repeat one word, without needing them in memory. */
uint64_t ref_sum_repeated(uint16_t word, uint64_t len);

/* Adds carries back until 16 bits are left. The result is not complemented, and 0 only for a sum of
 * 0. */
uint16_t ref_fold(uint64_t sum);

/* Returns the checksum: the sum folded and complemented. */
uint16_t ref_checksum(uint64_t sum);

/* Return the sums of the pseudo-headers. Both take a length of 32 bits; RFC 768 has 16 bits for it,
 * and longer datagrams do not exist there. */
uint64_t ref_pseudo4(const uint8_t src[4], const uint8_t dst[4], uint8_t proto, uint32_t len);
uint64_t ref_pseudo6(const uint8_t src[16], const uint8_t dst[16], uint8_t proto, uint32_t len);

/* Returns the checksum of an IPv4 header, with its bytes 10 and 11 taken as zero. */
uint16_t ref_ipv4_header(const uint8_t *header, size_t len);

/* Returns the checksum of a pseudo-header's sum and `len` bytes, with the word at `field` (even or
 * odd) taken as zero. */
uint16_t ref_transport(uint64_t pseudo, const uint8_t *l4, size_t len, size_t field);

/*
 * CRC32c as RFC 9260, appendix A, defines it: a division of polynomials, bit after bit, the least
 * significant bit of each byte first. `crc` is 0 or the CRC32c of the bytes before. The result is
 * the number whose lowest byte SCTP transmits first.
 */
uint32_t ref_crc32c(uint32_t crc, const uint8_t *data, size_t len);

#endif
