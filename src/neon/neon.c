// SPDX-License-Identifier: MIT
/* NEON on 64-bit and 32-bit Arm, little-endian. */
#include "../words.h"

#if defined(CSUMOFF_ARM_NEON)
#if defined(__arm__) && !defined(__ARM_NEON)
/* In a file that is compiled for Armv7 without NEON, the intrinsics need this attribute. */
#define TARGET __attribute__((target("fpu=neon")))
#else
#define TARGET
#endif
#include <arm_neon.h>

#define KERNEL neon
/*
 * UADALP adds a whole vector but runs on one pipe only; UADDW and UADDW2 add half a vector each but
 * run on the other pipe, too. Every third vector is therefore added by UADDW and UADDW2. Armv7 has
 * too few registers for that.
 */
#if defined(__aarch64__)
#define TURN 12
#else
#define TURN 8
#endif
#define SUMS 4
#include "../names_begin.h"

typedef uint8x16_t vec;
typedef struct {
    uint32x4_t pairs, low, high;
} acc;
typedef int constants; /* none */

TARGET CSUMOFF_INLINE vec load(const uint8_t *src)
{
    return vld1q_u8(src);
}

TARGET CSUMOFF_INLINE void store(uint8_t *dst, vec v)
{
    vst1q_u8(dst, v);
}

TARGET CSUMOFF_INLINE vec both(vec a, vec b)
{
    return vandq_u8(a, b);
}

TARGET CSUMOFF_INLINE acc zero(void)
{
    return (acc){vdupq_n_u32(0), vdupq_n_u32(0), vdupq_n_u32(0)};
}

CSUMOFF_INLINE constants hold(void)
{
    return 0;
}

TARGET CSUMOFF_INLINE acc add_words(constants k, acc a, vec v, size_t i)
{
    const uint16x8_t words = vreinterpretq_u16_u8(v);

    (void)k;
    if (TURN == 12 && i % 3 == 2) {
        a.low = vaddw_u16(a.low, vget_low_u16(words));
        a.high = vaddw_u16(a.high, vget_high_u16(words));
    } else {
        a.pairs = vpadalq_u16(a.pairs, words);
    }
    return a;
}

TARGET CSUMOFF_INLINE acc join(acc a, acc b)
{
    return (acc){vaddq_u32(a.pairs, b.pairs), vaddq_u32(a.low, b.low), vaddq_u32(a.high, b.high)};
}

TARGET CSUMOFF_INLINE uint32_t total(acc a, size_t vectors)
{
    uint32x4_t sum = vaddq_u32(a.pairs, vaddq_u32(a.low, a.high));
    uint32x2_t half = vadd_u32(vget_low_u32(sum), vget_high_u32(sum));

    (void)vectors;
    return vget_lane_u32(vpadd_u32(half, half), 0);
}

#include "../vector.h"
#endif
