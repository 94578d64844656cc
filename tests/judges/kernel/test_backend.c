// SPDX-License-Identifier: MIT
/*
 * csumoff_netback_drops() before the running kernel, as far as a TAP can judge it. Xen's backend
 * lets skb_checksum_setup() find the checksum; a TAP believes the virtio-net header instead, and
 * calls nothing of the kind (of what isn't Xen's, only WireGuard does). So this much is judged:
 *   - what is accepted, and found by csumoff_locate(), is good on the wire once it is seeded;
 *   - headers that do not end inside the frame: refused by both, at the same byte;
 *   - GSO without csum_blank: there virtio_net_hdr_to_skb() has to find the packet by itself
 *     (__skb_flow_dissect()), and refuses what is no TCP over IP: tags, ARP, other protocols,
 *     headers cut short. What is accepted is cut into good segments;
 *   - GSO sizes and types.
 * Not judged: that fragments, tagged frames, other protocols and long chains are dropped for their
 * csum_blank. A TAP finishes wherever it is told to, which is asserted, so that nobody takes this
 * for a proof. Where the two disagree for another reason, the reason stands beside the assertion.
 */
#include <csumoff_netfront.h>
#include <errno.h>
#include <string.h>

#include "../../oracle/frames.h"
#include "../../oracle/reference.h"
#include "../../oracle/suite.h"
#include "kernel.h"

enum {
    WAIT_MS = 5000,
    START_MIN = 20, /* virtio_net_hdr_to_skb() refuses what starts in an IP header */
    BLANK = 1,
    EXTRA = 8,
    SIZE = 64,      /* of a segment */
    DISSECTED = 12, /* extension headers: MAX_FLOW_DISSECT_HDRS is 15 with the others */
    DROPS = CSUMOFF_DROP_PROTOCOL + 1 /* no frame here is too long, or in slots */
};

static struct tap tap;
static int injector;
static struct packet sent, came;
static struct frame f;
static size_t of[DROPS];

static void path_new(void)
{
    machine_new();
    tap_new(&tap, "plain", 0, 65521); /* MAX_MTU of tun.c, less the Ethernet header */
    injector = injector_new(&tap);
}

/* ---- Frames ------------------------------------------------------------------------------------
 */

/* The frame sent is f's first `len` bytes: whole and as it should be, whole and lying, or cut. */
static size_t random_frame(size_t i, struct rng *rng)
{
    static const char *const chains[] = {"F",   "M", "hF", "dddddddddddd", "dddddddddddddddddddddd",
                                         "rrrr"};
    static const uint8_t lies[2][6] = {{0, 2, 3, 6, 7, 9}, {0, 4, 5, 0, 4, 5}};
    struct recipe recipe;
    uint8_t *l3;

    do
        recipe = recipe_at(i++ % recipe_count());
    while (!recipe.ethernet);
    if (recipe.version == 6 && rng_below(rng, 3) == 0)
        recipe.chain = chains[rng_below(rng, sizeof chains / sizeof *chains)];
    if (rng_below(rng, 16) == 0)
        recipe.proto = SCTP;
    if (rng_below(rng, 2))
        recipe.vlans = 0;
    if (rng_below(rng, 2))
        recipe.payload = rng_below(rng, 400);
    frame_build(&f, &recipe, rng);
    f.bytes[0] &= 0xFE;
    l3 = f.bytes + f.l3;
    /* virtio_net_hdr_to_skb() takes what follows the tags for another tag: these for an EtherType.
     */
    if (recipe.vlans && recipe.version == 6)
        store_wire16(l3 + 2, 0);
    switch (rng_below(rng, 4)) {
    case 0:
        return rng_below(rng, f.len);
    case 1:
        /* Versions, lengths, fragments, protocols; of IPv6 nothing that makes another chain. */
        if (!recipe.vlans)
            l3[lies[recipe.version == 6][rng_below(rng, 6)]] ^= (uint8_t)(1u << rng_below(rng, 8));
        return f.len;
    case 2:
        if (rng_below(rng, 4) == 0)
            store_wire16(f.bytes + 12, rng_below(rng, 2) ? 0x0806 : 0x88B5);
        return f.len;
    default:
        return f.len;
    }
}

static bool v4(void)
{
    return f.recipe.version == 4;
}

/* Where L4 begins, and what it is, by what the headers say now. */
static size_t l4_start(void)
{
    return v4() ? f.l3 + 4 * (size_t)(f.bytes[f.l3] & 15) : f.l4;
}

static uint8_t l4_proto(void)
{
    return v4() ? f.bytes[f.l3 + 9] : f.recipe.proto;
}

static enum csumoff_drop verdict(size_t len, struct csumoff_netfront_slot slot)
{
    return csumoff_netback_drops(f.bytes, len, &slot);
}

static void pack(size_t len)
{
    sent.hdr = (struct virtio_net_hdr){.flags = 0};
    sent.len = len;
    memcpy(sent.bytes, f.bytes, len);
}

/* ---- csum_blank --------------------------------------------------------------------------------
 */

START_TEST(accepted_and_located_is_good)
{
    static uint8_t ours[FRAME_MOST];
    struct rng rng = rng_new(91);
    size_t count = effort(20000, 2000), good = 0, i;

    path_new();
    for (i = 0; i < count; i++) {
        size_t len = random_frame(i, &rng), start = l4_start(), offset;
        uint8_t proto = l4_proto();
        enum csumoff_drop why = verdict(len, (struct csumoff_netfront_slot){BLANK, 0, 0});
        struct csumoff_layout at;
        struct csumoff_report report;
        /* Refused, though located, where a length lies: the rest isn't zero then. */
        int status = csumoff_seed(f.bytes, len, CSUMOFF_LINK_ETHERNET, &at);
        bool found = !status || status == CSUMOFF_ETRAILER, taken;

        /* The library finds what the backend would find, unless it was tagged or far away. */
        if (found && why != CSUMOFF_DROP_NONE)
            CHECK(f.recipe.vlans || why == CSUMOFF_DROP_FAR);
        offset = proto == TCP ? 16 : proto == UDP ? 6 : f.csum_offset;
        pack(len);
        sent.hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        sent.hdr.csum_start = (uint16_t)start;
        sent.hdr.csum_offset = (uint16_t)offset;
        taken = start >= START_MIN && start + offset + 2 <= len;
        if (inject(injector, &sent) != (taken ? 0 : EINVAL))
            ck_abort_msg("%zu bytes, L4 %zu: the kernel %s it: %s", len, start,
                         taken ? "refuses" : "takes", recipe_text(&f.recipe));
        of[why]++;
        switch (why) {
        case CSUMOFF_DROP_NONE:
            /* The backend takes any IHL; a TAP none under 2. */
            CHECK(taken || (v4() && start < START_MIN));
            break;
        case CSUMOFF_DROP_RUNT:
        case CSUMOFF_DROP_TRUNCATED:
            /* skb_checksum_setup_ip() asks for all of TCP's header, a TAP for the field. */
            CHECK(!taken || (proto == TCP && len - start >= 18 && len - start < 20));
            break;
        default:
            break; /* nothing that a TAP asks about */
        }
        if (!taken)
            continue;
        CHECK(tap_read(&tap, &came, WAIT_MS));
        memcpy(ours, sent.bytes, len);
        CHECK_EQ(csumoff_finish(ours, len, start, offset), CSUMOFF_OK);
        CHECK_EQ(came.len, len);
        CHECK(memcmp(came.bytes, ours, len) == 0);
        if (status || why != CSUMOFF_DROP_NONE)
            continue;
        CHECK_EQ(at.csum_start, start);
        CHECK_EQ(at.csum_offset, offset);
        CHECK_EQ(csumoff_inspect(came.bytes, len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
        if (report.l4 != CSUMOFF_GOOD || report.l3 == CSUMOFF_BAD)
            ck_abort_msg("%zu bytes, finished: wrong: %s", len, recipe_text(&f.recipe));
        good++;
    }
    ck_assert_uint_gt(good, count / 8);
    ck_assert_uint_gt(of[CSUMOFF_DROP_TRUNCATED], count / 32);
    printf("# kernel_backend: the kernel judged %zu frames with csum_blank: %zu accepted, seeded, "
           "good; %zu more accepted, finished as they lie; %zu cut short\n",
           count, good, of[CSUMOFF_DROP_NONE] - good,
           of[CSUMOFF_DROP_TRUNCATED] + of[CSUMOFF_DROP_RUNT]);
    fflush(stdout);
}
END_TEST

/* At every byte; told of TCP's GSO, a TAP, too, wants the whole header. */
START_TEST(headers_end_inside_the_frame)
{
    static const struct recipe recipes[] = {
        {.version = 4, .proto = TCP},
        {.version = 4, .proto = UDP},
        {.version = 4, .proto = TCP, .options = 4},
        {.version = 4, .proto = UDP, .options = 40},
        {.version = 6, .proto = TCP},
        {.version = 6, .proto = UDP},
        {.version = 6, .proto = TCP, .chain = "hdr"},
        {.version = 6, .proto = UDP, .chain = "f"},
        {.version = 6, .proto = TCP, .chain = "a"},
        {.version = 6, .proto = UDP, .chain = "hrfad"},
    };
    struct rng rng = rng_new(92);
    size_t i, len, taken = 0, refused = 0;

    path_new();
    for (i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        struct recipe recipe = recipes[i];
        bool tcp = recipe.proto == TCP;

        recipe.ethernet = true;
        recipe.payload = 30;
        frame_build(&f, &recipe, &rng);
        f.bytes[0] &= 0xFE;
        for (len = 0; len <= f.len; len++) {
            struct csumoff_netfront_slot slot = {BLANK, 0, 0};
            enum csumoff_drop why;

            if (tcp)
                slot = (struct csumoff_netfront_slot){BLANK | EXTRA, v4() ? 1 : 2, 60000};
            why = verdict(len, slot);
            pack(len);
            sent.hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
            sent.hdr.csum_start = (uint16_t)f.l4;
            sent.hdr.csum_offset = (uint16_t)f.csum_offset;
            if (tcp)
                sent.hdr.gso_type = v4() ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
            sent.hdr.gso_size = tcp ? 60000 : 0;
            CHECK(why == CSUMOFF_DROP_NONE || why == CSUMOFF_DROP_TRUNCATED ||
                  why == CSUMOFF_DROP_RUNT);
            if (inject(injector, &sent) != (why ? EINVAL : 0))
                ck_abort_msg("%zu bytes, \"%s\", the kernel doesn't say so: %s", len,
                             csumoff_drop_text(why), recipe_text(&recipe));
            why ? refused++ : taken++;
            if (!why)
                CHECK(tap_read(&tap, &came, WAIT_MS));
        }
    }
    printf("# kernel_backend: the kernel judged %zu frames cut at every byte: %zu whole enough, "
           "%zu not, 0 differences\n",
           taken + refused, taken, refused);
    fflush(stdout);
}
END_TEST

/* ---- GSO ---------------------------------------------------------------------------------------
 */

enum outcome {
    REFUSED, /* by virtio_net_hdr_to_skb() */
    LOST,    /* taken, and dropped where it was to be cut */
    ONE,     /* one segment is all it is, and left alone */
    CUT      /* into segments, their checksums made */
};
static const char *const outcomes[] = {"refused", "lost", "one", "cut"};

/* What the verdict makes the kernel be expected to do with a TCP super-frame without a seed. */
static enum outcome foretold(enum csumoff_drop why, size_t len, uint8_t type)
{
    size_t l4 = l4_start(), header = 4 * (size_t)(f.bytes[l4 + 12] >> 4);
    const char *chain = v4() || !f.recipe.chain ? "" : f.recipe.chain;

    switch (why) {
    case CSUMOFF_DROP_NONE:
        break;
    /* The kernel's dissector reads on through fragments, beyond payload lengths and 256 bytes. */
    case CSUMOFF_DROP_FRAGMENT:
    case CSUMOFF_DROP_CHAIN:
    case CSUMOFF_DROP_FAR:
        if (len < l4 + 20 || strlen(chain) > DISSECTED)
            return REFUSED;
        break;
    default:
        return REFUSED;
    }
    /* Accepted is UDP, too, whatever gso_type says of it, any IHL, and what authentication headers
     * are before. The dissector wants TCP, an IHL of 5, and doesn't know those headers. */
    if (l4_proto() != TCP || l4 < f.l3 + (v4() ? 20 : 40) || strchr(chain, 'a'))
        return REFUSED;
    if (len <= l4 + 20 + SIZE)
        return ONE;
    /* Nor does the backend compare gso_type with the packet, or read TCP's data offset; and it
     * takes atomic fragments. The kernel drops all that later: tcp4_gso_segment(),
     * tcp_gso_segment(), ipv6_gso_segment(). */
    if (type != (v4() ? 1 : 2) || header < 20 || len <= l4 + header + SIZE || strpbrk(chain, "fFM"))
        return LOST;
    return CUT;
}

/* What comes out, good or, as a fragment, not to be judged. */
static enum outcome outcome(enum csumoff_drop why)
{
    bool version_lies = f.bytes[f.l3] >> 4 != f.recipe.version;
    int error = inject(injector, &sent);
    size_t count = 0;

    if (error) {
        CHECK_EQ(error, EINVAL);
        return REFUSED;
    }
    send_mark(injector);
    for (;; count++) {
        struct csumoff_report report;

        CHECK(tap_read(&tap, &came, WAIT_MS));
        if (is_mark(&came))
            return count ? CUT : LOST;
        if (count == 0 && came.len == sent.len && memcmp(came.bytes, sent.bytes, sent.len) == 0) {
            CHECK(tap_read(&tap, &came, WAIT_MS));
            CHECK(is_mark(&came));
            return ONE;
        }
        if (version_lies)
            continue;
        CHECK_EQ(csumoff_inspect(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
        CHECK(report.l3 != CSUMOFF_BAD);
        CHECK_EQ(report.l4, why == CSUMOFF_DROP_FRAGMENT ? CSUMOFF_UNCHECKED : CSUMOFF_GOOD);
    }
}

START_TEST(tcp_is_found_by_both)
{
    struct rng rng = rng_new(93);
    size_t count = effort(40000, 4000), ends[4] = {0}, differ = 0, i;

    path_new();
    for (i = 0; i < count; i++) {
        size_t len = random_frame(i, &rng);
        uint8_t type = (v4() ? 1 : 2) ^ (rng_below(&rng, 8) ? 0 : 3);
        enum csumoff_drop why = verdict(len, (struct csumoff_netfront_slot){EXTRA, type, SIZE});
        enum outcome want = foretold(why, len, type), got;

        pack(len);
        sent.hdr.gso_type = type == 1 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
        sent.hdr.gso_size = SIZE;
        got = outcome(why);
        if (got != want)
            ck_abort_msg("%zu bytes, type %u, \"%s\": %s, not %s: %s", len, type,
                         csumoff_drop_text(why), outcomes[got], outcomes[want],
                         recipe_text(&f.recipe));
        of[why]++;
        ends[got]++;
        differ += (why == CSUMOFF_DROP_NONE) != (got == CUT || got == ONE);
    }
    for (i = 0; i < DROPS; i++)
        if (i != CSUMOFF_DROP_RUNT && i != CSUMOFF_DROP_GSO_TYPE && i != CSUMOFF_DROP_GSO_SIZE)
            CHECK(of[i] > 0);
    for (i = 0; i < 4; i++)
        CHECK(ends[i] > 0);
    printf("# kernel_backend: the kernel judged %zu frames of GSO without csum_blank: the same "
           "word on %zu; %zu differ, each as said (%zu refused, %zu lost, %zu of one segment, %zu "
           "cut)\n",
           count, count - differ, differ, ends[REFUSED], ends[LOST], ends[ONE], ends[CUT]);
    fflush(stdout);
}
END_TEST

/* Sizes and types that the backend would shut the interface down for, a TAP refuses; the numbers of
 * the types are not the same, but both sides know two of TCP. */
START_TEST(gso_sizes_and_types)
{
    static const struct {
        uint8_t xen, virtio;
        uint16_t size;
        enum csumoff_drop want;
    } rows[] = {
        {1, VIRTIO_NET_HDR_GSO_TCPV4, 1000, CSUMOFF_DROP_NONE},
        {1, VIRTIO_NET_HDR_GSO_TCPV4, 1, CSUMOFF_DROP_NONE},
        {1, VIRTIO_NET_HDR_GSO_TCPV4, 65534, CSUMOFF_DROP_NONE},
        {1, VIRTIO_NET_HDR_GSO_TCPV4, 0, CSUMOFF_DROP_GSO_SIZE},
        {2, VIRTIO_NET_HDR_GSO_TCPV6, 0, CSUMOFF_DROP_GSO_SIZE},
        {3, 2, 1000, CSUMOFF_DROP_GSO_TYPE},
        {4, 6, 1000, CSUMOFF_DROP_GSO_TYPE},
        {255, 7, 1000, CSUMOFF_DROP_GSO_TYPE},
        {255, 7, 0, CSUMOFF_DROP_GSO_SIZE},
    };
    struct recipe recipe = {.ethernet = true, .version = 4, .proto = TCP, .payload = 500};
    struct rng rng = rng_new(94);
    size_t i;

    path_new();
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct csumoff_netfront_slot slot = {BLANK | EXTRA, rows[i].xen, rows[i].size};

        frame_build(&f, &recipe, &rng);
        f.bytes[0] &= 0xFE;
        frame_set_field(&f, frame_seed(&f));
        CHECK_EQ(verdict(f.len, slot), rows[i].want);
        pack(f.len);
        sent.hdr = (struct virtio_net_hdr){
            VIRTIO_NET_HDR_F_NEEDS_CSUM, rows[i].virtio, 0, rows[i].size, (uint16_t)f.l4,
            (uint16_t)f.csum_offset};
        CHECK_EQ(inject(injector, &sent), rows[i].want ? EINVAL : 0);
        if (!rows[i].want)
            for (send_mark(injector);;) {
                CHECK(tap_read(&tap, &came, WAIT_MS));
                if (is_mark(&came))
                    break;
            }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {accepted_and_located_is_good, headers_end_inside_the_frame,
                                  tcp_is_found_by_both, gso_sizes_and_types, NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("kernel_backend");

    if (why)
        return kernel_skipped(why);
    suite_add(suite, "backend", tests);
    return suite_run(suite);
}
