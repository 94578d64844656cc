// SPDX-License-Identifier: MIT
/*
 * What the running kernel is told by netlink: tunnels, routes with source routes, and rules of
 * nf_tables. Each function returns 0 or the kernel's error number, so that a test can say what this
 * kernel doesn't have.
 */
#ifndef CSUMOFF_TESTS_NETLINK_H
#define CSUMOFF_TESTS_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A VXLAN interface between the machine `local` of `net` and `remote` of `remote_net`. */
struct vxlan {
    const char *name;
    const char *under; /* the interface that its datagrams leave through */
    int version;       /* of IP outside */
    int net, local, remote_net, remote;
    uint32_t id;
    uint16_t port;
    bool udpcsum;    /* computes the outer UDP checksum */
    bool zero_is_ok; /* over IPv6: takes datagrams whose outer UDP checksum is 0 */
};
int vxlan_new(const struct vxlan *vxlan);

enum segments {
    INSERTED, /* the segment routing header is put into the packet */
    AROUND    /* it is put, with another IPv6 header, around the packet */
};

/* A VXLAN-GPE interface, whose packets are IP without Ethernet; and the route through it to
 * `prefix` (4 or 16 bytes, all of them counted) by way of the machine `remote` of `net`. */
int vxlan_gpe_new(const char *name);
int route_by_tunnel(int version, const uint8_t *prefix, const char *name, int outer_version,
                    int net, int remote, bool csum);

/* Any other tunnel between the machines `local` and `remote` of `net`. */
struct tunnel {
    const char *kind; /* gre, gretap, ip6gre, ip6gretap, ipip, sit, ip6tnl, geneve */
    const char *name, *under;
    int version; /* of IP outside */
    int net, local, remote;
    bool csum; /* GRE's, or the outer UDP's */
    bool more; /* GRE: a key and sequence numbers */
    bool gue;  /* ipip, sit: inside UDP, port 6080 */
};
int tunnel_new(const struct tunnel *tunnel);

/* The route to `prefix` (4 or 16 bytes, all of them counted) leads through this interface by the
 * given segments, 16 bytes each, in the order of the journey. */
int route_by_segments(int version, const uint8_t *prefix, const char *name, enum segments how,
                      const uint8_t *segments, size_t count);

/* The most bytes of a super-frame that this interface is given (BIG TCP), of IPv6 and IPv4. */
int link_gso_size(const char *name, uint32_t size);

/* Drops what is forwarded and what connection tracking finds invalid. */
int drop_invalid(void);

/* Overwrites bytes of what is forwarded, if it is of protocol `proto`. */
struct overwrite {
    uint8_t proto;
    bool in_l4; /* else in the IP header */
    uint32_t offset;
    const uint8_t *bytes;
    size_t len;
    /* What is brought up to date: an Internet checksum, or CRC32c, at csum_offset of that header;
     * and where the bytes are part of a pseudo-header, the L4 checksum. */
    enum {
        NO_CSUM,
        INTERNET_CSUM,
        CRC32C_CSUM
    } csum;
    uint32_t csum_offset;
    bool is_pseudo;
};
int overwrite(const struct overwrite *how);

#endif
