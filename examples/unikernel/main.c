// SPDX-License-Identifier: MIT
/* The order in which things are switched on, the loop, and what is said at the end. */
#include "common.h"
#include "console.h"
#include "cpu.h"
#include "net.h"
#include "nic.h"

/* What the loader tells: xen/arch-x86/hvm/start_info.h. */
struct start_info {
    uint32_t magic, version, flags, modules;
    uint64_t modules_at, command_line_at;
};

/* From boot.S. */
__attribute__((noreturn)) void main(const struct start_info *start);

void main(const struct start_info *start)
{
    const char *options = (const char *)(uintptr_t)start->command_line_at;
    struct csumoff_rx rx;
    const uint8_t *frame;
    size_t len;

    cpu_start();
    /* Before anything is summed: vector instructions fault until the CPU is told to allow them. */
    csumoff_cpu_limit(0);
    check_kernels();
    if (!has_word(options, "scalar")) {
        cpu_enable_vectors();
        csumoff_cpu_limit(CSUMOFF_CPU_ALL);
        check_kernels();
    }

    net = (struct net){.ipv4 = {10, 0, 1, 9},
                       .ipv6 = {0x20, 0x01, 0x0D, 0xB8, 0, 1, [15] = 9},
                       .gateway = {10, 0, 1, 1}};
    nic.finishes = has_word(options, "finish");
    nic.spoils = has_word(options, "spoil");
    if (!nic_start())
        panic("no network card");
    net_start();
    while (!net.is_done) {
        while ((frame = nic_receive(&len, &rx)))
            net_input(frame, len, &rx);
        if (!net.is_done)
            cpu_wait();
    }
    print_counts();
    power_off();
}
