// SPDX-License-Identifier: MIT
#include <cpuid.h>

#include "cpu.h"

#define CR0_MP         (UINT64_C(1) << 1)
#define CR0_EM         (UINT64_C(1) << 2)
#define CR0_TS         (UINT64_C(1) << 3)
#define CR4_OSFXSR     (UINT64_C(1) << 9)
#define CR4_OSXMMEXCPT (UINT64_C(1) << 10)
#define CR4_OSXSAVE    (UINT64_C(1) << 18)

#define XCR0_SSE    UINT32_C(0x03) /* x87, XMM */
#define XCR0_AVX    UINT32_C(0x04) /* YMM */
#define XCR0_AVX512 UINT32_C(0xE0) /* masks, ZMM */

/* Intel's manual, volume 1, sections 13.3 and 14.3; volume 3, section 2.5. */
void cpu_enable_vectors(void)
{
    uint32_t a, b, c, d, wanted = XCR0_SSE;
    uint64_t cr0, cr4;

    __asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("mov %0, %%cr0" : : "r"((cr0 & ~(CR0_EM | CR0_TS)) | CR0_MP));
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    cr4 |= CR4_OSFXSR | CR4_OSXMMEXCPT;
    __cpuid(1, a, b, c, d);
    if (!(c & bit_XSAVE)) {
        __asm__ volatile("mov %0, %%cr4" : : "r"(cr4));
        return;
    }
    __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | CR4_OSXSAVE));
    __cpuid_count(0x0D, 0, a, b, c, d); /* a: what XCR0 may hold */
    if (a & XCR0_AVX)
        wanted |= XCR0_AVX;
    if (wanted & XCR0_AVX && (a & XCR0_AVX512) == XCR0_AVX512)
        wanted |= XCR0_AVX512;
    __asm__ volatile("xsetbv" : : "c"(0), "a"(wanted), "d"(0));
}
