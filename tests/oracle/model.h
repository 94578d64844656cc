// SPDX-License-Identifier: MIT
/*
 * A second implementation of the glue's contract, over the truth of packets.h, and models of the
 * two devices. Nothing of the library is included or used.
 *
 *   model_send()       determines the statuses that sending may return, and the act: the changes
 *                      that the frame needs
 *   model_complete()   determines the same for completing a received frame
 *   model_apply()      applies an act to the bytes of a packet
 *   device_takes()     judges whether a device takes the frame with these orders, or drops it
 *   device_finish()    finishes a checksum as skb_checksum_help() in Linux does
 *   device_cut()       cuts a super-frame into segments, one for each call
 *   judge_segment()    judges a segment by the truth about the packet that it was cut from
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

/* What a struct csumoff_hint asks for. The model includes nothing of the library. */
struct wish {
    enum want want;
    size_t start, offset; /* start 0: where the headers say */
    size_t mss;           /* 0: none */
};

/* The kinds of an outermost packet. */
enum outer {
    OUTER_LOCATED,
    OUTER_UNKNOWN, /* a protocol without a checksum, a tunnel perhaps */
    OUTER_NOT_IP,
    OUTER_FRAGMENT,
    OUTER_UNRESOLVABLE, /* its destination is behind a source route of an unknown type */
    OUTER_BROKEN        /* malformed or cut short */
};

struct truth {
    struct packet *p;
    enum outer outer;
    unsigned listed; /* the number of levels that a parser can find */
};

/* Returns the truth about a packet as it was built. */
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

/* The features of a device. */
struct device {
    bool is_xen;
    bool csum4, csum6, tso4, tso6, ecn, uso;
};

/* The orders that accompany a frame to a device. */
struct order {
    bool is_finish;
    size_t start, offset; /* virtio */
    unsigned gso;         /* 0 none, 1 TCP over IPv4, 2 TCP over IPv6, 3 UDP datagrams */
    size_t size;          /* payload bytes of a segment */
};

enum act {
    ACT_LEAVE,
    ACT_HEADER, /* only the checksum of the outermost IPv4 header is made */
    ACT_KEEP,   /* the field holds a seed: kept for the device, or finished */
    ACT_MAKE,   /* computed, and those of the packets around it */
    ACT_REMAKE  /* the same for a CRC32c that is unfinished */
};

struct plan {
    enum act act;
    int level;                 /* -1: a place at which nothing is known to be: */
    size_t start, offset, end; /* summed up to `end` */
    bool is_told;              /* the device has to be told */
    unsigned gso;
    bool has_headers; /* the checksums of IPv4 headers are made */
};

unsigned model_send(const struct truth *t, const struct device *d, const struct wish *w,
                    struct plan *plan);
unsigned model_complete(const struct truth *t, size_t start, size_t offset, bool no_seed,
                        struct plan *plan);
/* Applies the act to the bytes of the packet, as it is handed to the device. */
void model_apply(struct truth *t, const struct plan *plan);

/* Returns whether the field of a level can hold a seed. */
bool model_may_be_seed(const struct packet *p, unsigned level);
/* Returns whether the headers of a super-frame can be repeated in each segment. */
bool model_is_repeatable(const struct packet *p);
/* Returns the number of bytes behind a level's L4 header, or -1 if TCP's data offset is impossible.
 */
long model_payload(const struct packet *p, unsigned level);
/* Returns whether only zeros follow the datagram. */
bool model_is_clean(const struct packet *p, size_t from);
/* Returns the listed level that has its checksum at this place, or -1. */
int model_level_at(const struct truth *t, size_t start, size_t offset);

/* Finds the checksum as skb_checksum_setup() in Linux does; the backend drops a frame in which that
 * function finds none. The frame has an Ethernet header. */
bool backend_finds(const uint8_t *frame, size_t len, size_t *start, size_t *offset);

/* Returns NULL, or the reason why the device drops the frame. If the device is not told the place
 * of the checksum, it is stored in *order. */
const char *device_takes(const struct device *d, const struct packet *p, const uint8_t *frame,
                         size_t len, struct order *order);
void device_finish(uint8_t *frame, size_t len, size_t start, size_t offset);

/* The state of device_cut(): the next segment. */
struct cut {
    size_t header, index, count, at; /* at: the offset of its payload in the whole frame */
};
struct cut cut_begin(const struct packet *p, size_t mss);
/* Writes the next segment, with its checksums finished. Returns its length, or 0 after the last. */
size_t device_cut(const struct packet *p, const uint8_t *frame, const struct order *order,
                  struct cut *cut, uint8_t *segment);
/* Returns NULL, or what is wrong with segment `index`, whose payload begins at offset `at` of the
 * whole frame. p is the packet of the whole frame, with complete checksums. */
const char *judge_segment(const struct packet *p, const uint8_t *segment, size_t len, size_t mss,
                          const struct cut *cut);

#endif
