// SPDX-License-Identifier: MIT
/* Shows how a checksum is computed: the words, their sum, and its folding. */
#ifndef WORKING_H
#define WORKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a frame. */
struct range {
    size_t start, len;
};

struct working {
    const uint8_t *frame;
    struct range covered;
    struct range zero[2]; /* counted as 0: the checksum field, and bytes that are not covered */
    bool is_crc;          /* a CRC32c, not a sum of words */
    bool is_all;          /* long data is shown in full */
    uint64_t sum;         /* the sum so far, or the CRC */
};

/* Returns the sum of the covered bytes, and prints nothing. */
uint64_t working_sum(const struct working *working);
/* Returns a sum folded to 16 bits. */
unsigned working_folded(uint64_t sum);

/* Prints the heading of the lines that follow. */
void working_heading(const struct working *working);
/* Adds and prints a field of the pseudo-header, of an even length up to 16. */
void working_field(struct working *working, const char *name, const uint8_t *bytes, size_t len,
                   const char *text);
/* Adds and prints the covered bytes. */
void working_bytes(struct working *working);
/* Prints the sum and how it is folded; returns it folded. */
unsigned working_fold(uint64_t sum);

#endif
