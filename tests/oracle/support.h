// SPDX-License-Identifier: MIT
/* What every test needs and no library knows: random bytes, guard pages, wire order, effort. */
#ifndef CSUMOFF_TESTS_SUPPORT_H
#define CSUMOFF_TESTS_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CSUMOFF_TEST_EFFORT=quick: fewer counts and sizes, for emulators and sanitizers. */
bool effort_quick(void);
/* `full`, or `quick` under CSUMOFF_TEST_EFFORT=quick. */
size_t effort(size_t full, size_t quick);

/* How many processors there are to share work between; 1 where that is not known. */
size_t processor_count(void);

/* Of a function: its parameter `format` is one of C99's printf(), which on Windows "printf" is not.
 */
#if defined(_WIN32) && !defined(__clang__)
#define FORMATTED(format_, first) format(gnu_printf, format_, first)
#else
#define FORMATTED(format_, first) format(printf, format_, first)
#endif

/* A random sequence that is the same in each run; CSUMOFF_TEST_SEED (any base) makes it another. */
struct rng {
    uint64_t state;
};
uint64_t rng_seed(void);
struct rng rng_new(uint64_t stream);
uint32_t rng_u32(struct rng *rng);
size_t rng_below(struct rng *rng, size_t bound);
void rng_fill(struct rng *rng, void *data, size_t len);

/* At least `len` bytes that begin right after an unreadable page and end right before another. */
struct guarded {
    uint8_t *begin, *end;
    void *map;
    size_t map_len;
};
bool guarded_new(struct guarded *g, size_t len);
void guarded_free(struct guarded *g);
/* A copy that ends where g does. */
void *guarded_copy(struct guarded *g, const void *what, size_t len);

/* `total` bytes of address space, each `block` bytes of it (whole pages) the same memory; NULL
 * where that is not to be had. */
uint8_t *repeated_new(size_t total, size_t block);
void repeated_free(uint8_t *p, size_t total, size_t block);

/* 16 bits in memory order to the number a wire reader sees, and back. */
uint16_t wire16(uint16_t memory);
uint16_t memory16(uint16_t wire);
uint16_t load_wire16(const void *p);
void store_wire16(void *p, uint16_t wire);

/* The wire sum of an unfolded sum in memory order: both of its halves. */
uint64_t wire_sum(uint32_t wsum);

#endif
