// SPDX-License-Identifier: MIT
/*
 * The kernel contract. A kernel is a pair of functions made from one body:
 *   sum:  reads exactly [data, data + len);
 *   copy: reads exactly [src, src + len), each byte once, writes exactly [dst, dst + len) and sums
 *         what it wrote; the two ranges don't overlap.
 * The body returns an unfolded sum of the native 16-bit words, an odd last byte followed by a zero
 * byte; it is 0 only when every byte is 0. The functions add it to `sum`, as csumoff_partial()
 * does, so that the front end ends in a jump.
 * Any alignment, 0 to CSUMOFF_KERNEL_MOST bytes. No libc, no state, no instruction that its row in
 * kernels.def doesn't name. Never called before dispatch.c has checked that row.
 */
#ifndef CSUMOFF_KERNEL_H
#define CSUMOFF_KERNEL_H

#include "../include/csumoff.h"

#if !defined(__GNUC__)
#error "the library needs GNU C: gcc, clang or a compiler that follows them"
#endif

/* The instruction sets that have kernels here; CSUMOFF_NO_* leaves one out. */
#if defined(__x86_64__) || defined(__i386__)
#if !defined(CSUMOFF_NO_AVX512)
#define CSUMOFF_X86_AVX512 1
#endif
#if !defined(CSUMOFF_NO_AVX2)
#define CSUMOFF_X86_AVX2 1
#endif
#if !defined(CSUMOFF_NO_SSE2)
#define CSUMOFF_X86_SSE2 1
#endif
#endif
/* CRC32 of eight bytes at once: 64-bit CPUs only. */
#if defined(__x86_64__) && !defined(CSUMOFF_NO_SSE42)
#define CSUMOFF_X86_SSE42 1
#if !defined(CSUMOFF_NO_VPCLMUL) && !defined(CSUMOFF_NO_AVX2)
#define CSUMOFF_X86_VPCLMUL 1 /* leaves short data to sse42 */
#endif
#endif
/*
 * Where -mgeneral-regs-only is in force, arm_neon.h can't be used: then CSUMOFF_WITH_NEON says that
 * neon.c, and it alone, is compiled without. clang's refuses to be included on 32-bit Arm, too,
 * unless NEON is on for the whole file. Arm's M profile has no NEON, even where it has an FPU.
 */
#if !defined(CSUMOFF_NO_NEON) && defined(__BYTE_ORDER__) &&                                        \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ &&                                                   \
    !(defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M') &&                                 \
    (defined(CSUMOFF_WITH_NEON) || defined(__ARM_NEON) ||                                          \
     (defined(__arm__) && defined(__ARM_FP) && __ARM_ARCH >= 7 && !defined(__clang__)))
#define CSUMOFF_ARM_NEON 1
#endif
/* The CRC32 instructions of AArch64, which use no vector register. */
#if defined(__aarch64__) && !defined(CSUMOFF_NO_ARM_CRC) && defined(__BYTE_ORDER__) &&             \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define CSUMOFF_ARM_CRC 1
#endif

/* 65,536 words of at most 65,535 stay below 2^32: 32-bit totals can't overflow, lanes even less. */
#define CSUMOFF_KERNEL_MOST ((size_t)128 * 1024)

#ifndef CSUMOFF_INLINE /* measuring coverage wants each function once */
/* Some kernels use some helpers: in one source with everything, none may be missed. */
#define CSUMOFF_INLINE static inline __attribute__((always_inline, unused))
#endif

#pragma GCC visibility push(hidden)

typedef csumoff_wsum csumoff_sum_fn(const uint8_t *data, size_t len, csumoff_wsum sum);
typedef csumoff_wsum csumoff_copy_fn(uint8_t *dst, const uint8_t *src, size_t len,
                                     csumoff_wsum sum);

struct csumoff_kernel {
    const char *name;
    uint32_t needs; /* CSUMOFF_CPU_* */
    csumoff_sum_fn *sum;
    csumoff_copy_fn *copy;
};

#define CSUMOFF_KERNEL(name, needs)                                                                \
    csumoff_sum_fn csumoff_##name##_sum;                                                           \
    csumoff_copy_fn csumoff_##name##_copy;
#include "kernels.def"
#undef CSUMOFF_KERNEL

/*
 * A kernel of CRC32c continues the register `crc` by exactly [data, data + len), any alignment, any
 * length. It complements nothing. It executes no instruction that its row in crc32c.def doesn't
 * name.
 */
typedef uint32_t csumoff_crc32c_fn(const uint8_t *data, size_t len, uint32_t crc);

struct csumoff_crc32c_kernel {
    uint32_t needs; /* CSUMOFF_CPU_* */
    csumoff_crc32c_fn *update;
};

#define CSUMOFF_CRC32C(name, needs) csumoff_crc32c_fn csumoff_crc32c_##name;
#include "crc32c/crc32c.def"
#undef CSUMOFF_CRC32C

/* The rows of kernels.def and of crc32c.def from 1 on, and what says which are in use: see
 * dispatch.c. */
extern const struct csumoff_kernel csumoff_rows_[];
extern const struct csumoff_crc32c_kernel csumoff_crc32c_rows_[];
extern uint32_t csumoff_state_;
#define CSUMOFF_STATE_ACTIVE       0xFF
#define CSUMOFF_STATE_CRC32C_SHIFT 12
#define CSUMOFF_STATE_CRC32C       (0xF << CSUMOFF_STATE_CRC32C_SHIFT)

/* Constant n moves a CRC forward by n words of eight bytes: see U in crc32c/powers.h. */
#define CSUMOFF_CRC32C_SHIFTS 600
extern const uint32_t csumoff_crc32c_shifts_[CSUMOFF_CRC32C_SHIFTS];

/* How many rows of crc32c.def there are, and whether row i, from 1 on, may be used now. */
size_t csumoff_crc32c_count_(void);
bool csumoff_crc32c_usable_(size_t i);

/* What vectors that aren't there are read from: see csumoff_or_zeros(). On lines of its own. */
extern const uint8_t csumoff_zeros_[512];

#pragma GCC visibility pop

/* The kernel in use; its functions choose one first where none is yet. */
CSUMOFF_INLINE const struct csumoff_kernel *csumoff_kernel(void)
{
    return &csumoff_rows_[__atomic_load_n(&csumoff_state_, __ATOMIC_RELAXED) &
                          CSUMOFF_STATE_ACTIVE];
}

/* The kernel of CRC32c in use; it chooses one first where none is yet. */
CSUMOFF_INLINE const struct csumoff_crc32c_kernel *csumoff_crc32c_kernel(void)
{
    return &csumoff_crc32c_rows_[(__atomic_load_n(&csumoff_state_, __ATOMIC_RELAXED) &
                                  CSUMOFF_STATE_CRC32C) >>
                                 CSUMOFF_STATE_CRC32C_SHIFT];
}

/* A name of the kernel at hand's own: all sources may be compiled as one. */
#define CSUMOFF_PASTE_(kernel, name) csumoff_##kernel##_##name
#define CSUMOFF_PASTE(kernel, name)  CSUMOFF_PASTE_(kernel, name)
#define CSUMOFF_OWN(name)            CSUMOFF_PASTE(KERNEL, name)

/*
 * Both functions of KERNEL from its body(copy, dst, src, len). For the sum alone dst is the source
 * itself, never written, so that addresses and alignment are worked out in one way for both.
 */
#define CSUMOFF_KERNEL_FROM(target)                                                                \
    target __attribute__((aligned(64))) csumoff_wsum CSUMOFF_OWN(sum)(                             \
        const uint8_t *data, size_t len, csumoff_wsum sum)                                         \
    {                                                                                              \
        return csumoff_add(body(false, (uint8_t *)(uintptr_t)data, data, len), sum);               \
    }                                                                                              \
    target csumoff_wsum CSUMOFF_OWN(copy)(uint8_t * dst, const uint8_t *src, size_t len,           \
                                          csumoff_wsum sum)                                        \
    {                                                                                              \
        return csumoff_add(body(true, dst, src, len), sum);                                        \
    }

/* ---- Shared helpers ------------------------------------------------------------------------ */

/* a + b with the carry added back. */
CSUMOFF_INLINE uint64_t csumoff_add64(uint64_t a, uint64_t b)
{
    a += b;
    return a + (a < b);
}

/*
 * `src` or zeros, without a branch; of a conditional expression compilers would make one. How long
 * the next packet is can't be predicted, and a wrong guess costs more than a few vectors of zeros:
 * so ends are summed without branches.
 */
CSUMOFF_INLINE const uint8_t *csumoff_or_zeros(size_t is_there, const uint8_t *src)
{
    const uint8_t *from = csumoff_zeros_;

#if defined(__x86_64__) || defined(__i386__)
    __asm__("test %1, %1\n\tcmovne %2, %0" : "+r"(from) : "r"(is_there), "r"(src) : "cc");
    return from;
#else
    uintptr_t mask = (uintptr_t)0 - (is_there != 0);

    return (const uint8_t *)(((uintptr_t)src & mask) | ((uintptr_t)from & ~mask));
#endif
}

/*
 * Data that isn't in the cache comes faster when asked for early: so far ahead, in bytes, and only
 * bytes that will be summed. Shorter data isn't worth it, and rarely comes from so far away.
 */
#define CSUMOFF_AHEAD ((size_t)16 * 1024)

CSUMOFF_INLINE void csumoff_fetch(const uint8_t *src, size_t len)
{
    for (size_t i = 0; i < len; i += 64)
        __builtin_prefetch(src + i);
}

/* a + b + carry, by an instruction that takes the carry and leaves the next one. */
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

/* Four words more, in one chain of carries. */
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

/* csumoff_take64(), 32, 16: loads in the CPU's own order; and stores it, where the kernel copies.
 */
#define CSUMOFF_TAKE(bits)                                                                         \
    CSUMOFF_INLINE uint##bits##_t csumoff_take##bits(bool copy, uint8_t *dst, const uint8_t *src)  \
    {                                                                                              \
        uint##bits##_t word;                                                                       \
                                                                                                   \
        __builtin_memcpy(&word, src, sizeof word);                                                 \
        if (copy)                                                                                  \
            __builtin_memcpy(dst, &word, sizeof word);                                             \
        return word;                                                                               \
    }
CSUMOFF_TAKE(64)
CSUMOFF_TAKE(32)
CSUMOFF_TAKE(16)
#undef CSUMOFF_TAKE

/* The odd last byte, as the word that it begins. */
CSUMOFF_INLINE uint16_t csumoff_take8(bool copy, uint8_t *dst, const uint8_t *src)
{
    const uint8_t word[2] = {*src, 0};

    if (copy)
        *dst = word[0];
    return csumoff_load16_(word);
}

/* Fewer than 64 bytes, step by step: each read once, as a copy has to. */
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

/* The last 0 to 7 of at least 8 bytes, as the word that they begin. */
CSUMOFF_INLINE uint64_t csumoff_last(const uint8_t *end, size_t len)
{
    uint64_t word = csumoff_take64(false, NULL, end - 8);
    size_t others = 63 - len * 8; /* and one bit, so that a shift by 64 is two */

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return word << 1 << others;
#else
    return word >> 1 >> others;
#endif
}

/* Fewer than 64 bytes; a sum of 8 and more has no branches on the length. */
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
