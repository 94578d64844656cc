// SPDX-License-Identifier: MIT
/* Frames whose IP packet follows other headers than Ethernet's alone: tags, labels, sessions,
 * tunnels. Nothing of the library is used to make them. */
#ifndef CSUMOFF_TESTS_ENCAPSULATIONS_H
#define CSUMOFF_TESTS_ENCAPSULATIONS_H

#include "frames.h"

enum {
    ENCAPSULATION_OUTER_AT = 14 /* a tunnel's IPv4 header */
};

/* The bytes between the addresses and the IP header, in place of the EtherType. */
struct encapsulation {
    const char *name;
    enum {
        TYPE,     /* the EtherType follows */
        SNAP,     /* and the frame's length comes before */
        PPP,      /* PPP's protocol follows, the packet's length is in the last two bytes */
        NO_TYPE,  /* no type of what follows */
        PLAIN_IP, /* an IPv4 header: IP in IP */
        IN_GRE,
        IN_VXLAN,    /* UDP without a checksum */
        IN_VXLAN_SUM /* UDP with one */
    } kind;
    bool is_found; /* csumoff knows what it is */
    bool is_cut;   /* csumoff_segment_begin() takes it */
    size_t len;
    uint8_t bytes[24];
};

extern const struct encapsulation encapsulations[];
extern const size_t encapsulation_count;

/* Returns whether an IPv4 header is around the packet. */
static inline bool is_tunnel(const struct encapsulation *e)
{
    return e->kind >= PLAIN_IP;
}

static inline bool is_vxlan(const struct encapsulation *e)
{
    return e->kind == IN_VXLAN || e->kind == IN_VXLAN_SUM;
}

/* Encapsulates the packet of an Ethernet frame and completes all checksums, also a CRC32c. */
void frame_encapsulate(struct frame *f, const struct encapsulation *e);

/* Makes wrong what a sender corrects in every frame: the checksum of the outermost IPv4 header, if
 * its place is known, and with `all` that of a UDP tunnel around a packet whose checksum is not
 * made yet. */
void frame_spoil_outside(struct frame *f, const struct encapsulation *e, bool all, struct rng *rng);

/* Writes SCTP's CRC32c, in the byte order of RFC 9260. */
void frame_set_crc32c(struct frame *f);

#endif
