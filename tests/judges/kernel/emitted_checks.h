// SPDX-License-Identifier: MIT
/* Judges what the kernel emits, for the suites kernel_links, kernel_netfilter and kernel_sockets.
 */
#ifndef CSUMOFF_TESTS_EMITTED_CHECKS_H
#define CSUMOFF_TESTS_EMITTED_CHECKS_H

#include <csumoff.h>
#include <string.h>

#include "../../oracle/reference.h"
#include "../../oracle/suite.h"
#include "kernel.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Networks, and machines in them. */
enum {
    NEAR = 1,
    FAR = 2,
    HERE = 1,
    PEER = 9
};

enum {
    WAIT_MS = 5000
};

static struct tap near;
static struct packet sent, came;
static uint8_t ours[FRAME_MOST];

static inline void said(const char *text, size_t count)
{
    printf("# %s: %zu\n", text, count);
    fflush(stdout);
}

static inline struct csumoff_report inspect(const uint8_t *bytes, size_t len)
{
    struct csumoff_report report;

    CHECK_EQ(csumoff_inspect(bytes, len, CSUMOFF_LINK_ETHERNET, &report), CSUMOFF_OK);
    return report;
}

/* What the kernel has emitted complete: the library calls it good, and computes the same. Returns
 * where its parts are. */
static inline struct csumoff_layout judge_emitted(const char *what, const struct packet *p)
{
    struct csumoff_report report = inspect(p->bytes, p->len);
    struct csumoff_layout at;

    CHECK(!(p->hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM));
    CHECK_EQ(csumoff_locate(p->bytes, p->len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
    if (report.l4 != CSUMOFF_GOOD || report.l3 == CSUMOFF_BAD)
        ck_abort_msg("%s: found 0x%04X, expected 0x%04X", what, report.l4_found,
                     report.l4_expected);
    CHECK_EQ(csumoff_verify(p->bytes, p->len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
    memcpy(ours, p->bytes, p->len);
    ours[at.csum_start + at.csum_offset] ^= 0x5A;
    ours[at.csum_start + at.csum_offset + 1] ^= 0xA5;
    if (at.ip_version == 4)
        ours[at.l3_start + 10] ^= 0xFF;
    CHECK_EQ(csumoff_verify(ours, p->len, CSUMOFF_LINK_ETHERNET), CSUMOFF_ECSUM);
    CHECK_EQ(csumoff_fill(ours, p->len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
    if (memcmp(ours, p->bytes, p->len) != 0)
        ck_abort_msg("%s: the kernel's checksum isn't made again", what);
    return at;
}

#endif
