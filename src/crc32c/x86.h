// SPDX-License-Identifier: MIT
/* The functions that the kernels with the CRC32 instruction of x86 share. */
#ifndef CSUMOFF_CRC32C_X86_H
#define CSUMOFF_CRC32C_X86_H

#include "../words.h"

#if defined(CSUMOFF_X86_SSE42)
#include "../x86.h"

#define CRC32C_SSE42 __attribute__((target("sse4.2,pclmul")))

/* Returns the register `crc` continued by the eight bytes at p. */
CRC32C_SSE42 CSUMOFF_INLINE uint64_t crc32c_word(uint64_t crc, const uint8_t *p)
{
    return _mm_crc32_u64(crc, csumoff_take64(false, NULL, p));
}

/*
 * Returns the 64 bits to be added to the last of the `words` words that follow the register `crc`.
 * Adding them has the same effect as beginning with `crc` in front of the first of these words in
 * place of 0.
 */
CRC32C_SSE42 CSUMOFF_INLINE uint64_t crc32c_shift(uint64_t crc, size_t words)
{
    __m128i by = _mm_cvtsi64_si128((int64_t)csumoff_crc32c_shifts_[words]);

    return (uint64_t)_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)crc), by, 0x00));
}

/* Returns the register `crc` continued by `len` bytes, without streams. */
CRC32C_SSE42 CSUMOFF_INLINE uint32_t crc32c_rest(const uint8_t *p, size_t len, uint64_t crc)
{
    uint32_t low;

    for (; len >= 8; len -= 8, p += 8)
        crc = crc32c_word(crc, p);
    low = (uint32_t)crc;
    if (len & 4) {
        low = _mm_crc32_u32(low, csumoff_take32(false, NULL, p));
        p += 4;
    }
    if (len & 2) {
        low = _mm_crc32_u16(low, csumoff_take16(false, NULL, p));
        p += 2;
    }
    return len & 1 ? _mm_crc32_u8(low, *p) : low;
}
#endif

#endif
