// SPDX-License-Identifier: MIT
/* Negotiation, sending, receiving, and the backend rehearsed; expectations are the oracle's. */
#include <csumoff_netfront.h>
#include <string.h>

#include "../oracle/frames.h"
#include "../oracle/reference.h"
#include "../oracle/suite.h"

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

/* ---- Helpers ------------------------------------------------------------------------------- */

static struct guarded guard;

/* The frame's bytes up to an unreadable page. */
static uint8_t *placed(const struct frame *f, size_t len)
{
    if (!guard.map)
        CHECK(guarded_new(&guard, 70000));
    memcpy(guard.end - len, f->bytes, len);
    return guard.end - len;
}

static void check_same(const struct frame *want, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != want->bytes[i])
            ck_abort_msg("byte %zu is 0x%02X, not 0x%02X (L3 %zu, L4 %zu): %s", i, p[i],
                         want->bytes[i], want->l3, want->l4, recipe_text(&want->recipe));
}

static bool is_tcp_udp(const struct frame *f)
{
    return f->recipe.proto == TCP || f->recipe.proto == UDP;
}

/* The backend takes it, and the slot is one that a guest may send. */
static void check_accepted(const uint8_t *p, size_t len, const struct csumoff_netfront_slot *slot)
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
static void backend_finish(uint8_t *p, size_t len, uint16_t tx_flags)
{
    struct csumoff_layout at;

    if (!(tx_flags & TX_BLANK))
        return;
    CHECK_EQ(csumoff_locate(p, len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
    CHECK_EQ(csumoff_finish(p, len, at.csum_start, at.csum_offset), CSUMOFF_OK);
}

static void check_good(const uint8_t *p, size_t len)
{
    struct csumoff_report report;

    CHECK_EQ(csumoff_inspect(p, len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
    CHECK_EQ(report.l4, CSUMOFF_GOOD);
    CHECK(report.l3 == CSUMOFF_GOOD || report.l3 == CSUMOFF_ABSENT);
}

/* Copies `len` bytes into `count` pieces of any length, empty ones among them, with gaps between
 * them; nothing may be read behind the array of them. */
static struct csumoff_iov *cut(struct rng *rng, const uint8_t *p, size_t len, size_t *count)
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
static void join(const struct csumoff_iov *iov, size_t count, uint8_t *p)
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
static struct csumoff_netfront_slot send(const struct frame *f, const struct frame *want,
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

static bool same_rx(const struct csumoff_rx *x, const struct csumoff_rx *y)
{
    return x->state == y->state && x->csum_start == y->csum_start &&
           x->csum_offset == y->csum_offset && x->gso_type == y->gso_type &&
           x->gso_size == y->gso_size && x->no_seed == y->no_seed;
}

/* Receives the frame, whole and in pieces: both have to say the same, but that the latter may not
 * have gathered all headers. */
static int receive(const uint8_t *frame, size_t len, uint16_t flags, uint8_t gso_type,
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
static int receive_finish(uint8_t *frame, size_t len, uint16_t flags, uint8_t gso_type)
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
static void completed(struct frame *want, const struct frame *f)
{
    *want = *f;
    frame_set_l3(want);
    frame_set_field(want, frame_complete(f));
}

static void seeded(struct frame *want, const struct frame *f)
{
    *want = *f;
    frame_set_l3(want);
    frame_set_field(want, frame_seed(f));
}

static struct frame a, b;

static void build(struct recipe recipe, uint64_t stream)
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

static struct csumoff_hint hint_of(enum csumoff_tx want, uint16_t mss)
{
    struct csumoff_hint hint = {want, 0, 0, mss, NULL};

    if (want == CSUMOFF_TX_SEEDED) {
        hint.csum_start = (uint32_t)a.l4;
        hint.csum_offset = (uint32_t)a.csum_offset;
    }
    return hint;
}

/* ---- Negotiation --------------------------------------------------------------------------- */

struct keys {
    struct csumoff_netfront_key keys[16];
    size_t count;
};

static const char *get(void *ctx, const char *key)
{
    const struct keys *keys = ctx;

    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->keys[i].key, key) == 0)
            return keys->keys[i].value;
    return NULL;
}

static bool caps_equal(const struct csumoff_netfront_caps *x, const struct csumoff_netfront_caps *y)
{
    return x->csum_ipv4 == y->csum_ipv4 && x->csum_ipv6 == y->csum_ipv6 &&
           x->gso_tcpv4 == y->gso_tcpv4 && x->gso_tcpv6 == y->gso_tcpv6 && x->sg == y->sg;
}

/* Each key alone with each value; the others absent. */
START_TEST(every_value_of_every_key)
{
    static const char *const names[] = {"feature-no-csum-offload", "feature-ipv6-csum-offload",
                                        "feature-gso-tcpv4", "feature-gso-tcpv6", "feature-sg"};
    static const struct {
        const char *value;
        bool on;
    } values[] = {
        {NULL, false},
        {"", false},
        {"0", false},
        {"00", false},
        {"1", true},
        {"01", true},
        {"2", true},
        {"10", true},
        {"65536", true},
        {"4294967296", true},
        {"18446744073709551616", true},
        {"00000000000000000000000000000000000001", true},
        {" 1", false},
        {"1 ", false},
        {"1x", false},
        {"x1", false},
        {"0x1", false},
        {"-1", false},
        {"+1", false},
        {"1\n", false},
        {"on", false},
        {"1.0", false},
        {"true", false},
        {"\xB2", false},
    };
    size_t k, v;

    for (k = 0; k < 5; k++) {
        for (v = 0; v < sizeof values / sizeof *values; v++) {
            struct keys keys = {{{names[k], values[v].value}}, 1};
            struct csumoff_netfront_caps caps, want = {.csum_ipv4 = true};

            memset(&caps, 0xA5, sizeof caps);
            bool *const members[] = {&want.csum_ipv4, &want.csum_ipv6, &want.gso_tcpv4,
                                     &want.gso_tcpv6, &want.sg};

            *members[k] = k == 0 ? !values[v].on : values[v].on;
            csumoff_netfront_read_caps(get, &keys, &caps);
            if (!caps_equal(&caps, &want))
                ck_abort_msg("%s = \"%s\"", names[k], values[v].value ? values[v].value : "(none)");
        }
    }
}
END_TEST

/* What one side advertises is what the other one reads; never more is written than there is room.
 */
START_TEST(advertised_is_read)
{
    for (unsigned bits = 0; bits < 32; bits++) {
        struct csumoff_netfront_caps mine = {bits & 1, bits & 2, bits & 4, bits & 8, bits & 16},
                                     read;
        struct keys keys;
        size_t count = csumoff_netfront_advertise(&mine, NULL, 0), max, i;

        CHECK(count <= CSUMOFF_NETFRONT_KEYS);
        for (max = 0; max <= 16; max++) {
            memset(&keys, 0, sizeof keys);
            CHECK_EQ(csumoff_netfront_advertise(&mine, keys.keys, max), count);
            for (i = 0; i < 16; i++)
                CHECK_EQ(keys.keys[i].key != NULL, i < count && i < max);
        }
        keys.count = count;
        csumoff_netfront_read_caps(get, &keys, &read);
        CHECK(caps_equal(&read, &mine));
        CHECK(get(&keys, "request-rx-copy") == NULL);
    }
}
END_TEST

/* What switches IPv4 off leaves IPv6 as it is, and the other way. */
START_TEST(ipv6_is_a_switch_of_its_own)
{
    const struct csumoff_netfront_caps v4 = {.csum_ipv4 = true}, v6 = {.csum_ipv6 = true};

    build(udp4, 1);
    seeded(&b, &a);
    send(&a, &b, &v4, NULL, CSUMOFF_OK, TX_BOTH);
    completed(&b, &a);
    send(&a, &b, &v6, NULL, CSUMOFF_OK, 0);
    build(udp6, 2);
    seeded(&b, &a);
    send(&a, &b, &v6, NULL, CSUMOFF_OK, TX_BOTH);
    completed(&b, &a);
    send(&a, &b, &v4, NULL, CSUMOFF_OK, 0);
}
END_TEST

/* ---- Sending ------------------------------------------------------------------------------- */

/* Every kind of frame under every state and all capabilities: bytes, flags, the backend's view, and
 * what comes out at its other end. */
START_TEST(every_frame_sent)
{
    static const struct csumoff_netfront_caps caps[] = {{.csum_ipv4 = false},
                                                        {.csum_ipv4 = true},
                                                        {.csum_ipv6 = true},
                                                        {true, true, true, true, true}};
    struct rng rng = rng_new(3);
    size_t step = effort(1, 7);

    for (size_t i = 0; i < recipe_count(); i += step) {
        struct recipe recipe = recipe_at(i);

        if (!recipe.ethernet)
            continue;
        frame_build(&a, &recipe, &rng);
        for (size_t c = 0; c < sizeof caps / sizeof *caps; c++) {
            bool taken = is_tcp_udp(&a) && recipe.vlans == 0 &&
                         (recipe.version == 4 ? caps[c].csum_ipv4 : caps[c].csum_ipv6);
            struct csumoff_hint hint = hint_of(CSUMOFF_TX_COMPUTE, 0);
            struct csumoff_netfront_slot slot;
            uint8_t *p;

            taken ? seeded(&b, &a) : completed(&b, &a);
            send(&a, &b, &caps[c], NULL, CSUMOFF_OK, taken ? TX_BOTH : 0);
            slot = send(&a, &b, &caps[c], &hint, CSUMOFF_OK, taken ? TX_BOTH : 0);
            p = placed(&b, b.len);
            backend_finish(p, b.len, slot.flags);
            check_good(p, b.len);

            /* A payload that mss covers is no GSO. */
            hint.mss = 95;
            if (recipe.proto != TCP || a.bytes[a.l4 + 12] >> 4 == 5)
                send(&a, &b, &caps[c], &hint, CSUMOFF_OK, taken ? TX_BOTH : 0);

            hint = hint_of(CSUMOFF_TX_VERIFIED, 0);
            send(&a, &a, &caps[c], &hint, CSUMOFF_OK, TX_VALIDATED);

            hint = hint_of(CSUMOFF_TX_AS_IS, 0);
            send(&a, &a, &caps[c], &hint, CSUMOFF_OK, 0);

            /* As a seed: told where, and not told. */
            seeded(&b, &a);
            if (!is_tcp_udp(&a))
                frame_set_field(&b, ref_fold(frame_pseudo(&a, (uint32_t)a.l4_len)));
            frame_set_field(&a, frame_field(&b));
            if (!taken)
                frame_set_field(&b, frame_complete(&a) ? frame_complete(&a) : 0xFFFF);
            hint = hint_of(CSUMOFF_TX_SEEDED, 0);
            send(&a, &b, &caps[c], &hint, CSUMOFF_OK, taken ? TX_BOTH : 0);
            hint.csum_start = hint.csum_offset = 0;
            send(&a, &b, &caps[c], &hint, CSUMOFF_OK, taken ? TX_BOTH : 0);
            rng_fill(&rng, a.bytes + a.l4 + a.csum_offset, 2);
        }
    }
}
END_TEST

/* A seed is kept bit for bit, right or wrong: the stack may know better; 0 is none. */
START_TEST(a_seed_is_kept)
{
    struct csumoff_hint hint;

    build(tcp4, 4);
    hint = hint_of(CSUMOFF_TX_SEEDED, 0);
    for (unsigned field = 0; field <= 0xFFFF; field += field < 3 || field > 0xFFF0 ? 1 : 61) {
        frame_set_field(&a, (uint16_t)field);
        b = a;
        frame_set_l3(&b);
        if (!field)
            seeded(&b, &a);
        send(&a, &b, &all, &hint, CSUMOFF_OK, TX_BOTH);
        /* And finished as it is. */
        if (field) {
            uint16_t sum = ref_checksum(ref_sum(a.bytes + a.l4, a.l4_len));

            frame_set_field(&b, sum ? sum : 0xFFFF);
            send(&a, &b, &none, &hint, CSUMOFF_OK, 0);
        }
    }
}
END_TEST

/* What is unknown is computed, so 0 isn't taken for
 * "none"; a 0 that means it goes as VERIFIED; and csum_blank never stands with it. */
START_TEST(udp_without_a_checksum)
{
    static const struct recipe *const recipes[] = {&udp4, &udp6};
    struct csumoff_hint hint;

    for (size_t i = 0; i < 2; i++) {
        build(*recipes[i], 5);
        frame_set_field(&a, 0);
        seeded(&b, &a);
        send(&a, &b, &all, NULL, CSUMOFF_OK, TX_BOTH);
        hint = hint_of(CSUMOFF_TX_SEEDED, 0);
        send(&a, &b, &all, &hint, CSUMOFF_OK, TX_BOTH);
        completed(&b, &a);
        send(&a, &b, &none, &hint, CSUMOFF_OK, 0);
        hint = hint_of(CSUMOFF_TX_VERIFIED, 0);
        send(&a, &a, &all, &hint, CSUMOFF_OK, TX_VALIDATED);
    }
}
END_TEST

/* A checksum that comes out 0 is 0xFFFF on the wire, whoever computes it. */
START_TEST(zero_becomes_ones)
{
    const struct csumoff_hint hint = hint_of(CSUMOFF_TX_SEEDED, 0);
    const struct csumoff_netfront_slot blank = {RX_BLANK, 0, 0};
    uint8_t *p;

    build(udp4, 6);
    frame_force(&a, 0);
    seeded(&b, &a);
    send(&a, &b, &all, NULL, CSUMOFF_OK, TX_BOTH);
    p = placed(&b, b.len);
    backend_finish(p, b.len, TX_BLANK);
    CHECK_EQ(load_wire16(p + a.l4 + 6), 0xFFFF);
    completed(&b, &a);
    CHECK_EQ(frame_field(&b), 0xFFFF);
    send(&a, &b, &none, NULL, CSUMOFF_OK, 0);
    seeded(&a, &b);
    send(&a, &b, &none, &hint, CSUMOFF_OK, 0);
    /* As a copy, computed and from its seed; and received. */
    for (size_t i = 0; i < 2; i++) {
        struct csumoff_netfront_slot slot;

        p = placed(&a, a.len);
        CHECK_EQ(csumoff_netfront_tx_copy(p, a.bytes, a.len, &none, i ? &hint : NULL, &slot),
                 CSUMOFF_OK);
        check_same(&b, p, a.len);
    }
    frame_set_l3(&a);
    p = placed(&a, a.len);
    CHECK_EQ(csumoff_netfront_rx_finish_copy(p, a.bytes, a.len, &blank), CSUMOFF_OK);
    check_same(&b, p, a.len);
    p = placed(&a, a.len);
    CHECK_EQ(receive_finish(p, a.len, RX_BLANK, 0), CSUMOFF_OK);
    check_same(&b, p, a.len);
    /* A pseudo-header whose sum is 0: no seed is. */
    for (size_t i = 0; i < 4; i++) {
        struct recipe recipe = i % 2 ? tcp6 : udp4;

        recipe.payload = i < 2 ? 100 : 900;
        build(recipe, 30 + i);
        store_wire16(a.bytes + a.l3 + 12, 0);
        store_wire16(a.bytes + a.l3 + 12, (uint16_t)(0xFFFF - frame_seed(&a)));
        seeded(&b, &a);
        CHECK_EQ(frame_field(&b), 0xFFFF);
        send(&a, &b, &all, NULL, CSUMOFF_OK, TX_BOTH);
        completed(&b, &a);
        send(&a, &b, &none, NULL, CSUMOFF_OK, 0);
    }
    /* No pseudo-header, and all of it zeros. */
    for (size_t i = 0; i < 20; i++) {
        build(icmp4, 7 + i);
        memset(a.bytes + a.l4, 0, a.l4_len);
        completed(&b, &a);
        CHECK_EQ(frame_field(&b), 0xFFFF);
        send(&a, &b, &none, NULL, CSUMOFF_OK, 0);
    }
}
END_TEST

/* The backend sums to the end of the frame. */
START_TEST(trailer)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6};
    struct csumoff_hint hint;

    for (size_t i = 0; i < 4; i++) {
        for (size_t size = 100; size <= 1000; size += 900) {
            struct recipe recipe = *recipes[i];

            recipe.payload = size;
            recipe.padding = 9;
            build(recipe, 7);
            a.bytes[a.len - 1] = 1;
            completed(&b, &a);
            send(&a, &b, &all, NULL, CSUMOFF_OK, 0);
            frame_set_field(&a, frame_seed(&a));
            hint = hint_of(CSUMOFF_TX_SEEDED, 0);
            send(&a, &b, &all, &hint, CSUMOFF_OK, 0);
            check_good(placed(&b, b.len), b.len);
            /* Behind the datagram, inside the IP packet. */
            if (recipe.proto == UDP) {
                recipe.slack = 3;
                recipe.padding = 0;
                build(recipe, 7);
                a.bytes[a.len - 2] = 1;
                completed(&b, &a);
                send(&a, &b, &all, NULL, CSUMOFF_OK, 0);
            }
        }
    }
}
END_TEST

/* Untouched but for the IPv4 header, whatever is wanted; no seed is lost in silence, and no payload
 * is over mss. */
START_TEST(arp_fragments_and_other_protocols)
{
    static const struct recipe others[] = {
        {.version = 4, .proto = 50, .payload = 60},
        {.version = 4, .proto = 47, .payload = 60},
        {.version = 6, .proto = TCP, .payload = 60, .chain = "F"},
        {.version = 6, .proto = UDP, .payload = 60, .chain = "M"},
        {.version = 6, .proto = UDP, .payload = 900, .chain = "M"},
        {.version = 4, .proto = TCP, .payload = 60},
        {.version = 4, .proto = TCP, .payload = 1060},
        {.version = 4, .proto = TCP, .payload = 60, .vlans = 1},
        {.version = 4, .proto = UDP, .payload = 60}, /* ARP, below */
    };
    const size_t count = sizeof others / sizeof *others;

    for (size_t i = 0; i < count; i++) {
        struct csumoff_hint hint;
        int status;

        build(others[i], 8 + i);
        if (others[i].version == 4 && others[i].proto == TCP)
            store_wire16(a.bytes + a.l3 + 6, i % 2 ? 0x2000 : 0x0001);
        if (i == count - 1)
            store_wire16(a.bytes + 12, 0x0806);
        b = a;
        if (i < count - 1)
            frame_set_l3(&b);
        send(&a, &b, &all, NULL, CSUMOFF_OK, 0);
        status = i == count - 1           ? CSUMOFF_EPROTO
                 : others[i].proto == TCP ? CSUMOFF_EFRAG
                 : others[i].proto == UDP ? CSUMOFF_EFRAG
                                          : CSUMOFF_EPROTO;
        for (unsigned mss = 0; mss < 2; mss++) {
            hint = hint_of(CSUMOFF_TX_COMPUTE, (uint16_t)mss);
            send(&a, &b, &all, &hint, mss ? CSUMOFF_ENOTSUP : CSUMOFF_OK, 0);
            hint = hint_of(CSUMOFF_TX_AS_IS, (uint16_t)mss);
            send(&a, &a, &all, &hint, mss ? CSUMOFF_ENOTSUP : CSUMOFF_OK, 0);
            hint = hint_of(CSUMOFF_TX_VERIFIED, (uint16_t)mss);
            send(&a, &a, &all, &hint, mss ? CSUMOFF_ENOTSUP : CSUMOFF_OK, TX_VALIDATED);
            hint = (struct csumoff_hint){CSUMOFF_TX_SEEDED, 0, 0, (uint16_t)mss, NULL};
            send(&a, &a, &all, &hint, mss ? CSUMOFF_ENOTSUP : status, 0);
            if (status == CSUMOFF_EFRAG) { /* a place in a fragment */
                hint = hint_of(CSUMOFF_TX_SEEDED, (uint16_t)mss);
                send(&a, &a, &all, &hint, CSUMOFF_ENOTSUP, 0);
            }
        }
    }
}
END_TEST

/* The checksum of a packet inside another is none that the backend would find. */
START_TEST(tunnels_are_finished)
{
    static const uint8_t protos[] = {UDP, 47};

    for (size_t i = 0; i < 2; i++) {
        for (size_t size = 100; size <= 800; size += 700) {
            struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 0, 0, NULL};
            struct recipe recipe = udp4;

            recipe.proto = protos[i];
            recipe.payload = size;
            recipe.padding = 4; /* is not summed */
            build(recipe, 30 + i);
            hint.csum_start = (uint32_t)a.l4 + 50;
            hint.csum_offset = 16;
            b = a;
            frame_set_l3(&b);
            store_wire16(b.bytes + a.l4 + 66,
                         ref_checksum(ref_sum(a.bytes + a.l4 + 50, a.end - a.l4 - 50)));
            a.bytes[a.len - 1] = b.bytes[b.len - 1] = 7;
            send(&a, &b, &all, &hint, CSUMOFF_OK, 0);
            hint.csum_start = (uint32_t)a.end - 17; /* its field ends with byte 18 */
            send(&a, &a, &all, &hint, CSUMOFF_ERANGE, 0);
            hint.csum_start = (uint32_t)a.end - 18;
            b = a;
            frame_set_l3(&b);
            store_wire16(b.bytes + a.end - 2, ref_checksum(ref_sum(a.bytes + a.end - 18, 18)));
            send(&a, &b, &all, &hint, CSUMOFF_OK, 0);
            hint.csum_start = UINT32_MAX - 1;
            send(&a, &a, &all, &hint, CSUMOFF_ERANGE, 0);
            hint.csum_start = (uint32_t)a.l4 + 50;
            hint.csum_offset = UINT32_MAX - hint.csum_start;
            send(&a, &a, &all, &hint, CSUMOFF_ERANGE, 0);
        }
    }
    /* A field of its own in the packet's own checksum's place, and behind five tags, where no
     * packet is found. */
    for (size_t i = 0; i < 2; i++) {
        struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 20, 0, NULL};
        struct recipe recipe = i ? udp6 : tcp4;

        build(recipe, 34);
        hint.csum_start = (uint32_t)a.l4;
        b = a;
        frame_set_l3(&b);
        store_wire16(b.bytes + a.l4 + 20, ref_checksum(ref_sum(a.bytes + a.l4, a.l4_len)));
        send(&a, &b, &all, &hint, CSUMOFF_OK, 0);
        recipe.vlans = 5;
        build(recipe, 34);
        hint.csum_start = (uint32_t)a.l4;
        b = a;
        store_wire16(b.bytes + a.l4 + 20, ref_checksum(ref_sum(a.bytes + a.l4, a.len - a.l4)));
        send(&a, &b, &all, &hint, CSUMOFF_OK, 0);
    }
    /* Of a place with UDP's offset, what follows a header there is payload. */
    for (uint16_t mss = 59; mss <= 61; mss++) {
        struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 6, mss, NULL};

        build(udp4, 33);
        hint.csum_start = (uint32_t)a.l4 + 40;
        b = a;
        frame_set_l3(&b);
        store_wire16(b.bytes + a.l4 + 46,
                     ref_checksum(ref_sum(a.bytes + a.l4 + 40, a.l4_len - 40)));
        if (mss < 60)
            send(&a, &a, &all, &hint, CSUMOFF_ENOTSUP, 0);
        else
            send(&a, &b, &all, &hint, CSUMOFF_OK, 0);
    }
    build(udp4, 32); /* inside the headers */
    for (size_t start = 1; start < a.l4; start++) {
        struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, (uint32_t)start, 16, 0, NULL};

        send(&a, &a, &all, &hint, CSUMOFF_ERANGE, 0);
    }
}
END_TEST

/* Cut at each byte, and with headers that say something impossible. */
START_TEST(errors_leave_all_as_it_was)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6, &icmp4, &icmp6};
    static const enum csumoff_tx wants[] = {CSUMOFF_TX_COMPUTE, CSUMOFF_TX_AS_IS,
                                            CSUMOFF_TX_SEEDED};

    for (size_t i = 0; i < 6; i++) {
        size_t whole;

        build(*recipes[i], 40 + i);
        whole = a.len;
        for (a.len = 0; a.len < whole; a.len++) {
            for (size_t s = 0; s < 3; s++) {
                struct csumoff_hint hint = hint_of(wants[s], s == 0 ? 10 : 0);

                /* What is sent as it is need not be whole. */
                send(&a, &a, &all, &hint,
                     wants[s] == CSUMOFF_TX_AS_IS && a.len >= 14 ? CSUMOFF_OK : CSUMOFF_ETRUNC, 0);
            }
        }
        build(*recipes[i], 40 + i);
        a.bytes[a.l3] = 0x24; /* neither version */
        send(&a, &a, &all, NULL, CSUMOFF_EHDR, 0);
    }
    /* An Ethernet header is a frame. */
    store_wire16(a.bytes + 12, 0x88B5);
    a.len = 14;
    send(&a, &a, &all, NULL, CSUMOFF_OK, 0);
    a.len = 13;
    send(&a, &a, &all, NULL, CSUMOFF_ETRUNC, 0);
    for (size_t size = 100; size <= 1000; size += 900) {
        struct recipe recipe = udp4;

        recipe.payload = size;
        build(recipe, 50);
        for (uint16_t len = 0; len < 8; len++) {
            store_wire16(a.bytes + a.l4 + 4, len);
            send(&a, &a, &all, NULL, CSUMOFF_EHDR, 0);
        }
        store_wire16(a.bytes + a.l4 + 4, (uint16_t)(size + 9));
        send(&a, &a, &all, NULL, CSUMOFF_EHDR, 0);
    }
}
END_TEST

/* A slot's size has 16 bits. */
START_TEST(no_more_than_65535_bytes)
{
    struct recipe recipe = {.version = 6, .proto = UDP, .payload = 65535 - 14 - 40 - 8};
    struct csumoff_netfront_slot slot = {0, 9, 9};

    build(recipe, 60);
    CHECK_EQ(a.len, 65535);
    seeded(&b, &a);
    send(&a, &b, &all, NULL, CSUMOFF_OK, TX_BOTH);
    completed(&b, &a);
    send(&a, &b, &none, NULL, CSUMOFF_OK, 0);
    a.bytes[65535] = 0;
    a.len = 65536;
    send(&a, &a, &all, NULL, CSUMOFF_ERANGE, 0);
    CHECK_EQ(csumoff_netback_drops(a.bytes, 65536, &slot), CSUMOFF_DROP_SIZE);
    CHECK_EQ(csumoff_netback_drops(a.bytes, 65535, &slot), CSUMOFF_DROP_NONE);
}
END_TEST

/* The same of a copy, a head, a burst and of what is received in pieces. */
START_TEST(no_more_in_any_way)
{
    static uint8_t copied[65536];
    const struct csumoff_netfront_slot received = {RX_BOTH, 0, 0};
    struct csumoff_iov iov[2] = {{a.bytes, 100}, {a.bytes + 100, 65536 - 100}};
    struct csumoff_netfront_slot slot = {9, 9, 9};
    struct csumoff_netfront_tx_item items[2];
    struct csumoff_rx rx = {.gso_size = 9};
    uint8_t poison[sizeof copied];

    memset(poison, GAP, sizeof poison);
    memcpy(copied, poison, sizeof copied);
    build(udp6, 64);
    b = a;
    CHECK_EQ(csumoff_netfront_tx_copy(copied, a.bytes, 65536, &all, NULL, &slot), CSUMOFF_ERANGE);
    CHECK(same_bytes(copied, poison, sizeof copied));
    CHECK_EQ(csumoff_netfront_tx_head(a.bytes, a.len, 65536, &all, NULL, &slot), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_netfront_tx_head(a.bytes, a.len, a.len - 1, &all, NULL, &slot),
             CSUMOFF_ERANGE);
    CHECK(slot.flags == 9 && slot.gso_type == 9 && slot.gso_size == 9);
    CHECK_EQ(csumoff_netfront_rx_iov(iov, 2, &received, &rx), CSUMOFF_ERANGE);
    CHECK_EQ(rx.gso_size, 9);
    CHECK_EQ(csumoff_netfront_rx_finish_iov(iov, 2, &received), CSUMOFF_ERANGE);
    check_same(&b, a.bytes, sizeof a.bytes);
    items[0] = (struct csumoff_netfront_tx_item){.frame = a.bytes, .len = 65536, .slot = slot};
    items[1] = (struct csumoff_netfront_tx_item){.frame = a.bytes, .len = a.len, .slot = slot};
    CHECK_EQ(csumoff_netfront_tx_burst(items, 2, &all), 1);
    CHECK_EQ(items[0].status, CSUMOFF_ERANGE);
    CHECK(items[0].slot.flags == 9 && items[1].slot.flags == TX_BOTH);
    iov[1].len--; /* there may be that many, whatever is in them */
    CHECK_EQ(csumoff_netfront_rx_iov(iov, 2, &received, &rx), CSUMOFF_OK);
    CHECK_EQ(csumoff_netfront_rx_finish_iov(iov, 2, &received), CSUMOFF_OK);
}
END_TEST

/* The backend looks for the L4 header itself: where the caller's layout has it elsewhere, nothing
 * is left to it. */
START_TEST(elsewhere_than_the_backend_looks)
{
    struct csumoff_netfront_slot slot;
    struct csumoff_layout at;
    const struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 0, &at};
    uint8_t *p;

    build(udp4, 65);
    for (uint32_t moved = 0; moved <= 4; moved += 4) {
        size_t start = a.l4 + moved, len = a.l4_len - moved;

        CHECK_EQ(csumoff_locate(a.bytes, a.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
        at.l4_start += moved;
        at.csum_start += moved;
        at.l4_len -= moved;
        seeded(&b, &a);
        if (moved) {
            b = a;
            frame_set_l3(&b);
            store_wire16(b.bytes + start + 6, 0);
            store_wire16(b.bytes + start + 6, ref_checksum(frame_pseudo(&a, (uint32_t)len) +
                                                           ref_sum(b.bytes + start, len)));
        }
        p = placed(&a, a.len);
        CHECK_EQ(csumoff_netfront_tx(p, a.len, &all, &hint, &slot), CSUMOFF_OK);
        CHECK_EQ(slot.flags, moved ? 0 : TX_BOTH);
        check_same(&b, p, a.len);
    }
}
END_TEST

/* A frame that isn't the one that was located is refused as it is. */
START_TEST(another_version_than_was_located)
{
    static const struct recipe *const recipes[] = {&udp4, &udp6, &tcp4, &tcp6};
    struct csumoff_netfront_slot slot;
    struct csumoff_layout at;
    const struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 0, &at};

    for (int i = 0; i < 4; i++) {
        uint8_t *p;

        build(*recipes[i], 65);
        CHECK_EQ(csumoff_locate(a.bytes, a.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
        a.bytes[14] ^= 0x30;
        p = placed(&a, a.len);
        CHECK_EQ(csumoff_netfront_tx(p, a.len, &all, &hint, &slot), CSUMOFF_ERANGE);
        check_same(&a, p, a.len);
    }
}
END_TEST

/* Pieces of odd lengths and empty ones, headers across
 * them; frames beyond what is gathered. */
START_TEST(odd_pieces)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6, &icmp4, &icmp6};
    struct rng rng = rng_new(61);

    for (size_t round = 0; round < effort(3000, 300); round++) {
        struct recipe recipe = *recipes[round % 6];
        struct csumoff_hint hint;
        bool taken;

        recipe.payload = rng_below(&rng, 1500);
        recipe.padding = rng_below(&rng, 3);
        recipe.chain = recipe.version == 6 && round % 4 == 0 ? "hdr" : NULL;
        build(recipe, 1000 + round);
        taken = is_tcp_udp(&a) && round % 2;
        taken ? seeded(&b, &a) : completed(&b, &a);
        send(&a, &b, round % 2 ? &all : &none, NULL, CSUMOFF_OK, taken ? TX_BOTH : 0);
        if (is_tcp_udp(&a)) {
            frame_set_field(&a, frame_seed(&a));
            hint = hint_of(CSUMOFF_TX_SEEDED, 0);
            send(&a, &b, round % 2 ? &all : &none, &hint, CSUMOFF_OK, taken ? TX_BOTH : 0);
        }
    }
}
END_TEST

START_TEST(pieces_of_one_byte)
{
    static struct csumoff_iov iov[1000];
    struct csumoff_netfront_slot slot;
    struct recipe recipe = udp6;

    recipe.payload = 700;
    build(recipe, 62);
    completed(&b, &a);
    for (size_t i = 0; i < a.len; i++)
        iov[i] = (struct csumoff_iov){a.bytes + i, 1};
    CHECK_EQ(csumoff_netfront_tx_iov(iov, a.len, &none, NULL, &slot), CSUMOFF_OK);
    check_same(&b, a.bytes, a.len);
    CHECK_EQ(csumoff_netfront_tx_iov(iov, 0, &none, NULL, &slot), CSUMOFF_ETRUNC);
    for (size_t i = 0; i < 1000; i++)
        iov[i].len = SIZE_MAX / 2;
    CHECK_EQ(csumoff_netfront_tx_iov(iov, 1000, &none, NULL, &slot), CSUMOFF_ERANGE);
}
END_TEST

/* Extension headers that the backend gives up on: finished here; in pieces, too, as long as they
 * end in what is gathered. */
START_TEST(headers_beyond_what_is_looked_at)
{
    static const char chain[] = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd";
    struct csumoff_netfront_slot slot = {TX_BOTH, 0, 0};
    static uint8_t before[sizeof a.bytes];
    struct csumoff_iov iov[2];
    unsigned rounds[2] = {0, 0};

    for (size_t i = 0; i < 2 * (sizeof chain - 1); i++) {
        struct recipe recipe = i % 2 ? udp6 : tcp6;
        bool is_gathered;

        recipe.chain = chain + i / 2;
        recipe.payload = 900;
        build(recipe, 63 + i);
        is_gathered = a.l4 + (recipe.proto == TCP ? 20 : 8) <= 512;
        if (csumoff_netback_drops(a.bytes, a.len, &slot) != CSUMOFF_DROP_FAR)
            continue;
        rounds[is_gathered]++;
        completed(&b, &a);
        if (is_gathered) {
            send(&a, &b, &all, NULL, CSUMOFF_OK, 0);
            continue;
        }
        iov[0] = (struct csumoff_iov){a.bytes, 100};
        iov[1] = (struct csumoff_iov){a.bytes + 100, a.len - 100};
        CHECK_EQ(csumoff_netfront_tx_iov(iov, 2, &all, NULL, &slot), CSUMOFF_ENOTSUP);
        CHECK_EQ(slot.flags, TX_BOTH);
        iov[0].len = a.l4 + 20; /* all of them in the first piece */
        iov[1] = (struct csumoff_iov){a.bytes + iov[0].len, a.len - iov[0].len};
        memcpy(before, a.bytes, a.len);
        CHECK_EQ(csumoff_netfront_tx_iov(iov, 2, &all, NULL, &slot), CSUMOFF_OK);
        CHECK_EQ(slot.flags, 0);
        check_same(&b, a.bytes, a.len);
        memcpy(a.bytes, before, a.len);
        CHECK_EQ(csumoff_netfront_tx(a.bytes, a.len, &all, NULL, &slot), CSUMOFF_OK);
        CHECK_EQ(slot.flags, 0);
        check_same(&b, a.bytes, a.len);
        slot.flags = TX_BOTH;
    }
    CHECK(rounds[0] > 4 && rounds[1] > 4);
}
END_TEST

static enum csumoff_drop verdict(size_t len, uint16_t flags, uint8_t type, uint16_t size)
{
    struct csumoff_netfront_slot slot = {flags, type, size};
    enum csumoff_drop why = csumoff_netback_drops(placed(&a, len), len, &slot);

    CHECK(csumoff_drop_text(why)[0] != '\0');
    return why;
}

/* UDP over IPv6 behind destination options of `options` bytes and, if that is not 0, a header of
 * this number; the datagram has 8 + payload bytes, the frame `padding` more. */
static void build_behind(size_t options, uint8_t number, size_t payload, size_t padding)
{
    size_t size = number == 51 ? 24 : 8;
    struct recipe recipe = {.version = 6, .proto = UDP, .padding = padding};
    uint8_t *p;

    recipe.payload = options + (number ? size : 0) + payload;
    build(recipe, 75);
    p = a.bytes + a.l3;
    p[6] = 60;
    p += 40;
    p[0] = number ? number : UDP;
    p[1] = (uint8_t)(options / 8 - 1);
    p += options;
    if (number) {
        memset(p, 0, 8);
        p[0] = UDP;
        p[1] = number == 51 ? 4 : 0;
        p += size;
    }
    a.l4 = (size_t)(p - a.bytes);
    a.l4_len = 8 + payload;
    store_wire16(p + 4, (uint16_t)a.l4_len);
}

/* MAX_IPV6_HDR_LEN: the first bytes of a header must not be behind byte 256 of the packet. */
START_TEST(how_far_the_backend_looks)
{
    static const struct {
        size_t at;
        uint8_t number;
        enum csumoff_drop want;
    } rows[] = {
        {240, 60, CSUMOFF_DROP_NONE}, {248, 60, CSUMOFF_DROP_NONE}, {256, 60, CSUMOFF_DROP_FAR},
        {264, 60, CSUMOFF_DROP_FAR},  {248, 44, CSUMOFF_DROP_NONE}, {256, 44, CSUMOFF_DROP_FAR},
        {240, 51, CSUMOFF_DROP_NONE}, {248, 51, CSUMOFF_DROP_FAR},  {256, 51, CSUMOFF_DROP_FAR},
        {248, 0, CSUMOFF_DROP_NONE},  {256, 43, CSUMOFF_DROP_FAR},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct csumoff_netfront_slot slot = {TX_BOTH, 0, 0};
        enum csumoff_drop why;

        build_behind(rows[i].at - 40, rows[i].number, 20, 0);
        why = csumoff_netback_drops(a.bytes, a.len, &slot);
        if (why != rows[i].want)
            ck_abort_msg("row %zu: %s", i, csumoff_drop_text(why));
        seeded(&b, &a);
        if (why)
            completed(&b, &a);
        send(&a, &b, &all, NULL, CSUMOFF_OK, why ? 0 : TX_BOTH);
    }
    /* The first bytes of a header tell what follows it, though it isn't there. */
    build_behind(16, 0, 20, 0);
    a.bytes[a.l3 + 40] = ICMPV6;
    CHECK_EQ(verdict(a.l3 + 42, TX_BLANK, 0, 0), CSUMOFF_DROP_PROTOCOL);
    CHECK_EQ(verdict(a.l3 + 41, TX_BLANK, 0, 0), CSUMOFF_DROP_TRUNCATED);
    /* Packets that end where what is gathered of pieces does, byte 512, in a longer frame. */
    for (size_t payload = 0; payload < 24; payload++) {
        build_behind(432, 0, payload, 40);
        completed(&b, &a);
        send(&a, &b, &none, NULL, CSUMOFF_OK, 0);
    }
    for (size_t payload = 0; payload < 3; payload++) {
        build_behind(448, 0, payload, 40);
        completed(&b, &a);
        send(&a, &b, &none, NULL, CSUMOFF_OK, 0);
    }
}
END_TEST

/* ---- GSO ----------------------------------------------------------------------------------- */

/* Under every combination of capabilities, states, tags and trailers, what is
 * sent as GSO has csum_blank; what can't be is refused. */
START_TEST(gso_without_the_flag)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6, &icmp4};
    static const enum csumoff_tx wants[] = {CSUMOFF_TX_COMPUTE, CSUMOFF_TX_VERIFIED,
                                            CSUMOFF_TX_AS_IS, CSUMOFF_TX_SEEDED};

    for (size_t i = 0; i < 5 * 4 * 32 * 2 * 3 * 2; i++) {
        size_t rest = i;
        struct recipe recipe = *recipes[rest % 5];
        enum csumoff_tx want = wants[(rest /= 5) % 4];
        unsigned bits = (unsigned)((rest /= 4) % 32);
        struct csumoff_netfront_caps caps = {bits & 1, bits & 2, bits & 4, bits & 8, bits & 16};
        struct csumoff_netfront_slot slot;
        struct csumoff_hint hint;
        bool gso;

        recipe.vlans = (rest /= 32) % 2;
        recipe.padding = (rest /= 2) % 3;
        recipe.payload = (rest / 3) % 2 ? 60000 : 1449;
        if (recipe.payload > 2000 && bits % 8)
            continue;
        build(recipe, 70 + i);
        if (recipe.padding == 2)
            a.bytes[a.len - 1] = 1;
        if (is_tcp_udp(&a))
            frame_set_field(&a, frame_seed(&a));
        hint = hint_of(want, 1448);
        gso = (want == CSUMOFF_TX_COMPUTE || want == CSUMOFF_TX_SEEDED) && recipe.proto == TCP &&
              !recipe.vlans && !recipe.padding && caps.sg &&
              (recipe.version == 4 ? caps.csum_ipv4 && caps.gso_tcpv4
                                   : caps.csum_ipv6 && caps.gso_tcpv6);
        seeded(&b, &a);
        slot = send(&a, &b, &caps, &hint, gso ? CSUMOFF_OK : CSUMOFF_ENOTSUP, TX_BOTH | TX_EXTRA);
        if (gso) {
            CHECK_EQ(slot.gso_type, recipe.version == 4 ? 1 : 2);
            CHECK_EQ(slot.gso_size, 1448);
        }
    }
}
END_TEST

/* Options count as header; a header longer than its packet is none. */
START_TEST(gso_begins_beyond_mss)
{
    struct recipe recipe = tcp4;
    struct csumoff_hint hint;

    recipe.payload = 1012;
    build(recipe, 80);
    a.bytes[a.l4 + 12] = 0x80; /* 12 bytes of options */
    seeded(&b, &a);
    hint = hint_of(CSUMOFF_TX_COMPUTE, 1000);
    send(&a, &b, &all, &hint, CSUMOFF_OK, TX_BOTH);
    hint = hint_of(CSUMOFF_TX_COMPUTE, 999);
    send(&a, &b, &all, &hint, CSUMOFF_OK, TX_BOTH | TX_EXTRA);
    a.bytes[a.l4 + 12] = 0x40;
    send(&a, &b, &all, &hint, CSUMOFF_EHDR, 0);
    recipe.payload = 10;
    build(recipe, 81);
    a.bytes[a.l4 + 12] = 0xF0;
    send(&a, &b, &all, &hint, CSUMOFF_EHDR, 0);
}
END_TEST

/* Linux cuts no packet behind these headers. */
START_TEST(gso_behind_extension_headers)
{
    static const char *const chains[] = {"", "h", "d", "r", "hdr", "a", "f", "ha", "fd"};

    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        struct recipe recipe = tcp6;
        struct csumoff_hint hint;
        bool gso = !strchr(chains[i], 'a') && !strchr(chains[i], 'f');

        recipe.chain = chains[i];
        recipe.payload = 3000;
        build(recipe, 90 + i);
        seeded(&b, &a);
        hint = hint_of(CSUMOFF_TX_COMPUTE, 1000);
        send(&a, &b, &all, &hint, gso ? CSUMOFF_OK : CSUMOFF_ENOTSUP, TX_BOTH | TX_EXTRA);
    }
}
END_TEST

/* ---- Receiving ----------------------------------------------------------------------------- */

/* Flags in each combination; the bits are not those of sending. */
START_TEST(received_flags)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6};

    for (size_t i = 0; i < 4; i++) {
        for (uint16_t flags = 0; flags < 8; flags++) {
            struct csumoff_rx rx = {.state = CSUMOFF_NONE};
            uint8_t *p;

            build(*recipes[i], 100 + i);
            frame_set_l3(&a);
            seeded(&b, &a);
            p = placed(&b, b.len);
            memset(&rx, 0xA5, sizeof rx);
            CHECK_EQ(receive(p, b.len, flags, 0, 0, &rx), CSUMOFF_OK);
            CHECK_EQ(rx.state, flags & RX_BLANK       ? CSUMOFF_PARTIAL
                               : flags & RX_VALIDATED ? CSUMOFF_UNNECESSARY
                                                      : CSUMOFF_NONE);
            CHECK_EQ(rx.csum_start, flags & RX_BLANK ? a.l4 : 0);
            CHECK_EQ(rx.csum_offset, flags & RX_BLANK ? a.csum_offset : 0);
            CHECK(rx.gso_type == 0 && rx.gso_size == 0 && !rx.no_seed);

            CHECK_EQ(receive_finish(p, b.len, flags, 0), CSUMOFF_OK);
            if (flags & RX_BLANK)
                completed(&b, &a);
            check_same(&b, p, b.len);
        }
    }
}
END_TEST

/* A guest that checks what it receives; every kind of frame, trailers included. */
START_TEST(finished_for_a_firewall)
{
    struct rng rng = rng_new(110);

    for (size_t i = 0; i < recipe_count(); i += effort(1, 7)) {
        struct recipe recipe = recipe_at(i);
        uint8_t *p;

        if (!recipe.ethernet || recipe.proto == ICMP || recipe.proto == ICMPV6)
            continue;
        frame_build(&a, &recipe, &rng);
        if (recipe.padding)
            rng_fill(&rng, a.bytes + a.end, recipe.padding);
        frame_set_l3(&a);
        frame_set_field(&a, frame_seed(&a));
        completed(&b, &a);
        if (frame_field(&b) == 0)
            frame_set_field(&b, 0xFFFF);
        p = placed(&a, a.len);
        CHECK_EQ(receive_finish(p, a.len, RX_BLANK, 0), CSUMOFF_OK);
        check_same(&b, p, a.len);
        check_good(p, a.len);
        p = placed(&a, a.len);
        CHECK_EQ(receive_finish(p, a.len, RX_VALIDATED, 0), CSUMOFF_OK);
        check_same(&a, p, a.len);
    }
}
END_TEST

/* What the backend says of GSO is checked; a missing csum_blank is repaired. */
START_TEST(received_gso)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6, &icmp4};

    for (size_t i = 0; i < 5; i++) {
        for (uint8_t type = 0; type < 5; type++) {
            for (uint16_t flags = 0; flags < 4; flags++) {
                struct recipe recipe = *recipes[i];
                struct csumoff_rx rx, untouched;
                int want = type > 2    ? CSUMOFF_ENOTSUP
                           : type == 0 ? CSUMOFF_OK
                           : recipe.proto == TCP && recipe.version == 2 + type * 2u ? CSUMOFF_OK
                                                                                    : CSUMOFF_EHDR;

                recipe.payload = 5000;
                build(recipe, 120);
                frame_set_field(&a, (flags & RX_BLANK) && is_tcp_udp(&a) ? frame_seed(&a)
                                                                         : frame_complete(&a));
                memset(&untouched, 0xA5, sizeof untouched);
                memcpy(&rx, &untouched, sizeof rx);
                CHECK_EQ(receive(a.bytes, a.len, (uint16_t)(flags | RX_EXTRA), type, 1448, &rx),
                         want);
                if (want) {
                    CHECK(same_bytes(&rx, &untouched, sizeof rx));
                    continue;
                }
                CHECK_EQ(rx.gso_type, type);
                CHECK_EQ(rx.gso_size, type ? 1448 : 0);
                if (!type)
                    continue;
                CHECK_EQ(rx.state, CSUMOFF_PARTIAL);
                CHECK_EQ(rx.csum_start, a.l4);
                CHECK_EQ(rx.no_seed, !(flags & RX_BLANK));
                CHECK_EQ(receive(a.bytes, a.len, flags, type, 0, &untouched), CSUMOFF_EHDR);
                /* Finished, whether a seed is there or not. */
                frame_set_l3(&a);
                completed(&b, &a);
                if (rx.no_seed)
                    frame_set_field(&a, 0x1234);
                CHECK_EQ(receive_finish(a.bytes, a.len, flags | RX_EXTRA, type), CSUMOFF_OK);
                check_same(&b, a.bytes, a.len);
            }
        }
    }
    /* Extra slots of other types. */
    build(udp4, 121);
    b = a;
    CHECK_EQ(receive_finish(a.bytes, a.len, RX_EXTRA, 0), CSUMOFF_OK);
    check_same(&b, a.bytes, a.len);
    store_wire16(a.bytes + 12, 0x0806);
    CHECK_EQ(receive_finish(a.bytes, a.len, RX_EXTRA, 0), CSUMOFF_OK);
}
END_TEST

/* With csum_blank, what can't be located is refused; without, nobody looks. */
START_TEST(received_and_not_to_be_located)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6};
    struct csumoff_rx rx, untouched;
    size_t i, len;

    memset(&untouched, 0xA5, sizeof untouched);
    for (i = 0; i < 4; i++) {
        build(*recipes[i], 130 + i);
        for (len = 0; len < a.len; len++) {
            uint8_t *p = placed(&a, len);

            memcpy(&rx, &untouched, sizeof rx);
            CHECK_EQ(receive(p, len, RX_BLANK, 0, 0, &rx), CSUMOFF_ETRUNC);
            CHECK_EQ(receive_finish(p, len, RX_BOTH, 0), CSUMOFF_ETRUNC);
            CHECK(same_bytes(&rx, &untouched, sizeof rx));
            CHECK_EQ(receive(p, len, RX_VALIDATED, 0, 0, &rx), CSUMOFF_OK);
            CHECK_EQ(receive_finish(p, len, RX_VALIDATED, 0), CSUMOFF_OK);
            check_same(&a, p, len);
        }
    }
    build(esp4, 134);
    memcpy(&rx, &untouched, sizeof rx);
    CHECK_EQ(receive(a.bytes, a.len, RX_BLANK, 0, 0, &rx), CSUMOFF_EPROTO);
    CHECK_EQ(receive_finish(a.bytes, a.len, RX_BLANK, 0), CSUMOFF_EPROTO);
}
END_TEST

/* A field of 0 holds no seed; UDP's "none" never comes with csum_blank. */
START_TEST(received_blank_with_field_0)
{
    static const struct recipe *const recipes[] = {&tcp4, &udp4, &udp6};

    for (size_t i = 0; i < 3; i++) {
        struct csumoff_rx rx = {.state = CSUMOFF_NONE};
        struct csumoff_hint hint;

        build(*recipes[i], 140 + i);
        frame_set_l3(&a);
        frame_set_field(&a, 0);
        CHECK_EQ(receive(a.bytes, a.len, RX_BOTH, 0, 0, &rx), CSUMOFF_OK);
        CHECK(rx.state == CSUMOFF_PARTIAL && rx.no_seed);
        hint = csumoff_forward(&rx);
        seeded(&b, &a);
        send(&a, &b, &all, &hint, CSUMOFF_OK, TX_BOTH);
        completed(&b, &a);
        CHECK_EQ(receive_finish(a.bytes, a.len, RX_BOTH, 0), CSUMOFF_OK);
        check_same(&b, a.bytes, a.len);
    }
}
END_TEST

/* ---- Forwarding ---------------------------------------------------------------------------- */

static uint16_t to_rx(uint16_t tx)
{
    return (uint16_t)((tx & TX_BLANK ? RX_BLANK : 0) | (tx & TX_VALIDATED ? RX_VALIDATED : 0) |
                      (tx & TX_EXTRA));
}

/* What is sent, received and sent on keeps its
 * state and its bytes, or is finished for a backend that takes no seeds. */
START_TEST(forwarded_between_guests)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6, &icmp4, &icmp6};
    static const enum csumoff_tx wants[] = {CSUMOFF_TX_COMPUTE, CSUMOFF_TX_VERIFIED,
                                            CSUMOFF_TX_AS_IS, CSUMOFF_TX_SEEDED};

    for (size_t i = 0; i < 6 * 4 * 2; i++) {
        struct recipe recipe = *recipes[i % 6];
        struct csumoff_hint hint, on;
        struct csumoff_netfront_slot slot, again;
        struct csumoff_rx rx = {.state = CSUMOFF_NONE};

        recipe.payload = i / 24 ? 4000 : 100;
        build(recipe, 150 + i);
        frame_set_l3(&a);
        frame_set_field(&a, wants[i / 6 % 4] == CSUMOFF_TX_SEEDED ? frame_seed(&a)
                                                                  : frame_complete(&a));
        hint = hint_of(wants[i / 6 % 4], 0);
        if (hint.want == CSUMOFF_TX_COMPUTE || hint.want == CSUMOFF_TX_SEEDED)
            hint.mss = recipe.proto == TCP ? 1000 : 0;
        CHECK_EQ(csumoff_netfront_tx(a.bytes, a.len, &all, &hint, &slot), CSUMOFF_OK);
        CHECK_EQ(receive(a.bytes, a.len, to_rx(slot.flags), slot.gso_type, slot.gso_size, &rx),
                 CSUMOFF_OK);
        on = csumoff_forward(&rx);
        again = send(&a, &a, &all, &on, CSUMOFF_OK, slot.flags);
        CHECK_EQ(again.gso_type, slot.gso_type);
        CHECK_EQ(again.gso_size, slot.gso_size);
        if (on.mss)
            continue;
        b = a;
        if (slot.flags & TX_BLANK)
            completed(&b, &a);
        send(&a, &b, &none, &on, CSUMOFF_OK, slot.flags & TX_BLANK ? 0 : slot.flags);
    }
}
END_TEST

/* What arrived damaged, and unverified, isn't made to look right. */
START_TEST(forwarded_damaged)
{
    struct csumoff_rx rx = {.state = CSUMOFF_NONE};
    struct csumoff_hint hint;

    build(udp4, 200);
    completed(&b, &a);
    b.bytes[b.len - 1] ^= 1;
    CHECK_EQ(receive(b.bytes, b.len, 0, 0, 0, &rx), CSUMOFF_OK);
    hint = csumoff_forward(&rx);
    send(&b, &b, &all, &hint, CSUMOFF_OK, 0);
}
END_TEST

/* GSO that came without csum_blank holds no seed: it gets one on its way out. */
START_TEST(forwarded_gso_without_the_flag)
{
    struct recipe recipe = tcp6;
    struct csumoff_rx rx = {.state = CSUMOFF_NONE};
    struct csumoff_hint hint;

    recipe.payload = 3000;
    build(recipe, 201);
    completed(&b, &a);
    a = b;
    CHECK_EQ(receive(a.bytes, a.len, RX_VALIDATED | RX_EXTRA, 2, 1000, &rx), CSUMOFF_OK);
    hint = csumoff_forward(&rx);
    seeded(&b, &a);
    send(&a, &b, &all, &hint, CSUMOFF_OK, TX_BOTH | TX_EXTRA);
}
END_TEST

/* Addresses and ports change between receiving and sending;
 * whoever finishes it finds it right. */
START_TEST(nat_of_a_partial_frame)
{
    static const enum csumoff_state states[] = {CSUMOFF_NONE, CSUMOFF_UNNECESSARY, CSUMOFF_PARTIAL};

    for (size_t i = 0; i < 3; i++) {
        uint16_t flags = states[i] == CSUMOFF_PARTIAL       ? RX_BOTH
                         : states[i] == CSUMOFF_UNNECESSARY ? RX_VALIDATED
                                                            : 0;
        const uint8_t address[4] = {192, 0, 2, 7}, port[2] = {0x12, 0x34};
        struct csumoff_adjust how = {states[i], UDP, 4, true, NULL, 4, address, 4};
        struct csumoff_hint hint;
        struct csumoff_rx rx = {.state = CSUMOFF_NONE};
        csumoff_sum16 check;
        uint8_t *p;

        build(udp4, 210);
        flags &RX_BLANK ? seeded(&b, &a) : completed(&b, &a);
        CHECK_EQ(receive(b.bytes, b.len, flags, 0, 0, &rx), CSUMOFF_OK);
        memcpy(&check, b.bytes + b.l4 + 6, 2);
        how.from = b.bytes + b.l3 + 12;
        csumoff_adjust_l4(&check, &how);
        memcpy(b.bytes + b.l3 + 12, address, 4);
        how = (struct csumoff_adjust){states[i], UDP, 4, false, b.bytes + b.l4, 2, port, 2};
        csumoff_adjust_l4(&check, &how);
        memcpy(b.bytes + b.l4, port, 2);
        memcpy(b.bytes + b.l4 + 6, &check, 2);
        frame_set_l3(&b);
        hint = csumoff_forward(&rx);
        a = b;
        send(&a, &b, &all, &hint, CSUMOFF_OK,
             flags & RX_BLANK       ? TX_BOTH
             : flags & RX_VALIDATED ? TX_VALIDATED
                                    : 0);
        p = placed(&b, b.len);
        backend_finish(p, b.len, flags & RX_BLANK ? TX_BLANK : 0);
        check_good(p, b.len);
    }
}
END_TEST

/* Addresses and ports change, and "no checksum" stays what it is, in every state that
 * it can come in; sent on, it isn't blank. */
START_TEST(nat_of_udp_without_a_checksum)
{
    static const enum csumoff_state states[] = {CSUMOFF_NONE, CSUMOFF_UNNECESSARY};
    const uint8_t address[4] = {192, 0, 2, 7}, port[2] = {0x12, 0x34};

    for (size_t i = 0; i < 2; i++) {
        uint16_t flags = states[i] == CSUMOFF_UNNECESSARY ? RX_VALIDATED : 0;
        struct csumoff_adjust how = {states[i], UDP, 4, true, NULL, 4, address, 4};
        struct csumoff_hint hint;
        struct csumoff_rx rx = {.state = CSUMOFF_NONE};
        csumoff_sum16 check = 0;

        build(udp4, 211);
        frame_set_field(&a, 0);
        CHECK_EQ(receive(a.bytes, a.len, flags, 0, 0, &rx), CSUMOFF_OK);
        CHECK_EQ(rx.state, states[i]);
        how.from = a.bytes + a.l3 + 12;
        csumoff_adjust_l4(&check, &how);
        CHECK_EQ(check, 0);
        memcpy(a.bytes + a.l3 + 12, address, 4);
        how = (struct csumoff_adjust){states[i], UDP, 4, false, a.bytes + a.l4, 2, port, 2};
        csumoff_adjust_l4(&check, &how);
        CHECK_EQ(check, 0);
        memcpy(a.bytes + a.l4, port, 2);
        frame_set_l3(&a);
        hint = csumoff_forward(&rx);
        send(&a, &a, &all, &hint, CSUMOFF_OK, flags ? TX_VALIDATED : 0);
    }
}
END_TEST

/* ---- The backend rehearsed ----------------------------------------------------------------- */

/* A driver that says csum_blank where the backend finds no
 * checksum sends into nowhere; and what the backend does not look at, it does not mind. */
START_TEST(why_frames_vanish)
{
    static const struct {
        struct recipe recipe;
        size_t at; /* from L3: a byte to set */
        uint8_t value;
        enum csumoff_drop want;
    } rows[] = {
        {{.version = 4, .proto = TCP, .payload = 9}, 8, 64, CSUMOFF_DROP_NONE},
        {{.version = 4, .proto = UDP, .payload = 9}, 8, 64, CSUMOFF_DROP_NONE},
        {{.version = 6, .proto = TCP, .payload = 9}, 7, 64, CSUMOFF_DROP_NONE},
        {{.version = 6, .proto = UDP, .payload = 9}, 7, 64, CSUMOFF_DROP_NONE},
        {{.version = 4, .proto = TCP, .options = 40}, 8, 64, CSUMOFF_DROP_NONE},
        {{.version = 6, .proto = TCP, .chain = "hdraf"}, 7, 64, CSUMOFF_DROP_NONE},
        {{.version = 4, .proto = ICMP}, 8, 64, CSUMOFF_DROP_PROTOCOL},
        {{.version = 6, .proto = ICMPV6}, 7, 64, CSUMOFF_DROP_PROTOCOL},
        {{.version = 4, .proto = SCTP}, 8, 64, CSUMOFF_DROP_PROTOCOL},
        {{.version = 4, .proto = 50}, 8, 64, CSUMOFF_DROP_PROTOCOL},
        {{.version = 4, .proto = TCP}, 6, 0x20, CSUMOFF_DROP_FRAGMENT},
        {{.version = 4, .proto = TCP}, 6, 0x1F, CSUMOFF_DROP_FRAGMENT},
        {{.version = 4, .proto = TCP}, 7, 1, CSUMOFF_DROP_FRAGMENT},
        {{.version = 4, .proto = TCP}, 6, 0x80, CSUMOFF_DROP_NONE},
        {{.version = 6, .proto = TCP, .chain = "F"}, 7, 64, CSUMOFF_DROP_FRAGMENT},
        {{.version = 6, .proto = UDP, .chain = "hM"}, 7, 64, CSUMOFF_DROP_FRAGMENT},
        {{.version = 6, .proto = UDP, .chain = "F"}, 43, 0, CSUMOFF_DROP_NONE} /* atomic */,
        {{.version = 6, .proto = UDP, .chain = "f"}, 43, 6, CSUMOFF_DROP_NONE}, /* reserved bits */
        {{.version = 4, .proto = TCP, .vlans = 1}, 8, 64, CSUMOFF_DROP_ETHERTYPE},
        {{.version = 6, .proto = UDP, .vlans = 2}, 7, 64, CSUMOFF_DROP_ETHERTYPE},
        /* Not checked: version, IHL, total length, UDP's length. */
        {{.version = 4, .proto = UDP, .payload = 9}, 0, 0xF5, CSUMOFF_DROP_NONE},
        {{.version = 4, .proto = UDP, .payload = 9}, 0, 0x40, CSUMOFF_DROP_NONE},
        {{.version = 4, .proto = UDP, .payload = 9}, 2, 0xFF, CSUMOFF_DROP_NONE},
        {{.version = 4, .proto = UDP, .payload = 9}, 24, 0xFF, CSUMOFF_DROP_NONE},
        {{.version = 6, .proto = UDP, .payload = 9}, 0, 0, CSUMOFF_DROP_NONE},
        {{.version = 6, .proto = UDP, .payload = 9}, 4, 0xFF, CSUMOFF_DROP_NONE},
        /* IHL 15 with 20 bytes of header and 17 behind them. */
        {{.version = 4, .proto = UDP, .payload = 9}, 0, 0x4F, CSUMOFF_DROP_TRUNCATED},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        build(rows[i].recipe, 300 + i);
        a.bytes[a.l3 + rows[i].at] = rows[i].value;
        for (uint16_t flags = 0; flags < 4; flags++) {
            enum csumoff_drop got = verdict(a.len, flags, 0, 0);

            if (got != (flags & TX_BLANK ? rows[i].want : CSUMOFF_DROP_NONE))
                ck_abort_msg("row %zu, flags %u: %s", i, flags, csumoff_drop_text(got));
        }
    }
    build((struct recipe){.version = 4, .proto = TCP, .vlans = 6}, 399);
    CHECK_EQ(verdict(a.len, TX_BLANK, 0, 0), CSUMOFF_DROP_ETHERTYPE);
    send(&a, &a, &all, NULL, CSUMOFF_OK, 0);
    /* ARP, in which csum_blank has no place. */
    store_wire16(a.bytes + 12, 0x0806);
    CHECK_EQ(verdict(a.len, TX_BOTH, 0, 0), CSUMOFF_DROP_ETHERTYPE);
    CHECK_EQ(verdict(a.len, TX_VALIDATED, 0, 0), CSUMOFF_DROP_NONE);
}
END_TEST

/* Cut at each byte: the headers have to be there, no more. */
START_TEST(accepted_when_the_headers_are_there)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6};

    for (size_t i = 0; i < 4; i++) {
        size_t needed;

        build(*recipes[i], 400 + i);
        needed = a.l4 + (a.recipe.proto == TCP ? 20 : 8);
        for (size_t len = 0; len <= a.len; len++) {
            CHECK_EQ(verdict(len, TX_BLANK, 0, 0), len < 14       ? CSUMOFF_DROP_RUNT
                                                   : len < needed ? CSUMOFF_DROP_TRUNCATED
                                                                  : CSUMOFF_DROP_NONE);
            CHECK_EQ(verdict(len, 0, 0, 0), len < 14 ? CSUMOFF_DROP_RUNT : CSUMOFF_DROP_NONE);
        }
    }
    /* The IP header tells the protocol once it is there. */
    for (size_t i = 0; i < 2; i++) {
        build(i ? icmp6 : icmp4, 404 + i);
        CHECK_EQ(verdict(a.l4 - 1, TX_BLANK, 0, 0), CSUMOFF_DROP_TRUNCATED);
        CHECK_EQ(verdict(a.l4, TX_BLANK, 0, 0), CSUMOFF_DROP_PROTOCOL);
    }
}
END_TEST

/* The walk goes on while it is no further than right behind the payload. */
START_TEST(chains_and_the_payload_length)
{
    struct recipe recipe = {.version = 6, .proto = UDP, .payload = 20, .chain = "f"};

    build(recipe, 410);
    for (uint16_t len = 0; len < 40; len++) {
        store_wire16(a.bytes + a.l3 + 4, len);
        CHECK_EQ(verdict(a.len, TX_BLANK, 0, 0), len < 8 ? CSUMOFF_DROP_CHAIN : CSUMOFF_DROP_NONE);
    }
    recipe.chain = "";
    build(recipe, 411);
    store_wire16(a.bytes + a.l3 + 4, 0);
    CHECK_EQ(verdict(a.len, TX_BLANK, 0, 0), CSUMOFF_DROP_NONE);
}
END_TEST

/* Every GSO slot there could be. */
START_TEST(gso_slots)
{
    struct recipe recipe = tcp4;

    recipe.payload = 3000;
    build(recipe, 420);
    for (unsigned type = 0; type < 256; type++) {
        bool known = type == 1 || type == 2;

        CHECK_EQ(verdict(a.len, TX_BOTH | TX_EXTRA, (uint8_t)type, 1000),
                 known ? CSUMOFF_DROP_NONE : CSUMOFF_DROP_GSO_TYPE);
        CHECK_EQ(verdict(a.len, TX_BOTH | TX_EXTRA, (uint8_t)type, 0), CSUMOFF_DROP_GSO_SIZE);
        CHECK_EQ(verdict(a.len, TX_BOTH, (uint8_t)type, 0), CSUMOFF_DROP_NONE);
        /* Without csum_blank: repaired, where the checksum is found. */
        CHECK_EQ(verdict(a.len, TX_EXTRA, (uint8_t)type, 1000),
                 known ? CSUMOFF_DROP_NONE : CSUMOFF_DROP_GSO_TYPE);
    }
    build(icmp4, 421);
    CHECK_EQ(verdict(a.len, TX_EXTRA, 1, 1000), CSUMOFF_DROP_PROTOCOL);
}
END_TEST

START_TEST(each_drop_has_its_text)
{
    for (int i = 0; i <= CSUMOFF_DROP_PROTOCOL; i++)
        for (int j = 0; j < i; j++)
            CHECK(strcmp(csumoff_drop_text((enum csumoff_drop)i),
                         csumoff_drop_text((enum csumoff_drop)j)) != 0);
    CHECK(csumoff_drop_text((enum csumoff_drop)99) != NULL);
    CHECK(csumoff_drop_text((enum csumoff_drop) - 1) != NULL);
}
END_TEST

/* Damaged at random: nothing is read or written outside, errors change nothing, whatever is sent is
 * accepted, and pieces end as the whole does. */
START_TEST(random_damage)
{
    struct rng rng = rng_new(430);

    for (size_t round = 0; round < effort(60000, 6000); round++) {
        struct recipe recipe = recipe_at(rng_below(&rng, recipe_count()));
        struct csumoff_netfront_slot slot = {0, 0, 0}, iov_slot = {0, 0, 0};
        struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 0, NULL};
        struct csumoff_iov *iov;
        struct csumoff_rx rx = {.state = CSUMOFF_NONE};
        size_t count;
        uint8_t *p;
        int status, iov_status;

        recipe.ethernet = true;
        recipe.payload = rng_below(&rng, 700);
        frame_build(&a, &recipe, &rng);
        for (size_t i = rng_below(&rng, 5); i; i--)
            a.bytes[12 + rng_below(&rng, 60)] = (uint8_t)rng_u32(&rng);
        if (rng_below(&rng, 4) == 0)
            a.len = rng_below(&rng, a.len + 1);
        hint.want = (enum csumoff_tx)rng_below(&rng, 4);
        hint.csum_start = (uint32_t)(rng_below(&rng, 2) * rng_below(&rng, 90));
        hint.csum_offset = (uint32_t)rng_below(&rng, 20);
        hint.mss = (uint16_t)(rng_below(&rng, 2) * rng_below(&rng, 600));
        p = placed(&a, a.len);
        status = csumoff_netfront_tx(p, a.len, &all, &hint, &slot);
        if (status)
            check_same(&a, p, a.len);
        else
            check_accepted(p, a.len, &slot);
        memcpy(b.bytes, p, a.len);
        b.recipe = recipe;
        p = placed(&a, a.len);
        iov = cut(&rng, p, a.len, &count);
        iov_status = csumoff_netfront_tx_iov(iov, count, &all, &hint, &iov_slot);
        join(iov, count, p);
        if (iov_status == CSUMOFF_ENOTSUP && a.len > 512) { /* headers longer than is gathered */
            check_same(&a, p, a.len);
        } else {
            CHECK_EQ(iov_status, status);
            check_same(&b, p, a.len);
            CHECK_EQ(slot.flags, iov_slot.flags);
        }
        p = placed(&a, a.len);
        if (receive(p, a.len, (uint16_t)rng_below(&rng, 16), (uint8_t)rng_below(&rng, 4), 1000,
                    &rx) == CSUMOFF_OK &&
            rx.state == CSUMOFF_PARTIAL)
            CHECK(rx.csum_start + rx.csum_offset + 2 <= a.len);
        check_same(&a, p, a.len);
        (void)!receive_finish(p, a.len, (uint16_t)rng_below(&rng, 16), (uint8_t)rng_below(&rng, 3));
    }
}
END_TEST

int main(void)
{
    const TTest *const negotiation[] = {every_value_of_every_key, advertised_is_read,
                                        ipv6_is_a_switch_of_its_own, NULL};
    const TTest *const sending[] = {every_frame_sent,
                                    a_seed_is_kept,
                                    udp_without_a_checksum,
                                    zero_becomes_ones,
                                    trailer,
                                    arp_fragments_and_other_protocols,
                                    tunnels_are_finished,
                                    errors_leave_all_as_it_was,
                                    no_more_than_65535_bytes,
                                    no_more_in_any_way,
                                    elsewhere_than_the_backend_looks,
                                    another_version_than_was_located,
                                    odd_pieces,
                                    pieces_of_one_byte,
                                    headers_beyond_what_is_looked_at,
                                    how_far_the_backend_looks,
                                    NULL};
    const TTest *const gso[] = {gso_without_the_flag, gso_begins_beyond_mss,
                                gso_behind_extension_headers, NULL};
    const TTest *const receiving[] = {received_flags,
                                      finished_for_a_firewall,
                                      received_gso,
                                      received_and_not_to_be_located,
                                      received_blank_with_field_0,
                                      NULL};
    const TTest *const forwarding[] = {forwarded_between_guests,       forwarded_damaged,
                                       forwarded_gso_without_the_flag, nat_of_a_partial_frame,
                                       nat_of_udp_without_a_checksum,  NULL};
    const TTest *const backend[] = {why_frames_vanish,
                                    accepted_when_the_headers_are_there,
                                    chains_and_the_payload_length,
                                    gso_slots,
                                    each_drop_has_its_text,
                                    random_damage,
                                    NULL};
    Suite *suite = suite_create("netfront");

    suite_add(suite, "negotiation", negotiation);
    suite_add(suite, "sending", sending);
    suite_add(suite, "gso", gso);
    suite_add(suite, "receiving", receiving);
    suite_add(suite, "forwarding", forwarding);
    suite_add(suite, "backend", backend);
    return suite_run(suite);
}
