// SPDX-License-Identifier: MIT
#include "model.h"

#include <string.h>

#include "reference.h"

enum {
    ETHERNET = 14,
    SCTP_FIELD = 8,
    PLACE_LEAST = 20,
    PLACE_MOST = 0xFFFF,
    FRAME_MOST = 0xFFFF, /* of a ring */
    DATAGRAMS = 128,
    CWR = 0x80
};

/* ---- What is known of a packet --------------------------------------------------------------- */

struct truth truth_of(struct packet *p)
{
    static const enum outer outers[] = {OUTER_LOCATED, OUTER_UNKNOWN, OUTER_UNKNOWN, OUTER_FRAGMENT,
                                        OUTER_UNRESOLVABLE};
    struct truth t;

    t.p = p;
    t.outer = outers[p->level[0].finding];
    t.listed = packet_listed(p);
    return t;
}

/* Whether something is added to the sum of what is covered. OSPF's authentication is taken out. */
static bool has_addition(const struct packet *p, const struct level *l)
{
    return l->has_pseudo || (l->skip_len && ref_sum(p->bytes + l->l4 + l->skip, l->skip_len));
}

bool model_may_be_seed(const struct packet *p, unsigned level)
{
    const struct level *l = &p->level[level];

    return !l->is_crc32c && !(has_addition(p, l) && packet_field(p, level) == 0);
}

long model_payload(const struct packet *p, unsigned level)
{
    const struct level *l = &p->level[level];
    size_t end = l->proto == PROTO_UDP ? l->l4 + l->l4_len : l->end;

    return l->payload ? (long)end - (long)l->payload : -1;
}

bool model_is_clean(const struct packet *p, size_t from)
{
    while (from < p->len && p->bytes[from] == 0)
        from++;
    return from >= p->len;
}

int model_level_at(const struct truth *t, size_t start, size_t offset)
{
    unsigned i;

    for (i = 0; i < t->listed; i++)
        if (t->p->level[i].finding == FOUND && t->p->level[i].l4 == start &&
            t->p->level[i].csum_offset == offset)
            return (int)i;
    return -1;
}

static bool is_ethernet(const struct packet *p)
{
    return p->spec.level[0].ethernet;
}

/* Only VLAN tags that Linux knows in front of the IP header; only IPv4 options, or IPv6 extension
 * headers that neither authenticate nor fragment, behind it. */
bool model_is_repeatable(const struct packet *p)
{
    const struct level *l = &p->level[0];
    const uint8_t *l3 = p->bytes + l->l3;
    size_t at;
    uint8_t next;

    if (is_ethernet(p)) {
        for (at = 12; load_wire16(p->bytes + at) == 0x8100 || load_wire16(p->bytes + at) == 0x88A8;)
            at += 4;
        if (at + 2 != l->l3)
            return false;
    }
    if (l->version == 4)
        return l->l3 + (size_t)(l3[0] % 16) * 4 == l->l4;
    next = l3[6];
    for (at = l->l3 + 40; at < l->l4; at += 8 * ((size_t)p->bytes[at + 1] + 1)) {
        if (next == 51 || next == 44)
            return false;
        next = p->bytes[at];
    }
    return true;
}

/* ---- The limit of segments ------------------------------------------------------------------- */

/* What is behind the L4 header, or behind IP's where that can't be told. */
static size_t payload_most(const struct packet *p, unsigned level)
{
    const struct level *l = &p->level[level];
    long payload = l->finding == FOUND ? model_payload(p, level) : -1;

    return payload < 0 ? l->end - l->l4 : (size_t)payload;
}

static unsigned obey(const struct truth *t, size_t mss)
{
    const struct packet *p = t->p;
    const struct level *l = &p->level[0];

    if (t->outer == OUTER_NOT_IP || t->outer == OUTER_BROKEN)
        return p->len - (is_ethernet(p) ? ETHERNET : 0) <= mss ? MAY_OK : MAY_ENOTSUP;
    if (t->outer == OUTER_FRAGMENT || t->outer == OUTER_UNRESOLVABLE)
        /* How much of it is payload is not settled. */
        return (l->end - l->l4 <= mss ? MAY_OK : 0) |
               (l->end - l->l3 - (l->version == 4 ? 20 : 40) > mss ? MAY_ENOTSUP : 0);
    if (payload_most(p, 0) <= mss)
        return MAY_OK;
    if (t->listed < 2)
        return MAY_ENOTSUP;
    return payload_most(p, t->listed - 1) <= mss ? MAY_OK : MAY_ENOTSUP;
}

/* ---- What a device takes --------------------------------------------------------------------- */

static bool takes_own(const struct truth *t, const struct device *d, bool has_seed)
{
    const struct packet *p = t->p;
    const struct level *l = &p->level[0];
    size_t start, offset;

    if (!(l->version == 4 ? d->csum4 : d->csum6) || l->is_crc32c || l->l4 > PLACE_MOST ||
        !model_is_clean(p, l->l4 + l->l4_len))
        return false;
    if (l->proto != PROTO_TCP && l->proto != PROTO_UDP)
        return !d->is_xen && has_seed && l->proto == (l->version == 4 ? PROTO_ICMP : PROTO_ICMPV6);
    return !d->is_xen || (backend_finds(p->bytes, p->len, &start, &offset) && start == l->l4);
}

static unsigned gso_of(const struct truth *t, const struct device *d, size_t mss)
{
    const struct packet *p = t->p;
    const struct level *l = &p->level[0];

    if (p->len != l->end || l->l4 + l->l4_len != l->end || l->end - l->l3 > 65535 + 40 ||
        !model_is_repeatable(p))
        return 0;
    if (l->proto == PROTO_TCP) {
        if (p->bytes[l->l4 + 13] & CWR && !d->is_xen && !d->ecn)
            return 0;
        return l->version == 4 ? (d->tso4 ? 1 : 0) : d->tso6 ? 2 : 0;
    }
    return l->proto == PROTO_UDP && d->uso && (size_t)model_payload(p, 0) <= mss * DATAGRAMS &&
                   !is_tunnel_port(load_wire16(p->bytes + l->l4 + 2))
               ? 3
               : 0;
}

/* ---- Sending --------------------------------------------------------------------------------- */

static unsigned send_own(const struct truth *t, const struct device *d, const struct wish *w,
                         struct plan *plan)
{
    const bool has_seed = w->want == WANT_SEEDED && model_may_be_seed(t->p, 0);
    const long payload = model_payload(t->p, 0);

    plan->act = has_seed ? ACT_KEEP : ACT_MAKE;
    plan->level = 0;
    plan->is_told = takes_own(t, d, has_seed);
    if (!w->mss)
        return MAY_OK;
    if (payload < 0)
        return MAY_EHDR;
    if (payload <= (long)w->mss)
        return MAY_OK;
    if (plan->is_told)
        plan->gso = gso_of(t, d, w->mss);
    return plan->gso ? MAY_OK : obey(t, w->mss);
}

/* The bytes behind the smallest header that has its checksum there. */
static size_t payload_behind(size_t n, size_t offset)
{
    const size_t header = offset == 16 ? 20 : offset == 6 ? 8 : 0;

    return n < header ? 0 : n - header;
}

static unsigned send_elsewhere(const struct truth *t, const struct device *d, const struct wish *w,
                               struct plan *plan)
{
    const struct packet *p = t->p;
    const struct level *l = &p->level[0];
    const bool is_ip = t->outer != OUTER_NOT_IP, is_taken = !d->is_xen && d->csum4;
    const size_t from = is_ip            ? l->l4
                        : is_ethernet(p) ? ETHERNET
                                         : 0,
                 end = is_ip ? l->end : p->len;
    unsigned may = MAY_OK;

    plan->level = t->outer == OUTER_UNRESOLVABLE ? -1 : model_level_at(t, w->start, w->offset);
    if (w->start > end || end - w->start < w->offset || end - w->start - w->offset < 2)
        return MAY_ERANGE;
    if (w->start < from) /* what of an unknown header belongs to L4 is not settled */
        return t->outer == OUTER_UNRESOLVABLE ? MAY_ERANGE | MAY_ENOTSUP | MAY_OK : MAY_ERANGE;
    if (plan->level > 0) {
        const struct level *at = &p->level[plan->level];
        const long payload = model_payload(p, (unsigned)plan->level);
        const bool has_seed = w->want == WANT_SEEDED && model_may_be_seed(p, (unsigned)plan->level);

        if (w->mss && payload < 0)
            return MAY_EHDR;
        if (w->mss && payload > (long)w->mss) {
            if (payload_most(p, t->listed - 1) > w->mss)
                return MAY_ENOTSUP;
            may |= MAY_ENOTSUP;
        }
        plan->act = has_seed                                  ? ACT_KEEP
                    : w->want == WANT_SEEDED && at->is_crc32c ? ACT_REMAKE
                                                              : ACT_MAKE;
        plan->is_told =
            has_seed && is_taken && at->l4 <= PLACE_MOST && model_is_clean(p, at->l4 + at->l4_len);
        return may;
    }
    plan->level = -1;
    if (w->want != WANT_SEEDED || w->offset == SCTP_FIELD ||
        (w->mss && payload_behind(end - w->start, w->offset) > w->mss))
        return MAY_ENOTSUP;
    plan->act = ACT_KEEP;
    plan->start = w->start;
    plan->offset = w->offset;
    plan->end = end;
    plan->is_told =
        is_taken && w->start >= PLACE_LEAST && w->start <= PLACE_MOST && model_is_clean(p, end);
    /* Where it leads is not known, so nobody here may finish it. */
    return t->outer == OUTER_UNRESOLVABLE && !plan->is_told ? MAY_ENOTSUP : may;
}

unsigned model_send(const struct truth *t, const struct device *d, const struct wish *w,
                    struct plan *plan)
{
    const struct level *l = &t->p->level[0];
    unsigned may;

    memset(plan, 0, sizeof *plan);
    plan->act = ACT_LEAVE;
    plan->has_headers = t->outer != OUTER_NOT_IP;
    if (d->is_xen && t->p->len > FRAME_MOST)
        return MAY_ERANGE;
    if (is_ethernet(t->p) && t->p->len < ETHERNET)
        return MAY_ETRUNC;
    if (w->want == WANT_AS_IS || w->want == WANT_VERIFIED)
        return w->mss ? obey(t, w->mss) : MAY_OK;
    switch (t->outer) {
    case OUTER_LOCATED:
        if (!w->start || (w->start == l->l4 && w->offset == l->csum_offset))
            return send_own(t, d, w, plan);
        return send_elsewhere(t, d, w, plan);
    case OUTER_UNKNOWN:
    case OUTER_NOT_IP:
        if (w->start)
            return send_elsewhere(t, d, w, plan);
        break;
    case OUTER_FRAGMENT:
        if (w->start)
            return MAY_ENOTSUP;
        break;
    case OUTER_UNRESOLVABLE:
        return w->start ? send_elsewhere(t, d, w, plan) : MAY_ENOTSUP;
    case OUTER_BROKEN:
        return MAY_ETRUNC | MAY_EHDR;
    }
    plan->act = ACT_HEADER;
    may = w->mss ? obey(t, w->mss) : MAY_OK;
    if (may & MAY_OK && w->want == WANT_SEEDED)
        may = (may & ~(unsigned)MAY_OK) | (t->outer == OUTER_FRAGMENT ? MAY_EFRAG : MAY_EPROTO);
    return may;
}

/* ---- Receiving ------------------------------------------------------------------------------- */

unsigned model_complete(const struct truth *t, size_t start, size_t offset, bool no_seed,
                        struct plan *plan)
{
    const bool is_known = t->outer == OUTER_LOCATED || t->outer == OUTER_UNKNOWN;

    memset(plan, 0, sizeof *plan);
    plan->level = is_known ? model_level_at(t, start, offset) : -1;
    if (plan->level >= 0) {
        plan->act = t->p->level[plan->level].is_crc32c ? ACT_REMAKE : no_seed ? ACT_MAKE : ACT_KEEP;
        return MAY_OK;
    }
    plan->act = ACT_KEEP;
    plan->start = start;
    plan->offset = offset;
    plan->end = t->p->len;
    return no_seed || offset == SCTP_FIELD ? MAY_ENOTSUP : MAY_OK;
}

/* ---- What is done to a frame ----------------------------------------------------------------- */

void device_finish(uint8_t *frame, size_t len, size_t start, size_t offset)
{
    const uint16_t check = ref_checksum(ref_sum(frame + start, len - start));

    store_wire16(frame + start + offset, check ? check : 0xFFFF);
}

/* Computes the checksums around a level, but for a UDP checksum that isn't there. */
static void make_around(struct packet *p, unsigned level, bool has_headers)
{
    while (level-- > 0) {
        const struct level *l = &p->level[level];

        if (has_headers)
            packet_set_l3(p, level);
        if (l->finding == FOUND && !(l->proto == PROTO_UDP && packet_field(p, level) == 0))
            packet_set_complete(p, level);
    }
}

void model_apply(struct truth *t, const struct plan *plan)
{
    struct packet *p = t->p;
    const unsigned level = plan->level < 0 ? 0 : (unsigned)plan->level;
    const struct level *l = &p->level[level];

    if (plan->act == ACT_LEAVE)
        return;
    if (plan->act == ACT_KEEP && !plan->is_told) {
        if (plan->level < 0)
            device_finish(p->bytes, plan->end, plan->start, plan->offset);
        else
            device_finish(p->bytes, l->l4 + l->l4_len, l->l4, l->csum_offset);
    }
    if (plan->act == ACT_MAKE && plan->is_told)
        packet_set_field(p, level, packet_seed(p, level));
    if ((plan->act == ACT_MAKE && !plan->is_told) || plan->act == ACT_REMAKE) {
        if (plan->act == ACT_MAKE && plan->has_headers)
            packet_set_l3(p, level);
        packet_set_complete(p, level);
        make_around(p, level, plan->has_headers);
    }
    if (plan->has_headers)
        packet_set_l3(p, 0);
}

/* ---- Xen's backend --------------------------------------------------------------------------- */

bool backend_finds(const uint8_t *frame, size_t len, size_t *start, size_t *offset)
{
    const uint8_t *l3 = frame + ETHERNET;
    bool is_fragment = false;
    size_t at, limit, n;
    uint16_t type;
    uint8_t next;

    if (len < ETHERNET)
        return false;
    n = len - ETHERNET;
    type = load_wire16(frame + 12);
    if (type == 0x0800) {
        if (n < 20 || load_wire16(l3 + 6) % 0x4000)
            return false;
        at = (size_t)(l3[0] % 16) * 4;
        next = l3[9];
    } else if (type == 0x86DD) {
        if (n < 40)
            return false;
        limit = 40 + (size_t)load_wire16(l3 + 4);
        next = l3[6];
        for (at = 40;;) {
            const bool is_auth = next == 51, is_frag = next == 44;
            const size_t fixed = is_auth ? 12 : is_frag ? 8 : 2;

            if (at > limit)
                return false;
            if (!is_auth && !is_frag && next != 0 && next != 43 && next != 60)
                break;
            if (at + fixed > n || at + fixed > 256)
                return false;
            next = l3[at];
            if (is_frag)
                is_fragment |= (load_wire16(l3 + at + 2) & 0xFFF9) != 0;
            at += is_frag   ? 8
                  : is_auth ? 4 * ((size_t)l3[at + 1] + 2)
                            : 8 * ((size_t)l3[at + 1] + 1);
        }
        if (is_fragment)
            return false;
    } else {
        return false;
    }
    if ((next != PROTO_TCP && next != PROTO_UDP) || n < at + (next == PROTO_TCP ? 20 : 8))
        return false;
    *start = ETHERNET + at;
    *offset = next == PROTO_TCP ? 16 : 6;
    return true;
}

/* ---- Devices --------------------------------------------------------------------------------- */

static const char *gso_is_taken(const struct device *d, const struct packet *p,
                                const struct order *order)
{
    const struct level *l = &p->level[0];

    if (!order->is_finish)
        return "GSO without a seed";
    if (order->size == 0 || order->size > 65534)
        return "an impossible segment size";
    if (order->start != l->l4 || order->offset != l->csum_offset)
        return "GSO of a seed elsewhere";
    switch (order->gso) {
    case 1:
        return l->proto == PROTO_TCP && l->version == 4 && d->tso4 ? NULL : "no TSO over IPv4";
    case 2:
        return l->proto == PROTO_TCP && l->version == 6 && d->tso6 ? NULL : "no TSO over IPv6";
    case 3:
        return l->proto == PROTO_UDP && d->uso ? NULL : "no USO";
    default:
        return "an unknown type of GSO";
    }
}

const char *device_takes(const struct device *d, const struct packet *p, const uint8_t *frame,
                         size_t len, struct order *order)
{
    if (d->is_xen && order->is_finish) {
        if (!backend_finds(frame, len, &order->start, &order->offset))
            return "the backend does not find the checksum";
        if (!(load_wire16(frame + 12) == 0x0800 ? d->csum4 : d->csum6))
            return "the backend takes no seeds of this version";
    }
    if (!d->is_xen && order->is_finish) {
        if (!d->csum4)
            return "the device takes no seeds";
        if (order->start < PLACE_LEAST)
            return "the place is in front of an IP header's end";
        if (order->start + order->offset + 2 > len)
            return "the field is beyond the frame";
    }
    return order->gso ? gso_is_taken(d, p, order) : NULL;
}

/* ---- Segments -------------------------------------------------------------------------------- */

struct cut cut_begin(const struct packet *p, size_t mss)
{
    const size_t payload = (size_t)model_payload(p, 0);
    struct cut cut = {0};

    cut.header = cut.at = p->level[0].payload;
    cut.count = payload ? (payload + mss - 1) / mss : 1;
    return cut;
}

static uint32_t load_wire32(const uint8_t *at)
{
    return (uint32_t)load_wire16(at) * 65536 + load_wire16(at + 2);
}

size_t device_cut(const struct packet *p, const uint8_t *frame, const struct order *order,
                  struct cut *cut, uint8_t *segment)
{
    const struct level *l = &p->level[0];
    const size_t left = l->l4 + l->l4_len - cut->at, n = left < order->size ? left : order->size,
                 len = cut->header + n;
    uint8_t *l3 = segment + l->l3, *l4 = segment + l->l4;
    uint64_t seed;

    if (cut->index == cut->count)
        return 0;
    memcpy(segment, frame, cut->header);
    memcpy(segment + cut->header, frame + cut->at, n);
    if (l->version == 4) {
        store_wire16(l3 + 2, (uint16_t)(len - l->l3));
        store_wire16(l3 + 4, (uint16_t)(load_wire16(l3 + 4) + cut->index));
        store_wire16(l3 + 10, ref_ipv4_header(l3, (size_t)(l3[0] % 16) * 4));
    } else {
        store_wire16(l3 + 4, (uint16_t)(len - l->l3 - 40));
    }
    if (l->proto == PROTO_TCP) {
        const uint32_t sequence = load_wire32(l4 + 4) + (uint32_t)(cut->at - cut->header);

        store_wire16(l4 + 4, (uint16_t)(sequence >> 16));
        store_wire16(l4 + 6, (uint16_t)sequence);
        if (cut->index > 0)
            l4[13] &= 0x7F;
        if (cut->index + 1 < cut->count)
            l4[13] &= 0xF6;
    } else {
        store_wire16(l4 + 4, (uint16_t)(len - l->l4));
    }
    /* The length in the seed becomes the segment's: a wrong seed stays as wrong. */
    seed = load_wire16(l4 + l->csum_offset) + (uint64_t)(0xFFFF - ref_fold(l->l4_len)) +
           ref_fold(len - l->l4);
    store_wire16(l4 + l->csum_offset, ref_fold(seed));
    device_finish(segment, len, l->l4, l->csum_offset);
    cut->at += n;
    cut->index++;
    return len;
}

const char *judge_segment(const struct packet *p, const uint8_t *segment, size_t len, size_t mss,
                          const struct cut *cut)
{
    const struct level *l = &p->level[0];
    const uint8_t *l3 = segment + l->l3, *l4 = segment + l->l4, *whole = p->bytes + l->l4;
    const size_t n = len - cut->header, l4_len = len - l->l4;
    uint16_t check;

    if (len < cut->header || n > mss)
        return "a segment is longer than mss";
    if (memcmp(segment + cut->header, p->bytes + cut->at, n) != 0)
        return "a segment's payload is another";
    if (l->version == 4 && (load_wire16(l3 + 2) != len - l->l3 ||
                            load_wire16(l3 + 10) != ref_ipv4_header(l3, packet_l3_len(p, 0))))
        return "a segment's IPv4 header is wrong";
    if (l->version == 6 && load_wire16(l3 + 4) != len - l->l3 - 40)
        return "a segment's IPv6 header is wrong";
    if (memcmp(l4, whole, 4) != 0)
        return "a segment's ports are others";
    if (l->proto == PROTO_UDP && load_wire16(l4 + 4) != l4_len)
        return "a segment's UDP length is wrong";
    if (l->proto == PROTO_TCP &&
        load_wire32(l4 + 4) - load_wire32(whole + 4) != (uint32_t)(cut->at - cut->header))
        return "a segment's sequence number is wrong";
    check = ref_transport(l->pseudo + l4_len / 65536 + l4_len % 65536, l4, l4_len, l->csum_offset);
    if (load_wire16(l4 + l->csum_offset) % 0xFFFF != check % 0xFFFF)
        return "a segment's checksum is wrong";
    if (l->proto == PROTO_UDP && load_wire16(l4 + 6) == 0)
        return "a segment has no UDP checksum";
    return NULL;
}
