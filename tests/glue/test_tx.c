// SPDX-License-Identifier: MIT
/*
 * Sending, judged as a whole: whatever is wanted of whatever packet, either the frame that leaves
 * the device has the right checksums, or there is an error and nothing was touched. What is right
 * is the oracle's word, and so is the device's part, which is done here.
 */
#include <csumoff_netfront.h>
#include <csumoff_virtio.h>

#include "anything.h"

enum {
    BOTH = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED,
    BACKEND_SEES = 256, /* bytes of an IPv6 packet, of its headers */
    BURST = 10
};

static struct packet packet, want;
static struct guarded guard, copy_guard;
static struct rng rng;

static uint8_t *placed(struct guarded *where)
{
    return place(where, &packet);
}

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

static const char *text_of(const struct device *device, const struct wish *wish)
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

static bool has_chain(const char *letters)
{
    return strpbrk(packet.spec.level[0].chain, letters) != NULL;
}

static bool is_clean(size_t from)
{
    for (; from < packet.len; from++)
        if (packet.bytes[from])
            return false;
    return true;
}

/* A Register message of PIM has 4 bytes more of header. */
static size_t behind_header(const struct level *l)
{
    return l->proto == PROTO_PIM && (packet.bytes[l->l4] & 15) == PIM_REGISTER ? l->l4 + 8
                                                                               : l->payload;
}

/* Bytes behind the L4 header; negative where TCP says something impossible. */
static long payload_of(const struct level *l)
{
    size_t end = l->proto == PROTO_UDP ? l->l4 + l->l4_len : l->end;

    if (l->finding != FOUND)
        return (long)(l->end - l->l4);
    return l->payload ? (long)(end - behind_header(l)) : -1;
}

/* Whether a payload is over mss: that of the innermost packet known; 2: it can't be told. */
static int is_over(uint16_t mss)
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
static bool takes_own(const struct device *device, bool seeded)
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

static uint8_t gso_of(const struct device *device, uint16_t mss)
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

static struct outcome failed(int status)
{
    return (struct outcome){.status = status, .or_status = status};
}

static struct outcome own(const struct device *device, const struct csumoff_hint *hint)
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
static struct outcome elsewhere(const struct device *device, const struct wish *wish)
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
    outcome.is_told = seeded && !device->is_xen && device->virtio.csum && is_clean(end);
    if (is_ip(&packet) && outermost->finding == NOT_RESOLVABLE && !outcome.is_told)
        return failed(CSUMOFF_ENOTSUP);
    if (is_ip(&packet))
        packet_set_l3(&want, 0);
    return outcome;
}

/* Says what is to come of the packet, and makes `want` the frame as it leaves the device. */
static struct outcome expect(const struct device *device, const struct wish *wish)
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

/* ---- What came of it --------------------------------------------------------------------- */

/* Either device's word beside the frame. */
struct beside {
    struct csumoff_netfront_slot slot;
    struct csumoff_virtio_hdr hdr;
};

/* Not by value: that need not copy the bytes between the members. */
static void poison(struct beside *beside)
{
    memset(beside, POISON, sizeof *beside);
}

static bool is_poisoned(const struct beside *beside)
{
    const uint8_t *p = (const uint8_t *)beside;

    for (size_t i = 0; i < sizeof *beside; i++)
        if (p[i] != POISON)
            return false;
    return true;
}

static bool same_beside(const struct beside *x, const struct beside *y)
{
    return x->slot.flags == y->slot.flags && x->slot.gso_type == y->slot.gso_type &&
           x->slot.gso_size == y->slot.gso_size && x->hdr.flags == y->hdr.flags &&
           x->hdr.gso_type == y->hdr.gso_type && x->hdr.hdr_len == y->hdr.hdr_len &&
           x->hdr.gso_size == y->hdr.gso_size && x->hdr.csum_start == y->hdr.csum_start &&
           x->hdr.csum_offset == y->hdr.csum_offset && x->hdr.num_buffers == y->hdr.num_buffers;
}

static void check_beside(const struct device *device, const struct wish *wish,
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
static void check_frame(const struct device *device, const struct wish *wish,
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

static int tx(const struct device *device, uint8_t *p, const struct csumoff_hint *hint,
              struct beside *beside)
{
    return device->is_xen ? csumoff_netfront_tx(p, packet.len, &device->xen, hint, &beside->slot)
                          : csumoff_virtio_tx(p, packet.len, device->link, &device->virtio, hint,
                                              &beside->hdr);
}

static int tx_iov(const struct device *device, const struct csumoff_iov *iov, size_t count,
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

static void check_made(const struct device *device, const struct wish *wish, const char *by,
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

static void send_pieces(const struct device *device, const struct wish *wish,
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

static void send_in_pieces(const struct device *device, const struct wish *wish)
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

static void send_at_every_cut(const struct device *device, const struct wish *wish)
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
static void send_in_burst(const struct device *device, const struct wish *wish)
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

static void send_copy(const struct device *device, const struct wish *wish)
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
static void send_head(const struct device *device, const struct wish *wish,
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
static struct csumoff_layout layout_of(const struct level *l)
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
static void send_located(const struct device *device, const struct wish *wish)
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
static struct outcome check_wish(const struct device *device, const struct wish *wish)
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

/* ---- Any of them ------------------------------------------------------------------------- */

/* A place at random. Seeds are put where they are wanted. */
static void choose_place(struct wish *wish)
{
    static const uint8_t offsets[] = {16, 6, SCTP_OFFSET, 2};
    const struct level *l = &packet.level[0];
    size_t end = is_ip(&packet) ? l->end : packet.len, begin = is_ip(&packet) ? l->l4 : 14, start;
    unsigned listed = is_ip(&packet) ? packet_listed(&packet) : 0;
    struct csumoff_hint *hint = &wish->hint;

    wish->target = OWN;
    switch (rng_below(&rng, 5)) {
    case 0:
        break;
    case 1: /* a place that is none, but not one that only looks so */
        hint->csum_offset = offsets[rng_below(&rng, sizeof offsets)];
        if (end < begin + hint->csum_offset + 2)
            break;
        start = begin + rng_below(&rng, end - begin - hint->csum_offset - 1);
        for (unsigned i = 0; i < listed; i++)
            if (start == packet.level[i].l4)
                return;
        hint->csum_start = (uint32_t)start;
        wish->target = NOWHERE;
        break;
    case 2:
        hint->csum_offset = offsets[rng_below(&rng, sizeof offsets)];
        if (rng_below(&rng, 4) == 0) {
            hint->csum_start = UINT32_MAX - (uint32_t)rng_below(&rng, 40);
        } else if (rng_below(&rng, 2)) {
            hint->csum_start = (uint32_t)(end - rng_below(&rng, hint->csum_offset + 2u) + 0);
            if (hint->csum_start <= end - hint->csum_offset - 2)
                hint->csum_start = (uint32_t)end;
        } else {
            hint->csum_start = 1 + (uint32_t)rng_below(&rng, 12);
            if (hint->csum_start >= (is_ip(&packet) ? l->l3 : 14u))
                break;
        }
        wish->target = OUTSIDE;
        break;
    default:
        if (!listed)
            break;
        listed = (unsigned)rng_below(&rng, listed);
        if (packet.level[listed].finding != FOUND)
            break;
        wish->target = (int)listed;
        hint->csum_start = (uint32_t)packet.level[listed].l4;
        hint->csum_offset = (uint32_t)packet.level[listed].csum_offset;
    }
    if (wish->target == OWN)
        hint->csum_start = 0;
}

static uint16_t random_mss(void)
{
    unsigned listed = packet_listed(&packet);
    const struct level *l = &packet.level[listed ? rng_below(&rng, listed) : 0];
    long payload = payload_of(l);

    switch (rng_below(&rng, 8)) {
    case 0:
        return (uint16_t)(1 + rng_below(&rng, 100));
    case 1:
        return payload > 0 && payload <= UINT16_MAX ? (uint16_t)payload : 0;
    case 2:
        return payload > 1 && payload <= UINT16_MAX ? (uint16_t)(payload - 1) : 0;
    case 3:
        return 1448;
    default:
        return 0;
    }
}

/* Whether it is known what the backend finds: it gives up on long chains. */
static bool is_for(const struct device *device)
{
    const struct level *l = &packet.level[0];

    return !device->is_xen ||
           (packet.len <= 65535 && (l->version == 4 || l->l4 - l->l3 <= BACKEND_SEES));
}

static bool build(const struct packet_spec *spec, bool is_ethernet)
{
    build_any(&packet, spec, is_ethernet, &rng);
    return packet.len <= 66000;
}

static bool random_bit(void)
{
    return rng_below(&rng, 3) != 0;
}

static struct device random_device(bool is_xen, enum csumoff_link link)
{
    struct device device = {.is_xen = is_xen, .link = link};

    device.xen = (struct csumoff_netfront_caps){random_bit(), random_bit(), random_bit(),
                                                random_bit(), random_bit()};
    device.virtio = (struct csumoff_virtio_caps){random_bit(), random_bit(), random_bit(),
                                                 random_bit(), random_bit()};
    return device;
}

/* A wish at random, and the seed that it may speak of. */
static struct wish random_wish(void)
{
    struct wish wish = {.hint = {.want = (enum csumoff_tx)rng_below(&rng, 4)}};
    int level;

    wish.hint.mss = random_mss();
    choose_place(&wish);
    level = wish.target == OWN ? 0 : wish.target;
    if (wish.hint.want != CSUMOFF_TX_SEEDED || level < 0 || packet.level[level].finding != FOUND)
        return wish;
    if (packet.level[level].proto == PROTO_OSPF) /* nobody seeds it */
        wish.hint.want = CSUMOFF_TX_COMPUTE;
    else if (!packet.level[level].is_crc32c)
        packet_set_field(&packet, (unsigned)level,
                         rng_below(&rng, 8) ? packet_seed(&packet, (unsigned)level) : 0);
    return wish;
}

static void send_any(bool is_xen, enum csumoff_link link, size_t rounds, uint64_t stream)
{
    size_t told = 0, super = 0, errors = 0, inside = 0, of[NOT_RESOLVABLE + 1] = {0};

    rng = rng_new(stream);
    for (size_t i = 0; i < rounds; i++) {
        const struct packet_spec spec = any_spec(&rng);
        struct device device = random_device(is_xen, link);
        struct outcome outcome;
        struct wish wish;

        if (!build(&spec, link == CSUMOFF_LINK_ETHERNET) || !is_for(&device))
            continue;
        wish = random_wish();
        outcome = check_wish(&device, &wish);
        told += outcome.is_told;
        super += outcome.gso != 0;
        errors += outcome.status != CSUMOFF_OK;
        inside += wish.target > 0 && outcome.status == CSUMOFF_OK;
        of[packet.level[0].finding]++;
    }
    /* None of the kinds is left out. */
    ck_assert_uint_gt(told, rounds / 50);
    ck_assert_uint_gt(super, rounds / 1000);
    ck_assert_uint_gt(errors, rounds / 50);
    ck_assert_uint_gt(inside, rounds / 100);
    for (size_t i = 0; i <= NOT_RESOLVABLE; i++)
        ck_assert_uint_gt(of[i], rounds / 200);
}

START_TEST(anything_to_xen)
{
    send_any(true, CSUMOFF_LINK_ETHERNET, effort(40000, 2000), 1);
}
END_TEST

START_TEST(anything_to_virtio)
{
    send_any(false, CSUMOFF_LINK_ETHERNET, effort(40000, 2000), 2);
}
END_TEST

START_TEST(anything_to_a_tun)
{
    send_any(false, CSUMOFF_LINK_IP, effort(20000, 1000), 3);
}
END_TEST

/* Cut anywhere, it is refused; only what is sent as it is may be a part of something. */
START_TEST(truncated)
{
    rng = rng_new(4);
    for (size_t i = 0; i < effort(20000, 1000); i++) {
        const struct device devices[] = {all_xen, no_xen, all_virtio, no_virtio};
        const struct device *device = &devices[rng_below(&rng, 4)];
        const struct packet_spec spec = spec_random(&rng, 2);
        struct wish wish = {.target = OWN, .hint = {.want = (enum csumoff_tx)rng_below(&rng, 4)}};
        bool is_left = wish.hint.want == CSUMOFF_TX_AS_IS || wish.hint.want == CSUMOFF_TX_VERIFIED;
        struct beside beside;
        uint8_t *p;
        int status;

        if (!build(&spec, true) || !is_ip(&packet) || packet.len > 65535)
            continue;
        packet.len = rng_below(&rng, packet.level[0].end);
        if (packet.level[0].finding == FOUND && rng_below(&rng, 2)) {
            wish.hint.csum_start = (uint32_t)packet.level[0].l4;
            wish.hint.csum_offset = (uint32_t)packet.level[0].csum_offset;
        }
        if (!is_left)
            wish.hint.mss = random_mss();
        poison(&beside);
        p = placed(&guard);
        status = tx(device, p, &wish.hint, &beside);
        if (status != (is_left && packet.len >= 14 ? CSUMOFF_OK : CSUMOFF_ETRUNC))
            ck_abort_msg("status %d of %zu bytes: %s", status, packet.len, text_of(device, &wish));
        if (!same_bytes(p, packet.bytes, packet.len) || (status && !is_poisoned(&beside)))
            ck_abort_msg("touched: %s", text_of(device, &wish));
        made.status = status;
        made.beside = beside;
        memcpy(made.bytes, packet.bytes, packet.len);
        send_in_pieces(device, &wish);
        if (device->is_xen)
            send_copy(device, &wish);
    }
}
END_TEST

/* No bytes at NULL, several times: each item has its status, and UBSan nothing to say. */
START_TEST(bursts_of_nothing)
{
    struct csumoff_netfront_tx_item sent[BURST] = {{.frame = NULL}};
    struct csumoff_netfront_rx_item received[BURST] = {{.frame = NULL}};
    struct csumoff_virtio_tx_item put[BURST] = {{.frame = NULL}};
    struct csumoff_virtio_rx_item got[BURST] = {{.frame = NULL}};
    struct csumoff_inspect_item seen[BURST] = {{.frame = NULL}};
    const struct csumoff_virtio_policy policy = {true, true};

    ck_assert_uint_eq(csumoff_netfront_tx_burst(sent, BURST, &all_xen.xen), 0);
    ck_assert_uint_eq(csumoff_netfront_rx_burst(received, BURST), BURST);
    ck_assert_uint_eq(csumoff_netfront_rx_finish_burst(received, BURST), BURST);
    ck_assert_uint_eq(
        csumoff_virtio_tx_burst(put, BURST, CSUMOFF_LINK_ETHERNET, &all_virtio.virtio), 0);
    ck_assert_uint_eq(csumoff_virtio_rx_burst(got, BURST, CSUMOFF_LINK_IP, &policy), BURST);
    ck_assert_uint_eq(csumoff_virtio_rx_finish_burst(got, BURST, CSUMOFF_LINK_IP, &policy), BURST);
    ck_assert_uint_eq(csumoff_inspect_burst(seen, BURST, CSUMOFF_LINK_IP), 0);
    for (int i = 0; i < BURST; i++) {
        ck_assert_int_eq(sent[i].status, CSUMOFF_ETRUNC);
        ck_assert_int_eq(put[i].status, CSUMOFF_ETRUNC);
        ck_assert_int_eq(seen[i].status, CSUMOFF_ETRUNC);
    }
}
END_TEST

/* A layout that is not this frame's, but whose numbers are inside it: whatever comes of it, nothing
 * beyond the bytes at hand is looked at, and nothing is written on errors. */
START_TEST(layout_of_another_frame)
{
    size_t errors = 0, rounds = effort(40000, 4000);

    rng = rng_new(5);
    for (size_t i = 0; i < rounds; i++) {
        const struct packet_spec spec = spec_random(&rng, 1);
        const struct device random = random_device(true, CSUMOFF_LINK_ETHERNET), *device = &random;
        struct wish told = {.target = OWN, .hint = {.want = (enum csumoff_tx)rng_below(&rng, 4)}};
        const struct wish *wish = &told;
        struct beside beside;
        size_t have;
        int status;

        if (!build(&spec, true) || packet.level[0].finding != FOUND || packet.len > 65535)
            continue;
        struct csumoff_layout at = layout_of(&packet.level[0]);
        uint32_t *const members[] = {&at.l3_start,   &at.l4_start,    &at.payload_start, &at.end,
                                     &at.csum_start, &at.csum_offset, &at.l4_len};
        uint8_t *const bytes[] = {&at.ip_version, &at.l4_proto, &at.csum_kind}, *head;

        for (size_t n = 1 + rng_below(&rng, 4); n > 0; n--) {
            const size_t below = rng_below(&rng, 2) ? packet.len + 1 : 40;

            if (rng_below(&rng, 3))
                *members[rng_below(&rng, 7)] = (uint32_t)rng_below(&rng, below);
            else
                *bytes[rng_below(&rng, 3)] = (uint8_t)rng_below(&rng, 18);
        }
        told.hint.layout = &at;
        told.hint.mss = random_mss();
        have = rng_below(&rng, 2) ? packet.len : rng_below(&rng, packet.len + 1);
        (void)placed(&guard);
        head = guarded_copy(&guard, packet.bytes, have);
        poison(&beside);
        status = csumoff_netfront_tx_head(head, have, packet.len, &device->xen, &told.hint,
                                          &beside.slot);
        errors += status != CSUMOFF_OK;
        if (status)
            SO(is_poisoned(&beside) && same_bytes(head, packet.bytes, have));
        head = placed(&guard);
        poison(&beside);
        status = csumoff_virtio_tx(head, packet.len, CSUMOFF_LINK_ETHERNET, &all_virtio.virtio,
                                   &told.hint, &beside.hdr);
        if (status)
            SO(is_poisoned(&beside) && same_bytes(head, packet.bytes, packet.len));
    }
    ck_assert_uint_gt(errors, rounds / 10);
}
END_TEST

/* ---- Segments ---------------------------------------------------------------------------- */

/* Whatever is around 4000 bytes of payload: they are cut, or refused. If they fit, all is well. */
START_TEST(mss_of_every_encapsulation)
{
    static const struct {
        const char *name;
        struct level_spec outer; /* all members 0 but `version`: nothing is around it */
        struct level_spec inner;
        bool is_cut;
    } rows[] = {
        {"TCP", {0}, {.proto = PROTO_TCP}, true},
        {"UDP", {0}, {.proto = PROTO_UDP}, true},
        {"SCTP", {0}, {.proto = PROTO_SCTP}, false},
        {"UDP-Lite", {0}, {.proto = PROTO_UDPLITE}, false},
        {"DCCP", {0}, {.proto = PROTO_DCCP}, false},
        {"ICMP", {0}, {.proto = PROTO_ICMP}, false},
        {"ESP", {0}, {.proto = PROTO_ESP}, false},
        {"PPPoE", {0}, {.proto = PROTO_TCP, .carrier = CARRIER_PPPOE}, false},
        {"SNAP", {0}, {.proto = PROTO_TCP, .carrier = CARRIER_SNAP}, false},
        {"MPLS", {0}, {.proto = PROTO_TCP, .labels = 1}, false},
        {"0x9100", {0}, {.proto = PROTO_TCP, .tag_count = 1, .tags = {0x9100}}, false},
        {"five tags",
         {0},
         {.proto = PROTO_TCP, .tag_count = 5, .tags = {0x8100, 0x8100, 0x8100, 0x8100, 0x8100}},
         false},
        {"IPIP", {.tunnel = TUNNEL_IP}, {.proto = PROTO_TCP}, false},
        {"GRE", {.tunnel = TUNNEL_GRE}, {.proto = PROTO_TCP}, false},
        {"GRE, UDP", {.tunnel = TUNNEL_GRE, .flags = GRE_C}, {.proto = PROTO_UDP}, false},
        {"GRE, SCTP", {.tunnel = TUNNEL_GRE}, {.proto = PROTO_SCTP}, false},
        {"VXLAN", {.tunnel = TUNNEL_VXLAN}, {.proto = PROTO_TCP}, false},
        {"VXLAN, UDP", {.tunnel = TUNNEL_VXLAN}, {.proto = PROTO_UDP}, false},
        {"VXLAN, SCTP", {.tunnel = TUNNEL_VXLAN}, {.proto = PROTO_SCTP}, false},
        {"Geneve", {.tunnel = TUNNEL_GENEVE}, {.proto = PROTO_TCP}, false},
        {"GTP-U", {.tunnel = TUNNEL_GTPU}, {.proto = PROTO_UDP}, false},
    };
    const struct device devices[] = {all_xen, no_xen, all_virtio, no_virtio};

    rng = rng_new(5);
    for (size_t i = 0; i < sizeof rows / sizeof *rows * 4 * 4 * 4; i++) {
        size_t row = i / 64;
        const struct device *device = &devices[i % 4];
        enum csumoff_tx intent = (enum csumoff_tx)(i / 4 % 4);
        unsigned version = i / 16 % 2 ? 6 : 4, last;
        bool has_place = i / 32 % 2;
        struct packet_spec spec = {.levels = 1};
        bool is_tunnel = rows[row].outer.tunnel != TUNNEL_NONE;
        size_t payload;

        spec.level[0] = rows[row].inner;
        if (is_tunnel) {
            spec.levels = 2;
            spec.level[1] = rows[row].inner;
            spec.level[0] = rows[row].outer;
        }
        last = spec.levels - 1;
        spec.level[0].ethernet = true;
        spec.level[last].ethernet = !is_tunnel || rows[row].outer.tunnel == TUNNEL_VXLAN;
        spec.level[0].version = 4;
        spec.level[last].version = (uint8_t)version;
        spec.level[last].payload = 4000;
        spec.level[last].data_offset = 5;
        if (rows[row].inner.proto == PROTO_ICMP && version == 6)
            spec.level[last].proto = PROTO_ICMPV6;
        packet_build(&packet, &spec, &rng);
        for (unsigned l = 0; l <= last; l++)
            if (packet.level[l].finding == FOUND && !packet.level[l].is_crc32c)
                packet_set_field(&packet, l, packet_seed(&packet, l));
        payload = is_ip(&packet) ? (size_t)payload_of(&packet.level[last]) : packet.len - 14;
        if (packet.level[last].proto == PROTO_TCP)
            packet.bytes[packet.level[last].l4 + 13] &= 0x7F;
        for (int fits = 0; fits < 2; fits++) {
            struct wish wish = {.target = OWN, .hint = {.want = intent}};
            bool is_cut = rows[row].is_cut && !fits &&
                          (intent == CSUMOFF_TX_COMPUTE || intent == CSUMOFF_TX_SEEDED);
            struct outcome outcome;

            wish.hint.mss = (uint16_t)(fits ? payload : 1448);
            if (has_place && packet.level[last].finding == FOUND && is_ip(&packet)) {
                wish.target = (int)last;
                wish.hint.csum_start = (uint32_t)packet.level[last].l4;
                wish.hint.csum_offset = (uint32_t)packet.level[last].csum_offset;
            }
            outcome = check_wish(device, &wish);
            is_cut = is_cut && device != &devices[1] && device != &devices[3] &&
                     !(device->is_xen && packet.level[0].proto == PROTO_UDP);
            if (!fits && !is_cut && outcome.status == CSUMOFF_OK)
                ck_abort_msg("%s goes out whole: %s", rows[row].name, text_of(device, &wish));
            if (is_cut && !outcome.gso)
                ck_abort_msg("%s is not cut: %s", rows[row].name, text_of(device, &wish));
        }
    }
}
END_TEST

/* ---- Layouts of the caller's --------------------------------------------------------------- */

/* Sends a packet with a layout that is wrong in itself, or isn't the frame's, in one piece and in
 * two: the same status, and on an error everything as it was. Returns the status. */
static int send_with(const struct device *device, const struct csumoff_layout *at)
{
    const struct wish told = {.target = OWN, .hint = {.want = CSUMOFF_TX_COMPUTE, .layout = at}},
                      *wish = &told;
    struct csumoff_iov iov[2];
    struct beside beside;
    uint8_t *p = placed(&guard);
    int status;

    poison(&made.beside);
    made.status = tx(device, p, &wish->hint, &made.beside);
    memcpy(made.bytes, p, packet.len);
    if (made.status) {
        SO(is_poisoned(&made.beside));
        SO(same_bytes(p, packet.bytes, packet.len));
    }
    poison(&beside);
    part(&packet, packet.level[0].payload, &guard, &copy_guard, iov);
    status = tx_iov(device, iov, 2, &wish->hint, &beside);
    check_made(device, wish, "in pieces", status, &beside, joined(iov, 2));
    return made.status;
}

START_TEST(layouts_that_cannot_be)
{
    const struct device devices[] = {all_xen, no_xen, all_virtio, no_virtio};

    rng = rng_new(6);
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        struct packet_spec spec = spec_plain(4, PROTO_TCP, 60, "");
        struct csumoff_layout at, wrong;

        packet_build(&packet, &spec, &rng);
        at = layout_of(&packet.level[0]);
        wrong = at;
        wrong.csum_offset = at.l4_len - 1; /* a field that is half inside */
        CHECK_EQ(send_with(&devices[i], &wrong), CSUMOFF_ERANGE);
        wrong = at;
        wrong.l4_len = 19; /* less than a header */
        CHECK_EQ(send_with(&devices[i], &wrong), CSUMOFF_ERANGE);
        wrong = at;
        wrong.csum_offset = 30; /* the caller knows where */
        CHECK_EQ(send_with(&devices[i], &wrong), CSUMOFF_OK);
        CHECK(!same_bytes(made.bytes + at.l4_start + 30, packet.bytes + at.l4_start + 30, 2));
        CHECK(same_bytes(made.bytes + at.l4_start, packet.bytes + at.l4_start, 30));
        spec = spec_plain(4, PROTO_UDP, 60, "");
        packet_build(&packet, &spec, &rng);
        wrong = at = layout_of(&packet.level[0]);
        wrong.l4_len = 7;
        wrong.csum_offset = 4;
        CHECK_EQ(send_with(&devices[i], &wrong), CSUMOFF_ERANGE);
        wrong = at;
        wrong.l3_start = wrong.l4_start;
        CHECK_EQ(send_with(&devices[i], &wrong), CSUMOFF_ERANGE);
        spec = spec_plain(6, PROTO_UDP, 60, "");
        packet_build(&packet, &spec, &rng);
        wrong = layout_of(&packet.level[0]);
        wrong.ip_version = 5; /* the frame's, and yet none */
        packet.bytes[wrong.l3_start] = 0x50;
        CHECK_EQ(send_with(&devices[i], &wrong), CSUMOFF_ERANGE);
    }
}
END_TEST

/* The IPv4 header has to end before the L4 header of a layout, and has to be one. */
START_TEST(layouts_and_ipv4_headers)
{
    const struct device devices[] = {all_xen, no_xen, all_virtio, no_virtio};

    rng = rng_new(7);
    for (size_t i = 0; i < sizeof devices / sizeof *devices * 32; i++) {
        const struct device *device = &devices[i % 4];
        struct packet_spec spec = spec_plain(4, PROTO_UDP, 60, "");
        unsigned words = (unsigned)(i / 4 % 16), most = i < 64 ? 7 : 5;
        struct csumoff_layout at;
        uint8_t *first;

        spec.level[0].options = (uint8_t)(4 * (most - 5));
        packet_build(&packet, &spec, &rng);
        at = layout_of(&packet.level[0]);
        first = packet.bytes + at.l3_start;
        *first = (uint8_t)(0x40 | words);
        CHECK_EQ(send_with(device, &at), words < 5 || words > most ? CSUMOFF_ERANGE : CSUMOFF_OK);
        if (made.status == CSUMOFF_OK)
            CHECK_EQ(ref_checksum(ref_sum(made.bytes + at.l3_start, words * 4)), 0);
        *first = (uint8_t)(0x60 | words);
        CHECK_EQ(send_with(device, &at), CSUMOFF_ERANGE);
    }
}
END_TEST

/* A datagram that is shorter than the packet around it: only zeros may follow it. */
START_TEST(layouts_of_short_datagrams)
{
    const struct device devices[] = {all_xen, all_virtio};

    rng = rng_new(8);
    for (size_t i = 0; i < 8; i++) {
        const struct device *device = &devices[i % 2];
        struct packet_spec spec = spec_plain(i / 2 % 2 ? 4 : 6, PROTO_UDP, 60, "");
        struct wish wish = {.target = OWN, .hint = {.want = CSUMOFF_TX_COMPUTE}};
        struct outcome outcome;
        struct beside beside;

        spec.level[0].slack = 3;
        packet_build(&packet, &spec, &rng);
        packet.bytes[packet.len - 1] = i < 4 ? 0 : 1;
        outcome = check_wish(device, &wish);
        CHECK_EQ(outcome.is_told, i < 4);
        /* All that has to be summed is at hand. */
        if (device->is_xen) {
            size_t have = packet.level[0].l4 + packet.level[0].l4_len;

            CHECK_EQ(csumoff_netfront_tx_head(placed(&guard), have, packet.len, &no_xen.xen, NULL,
                                              &beside.slot),
                     CSUMOFF_OK);
            CHECK_EQ(csumoff_netfront_tx_head(placed(&guard), have - 1, packet.len, &no_xen.xen,
                                              NULL, &beside.slot),
                     CSUMOFF_ENOTSUP);
        }
    }
}
END_TEST

/* ---- Packets inside packets ---------------------------------------------------------------- */

/* Appends an IPv4 header to the frame; `rest` bytes follow it. */
static void put_ipv4(uint8_t proto, size_t rest)
{
    uint8_t *p = packet.bytes + packet.len;

    memset(p, 0, 20);
    p[0] = 0x45;
    store_wire16(p + 2, (uint16_t)(20 + rest));
    p[8] = 64;
    p[9] = proto;
    p[12] = p[16] = 10;
    packet.len += 20;
}

/*
 * Makes the frame `levels` packets inside one another, and UDP with 100 bytes in the innermost.
 * The second one is of GRE with a checksum, the others have none. Returns where GRE's header is.
 */
static size_t nest(size_t levels)
{
    const size_t gre = 14 + 2 * 20;

    rng_fill(&rng, packet.bytes, 14);
    store_wire16(packet.bytes + 12, 0x0800);
    packet.len = 14;
    for (size_t i = 0; i < levels; i++) {
        size_t around = (levels - 1 - i) * 20 + 8 + 100 + (i <= 1 ? 8 : 0);

        put_ipv4(i + 1 == levels ? PROTO_UDP : i == 1 ? PROTO_GRE : PROTO_IPV4, around);
        if (i == 1) {
            memcpy(packet.bytes + packet.len, "\x80\0\x08\0\x12\x34\0\0", 8);
            packet.len += 8;
        }
    }
    rng_fill(&rng, packet.bytes + packet.len, 108);
    store_wire16(packet.bytes + packet.len + 2, 53);
    store_wire16(packet.bytes + packet.len + 4, 108);
    packet.len += 108;
    return gre;
}

/* Eight packets inside one another are told apart: whether the innermost of so many fits into a
 * segment cannot be said, nor whether a place is one of a packet further inside. */
START_TEST(eight_levels)
{
    for (size_t levels = 3; levels <= 10; levels++) {
        for (size_t i = 0; i < 2; i++) {
            const struct device *device = i ? &all_virtio : &all_xen;
            const bool is_known = levels < 8;
            struct csumoff_hint hint = {CSUMOFF_TX_AS_IS, 0, 0, 100, NULL};
            struct beside beside;
            size_t gre;
            uint8_t *p;

            rng = rng_new(9);
            gre = nest(levels);
            p = placed(&guard);
            poison(&beside);
            CHECK_EQ(tx(device, p, &hint, &beside), is_known ? CSUMOFF_OK : CSUMOFF_ENOTSUP);
            hint.mss = 99;
            CHECK_EQ(tx(device, p, &hint, &beside), CSUMOFF_ENOTSUP);
            /* A packet of them, around others. */
            hint = (struct csumoff_hint){CSUMOFF_TX_SEEDED, (uint32_t)gre, 4, 100, NULL};
            CHECK_EQ(tx(device, p, &hint, &beside), is_known ? CSUMOFF_OK : CSUMOFF_ENOTSUP);
            p = placed(&guard);
            hint.mss = 99;
            CHECK_EQ(tx(device, p, &hint, &beside), CSUMOFF_ENOTSUP);
            hint.mss = 0;
            CHECK_EQ(tx(device, p, &hint, &beside), CSUMOFF_OK);
            /* A place that is none of theirs. */
            p = placed(&guard);
            hint.csum_start = (uint32_t)packet.len - 50;
            poison(&beside);
            CHECK_EQ(tx(device, p, &hint, &beside), is_known ? CSUMOFF_OK : CSUMOFF_ENOTSUP);
            if (!is_known)
                CHECK(is_poisoned(&beside) && same_bytes(p, packet.bytes, packet.len));
        }
    }
}
END_TEST

/* GRE is located by less than its checksum's field, which may be beyond what is at hand. */
START_TEST(field_beyond_the_head)
{
    const uint32_t gre = 14 + 2 * 20;
    const struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, gre, 4, 0, NULL};
    struct wish wish = {.hint = hint, .target = NOWHERE};
    struct csumoff_iov iov[2];
    struct beside beside;
    uint8_t *p = packet.bytes;
    int status;

    rng = rng_new(10);
    poison(&beside);
    (void)nest(3);
    store_wire16(packet.bytes + gre + 2, 0x1234); /* of something that is not looked into */
    for (size_t have = gre; have <= packet.len; have++) {
        p = placed(&guard);
        poison(&beside);
        CHECK_EQ(csumoff_netfront_tx_head(p, have, packet.len, &all_xen.xen, &hint, &beside.slot),
                 have < gre + 6      ? CSUMOFF_EHEAD
                 : have < packet.len ? CSUMOFF_ENOTSUP
                                     : CSUMOFF_OK);
        CHECK(have == packet.len || is_poisoned(&beside));
    }
    made.status = CSUMOFF_OK;
    made.beside = beside;
    memcpy(made.bytes, p, packet.len);
    for (size_t have = gre; have <= gre + 8; have++) {
        part(&packet, have, &guard, &copy_guard, iov);
        poison(&beside);
        status = tx_iov(&all_xen, iov, 2, &hint, &beside);
        check_made(&all_xen, &wish, "in pieces", status, &beside, joined(iov, 2));
    }
}
END_TEST

/* The same at the end of what is gathered: 4 bytes of GRE's header are, its field is not. */
START_TEST(field_beyond_what_is_gathered)
{
    const uint32_t gre = 508;
    const struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, gre, 4, 0, NULL};
    struct device device = all_virtio;
    uint8_t *p = packet.bytes;
    struct csumoff_iov iov[2];
    struct beside beside;

    device.link = CSUMOFF_LINK_IP;
    memset(p, 0, 700);
    p[0] = 0x60;
    store_wire16(p + 4, 700 - 40);
    p[6] = 60; /* destination options, all of them Pad1 */
    p[40] = PROTO_IPV4;
    p[41] = (508 - 40 - 20) / 8 - 1;
    packet.len = gre - 20;
    put_ipv4(PROTO_GRE, 700 - gre);
    p[gre] = 0x80;
    store_wire16(p + gre + 2, 0x1234);
    packet.len = 700;
    packet.levels = 1;
    for (size_t have = 500; have <= 700; have++) {
        part(&packet, have, &guard, &copy_guard, iov);
        poison(&beside);
        CHECK_EQ(tx_iov(&device, iov, 2, &hint, &beside),
                 have < gre + 6 ? CSUMOFF_ENOTSUP : CSUMOFF_OK);
        CHECK(have >= gre + 6 || is_poisoned(&beside));
    }
}
END_TEST

int main(void)
{
    const TTest *const sending[] = {anything_to_xen,
                                    anything_to_virtio,
                                    anything_to_a_tun,
                                    truncated,
                                    bursts_of_nothing,
                                    layout_of_another_frame,
                                    NULL};
    const TTest *const segments[] = {mss_of_every_encapsulation, NULL};
    const TTest *const layouts[] = {layouts_that_cannot_be, layouts_and_ipv4_headers,
                                    layouts_of_short_datagrams, NULL};
    const TTest *const inside[] = {eight_levels, field_beyond_the_head,
                                   field_beyond_what_is_gathered, NULL};
    Suite *suite = suite_create("tx");

    suite_add(suite, "sending", sending);
    suite_add(suite, "segments", segments);
    suite_add(suite, "layouts", layouts);
    suite_add(suite, "inside", inside);
    return suite_run(suite);
}
