// SPDX-License-Identifier: MIT
/* AVX2: as SSE2, with twice the words: signed by a bias, paired by VPMADDWD. */
#include "../words.h"
#include "lanes.h"

#if defined(CSUMOFF_X86_AVX2)

#define KERNEL                avx2
#define TARGET                AVX2_TARGET
#define VEC                   __m256i
#define VEC_LOAD(src)         AVX2_LOAD(src)
#define VEC_STORE(dst, v)     AVX2_STORE(dst, v)
#define VEC_AND(a, b)         _mm256_and_si256(a, b)
#define ACC                   __m256i
#define ACC_ZERO              _mm256_setzero_si256()
#define ROW                   8
#define CONSTANTS             struct avx2_constants
#define HOLD                  avx2_hold()
#define ACC_ADD(k, acc, v, i) avx2_add_words(k, acc, v)
#define ACC_JOIN(a, b)        _mm256_add_epi32(a, b)
#define ACC_TOTAL(acc, n)     avx2_total(acc, n)

TARGET CSUMOFF_INLINE __m256i avx2_add_words(struct avx2_constants k, __m256i acc, __m256i v)
{
    return _mm256_add_epi32(acc, _mm256_madd_epi16(_mm256_xor_si256(v, k.bias), k.ones));
}

#include "../vector.h"
#endif
