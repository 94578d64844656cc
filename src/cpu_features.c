// SPDX-License-Identifier: MIT
/* Detects features by Google's cpu_features, which also checks that the operating system saves the
 * registers. */
#include "cpu.h"

#if defined(CSUMOFF_CPU_DETECT_CPU_FEATURES)
#include <cpu_features/cpu_features_macros.h>

#if defined(CPU_FEATURES_ARCH_X86)
#include <cpu_features/cpuinfo_x86.h>

uint32_t csumoff_cpu_features_(void)
{
    const X86Features has = GetX86Info().features;
    const bool avx512 = has.avx512f && has.avx512bw && has.avx512vl && has.bmi2;

    return ((unsigned)has.avx2 & csumoff_has_avxvnni()) * CSUMOFF_CPU_AVXVNNI |
           (has.sse2 ? CSUMOFF_CPU_SSE2 : 0) | (has.avx2 ? CSUMOFF_CPU_AVX2 : 0) |
           (has.sse4_2 && has.pclmulqdq ? CSUMOFF_CPU_SSE42 : 0) |
           (has.avx2 && has.vpclmulqdq ? CSUMOFF_CPU_VPCLMUL : 0) |
           (avx512 ? CSUMOFF_CPU_AVX512 : 0) |
           (avx512 && has.avx512vnni ? CSUMOFF_CPU_AVX512VNNI : 0);
}

struct csumoff_cpu csumoff_cpu_(void)
{
    const X86Info info = GetX86Info();
    const bool amd = __builtin_memcmp(info.vendor, "AuthenticAMD", sizeof info.vendor) == 0;
    const bool intel = __builtin_memcmp(info.vendor, "GenuineIntel", sizeof info.vendor) == 0;
    const enum csumoff_vendor vendor =
        (enum csumoff_vendor)(amd * CSUMOFF_VENDOR_AMD + intel * CSUMOFF_VENDOR_INTEL);

    return (struct csumoff_cpu){vendor, (uint32_t)info.family, (uint32_t)info.model};
}
#define CPU_IS_KNOWN
#elif defined(CPU_FEATURES_ARCH_AARCH64)
#include <cpu_features/cpuinfo_aarch64.h>

/*
 * Returns whether a processor has UMMLA, the instruction of the kernel neonmm, but is slower with
 * it than with the kernel neon. That follows from models of the cores: AmpereOne begins only one
 * UMMLA per cycle, Neoverse V1 executes more of neon's additions than UMMLAs, and on Cortex-A510
 * and its successor A520 each UMMLA waits for its load. If the cores of a system differ,
 * cpu_features describes the one that Linux lists last.
 */
static bool multiplies_slowly(const Aarch64Info *info)
{
    static const struct {
        int implementer, part;
    } slow[] = {{0xC0, 0xAC3}, {0xC0, 0xAC4}, {0x41, 0xD40}, {0x41, 0xD46}, {0x41, 0xD80}};
    bool found = false;

    for (size_t i = 0; i < sizeof slow / sizeof slow[0]; i++)
        found |= info->implementer == slow[i].implementer && info->part == slow[i].part;
    return found;
}

uint32_t csumoff_cpu_features_(void)
{
    const Aarch64Info info = GetAarch64Info();
    const bool i8mm = info.features.i8mm && !multiplies_slowly(&info);

    /* NEON is part of the architecture's baseline for applications. */
    return CSUMOFF_CPU_NEON | (info.features.crc32 ? CSUMOFF_CPU_ARM_CRC : 0) |
           (i8mm ? CSUMOFF_CPU_I8MM : 0);
}
#elif defined(CPU_FEATURES_ARCH_ARM)
#include <cpu_features/cpuinfo_arm.h>

uint32_t csumoff_cpu_features_(void)
{
    return GetArmInfo().features.neon ? CSUMOFF_CPU_NEON : 0;
}
#elif defined(CPU_FEATURES_ARCH_PPC)
#include <cpu_features/cpuinfo_ppc.h>

uint32_t csumoff_cpu_features_(void)
{
    const PPCFeatures has = GetPPCInfo().features;

    return has.altivec && has.vsx ? CSUMOFF_CPU_VMX : 0;
}
#elif defined(__riscv)
/* cpu_features 0.7 doesn't know RISC-V. */
uint32_t csumoff_cpu_features_(void)
{
    return csumoff_has_rvv() ? CSUMOFF_CPU_RVV : 0;
}
#else
uint32_t csumoff_cpu_features_(void)
{
    return 0;
}
#endif

#if !defined(CPU_IS_KNOWN)
struct csumoff_cpu csumoff_cpu_(void)
{
    return (struct csumoff_cpu){CSUMOFF_VENDOR_OTHER, 0, 0};
}
#endif
#endif
