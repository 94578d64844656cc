// SPDX-License-Identifier: MIT
/* Checks of the functions of csumoff_virtio.h, for the frame under test (glue.h). */
#ifndef CSUMOFF_FUZZ_VIRTIO_H
#define CSUMOFF_FUZZ_VIRTIO_H

#include "glue.h"

/* ---- The header in memory -------------------------------------------------------------------- */

static struct room header_room;

static inline uint16_t field(const uint8_t *p, unsigned form)
{
    uint16_t v;

    memcpy(&v, p, sizeof v);
    return form & CSUMOFF_VIRTIO_NATIVE ? v : (uint16_t)(p[0] | p[1] << 8);
}

static inline void check_form(const uint8_t raw[12], unsigned form)
{
    size_t size = form & CSUMOFF_VIRTIO_12 ? 12 : 10;
    const uint8_t *p = room_place(&header_room, raw, size, 12, at_end);
    struct csumoff_virtio_hdr hdr;

    MUST(csumoff_virtio_get(p, form, &hdr) == size);
    MUST(same(p, raw, size) && hdr.flags == raw[0] && hdr.gso_type == raw[1]);
    MUST(hdr.hdr_len == field(raw + 2, form) && hdr.gso_size == field(raw + 4, form));
    MUST(hdr.csum_start == field(raw + 6, form) && hdr.csum_offset == field(raw + 8, form));
    MUST(hdr.num_buffers == (size == 12 ? field(raw + 10, form) : 0));
    memset(header_room.bytes, 0x5A, size);
    MUST(csumoff_virtio_put(&hdr, form, header_room.bytes) == size);
    MUST(same(header_room.bytes, raw, size) && room_intact(&header_room));
}

/* ---- Sending --------------------------------------------------------------------------------- */

/* Sends the frame whole and in pieces. `w` is the wish that `hint`, which may be NULL, stands
 * for. Returns the status for the whole frame; after CSUMOFF_OK `expected` is the frame that was
 * sent. */
static inline int check_sent(const struct csumoff_virtio_caps *by, const struct csumoff_hint *hint,
                             const struct wish *w, struct csumoff_virtio_hdr *whole)
{
    const struct device d = {false, by->csum, by->csum, by->tso4, by->tso6, by->ecn, by->uso};
    struct csumoff_virtio_hdr hdr, untouched;
    struct csumoff_iov iov[PIECES + 1];
    struct order order;
    struct plan plan;
    const unsigned may = model_send(&truth, &d, w, &plan);
    int status = CSUMOFF_OK, first = CSUMOFF_OK;
    unsigned in_pieces;

    expect_plan(&plan);
    memset(&untouched, 0xA7, sizeof untouched);
    for (in_pieces = 0; in_pieces < 2; in_pieces++) {
        hdr = untouched;
        cut(fresh(), iov);
        status = in_pieces ? csumoff_virtio_tx_iov(iov, PIECES + 1, link_type, by, hint, &hdr)
                           : csumoff_virtio_tx(frame_room.bytes, len, link_type, by, hint, &hdr);
        if (!in_pieces)
            first = status;
        MUST(is_one_of(status, may) || (in_pieces && is_far() && status == CSUMOFF_ENOTSUP));
        if (status) {
            MUST(unchanged() && same(&hdr, &untouched, sizeof hdr));
            continue;
        }
        MUST(as_expected());
        MUST(read_hdr(&subject, &hdr, &order) == NULL);
        MUST(order.is_finish == plan.is_told && order.gso == plan.gso &&
             order.size == (plan.gso ? w->mss : 0));
        if (!in_pieces)
            *whole = hdr;
    }
    if (first == CSUMOFF_OK) {
        read_hdr(&subject, whole, &order);
        check_far_end(&d, &order, makes_right(&plan) && w->want == WANT_COMPUTE);
    }
    return first;
}

/* ---- Receiving ------------------------------------------------------------------------------- */

static inline int check_received(const struct csumoff_virtio_hdr *hdr,
                                 const struct csumoff_virtio_policy *believed,
                                 struct csumoff_rx *rx)
{
    struct csumoff_rx untouched, want, again;
    struct csumoff_iov iov[PIECES + 1];
    const unsigned may = expect_hdr(&truth, hdr, believed, &want);
    int status;

    memset(&untouched, 0xA7, sizeof untouched);
    *rx = again = untouched;
    status = csumoff_virtio_rx(fresh(), len, link_type, hdr, believed, rx);
    MUST(unchanged() && is_one_of(status, may));
    MUST(status ? same(rx, &untouched, sizeof *rx) : same_rx(rx, &want));
    cut(fresh(), iov);
    if (csumoff_virtio_rx_iov(iov, PIECES + 1, link_type, hdr, believed, &again) != status)
        MUST(is_far() && same(&again, &untouched, sizeof again));
    else
        MUST(status ? same(&again, &untouched, sizeof again) : same_rx(&again, &want));
    MUST(unchanged());
    return status;
}

static inline void check_completed(const struct csumoff_virtio_hdr *hdr,
                                   const struct csumoff_virtio_policy *believed)
{
    struct csumoff_iov iov[PIECES + 1];
    struct csumoff_rx rx;
    const unsigned may = expect_completed(expect_hdr(&truth, hdr, believed, &rx), &rx);
    int status = csumoff_virtio_rx_finish(fresh(), len, link_type, hdr, believed);

    MUST(is_one_of(status, may));
    MUST(status ? unchanged() : as_expected());
    cut(fresh(), iov);
    status = csumoff_virtio_rx_finish_iov(iov, PIECES + 1, link_type, hdr, believed);
    MUST(is_one_of(status, may) || (is_far() && status == CSUMOFF_ENOTSUP));
    MUST(status ? unchanged() : as_expected());
}

#endif
