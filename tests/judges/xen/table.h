// SPDX-License-Identifier: MIT
/* The table that ./dev xen prints, a row for each test of TAP, and how checksums are judged. */
#ifndef CSUMOFF_TESTS_XEN_TABLE_H
#define CSUMOFF_TESTS_XEN_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A test, which is also a row of the table; all but the verdict is text. */
void row_other(bool good, const char *title, const char *sent, const char *predicted,
               const char *arrived);

/* A test that there is nothing for. */
void row_skipped(const char *title, const char *why);

/* How the TCP or UDP checksum of an IP frame without extension headers stands. */
enum standing {
    COMPLETE,
    SEED,
    ZERO,
    SEEDLESS /* whatever stands there: the pseudo-header sums to 0, and either 0 is its seed */
};
bool stands(const uint8_t *frame, size_t len, enum standing as);

/* The plan; how many failed. */
unsigned table_close(void);

#endif
