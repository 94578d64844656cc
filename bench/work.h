// SPDX-License-Identifier: MIT
/* Rows that work on plain data: sums and copies, whole operations, CRC32c. */
#ifndef WORK_H
#define WORK_H

#include "peers.h"

enum {
    MIB = 1 << 20,
    DATA = 256 * MIB /* bytes of data; far more than any cache holds */
};

/* DATA random bytes, and room for copies of them. work_begin() allocates both. */
extern uint8_t *source, *target;

struct place_set {
    struct place *place;
    size_t mask; /* call i works on place[i & mask] */
};

void work_begin(void);

/* Returns a set of one place. */
struct place_set fixed_place(size_t len, uint32_t offset);

/* the data that each call works on */
void work_add(const char *what, const char *who, const char *bytes, const char *where,
              const char *kernel, peer_fn *fn, struct place_set places, size_t mean);

/* Registers a row of any name, of `calls` calls over `bytes` bytes each, for the best kernel. */
void work_add_named(const char *name, const struct work *work, peer_fn *fn, size_t calls,
                    size_t bytes);

/* Register all rows of sums.c, operations.c and crc32c.c. */
void sums_add(void);
void operations_add(void);
void crc32c_add(void);

#endif
