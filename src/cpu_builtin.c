// SPDX-License-Identifier: MIT
/* Detection without a library: CPUID on x86, what the compiler was told on Arm. The default. */
#include "cpu.h"

#if !defined(CSUMOFF_CPU_DETECT_CPU_FEATURES) && !defined(CSUMOFF_CPU_DETECT_CALLER)
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

/* XCR0: which registers the operating system saves. Without them AVX instructions fault. */
#define XCR0_AVX    0x06u /* XMM, YMM */
#define XCR0_AVX512 0xE6u /* and the masks, the upper halves of ZMM0-15, ZMM16-31 */

static uint32_t xcr0(void)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

uint32_t csumoff_cpu_features(void)
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
        has |= CSUMOFF_CPU_AVX2;
    if (c & bit_VPCLMULQDQ)
        has |= CSUMOFF_CPU_VPCLMUL;
    if ((saved & XCR0_AVX512) != XCR0_AVX512 || (b & avx512) != avx512)
        return has;
    return has | CSUMOFF_CPU_AVX512 | (c & bit_AVX512VNNI ? CSUMOFF_CPU_AVX512VNNI : 0);
}
#elif defined(__aarch64__) || defined(__ARM_NEON)
uint32_t csumoff_cpu_features(void)
{
#if defined(__ARM_FEATURE_CRC32)
    return CSUMOFF_CPU_NEON | CSUMOFF_CPU_ARM_CRC;
#else
    return CSUMOFF_CPU_NEON;
#endif
}
#else
uint32_t csumoff_cpu_features(void)
{
    return 0;
}
#endif
#endif
