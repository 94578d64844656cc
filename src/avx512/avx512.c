// SPDX-License-Identifier: MIT
/* AVX-512 F, BW and VL: pairs of words by VPMADDWD. */
#include "../words.h"

#if defined(CSUMOFF_X86_AVX512)
#include "../x86.h"

#define KERNEL            avx512
#define TARGET            __attribute__((target("avx512f,avx512bw,avx512vl,bmi2")))
#define DOT(acc, v, ones) _mm512_add_epi32(acc, _mm512_madd_epi16(v, ones))
#include "body.h"
#endif
