// SPDX-License-Identifier: MIT
/* The features that csumoff_cpu_limit() may be given on this machine. A library that detects the
 * CPU itself ignores a feature that the CPU lacks; one that is told by its caller
 * (cpu_detect=caller) would execute it. */
#ifndef CSUMOFF_TESTS_ALLOWED_H
#define CSUMOFF_TESTS_ALLOWED_H

#include <csumoff.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

/* gcc 12's and clang 14's __builtin_cpu_supports() do not know AVX-VNNI. */
static inline bool has_avxvnni(void)
{
    uint32_t a, b, c, d;

    return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 0, &a, &b, &c, &d) && a >= 1 &&
           __get_cpuid_count(7, 1, &a, &b, &c, &d) && a >> 4 & 1;
}
#endif
#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#elif defined(__s390x__) || defined(__riscv)
#include <sys/auxv.h>
#elif defined(__powerpc__)
#include <asm/cputable.h>
#include <sys/auxv.h>
#endif

/* Returns the features of the CPU, as the compiler's own detection or the system reports them. */
static inline uint32_t cpu_has(void)
{
#if defined(__x86_64__) || defined(__i386__)
    uint32_t has = 0;

    __builtin_cpu_init();
    has |= __builtin_cpu_supports("sse2") ? CSUMOFF_CPU_SSE2 : 0;
    has |= __builtin_cpu_supports("avx2") ? CSUMOFF_CPU_AVX2 : 0;
    has |= __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512vl")
               ? CSUMOFF_CPU_AVX512
               : 0;
    has |= has_avxvnni() ? CSUMOFF_CPU_AVXVNNI : 0;
    has |= __builtin_cpu_supports("avx512vnni") ? CSUMOFF_CPU_AVX512VNNI : 0;
    has |= __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul") ? CSUMOFF_CPU_SSE42
                                                                                : 0;
    has |= __builtin_cpu_supports("vpclmulqdq") ? CSUMOFF_CPU_VPCLMUL : 0;
    return has;
#elif defined(__aarch64__)
    return CSUMOFF_CPU_NEON | (getauxval(AT_HWCAP) & HWCAP_CRC32 ? CSUMOFF_CPU_ARM_CRC : 0) |
           (getauxval(AT_HWCAP2) & HWCAP2_I8MM ? CSUMOFF_CPU_I8MM : 0);
#elif defined(__VX__)
    return getauxval(AT_HWCAP) & HWCAP_S390_VX ? CSUMOFF_CPU_VX : 0;
#elif defined(__riscv)
    /* V is taken to be version 1.0, as QEMU's is. */
    return getauxval(AT_HWCAP) >> ('V' - 'A') & 1 ? CSUMOFF_CPU_RVV : 0;
#elif defined(__VSX__)
    const unsigned long vmx = PPC_FEATURE_HAS_ALTIVEC | PPC_FEATURE_HAS_VSX;

    return (getauxval(AT_HWCAP) & vmx) == vmx ? CSUMOFF_CPU_VMX : 0;
#else
    return 0;
#endif
}

static inline uint32_t all_features(void)
{
#if !defined(CSUMOFF_CPU_DETECT_CALLER)
    return CSUMOFF_CPU_ALL;
#else
    return cpu_has();
#endif
}

/* Returns those features that the library can find once all are allowed: its built-in detection has
 * no way to ask an Arm CPU. */
static inline uint32_t detectable(void)
{
#if defined(__aarch64__) && defined(CSUMOFF_CPU_DETECT_BUILTIN) && !defined(__ARM_FEATURE_CRC32)
    return cpu_has() & ~CSUMOFF_CPU_ARM_CRC;
#else
    return cpu_has();
#endif
}

#endif
