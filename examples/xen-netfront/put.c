// SPDX-License-Identifier: MIT
#include "put.h"

#include <errno.h>
#include <string.h>

/* False: together they are longer than a slot. */
static bool join(const struct iovec *pieces, size_t count, struct iovec *one)
{
    uint8_t *to = one->iov_base;

    one->iov_len = 0;
    for (size_t i = 0; i < count; one->iov_len += pieces[i++].iov_len) {
        if (pieces[i].iov_len > RING_SLOT_MAX - one->iov_len)
            return false;
        memcpy(to + one->iov_len, pieces[i].iov_base, pieces[i].iov_len);
    }
    return true;
}

int put_frame(struct ring *ring, bool sg, const struct iovec *pieces, size_t count,
              const struct ring_slot *slot)
{
    uint8_t whole[RING_SLOT_MAX];
    struct iovec one = {whole, 0};
    int status;

    if (!sg && count == 1 && pieces->iov_len > RING_SLOT_MAX)
        return EMSGSIZE;
    if (!sg && count > 1) {
        if (!join(pieces, count, &one))
            return EMSGSIZE;
        pieces = &one;
        count = 1;
    }
    while ((status = ring_send(ring, pieces, count, slot)) == EAGAIN)
        if (ring_wait(ring, 10000))
            return ETIMEDOUT;
    return status;
}
