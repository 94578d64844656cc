// SPDX-License-Identifier: MIT
/*
 * What the words of both devices mean: ring slots and virtio-net headers, by the contract in the
 * public headers, over the truth of oracle/model.h. Used by the suite `model` and by the fuzzers.
 */
#ifndef CSUMOFF_TESTS_WORDS_H
#define CSUMOFF_TESTS_WORDS_H

#include <csumoff_xen_virtio.h>
#include <string.h>

#include "../oracle/model.h"
#include "same_rx.h"

/* ---- Statuses -------------------------------------------------------------------------------- */

static inline bool is_one_of(int status, unsigned may)
{
    return status <= 0 && status >= -9 && may >> -status & 1;
}

/* What locating the outermost packet may return. */
static inline unsigned may_locate(const struct truth *t)
{
    static const unsigned may[] = {MAY_OK,    MAY_EPROTO,  MAY_EPROTO,
                                   MAY_EFRAG, MAY_ENOTSUP, MAY_EHDR | MAY_ETRUNC};

    return may[t->outer];
}

/* ---- Sent ------------------------------------------------------------------------------------ */

/* Reads a slot of a frame that is sent. Returns NULL, or what it says that it must not. */
static inline const char *read_slot(const struct csumoff_netfront_slot *slot, bool is_verified,
                                    struct order *order)
{
    const unsigned both = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED;
    unsigned flags = is_verified ? CSUMOFF_NETTXF_DATA_VALIDATED : 0;

    memset(order, 0, sizeof *order);
    order->is_finish = slot->flags & CSUMOFF_NETTXF_CSUM_BLANK;
    order->gso = slot->gso_type;
    order->size = slot->gso_size;
    if (order->is_finish)
        flags = both;
    if (order->gso)
        flags |= CSUMOFF_NETTXF_EXTRA_INFO;
    return slot->flags == flags ? NULL : "flags that nothing stands for";
}

/* The same of a header. */
static inline const char *read_hdr(const struct packet *p, const struct csumoff_virtio_hdr *hdr,
                                   struct order *order)
{
    static const uint8_t types[] = {CSUMOFF_VIRTIO_GSO_NONE, CSUMOFF_VIRTIO_GSO_TCPV4,
                                    CSUMOFF_VIRTIO_GSO_TCPV6, CSUMOFF_VIRTIO_GSO_UDP_L4};
    const struct level *l = &p->level[0];
    bool has_cwr;

    memset(order, 0, sizeof *order);
    order->is_finish = hdr->flags & CSUMOFF_VIRTIO_NEEDS_CSUM;
    order->start = hdr->csum_start;
    order->offset = hdr->csum_offset;
    order->size = hdr->gso_size;
    while (types[order->gso] != (hdr->gso_type & ~CSUMOFF_VIRTIO_GSO_ECN))
        if (++order->gso == 4)
            return "a gso_type that is not sent";
    if (hdr->flags & ~CSUMOFF_VIRTIO_NEEDS_CSUM || hdr->num_buffers)
        return "flags that are not sent";
    if (!order->is_finish && (hdr->csum_start || hdr->csum_offset))
        return "a place without anything to be done";
    if (!order->gso)
        return hdr->gso_type || hdr->gso_size || hdr->hdr_len ? "words about segments without any"
                                                              : NULL;
    has_cwr = l->proto == PROTO_TCP && p->bytes[l->l4 + 13] & 0x80;
    return !!(hdr->gso_type & CSUMOFF_VIRTIO_GSO_ECN) != has_cwr || hdr->hdr_len != l->payload
               ? "ECN or the length of headers"
               : NULL;
}

/* ---- Received -------------------------------------------------------------------------------- */

/* What a slot says of a frame that was received: the statuses, and *rx. */
static inline unsigned expect_slot(const struct truth *t, const struct csumoff_netfront_slot *slot,
                                   struct csumoff_rx *rx)
{
    const struct level *l = &t->p->level[0];
    const bool is_blank = slot->flags & CSUMOFF_NETRXF_CSUM_BLANK;

    memset(rx, 0, sizeof *rx);
    rx->state = slot->flags & CSUMOFF_NETRXF_DATA_VALIDATED ? CSUMOFF_UNNECESSARY : CSUMOFF_NONE;
    if (slot->gso_type > 2)
        return MAY_ENOTSUP | (t->outer == OUTER_LOCATED ? 0 : may_locate(t));
    if (!is_blank && !slot->gso_type)
        return MAY_OK;
    if (t->outer != OUTER_LOCATED)
        return may_locate(t);
    if (slot->gso_type && (l->proto != PROTO_TCP || l->version != (slot->gso_type == 1 ? 4 : 6) ||
                           !slot->gso_size || !model_is_repeatable(t->p)))
        return MAY_EHDR;
    rx->state = CSUMOFF_PARTIAL;
    rx->csum_start = (uint32_t)l->l4;
    rx->csum_offset = (uint32_t)l->csum_offset;
    rx->gso_type = slot->gso_type;
    rx->gso_size = slot->gso_type ? slot->gso_size : 0;
    rx->no_seed = !l->is_crc32c && (!is_blank || packet_field(t->p, 0) == 0);
    return MAY_OK;
}

/* The errors that a super-frame inside a UDP tunnel (VIRTIO 1.4) deserves, which must not have a
 * checksum itself; 0: none. */
static inline unsigned wrong_inside(const struct truth *t, const struct csumoff_virtio_hdr *hdr)
{
    const unsigned type = hdr->gso_type & 0x1F, version = hdr->gso_type & 0x20 ? 4 : 6;
    const bool is_tcp = type != 5;
    const struct level *l, *around;
    int level;

    if (t->outer == OUTER_UNRESOLVABLE)
        return MAY_ENOTSUP;
    if (t->outer == OUTER_BROKEN)
        return MAY_EHDR | MAY_ETRUNC;
    level = model_level_at(t, hdr->csum_start, hdr->csum_offset);
    if (level < 1 || !(hdr->flags & CSUMOFF_VIRTIO_NEEDS_CSUM) || !hdr->gso_size ||
        hdr->gso_size == 0xFFFF || (hdr->gso_type & 0x60) == 0x60 ||
        (hdr->gso_type & 0x80 && !is_tcp))
        return MAY_EHDR;
    l = &t->p->level[level];
    around = l - 1;
    return l->proto != (is_tcp ? PROTO_TCP : PROTO_UDP) ||
                   (is_tcp && l->version != (type == 1 ? 4 : 6)) ||
                   (!is_tcp && t->p->len - l->l4 - 8 > 128 * (size_t)hdr->gso_size) ||
                   around->finding != FOUND || around->proto != PROTO_UDP ||
                   around->version != version || packet_field(t->p, (unsigned)level - 1) != 0
               ? MAY_EHDR
               : 0;
}

/* The errors that a super-frame deserves; 0: none. */
static inline unsigned wrong_super_frame(const struct truth *t,
                                         const struct csumoff_virtio_hdr *hdr)
{
    const struct level *l = &t->p->level[0];
    const unsigned type = hdr->gso_type & 0x1F;
    const bool is_tcp = type != 5, needs = hdr->flags & CSUMOFF_VIRTIO_NEEDS_CSUM;

    if (t->outer == OUTER_BROKEN)
        return MAY_EHDR | MAY_ETRUNC;
    if (t->outer != OUTER_LOCATED)
        return t->outer == OUTER_UNRESOLVABLE ? MAY_ENOTSUP : MAY_EHDR;
    if (l->proto != (is_tcp ? PROTO_TCP : PROTO_UDP) || (type == 1 && l->version != 4) ||
        (type == 4 && l->version != 6) || !hdr->gso_size || hdr->gso_size == 0xFFFF ||
        (hdr->gso_type & 0x80 && !is_tcp) || !model_is_repeatable(t->p) ||
        l->end - l->l3 > 65535 + 40)
        return MAY_EHDR;
    if (!needs)
        return hdr->flags & CSUMOFF_VIRTIO_RSC_INFO && is_tcp ? 0 : MAY_EHDR;
    return hdr->csum_start != l->l4 || hdr->csum_offset != l->csum_offset ||
                   (!is_tcp && t->p->len - l->l4 - 8 > 128 * (size_t)hdr->gso_size)
               ? MAY_EHDR
               : 0;
}

/* What a header says of a frame that was received. */
static inline unsigned expect_hdr(const struct truth *t, const struct csumoff_virtio_hdr *hdr,
                                  const struct csumoff_virtio_policy *policy, struct csumoff_rx *rx)
{
    const unsigned type = hdr->gso_type & 0x1F;
    const bool needs = hdr->flags & CSUMOFF_VIRTIO_NEEDS_CSUM;
    const size_t header = type == 0 ? 0 : type == 5 ? 8 : 20, field = hdr->csum_offset + 2u;
    unsigned may = 0;
    int level;

    memset(rx, 0, sizeof *rx);
    rx->state = hdr->flags & CSUMOFF_VIRTIO_DATA_VALID && policy->data_valid ? CSUMOFF_UNNECESSARY
                                                                             : CSUMOFF_NONE;
    if (hdr->gso_type && type != 1 && type != 4 && type != 5)
        return MAY_ENOTSUP;
    if ((needs && !policy->guest_csum) || hdr->flags & CSUMOFF_VIRTIO_UDP_TUNNEL_CSUM)
        may |= MAY_ENOTSUP;
    if (needs && hdr->flags & CSUMOFF_VIRTIO_RSC_INFO)
        may |= MAY_EHDR;
    if (needs &&
        (hdr->csum_start < 20 || hdr->csum_start + (field > header ? field : header) > t->p->len))
        may |= MAY_ERANGE;
    if (hdr->gso_type & 0x60)
        may |= wrong_inside(t, hdr);
    else if (type)
        may |= wrong_super_frame(t, hdr);
    if (may)
        return may;
    rx->gso_type = type == 0 ? 0 : type == 1 ? 1 : type == 4 ? 2 : 3;
    rx->gso_size = type ? hdr->gso_size : 0;
    if (!needs)
        return MAY_OK;
    rx->state = CSUMOFF_PARTIAL;
    rx->csum_start = hdr->csum_start;
    rx->csum_offset = hdr->csum_offset;
    level = model_level_at(t, hdr->csum_start, hdr->csum_offset);
    rx->no_seed = load_wire16(t->p->bytes + hdr->csum_start + hdr->csum_offset) == 0 &&
                  !(level >= 0 && t->p->level[level].is_crc32c);
    /* Whether it is SCTP's can't be seen behind such a route. */
    return rx->no_seed && hdr->csum_offset == 8 && t->outer == OUTER_UNRESOLVABLE
               ? MAY_OK | MAY_ENOTSUP
               : MAY_OK;
}

#endif
