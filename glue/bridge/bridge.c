// SPDX-License-Identifier: MIT
/* Between Xen's slots and virtio-net's headers. */
#include "../../include/csumoff_xen_virtio.h"
#include "../wire.h"

/* Returns the flags of one side that say what those of the other side do; more_data and extra_info
 * are the same bits on both. */
static uint16_t swap_sides(uint16_t flags)
{
    int swapped = flags & ~(CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED);

    if (flags & CSUMOFF_NETTXF_CSUM_BLANK)
        swapped |= CSUMOFF_NETRXF_CSUM_BLANK;
    if (flags & CSUMOFF_NETTXF_DATA_VALIDATED)
        swapped |= CSUMOFF_NETRXF_DATA_VALIDATED;
    return (uint16_t)swapped;
}

/* Fills in the GSO fields of a header for a located TCP super-frame. */
static void set_gso(const uint8_t *frame, const struct csumoff_layout *layout,
                    const struct csumoff_rx *rx, struct csumoff_virtio_hdr *hdr)
{
    hdr->gso_type =
        rx->gso_type == CSUMOFF_GSO_TCPV4 ? CSUMOFF_VIRTIO_GSO_TCPV4 : CSUMOFF_VIRTIO_GSO_TCPV6;
    if (frame[layout->l4_start + TCP_FLAGS] & TCP_CWR)
        hdr->gso_type |= CSUMOFF_VIRTIO_GSO_ECN;
    hdr->gso_size = rx->gso_size;
    hdr->hdr_len =
        (uint16_t)(layout->payload_start ? layout->payload_start : layout->l4_start + TCP_HEADER);
}

int csumoff_virtio_from_xen(const void *frame, size_t len, enum csumoff_xen_side side,
                            const struct csumoff_netfront_slot *slot,
                            struct csumoff_virtio_hdr *hdr)
{
    struct csumoff_netfront_slot received;
    struct csumoff_virtio_hdr out;
    struct csumoff_layout layout;
    struct csumoff_rx rx;
    int status;

    received.flags = side == CSUMOFF_XEN_TX ? swap_sides(slot->flags) : slot->flags;
    received.gso_type = slot->gso_type;
    received.gso_size = slot->gso_size;
    status = csumoff_netfront_rx(frame, len, &received, &rx);
    if (status)
        return status;
    out.flags = rx.state == CSUMOFF_UNNECESSARY ? CSUMOFF_VIRTIO_DATA_VALID : 0;
    out.gso_type = 0;
    out.hdr_len = out.gso_size = out.csum_start = out.csum_offset = out.num_buffers = 0;
    if (rx.state == CSUMOFF_PARTIAL) {
        if (!(received.flags & CSUMOFF_NETRXF_CSUM_BLANK))
            return CSUMOFF_EHDR;
        /* The packet is located a second time, since csumoff_netfront_rx() returns no layout. */
        status = csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &layout);
        if (status)
            return status;
        if (!is_internet_l4(&layout) || layout.csum_start > 0xFFFF || rx.gso_size == 0xFFFF)
            return CSUMOFF_ENOTSUP;
        out.flags = CSUMOFF_VIRTIO_NEEDS_CSUM;
        out.csum_start = (uint16_t)layout.csum_start;
        out.csum_offset = (uint16_t)layout.csum_offset;
        if (rx.gso_type)
            set_gso((const uint8_t *)frame, &layout, &rx, &out);
    }
    hdr->flags = out.flags;
    hdr->gso_type = out.gso_type;
    hdr->hdr_len = out.hdr_len;
    hdr->gso_size = out.gso_size;
    hdr->csum_start = out.csum_start;
    hdr->csum_offset = out.csum_offset;
    hdr->num_buffers = 0;
    return CSUMOFF_OK;
}

/* Returns whether a seed is the outermost packet's. Xen is not told the place, so the other side
 * finds only such a seed. */
static bool is_own_place(const void *frame, size_t len, const struct csumoff_rx *rx)
{
    struct csumoff_layout layout;

    return csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &layout) == CSUMOFF_OK &&
           layout.csum_start == rx->csum_start && layout.csum_offset == rx->csum_offset;
}

int csumoff_xen_from_virtio(const void *frame, size_t len, const struct csumoff_virtio_hdr *hdr,
                            enum csumoff_xen_side side, struct csumoff_netfront_slot *slot)
{
    static const struct csumoff_virtio_policy all = {true, true};
    struct csumoff_netfront_slot sent;
    struct csumoff_rx rx;
    int status = csumoff_virtio_rx(frame, len, CSUMOFF_LINK_ETHERNET, hdr, &all, &rx);

    if (status)
        return status;
    sent.flags = 0;
    if (rx.state == CSUMOFF_PARTIAL)
        sent.flags = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED;
    else if (rx.state == CSUMOFF_UNNECESSARY)
        sent.flags = CSUMOFF_NETTXF_DATA_VALIDATED;
    sent.gso_type = CSUMOFF_NETIF_GSO_TYPE_NONE;
    sent.gso_size = 0;
    if (rx.gso_type) {
        /* Frames that were coalesced hold no seed. */
        if (rx.gso_type == CSUMOFF_GSO_UDP_L4 || rx.state != CSUMOFF_PARTIAL)
            return CSUMOFF_ENOTSUP;
        sent.flags |= CSUMOFF_NETTXF_EXTRA_INFO;
        sent.gso_type = rx.gso_type == CSUMOFF_GSO_TCPV4 ? CSUMOFF_NETIF_GSO_TYPE_TCPV4
                                                         : CSUMOFF_NETIF_GSO_TYPE_TCPV6;
        sent.gso_size = rx.gso_size;
    }
    if (csumoff_netback_drops(frame, len, &sent) != CSUMOFF_DROP_NONE ||
        (rx.state == CSUMOFF_PARTIAL && !is_own_place(frame, len, &rx)))
        return CSUMOFF_ENOTSUP;
    slot->flags = side == CSUMOFF_XEN_TX ? sent.flags : swap_sides(sent.flags);
    slot->gso_type = sent.gso_type;
    slot->gso_size = sent.gso_size;
    return CSUMOFF_OK;
}
