// SPDX-License-Identifier: MIT
/*
 * What has to become of a frame that is sent or received, and what devices do with it: the contract
 * of the glue, written a second time over the truth of packets.h, and models of the two devices.
 * Nothing of the library is included or used.
 *
 *   model_send()       what sending may return, and what has to be done to the frame
 *   model_complete()   the same for completing a frame that was received
 *   model_apply()      does that to the packet's bytes
 *   device_takes()     whether a device would take the frame with these orders, or drop it
 *   device_finish()    finishes a checksum as skb_checksum_help() in Linux does
 *   device_cut()       cuts a super-frame into one segment after the other
 *   judge_segment()    whether a segment is right, by the truth about the packet it is of
 */
#ifndef CSUMOFF_TESTS_MODEL_H
#define CSUMOFF_TESTS_MODEL_H

#include "packets.h"

/* The numbers are those of enum csumoff_tx. */
enum want {
    WANT_AS_IS,
    WANT_COMPUTE,
    WANT_SEEDED,
    WANT_VERIFIED
};

struct wish {
    enum want want;
    size_t start, offset; /* start 0: where the headers say */
    size_t mss;           /* 0: none */
};

/* What the outermost packet is. */
enum outer {
    OUTER_LOCATED,
    OUTER_UNKNOWN, /* a protocol without a checksum, a tunnel perhaps */
    OUTER_NOT_IP,
    OUTER_FRAGMENT,
    OUTER_UNRESOLVABLE, /* behind a route that nobody can resolve */
    OUTER_BROKEN        /* malformed or cut short */
};

struct truth {
    struct packet *p;
    enum outer outer;
    unsigned listed; /* how many levels can be known */
};

/* The truth about a packet as it was built. */
struct truth truth_of(struct packet *p);

/* Statuses that may be returned: bit n for the status -n. */
enum {
    MAY_OK = 1 << 0,
    MAY_ETRUNC = 1 << 1,
    MAY_EHDR = 1 << 2,
    MAY_EPROTO = 1 << 3,
    MAY_EFRAG = 1 << 4,
    MAY_ERANGE = 1 << 5,
    MAY_ENOTSUP = 1 << 8,
    MAY_EHEAD = 1 << 9
};

/* What a device takes. */
struct device {
    bool is_xen;
    bool csum4, csum6, tso4, tso6, ecn, uso;
};

/* What a device is told beside a frame. */
struct order {
    bool is_finish;
    size_t start, offset; /* virtio */
    unsigned gso;         /* 0 none, 1 TCP over IPv4, 2 TCP over IPv6, 3 UDP datagrams */
    size_t size;          /* payload bytes of a segment */
};

enum act {
    ACT_LEAVE,
    ACT_HEADER, /* only the outermost IPv4 header is made right */
    ACT_KEEP,   /* the field holds a seed: kept for the device, or finished */
    ACT_MAKE,   /* computed, and the packets around it */
    ACT_REMAKE  /* the same for a CRC32c that is unfinished */
};

struct plan {
    enum act act;
    int level;                 /* -1: a place at which nothing is known to be: */
    size_t start, offset, end; /* summed up to `end` */
    bool is_told;              /* the device has to be told */
    unsigned gso;
    bool has_headers; /* IPv4 headers are made right */
};

unsigned model_send(const struct truth *t, const struct device *d, const struct wish *w,
                    struct plan *plan);
unsigned model_complete(const struct truth *t, size_t start, size_t offset, bool no_seed,
                        struct plan *plan);
/* Does it to the packet's bytes, as it is handed to the device. */
void model_apply(struct truth *t, const struct plan *plan);

/* Whether the field of a level can hold a seed. */
bool model_may_be_seed(const struct packet *p, unsigned level);
/* Whether a super-frame's headers can be repeated in each segment. */
bool model_is_repeatable(const struct packet *p);
/* The bytes behind a level's L4 header; -1 where TCP's data offset is impossible. */
long model_payload(const struct packet *p, unsigned level);
/* Whether only zeros follow. */
bool model_is_clean(const struct packet *p, size_t from);
/* The listed level with a checksum at this place, or -1. */
int model_level_at(const struct truth *t, size_t start, size_t offset);

/* Finds the checksum as skb_checksum_setup() in Linux does, for which the backend drops what it
 * doesn't find. The frame has an Ethernet header. */
bool backend_finds(const uint8_t *frame, size_t len, size_t *start, size_t *offset);

/* NULL, or why the device drops the frame. The place of the checksum is put into *order for who is
 * not told. */
const char *device_takes(const struct device *d, const struct packet *p, const uint8_t *frame,
                         size_t len, struct order *order);
void device_finish(uint8_t *frame, size_t len, size_t start, size_t offset);

/* Which segment comes next. */
struct cut {
    size_t header, index, count, at; /* at: where its payload begins in the whole frame */
};
struct cut cut_begin(const struct packet *p, size_t mss);
/* Writes the next segment, finished; returns its length, 0 after the last one. */
size_t device_cut(const struct packet *p, const uint8_t *frame, const struct order *order,
                  struct cut *cut, uint8_t *segment);
/* NULL, or what is wrong with segment `index` whose payload begins at `at` of the whole frame. p is
 * the whole frame's packet, complete. */
const char *judge_segment(const struct packet *p, const uint8_t *segment, size_t len, size_t mss,
                          const struct cut *cut);

#endif
