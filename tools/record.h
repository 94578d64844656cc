// SPDX-License-Identifier: MIT
/* What both formats of capture files are read into, a packet or another block at a time. */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link_type;

enum {
    /* The longest block or packet that is believed. Larger ones come from damaged files, and would
     * have to be held in memory. */
    RECORD_MOST = 16 << 20
};

/* Which way a packet went. Unknown for what a machine sends to itself (loopback): it is both. */
enum direction {
    DIRECTION_UNKNOWN,
    RECEIVED, /* by the machine that captured, or seen by it on its way to another */
    SENT
};

/* Where packets were captured. */
struct interface {
    uint32_t link_number;
    const struct link_type *link; /* NULL: not supported */
    uint32_t snaplen;             /* 0: none */
    /* Of pcapng: a second has 10 or 2 to the power of `resolution` ticks. */
    bool is_binary;
    unsigned resolution;
    int64_t time_offset; /* in seconds */
};

struct record {
    const uint8_t *bytes; /* as the file holds it, there until the next one is read */
    size_t len;

    /* The rest belongs to packets: `interface` is NULL for anything else. */
    const struct interface *interface;
    size_t start; /* of what was captured, in `bytes` */
    uint32_t caplen, wire_len;
    bool has_time;
    int64_t seconds;
    uint32_t fraction; /* nanoseconds, or microseconds; may exceed a second in damaged files */
    enum direction direction;
    bool is_big_endian; /* what the machine that captured writes in its own order */
};

static inline unsigned be16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static inline unsigned le16(const uint8_t *p)
{
    return (unsigned)p[1] << 8 | p[0];
}

static inline uint32_t be32(const uint8_t *p)
{
    return be16(p) << 16 | be16(p + 2);
}

static inline uint32_t le32(const uint8_t *p)
{
    return le16(p + 2) << 16 | le16(p);
}

static inline unsigned get16(bool is_big_endian, const uint8_t *p)
{
    return is_big_endian ? be16(p) : le16(p);
}

static inline uint32_t get32(bool is_big_endian, const uint8_t *p)
{
    return is_big_endian ? be32(p) : le32(p);
}

#endif
