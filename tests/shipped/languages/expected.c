// SPDX-License-Identifier: MIT
/* Prints what the example of every language has to print, for the packet in README.md: that page's
 * program is the file README_C, of which the packet alone is used here. */
#define main main_of_the_readme
#include README_C
#undef main

static uint8_t *const frame = packet;
static const size_t len = sizeof packet;

static void print_frame(const char *what)
{
    printf("%s ", what);
    for (size_t i = 0; i < len; i++)
        printf("%02x", frame[i]);
    puts("");
}

static void print_layout(const struct csumoff_layout *at)
{
    printf("layout %u %u %u %u %u %u %u %u %u %u %u %u\n", at->l3_start, at->l4_start,
           at->payload_start, at->end, at->l4_len, at->csum_start, at->csum_offset, at->pseudo,
           at->ip_version, at->l4_proto, at->vlan_tags, at->csum_kind);
}

static int print_report(void)
{
    struct csumoff_report report;
    int status = csumoff_inspect(frame, len, CSUMOFF_LINK_IP, &report);

    if (!status)
        printf("report %u %u %u %u %u %u\n", report.l3, report.l4, report.l3_found,
               report.l3_expected, report.l4_found, report.l4_expected);
    return status;
}

int main(void)
{
    struct csumoff_layout at;
    int status;

    printf("csumoff %u\n", csumoff_version());
    if (csumoff_seed(frame, len, CSUMOFF_LINK_IP, &at))
        return 1;
    print_frame("seeded");
    print_layout(&at);
    if (print_report() || csumoff_finish(frame, len, at.csum_start, at.csum_offset))
        return 1;
    print_frame("finished");
    if (print_report())
        return 1;
    printf("verify: %s\n", csumoff_strerror(csumoff_verify(frame, len, CSUMOFF_LINK_IP)));
    frame[len - 1] ^= 1;
    status = csumoff_verify(frame, len, CSUMOFF_LINK_IP);
    printf("damaged: %d, %s\n", status, csumoff_strerror(status));
    if (print_report())
        return 1;
    status = csumoff_seed(frame, 27, CSUMOFF_LINK_IP, &at);
    printf("cut short: %d, %s\n", status, csumoff_strerror(status));
    print_frame("untouched");
    printf("sum %04x, crc32c %08x\n", csumoff_fold(csumoff_partial(frame, len, 0)),
           csumoff_crc32c("123456789", 9, 0));
    return 0;
}
