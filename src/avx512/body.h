// SPDX-License-Identifier: MIT
/*
 * An AVX-512 kernel. Byte masks do the ends, so every byte is loaded by one instruction and nothing
 * outside is touched. Its file defines, and this one takes back:
 *   KERNEL             its name in kernels.def
 *   TARGET             the function attribute that turns its instructions on
 *   DOT(acc, v, ones)  acc and the products of the signed words of v with 1, pairs added, in 32-bit
 *                      lanes
 * Words are unsigned, so each loses 0x8000 (an XOR) before DOT and the total gets it back.
 */
/* All sources may be compiled as one: what is defined here gets the kernel's name. */
#define first          CSUMOFF_OWN(first)
#define hold           CSUMOFF_OWN(hold)
#define take_masked    CSUMOFF_OWN(take_masked)
#define take           CSUMOFF_OWN(take)
#define constants      CSUMOFF_OWN(constants)
#define add_words      CSUMOFF_OWN(add_words)
#define total          CSUMOFF_OWN(total)
#define one            CSUMOFF_OWN(one)
#define small          CSUMOFF_OWN(small)
#define large          CSUMOFF_OWN(large)
#define body           CSUMOFF_OWN(body)
#define hold_constants CSUMOFF_OWN(hold_constants)

#define VEC_BIAS UINT32_C(0x100000) /* 32 words of 0x8000 */
/* Up to here one load per 64 bytes, crossing lines, costs less than going along the lines. */
#define SMALL_UPTO 256

/* The lowest n of 64 bits; n may be 64. */
TARGET CSUMOFF_INLINE __mmask64 first(size_t n)
{
#if defined(__x86_64__)
    return _bzhi_u64(~UINT64_C(0), (unsigned)n);
#else
    return ~UINT64_C(0) >> (64 - n);
#endif
}

/* A constant that the compiler shall hold in its register: it would make it anew at every use. */
TARGET CSUMOFF_INLINE __m512i hold(__m512i v)
{
    __asm__("" : "+v"(v));
    return v;
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

struct constants {
    __m512i bias, ones;
};

TARGET CSUMOFF_INLINE struct constants hold_constants(void)
{
    return (struct constants){hold(_mm512_set1_epi16(-0x8000)), hold(_mm512_set1_epi16(1))};
}

TARGET CSUMOFF_INLINE __m512i add_words(struct constants k, __m512i acc, __m512i v)
{
    return DOT(acc, _mm512_xor_si512(v, k.bias), k.ones);
}

/* The sum of the words of n vectors modulo 2^32. */
TARGET CSUMOFF_INLINE uint32_t total(__m512i acc, size_t n)
{
    return (uint32_t)_mm512_reduce_add_epi32(acc) + (uint32_t)n * VEC_BIAS;
}

/* 1 to 64 bytes: no bias, for there is one vector only. */
TARGET CSUMOFF_INLINE csumoff_wsum one(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    __m512i v = take_masked(copy, dst, src, first(len));
    __m512i low = _mm512_and_si512(v, _mm512_set1_epi64(0xFFFFFFFF));

    return csumoff_fold64_(
        (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(low, _mm512_srli_epi64(v, 32))));
}

/* 65 to SMALL_UPTO bytes. */
TARGET CSUMOFF_INLINE csumoff_wsum small(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    struct constants k = hold_constants();
    size_t last = (len - 1) / 64;
    __m512i acc = add_words(k, _mm512_setzero_si512(), take(copy, dst, src));

    if (last > 1)
        acc = add_words(k, acc, take(copy, dst + 64, src + 64));
    if (last > 2)
        acc = add_words(k, acc, take(copy, dst + 128, src + 128));
    acc = add_words(k, acc,
                    take_masked(copy, dst + last * 64, src + last * 64, first(len - last * 64)));
    return total(acc, last + 1);
}

/*
 * More than SMALL_UPTO bytes: a masked head, so that the rest goes along the lines of the
 * source, or of the destination, since stores across a line cost more. An odd head swaps the bytes
 * of every word.
 */
TARGET CSUMOFF_INLINE csumoff_wsum large(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    struct constants k = hold_constants();
    size_t before = (uintptr_t)dst % 64, n = (before + len - 1) / 64 - 1, i;
    const uint8_t *line = (const uint8_t *)((uintptr_t)src - before);
    uint8_t *dst_line = (uint8_t *)((uintptr_t)dst - before);
    __m512i acc0 = _mm512_setzero_si512(), acc1 = acc0, acc2 = acc0, acc3 = acc0;
    __m512i acc4 = acc0, acc5 = acc0, acc6 = acc0, acc7 = acc0;

#define TAKE(i) (acc##i = add_words(k, acc##i, take(copy, dst_line + (i)*64, line + (i)*64)))
    acc0 = add_words(k, acc0, take_masked(copy, dst_line, line, ~UINT64_C(0) << before));
    line += 64;
    dst_line += 64;
    for (i = n; i >= 8; i -= 8, line += 512, dst_line += 512) {
        TAKE(0);
        TAKE(1);
        TAKE(2);
        TAKE(3);
        TAKE(4);
        TAKE(5);
        TAKE(6);
        TAKE(7);
    }
    if (i & 4) {
        TAKE(0);
        TAKE(1);
        TAKE(2);
        TAKE(3);
        line += 256;
        dst_line += 256;
    }
    if (i & 2) {
        TAKE(0);
        TAKE(1);
        line += 128;
        dst_line += 128;
    }
    if (i & 1) {
        TAKE(0);
        line += 64;
        dst_line += 64;
    }
    acc7 =
        add_words(k, acc7, take_masked(copy, dst_line, line, first((before + len - 1) % 64 + 1)));
#undef TAKE
    acc0 = _mm512_add_epi32(acc0, acc4);
    acc1 = _mm512_add_epi32(acc1, acc5);
    acc2 = _mm512_add_epi32(acc2, acc6);
    acc3 = _mm512_add_epi32(acc3, acc7);
    acc0 = _mm512_add_epi32(_mm512_add_epi32(acc0, acc1), _mm512_add_epi32(acc2, acc3));
    return csumoff_block_shift_(total(acc0, n + 2), before);
}

TARGET CSUMOFF_INLINE csumoff_wsum body(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    if (len <= 64)
        return len ? one(copy, dst, src, len) : 0;
    return len <= SMALL_UPTO ? small(copy, dst, src, len) : large(copy, dst, src, len);
}

CSUMOFF_KERNEL_FROM(TARGET)

#undef KERNEL
#undef TARGET
#undef DOT
#undef VEC_BIAS
#undef SMALL_UPTO
#undef first
#undef hold
#undef take_masked
#undef take
#undef constants
#undef add_words
#undef total
#undef one
#undef small
#undef large
#undef body
#undef hold_constants
