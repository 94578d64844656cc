// SPDX-License-Identifier: MIT
/* Shared by all targets: taking the input apart, and memory that shows accesses outside of it. */
#ifndef CSUMOFF_FUZZ_H
#define CSUMOFF_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../tests/oracle/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

struct input {
    const uint8_t *at;
    size_t left;
};

/* Takes `count` bytes as a number. Missing bytes are 0. */
static inline uint32_t take(struct input *in, unsigned count)
{
    uint32_t value = 0;

    while (count--) {
        value = value << 8 | (in->left ? *in->at : 0);
        if (in->left) {
            in->at++;
            in->left--;
        }
    }
    return value;
}

/*
 * Room for `most` bytes at either edge of accessible memory. The bytes placed there end right
 * before an unreadable page, or begin right after one. On their other side lie CANARY bytes that
 * must stay as they are.
 */
enum {
    CANARY = 64
};

struct room {
    struct guarded memory;
    uint8_t *bytes;
    size_t len;
    bool at_end;
};

static inline uint8_t *room_canary(const struct room *r)
{
    return r->at_end ? r->bytes - CANARY : r->bytes + r->len;
}

/* Places `len` bytes. If `from` is NULL, their content is undefined. */
static inline uint8_t *room_place(struct room *r, const void *from, size_t len, size_t most,
                                  bool at_end)
{
    if (!r->memory.map)
        MUST(guarded_new(&r->memory, most + CANARY));
    MUST(len <= most);
    r->at_end = at_end;
    r->len = len;
    r->bytes = at_end ? r->memory.end - len : r->memory.begin;
    memset(room_canary(r), 0x5C, CANARY);
    if (from && len)
        memcpy(r->bytes, from, len);
    return r->bytes;
}

static inline bool room_intact(const struct room *r)
{
    const uint8_t *canary = room_canary(r);

    /* They all are 0x5C if the first one is and each equals the next. */
    return canary[0] == 0x5C && memcmp(canary, canary + 1, CANARY - 1) == 0;
}

/* Compares `len` bytes. For 0 bytes the pointers may be NULL. */
static inline bool same(const void *a, const void *b, size_t len)
{
    return len == 0 || memcmp(a, b, len) == 0;
}

#endif
