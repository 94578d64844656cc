// SPDX-License-Identifier: MIT
/*
 * The functions that bench/wasm.mjs measures. The loops are inside the module, as in a program,
 * because a call from JavaScript costs more than a short sum. Each call begins with the result of
 * the one before.
 */
#include "csumoff.h"

#define EXPORT(name) __attribute__((export_name(#name)))

typedef uint32_t lanes __attribute__((vector_size(16)));
typedef lanes lanes_anywhere __attribute__((aligned(1), may_alias));

EXPORT(kernel_count) size_t bench_kernel_count(void)
{
    return csumoff_kernel_count();
}

EXPORT(kernel_name) const char *bench_kernel_name(size_t i)
{
    return csumoff_kernel_name(i);
}

EXPORT(kernel_use) int bench_kernel_use(size_t i)
{
    return csumoff_kernel_use(csumoff_kernel_name(i));
}

EXPORT(sum) csumoff_wsum bench_sum(const uint8_t *src, size_t len, size_t times)
{
    csumoff_wsum sum = 0;

    while (times--)
        sum = csumoff_partial(src, len, sum);
    return sum;
}

/* Sums data of changing lengths, more of them than a branch predictor learns. */
EXPORT(sum_mixed) csumoff_wsum bench_sum_mixed(const uint8_t *src, const uint16_t *lens, size_t n)
{
    csumoff_wsum sum = 0;
    size_t i;

    for (i = 0; i < n; i++)
        sum = csumoff_partial(src, lens[i], sum);
    return sum;
}

EXPORT(copy) csumoff_wsum bench_copy(const uint8_t *src, size_t len, size_t times, uint8_t *dst)
{
    csumoff_wsum sum = 0;

    while (times--)
        sum = csumoff_partial_copy(dst, src, len, sum);
    return sum;
}

/* Only reads the data, in loads of at least 16 bytes with one addition each. */
__attribute__((noinline)) static uint32_t read_once(const uint8_t *src, size_t len, uint32_t sum)
{
    const lanes_anywhere *v = (const lanes_anywhere *)src;
    lanes a = *(const lanes_anywhere *)(src + len - 16), b = {sum}, c = {0}, d = {0};

    for (; len >= 128; len -= 128, v += 8) {
        a += v[0], b += v[1], c += v[2], d += v[3];
        a += v[4], b += v[5], c += v[6], d += v[7];
    }
    for (; len >= 16; len -= 16)
        a += *v++;
    a += b + c + d;
    return a[0] + a[1] + a[2] + a[3];
}

EXPORT(read) uint32_t bench_read(const uint8_t *src, size_t len, size_t times)
{
    uint32_t sum = 0;

    while (times--)
        sum = read_once(src, len, sum);
    return sum;
}
