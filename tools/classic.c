// SPDX-License-Identifier: MIT
#include "classic.h"

#include "link.h"
#include "print.h"

#include <inttypes.h>
#include <string.h>

/* The pcap format is read here because libpcap takes two calls of fread() and a copy for each
 * packet, cuts packets to the snaplen of the file's header, and takes times after 2038 for negative
 * ones. */

enum {
    PACKET_HEADER = 16,
    PATCHED_HEADER = 24, /* written by a libpcap that Linux distributions patched in the nineties */
    PATCHED_TYPE = 22,   /* offset of the packet's type, as Linux numbers them */
    LINK_BITS = 0x03FFFFFF
};

enum kind {
    MICRO,
    NANO,
    PATCHED
};

static const struct magic {
    uint32_t number;
    enum kind kind;
} magics[] = {{0xA1B2C3D4, MICRO}, {0xA1B23C4D, NANO}, {0xA1B2CD34, PATCHED}};

static const struct magic *find(const uint8_t bytes[4], bool *is_big_endian)
{
    uint32_t big = be32(bytes), little = le32(bytes);

    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        *is_big_endian = big == magics[i].number;
        if (*is_big_endian || little == magics[i].number)
            return &magics[i];
    }
    return NULL;
}

bool classic_is(const uint8_t magic[4])
{
    bool is_big_endian;

    return find(magic, &is_big_endian) != NULL;
}

bool classic_open(struct classic *c, struct stream *in)
{
    const uint8_t *header = stream_peek(in, CLASSIC_HEADER);
    const struct magic *magic;
    unsigned major, minor;

    if (!header) {
        if (!in->is_broken)
            complain("%s: not a capture: it ends in its header", in->name);
        return false;
    }
    *c = (struct classic){.packet_header = PACKET_HEADER};
    magic = find(header, &c->is_big_endian);
    if (!magic)
        return false;
    c->is_nano = magic->kind == NANO;
    if (magic->kind == PATCHED)
        c->packet_header = PATCHED_HEADER;
    major = get16(c->is_big_endian, header + 4);
    minor = get16(c->is_big_endian, header + 6);
    /* Version 543.0 is that of one known program. Before version 2.3 all programs wrote the lengths
     * in the other order, and with 2.3 some did. */
    if ((major != 2 || minor > 4) && (major != 543 || minor != 0)) {
        complain("%s: version %u.%u of pcap is not known", in->name, major, minor);
        return false;
    }
    c->is_swapped = major != 2 || minor < 3;
    c->may_be_swapped = major == 2 && minor == 3;
    c->interface.snaplen = get32(c->is_big_endian, header + CLASSIC_SNAPLEN);
    c->interface.link_number = get32(c->is_big_endian, header + 20) & LINK_BITS;
    c->interface.link = link_find(c->interface.link_number);
    if (!c->interface.link)
        complain("%s: link type %" PRIu32 " (%s) is not supported", in->name,
                 c->interface.link_number, link_name(c->interface.link_number));
    return c->interface.link != NULL;
}

static int fail(const struct classic *c, const struct stream *in, const char *what)
{
    if (!in->is_broken)
        complain("%s: packet %" PRIu64 " at offset %" PRIu64 ": %s", in->name, c->packets + 1,
                 in->offset, what);
    return -1;
}

/* Reads a packet's header. Returns the captured length. */
static uint32_t read_header(const struct classic *c, const uint8_t *header, struct record *r)
{
    uint32_t caplen = get32(c->is_big_endian, header + 8),
             len = get32(c->is_big_endian, header + 12);

    if (c->is_swapped || (c->may_be_swapped && caplen > len)) {
        r->wire_len = caplen;
        caplen = len;
    } else {
        r->wire_len = len;
    }
    r->interface = &c->interface;
    r->start = c->packet_header;
    r->caplen = caplen;
    r->has_time = true;
    r->seconds = get32(c->is_big_endian, header);
    r->fraction = get32(c->is_big_endian, header + 4);
    r->is_big_endian = c->is_big_endian;
    if (c->packet_header == PATCHED_HEADER) {
        const unsigned type = header[PATCHED_TYPE];

        r->direction = type < 4 ? RECEIVED : type == 4 ? SENT : DIRECTION_UNKNOWN;
    }
    return caplen;
}

int classic_next(struct classic *c, struct stream *in, struct record *r)
{
    const uint8_t *header;
    uint32_t caplen;

    *r = (struct record){.len = CLASSIC_HEADER};
    if (c->is_begun) {
        header = stream_peek(in, c->packet_header);
        if (!header)
            return stream_ready(in) || in->is_broken ? fail(c, in, "the file ends in its header")
                                                     : 0;
        caplen = read_header(c, header, r);
        if (caplen > RECORD_MOST)
            return fail(c, in, "its length makes no sense");
        r->len = c->packet_header + caplen;
    }
    r->bytes = stream_peek(in, r->len);
    if (!r->bytes)
        return fail(c, in, "the file ends in the middle of it");
    stream_take(in, r->len);
    c->packets += c->is_begun;
    c->is_begun = true;
    return 1;
}

void classic_put_snaplen(const struct classic *c, uint8_t to[CLASSIC_SNAPLEN_SIZE],
                         uint32_t snaplen)
{
    for (unsigned i = 0; i < CLASSIC_SNAPLEN_SIZE; i++)
        to[i] = (uint8_t)(snaplen >> 8 * (c->is_big_endian ? 3 - i : i));
}
