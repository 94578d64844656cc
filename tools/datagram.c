// SPDX-License-Identifier: MIT
#include "datagram.h"

#include "print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    IPV6_HEADER = 40,
    FRAGMENT_HEADER = 8,
    PROTO_FRAGMENT = 44,
    PROTO_AH = 51,
    LEAST_ROOM = 4096
};

const char *const datagram_fault_words[DATAGRAM_FAULTS] = {
    [NO_FAULT] = "",
    [FAULT_MISSING] = "incomplete",
    [FAULT_OVERLAP] = "overlapping",
    [FAULT_LENGTH] = "impossible lengths",
    [FAULT_SNAPPED] = "snapped",
    [FAULT_ROOM] = "too many at once",
};

/* ---- Fragments ----------------------------------------------------------------------------- */

static void read_ipv4(struct piece *piece, const uint8_t *ip)
{
    unsigned fragment = be16(ip + 6);

    piece->offset = (fragment & 0x1FFF) * 8;
    piece->is_last = !(fragment & 0x2000);
    piece->id = be16(ip + 4);
    piece->next = ip[9];
    piece->key[1] = ip[9]; /* RFC 791: the protocol is part of the name */
    memcpy(piece->key + 14, ip + 12, 8);
}

static void read_ipv6(struct piece *piece, const uint8_t *ip, const uint8_t *fragment)
{
    piece->offset = be16(fragment + 2) & 0xFFF8;
    piece->is_last = !(fragment[3] & 1);
    piece->id = be16(fragment + 4) << 16 | be16(fragment + 6);
    piece->next = fragment[0];
    memcpy(piece->key + 14, ip + 8, 32);
}

void piece_read(struct piece *piece, const struct packet *p, const struct csumoff_layout *at)
{
    const uint8_t *head = p->bytes + p->start;
    uint32_t payload = at->l4_start;

    memset(piece, 0, sizeof *piece);
    piece->ip_version = at->ip_version;
    piece->header = head + at->l3_start;
    piece->header_len = at->l4_start - at->l3_start;
    if (at->ip_version == 4) {
        read_ipv4(piece, piece->header);
    } else {
        read_ipv6(piece, piece->header, head + at->l4_start);
        payload += FRAGMENT_HEADER;
    }
    piece->payload = head + payload;
    piece->len = at->end - payload;
    piece->is_snapped = at->end > p->header->caplen - p->start;
    piece->key[0] = at->ip_version;
    memcpy(piece->key + 2, p->vlan, sizeof p->vlan);
    memcpy(piece->key + 10, &piece->id, sizeof piece->id);
}

/* Returns the fault of a fragment by itself. */
static enum datagram_fault judge_piece(const struct piece *piece)
{
    if (piece->len == 0 || piece->offset + piece->len > DATAGRAM_MOST ||
        (!piece->is_last && piece->len % 8))
        return FAULT_LENGTH;
    return piece->is_snapped ? FAULT_SNAPPED : NO_FAULT;
}

/* ---- Blocks of 8 bytes --------------------------------------------------------------------- */

/* Marks all blocks that a fragment covers. Returns how many of them were marked before. */
static uint32_t mark_blocks(struct datagram *d, const struct piece *piece)
{
    uint32_t first = piece->offset / 8, last = (piece->offset + piece->len - 1) / 8, there = 0;

    for (uint32_t word = first / 64; word <= last / 64; word++) {
        uint64_t mask = UINT64_MAX;

        if (word == first / 64)
            mask &= ~(((uint64_t)1 << first % 64) - 1);
        if (word == last / 64)
            mask &= UINT64_MAX >> (63 - last % 64);
        there += (uint32_t)__builtin_popcountll(d->blocks[word] & mask);
        d->blocks[word] |= mask;
    }
    return there;
}

/* ---- Datagrams ----------------------------------------------------------------------------- */

static uint32_t room_for(uint32_t room, uint32_t len)
{
    if (room == 0)
        room = LEAST_ROOM;
    while (room < len)
        room *= 2;
    return room;
}

static size_t count_room_for(const struct datagram *d)
{
    return d->count < d->count_room ? d->count_room : d->count_room ? d->count_room * 2 : 8;
}

size_t datagram_size(const struct datagram *d)
{
    return d->header_len + d->payload_room + d->count_room * sizeof *d->packets;
}

size_t datagram_need(const struct datagram *d, const struct piece *piece)
{
    uint32_t header = piece->offset == 0 && !d->header ? piece->header_len : 0;

    if (judge_piece(piece))
        return 0;
    return header + room_for(d->payload_room, piece->offset + piece->len) - d->payload_room +
           (count_room_for(d) - d->count_room) * sizeof *d->packets;
}

void datagram_empty(struct datagram *d)
{
    free(d->header);
    free(d->payload);
    free(d->packets);
    d->header = d->payload = NULL;
    d->packets = NULL;
    d->header_len = d->payload_room = 0;
    d->count = d->count_room = 0;
}

static enum placed refuse(struct datagram *d, enum datagram_fault fault)
{
    datagram_empty(d);
    d->fault = fault;
    return PIECE_REFUSED;
}

static void *grow(void *block, size_t size)
{
    block = realloc(block, size);
    if (!block)
        exit(complain("%s", strerror(errno)));
    return block;
}

/* Keeps the bytes of a fragment that fits. */
static void keep(struct datagram *d, const struct piece *piece, uint64_t packet)
{
    uint32_t end = piece->offset + piece->len;

    if (d->payload_room < end) {
        d->payload_room = room_for(d->payload_room, end);
        d->payload = grow(d->payload, d->payload_room);
    }
    if (d->count == d->count_room) {
        d->count_room = count_room_for(d);
        d->packets = grow(d->packets, d->count_room * sizeof *d->packets);
    }
    if (piece->offset == 0) {
        d->header = grow(d->header, piece->header_len);
        d->header_len = piece->header_len;
        d->ip_version = piece->ip_version;
        d->next = piece->next;
        memcpy(d->header, piece->header, piece->header_len);
    }
    memcpy(d->payload + piece->offset, piece->payload, piece->len);
    d->packets[d->count++] = packet;
    d->filled += piece->len;
    d->highest = end > d->highest ? end : d->highest;
    if (piece->is_last)
        d->end = end;
}

/* Returns whether a fragment and the others disagree about the length of the datagram. */
static bool is_beyond(const struct datagram *d, const struct piece *piece)
{
    uint32_t end = piece->offset + piece->len;

    return piece->is_last ? (d->end && end != d->end) || end < d->highest : d->end && end > d->end;
}

/* Returns whether all bytes of a fragment were received before. */
static bool is_there(const struct datagram *d, const struct piece *piece)
{
    return !judge_piece(piece) && !is_beyond(d, piece) &&
           piece->offset + piece->len <= d->highest &&
           memcmp(d->payload + piece->offset, piece->payload, piece->len) == 0;
}

enum placed datagram_place(struct datagram *d, const struct piece *piece, uint64_t packet)
{
    enum datagram_fault fault = judge_piece(piece);
    uint32_t there;

    if (d->is_whole)
        return is_there(d, piece) ? PIECE_AGAIN : PIECE_STRANGER;
    if (d->fault)
        return PIECE_REFUSED;
    if (!fault && is_beyond(d, piece))
        fault = FAULT_LENGTH;
    if (fault)
        return refuse(d, fault);
    there = mark_blocks(d, piece);
    if (there == (piece->len + 7) / 8 && is_there(d, piece))
        return PIECE_AGAIN;
    if (there)
        return refuse(d, FAULT_OVERLAP);
    keep(d, piece, packet);
    if (!d->end || d->filled != d->end)
        return PIECE_WAITS;
    d->is_whole = true;
    return PIECE_WHOLE;
}

/* Finds the next-header byte in front of the fragment header. An atomic fragment header may come
 * before it. */
static uint8_t *find_next(uint8_t *header, size_t len)
{
    uint8_t *next = header + 6;
    size_t at = IPV6_HEADER;

    while (at + 8 <= len) {
        size_t size = ((size_t)header[at + 1] + 1) * 8;

        if (*next == PROTO_FRAGMENT)
            size = FRAGMENT_HEADER;
        else if (*next == PROTO_AH)
            size = ((size_t)header[at + 1] + 2) * 4;
        next = header + at;
        at += size;
    }
    return next;
}

size_t datagram_write(const struct datagram *d, uint8_t to[DATAGRAM_ROOM])
{
    size_t len = d->header_len + d->end, said = d->ip_version == 4 ? len : len - IPV6_HEADER;

    if (said > DATAGRAM_MOST)
        return 0;
    memcpy(to, d->header, d->header_len);
    memcpy(to + d->header_len, d->payload, d->end);
    if (d->ip_version == 4) {
        to[2] = (uint8_t)(said >> 8);
        to[3] = (uint8_t)said;
        to[6] &= 0x40; /* its offset is 0; there are no more fragments */
    } else {
        to[4] = (uint8_t)(said >> 8);
        to[5] = (uint8_t)said;
        *find_next(to, d->header_len) = d->next;
    }
    return len;
}
