// SPDX-License-Identifier: MIT
/* AVX-512 F, BW and VL: pairs of words by VPMADDWD. */
#include "../words.h"

#if defined(CSUMOFF_X86_AVX512)
#include "../x86.h"

#define KERNEL avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,bmi2")))
#include "../names_begin.h"

TARGET CSUMOFF_INLINE __m512i dot(__m512i a, __m512i v, __m512i ones)
{
    return _mm512_add_epi32(a, _mm512_madd_epi16(v, ones));
}

#include "body.h"
#endif
