// SPDX-License-Identifier: MIT
/*
 * That no jump and no address in a kernel follows from data. Run it under valgrind: the data are
 * marked as uninitialised, and it complains of any that does. Kernels of AVX-512 it can't run.
 *
 * usage: paths             sums and copies of every length to 1900, at some alignments
 *        paths control     branches on a sum; has to be complained of
 */
#include <csumoff.h>
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

enum {
    LINE = 64,
    MOST = 1900
};

static uint8_t src[MOST + LINE] __attribute__((aligned(LINE)));
static uint8_t dst[MOST + LINE] __attribute__((aligned(LINE)));

static volatile csumoff_wsum unfolded;
static volatile csumoff_sum16 folded;

static void lengths(size_t offset)
{
    for (size_t len = 0; len <= MOST; len++) {
        csumoff_wsum sum = csumoff_partial(src + offset, len, 0);

        sum = csumoff_partial_copy(dst + offset, src, len, sum);
        unfolded = sum;
        folded = csumoff_fold(sum);
    }
}

int main(int argc, char **argv)
{
    static const size_t offsets[] = {0, 1, 2, 7, 16, 31, 33, 63};

    (void)VALGRIND_MAKE_MEM_UNDEFINED(src, sizeof src);
    if (argc == 2 && strcmp(argv[1], "control") == 0) {
        if (csumoff_partial(src, 100, 0) == 1)
            puts("one");
        return 0;
    }
    for (size_t i = 0; i < csumoff_kernel_count(); i++) {
        if (csumoff_kernel_use(csumoff_kernel_name(i)) != CSUMOFF_OK)
            continue;
        for (size_t j = 0; j < sizeof offsets / sizeof *offsets; j++)
            lengths(offsets[j]);
        puts(csumoff_kernel_name(i));
    }
    return 0;
}
