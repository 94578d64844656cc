// SPDX-License-Identifier: MIT
/* What the CPU has; one cpu_*.c answers, by how the library was built. */
#ifndef CSUMOFF_CPU_H
#define CSUMOFF_CPU_H

#include "../include/csumoff.h"

/* x86-64 without SSE is a kernel of an operating system: it may not touch vector registers until it
 * says so. */
#if defined(__x86_64__) && !defined(__SSE2__) && !defined(CSUMOFF_CPU_DETECT_CPU_FEATURES) &&      \
    !defined(CSUMOFF_CPU_DETECT_BUILTIN) && !defined(CSUMOFF_CPU_DETECT_CALLER)
#define CSUMOFF_CPU_DETECT_CALLER
#endif

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

/* 1 where a CPU that has leaf 7 has AVX-VNNI; apart from the rest, for cpu_features 0.7 doesn't
 * know it. */
static inline uint32_t csumoff_has_avxvnni(void)
{
    uint32_t most, a, b, c, d;

    __cpuid_count(7, 0, most, b, c, d);
    __cpuid_count(7, 1, a, b, c, d);
    return (most >= 1) & a >> 4;
}
#endif

#pragma GCC visibility push(hidden)

/* CSUMOFF_CPU_* of what this CPU executes and whose registers the operating system saves. */
uint32_t csumoff_cpu_features(void);

/* Which processor it is, as CPUID numbers it; VENDOR_OTHER where nobody says. */
struct csumoff_cpu {
    enum csumoff_vendor {
        CSUMOFF_VENDOR_OTHER,
        CSUMOFF_VENDOR_AMD,
        CSUMOFF_VENDOR_INTEL
    } vendor;
    uint32_t family, model;
};

struct csumoff_cpu csumoff_cpu(void);

/* CSUMOFF_POLICY_* by policy.c's table. */
uint32_t csumoff_policy_of_cpu(void);

#pragma GCC visibility pop

#endif
