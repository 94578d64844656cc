// SPDX-License-Identifier: MIT
#include "glue.h"
#include "bench_shim.h"
#include "frames.h"
#include "straight.h"
#include "straight_glue.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
    WARM = 1024, /* frames that stay in cache */
    COLD = 65536,
    COLD_STRIDE = 2048,
    HUGE_PAGE = 2 << 20,
    /* More than a branch predictor learns. */
    MIXED_ORDER = 65536,
    BURST = 32,
    AHEAD = 8, /* how many frames ahead straight-line code fetches headers */
    TCP_HEADERS = 54,
    SHORTEST = 60,
    LONGEST = 1514,
    HEADERS = 96 /* of a frame: where bits are flipped */
};

/* ---- Frames -------------------------------------------------------------------------------- */

struct place {
    uint32_t offset, len;
};

/* Frames, and the order in which they are worked on. */
struct set {
    uint8_t *base;
    size_t bytes;
    const struct place *places;
    const struct csumoff_layout *layouts; /* of each place; NULL where nobody asks for them */
    size_t mask;                          /* call i works on places[i & mask] */
};

/* What the checksum fields hold before the work. */
enum content {
    COMPLETE,
    SEED
};

static void put(uint8_t *frame, size_t len, enum content content)
{
    if (content == SEED ? csumoff_seed(frame, len, CSUMOFF_LINK_ETHERNET, NULL)
                        : csumoff_fill(frame, len, CSUMOFF_LINK_ETHERNET))
        fail("frames", "csumoff refuses one");
}

static void put_all(const struct set *set, enum content content)
{
    for (size_t i = 0; i <= set->mask; i++)
        put(set->base + set->places[i].offset, set->places[i].len, content);
}

/* Returns frames of one kind and length, each in cache lines of its own. */
static struct set make_warm(const struct kind *kind, size_t len, enum content content)
{
    const size_t stride = (len + 63) / 64 * 64;
    struct place *places = (struct place *)room(WARM * sizeof *places);
    struct csumoff_layout *layouts = (struct csumoff_layout *)room(WARM * sizeof *layouts);
    struct set set = {room(WARM * stride), WARM * stride, places, layouts, WARM - 1};

    for (size_t i = 0; i < WARM; i++) {
        uint8_t *frame = set.base + i * stride;

        places[i] = (struct place){(uint32_t)(i * stride), (uint32_t)len};
        make_frame(frame, len, kind);
        put(frame, len, content);
        if (csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, layouts + i))
            fail("frames", "csumoff refuses one");
    }
    return set;
}

static const struct kind *const kinds[] = {&tcp_ipv4, &udp_ipv4, &tcp_ipv6, &udp_ipv6};

/* Returns frames of four kinds and of all lengths, in a random order that does not soon repeat. */
static struct set make_mixed(enum content content)
{
    const size_t stride = 1536;
    struct place frames[WARM], *places = (struct place *)room(MIXED_ORDER * sizeof *places);
    struct set set = {room(WARM * stride), WARM * stride, places, NULL, MIXED_ORDER - 1};

    for (size_t i = 0; i < WARM; i++) {
        const struct kind *kind = kinds[random_below(COUNT(kinds))];
        const uint32_t least = kind == &tcp_ipv6 ? 74 : kind == &udp_ipv6 ? 62 : SHORTEST;
        const uint32_t len = least + random_below(LONGEST + 1 - least);
        uint8_t *frame = set.base + i * stride;

        frames[i] = (struct place){(uint32_t)(i * stride), len};
        make_frame(frame, len, kind);
        put(frame, len, content);
    }
    for (size_t i = 0; i < MIXED_ORDER; i++)
        places[i] = frames[i < WARM ? i : random_below(WARM)];
    return set;
}

/* Returns frames that are far apart, in a random order. All contenders share them. */
static struct set make_cold(const struct kind *kind, size_t len)
{
    struct place *places = (struct place *)room(COLD * sizeof *places);
    struct set set = {NULL, (size_t)COLD * COLD_STRIDE, places, NULL, COLD - 1};
    void *base = NULL;

    must(posix_memalign(&base, HUGE_PAGE, set.bytes) ? NULL : base);
#if defined(MADV_HUGEPAGE)
    (void)madvise(base, set.bytes, MADV_HUGEPAGE);
#endif
    set.base = (uint8_t *)memset(base, 0, set.bytes);
    for (size_t i = 0; i < COLD; i++) {
        const size_t j = random_below((uint32_t)i + 1);

        make_frame(set.base + i * COLD_STRIDE, len, kind);
        places[i] = places[j];
        places[j] = (struct place){(uint32_t)(i * COLD_STRIDE), (uint32_t)len};
    }
    return set;
}

/* Leaves the frames in no cache. */
static void evict(const struct set *set)
{
#if defined(__SSE2__)
    for (size_t i = 0; i <= set->mask; i++) {
        const uint8_t *frame = set->base + set->places[i].offset;

        for (size_t line = 0; line < set->places[i].len; line += 64)
            __builtin_ia32_clflush(frame + line);
    }
    __builtin_ia32_mfence();
#else
    /* What is between them takes their place. */
    uint64_t total = 0;

    for (size_t i = 0; i <= set->mask; i++)
        total += csumoff_partial(set->base + set->places[i].offset + 256, COLD_STRIDE - 512, 0);
    __asm__ volatile("" : : "r"(total));
#endif
}

/* ---- Loops --------------------------------------------------------------------------------- */

/*
 * Works on `calls` frames in turn. Returns a total over them that all who do the same work share,
 * provided that they begin with the same frames: where is_compared, one that depends on all that
 * they give, else one that costs next to nothing.
 */
typedef uint64_t glue_fn(const struct set *set, size_t calls, bool is_compared);

#define REFUSED UINT64_MAX

static uint64_t mix(uint64_t total, uint64_t value)
{
    return (total << 1 | total >> 63) + value;
}

/*
 * Returns the total of `call` over the frames, a status each. `little` of what it gives is read in
 * any case; `all` of it, less than REFUSED, where that is to be compared. A call that fails must
 * leave that as it was.
 */
#define GLUE_LOOP(call, little, all)                                                               \
    do {                                                                                           \
        uint64_t total_ = 0;                                                                       \
                                                                                                   \
        for (size_t i = 0; i < calls; i++) {                                                       \
            const struct place place_ = set->places[i & set->mask];                                \
            uint8_t *frame = set->base + place_.offset;                                            \
            size_t len = place_.len;                                                               \
            int status_;                                                                           \
                                                                                                   \
            __asm__ volatile("" : "+r"(frame), "+r"(len) : : "memory");                            \
            status_ = (call);                                                                      \
            if (is_compared)                                                                       \
                total_ = mix(total_, status_ ? REFUSED - (all) : (all));                           \
            else                                                                                   \
                total_ += (uint64_t)status_ + (uint64_t)(little);                                  \
        }                                                                                          \
        return total_;                                                                             \
    } while (0)

/* Does the same for bursts: `begin` fills items[j] for frame and len. */
#define BURST_LOOP(type, begin, call, little, all)                                                 \
    do {                                                                                           \
        type items[BURST];                                                                         \
        uint64_t total_ = 0;                                                                       \
                                                                                                   \
        for (size_t i = 0; i < calls; i += BURST) {                                                \
            for (size_t j = 0; j < BURST; j++) {                                                   \
                const struct place place_ = set->places[(i + j) & set->mask];                      \
                                                                                                   \
                items[j].frame = set->base + place_.offset;                                        \
                items[j].len = place_.len;                                                         \
                begin;                                                                             \
            }                                                                                      \
            __asm__ volatile("" : : "r"(items) : "memory");                                        \
            if ((call) != BURST)                                                                   \
                return REFUSED;                                                                    \
            for (size_t j = 0; j < BURST; j++) {                                                   \
                if (is_compared)                                                                   \
                    total_ = mix(total_, items[j].status ? REFUSED : (all));                       \
                else                                                                               \
                    total_ += (uint64_t)items[j].status + (uint64_t)(little);                      \
            }                                                                                      \
        }                                                                                          \
        return total_;                                                                             \
    } while (0)

/* Defines a function that does `call`, of `item`, for each of several items, as a burst does it:
 * the call that a driver has before it has bursts. */
#define EACH(name, type, call)                                                                     \
    static size_t name(type *items, size_t count)                                                  \
    {                                                                                              \
        size_t done = 0;                                                                           \
                                                                                                   \
        for (type *item = items; item < items + count; item++) {                                   \
            item->status = (call);                                                                 \
            done += item->status == CSUMOFF_OK;                                                    \
        }                                                                                          \
        return done;                                                                               \
    }

static uint64_t all_of_slot(const struct csumoff_netfront_slot *slot)
{
    return slot->flags | (uint64_t)slot->gso_type << 16 | (uint64_t)slot->gso_size << 24;
}

static uint64_t all_of_hdr(const struct csumoff_virtio_hdr *hdr)
{
    uint64_t all = hdr->flags | (uint64_t)hdr->gso_type << 8 | (uint64_t)hdr->gso_size << 16;

    all = all * 31 + hdr->hdr_len;
    all = all * 31 + hdr->csum_start;
    all = all * 31 + hdr->csum_offset;
    return all * 31 + hdr->num_buffers;
}

static uint64_t all_of_rx(const struct csumoff_rx *rx)
{
    uint64_t all = (uint64_t)rx->state | (uint64_t)rx->no_seed << 4 | (uint64_t)rx->gso_type << 8 |
                   (uint64_t)rx->gso_size << 16;

    return (all * 31 + rx->csum_start) * 31 + rx->csum_offset;
}

static uint64_t all_of_report(const struct csumoff_report *report)
{
    uint64_t all = (uint64_t)report->l3 | (uint64_t)report->l4 << 4;

    all = all * 31 + report->l3_found;
    all = all * 31 + report->l3_expected;
    all = all * 31 + report->l4_found;
    return all * 31 + report->l4_expected;
}

/* ---- Sending ------------------------------------------------------------------------------- */

static const struct csumoff_netfront_caps xen_caps = {true, true, true, true, true};
static const struct csumoff_virtio_caps virtio_caps = {true, true, true, true, true};

static uint64_t netfront_tx(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    GLUE_LOOP(csumoff_netfront_tx(frame, len, &xen_caps, NULL, &slot), slot.flags,
              all_of_slot(&slot));
}

static uint64_t netfront_tx_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    GLUE_LOOP(straight_netfront_tx(frame, len, &xen_caps, &slot), slot.flags, all_of_slot(&slot));
}

static uint64_t netfront_tx_ahead(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    GLUE_LOOP((__builtin_prefetch(set->base + set->places[(i + AHEAD) & set->mask].offset),
               straight_netfront_tx(frame, len, &xen_caps, &slot)),
              slot.flags, all_of_slot(&slot));
}

static uint64_t netfront_tx_four(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    GLUE_LOOP(straight_netfront_tx_four(frame, len, &xen_caps, &slot), slot.flags,
              all_of_slot(&slot));
}

static uint64_t netfront_tx_burst(const struct set *set, size_t calls, bool is_compared)
{
    BURST_LOOP(struct csumoff_netfront_tx_item, items[j].hint = NULL,
               csumoff_netfront_tx_burst(items, BURST, &xen_caps), items[j].slot.flags,
               all_of_slot(&items[j].slot));
}

EACH(tx_each, struct csumoff_netfront_tx_item,
     csumoff_netfront_tx(item->frame, item->len, &xen_caps, item->hint, &item->slot))

static uint64_t netfront_tx_each(const struct set *set, size_t calls, bool is_compared)
{
    BURST_LOOP(struct csumoff_netfront_tx_item, items[j].hint = NULL, tx_each(items, BURST),
               items[j].slot.flags, all_of_slot(&items[j].slot));
}

static uint64_t netfront_tx_seeded(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};
    struct csumoff_hint hint = {CSUMOFF_TX_SEEDED, 0, 0, 0, NULL};

    GLUE_LOOP((hint.layout = set->layouts + (i & set->mask),
               csumoff_netfront_tx(frame, len, &xen_caps, &hint, &slot)),
              slot.flags, all_of_slot(&slot));
}

static uint64_t netfront_tx_seeded_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    GLUE_LOOP(
        straight_netfront_tx_seeded(frame, len, &xen_caps, set->layouts + (i & set->mask), &slot),
        slot.flags, all_of_slot(&slot));
}

/* Fills two pieces: the headers, and the rest. */
static const struct csumoff_iov *cut(struct csumoff_iov *iov, uint8_t *frame, size_t len)
{
    const size_t first = len < TCP_HEADERS ? len : TCP_HEADERS;

    iov[0] = (struct csumoff_iov){frame, first};
    iov[1] = (struct csumoff_iov){frame + first, len - first};
    return iov;
}

static uint64_t netfront_tx_iov(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};
    struct csumoff_iov iov[2];

    GLUE_LOOP(csumoff_netfront_tx_iov(cut(iov, frame, len), 2, &xen_caps, NULL, &slot), slot.flags,
              all_of_slot(&slot));
}

static uint64_t netfront_tx_iov_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};
    struct csumoff_iov iov[2];

    GLUE_LOOP(straight_netfront_tx_iov(cut(iov, frame, len), 2, &xen_caps, &slot), slot.flags,
              all_of_slot(&slot));
}

static uint64_t virtio_tx(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_virtio_hdr hdr = {0, 0, 0, 0, 0, 0, 0};

    GLUE_LOOP(csumoff_virtio_tx(frame, len, CSUMOFF_LINK_ETHERNET, &virtio_caps, NULL, &hdr),
              hdr.flags, all_of_hdr(&hdr));
}

static uint64_t virtio_tx_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_virtio_hdr hdr = {0, 0, 0, 0, 0, 0, 0};

    GLUE_LOOP(straight_virtio_tx(frame, len, &virtio_caps, &hdr), hdr.flags, all_of_hdr(&hdr));
}

static uint64_t virtio_tx_udp_ipv6_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_virtio_hdr hdr = {0, 0, 0, 0, 0, 0, 0};

    GLUE_LOOP(straight_virtio_tx_udp_ipv6(frame, len, &virtio_caps, &hdr), hdr.flags,
              all_of_hdr(&hdr));
}

/* What sending without offload cannot do without. */
static uint64_t sum_1460(const struct set *set, size_t calls, bool is_compared)
{
    GLUE_LOOP(0, csumoff_partial(frame + 34, 1460, 0), 0);
}

/* ---- Receiving ----------------------------------------------------------------------------- */

/* What a driver makes of each response on the ring. */
static const struct csumoff_netfront_slot *blank(struct csumoff_netfront_slot *slot)
{
    slot->flags = CSUMOFF_NETRXF_CSUM_BLANK | CSUMOFF_NETRXF_DATA_VALIDATED;
    slot->gso_type = 0;
    slot->gso_size = 0;
    return slot;
}

static uint64_t netfront_rx(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_rx rx = {CSUMOFF_NONE, 0, 0, 0, 0, false};
    struct csumoff_netfront_slot slot;

    GLUE_LOOP(csumoff_netfront_rx(frame, len, blank(&slot), &rx), rx.state, all_of_rx(&rx));
}

static uint64_t netfront_rx_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_rx rx = {CSUMOFF_NONE, 0, 0, 0, 0, false};
    struct csumoff_netfront_slot slot;

    GLUE_LOOP(straight_netfront_rx(frame, len, blank(&slot), &rx), rx.state, all_of_rx(&rx));
}

/* Whoever finishes what is finished gets the seed again: these can go round and round. */
static uint64_t netfront_rx_finish(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot;

    GLUE_LOOP(csumoff_netfront_rx_finish(frame, len, blank(&slot)), 0, 0);
}

static uint64_t netfront_rx_finish_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_netfront_slot slot;

    GLUE_LOOP(straight_netfront_rx_finish(frame, len, blank(&slot)), 0, 0);
}

static uint64_t netfront_rx_finish_burst(const struct set *set, size_t calls, bool is_compared)
{
    BURST_LOOP(struct csumoff_netfront_rx_item, (void)blank(&items[j].slot),
               csumoff_netfront_rx_finish_burst(items, BURST), 0, 0);
}

EACH(rx_finish_each, struct csumoff_netfront_rx_item,
     csumoff_netfront_rx_finish(item->frame, item->len, &item->slot))

static uint64_t netfront_rx_finish_each(const struct set *set, size_t calls, bool is_compared)
{
    BURST_LOOP(struct csumoff_netfront_rx_item, (void)blank(&items[j].slot),
               rx_finish_each(items, BURST), 0, 0);
}

static uint64_t inspect(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_report report = {0, 0, 0, 0, 0, 0};

    GLUE_LOOP(csumoff_inspect(frame, len, CSUMOFF_LINK_ETHERNET, &report), report.l4,
              all_of_report(&report));
}

static uint64_t inspect_straight(const struct set *set, size_t calls, bool is_compared)
{
    struct csumoff_report report = {0, 0, 0, 0, 0, 0};

    GLUE_LOOP(straight_inspect(frame, len, &report), report.l4, all_of_report(&report));
}

static uint64_t inspect_burst(const struct set *set, size_t calls, bool is_compared)
{
    BURST_LOOP(struct csumoff_inspect_item, (void)0,
               csumoff_inspect_burst(items, BURST, CSUMOFF_LINK_ETHERNET), items[j].report.l4,
               all_of_report(&items[j].report));
}

EACH(each_inspected, struct csumoff_inspect_item,
     csumoff_inspect(item->frame, item->len, CSUMOFF_LINK_ETHERNET, &item->report))

static uint64_t inspect_each(const struct set *set, size_t calls, bool is_compared)
{
    BURST_LOOP(struct csumoff_inspect_item, (void)0, each_inspected(items, BURST),
               items[j].report.l4, all_of_report(&items[j].report));
}

/* ---- Rows ---------------------------------------------------------------------------------- */

enum {
    ONE_BY_ONE,
    IN_BURSTS,
    EACH_ITEM, /* single calls, over what bursts are called with */
    STRAIGHT,
    STRAIGHT_AHEAD,
    CONTENDERS,
    SUM = CONTENDERS /* does less than the others, and is not compared */
};

static const char *const names[CONTENDERS + 1] = {"csumoff",  "burst",          "each",
                                                  "straight", "straight_ahead", "sum"};

static const struct row {
    const char *what;
    const struct kind *kind; /* NULL: all kinds and lengths */
    size_t len;
    enum content content;
    bool is_cold;
    size_t tolerated; /* bits of the lengths that can be wrong, because only what IP counts is read
                         and may be followed by anything */
    glue_fn *run[CONTENDERS + 1];
} rows[] = {
    {"netfront_tx",
     &tcp_ipv4,
     60,
     COMPLETE,
     false,
     0,
     {netfront_tx, netfront_tx_burst, netfront_tx_each, netfront_tx_straight}},
    {"netfront_tx",
     &tcp_ipv4,
     1502,
     COMPLETE,
     false,
     0,
     {netfront_tx, NULL, NULL, netfront_tx_straight, NULL, sum_1460}},
    {"netfront_tx_seeded",
     &tcp_ipv4,
     60,
     SEED,
     false,
     0,
     {netfront_tx_seeded, NULL, NULL, netfront_tx_seeded_straight}},
    {"netfront_tx_iov",
     &tcp_ipv4,
     1502,
     COMPLETE,
     false,
     0,
     {netfront_tx_iov, NULL, NULL, netfront_tx_iov_straight}},
    {"netfront_tx_mixed",
     NULL,
     0,
     COMPLETE,
     false,
     0,
     {netfront_tx, netfront_tx_burst, netfront_tx_each, netfront_tx_four}},
    {"virtio_tx", &tcp_ipv4, 60, COMPLETE, false, 0, {virtio_tx, NULL, NULL, virtio_tx_straight}},
    {"virtio_tx_udp_ipv6",
     &udp_ipv6,
     70,
     COMPLETE,
     false,
     0,
     {virtio_tx, NULL, NULL, virtio_tx_udp_ipv6_straight}},
    {"netfront_rx", &tcp_ipv4, 60, SEED, false, 2, {netfront_rx, NULL, NULL, netfront_rx_straight}},
    {"netfront_rx_finish",
     &tcp_ipv4,
     60,
     SEED,
     false,
     2,
     {netfront_rx_finish, netfront_rx_finish_burst, netfront_rx_finish_each,
      netfront_rx_finish_straight}},
    {"inspect",
     &tcp_ipv4,
     60,
     COMPLETE,
     false,
     2,
     {inspect, inspect_burst, inspect_each, inspect_straight}},
    {"netfront_tx_cold",
     &tcp_ipv4,
     60,
     COMPLETE,
     true,
     0,
     {netfront_tx, netfront_tx_burst, NULL, netfront_tx_straight, netfront_tx_ahead}},
    {"netfront_rx_finish_cold",
     &tcp_ipv4,
     60,
     SEED,
     true,
     2,
     {netfront_rx_finish, netfront_rx_finish_burst, NULL, netfront_rx_finish_straight}},
    {"inspect_cold",
     &tcp_ipv4,
     60,
     COMPLETE,
     true,
     2,
     {inspect, inspect_burst, NULL, inspect_straight}},
};

struct contender {
    const struct row *row;
    struct set set;
    glue_fn *run;
};

/* Chooses the kernel, gives the frames what they hold, and brings them into the cache or out. */
static void prepare(const void *context)
{
    const struct contender *c = (const struct contender *)context;

    if (csumoff_kernel_use(NULL))
        abort();
    put_all(&c->set, c->row->content);
    if (c->row->is_cold)
        evict(&c->set);
    else
        (void)c->run(&c->set, c->set.mask + 1, false);
}

static void run(const void *context, size_t calls)
{
    const struct contender *c = (const struct contender *)context;
    uint64_t total = c->run(&c->set, calls, false);

    __asm__ volatile("" : : "r"(total));
}

/* ---- Whether everybody does the same work -------------------------------------------------- */

static struct set copy(const struct set *set)
{
    struct set copied = *set;

    copied.base = (uint8_t *)memcpy(room(set->bytes), set->base, set->bytes);
    return copied;
}

/* Everybody begins with the same frames, one of which has a wrong checksum. */
static void compare_contenders(const struct row *row, const struct set *set)
{
    const size_t calls = set->mask + 1, last = set->places[0].offset + set->places[0].len - 1;
    struct set ours = copy(set);
    uint64_t total;

    ours.base[last] ^= 1;
    total = row->run[ONE_BY_ONE](&ours, calls, true);
    for (size_t who = 0; who < CONTENDERS; who++) {
        struct set theirs;

        if (!row->run[who])
            continue;
        theirs = copy(set);
        theirs.base[last] ^= 1;
        if (row->run[who](&theirs, calls, true) != total ||
            memcmp(ours.base, theirs.base, set->bytes) != 0)
            fail(row->what, "the results differ");
        free(theirs.base);
    }
    free(ours.base);
}

/* Compares on a frame that the straight-line code may refuse. Returns whether it does. */
static bool is_refused(const struct row *row, const uint8_t *frame, size_t len)
{
    static uint8_t our_frame[LONGEST], their_frame[LONGEST];
    const struct place place = {0, (uint32_t)len};
    struct csumoff_layout layout;
    const struct set ours = {our_frame, len, &place, &layout, 0};
    const struct set theirs = {their_frame, len, &place, &layout, 0};
    uint64_t total;

    if (csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &layout))
        memset(&layout, 0, sizeof layout); /* fits no frame */
    memcpy(our_frame, frame, len);
    memcpy(their_frame, frame, len);
    total = row->run[STRAIGHT](&theirs, 1, true);
    if (total == REFUSED) {
        if (memcmp(their_frame, frame, len) != 0)
            fail(row->what, "straight-line code writes to what it refuses");
        return true;
    }
    if (row->run[ONE_BY_ONE](&ours, 1, true) != total || memcmp(our_frame, their_frame, len) != 0)
        fail(row->what, "straight-line code differs");
    return false;
}

/* Returns how many of the bits of a frame, one flipped at a time, make it one of another kind, or
 * one that is not as long as it says. */
static size_t decisive_bits(const uint8_t *frame)
{
    const bool is_ipv4 = frame[14] == 0x45;
    const bool is_udp = frame[is_ipv4 ? 23 : 20] == 17;
    /* EtherType, version, IHL, length, fragment, protocol. */
    const size_t bits = is_ipv4 ? 16 + 4 + 4 + 16 + 14 + 8 : 16 + 4 + 0 + 16 + 0 + 8;

    return bits + (is_udp ? 16 : 0);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * Whatever the straight-line code accepts must be right: here it gets frames with each bit of the
 * headers flipped, with complete checksums, seeds of both kinds and zeros, and frames cut short.
 */
static void compare_straight(const struct row *row, const struct set *set)
{
    static uint8_t frame[LONGEST];

    for (size_t nth = 0; nth < 64; nth++) {
        const struct place place = set->places[nth];
        struct csumoff_layout at;
        size_t refused = 0;
        uint8_t *field;

        memcpy(frame, set->base + place.offset, place.len);
        put(frame, place.len, nth / 8 % 4 == 1 ? SEED : COMPLETE);
        if (csumoff_locate(frame, place.len, CSUMOFF_LINK_ETHERNET, &at))
            fail(row->what, "csumoff refuses a frame");
        field = frame + at.csum_start + at.csum_offset;
        if (nth / 8 % 4 == 2) {
            csumoff_sum16 gso = csumoff_seed_value_gso(&at);

            memcpy(field, &gso, sizeof gso);
        } else if (nth / 8 % 4 == 3) {
            memset(field, 0, 2);
        }
        for (size_t bit = 0; bit < least(place.len, HEADERS) * 8; bit++) {
            frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
            refused += is_refused(row, frame, place.len);
            frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t cut = 0; cut < place.len; cut++)
            refused += is_refused(row, frame, cut);
        refused += is_refused(row, frame, place.len);
        if (refused != decisive_bits(frame) - row->tolerated + place.len)
            fail(row->what, "straight-line code refuses too much or too little");
    }
}

void glue_add(void)
{
    const struct set cold = make_cold(&tcp_ipv4, 60);

    for (const struct row *row = rows; row < rows + COUNT(rows); row++) {
        struct set set =
            row->kind ? make_warm(row->kind, row->len, row->content) : make_mixed(row->content);
        char bytes[24] = "60..1514";

        if (row->kind)
            (void)snprintf(bytes, sizeof bytes, "%zu", row->len);
        compare_contenders(row, &set);
        compare_straight(row, &set);
        for (size_t who = 0; who < COUNT(row->run); who++) {
            struct contender *contender;
            size_t calls = row->is_cold ? COLD : 64 * WARM;
            char name[128];

            if (!row->run[who])
                continue;
            contender = (struct contender *)room(sizeof *contender);
            *contender = (struct contender){row, row->is_cold ? cold : set, row->run[who]};
            (void)snprintf(name, sizeof name, "glue/%s/%s/%s", row->what, names[who], bytes);
            bench_add(name, prepare, run, contender, calls,
                      row->len ? row->len : (SHORTEST + LONGEST) / 2);
        }
    }
}
