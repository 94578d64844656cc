// SPDX-License-Identifier: MIT
#include "offload.h"

#include "put.h"

#include <string.h>

enum {
    ETHERNET_HEADER = 14
};

int offload_connect(struct offload *o, struct ring *ring, const struct csumoff_netfront_caps *mine)
{
    struct csumoff_netfront_key keys[16];
    size_t count = csumoff_netfront_advertise(mine, keys, 16);
    int status = csumoff_netfront_read_caps(ring_backend_key, ring, &o->theirs);

    o->ring = ring;
    for (size_t i = 0; i < count && !status; i++)
        status = ring_write_key(ring, keys[i].key, keys[i].value);
    return status ? status : ring_connect(ring);
}

static int put(struct offload *o, const struct iovec *pieces, size_t count,
               const struct csumoff_netfront_slot *slot)
{
    const struct ring_slot first = {slot->flags, slot->gso_type, slot->gso_size};

    return put_frame(o->ring, o->theirs.sg, pieces, count, &first);
}

/* The backend takes no super-frames of this kind. */
static int send_segments(struct offload *o, const struct iovec *frame, uint16_t mss)
{
    uint8_t segment[RING_FRAME_MAX];
    struct iovec piece = {segment, 0};
    const struct csumoff_netfront_slot complete = {CSUMOFF_NETTXF_DATA_VALIDATED, 0, 0};
    struct csumoff_segments cut;
    int status = csumoff_segment_begin(&cut, frame->iov_base, frame->iov_len, mss, false);

    while (!status) {
        status = csumoff_segment_next(&cut, segment, sizeof segment, &piece.iov_len);
        if (status || !piece.iov_len)
            break;
        status = put(o, &piece, 1, &complete);
    }
    return status;
}

int offload_send(struct offload *o, const struct iovec *pieces, size_t count,
                 const struct csumoff_tx_hint *hint)
{
    struct csumoff_iov iov[RING_PIECES] = {{NULL, 0}};
    struct csumoff_netfront_slot slot;
    int status;

    /* Linux's backend wants the Ethernet header in the first slot. */
    if (count == 0 || count > RING_PIECES || pieces->iov_len < ETHERNET_HEADER)
        return CSUMOFF_ERANGE;
    for (size_t i = 0; i < count; i++)
        iov[i] = (struct csumoff_iov){pieces[i].iov_base, pieces[i].iov_len};
    status = csumoff_netfront_tx_iov(iov, count, &o->theirs, hint, &slot);
    if (status == CSUMOFF_ENOTSUP && hint && hint->mss && count == 1)
        return send_segments(o, pieces, hint->mss);
    return status ? status : put(o, pieces, count, &slot);
}

int offload_receive(struct offload *o, void *frame, size_t room, bool finish, size_t *len,
                    struct csumoff_rx *rx)
{
    struct ring_frame in;
    const struct ring_slot *slot = &in.slot;
    uint8_t *to = frame;
    int status;

    *len = 0;
    if (!ring_receive(o->ring, &in))
        return CSUMOFF_OK;
    /* Copied first: the other side may change its pages while they are looked at. */
    status = in.len > room ? CSUMOFF_ERANGE : CSUMOFF_OK;
    for (size_t i = 0; i < in.count && !status; to += in.pieces[i++].iov_len)
        memcpy(to, in.pieces[i].iov_base, in.pieces[i].iov_len);
    if (!status)
        status =
            csumoff_netfront_rx(frame, in.len, slot->flags, slot->gso_type, slot->gso_size, rx);
    if (!status && finish)
        status = csumoff_netfront_rx_finish(frame, in.len, slot->flags);
    ring_release(o->ring);
    if (status)
        return status;
    if (finish && rx->state == CSUMOFF_PARTIAL)
        rx->state = CSUMOFF_UNNECESSARY;
    *len = in.len;
    return CSUMOFF_OK;
}
