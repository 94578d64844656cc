// SPDX-License-Identifier: MIT
#include "common.h"

#include "console.h"
#include "net.h"
#include "nic.h"

bool has_word(const char *line, const char *word)
{
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

void check_kernels(void)
{
    if (csumoff_selftest() != CSUMOFF_OK)
        panic("a kernel sums wrongly");
    print("kernel ");
    print(csumoff_kernel_active());
    print("\n");
}

void print_counts(void)
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
