// SPDX-License-Identifier: MIT
/* Capture files, and where in their packets the library starts. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <csumoff.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86DD,
    VLAN_TAGS_MAX = 4
};

enum direction {
    DIRECTION_UNKNOWN,
    RECEIVED, /* by the machine that captured, or seen by it on its way to another */
    SENT
};

struct capture {
    const char *name; /* as complaints call it */
    pcap_t *pcap;
    FILE *file;
    char *buffer;   /* of the file; NULL: stdio's own */
    long long size; /* -1: not known */
    const struct link_type *link;
    bool is_nano; /* timestamps in nanoseconds; else microseconds */
    bool is_quiet;
    uint64_t packets; /* read so far */
};

struct packet {
    uint64_t number; /* from 1 */
    struct pcap_pkthdr *header;
    const uint8_t *bytes; /* all that was captured: header->caplen of them */
    bool is_snapped;      /* there was more of it */
    bool is_at_snaplen;   /* there may have been more of it */

    /* Which way it went. Unknown for what a machine sends to itself (loopback): it is both. */
    enum direction direction;

    /* What the library is given: bytes from `start` on, as `link`, unless status says why not. */
    size_t start;
    enum csumoff_link link;
    int status; /* CSUMOFF_ETRUNC, CSUMOFF_EHDR; CSUMOFF_EPROTO: not IP */

    /* What the link layer says of itself, for people. */
    size_t l3; /* in bytes; may lie past the end */
    unsigned ethertype;
    unsigned vlans;
    uint16_t vlan[VLAN_TAGS_MAX];
};

/* "-" is stdin. Both complain; false: not a capture, or of a link type not known here. After
 * interrupted() both end without a complaint. */
bool capture_open(struct capture *capture, const char *path);
/* 1: a packet, good until the next call; 0: the end; -1: the capture is damaged. */
int capture_next(struct capture *capture, struct packet *packet);
void capture_close(struct capture *capture);
/* A handle to write a capture of the same kind with; NULL: out of memory. */
pcap_t *capture_kind(const struct capture *capture);

static inline unsigned be16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

#endif
