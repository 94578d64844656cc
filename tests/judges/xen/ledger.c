// SPDX-License-Identifier: MIT
#include "ledger.h"

#include <csumoff_netfront.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMBER_AT = 8, /* in the source address, behind 02:5E, or 02:5F for the last of a row */
    SLOTS_MOST = 64,
    SENTINEL_MS = 60000 /* the machine may be busy with other things */
};

/* A frame that was sent. */
struct entry {
    uint8_t *want; /* NULL: not known */
    size_t len, field;
    const char *bound; /* what is wrong with it, for the log */
    /* A super-frame: */
    uint16_t mss; /* 0: none */
    size_t l3, l4, header_len, payload_seen;
    /* From csumoff_netback_drops_slots(), for all of the frames that it was sent as: */
    unsigned sent;
    enum csumoff_drop predicted;
    uint16_t flags;
    /* What came: */
    unsigned came, good, bad;
};

static struct {
    struct ring *ring;
    enum fate fate;
    int flags;
    char title[128];
    uint32_t first; /* the number of the first entry */
    struct entry *entries;
    size_t count, room;
    unsigned errors; /* the ring's, when it began */
} row;

static uint32_t next_number = 1;
unsigned long frames_sent, frames_mispredicted;

/* ---- What comes out ------------------------------------------------------------------------ */

/* What is only said to be right comes with that word; nothing may come unfinished. */
static bool is_finished(const struct entry *e, const struct packet *p)
{
    uint8_t allowed = e->flags == CSUMOFF_NETTXF_DATA_VALIDATED ? VIRTIO_NET_HDR_F_DATA_VALID : 0;

    return (p->hdr.flags & ~allowed) == 0 && p->hdr.gso_type == VIRTIO_NET_HDR_GSO_NONE;
}

static void judge_frame(struct entry *e, const struct packet *p)
{
    const uint8_t *found = p->bytes + e->field, *want;
    bool rest_good;

    if (!e->want) {
        e->good++;
        return;
    }
    want = e->want + e->field;
    if (p->len != e->len || !is_finished(e, p)) {
        e->bound = "length, or not finished";
        return;
    }
    rest_good = memcmp(p->bytes, e->want, e->field) == 0 &&
                memcmp(found + 2, want + 2, e->len - e->field - 2) == 0;
    if (!rest_good)
        e->bound = "something but the checksum is wrong";
    else if (memcmp(found, want, 2) == 0 ||
             /* What the kernel finishes is never 0, TCP's neither. */
             (load_wire16(want) == 0 && load_wire16(found) == 0xFFFF))
        e->good++;
    else
        e->bad++;
}

static void judge_segment(struct entry *e, const struct packet *p)
{
    const uint8_t *l4 = p->bytes + e->l4;
    size_t payload = p->len - e->header_len, offset;

    e->bound = "not a segment of it";
    if (p->len <= e->header_len || payload > e->mss || !is_finished(e, p))
        return;
    offset = ((size_t)load_wire16(l4 + 4) << 16 | load_wire16(l4 + 6)) -
             ((size_t)load_wire16(e->want + e->l4 + 4) << 16 | load_wire16(e->want + e->l4 + 6));
    offset &= 0xFFFFFFFF;
    if (offset != e->payload_seen || offset + payload > e->len - e->header_len ||
        memcmp(p->bytes + e->header_len, e->want + e->header_len + offset, payload) != 0)
        return;
    e->bound = NULL;
    e->payload_seen += payload;
    if (stands(p->bytes, p->len, COMPLETE))
        e->good++;
    else
        e->bad++;
}

/* Takes what is there; whether the last frame of the row was among it. */
static bool drain(int ms, uint32_t last)
{
    static struct packet p;

    while (sink_read(&p, ms)) {
        uint32_t number;
        struct entry *e;

        if (p.len < 12 || p.bytes[6] != 2 || (p.bytes[7] != 0x5E && p.bytes[7] != 0x5F))
            continue; /* the kernel's own */
        number =
            (uint32_t)load_wire16(p.bytes + NUMBER_AT) << 16 | load_wire16(p.bytes + NUMBER_AT + 2);
        if (p.bytes[7] == 0x5F) {
            if (number == last)
                return true;
            continue;
        }
        if (number - row.first >= row.count)
            die("frame %u is none of this row: %s", number, row.title);
        e = &row.entries[number - row.first];
        e->came++;
        if (e->mss)
            judge_segment(e, &p);
        else
            judge_frame(e, &p);
    }
    return false;
}

void row_drain(void)
{
    drain(0, 0);
}

/* ---- What goes in -------------------------------------------------------------------------- */

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names
int __real_ring_send(struct ring *ring, const struct iovec *pieces, size_t count,
                     const struct ring_slot *slot);
int __wrap_ring_send(struct ring *ring, const struct iovec *pieces, size_t count,
                     const struct ring_slot *slot);
// NOLINTEND(bugprone-reserved-identifier)

/* The linker puts this in the place of ring_send(), so that nothing goes to the ring unforetold. */
// NOLINTNEXTLINE(bugprone-reserved-identifier)
int __wrap_ring_send(struct ring *ring, const struct iovec *pieces, size_t count,
                     const struct ring_slot *slot)
{
    static uint8_t frame[65536 + 4096];
    const struct csumoff_netfront_slot sent = {slot->flags, slot->gso_type, slot->gso_size};
    uint16_t sizes[SLOTS_MOST];
    struct entry *e;
    enum csumoff_drop why;
    uint32_t number;
    size_t len = 0, slots = 0;
    int status;

    for (size_t i = 0; i < count; len += pieces[i++].iov_len) {
        memcpy(frame + len, pieces[i].iov_base, pieces[i].iov_len);
        for (size_t at = 0; at < pieces[i].iov_len && slots < SLOTS_MOST; at += RING_SLOT_MAX)
            sizes[slots++] =
                (uint16_t)(pieces[i].iov_len - at < RING_SLOT_MAX ? pieces[i].iov_len - at
                                                                  : RING_SLOT_MAX);
    }
    sizes[0] = (uint16_t)len;
    status = __real_ring_send(ring, pieces, count, slot);
    if (status || len < 12 || frame[6] != 2 || frame[7] != 0x5E)
        return status;
    number = (uint32_t)load_wire16(frame + NUMBER_AT) << 16 | load_wire16(frame + NUMBER_AT + 2);
    if (number - row.first >= row.count)
        die("frame %u was sent without being expected: %s", number, row.title);
    why = csumoff_netback_drops_slots(frame, sizes, slots, &sent);
    if (why != csumoff_netback_drops(frame, len, &sent))
        die("the slots make a difference: %s", row.title);
    e = &row.entries[number - row.first];
    if (e->sent++ && (e->predicted != why || e->flags != slot->flags))
        die("one frame, several flags: %s", row.title);
    e->predicted = why;
    e->flags = slot->flags;
    frames_sent++;
    return 0;
}

void row_begin(struct ring *ring, enum fate fate, int flags, const char *title, ...)
{
    va_list args;

    va_start(args, title);
    vsnprintf(row.title, sizeof row.title, title, args);
    va_end(args);
    row.ring = ring;
    row.fate = fate;
    row.flags = flags;
    row.first = next_number;
    row.count = 0;
    row.errors = ring_errors(ring);
}

static void put_addresses(uint8_t *frame, uint8_t kind, uint32_t number)
{
    const uint8_t addresses[] = {2, 0, 0, 0, 0xFA, 1, 2, kind};

    memcpy(frame, addresses, sizeof addresses);
    store_wire16(frame + NUMBER_AT, (uint16_t)(number >> 16));
    store_wire16(frame + NUMBER_AT + 2, (uint16_t)number);
}

static struct entry *note(uint8_t *frame, size_t len)
{
    struct entry *e;

    if (row.count == row.room) {
        row.room = row.room ? 2 * row.room : 64;
        row.entries = realloc(row.entries, row.room * sizeof *row.entries);
        if (!row.entries)
            die("no memory");
    }
    e = &row.entries[row.count++];
    *e = (struct entry){.len = len};
    put_addresses(frame, 0x5E, next_number++);
    return e;
}

static void keep(struct entry *e, const uint8_t *frame, const uint8_t *want)
{
    e->want = malloc(e->len);
    if (!e->want)
        die("no memory");
    memcpy(e->want, want, e->len);
    memcpy(e->want, frame, 12);
}

void row_expect(uint8_t *frame, const uint8_t *want, size_t len, size_t field)
{
    struct entry *e = note(frame, len);

    keep(e, frame, want);
    e->field = field;
}

void row_expect_segments(uint8_t *frame, const struct frame *f, uint16_t mss)
{
    struct entry *e = note(frame, f->len);

    keep(e, frame, f->bytes);
    e->mss = mss;
    e->l3 = f->l3;
    e->l4 = f->l4;
    e->header_len = f->l4 + (size_t)(f->bytes[f->l4 + 12] >> 4) * 4;
}

void row_expect_any(uint8_t *frame, size_t len)
{
    note(frame, len);
}

/* ---- Results ------------------------------------------------------------------------------- */

static const char *flags_text(uint16_t flags)
{
    static char text[64];

    snprintf(text, sizeof text, "%s%s%s%s", flags & CSUMOFF_NETTXF_CSUM_BLANK ? " blank" : "",
             flags & CSUMOFF_NETTXF_DATA_VALIDATED ? " validated" : "",
             flags & CSUMOFF_NETTXF_EXTRA_INFO ? " gso" : "", flags ? "" : " none");
    return text + 1;
}

/* Whether it came as often as it should have, and how many of it came well. */
static bool fulfilled(const struct entry *e)
{
    size_t segments = e->sent;

    if (e->mss && e->sent == 1)
        segments = (e->len - e->header_len + e->mss - 1) / e->mss;
    switch (row.fate) {
    case GOOD:
        return e->came == segments && e->good == segments;
    case BAD:
        return e->came == segments && e->bad == segments;
    case DROPPED:
        return e->came == 0;
    case EITHER:
        return e->came <= 1;
    }
    return false;
}

static void print_row(void)
{
    size_t accepted = 0, good = 0, bad = 0, none = 0, unexpected = 0, came = 0;
    char predicted[96], arrived[96], sent[96], title[192];
    bool is_mixed = false;
    enum csumoff_drop why = CSUMOFF_DROP_NONE;

    for (size_t i = 0; i < row.count; i++) {
        struct entry *e = &row.entries[i];
        bool foretold = e->sent && (e->predicted == CSUMOFF_DROP_NONE) == (e->came != 0);

        accepted += e->predicted == CSUMOFF_DROP_NONE;
        if (e->predicted)
            why = e->predicted;
        is_mixed |= e->flags != row.entries[0].flags;
        none += !e->came;
        came += e->came;
        good += e->good;
        bad += e->bad;
        frames_mispredicted += !foretold;
        if (fulfilled(e) && foretold && (row.flags == ANY_FLAGS || e->flags == row.flags))
            continue;
        if (unexpected++ < 5)
            printf("# frame %zu: flags 0x%x, %s, came %u times, %u good, %u bad; %s\n", i, e->flags,
                   csumoff_drop_text(e->predicted), e->came, e->good, e->bad,
                   e->bound ? e->bound : "no more known");
    }
    snprintf(title, sizeof title, "%s%s", row.title, row.count == 1 ? "" : ":");
    if (row.count != 1)
        snprintf(title + strlen(title), sizeof title - strlen(title), " %zu frames", row.count);
    snprintf(sent, sizeof sent, "%s", is_mixed ? "various" : flags_text(row.entries[0].flags));
    if (accepted == row.count)
        snprintf(predicted, sizeof predicted, "accepted");
    else if (accepted)
        snprintf(predicted, sizeof predicted, "%zu accepted, %zu dropped", accepted,
                 row.count - accepted);
    else
        snprintf(predicted, sizeof predicted, "dropped: %s", csumoff_drop_text(why));
    if (!came)
        snprintf(arrived, sizeof arrived, "none");
    else if (row.fate == EITHER)
        snprintf(arrived, sizeof arrived, "%zu, %zu not", came, none);
    else if (row.count == 1 && came == 1)
        snprintf(arrived, sizeof arrived, "%s", good ? "good" : bad ? "bad" : "damaged");
    else
        snprintf(arrived, sizeof arrived, "%zu good, %zu bad", good, bad);
    if (ring_errors(row.ring) != row.errors) {
        printf("# the backend answered with an error\n");
        unexpected++;
    }
    row_other(unexpected == 0 && row.count, title, sent, predicted, arrived);
}

void row_end(void)
{
    static uint32_t sentinels;
    uint8_t frame[60] = {0};
    struct iovec piece = {frame, sizeof frame};
    const struct ring_slot slot = {0, 0, 0};
    struct ring_frame unwanted;

    /* It goes the way of all the others, behind them. */
    put_addresses(frame, 0x5F, ++sentinels);
    store_wire16(frame + 12, 0x88B5); /* for experiments */
    while (ring_send(row.ring, &piece, 1, &slot)) {
        row_drain();
        ring_wait(row.ring, 100);
    }
    if (!drain(SENTINEL_MS, sentinels))
        die("nothing comes any more: %s", row.title);
    while (ring_receive(row.ring, &unwanted))
        ring_release(row.ring);
    print_row();
    for (size_t i = 0; i < row.count; i++)
        free(row.entries[i].want);
    row.count = 0;
}
