// SPDX-License-Identifier: MIT
/* Whole operations on headers and packets that lie in cache. Names are op/WHAT/WHO/BYTES. */
#include "work.h"
#include "csumoff.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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

/* Returns a frame with a TCP packet over IPv4, with random payload. */
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

void operations_add(void)
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
        const struct place_set places = fixed_place(ops[i].bytes, 0);
        uint8_t *dst = ops[i].bytes == 1514 ? tcp_frame(1514) : target;
        const struct work work = {source, dst, places.place, places.mask};
        char name[128];

        (void)snprintf(name, sizeof name, "op/%s/%s/%zu", ops[i].what, ops[i].who, ops[i].bytes);
        work_add_named(name, &work, ops[i].run, 50000, ops[i].bytes);
    }
}
