// SPDX-License-Identifier: MIT
/* Helpers for every test, independent of the library: random bytes, guard pages, wire order,
 * effort. */
#ifndef CSUMOFF_TESTS_SUPPORT_H
#define CSUMOFF_TESTS_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns whether CSUMOFF_TEST_EFFORT is quick, which asks for fewer repetitions and sizes, for
 * emulators and sanitizers. */
bool effort_quick(void);
/* Returns `quick` if effort_quick(), otherwise `full`. */
size_t effort(size_t full, size_t quick);

/* Returns the number of processors that can share work, or 1 if it is not known. */
size_t processor_count(void);

/* Declares that a function takes a format of C99's printf(). On Windows gcc takes the attribute
 * "printf" for that of Microsoft's library, which differs. */
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

/* Memory that begins right after an unreadable page and ends right before another. guarded_new()
 * makes one of at least `len` bytes. */
struct guarded {
    uint8_t *begin, *end;
    void *map;
    size_t map_len;
};
bool guarded_new(struct guarded *g, size_t len);
void guarded_free(struct guarded *g);
/* Copies data to the end of g, and returns where the copy begins. */
void *guarded_copy(struct guarded *g, const void *what, size_t len);

/* Returns `total` bytes of address space in which every `block` bytes (whole pages) are the same
 * memory, or NULL if the system cannot provide it. */
uint8_t *repeated_new(size_t total, size_t block);
void repeated_free(uint8_t *p, size_t total, size_t block);

/* Convert between 16 bits in memory order and the number that they are on the wire. */
uint16_t wire16(uint16_t memory);
uint16_t memory16(uint16_t wire);
uint16_t load_wire16(const void *p);
void store_wire16(void *p, uint16_t wire);

/* Returns the sum in wire order of an unfolded sum in memory order: both of its halves converted.
 */
uint64_t wire_sum(uint32_t wsum);

#endif
