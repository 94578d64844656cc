// SPDX-License-Identifier: MIT
/* The order in which things are switched on, the loop, and what is said at the end. */
#include "console.h"
#include "cpu.h"
#include "net.h"
#include "nic.h"

/* What the loader tells: xen/arch-x86/hvm/start_info.h. */
struct start_info {
    uint32_t magic, version, flags, modules;
    uint64_t modules_at, command_line_at;
};

/* Whether the word stands in the command line (QEMU's -append). */
static bool option(const struct start_info *start, const char *word)
{
    const char *line = (const char *)(uintptr_t)start->command_line_at;

    while (line && *line) {
        const char *w = word;

        while (*w && *line == *w)
            line++, w++;
        if (!*w && (!*line || *line == ' '))
            return true;
        while (*line && *line != ' ')
            line++;
        while (*line == ' ')
            line++;
    }
    return false;
}

static void check_kernels(void)
{
    if (csumoff_selftest() != CSUMOFF_OK)
        panic("a kernel sums wrongly");
    print("kernel ");
    print(csumoff_kernel_active());
    print("\n");
}

static void print_counts(void)
{
    print_count("udp_trusted", net.counts.udp_trusted);
    print_count("udp_finished", net.counts.udp_finished);
    print_count("udp_valid", net.counts.udp_valid);
    print_count("udp_checked", net.counts.udp_checked);
    print_count("bad", net.counts.bad);
    print_count("merged", nic.counts.merged);
    print_count("refused", nic.counts.refused);
    print_count("sent_seeded", nic.counts.sent_seeded);
    print_count("sent_gso", nic.counts.sent_gso);
    print_count("sent_complete", nic.counts.sent_complete);
    print_count("cut", nic.counts.cut);
}

/* From boot.S. */
__attribute__((noreturn)) void main(const struct start_info *start);

void main(const struct start_info *start)
{
    struct csumoff_rx rx;
    const uint8_t *frame;
    size_t len;

    cpu_start();
    /* Before anything is summed: vector instructions fault until the CPU is told to allow them. */
    csumoff_cpu_limit(0);
    check_kernels();
    if (!option(start, "scalar")) {
        cpu_enable_vectors();
        csumoff_cpu_limit(CSUMOFF_CPU_ALL);
        check_kernels();
    }

    net = (struct net){.ipv4 = {10, 0, 1, 9},
                       .ipv6 = {0x20, 0x01, 0x0D, 0xB8, 0, 1, [15] = 9},
                       .gateway = {10, 0, 1, 1}};
    nic.finishes = option(start, "finish");
    nic.spoils = option(start, "spoil");
    nic.policy.data_valid = !nic.finishes;
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
