// SPDX-License-Identifier: MIT
/*
 * Every usable kernel and every peer over packet sizes and places. Names are
 * WHAT/WHO/BYTES/WHERE: sum, copy, crc32c or op; kernel or peer; where: offset0, offset14 (one
 * address, in cache), moving (a new address each call, in cache), cold (memory that was long
 * unused).
 */
#include "../tests/oracle/allowed.h"
#include "bench_shim.h"
#include "frames.h"
#include "glue.h"
#include "packets.h"
#include "peers.h"
#include "csumoff.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
    MIB = 1 << 20,
    LARGEST = 32 * MIB,
    COLD = 256 * MIB,
    /* More than a branch predictor learns: it remembers the lengths of some thousand packets. */
    HOT_PLACES = 65536
};

static const size_t sizes[] = {20,   40,   64,    128,   200, 256,     552,    1460,
                               4096, 8960, 16384, 65536, MIB, 4 * MIB, LARGEST};

static uint8_t *source, *target;

/* ---- Who ----------------------------------------------------------------------------------- */

struct context {
    struct work work;
    const char *kernel; /* NULL: a peer, or whichever is best */
    peer_fn *run;
};

static void prepare(const void *context)
{
    if (csumoff_kernel_use(((const struct context *)context)->kernel))
        abort();
}

static void run(const void *context, size_t calls)
{
    const struct context *c = (const struct context *)context;

    c->run(&c->work, calls);
}

static void sum(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, csumoff_partial(data, len, 0));
}

static void copy(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, csumoff_partial_copy(dst, data, len, 0));
}

/* What a copy-and-sum has to beat. */
static void copy_then_sum(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, (memcpy(dst, data, len), csumoff_partial(dst, len, 0)));
}

static const struct peer {
    const char *name;
    peer_fn *sum, *copy;
    size_t most;    /* bytes: its limit, or where it gets too slow to wait for */
    uint32_t needs; /* CSUMOFF_CPU_*, where it is built for more than this CPU may have */
} peers[] = {
    {"read_64", peer_read_64, NULL, SIZE_MAX, 0},
    {"read_128", peer_read_128, NULL, SIZE_MAX, 0},
#if defined(__x86_64__)
    {"read_256", peer_read_256, NULL, SIZE_MAX, CSUMOFF_CPU_AVX2},
    {"read_256_4k", peer_read_256_4k, NULL, SIZE_MAX, CSUMOFF_CPU_AVX2},
    {"read_256_16k", peer_read_256_16k, NULL, SIZE_MAX, CSUMOFF_CPU_AVX2},
    {"read_512", peer_read_512, NULL, SIZE_MAX, CSUMOFF_CPU_AVX512},
    {"read_512_4k", peer_read_512_4k, NULL, SIZE_MAX, CSUMOFF_CPU_AVX512},
    {"read_512_16k", peer_read_512_16k, NULL, SIZE_MAX, CSUMOFF_CPU_AVX512},
#endif
    {"memcpy", NULL, peer_memcpy, SIZE_MAX, 0},
    {"memcpy_then_sum", NULL, copy_then_sum, SIZE_MAX, 0},
    {"fused_loop", NULL, peer_fused, SIZE_MAX, 0},
    {"dpdk_native", peer_dpdk_native, NULL, SIZE_MAX, 0},
#if defined(__x86_64__)
    {"dpdk_avx2", peer_dpdk_avx2, NULL, SIZE_MAX, CSUMOFF_CPU_AVX2},
    {"dpdk_debian", peer_dpdk_debian, NULL, SIZE_MAX, 0},
#endif
    {"adc_loop", peer_adc, NULL, SIZE_MAX, 0},
    {"lwip", peer_lwip, peer_lwip_copy, 65535, 0},
    {"reference", peer_reference, NULL, MIB, 0},
};

/* ---- Where --------------------------------------------------------------------------------- */

struct place_set {
    struct place *place;
    size_t mask;
};

static struct place_set fixed(size_t len, uint32_t offset)
{
    struct place *place = (struct place *)must(malloc(sizeof *place));

    *place = (struct place){offset, (uint32_t)len};
    return (struct place_set){place, 0};
}

/* Anywhere in what the second-level cache holds; packets begin at even addresses. */
static struct place_set moving(size_t least, size_t most)
{
    struct place *place = (struct place *)must(malloc(HOT_PLACES * sizeof *place));

    for (size_t i = 0; i < HOT_PLACES; i++) {
        uint32_t len = (uint32_t)least + random_below((uint32_t)(most - least + 1));

        place[i] = (struct place){random_below(16384) * 2, len};
    }
    return (struct place_set){place, HOT_PLACES - 1};
}

/* Each place once in a random order, far more of them than any cache holds. */
static struct place_set cold(size_t len)
{
    size_t stride = (len + 4096 + 64) / 64 * 64, places = 1;
    struct place *place;

    while (places * 2 * stride <= COLD)
        places *= 2;
    place = (struct place *)must(malloc(places * sizeof *place));
    for (size_t i = 0; i < places; i++)
        place[i] = (struct place){(uint32_t)(i * stride) + 14, (uint32_t)len};
    for (size_t i = places - 1; i > 0; i--) {
        size_t j = random_below((uint32_t)i + 1);
        struct place swapped = place[i];

        place[i] = place[j];
        place[j] = swapped;
    }
    return (struct place_set){place, places - 1};
}

/* ---- What ---------------------------------------------------------------------------------- */

static void add(const char *what, const char *who, const char *bytes, const char *where,
                const char *kernel, peer_fn *fn, struct place_set places, size_t mean)
{
    struct context *context = (struct context *)must(malloc(sizeof *context));
    /* About a third of a millisecond at 50 GB/s, and two calls at least. */
    size_t calls = 64 * MIB / (mean + 160) + 2;
    char name[128];

    *context = (struct context){{source, target, places.place, places.mask}, kernel, fn};
    (void)snprintf(name, sizeof name, "%s/%s/%s/%s", what, who, bytes, where);
    bench_add(name, prepare, run, context, calls, mean);
}

static void add_everyone(const char *bytes, const char *where, struct place_set places, size_t mean,
                         size_t most)
{
    for (size_t i = 0; i < csumoff_kernel_count(); i++) {
        const char *kernel = csumoff_kernel_name(i);

        if (!csumoff_kernel_usable(i))
            continue;
        add("sum", kernel, bytes, where, kernel, sum, places, mean);
        add("copy", kernel, bytes, where, kernel, copy, places, mean);
    }
    for (const struct peer *peer = peers; peer < peers + COUNT(peers); peer++) {
        if (most > peer->most || peer->needs & ~cpu_has())
            continue;
        if (peer->sum)
            add("sum", peer->name, bytes, where, NULL, peer->sum, places, mean);
        if (peer->copy)
            add("copy", peer->name, bytes, where, NULL, peer->copy, places, mean);
    }
}

/* ---- Whole operations ---------------------------------------------------------------------- */

static void ipv4_header(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, csumoff_ipv4_header(data, len));
}

static void seed_ipv4(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, csumoff_seed_ipv4(data + 12, data + 16, 6, (uint32_t)len));
}

static void seed_ipv6(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, csumoff_seed_ipv6(data + 8, data + 24, 6, (uint32_t)len));
}

static void adjust16(const struct work *work, size_t calls)
{
    csumoff_sum16 check = 0x1234;

    PEER_LOOP(work, calls, (csumoff_adjust16(&check, (uint16_t)len, (uint16_t)(len * 3)), check));
}

static void adjust32(const struct work *work, size_t calls)
{
    csumoff_sum16 check = 0x1234;

    PEER_LOOP(work, calls, (csumoff_adjust32(&check, (uint32_t)len, (uint32_t)len * 77), check));
}

/* A TCP packet over Ethernet and IPv4, of whatever else the buffer holds. */
static uint8_t *tcp_frame(size_t len)
{
    uint8_t *frame = (uint8_t *)must(malloc(len));

    memcpy(frame, source, len);
    frame[12] = 0x08;
    frame[13] = 0x00;
    memcpy(frame + 14, "\x45\x00\x00\x00\x00\x00\x00\x00\x40\x06", 10);
    frame[16] = (uint8_t)((len - 14) >> 8);
    frame[17] = (uint8_t)(len - 14);
    if (csumoff_fill(frame, len, CSUMOFF_LINK_ETHERNET))
        abort();
    return frame;
}

static void finish(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, (uint64_t)csumoff_finish(dst, len, 34, 16));
}

static void inspect(const struct work *work, size_t calls)
{
    struct csumoff_report report;

    PEER_LOOP(work, calls,
              (uint64_t)csumoff_inspect(dst, len, CSUMOFF_LINK_ETHERNET, &report) + report.l4);
}

static void verify(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, (uint64_t)csumoff_verify(dst, len, CSUMOFF_LINK_ETHERNET));
}

static void add_operations(void)
{
    static const struct {
        const char *what, *who;
        peer_fn *run;
        size_t bytes;
    } ops[] = {
        {"ipv4_header", "csumoff", ipv4_header, 20},
        {"ipv4_header", "dpdk_native", peer_dpdk_ipv4, 20},
        {"seed_ipv4", "csumoff", seed_ipv4, 12},
        {"seed_ipv6", "csumoff", seed_ipv6, 40},
        {"adjust16", "csumoff", adjust16, 2},
        {"adjust32", "csumoff", adjust32, 4},
        {"finish", "csumoff", finish, 1514},
        {"inspect", "csumoff", inspect, 1514},
        {"verify", "csumoff", verify, 1514},
    };

    memset(source, 0x45, 1); /* rte_ipv4_cksum() looks at the IHL */
    for (size_t i = 0; i < COUNT(ops); i++) {
        struct context *context = (struct context *)must(malloc(sizeof *context));
        struct place_set places = fixed(ops[i].bytes, 0);
        uint8_t *dst = ops[i].bytes == 1514 ? tcp_frame(1514) : target;
        char name[128];

        *context = (struct context){{source, dst, places.place, places.mask}, NULL, ops[i].run};
        (void)snprintf(name, sizeof name, "op/%s/%s/%zu", ops[i].what, ops[i].who, ops[i].bytes);
        bench_add(name, prepare, run, context, 50000, ops[i].bytes);
    }
}

/* ---- CRC32c -------------------------------------------------------------------------------- */

/* Each kernel, by the limit that it is the best one for. Each CRC continues the one before, and so
 * waits for it. */
static void crc32c(const struct work *work, size_t calls)
{
    uint32_t crc = 0;

    PEER_LOOP(work, calls, crc = csumoff_crc32c(data, len, crc));
}

static void crc32c_vpclmul(const struct work *work, size_t calls)
{
    csumoff_cpu_limit(CSUMOFF_CPU_SSE42 | CSUMOFF_CPU_AVX2 | CSUMOFF_CPU_VPCLMUL);
    crc32c(work, calls);
    csumoff_cpu_limit(CSUMOFF_CPU_ALL);
}

static void crc32c_sse42(const struct work *work, size_t calls)
{
    csumoff_cpu_limit(CSUMOFF_CPU_SSE42);
    crc32c(work, calls);
    csumoff_cpu_limit(CSUMOFF_CPU_ALL);
}

static void crc32c_armcrc(const struct work *work, size_t calls)
{
    csumoff_cpu_limit(CSUMOFF_CPU_ARM_CRC);
    crc32c(work, calls);
    csumoff_cpu_limit(CSUMOFF_CPU_ALL);
}

static void crc32c_tables(const struct work *work, size_t calls)
{
    csumoff_cpu_limit(0);
    crc32c(work, calls);
    csumoff_cpu_limit(CSUMOFF_CPU_ALL);
}

static void add_crc32c(void)
{
    static const struct {
        const char *name;
        uint32_t needs;
        peer_fn *run;
    } kernels[] = {
        {"vpclmul", CSUMOFF_CPU_SSE42 | CSUMOFF_CPU_AVX2 | CSUMOFF_CPU_VPCLMUL, crc32c_vpclmul},
        {"sse42", CSUMOFF_CPU_SSE42, crc32c_sse42},
        {"armcrc", CSUMOFF_CPU_ARM_CRC, crc32c_armcrc},
        {"tables", 0, crc32c_tables},
    };
    static const size_t lengths[] = {64, 1460, 16384, 65536};

    for (size_t i = 0; i < COUNT(kernels); i++)
        for (size_t j = 0; j < COUNT(lengths) && !(kernels[i].needs & ~cpu_has()); j++) {
            char bytes[24];

            (void)snprintf(bytes, sizeof bytes, "%zu", lengths[j]);
            add("crc32c", kernels[i].name, bytes, "offset14", NULL, kernels[i].run,
                fixed(lengths[j], 14), lengths[j]);
        }
}

int main(int argc, char **argv)
{
    source = (uint8_t *)room(COLD);
    target = (uint8_t *)room(COLD);
    for (size_t i = 0; i < COLD; i += 4) {
        uint32_t word = random_below(UINT32_MAX);

        memcpy(source + i, &word, sizeof word);
    }
    memset(target, 0, COLD);

    for (size_t i = 0; i < COUNT(sizes); i++) {
        size_t n = sizes[i];
        char bytes[24];

        (void)snprintf(bytes, sizeof bytes, "%zu", n);
        add_everyone(bytes, "offset0", fixed(n, 0), n, n);
        add_everyone(bytes, "offset14", fixed(n, 14), n, n);
        if (n <= 65536) {
            add_everyone(bytes, "moving", moving(n, n), n, n);
            add_everyone(bytes, "cold", cold(n), n, n);
        }
    }
    add_everyone("20..64", "moving", moving(20, 64), 42, 64);
    add_everyone("40..1500", "moving", moving(40, 1500), 770, 1500);
    add_operations();
    add_crc32c();
    packets_add();
    glue_add();
    bench_note("compiler", BENCH_COMPILER);
    bench_note("flags_csumoff", BENCH_FLAGS);
    bench_note("flags_peers", BENCH_PEER_FLAGS);
    return bench_run(argc, argv);
}
