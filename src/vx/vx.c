// SPDX-License-Identifier: MIT
/*
 * The vector facility of s390x, from z13 on. VMALEH multiplies the unsigned words with even numbers
 * by 1 and adds the products to lanes of 32 bits; VMALOH does so with the words with odd numbers.
 * Both add modulo 2^32, as total() does. VCKSM of the same facility sums a vector in one
 * instruction, but QEMU 7.2 computes it wrongly, so a kernel that uses it could not be tested.
 */
#include "../words.h"

#if defined(CSUMOFF_S390X_VX)
#define KERNEL vx
#define TARGET
#define TURN 8
#define SUMS 4
#include "../names_begin.h"

typedef uint16_t vec __attribute__((vector_size(16)));
typedef vec memory __attribute__((aligned(1), may_alias));
typedef uint32_t lanes __attribute__((vector_size(16)));
typedef struct {
    lanes even, odd;
} acc;
typedef vec constants;

CSUMOFF_INLINE vec load(const uint8_t *src)
{
    return *(const memory *)src;
}

CSUMOFF_INLINE void store(uint8_t *dst, vec v)
{
    *(memory *)dst = v;
}

CSUMOFF_INLINE vec both(vec a, vec b)
{
    return a & b;
}

CSUMOFF_INLINE acc zero(void)
{
    return (acc){{0, 0, 0, 0}, {0, 0, 0, 0}};
}

CSUMOFF_INLINE constants hold(void)
{
    return (constants){1, 1, 1, 1, 1, 1, 1, 1};
}

CSUMOFF_INLINE acc add_words(constants ones, acc a, vec v, size_t i)
{
    (void)i;
    __asm__("vmaleh %0, %1, %2, %0" : "+v"(a.even) : "v"(v), "v"(ones));
    __asm__("vmaloh %0, %1, %2, %0" : "+v"(a.odd) : "v"(v), "v"(ones));
    return a;
}

CSUMOFF_INLINE acc join(acc a, acc b)
{
    return (acc){a.even + b.even, a.odd + b.odd};
}

CSUMOFF_INLINE uint32_t total(acc a, size_t vectors)
{
    const lanes sum = a.even + a.odd;

    (void)vectors;
    return sum[0] + sum[1] + sum[2] + sum[3];
}

#include "../vector.h"
#endif
