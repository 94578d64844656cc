// SPDX-License-Identifier: MIT
/* AVX2: VPMADDWD multiplies signed words by 1 and adds pairs of the products. A bias makes the
 * unsigned words signed, and total() adds it back. */
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
