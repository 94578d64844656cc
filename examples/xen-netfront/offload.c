// SPDX-License-Identifier: MIT
#include "offload.h"

#include "put.h"

#include <string.h>

enum {
    ETHERNET_HEADER = 14
};

int offload_connect(struct offload *o, struct ring *ring, const struct csumoff_netfront_caps *mine)
{
    struct csumoff_netfront_key keys[CSUMOFF_NETFRONT_KEYS];
    size_t count = csumoff_netfront_advertise(mine, keys, CSUMOFF_NETFRONT_KEYS);
    int status = 0;

    csumoff_netfront_read_caps(ring_backend_key, ring, &o->theirs);
    o->ring = ring;
    for (size_t i = 0; i < count && !status; i++)
        status = ring_write_key(ring, keys[i].key, keys[i].value);
    return status ? status : ring_connect(ring);
}

/* ---- Sending ------------------------------------------------------------------------------- */

static int put(struct offload *o, const struct iovec *pieces, size_t count,
               const struct csumoff_netfront_slot *slot)
{
    const struct ring_slot first = {slot->flags, slot->gso_type, slot->gso_size};
    const int status = put_frame(o->ring, o->theirs.sg, pieces, count, &first);

    if (status)
        return status;
    o->counts.seeded += (slot->flags & CSUMOFF_NETTXF_CSUM_BLANK) != 0;
    o->counts.complete += !(slot->flags & CSUMOFF_NETTXF_CSUM_BLANK);
    o->counts.gso += (slot->flags & CSUMOFF_NETTXF_EXTRA_INFO) != 0;
    return 0;
}

/* Lists the pieces of `len` bytes of a frame from `at` on; returns how many there are. */
static size_t part_of(const struct csumoff_iov *iov, size_t count, size_t at, size_t len,
                      struct iovec *part)
{
    size_t parts = 0;

    for (size_t i = 0; i < count && len; i++) {
        const size_t here = iov[i].len > at ? iov[i].len - at : 0, most = here < len ? here : len;

        if (most)
            part[parts++] = (struct iovec){(uint8_t *)iov[i].base + at, most};
        at = here ? 0 : at - iov[i].len;
        len -= most;
    }
    return parts;
}

/* Segments with seeds: their headers are written, their payload stays where it is. Returns
 * CSUMOFF_ENOTSUP if the backend finishes no such segments; then none was sent. */
static int send_seeded(struct offload *o, const struct csumoff_iov *iov, size_t count, uint16_t mss)
{
    const struct csumoff_hint seeded = {.want = CSUMOFF_TX_SEEDED};
    uint8_t head[CSUMOFF_SEGMENT_HEADERS];
    struct iovec pieces[1 + RING_PIECES] = {{head, 0}};
    struct csumoff_netfront_slot slot;
    struct csumoff_segments cut;
    size_t at, len;
    int status = csumoff_segment_begin_iov(&cut, iov, count, CSUMOFF_LINK_ETHERNET, mss, true);

    while (!status) {
        status = csumoff_segment_next_head(&cut, head, sizeof head, &pieces->iov_len, &at, &len);
        if (status || !pieces->iov_len)
            break;
        status = csumoff_netfront_tx_head(head, pieces->iov_len, pieces->iov_len + len, &o->theirs,
                                          &seeded, &slot);
        if (!status)
            status = put(o, pieces, 1 + part_of(iov, count, at, len, pieces + 1), &slot);
    }
    return status;
}

/* Segments that are complete: each is summed while it is copied into the ring's own page. */
static int send_complete(struct offload *o, const struct csumoff_iov *iov, size_t count,
                         uint16_t mss)
{
    const struct csumoff_netfront_slot verified = {CSUMOFF_NETTXF_DATA_VALIDATED, 0, 0};
    uint8_t *room = o->longer;
    struct csumoff_segments cut;
    struct iovec piece;
    int status = csumoff_segment_begin_iov(&cut, iov, count, CSUMOFF_LINK_ETHERNET, mss, false);

    while (!status) {
        if (cut.len_max <= RING_SLOT_MAX)
            room = (uint8_t *)ring_page(o->ring);
        status = csumoff_segment_next(&cut, room, cut.len_max, &piece.iov_len);
        if (status || !piece.iov_len)
            break;
        piece.iov_base = room;
        status = put(o, &piece, 1, &verified);
    }
    return status;
}

/* The backend takes no super-frames of this kind. */
static int send_segments(struct offload *o, const struct csumoff_iov *iov, size_t count,
                         const struct csumoff_hint *hint)
{
    int status = CSUMOFF_ENOTSUP;

    if (hint->want == CSUMOFF_TX_AS_IS)
        return status;
    o->counts.cut++;
    if (o->theirs.csum_ipv4 || o->theirs.csum_ipv6)
        status = send_seeded(o, iov, count, hint->mss);
    return status == CSUMOFF_ENOTSUP ? send_complete(o, iov, count, hint->mss) : status;
}

int offload_send(struct offload *o, const struct iovec *pieces, size_t count,
                 const struct csumoff_hint *hint)
{
    struct csumoff_iov iov[RING_PIECES] = {{NULL, 0}};
    struct csumoff_netfront_slot slot;
    struct iovec copy;
    int status;

    /* Linux's backend wants the Ethernet header in the first slot. */
    if (count == 0 || count > RING_PIECES || pieces->iov_len < ETHERNET_HEADER)
        return CSUMOFF_ERANGE;
    for (size_t i = 0; i < count; i++)
        iov[i] = (struct csumoff_iov){pieces[i].iov_base, pieces[i].iov_len};
    if (count == 1 && pieces->iov_len <= RING_SLOT_MAX) {
        copy = (struct iovec){ring_page(o->ring), pieces->iov_len};
        status = csumoff_netfront_tx_copy(copy.iov_base, pieces->iov_base, pieces->iov_len,
                                          &o->theirs, hint, &slot);
        pieces = &copy;
    } else {
        status = csumoff_netfront_tx_iov(iov, count, &o->theirs, hint, &slot);
    }
    if (status == CSUMOFF_ENOTSUP && hint && hint->mss)
        return send_segments(o, iov, count, hint);
    return status ? status : put(o, pieces, count, &slot);
}

/* ---- Receiving ----------------------------------------------------------------------------- */

/* Copies a frame out of pages that the other side may still write to: whatever is decided is
 * decided by the copy. */
static int copy_out(uint8_t *frame, const struct ring_frame *in, bool finish,
                    const struct csumoff_netfront_slot *slot)
{
    uint8_t *to = frame;

    if (finish && in->count == 1)
        return csumoff_netfront_rx_finish_copy(frame, in->pieces->iov_base, in->len, slot);
    for (size_t i = 0; i < in->count; to += in->pieces[i++].iov_len)
        memcpy(to, in->pieces[i].iov_base, in->pieces[i].iov_len);
    return finish ? csumoff_netfront_rx_finish(frame, in->len, slot) : CSUMOFF_OK;
}

int offload_receive(struct offload *o, void *frame, size_t room, bool finish, size_t *len,
                    struct csumoff_rx *rx)
{
    struct ring_frame in;
    struct csumoff_netfront_slot slot;
    int status;

    *len = 0;
    if (!ring_receive(o->ring, &in))
        return CSUMOFF_OK;
    slot = (struct csumoff_netfront_slot){in.slot.flags, in.slot.gso_type, in.slot.gso_size};
    status = in.len > room ? CSUMOFF_ERANGE : copy_out((uint8_t *)frame, &in, finish, &slot);
    ring_release(o->ring);
    if (!status)
        status = csumoff_netfront_rx(frame, in.len, &slot, rx);
    if (status)
        return status;
    if (finish && rx->state == CSUMOFF_PARTIAL)
        *rx = (struct csumoff_rx){
            .state = CSUMOFF_UNNECESSARY, .gso_type = rx->gso_type, .gso_size = rx->gso_size};
    *len = in.len;
    return CSUMOFF_OK;
}
