// SPDX-License-Identifier: MIT
/* Detects features without a library: by CPUID on x86 and by asking Linux on RISC-V and 32-bit Arm.
 * Elsewhere, features are those that the compiler was told. This is the default. */
#include "cpu.h"

#if !defined(CSUMOFF_CPU_DETECT_CPU_FEATURES) && !defined(CSUMOFF_CPU_DETECT_CALLER)
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

/* Bits of XCR0, which names the registers that the operating system saves. AVX instructions fault
 * if these bits are clear. */
#define XCR0_AVX    0x06u /* XMM, YMM */
#define XCR0_AVX512 0xE6u /* and the masks, the upper halves of ZMM0-15, ZMM16-31 */

static uint32_t xcr0(void)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

uint32_t csumoff_cpu_features_(void)
{
    const uint32_t avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512VL | bit_BMI2;
    uint32_t a, b, c, d, saved, has = 0;

    if (!__get_cpuid(1, &a, &b, &c, &d))
        return 0;
    if (d & bit_SSE2)
        has |= CSUMOFF_CPU_SSE2;
    if (d & bit_SSE2 && c & bit_SSE4_2 && c & bit_PCLMUL)
        has |= CSUMOFF_CPU_SSE42;
    saved = c & bit_OSXSAVE ? xcr0() : 0;
    if ((saved & XCR0_AVX) != XCR0_AVX || !(c & bit_AVX) ||
        !__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return has;
    if (b & bit_AVX2)
        has |= CSUMOFF_CPU_AVX2 | csumoff_has_avxvnni() * CSUMOFF_CPU_AVXVNNI;
    if (c & bit_VPCLMULQDQ)
        has |= CSUMOFF_CPU_VPCLMUL;
    if ((saved & XCR0_AVX512) != XCR0_AVX512 || (b & avx512) != avx512)
        return has;
    return has | CSUMOFF_CPU_AVX512 | (c & bit_AVX512VNNI ? CSUMOFF_CPU_AVX512VNNI : 0);
}

/* What CPUID returns in EBX: the first four bytes of "AuthenticAMD" and of "GenuineIntel". */
#define EBX_AMD   0x68747541u
#define EBX_INTEL 0x756E6547u

struct csumoff_cpu csumoff_cpu_(void)
{
    struct csumoff_cpu cpu;
    uint32_t a = 0, b = 0, c, d;

    (void)__get_cpuid(0, &a, &b, &c, &d);
    cpu.vendor = (enum csumoff_vendor)((b == EBX_AMD) * CSUMOFF_VENDOR_AMD +
                                       (b == EBX_INTEL) * CSUMOFF_VENDOR_INTEL);
    a = 0;
    (void)__get_cpuid(1, &a, &b, &c, &d);
    cpu.family = a >> 8 & 0xF;
    cpu.model = (a >> 4 & 0xF) | (a >> 12 & 0xF0);
    if (cpu.family == 0xF)
        cpu.family += a >> 20 & 0xFF;
    return cpu;
}
#define CPU_IS_KNOWN
#elif defined(__aarch64__) || defined(__ARM_NEON)
uint32_t csumoff_cpu_features_(void)
{
#if defined(__ARM_FEATURE_CRC32)
    return CSUMOFF_CPU_NEON | CSUMOFF_CPU_ARM_CRC;
#else
    return CSUMOFF_CPU_NEON;
#endif
}
#elif defined(__arm__) && defined(__linux__)
/* Linux tells a program in its auxiliary vector what the CPU has, and the libc's getauxval()
 * returns it. The reference is weak because a guest without a libc has no such function. */
unsigned long getauxval(unsigned long type) __attribute__((weak));
#define AT_HWCAP       16
#define HWCAP_ARM_NEON (1ul << 12)

uint32_t csumoff_cpu_features_(void)
{
    return getauxval && getauxval(AT_HWCAP) & HWCAP_ARM_NEON ? CSUMOFF_CPU_NEON : 0;
}
#elif defined(__VSX__)
uint32_t csumoff_cpu_features_(void)
{
    return CSUMOFF_CPU_VMX;
}
#elif defined(__VX__)
uint32_t csumoff_cpu_features_(void)
{
    return CSUMOFF_CPU_VX;
}
#elif defined(__riscv)
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
