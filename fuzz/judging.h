// SPDX-License-Identifier: MIT
/* Checks of the verdicts on the frame under test. */
#ifndef CSUMOFF_FUZZ_JUDGING_H
#define CSUMOFF_FUZZ_JUDGING_H

#include "../tests/oracle/packets.h"
#include "frame.h"

static inline void check_l3(const struct csumoff_report *report, const struct csumoff_layout *at)
{
    const uint8_t *l3 = original + at->l3_start;
    uint16_t check, found;

    if (at->ip_version == 6) {
        MUST(report->l3 == CSUMOFF_ABSENT && !report->l3_found && !report->l3_expected);
        return;
    }
    check = ref_ipv4_header(l3, (size_t)(l3[0] & 15) * 4);
    found = load_wire16(l3 + 10);
    MUST(wire16(report->l3_expected) == check && wire16(report->l3_found) == found);
    if (found % 0xFFFF == check % 0xFFFF)
        MUST(report->l3 == CSUMOFF_GOOD);
    else
        MUST(report->l3 == (found ? CSUMOFF_BAD : CSUMOFF_BLANK));
}

static inline void check_l4(const struct csumoff_report *report, const struct csumoff_layout *at)
{
    const uint8_t *l4 = original + at->l4_start;
    uint32_t found = 0;
    uint16_t check;

    if (at->csum_kind == CSUMOFF_CRC32C) {
        memcpy(&found, l4 + at->csum_offset, 4);
        MUST(report->l4_found == found);
        MUST(report->l4 == (report->l4_expected == found ? CSUMOFF_GOOD : CSUMOFF_BAD));
        return;
    }
    found = load_wire16(l4 + at->csum_offset);
    MUST(wire16((uint16_t)report->l4_found) == found && report->l4_found <= 0xFFFF);
    MUST(report->l4 != CSUMOFF_UNCHECKED && report->l4 != CSUMOFF_BLANK);
    if (at->l4_proto == UDP && found == 0)
        MUST(report->l4 == (at->ip_version == 4 || is_tunnel_port(load_wire16(l4 + 2))
                                ? CSUMOFF_ABSENT
                                : CSUMOFF_BAD));
    else
        MUST(report->l4 != CSUMOFF_ABSENT);
    if (oracle(at, &check)) {
        MUST(wire16((uint16_t)report->l4_expected) == check);
        if (found)
            MUST((report->l4 == CSUMOFF_GOOD) == (found % 0xFFFF == check % 0xFFFF));
    }
}

static inline bool is_fine(enum csumoff_verdict verdict)
{
    return verdict == CSUMOFF_GOOD || verdict == CSUMOFF_ABSENT || verdict == CSUMOFF_UNCHECKED;
}

static inline void check_inspect(int located, const struct csumoff_layout *at)
{
    struct csumoff_report report, before;
    int status, verified;

    memset(&report, 0xA7, sizeof report);
    before = report;
    status = csumoff_inspect(fresh(), len, link_type, &report);
    verified = csumoff_verify(frame_room.bytes, len, link_type);
    MUST(unchanged());
    if (located == CSUMOFF_ETRUNC || located == CSUMOFF_EHDR) {
        MUST(status == located && verified == located && same(&before, &report, sizeof report));
        return;
    }
    MUST(status == CSUMOFF_OK);
    if (is_fine(report.l3) && is_fine(report.l4))
        MUST(verified == (located == CSUMOFF_ENOTSUP ? CSUMOFF_ENOTSUP : CSUMOFF_OK));
    else
        MUST(verified == CSUMOFF_ECSUM ||
             (located == CSUMOFF_ENOTSUP && verified == CSUMOFF_ENOTSUP));
    if (located != CSUMOFF_OK) {
        MUST(report.l4 == CSUMOFF_UNCHECKED && !report.l4_found && !report.l4_expected);
        return;
    }
    check_l3(&report, at);
    check_l4(&report, at);
    before = report;
    memset(&report, 0xA7, sizeof report);
    MUST(csumoff_inspect_at(frame_room.bytes, len, at, &report) == CSUMOFF_OK);
    MUST(same_report(&before, &report) && unchanged());
}

#endif
