// SPDX-License-Identifier: MIT
/*
 * The body shared by the AVX-512 kernels. Byte masks do the ends, so every byte is loaded by one
 * instruction and nothing outside is touched. The kernel's file defines, before it includes this:
 *   TARGET       the function attribute that turns its instructions on
 *   DOT(acc, v)  acc and the products of the signed words of v with 1, pairs added, in 32-bit lanes
 * Words are unsigned, so each loses 0x8000 (an XOR) before DOT and the total gets it back.
 */
#include "../kernel.h"
#include <immintrin.h>

#define BIAS     _mm512_set1_epi16(-0x8000)
#define VEC_BIAS UINT32_C(0x100000) /* 32 words of 0x8000 */
/* Up to here one load per 64 bytes, crossing lines, costs less than going along the lines. */
#define SMALL_UPTO 256

/* The lowest n of 64 bits; n may be 64. */
CSUMOFF_INLINE __mmask64 first(size_t n)
{
    return ~UINT64_C(0) >> (64 - n);
}

TARGET CSUMOFF_INLINE __m512i take_masked(bool copy, uint8_t *dst, const uint8_t *src,
                                          __mmask64 mask)
{
    __m512i v = _mm512_maskz_loadu_epi8(mask, src);

    if (copy)
        _mm512_mask_storeu_epi8(dst, mask, v);
    return v;
}

TARGET CSUMOFF_INLINE __m512i take(bool copy, uint8_t *dst, const uint8_t *src)
{
    __m512i v = _mm512_loadu_si512(src);

    if (copy)
        _mm512_storeu_si512(dst, v);
    return v;
}

TARGET CSUMOFF_INLINE __m512i add_words(__m512i acc, __m512i v)
{
    return DOT(acc, _mm512_xor_si512(v, BIAS));
}

/* The sum of the words of n vectors modulo 2^32. */
TARGET CSUMOFF_INLINE uint32_t total(__m512i acc, size_t n)
{
    return (uint32_t)_mm512_reduce_add_epi32(acc) + (uint32_t)n * VEC_BIAS;
}

/* 1 to 64 bytes: no bias, for there is one vector only. */
TARGET CSUMOFF_INLINE uint64_t one(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    __m512i v = take_masked(copy, dst, src, first(len));
    __m512i low = _mm512_and_si512(v, _mm512_set1_epi64(0xFFFFFFFF));

    return (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(low, _mm512_srli_epi64(v, 32)));
}

/* 65 to SMALL_UPTO bytes. */
TARGET CSUMOFF_INLINE uint64_t small(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    size_t last = (len - 1) / 64;
    __m512i acc = _mm512_setzero_si512(), acc2 = acc;

    acc = add_words(acc, take(copy, dst, src));
    if (last > 1)
        acc2 = add_words(acc2, take(copy, dst + 64, src + 64));
    if (last > 2)
        acc = add_words(acc, take(copy, dst + 128, src + 128));
    acc2 = add_words(acc2,
                     take_masked(copy, dst + last * 64, src + last * 64, first(len - last * 64)));
    return total(_mm512_add_epi32(acc, acc2), last + 1);
}

/* `count` whole vectors. */
TARGET CSUMOFF_INLINE __m512i vectors(__m512i acc0, bool copy, uint8_t *dst, const uint8_t *src,
                                      size_t count)
{
    __m512i acc1 = _mm512_setzero_si512(), acc2 = acc1, acc3 = acc1;

    for (; count >= 4; count -= 4, src += 256, dst += 256) {
        acc0 = add_words(acc0, take(copy, dst, src));
        acc1 = add_words(acc1, take(copy, dst + 64, src + 64));
        acc2 = add_words(acc2, take(copy, dst + 128, src + 128));
        acc3 = add_words(acc3, take(copy, dst + 192, src + 192));
    }
    if (count & 2) {
        acc0 = add_words(acc0, take(copy, dst, src));
        acc1 = add_words(acc1, take(copy, dst + 64, src + 64));
        src += 128;
        dst += 128;
    }
    if (count & 1)
        acc2 = add_words(acc2, take(copy, dst, src));
    return _mm512_add_epi32(_mm512_add_epi32(acc0, acc1), _mm512_add_epi32(acc2, acc3));
}

/*
 * More than that: a masked head, so that the rest goes along the lines of the source, or of the
 * destination, since stores across a line cost more. An odd head swaps the bytes of every word.
 */
TARGET CSUMOFF_INLINE uint64_t large(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    size_t head = 64 - (uintptr_t)dst % 64;
    __mmask64 head_mask = ~UINT64_C(0) << (64 - head);
    uint8_t *head_dst = (uint8_t *)((uintptr_t)dst + head - 64);
    const uint8_t *head_src = (const uint8_t *)((uintptr_t)src + head - 64);
    __m512i acc =
        add_words(_mm512_setzero_si512(), take_masked(copy, head_dst, head_src, head_mask));
    size_t n = 1;
    uint64_t sum = 0;

    src += head;
    dst += head;
    len -= head;
    for (;;) {
        size_t block = len / 64 < CSUMOFF_BLOCK / 64 - n ? len / 64 : CSUMOFF_BLOCK / 64 - n;

        acc = vectors(acc, copy, dst, src, block);
        src += block * 64;
        dst += block * 64;
        len -= block * 64;
        n += block;
        if (len < 64 && n < CSUMOFF_BLOCK / 64)
            break;
        sum += total(acc, n);
        acc = _mm512_setzero_si512();
        n = 0;
    }
    if (len) {
        acc = add_words(acc, take_masked(copy, dst, src, first(len)));
        n++;
    }
    return csumoff_swap_if(sum + total(acc, n), head);
}

TARGET CSUMOFF_INLINE uint64_t body(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    if (len <= 64)
        return len ? one(copy, dst, src, len) : 0;
    return len <= SMALL_UPTO ? small(copy, dst, src, len) : large(copy, dst, src, len);
}
