// SPDX-License-Identifier: MIT
/* A packet or another block of a capture file, of either format. */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link_type;

enum {
    /* The longest block or packet that is accepted. A longer one is taken for damage, because it
     * would have to be held in memory. */
    RECORD_MOST = 16 << 20
};

/* The direction of a packet. It is unknown for a packet that a machine sends to itself. */
enum direction {
    DIRECTION_UNKNOWN,
    RECEIVED, /* by the machine that captured, or seen by it on the way to another */
    SENT
};

/* An interface on which packets were captured. */
struct interface {
    uint32_t link_number;
    const struct link_type *link; /* NULL: not supported */
    uint32_t snaplen;             /* 0: none */
    /* In pcapng a second has 10 or 2 to the power of `resolution` ticks. */
    bool is_binary;
    unsigned resolution;
    int64_t time_offset; /* in seconds */
};

struct record {
    const uint8_t *bytes; /* as they are in the file; valid until the next record is read */
    size_t len;

    /* `interface` is NULL if the record is no packet. The other members are those of packets. */
    const struct interface *interface;
    size_t start; /* offset of the packet in `bytes` */
    uint32_t caplen, wire_len;
    bool has_time;
    int64_t seconds;
    uint32_t fraction; /* nanoseconds, or microseconds; may exceed a second in damaged files */
    enum direction direction;
    bool is_big_endian; /* byte order of the machine that captured */
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
