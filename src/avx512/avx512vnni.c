// SPDX-License-Identifier: MIT
/* AVX-512 with VNNI: VPDPWSSD adds pairs of words to the total in one instruction. */
#include "../words.h"

#if defined(CSUMOFF_X86_AVX512)
#include "../x86.h"

#define KERNEL avx512vnni
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,bmi2,avx512vnni")))
#include "../names_begin.h"

/* Around _mm512_dpwssd_epi32() gcc 12 copies the accumulator before and after. */
TARGET CSUMOFF_INLINE __m512i dot(__m512i a, __m512i v, __m512i ones)
{
    __asm__("vpdpwssd %2, %1, %0" : "+v"(a) : "v"(v), "v"(ones));
    return a;
}

#include "body.h"
#endif
