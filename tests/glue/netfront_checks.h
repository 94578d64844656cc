// SPDX-License-Identifier: MIT
/*
 * Frames sent and received by the netfront functions, whole and in pieces, with the oracle's
 * expectations.
 */
#ifndef CSUMOFF_TESTS_NETFRONT_CHECKS_H
#define CSUMOFF_TESTS_NETFRONT_CHECKS_H

#include <csumoff_netfront.h>
#include <string.h>

#include "../oracle/frames.h"
#include "../oracle/reference.h"
#include "../oracle/suite.h"
#include "same_rx.h"

enum {
    TX_BLANK = 1,
    TX_VALIDATED = 2,
    TX_EXTRA = 8,
    TX_BOTH = TX_BLANK | TX_VALIDATED,
    RX_VALIDATED = 1,
    RX_BLANK = 2,
    RX_EXTRA = 8,
    RX_BOTH = RX_BLANK | RX_VALIDATED,
    GAP = 0xC3
};

static const struct csumoff_netfront_caps all = {true, true, true, true, true}, none;

static struct guarded guard;

/* The frame's bytes up to an unreadable page. */
static inline uint8_t *placed(const struct frame *f, size_t len)
{
    if (!guard.map)
        CHECK(guarded_new(&guard, 70000));
    memcpy(guard.end - len, f->bytes, len);
    return guard.end - len;
}

static inline void check_same(const struct frame *want, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != want->bytes[i])
            ck_abort_msg("byte %zu is 0x%02X, not 0x%02X (L3 %zu, L4 %zu): %s", i, p[i],
                         want->bytes[i], want->l3, want->l4, recipe_text(&want->recipe));
}

static inline bool is_tcp_udp(const struct frame *f)
{
    return f->recipe.proto == TCP || f->recipe.proto == UDP;
}

/* The backend takes it, and the slot is one that a guest may send. */
static inline void check_accepted(const uint8_t *p, size_t len,
                                  const struct csumoff_netfront_slot *slot)
{
    CHECK_EQ(csumoff_netback_drops(p, len, slot), CSUMOFF_DROP_NONE);
    if (slot->flags & TX_EXTRA) {
        CHECK(slot->flags & TX_BLANK);
        CHECK(slot->gso_type == 1 || slot->gso_type == 2);
        CHECK(slot->gso_size != 0);
    } else {
        CHECK_EQ(slot->gso_type, 0);
        CHECK_EQ(slot->gso_size, 0);
    }
    CHECK(!(slot->flags & TX_BLANK) || slot->flags & TX_VALIDATED);
}

/* What the backend makes of a frame, on its way out. */
static inline void backend_finish(uint8_t *p, size_t len, uint16_t tx_flags)
{
    struct csumoff_layout at;

    if (!(tx_flags & TX_BLANK))
        return;
    CHECK_EQ(csumoff_locate(p, len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
    CHECK_EQ(csumoff_finish(p, len, at.csum_start, at.csum_offset), CSUMOFF_OK);
}

static inline void check_good(const uint8_t *p, size_t len)
{
    struct csumoff_report report;

    CHECK_EQ(csumoff_inspect(p, len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
    CHECK_EQ(report.l4, CSUMOFF_GOOD);
    CHECK(report.l3 == CSUMOFF_GOOD || report.l3 == CSUMOFF_ABSENT);
}

/* Copies `len` bytes into `count` pieces of any length, empty ones among them, with gaps between
 * them; nothing may be read behind the array of them. */
static inline struct csumoff_iov *cut(struct rng *rng, const uint8_t *p, size_t len, size_t *count)
{
    static uint8_t scattered[72000];
    static struct guarded end;
    struct csumoff_iov iov[12];
    uint8_t *to = scattered;

    if (!end.map)
        CHECK(guarded_new(&end, sizeof iov));
    memset(scattered, GAP, sizeof scattered);
    for (*count = 0; *count == 0 || len; ++*count) {
        size_t n = rng_below(rng, 4) == 0 ? rng_below(rng, 3) : rng_below(rng, len + 1);

        if (n > len || *count + 1 == sizeof iov / sizeof *iov)
            n = len;
        to += 1 + rng_below(rng, 3);
        iov[*count].base = n ? memcpy(to, p, n) : NULL;
        iov[*count].len = n;
        p += n;
        to += n;
        len -= n;
    }
    return guarded_copy(&end, iov, *count * sizeof *iov);
}

/* Puts the pieces together again at p; beside them nothing was written. */
static inline void join(const struct csumoff_iov *iov, size_t count, uint8_t *p)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *piece = iov[i].base;

        if (!iov[i].len)
            continue;
        CHECK_EQ(piece[-1], GAP);
        CHECK_EQ(piece[iov[i].len], GAP);
        memcpy(p, piece, iov[i].len);
        p += iov[i].len;
    }
}

/*
 * Sends the frame, whole and in pieces: both have to end in `status`, the bytes in `want`, the slot
 * as told; on error all stays as it was. The slot of the last one is returned.
 */
static inline struct csumoff_netfront_slot send(const struct frame *f, const struct frame *want,
                                                const struct csumoff_netfront_caps *caps,
                                                const struct csumoff_hint *hint, int status,
                                                uint16_t flags)
{
    static struct rng rng;
    struct csumoff_netfront_slot slot, iov_slot, untouched;
    struct csumoff_iov *iov;
    uint8_t *p = placed(f, f->len);
    size_t count;
    int got;

    if (!rng.state)
        rng = rng_new(77);
    memset(&untouched, 0xA5, sizeof untouched);
    slot = iov_slot = untouched;
    got = csumoff_netfront_tx(p, f->len, caps, hint, &slot);
    if (got != status || (status == CSUMOFF_OK && slot.flags != flags))
        ck_abort_msg("status %d, not %d; flags %u, not %u: %s", got, status, slot.flags, flags,
                     recipe_text(&f->recipe));
    check_same(status ? f : want, p, f->len);
    if (status)
        CHECK(same_bytes(&slot, &untouched, sizeof slot));
    else
        check_accepted(p, f->len, &slot);

    p = placed(f, f->len);
    iov = cut(&rng, p, f->len, &count);
    CHECK_EQ(csumoff_netfront_tx_iov(iov, count, caps, hint, &iov_slot), status);
    join(iov, count, p);
    check_same(status ? f : want, p, f->len);
    if (status)
        CHECK(same_bytes(&iov_slot, &untouched, sizeof slot));
    else
        CHECK(slot.flags == iov_slot.flags && slot.gso_type == iov_slot.gso_type &&
              slot.gso_size == iov_slot.gso_size);
    return slot;
}

/* Receives the frame, whole and in pieces: both have to say the same, but that the latter may not
 * have gathered all headers. */
static inline int receive(const uint8_t *frame, size_t len, uint16_t flags, uint8_t gso_type,
                          uint16_t gso_size, struct csumoff_rx *rx)
{
    const struct csumoff_netfront_slot slot = {flags, gso_type, gso_size};
    static struct rng rng;
    struct csumoff_rx before, iov_rx;
    struct csumoff_iov *iov;
    int status, iov_status;
    size_t count;

    memcpy(&before, rx, sizeof before);
    memcpy(&iov_rx, rx, sizeof iov_rx);
    status = csumoff_netfront_rx(frame, len, &slot, rx);
    if (!rng.state)
        rng = rng_new(78);
    iov = cut(&rng, frame, len, &count);
    iov_status = csumoff_netfront_rx_iov(iov, count, &slot, &iov_rx);
    if (iov_status == CSUMOFF_ENOTSUP && len > 512) {
        CHECK(same_bytes(&iov_rx, &before, sizeof before));
    } else {
        CHECK_EQ(iov_status, status);
        CHECK(status || same_rx(&iov_rx, rx));
    }
    if (status)
        CHECK(same_bytes(rx, &before, sizeof before));
    return status;
}

/* Completes the frame, whole and in pieces. */
static inline int receive_finish(uint8_t *frame, size_t len, uint16_t flags, uint8_t gso_type)
{
    const struct csumoff_netfront_slot slot = {flags, gso_type, gso_type ? 1000 : 0};
    static uint8_t copy[sizeof((struct frame *)NULL)->bytes];
    static struct rng rng;
    struct csumoff_iov *iov;
    size_t count;
    int status, iov_status;

    if (!rng.state)
        rng = rng_new(79);
    iov = cut(&rng, frame, len, &count);
    iov_status = csumoff_netfront_rx_finish_iov(iov, count, &slot);
    join(iov, count, copy);
    if (iov_status == CSUMOFF_ENOTSUP && len > 512) {
        CHECK(same_bytes(copy, frame, len));
        return csumoff_netfront_rx_finish(frame, len, &slot);
    }
    status = csumoff_netfront_rx_finish(frame, len, &slot);
    CHECK_EQ(iov_status, status);
    CHECK(same_bytes(copy, frame, len));
    return status;
}

/* The frame with its real checksum, or its seed, and a real IPv4 header checksum. */
static inline void completed(struct frame *want, const struct frame *f)
{
    *want = *f;
    frame_set_l3(want);
    frame_set_field(want, frame_complete(f));
}

static inline void seeded(struct frame *want, const struct frame *f)
{
    *want = *f;
    frame_set_l3(want);
    frame_set_field(want, frame_seed(f));
}

static struct frame a, b;

static inline void build(struct recipe recipe, uint64_t stream)
{
    struct rng rng = rng_new(stream);

    recipe.ethernet = true;
    frame_build(&a, &recipe, &rng);
    if (a.recipe.proto == TCP) /* flags at random, but none that matters to GSO */
        a.bytes[a.l4 + 13] = 0x10;
}

static const struct recipe tcp4 = {.version = 4, .proto = TCP, .payload = 100},
                           tcp6 = {.version = 6, .proto = TCP, .payload = 100},
                           udp4 = {.version = 4, .proto = UDP, .payload = 100},
                           udp6 = {.version = 6, .proto = UDP, .payload = 100},
                           icmp4 = {.version = 4, .proto = ICMP, .payload = 100},
                           icmp6 = {.version = 6, .proto = ICMPV6, .payload = 100},
                           esp4 = {.version = 4, .proto = 50, .payload = 100};

static inline struct csumoff_hint hint_of(enum csumoff_tx want, uint16_t mss)
{
    struct csumoff_hint hint = {want, 0, 0, mss, NULL};

    if (want == CSUMOFF_TX_SEEDED) {
        hint.csum_start = (uint32_t)a.l4;
        hint.csum_offset = (uint32_t)a.csum_offset;
    }
    return hint;
}

static inline enum csumoff_drop verdict(size_t len, uint16_t flags, uint8_t type, uint16_t size)
{
    struct csumoff_netfront_slot slot = {flags, type, size};
    enum csumoff_drop why = csumoff_netback_drops(placed(&a, len), len, &slot);

    CHECK(csumoff_drop_text(why)[0] != '\0');
    return why;
}

#endif
