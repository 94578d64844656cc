// SPDX-License-Identifier: MIT
/* What the kernels of 32-byte vectors share: words are signed by a bias, and the total gets it
 * back. */
#ifndef CSUMOFF_AVX2_LANES_H
#define CSUMOFF_AVX2_LANES_H

#include "../kernel.h"

#if defined(CSUMOFF_X86_AVX2)
#include "../x86.h"

#define AVX2_TARGET        __attribute__((target("avx2")))
#define AVX2_LOAD(src)     _mm256_loadu_si256((const __m256i *)(const void *)(src))
#define AVX2_STORE(dst, v) _mm256_storeu_si256((__m256i *)(void *)(dst), v)

struct avx2_constants {
    __m256i bias, ones;
};

AVX2_TARGET CSUMOFF_INLINE struct avx2_constants avx2_hold(void)
{
    struct avx2_constants k = {AVX2_LOAD(csumoff_bias_), AVX2_LOAD(csumoff_ones_)};

    __asm__("" : "+x"(k.bias), "+x"(k.ones));
    return k;
}

/* The sum of the words of n vectors modulo 2^32. */
AVX2_TARGET CSUMOFF_INLINE uint32_t avx2_total(__m256i acc, size_t vectors)
{
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(acc), _mm256_extracti128_si256(acc, 1));

    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
    return (uint32_t)_mm_cvtsi128_si32(half) + (uint32_t)vectors * 16 * 0x8000;
}
#endif

#endif
