// SPDX-License-Identifier: MIT
#include "fragments.h"

#include "print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- Finding a datagram by its name -------------------------------------------------------- */

/* FNV-1a. */
static uint16_t *bucket_of(struct fragments *f, const uint8_t key[DATAGRAM_KEY])
{
    uint64_t hash = 0x811C9DC5;

    for (int i = 0; i < DATAGRAM_KEY; i++)
        hash = (hash ^ key[i]) * 0x01000193 & 0xFFFFFFFF;
    return &f->bucket[(hash ^ hash >> 16) % FRAGMENTS_BUCKETS];
}

static struct datagram *find(struct fragments *f, const uint8_t key[DATAGRAM_KEY])
{
    for (uint16_t i = *bucket_of(f, key); i; i = f->next[i - 1])
        if (memcmp(f->held[i - 1].key, key, DATAGRAM_KEY) == 0)
            return &f->held[i - 1];
    return NULL;
}

static void unlink_datagram(struct fragments *f, const struct datagram *d)
{
    uint16_t *link = bucket_of(f, d->key);

    while (&f->held[*link - 1] != d)
        link = &f->next[*link - 1];
    *link = f->next[*link - 1];
}

/* ---- Holding a few of them ----------------------------------------------------------------- */

/* Drops a datagram. `fault` is the reason why it will never be whole, if it is not. */
static void drop(struct fragments *f, struct datagram *d, enum datagram_fault fault)
{
    if (!d->is_whole && !d->fault)
        f->counts.faults[fault]++;
    f->memory -= datagram_size(d);
    datagram_empty(d);
    unlink_datagram(f, d);
    d->is_used = false;
    while (f->oldest < f->newest && !f->held[f->oldest % FRAGMENTS_HELD].is_used)
        f->oldest++;
}

/* Drops the oldest datagrams until there is room for `need` more bytes of one datagram. One
 * datagram alone never takes all room. */
static void make_room(struct fragments *f, const struct datagram *d, size_t need)
{
    for (uint64_t i = f->oldest; f->memory + need > FRAGMENTS_MEMORY && i < f->newest; i++) {
        struct datagram *old = &f->held[i % FRAGMENTS_HELD];

        if (old->is_used && old != d)
            drop(f, old, FAULT_ROOM);
    }
}

static void allocate(struct fragments *f)
{
    f->held = calloc(FRAGMENTS_HELD, sizeof *f->held);
    f->next = calloc(FRAGMENTS_HELD, sizeof *f->next);
    f->room = malloc(DATAGRAM_ROOM);
    if (!f->held || !f->next || !f->room)
        exit(complain("%s", strerror(errno)));
}

static struct datagram *begin(struct fragments *f, const struct piece *piece, long long time)
{
    uint16_t *bucket = bucket_of(f, piece->key);
    struct datagram *d;
    size_t slot;

    if (f->newest - f->oldest == FRAGMENTS_HELD)
        drop(f, &f->held[f->oldest % FRAGMENTS_HELD], FAULT_ROOM);
    slot = f->newest++ % FRAGMENTS_HELD;
    d = &f->held[slot];
    memset(d, 0, sizeof *d);
    memcpy(d->key, piece->key, sizeof d->key);
    d->is_used = true;
    d->time = time;
    f->next[slot] = *bucket;
    *bucket = (uint16_t)(slot + 1);
    return d;
}

/* Time is that of the capture, which may also go backwards. */
static bool is_old(const struct datagram *d, long long time)
{
    long long apart;

    return __builtin_sub_overflow(time, d->time, &apart) || apart > FRAGMENTS_SECONDS ||
           apart < -FRAGMENTS_SECONDS;
}

/* ---- Fragments ----------------------------------------------------------------------------- */

static enum placed place(struct fragments *f, struct datagram *d, const struct piece *piece,
                         uint64_t packet)
{
    enum datagram_fault before = d->fault;
    enum placed placed;

    if (!d->is_whole && !d->fault)
        make_room(f, d, datagram_need(d, piece));
    f->memory -= datagram_size(d);
    placed = datagram_place(d, piece, packet);
    f->memory += datagram_size(d);
    if (!before && d->fault)
        f->counts.faults[d->fault]++;
    return placed;
}

/* Makes the packet that was cut into the fragments. Returns false if there can have been no such
 * packet. */
static bool write_whole(struct fragments *f, struct datagram *d, const struct packet *p)
{
    size_t len = datagram_write(d, f->room);

    if (!len) {
        f->memory -= datagram_size(d);
        datagram_empty(d);
        d->is_whole = false;
        d->fault = FAULT_LENGTH;
        f->counts.faults[FAULT_LENGTH]++;
        return false;
    }
    f->whole = *p;
    f->whole_header = *p->header;
    f->whole_header.len = f->whole_header.caplen = (bpf_u_int32)len;
    f->whole.header = &f->whole_header;
    f->whole.bytes = f->room;
    f->whole.is_snapped = f->whole.is_at_snaplen = false;
    f->whole.start = f->whole.l3 = 0;
    f->whole.link = CSUMOFF_LINK_IP;
    f->whole.ethertype = d->ip_version == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
    f->counts.datagrams++;
    f->counts.fragments += d->count;
    return true;
}

void fragments_take(struct fragments *f, const struct packet *p, const struct csumoff_layout *at,
                    struct fragment *fragment)
{
    const long long time = p->header->ts.tv_sec;
    struct datagram *d;
    struct piece piece;

    if (!f->held)
        allocate(f);
    piece_read(&piece, p, at);
    d = find(f, piece.key);
    if (d && is_old(d, time)) {
        drop(f, d, FAULT_MISSING);
        d = NULL;
    }
    if (!d)
        d = begin(f, &piece, time);
    *fragment = (struct fragment){.id = piece.id,
                                  .offset = piece.offset,
                                  .len = piece.len,
                                  .is_last = piece.is_last,
                                  .placed = place(f, d, &piece, p->number)};
    if (fragment->placed == PIECE_STRANGER) {
        drop(f, d, FAULT_MISSING);
        d = begin(f, &piece, time);
        fragment->placed = place(f, d, &piece, p->number);
    }
    if (fragment->placed == PIECE_WHOLE && !write_whole(f, d, p))
        fragment->placed = PIECE_REFUSED;
    fragment->fault = d->fault;
    fragment->first = d->count ? d->packets[0] : p->number;
    fragment->packets = d->packets;
    fragment->count = d->count;
    if (fragment->placed == PIECE_WHOLE)
        fragment->datagram = &f->whole;
}

void fragments_end(struct fragments *f)
{
    while (f->oldest < f->newest)
        drop(f, &f->held[f->oldest % FRAGMENTS_HELD], FAULT_MISSING);
    free(f->held);
    free(f->next);
    free(f->room);
    f->held = NULL;
    f->next = NULL;
    f->room = NULL;
}
