// SPDX-License-Identifier: MIT
/*
 * The vector facility of s390x, from z13 on. VMALEH multiplies the unsigned words of even numbers
 * by 1 and adds the products to lanes of 32 bits, VMALOH does it with those of odd numbers: modulo
 * 2^32, as the total is. VCKSM of the same facility sums a vector in one instruction, but QEMU 7.2
 * computes it wrongly, so that a kernel that uses it could not be tested.
 */
#include "../words.h"

#if defined(CSUMOFF_S390X_VX)
typedef uint16_t vx_words __attribute__((vector_size(16)));
typedef uint32_t vx_lanes __attribute__((vector_size(16)));
typedef vx_words vx_memory __attribute__((aligned(1), may_alias));

#define KERNEL vx
#define TARGET
#define VEC                   vx_words
#define VEC_LOAD(src)         vx_load(src)
#define VEC_STORE(dst, v)     vx_store(dst, v)
#define VEC_AND(a, b)         ((a) & (b))
#define ROW                   8
#define ACC                   struct vx_totals
#define ACC_ZERO              vx_zero()
#define CONSTANTS             vx_words
#define HOLD                  vx_ones()
#define ACC_ADD(k, acc, v, i) vx_add_words(k, acc, v)
#define ACC_JOIN(a, b)        vx_join(a, b)
#define ACC_TOTAL(acc, n)     ((void)(n), vx_total(acc))

struct vx_totals {
    vx_lanes even, odd;
};

CSUMOFF_INLINE vx_words vx_load(const uint8_t *src)
{
    return *(const vx_memory *)src;
}

CSUMOFF_INLINE void vx_store(uint8_t *dst, vx_words v)
{
    *(vx_memory *)dst = v;
}

CSUMOFF_INLINE vx_words vx_ones(void)
{
    return (vx_words){1, 1, 1, 1, 1, 1, 1, 1};
}

CSUMOFF_INLINE struct vx_totals vx_zero(void)
{
    return (struct vx_totals){{0, 0, 0, 0}, {0, 0, 0, 0}};
}

CSUMOFF_INLINE struct vx_totals vx_add_words(vx_words ones, struct vx_totals acc, vx_words v)
{
    __asm__("vmaleh %0, %1, %2, %0" : "+v"(acc.even) : "v"(v), "v"(ones));
    __asm__("vmaloh %0, %1, %2, %0" : "+v"(acc.odd) : "v"(v), "v"(ones));
    return acc;
}

CSUMOFF_INLINE struct vx_totals vx_join(struct vx_totals a, struct vx_totals b)
{
    return (struct vx_totals){a.even + b.even, a.odd + b.odd};
}

CSUMOFF_INLINE uint32_t vx_total(struct vx_totals acc)
{
    const vx_lanes sum = acc.even + acc.odd;

    return sum[0] + sum[1] + sum[2] + sum[3];
}

#include "../vector.h"
#endif
