// SPDX-License-Identifier: MIT
/* The sum of the kernel scalar on CPUs without a carry flag that compilers use, or without
 * unaligned loads. */
#ifndef CSUMOFF_HALVES_H
#define CSUMOFF_HALVES_H

#include "../words.h"

/* The widest integer that the CPU adds in one instruction. */
#if __SIZEOF_POINTER__ > 4 || defined(__wasm__) || defined(__mips64)
typedef uint64_t halves_word;
#else
typedef uint32_t halves_word;
#endif

/* The alignment of the words that are loaded: 1 on CPUs with fast unaligned loads. On others,
 * compilers load a word that may be unaligned byte by byte. */
#if defined(__s390__) || defined(__powerpc__) || defined(__wasm__) || defined(__loongarch__) ||    \
    defined(__ARM_FEATURE_UNALIGNED) || defined(__riscv_misaligned_fast)
#define HALVES_ALIGNMENT 1
#else
#define HALVES_ALIGNMENT sizeof(halves_word)
#endif

/* A sum of words: that of the words, modulo 2^32 or 2^64, and that of their upper halves. */
struct halves {
    halves_word all, upper;
};

CSUMOFF_INLINE struct halves halves_add(struct halves sum, halves_word w)
{
    return (struct halves){sum.all + w, sum.upper + (w >> sizeof w * 4)};
}

/* Returns the sum of all halves. It fits into a word, because 128 KiB have 2^15 upper halves of 16
 * bits, or 2^14 of 32, and as many lower ones. */
CSUMOFF_INLINE uint64_t halves_total(struct halves a, struct halves b)
{
    halves_word upper = a.upper + b.upper, lower = a.all + b.all - (upper << sizeof upper * 4);

    return (uint64_t)lower + upper;
}

/*
 * Defines a function that loads a value from src, which is aligned to HALVES_ALIGNMENT or to the
 * value's size, whichever is less, and stores it to dst if `copy`. `both` says that dst is aligned
 * as well.
 */
#define HALVES_TAKE(name, type)                                                                    \
    CSUMOFF_INLINE type name(bool copy, bool both, uint8_t *dst, const uint8_t *src)               \
    {                                                                                              \
        enum {                                                                                     \
            AT = HALVES_ALIGNMENT < sizeof(type) ? HALVES_ALIGNMENT : sizeof(type)                 \
        };                                                                                         \
        struct here {                                                                              \
            type v;                                                                                \
        } __attribute__((packed, aligned(AT), may_alias));                                         \
        struct anywhere {                                                                          \
            type v;                                                                                \
        } __attribute__((packed, may_alias));                                                      \
        const type value = ((const struct here *)(const void *)src)->v;                            \
                                                                                                   \
        if (copy && both)                                                                          \
            ((struct here *)(void *)dst)->v = value;                                               \
        else if (copy)                                                                             \
            ((struct anywhere *)(void *)dst)->v = value;                                           \
        return value;                                                                              \
    }
HALVES_TAKE(halves_take, halves_word)
HALVES_TAKE(halves_take32, uint32_t)
HALVES_TAKE(halves_take16, uint16_t)
#undef HALVES_TAKE

/* Returns the sum of `len` bytes, from an even address unless HALVES_ALIGNMENT is 1. */
CSUMOFF_INLINE uint64_t halves_sum(bool copy, bool both, uint8_t *dst, const uint8_t *src,
                                   size_t len)
{
#define WORD(i)                                                                                    \
    halves_take(copy, both, dst + (i) * sizeof(halves_word), src + (i) * sizeof(halves_word))
#define SKIP(n) (src += (n), dst += (n), len -= (n))
    const size_t size = sizeof(halves_word);
    struct halves a = {0, 0}, b = {0, 0};

    if (HALVES_ALIGNMENT > 2 && len >= 2 && (uintptr_t)src & 2) {
        a = halves_add(a, halves_take16(copy, both, dst, src));
        SKIP(2);
    }
    if (HALVES_ALIGNMENT > 4 && len >= 4 && (uintptr_t)src & 4) {
        b = halves_add(b, halves_take32(copy, both, dst, src));
        SKIP(4);
    }
    for (; len >= 8 * size; SKIP(8 * size)) {
        a = halves_add(a, WORD(0));
        b = halves_add(b, WORD(1));
        a = halves_add(a, WORD(2));
        b = halves_add(b, WORD(3));
        a = halves_add(a, WORD(4));
        b = halves_add(b, WORD(5));
        a = halves_add(a, WORD(6));
        b = halves_add(b, WORD(7));
    }
    for (; len >= size; SKIP(size))
        a = halves_add(a, WORD(0));
    if (size > 4 && len >= 4) {
        a = halves_add(a, halves_take32(copy, both, dst, src));
        SKIP(4);
    }
    if (len >= 2) {
        a = halves_add(a, halves_take16(copy, both, dst, src));
        SKIP(2);
    }
    if (len)
        b = halves_add(b, csumoff_take8(copy, dst, src));
    return halves_total(a, b);
#undef SKIP
#undef WORD
}

/* Adds a first byte at an odd address separately. csumoff_block_add() then swaps the bytes of the
 * sum of the others. */
CSUMOFF_INLINE csumoff_wsum halves_body(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    const size_t odd = HALVES_ALIGNMENT > 1 && len && (uintptr_t)src & 1;
    const csumoff_wsum first = odd ? csumoff_take8(copy, dst, src) : 0;
    const bool both = !(((uintptr_t)src ^ (uintptr_t)dst) & (HALVES_ALIGNMENT - 1));
    uint64_t sum;

    src += odd;
    dst += odd;
    len -= odd;
    if (both || !copy)
        sum = halves_sum(copy, true, dst, src, len);
    else
        sum = halves_sum(true, false, dst, src, len);
    return csumoff_block_add(first, csumoff_fold64_(sum), odd);
}

#endif
