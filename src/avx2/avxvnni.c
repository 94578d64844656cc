// SPDX-License-Identifier: MIT
/*
 * AVX-VNNI, which CPUs have that lack AVX-512: VPDPWSSD in its VEX form adds pairs of words to the
 * total in one instruction. Its result is there five cycles later, so there are eight sums.
 */
#include "../words.h"
#include "lanes.h"

#if defined(CSUMOFF_X86_AVXVNNI)

#define KERNEL                avxvnni
#define TARGET                AVX2_TARGET
#define VEC                   __m256i
#define VEC_LOAD(src)         AVX2_LOAD(src)
#define VEC_STORE(dst, v)     AVX2_STORE(dst, v)
#define VEC_AND(a, b)         _mm256_and_si256(a, b)
#define ACC                   struct avxvnni_totals
#define ACC_ZERO              avxvnni_zero()
#define ROW                   8
#define CONSTANTS             struct avx2_constants
#define HOLD                  avx2_hold()
#define ACC_ADD(k, acc, v, i) avxvnni_add_words(k, acc, v, (i) >= 4)
#define ACC_JOIN(a, b)        avxvnni_join(a, b)
#define ACC_TOTAL(acc, n)     avx2_total(_mm256_add_epi32((acc).first, (acc).second), n)

struct avxvnni_totals {
    __m256i first, second;
};

TARGET CSUMOFF_INLINE struct avxvnni_totals avxvnni_zero(void)
{
    return (struct avxvnni_totals){_mm256_setzero_si256(), _mm256_setzero_si256()};
}

/* No target attribute for it: gcc 12 copies the total before and after its intrinsic. */
TARGET CSUMOFF_INLINE __m256i avxvnni_dot(__m256i acc, __m256i v, __m256i ones)
{
    __asm__("%{vex%} vpdpwssd %2, %1, %0" : "+x"(acc) : "x"(v), "x"(ones));
    return acc;
}

TARGET CSUMOFF_INLINE struct avxvnni_totals avxvnni_add_words(struct avx2_constants k,
                                                              struct avxvnni_totals acc, __m256i v,
                                                              bool second)
{
    v = _mm256_xor_si256(v, k.bias);
    if (second)
        acc.second = avxvnni_dot(acc.second, v, k.ones);
    else
        acc.first = avxvnni_dot(acc.first, v, k.ones);
    return acc;
}

TARGET CSUMOFF_INLINE struct avxvnni_totals avxvnni_join(struct avxvnni_totals a,
                                                         struct avxvnni_totals b)
{
    return (struct avxvnni_totals){_mm256_add_epi32(a.first, b.first),
                                   _mm256_add_epi32(a.second, b.second)};
}

#include "../vector.h"
#endif
