// SPDX-License-Identifier: MIT
/* NEON on 64-bit and 32-bit Arm, little-endian. */
#include "../kernel.h"

#if defined(CSUMOFF_ARM_NEON)
#if defined(__arm__) && !defined(__ARM_NEON)
/* A file built for Armv7 without NEON gets the intrinsics only under this attribute. */
#define TARGET __attribute__((target("fpu=neon")))
#else
#define TARGET
#endif
#include <arm_neon.h>

#define VEC                uint8x16_t
#define VEC_LOAD(src)      vld1q_u8(src)
#define VEC_STORE(dst, v)  vst1q_u8(dst, v)
#define VEC_AND(a, b)      vandq_u8(a, b)
#define ACC                uint32x4_t
#define ACC_ZERO           vdupq_n_u32(0)
#define ACC_ADD(acc, v, i) add_words(acc, vreinterpretq_u16_u8(v), (i) % 4 == 3)
#define ACC_JOIN(a, b)     vaddq_u32(a, b)
#define ACC_TOTAL(acc, n)  total(acc)

/* UADALP runs on one kind of pipe and UADDW/UADDW2 on another: every fourth vector goes there. */
TARGET CSUMOFF_INLINE uint32x4_t add_words(uint32x4_t acc, uint16x8_t v, bool widen)
{
    if (widen)
        return vaddw_u16(vaddw_u16(acc, vget_low_u16(v)), vget_high_u16(v));
    return vpadalq_u16(acc, v);
}

TARGET CSUMOFF_INLINE uint32_t total(uint32x4_t acc)
{
    uint32x2_t half = vadd_u32(vget_low_u32(acc), vget_high_u32(acc));

    return vget_lane_u32(vpadd_u32(half, half), 0);
}

#include "../vector.h"

CSUMOFF_KERNEL_FROM(neon, TARGET, body)
#endif
