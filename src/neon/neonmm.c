// SPDX-License-Identifier: MIT
/*
 * NEON with the matrix multiplication of 8-bit numbers. UMMLA multiplies both halves of a vector by
 * both halves of another: here by ones and zeros that take the bytes of even numbers, then by those
 * that take the others. So one instruction adds a vector, on each pipe of cores that have two, as
 * Neoverse N2. A lane gets four bytes per vector: it can't overflow.
 */
#include "../words.h"

#if defined(CSUMOFF_ARM_NEONMM)
#include <arm_neon.h>

#define KERNEL neonmm
#define TARGET
#define TURN 8
#define SUMS 8 /* a result can take three cycles: with four, vectors would have to wait */
#include "../names_begin.h"

typedef uint8x16_t vec;
/* Lanes: the even bytes of lower halves, the odd ones; those of upper halves. */
typedef uint32x4_t acc;
typedef uint8x16_t constants;

CSUMOFF_INLINE vec load(const uint8_t *src)
{
    return vld1q_u8(src);
}

CSUMOFF_INLINE void store(uint8_t *dst, vec v)
{
    vst1q_u8(dst, v);
}

CSUMOFF_INLINE vec both(vec a, vec b)
{
    return vandq_u8(a, b);
}

CSUMOFF_INLINE acc zero(void)
{
    return vdupq_n_u32(0);
}

/* Ones for the even bytes, then for the odd ones; held, or gcc would make it anew in the loop. */
CSUMOFF_INLINE constants hold(void)
{
    constants k =
        vcombine_u8(vreinterpret_u8_u16(vdup_n_u16(1)), vreinterpret_u8_u16(vdup_n_u16(0x100)));

    __asm__("" : "+w"(k));
    return k;
}

/*
 * UMMLA by its number, so that no compiler or assembler has to be told of it: those of Debian 12 do
 * not agree on how. The first lines give the registers' names the numbers that it is made of.
 */
CSUMOFF_INLINE acc add_words(constants k, acc a, vec v, size_t i)
{
    (void)i;
    __asm__(".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,"
            "29,30,31\n\t.equ .Lcsumoff_v\\n, \\n\n\t.endr\n\t"
            ".inst 0x6e80a400 | (.Lcsumoff_%2 << 16) | (.Lcsumoff_%1 << 5) | .Lcsumoff_%0"
            : "+w"(a)
            : "w"(v), "w"(k));
    return a;
}

CSUMOFF_INLINE acc join(acc a, acc b)
{
    return vaddq_u32(a, b);
}

/* Odd bytes are the upper ones of their words. */
CSUMOFF_INLINE uint32_t total(acc a, size_t vectors)
{
    const uint32x2_t bytes = vadd_u32(vget_low_u32(a), vget_high_u32(a));

    (void)vectors;
    return vget_lane_u32(bytes, 0) + (vget_lane_u32(bytes, 1) << 8);
}

#include "../vector.h"
#endif
