// SPDX-License-Identifier: MIT
/* AVX2: as SSE2, with twice the words: signed by a bias, paired by VPMADDWD. */
#include "../words.h"

#if defined(CSUMOFF_X86_AVX2)
#include "../x86.h"

#define KERNEL avx2
#define TARGET __attribute__((target("avx2")))
#define TURN   8
#define SUMS   4
#include "../names_begin.h"
#include "lanes.h"

TARGET CSUMOFF_INLINE acc add_words(constants k, acc a, vec v, size_t i)
{
    (void)i;
    return _mm256_add_epi32(a, _mm256_madd_epi16(_mm256_xor_si256(v, k.bias), k.ones));
}

#include "../vector.h"
#endif
