// SPDX-License-Identifier: MIT
/*
 * The kernel finishes, and so does the library: the same bytes. A packet socket sends what is still
 * CHECKSUM_PARTIAL out of a TAP without offloads, so that validate_xmit_skb() has to call
 * skb_checksum_help(), or to cut a super-frame into segments first.
 */
#include <csumoff.h>
#include <errno.h>
#include <string.h>

#include "../../oracle/frames.h"
#include "../../oracle/reference.h"
#include "../../oracle/suite.h"
#include "kernel.h"

enum {
    WAIT_MS = 5000,
    START_MIN = 20, /* virtio_net_hdr_to_skb() refuses what starts in an IP header */
    JUMBO = 65000,
    PIECES = 9
};

static struct tap tap;
static int injector;
static struct packet sent, came;
static uint8_t ours[FRAME_MOST], pieces[FRAME_MOST];

static void path_new(void)
{
    machine_new();
    tap_new(&tap, "plain", 0, 65521); /* MAX_MTU of tun.c, less the Ethernet header */
    injector = injector_new(&tap);
}

/* `sent` through the kernel, what comes of it in `came`. */
static void through_the_kernel(const char *what)
{
    int error = inject(injector, &sent);

    if (error)
        ck_abort_msg("%s: the kernel refused %zu bytes, csum_start %u, csum_offset %u: %s", what,
                     sent.len, sent.hdr.csum_start, sent.hdr.csum_offset, strerror(error));
    if (!tap_read(&tap, &came, WAIT_MS))
        ck_abort_msg("%s: nothing came out", what);
    CHECK_EQ(came.hdr.flags, 0);
}

static void same_as_the_kernel(const uint8_t *found, const char *by)
{
    size_t i;

    CHECK_EQ(came.len, sent.len);
    if (memcmp(found, came.bytes, sent.len) == 0)
        return;
    for (i = 0; found[i] == came.bytes[i];)
        i++;
    ck_abort_msg("%s: %zu bytes, csum_start %u, csum_offset %u: byte %zu is 0x%02X, the kernel's "
                 "is 0x%02X",
                 by, sent.len, sent.hdr.csum_start, sent.hdr.csum_offset, i, found[i],
                 came.bytes[i]);
}

/* Puts into the field what makes the sum come out as zero. */
static void force_zero(void)
{
    size_t start = sent.hdr.csum_start, field = start + sent.hdr.csum_offset;
    uint16_t word;

    store_wire16(sent.bytes + field, 0);
    word = (uint16_t)(0xFFFF - ref_fold(ref_sum(sent.bytes + start, sent.len - start)));
    if (sent.hdr.csum_offset & 1)
        word = (uint16_t)(word << 8 | word >> 8);
    store_wire16(sent.bytes + field, word);
}

static void random_frame(struct rng *rng, bool zero)
{
    size_t room;

    sent.len = START_MIN + 2 + rng_below(rng, rng_below(rng, 64) ? 2000 : JUMBO - START_MIN - 1);
    rng_fill(rng, sent.bytes, sent.len);
    sent.bytes[0] &= 0xFE; /* to one station */
    store_wire16(sent.bytes + 12, 0x88B5);
    room = sent.len - 2 - START_MIN;
    sent.hdr = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM};
    sent.hdr.csum_start = (uint16_t)(START_MIN + rng_below(rng, room + 1));
    room = sent.len - 2 - sent.hdr.csum_start;
    if (rng_below(rng, 2) && room > 40) /* as real headers have it */
        room = 40;
    sent.hdr.csum_offset = (uint16_t)rng_below(rng, room + 1);
    if (zero)
        force_zero();
}

/* The frame in pieces, cut anywhere, each copied to a place of its own. */
static void finish_in_pieces(struct rng *rng)
{
    struct csumoff_iov iov[PIECES];
    size_t count = 1 + rng_below(rng, PIECES), left = sent.len, at = 0, i;

    memcpy(pieces, sent.bytes, sent.len);
    for (i = 0; i < count; i++) {
        size_t len = i + 1 == count ? left : rng_below(rng, left + 1);

        if (rng_below(rng, 2) && i + 1 < count && left > 64)
            len = rng_below(rng, 64);
        iov[i] = (struct csumoff_iov){pieces + at, len};
        at += len;
        left -= len;
    }
    CHECK_EQ(csumoff_finish_iov(iov, count, sent.hdr.csum_start, sent.hdr.csum_offset), CSUMOFF_OK);
}

START_TEST(finishes_as_the_kernel_does)
{
    struct rng rng = rng_new(41);
    size_t count = effort(200000, 20000), zeros = 0, odd = 0, i;

    path_new();
    for (i = 0; i < count; i++) {
        size_t start, offset, field;

        random_frame(&rng, i % 16 == 0);
        start = sent.hdr.csum_start;
        offset = sent.hdr.csum_offset;
        through_the_kernel("random bytes");
        memcpy(ours, sent.bytes, sent.len);
        CHECK_EQ(csumoff_finish(ours, sent.len, start, offset), CSUMOFF_OK);
        same_as_the_kernel(ours, "csumoff_finish");
        CHECK_EQ(csumoff_copy_finish(ours, sent.bytes, sent.len, start, offset), CSUMOFF_OK);
        same_as_the_kernel(ours, "csumoff_copy_finish");
        finish_in_pieces(&rng);
        same_as_the_kernel(pieces, "csumoff_finish_iov");
        field = load_wire16(came.bytes + start + offset);
        CHECK(field != 0);
        zeros += field == 0xFFFF;
        odd += start & 1;
    }
    ck_assert_uint_ge(zeros, count / 16);
    ck_assert_uint_gt(odd, count / 4);
    printf("# the kernel judged %zu frames, 0 differences (%zu at odd starts, %zu stored as "
           "0xFFFF)\n",
           count, odd, zeros);
    fflush(stdout);
}
END_TEST

/* Both refuse a field that ends past the frame, and take one that ends with it. */
START_TEST(refuses_as_the_kernel_does)
{
    struct rng rng = rng_new(42);
    size_t past;

    path_new();
    for (past = 0; past < 4; past++) {
        size_t len = 100;

        sent.len = len;
        rng_fill(&rng, sent.bytes, len);
        sent.bytes[0] &= 0xFE;
        store_wire16(sent.bytes + 12, 0x88B5);
        sent.hdr = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                           .csum_start = 60,
                                           .csum_offset = (uint16_t)(38 + past)};
        memcpy(ours, sent.bytes, len);
        CHECK_EQ(inject(injector, &sent), past ? EINVAL : 0);
        CHECK_EQ(csumoff_finish(ours, len, 60, 38 + past), past ? CSUMOFF_ERANGE : CSUMOFF_OK);
        CHECK_EQ(tap_read(&tap, &came, past ? 0 : WAIT_MS), past == 0);
    }
}
END_TEST

/* ---- Packets that the library seeded ----------------------------------------------------------
 */

static const struct {
    unsigned version, options;
    const char *chain;
} headers[] = {
    {4, 0, NULL}, {4, 4, NULL}, {4, 24, NULL}, {4, 40, NULL}, {6, 0, ""},
    {6, 0, "h"},  {6, 0, "d"},  {6, 0, "r"},   {6, 0, "f"},   {6, 0, "hrfad"},
};
static const uint8_t protos[] = {TCP, UDP};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A random packet, its fields scrambled, then seeded by the library, is in `sent`. */
static void seeded_packet(struct frame *f, const struct recipe *recipe, struct rng *rng)
{
    struct csumoff_layout at;

    frame_build(f, recipe, rng);
    f->bytes[0] &= 0xFE;
    CHECK_EQ(csumoff_seed(f->bytes, f->len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
    sent.len = f->len;
    memcpy(sent.bytes, f->bytes, f->len);
    sent.hdr = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                       .csum_start = (uint16_t)at.csum_start,
                                       .csum_offset = (uint16_t)at.csum_offset};
}

static enum csumoff_verdict verdict(const uint8_t *frame, size_t len)
{
    struct csumoff_report report;

    CHECK_EQ(csumoff_inspect(frame, len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
    CHECK(report.l3 == CSUMOFF_GOOD || report.l3 == CSUMOFF_ABSENT);
    return report.l4;
}

START_TEST(seeded_packets_arrive_good)
{
    struct rng rng = rng_new(43);
    struct frame *f = malloc(sizeof *f);
    size_t h, p, payload, rounds = effort(4, 1), count = 0;

    path_new();
    for (h = 0; h < COUNT(headers); h++)
        for (p = 0; p < COUNT(protos); p++)
            for (payload = 0; payload < 160 * rounds; payload++) {
                struct recipe recipe = {.ethernet = true,
                                        .version = headers[h].version,
                                        .options = headers[h].options,
                                        .chain = headers[h].chain,
                                        .proto = protos[p],
                                        .payload =
                                            payload % 160 ? payload : rng_below(&rng, 60000)};

                seeded_packet(f, &recipe, &rng);
                through_the_kernel(recipe_text(&recipe));
                CHECK_EQ(came.len, f->len);
                if (verdict(came.bytes, came.len) != CSUMOFF_GOOD)
                    ck_abort_msg("%s: arrived wrong", recipe_text(&recipe));
                /* The oracle's word: 0 of TCP, too, is stored as 0xFFFF by skb_checksum_help(). */
                frame_set_field(f, frame_complete(f) ? frame_complete(f) : 0xFFFF);
                CHECK(memcmp(came.bytes, f->bytes, f->len) == 0);
                count++;
            }
    printf("# the kernel finished %zu packets seeded here, all good\n", count);
    fflush(stdout);
    free(f);
}
END_TEST

/* Control: if a wrong seed arrived as good, nothing above would mean anything. */
START_TEST(wrong_seeds_arrive_bad)
{
    struct rng rng = rng_new(44);
    struct frame *f = malloc(sizeof *f);
    size_t h, p, i, count = 0;

    path_new();
    for (h = 0; h < COUNT(headers); h++)
        for (p = 0; p < COUNT(protos); p++)
            for (i = 0; i < 3; i++) {
                struct recipe recipe = {.ethernet = true,
                                        .version = headers[h].version,
                                        .options = headers[h].options,
                                        .chain = headers[h].chain,
                                        .proto = protos[p],
                                        .payload = 100 + i};
                uint8_t *field;
                uint16_t seed;

                seeded_packet(f, &recipe, &rng);
                field = sent.bytes + f->l4 + f->csum_offset;
                seed = load_wire16(field);
                CHECK_EQ(seed, frame_seed(f));
                store_wire16(field, i == 0   ? 0
                                    : i == 1 ? (uint16_t)~seed
                                             : (uint16_t)(seed ^ (1u << rng_below(&rng, 16))));
                if (load_wire16(field) % 0xFFFF == seed % 0xFFFF)
                    continue;
                through_the_kernel(recipe_text(&recipe));
                if (verdict(came.bytes, came.len) == CSUMOFF_GOOD)
                    ck_abort_msg("%s: good in spite of a wrong seed", recipe_text(&recipe));
                count++;
            }
    ck_assert_uint_ge(count, COUNT(headers) * COUNT(protos) * 3 - 2);
    free(f);
}
END_TEST

/* ---- Super-frames ------------------------------------------------------------------------------
 */

/* The kernel cuts what the library seeded; every segment is good, and together they are it all. */
START_TEST(super_frames_become_good_segments)
{
    struct rng rng = rng_new(45);
    struct frame *f = malloc(sizeof *f);
    size_t h, p, i, rounds = effort(20, 4), segments = 0, super_frames = 0;

    path_new();
    for (h = 0; h < COUNT(headers); h++)
        for (p = 0; p < COUNT(protos); p++)
            for (i = 0; i < rounds; i++) {
                size_t mss = 64 + rng_below(&rng, 1400), header = protos[p] == TCP ? 20 : 8, done;
                struct recipe recipe = {.ethernet = true,
                                        .version = headers[h].version,
                                        .options = headers[h].options,
                                        .chain = headers[h].chain,
                                        .proto = protos[p],
                                        .payload = mss + 1 + rng_below(&rng, 63 * mss)};

                /* inet_gso_segment(), ipv6_gso_pull_exthdrs(): no fragments, no AH. */
                if (headers[h].chain && strpbrk(headers[h].chain, "fa"))
                    continue;
                if (recipe.payload > 64000)
                    recipe.payload = 64000;
                seeded_packet(f, &recipe, &rng);
                sent.hdr.gso_type = protos[p] == UDP          ? GSO_UDP_L4
                                    : headers[h].version == 4 ? VIRTIO_NET_HDR_GSO_TCPV4
                                                              : VIRTIO_NET_HDR_GSO_TCPV6;
                sent.hdr.gso_size = (uint16_t)mss;
                sent.hdr.hdr_len = (uint16_t)(f->l4 + header);
                CHECK_EQ(inject(injector, &sent), 0);
                for (done = 0; done < recipe.payload; segments++) {
                    size_t len = recipe.payload - done < mss ? recipe.payload - done : mss;

                    if (!tap_read(&tap, &came, WAIT_MS))
                        ck_abort_msg("%s: a segment is missing", recipe_text(&recipe));
                    CHECK_EQ(came.hdr.flags, 0);
                    CHECK_EQ(came.hdr.gso_type, VIRTIO_NET_HDR_GSO_NONE);
                    CHECK_EQ(came.len, f->l4 + header + len);
                    CHECK(memcmp(came.bytes + f->l4 + header, f->bytes + f->l4 + header + done,
                                 len) == 0);
                    if (verdict(came.bytes, came.len) != CSUMOFF_GOOD)
                        ck_abort_msg("%s: a bad segment", recipe_text(&recipe));
                    done += len;
                }
                super_frames++;
            }
    printf("# the kernel cut %zu super-frames seeded here into %zu segments, all good\n",
           super_frames, segments);
    fflush(stdout);
    free(f);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {finishes_as_the_kernel_does,       refuses_as_the_kernel_does,
                                  seeded_packets_arrive_good,        wrong_seeds_arrive_bad,
                                  super_frames_become_good_segments, NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("kernel_finish");

    if (why)
        return kernel_skipped(why);
    suite_add(suite, "finish", tests);
    return suite_run(suite);
}
