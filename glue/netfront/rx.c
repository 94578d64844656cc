// SPDX-License-Identifier: MIT
/* Receiving: what xennet_get_responses() and xennet_poll() do for an skb. */
#include "frame.h"

/* A GSO type and size that the backend gives, against the frame that it gives them for. */
static int check_slot(uint8_t gso_type, uint16_t gso_size, const struct csumoff_view *view)
{
    const struct csumoff_layout *at = &view->at;
    uint8_t version = gso_type == CSUMOFF_NETIF_GSO_TYPE_TCPV4 ? 4 : 6;

    if (at->l4_proto != PROTO_TCP || at->ip_version != version || gso_size == 0 ||
        !is_plain(view->bytes, at))
        return CSUMOFF_EHDR;
    return CSUMOFF_OK;
}

int csumoff_rx_decide(const struct csumoff_view *view, uint16_t flags, uint8_t gso_type,
                      uint16_t gso_size, struct csumoff_rx *rx)
{
    struct csumoff_rx found;
    int status;

    if (gso_type > CSUMOFF_NETIF_GSO_TYPE_TCPV6)
        return CSUMOFF_ENOTSUP;
    found.state = CSUMOFF_NONE;
    found.csum_start = found.csum_offset = 0;
    found.gso_type = 0;
    found.gso_size = 0;
    found.no_seed = false;
    if (is_partial(flags, gso_type)) {
        status = view->status;
        if (status == CSUMOFF_OK && gso_type)
            status = check_slot(gso_type, gso_size, view);
        if (status)
            return status;
        found.state = CSUMOFF_PARTIAL;
        found.csum_start = view->at.csum_start;
        found.csum_offset = view->at.csum_offset;
        /* A seed isn't 0: the protocol's number is in it. A CRC has none. */
        found.no_seed = !(flags & CSUMOFF_NETRXF_CSUM_BLANK) ||
                        (view->at.csum_kind == CSUMOFF_INTERNET && csumoff_field(view) == 0);
        if (gso_type) {
            found.gso_type = gso_type;
            found.gso_size = gso_size;
        }
    } else if (flags & CSUMOFF_NETRXF_DATA_VALIDATED) {
        found.state = CSUMOFF_UNNECESSARY;
    }
    *rx = found;
    return CSUMOFF_OK;
}

int csumoff_rx_finish_decide(const struct csumoff_view *view, uint16_t flags,
                             enum csumoff_rx_action *action)
{
    if (!(flags & CSUMOFF_NETRXF_CSUM_BLANK)) {
        if (view->status == CSUMOFF_OK && view->at.l4_proto == PROTO_TCP)
            *action = RX_FILL;
        return CSUMOFF_OK; /* else the extra slot isn't about GSO */
    }
    if (view->status == CSUMOFF_OK)
        *action =
            view->at.csum_kind == CSUMOFF_INTERNET && csumoff_field(view) ? RX_FINISH : RX_FILL;
    return view->status;
}

int csumoff_netfront_rx(const void *frame, size_t len, uint16_t flags, uint8_t gso_type,
                        uint16_t gso_size, struct csumoff_rx *rx)
{
    struct csumoff_view view;

    view.bytes = (const uint8_t *)frame;
    view.status = CSUMOFF_OK;
    if (is_partial(flags, gso_type))
        view.status = csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &view.at);
    return csumoff_rx_decide(&view, flags, gso_type, gso_size, rx);
}

int csumoff_netfront_rx_finish(void *frame, size_t len, uint16_t flags)
{
    struct csumoff_view view;
    enum csumoff_rx_action action = RX_LEAVE;
    int status;

    if (!(flags & RX_TO_FINISH))
        return CSUMOFF_OK;
    view.bytes = (const uint8_t *)frame;
    view.status = csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &view.at);
    status = csumoff_rx_finish_decide(&view, flags, &action);
    if (action == RX_FINISH)
        return csumoff_finish_at(frame, len, &view.at);
    if (action == RX_FILL)
        return csumoff_fill_at(frame, len, &view.at);
    return status;
}
