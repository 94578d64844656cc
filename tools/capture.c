// SPDX-License-Identifier: MIT
#include "capture.h"

#include "interrupt.h"
#include "link.h"
#include "print.h"
#include "terminal.h"
#include "unpack.h"

#include <inttypes.h>
#include <string.h>

/* fuzz/fuzz_capture.c calls a function of its own in between. */
#ifdef LINK_READ
void LINK_READ(const struct link_type *link, struct packet *p);
#else
#define LINK_READ link_read
#endif

static bool open_format(struct capture *c)
{
    const uint8_t *magic = stream_peek(&c->stream, 4);
    const struct packing *packing = magic ? packing_find(magic) : NULL;

    if (magic && pcapng_is(magic)) {
        c->is_pcapng = c->is_nano = true;
        return true;
    }
    if (magic && classic_is(magic)) {
        if (!classic_open(&c->classic, &c->stream))
            return false;
        c->is_nano = c->classic.is_nano;
        return true;
    }
    if (packing)
        packing_refuse(packing, c->name);
    else if (!c->stream.is_broken)
        complain("%s: not a capture: it begins like neither pcap nor pcapng", c->name);
    return false;
}

bool capture_open(struct capture *c, const char *path)
{
    *c = (struct capture){.packets = 0};
    if (!stream_open(&c->stream, path))
        return false;
    c->name = c->stream.name;
    if (open_format(c))
        return true;
    capture_close(c);
    return false;
}

/* Complaints about lost bytes were made before: about a block, or at the end of a file. A capture
 * without a packet that could be read is of no use. */
static int finish(const struct capture *c, int got)
{
    if (got != 0 || c->supported || !c->packets)
        return got;
    complain("%s: link type %" PRIu32 " (%s) is not supported", c->name, c->unsupported_link,
             link_name(c->unsupported_link));
    return -1;
}

/* Reads up to the next packet, and passes on the records before it. */
static int next_record(struct capture *c)
{
    int got;

    for (;;) {
        got = c->is_pcapng ? pcapng_next(&c->pcapng, &c->stream, &c->record)
                           : classic_next(&c->classic, &c->stream, &c->record);
        if (got != 1 || c->record.interface)
            return got;
        if (c->keep && !c->keep(c->keep_to, c->record.bytes, c->record.len))
            return -1;
    }
}

static void set_header(struct pcap_pkthdr *header, const struct record *r)
{
    header->caplen = r->caplen;
    header->len = r->wire_len;
    header->ts.tv_sec = (time_t)r->seconds;
    header->ts.tv_usec = (suseconds_t)r->fraction;
}

int capture_next(struct capture *c, struct packet *p)
{
    const struct record *r = &c->record;
    int got = next_record(c);

    memset(p, 0, sizeof *p);
    if (interrupted())
        return 0;
    if (got != 1)
        return finish(c, got);
    set_header(&c->header, r);
    p->number = ++c->packets;
    p->header = &c->header;
    p->record = r;
    p->bytes = r->bytes + r->start;
    p->is_snapped = r->caplen < r->wire_len;
    p->is_at_snaplen = r->interface->snaplen && r->caplen == r->interface->snaplen;
    p->is_big_endian = r->is_big_endian;
    if (r->interface->link)
        c->supported++;
    else
        c->unsupported_link = r->interface->link_number;
    LINK_READ(r->interface->link, p);
    if (r->direction != DIRECTION_UNKNOWN)
        p->direction = r->direction;
    if (!c->is_quiet && progress_is_due(c->packets))
        progress(c->packets, stream_share(&c->stream));
    return 1;
}

void capture_close(struct capture *c)
{
    progress_erase();
    pcapng_close(&c->pcapng);
    stream_close(&c->stream);
}
