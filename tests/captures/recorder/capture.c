// SPDX-License-Identifier: MIT
#include "capture.h"

#include <endian.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

enum {
    ETHERTYPE_AT = 12,
    ETHERNET_LENGTH = 14,
    TAG_LENGTH = 4,
    VXLAN_PORT = 4789,
    UDP_AND_VXLAN_LENGTH = 16,
};

_Noreturn void die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("record: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EXIT_FAILURE);
}

struct bytes {
    const uint8_t *data;
    size_t length;
};

// Bytes past the end read as 0, so that the walk below needs no length check per field.
static unsigned get8(struct bytes b, size_t at)
{
    return at < b.length ? b.data[at] : 0;
}

static unsigned get16(struct bytes b, size_t at)
{
    return get8(b, at) << 8 | get8(b, at + 1);
}

// NULL for what is not worth a row.
static const char *icmp4_step(unsigned type)
{
    switch (type) {
    case ICMP_ECHO:
        return "-echo";
    case ICMP_ECHOREPLY:
        return "-reply";
    case ICMP_DEST_UNREACH:
        return "-unreachable";
    default:
        return NULL;
    }
}

// NULL for background: multicast listener reports, and neighbour discovery unless wanted.
static const char *icmp6_step(unsigned type, bool neighbours)
{
    switch (type) {
    case ICMP6_ECHO_REQUEST:
        return "-echo";
    case ICMP6_ECHO_REPLY:
        return "-reply";
    case ICMP6_DST_UNREACH:
        return "-unreachable";
    case ND_NEIGHBOR_SOLICIT:
        return neighbours ? "-solicitation" : NULL;
    case ND_NEIGHBOR_ADVERT:
        return neighbours ? "-advertisement" : NULL;
    default:
        return NULL;
    }
}

static const char *tcp_step(struct bytes b, size_t l4)
{
    unsigned flags = get8(b, l4 + 13);
    size_t header = (size_t)(get8(b, l4 + 12) >> 4) * 4;

    if (flags & TH_SYN)
        return flags & TH_ACK ? "-synack" : "-syn";
    if (flags & TH_RST)
        return "-rst";
    if (flags & TH_FIN)
        return "-fin";
    return l4 + header < b.length ? "-data" : "-ack";
}

// Writes the kind of the Ethernet frame that starts at `at`; false for background frames.
// NOLINTNEXTLINE(misc-no-recursion): a tunnelled frame is named like any other
static bool name_frame(const struct capture *c, struct bytes b, size_t at, unsigned gso_type,
                       char *kind, size_t size)
{
    size_t l3 = at + ETHERNET_LENGTH, l4;
    unsigned type = get16(b, at + ETHERTYPE_AT), family, protocol;
    const char *prefix = "", *name, *step = "";

    for (; type == 0x8100 || type == 0x88a8; l3 += TAG_LENGTH) {
        prefix = type == 0x88a8 ? "qinq-" : *prefix ? prefix : "vlan-";
        type = get16(b, l3 + 2);
    }
    if (type == 0x0806) {
        snprintf(kind, size, "%sarp", prefix);
        return c->neighbours;
    } else if (type == 0x0800) {
        family = 4;
        protocol = get8(b, l3 + 9);
        l4 = l3 + (get8(b, l3) & 15) * 4;
        if (get16(b, l3 + 6) & 0x3fff)
            protocol = IPPROTO_FRAGMENT;
    } else if (type == 0x86dd) {
        family = 6;
        protocol = get8(b, l3 + 6);
        l4 = l3 + 40;
        while (l4 < b.length && (protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_DSTOPTS ||
                                 protocol == IPPROTO_ROUTING)) {
            protocol = get8(b, l4);
            l4 += (get8(b, l4 + 1) + 1) * 8;
        }
    } else {
        return false;
    }

    switch (protocol) {
    case IPPROTO_UDP:
        if (get16(b, l4 + 2) == VXLAN_PORT) {
            int n = snprintf(kind, size, "%svxlan%u-", prefix, family);
            return name_frame(c, b, l4 + UDP_AND_VXLAN_LENGTH, gso_type, kind + n,
                              size - (size_t)n);
        }
        name = gso_type == VIRTIO_NET_HDR_GSO_UDP_L4 ? "uso" : "udp";
        break;
    case IPPROTO_TCP:
        name = gso_type == VIRTIO_NET_HDR_GSO_NONE ? "tcp" : "tso";
        step = gso_type == VIRTIO_NET_HDR_GSO_NONE ? tcp_step(b, l4) : "";
        break;
    case IPPROTO_FRAGMENT:
        name = "fragment";
        break;
    case IPPROTO_ICMP:
        name = "icmp";
        step = icmp4_step(get8(b, l4));
        break;
    case IPPROTO_ICMPV6:
        name = "icmp";
        step = icmp6_step(get8(b, l4), c->neighbours);
        break;
    default:
        return false;
    }
    if (!step)
        return false;
    snprintf(kind, size, "%s%s%u%s%s%s", prefix, name, family, step, c->variant ? "-" : "",
             c->variant ? c->variant : "");
    return true;
}

// One tag is 802.1Q; two are 802.1ad outside 802.1Q. skb_vlan_push() moves csum_start the same way.
static void tag_frame(struct frame *f, int tags)
{
    static const uint8_t stack[2 * TAG_LENGTH] = {0x88, 0xa8, 0, 100, 0x81, 0x00, 0, 200};
    size_t added = (size_t)tags * TAG_LENGTH;

    memmove(f->bytes + ETHERTYPE_AT + added, f->bytes + ETHERTYPE_AT, f->length - ETHERTYPE_AT);
    memcpy(f->bytes + ETHERTYPE_AT, stack + sizeof stack - added, added);
    f->length += added;
    f->hdr.hdr_len = (uint16_t)(f->hdr.hdr_len ? f->hdr.hdr_len + added : 0);
    if (f->hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
        f->hdr.csum_start = (uint16_t)(f->hdr.csum_start + added);
}

void capture_add(struct capture *c, const struct virtio_net_hdr *hdr, const uint8_t *bytes,
                 size_t length)
{
    unsigned gso_type = hdr->gso_type & ~(unsigned)VIRTIO_NET_HDR_GSO_ECN;
    struct frame f = {.origin = c->tags ? "tagged" : "kernel", .length = length};
    struct frame *grown;

    if (c->off || (c->gso_only && gso_type == VIRTIO_NET_HDR_GSO_NONE))
        return;
    f.hdr = (struct virtio_net_hdr){
        .flags = hdr->flags,
        .gso_type = hdr->gso_type,
        .hdr_len = le16toh((uint16_t)hdr->hdr_len),
        .gso_size = le16toh((uint16_t)hdr->gso_size),
        .csum_start = le16toh((uint16_t)hdr->csum_start),
        .csum_offset = le16toh((uint16_t)hdr->csum_offset),
    };
    gettimeofday(&f.time, NULL);
    f.bytes = malloc(length + 2 * TAG_LENGTH);
    grown = realloc(c->frames, (c->count + 1) * sizeof *grown);
    if (!f.bytes || !grown)
        die("out of memory");
    c->frames = grown;
    memcpy(f.bytes, bytes, length);
    if (c->tags)
        tag_frame(&f, c->tags);
    if (!name_frame(c, (struct bytes){f.bytes, f.length}, 0, gso_type, f.kind, sizeof f.kind)) {
        free(f.bytes);
        return;
    }
    c->frames[c->count++] = f;
}

bool capture_check(const struct capture *c, const char *topic, const char *expected)
{
    char list[512], *state = NULL;
    bool good = true;

    for (size_t i = 0; i < c->count; i++) {
        const struct frame *f = &c->frames[i];

        if (f->hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM &&
            (size_t)f->hdr.csum_start + f->hdr.csum_offset + 2 > f->length) {
            fprintf(stderr, "record: %s frame %zu (%s): checksum field outside the frame\n", topic,
                    i + 1, f->kind);
            good = false;
        }
    }

    snprintf(list, sizeof list, "%s", expected);
    for (char *word = strtok_r(list, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
        bool seeded = *word == '+', found = false;

        for (size_t i = 0; i < c->count && !found; i++)
            found = !strcmp(c->frames[i].kind, word + seeded) &&
                    (!seeded || c->frames[i].hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM);
        if (!found) {
            fprintf(stderr, "record: %s: no %sframe of kind %s\n", topic, seeded ? "seeded " : "",
                    word + seeded);
            good = false;
        }
    }
    return good;
}

void capture_write(const struct capture *c, const char *directory, const char *topic)
{
    char path[4096];
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 262144);
    pcap_dumper_t *dump;
    FILE *csv;

    snprintf(path, sizeof path, "%s/%s.pcap", directory, topic);
    dump = pcap ? pcap_dump_open(pcap, path) : NULL;
    if (!dump)
        die("cannot write %s", pcap ? pcap_geterr(pcap) : "a capture: out of memory");
    for (size_t i = 0; i < c->count; i++) {
        const struct frame *f = &c->frames[i];
        struct pcap_pkthdr header = {
            .ts = f->time, .caplen = (bpf_u_int32)f->length, .len = (bpf_u_int32)f->length};

        pcap_dump((u_char *)dump, &header, f->bytes);
    }
    if (pcap_dump_flush(dump) || ferror(pcap_dump_file(dump)))
        die("cannot write %s: %s", path, strerror(errno));
    pcap_dump_close(dump);
    pcap_close(pcap);

    snprintf(path, sizeof path, "%s/%s.csv", directory, topic);
    csv = fopen(path, "w");
    if (!csv)
        die("cannot write %s: %s", path, strerror(errno));
    fputs("frame,kind,origin,flags,gso_type,hdr_len,gso_size,csum_start,csum_offset\n", csv);
    for (size_t i = 0; i < c->count; i++) {
        const struct frame *f = &c->frames[i];

        fprintf(csv, "%zu,%s,%s,%u,%u,%u,%u,%u,%u\n", i + 1, f->kind, f->origin, f->hdr.flags,
                f->hdr.gso_type, f->hdr.hdr_len, f->hdr.gso_size, f->hdr.csum_start,
                f->hdr.csum_offset);
    }
    if (ferror(csv) | fclose(csv))
        die("cannot write %s: %s", path, strerror(errno));
}

void capture_free(struct capture *c)
{
    for (size_t i = 0; i < c->count; i++)
        free(c->frames[i].bytes);
    free(c->frames);
    *c = (struct capture){0};
}
