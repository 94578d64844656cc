// SPDX-License-Identifier: MIT
/*
 * docs/recipes.md: each function of the page is compiled from the page and run. Frames that leave
 * are finished by a device or backend of this file's own, and then compared with the oracle's.
 */
#ifndef CSUMOFF_TESTS_RECIPES_CHECKS_H
#define CSUMOFF_TESTS_RECIPES_CHECKS_H

#include "recipes.inc"

#include "../oracle/packets.h"
#include "../oracle/reference.h"
#include "../oracle/suite.h"
#include "recipes_driver.h"

enum {
    BLANK = CSUMOFF_NETTXF_CSUM_BLANK,
    BOTH = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED,
    RX_BLANK = CSUMOFF_NETRXF_CSUM_BLANK | CSUMOFF_NETRXF_DATA_VALIDATED,
    GSO_SIZE = 1000
};

static const struct csumoff_netfront_caps every = {true, true, true, true, true},
                                          none = {.sg = true},
                                          no_gso = {
                                              .csum_ipv4 = true, .csum_ipv6 = true, .sg = true};
static const struct csumoff_virtio_caps device_all = {true, true, true, true, true}, device_none;

static struct packet packet, want;
static uint8_t frame[PACKET_SIZE + 64];

/* ---- The other side ------------------------------------------------------------------------ */

/* Finishes as a device does, by the oracle's arithmetic. */
static inline void finish(uint8_t *p, size_t len, size_t start, size_t offset)
{
    uint16_t check = ref_checksum(ref_sum(p + start, len - start));

    store_wire16(p + start + offset, check ? check : 0xFFFF);
}

/* Does what a backend does with a frame whose own checksum is at this place. */
static inline void backend_takes(uint8_t *p, size_t len, const struct csumoff_netfront_slot *slot,
                                 size_t start, size_t offset)
{
    CHECK_EQ(csumoff_netback_drops(p, len, slot), CSUMOFF_DROP_NONE);
    if (slot->flags & BLANK)
        finish(p, len, start, offset);
}

static inline void device_takes(uint8_t *p, size_t len, const struct csumoff_virtio_hdr *hdr)
{
    if (hdr->flags & CSUMOFF_VIRTIO_NEEDS_CSUM)
        finish(p, len, hdr->csum_start, hdr->csum_offset);
}

/* ---- Frames -------------------------------------------------------------------------------- */

/* How a frame is received. */
enum as {
    COMPLETE, /* nobody has verified it */
    VERIFIED, /* somebody has */
    SEEDED,   /* its own checksum is a seed */
    WITHOUT,  /* its own checksum is to be computed; the field is 0 */
    INNER,    /* the seed is that of the innermost packet */
    INNER_WITHOUT,
    AS_COUNT
};

/* Builds a frame as it is received, in `packet` and at `at`, and in `want` the same complete. */
static inline struct csumoff_rx build(const struct packet_spec *spec, enum as as, uint8_t *at,
                                      struct rng *rng)
{
    struct csumoff_rx rx = {.state = as == VERIFIED ? CSUMOFF_UNNECESSARY : CSUMOFF_NONE};
    unsigned inner;

    packet_build(&packet, spec, rng);
    for (unsigned i = 0; i < packet.levels; i++) /* no flag that only one segment keeps */
        if (packet.level[i].proto == PROTO_TCP)
            packet.bytes[packet.level[i].l4 + 13] = 0x10;
    packet_seal(&packet);
    want = packet;
    inner = as == INNER || as == INNER_WITHOUT ? packet.levels - 1 : 0;
    if (as >= SEEDED) {
        rx.state = CSUMOFF_PARTIAL;
        rx.csum_start = (uint32_t)packet.level[inner].l4;
        rx.csum_offset = (uint32_t)packet.level[inner].csum_offset;
        rx.no_seed = as == WITHOUT || as == INNER_WITHOUT;
        packet_set_field(&packet, inner, rx.no_seed ? 0 : packet_seed(&packet, inner));
    }
    memcpy(at, packet.bytes, packet.len);
    return rx;
}

static inline struct packet_spec tunnel_of(unsigned outer, unsigned inner, uint8_t proto,
                                           size_t payload)
{
    struct packet_spec spec = spec_plain(outer, PROTO_UDP, 0, NULL),
                       inside = spec_plain(inner, proto, payload, NULL);

    spec.levels = 2;
    spec.level[0].tunnel = TUNNEL_VXLAN;
    spec.level[1] = inside.level[0];
    return spec;
}

/* Compares a frame with `want`. Zero has two forms in a field that is not UDP's. */
static inline void check_wanted(const uint8_t *p, size_t len)
{
    CHECK_EQ(len, want.len);
    for (unsigned i = 0; i < want.levels; i++) {
        const struct level *l = &want.level[i];

        if (l->finding == FOUND && !l->is_crc32c && packet_field(&want, i) == 0 &&
            load_wire16(p + l->l4 + l->csum_offset) == 0xFFFF)
            packet_set_field(&want, i, 0xFFFF);
    }
    for (size_t i = 0; i < len; i++)
        if (p[i] != want.bytes[i])
            ck_abort_msg("byte %zu is 0x%02X, not 0x%02X (L3 %zu, L4 %zu): %s", i, p[i],
                         want.bytes[i], want.level[0].l3, want.level[0].l4, spec_text(&want.spec));
}

/* Sends a frame to a backend that takes everything, or nothing, and compares what it sees. */
static inline void check_sent(uint8_t *p, size_t len, const struct csumoff_hint *hint,
                              const struct csumoff_netfront_caps *caps)
{
    struct csumoff_netfront_slot slot;

    CHECK_EQ(csumoff_netfront_tx(p, len, caps, hint, &slot), CSUMOFF_OK);
    backend_takes(p, len, &slot, want.level[0].l4, want.level[0].csum_offset);
    check_wanted(p, len);
}

/* What is said beside a frame that was received so. */
static inline struct csumoff_netfront_slot slot_as(enum as as)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    slot.flags = as == SEEDED ? RX_BLANK : as == VERIFIED ? CSUMOFF_NETRXF_DATA_VALIDATED : 0;
    return slot;
}

static inline struct csumoff_virtio_hdr hdr_as(const struct csumoff_rx *rx)
{
    struct csumoff_virtio_hdr hdr;

    memset(&hdr, 0, sizeof hdr);
    if (rx->state == CSUMOFF_PARTIAL) {
        hdr.flags = CSUMOFF_VIRTIO_NEEDS_CSUM;
        hdr.csum_start = (uint16_t)rx->csum_start;
        hdr.csum_offset = (uint16_t)rx->csum_offset;
    }
    return hdr;
}

#endif
