// SPDX-License-Identifier: MIT
#define _GNU_SOURCE // REG_RIP; NOLINT(bugprone-reserved-identifier)
#include "trap.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

/* Of the area that XSAVE makes: where its header says which parts are there, and where the
 * software's own words about it are. */
enum {
    SOFTWARE = 464,
    HEADER = 512,
    HAS_YMM = 1 << 2
};
static const uint32_t has_extended = 0x46505853;
static uint32_t upper_halves; /* where those of YMM registers are in it */

/* A YMM register as the signal has saved it. */
static void get(const uint8_t *area, unsigned reg, int16_t words[16])
{
    uint64_t there;

    memcpy(words, area + 160 + reg * 16, 16);
    memcpy(&there, area + HEADER, sizeof there);
    if (there & HAS_YMM)
        memcpy(words + 8, area + upper_halves + reg * 16, 16);
    else
        memset(words + 8, 0, 16);
}

static void put(uint8_t *area, unsigned reg, const uint32_t lanes[8])
{
    uint64_t there;

    memcpy(area + 160 + reg * 16, lanes, 16);
    memcpy(&there, area + HEADER, sizeof there);
    if (!(there & HAS_YMM)) {
        memset(area + upper_halves, 0, 256);
        there |= HAS_YMM;
        memcpy(area + HEADER, &there, sizeof there);
    }
    memcpy(area + upper_halves + reg * 16, lanes + 4, 16);
}

/* VEX.256.66.0F38.W0 52 /r between registers; anything else is a fault, as it would have been. */
static void execute(int number, siginfo_t *info, void *context)
{
    ucontext_t *at = (ucontext_t *)context;
    const uint8_t *code = (const uint8_t *)at->uc_mcontext.gregs[REG_RIP];
    uint8_t *area = (uint8_t *)at->uc_mcontext.fpregs;
    int16_t v[16], weights[16];
    uint32_t acc[8], magic;
    unsigned to;

    (void)info;
    memcpy(&magic, area + SOFTWARE, sizeof magic);
    if (code[0] != 0xC4 || (code[1] & 0x1F) != 2 || (code[2] & 0x87) != 0x05 || code[3] != 0x52 ||
        code[4] < 0xC0 || magic != has_extended) {
        signal(number, SIG_DFL);
        return;
    }
    to = (code[4] >> 3 & 7) | (~code[1] >> 4 & 8);
    get(area, to, (int16_t *)acc);
    get(area, ~code[2] >> 3 & 15, v);
    get(area, (code[4] & 7) | (~code[1] >> 2 & 8), weights);
    for (int i = 0; i < 8; i++)
        acc[i] +=
            (uint32_t)(v[2 * i] * weights[2 * i]) + (uint32_t)(v[2 * i + 1] * weights[2 * i + 1]);
    put(area, to, acc);
    at->uc_mcontext.gregs[REG_RIP] += 5;
}

const char *trap_avxvnni(void)
{
    struct sigaction action = {.sa_sigaction = execute, .sa_flags = SA_SIGINFO};
    uint32_t a, b, c, d;

    if (!__builtin_cpu_supports("avx2"))
        return NULL;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && a >= 1 &&
        __get_cpuid_count(7, 1, &a, &b, &c, &d) && a >> 4 & 1)
        return "natively";
    if (!__get_cpuid_count(0xD, 2, &a, &upper_halves, &c, &d) || sigaction(SIGILL, &action, NULL))
        return NULL;
    return "by a trap handler";
}
#else
const char *trap_avxvnni(void)
{
    return 0;
}
#endif
