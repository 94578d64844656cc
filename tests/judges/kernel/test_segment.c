// SPDX-License-Identifier: MIT
/*
 * The kernel cuts super-frames, and so does the library: the same bytes. A packet socket sends them
 * out of a TAP without offloads, so that validate_xmit_skb() has to call __skb_gso_segment() and
 * every segment comes out complete; no router or bridge is on the way that would change it.
 */
#include <csumoff_glue.h>
#include <errno.h>
#include <string.h>

#include "../../oracle/frames.h"
#include "../../oracle/reference.h"
#include "../../oracle/suite.h"
#include "kernel.h"

enum {
    WAIT_MS = 5000,
    UDP_SEGMENTS = 64,  /* UDP_MAX_SEGMENTS before Linux 6.10 */
    UDP_TOO_MANY = 129, /* and since then, plus one */
    TCP_SEGMENTS = 400, /* a TAP holds 500 frames until they are read: TUN_READQ_SIZE */
    FIN = 0x01,
    PSH = 0x08,
    CWR = 0x80
};

static struct tap tap;
static int injector;
static struct packet sent, came;
static uint8_t ours[FRAME_MOST], seeded[FRAME_MOST];

/* A super-frame: `header` bytes of headers, the rest is to be cut. */
static struct frame super;
static size_t header, mss;

/* What has been judged. */
static size_t zeros, tagged, wrapped;

static void path_new(void)
{
    machine_new();
    tap_new(&tap, "plain", 0, 65521); /* MAX_MTU of tun.c, less the Ethernet header */
    injector = injector_new(&tap);
}

/* ---- Super-frames ------------------------------------------------------------------------------
 */

/* More is not known to ipv6_gso_pull_exthdrs(). */
static const char *const chains[] = {"", "h", "d", "r", "hd", "hdr", "dddd"};

/* From 1 byte to nearly the largest frame, odd ones too, often as an Ethernet has it. */
static size_t random_mss(struct rng *rng)
{
    static const size_t usual[] = {1460, 1448, 1440, 1428, 1472, 1452, 536, 1220};

    switch (rng_below(rng, 4)) {
    case 0:
        return usual[rng_below(rng, sizeof usual / sizeof *usual)];
    case 1:
        return 1 + rng_below(rng, 100);
    case 2:
        return 1 + rng_below(rng, 1500);
    default:
        return 1 + rng_below(rng, rng_below(rng, 8) ? 9000 : 40000);
    }
}

/* Whatever may stand in the headers of a segment, at random; no checksums yet. */
static void random_super_frame(struct rng *rng)
{
    struct recipe recipe = {.ethernet = true};
    size_t options = 4 * (rng_below(rng, 2) ? 0 : rng_below(rng, 11)), most, data;
    uint8_t *l3, *l4;

    recipe.version = rng_below(rng, 2) ? 4 : 6;
    recipe.proto = rng_below(rng, 2) ? TCP : UDP;
    recipe.vlans = rng_below(rng, 3) ? 0 : (unsigned)rng_below(rng, 5);
    if (recipe.version == 4)
        recipe.options = rng_below(rng, 2) ? 0 : 4 * (unsigned)rng_below(rng, 11);
    else
        recipe.chain = chains[rng_below(rng, sizeof chains / sizeof *chains)];
    if (recipe.proto == UDP)
        options = 0;
    mss = random_mss(rng);
    most = (recipe.proto == UDP ? UDP_SEGMENTS : TCP_SEGMENTS) * mss;
    if (rng_below(rng, 8))
        most = most < 40 * mss ? most : 40 * mss;
    if (most > 65000 - 400) /* room for any headers */
        most = 65000 - 400;
    /* More than one segment, and so by virtio_net_hdr_to_skb(), which counts options as payload. */
    data = mss + 1 + rng_below(rng, most - mss);
    if (rng_below(rng, 4) == 0 && data > 2 * mss)
        data -= data % mss;
    recipe.payload = options + data;
    frame_build(&super, &recipe, rng);
    super.bytes[0] &= 0xFE;
    l3 = super.bytes + super.l3;
    l4 = super.bytes + super.l4;
    if (recipe.proto == UDP)
        l4[2] |= 0x80; /* beyond the tunnels' ports, to which the library cuts no datagrams */

    if (rng_below(rng, 4) == 0)
        memset(l4 + (recipe.proto == TCP ? 20 : 8) + options, rng_below(rng, 2) ? 0 : 0xFF, data);
    if (recipe.version == 4 && rng_below(rng, 2))
        l3[6] = 0; /* may be fragmented */
    if (recipe.version == 4 && rng_below(rng, 4) == 0)
        store_wire16(l3 + 4, (uint16_t)(0xFFFF - rng_below(rng, 8)));
    if (recipe.proto == TCP) {
        l4[12] = (uint8_t)((5 + options / 4) << 4 | rng_below(rng, 16));
        if (rng_below(rng, 4) == 0) {
            store_wire16(l4 + 4, 0xFFFF);
            store_wire16(l4 + 6, (uint16_t)(0xFFFF - rng_below(rng, data < 65536 ? data : 65535)));
            wrapped++;
        }
    }
    header = super.l4 + (recipe.proto == TCP ? 20 : 8) + options;
    tagged += recipe.vlans != 0;
}

/* The super-frame, seeded by the library, with its virtio-net header is in `sent`. */
static void pack(struct rng *rng)
{
    static const size_t hints[] = {0, 1, 64, 9999};
    struct csumoff_layout at;
    size_t hint = rng_below(rng, 8);

    CHECK_EQ(csumoff_seed(super.bytes, super.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
    CHECK_EQ(at.csum_start, super.l4);
    sent.len = super.len;
    memcpy(sent.bytes, super.bytes, super.len);
    sent.hdr = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                       .gso_size = (uint16_t)mss,
                                       .csum_start = (uint16_t)at.csum_start,
                                       .csum_offset = (uint16_t)at.csum_offset};
    sent.hdr.gso_type = super.recipe.proto == UDP   ? GSO_UDP_L4
                        : super.recipe.version == 4 ? VIRTIO_NET_HDR_GSO_TCPV4
                                                    : VIRTIO_NET_HDR_GSO_TCPV6;
    if (super.recipe.proto == TCP && super.bytes[super.l4 + 13] & CWR)
        sent.hdr.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
    /* A hint that need not be right: how much of the packet is in one piece. */
    sent.hdr.hdr_len = (uint16_t)(hint < 4 ? header + hints[hint] : hint == 4 ? 0 : header);
    if (sent.hdr.hdr_len > super.len)
        sent.hdr.hdr_len = (uint16_t)header;
}

/* ---- Judged ------------------------------------------------------------------------------------
 */

static void through_the_kernel(void)
{
    int error = inject(injector, &sent);

    if (error)
        ck_abort_msg("the kernel refused %zu bytes, mss %zu: %s: %s", sent.len, mss,
                     strerror(error), recipe_text(&super.recipe));
}

/* Where a segment of the library's isn't the kernel's, which is in `came`; SIZE_MAX: nowhere. */
static size_t difference(const uint8_t *segment, size_t len)
{
    size_t i, most = len < came.len ? len : came.len;

    for (i = 0; i < most; i++)
        if (segment[i] != came.bytes[i])
            return i;
    return len == came.len ? SIZE_MAX : most;
}

static void same_as_the_kernel(const uint8_t *segment, size_t len, size_t index, const char *by)
{
    size_t i = difference(segment, len);

    if (i != SIZE_MAX)
        ck_abort_msg("%s: segment %zu of %zu bytes (the kernel's: %zu): byte %zu is 0x%02X, the "
                     "kernel's is 0x%02X (L3 %zu, L4 %zu, headers %zu, mss %zu): %s",
                     by, index, len, came.len, i, segment[i], came.bytes[i], super.l3, super.l4,
                     header, mss, recipe_text(&super.recipe));
}

static void segment_comes(size_t index)
{
    if (!tap_read(&tap, &came, WAIT_MS))
        ck_abort_msg("segment %zu never came (mss %zu): %s", index, mss,
                     recipe_text(&super.recipe));
    CHECK_EQ(came.hdr.flags, 0);
    CHECK_EQ(came.hdr.gso_type, VIRTIO_NET_HDR_GSO_NONE);
}

/* The next seeded segment, of a head and the payload that it is for, is in `seeded`. */
static size_t gather_segment(struct csumoff_segments *seeds)
{
    size_t head_len, at, n;

    CHECK_EQ(csumoff_segment_next_head(seeds, seeded, sizeof seeded, &head_len, &at, &n),
             CSUMOFF_OK);
    CHECK_EQ(head_len, header);
    CHECK(at <= sent.len && n <= sent.len - at);
    memcpy(seeded + head_len, sent.bytes + at, n);
    return head_len + n;
}

/*
 * `sent` is cut by the kernel, and its frame here, whatever its checksum fields hold: complete from
 * two pieces, seeded as heads. Returns how many segments there were.
 */
static size_t judge(void)
{
    struct csumoff_segments complete, seeds;
    uint8_t *field = seeded + super.l4 + super.csum_offset;
    size_t i, len, seeded_len, cut = sent.len * mss % (sent.len - 1);
    const struct csumoff_iov pieces[] = {{sent.bytes, cut}, {sent.bytes + cut, sent.len - cut}};

    through_the_kernel();
    CHECK_EQ(csumoff_segment_begin_iov(&complete, pieces, 2, CSUMOFF_LINK_ETHERNET, (uint16_t)mss,
                                       false),
             CSUMOFF_OK);
    CHECK_EQ(csumoff_segment_begin(&seeds, sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET,
                                   (uint16_t)mss, true),
             CSUMOFF_OK);
    CHECK_EQ(complete.count, (sent.len - header + mss - 1) / mss);
    for (i = 0; i < complete.count; i++) {
        CHECK_EQ(csumoff_segment_next(&complete, ours, sizeof ours, &len), CSUMOFF_OK);
        seeded_len = gather_segment(&seeds);
        CHECK_EQ(csumoff_finish(seeded, seeded_len, super.l4, super.csum_offset), CSUMOFF_OK);
        segment_comes(i);
        same_as_the_kernel(ours, len, i, "csumoff_segment_next");
        /* TCP's 0 is 0 where segments are made (gso_make_checksum()), as ours is; and 0xFFFF where
         * a seed is finished (skb_checksum_help()), as csumoff_finish() has it. */
        if (super.recipe.proto == TCP && load_wire16(ours + super.l4 + 16) == 0) {
            CHECK_EQ(load_wire16(field), 0xFFFF);
            store_wire16(field, 0);
            zeros++;
        }
        same_as_the_kernel(seeded, seeded_len, i, "a seeded segment, finished");
    }
    CHECK(!tap_read(&tap, &came, 0));
    return complete.count;
}

/* Changes the first word of a segment's payload so that its checksum comes out as 0. */
static void force_zero(struct rng *rng)
{
    size_t count = (super.len - header + mss - 1) / mss, index = rng_below(rng, count - 1), len;
    uint8_t *word = super.bytes + header + index * mss;
    struct csumoff_segments it;
    uint16_t check;

    if (mss < 2)
        return;
    CHECK_EQ(csumoff_segment_begin(&it, super.bytes, super.len, CSUMOFF_LINK_ETHERNET,
                                   (uint16_t)mss, false),
             CSUMOFF_OK);
    do
        CHECK_EQ(csumoff_segment_next(&it, ours, sizeof ours, &len), CSUMOFF_OK);
    while (it.index <= index);
    check = load_wire16(ours + super.l4 + super.csum_offset);
    store_wire16(word, ref_fold((uint64_t)load_wire16(word) + check));
}

START_TEST(segments_as_the_kernel_does)
{
    struct rng rng = rng_new(81);
    size_t count = effort(30000, 3000), segments = 0, i;

    path_new();
    for (i = 0; i < count; i++) {
        random_super_frame(&rng);
        if (i % 8 == 0)
            force_zero(&rng);
        pack(&rng);
        if (super.recipe.version == 4 && i % 3 == 0) /* ip_send_check() makes it anew */
            rng_fill(&rng, sent.bytes + super.l3 + 10, 2);
        segments += judge();
    }
    ck_assert_uint_ge(zeros, count / 40);
    ck_assert_uint_ge(tagged, count / 8);
    ck_assert_uint_ge(wrapped, count / 16);
    printf("# kernel_segment: the kernel judged %zu super-frames, cut into %zu segments, complete "
           "and seeded, 0 differences (%zu tagged, %zu checksums of TCP that are 0)\n",
           count, segments, tagged, zeros);
    fflush(stdout);
}
END_TEST

/* A slot of Xen's says no more than 65535 bytes. */
START_TEST(largest_frames)
{
    static const size_t sizes[] = {1024, 1460, 8961, 65400};
    struct recipe recipe = {.ethernet = true};
    struct rng rng = rng_new(86);
    size_t i;

    path_new();
    for (i = 0; i < 16; i++) {
        recipe.version = i % 2 ? 6 : 4;
        recipe.proto = i / 2 % 2 ? TCP : UDP;
        header = 14u + (recipe.version == 4 ? 20 : 40) + (recipe.proto == TCP ? 20 : 8);
        recipe.payload = FRAME_MOST - header;
        mss = sizes[i / 4];
        frame_build(&super, &recipe, &rng);
        super.bytes[0] &= 0xFE;
        pack(&rng);
        CHECK_EQ(sent.len, FRAME_MOST);
        (void)judge();
    }
}
END_TEST

/* tcp4_gso_segment(), tcp6_gso_segment(): where no seed is promised, one is made. But without
 * csum_start virtio_net_hdr_to_skb() looks for the packet itself, and not behind a tag. */
START_TEST(unseeded_tcp_is_repaired)
{
    struct rng rng = rng_new(82);
    size_t count = effort(4000, 400), judged = 0, i;

    path_new();
    for (i = 0; i < count; i++) {
        random_super_frame(&rng);
        if (super.recipe.proto != TCP)
            continue;
        pack(&rng);
        rng_fill(&rng, sent.bytes + super.l4 + 16, 2);
        sent.hdr.flags = 0;
        sent.hdr.csum_start = sent.hdr.csum_offset = 0;
        if (super.recipe.vlans) {
            CHECK_EQ(inject(injector, &sent), EINVAL);
            continue;
        }
        (void)judge();
        judged++;
    }
    ck_assert_uint_ge(judged, count / 4);
}
END_TEST

/* Control: each way to be wrong is seen, where it is. */
START_TEST(differences_are_seen)
{
    static const struct {
        const char *what;
        size_t index; /* of the segment */
        bool l4;      /* byte `at` is one of the L4 header, else of the L3 header */
        size_t at;
        uint8_t change; /* by exclusive or; 0: one byte shorter */
    } rows[] = {
        {"PSH on the first one", 0, true, 13, PSH},
        {"FIN on the first one", 0, true, 13, FIN},
        {"no CWR on the first one", 0, true, 13, CWR},
        {"CWR on the second one", 1, true, 13, CWR},
        {"no PSH on the last one", 2, true, 13, PSH},
        {"no FIN on the last one", 2, true, 13, FIN},
        {"a wrong id", 1, false, 5, 1},
        {"a wrong total length", 2, false, 3, 2},
        {"a wrong header checksum", 1, false, 11, 0x80},
        {"a wrong sequence number", 1, true, 7, 4},
        {"a wrong checksum", 1, true, 17, 1},
        {"a wrong payload", 2, true, 20, 0x40},
        {"a byte too few", 1, true, 20 + 99, 0},
    };
    struct recipe recipe = {.ethernet = true, .version = 4, .proto = TCP, .payload = 250};
    struct csumoff_segments it;
    struct rng rng = rng_new(83);
    size_t i, index, len;

    path_new();
    mss = 100;
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        frame_build(&super, &recipe, &rng);
        super.bytes[0] &= 0xFE;
        super.bytes[super.l4 + 13] = CWR | 0x10 | PSH | FIN; /* ACK */
        header = super.l4 + 20;
        pack(&rng);
        through_the_kernel();
        CHECK_EQ(csumoff_segment_begin(&it, sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET,
                                       (uint16_t)mss, false),
                 CSUMOFF_OK);
        for (index = 0; index < it.count; index++) {
            size_t at = (rows[i].l4 ? super.l4 : super.l3) + rows[i].at;

            CHECK_EQ(csumoff_segment_next(&it, ours, sizeof ours, &len), CSUMOFF_OK);
            segment_comes(index);
            CHECK_EQ(difference(ours, len), SIZE_MAX);
            if (index != rows[i].index)
                continue;
            ours[at] ^= rows[i].change;
            if (difference(ours, rows[i].change ? len : len - 1) != at)
                ck_abort_msg("not seen: %s", rows[i].what);
        }
    }
}
END_TEST

/* ---- Where the two differ ----------------------------------------------------------------------
 */

enum {
    LOST = -1 /* taken, and dropped where it was to be cut */
};

/* `sent` into the kernel. The error, LOST, or how many segments came out, each judged by the
 * verdict. */
static int kernels_word(enum csumoff_verdict verdict)
{
    int error = inject(injector, &sent), count = 0;

    if (error)
        return error;
    for (send_mark(injector);; count++) {
        struct csumoff_report report;

        segment_comes((size_t)count);
        if (is_mark(&came))
            return count ? count : LOST;
        CHECK_EQ(csumoff_inspect(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
        CHECK_EQ(report.l4, verdict);
    }
}

/* What the kernel refuses, drops or cuts where the library does something else: on purpose, or
 * since a virtio-net header says more, or less, than csumoff_segment_begin() is told. */
START_TEST(differences_there_are)
{
    static const struct {
        const char *what;
        struct recipe recipe;
        size_t mss;
        int kernel; /* an error, LOST, segments */
        int ours;   /* an error; 0: segments: */
        size_t count;
        size_t at; /* from L3: a byte to set, if any */
        uint8_t value;
    } rows[] = {
        /* virtio_net_hdr_to_skb() */
        {"mss 0", {.version = 4, .proto = TCP, .payload = 300}, 0, EINVAL, CSUMOFF_ERANGE, 0, 0, 0},
        {"mss 65535: the kernel's GSO_BY_FRAGS",
         {.version = 4, .proto = TCP, .payload = 300},
         65535,
         EINVAL,
         CSUMOFF_OK,
         1,
         0,
         0},
        {"more segments than udp_send_skb() would make",
         {.version = 6, .proto = UDP, .payload = 10 * UDP_TOO_MANY},
         10,
         EINVAL,
         CSUMOFF_OK,
         UDP_TOO_MANY,
         0,
         0},
        /* Not GSO, when virtio_net_hdr_to_skb() looked; but it counted options as payload, which
         * makes tcp_gso_segment() wonder. */
        {"one segment", {.version = 4, .proto = TCP, .payload = 100}, 100, 1, CSUMOFF_OK, 1, 0, 0},
        {"one segment, and options",
         {.version = 4, .proto = TCP, .payload = 100},
         99,
         LOST,
         CSUMOFF_OK,
         1,
         32,
         0x60},
        /* ipv6_gso_pull_exthdrs() knows neither, ipv6_gso_segment() finds nobody for them. */
        {"an authentication header",
         {.version = 6, .proto = TCP, .payload = 300, .chain = "a"},
         100,
         LOST,
         CSUMOFF_ENOTSUP,
         0,
         0,
         0},
        {"an atomic fragment",
         {.version = 6, .proto = TCP, .payload = 300, .chain = "f"},
         100,
         LOST,
         CSUMOFF_ENOTSUP,
         0,
         0,
         0},
        /* inet_gso_segment() does not look, and would give each part an id of its own. */
        {"a fragment of IPv4",
         {.version = 4, .proto = TCP, .payload = 300},
         100,
         3,
         CSUMOFF_EFRAG,
         0,
         6,
         0x20},
        {"a data offset of 16",
         {.version = 4, .proto = TCP, .payload = 300},
         100,
         LOST,
         CSUMOFF_EHDR,
         0,
         32,
         0x40},
        /* The room of struct csumoff_segments. */
        {"more than 256 bytes of headers",
         {.version = 6, .proto = TCP, .payload = 300, .chain = "dddddddddddddddddddddddd"},
         100,
         3,
         CSUMOFF_ENOTSUP,
         0,
         0,
         0},
    };
    struct rng rng = rng_new(84);
    size_t i;

    path_new();
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct recipe recipe = rows[i].recipe;
        struct csumoff_segments it;
        int found, status;

        recipe.ethernet = true;
        frame_build(&super, &recipe, &rng);
        super.bytes[0] &= 0xFE;
        header = super.l4 + (recipe.proto == TCP ? 20 : 8);
        mss = rows[i].mss;
        pack(&rng);
        if (rows[i].at)
            sent.bytes[super.l3 + rows[i].at] = rows[i].value;
        found = kernels_word(rows[i].at == 6 ? CSUMOFF_UNCHECKED : CSUMOFF_GOOD);
        if (found != rows[i].kernel)
            ck_abort_msg("%s: the kernel says %d, not %d", rows[i].what, found, rows[i].kernel);
        status = csumoff_segment_begin(&it, sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET,
                                       (uint16_t)mss, false);
        if (status != rows[i].ours || (!status && it.count != rows[i].count))
            ck_abort_msg("%s: status %d, %zu segments", rows[i].what, status,
                         status ? 0 : it.count);
    }
}
END_TEST

/* Bytes behind the IP packet: left out here. The kernel takes them for payload, though the seed
 * isn't one for so many bytes, and tcp_gso_segment() reckons from the length of all: bad segments;
 * that of UDP goes by the length in the UDP header. */
START_TEST(bytes_behind_the_packet)
{
    static const uint8_t protos[] = {TCP, UDP};
    struct recipe recipe = {.ethernet = true, .payload = 300, .padding = 7};
    struct csumoff_segments it;
    struct rng rng = rng_new(85);
    size_t i;

    path_new();
    mss = 100;
    for (i = 0; i < 4; i++) {
        recipe.version = i / 2 ? 6 : 4;
        recipe.proto = protos[i % 2];
        frame_build(&super, &recipe, &rng);
        super.bytes[0] &= 0xFE;
        header = super.l4 + (recipe.proto == TCP ? 20 : 8);
        pack(&rng);
        CHECK_EQ(kernels_word(recipe.proto == TCP ? CSUMOFF_BAD : CSUMOFF_GOOD), 4);
        CHECK_EQ(csumoff_segment_begin(&it, sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET,
                                       (uint16_t)mss, false),
                 CSUMOFF_OK);
        CHECK_EQ(it.count, 3);
        sent.len -= recipe.padding;
        CHECK_EQ(judge(), 3);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {largest_frames,
                                  segments_as_the_kernel_does,
                                  unseeded_tcp_is_repaired,
                                  differences_are_seen,
                                  differences_there_are,
                                  bytes_behind_the_packet,
                                  NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("kernel_segment");

    if (why)
        return kernel_skipped(why);
    suite_add(suite, "segment", tests);
    return suite_run(suite);
}
