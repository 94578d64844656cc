// SPDX-License-Identifier: MIT
/*
 * AVX-VNNI, for CPUs without AVX-512: VPDPWSSD in its VEX form multiplies signed words by 1 and
 * adds pairs of the products to a total, in one instruction. Its result takes five cycles, so there
 * are eight totals.
 */
#include "../words.h"

#if defined(CSUMOFF_X86_AVXVNNI)
#include "../x86.h"

#define KERNEL avxvnni
#define TARGET __attribute__((target("avx2")))
#define TURN   8
#define SUMS   8
#include "../names_begin.h"
#include "lanes.h"

/* The instruction is written in assembler and TARGET does not name avxvnni, because gcc 12 copies
 * the total before and after its intrinsic. */
TARGET CSUMOFF_INLINE acc add_words(constants k, acc a, vec v, size_t i)
{
    (void)i;
    v = _mm256_xor_si256(v, k.bias);
    __asm__("%{vex%} vpdpwssd %2, %1, %0" : "+x"(a) : "x"(v), "x"(k.ones));
    return a;
}

#include "../vector.h"
#endif
