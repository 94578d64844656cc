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
#define VEC                   uint8x16_t
#define VEC_LOAD(src)         vld1q_u8(src)
#define VEC_STORE(dst, v)     vst1q_u8(dst, v)
#define VEC_AND(a, b)         vandq_u8(a, b)
#define ROW                   8
#define ACC                   struct neonmm_totals
#define ACC_ZERO              neonmm_zero()
#define CONSTANTS             uint8x16_t
#define HOLD                  neonmm_hold()
#define ACC_ADD(k, acc, v, i) neonmm_add_words(k, acc, v, (i) >= 4)
#define ACC_JOIN(a, b)        neonmm_join(a, b)
#define ACC_TOTAL(acc, n)     ((void)(n), neonmm_total(acc))

/* Lanes: the even bytes of lower halves, the odd ones; those of upper halves. Two sums, because a
 * result can take three cycles and four vectors a turn would have to wait for each other. */
struct neonmm_totals {
    uint32x4_t first, second;
};

/* Ones for the even bytes, then for the odd ones; held, or gcc would make it anew in the loop. */
CSUMOFF_INLINE uint8x16_t neonmm_hold(void)
{
    uint8x16_t k =
        vcombine_u8(vreinterpret_u8_u16(vdup_n_u16(1)), vreinterpret_u8_u16(vdup_n_u16(0x100)));

    __asm__("" : "+w"(k));
    return k;
}

CSUMOFF_INLINE struct neonmm_totals neonmm_zero(void)
{
    return (struct neonmm_totals){vdupq_n_u32(0), vdupq_n_u32(0)};
}

/*
 * UMMLA by its number, so that no compiler or assembler has to be told of it: those of Debian 12 do
 * not agree on how. The first lines give the registers' names the numbers that it is made of.
 */
CSUMOFF_INLINE uint32x4_t neonmm_multiply_add(uint8x16_t k, uint32x4_t acc, uint8x16_t v)
{
    __asm__(".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,"
            "29,30,31\n\t.equ .Lcsumoff_v\\n, \\n\n\t.endr\n\t"
            ".inst 0x6e80a400 | (.Lcsumoff_%2 << 16) | (.Lcsumoff_%1 << 5) | .Lcsumoff_%0"
            : "+w"(acc)
            : "w"(v), "w"(k));
    return acc;
}

CSUMOFF_INLINE struct neonmm_totals neonmm_add_words(uint8x16_t k, struct neonmm_totals acc,
                                                     uint8x16_t v, bool second)
{
    if (second)
        acc.second = neonmm_multiply_add(k, acc.second, v);
    else
        acc.first = neonmm_multiply_add(k, acc.first, v);
    return acc;
}

CSUMOFF_INLINE struct neonmm_totals neonmm_join(struct neonmm_totals a, struct neonmm_totals b)
{
    return (struct neonmm_totals){vaddq_u32(a.first, b.first), vaddq_u32(a.second, b.second)};
}

/* Odd bytes are the upper ones of their words. */
CSUMOFF_INLINE uint32_t neonmm_total(struct neonmm_totals acc)
{
    const uint32x4_t sum = vaddq_u32(acc.first, acc.second);
    const uint32x2_t bytes = vadd_u32(vget_low_u32(sum), vget_high_u32(sum));

    return vget_lane_u32(bytes, 0) + (vget_lane_u32(bytes, 1) << 8);
}

#include "../vector.h"
#endif
