// SPDX-License-Identifier: MIT
/* Sends frames, in every form of call, and the segments of those that the device cannot cut. */
#include "trial.h"

enum form {
    FORM_WHOLE,
    FORM_PIECES,
    FORM_BURST,
    FORM_HEAD, /* netfront alone */
    FORM_COPY
};

static const char *const form_names[] = {"whole", "pieces", "burst", "head", "copy"};
/* What is said beside a frame that is sent, of either device. */
struct sent {
    int status;
    struct csumoff_netfront_slot slot;
    struct csumoff_virtio_hdr hdr;
    size_t have; /* of a head */
};

struct csumoff_netfront_caps netfront_caps(const struct device *d, bool has_sg)
{
    return (struct csumoff_netfront_caps){d->csum4, d->csum6, d->tso4, d->tso6, has_sg};
}

static void send_netfront(enum form form, const struct device *d, const struct csumoff_hint *hint,
                          struct sent *sent)
{
    const struct csumoff_netfront_caps caps = netfront_caps(d, true);
    const size_t len = given.len;
    struct csumoff_netfront_tx_item items[3];
    struct csumoff_iov iov[PIECES];
    uint8_t *p, runt[5] = {0};
    size_t count;

    switch (form) {
    case FORM_WHOLE:
        p = placed(given.bytes, len);
        sent->status = csumoff_netfront_tx(p, len, &caps, hint, &sent->slot);
        memcpy(out, p, len);
        break;
    case FORM_PIECES:
        count = cut_pieces(given.bytes, len, iov);
        sent->status = csumoff_netfront_tx_iov(iov, count, &caps, hint, &sent->slot);
        gather_pieces(iov, count);
        break;
    case FORM_HEAD:
        p = placed(given.bytes, sent->have);
        sent->status = csumoff_netfront_tx_head(p, sent->have, len, &caps, hint, &sent->slot);
        memcpy(out, p, sent->have);
        memcpy(out + sent->have, given.bytes + sent->have, len - sent->have);
        break;
    case FORM_COPY:
        p = placed(given.bytes, len);
        memset(out, UNTOUCHED, len);
        sent->status = csumoff_netfront_tx_copy(out, p, len, &caps, hint, &sent->slot);
        check_bytes(p, given.bytes, len, "the source of a copy");
        if (sent->status) {
            for (count = 0; count < len; count++)
                if (out[count] != UNTOUCHED)
                    wrong("a copy is begun on error");
            memcpy(out, given.bytes, len);
        }
        break;
    case FORM_BURST:
        memcpy(aside, given.bytes, len);
        p = placed(given.bytes, len);
        memset(items, UNTOUCHED, sizeof items);
        items[0].frame = aside;
        items[2].frame = p;
        items[0].len = items[2].len = len;
        items[0].hint = items[2].hint = hint;
        items[1].frame = runt;
        items[1].len = sizeof runt;
        items[1].hint = NULL;
        count = csumoff_netfront_tx_burst(items, 3, &caps);
        sent->status = items[2].status;
        if (items[1].status != CSUMOFF_ETRUNC || items[0].status != sent->status ||
            count != (sent->status ? 0 : 2))
            wrong("statuses of a burst");
        check_bytes(aside, p, len, "two of a burst");
        sent->slot = items[2].slot;
        memcpy(out, p, len);
        break;
    }
}

static void send_virtio(enum form form, const struct device *d, const struct csumoff_hint *hint,
                        struct sent *sent)
{
    const struct csumoff_virtio_caps caps = {d->csum4, d->tso4, d->tso6, d->ecn, d->uso};
    const size_t len = given.len;
    struct csumoff_virtio_tx_item items[2];
    struct csumoff_iov iov[PIECES];
    size_t count;
    uint8_t *p;

    switch (form) {
    case FORM_PIECES:
        count = cut_pieces(given.bytes, len, iov);
        sent->status = csumoff_virtio_tx_iov(iov, count, link_of_frame, &caps, hint, &sent->hdr);
        gather_pieces(iov, count);
        break;
    case FORM_BURST:
        memcpy(aside, given.bytes, len);
        p = placed(given.bytes, len);
        memset(items, UNTOUCHED, sizeof items);
        items[0].frame = aside;
        items[1].frame = p;
        items[0].len = items[1].len = len;
        items[0].hint = items[1].hint = hint;
        count = csumoff_virtio_tx_burst(items, 2, link_of_frame, &caps);
        sent->status = items[1].status;
        if (items[0].status != sent->status || count != (sent->status ? 0 : 2))
            wrong("statuses of a burst");
        check_bytes(aside, p, len, "two of a burst");
        sent->hdr = items[1].hdr;
        memcpy(out, p, len);
        break;
    default:
        p = placed(given.bytes, len);
        sent->status = csumoff_virtio_tx(p, len, link_of_frame, &caps, hint, &sent->hdr);
        memcpy(out, p, len);
        break;
    }
}

/* Whether sending from the head must succeed: the device is told all, and no byte behind the head
 * matters. */
static bool is_head_enough(const struct plan *plan, const struct wish *w, size_t have)
{
    const struct level *l = &given.level[0];

    if ((w->want == WANT_AS_IS || w->want == WANT_VERIFIED) && !w->mss)
        return true;
    return plan->level == 0 && plan->is_told && given.len == l->l4 + l->l4_len &&
           have >= l->l4 + 20 && have >= l->payload &&
           (!w->mss || plan->gso || model_payload(&given, 0) <= (long)w->mss);
}

/* Cuts a frame here that the device can't cut, and sends the segments. */
static void send_segments(const struct device *d, const struct wish *w)
{
    const bool is_seeded = chance(2);
    struct csumoff_segments segments;
    struct csumoff_iov iov[PIECES];
    struct cut cut, next;
    size_t count = 0, len, n;
    uint8_t *p;
    int status;

    if (chance(2)) {
        count = cut_pieces(given.bytes, given.len, iov);
        status = csumoff_segment_begin_iov(&segments, iov, count, link_of_frame, (uint16_t)w->mss,
                                           is_seeded);
    } else {
        p = placed(given.bytes, given.len);
        status = csumoff_segment_begin(&segments, p, given.len, link_of_frame, (uint16_t)w->mss,
                                       is_seeded);
    }
    check_status(status,
                 model_is_repeatable(&given) && given.level[0].payload <= CSUMOFF_SEGMENT_HEADERS
                     ? MAY_OK
                     : MAY_ENOTSUP);
    if (status)
        return;
    next = cut = cut_begin(&given, w->mss);
    if (segments.count != cut.count)
        wrong("%zu segments, not %zu", segments.count, cut.count);
    for (n = 0; n < SEGMENTS && n < cut.count; n++) {
        const struct order order = {true, 0, 0, 0, w->mss};
        const char *why;

        (void)device_cut(&given, given.bytes, &order, &next, aside);
        if (is_seeded && chance(2)) { /* with its payload from where it lies */
            size_t at, payload;

            status =
                csumoff_segment_next_head(&segments, segment, sizeof segment, &len, &at, &payload);
            if (status || len != cut.header || at != cut.at)
                wrong("segment %zu: its headers or its place", n);
            memcpy(segment + len, given.bytes + at, payload);
            len += payload;
        } else if (csumoff_segment_next(&segments, segment, sizeof segment, &len) || !len) {
            wrong("segment %zu is refused", n);
        }
        if (is_seeded) {
            const struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 0, 0, NULL};
            const struct csumoff_netfront_caps caps = netfront_caps(d, true);
            const struct csumoff_virtio_caps virtio = {d->csum4, false, false, false, false};
            struct csumoff_netfront_slot slot;
            struct csumoff_virtio_hdr hdr;
            bool is_told;

            status = d->is_xen
                         ? csumoff_netfront_tx(segment, len, &caps, &hint, &slot)
                         : csumoff_virtio_tx(segment, len, link_of_frame, &virtio, &hint, &hdr);
            if (status)
                wrong("segment %zu cannot be sent: %s", n, csumoff_strerror(status));
            is_told = d->is_xen ? slot.flags & BLANK : hdr.flags & CSUMOFF_VIRTIO_NEEDS_CSUM;
            if (is_told)
                device_finish(segment, len, given.level[0].l4, given.level[0].csum_offset);
        }
        why = is_sound ? judge_segment(&ideal, segment, len, w->mss, &cut) : NULL;
        if (why)
            wrong("segment %zu of %zu, cut here%s: %s", n, cut.count, is_seeded ? ", seeded" : "",
                  why);
        cut = next;
    }
    if (n == cut.count && (csumoff_segment_next(&segments, segment, sizeof segment, &len) || len))
        wrong("there are more segments");
}

void check_send(const struct device *d, const struct csumoff_hint *hint, const struct wish *as)
{
    const struct wish w = *as;
    const enum form form = (enum form)rng_below(&rng, d->is_xen ? 5 : 3);
    struct order order;
    struct sent sent, untouched;
    struct plan plan;
    const char *why;
    unsigned may = model_send(&truth, d, &w, &plan);

    memset(&untouched, UNTOUCHED, sizeof untouched);
    sent = untouched;
    sent.have = chance(2) ? rng_below(&rng, given.len + 1) : near_header();
    call.form = form_names[form];
    call.have = sent.have;
    call.device = d;
    call.wish = w;
    call.plan = plan;
    if (form == FORM_PIECES && is_far())
        may |= MAY_ENOTSUP;
    if (form == FORM_HEAD && sent.have < given.len && !is_head_enough(&plan, &w, sent.have))
        may |= MAY_EHEAD | MAY_ENOTSUP;
    (d->is_xen ? send_netfront : send_virtio)(form, d, hint, &sent);
    check_status(sent.status, may);
    if (sent.status) {
        check_bytes(out, given.bytes, given.len, "on error");
        if (!same_bytes(&sent.slot, &untouched.slot, sizeof sent.slot) ||
            !same_bytes(&sent.hdr, &untouched.hdr, sizeof sent.hdr))
            wrong("words for the device on error");
        if (sent.status == CSUMOFF_ENOTSUP && plan.act != ACT_LEAVE && w.mss &&
            truth.outer == OUTER_LOCATED && plan.level == 0 && !given.level[0].is_crc32c &&
            (given.level[0].proto == PROTO_TCP || given.level[0].proto == PROTO_UDP) &&
            model_payload(&given, 0) > (long)w.mss && form != FORM_HEAD && given.levels == 1)
            send_segments(d, &w);
        return;
    }
    why = d->is_xen ? read_slot(&sent.slot, w.want == WANT_VERIFIED, &order)
                    : read_hdr(&given, &sent.hdr, &order);
    if (why)
        wrong("%s", why);
    if (order.is_finish != plan.is_told || order.gso != plan.gso ||
        order.size != (plan.gso ? w.mss : 0))
        wrong("told %d, GSO %u of %zu", order.is_finish, order.gso, order.size);
    model_apply(&truth, &plan);
    check_bytes(out, given.bytes, given.len, "sent");
    arrive(d, &order, out);
}

struct device any_device(bool is_xen)
{
    const unsigned bits = chance(3) ? 63 : (unsigned)rng_below(&rng, 64);
    struct device d = {is_xen, bits & 1, bits & 2, bits & 4, bits & 8, bits & 16, bits & 32};

    if (is_xen)
        d.ecn = d.uso = false;
    else
        d.csum6 = d.csum4;
    return d;
}

uint16_t any_mss(void)
{
    long payload;

    if (chance(2))
        return 0;
    payload = model_payload(&given, (unsigned)rng_below(&rng, given.levels));
    if (payload < 0 || chance(4))
        return (uint16_t)(1 + rng_below(&rng, 2000));
    payload = payload / (1 + (long)rng_below(&rng, 6)) + (long)rng_below(&rng, 3) - 1;
    return (uint16_t)(payload < 1 ? 1 : payload > 65000 ? 65000 : payload);
}

const struct csumoff_layout *any_layout(struct csumoff_layout *at)
{
    size_t count;

    if (chance(2))
        return NULL;
    if (csumoff_locate(given.bytes, given.len, link_of_frame, at) == CSUMOFF_OK ||
        csumoff_locate_all(given.bytes, given.len, link_of_frame, at, 1, &count) == CSUMOFF_OK ||
        csumoff_locate_l3(given.bytes, given.len, given.len, link_of_frame, at) == CSUMOFF_OK)
        return at;
    return NULL;
}

void any_place(uint32_t *start, uint32_t *offset)
{
    const struct level *l = &given.level[rng_below(&rng, given.levels)];

    *start = (uint32_t)l->l4;
    *offset = (uint32_t)l->csum_offset;
    if (chance(2)) {
        static const uint32_t offsets[] = {0, 2, 4, 6, 8, 12, 16, 3};
        const size_t from = given.level[0].l4;

        *start = (uint32_t)(from + rng_below(&rng, given.len - from + 2));
        *offset = offsets[rng_below(&rng, 8)];
    }
}

void check_sent(bool is_xen)
{
    const struct device d = any_device(is_xen);
    struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 0, NULL};
    struct csumoff_layout at;
    struct wish w;
    unsigned i;
    int level;

    make(is_xen);
    level = truth.outer == OUTER_NOT_IP && given.level[0].finding == FOUND ? 0 : any_level();
    if (level >= 0 && !chance(3)) {
        /* As a stack sends it. */
        const bool is_seed = truth.outer == OUTER_NOT_IP || !chance(2);

        is_sound = leave((unsigned)level, is_seed);
        hint.want = is_seed ? CSUMOFF_TX_SEEDED : CSUMOFF_TX_COMPUTE;
        hint.csum_start = (uint32_t)given.level[level].l4;
        hint.csum_offset = (uint32_t)given.level[level].csum_offset;
        if (truth.outer == OUTER_NOT_IP) /* all that follows would be summed */
            is_sound &= model_is_clean(&given, given.level[0].l4 + given.level[0].l4_len) &&
                        !given.level[0].is_crc32c;
        else
            for (i = 0; i < (is_seed ? 1u : (unsigned)level + 1); i++)
                if (given.level[i].version == 4)
                    rng_fill(&rng, given.bytes + given.level[i].l3 + 10, 2);
        if (level == 0 && truth.outer != OUTER_NOT_IP && chance(2))
            hint.csum_start = 0;
    } else {
        /* As nobody should. */
        hint.want = (enum csumoff_tx)rng_below(&rng, 4);
        copy_packet(&ideal, &given);
        is_sound = hint.want == CSUMOFF_TX_AS_IS || hint.want == CSUMOFF_TX_VERIFIED;
        if (chance(2))
            any_place(&hint.csum_start, &hint.csum_offset);
        if (level >= 0 && chance(4)) {
            packet_set_field(&given, (unsigned)level, 0);
            is_sound = false;
        }
    }
    if (chance(6))
        damage();
    hint.mss = any_mss();
    hint.layout = any_layout(&at);
    if (truth.outer == OUTER_BROKEN) /* nobody has one */
        hint.layout = NULL;
    w = (struct wish){(enum want)hint.want, hint.csum_start, hint.csum_offset, hint.mss};
    check_send(&d, w.want == WANT_COMPUTE && !w.start && !w.mss && chance(2) ? NULL : &hint, &w);
}
