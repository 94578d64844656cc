// SPDX-License-Identifier: MIT
/*
 * No state is ever lost in silence: random frames of every kind, in any state, sent, sent on,
 * completed or taken from one device's words to the other's, under any wish, any set of features
 * and in every form of call; then model devices finish and cut them, and the oracle judges what
 * arrives at the far end. Either all is right there that was to be right, or an error was returned
 * and nothing was touched. What was damaged stays damaged.
 *
 *   test_model                  the suite
 *   test_model FRAMES [FIRST]   frames FIRST, FIRST + 1 ..., and how fast
 *
 * Each frame depends on CSUMOFF_TEST_SEED and its number alone.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../oracle/reference.h"
#include "../oracle/suite.h"
#include "words.h"

enum {
    BLANK = CSUMOFF_NETTXF_CSUM_BLANK,
    VALIDATED = CSUMOFF_NETTXF_DATA_VALIDATED,
    EXTRA = CSUMOFF_NETTXF_EXTRA_INFO,
    GATHERED = 512,
    PIECES = 6,
    MARGIN = 8,
    SEGMENTS = 64, /* followed up of a frame */
    UNTOUCHED = 0xA7
};

static const struct csumoff_virtio_policy believed = {true, true};

/* ---- The frame ------------------------------------------------------------------------------- */

static struct rng rng;
static struct packet given; /* the frame as it is; then as it is expected to be */
static struct packet ideal; /* what is to arrive */
static struct truth truth;
static bool is_sound; /* `given` is `ideal`, but for what its state says is to be made */
static bool is_zero[PACKET_LEVELS]; /* UDP without a checksum */
static enum csumoff_link link_of_frame;
static struct guarded guard, guards[PIECES];
static uint8_t aside[PACKET_SIZE], out[PACKET_SIZE], segment[PACKET_SIZE];
static uint64_t number;       /* of the frame */
static const char *mode_text; /* what is done with it */
/* And how: put into words only where that is asked for. */
static struct call {
    const char *what, *form;
    size_t have;
    const struct device *device;
    struct wish wish;
    struct plan plan;
    struct csumoff_netfront_slot slot;
    struct csumoff_virtio_hdr hdr;
} call;
static bool is_suite;
static bool is_far_wanted; /* headers that are longer than what is gathered of a frame in pieces */

static bool chance(unsigned n)
{
    return rng_below(&rng, n) == 0;
}

static const char *const want_names[] = {"AS_IS", "COMPUTE", "SEEDED", "VERIFIED"};

static const char *call_text(void)
{
    static char text[500];
    const struct wish *w = &call.wish;
    const struct plan *plan = &call.plan;
    const struct device *d = call.device;
    int n =
        snprintf(text, sizeof text,
                 "%s; slot: flags %u, GSO %u of %u; header: flags %u, GSO %u of %u, %u + %u",
                 call.what, call.slot.flags, call.slot.gso_type, call.slot.gso_size, call.hdr.flags,
                 call.hdr.gso_type, call.hdr.gso_size, call.hdr.csum_start, call.hdr.csum_offset);

    if (d && n > 0 && (size_t)n < sizeof text)
        snprintf(text + n, sizeof text - (size_t)n,
                 "\n%s (%s, have %zu), %s at %zu + %zu, mss %zu, features %d%d%d%d%d%d; plan: act "
                 "%d, level %d, told %d, GSO %u",
                 d->is_xen ? "netfront" : "virtio", call.form, call.have, want_names[w->want],
                 w->start, w->offset, w->mss, d->csum4, d->csum6, d->tso4, d->tso6, d->ecn, d->uso,
                 plan->act, plan->level, plan->is_told, plan->gso);
    return text;
}

__attribute__((FORMATTED(1, 2), noreturn)) static void wrong(const char *format, ...)
{
    char text[300];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (is_suite)
        ck_abort_msg("frame %" PRIu64 ", %s: %s\n%s\n%s", number, mode_text, text, call_text(),
                     spec_text(&given.spec));
    printf("not ok: frame %" PRIu64 ", %s: %s\n%s\n%s\nto repeat: CSUMOFF_TEST_SEED=0x%" PRIx64
           " test_model 1 %" PRIu64 "\n",
           number, mode_text, text, call_text(), spec_text(&given.spec), rng_seed(), number);
    exit(EXIT_FAILURE);
}

static void copy_packet(struct packet *to, const struct packet *from)
{
    memcpy(to, from, offsetof(struct packet, bytes));
    memcpy(to->bytes, from->bytes, from->len);
}

static bool is_udp(unsigned level)
{
    return given.level[level].finding == FOUND && given.level[level].proto == PROTO_UDP;
}

/* All checksums as they are to be, innermost first. */
static void seal(struct packet *p)
{
    unsigned i;

    for (i = p->levels; i-- > 0;) {
        packet_set_l3(p, i);
        if (is_zero[i])
            packet_set_field(p, i, 0);
        else
            packet_set_complete(p, i);
    }
}

static void make_spec(struct packet_spec *spec, bool needs_ethernet)
{
    struct level_spec *first = &spec->level[0], *last;

    *spec = spec_random(&rng, 3);
    last = &spec->level[spec->levels - 1];
    if (chance(3)) { /* the plain ones that nearly all traffic consists of */
        memset(spec, 0, sizeof *spec);
        spec->levels = 1;
        last = first;
        first->ethernet = !chance(6);
        first->version = chance(2) ? 4 : 6;
        first->proto = chance(2) ? PROTO_TCP : PROTO_UDP;
        first->payload = rng_below(&rng, chance(4) ? 1300 : 100);
        first->data_offset = 5;
    }
    first->ethernet |= needs_ethernet;
    if (last->proto == PROTO_TCP && !chance(8))
        last->data_offset = (uint8_t)(5 + rng_below(&rng, last->payload < 40 ? 1 : 11));
    if (chance(400))
        last->payload = rng_below(&rng, 60000);
    if (is_far_wanted && first->version == 4) {
        first->version = 6;
        first->options = first->route_option = 0;
        memset(first->chain, 0, sizeof first->chain);
        if (first->tunnel == TUNNEL_NONE && first->proto == PROTO_ICMP)
            first->proto = PROTO_ICMPV6;
    }
    if ((is_far_wanted || chance(60)) && first->version == 6) { /* beyond what is gathered */
        snprintf(first->chain, sizeof first->chain, "%s", chance(2) ? "h0d" : "d4dd");
        first->routing.entries = (uint8_t)(20 + rng_below(&rng, 12));
        first->routing.left = (uint8_t)(1 + rng_below(&rng, first->routing.entries));
    }
    if (chance(40) && !strpbrk(first->chain, "FM")) {
        first->is_zero_long = true;
        first->padding = 0;
    }
}

/* Makes a complete frame, and the truth about it. */
static void make(bool needs_ethernet)
{
    struct packet_spec spec;
    unsigned i;

    make_spec(&spec, needs_ethernet);
    packet_build(&given, &spec, &rng);
    if (needs_ethernet && spec.level[0].is_zero_long && given.level[0].finding != FOUND) {
        spec.level[0].is_zero_long = false; /* what is broken about it is not settled */
        packet_build(&given, &spec, &rng);
    }
    truth = truth_of(&given);
    for (i = 0; i < given.levels; i++) {
        const struct level *l = &given.level[i];

        is_zero[i] = is_udp(i) && chance(6);
        if (l->finding == FOUND && l->proto == PROTO_PIM &&
            given.spec.level[i].flags == PIM_REGISTER)
            given.level[i].payload = l->l4 + 8; /* what is registered follows 8 bytes */
        /* What nobody covers may hold anything. */
        if (l->finding == FOUND && l->proto == PROTO_UDP && chance(2))
            rng_fill(&rng, given.bytes + l->l4 + l->l4_len, l->end - l->l4 - l->l4_len);
    }
    if (chance(3))
        rng_fill(&rng, given.bytes + given.level[0].end, given.len - given.level[0].end);
    link_of_frame = spec.level[0].ethernet ? CSUMOFF_LINK_ETHERNET : CSUMOFF_LINK_IP;
    if (spec.level[0].is_zero_long || chance(16)) {
        if (needs_ethernet && spec.level[0].is_zero_long)
            truth.outer = OUTER_BROKEN;
        else if (!needs_ethernet)
            link_of_frame += 2;
    }
    if (truth.outer == OUTER_BROKEN)
        truth.listed = 0;
    seal(&given);
    if (chance(30) && given.level[0].l3 == 14 && given.bytes[12] != 0) {
        given.bytes[12] = given.bytes[13] = 0x88; /* no EtherType of IP's */
        given.bytes[13] = 0xB5;
        truth.outer = OUTER_NOT_IP;
        truth.listed = 0;
    }
    is_sound = true;
}

/* One of the levels with a checksum that can be known, or -1. */
static int any_level(void)
{
    int levels[PACKET_LEVELS], n = 0;
    unsigned i;

    for (i = 0; i < truth.listed; i++)
        if (given.level[i].finding == FOUND)
            levels[n++] = (int)i;
    return n ? levels[rng_below(&rng, (size_t)n)] : -1;
}

static void spoil_field(unsigned level)
{
    const struct level *l = &given.level[level];

    if (l->finding != FOUND || is_zero[level])
        return;
    rng_fill(&rng, given.bytes + l->l4 + l->csum_offset, l->is_crc32c ? 4 : 2);
    if (is_udp(level) && packet_field(&given, level) == 0)
        packet_set_field(&given, level, 1); /* 0 would be none */
}

/* Leaves a level's checksum to who gets the frame: by its seed, or (is_seed false) to be computed.
 * Under a seed the checksums around it are complete as soon as it is. */
static bool leave(unsigned level, bool is_seed)
{
    const struct level *l = &given.level[level];
    unsigned i;

    if (is_zero[level]) {
        is_zero[level] = false;
        seal(&given);
    }
    copy_packet(&ideal, &given);
    if (is_seed && !l->is_crc32c) {
        if (l->skip_len) /* of OSPF, which has no seeds */
            return false;
        packet_set_field(&given, level, packet_seed(&given, level));
        return true;
    }
    spoil_field(level);
    /* They cannot be complete beforehand. */
    for (i = 0; i < level; i++)
        spoil_field(i);
    return true;
}

/* Damages the frame somewhere that moves no header. */
static void damage(void)
{
    const struct level *l = &given.level[rng_below(&rng, given.levels)];
    const struct level *last = &given.level[given.levels - 1];
    size_t at;

    is_sound = false;
    switch (rng_below(&rng, 4)) {
    case 0: /* IPv4: identification; IPv6: flow label */
        at = l->l3 + (l->version == 4 ? 4 : 2);
        break;
    case 1:
        if (l->finding != FOUND)
            return;
        at = l->l4 + l->csum_offset;
        break;
    case 2: /* TCP's sequence number */
        if (l->finding != FOUND || l->proto != PROTO_TCP)
            return;
        at = l->l4 + 4;
        break;
    default:
        if (last->payload == 0 || last->payload >= last->end || last->finding == NOT_KNOWN ||
            last->proto != PROTO_TCP)
            return;
        at = last->payload + rng_below(&rng, last->end - last->payload);
        break;
    }
    given.bytes[at] ^= (uint8_t)(1u << rng_below(&rng, 8));
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static uint8_t *placed(const uint8_t *bytes, size_t len)
{
    return memcpy(guard.end - len, bytes, len);
}

/* A length at which a header of some level, or something near its end, is divided. */
static size_t near_header(void)
{
    const size_t at = given.level[rng_below(&rng, given.levels)].l4 + rng_below(&rng, 24);

    return at < given.len ? at : given.len;
}

/* Cuts a frame at random into pieces, each in memory of its own. */
static size_t cut_pieces(const uint8_t *bytes, size_t len, struct csumoff_iov *iov)
{
    const size_t count = 1 + rng_below(&rng, PIECES);
    size_t left = len, i;

    for (i = 0; i < count; i++) {
        size_t n = i + 1 == count         ? left
                   : i == 0 && !chance(3) ? near_header()
                                          : rng_below(&rng, chance(2) ? left + 1 : 60);
        uint8_t *end = guards[i].end;

        if (n > left)
            n = left;
        memcpy(end - n, bytes + len - left, n);
        memset(end - n - MARGIN, 0x5C, MARGIN);
        iov[i].base = end - n;
        iov[i].len = n;
        left -= n;
    }
    return count;
}

static void gather_pieces(const struct csumoff_iov *iov, size_t count)
{
    static const uint8_t margin[MARGIN] = {0x5C, 0x5C, 0x5C, 0x5C, 0x5C, 0x5C, 0x5C, 0x5C};
    size_t at = 0, i;

    for (i = 0; i < count; i++) {
        const uint8_t *piece = iov[i].base;

        memcpy(out + at, piece, iov[i].len);
        at += iov[i].len;
        if (memcmp(piece - MARGIN, margin, MARGIN) != 0)
            wrong("bytes before a piece are written");
    }
}

/* Whether headers may end beyond what is gathered of pieces. */
static bool is_far(void)
{
    return given.level[given.levels - 1].l4 + 80 > GATHERED;
}

static void check_status(int status, unsigned may)
{
    if (!is_one_of(status, may))
        wrong("status %d (%s), not of 0x%X", status, csumoff_strerror(status), may);
}

static void check_bytes(const uint8_t *found, const uint8_t *want, size_t len, const char *what)
{
    size_t i;

    if (memcmp(found, want, len) == 0)
        return;
    for (i = 0; found[i] == want[i];)
        i++;
    wrong("%s: byte %zu of %zu is 0x%02X, not 0x%02X", what, i, len, found[i], want[i]);
}

/* ---- The far end ----------------------------------------------------------------------------- */

/* Both zeros of a checksum that a device has made are right; UDP's is never 0. */
static void forgive_zeros(const uint8_t *found)
{
    unsigned i;

    for (i = 0; i < ideal.levels; i++) {
        const struct level *l = &ideal.level[i];
        const size_t at = l->l4 + l->csum_offset;

        if (l->finding == FOUND && !l->is_crc32c && l->proto != PROTO_UDP &&
            load_wire16(found + at) == 0xFFFF && load_wire16(ideal.bytes + at) == 0)
            store_wire16(ideal.bytes + at, 0xFFFF);
    }
}

/* Has the device do what it is told, and judges what leaves it. `sent` is changed. */
static void arrive(const struct device *d, struct order *order, uint8_t *sent)
{
    const char *why = device_takes(d, &given, sent, given.len, order);
    struct cut cut, next;
    size_t n, len;

    if (why)
        wrong("dropped by the device: %s", why);
    if (!order->gso) {
        if (order->is_finish)
            device_finish(sent, given.len, order->start, order->offset);
        if (is_sound) {
            forgive_zeros(sent);
            check_bytes(sent, ideal.bytes, given.len, "at the far end");
        }
        return;
    }
    next = cut = cut_begin(&given, order->size);
    for (n = 0; n < SEGMENTS && (len = device_cut(&given, sent, order, &next, segment)); n++) {
        why = is_sound ? judge_segment(&ideal, segment, len, order->size, &cut) : NULL;
        if (why)
            wrong("segment %zu of %zu: %s", cut.index, cut.count, why);
        cut = next;
    }
}

/* ---- Sending --------------------------------------------------------------------------------- */

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

static struct csumoff_netfront_caps netfront_caps(const struct device *d, bool has_sg)
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

/* Sends `given` in any form; what hint (or NULL) has to mean is *as. */
static void check_send(const struct device *d, const struct csumoff_hint *hint,
                       const struct wish *as)
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

static struct device any_device(bool is_xen)
{
    const unsigned bits = chance(3) ? 63 : (unsigned)rng_below(&rng, 64);
    struct device d = {is_xen, bits & 1, bits & 2, bits & 4, bits & 8, bits & 16, bits & 32};

    if (is_xen)
        d.ecn = d.uso = false;
    else
        d.csum6 = d.csum4;
    return d;
}

/* A limit for segments: none, or one near the payload of some level, or any. */
static uint16_t any_mss(void)
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

/* The caller's own layout, half of the time. */
static const struct csumoff_layout *any_layout(struct csumoff_layout *at)
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

/* Any place, of a checksum or not. */
static void any_place(uint32_t *start, uint32_t *offset)
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

static void check_sent(bool is_xen)
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

/* ---- Receiving ------------------------------------------------------------------------------- */

static void check_rx(const struct csumoff_rx *rx, const struct csumoff_rx *want)
{
    if (!same_rx(rx, want))
        wrong("state %d at %u + %u, GSO %u of %u, no_seed %d; not %d at %u + %u, %u of %u, %d",
              rx->state, rx->csum_start, rx->csum_offset, rx->gso_type, rx->gso_size, rx->no_seed,
              want->state, want->csum_start, want->csum_offset, want->gso_type, want->gso_size,
              want->no_seed);
}

/* Receives `given` from a ring; returns whether *rx is set. */
static bool receive_netfront(const struct csumoff_netfront_slot *slot, struct csumoff_rx *rx)
{
    struct csumoff_netfront_rx_item item;
    struct csumoff_iov iov[PIECES];
    struct csumoff_rx want, untouched;
    unsigned may = expect_slot(&truth, slot, &want);
    const size_t form = rng_below(&rng, 3);
    size_t count;
    int status;

    call.what = "received by netfront";
    call.slot = *slot;
    memset(&untouched, UNTOUCHED, sizeof untouched);
    *rx = untouched;
    if (form == 1) {
        count = cut_pieces(given.bytes, given.len, iov);
        status = csumoff_netfront_rx_iov(iov, count, slot, rx);
        may |= is_far() ? MAY_ENOTSUP : 0;
    } else if (form == 2) {
        item.frame = placed(given.bytes, given.len);
        item.len = given.len;
        item.slot = *slot;
        item.rx = untouched;
        count = csumoff_netfront_rx_burst(&item, 1);
        status = item.status;
        *rx = item.rx;
        if (count != (status == CSUMOFF_OK))
            wrong("the count of a burst");
    } else {
        status = csumoff_netfront_rx(placed(given.bytes, given.len), given.len, slot, rx);
    }
    check_status(status, may);
    if (status == CSUMOFF_OK)
        check_rx(rx, &want);
    else if (!same_bytes(rx, &untouched, sizeof *rx))
        wrong("a state on error");
    return status == CSUMOFF_OK;
}

static bool receive_virtio(const struct csumoff_virtio_hdr *hdr,
                           const struct csumoff_virtio_policy *policy, struct csumoff_rx *rx)
{
    struct csumoff_virtio_rx_item item;
    struct csumoff_iov iov[PIECES];
    struct csumoff_rx want, untouched;
    unsigned may = expect_hdr(&truth, hdr, policy, &want);
    const size_t form = rng_below(&rng, 3);
    size_t count;
    int status;

    call.what = "received by virtio";
    call.hdr = *hdr;
    memset(&untouched, UNTOUCHED, sizeof untouched);
    *rx = untouched;
    if (form == 1) {
        count = cut_pieces(given.bytes, given.len, iov);
        status = csumoff_virtio_rx_iov(iov, count, link_of_frame, hdr, policy, rx);
        may |= is_far() ? MAY_ENOTSUP : 0;
    } else if (form == 2) {
        item.frame = placed(given.bytes, given.len);
        item.len = given.len;
        item.hdr = *hdr;
        item.rx = untouched;
        count = csumoff_virtio_rx_burst(&item, 1, link_of_frame, policy);
        status = item.status;
        *rx = item.rx;
        if (count != (status == CSUMOFF_OK))
            wrong("the count of a burst");
    } else {
        status = csumoff_virtio_rx(placed(given.bytes, given.len), given.len, link_of_frame, hdr,
                                   policy, rx);
    }
    check_status(status, may);
    if (status == CSUMOFF_OK)
        check_rx(rx, &want);
    else if (!same_bytes(rx, &untouched, sizeof *rx))
        wrong("a state on error");
    return status == CSUMOFF_OK;
}

/* A segment size for the frame, and whether it is one for TCP. */
static bool is_tcp_super(void)
{
    return truth.outer == OUTER_LOCATED && given.level[0].proto == PROTO_TCP &&
           model_is_repeatable(&given) && model_payload(&given, 0) > 0;
}

static uint16_t any_size(void)
{
    const long payload = model_payload(&given, 0);

    return (uint16_t)(1 + (size_t)payload / 8 + rng_below(&rng, (size_t)payload));
}

/* Makes `given` a frame as a backend hands it over, or (one in four) with anything beside it. */
static struct csumoff_netfront_slot any_slot(void)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    copy_packet(&ideal, &given);
    switch (rng_below(&rng, 4)) {
    case 0:
        is_sound = false;
        slot.flags = (uint16_t)rng_below(&rng, 16);
        slot.gso_type = chance(3) ? (uint8_t)rng_below(&rng, 4) : 0;
        slot.gso_size = (uint16_t)(chance(4) ? 0 : 1 + rng_below(&rng, 1500));
        if (truth.outer == OUTER_LOCATED && chance(2))
            packet_set_field(&given, 0, (uint16_t)(chance(2) ? 0 : rng_u32(&rng)));
        /* What is complete, or was never to be completed, has to arrive as it is. */
        is_sound = !(slot.flags & CSUMOFF_NETRXF_CSUM_BLANK) && !slot.gso_type;
        copy_packet(&ideal, &given);
        return slot;
    case 1:
        slot.flags = chance(2) ? CSUMOFF_NETRXF_DATA_VALIDATED : 0;
        if (chance(4)) /* another extra slot, which says nothing of segments */
            slot.flags |= CSUMOFF_NETRXF_EXTRA_INFO;
        return slot;
    default:
        break;
    }
    if (truth.outer != OUTER_LOCATED)
        return slot;
    slot.flags =
        (uint16_t)(CSUMOFF_NETRXF_CSUM_BLANK | (chance(3) ? 0 : CSUMOFF_NETRXF_DATA_VALIDATED));
    if (is_tcp_super() && chance(2)) {
        slot.gso_type = given.level[0].version == 4 ? 1 : 2;
        slot.gso_size = any_size();
        slot.flags |= CSUMOFF_NETRXF_EXTRA_INFO;
        if (chance(3)) { /* to be repaired */
            slot.flags &= (uint16_t)~CSUMOFF_NETRXF_CSUM_BLANK;
            is_sound = leave(0, false);
            return slot;
        }
    }
    is_sound = leave(0, true);
    if (chance(8) && given.level[0].has_pseudo)
        packet_set_field(&given, 0, 0);
    return slot;
}

static struct csumoff_virtio_hdr any_hdr(void)
{
    static const uint8_t types[] = {0, 1, 3, 4, 5, 0x81, 0x84, 0x85, 0x80, 2, 0x21, 0x44, 0x61};
    struct csumoff_virtio_hdr hdr = {0, 0, 0, 0, 0, 0, 0};
    int level = any_level();
    uint32_t start, offset;

    copy_packet(&ideal, &given);
    hdr.hdr_len = (uint16_t)rng_u32(&rng);
    switch (rng_below(&rng, 4)) {
    case 0:
        any_place(&start, &offset);
        hdr.flags = (uint8_t)rng_below(&rng, chance(8) ? 16 : 8);
        hdr.csum_start = (uint16_t)start;
        hdr.csum_offset = (uint16_t)offset;
        if (chance(6))
            hdr.csum_start = (uint16_t)rng_u32(&rng);
        hdr.gso_type = chance(2) ? 0 : types[rng_below(&rng, 13)];
        hdr.gso_size = (uint16_t)(chance(4) ? 0xFFFF * rng_below(&rng, 2) : rng_below(&rng, 1500));
        if (level >= 0 && chance(2))
            packet_set_field(&given, (unsigned)level, (uint16_t)(chance(2) ? 0 : rng_u32(&rng)));
        is_sound = !(hdr.flags & CSUMOFF_VIRTIO_NEEDS_CSUM);
        copy_packet(&ideal, &given);
        return hdr;
    case 1:
        hdr.flags = chance(2) ? CSUMOFF_VIRTIO_DATA_VALID : 0;
        if (is_tcp_super() && chance(2)) { /* coalesced by the device */
            hdr.flags |= CSUMOFF_VIRTIO_RSC_INFO;
            hdr.gso_type = given.level[0].version == 4 ? 1 : 4;
            hdr.gso_size = any_size();
        }
        return hdr;
    default:
        break;
    }
    if (level < 0)
        return hdr;
    is_sound = leave((unsigned)level, true);
    hdr.flags = CSUMOFF_VIRTIO_NEEDS_CSUM;
    hdr.csum_start = (uint16_t)given.level[level].l4;
    hdr.csum_offset = (uint16_t)given.level[level].csum_offset;
    is_sound &= given.level[level].l4 <= 0xFFFF;
    if (level > 0 && is_zero[level - 1] && chance(2) && given.level[level].proto == PROTO_TCP &&
        model_payload(&given, (unsigned)level) > 0) {
        hdr.gso_type = (uint8_t)((given.level[level].version == 4 ? 1 : 4) |
                                 (given.level[level - 1].version == 4 ? 0x20 : 0x40));
        hdr.gso_size = (uint16_t)(1 + rng_below(&rng, 1500));
    } else if (level == 0 && chance(2) && is_tcp_super()) {
        hdr.gso_type = given.level[0].version == 4 ? 1 : 4;
        hdr.gso_size = any_size();
    } else if (level == 0 && chance(4) && given.level[0].proto == PROTO_UDP && given.levels == 1 &&
               model_is_repeatable(&given) && model_payload(&given, 0) > 0 &&
               given.len == given.level[0].end) {
        hdr.gso_type = 5;
        hdr.gso_size = any_size();
    }
    if (chance(8) && given.level[level].has_pseudo)
        packet_set_field(&given, (unsigned)level, 0);
    return hdr;
}

/* ---- Sending on ------------------------------------------------------------------------------ */

static bool is_wrong(const struct packet *p)
{
    return packet_field(p, 0) % 0xFFFF != packet_complete(p, 0) % 0xFFFF;
}

/* Rewrites an address, a port or the TTL of the outermost packet, as a router does. */
static void nat(const struct csumoff_rx *rx)
{
    struct level *l = &given.level[0];
    const bool is_own = rx->state == CSUMOFF_PARTIAL && rx->csum_start == l->l4;
    const size_t size = l->version == 4 ? 4 : 16;
    struct csumoff_layout at;
    uint8_t bytes[16], *p;
    size_t where, n;
    bool was_wrong, had_none;
    int status;

    if (csumoff_locate(given.bytes, given.len, link_of_frame, &at))
        return;
    was_wrong = !l->is_crc32c && is_wrong(&given);
    had_none = packet_field(&given, 0) == 0;
    rng_fill(&rng, bytes, sizeof bytes);
    switch (rng_below(&rng, 4)) {
    case 0:
        where = l->daddr - size;
        n = size;
        if (l->home)
            return;
        break;
    case 1:
        where = l->daddr;
        n = size;
        if (l->route_end != l->daddr)
            return;
        break;
    case 2:
        where = l->l4 + 2;
        n = 2;
        if ((l->proto != PROTO_TCP && l->proto != PROTO_UDP) ||
            is_tunnel_port(load_wire16(bytes)) || given.levels > 1)
            return;
        break;
    default:
        where = l->l3 + (l->version == 4 ? 8 : 7);
        n = 1;
        break;
    }
    p = placed(given.bytes, given.len);
    status = csumoff_rewrite(p, given.len, &at, csumoff_state_of(rx, &at), where, bytes, n);
    if (status) {
        check_bytes(p, given.bytes, given.len, "rewriting refused");
        return;
    }
    memcpy(ideal.bytes + where, bytes, n);
    if (where == l->daddr) {
        packet_set_pseudo(&ideal, 0, NULL, bytes);
        packet_set_pseudo(&given, 0, NULL, bytes);
    } else if (n == size && where < l->daddr) {
        packet_set_pseudo(&ideal, 0, bytes, NULL);
        packet_set_pseudo(&given, 0, bytes, NULL);
    }
    packet_set_l3(&ideal, 0);
    if (!is_zero[0])
        packet_set_complete(&ideal, 0);
    memcpy(given.bytes, p, given.len);
    if (had_none && is_udp(0) && packet_field(&given, 0) != 0)
        wrong("a UDP checksum that was not there");
    if (!is_own && !l->is_crc32c && !is_zero[0] && was_wrong != is_wrong(&given) &&
        packet_field(&given, 0) != 0)
        wrong("rewritten, a wrong checksum became right or the reverse");
}

static void check_sent_on(bool to_xen)
{
    const struct device d = any_device(to_xen);
    const bool from_xen = chance(2);
    struct csumoff_layout at;
    struct csumoff_hint hint;
    struct csumoff_rx rx;
    struct wish w;
    bool is_received;

    make(from_xen || to_xen);
    if (from_xen) {
        const struct csumoff_netfront_slot slot = any_slot();

        if (chance(6))
            damage();
        is_received = receive_netfront(&slot, &rx);
    } else {
        const struct csumoff_virtio_hdr hdr = any_hdr();
        const struct csumoff_virtio_policy policy = {!chance(16), !chance(4)};

        if (chance(6))
            damage();
        is_received = receive_virtio(&hdr, &policy, &rx);
    }
    if (!is_received)
        return;
    if (rx.state != CSUMOFF_PARTIAL) /* whatever is wrong has to stay so */
        copy_packet(&ideal, &given), is_sound = true;
    if (truth.outer == OUTER_LOCATED && chance(4)) {
        is_sound &= rx.state == CSUMOFF_PARTIAL;
        nat(&rx);
    }
    w.want = rx.state == CSUMOFF_UNNECESSARY ? WANT_VERIFIED
             : rx.state != CSUMOFF_PARTIAL   ? WANT_AS_IS
             : rx.no_seed                    ? WANT_COMPUTE
                                             : WANT_SEEDED;
    w.start = rx.csum_start;
    w.offset = rx.csum_offset;
    w.mss = rx.gso_size;
    hint = csumoff_forward(&rx);
    if (hint.layout)
        wrong("a layout from nowhere");
    hint.layout = any_layout(&at);
    if (truth.outer == OUTER_BROKEN)
        hint.layout = NULL;
    check_send(&d, &hint, &w);
}

/* ---- Completing ------------------------------------------------------------------------------ */

static void check_completed(int status, const struct csumoff_rx *rx, unsigned may)
{
    struct plan plan = {0};

    if (may == MAY_OK && rx->state == CSUMOFF_PARTIAL)
        may = model_complete(&truth, rx->csum_start, rx->csum_offset, rx->no_seed, &plan);
    if (is_far())
        may |= MAY_ENOTSUP;
    check_status(status, may);
    if (status == CSUMOFF_OK)
        model_apply(&truth, &plan);
    check_bytes(out, given.bytes, given.len, status ? "on error" : "completed");
    if (status == CSUMOFF_OK && is_sound) {
        forgive_zeros(out);
        check_bytes(out, ideal.bytes, given.len, "completed, by the oracle");
    }
}

static void check_finished_netfront(void)
{
    struct csumoff_netfront_rx_item item;
    struct csumoff_netfront_slot slot;
    struct csumoff_iov iov[PIECES];
    struct csumoff_rx rx;
    size_t count;
    unsigned may;
    uint8_t *p;
    int status;

    make(true);
    slot = any_slot();
    if (chance(6))
        damage();
    may = expect_slot(&truth, &slot, &rx);
    call.what = "finished by netfront";
    call.slot = slot;
    switch (rng_below(&rng, 4)) {
    case 0:
        count = cut_pieces(given.bytes, given.len, iov);
        status = csumoff_netfront_rx_finish_iov(iov, count, &slot);
        gather_pieces(iov, count);
        break;
    case 1:
        memset(out, UNTOUCHED, given.len);
        p = placed(given.bytes, given.len);
        status = csumoff_netfront_rx_finish_copy(out, p, given.len, &slot);
        check_bytes(p, given.bytes, given.len, "the source of a copy");
        if (status) {
            for (count = 0; count < given.len; count++)
                if (out[count] != UNTOUCHED)
                    wrong("a copy is begun on error");
            memcpy(out, given.bytes, given.len);
        }
        break;
    case 2:
        memset(&item, UNTOUCHED, sizeof item);
        item.frame = placed(given.bytes, given.len);
        item.len = given.len;
        item.slot = slot;
        (void)csumoff_netfront_rx_finish_burst(&item, 1);
        status = item.status;
        memcpy(out, item.frame, given.len);
        break;
    default:
        p = placed(given.bytes, given.len);
        status = csumoff_netfront_rx_finish(p, given.len, &slot);
        memcpy(out, p, given.len);
        break;
    }
    check_completed(status, &rx, may);
}

static void check_finished_virtio(void)
{
    const struct csumoff_virtio_policy policy = {!chance(16), !chance(4)};
    struct csumoff_virtio_rx_item item;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_iov iov[PIECES];
    struct csumoff_rx rx;
    size_t count;
    unsigned may;
    uint8_t *p;
    int status;

    make(false);
    hdr = any_hdr();
    if (chance(6))
        damage();
    may = expect_hdr(&truth, &hdr, &policy, &rx);
    call.what = "finished by virtio";
    call.hdr = hdr;
    switch (rng_below(&rng, 3)) {
    case 0:
        count = cut_pieces(given.bytes, given.len, iov);
        status = csumoff_virtio_rx_finish_iov(iov, count, link_of_frame, &hdr, &policy);
        gather_pieces(iov, count);
        break;
    case 1:
        memset(&item, UNTOUCHED, sizeof item);
        item.frame = placed(given.bytes, given.len);
        item.len = given.len;
        item.hdr = hdr;
        (void)csumoff_virtio_rx_finish_burst(&item, 1, link_of_frame, &policy);
        status = item.status;
        memcpy(out, item.frame, given.len);
        break;
    default:
        p = placed(given.bytes, given.len);
        status = csumoff_virtio_rx_finish(p, given.len, link_of_frame, &hdr, &policy);
        memcpy(out, p, given.len);
        break;
    }
    check_completed(status, &rx, may);
}

/* ---- From one device's words to the other's -------------------------------------------------- */

static void check_bridged(void)
{
    const struct device *const backend =
        &(struct device){true, true, true, true, true, false, false};
    struct csumoff_netfront_slot slot;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_rx before, after;
    struct order order = {0};
    const uint8_t *p;
    int status;

    make(true);
    if (chance(2)) {
        slot = any_slot();
        if (!receive_netfront(&slot, &before))
            return;
        p = placed(given.bytes, given.len);
        status = csumoff_virtio_from_xen(p, given.len, CSUMOFF_XEN_RX, &slot, &hdr);
        if (status == CSUMOFF_OK) {
            expect_hdr(&truth, &hdr, &believed, &after);
            check_rx(&after, &before);
        } else if (before.state != CSUMOFF_PARTIAL) {
            wrong("refused: %s", csumoff_strerror(status));
        }
    } else {
        hdr = any_hdr();
        if (!receive_virtio(&hdr, &believed, &before))
            return;
        p = placed(given.bytes, given.len);
        status = csumoff_xen_from_virtio(p, given.len, &hdr, CSUMOFF_XEN_TX, &slot);
        if (status == CSUMOFF_OK) {
            if (read_slot(&slot, before.state == CSUMOFF_UNNECESSARY, &order) ||
                order.is_finish != (before.state == CSUMOFF_PARTIAL) ||
                order.gso != before.gso_type || order.size != before.gso_size)
                wrong("flags %u, GSO %u of %u", slot.flags, slot.gso_type, slot.gso_size);
            memcpy(out, given.bytes, given.len);
            /* Both sides sum to the end of the frame: what follows the packet is the sender's
             * mistake, which is not made good on the way. */
            if (order.is_finish && is_sound && !before.no_seed &&
                model_is_clean(&given, given.level[0].l4 + given.level[0].l4_len))
                arrive(backend, &order, out);
            else if (device_takes(backend, &given, out, given.len, &order))
                wrong("dropped by the backend");
        } else if (before.state != CSUMOFF_PARTIAL && !before.gso_type) {
            wrong("refused: %s", csumoff_strerror(status));
        }
    }
    check_bytes(p, given.bytes, given.len, "only to be read");
}

/* ---- Frames of which nothing is known -------------------------------------------------------- */

/* Bits changed anywhere: every form comes to the same, errors touch nothing, the backend finds what
 * it is told to, and what is to stay stays. */
static void check_wild(void)
{
    const struct device d = any_device(true);
    const struct csumoff_netfront_caps caps = netfront_caps(&d, true);
    struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 0, NULL};
    struct csumoff_netfront_slot slot, other;
    struct csumoff_iov iov[PIECES];
    size_t n, count, start, offset;
    int status, again;
    uint8_t *p;

    make(true);
    for (n = 1 + rng_below(&rng, 6); n-- > 0;)
        given.bytes[rng_below(&rng, chance(2)        ? given.len
                                    : 60 < given.len ? 60
                                                     : given.len)] ^=
            (uint8_t)(1u << rng_below(&rng, 8));
    if (chance(6))
        given.len = rng_below(&rng, given.len + 1);
    hint.want = (enum csumoff_tx)rng_below(&rng, 4);
    hint.mss = any_mss();
    if (chance(2)) {
        hint.csum_start = (uint32_t)given.level[0].l4;
        hint.csum_offset = (uint32_t)given.level[0].csum_offset;
    }
    call.what = "wild";
    call.form = "any form";
    call.device = &d;
    call.wish = (struct wish){(enum want)hint.want, hint.csum_start, hint.csum_offset, hint.mss};
    memset(&slot, UNTOUCHED, sizeof slot);
    other = slot;
    p = placed(given.bytes, given.len);
    status = csumoff_netfront_tx(p, given.len, &caps, &hint, &slot);
    if (status || hint.want == CSUMOFF_TX_AS_IS || hint.want == CSUMOFF_TX_VERIFIED)
        check_bytes(p, given.bytes, given.len, "to be left alone");
    if (!status && slot.flags & BLANK && !backend_finds(p, given.len, &start, &offset))
        wrong("dropped by the backend");
    if (chance(2)) {
        count = cut_pieces(given.bytes, given.len, iov);
        again = csumoff_netfront_tx_iov(iov, count, &caps, &hint, &other);
        gather_pieces(iov, count);
    } else {
        memcpy(aside, given.bytes, given.len);
        again = csumoff_netfront_tx_copy(out, aside, given.len, &caps, &hint, &other);
        if (again)
            memcpy(out, given.bytes, given.len);
    }
    if (again == CSUMOFF_ENOTSUP && given.len > GATHERED)
        return;
    if (again != status)
        wrong("status %d, in another form %d", status, again);
    check_bytes(out, p, given.len, "in another form");
    if (slot.flags != other.flags || slot.gso_type != other.gso_type ||
        slot.gso_size != other.gso_size)
        wrong("flags %u, in another form %u", slot.flags, other.flags);
}

/* ---- Running --------------------------------------------------------------------------------- */

enum {
    MODES = 9
};

static const char *const mode_names[MODES] = {
    "sent by netfront", "sent on by netfront", "finished by netfront", "taken across",
    "sent by virtio",   "sent on by virtio",   "finished by virtio",   "wild",
    "of long headers"};

static uint64_t begin_state;

static void run_frame(uint64_t which)
{
    number = which;
    rng.state = begin_state + which * 0x2545F4914F6CDD1Du;
    mode_text = mode_names[which % MODES];
    call.what = "";
    call.device = NULL;
    is_far_wanted = which % MODES == 8;
    switch (is_far_wanted ? 4 + which / MODES % 3 : which % MODES) {
    case 0:
        check_sent(true);
        break;
    case 1:
        check_sent_on(true);
        break;
    case 2:
        check_finished_netfront();
        break;
    case 3:
        check_bridged();
        break;
    case 4:
        check_sent(false);
        break;
    case 5:
        check_sent_on(false);
        break;
    case 6:
        check_finished_virtio();
        break;
    default:
        check_wild();
    }
}

/* Says at which frame something was touched that must not be, then goes on as it would have. */
static void say_where(int signal_number)
{
    char text[] = "# a fault at frame                     \n";
    size_t at = sizeof text - 2;
    uint64_t n = number;

    do
        text[--at] = (char)('0' + n % 10);
    while (n /= 10);
    if (write(STDOUT_FILENO, text, sizeof text - 1) < 0)
        _exit(EXIT_FAILURE);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void prepare(void)
{
    unsigned i;
    bool is_there = guarded_new(&guard, PACKET_SIZE);

    for (i = 0; i < PIECES; i++)
        is_there &= guarded_new(&guards[i], PACKET_SIZE + MARGIN);
    if (!is_there) {
        fputs("no memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    signal(SIGSEGV, say_where);
#if defined(SIGBUS)
    signal(SIGBUS, say_where);
#endif
    begin_state = rng_new(0x600D).state;
}

/* Where a row of tests begins, so that each has frames of its own. */
static uint64_t first_frame(void)
{
    const char *row = getenv("CSUMOFF_TEST_ROW");
    uint64_t hash = 0;

    for (; row && *row; row++)
        hash = hash * 31 + (uint8_t)*row;
    return hash % 100000 * 1000000;
}

static void run_mode(unsigned mode)
{
    const uint64_t count = effort(200000, 20000) / MODES, first = first_frame();
    uint64_t i;

    prepare();
    for (i = 0; i < count; i++)
        run_frame(first + i * MODES + mode);
}

#define MODE_TEST(name, mode)                                                                      \
    START_TEST(name)                                                                               \
    {                                                                                              \
        run_mode(mode);                                                                            \
    }                                                                                              \
    END_TEST

MODE_TEST(sent_by_netfront, 0)
MODE_TEST(sent_on_by_netfront, 1)
MODE_TEST(finished_by_netfront, 2)
MODE_TEST(taken_across, 3)
MODE_TEST(sent_by_virtio, 4)
MODE_TEST(sent_on_by_virtio, 5)
MODE_TEST(finished_by_virtio, 6)
MODE_TEST(wild, 7)
MODE_TEST(long_headers, 8)

static int run_range(uint64_t count, uint64_t first)
{
    struct timespec begin, end;
    double seconds;
    uint64_t i;

    prepare();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    for (i = 0; i < count; i++)
        run_frame(first + i);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    seconds = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    printf("%" PRIu64 " frames from %" PRIu64 ", seed 0x%" PRIx64
           ": nothing lost; %.0f a second of one processor\n",
           count, first, rng_seed(), (double)count / seconds);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const TTest *const tests[] = {sent_by_netfront,     sent_on_by_netfront,
                                  finished_by_netfront, taken_across,
                                  sent_by_virtio,       sent_on_by_virtio,
                                  finished_by_virtio,   wild,
                                  long_headers,         NULL};
    Suite *suite;

    if (argc > 1)
        return run_range(strtoull(argv[1], NULL, 0), argc > 2 ? strtoull(argv[2], NULL, 0) : 0);
    is_suite = true;
    printf("# frames from %" PRIu64 ", seed 0x%" PRIx64 "\n", first_frame(), rng_seed());
    suite = suite_create("model");
    suite_add(suite, "model", tests);
    return suite_run(suite);
}
