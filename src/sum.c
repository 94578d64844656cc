// SPDX-License-Identifier: MIT
/* Sums of data in one piece, of data in many pieces, and of data that is copied. */
#include "kernel.h"
#include "pieces.h"

/* Out of line, so that the common path needs no stack frame. */
CSUMOFF_NOINLINE static csumoff_wsum partial_long(csumoff_sum_fn *fn, const uint8_t *src,
                                                  size_t len, csumoff_wsum sum)
{
    for (; len > CSUMOFF_KERNEL_MOST; len -= CSUMOFF_KERNEL_MOST, src += CSUMOFF_KERNEL_MOST)
        sum = fn(src, CSUMOFF_KERNEL_MOST, sum);
    return fn(src, len, sum);
}

csumoff_wsum csumoff_partial(const void *data, size_t len, csumoff_wsum sum)
{
    const uint8_t *src = (const uint8_t *)data;

    if (len > CSUMOFF_KERNEL_MOST)
        return partial_long(csumoff_kernel()->sum, src, len, sum);
    /* Without any byte there is no access, because even a masked load of no byte may wait for its
     * cache line. */
    return len ? csumoff_kernel()->sum(src, len, sum) : sum;
}

csumoff_wsum csumoff_partial_scalar(const void *data, size_t len, csumoff_wsum sum)
{
    return len ? partial_long(csumoff_scalar_sum_, (const uint8_t *)data, len, sum) : sum;
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
    return len ? kernel->copy(to, from, len, sum) : sum;
}

int csumoff_partial_iov(const struct csumoff_iov *iov, size_t count, size_t skip, size_t len,
                        csumoff_wsum *sum)
{
    struct csumoff_walk walk = csumoff_walk(iov, count, skip, len);
    csumoff_wsum total = *sum;
    size_t done = 0, n;
    uint8_t *bytes;

    if (skip > SIZE_MAX - len)
        return CSUMOFF_ERANGE;
    while (csumoff_walk_on(&walk, &bytes, &n)) {
        total = csumoff_block_add(total, csumoff_partial(bytes, n, 0), done);
        done += n;
    }
    if (csumoff_walk_fell_short(&walk))
        return CSUMOFF_ERANGE;
    *sum = total;
    return CSUMOFF_OK;
}

/* Copies the bytes that are left of a walk to `to`. Returns their sum added to `sum`. */
static csumoff_wsum copy_walk(struct csumoff_walk *walk, uint8_t *to, csumoff_wsum sum)
{
    size_t done = 0, n;
    uint8_t *bytes;

    while (csumoff_walk_on(walk, &bytes, &n)) {
        sum = csumoff_block_add(sum, csumoff_partial_copy(to + done, bytes, n, 0), done);
        done += n;
    }
    return sum;
}

int csumoff_partial_copy_iov(void *dst, const struct csumoff_iov *iov, size_t count, size_t skip,
                             size_t len, csumoff_wsum *sum)
{
    struct csumoff_walk walk = csumoff_walk(iov, count, skip, len);
    uint8_t *bytes;
    size_t n;

    if (skip > SIZE_MAX - len)
        return CSUMOFF_ERANGE;
    while (csumoff_walk_on(&walk, &bytes, &n))
        continue; /* lengths come first: nothing is written if the pieces fall short */
    if (csumoff_walk_fell_short(&walk))
        return CSUMOFF_ERANGE;
    walk = csumoff_walk(iov, count, skip, len);
    *sum = copy_walk(&walk, (uint8_t *)dst, *sum);
    return CSUMOFF_OK;
}

void csumoff_gather_(const struct csumoff_iov *iov, size_t count, size_t skip, uint8_t *to,
                     size_t n)
{
    struct csumoff_walk walk = csumoff_walk(iov, count, skip, n);

    (void)copy_walk(&walk, to, 0);
}
