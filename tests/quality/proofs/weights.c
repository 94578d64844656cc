// SPDX-License-Identifier: MIT
/*
 * That a kernel's loops take every byte once and for what it stands, for all data. Its path follows
 * from length and addresses alone, and each of its steps is linear in the data (statements.c); so
 * at one length and alignment it computes the sum of weight times byte, and a byte of 1 amid zeros
 * shows its weight in full. Where all weights are right, so is every sum of that length there.
 *
 * usage: weights MOST KERNEL     every length up to MOST at every alignment to 64, sums and copies;
 *                                from 2112 on also lengths that are fetched ahead
 *                                below that also what kernels of 16-byte vectors do from 1,536 on:
 *                                each way to begin with each way to end
 *        weights                 the kernels that this CPU has
 *
 * On x86-64, compiled with CSUMOFF_CPU_DETECT_CALLER, avxvnni is there although the CPU may lack
 * its instruction: a trap handler executes it, a thousand times slower. Then each length has one
 * alignment, and from 1,536 on there is each 17th length; where MOST is below 448, each 85th. So it
 * is with rvv, which does the same at each alignment, and whose instructions emulators take long
 * for.
 *
 * 2112 bytes take each loop of each kernel through no turn, one and two, with all that can be left
 * behind it: a turn does the same each time, so more of them change nothing.
 */
#include <csumoff.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../oracle/trap.h"

enum {
    LINE = 64,
    LOOPS = 2112,
    LONG = 1536,
    FAR = 20 * 1024
};

static uint8_t src[FAR + LINE] __attribute__((aligned(LINE)));
static uint8_t dst[FAR + LINE] __attribute__((aligned(LINE)));
static unsigned long weights;

/* The byte's own place in its word, in memory order; 32-bit sums hold two such places. */
static bool is_right(csumoff_wsum weight, size_t place)
{
    const uint8_t word[2] = {place % 2 == 0, place % 2 == 1};
    csumoff_sum16 folded = (csumoff_sum16)~csumoff_fold(weight);

    return (weight & (weight - 1)) == 0 && folded == csumoff_load16_(word);
}

static bool length(size_t len, size_t offset)
{
    const uint8_t *p = src + offset;
    uint8_t *to = dst + offset;

    for (size_t i = 0; i < len; i++) {
        csumoff_wsum sum, copy;
        bool is_copied;

        src[offset + i] = 1;
        sum = csumoff_partial(p, len, 0);
        src[offset + i] = 0;
        /* What a copy does follows from where it goes. */
        src[i] = 1;
        copy = csumoff_partial_copy(to, src, len, 0);
        is_copied = memcmp(to, src, len) == 0;
        src[i] = 0;
        if (!is_right(sum, i) || !is_right(copy, i) || !is_copied) {
            printf("length %zu, offset %zu, byte %zu: 0x%08X, of the copy 0x%08X%s\n", len, offset,
                   i, (unsigned)sum, (unsigned)copy, is_copied ? "" : ", which differs");
            return false;
        }
        weights += 2;
    }
    if (csumoff_partial(p, len, 0) != 0 || csumoff_partial_copy(to, src, len, 0) != 0) {
        printf("length %zu, offset %zu: zeros have a sum\n", len, offset);
        return false;
    }
    return true;
}

/* Allows what can be executed; NULL, or how, where the CPU may lack it. */
static const char *allow(void)
{
#if defined(__x86_64__) && defined(CSUMOFF_CPU_DETECT_CALLER)
    const char *how = trap_avxvnni();

    (void)csumoff_cpu_limit(how ? CSUMOFF_CPU_AVX2 | CSUMOFF_CPU_AVXVNNI : 0);
    return how;
#else
    (void)csumoff_cpu_limit(CSUMOFF_CPU_ALL); /* an emulator that is not asked has everything */
    return NULL;
#endif
}

/* All that the usage says of a kernel. */
static bool kernel(size_t most, bool is_slow)
{
    const size_t step = !is_slow ? 1 : most < 448 ? 85 : 17;

    for (size_t offset = 0; offset < LINE; offset++)
        for (size_t len = 0; len <= most; len++)
            if ((!is_slow || len % LINE == offset) && !length(len, offset))
                return false;
    for (size_t len = LONG; most < LOOPS && len < LONG + 256; len += step)
        if (!length(len, len / 16 % 16))
            return false;
    for (size_t len = 17 * 1024; most >= LOOPS && len < 19 * 1024; len += 67)
        if (!length(len, len % LINE))
            return false;
    return true;
}

int main(int argc, char **argv)
{
    size_t most = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    const char *how = allow();
    bool is_trapped;

    for (size_t i = 0; argc == 1 && i < csumoff_kernel_count(); i++)
        if (csumoff_kernel_usable(i))
            puts(csumoff_kernel_name(i));
    if (argc == 1)
        return EXIT_SUCCESS;
    if (!most || most > FAR || csumoff_kernel_use(argv[2]) != CSUMOFF_OK) {
        fprintf(stderr, "usage: weights [MOST KERNEL]; MOST at most 20480, a KERNEL of this CPU\n");
        return 2;
    }
    is_trapped = how && strcmp(argv[2], "avxvnni") == 0 && strcmp(how, "natively") != 0;
    if (!kernel(most, is_trapped || strcmp(argv[2], "rvv") == 0))
        return EXIT_FAILURE;
    printf("%lu weights%s%s\n", weights, is_trapped ? " " : "", is_trapped ? how : "");
    return EXIT_SUCCESS;
}
