// SPDX-License-Identifier: MIT
/* Sums of one piece, of a copy, of many pieces. */
#include "kernel.h"

const uint8_t csumoff_zeros_[512] __attribute__((aligned(64))) = {0};

/* Apart, so that sums a kernel can do at once need no stack frame. */
__attribute__((noinline)) static csumoff_wsum partial_long(const uint8_t *src, size_t len,
                                                           csumoff_wsum sum)
{
    const struct csumoff_kernel *kernel = csumoff_kernel();

    for (; len > CSUMOFF_KERNEL_MOST; len -= CSUMOFF_KERNEL_MOST, src += CSUMOFF_KERNEL_MOST)
        sum = kernel->sum(src, CSUMOFF_KERNEL_MOST, sum);
    return kernel->sum(src, len, sum);
}

csumoff_wsum csumoff_partial(const void *data, size_t len, csumoff_wsum sum)
{
    const uint8_t *src = (const uint8_t *)data;

    if (len > CSUMOFF_KERNEL_MOST)
        return partial_long(src, len, sum);
    return csumoff_kernel()->sum(src, len, sum);
}

csumoff_wsum csumoff_partial_copy(void *dst, const void *src, size_t len, csumoff_wsum sum)
{
    const struct csumoff_kernel *kernel = csumoff_kernel();
    const uint8_t *from = (const uint8_t *)src;
    uint8_t *to = (uint8_t *)dst;

    for (; len > CSUMOFF_KERNEL_MOST; len -= CSUMOFF_KERNEL_MOST) {
        sum = kernel->copy(to, from, CSUMOFF_KERNEL_MOST, sum);
        from += CSUMOFF_KERNEL_MOST;
        to += CSUMOFF_KERNEL_MOST;
    }
    return kernel->copy(to, from, len, sum);
}

int csumoff_partial_iov(const struct csumoff_iov *iov, size_t count, size_t skip, size_t len,
                        csumoff_wsum *sum)
{
    csumoff_wsum total = *sum;
    size_t done = 0;

    if (skip > SIZE_MAX - len)
        return CSUMOFF_ERANGE;
    for (size_t i = 0; i < count && (skip || done < len); i++) {
        size_t past = skip < iov[i].len ? skip : iov[i].len;
        size_t rest = iov[i].len - past;
        size_t take = rest < len - done ? rest : len - done;

        skip -= past;
        if (!take)
            continue;
        total = csumoff_block_add(
            total, csumoff_partial((const uint8_t *)iov[i].base + past, take, 0), done);
        done += take;
    }
    if (skip || done < len)
        return CSUMOFF_ERANGE;
    *sum = total;
    return CSUMOFF_OK;
}
