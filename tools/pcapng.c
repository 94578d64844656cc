// SPDX-License-Identifier: MIT
#include "pcapng.h"

#include "link.h"
#include "pcapng_options.h"
#include "print.h"
#include "ticks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Types of blocks. */
enum {
    INTERFACE = 1,
    OBSOLETE_PACKET = 2,
    SIMPLE_PACKET = 3,
    ENHANCED_PACKET = 6,
    SECTION = 0x0A0D0D0A /* the same in both byte orders */
};

enum {
    ORDER_MAGIC = 0x1A2B3C4D,
    BLOCK_LEAST = 12, /* type, length, length again */
    SECTION_LEAST = 28,
    INTERFACE_LEAST = 20,
    INTERFACE_OPTIONS = 16,
    SIMPLE_LEAST = 16,
    SIMPLE_DATA = 12,
    PACKET_LEAST = 32,        /* of an enhanced one, and of an obsolete one */
    INTERFACES_MOST = 1 << 16 /* of a section, so that memory remains bounded */
};

bool pcapng_is(const uint8_t magic[4])
{
    return be32(magic) == SECTION;
}

static int fail(const struct pcapng *ng, const struct stream *in, const char *what)
{
    if (!in->is_broken)
        complain("%s: block %" PRIu64 " at offset %" PRIu64 ": %s", in->name, ng->blocks + 1,
                 in->offset, what);
    return -1;
}

/* ---- Sections and interfaces --------------------------------------------------------------- */

static int read_section(struct pcapng *ng, const struct stream *in, const uint8_t *block,
                        uint32_t len)
{
    unsigned major, minor;
    char text[64];

    if (len < SECTION_LEAST)
        return fail(ng, in, "too short for a section header");
    major = get16(ng->is_big_endian, block + 12);
    minor = get16(ng->is_big_endian, block + 14);
    /* Some wrote 1.2 for what is 1.0. */
    if (major != 1 || (minor != 0 && minor != 2)) {
        snprintf(text, sizeof text, "version %u.%u of pcapng is not known", major, minor);
        return fail(ng, in, text);
    }
    ng->count = 0;
    return 1;
}

static struct interface *add_interface(struct pcapng *ng)
{
    if (ng->count == ng->room) {
        size_t room = ng->room ? 2 * ng->room : 8;
        struct interface *interfaces = realloc(ng->interfaces, room * sizeof *interfaces);

        if (!interfaces)
            return NULL;
        ng->interfaces = interfaces;
        ng->room = room;
    }
    return &ng->interfaces[ng->count++];
}

static bool read_interface_options(struct interface *interface, struct pcapng_options o)
{
    struct pcapng_option option;

    while (pcapng_option_next(&o, &option)) {
        const uint8_t *value = option.value;

        if (option.code == TIME_RESOLUTION && option.len == 1) {
            interface->is_binary = *value >> 7;
            interface->resolution = *value & 0x7F;
        } else if (option.code == TIME_OFFSET && option.len == 8) {
            uint64_t high = get32(o.is_big_endian, value + (o.is_big_endian ? 0 : 4));

            interface->time_offset =
                (int64_t)(high << 32 | get32(o.is_big_endian, value + (o.is_big_endian ? 4 : 0)));
        }
    }
    return !o.is_damaged;
}

static int read_interface(struct pcapng *ng, const struct stream *in, const uint8_t *block,
                          uint32_t len)
{
    const bool is_big = ng->is_big_endian;
    const struct pcapng_options options = {
        .at = block + INTERFACE_OPTIONS, .end = block + len - TRAILER, .is_big_endian = is_big};
    struct interface *interface;

    if (len < INTERFACE_LEAST)
        return fail(ng, in, "too short for an interface");
    if (ng->count == INTERFACES_MOST)
        return fail(ng, in, "more interfaces than any machine has");
    interface = add_interface(ng);
    if (!interface)
        return fail(ng, in, strerror(errno));
    *interface = (struct interface){.link_number = get16(is_big, block + 8),
                                    .snaplen = get32(is_big, block + 12),
                                    .resolution = TICKS_MICRO};
    interface->link = link_find(interface->link_number);
    if (!read_interface_options(interface, options))
        return fail(ng, in, "an option of the interface is longer than its block");
    return 1;
}

/* ---- Packets ------------------------------------------------------------------------------- */

static void read_packet_options(struct record *r)
{
    struct pcapng_options o = pcapng_packet_options(r, r->bytes);
    struct pcapng_option option;

    while (pcapng_option_next(&o, &option)) {
        uint32_t way;

        if (option.code != PACKET_FLAGS || option.len != 4)
            continue;
        way = get32(o.is_big_endian, option.value) & 3;
        r->direction = way == 1 ? RECEIVED : way == 2 ? SENT : DIRECTION_UNKNOWN;
    }
}

/* Reads an Enhanced Packet Block, or an obsolete Packet Block, in which half of the interface
 * number's bits count drops. */
static int read_packet(const struct pcapng *ng, const struct stream *in, struct record *r,
                       bool is_obsolete)
{
    const bool is_big = ng->is_big_endian;
    const uint8_t *block = r->bytes;
    uint32_t number;

    if (r->len < PACKET_LEAST)
        return fail(ng, in, "too short for a packet");
    number = is_obsolete ? get16(is_big, block + 8) : get32(is_big, block + 8);
    r->caplen = get32(is_big, block + 20);
    r->wire_len = get32(is_big, block + 24);
    r->start = PACKET_DATA;
    if (number >= ng->count)
        return fail(ng, in, "a packet of an interface that is not described");
    if (r->caplen > r->len - PACKET_LEAST)
        return fail(ng, in, "a packet that is longer than its block");
    r->interface = &ng->interfaces[number];
    ticks_set(r, r->interface,
              (uint64_t)get32(is_big, block + 12) << 32 | get32(is_big, block + 16));
    if (PACKET_DATA + pad4(r->caplen) + TRAILER < r->len)
        read_packet_options(r);
    return 1;
}

/* Reads a Simple Packet Block. It has no captured length: the first interface's snaplen gives it,
 * unless the block has room for the whole packet. */
static int read_simple(const struct pcapng *ng, const struct stream *in, struct record *r)
{
    uint32_t snaplen;

    if (r->len < SIMPLE_LEAST)
        return fail(ng, in, "too short for a packet");
    if (ng->count == 0)
        return fail(ng, in, "a packet of an interface that is not described");
    r->interface = &ng->interfaces[0];
    r->start = SIMPLE_DATA;
    r->wire_len = get32(ng->is_big_endian, r->bytes + 8);
    r->caplen = r->wire_len;
    snaplen = r->interface->snaplen;
    if (r->caplen > r->len - SIMPLE_LEAST && snaplen)
        r->caplen = snaplen;
    if (r->caplen > r->len - SIMPLE_LEAST)
        return fail(ng, in, "a packet that is longer than its block");
    return 1;
}

/* ---- Blocks -------------------------------------------------------------------------------- */

static int read_block(struct pcapng *ng, const struct stream *in, struct record *r)
{
    switch (get32(ng->is_big_endian, r->bytes)) {
    case SECTION:
        return read_section(ng, in, r->bytes, (uint32_t)r->len);
    case INTERFACE:
        return read_interface(ng, in, r->bytes, (uint32_t)r->len);
    case ENHANCED_PACKET:
        return read_packet(ng, in, r, false);
    case OBSOLETE_PACKET:
        return read_packet(ng, in, r, true);
    case SIMPLE_PACKET:
        return read_simple(ng, in, r);
    default:
        return 1;
    }
}

/* The byte order in a Section Header Block holds for its own length, too. */
static bool read_order(struct pcapng *ng, const uint8_t *header)
{
    if (be32(header) != SECTION)
        return true;
    ng->is_big_endian = be32(header + 8) == ORDER_MAGIC;
    return ng->is_big_endian || le32(header + 8) == ORDER_MAGIC;
}

int pcapng_next(struct pcapng *ng, struct stream *in, struct record *r)
{
    const uint8_t *header = stream_peek(in, BLOCK_LEAST);
    uint32_t len;

    if (!header)
        return stream_ready(in) || in->is_broken ? fail(ng, in, "the file ends in the middle of it")
                                                 : 0;
    if (!read_order(ng, header))
        return fail(ng, in, "a section header without a byte order");
    len = get32(ng->is_big_endian, header + 4);
    if (len < BLOCK_LEAST || len % 4 || len > RECORD_MOST)
        return fail(ng, in, "its length makes no sense");
    *r = (struct record){
        .bytes = stream_peek(in, len), .len = len, .is_big_endian = ng->is_big_endian};
    if (!r->bytes)
        return fail(ng, in, "the file ends in the middle of it");
    if (get32(ng->is_big_endian, r->bytes + len - TRAILER) != len)
        return fail(ng, in, "its two lengths differ");
    if (read_block(ng, in, r) != 1)
        return -1;
    stream_take(in, len);
    ng->blocks++;
    return 1;
}

void pcapng_close(struct pcapng *ng)
{
    free(ng->interfaces);
    *ng = (struct pcapng){.count = 0};
}
