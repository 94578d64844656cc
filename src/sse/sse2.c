// SPDX-License-Identifier: MIT
/* SSE2: PMADDWD adds pairs of signed words; so words lose 0x8000, and the total gets it back. */
#include "../words.h"

#if defined(CSUMOFF_X86_SSE2)
#include "../x86.h"

#define KERNEL                sse2
#define TARGET                __attribute__((target("sse2")))
#define VEC                   __m128i
#define VEC_LOAD(src)         _mm_loadu_si128((const __m128i *)(const void *)(src))
#define VEC_STORE(dst, v)     _mm_storeu_si128((__m128i *)(void *)(dst), v)
#define VEC_AND(a, b)         _mm_and_si128(a, b)
#define ACC                   __m128i
#define ACC_ZERO              _mm_setzero_si128()
#define ROW                   8
#define CONSTANTS             struct sse2_constants
#define HOLD                  sse2_hold()
#define ACC_ADD(k, acc, v, i) sse2_add_words(k, acc, v)
#define ACC_JOIN(a, b)        _mm_add_epi32(a, b)
#define ACC_TOTAL(acc, n)     sse2_total(acc, n)

/* Two adds with carry take less time than a vector of 16 bytes, and leave no lanes to be joined. */
#if defined(__x86_64__)
#define WORDS_UPTO 256
#endif

struct sse2_constants {
    __m128i bias, ones;
};

TARGET CSUMOFF_INLINE struct sse2_constants sse2_hold(void)
{
    struct sse2_constants k = {VEC_LOAD(csumoff_bias_), VEC_LOAD(csumoff_ones_)};

    __asm__("" : "+x"(k.bias), "+x"(k.ones));
    return k;
}

TARGET CSUMOFF_INLINE __m128i sse2_add_words(struct sse2_constants k, __m128i acc, __m128i v)
{
    return _mm_add_epi32(acc, _mm_madd_epi16(_mm_xor_si128(v, k.bias), k.ones));
}

TARGET CSUMOFF_INLINE uint32_t sse2_total(__m128i acc, size_t vectors)
{
    acc = _mm_add_epi32(acc, _mm_shuffle_epi32(acc, 0x4E));
    acc = _mm_add_epi32(acc, _mm_shuffle_epi32(acc, 0xB1));
    return (uint32_t)_mm_cvtsi128_si32(acc) + (uint32_t)vectors * 8 * 0x8000;
}

#include "../vector.h"
#endif
