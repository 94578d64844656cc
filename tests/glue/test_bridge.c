// SPDX-License-Identifier: MIT
/* Between Xen's slots and virtio-net's headers: no state is lost, none is made up. */
#include <csumoff_xen_virtio.h>
#include <string.h>

#include "../oracle/frames.h"
#include "../oracle/reference.h"
#include "../oracle/suite.h"

enum {
    NEEDS = 1,
    VALID = 2,
    RSC = 4,
    TCPV4 = 1,
    UFO = 3,
    TCPV6 = 4,
    USO = 5,
    ECN = 0x80,
    EXTRA = 8
};

static const struct csumoff_virtio_policy trusting = {true, true};

static const struct recipe tcp4 = {.ethernet = true, .version = 4, .proto = TCP, .payload = 3000},
                           tcp6 = {.ethernet = true, .version = 6, .proto = TCP, .payload = 3000},
                           udp4 = {.ethernet = true, .version = 4, .proto = UDP, .payload = 3000},
                           udp6 = {.ethernet = true, .version = 6, .proto = UDP, .payload = 3000};

static struct frame a;
static struct guarded guard;

static void build(const struct recipe *recipe, uint64_t stream)
{
    struct rng rng = rng_new(stream);

    frame_build(&a, recipe, &rng);
    a.recipe.ethernet = true;
    if (recipe->proto == TCP)
        a.bytes[a.l4 + 13] = 0x10;
    frame_set_l3(&a);
}

static int to_virtio(enum csumoff_xen_side side, const struct csumoff_netfront_slot *slot,
                     struct csumoff_virtio_hdr *hdr)
{
    struct csumoff_virtio_hdr untouched;
    const uint8_t *p;
    int status;

    if (!guard.map)
        CHECK(guarded_new(&guard, 70000));
    p = guarded_copy(&guard, a.bytes, a.len);
    memset(&untouched, 0xA5, sizeof untouched);
    *hdr = untouched;
    status = csumoff_virtio_from_xen(p, a.len, side, slot, hdr);
    if (status)
        CHECK(same_bytes(hdr, &untouched, sizeof untouched));
    CHECK(memcmp(p, a.bytes, a.len) == 0);
    return status;
}

static int to_xen(const struct csumoff_virtio_hdr *hdr, enum csumoff_xen_side side,
                  struct csumoff_netfront_slot *slot)
{
    struct csumoff_netfront_slot untouched;
    const uint8_t *p;
    int status;

    if (!guard.map)
        CHECK(guarded_new(&guard, 70000));
    p = guarded_copy(&guard, a.bytes, a.len);
    memset(&untouched, 0xA5, sizeof untouched);
    *slot = untouched;
    status = csumoff_xen_from_virtio(p, a.len, hdr, side, slot);
    if (status)
        CHECK(same_bytes(slot, &untouched, sizeof untouched));
    CHECK(memcmp(p, a.bytes, a.len) == 0);
    return status;
}

/* A slot's flags as the guest would receive them. */
static uint16_t received(enum csumoff_xen_side side, uint16_t flags)
{
    if (side == CSUMOFF_XEN_RX)
        return flags;
    return (uint16_t)((flags & ~3) | (flags & 1) << 1 | (flags & 2) >> 1);
}

/* Whoever receives the frame by Xen and whoever receives it by virtio know the same of it. */
static void check_same_state(enum csumoff_xen_side side, struct csumoff_netfront_slot slot,
                             const struct csumoff_virtio_hdr *hdr)
{
    struct csumoff_rx xen, virtio;

    slot.flags = received(side, slot.flags);
    CHECK_EQ(csumoff_netfront_rx(a.bytes, a.len, &slot, &xen), CSUMOFF_OK);
    CHECK_EQ(csumoff_virtio_rx(a.bytes, a.len, CSUMOFF_LINK_ETHERNET, hdr, &trusting, &virtio),
             CSUMOFF_OK);
    CHECK_EQ(xen.state, virtio.state);
    CHECK_EQ(xen.csum_start, virtio.csum_start);
    CHECK_EQ(xen.csum_offset, virtio.csum_offset);
    CHECK_EQ(xen.gso_type, virtio.gso_type);
    CHECK_EQ(xen.gso_size, virtio.gso_size);
    CHECK_EQ(xen.no_seed, virtio.no_seed);
}

/* What the L4 field may hold: a seed, nothing, the complete checksum. */
static void set_field(unsigned what)
{
    frame_set_field(&a, what == 0 ? frame_seed(&a) : what == 1 ? 0 : frame_complete(&a));
}

/* Every slot of every frame, on both sides, there and back. csum_blank comes back with
 * data_validated, which it means anyway; extra_info without gso_type was of another kind. */
START_TEST(from_xen_and_back)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6};

    for (unsigned i = 0; i < 4 * 2 * 3 * 2 * 16; i++) {
        const struct recipe *recipe = recipes[i % 4];
        enum csumoff_xen_side side = i / 4 % 2 ? CSUMOFF_XEN_RX : CSUMOFF_XEN_TX;
        unsigned field = i / 8 % 3;
        bool gso = i / 24 % 2;
        uint16_t flags = (uint16_t)(i / 48), blank = side == CSUMOFF_XEN_TX ? 1 : 2;
        struct csumoff_netfront_slot slot = {flags, 0, gso ? 1000 : 0}, back;
        struct csumoff_virtio_hdr hdr, again;
        size_t words = 5 + i % 11;
        int want = CSUMOFF_OK;

        build(recipe, 14);
        if (recipe->proto == TCP) {
            a.bytes[a.l4 + 12] = (uint8_t)(words << 4);
            a.bytes[a.l4 + 13] |= i % 5 ? 0 : 0x80; /* CWR */
        }
        set_field(field);
        if (gso)
            slot.gso_type = recipe->version == 4 ? 1 : 2;
        if (gso && (recipe->proto != TCP || !(flags & blank)))
            want = CSUMOFF_EHDR;
        CHECK_EQ(to_virtio(side, &slot, &hdr), want);
        if (want)
            continue;
        CHECK_EQ(hdr.flags, flags & blank ? NEEDS : flags & 3 ? VALID : 0);
        CHECK_EQ(hdr.csum_start, flags & blank ? a.l4 : 0);
        CHECK_EQ(hdr.csum_offset, flags & blank ? a.csum_offset : 0);
        CHECK_EQ(hdr.gso_type, !gso                   ? 0
                               : recipe->version == 4 ? TCPV4 | (i % 5 ? 0 : ECN)
                                                      : TCPV6 | (i % 5 ? 0 : ECN));
        CHECK_EQ(hdr.gso_size, gso ? 1000 : 0);
        CHECK_EQ(hdr.hdr_len, gso ? a.l4 + 4 * words : 0);
        CHECK_EQ(hdr.num_buffers, 0);
        check_same_state(side, slot, &hdr);
        CHECK_EQ(to_xen(&hdr, side, &back), CSUMOFF_OK);
        CHECK_EQ(back.flags, (flags & blank ? 3 : flags & 3) | (gso ? EXTRA : 0));
        CHECK_EQ(back.gso_type, slot.gso_type);
        CHECK_EQ(back.gso_size, slot.gso_size);
        check_same_state(side, back, &hdr);
        CHECK_EQ(to_virtio(side, &back, &again), CSUMOFF_OK);
        CHECK(same_bytes(&hdr, &again, sizeof hdr));
    }
}
END_TEST

/* Every header that Xen can express, there and back, by both sides. */
START_TEST(from_virtio_and_back)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6};

    for (unsigned i = 0; i < 4 * 2 * 3 * 4 * 2; i++) {
        const struct recipe *recipe = recipes[i % 4];
        enum csumoff_xen_side side = i / 4 % 2 ? CSUMOFF_XEN_RX : CSUMOFF_XEN_TX;
        bool gso = i / 96 % 2 && recipe->proto == TCP;
        struct csumoff_virtio_hdr hdr = {.flags = i / 24 % 4}, back;
        struct csumoff_netfront_slot slot;

        build(recipe, 20);
        set_field(i / 8 % 3);
        if (gso)
            hdr.flags |= NEEDS;
        if (hdr.flags & NEEDS) {
            hdr.csum_start = (uint16_t)a.l4;
            hdr.csum_offset = (uint16_t)a.csum_offset;
        }
        if (gso) {
            hdr.gso_type = recipe->version == 4 ? TCPV4 : TCPV6;
            hdr.gso_size = (uint16_t)(1 + i * 37 % 1460);
            hdr.hdr_len = (uint16_t)(a.l4 + 20);
        }
        CHECK_EQ(to_xen(&hdr, side, &slot), CSUMOFF_OK);
        CHECK_EQ(received(side, slot.flags), (hdr.flags & NEEDS   ? 3
                                              : hdr.flags & VALID ? CSUMOFF_NETRXF_DATA_VALIDATED
                                                                  : 0) |
                                                 (gso ? EXTRA : 0));
        check_same_state(side, slot, &hdr);
        CHECK_EQ(to_virtio(side, &slot, &back), CSUMOFF_OK);
        if (hdr.flags & NEEDS) /* unfinished, it cannot be valid as well */
            hdr.flags = NEEDS;
        CHECK(same_bytes(&hdr, &back, sizeof hdr));
    }
}
END_TEST

/* What Xen cannot express is refused. */
START_TEST(xen_has_no_words_for)
{
    static const struct {
        struct recipe recipe;
        struct csumoff_virtio_hdr hdr;
    } rows[] = {
        {{.version = 4, .proto = UDP, .payload = 3000}, {NEEDS, USO, 0, 1000, 34, 6, 0}},
        {{.version = 4, .proto = UDP, .payload = 3000}, {NEEDS, UFO, 0, 1000, 34, 6, 0}},
        {{.version = 4, .proto = TCP, .payload = 3000}, {RSC, TCPV4, 0, 1000, 3, 0, 0}},
        {{.version = 4, .proto = ICMP, .payload = 30}, {NEEDS, 0, 0, 0, 34, 2, 0}},
        {{.version = 6, .proto = ICMPV6, .payload = 30}, {NEEDS, 0, 0, 0, 54, 2, 0}},
        {{.version = 4, .proto = SCTP, .payload = 30}, {NEEDS, 0, 0, 0, 34, 8, 0}},
        {{.version = 4, .proto = UDP, .payload = 30, .vlans = 1}, {NEEDS, 0, 0, 0, 38, 6, 0}},
        {{.version = 4, .proto = TCP, .payload = 3000, .vlans = 1},
         {NEEDS, TCPV4, 0, 1000, 38, 16, 0}},
        {{.version = 4, .proto = UDP, .payload = 90}, {NEEDS, 0, 0, 0, 84, 16, 0}},
        {{.version = 4, .proto = UDP, .payload = 90}, {NEEDS, 0, 0, 0, 34, 16, 0}},
        {{.version = 4, .proto = UDP, .payload = 90}, {NEEDS, 0, 0, 0, 84, 6, 0}},
        {{.version = 6, .proto = UDP, .payload = 90, .chain = "F"}, {NEEDS, 0, 0, 0, 62, 6, 0}},
    };

    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        struct recipe recipe = rows[i / 2].recipe;
        struct csumoff_netfront_slot slot;
        int got;

        recipe.ethernet = true;
        build(&recipe, 15);
        got = to_xen(&rows[i / 2].hdr, i % 2 ? CSUMOFF_XEN_RX : CSUMOFF_XEN_TX, &slot);
        if (got != CSUMOFF_ENOTSUP)
            ck_abort_msg("row %zu: %d", i / 2, got);
    }
}
END_TEST

/* What virtio-net cannot express is refused, and so is what no backend says. */
START_TEST(virtio_has_no_words_for)
{
    static const struct {
        struct recipe recipe;
        uint16_t flags; /* received */
        uint8_t gso_type;
        uint16_t gso_size;
        int want;
    } rows[] = {
        {{.version = 4, .proto = SCTP, .payload = 30}, 3, 0, 0, CSUMOFF_ENOTSUP},
        {{.version = 4, .proto = SCTP, .payload = 30}, 1, 0, 0, CSUMOFF_OK},
        {{.version = 4, .proto = 136, .payload = 30}, 2, 0, 0, CSUMOFF_ENOTSUP},
        {{.version = 6, .proto = 33, .payload = 30}, 3, 0, 0, CSUMOFF_ENOTSUP},
        {{.version = 4, .proto = ICMP, .payload = 30}, 3, 0, 0, CSUMOFF_OK},
        {{.version = 6, .proto = ICMPV6, .payload = 30}, 2, 0, 0, CSUMOFF_OK},
        {{.version = 4, .proto = UDP, .payload = 30, .vlans = 2}, 3, 0, 0, CSUMOFF_OK},
        {{.version = 4, .proto = 50, .payload = 30}, 3, 0, 0, CSUMOFF_EPROTO},
        {{.version = 4, .proto = 50, .payload = 30}, 0, 0, 0, CSUMOFF_OK},
        {{.version = 6, .proto = TCP, .payload = 30, .chain = "M"}, 3, 0, 0, CSUMOFF_EFRAG},
        {{.version = 4, .proto = TCP, .payload = 300}, EXTRA, 1, 100, CSUMOFF_EHDR},
        {{.version = 4, .proto = TCP, .payload = 300}, EXTRA | 1, 1, 100, CSUMOFF_EHDR},
        {{.version = 4, .proto = TCP, .payload = 300}, EXTRA | 3, 2, 100, CSUMOFF_EHDR},
        {{.version = 6, .proto = TCP, .payload = 300}, EXTRA | 3, 2, 0, CSUMOFF_EHDR},
        {{.version = 6, .proto = TCP, .payload = 300}, EXTRA | 3, 3, 100, CSUMOFF_ENOTSUP},
        {{.version = 6, .proto = TCP, .payload = 300}, EXTRA | 3, 2, 65534, CSUMOFF_OK},
        {{.version = 6, .proto = TCP, .payload = 300}, EXTRA | 3, 2, 65535, CSUMOFF_ENOTSUP},
        {{.version = 6, .proto = TCP, .payload = 300}, EXTRA | 3, 0, 100, CSUMOFF_OK},
    };

    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        enum csumoff_xen_side side = i % 2 ? CSUMOFF_XEN_RX : CSUMOFF_XEN_TX;
        struct csumoff_netfront_slot slot = {received(side, rows[i / 2].flags),
                                             rows[i / 2].gso_type, rows[i / 2].gso_size};
        struct recipe recipe = rows[i / 2].recipe;
        struct csumoff_virtio_hdr hdr;
        int got;

        recipe.ethernet = true;
        build(&recipe, 16);
        if (recipe.proto == 136) /* UDP-Lite: all of it is covered */
            store_wire16(a.bytes + a.l4 + 4, 0);
        if (recipe.proto == 33) { /* DCCP: a short Data packet, all of it is covered */
            a.bytes[a.l4 + 4] = 3;
            a.bytes[a.l4 + 5] = 0;
            a.bytes[a.l4 + 8] = 0x04;
        }
        got = to_virtio(side, &slot, &hdr);
        if (got != rows[i / 2].want)
            ck_abort_msg("row %zu: %d, not %d", i / 2, got, rows[i / 2].want);
        if (got == CSUMOFF_OK)
            check_same_state(side, slot, &hdr);
    }
}
END_TEST

/* A ring's size field has 16 bits, csum_start as well. */
START_TEST(longer_than_64_kib)
{
    struct recipe recipe = {.ethernet = true, .version = 4, .proto = TCP, .payload = 65495};
    struct csumoff_virtio_hdr hdr = {NEEDS, TCPV4, 54, 1000, 34, 16, 0};
    struct csumoff_netfront_slot slot;
    struct csumoff_rx rx;

    build(&recipe, 19);
    CHECK_EQ(a.len, 65549);
    CHECK_EQ(csumoff_virtio_rx(a.bytes, a.len, CSUMOFF_LINK_ETHERNET, &hdr, &trusting, &rx),
             CSUMOFF_OK);
    CHECK_EQ(to_xen(&hdr, CSUMOFF_XEN_RX, &slot), CSUMOFF_ENOTSUP);
    recipe.payload -= 14;
    build(&recipe, 19);
    CHECK_EQ(to_xen(&hdr, CSUMOFF_XEN_RX, &slot), CSUMOFF_OK);
}
END_TEST

/* MPLS labels in front of the packet: the one that ends at 65535 can be said, and no further one.
 */
START_TEST(csum_start_beyond_16_bits)
{
    struct recipe recipe = {.ethernet = true, .version = 4, .proto = UDP, .payload = 30};
    const struct csumoff_netfront_slot slot = {3, 0, 0};
    struct csumoff_virtio_hdr hdr;

    for (size_t labels = 16374; labels <= 16376; labels++) {
        size_t l3 = 14 + 4 * labels;

        build(&recipe, 20);
        memmove(a.bytes + l3, a.bytes + 14, a.len - 14);
        memset(a.bytes + 14, 0, 4 * labels);
        a.bytes[l3 - 2] = 1; /* the last one */
        store_wire16(a.bytes + 12, 0x8847);
        a.len += 4 * labels;
        CHECK_EQ(to_virtio(CSUMOFF_XEN_RX, &slot, &hdr),
                 l3 + 20 > 65535 ? CSUMOFF_ENOTSUP : CSUMOFF_OK);
        CHECK(l3 + 20 > 65535 || hdr.csum_start == l3 + 20);
    }
}
END_TEST

/* Of a super-frame whose data offset is impossible, hdr_len is as if it had no options. */
START_TEST(impossible_data_offset)
{
    const struct csumoff_netfront_slot slot = {EXTRA | 3, 1, 1000};
    struct csumoff_virtio_hdr hdr;

    build(&tcp4, 21);
    a.bytes[a.l4 + 12] = 0x60;
    CHECK_EQ(to_virtio(CSUMOFF_XEN_RX, &slot, &hdr), CSUMOFF_OK);
    CHECK_EQ(hdr.hdr_len, a.l4 + 24);
    a.bytes[a.l4 + 12] = 0x40;
    CHECK_EQ(to_virtio(CSUMOFF_XEN_RX, &slot, &hdr), CSUMOFF_OK);
    CHECK_EQ(hdr.hdr_len, a.l4 + 20);
    CHECK_EQ(hdr.gso_type, TCPV4);
}
END_TEST

/* Headers, slots and frames at random: no byte outside is read; what passes is what the other side
 * accepts, and means the same. */
START_TEST(at_random)
{
    struct rng rng = rng_new(16);
    size_t passed = 0;

    for (size_t i = 0; i < effort(60000, 6000); i++) {
        struct recipe recipe = recipe_at(rng_below(&rng, recipe_count()));
        enum csumoff_xen_side side = rng_below(&rng, 2) ? CSUMOFF_XEN_RX : CSUMOFF_XEN_TX;
        struct csumoff_virtio_hdr hdr, again;
        struct csumoff_netfront_slot slot;
        uint8_t bytes[12];

        if (rng_below(&rng, 2))
            recipe.vlans = 0;
        recipe.ethernet = true;
        frame_build(&a, &recipe, &rng);
        for (size_t n = rng_below(&rng, 4); n; n--)
            a.bytes[12 + rng_below(&rng, 60)] = (uint8_t)rng_u32(&rng);
        a.len = rng_below(&rng, 3) ? a.len : rng_below(&rng, a.len + 1);
        rng_fill(&rng, bytes, 12);
        bytes[0] &= 7;
        bytes[1] = (uint8_t)(rng_below(&rng, 2) * (bytes[1] & 0x87));
        (void)csumoff_virtio_get(bytes, 0, &hdr);
        if (rng_below(&rng, 4)) {
            hdr.csum_start = (uint16_t)a.l4;
            hdr.csum_offset = (uint16_t)a.csum_offset;
        }
        if (to_xen(&hdr, side, &slot) == CSUMOFF_OK) {
            struct csumoff_netfront_slot sent = slot;

            sent.flags = side == CSUMOFF_XEN_TX ? slot.flags : received(CSUMOFF_XEN_TX, slot.flags);
            CHECK_EQ(csumoff_netback_drops(a.bytes, a.len, &sent), CSUMOFF_DROP_NONE);
            check_same_state(side, slot, &hdr);
            passed++;
        }
        slot.flags = (uint16_t)rng_below(&rng, 16);
        slot.gso_type = (uint8_t)(rng_below(&rng, 3) ? 0 : rng_below(&rng, 4));
        slot.gso_size = (uint16_t)(rng_below(&rng, 2) * rng_u32(&rng));
        if (to_virtio(side, &slot, &again) == CSUMOFF_OK) {
            check_same_state(side, slot, &again);
            passed++;
        }
    }
    CHECK(passed > effort(60000, 6000) / 4);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {from_xen_and_back,
                                  from_virtio_and_back,
                                  xen_has_no_words_for,
                                  virtio_has_no_words_for,
                                  longer_than_64_kib,
                                  csum_start_beyond_16_bits,
                                  impossible_data_offset,
                                  at_random,
                                  NULL};
    Suite *suite = suite_create("bridge");

    suite_add(suite, "bridge", tests);
    return suite_run(suite);
}
