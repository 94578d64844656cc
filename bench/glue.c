// SPDX-License-Identifier: MIT
#include "glue.h"
#include "bench_shim.h"
#include "frames.h"
#include "glue_rows.h"
#include "glue_work.h"
#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const names[CONTENDERS + 1] = {"csumoff",  "burst",          "each",
                                                  "straight", "straight_ahead", "sum"};

static const struct glue_row rows[] = {
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
     {glue_inspect, glue_inspect_burst, glue_inspect_each, glue_inspect_straight}},
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
     {glue_inspect, glue_inspect_burst, NULL, glue_inspect_straight}},
};

struct contender {
    const struct glue_row *row;
    struct set set;
    glue_fn *run;
};

/* Chooses the kernel, sets the checksum fields of the frames, and brings the frames into the cache
 * or out of it. */
static void prepare(const void *context)
{
    const struct contender *c = (const struct contender *)context;

    if (csumoff_kernel_use(NULL))
        abort();
    set_hold(&c->set, c->row->content);
    if (c->row->is_cold)
        set_evict(&c->set);
    else
        (void)c->run(&c->set, c->set.mask + 1, false);
}

static void run(const void *context, size_t calls)
{
    const struct contender *c = (const struct contender *)context;
    uint64_t total = c->run(&c->set, calls, false);

    __asm__ volatile("" : : "r"(total));
}

void glue_add(void)
{
    const struct set cold = set_cold(&tcp_ipv4, 60);

    for (const struct glue_row *row = rows; row < rows + COUNT(rows); row++) {
        struct set set =
            row->kind ? set_warm(row->kind, row->len, row->content) : set_mixed(row->content);
        char bytes[24] = "60..1514";

        if (row->kind)
            (void)snprintf(bytes, sizeof bytes, "%zu", row->len);
        glue_compare_contenders(row, &set);
        glue_compare_straight(row, &set);
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
