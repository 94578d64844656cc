// SPDX-License-Identifier: MIT
/* What the CPU has; one cpu_*.c answers, by how the library was built. */
#ifndef CSUMOFF_CPU_H
#define CSUMOFF_CPU_H

#include "../include/csumoff.h"

/* x86-64 without SSE and RISC-V without floating-point registers is a kernel of an operating
 * system: it may not touch vector registers until it says so. So is what Linux's build compiles.
 * Where scalar is the only kernel nobody need be asked. */
#if ((defined(__x86_64__) && !defined(__SSE2__)) ||                                                \
     (defined(__riscv) && !defined(__riscv_flen)) || defined(__KERNEL__) ||                        \
     defined(CSUMOFF_SCALAR)) &&                                                                   \
    !defined(CSUMOFF_CPU_DETECT_CPU_FEATURES) && !defined(CSUMOFF_CPU_DETECT_BUILTIN) &&           \
    !defined(CSUMOFF_CPU_DETECT_CALLER)
#define CSUMOFF_CPU_DETECT_CALLER
#endif

#if (defined(__x86_64__) || defined(__i386__)) && !defined(CSUMOFF_CPU_DETECT_CALLER)
#include <cpuid.h>

/* 1 where a CPU that has leaf 7 has AVX-VNNI; apart from the rest, for cpu_features 0.7 doesn't
 * know it. */
static inline __attribute__((unused)) uint32_t csumoff_has_avxvnni(void)
{
    uint32_t most, a, b, c, d;

    __cpuid_count(7, 0, most, b, c, d);
    __cpuid_count(7, 1, a, b, c, d);
    return (most >= 1) & a >> 4;
}
#endif

#if defined(CSUMOFF_CPU_DETECT_CALLER)
/* Nobody is asked. */
#elif defined(__riscv_v)
static inline bool csumoff_has_rvv(void)
{
    return true; /* the compiler was told */
}
#elif defined(__riscv) && defined(__linux__) && __STDC_HOSTED__
/* A system call, without a libc. */
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
 * Whether Linux says that all CPUs have V 1.0 and that this process may use it (a parent can forbid
 * it). AT_HWCAP is not asked: vendors' kernels set its bit for V 0.7.1, whose encodings differ.
 * Linux gives programs V from 6.5 on, and has had riscv_hwprobe() since 6.4; what lacks it has no
 * V, or one of a vendor's kernel, for which the caller can vouch.
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
    return false; /* nothing in the CPU tells a program */
}
#endif

#pragma GCC visibility push(hidden)

/* CSUMOFF_CPU_* of what this CPU executes and whose registers the operating system saves. */
uint32_t csumoff_cpu_features_(void);

/* Which processor it is, as CPUID numbers it; VENDOR_OTHER where nobody says. */
struct csumoff_cpu {
    enum csumoff_vendor {
        CSUMOFF_VENDOR_OTHER,
        CSUMOFF_VENDOR_AMD,
        CSUMOFF_VENDOR_INTEL
    } vendor;
    uint32_t family, model;
};

struct csumoff_cpu csumoff_cpu_(void);

/* CSUMOFF_POLICY_* by policy.c's table. */
uint32_t csumoff_policy_of_cpu_(void);

#pragma GCC visibility pop

#endif
