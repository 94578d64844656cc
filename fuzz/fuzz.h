// SPDX-License-Identifier: MIT
/* What the targets share: input, taken apart; memory that tells when it is left. */
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

/* `count` bytes as a number; missing ones are 0. */
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
 * Room for `most` bytes at either edge of memory that may be touched: what is placed there ends
 * right before an unreadable page, or begins right after one; on its other side lie CANARY bytes
 * that have to stay.
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

/* `from` may be NULL: bytes of any content. */
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

    /* All are 0x5C where the first one is and each is like the next. */
    return canary[0] == 0x5C && memcmp(canary, canary + 1, CANARY - 1) == 0;
}

/* memcmp() that takes NULL for nothing. */
static inline bool same(const void *a, const void *b, size_t len)
{
    return len == 0 || memcmp(a, b, len) == 0;
}

#endif
