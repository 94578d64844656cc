// SPDX-License-Identifier: MIT
/*
 * Windows on x86-64: a function that is called must leave XMM6 to XMM15 as it found them. Compiled
 * code seldom keeps anything there, so a sum is right all the same where a kernel does not; this
 * program fills the registers, calls, and looks. TAP; it needs no Check.
 */
#include <csumoff.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../oracle/support.h"

enum {
    KEPT = 10, /* registers */
    MOST = 4096
};

struct registers {
    uint8_t xmm[KEPT][16];
};

/* A function of up to four integers and pointers: that is how many are passed in registers. */
typedef uintptr_t (*callee)(uintptr_t, uintptr_t, uintptr_t, uintptr_t);

/* Calls `function` with these contents of XMM6 to XMM15; returns whether they were left alone. */
static bool leaves_alone(callee function, const uintptr_t with[4])
{
    struct registers before, after;
    struct rng rng = rng_new(0x6E64);
    uintptr_t a = with[0], b = with[1], function_then_result = (uintptr_t)function;
    register uintptr_t c __asm__("r8");
    register uintptr_t d __asm__("r9");

    rng_fill(&rng, &before, sizeof before);
    memset(&after, 0, sizeof after);
    c = with[2];
    d = with[3];
    __asm__ volatile("movups 0(%%rsi), %%xmm6\n\tmovups 16(%%rsi), %%xmm7\n\t"
                     "movups 32(%%rsi), %%xmm8\n\tmovups 48(%%rsi), %%xmm9\n\t"
                     "movups 64(%%rsi), %%xmm10\n\tmovups 80(%%rsi), %%xmm11\n\t"
                     "movups 96(%%rsi), %%xmm12\n\tmovups 112(%%rsi), %%xmm13\n\t"
                     "movups 128(%%rsi), %%xmm14\n\tmovups 144(%%rsi), %%xmm15\n\t"
                     "movq %%rsp, %%rbx\n\tandq $-16, %%rsp\n\tsubq $32, %%rsp\n\t"
                     "call *%%rax\n\tmovq %%rbx, %%rsp\n\t"
                     "movups %%xmm6, 0(%%rdi)\n\tmovups %%xmm7, 16(%%rdi)\n\t"
                     "movups %%xmm8, 32(%%rdi)\n\tmovups %%xmm9, 48(%%rdi)\n\t"
                     "movups %%xmm10, 64(%%rdi)\n\tmovups %%xmm11, 80(%%rdi)\n\t"
                     "movups %%xmm12, 96(%%rdi)\n\tmovups %%xmm13, 112(%%rdi)\n\t"
                     "movups %%xmm14, 128(%%rdi)\n\tmovups %%xmm15, 144(%%rdi)"
                     : "+a"(function_then_result), "+c"(a), "+d"(b), "+r"(c), "+r"(d)
                     : "S"(&before), "D"(&after)
                     : "rbx", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",
                       "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
                       "memory", "cc");
    return memcmp(&before, &after, sizeof before) == 0;
}

/* What must be noticed: it zeroes the register that is named by its first argument, 6 or 15. */
static uintptr_t spoils(uintptr_t number, uintptr_t b, uintptr_t c, uintptr_t d)
{
    (void)b, (void)c, (void)d;
    if (number == 6)
        __asm__ volatile("pxor %xmm6, %xmm6");
    else
        __asm__ volatile("pxor %xmm15, %xmm15");
    return 0;
}

static uint8_t from[MOST + 64], to[MOST + 64];

static bool sums_leave_alone(void)
{
    bool good = true;

    for (size_t len = 0; len <= MOST; len += len < 600 ? 1 : 61) {
        const uintptr_t sum[4] = {(uintptr_t)(from + len % 64), len, 1, 0};
        const uintptr_t copy[4] = {(uintptr_t)(to + len % 7), (uintptr_t)(from + len % 64), len, 1};

        good &= leaves_alone((callee)(void (*)(void))csumoff_partial, sum);
        good &= leaves_alone((callee)(void (*)(void))csumoff_partial_copy, copy);
    }
    return good;
}

static bool crc_leaves_alone(void)
{
    bool good = true;

    for (size_t len = 0; len <= MOST; len += len < 600 ? 1 : 61) {
        const uintptr_t crc[4] = {(uintptr_t)(from + len % 64), len, 1, 0};

        good &= leaves_alone((callee)(void (*)(void))csumoff_crc32c, crc);
    }
    return good;
}

static int tests, failed;

static void report(bool good, const char *name)
{
    failed += !good;
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, name);
}

int main(void)
{
    static const uintptr_t six[4] = {6, 0, 0, 0}, fifteen[4] = {15, 0, 0, 0}, none[4] = {0};
    struct rng rng = rng_new(0);
    char name[64];

    rng_fill(&rng, from, sizeof from);
    report(!leaves_alone(spoils, six), "XMM6 changed is noticed");
    report(!leaves_alone(spoils, fifteen), "XMM15 changed is noticed");
    for (size_t kernel = 0; kernel < csumoff_kernel_count(); kernel++) {
        if (!csumoff_kernel_usable(kernel) || csumoff_kernel_use(csumoff_kernel_name(kernel)))
            continue;
        snprintf(name, sizeof name, "%s leaves XMM6 to XMM15 alone", csumoff_kernel_name(kernel));
        report(sums_leave_alone(), name);
    }
    for (uint32_t limit = 0;; limit = limit ? CSUMOFF_CPU_ALL : CSUMOFF_CPU_SSE42) {
        (void)csumoff_cpu_limit(limit);
        snprintf(name, sizeof name, "CRC32c under limit 0x%X leaves them alone", limit);
        report(crc_leaves_alone(), name);
        if (limit == CSUMOFF_CPU_ALL)
            break;
    }
    report(leaves_alone((callee)(void (*)(void))csumoff_selftest, none), "so does the self-test");
    printf("1..%d\n", tests);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
