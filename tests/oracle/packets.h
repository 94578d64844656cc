// SPDX-License-Identifier: MIT
/*
 * Packets made to a recipe, with the truth about them, from the RFCs alone. Nothing of the library
 * is included or used.
 *
 *   struct packet_spec    the recipe: one struct level_spec for each IP packet, outermost first.
 *                         Level 0 says what the frame begins with; each `tunnel` says how the next
 *                         level is carried. Members that are 0 ask for the plainest form.
 *   packet_build()        makes the frame: random content, random checksum fields
 *   struct packet         the frame, and for each level a struct level: the truth
 *   packet_complete() ... what has to be in the checksum fields of a level
 *   spec_at()             recipe i of a matrix: links x headers x protocols x payloads
 *   spec_random()         any recipe: links, options, chains, routes, coverages, nested tunnels
 *
 * A typical test:
 *
 *     struct packet_spec spec = spec_random(&rng, 3);
 *
 *     packet_build(&packet, &spec, &rng);   // struct packet is large: keep it static
 *     packet_seal(&packet);                 // or packet_set_seed(&packet, 0), or nothing
 *     p = guarded_copy(&page, packet.bytes, packet.len);
 *     ... call the library, compare with packet.level[0], packet_complete(&packet, 0) ...
 *
 * All 16-bit values are in wire terms (support.h converts).
 */
#ifndef CSUMOFF_TESTS_PACKETS_H
#define CSUMOFF_TESTS_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support.h"

/* IP protocol numbers. */
enum {
    PROTO_ICMP = 1,
    PROTO_IGMP = 2,
    PROTO_IPV4 = 4,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_DCCP = 33,
    PROTO_IPV6 = 41,
    PROTO_GRE = 47,
    PROTO_ESP = 50,
    PROTO_AH = 51,
    PROTO_ICMPV6 = 58,
    PROTO_NONE = 59,
    PROTO_OSPF = 89,
    PROTO_PIM = 103,
    PROTO_VRRP = 112,
    PROTO_SCTP = 132,
    PROTO_UDPLITE = 136
};

/* How the next level is carried. What is inside is Ethernet, MPLS or IP, as the next level's
 * `ethernet` and `labels` say, where the tunnel can carry it. */
enum tunnel {
    TUNNEL_NONE,
    TUNNEL_IP,        /* IPv4 or IPv6 directly: RFC 2003, 4213, 2473 */
    TUNNEL_GRE,       /* RFC 2784, 2890; flags: GRE_C, GRE_K, GRE_S */
    TUNNEL_ERSPAN,    /* type II in GRE; Ethernet inside */
    TUNNEL_VXLAN,     /* RFC 7348; Ethernet inside; flags 1: port 8472 */
    TUNNEL_VXLAN_GPE, /* IP or Ethernet */
    TUNNEL_GENEVE,    /* RFC 8926; IP or Ethernet; words: options */
    TUNNEL_GTPU,      /* TS 29.281; IP; flags: GTP_E, GTP_S, GTP_PN; words: extension headers */
    TUNNEL_MPLS_UDP,  /* RFC 7510; at least one label, then IP */
    TUNNEL_LISP,      /* RFC 9300; IP */
    TUNNEL_GUE,       /* IP; flags 1: variant 1; words: optional fields of variant 0 */
    TUNNEL_COUNT
};

enum {
    GRE_C = 1,
    GRE_K = 2,
    GRE_S = 4,
    GTP_PN = 1,
    GTP_S = 2,
    GTP_E = 4,
    PIM_REGISTER = 1,
    DCCP_X = 1
};

enum carrier {
    CARRIER_ETHERTYPE, /* the EtherType itself */
    CARRIER_PPPOE,     /* RFC 2516, session stage */
    CARRIER_SNAP       /* IEEE 802.3 length, LLC, SNAP */
};

/* A routing header in detail; `entries` 0 leaves everything to the random numbers. */
struct routing_spec {
    uint8_t entries, left;
    uint8_t cmpr_i, cmpr_e; /* RFC 6554 */
    bool long_pad;          /* 8 bytes of padding more than are needed */
};

struct level_spec {
    /* In front of the IP header. Of MPLS labels there is none behind PPPoE. */
    bool ethernet;
    uint8_t tag_count; /* 0..5 */
    uint16_t tags[5];
    enum carrier carrier;
    uint8_t labels; /* MPLS */
    size_t padding; /* zero bytes behind the IP datagram; not without Ethernet inside a tunnel */

    uint8_t version;   /* 4 or 6 */
    bool is_zero_long; /* the IP header says 0: super-frames; outermost level alone, no padding */

    /* IPv4 */
    uint8_t options;      /* bytes of options, 0..40, in fours */
    uint8_t route_option; /* 0, 131 (LSRR) or 137 (SSRR), of which ... */
    uint8_t route_slots;  /* ... so many addresses, 3 + 4 * slots <= options, of which ... */
    uint8_t route_done;   /* ... so many have been passed */

    /*
     * Headers in between, a letter each. Either version: a authentication header. IPv6:
     *   h hop-by-hop options              j the same with a jumbo option (payload over 65535)
     *   d destination options             H the same with a home address option
     *   r routing, no segments left       0 2 3 4 routing of that type, segments left
     *   u routing of an unknown type, segments left
     *   f atomic fragment                 F fragment with an offset      M first fragment
     * IPv4: F and M are fragments as well; the others are left out.
     */
    char chain[12];
    struct routing_spec routing; /* for the letters 0, 3, 4 */

    uint8_t proto;       /* where there is no tunnel; else the tunnel says */
    enum tunnel tunnel;  /* how the next level is carried */
    uint8_t flags;       /* tunnels; GRE; PIM: type; OSPFv2: AuType; VRRP: version; DCCP: DCCP_X */
    uint8_t words;       /* tunnels, as said there */
    uint8_t data_offset; /* TCP: this very value, with 20 bytes of header; DCCP: if large enough */
    uint8_t coverage;    /* DCCP: CsCov, 0 where the payload is too short for it */
    size_t lite;         /* UDP-Lite: coverage, 0 or 8.. ; 0 where there is not so much */
    bool is_udp_zero;    /* UDP: length field 0; in jumbograms and zero-long packets alone */
    size_t payload;      /* bytes behind the L4 header */
    size_t slack;        /* UDP: zero bytes of the IP payload behind the datagram */
};

enum {
    PACKET_LEVELS = 6,
    PACKET_SIZE = 72000
};

struct packet_spec {
    unsigned levels; /* 1..PACKET_LEVELS */
    struct level_spec level[PACKET_LEVELS];
};

/* What locating a level has to come to. */
enum finding {
    FOUND,
    FOUND_TUNNEL,   /* a tunnel header without a checksum of its own */
    NOT_KNOWN,      /* a protocol without a checksum; not IP */
    NOT_WHOLE,      /* a fragment */
    NOT_RESOLVABLE, /* a route that nobody can resolve */
};

/* The truth about a level; offsets count from the start of the frame. */
struct level {
    enum finding finding;
    size_t l3, l4, payload, end; /* payload: 0 where TCP's data offset is impossible */
    size_t fixed;                /* bytes of the L4 header's fixed part */
    size_t l4_len, csum_offset;  /* what the checksum covers, from l4 on; its field */
    uint8_t version, proto, tags;
    bool is_crc32c;
    bool has_pseudo;
    uint8_t src[16], dst[16]; /* of the pseudo-header: home address, end of the route */
    uint64_t pseudo;          /* its sum without the length; 0 where there is none */
    uint32_t pseudo_len;      /* the length in it */
    size_t skip, skip_len;    /* bytes that the checksum passes over: OSPFv2's authentication */
    size_t daddr;             /* where the header's own destination is, from the frame's start */
    size_t route_end;         /* where the final destination is, uncompressed; else daddr */
    size_t home;              /* where the home address is; 0: none */
    bool is_next_hop;         /* UDP over IPv4 along a route: Linux's next-hop sum is right, too */
};

struct packet {
    struct packet_spec spec;
    unsigned levels;
    struct level level[PACKET_LEVELS];
    size_t len;
    uint8_t bytes[PACKET_SIZE];
};

void packet_build(struct packet *p, const struct packet_spec *spec, struct rng *rng);

/* How many levels are to be listed: up to the innermost with a checksum that is reached through
 * levels that were found; 0 where the outermost one has none and nothing inside has. */
unsigned packet_listed(const struct packet *p);

/* What has to be in the field of a level: complete (UDP's and UDP-Lite's 0 as 0xFFFF). For an
 * Internet checksum. */
uint16_t packet_complete(const struct packet *p, unsigned level);
/* The same with the pseudo-header of the next hop, as Linux makes it for UDP over IPv4. */
uint16_t packet_complete_next_hop(const struct packet *p, unsigned level);
/* The CRC32c as the four bytes that are stored, the first one in the lowest byte. */
uint32_t packet_crc32c(const struct packet *p, unsigned level);
/* The seed with the length, and without; 0 where there is no pseudo-header. */
uint16_t packet_seed(const struct packet *p, unsigned level);
uint16_t packet_seed_gso(const struct packet *p, unsigned level);

uint16_t packet_field(const struct packet *p, unsigned level);
void packet_set_field(struct packet *p, unsigned level, uint16_t wire);

/* Says that the pseudo-header of a level has other addresses; NULL: as before. */
void packet_set_pseudo(struct packet *p, unsigned level, const uint8_t *src, const uint8_t *dst);
/* Changes the first word behind the fixed L4 header (2 bytes at least) so that the complete
 * checksum comes out as `check` (0 and 0xFFFF are one). The field itself stays. */
void packet_force(struct packet *p, unsigned level, uint16_t check);

/* Writes the IPv4 header checksum of a level, if it has one; the length of its header. */
void packet_set_l3(struct packet *p, unsigned level);
size_t packet_l3_len(const struct packet *p, unsigned level);
/* Writes the complete checksum of a level, of either kind, if it has one. */
void packet_set_complete(struct packet *p, unsigned level);
/* Writes all checksums, innermost first. */
void packet_seal(struct packet *p);

/* Whether UDP datagrams to this port are a tunnel. */
bool is_tunnel_port(uint16_t port);

/* The matrix. */
size_t spec_count(void);
struct packet_spec spec_at(size_t i);
/* Anything, with at most so many levels. */
struct packet_spec spec_random(struct rng *rng, unsigned levels);
/* One level of Ethernet, for tests of single things. */
struct packet_spec spec_plain(unsigned version, uint8_t proto, size_t payload, const char *chain);
/* In words, in a buffer that the next call takes again. */
const char *spec_text(const struct packet_spec *spec);

#endif
