// SPDX-License-Identifier: MIT
/* AVX2: as SSE2, with twice the words: signed by a bias, paired by VPMADDWD. */
#include "../words.h"

#if defined(CSUMOFF_X86_AVX2)
#include "../x86.h"

#define KERNEL                avx2
#define TARGET                __attribute__((target("avx2")))
#define VEC                   __m256i
#define VEC_LOAD(src)         _mm256_loadu_si256((const __m256i *)(const void *)(src))
#define VEC_STORE(dst, v)     _mm256_storeu_si256((__m256i *)(void *)(dst), v)
#define VEC_AND(a, b)         _mm256_and_si256(a, b)
#define ACC                   __m256i
#define ACC_ZERO              _mm256_setzero_si256()
#define ROW                   8
#define CONSTANTS             struct avx2_constants
#define HOLD                  avx2_hold()
#define ACC_ADD(k, acc, v, i) avx2_add_words(k, acc, v)
#define ACC_JOIN(a, b)        _mm256_add_epi32(a, b)
#define ACC_TOTAL(acc, n)     avx2_total(acc, n)

struct avx2_constants {
    __m256i bias, ones;
};

TARGET CSUMOFF_INLINE struct avx2_constants avx2_hold(void)
{
    struct avx2_constants k = {VEC_LOAD(csumoff_bias_), VEC_LOAD(csumoff_ones_)};

    __asm__("" : "+x"(k.bias), "+x"(k.ones));
    return k;
}

TARGET CSUMOFF_INLINE __m256i avx2_add_words(struct avx2_constants k, __m256i acc, __m256i v)
{
    return _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_xor_si256(v, k.bias), k.ones));
}

TARGET CSUMOFF_INLINE uint32_t avx2_total(__m256i acc, size_t vectors)
{
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(acc), _mm256_extracti128_si256(acc, 1));

    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
    return (uint32_t)_mm_cvtsi128_si32(half) + (uint32_t)vectors * 16 * 0x8000;
}

#include "../vector.h"
#endif
