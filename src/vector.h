// SPDX-License-Identifier: MIT
/*
 * The body shared by kernels whose vectors have 16 or 32 bytes and no byte masks. The kernel's file
 * defines, before it includes this one:
 *   TARGET                 the function attribute that turns its instructions on
 *   VEC                    the vector of data;  VEC_LOAD(src)  VEC_STORE(dst, v): any alignment
 *   ACC, ACC_ZERO          a vector of 32-bit totals, and how it begins
 *   ACC_ADD(acc, v, i)     acc and the words of v, where v is the i-th of a row of eight
 *   ACC_JOIN(a, b)         lane by lane
 *   ACC_TOTAL(acc, n)      the sum of the words of n vectors, modulo 2^32
 */
#include "kernel.h"

/* Below this a head of up to sizeof(VEC) - 1 bytes costs more than loads that cross a line. */
#define ALIGN_FROM 512

TARGET CSUMOFF_INLINE uint64_t vectors(bool copy, uint8_t *dst, const uint8_t *src, size_t count)
{
#define TAKE(i)                                                                                    \
    do {                                                                                           \
        VEC v = VEC_LOAD(src + (i) * sizeof(VEC));                                                 \
                                                                                                   \
        if (copy)                                                                                  \
            VEC_STORE(dst + (i) * sizeof(VEC), v);                                                 \
        acc[(i) % 4] = ACC_ADD(acc[(i) % 4], v, i);                                                \
    } while (0)
#define SKIP(n) (src += (n) * sizeof(VEC), dst += (n) * sizeof(VEC))
    ACC acc[4] = {ACC_ZERO, ACC_ZERO, ACC_ZERO, ACC_ZERO};
    size_t n = count;

    for (; n >= 8; n -= 8, SKIP(8)) {
        TAKE(0);
        TAKE(1);
        TAKE(2);
        TAKE(3);
        TAKE(4);
        TAKE(5);
        TAKE(6);
        TAKE(7);
    }
    if (n & 4) {
        TAKE(0);
        TAKE(1);
        TAKE(2);
        TAKE(3);
        SKIP(4);
    }
    if (n & 2) {
        TAKE(0);
        TAKE(1);
        SKIP(2);
    }
    if (n & 1)
        TAKE(0);
    return ACC_TOTAL(ACC_JOIN(ACC_JOIN(acc[0], acc[1]), ACC_JOIN(acc[2], acc[3])), count);
#undef SKIP
#undef TAKE
}

TARGET CSUMOFF_INLINE csumoff_wsum body(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    uint64_t head_sum = 0, sum;
    size_t head = 0, count;

    /* Stores across a line cost more than loads do, so a copy is aligned to where it goes. */
    if (len >= ALIGN_FROM) {
        head = -(uintptr_t)dst % sizeof(VEC);
        head_sum = csumoff_short(copy, dst, src, head);
        src += head;
        dst += head;
        len -= head;
    }
    count = len / sizeof(VEC);
    sum = vectors(copy, dst, src, count);
    src += count * sizeof(VEC);
    dst += count * sizeof(VEC);
    sum = csumoff_add64(sum, csumoff_short(copy, dst, src, len % sizeof(VEC)));
    return csumoff_block_add(csumoff_fold64_(head_sum), csumoff_fold64_(sum), head);
}
