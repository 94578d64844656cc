// SPDX-License-Identifier: MIT
/* The order in which things are switched on, the loop, and what is said at the end. */
#include "card.h"
#include "common.h"
#include "console.h"
#include "cpu.h"
#include "net.h"
#include "services.h"
#include "xen.h"

/* From boot_pv.S, or ../unikernel/boot.S. */
__attribute__((noreturn)) void main(const void *start);

/* The last byte of the addresses is that of the MAC, so that several guests differ. */
static void take_addresses(void)
{
    const uint8_t host = nic.mac[5];

    net = (struct net){.ipv4 = {10, 0, 0, host},
                       .ipv6 = {0xFD, [15] = host},
                       .gateway = {10, 0, 0, 1},
                       .other = services_input};
}

static void take_in(const uint8_t *frame, size_t len, const struct csumoff_rx *rx)
{
    if (!services_route(frame, len, rx))
        net_input(frame, len, rx);
}

void main(const void *start)
{
    struct csumoff_rx rx;
    const uint8_t *frame;
    size_t len;
    unsigned ms;

    /* Before anything is summed: in a PVH domain vector instructions fault until CR4 allows them.
     */
    csumoff_cpu_limit(0);
    xen_start(start);
    check_kernels();
    if (!has_word(xen.command_line, "scalar")) {
        cpu_enable_vectors();
        csumoff_cpu_limit(CSUMOFF_CPU_ALL);
        check_kernels();
    }
    nic.finishes = has_word(xen.command_line, "finish");
    nic.spoils = has_word(xen.command_line, "spoil");
    if (!nic_start())
        panic("no network card");
    take_addresses();
    net_start();
    while (!net.is_done) {
        while ((frame = nic_receive(&len, &rx)))
            take_in(frame, len, &rx);
        ms = services_work();
        if (!net.is_done)
            nic_wait((int)ms);
    }
    print_counts();
    power_off();
}
