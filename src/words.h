// SPDX-License-Identifier: MIT
/* Sums of words of 64 bits and less. The kernel scalar is made of them; the others use them at the
 * ends of the data. */
#ifndef CSUMOFF_WORDS_H
#define CSUMOFF_WORDS_H

#include "kernel.h"

/* Returns a + b, with the carry added back. */
CSUMOFF_INLINE uint64_t csumoff_add64(uint64_t a, uint64_t b)
{
    a += b;
    return a + (a < b);
}

/*
 * Returns `src` if `is_there` is not 0, otherwise the address of csumoff_zeros_, without a branch;
 * compilers would make a branch of a conditional expression.
 *
 * The length of the next packet cannot be predicted, and a mispredicted branch costs more than some
 * vectors of zeros. The ends of the data are therefore summed without branches. The 486 and the
 * Pentium have no CMOV.
 */
CSUMOFF_INLINE const uint8_t *csumoff_or_zeros(size_t is_there, const uint8_t *src)
{
    const uint8_t *from = csumoff_zeros_;

#if defined(__x86_64__) || defined(__i686__)
    __asm__("test %1, %1\n\tcmovne %2, %0" : "+r"(from) : "r"(is_there), "r"(src) : "cc");
    return from;
#else
    uintptr_t mask = (uintptr_t)0 - (is_there != 0);

    return (const uint8_t *)(((uintptr_t)src & mask) | ((uintptr_t)from & ~mask));
#endif
}

/*
 * The distance in bytes at which long sums fetch data ahead (CSUMOFF_POLICY_FETCH). Only bytes that
 * will be summed are fetched, so shorter data never is: it is rarely outside the caches, and gains
 * nothing.
 */
#define CSUMOFF_AHEAD ((size_t)16 * 1024)

/* Fetches [src, src + len) into the cache, line by line. */
CSUMOFF_INLINE void csumoff_fetch(const uint8_t *src, size_t len)
{
    for (size_t i = 0; i < len; i += 64)
        __builtin_prefetch(src + i);
}

/* Sets `sum` to a + b + carry and `carry` to the new carry, by one instruction. */
#if defined(__x86_64__)
#define CSUMOFF_ADD_CARRY(carry, a, b, sum)                                                        \
    ((carry) = __builtin_ia32_addcarryx_u64(carry, a, b, &(sum)))
typedef unsigned char csumoff_carry;
#elif defined(__has_builtin)
#if __has_builtin(__builtin_addcll)
#define CSUMOFF_ADD_CARRY(carry, a, b, sum) ((sum) = __builtin_addcll(a, b, carry, &(carry)))
typedef unsigned long long csumoff_carry;
#endif
#endif

/* Returns `sum` and four words, added in one chain of carries. */
CSUMOFF_INLINE uint64_t csumoff_add4(uint64_t sum, uint64_t w0, uint64_t w1, uint64_t w2,
                                     uint64_t w3)
{
#if defined(CSUMOFF_ADD_CARRY)
    unsigned long long total = sum;
    csumoff_carry c = 0;

    CSUMOFF_ADD_CARRY(c, total, w0, total);
    CSUMOFF_ADD_CARRY(c, total, w1, total);
    CSUMOFF_ADD_CARRY(c, total, w2, total);
    CSUMOFF_ADD_CARRY(c, total, w3, total);
    return total + c;
#else
    sum = csumoff_add64(sum, w0);
    sum = csumoff_add64(sum, w1);
    sum = csumoff_add64(sum, w2);
    return csumoff_add64(sum, w3);
#endif
}

struct csumoff_unaligned64_ {
    uint64_t v;
} __attribute__((packed, may_alias));

/* csumoff_take64(), _take32() and _take16() return the word at src in the CPU's byte order. If
 * `copy` is set, they store it at dst, too. */
#define CSUMOFF_TAKE(bits)                                                                         \
    CSUMOFF_INLINE uint##bits##_t csumoff_take##bits(bool copy, uint8_t *dst, const uint8_t *src)  \
    {                                                                                              \
        const uint##bits##_t word = ((const struct csumoff_unaligned##bits##_ *)src)->v;           \
                                                                                                   \
        if (copy)                                                                                  \
            ((struct csumoff_unaligned##bits##_ *)dst)->v = word;                                  \
        return word;                                                                               \
    }
CSUMOFF_TAKE(64)
CSUMOFF_TAKE(32)
CSUMOFF_TAKE(16)
#undef CSUMOFF_TAKE

/* Returns an odd last byte as the word that it begins; the other byte of the word is 0. */
CSUMOFF_INLINE uint16_t csumoff_take8(bool copy, uint8_t *dst, const uint8_t *src)
{
    const uint8_t word[2] = {*src, 0};

    if (copy)
        *dst = word[0];
    return csumoff_load16_(word);
}

/* Sums fewer than 64 bytes by the bits of the length. Each byte is read once, as a copy requires.
 */
CSUMOFF_INLINE uint64_t csumoff_short_steps(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
#define TAKE(i) csumoff_take64(copy, dst + (i), src + (i))
#define SKIP(n) (src += (n), dst += (n))
    uint64_t sum = 0, tail = 0;

    if (len & 32) {
        sum = csumoff_add4(sum, TAKE(0), TAKE(8), TAKE(16), TAKE(24));
        SKIP(32);
    }
    if (len & 16) {
        sum = csumoff_add64(sum, TAKE(0));
        sum = csumoff_add64(sum, TAKE(8));
        SKIP(16);
    }
    if (len & 8) {
        sum = csumoff_add64(sum, TAKE(0));
        SKIP(8);
    }
    if (len & 4) {
        tail = csumoff_take32(copy, dst, src);
        SKIP(4);
    }
    if (len & 2) {
        tail += csumoff_take16(copy, dst, src);
        SKIP(2);
    }
    if (len & 1)
        tail += csumoff_take8(copy, dst, src);
    return csumoff_add64(sum, tail);
#undef SKIP
#undef TAKE
}

/* Returns the last `len` bytes, 0 to 7, of at least 8 bytes that end at `end`, as the beginning of
 * a word whose other bytes are 0. */
CSUMOFF_INLINE uint64_t csumoff_last(const uint8_t *end, size_t len)
{
    uint64_t word = csumoff_take64(false, NULL, end - 8);
    size_t others = 63 - len * 8; /* one bit less: a shift of a uint64_t by 64 is undefined */

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return word << 1 << others;
#else
    return word >> 1 >> others;
#endif
}

/* Sums fewer than 64 bytes. From 8 bytes on, a sum without a copy has no branch on the length. */
CSUMOFF_INLINE uint64_t csumoff_short(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
#define LOAD(from, i) csumoff_take64(false, NULL, (from) + (i))
    const uint8_t *at32, *at16, *at8, *end = src + len;
    uint64_t sum;

    if (copy || len < 8)
        return csumoff_short_steps(copy, dst, src, len);
    at32 = csumoff_or_zeros(len & 32, src);
    src += len & 32;
    at16 = csumoff_or_zeros(len & 16, src);
    src += len & 16;
    at8 = csumoff_or_zeros(len & 8, src);
    sum = csumoff_add4(0, LOAD(at32, 0), LOAD(at32, 8), LOAD(at32, 16), LOAD(at32, 24));
    return csumoff_add4(sum, LOAD(at16, 0), LOAD(at16, 8), LOAD(at8, 0),
                        csumoff_last(end, len & 7));
#undef LOAD
}

#endif
