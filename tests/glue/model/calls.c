// SPDX-License-Identifier: MIT
/* What the calls of all functions share: memory, pieces, comparisons, and the far end. */
#include <stdarg.h>

#include "trial.h"

struct guarded guard, guards[PIECES];
uint8_t aside[PACKET_SIZE], out[PACKET_SIZE], segment[PACKET_SIZE];
uint64_t number;
const char *mode_text;
struct call call;
bool is_suite;

/* ---- What is wrong --------------------------------------------------------------------------- */

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

__attribute__((FORMATTED(1, 2), noreturn)) void wrong(const char *format, ...)
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

/* ---- Calls ----------------------------------------------------------------------------------- */

uint8_t *placed(const uint8_t *bytes, size_t len)
{
    return memcpy(guard.end - len, bytes, len);
}

size_t near_header(void)
{
    const size_t at = given.level[rng_below(&rng, given.levels)].l4 + rng_below(&rng, 24);

    return at < given.len ? at : given.len;
}

size_t cut_pieces(const uint8_t *bytes, size_t len, struct csumoff_iov *iov)
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

void gather_pieces(const struct csumoff_iov *iov, size_t count)
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

bool is_far(void)
{
    return given.level[given.levels - 1].l4 + 80 > GATHERED;
}

void check_status(int status, unsigned may)
{
    if (!is_one_of(status, may))
        wrong("status %d (%s), not of 0x%X", status, csumoff_strerror(status), may);
}

void check_bytes(const uint8_t *found, const uint8_t *want, size_t len, const char *what)
{
    size_t i;

    if (memcmp(found, want, len) == 0)
        return;
    for (i = 0; found[i] == want[i];)
        i++;
    wrong("%s: byte %zu of %zu is 0x%02X, not 0x%02X", what, i, len, found[i], want[i]);
}

/* ---- The far end ----------------------------------------------------------------------------- */

void forgive_zeros(const uint8_t *found)
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

void arrive(const struct device *d, struct order *order, uint8_t *sent)
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
