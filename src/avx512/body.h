// SPDX-License-Identifier: MIT
/*
 * The body of an AVX-512 kernel. At the ends it loads by byte masks, so every byte is loaded once
 * and nothing outside the data is accessed. The kernel's file includes names_begin.h and defines,
 * before it includes this header:
 *   KERNEL           its name in kernels.def
 *   TARGET           the function attribute that turns its instructions on
 *   dot(a, v, ones)  returns `a` plus the words of v, multiplied as signed words by 1 and added in
 *                    pairs, in lanes of 32 bits. Its throughput matters, its latency does not
 * Words are unsigned, so 0x8000 is subtracted from each (by XOR) before the multiplication, and
 * total() adds it back.
 */
#define VEC_BIAS UINT32_C(0x100000) /* 32 words of 0x8000 */
/* Up to this length, loads that cross cache lines cost less than aligning them. */
#define SMALL_UPTO 256
/* Up to this length, vectors of zeros make the number of vectors 12, so that no branch depends on
 * it. */
#define MEDIUM_UPTO 640

/* Returns a mask of the lowest n bits, n from 0 to 64. */
TARGET CSUMOFF_INLINE __mmask64 first(size_t n)
{
#if defined(__x86_64__)
    return _bzhi_u64(~UINT64_C(0), (unsigned)n);
#else
    return n ? ~UINT64_C(0) >> (64 - n) : 0;
#endif
}

typedef struct {
    __m512i bias, ones;
} constants;

/* Returns the constants in registers. Without the barrier, compilers compute them again at every
 * use. */
TARGET CSUMOFF_INLINE constants hold(void)
{
    constants k = {_mm512_set1_epi16(-0x8000), _mm512_set1_epi16(1)};

    __asm__("" : "+v"(k.bias), "+v"(k.ones));
    return k;
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

/* Returns `acc` plus the words of v, as dot() does after the bias, but with a lower latency: short
 * sums wait for it. */
TARGET CSUMOFF_INLINE __m512i add_pairs(constants k, __m512i acc, __m512i v)
{
    return _mm512_add_epi32(acc, _mm512_madd_epi16(_mm512_xor_si512(v, k.bias), k.ones));
}

/* Returns the sum of the words of n vectors, modulo 2^32. */
TARGET CSUMOFF_INLINE uint32_t total(__m512i acc, size_t n)
{
    return (uint32_t)_mm512_reduce_add_epi32(acc) + (uint32_t)n * VEC_BIAS;
}

/* Sums 0 to 64 bytes. One vector needs no multiplication, and so no bias. */
TARGET CSUMOFF_INLINE csumoff_wsum one(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    __m512i v = take_masked(copy, dst, src, first(len));
    __m512i low = _mm512_and_si512(v, _mm512_set1_epi64(0xFFFFFFFF));

    return csumoff_fold64_(
        (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(low, _mm512_srli_epi64(v, 32))));
}

/* Sums 65 to SMALL_UPTO bytes: whole vectors, then a masked one. */
TARGET CSUMOFF_INLINE csumoff_wsum small(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    constants k = hold();
    size_t last = (len - 1) / 64 * 64, counted = 2;
    __m512i acc0 = _mm512_setzero_si512(), acc1 = acc0;

    acc0 = add_pairs(k, acc0, take(copy, dst, src));
    acc1 = add_pairs(k, acc1, take_masked(copy, dst + last, src + last, first(len - last)));
    if (__builtin_expect(last > 64, 0)) {
        acc0 = add_pairs(k, acc0, take(copy, dst + 64, src + 64));
        counted = 3;
        if (!copy || last > 128) {
            src = copy ? src + 128 : csumoff_or_zeros(last > 128, src + 128);
            acc1 = add_pairs(k, acc1, take(copy, dst + 128, src));
            counted = 4;
        }
    }
    return total(_mm512_add_epi32(acc0, acc1), counted);
}

/*
 * Longer data is read by aligned loads; a copy aligns its stores instead, because a store across a
 * cache line costs more than a load. A masked vector takes the head, whole vectors the middle, a
 * masked one the tail. A head of odd length swaps the two bytes of every word. The whole vectors
 * that every length has are added first, then the rest by the bits of i: 8, 4, 2 and 1.
 */
#define SKIP(n) (line += (n)*64, to += (n)*64, i -= (n))
#define TAKE_ALL(n)                                                                                \
    do {                                                                                           \
        from = line;                                                                               \
        TAKE##n();                                                                                 \
        SKIP(n);                                                                                   \
    } while (0)
/* A sum reads zeros in place of vectors beyond the end, which needs no branch. */
#define TAKE_IF_LEFT(n)                                                                            \
    do {                                                                                           \
        from = copy ? line : csumoff_or_zeros(i & (n), line);                                      \
        if (!copy || i & (n))                                                                      \
            TAKE##n();                                                                             \
        SKIP(i &(n));                                                                              \
    } while (0)

/* Sums SMALL_UPTO to MEDIUM_UPTO bytes: a masked vector, 3 to 9 whole ones, a masked one. */
TARGET CSUMOFF_INLINE csumoff_wsum medium(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
#define TAKE(acc, j) ((acc) = add_pairs(k, acc, take(copy, to + (j)*64, from + (j)*64)))
#define TAKE1()      TAKE(acc0, 0)
#define TAKE2()      (TAKE(acc1, 0), TAKE(acc2, 1))
#define TAKE3()      (TAKE(acc1, 0), TAKE(acc2, 1), TAKE(acc3, 2))
#define TAKE4()      (TAKE(acc0, 0), TAKE(acc1, 1), TAKE(acc2, 2), TAKE(acc3, 3))
    constants k = hold();
    size_t before = (uintptr_t)dst % 64, end = before + len - 1, i = end / 64 - 1;
    size_t counted = copy ? i + 2 : 12;
    const uint8_t *line = (const uint8_t *)((uintptr_t)src - before), *from;
    uint8_t *to = (uint8_t *)((uintptr_t)dst - before);
    __m512i acc0 = _mm512_setzero_si512(), acc1 = acc0, acc2 = acc0, acc3 = acc0;

    acc0 = add_pairs(k, acc0, take_masked(copy, to, line, ~UINT64_C(0) << before));
    line += 64;
    to += 64;
    TAKE_ALL(3);
    TAKE_IF_LEFT(4);
    TAKE_IF_LEFT(2);
    TAKE_IF_LEFT(1);
    acc3 = add_pairs(k, acc3, take_masked(copy, to, line, first(end % 64 + 1)));
    acc0 = _mm512_add_epi32(_mm512_add_epi32(acc0, acc1), _mm512_add_epi32(acc2, acc3));
    return csumoff_block_shift_(total(acc0, counted), before);
#undef TAKE4
#undef TAKE3
#undef TAKE2
#undef TAKE1
#undef TAKE
}

/* Sums more than MEDIUM_UPTO bytes, which have 9 whole vectors or more. Eight totals hide the
 * latency of dot(). */
TARGET CSUMOFF_INLINE csumoff_wsum large(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
#define ADD(acc, v)  ((acc) = dot(acc, _mm512_xor_si512(v, k.bias), k.ones))
#define TAKE(acc, j) ADD(acc, take(copy, to + (j)*64, from + (j)*64))
#define TAKE1()      TAKE(acc0, 0)
#define TAKE2()      (TAKE(acc1, 0), TAKE(acc2, 1))
#define TAKE4()      (TAKE(acc0, 0), TAKE(acc1, 1), TAKE(acc2, 2), TAKE(acc3, 3))
#define TAKE8()      (TAKE4(), TAKE(acc4, 4), TAKE(acc5, 5), TAKE(acc6, 6), TAKE(acc7, 7))
    constants k = hold();
    size_t before = (uintptr_t)dst % 64, end = before + len - 1, i = end / 64 - 1;
    size_t counted = i + 2;
    const uint8_t *line = (const uint8_t *)((uintptr_t)src - before), *from;
    uint8_t *to = (uint8_t *)((uintptr_t)dst - before);
    __m512i acc0 = _mm512_setzero_si512(), acc1 = acc0, acc2 = acc0, acc3 = acc0;
    __m512i acc4 = acc0, acc5 = acc0, acc6 = acc0, acc7 = acc0;

    ADD(acc0, take_masked(copy, to, line, ~UINT64_C(0) << before));
    line += 64;
    to += 64;
    if (i >= 16 + CSUMOFF_AHEAD / 64 && csumoff_fetching())
        do {
            csumoff_fetch(line + CSUMOFF_AHEAD, 512);
            TAKE_ALL(8);
        } while (i >= 16 + CSUMOFF_AHEAD / 64);
    do
        TAKE_ALL(8);
    while (i >= 16);
    if (!copy)
        counted += 15 - i;
    TAKE_IF_LEFT(8);
    TAKE_IF_LEFT(4);
    TAKE_IF_LEFT(2);
    TAKE_IF_LEFT(1);
    ADD(acc3, take_masked(copy, to, line, first(end % 64 + 1)));
    acc0 = _mm512_add_epi32(_mm512_add_epi32(acc0, acc4), _mm512_add_epi32(acc1, acc5));
    acc2 = _mm512_add_epi32(_mm512_add_epi32(acc2, acc6), _mm512_add_epi32(acc3, acc7));
    return csumoff_block_shift_(total(_mm512_add_epi32(acc0, acc2), counted), before);
#undef TAKE8
#undef TAKE4
#undef TAKE2
#undef TAKE1
#undef TAKE
#undef ADD
}
#undef TAKE_IF_LEFT
#undef TAKE_ALL
#undef SKIP

TARGET CSUMOFF_INLINE csumoff_wsum body(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    /* Short sums are the most sensitive to a taken branch, so theirs falls through. */
    if (__builtin_expect(len <= 64, 1))
        return one(copy, dst, src, len);
    if (__builtin_expect(len <= SMALL_UPTO, 1))
        return small(copy, dst, src, len);
    return len <= MEDIUM_UPTO ? medium(copy, dst, src, len) : large(copy, dst, src, len);
}

CSUMOFF_KERNEL_FROM(TARGET)

#undef KERNEL
#undef TARGET
#undef VEC_BIAS
#undef SMALL_UPTO
#undef MEDIUM_UPTO
#include "../names_end.h"
