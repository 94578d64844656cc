// SPDX-License-Identifier: MIT
/*
 * The kernel contract. A kernel is a pair of functions made from one body:
 *   sum:  reads exactly [data, data + len);
 *   copy: reads exactly [src, src + len), each byte once, writes exactly [dst, dst + len) and sums
 *         what it wrote; the two ranges don't overlap.
 * The body returns an unfolded sum of the native 16-bit words; an odd last byte counts as a word
 * with a zero byte behind it. The sum is 0 only when every byte is 0. The two functions add it to
 * their parameter `sum`, as csumoff_partial() does, so that csumoff_partial() can tail-call them.
 *
 * A kernel takes data of any alignment and of 0 to CSUMOFF_KERNEL_MOST bytes. It uses no libc, no
 * state but the policy, and no instruction that its row in kernels.def does not name. dispatch.c
 * checks that row before the first call.
 */
#ifndef CSUMOFF_KERNEL_H
#define CSUMOFF_KERNEL_H

#include "../include/csumoff.h"
#include "atomic.h"
#include "compiler.h"

/* The file that CSUMOFF_TYPES_H names in place of stdint.h may lack some of these. */
#ifndef SIZE_MAX
#define SIZE_MAX ((size_t)-1)
#endif
#ifndef UINT32_C
#define UINT32_C(n) n##u
#define UINT64_C(n) n##ull
#endif

/*
 * The instruction sets whose kernels are compiled. CSUMOFF_NO_* leaves one out, CSUMOFF_SCALAR all
 * of them. Those of x86 are also left out of a module of Linux's kernel, which has no immintrin.h,
 * and whose code must not use vector registers without asking for them first.
 */
#if !defined(CSUMOFF_SCALAR)
#if (defined(__x86_64__) || defined(__i386__)) && !defined(__KERNEL__)
/* When clang stands in for Microsoft's compiler, it has only the intrinsics of those instructions
 * that the whole file is compiled for. */
#if defined(_MSC_VER)
#if !defined(__AVX512VNNI__) && !defined(CSUMOFF_NO_AVX512)
#define CSUMOFF_NO_AVX512
#endif
#if !defined(__AVX2__) && !defined(CSUMOFF_NO_AVX2)
#define CSUMOFF_NO_AVX2
#endif
#if !defined(__SSE2__) && !defined(CSUMOFF_NO_SSE2)
#define CSUMOFF_NO_SSE2
#endif
#if !(defined(__SSE4_2__) && defined(__PCLMUL__)) && !defined(CSUMOFF_NO_SSE42)
#define CSUMOFF_NO_SSE42
#endif
#if !defined(__VPCLMULQDQ__) && !defined(CSUMOFF_NO_VPCLMUL)
#define CSUMOFF_NO_VPCLMUL
#endif
#endif
#if !defined(CSUMOFF_NO_AVX512)
#define CSUMOFF_X86_AVX512 1
#endif
#if !defined(CSUMOFF_NO_AVX2)
#define CSUMOFF_X86_AVX2 1
/* Earlier compilers, or their assemblers, do not know AVX-VNNI. */
#if !defined(CSUMOFF_NO_AVXVNNI) && (defined(__clang__) ? __clang_major__ >= 12 : __GNUC__ >= 11)
#define CSUMOFF_X86_AVXVNNI 1
#endif
#endif
#if !defined(CSUMOFF_NO_SSE2)
#define CSUMOFF_X86_SSE2 1
#endif
#endif
/* The CRC32 instruction for eight bytes exists in 64-bit code only. */
#if defined(__x86_64__) && !defined(__KERNEL__) && !defined(CSUMOFF_NO_SSE42)
#define CSUMOFF_X86_SSE42 1
#if !defined(CSUMOFF_NO_VPCLMUL) && !defined(CSUMOFF_NO_AVX2)
#define CSUMOFF_X86_VPCLMUL 1 /* sse42 takes its short data */
#endif
#endif
/*
 * arm_neon.h cannot be used under -mgeneral-regs-only. CSUMOFF_WITH_NEON says that the files of
 * src/neon, and no others, are compiled without that option. On 32-bit Arm, clang's arm_neon.h also
 * needs NEON to be on for the whole file. The M profile of Arm has no NEON, even with an FPU.
 */
#if !defined(CSUMOFF_NO_NEON) && defined(__BYTE_ORDER__) &&                                        \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ &&                                                   \
    !(defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M') &&                                 \
    (defined(CSUMOFF_WITH_NEON) || defined(__ARM_NEON) ||                                          \
     (defined(__arm__) && defined(__ARM_FP) && __ARM_ARCH >= 7 && !defined(__clang__)))
#define CSUMOFF_ARM_NEON 1
#if defined(__aarch64__) && !defined(CSUMOFF_NO_I8MM)
#define CSUMOFF_ARM_NEONMM 1
#endif
#endif
/* The kernel vmx needs VSX, for its loads from any address. POWER7 and every little-endian POWER
 * have it; the compiler defines __VSX__ unless an option turns it off. */
#if defined(__VSX__) && !defined(CSUMOFF_NO_VMX)
#define CSUMOFF_POWER_VMX 1
#endif
/* No instruction of s390x tells a program whether the operating system saves vector registers, so
 * an option of the compiler decides. gcc also defines __VX__ under -msoft-float, where it uses no
 * vector registers; it does not define __FP_FAST_FMA there. */
#if defined(__VX__) && (defined(__FP_FAST_FMA) || defined(__clang__)) && !defined(CSUMOFF_NO_VX)
#define CSUMOFF_S390X_VX 1
#endif
/*
 * The kernel rvv is assembly in a function. It needs an assembler that accepts V there, or a
 * compiler that was told to use V. The vectors of T-Head's processors, which follow version 0.7.1
 * of V, have other encodings.
 */
#if defined(__riscv) && !defined(CSUMOFF_NO_RVV) && !defined(__riscv_xtheadvector) &&              \
    defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ &&                        \
    (defined(__riscv_v) || (defined(__clang__) ? __clang_major__ >= 19 : __GNUC__ >= 12))
#define CSUMOFF_RISCV_V 1
#endif
/* An engine of WebAssembly refuses a module with instructions that it does not know, so an option
 * of the compiler decides. */
#if defined(__wasm_simd128__) && !defined(CSUMOFF_NO_WASM128)
#define CSUMOFF_WASM_SIMD128 1
#endif
/* The CRC32 instructions of AArch64, which use no vector register. */
#if defined(__aarch64__) && !defined(CSUMOFF_NO_ARM_CRC) && defined(__BYTE_ORDER__) &&             \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define CSUMOFF_ARM_CRC 1
#endif
#endif

/* 65,536 words of at most 65,535 sum to less than 2^32, so a total of 32 bits cannot overflow. */
#define CSUMOFF_KERNEL_MOST ((size_t)128 * 1024)

#pragma GCC visibility push(hidden)

/* Under -mabi=ms, gcc compiles a function with a target attribute for another calling convention
 * than its callers use. The convention is therefore named. */
#if defined(__x86_64__) && !defined(_WIN32)
#define CSUMOFF_KERNEL_ABI __attribute__((sysv_abi))
#else
#define CSUMOFF_KERNEL_ABI
#endif

typedef csumoff_wsum csumoff_sum_fn(const uint8_t *data, size_t len,
                                    csumoff_wsum sum) CSUMOFF_KERNEL_ABI;
typedef csumoff_wsum csumoff_copy_fn(uint8_t *dst, const uint8_t *src, size_t len,
                                     csumoff_wsum sum) CSUMOFF_KERNEL_ABI;

struct csumoff_kernel {
    const char *name;
    uint32_t needs; /* CSUMOFF_CPU_* */
    csumoff_sum_fn *sum;
    csumoff_copy_fn *copy;
};

#define CSUMOFF_KERNEL(name, needs)                                                                \
    csumoff_sum_fn csumoff_##name##_sum_;                                                          \
    csumoff_copy_fn csumoff_##name##_copy_;
#include "kernels.def"
#undef CSUMOFF_KERNEL

/*
 * A kernel of CRC32c continues the CRC register `crc` by exactly [data, data + len), data of any
 * alignment and length. It does not complement the register before or after. It executes no
 * instruction that its row in crc32c.def does not name.
 */
typedef uint32_t csumoff_crc32c_fn(const uint8_t *data, size_t len,
                                   uint32_t crc) CSUMOFF_KERNEL_ABI;

struct csumoff_crc32c_kernel {
    uint32_t needs; /* CSUMOFF_CPU_* */
    csumoff_crc32c_fn *update;
};

#define CSUMOFF_CRC32C(name, needs) csumoff_crc32c_fn csumoff_crc32c_##name##_;
#include "crc32c/crc32c.def"
#undef CSUMOFF_CRC32C

/* Row i of kernels.def and of crc32c.def is element i, counted from 1; dispatch.c says what element
 * 0 is. The word of state says which rows are in use. */
extern const struct csumoff_kernel csumoff_rows_[];
extern const struct csumoff_crc32c_kernel csumoff_crc32c_rows_[];
extern uint32_t csumoff_state_;
#define CSUMOFF_STATE_ACTIVE       0xFF
#define CSUMOFF_STATE_CRC32C_SHIFT 11
#define CSUMOFF_STATE_CRC32C       (7 << CSUMOFF_STATE_CRC32C_SHIFT)
#define CSUMOFF_STATE_POLICY_SHIFT 14

/* Constant n moves a CRC forward by n words of eight bytes: see U in crc32c/powers.h. */
#define CSUMOFF_CRC32C_SHIFTS 600
extern const uint32_t csumoff_crc32c_shifts_[CSUMOFF_CRC32C_SHIFTS];

/* Returns the number of rows of crc32c.def, and whether row i (counted from 1) can be used now. */
size_t csumoff_crc32c_count_(void);
bool csumoff_crc32c_usable_(size_t i);

/* A block of zeros, aligned to cache lines. Tails without branches read it in place of vectors
 * beyond the end: see csumoff_or_zeros(). */
extern const uint8_t csumoff_zeros_[512];

/* 32 bytes of ones between 32 zeros on either side. A vector loaded from it is a mask for the first
 * or last bytes of another vector. */
extern const uint8_t csumoff_window_[96];

/* Words of 0x8000 and of 1. They are extern because compilers would compute constants that they can
 * see anew each time, in twice the instructions. */
extern const uint16_t csumoff_bias_[16], csumoff_ones_[16];

#pragma GCC visibility pop

/* Whether scalar is the only kernel there is, and nothing about it depends on the CPU. */
#if defined(CSUMOFF_SCALAR) || ((defined(__x86_64__) || defined(__i386__)) && defined(__KERNEL__))
#define CSUMOFF_SCALAR_ALONE true
#else
#define CSUMOFF_SCALAR_ALONE false
#endif

/* Returns the kernel in use. Before the first choice that is row 0, whose functions choose one. If
 * scalar is the only kernel it is called directly, because Linux makes a call through a pointer
 * expensive (retpolines). */
CSUMOFF_INLINE const struct csumoff_kernel *csumoff_kernel(void)
{
    static const struct csumoff_kernel only = {"scalar", 0, csumoff_scalar_sum_,
                                               csumoff_scalar_copy_};

    if (CSUMOFF_SCALAR_ALONE)
        return &only;
    return &csumoff_rows_[csumoff_load_relaxed(&csumoff_state_) & CSUMOFF_STATE_ACTIVE];
}

/* Returns the kernel of CRC32c in use. Before the first choice that is row 0, which chooses one. */
CSUMOFF_INLINE const struct csumoff_crc32c_kernel *csumoff_crc32c_kernel(void)
{
    static const struct csumoff_crc32c_kernel only = {0, csumoff_crc32c_tables_};

    if (CSUMOFF_SCALAR_ALONE)
        return &only;
    return &csumoff_crc32c_rows_[(csumoff_load_relaxed(&csumoff_state_) & CSUMOFF_STATE_CRC32C) >>
                                 CSUMOFF_STATE_CRC32C_SHIFT];
}

/* Returns whether long sums fetch data ahead: CSUMOFF_POLICY_FETCH. */
CSUMOFF_INLINE bool csumoff_fetching(void)
{
    return csumoff_load_relaxed(&csumoff_state_) & CSUMOFF_POLICY_FETCH
                                                       << CSUMOFF_STATE_POLICY_SHIFT;
}

/* Prefixes a name with that of KERNEL, because all sources may be compiled as one. */
#define CSUMOFF_PASTE_(kernel, name) csumoff_##kernel##_##name
#define CSUMOFF_PASTE(kernel, name)  CSUMOFF_PASTE_(kernel, name)
#define CSUMOFF_OWN(name)            CSUMOFF_PASTE(KERNEL, name)

/*
 * Defines both functions of KERNEL from its body(copy, dst, src, len). Without a copy, the body is
 * given the source as dst as well and does not write to it: addresses and alignment are computed in
 * the same way for both functions.
 */
#define CSUMOFF_KERNEL_FROM(target)                                                                \
    target CSUMOFF_KERNEL_ABI __attribute__((aligned(64))) csumoff_wsum CSUMOFF_OWN(sum_)(         \
        const uint8_t *data, size_t len, csumoff_wsum sum)                                         \
    {                                                                                              \
        return csumoff_add(body(false, (uint8_t *)(uintptr_t)data, data, len), sum);               \
    }                                                                                              \
    target CSUMOFF_KERNEL_ABI csumoff_wsum CSUMOFF_OWN(copy_)(uint8_t * dst, const uint8_t *src,   \
                                                              size_t len, csumoff_wsum sum)        \
    {                                                                                              \
        return csumoff_add(body(true, dst, src, len), sum);                                        \
    }

#endif
