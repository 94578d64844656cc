// SPDX-License-Identifier: MIT
/*
 * NEON with the multiplication of matrices of 8-bit numbers. UMMLA multiplies both halves of one
 * vector by both halves of another and adds the four products to four lanes. One half of the
 * constant has ones for the even bytes, the other half for the odd bytes, so one instruction adds a
 * whole vector. On cores with two pipes, such as Neoverse N2, both execute it. A lane grows by four
 * bytes per vector, so it cannot overflow.
 */
#include "../words.h"

#if defined(CSUMOFF_ARM_NEONMM)
#include <arm_neon.h>

#define KERNEL neonmm
#define TARGET
#define TURN 8
#define SUMS 8 /* four would be too few: a result can take three cycles */
#include "../names_begin.h"

typedef uint8x16_t vec;
/* The lanes are the sums of the even and of the odd bytes of lower halves, then those of upper
 * halves. */
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

/* Returns ones for the even bytes in the lower half and for the odd bytes in the upper half. The
 * empty assembler statement keeps them in a register: gcc would compute them anew in the loop. */
CSUMOFF_INLINE constants hold(void)
{
    constants k =
        vcombine_u8(vreinterpret_u8_u16(vdup_n_u16(1)), vreinterpret_u8_u16(vdup_n_u16(0x100)));

    __asm__("" : "+w"(k));
    return k;
}

/*
 * UMMLA is written as a number, because the compilers and assemblers of Debian 12 do not agree on
 * how they are told to accept its name. The first lines define the registers' numbers, of which the
 * instruction is made, under the registers' names.
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

/* Odd bytes are the upper halves of their words. */
CSUMOFF_INLINE uint32_t total(acc a, size_t vectors)
{
    const uint32x2_t bytes = vadd_u32(vget_low_u32(a), vget_high_u32(a));

    (void)vectors;
    return vget_lane_u32(bytes, 0) + (vget_lane_u32(bytes, 1) << 8);
}

#include "../vector.h"
#endif
