// SPDX-License-Identifier: MIT
/*
 * VMX on POWER, in both byte orders, with VSX's loads and stores of any address. VMSUMUHM
 * multiplies unsigned words by 1 and adds pairs of them to lanes of 32 bits: modulo 2^32, as the
 * total is.
 */
#include "../words.h"

#if defined(CSUMOFF_POWER_VMX)
#define KERNEL vmx
#define TARGET
#define TURN 8
#define SUMS 8 /* a sum has to wait seven cycles for VMSUMUHM, and POWER9 begins one a cycle */
#include "../names_begin.h"

typedef uint16_t vec __attribute__((vector_size(16)));
typedef vec memory __attribute__((aligned(1), may_alias));
typedef uint32_t acc __attribute__((vector_size(16)));
typedef vec constants;

/*
 * LXVD2X loads both halves of a vector in the order of POWER8's big-endian mode, whatever the mode
 * is. No sum depends on it, but compilers swap the halves back. POWER9 has LXV, which doesn't swap.
 */
CSUMOFF_INLINE vec load(const uint8_t *src)
{
#if defined(_ARCH_PWR9)
    return *(const memory *)src;
#else
    vec v;

    __asm__("lxvd2x %x0, %y1" : "=wa"(v) : "Z"(*(const memory *)src));
    return v;
#endif
}

/* The same way round. */
CSUMOFF_INLINE void store(uint8_t *dst, vec v)
{
#if defined(_ARCH_PWR9)
    *(memory *)dst = v;
#else
    __asm__("stxvd2x %x1, %y0" : "=Z"(*(memory *)dst) : "wa"(v));
#endif
}

CSUMOFF_INLINE vec both(vec a, vec b)
{
    return a & b;
}

CSUMOFF_INLINE acc zero(void)
{
    return (acc){0, 0, 0, 0};
}

CSUMOFF_INLINE constants hold(void)
{
    return (constants){1, 1, 1, 1, 1, 1, 1, 1};
}

CSUMOFF_INLINE acc add_words(constants ones, acc a, vec v, size_t i)
{
    (void)i;
    __asm__("vmsumuhm %0, %1, %2, %0" : "+v"(a) : "v"(v), "v"(ones));
    return a;
}

CSUMOFF_INLINE acc join(acc a, acc b)
{
    return a + b;
}

CSUMOFF_INLINE uint32_t total(acc a, size_t vectors)
{
    (void)vectors;
    return a[0] + a[1] + a[2] + a[3];
}

#include "../vector.h"
#endif
