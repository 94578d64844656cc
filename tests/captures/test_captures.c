// SPDX-License-Identifier: MIT
/*
 * Frames that the Linux kernel emitted, against what it said about each: every *.pcap of the
 * directory given, with its *.csv beside it (data/README.md). The library has to find the kernel's
 * checksum, to finish it, and to make the kernel's own seed again.
 */
#include <csumoff.h>
#include <glob.h>
#include <pcap/pcap.h>
#include <string.h>

#include "../oracle/reference.h"
#include "../oracle/suite.h"

enum {
    NEEDS_CSUM = 1,
    UDP_HEADER = 8,
    VXLAN_HEADER = 8
};

struct row {
    unsigned frame, flags, gso_type, hdr_len, gso_size;
    size_t csum_start, csum_offset;
    char kind[64], origin[32];
    uint8_t *bytes;
    size_t len;
};

static struct row *rows;
static size_t row_count;
static glob_t captures;

enum {
    FRAME_MAX = 1 << 18
};
static uint8_t work[FRAME_MAX]; /* the frame at hand, to be changed */

/* ---- Reading ------------------------------------------------------------------------------ */

static void read_table(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[256];

    ck_assert_msg(file != NULL, "no %s", path);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    ck_assert_str_eq(line,
                     "frame,kind,origin,flags,gso_type,hdr_len,gso_size,csum_start,csum_offset\n");
    while (fgets(line, sizeof line, file)) {
        struct row *more = realloc(rows, (row_count + 1) * sizeof *rows), *row;

        ck_assert_ptr_nonnull(more);
        rows = more;
        row = &rows[row_count++];
        memset(row, 0, sizeof *row);
        if (sscanf(line, "%u,%63[^,],%31[^,],%u,%u,%u,%u,%zu,%zu", &row->frame, row->kind,
                   row->origin, &row->flags, &row->gso_type, &row->hdr_len, &row->gso_size,
                   &row->csum_start, &row->csum_offset) != 9)
            ck_abort_msg("%s: %s", path, line);
        CHECK_EQ(row->frame, row_count);
    }
    fclose(file);
}

static void read_frames(const char *path)
{
    char error[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline(path, error);
    struct pcap_pkthdr *header;
    const u_char *bytes;
    size_t i;

    ck_assert_msg(pcap != NULL, "%s: %s", path, error);
    CHECK_EQ(pcap_datalink(pcap), DLT_EN10MB);
    for (i = 0; pcap_next_ex(pcap, &header, &bytes) == 1; i++) {
        ck_assert_msg(i < row_count, "%s: more frames than rows", path);
        CHECK_EQ(header->caplen, header->len);
        rows[i].len = header->caplen;
        rows[i].bytes = malloc(header->caplen);
        ck_assert_ptr_nonnull(rows[i].bytes);
        memcpy(rows[i].bytes, bytes, header->caplen);
    }
    ck_assert_msg(i == row_count && i > 0, "%s: %zu frames, %zu rows", path, i, row_count);
    pcap_close(pcap);
}

static void read_capture(int topic)
{
    char table[4096];
    const char *path = captures.gl_pathv[topic];

    while (row_count > 0)
        free(rows[--row_count].bytes);
    snprintf(table, sizeof table, "%.*scsv", (int)(strlen(path) - 4), path);
    read_table(table);
    read_frames(path);
}

/* ---- What is known about a row -------------------------------------------------------------- */

static bool seeded(const struct row *row)
{
    return row->flags & NEEDS_CSUM;
}

/* The kernel seeds UDP over IPv4 for the next hop of a source route, not for its end. */
static bool next_hop(const struct row *row)
{
    return strstr(row->kind, "lsrr") && (strstr(row->kind, "udp4") || strstr(row->kind, "uso4"));
}

/* UDP over IPv6 without a checksum, where a socket asked for it; that of tunnels is legal (RFC
 * 6935). */
static bool zero_over_ipv6(const struct row *row)
{
    return strstr(row->kind, "udp6-nocheck");
}

/* Locates the outermost packet. */
static struct csumoff_layout locate(const struct row *row)
{
    struct csumoff_layout layout;
    int status = csumoff_locate(row->bytes, row->len, CSUMOFF_LINK_ETHERNET, &layout);

    if (status != CSUMOFF_OK)
        ck_abort_msg("frame %u, %s: locate: %s", row->frame, row->kind, csumoff_strerror(status));
    return layout;
}

/* Whether the seed is that of a packet inside a tunnel. */
static bool nested(const struct row *row)
{
    return strncmp(row->kind, "vxlan", 5) == 0 && seeded(row) &&
           locate(row).csum_start != row->csum_start;
}

static struct csumoff_report verify(const struct row *row, const uint8_t *frame, size_t len)
{
    struct csumoff_report report;
    int status = csumoff_inspect(frame, len, CSUMOFF_LINK_ETHERNET, &report);

    if (status != CSUMOFF_OK)
        ck_abort_msg("frame %u, %s: verify: %s", row->frame, row->kind, csumoff_strerror(status));
    if (report.l3 == CSUMOFF_BAD)
        ck_abort_msg("frame %u, %s: IPv4 header checksum 0x%04X, not 0x%04X", row->frame, row->kind,
                     wire16(report.l3_found), wire16(report.l3_expected));
    return report;
}

static void check_l4(const struct row *row, const struct csumoff_report *report,
                     enum csumoff_verdict want)
{
    if (report->l4 != want)
        ck_abort_msg("frame %u, %s: verdict %d, not %d: found 0x%04X, expected 0x%04X", row->frame,
                     row->kind, (int)report->l4, (int)want, wire16((uint16_t)report->l4_found),
                     wire16((uint16_t)report->l4_expected));
}

/* The frame in `work`, finished where the kernel says. */
static void finish(const struct row *row)
{
    ck_assert_uint_le(row->len, FRAME_MAX);
    memcpy(work, row->bytes, row->len);
    CHECK_EQ(csumoff_finish(work, row->len, row->csum_start, row->csum_offset), CSUMOFF_OK);
}

static void check_bytes(const struct row *row, const char *what, const uint8_t *want)
{
    size_t i;

    for (i = 0; i < row->len; i++)
        if (work[i] != want[i])
            ck_abort_msg("frame %u, %s: %s: byte %zu is 0x%02X, not 0x%02X", row->frame, row->kind,
                         what, i, work[i], want[i]);
}

/* ---- Tests, each on the capture of its number ------------------------------------------------ */

static void kernels_checksum_is_found(int topic)
{
    size_t i;

    read_capture(topic);
    for (i = 0; i < row_count; i++) {
        struct csumoff_layout layout;

        if (!seeded(&rows[i]) || nested(&rows[i]))
            continue;
        layout = locate(&rows[i]);
        if (layout.csum_start != rows[i].csum_start || layout.csum_offset != rows[i].csum_offset)
            ck_abort_msg("frame %u, %s: located at %u + %u, the kernel says %zu + %zu",
                         rows[i].frame, rows[i].kind, layout.csum_start, layout.csum_offset,
                         rows[i].csum_start, rows[i].csum_offset);
        ck_assert_uint_le(layout.end, rows[i].len);
    }
}

static void seeded_frames_are_seeded(int topic)
{
    size_t i;

    read_capture(topic);
    for (i = 0; i < row_count; i++) {
        struct csumoff_report report;

        if (!seeded(&rows[i]) || nested(&rows[i]))
            continue;
        report = verify(&rows[i], rows[i].bytes, rows[i].len);
        /* One seed in 65536 is the complete checksum, too. */
        check_l4(&rows[i], &report,
                 report.l4 == CSUMOFF_GOOD && report.l4_found == report.l4_expected
                     ? CSUMOFF_GOOD
                     : CSUMOFF_SEEDED);
    }
}

static void finished_frames_are_good(int topic)
{
    size_t i;

    read_capture(topic);
    for (i = 0; i < row_count; i++) {
        const struct row *row = &rows[i];
        struct csumoff_report report;
        uint16_t sum, field;

        if (!seeded(row) || nested(row))
            continue;
        finish(row);
        report = verify(row, work, row->len);
        check_l4(row, &report, CSUMOFF_GOOD);
        sum = ref_checksum(ref_sum(row->bytes + row->csum_start, row->len - row->csum_start));
        field = load_wire16(work + row->csum_start + row->csum_offset);
        CHECK_EQ(field, sum ? sum : 0xFFFF);
        /* Filling the kernel's frame gives the same, but for the source routes it sees otherwise.
         */
        memcpy(work, row->bytes, row->len);
        CHECK_EQ(csumoff_fill(work, row->len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
        if (!next_hop(row))
            CHECK_EQ(load_wire16(work + row->csum_start + row->csum_offset) % 0xFFFF,
                     field % 0xFFFF);
    }
}

static void seeding_gives_the_kernels_bytes(int topic)
{
    size_t i;

    read_capture(topic);
    for (i = 0; i < row_count; i++) {
        const struct row *row = &rows[i];
        struct csumoff_layout layout;

        if (!seeded(row) || nested(row))
            continue;
        finish(row);
        CHECK_EQ(csumoff_seed(work, row->len, CSUMOFF_LINK_ETHERNET, &layout), CSUMOFF_OK);
        CHECK_EQ(layout.csum_start, row->csum_start);
        CHECK_EQ(layout.csum_offset, row->csum_offset);
        if (next_hop(row))
            memcpy(work + row->csum_start + row->csum_offset,
                   row->bytes + row->csum_start + row->csum_offset, 2);
        check_bytes(row, "seeded again", row->bytes);
    }
}

/* What the kernel left complete is GOOD, or nobody's to judge; filling it changes nothing. */
static void other_frames_are_complete(int topic)
{
    size_t i;

    read_capture(topic);
    for (i = 0; i < row_count; i++) {
        const struct row *row = &rows[i];
        struct csumoff_report report;

        if (seeded(row))
            continue;
        report = verify(row, row->bytes, row->len);
        if (zero_over_ipv6(row) && report.l4_found == 0) {
            check_l4(row, &report, CSUMOFF_BAD);
            continue;
        }
        if (report.l4 != CSUMOFF_ABSENT && report.l4 != CSUMOFF_UNCHECKED)
            check_l4(row, &report, CSUMOFF_GOOD);
        if (report.l4 == CSUMOFF_ABSENT) {
            CHECK_EQ(report.l4_found, 0);
            continue;
        }
        memcpy(work, row->bytes, row->len);
        CHECK_EQ(csumoff_fill(work, row->len, CSUMOFF_LINK_ETHERNET) == CSUMOFF_OK,
                 report.l4 == CSUMOFF_GOOD);
        check_bytes(row, "filled", row->bytes);
    }
}

/*
 * The inner packet is seeded. Where the outer datagram has a checksum the kernel has computed it by
 * local checksum offload already: csumoff_outer() must give the same. Finished, both are good.
 */
static void tunnels_as_the_kernel_made_them(int topic)
{
    size_t i;

    read_capture(topic);
    for (i = 0; i < row_count; i++) {
        const struct row *row = &rows[i];
        struct csumoff_layout outer;
        struct csumoff_report report;
        bool has_outer;
        size_t inner;

        if (!nested(row))
            continue;
        outer = locate(row);
        CHECK_EQ(outer.l4_proto, 17);
        has_outer = load_wire16(row->bytes + outer.csum_start + 6) != 0;
        CHECK_EQ(has_outer, strstr(row->kind, "udpcsum") != NULL);
        if (has_outer) {
            memcpy(work, row->bytes, row->len);
            store_wire16(work + outer.csum_start + 6, 0x5A5A); /* whatever stood there */
            CHECK_EQ(csumoff_outer(work, row->len, &outer, row->csum_start, row->csum_offset),
                     CSUMOFF_OK);
            check_bytes(row, "outer checksum", row->bytes);
        }
        finish(row);
        report = verify(row, work, row->len);
        check_l4(row, &report, has_outer ? CSUMOFF_GOOD : CSUMOFF_ABSENT);
        inner = outer.l4_start + UDP_HEADER + VXLAN_HEADER;
        report = verify(row, work + inner, outer.l4_start + outer.l4_len - inner);
        check_l4(row, &report, CSUMOFF_GOOD);
        report = verify(row, row->bytes + inner, outer.l4_start + outer.l4_len - inner);
        if (report.l4 != CSUMOFF_GOOD)
            check_l4(row, &report, CSUMOFF_SEEDED);
    }
}

/* Every capture must have been something to test. */
START_TEST(captures_hold_both_kinds)
{
    size_t topic, i, with = 0, without = 0;

    for (topic = 0; topic < captures.gl_pathc; topic++) {
        read_capture((int)topic);
        for (i = 0; i < row_count; i++) {
            with += seeded(&rows[i]);
            without += !seeded(&rows[i]);
        }
    }
    ck_assert_uint_gt(with, 100);
    ck_assert_uint_gt(without, 20);
}
END_TEST

#define TEST(function)                                                                             \
    {                                                                                              \
#function, function, __FILE__, __LINE__                                                    \
    }

int main(int argc, char **argv)
{
    static const TTest tests[] = {
        TEST(kernels_checksum_is_found), TEST(seeded_frames_are_seeded),
        TEST(finished_frames_are_good),  TEST(seeding_gives_the_kernels_bytes),
        TEST(other_frames_are_complete), TEST(tunnels_as_the_kernel_made_them),
    };
    const TTest *const whole[] = {captures_hold_both_kinds, NULL};
    Suite *suite = suite_create("captures");
    char pattern[4096];
    size_t topic, i;

    if (argc != 2) {
        fprintf(stderr, "usage: test_captures DIRECTORY\n");
        return EXIT_FAILURE;
    }
    snprintf(pattern, sizeof pattern, "%s/*.pcap", argv[1]);
    if (glob(pattern, 0, NULL, &captures) != 0) {
        fprintf(stderr, "no captures in %s\n", argv[1]);
        return EXIT_FAILURE;
    }
    for (topic = 0; topic < captures.gl_pathc && topic < 64; topic++) {
        static char names[64][64]; /* Check keeps the pointers */
        const char *base = strrchr(captures.gl_pathv[topic], '/') + 1;
        TCase *group;

        snprintf(names[topic], sizeof names[topic], "%.*s", (int)(strlen(base) - 5), base);
        group = suite_group(suite, names[topic]);
        for (i = 0; i < sizeof tests / sizeof *tests; i++)
            tcase_add_loop_test(group, &tests[i], (int)topic, (int)topic + 1);
    }
    suite_add(suite, "whole", whole);
    i = (size_t)suite_run(suite);
    globfree(&captures);
    return (int)i;
}
