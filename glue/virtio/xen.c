// SPDX-License-Identifier: MIT
/* Between virtio's header and Xen's slot. */
#include "../../include/csumoff_virtio.h"
#include "../wire.h"

static bool is_blank(enum csumoff_xen_side side, uint16_t flags)
{
    return flags & (side == CSUMOFF_XEN_TX ? CSUMOFF_NETTXF_CSUM_BLANK : CSUMOFF_NETRXF_CSUM_BLANK);
}

static bool is_validated(enum csumoff_xen_side side, uint16_t flags)
{
    return flags &
           (side == CSUMOFF_XEN_TX ? CSUMOFF_NETTXF_DATA_VALIDATED : CSUMOFF_NETRXF_DATA_VALIDATED);
}

/* The flags that say it; extra_info is the same bit on both sides. */
static uint16_t to_flags(enum csumoff_xen_side side, enum csumoff_state state, bool is_gso)
{
    int flags = is_gso ? CSUMOFF_NETTXF_EXTRA_INFO : 0;

    if (state == CSUMOFF_PARTIAL)
        flags |= CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED; /* both, both sides */
    else if (state == CSUMOFF_UNNECESSARY)
        flags |=
            side == CSUMOFF_XEN_TX ? CSUMOFF_NETTXF_DATA_VALIDATED : CSUMOFF_NETRXF_DATA_VALIDATED;
    return (uint16_t)flags;
}

int csumoff_virtio_from_xen(const void *frame, size_t len, enum csumoff_xen_side side,
                            const struct csumoff_netfront_slot *slot,
                            struct csumoff_virtio_hdr *hdr)
{
    const uint8_t *p = (const uint8_t *)frame;
    bool has_extra = slot->flags & CSUMOFF_NETTXF_EXTRA_INFO, blank = is_blank(side, slot->flags);
    uint16_t flags =
        (uint16_t)((blank ? CSUMOFF_NETRXF_CSUM_BLANK : 0) |
                   (is_validated(side, slot->flags) ? CSUMOFF_NETRXF_DATA_VALIDATED : 0));
    struct csumoff_virtio_hdr out;
    struct csumoff_layout at;
    struct csumoff_rx rx;
    int status =
        csumoff_netfront_rx(frame, len, flags, has_extra ? slot->gso_type : 0, slot->gso_size, &rx);

    if (status)
        return status;
    out.flags = out.gso_type = 0;
    out.hdr_len = out.gso_size = out.csum_start = out.csum_offset = out.num_buffers = 0;
    if (rx.state == CSUMOFF_PARTIAL) {
        if (!blank)
            return CSUMOFF_EHDR;
        if (csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at) || !is_internet_l4(&at))
            return CSUMOFF_ENOTSUP;
        out.flags = CSUMOFF_VIRTIO_NEEDS_CSUM;
        out.csum_start = (uint16_t)rx.csum_start;
        out.csum_offset = (uint16_t)rx.csum_offset;
    } else if (rx.state == CSUMOFF_UNNECESSARY) {
        out.flags = CSUMOFF_VIRTIO_DATA_VALID;
    }
    if (rx.gso_type) {
        out.gso_type = rx.gso_type == CSUMOFF_NETIF_GSO_TYPE_TCPV4 ? CSUMOFF_VIRTIO_GSO_TCPV4
                                                                   : CSUMOFF_VIRTIO_GSO_TCPV6;
        if (p[rx.csum_start + TCP_FLAGS] & TCP_CWR)
            out.gso_type |= CSUMOFF_VIRTIO_GSO_ECN;
        out.gso_size = rx.gso_size;
        out.hdr_len = (uint16_t)(rx.csum_start + (p[rx.csum_start + TCP_DATA_OFFSET] >> 4) * 4);
    }
    *hdr = out;
    return CSUMOFF_OK;
}

int csumoff_xen_from_virtio(const void *frame, size_t len, const struct csumoff_virtio_hdr *hdr,
                            enum csumoff_xen_side side, struct csumoff_netfront_slot *slot)
{
    static const struct csumoff_virtio_policy all = {true, true};
    struct csumoff_netfront_slot out;
    struct csumoff_virtio_rx rx;
    struct csumoff_layout at;
    enum csumoff_drop why;
    int status = csumoff_virtio_rx(frame, len, hdr, &all, &rx);

    if (status)
        return status;
    switch (rx.gso_type & ~CSUMOFF_VIRTIO_GSO_ECN) {
    case CSUMOFF_VIRTIO_GSO_NONE:
        out.gso_type = CSUMOFF_NETIF_GSO_TYPE_NONE;
        break;
    case CSUMOFF_VIRTIO_GSO_TCPV4:
        out.gso_type = CSUMOFF_NETIF_GSO_TYPE_TCPV4;
        break;
    case CSUMOFF_VIRTIO_GSO_TCPV6:
        out.gso_type = CSUMOFF_NETIF_GSO_TYPE_TCPV6;
        break;
    default:
        return CSUMOFF_ENOTSUP;
    }
    if (rx.gso_type && rx.state != CSUMOFF_PARTIAL)
        return CSUMOFF_ENOTSUP; /* coalesced, with no seed: GSO without csum_blank */
    out.gso_size = rx.gso_type ? rx.gso_size : 0;
    /* What the other side finds for itself has to be what the header says. */
    out.flags = to_flags(CSUMOFF_XEN_TX, rx.state, rx.gso_type);
    status = csumoff_netback_accepts(frame, len, &out, &why);
    if (status)
        return status;
    if (why != CSUMOFF_DROP_NONE)
        return CSUMOFF_ENOTSUP;
    if (rx.state == CSUMOFF_PARTIAL &&
        (csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at) != CSUMOFF_OK ||
         at.csum_start != rx.csum_start || at.csum_offset != rx.csum_offset))
        return CSUMOFF_ENOTSUP;
    out.flags = to_flags(side, rx.state, rx.gso_type);
    *slot = out;
    return CSUMOFF_OK;
}
