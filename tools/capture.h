// SPDX-License-Identifier: MIT
/* Capture files, and the part of each packet that the library reads. */
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
    bool is_nano; /* timestamps are in nanoseconds, else in microseconds */
    bool is_quiet;
    uint64_t packets;   /* read so far */
    uint64_t supported; /* packets whose link type is supported */
    uint32_t unsupported_link;
    struct record record; /* the last one read */
    struct pcap_pkthdr header;

    /* Receives the bytes of the file that are not packets, its header first; may be NULL. Returns
     * false if it can take no more. */
    bool (*keep)(void *to, const uint8_t *bytes, size_t len);
    void *keep_to;
};

struct packet {
    uint64_t number; /* from 1 */
    const struct pcap_pkthdr *header;
    const struct record *record;
    const uint8_t *bytes; /* all that was captured: header->caplen of them */
    bool is_snapped;      /* the packet was longer */
    bool is_at_snaplen;   /* the packet may have been longer */
    bool is_big_endian;   /* byte order of the machine that captured */
    enum direction direction;

    /* The library reads the bytes from `start` on as a frame of type `link`, unless `status` says
     * why it cannot. */
    size_t start;
    enum csumoff_link link;
    int status; /* CSUMOFF_ETRUNC, CSUMOFF_EHDR; CSUMOFF_EPROTO: not IP */

    /* The link layer, as it is shown to people. */
    size_t l3; /* offset of the IP header; may be past the end */
    unsigned ethertype;
    unsigned vlans;
    uint16_t vlan[VLAN_TAGS_MAX];
};

/* Opens a capture; "-" is stdin. Returns false after a complaint: the file cannot be read, or is no
 * capture of a known link type. After interrupted() it returns false without one. */
bool capture_open(struct capture *capture, const char *path);
/* Reads the next packet, which is valid until the next call. Returns 1, or 0 at the end, or -1: the
 * capture is damaged, which was complained about, or `keep` could take no more. */
int capture_next(struct capture *capture, struct packet *packet);
void capture_close(struct capture *capture);

/* Returns whether reading the next packet may have to wait for more input. */
static inline bool capture_waits(const struct capture *capture)
{
    return stream_ready(&capture->stream) == 0;
}

#endif
