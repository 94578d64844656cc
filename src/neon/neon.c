// SPDX-License-Identifier: MIT
/* NEON on 64-bit and 32-bit Arm, little-endian. */
#include "../words.h"

#if defined(CSUMOFF_ARM_NEON)
#if defined(__arm__) && !defined(__ARM_NEON)
/* A file built for Armv7 without NEON gets the intrinsics only under this attribute. */
#define TARGET __attribute__((target("fpu=neon")))
#else
#define TARGET
#endif
#include <arm_neon.h>

#define KERNEL            neon
#define VEC               uint8x16_t
#define VEC_LOAD(src)     vld1q_u8(src)
#define VEC_STORE(dst, v) vst1q_u8(dst, v)
#define VEC_AND(a, b)     vandq_u8(a, b)
#define ACC               struct neon_totals
#define ACC_ZERO          neon_zero()
#define CONSTANTS         int /* none */
#define HOLD              0
#define ACC_ADD(k, acc, v, i)                                                                      \
    ((void)(k), neon_add_words(acc, vreinterpretq_u16_u8(v), neon_widens(i)))
#define ACC_JOIN(a, b)    neon_join(a, b)
#define ACC_TOTAL(acc, n) ((void)(n), neon_total(acc))

/*
 * UADALP adds a whole vector but runs on one pipe; UADDW and UADDW2 add half a vector each, on the
 * other pipe too. Every third vector goes to those. Armv7 has too few registers for that.
 */
#if defined(__aarch64__)
#define ROW 12
#else
#define ROW 8
#endif

struct neon_totals {
    uint32x4_t pairs, low, high;
};

CSUMOFF_INLINE bool neon_widens(size_t i)
{
    return ROW == 12 && i % 3 == 2;
}

TARGET CSUMOFF_INLINE struct neon_totals neon_zero(void)
{
    return (struct neon_totals){vdupq_n_u32(0), vdupq_n_u32(0), vdupq_n_u32(0)};
}

TARGET CSUMOFF_INLINE struct neon_totals neon_add_words(struct neon_totals acc, uint16x8_t v,
                                                        bool widen)
{
    if (widen) {
        acc.low = vaddw_u16(acc.low, vget_low_u16(v));
        acc.high = vaddw_u16(acc.high, vget_high_u16(v));
    } else {
        acc.pairs = vpadalq_u16(acc.pairs, v);
    }
    return acc;
}

TARGET CSUMOFF_INLINE struct neon_totals neon_join(struct neon_totals a, struct neon_totals b)
{
    return (struct neon_totals){vaddq_u32(a.pairs, b.pairs), vaddq_u32(a.low, b.low),
                                vaddq_u32(a.high, b.high)};
}

TARGET CSUMOFF_INLINE uint32_t neon_total(struct neon_totals acc)
{
    uint32x4_t sum = vaddq_u32(acc.pairs, vaddq_u32(acc.low, acc.high));
    uint32x2_t half = vadd_u32(vget_low_u32(sum), vget_high_u32(sum));

    return vget_lane_u32(vpadd_u32(half, half), 0);
}

#include "../vector.h"
#endif
