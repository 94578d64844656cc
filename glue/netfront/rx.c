// SPDX-License-Identifier: MIT
/* Receiving: what xennet_get_responses() and xennet_poll() do for an skb. */
#include "frame.h"

/* A GSO type and size that the backend gives, against the frame that it gives them for. */
static int check_slot(uint8_t gso_type, uint16_t gso_size, const struct csumoff_layout *at)
{
    uint8_t version = gso_type == CSUMOFF_NETIF_GSO_TYPE_TCPV4 ? 4 : 6;

    if (at->l4_proto != PROTO_TCP || at->ip_version != version || gso_size == 0)
        return CSUMOFF_EHDR;
    return CSUMOFF_OK;
}

int csumoff_netfront_rx(const void *frame, size_t len, uint16_t flags, uint8_t gso_type,
                        uint16_t gso_size, struct csumoff_rx *rx)
{
    bool is_blank = flags & CSUMOFF_NETRXF_CSUM_BLANK;
    struct csumoff_rx found;
    struct csumoff_layout at;
    int status;

    if (gso_type > CSUMOFF_NETIF_GSO_TYPE_TCPV6)
        return CSUMOFF_ENOTSUP;
    found.state = CSUMOFF_NONE;
    found.csum_start = found.csum_offset = 0;
    found.gso_type = 0;
    found.gso_size = 0;
    found.no_seed = false;
    if (is_blank || gso_type) {
        status = csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at);
        if (status == CSUMOFF_OK && gso_type)
            status = check_slot(gso_type, gso_size, &at);
        if (status)
            return status;
        found.state = CSUMOFF_PARTIAL;
        found.csum_start = at.csum_start;
        found.csum_offset = at.csum_offset;
        /* No seed is 0: the protocol's number is in it. */
        found.no_seed = !is_blank || csumoff_load16_((const uint8_t *)frame + at.csum_start +
                                                     at.csum_offset) == 0;
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

int csumoff_netfront_rx_finish(void *frame, size_t len, uint16_t flags)
{
    bool is_blank = flags & CSUMOFF_NETRXF_CSUM_BLANK;
    uint8_t *p = (uint8_t *)frame;
    struct csumoff_layout at;
    int status;

    if (!is_blank && !(flags & CSUMOFF_NETRXF_EXTRA_INFO))
        return CSUMOFF_OK;
    status = csumoff_locate(p, len, CSUMOFF_LINK_ETHERNET, &at);
    if (!is_blank && (status || at.l4_proto != PROTO_TCP))
        return CSUMOFF_OK; /* the extra slot isn't about GSO */
    if (status)
        return status;
    if (is_blank && csumoff_load16_(p + at.csum_start + at.csum_offset) != 0)
        return csumoff_finish(p, at.csum_start + at.l4_len, at.csum_start, at.csum_offset);
    return csumoff_fill(p, len, CSUMOFF_LINK_ETHERNET);
}
