// SPDX-License-Identifier: MIT
#include "straight_glue.h"
#include "straight_parts.h"

enum {
    UDP = 17,
    UDP_CHECK = 6, /* from the L4 header */
    TCP_CHECK = 16,
    IPV6_L4 = L3 + 40,
    MOST = 65535
};

/* ---- Xen: sending -------------------------------------------------------------------------- */

static void set_blank(struct csumoff_netfront_slot *slot)
{
    slot->flags = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED;
    slot->gso_type = CSUMOFF_NETIF_GSO_TYPE_NONE;
    slot->gso_size = 0;
}

static csumoff_sum16 seed(const uint8_t *frame, int total)
{
    return csumoff_seed_ipv4(frame + SADDR, frame + DADDR, TCP, (uint32_t)total - 20);
}

int straight_netfront_tx(uint8_t *frame, size_t len, const struct csumoff_netfront_caps *caps,
                         struct csumoff_netfront_slot *slot)
{
    int total = check(frame, len);

    if (total < 0)
        return total;
    if (len > MOST)
        return CSUMOFF_ERANGE;
    if (!caps->csum_ipv4 || !is_padding(frame, L3 + (size_t)total, len))
        return CSUMOFF_ENOTSUP;
    put_seed(frame, seed(frame, total));
    set_blank(slot);
    return CSUMOFF_OK;
}

int straight_netfront_tx_seeded(uint8_t *frame, size_t len,
                                const struct csumoff_netfront_caps *caps,
                                const struct csumoff_layout *layout,
                                struct csumoff_netfront_slot *slot)
{
    if (!fits(len, layout) || len > MOST)
        return CSUMOFF_ERANGE;
    if (!caps->csum_ipv4 || !is_padding(frame, layout->end, len))
        return CSUMOFF_ENOTSUP;
    store(frame + L3_CHECK, csumoff_ipv4_header(frame + L3, 20));
    if (load(frame + L4_CHECK) == 0) /* no seed is 0 */
        store(frame + L4_CHECK, csumoff_seed_value(layout));
    set_blank(slot);
    return CSUMOFF_OK;
}

int straight_netfront_tx_iov(const struct csumoff_iov *iov, size_t count,
                             const struct csumoff_netfront_caps *caps,
                             struct csumoff_netfront_slot *slot)
{
    uint8_t *frame;
    size_t total;
    int status;

    if (count != 2 || iov[0].len != LEAST || iov[1].len > MOST - LEAST)
        return CSUMOFF_ENOTSUP;
    frame = (uint8_t *)iov[0].base;
    status = check(frame, LEAST + iov[1].len);
    if (status < 0)
        return status;
    total = (size_t)status;
    if (!caps->csum_ipv4 ||
        !is_padding((const uint8_t *)iov[1].base, L3 + total - LEAST, iov[1].len))
        return CSUMOFF_ENOTSUP;
    put_seed(frame, seed(frame, status));
    set_blank(slot);
    return CSUMOFF_OK;
}

/* Returns the offset of the checksum in an L4 header, or a negative status. `l4_len` is the length
 * of the L4 packet by the IP header, all of which must be in the frame. */
static int field_of(const uint8_t *l4, uint8_t protocol, size_t l4_len)
{
    if (protocol == TCP)
        return l4_len < 20 ? CSUMOFF_ETRUNC : TCP_CHECK;
    if (protocol != UDP)
        return CSUMOFF_EPROTO;
    return l4_len < 8 || be16(l4 + 4) != l4_len ? CSUMOFF_EHDR : UDP_CHECK;
}

static int four_ipv4(uint8_t *frame, size_t len, struct csumoff_netfront_slot *slot)
{
    size_t total, l4_len;
    int field;

    if (len < L4 + 8)
        return CSUMOFF_ETRUNC;
    if (frame[L3] != 0x45)
        return CSUMOFF_EHDR;
    total = be16(frame + L3 + 2);
    if (total < 20 || total > len - L3)
        return CSUMOFF_ETRUNC;
    if (be16(frame + L3 + 6) & 0x3FFF)
        return CSUMOFF_EFRAG;
    l4_len = total - 20;
    field = field_of(frame + L4, frame[L3 + 9], l4_len);
    if (field < 0)
        return field;
    if (!is_padding(frame, L3 + total, len))
        return CSUMOFF_ENOTSUP;
    store(frame + L3_CHECK, csumoff_ipv4_header(frame + L3, 20));
    store(frame + L4 + field,
          csumoff_seed_ipv4(frame + SADDR, frame + DADDR, frame[L3 + 9], (uint32_t)l4_len));
    set_blank(slot);
    return CSUMOFF_OK;
}

static int four_ipv6(uint8_t *frame, size_t len, struct csumoff_netfront_slot *slot)
{
    size_t l4_len;
    int field;

    if (len < IPV6_L4 + 8)
        return CSUMOFF_ETRUNC;
    if (frame[L3] >> 4 != 6)
        return CSUMOFF_EHDR;
    l4_len = be16(frame + L3 + 4);
    if (l4_len > len - IPV6_L4)
        return CSUMOFF_ETRUNC;
    field = field_of(frame + IPV6_L4, frame[L3 + 6], l4_len);
    if (field < 0)
        return field;
    if (!is_padding(frame, IPV6_L4 + l4_len, len))
        return CSUMOFF_ENOTSUP;
    store(frame + IPV6_L4 + field,
          csumoff_seed_ipv6(frame + L3 + 8, frame + L3 + 24, frame[L3 + 6], (uint32_t)l4_len));
    set_blank(slot);
    return CSUMOFF_OK;
}

int straight_netfront_tx_four(uint8_t *frame, size_t len, const struct csumoff_netfront_caps *caps,
                              struct csumoff_netfront_slot *slot)
{
    if (len < L3)
        return CSUMOFF_ETRUNC;
    if (len > MOST)
        return CSUMOFF_ERANGE;
    switch (be16(frame + 12)) {
    case 0x0800:
        return caps->csum_ipv4 ? four_ipv4(frame, len, slot) : CSUMOFF_ENOTSUP;
    case 0x86DD:
        return caps->csum_ipv6 ? four_ipv6(frame, len, slot) : CSUMOFF_ENOTSUP;
    default:
        return CSUMOFF_EPROTO;
    }
}

/* ---- virtio: sending ----------------------------------------------------------------------- */

static void set_needs_csum(struct csumoff_virtio_hdr *hdr, uint16_t start, uint16_t offset)
{
    hdr->flags = CSUMOFF_VIRTIO_NEEDS_CSUM;
    hdr->gso_type = CSUMOFF_VIRTIO_GSO_NONE;
    hdr->hdr_len = 0;
    hdr->gso_size = 0;
    hdr->csum_start = start;
    hdr->csum_offset = offset;
    hdr->num_buffers = 0;
}

int straight_virtio_tx(uint8_t *frame, size_t len, const struct csumoff_virtio_caps *caps,
                       struct csumoff_virtio_hdr *hdr)
{
    int total = check(frame, len);

    if (total < 0)
        return total;
    if (!caps->csum || !is_padding(frame, L3 + (size_t)total, len))
        return CSUMOFF_ENOTSUP;
    put_seed(frame, seed(frame, total));
    set_needs_csum(hdr, L4, TCP_CHECK);
    return CSUMOFF_OK;
}

int straight_virtio_tx_udp_ipv6(uint8_t *frame, size_t len, const struct csumoff_virtio_caps *caps,
                                struct csumoff_virtio_hdr *hdr)
{
    size_t l4_len;

    if (len < IPV6_L4 + 8)
        return CSUMOFF_ETRUNC;
    if (be16(frame + 12) != 0x86DD || frame[L3 + 6] != UDP)
        return CSUMOFF_EPROTO;
    l4_len = be16(frame + L3 + 4);
    if (frame[L3] >> 4 != 6 || l4_len < 8 || be16(frame + IPV6_L4 + 4) != l4_len)
        return CSUMOFF_EHDR;
    if (l4_len > len - IPV6_L4)
        return CSUMOFF_ETRUNC;
    if (!caps->csum || !is_padding(frame, IPV6_L4 + l4_len, len))
        return CSUMOFF_ENOTSUP;
    store(frame + IPV6_L4 + UDP_CHECK,
          csumoff_seed_ipv6(frame + L3 + 8, frame + L3 + 24, UDP, (uint32_t)l4_len));
    set_needs_csum(hdr, IPV6_L4, UDP_CHECK);
    return CSUMOFF_OK;
}

/* ---- Xen: receiving ------------------------------------------------------------------------ */

int straight_netfront_rx(const uint8_t *frame, size_t len, const struct csumoff_netfront_slot *slot,
                         struct csumoff_rx *rx)
{
    if (slot->gso_type)
        return CSUMOFF_ENOTSUP;
    if (slot->flags & CSUMOFF_NETRXF_CSUM_BLANK) {
        int total = check(frame, len);

        if (total < 0)
            return total;
        rx->state = CSUMOFF_PARTIAL;
        rx->csum_start = L4;
        rx->csum_offset = TCP_CHECK;
        rx->no_seed = load(frame + L4_CHECK) == 0;
    } else {
        rx->state =
            slot->flags & CSUMOFF_NETRXF_DATA_VALIDATED ? CSUMOFF_UNNECESSARY : CSUMOFF_NONE;
        rx->csum_start = rx->csum_offset = 0;
        rx->no_seed = false;
    }
    rx->gso_type = CSUMOFF_GSO_NONE;
    rx->gso_size = 0;
    return CSUMOFF_OK;
}

int straight_netfront_rx_finish(uint8_t *frame, size_t len,
                                const struct csumoff_netfront_slot *slot)
{
    uint32_t l4_len;
    int total;
    csumoff_wsum sum;

    if (slot->gso_type)
        return CSUMOFF_ENOTSUP;
    if (!(slot->flags & CSUMOFF_NETRXF_CSUM_BLANK))
        return CSUMOFF_OK;
    total = check(frame, len);
    if (total < 0)
        return total;
    l4_len = (uint32_t)total - 20;
    /* The field holds the seed, unless it is 0. */
    sum = load(frame + L4_CHECK) ? 0 : pseudo(frame, l4_len);
    sum = csumoff_partial(frame + L4, l4_len, sum);
    store(frame + L4_CHECK, csumoff_udp_nonzero(csumoff_fold(sum)));
    return CSUMOFF_OK;
}
