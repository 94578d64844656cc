// SPDX-License-Identifier: MIT
/* Sending and receiving frames in pieces. */
#include "frame.h"

int csumoff_netfront_tx_iov(const struct csumoff_iov *iov, size_t count,
                            const struct csumoff_netfront_caps *caps,
                            const struct csumoff_tx_hint *hint, struct csumoff_netfront_slot *slot)
{
    struct csumoff_tx tx;
    const struct csumoff_layout *at = &tx.of.at;
    struct csumoff_head head;
    int status = csumoff_head_locate(iov, count, &head, &tx.of);

    if (status)
        return status;
    if (tx.of.status == CSUMOFF_OK)
        tx.clean = csumoff_pieces_clean(iov, count, at->csum_start + at->l4_len, tx.of.len);
    status = csumoff_tx_decide(&tx, caps, hint);
    if (status)
        return status;
    switch (tx.action) {
    case TX_SEED:
        status = csumoff_seed_iov(iov, count, at);
        break;
    case TX_FILL:
        status = csumoff_fill_iov(iov, count, at);
        break;
    case TX_FINISH:
        status = csumoff_pieces_finish(iov, count, tx.csum_start, tx.csum_offset, tx.end);
        csumoff_pieces_header(iov, count, &tx.of);
        break;
    case TX_HEADER:
        csumoff_pieces_header(iov, count, &tx.of);
        break;
    case TX_LEAVE:
        break;
    }
    if (status)
        return status;
    *slot = tx.slot;
    return CSUMOFF_OK;
}

int csumoff_netfront_rx_iov(const struct csumoff_iov *iov, size_t count, uint16_t flags,
                            uint8_t gso_type, uint16_t gso_size, struct csumoff_rx *rx)
{
    struct csumoff_head head;
    struct csumoff_view view;

    view.status = CSUMOFF_OK;
    if (is_partial(flags, gso_type)) {
        int status = csumoff_head_locate(iov, count, &head, &view);

        if (status)
            return status;
    }
    return csumoff_rx_decide(&view, flags, gso_type, gso_size, rx);
}

int csumoff_netfront_rx_finish_iov(const struct csumoff_iov *iov, size_t count, uint16_t flags)
{
    enum csumoff_rx_action action = RX_LEAVE;
    struct csumoff_head head;
    struct csumoff_view view;
    int status;

    if (!(flags & RX_TO_FINISH))
        return CSUMOFF_OK;
    status = csumoff_head_locate(iov, count, &head, &view);
    if (status == CSUMOFF_OK)
        status = csumoff_rx_finish_decide(&view, flags, &action);
    if (status)
        return status;
    if (action == RX_FINISH)
        return csumoff_pieces_finish(iov, count, view.at.csum_start, view.at.csum_offset,
                                     (size_t)view.at.csum_start + view.at.l4_len);
    return action == RX_FILL ? csumoff_fill_iov(iov, count, &view.at) : CSUMOFF_OK;
}
