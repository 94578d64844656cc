// SPDX-License-Identifier: MIT
/* The kernels of CRC32c. */
#include "../tests/oracle/allowed.h"
#include "work.h"
#include "csumoff.h"
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Each kernel is chosen by a limit of the CPU's features for which it is the best. Each CRC
 * continues the one before, and so waits for it. */
static void crc32c(const struct work *work, size_t calls)
{
    uint32_t crc = 0;

    PEER_LOOP(work, calls, crc = csumoff_crc32c(data, len, crc));
}

static void crc32c_vpclmul(const struct work *work, size_t calls)
{
    csumoff_cpu_limit(CSUMOFF_CPU_SSE42 | CSUMOFF_CPU_AVX2 | CSUMOFF_CPU_VPCLMUL);
    crc32c(work, calls);
    csumoff_cpu_limit(CSUMOFF_CPU_ALL);
}

static void crc32c_sse42(const struct work *work, size_t calls)
{
    csumoff_cpu_limit(CSUMOFF_CPU_SSE42);
    crc32c(work, calls);
    csumoff_cpu_limit(CSUMOFF_CPU_ALL);
}

static void crc32c_armcrc(const struct work *work, size_t calls)
{
    csumoff_cpu_limit(CSUMOFF_CPU_ARM_CRC);
    crc32c(work, calls);
    csumoff_cpu_limit(CSUMOFF_CPU_ALL);
}

static void crc32c_tables(const struct work *work, size_t calls)
{
    csumoff_cpu_limit(0);
    crc32c(work, calls);
    csumoff_cpu_limit(CSUMOFF_CPU_ALL);
}

void crc32c_add(void)
{
    static const struct {
        const char *name;
        uint32_t needs;
        peer_fn *run;
    } kernels[] = {
        {"vpclmul", CSUMOFF_CPU_SSE42 | CSUMOFF_CPU_AVX2 | CSUMOFF_CPU_VPCLMUL, crc32c_vpclmul},
        {"sse42", CSUMOFF_CPU_SSE42, crc32c_sse42},
        {"armcrc", CSUMOFF_CPU_ARM_CRC, crc32c_armcrc},
        {"tables", 0, crc32c_tables},
    };
    static const size_t lengths[] = {64, 1460, 16384, 65536};

    for (size_t i = 0; i < COUNT(kernels); i++)
        for (size_t j = 0; j < COUNT(lengths) && !(kernels[i].needs & ~cpu_has()); j++) {
            char bytes[24];

            (void)snprintf(bytes, sizeof bytes, "%zu", lengths[j]);
            work_add("crc32c", kernels[i].name, bytes, "offset14", NULL, kernels[i].run,
                     fixed_place(lengths[j], 14), lengths[j]);
        }
}
