// SPDX-License-Identifier: MIT
/* Sends frames, by calls of csumoff and by straight-line code that does the same work. */
#include "glue_work.h"
#include "straight_glue.h"

enum {
    AHEAD = 8, /* how many frames ahead straight-line code fetches headers */
    TCP_HEADERS = 54
};

static const struct csumoff_netfront_caps xen_caps = {true, true, true, true, true};
static const struct csumoff_virtio_caps virtio_caps = {true, true, true, true, true};

static uint64_t all_of_slot(const struct csumoff_netfront_slot *slot)
{
    return slot->flags | (uint64_t)slot->gso_type << 16 | (uint64_t)slot->gso_size << 24;
}

static uint64_t all_of_hdr(const struct csumoff_virtio_hdr *hdr)
{
    uint64_t all = hdr->flags | (uint64_t)hdr->gso_type << 8 | (uint64_t)hdr->gso_size << 16;

    all = all * 31 + hdr->hdr_len;
    all = all * 31 + hdr->csum_start;
    all = all * 31 + hdr->csum_offset;
    return all * 31 + hdr->num_buffers;
}

uint64_t netfront_tx(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    GLUE_LOOP(csumoff_netfront_tx(frame, len, &xen_caps, NULL, &slot), slot.flags,
              all_of_slot(&slot));
}

uint64_t netfront_tx_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    GLUE_LOOP(straight_netfront_tx(frame, len, &xen_caps, &slot), slot.flags, all_of_slot(&slot));
}

uint64_t netfront_tx_ahead(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    GLUE_LOOP((__builtin_prefetch(set->base + set->places[(i + AHEAD) & set->mask].offset),
               straight_netfront_tx(frame, len, &xen_caps, &slot)),
              slot.flags, all_of_slot(&slot));
}

uint64_t netfront_tx_four(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    GLUE_LOOP(straight_netfront_tx_four(frame, len, &xen_caps, &slot), slot.flags,
              all_of_slot(&slot));
}

uint64_t netfront_tx_burst(const struct set *set, size_t calls, bool is_compared)
{
    BURST_LOOP(struct csumoff_netfront_tx_item, items[j].hint = NULL,
               csumoff_netfront_tx_burst(items, BURST, &xen_caps), items[j].slot.flags,
               all_of_slot(&items[j].slot));
}

EACH(tx_each, struct csumoff_netfront_tx_item,
     csumoff_netfront_tx(item->frame, item->len, &xen_caps, item->hint, &item->slot))

uint64_t netfront_tx_each(const struct set *set, size_t calls, bool is_compared)
{
    BURST_LOOP(struct csumoff_netfront_tx_item, items[j].hint = NULL, tx_each(items, BURST),
               items[j].slot.flags, all_of_slot(&items[j].slot));
}

uint64_t netfront_tx_seeded(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};
    struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 0, 0, NULL};

    GLUE_LOOP((hint.layout = set->layouts + (i & set->mask),
               csumoff_netfront_tx(frame, len, &xen_caps, &hint, &slot)),
              slot.flags, all_of_slot(&slot));
}

uint64_t netfront_tx_seeded_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    GLUE_LOOP(
        straight_netfront_tx_seeded(frame, len, &xen_caps, set->layouts + (i & set->mask), &slot),
        slot.flags, all_of_slot(&slot));
}

/* Cuts a frame into two pieces: its headers and the rest. */
static const struct csumoff_iov *cut(struct csumoff_iov *iov, uint8_t *frame, size_t len)
{
    const size_t first = len < TCP_HEADERS ? len : TCP_HEADERS;

    iov[0] = (struct csumoff_iov){frame, first};
    iov[1] = (struct csumoff_iov){frame + first, len - first};
    return iov;
}

uint64_t netfront_tx_iov(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};
    struct csumoff_iov iov[2];

    GLUE_LOOP(csumoff_netfront_tx_iov(cut(iov, frame, len), 2, &xen_caps, NULL, &slot), slot.flags,
              all_of_slot(&slot));
}

uint64_t netfront_tx_iov_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};
    struct csumoff_iov iov[2];

    GLUE_LOOP(straight_netfront_tx_iov(cut(iov, frame, len), 2, &xen_caps, &slot), slot.flags,
              all_of_slot(&slot));
}

uint64_t virtio_tx(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_virtio_hdr hdr = {0, 0, 0, 0, 0, 0, 0};

    GLUE_LOOP(csumoff_virtio_tx(frame, len, CSUMOFF_LINK_ETHERNET, &virtio_caps, NULL, &hdr),
              hdr.flags, all_of_hdr(&hdr));
}

uint64_t virtio_tx_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_virtio_hdr hdr = {0, 0, 0, 0, 0, 0, 0};

    GLUE_LOOP(straight_virtio_tx(frame, len, &virtio_caps, &hdr), hdr.flags, all_of_hdr(&hdr));
}

uint64_t virtio_tx_udp_ipv6_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_virtio_hdr hdr = {0, 0, 0, 0, 0, 0, 0};

    GLUE_LOOP(straight_virtio_tx_udp_ipv6(frame, len, &virtio_caps, &hdr), hdr.flags,
              all_of_hdr(&hdr));
}

/* The sum that sending without offload needs in any case. */
uint64_t sum_1460(const struct set *set, size_t calls, bool is_compared)
{
    GLUE_LOOP(0, csumoff_partial(frame + 34, 1460, 0), 0);
}
