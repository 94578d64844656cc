// SPDX-License-Identifier: MIT
#include "packets.h"
#include "bench_shim.h"
#include "packets_rows.h"
#include "straight.h"
#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- Frames -------------------------------------------------------------------------------- */

/* Returns frames with right checksums. Each begins at a cache line of its own. */
static struct packets make(const struct kind *kind, size_t len, size_t head)
{
    struct packets packets = {.stride = (len + 63) / 64 * 64, .len = len, .head = head};

    packets.frames = (uint8_t *)room(PACKETS * packets.stride);
    packets.layouts = (struct csumoff_layout *)room(PACKETS * sizeof *packets.layouts);
    for (size_t i = 0; i < PACKETS; i++) {
        uint8_t *frame = packets.frames + i * packets.stride;

        make_frame(frame, len, kind);
        if (csumoff_fill(frame, len, CSUMOFF_LINK_ETHERNET) ||
            csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, packets.layouts + i))
            fail("frames", "csumoff refuses one");
    }
    packets.mbufs = must(dpdk_mbufs(&packets));
    return packets;
}

/* ---- Work ---------------------------------------------------------------------------------- */

static uint64_t locate(const struct packets *packets, size_t calls)
{
    struct csumoff_layout layout;

    PACKETS_LOOP(packets, calls,
                 csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &layout) ? 0
                                                                            : layout.payload_start);
}

static uint64_t locate_straight(const struct packets *packets, size_t calls)
{
    struct csumoff_layout layout;

    PACKETS_LOOP(packets, calls, straight_locate(frame, len, &layout) ? 0 : layout.payload_start);
}

static uint64_t locate_head(const struct packets *packets, size_t calls)
{
    struct csumoff_layout layout;

    PACKETS_LOOP(packets, calls,
                 csumoff_locate_head(frame, packets->head, len, CSUMOFF_LINK_ETHERNET, &layout)
                     ? 0
                     : layout.payload_start);
}

static uint64_t right(const struct csumoff_report *report)
{
    return (uint64_t)(report->l3 == CSUMOFF_GOOD) + (uint64_t)(report->l4 == CSUMOFF_GOOD);
}

static uint64_t inspect(const struct packets *packets, size_t calls)
{
    struct csumoff_report report;

    PACKETS_LOOP(packets, calls,
                 csumoff_inspect(frame, len, CSUMOFF_LINK_ETHERNET, &report) ? 0 : right(&report));
}

static uint64_t inspect_straight(const struct packets *packets, size_t calls)
{
    struct csumoff_report report;

    PACKETS_LOOP(packets, calls, straight_inspect(frame, len, &report) ? 0 : right(&report));
}

static uint64_t seed(const struct packets *packets, size_t calls)
{
    struct csumoff_layout layout;

    PACKETS_LOOP(packets, calls,
                 (uint64_t)!csumoff_seed(frame, len, CSUMOFF_LINK_ETHERNET, &layout));
}

static uint64_t seed_straight(const struct packets *packets, size_t calls)
{
    struct csumoff_layout layout;

    PACKETS_LOOP(packets, calls, (uint64_t)!straight_seed(frame, len, &layout));
}

static uint64_t seed_at(const struct packets *packets, size_t calls)
{
    PACKETS_LOOP(packets, calls, (uint64_t)!csumoff_seed_at(frame, len, at));
}

static uint64_t seed_at_straight(const struct packets *packets, size_t calls)
{
    PACKETS_LOOP(packets, calls, (uint64_t)!straight_seed_at(frame, len, at));
}

static uint64_t fill(const struct packets *packets, size_t calls)
{
    PACKETS_LOOP(packets, calls, (uint64_t)!csumoff_fill(frame, len, CSUMOFF_LINK_ETHERNET));
}

static uint64_t fill_straight(const struct packets *packets, size_t calls)
{
    PACKETS_LOOP(packets, calls, (uint64_t)!straight_fill(frame, len));
}

static uint64_t rewrite(const struct packets *packets, size_t calls)
{
    uint32_t saddr;

    PACKETS_LOOP(
        packets, calls,
        (saddr = packets_address(i),
         (uint64_t)!csumoff_rewrite(frame, len, at, CSUMOFF_NONE, 26, &saddr, sizeof saddr)));
}

static uint64_t rewrite_straight(const struct packets *packets, size_t calls)
{
    uint32_t saddr;

    PACKETS_LOOP(packets, calls,
                 (saddr = packets_address(i), (uint64_t)!straight_rewrite(frame, len, at, &saddr)));
}

/* ---- Rows ---------------------------------------------------------------------------------- */

static const char *const names[CONTENDERS] = {"csumoff", "dpdk", "straight"};

static const struct packets_row rows[] = {
    {"locate_tcp_ipv4", &tcp_ipv4, 60, {locate, dpdk_locate, locate_straight}},
    {"locate_udp_ipv6", &udp_ipv6, 70, {locate, dpdk_locate}},
    {"locate_tcp_ipv4_vlan", &tcp_ipv4_vlan, 64, {locate, dpdk_locate}},
    {"locate_head", &tcp_ipv4, 1502, {locate_head, dpdk_locate, locate_straight}},
    {"inspect", &tcp_ipv4, 60, {inspect, dpdk_inspect, inspect_straight}},
    {"inspect", &tcp_ipv4, 1502, {inspect, dpdk_inspect, inspect_straight}},
    {"seed", &tcp_ipv4, 60, {seed, dpdk_seed, seed_straight}},
    {"seed_at", &tcp_ipv4, 60, {seed_at, NULL, seed_at_straight}},
    {"fill", &tcp_ipv4, 1502, {fill, dpdk_fill, fill_straight}},
    {"rewrite_saddr", &tcp_ipv4, 60, {rewrite, NULL, rewrite_straight}},
};

struct contender {
    struct packets packets;
    packets_fn *run;
};

/* Chooses the kernel, and brings the frames into the cache. */
static void prepare(const void *context)
{
    const struct contender *c = (const struct contender *)context;

    if (csumoff_kernel_use(NULL))
        abort();
    (void)c->run(&c->packets, PACKETS);
}

static void run(const void *context, size_t calls)
{
    const struct contender *c = (const struct contender *)context;
    uint64_t total = c->run(&c->packets, calls);

    __asm__ volatile("" : : "r"(total));
}

void packets_add(void)
{
    bool is_compared = false;

    for (const struct packets_row *row = rows; row < rows + COUNT(rows); row++) {
        /* locate_head gets as many bytes as a driver would copy. */
        struct packets packets = make(row->kind, row->len, row->len < 128 ? row->len : 128);

        packets_compare_contenders(row, &packets);
        if (row->kind == &tcp_ipv4 && row->len <= 64 && !is_compared) {
            packets_compare_straight(&packets);
            is_compared = true;
        }
        for (size_t who = 0; who < CONTENDERS; who++) {
            struct contender *contender;
            char name[128];

            if (!row->run[who])
                continue;
            contender = (struct contender *)room(sizeof *contender);
            *contender = (struct contender){packets, row->run[who]};
            (void)snprintf(name, sizeof name, "packets/%s/%s/%zu", row->what, names[who], row->len);
            bench_add(name, prepare, run, contender, (row->len > 256 ? 16 : 64) * PACKETS,
                      row->len);
        }
    }
}
