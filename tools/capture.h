// SPDX-License-Identifier: MIT
/* Capture files, and where in their packets the library starts. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "classic.h"
#include "stream.h"
#include "pcapng.h"
#include "record.h"

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

struct capture {
    const char *name; /* as complaints call it */
    struct stream stream;
    bool is_pcapng;
    struct classic classic;
    struct pcapng pcapng;
    bool is_nano; /* timestamps in nanoseconds; else microseconds */
    bool is_quiet;
    uint64_t packets;   /* read so far */
    uint64_t supported; /* those of them whose link type is supported */
    uint32_t unsupported_link;
    struct record record; /* what was read last */
    struct pcap_pkthdr header;

    /* Receives what the file holds between packets, its header first; NULL: nobody wants it. */
    bool (*keep)(void *to, const uint8_t *bytes, size_t len);
    void *keep_to;
};

struct packet {
    uint64_t number; /* from 1 */
    const struct pcap_pkthdr *header;
    const struct record *record;
    const uint8_t *bytes; /* all that was captured: header->caplen of them */
    bool is_snapped;      /* there was more of it */
    bool is_at_snaplen;   /* there may have been more of it */
    bool is_big_endian;   /* of the machine that captured */
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
/* 1: a packet, good until the next call; 0: the end; -1: the capture is damaged, or what it holds
 * went nowhere. */
int capture_next(struct capture *capture, struct packet *packet);
void capture_close(struct capture *capture);

/* Whether the next packet has to be waited for, as far as that is known. */
static inline bool capture_waits(const struct capture *capture)
{
    return stream_ready(&capture->stream) == 0;
}

#endif
