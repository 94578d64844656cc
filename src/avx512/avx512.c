// SPDX-License-Identifier: MIT
/* AVX-512 F, BW and VL: pairs of words by VPMADDWD. */
#include "../kernel.h"

#if defined(CSUMOFF_X86)
#include <immintrin.h>

#define TARGET      __attribute__((target("avx512f,avx512bw,avx512vl")))
#define DOT(acc, v) _mm512_add_epi32(acc, _mm512_madd_epi16(v, _mm512_set1_epi16(1)))
#include "body.h"

CSUMOFF_KERNEL_FROM(avx512, TARGET, body)
#endif
