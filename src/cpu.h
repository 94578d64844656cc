// SPDX-License-Identifier: MIT
/* Detects what the CPU has. CSUMOFF_CPU_DETECT_* selects the file cpu_*.c that implements it. */
#ifndef CSUMOFF_CPU_H
#define CSUMOFF_CPU_H

#include "../include/csumoff.h"

/*
 * The caller tells what the CPU has if the code is compiled for x86-64 without SSE, for RISC-V
 * without floating-point registers, or by Linux's build. Such code is part of an operating system,
 * which must not use vector registers before it has enabled them. With CSUMOFF_SCALAR the library
 * has no kernel but scalar, so nothing has to be detected.
 */
#if ((defined(__x86_64__) && !defined(__SSE2__)) ||                                                \
     (defined(__riscv) && !defined(__riscv_flen)) || defined(__KERNEL__) ||                        \
     defined(CSUMOFF_SCALAR)) &&                                                                   \
    !defined(CSUMOFF_CPU_DETECT_CPU_FEATURES) && !defined(CSUMOFF_CPU_DETECT_BUILTIN) &&           \
    !defined(CSUMOFF_CPU_DETECT_CALLER)
#define CSUMOFF_CPU_DETECT_CALLER
#endif

#if (defined(__x86_64__) || defined(__i386__)) && !defined(CSUMOFF_CPU_DETECT_CALLER)
#include <cpuid.h>

/*
 * Returns 1 if the CPU has AVX-VNNI, else 0 (CPUID leaf 7, subleaf 1, bit 4 of EAX). The result is
 * valid only if the CPU has leaf 7. All detection on x86 uses this function, because cpu_features
 * 0.7 does not know AVX-VNNI.
 */
static inline __attribute__((unused)) uint32_t csumoff_has_avxvnni(void)
{
    uint32_t most, a, b, c, d;

    __cpuid_count(7, 0, most, b, c, d);
    __cpuid_count(7, 1, a, b, c, d);
    return (most >= 1) & a >> 4;
}
#endif

#if defined(CSUMOFF_CPU_DETECT_CALLER)
/* The caller tells what the CPU has, so nothing is detected. */
#elif defined(__riscv_v)
static inline bool csumoff_has_rvv(void)
{
    return true; /* the compiler was told that the CPU has V */
}
#elif defined(__riscv) && defined(__linux__) && __STDC_HOSTED__
/* Makes a system call of Linux without a libc. Three more arguments are 0. */
static inline long csumoff_ask_linux(long number, uintptr_t first, uintptr_t second)
{
    register uintptr_t a0 __asm__("a0") = first;
    register uintptr_t a1 __asm__("a1") = second;
    register uintptr_t a2 __asm__("a2") = 0;
    register uintptr_t a3 __asm__("a3") = 0;
    register uintptr_t a4 __asm__("a4") = 0;
    register long a7 __asm__("a7") = number;

    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7) : "memory");
    return (long)a0;
}

/*
 * Returns whether Linux reports that all CPUs have V 1.0 and that this process may use it (a parent
 * process can forbid it). AT_HWCAP is not read: vendors' kernels set its bit for V 0.7.1 as well,
 * whose encodings differ. Linux supports V in programs since 6.5 and riscv_hwprobe() since 6.4. A
 * kernel that lacks riscv_hwprobe() either does not support V, or is a vendor's: then the library
 * can be built with CSUMOFF_CPU_DETECT_CALLER, and the caller allows V.
 */
static inline bool csumoff_has_rvv(void)
{
    enum {
        HWPROBE = 258,
        IMA_EXT_0 = 4,
        IMA_V = 1 << 2,
        PRCTL = 167,
        V_GET_CONTROL = 70,
        CURRENT = 3,
        CURRENT_ON = 2
    };
    struct {
        int64_t key;
        uint64_t value;
    } asked = {IMA_EXT_0, 0};
    long allowed;

    if (csumoff_ask_linux(HWPROBE, (uintptr_t)&asked, 1) != 0 || asked.key != IMA_EXT_0 ||
        !(asked.value & IMA_V))
        return false;
    allowed = csumoff_ask_linux(PRCTL, V_GET_CONTROL, 0);
    return allowed >= 0 && (allowed & CURRENT) == CURRENT_ON;
}
#elif defined(__riscv)
static inline bool csumoff_has_rvv(void)
{
    return false; /* misa, which tells it, is readable in machine mode alone */
}
#endif

#pragma GCC visibility push(hidden)

/* Returns the CSUMOFF_CPU_* bits of what this CPU executes and whose registers the operating system
 * saves. */
uint32_t csumoff_cpu_features_(void);

/* A processor, with family and model as CPUID tells them. The vendor is VENDOR_OTHER if the
 * processor is unknown. */
struct csumoff_cpu {
    enum csumoff_vendor {
        CSUMOFF_VENDOR_OTHER,
        CSUMOFF_VENDOR_AMD,
        CSUMOFF_VENDOR_INTEL
    } vendor;
    uint32_t family, model;
};

struct csumoff_cpu csumoff_cpu_(void);

/* Returns the CSUMOFF_POLICY_* bits that policy.c's table has for this processor. */
uint32_t csumoff_policy_of_cpu_(void);

#pragma GCC visibility pop

#endif
