// SPDX-License-Identifier: MIT
/*
 * What is to come of a packet that is sent, whatever is wanted of it and whatever the device takes.
 * Nothing here asks the library.
 */
#ifndef CSUMOFF_TESTS_TX_EXPECTED_H
#define CSUMOFF_TESTS_TX_EXPECTED_H

#include <csumoff_netfront.h>
#include <csumoff_virtio.h>

#include "anything.h"

static struct packet packet, want;
static struct rng rng;

/* ---- What is sent ------------------------------------------------------------------------ */

enum {
    OWN = -1,     /* no place */
    NOWHERE = -2, /* a place at which nothing is known to be */
    OUTSIDE = -3, /* one that isn't inside the outermost packet */
};

struct wish {
    struct csumoff_hint hint;
    int target; /* OWN, a level, NOWHERE, OUTSIDE */
};

struct device {
    bool is_xen;
    struct csumoff_netfront_caps xen;
    struct csumoff_virtio_caps virtio;
    enum csumoff_link link;
};

static const struct device all_xen = {true, {true, true, true, true, true}, {0}, 0},
                           no_xen = {.is_xen = true},
                           all_virtio = {.virtio = {true, true, true, true, true}},
                           no_virtio = {.is_xen = false};

static inline const char *text_of(const struct device *device, const struct wish *wish)
{
    static char text[1400];

    snprintf(text, sizeof text, "%s, want %d, target %d, place %u + %u, mss %u: %s",
             device->is_xen ? "Xen" : "virtio", wish->hint.want, wish->target,
             wish->hint.csum_start, wish->hint.csum_offset, wish->hint.mss,
             spec_text(&packet.spec));
    return text;
}

#define SO(condition)                                                                              \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg("not so: %s: %s", #condition, text_of(device, wish));                     \
    } while (0)

static inline bool has_chain(const char *letters)
{
    return strpbrk(packet.spec.level[0].chain, letters) != NULL;
}

static inline bool is_clean(size_t from)
{
    for (; from < packet.len; from++)
        if (packet.bytes[from])
            return false;
    return true;
}

/* A Register message of PIM has 4 bytes more of header. */
static inline size_t behind_header(const struct level *l)
{
    return l->proto == PROTO_PIM && (packet.bytes[l->l4] & 15) == PIM_REGISTER ? l->l4 + 8
                                                                               : l->payload;
}

/* Bytes behind the L4 header; negative where TCP says something impossible. */
static inline long payload_of(const struct level *l)
{
    size_t end = l->proto == PROTO_UDP ? l->l4 + l->l4_len : l->end;

    if (l->finding != FOUND)
        return (long)(l->end - l->l4);
    return l->payload ? (long)(end - behind_header(l)) : -1;
}

/* Whether a payload is over mss: that of the innermost packet known; 2: it can't be told. */
static inline int is_over(uint16_t mss)
{
    const struct level *l = &packet.level[0];
    unsigned listed = packet_listed(&packet);
    long payload;

    if (!mss)
        return 0;
    if (!is_ip(&packet))
        return packet.len - (packet.spec.level[0].ethernet ? 14 : 0) > mss;
    if (!listed)
        return l->end - l->l4 > mss ? 1 : l->end - l->l3 > mss ? 2 : 0;
    l = &packet.level[listed - 1];
    payload = payload_of(l);
    return (payload < 0 ? (long)(l->end - l->l4) : payload) > mss;
}

/* ---- What is to come of it --------------------------------------------------------------- */

struct outcome {
    int status, or_status; /* one of them */
    bool is_told;
    size_t csum_start, csum_offset; /* if told */
    uint8_t gso;                    /* enum csumoff_gso */
};

/* Whether the device finishes the outermost packet's checksum. */
static inline bool takes_own(const struct device *device, bool seeded)
{
    const struct level *l = &packet.level[0];
    const struct level_spec *s = &packet.spec.level[0];
    bool is_tcp_udp = l->proto == PROTO_TCP || l->proto == PROTO_UDP;

    if (!is_clean(l->l4 + l->l4_len) || l->l4 > UINT16_MAX)
        return false;
    if (!device->is_xen)
        return device->virtio.csum &&
               (is_tcp_udp ||
                (seeded && l->proto == (l->version == 4 ? PROTO_ICMP : PROTO_ICMPV6)));
    return is_tcp_udp && (l->version == 4 ? device->xen.csum_ipv4 : device->xen.csum_ipv6) &&
           !s->tag_count && !s->labels && s->carrier == CARRIER_ETHERTYPE &&
           !(l->version == 4 && has_chain("a"));
}

static inline uint8_t gso_of(const struct device *device, uint16_t mss)
{
    const struct level *l = &packet.level[0];
    const struct level_spec *s = &packet.spec.level[0];
    bool is_4 = l->version == 4;

    if (packet.len != l->end || l->l4 + l->l4_len != l->end || s->labels || has_chain("afj") ||
        s->carrier != CARRIER_ETHERTYPE)
        return CSUMOFF_GSO_NONE;
    for (size_t i = 0; i < s->tag_count; i++)
        if (s->tags[i] == 0x9100)
            return CSUMOFF_GSO_NONE;
    if (l->proto == PROTO_TCP) {
        bool takes = device->is_xen
                         ? device->xen.sg && (is_4 ? device->xen.gso_tcpv4 : device->xen.gso_tcpv6)
                     : is_4 ? device->virtio.tso4
                            : device->virtio.tso6;

        if (!device->is_xen && packet.bytes[l->l4 + 13] & 0x80 && !device->virtio.ecn)
            return CSUMOFF_GSO_NONE;
        return !takes ? CSUMOFF_GSO_NONE : is_4 ? CSUMOFF_GSO_TCPV4 : CSUMOFF_GSO_TCPV6;
    }
    return !device->is_xen && l->proto == PROTO_UDP && device->virtio.uso &&
                   !is_tunnel_port(load_wire16(packet.bytes + l->l4 + 2)) &&
                   payload_of(l) <= mss * 128L
               ? CSUMOFF_GSO_UDP_L4
               : CSUMOFF_GSO_NONE;
}

static inline struct outcome failed(int status)
{
    return (struct outcome){.status = status, .or_status = status};
}

static inline struct outcome own(const struct device *device, const struct csumoff_hint *hint)
{
    bool seeded = hint->want == CSUMOFF_TX_SEEDED && has_seed(&packet, 0);
    const struct level *l = &packet.level[0];
    struct outcome outcome = {
        .is_told = takes_own(device, seeded), .csum_start = l->l4, .csum_offset = l->csum_offset};

    if (hint->mss && payload_of(l) < 0)
        return failed(CSUMOFF_EHDR);
    if (hint->mss && payload_of(l) > hint->mss) {
        if (outcome.is_told)
            outcome.gso = gso_of(device, hint->mss);
        if (!outcome.gso && is_over(hint->mss))
            return failed(CSUMOFF_ENOTSUP);
    }
    packet_set_l3(&want, 0);
    seeded ? finish_level(&want, 0) : fill_levels(&want, 0, 0, true);
    return outcome;
}

/* At another place than the outermost packet's own. */
static inline struct outcome elsewhere(const struct device *device, const struct wish *wish)
{
    const struct csumoff_hint *hint = &wish->hint;
    const struct level *outermost = &packet.level[0];
    size_t end = is_ip(&packet) ? outermost->end : packet.len, start = hint->csum_start;
    struct outcome outcome = {.csum_start = start, .csum_offset = hint->csum_offset};
    bool seeded = hint->want == CSUMOFF_TX_SEEDED;

    if (wish->target == OUTSIDE)
        return failed(CSUMOFF_ERANGE);
    if (wish->target == NOWHERE) {
        size_t header = hint->csum_offset == 16 ? 20 : hint->csum_offset == 6 ? 8 : 0;

        if (!seeded || hint->csum_offset == SCTP_OFFSET)
            return failed(CSUMOFF_ENOTSUP);
        if (hint->mss && end - start >= header && end - start - header > hint->mss)
            return failed(CSUMOFF_ENOTSUP);
        finish_place(want.bytes, start, hint->csum_offset, end);
    } else {
        const struct level *l = &packet.level[wish->target];

        if (hint->mss && payload_of(l) < 0)
            return failed(CSUMOFF_EHDR);
        if (is_over(hint->mss))
            return failed(CSUMOFF_ENOTSUP);
        if (seeded && l->is_crc32c) {
            finish_level(&want, wish->target);
            fill_levels(&want, wish->target - 1, wish->target, true);
        } else if (seeded && has_seed(&packet, wish->target)) {
            finish_level(&want, wish->target);
        } else {
            fill_levels(&want, wish->target, wish->target, true);
        }
        seeded = seeded && has_seed(&packet, wish->target);
        end = l->l4 + l->l4_len;
    }
    /* Linux drops a frame with a smaller csum_start: virtio_net_hdr_to_skb(). */
    outcome.is_told = seeded && !device->is_xen && device->virtio.csum && is_clean(end) &&
                      outcome.csum_start >= 20;
    if (is_ip(&packet) && outermost->finding == NOT_RESOLVABLE && !outcome.is_told)
        return failed(CSUMOFF_ENOTSUP);
    if (is_ip(&packet))
        packet_set_l3(&want, 0);
    return outcome;
}

/* Says what is to come of the packet, and makes `want` the frame as it leaves the device. */
static inline struct outcome expect(const struct device *device, const struct wish *wish)
{
    const struct csumoff_hint *hint = &wish->hint;
    const enum finding finding = is_ip(&packet) ? packet.level[0].finding : NOT_KNOWN;
    struct outcome outcome = {0};
    int over = is_over(hint->mss), otherwise = CSUMOFF_OK;

    copy_packet(&want, &packet);
    if (hint->want == CSUMOFF_TX_AS_IS || hint->want == CSUMOFF_TX_VERIFIED) {
        outcome.status = over == 1 ? CSUMOFF_ENOTSUP : CSUMOFF_OK;
        outcome.or_status = over ? CSUMOFF_ENOTSUP : CSUMOFF_OK;
        return outcome;
    }
    if (finding == FOUND && (wish->target == OWN || wish->target == 0))
        return own(device, hint);
    if (finding == NOT_WHOLE && wish->target != OWN)
        return failed(CSUMOFF_ENOTSUP);
    if (wish->target != OWN)
        return elsewhere(device, wish);
    if (finding == NOT_RESOLVABLE)
        return failed(CSUMOFF_ENOTSUP);
    if (hint->want == CSUMOFF_TX_SEEDED)
        otherwise = finding == NOT_WHOLE ? CSUMOFF_EFRAG : CSUMOFF_EPROTO;
    else if (is_ip(&packet))
        packet_set_l3(&want, 0);
    outcome.status = over == 1 ? CSUMOFF_ENOTSUP : otherwise;
    outcome.or_status = over ? CSUMOFF_ENOTSUP : otherwise;
    return outcome;
}

#endif
