// SPDX-License-Identifier: MIT
#include "ring.h"

#include "levels.h"

#include <netinet/in.h>
#include <stdlib.h>

enum {
    FRAME_MOST = 65535, /* a slot's size has 16 bits */
    ETHERNET = 14,
    BLANK = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED
};

/* Copies the frame, to be written to. It gets an Ethernet header if it has none. */
static size_t copy_frame(const struct packet *p, uint8_t *frame)
{
    size_t header = p->link == CSUMOFF_LINK_IP ? ETHERNET : 0, len = p->header->caplen - p->start;

    if (len > FRAME_MOST - header)
        return 0;
    memset(frame, 0, header);
    if (header) {
        frame[12] = (uint8_t)(p->ethertype >> 8);
        frame[13] = (uint8_t)p->ethertype;
    }
    memcpy(frame + header, p->bytes + p->start, len);
    return header + len;
}

static bool has_l3(const struct levels *levels, enum csumoff_verdict verdict)
{
    for (size_t i = 0; i < levels->count; i++)
        if (levels->of[i].report.l3 == verdict)
            return true;
    return false;
}

/* Returns the innermost packet whose L4 checksum has this verdict, or NULL. */
static const struct level *find_l4(const struct levels *levels, enum csumoff_verdict verdict)
{
    for (size_t left = levels->count; left > 0; left--)
        if (levels->of[left - 1].report.l4 == verdict)
            return &levels->of[left - 1];
    return NULL;
}

/* Returns how many packets of the frame have a checksum that was located, or are tunnels around one
 * that has; 0: none. */
static size_t count_located(const struct levels *levels)
{
    size_t count = levels->count;

    while (count > 0 && (levels->of[count - 1].status != CSUMOFF_OK ||
                         levels->of[count - 1].layout.csum_kind == CSUMOFF_NO_CHECKSUM))
        count--;
    return count;
}

/* Sets the hint of a stack that left the frame in this state. */
static const char *read_state(const struct levels *levels, struct csumoff_hint *hint)
{
    const struct level *seeded = find_l4(levels, CSUMOFF_SEEDED), *place = seeded;

    *hint = (struct csumoff_hint){.want = CSUMOFF_TX_COMPUTE};
    if (count_located(levels) == 0)
        return "-";
    if (!place)
        place = find_l4(levels, CSUMOFF_SEEDED_GSO);
    if (!place)
        place = find_l4(levels, CSUMOFF_GOOD);
    if (place && place != levels->of) {
        hint->csum_start = place->layout.csum_start;
        hint->csum_offset = place->layout.csum_offset;
    }
    if (find_l4(levels, CSUMOFF_BAD)) {
        hint->want = CSUMOFF_TX_AS_IS;
        return "complete";
    }
    if (seeded) {
        hint->want = CSUMOFF_TX_SEEDED;
        return "partial";
    }
    if (find_l4(levels, CSUMOFF_SEEDED_GSO))
        return "none";
    if (has_l3(levels, CSUMOFF_BAD) || (has_l3(levels, CSUMOFF_BLANK) && !place)) {
        hint->want = CSUMOFF_TX_AS_IS;
        return "complete";
    }
    /* Computing the checksum again does not change it, and the IPv4 header gets its checksum. */
    if (has_l3(levels, CSUMOFF_BLANK))
        return "complete";
    hint->want = CSUMOFF_TX_VERIFIED;
    return "unnecessary";
}

/* A packet longer than the MTU is to be segmented to fit the MTU: the innermost one, if the outer
 * one is a tunnel, which cannot be cut here. */
static uint16_t read_mss(const struct levels *levels, size_t mtu, bool *is_tunnel)
{
    const struct csumoff_layout *outer = &levels->of[0].layout;
    const size_t count = count_located(levels);
    const struct csumoff_layout *at;
    size_t headers;

    *is_tunnel = false;
    if (!count || outer->end - outer->l3_start <= mtu)
        return 0;
    *is_tunnel = count > 1;
    at = &levels->of[count - 1].layout;
    if ((at->l4_proto != IPPROTO_TCP && at->l4_proto != IPPROTO_UDP) || !at->payload_start)
        return 0;
    headers = at->payload_start - outer->l3_start;
    return headers < mtu ? (uint16_t)(mtu - headers) : 0;
}

/* Says why a checksum was not left to the backend. */
static struct outcome finished_here(const uint8_t *frame, size_t len,
                                    const struct csumoff_layout *at,
                                    const struct csumoff_netfront_caps *caps)
{
    const struct csumoff_netfront_slot blank = {.flags = BLANK};
    struct outcome o = {0, false, "finished here", "the seed is that of a packet inside"};
    const enum csumoff_drop drop = csumoff_netback_drops(frame, len, &blank);

    if (drop) {
        o.what = "finished here, or the backend drops it";
        o.why = csumoff_drop_text(drop);
    } else if (!(at->ip_version == 4 ? caps->csum_ipv4 : caps->csum_ipv6)) {
        o.why = at->ip_version == 4 ? "the backend takes no seeds in IPv4"
                                    : "the backend takes no seeds in IPv6";
    } else if (csumoff_partial(frame + at->csum_start + at->l4_len,
                               len - at->csum_start - at->l4_len, 0)) {
        o.why = csumoff_strerror(CSUMOFF_ETRAILER);
    }
    return o;
}

/* `was_blank` and `is_blank`: an IPv4 header checksum was, and still is, left to the card. */
static struct outcome explain(const uint8_t *frame, size_t len, bool is_changed, bool was_blank,
                              bool is_blank, const struct csumoff_hint *hint,
                              const struct csumoff_netfront_caps *caps,
                              const struct csumoff_netfront_slot *slot)
{
    struct csumoff_layout at = {0};
    struct outcome o = {slot->flags, slot->gso_type, "", ""};
    int status = csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at);

    if (was_blank && !is_blank) {
        o.what = "IPv4 header made here";
        o.why = "no backend makes it";
    } else if (o.is_gso) {
        o.what = "cut by the backend";
        o.why = "it takes GSO, and finishes each segment from the seed";
    } else if (slot->flags & CSUMOFF_NETTXF_CSUM_BLANK) {
        o.what = "finished by the backend";
        o.why = hint->want == CSUMOFF_TX_SEEDED ? "the field holds a seed" : "a seed was written";
    } else if (slot->flags) {
        o.what = "left alone";
        o.why = "complete and right";
    } else if (hint->want == CSUMOFF_TX_AS_IS) {
        o.what = "left alone";
        o.why = "wrong as captured, so it is not called verified";
    } else if (status == CSUMOFF_OK || is_changed) {
        o = finished_here(frame, len, &at, caps);
    } else {
        o.what = "left alone";
        o.why = csumoff_strerror(status);
    }
    if (is_blank)
        o.why = "no backend makes IPv4 headers, and one is left to the card";
    return o;
}

static struct outcome not_sent(const char *why)
{
    return (struct outcome){-1, false, "not sent", why};
}

/* For a super-frame that the backend does not take, the flags are those of each segment. */
static struct outcome cut(const uint8_t *frame, size_t len, uint16_t mss,
                          const struct csumoff_netfront_caps *caps)
{
    static uint8_t segment[FRAME_MOST];
    struct outcome o = {-1, false, "cut here", "the backend takes no such super-frame"};
    struct csumoff_layout at;
    struct csumoff_segments segments;
    struct csumoff_netfront_slot slot;
    size_t segment_len;

    if (csumoff_segment_begin(&segments, frame, len, CSUMOFF_LINK_ETHERNET, mss, false) ==
            CSUMOFF_OK &&
        csumoff_segment_next(&segments, segment, sizeof segment, &segment_len) == CSUMOFF_OK &&
        csumoff_netfront_tx(segment, segment_len, caps, NULL, &slot) == CSUMOFF_OK)
        o.flags = slot.flags;
    /* Nothing in it tells the three apart. */
    if (csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at) == CSUMOFF_OK &&
        at.l4_proto == IPPROTO_UDP)
        o.why = "the backend takes no UDP super-frame; wrong if it is a tunnel's packet or a long "
                "datagram, not one of USO";
    return o;
}

/* Fills in an IP length that the sender left at 0. The header checksum may be wrong then; the
 * verdict on it is known already, and no flag depends on it. Returns whether the length was 0. */
static bool fill_length(const struct level *level, uint8_t *frame)
{
    const struct csumoff_layout *at = &level->layout;
    const uint32_t fixed = at->ip_version == 4 ? 0 : 40; /* what the length doesn't count */
    uint8_t *field = frame + at->l3_start + (at->ip_version == 4 ? 2 : 4);
    uint8_t bytes[2];
    uint32_t len;

    if (level->status || !at->ip_version || be16(field) || at->end - at->l3_start <= fixed)
        return false;
    len = at->end - at->l3_start - fixed;
    if (len > 65535)
        return false;
    bytes[0] = (uint8_t)(len >> 8);
    bytes[1] = (uint8_t)len;
    memcpy(field, bytes, sizeof bytes);
    return true;
}

static struct sent send_frame(uint8_t *frame, size_t len, const struct options *o,
                              const struct csumoff_netfront_caps *caps)
{
    static uint8_t before[FRAME_MOST];
    bool was_blank, is_changed, is_tunnel;
    struct levels levels;
    struct csumoff_netfront_slot slot;
    struct csumoff_segments segments;
    struct csumoff_hint hint;
    struct sent sent = {.len = len};
    int status;

    levels_read(&levels, frame, len, len, CSUMOFF_LINK_ETHERNET_SUPER);
    sent.is_filled = fill_length(levels.of, frame);
    levels_foresee(&levels, frame, len);
    was_blank = has_l3(&levels, CSUMOFF_BLANK);
    sent.state = read_state(&levels, &hint);
    if (o->fresh && strcmp(sent.state, "-") != 0) {
        sent.state = "none";
        hint = (struct csumoff_hint){.want = CSUMOFF_TX_COMPUTE};
    }
    hint.mss = sent.mss = read_mss(&levels, o->mtu, &is_tunnel);
    /* The segments get checksums of their own. */
    if (hint.mss && hint.want == CSUMOFF_TX_VERIFIED)
        hint.want = CSUMOFF_TX_COMPUTE;
    if (sent.mss && !is_tunnel &&
        csumoff_segment_begin(&segments, frame, len, CSUMOFF_LINK_ETHERNET, sent.mss, false) ==
            CSUMOFF_OK)
        sent.segments = segments.count;
    memcpy(before, frame, len);
    status = csumoff_netfront_tx(frame, len, caps, &hint, &slot);
    if (status == CSUMOFF_ENOTSUP && hint.want == CSUMOFF_TX_AS_IS)
        sent.outcome = not_sent("wrong as captured, and segments would make it look right");
    else if (status == CSUMOFF_ENOTSUP && sent.segments)
        sent.outcome = cut(frame, len, sent.mss, caps);
    else if (status && sent.mss && is_tunnel)
        sent.outcome = not_sent("a tunnel's super-frame: neither the backend nor csumoff cuts it");
    else if (status)
        sent.outcome = not_sent(csumoff_strerror(status));
    if (status)
        return sent;
    is_changed = memcmp(before, frame, len) != 0;
    if (was_blank && is_changed)
        levels_read(&levels, frame, len, len, CSUMOFF_LINK_ETHERNET);
    sent.outcome = explain(frame, len, is_changed, was_blank, has_l3(&levels, CSUMOFF_BLANK), &hint,
                           caps, &slot);
    return sent;
}

struct sent ring_send(const struct packet *p, const struct options *o,
                      const struct csumoff_netfront_caps *caps)
{
    static uint8_t frame[FRAME_MOST];
    struct sent sent = {.state = "-", .len = p->header->caplen};
    size_t len;

    if (p->is_snapped || (p->status == CSUMOFF_ETRUNC && p->is_at_snaplen))
        sent.outcome = not_sent("not captured whole");
    else if (p->status && p->status != CSUMOFF_EPROTO)
        sent.outcome = not_sent(csumoff_strerror(p->status));
    else if ((len = copy_frame(p, frame)) == 0)
        sent.outcome = not_sent("longer than a slot can say");
    else
        sent = send_frame(frame, len, o, caps);
    return sent;
}
