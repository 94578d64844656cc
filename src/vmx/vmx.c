// SPDX-License-Identifier: MIT
/*
 * VMX on POWER, in both byte orders, with the loads and stores of VSX, which take any address.
 * VMSUMUHM multiplies unsigned words by 1 and adds pairs of the products to lanes of 32 bits. It
 * adds modulo 2^32, as total() does.
 */
#include "../words.h"

#if defined(CSUMOFF_POWER_VMX)
#define KERNEL vmx
#define TARGET
#define TURN 8
#define SUMS 8 /* VMSUMUHM's result takes seven cycles, and POWER9 begins one per cycle */
#include "../names_begin.h"

typedef uint16_t vec __attribute__((vector_size(16)));
typedef vec memory __attribute__((aligned(1), may_alias));
typedef uint32_t acc __attribute__((vector_size(16)));
typedef vec constants;

/*
 * LXVD2X loads the two halves of a vector in the order of POWER8's big-endian mode, in either mode.
 * The sum does not depend on their order, but compilers would add an instruction that swaps them
 * back. LXV of POWER9 needs no swap.
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

/* Stores the halves of a vector in the order in which load() loads them. */
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
