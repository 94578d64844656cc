// SPDX-License-Identifier: MIT
/*
 * Sends a packet in each way that there is: what comes of it is what tx_expected.h says, the same
 * each time. The device's part is done here.
 */
#ifndef CSUMOFF_TESTS_TX_CHECKS_H
#define CSUMOFF_TESTS_TX_CHECKS_H

#include "tx_expected.h"

enum {
    BOTH = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED,
    BURST = 10
};

static struct guarded guard, copy_guard;

static inline uint8_t *placed(struct guarded *where)
{
    return place(where, &packet);
}

/* ---- What came of it --------------------------------------------------------------------- */

/* Either device's word beside the frame. */
struct beside {
    struct csumoff_netfront_slot slot;
    struct csumoff_virtio_hdr hdr;
};

/* Not by value: that need not copy the bytes between the members. */
static inline void poison(struct beside *beside)
{
    memset(beside, POISON, sizeof *beside);
}

static inline bool is_poisoned(const struct beside *beside)
{
    const uint8_t *p = (const uint8_t *)beside;

    for (size_t i = 0; i < sizeof *beside; i++)
        if (p[i] != POISON)
            return false;
    return true;
}

static inline bool same_beside(const struct beside *x, const struct beside *y)
{
    return x->slot.flags == y->slot.flags && x->slot.gso_type == y->slot.gso_type &&
           x->slot.gso_size == y->slot.gso_size && x->hdr.flags == y->hdr.flags &&
           x->hdr.gso_type == y->hdr.gso_type && x->hdr.hdr_len == y->hdr.hdr_len &&
           x->hdr.gso_size == y->hdr.gso_size && x->hdr.csum_start == y->hdr.csum_start &&
           x->hdr.csum_offset == y->hdr.csum_offset && x->hdr.num_buffers == y->hdr.num_buffers;
}

static inline void check_beside(const struct device *device, const struct wish *wish,
                                const struct outcome *outcome, const struct beside *beside)
{
    const struct csumoff_netfront_slot *slot = &beside->slot;
    const struct csumoff_virtio_hdr *hdr = &beside->hdr;
    uint16_t size = outcome->gso ? wish->hint.mss : 0;

    if (device->is_xen) {
        SO(slot->flags == (wish->hint.want == CSUMOFF_TX_VERIFIED ? CSUMOFF_NETTXF_DATA_VALIDATED
                           : outcome->gso                         ? BOTH | CSUMOFF_NETTXF_EXTRA_INFO
                           : outcome->is_told                     ? BOTH
                                                                  : 0));
        SO(slot->gso_type == outcome->gso && slot->gso_size == size);
        return;
    }
    SO(hdr->flags == (outcome->is_told ? CSUMOFF_VIRTIO_NEEDS_CSUM : 0));
    SO(hdr->csum_start == (outcome->is_told ? outcome->csum_start : 0));
    SO(hdr->csum_offset == (outcome->is_told ? outcome->csum_offset : 0));
    SO(hdr->gso_size == size && hdr->num_buffers == 0);
    SO(hdr->hdr_len == (outcome->gso ? packet.level[0].payload : 0));
    switch (outcome->gso) {
    case CSUMOFF_GSO_NONE:
        SO(hdr->gso_type == CSUMOFF_VIRTIO_GSO_NONE);
        return;
    case CSUMOFF_GSO_UDP_L4:
        SO(hdr->gso_type == CSUMOFF_VIRTIO_GSO_UDP_L4);
        return;
    default:
        SO(hdr->gso_type ==
           ((outcome->gso == CSUMOFF_GSO_TCPV4 ? CSUMOFF_VIRTIO_GSO_TCPV4
                                               : CSUMOFF_VIRTIO_GSO_TCPV6) |
            (packet.bytes[packet.level[0].l4 + 13] & 0x80 ? CSUMOFF_VIRTIO_GSO_ECN : 0)));
    }
}

/* Does the device's part, which sums to the end of the frame, and compares. */
static inline void check_frame(const struct device *device, const struct wish *wish,
                               const struct outcome *outcome, const uint8_t *p)
{
    static uint8_t finished[PACKET_SIZE];

    memcpy(finished, p, packet.len);
    if (outcome->is_told)
        finish_place(finished, outcome->csum_start, outcome->csum_offset, packet.len);
    for (size_t i = 0; i < packet.len; i++)
        if (finished[i] != want.bytes[i])
            ck_abort_msg("byte %zu is 0x%02X, not 0x%02X: %s", i, finished[i], want.bytes[i],
                         text_of(device, wish));
}

/* ---- Each way to send -------------------------------------------------------------------- */

static inline int tx(const struct device *device, uint8_t *p, const struct csumoff_hint *hint,
                     struct beside *beside)
{
    return device->is_xen ? csumoff_netfront_tx(p, packet.len, &device->xen, hint, &beside->slot)
                          : csumoff_virtio_tx(p, packet.len, device->link, &device->virtio, hint,
                                              &beside->hdr);
}

static inline int tx_iov(const struct device *device, const struct csumoff_iov *iov, size_t count,
                         const struct csumoff_hint *hint, struct beside *beside)
{
    return device->is_xen ? csumoff_netfront_tx_iov(iov, count, &device->xen, hint, &beside->slot)
                          : csumoff_virtio_tx_iov(iov, count, device->link, &device->virtio, hint,
                                                  &beside->hdr);
}

/* What the first way made of the frame. */
struct made {
    int status;
    struct beside beside;
    uint8_t bytes[PACKET_SIZE];
};

static struct made made;

static inline void check_made(const struct device *device, const struct wish *wish, const char *by,
                              int status, const struct beside *beside, const uint8_t *p)
{

    if (status != made.status)
        ck_abort_msg("%s: status %d, not %d: %s", by, status, made.status, text_of(device, wish));
    if (status && !is_poisoned(beside))
        ck_abort_msg("%s: touched on an error: %s", by, text_of(device, wish));
    if (!status && !same_beside(beside, &made.beside))
        ck_abort_msg("%s: something else beside the frame: %s", by, text_of(device, wish));
    if (!same_bytes(p, made.bytes, packet.len))
        ck_abort_msg("%s: another frame: %s", by, text_of(device, wish));
}

static inline void send_pieces(const struct device *device, const struct wish *wish,
                               const struct csumoff_iov *iov, size_t count)
{
    struct beside beside;
    int status;

    poison(&beside);
    status = tx_iov(device, iov, count, &wish->hint, &beside);
    if (status == CSUMOFF_ENOTSUP && may_be_far(&packet)) {
        SO(same_bytes(joined(iov, count), packet.bytes, packet.len));
        return;
    }
    check_made(device, wish, "in pieces", status, &beside, joined(iov, count));
}

static inline void send_in_pieces(const struct device *device, const struct wish *wish)
{
    struct csumoff_iov iov[PIECES];
    const struct level *l = &packet.level[0];
    size_t count = cut(placed(&guard), packet.len, iov, &rng);

    send_pieces(device, wish, iov, count);
    if (l->finding == FOUND && l->l4 + l->fixed <= packet.len) {
        part(&packet, l->l4 + l->fixed, &guard, &copy_guard, iov);
        send_pieces(device, wish, iov, 2);
    }
}

static inline void send_at_every_cut(const struct device *device, const struct wish *wish)
{
    static struct csumoff_iov bytes[PACKET_SIZE];

    for (size_t at = 0; at <= packet.len; at++) {
        struct csumoff_iov iov[2];

        part(&packet, at, &guard, &copy_guard, iov);
        send_pieces(device, wish, iov, 2);
    }
    for (size_t i = 0; i < packet.len; i++)
        bytes[i] = (struct csumoff_iov){placed(&guard) + i, 1};
    send_pieces(device, wish, bytes, packet.len);
}

/* In the middle of a burst, between frames that are refused. */
static inline void send_in_burst(const struct device *device, const struct wish *wish)
{
    uint8_t *p = placed(&guard);
    struct csumoff_netfront_tx_item xen[BURST];
    struct csumoff_virtio_tx_item virtio[BURST];
    struct beside beside;
    size_t done;

    poison(&beside);
    memset(xen, POISON, sizeof xen);
    memset(virtio, POISON, sizeof virtio);
    for (size_t i = 0; i < BURST; i++) {
        xen[i].frame = virtio[i].frame = p;
        xen[i].len = virtio[i].len = i == 1 ? packet.len : 0;
        xen[i].hint = virtio[i].hint = &wish->hint;
    }
    done = device->is_xen ? csumoff_netfront_tx_burst(xen, BURST, &device->xen)
                          : csumoff_virtio_tx_burst(virtio, BURST, device->link, &device->virtio);
    if (device->is_xen)
        memcpy(&beside.slot, &xen[1].slot, sizeof beside.slot);
    else
        memcpy(&beside.hdr, &virtio[1].hdr, sizeof beside.hdr);
    if (device->link == CSUMOFF_LINK_ETHERNET) {
        SO(done == (made.status == CSUMOFF_OK));
        SO((device->is_xen ? xen[0].status : virtio[0].status) == CSUMOFF_ETRUNC);
        SO((device->is_xen ? xen[2].status : virtio[2].status) == CSUMOFF_ETRUNC);
    }
    check_made(device, wish, "in a burst", device->is_xen ? xen[1].status : virtio[1].status,
               &beside, p);
}

static inline void send_copy(const struct device *device, const struct wish *wish)
{
    const uint8_t *src = placed(&guard);
    struct beside beside;
    uint8_t *dst = placed(&copy_guard);
    int status;

    poison(&beside);
    if (made.status == CSUMOFF_OK)
        memset(dst, POISON, packet.len);
    status =
        csumoff_netfront_tx_copy(dst, src, packet.len, &device->xen, &wish->hint, &beside.slot);
    check_made(device, wish, "as a copy", status, &beside, dst);
    SO(same_bytes(src, packet.bytes, packet.len));
}

/* From `have` bytes, of which none beyond are there. */
static inline void send_head(const struct device *device, const struct wish *wish,
                             const struct outcome *outcome, size_t have)
{
    const struct level *l = &packet.level[0];
    struct beside beside;
    uint8_t *head;
    int status;

    poison(&beside);
    (void)placed(&guard);
    head = guarded_copy(&guard, packet.bytes, have);
    status =
        csumoff_netfront_tx_head(head, have, packet.len, &device->xen, &wish->hint, &beside.slot);
    if (status == CSUMOFF_OK) {
        SO(made.status == CSUMOFF_OK && same_beside(&beside, &made.beside));
        SO(same_bytes(head, made.bytes, have));
        SO(same_bytes(packet.bytes + have, made.bytes + have, packet.len - have));
    } else {
        SO(is_poisoned(&beside));
        SO(same_bytes(head, packet.bytes, have));
        SO(status == made.status || status == CSUMOFF_EHEAD || status == CSUMOFF_ENOTSUP);
    }
    if (have == packet.len)
        SO(status == made.status);
    /* Nothing of what is left alone is summed: a longer head is all that may be missing. */
    if (made.status == CSUMOFF_OK &&
        (wish->hint.want == CSUMOFF_TX_AS_IS || wish->hint.want == CSUMOFF_TX_VERIFIED))
        SO(status == CSUMOFF_OK || (status == CSUMOFF_EHEAD && wish->hint.mss));
    /* Of the outermost packet alone it is known which it has to be. */
    if (made.status || wish->hint.mss || (wish->target != OWN && wish->target != 0) ||
        l->finding != FOUND || !is_ip(&packet))
        return;
    if (wish->hint.want == CSUMOFF_TX_AS_IS || wish->hint.want == CSUMOFF_TX_VERIFIED)
        SO(status == CSUMOFF_OK);
    else if (have < l->l4 + l->fixed)
        SO(status == CSUMOFF_EHEAD);
    else if (have < l->l4 + l->l4_len && !outcome->is_told)
        SO(status == CSUMOFF_ENOTSUP || (status == CSUMOFF_EHEAD && have < l->payload));
    else if (outcome->is_told && have >= l->payload && l->l4 + l->l4_len == packet.len)
        SO(status == CSUMOFF_OK);
}

/* As a caller who knows where things are would say it, from the oracle alone. */
static inline struct csumoff_layout layout_of(const struct level *l)
{
    struct csumoff_layout at;

    memset(&at, 0, sizeof at);
    at.l3_start = (uint32_t)l->l3;
    at.l4_start = at.csum_start = (uint32_t)l->l4;
    at.payload_start = (uint32_t)behind_header(l);
    at.end = (uint32_t)l->end;
    at.l4_len = (uint32_t)l->l4_len;
    at.csum_offset = (uint32_t)l->csum_offset;
    at.pseudo = l->has_pseudo ? memory16(ref_fold(l->pseudo)) : 0;
    at.ip_version = l->version;
    at.l4_proto = l->proto;
    at.vlan_tags = l->tags;
    at.csum_kind = l->is_crc32c ? CSUMOFF_CRC32C : CSUMOFF_INTERNET;
    return at;
}

/* With the caller's layout, and with one that reaches beyond the frame. */
static inline void send_located(const struct device *device, const struct wish *wish)
{
    const struct csumoff_layout at = layout_of(&packet.level[0]);
    struct wish told = *wish;
    struct beside beside;
    uint8_t *p = placed(&guard);
    int status;

    poison(&beside);
    told.hint.layout = &at;
    status = tx(device, p, &told.hint, &beside);
    check_made(device, &told, "located by the caller", status, &beside, p);
    if (wish->hint.want == CSUMOFF_TX_AS_IS || wish->hint.want == CSUMOFF_TX_VERIFIED)
        return;
    for (int i = 0; i < 8; i++) {
        const uint32_t beyond = rng_below(&rng, 2) ? (uint32_t)packet.len + 1 : UINT32_MAX;
        struct csumoff_layout wrong = at;
        uint32_t *const members[] = {&wrong.l3_start, &wrong.l4_start,   &wrong.payload_start,
                                     &wrong.end,      &wrong.csum_start, &wrong.csum_offset,
                                     &wrong.l4_len};

        if (i == 7)
            wrong.csum_offset = UINT32_MAX - 1; /* in whose sums 32 bits may overflow */
        else
            *members[i] = beyond;
        told.hint.layout = &wrong;
        poison(&beside);
        p = placed(&guard);
        status = tx(device, p, &told.hint, &beside);
        if (status != CSUMOFF_ERANGE)
            ck_abort_msg("member %d of the layout beyond the frame: status %d: %s", i, status,
                         text_of(device, wish));
        made.status = CSUMOFF_ERANGE;
        memcpy(made.bytes, packet.bytes, packet.len);
        check_made(device, &told, "located wrongly", status, &beside, p);
    }
}

/* Sends it in every way. */
static inline struct outcome check_wish(const struct device *device, const struct wish *wish)
{
    const struct outcome outcome = expect(device, wish);
    uint8_t *p = placed(&guard);

    poison(&made.beside);
    made.status = tx(device, p, &wish->hint, &made.beside);
    memcpy(made.bytes, p, packet.len);
    if (made.status != outcome.status && made.status != outcome.or_status)
        ck_abort_msg("status %d, not %d: %s", made.status, outcome.status, text_of(device, wish));
    if (made.status) {
        SO(is_poisoned(&made.beside));
        SO(same_bytes(p, packet.bytes, packet.len));
    } else {
        check_beside(device, wish, &outcome, &made.beside);
        check_frame(device, wish, &outcome, p);
    }
    if (packet.len < 150 && rng_below(&rng, 64) == 0)
        send_at_every_cut(device, wish);
    else
        send_in_pieces(device, wish);
    send_in_burst(device, wish);
    if (device->is_xen) {
        send_copy(device, wish);
        send_head(device, wish, &outcome, packet.len);
        send_head(device, wish, &outcome, rng_below(&rng, packet.len + 1));
        send_head(device, wish, &outcome, packet.level[0].l4);
        if (packet.level[0].finding == FOUND)
            send_head(device, wish, &outcome, packet.level[0].l4 + packet.level[0].fixed);
        if (packet.level[0].payload)
            send_head(device, wish, &outcome, packet.level[0].payload);
    }
    if (is_ip(&packet) && packet.level[0].finding == FOUND && packet.level[0].proto != PROTO_OSPF)
        send_located(device, wish);
    return outcome;
}

#endif
