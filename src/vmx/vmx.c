// SPDX-License-Identifier: MIT
/*
 * VMX on POWER, in both byte orders, with VSX's loads and stores of any address. VMSUMUHM
 * multiplies unsigned words by 1 and adds pairs of them to lanes of 32 bits: modulo 2^32, as the
 * total is.
 */
#include "../words.h"

#if defined(CSUMOFF_POWER_VMX)
typedef uint16_t vmx_words __attribute__((vector_size(16)));
typedef uint32_t vmx_lanes __attribute__((vector_size(16)));
typedef vmx_words vmx_memory __attribute__((aligned(1), may_alias));

#define KERNEL vmx
#define TARGET
#define VEC                   vmx_words
#define VEC_LOAD(src)         vmx_load(src)
#define VEC_STORE(dst, v)     vmx_store(dst, v)
#define VEC_AND(a, b)         ((a) & (b))
#define ROW                   8
#define ACC                   struct vmx_totals
#define ACC_ZERO              vmx_zero()
#define CONSTANTS             vmx_words
#define HOLD                  vmx_ones()
#define ACC_ADD(k, acc, v, i) vmx_add_words(k, acc, v, (i) >= 4)
#define ACC_JOIN(a, b)        vmx_join(a, b)
#define ACC_TOTAL(acc, n)     ((void)(n), vmx_total(acc))

/* A sum has to wait seven cycles for VMSUMUHM, of which POWER9 begins one a cycle: so there are
 * eight sums, of which each total has two. */
struct vmx_totals {
    vmx_lanes first, second;
};

/*
 * LXVD2X loads both halves of a vector in the order of POWER8's big-endian mode, whatever the mode
 * is. No sum depends on it, but compilers swap the halves back. POWER9 has LXV, which doesn't swap.
 */
CSUMOFF_INLINE vmx_words vmx_load(const uint8_t *src)
{
#if defined(_ARCH_PWR9)
    return *(const vmx_memory *)src;
#else
    vmx_words v;

    __asm__("lxvd2x %x0, %y1" : "=wa"(v) : "Z"(*(const vmx_memory *)src));
    return v;
#endif
}

/* The same way round. */
CSUMOFF_INLINE void vmx_store(uint8_t *dst, vmx_words v)
{
#if defined(_ARCH_PWR9)
    *(vmx_memory *)dst = v;
#else
    __asm__("stxvd2x %x1, %y0" : "=Z"(*(vmx_memory *)dst) : "wa"(v));
#endif
}

CSUMOFF_INLINE vmx_words vmx_ones(void)
{
    return (vmx_words){1, 1, 1, 1, 1, 1, 1, 1};
}

CSUMOFF_INLINE struct vmx_totals vmx_zero(void)
{
    return (struct vmx_totals){{0, 0, 0, 0}, {0, 0, 0, 0}};
}

CSUMOFF_INLINE vmx_lanes vmx_multiply_add(vmx_words v, vmx_words ones, vmx_lanes lanes)
{
    __asm__("vmsumuhm %0, %1, %2, %0" : "+v"(lanes) : "v"(v), "v"(ones));
    return lanes;
}

CSUMOFF_INLINE struct vmx_totals vmx_add_words(vmx_words ones, struct vmx_totals acc, vmx_words v,
                                               bool second)
{
    if (second)
        acc.second = vmx_multiply_add(v, ones, acc.second);
    else
        acc.first = vmx_multiply_add(v, ones, acc.first);
    return acc;
}

CSUMOFF_INLINE struct vmx_totals vmx_join(struct vmx_totals a, struct vmx_totals b)
{
    return (struct vmx_totals){a.first + b.first, a.second + b.second};
}

CSUMOFF_INLINE uint32_t vmx_total(struct vmx_totals acc)
{
    const vmx_lanes sum = acc.first + acc.second;

    return sum[0] + sum[1] + sum[2] + sum[3];
}

#include "../vector.h"
#endif
