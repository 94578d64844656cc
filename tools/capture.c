// SPDX-License-Identifier: MIT
#include "capture.h"

#include "interrupt.h"
#include "print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is read from a file at once: few system calls, and bytes that are still in the CPU's cache
 * when they are looked at. Four times as much is slower. */
enum {
    BUFFER = 128 << 10
};

/* How the link header tells what follows it. */
enum how {
    HOW_ETHERNET,  /* EtherType at `field`; the library reads the header itself */
    HOW_ETHERTYPE, /* EtherType at `field`; the header is stripped, as in all that follow */
    HOW_FAMILY,    /* address family at `field`, 32 bits */
    HOW_RAW,       /* by the first half byte of the IP header */
    HOW_IPV4,
    HOW_IPV6,
    HOW_SNAP, /* a SNAP header behind `header` bytes */
    HOW_PPP,  /* PPP or Cisco HDLC behind `header` bytes */
    HOW_FRAME_RELAY,
    HOW_WIFI,     /* IEEE 802.11 */
    HOW_RADIOTAP, /* IEEE 802.11 behind what the receiver tells of it */
    HOW_NFLOG,
    HOW_PKTAP /* any of these, which the packet itself tells */
};

/* Linux, 4.4BSD and OpenBSD number raw IP differently, and old libpcaps don't know all of these. */
enum {
    RAW_LINUX = 12,
    RAW_OPENBSD = 14,
    RAW_FILE = 101,
    PPP_WITH_DIRECTION = 166,
    NFLOG = 239,
#ifdef DLT_PKTAP
    PKTAP = DLT_PKTAP, /* Darwin has a number of its own */
#else
    PKTAP = 258,
#endif
    COOKED_V2 = 276
};

static const struct link_type {
    int dlt;
    size_t header, field; /* at least so many bytes come before the IP header */
    enum how how;
} link_types[] = {
    {DLT_EN10MB, 14, 12, HOW_ETHERNET},
    {DLT_LINUX_SLL, 16, 14, HOW_ETHERTYPE},
    {COOKED_V2, 20, 0, HOW_ETHERTYPE},
    {DLT_C_HDLC, 4, 2, HOW_ETHERTYPE},
    {DLT_NULL, 4, 0, HOW_FAMILY},
    {DLT_LOOP, 4, 0, HOW_FAMILY},
    {RAW_LINUX, 0, 0, HOW_RAW},
    {RAW_OPENBSD, 0, 0, HOW_RAW},
    {RAW_FILE, 0, 0, HOW_RAW},
    {DLT_IPV4, 0, 0, HOW_IPV4},
    {DLT_IPV6, 0, 0, HOW_IPV6},
    {DLT_FDDI, 13, 0, HOW_SNAP},
    {DLT_PPP, 0, 0, HOW_PPP},
    {DLT_PPP_SERIAL, 0, 0, HOW_PPP},
    {DLT_PPP_ETHER, 6, 0, HOW_PPP},
    {PPP_WITH_DIRECTION, 1, 0, HOW_PPP},
    {DLT_FRELAY, 2, 0, HOW_FRAME_RELAY},
    {DLT_IEEE802_11, 2, 0, HOW_WIFI},
    {DLT_IEEE802_11_RADIO, 8, 0, HOW_RADIOTAP},
    {NFLOG, 4, 0, HOW_NFLOG},
    {PKTAP, 12, 0, HOW_PKTAP},
};

static const struct link_type *link_type_find(int dlt)
{
    for (size_t i = 0; i < sizeof link_types / sizeof *link_types; i++)
        if (link_types[i].dlt == dlt)
            return &link_types[i];
    return NULL;
}

static unsigned le16(const uint8_t *p)
{
    return (unsigned)p[1] << 8 | p[0];
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)le16(p + 2) << 16 | le16(p);
}

/*
 * Returns the EtherType of an address family as Linux, the BSDs, Solaris and Windows number them,
 * in either byte order. Some write the EtherType itself.
 */
static unsigned family_ethertype(const uint8_t *p)
{
    unsigned family = be16(p) ? (be16(p + 2) ? 0 : le16(p)) : be16(p + 2);

    switch (family) {
    case 2:
    case ETHERTYPE_IPV4:
        return ETHERTYPE_IPV4;
    case 10: /* Linux */
    case 23: /* Windows */
    case 24: /* NetBSD, OpenBSD */
    case 26: /* Solaris */
    case 28: /* FreeBSD */
    case 30: /* Darwin */
    case ETHERTYPE_IPV6:
        return ETHERTYPE_IPV6;
    default:
        return 0;
    }
}

static bool is_tag(unsigned ethertype)
{
    return ethertype == 0x8100 || ethertype == 0x88A8 || ethertype == 0x9100;
}

static void read_tags(struct packet *p, size_t len)
{
    while (is_tag(p->ethertype) && p->vlans < VLAN_TAGS_MAX && p->l3 + 4 <= len) {
        p->vlan[p->vlans++] = be16(p->bytes + p->l3) & 0x0FFF;
        p->ethertype = be16(p->bytes + p->l3 + 2);
        p->l3 += 4;
    }
}

/*
 * The functions that follow read a header of varying length at p->l3, move p->l3 behind it and set
 * p->ethertype, which remains 0 where something else than an EtherType's protocol follows.
 * They return false if the packet ends before that.
 */

/* LLC and SNAP (IEEE 802, RFC 1042); `skip` bytes of LLC were read by others. */
static bool read_snap(struct packet *p, size_t len, size_t skip)
{
    static const uint8_t snap[] = {0xAA, 0xAA, 0x03, 0, 0, 0};
    size_t rest = sizeof snap - skip;

    if (p->l3 + rest + 2 > len)
        return false;
    if (memcmp(p->bytes + p->l3, snap + skip, rest) == 0)
        p->ethertype = be16(p->bytes + p->l3 + rest);
    p->l3 += rest + 2;
    return true;
}

/* PPP (RFC 1661) with or without the address and control bytes of HDLC (RFC 1662), a protocol
 * compressed to a byte or not; or Cisco's HDLC in its place, which is told by the address. */
static bool read_ppp(struct packet *p, size_t len)
{
    const uint8_t *at = p->bytes + p->l3;
    size_t have = len - p->l3, size = 0;
    unsigned protocol;

    if (have >= 4 && (at[0] == 0x0F || at[0] == 0x8F) && at[1] == 0) {
        p->ethertype = be16(at + 2);
        p->l3 += 4;
        return true;
    }
    if (have >= 2 && at[0] == 0xFF && at[1] == 0x03)
        size = 2;
    if (size + 1 > have || (!(at[size] & 1) && size + 2 > have))
        return false;
    protocol = at[size] & 1 ? at[size] : be16(at + size);
    p->ethertype = protocol == 0x21 ? ETHERTYPE_IPV4 : protocol == 0x57 ? ETHERTYPE_IPV6 : 0;
    p->l3 += size + (at[size] & 1 ? 1 : 2);
    return true;
}

/* Frame Relay: an address of 2 to 4 bytes, then RFC 2427 or, as Cisco has it, an EtherType. */
static bool read_frame_relay(struct packet *p, size_t len)
{
    const uint8_t *bytes = p->bytes;

    while (p->l3 < len && !(bytes[p->l3] & 1))
        p->l3++;
    p->l3++;
    if (p->l3 + 2 > len)
        return false;
    if (bytes[p->l3] != 0x03) {
        p->ethertype = be16(bytes + p->l3);
        p->l3 += 2;
        return true;
    }
    p->l3 += bytes[p->l3 + 1] == 0 ? 2 : 1;
    if (p->l3 >= len)
        return false;
    switch (bytes[p->l3++]) {
    case 0xCC:
        p->ethertype = ETHERTYPE_IPV4;
        break;
    case 0x8E:
        p->ethertype = ETHERTYPE_IPV6;
        break;
    case 0x80:
        return read_snap(p, len, 3);
    }
    return true;
}

/* IEEE 802.11: what is in clear and whole in one data frame. `is_padded`: the receiver has made
 * the header's length a multiple of 4. */
static bool read_wifi(struct packet *p, size_t len, bool is_padded)
{
    const uint8_t *at = p->bytes + p->l3;
    size_t size = 24;
    bool is_qos;

    if (p->l3 + 2 > len)
        return false;
    is_qos = at[0] & 0x80;
    /* Not data, data that are null or encrypted; or of another version. */
    if ((at[0] & 0x4F) != 0x08 || at[1] & 0x40)
        return true;
    size += (at[1] & 3) == 3 ? 6 : 0;
    if (p->l3 + size + (is_qos ? 2 : 0) > len)
        return false;
    /* A fragment, or several packets in one. */
    if (at[1] & 0x04 || at[22] & 0x0F || (is_qos && at[size] & 0x80))
        return true;
    size += is_qos ? 2u + (at[1] & 0x80 ? 4u : 0u) : 0u;
    p->l3 += is_padded ? (size + 3) & ~(size_t)3 : size;
    return read_snap(p, len, 0);
}

/* Radiotap: a length, words that tell which fields there are, and of those the time and flags. */
static bool read_radiotap(struct packet *p, size_t len)
{
    const uint8_t *at = p->bytes + p->l3;
    size_t size = le16(at + 2), flags = 4;
    uint32_t present = le32(at + 4);

    if (size < 8 || p->l3 + size > len)
        return false;
    while (flags + 4 <= size && le32(at + flags) >> 31)
        flags += 4;
    flags += 4;
    if (present & 1)
        flags = ((flags + 7) & ~(size_t)7) + 8;
    p->l3 += size;
    return read_wifi(p, len, present & 2 && flags < size && at[flags] & 0x20);
}

/* NFLOG: attributes, one of which is the packet. libpcap gives them this machine's byte order. */
static bool read_nflog(struct packet *p, size_t len)
{
    unsigned family = p->bytes[p->l3];
    size_t at = p->l3 + 4;

    while (at + 4 <= len) {
        uint16_t attribute[2];

        memcpy(attribute, p->bytes + at, sizeof attribute);
        if (attribute[0] < sizeof attribute)
            break;
        if ((attribute[1] & 0x7FFF) == 9) {
            p->l3 = at + sizeof attribute;
            p->ethertype = family == 2 ? ETHERTYPE_IPV4 : family == 10 ? ETHERTYPE_IPV6 : 0;
            return true;
        }
        at += (attribute[0] + 3u) & ~3u;
    }
    return at == len;
}

/* PKTAP: a length, the link type, and more, in the byte order of a Mac. Returns the link type,
 * whose header p->start then is; NULL: p->status says why not. */
static const struct link_type *enter_pktap(const struct link_type *pktap, struct packet *p)
{
    const struct link_type *link;
    size_t len = p->header->caplen, size;
    uint32_t dlt;

    p->l3 = p->start;
    if (len < pktap->header) {
        p->l3 += pktap->header;
        p->status = CSUMOFF_ETRUNC;
        return NULL;
    }
    size = le32(p->bytes);
    dlt = le32(p->bytes + 8);
    link = dlt < 0x10000 ? link_type_find((int)dlt) : NULL;
    if (size < 12 || size > len) {
        p->status = CSUMOFF_ETRUNC;
        return NULL;
    }
    if (!link || link->how == HOW_PKTAP) {
        p->status = CSUMOFF_EPROTO;
        return NULL;
    }
    p->start = size;
    return link;
}

/* Returns the direction by the packet type and the hardware type of Linux's cooked headers. */
static enum direction cooked_direction(const struct link_type *link, const uint8_t *header)
{
    enum {
        OUTGOING = 4,
        LOOPBACK = 772
    };
    bool is_v2 = link->dlt == COOKED_V2;
    unsigned type = is_v2 ? header[10] : be16(header);
    unsigned hardware = be16(header + (is_v2 ? 8 : 2));

    if (hardware == LOOPBACK || type > OUTGOING)
        return DIRECTION_UNKNOWN;
    return type == OUTGOING ? SENT : RECEIVED;
}

/* Reads a header whose first `link->header` bytes are there; false: the packet ends in the rest. */
static bool read_header(const struct link_type *link, struct packet *p, size_t len)
{
    const uint8_t *header = p->bytes + p->l3;

    if (link->how <= HOW_SNAP || link->how == HOW_PPP)
        p->l3 += link->header;
    switch (link->how) {
    case HOW_ETHERNET:
    case HOW_ETHERTYPE:
        p->ethertype = be16(header + link->field);
        if (link->dlt == DLT_LINUX_SLL || link->dlt == COOKED_V2)
            p->direction = cooked_direction(link, header);
        return true;
    case HOW_FAMILY:
        p->ethertype = family_ethertype(header + link->field);
        return true;
    case HOW_RAW:
        if (p->l3 < len)
            p->ethertype = header[0] >> 4 == 4   ? ETHERTYPE_IPV4
                           : header[0] >> 4 == 6 ? ETHERTYPE_IPV6
                                                 : 0;
        return true;
    case HOW_IPV4:
        p->ethertype = ETHERTYPE_IPV4;
        return true;
    case HOW_IPV6:
        p->ethertype = ETHERTYPE_IPV6;
        return true;
    case HOW_SNAP:
        return read_snap(p, len, 0);
    case HOW_PPP:
        return read_ppp(p, len);
    case HOW_FRAME_RELAY:
        return read_frame_relay(p, len);
    case HOW_WIFI:
        return read_wifi(p, len, false);
    case HOW_RADIOTAP:
        return read_radiotap(p, len);
    case HOW_NFLOG:
        return read_nflog(p, len);
    case HOW_PKTAP:
        break;
    }
    return false;
}

/* Reads the link header at p->start. */
static void read_link_header(const struct link_type *link, struct packet *p)
{
    size_t len = p->header->caplen;
    unsigned version;

    p->l3 = p->start;
    if (len < p->l3 + link->header) {
        p->l3 += link->header;
        p->status = CSUMOFF_ETRUNC;
        return;
    }
    if (!read_header(link, p, len)) {
        p->l3 = len;
        p->status = CSUMOFF_ETRUNC;
        return;
    }
    read_tags(p, len);
    if (link->how == HOW_ETHERNET)
        return;

    p->start = p->l3;
    p->link = CSUMOFF_LINK_IP;
    if (link->how == HOW_RAW)
        return;
    version = p->ethertype == ETHERTYPE_IPV4 ? 4 : 6;
    if (is_tag(p->ethertype) && p->vlans < VLAN_TAGS_MAX)
        p->status = CSUMOFF_ETRUNC;
    else if (p->ethertype != ETHERTYPE_IPV4 && p->ethertype != ETHERTYPE_IPV6)
        p->status = CSUMOFF_EPROTO;
    else if (p->l3 < len && p->bytes[p->l3] >> 4 != version)
        p->status = CSUMOFF_EHDR;
}

/*
 * Reads the magic number and puts it back, for libpcap doesn't tell the resolution of a file.
 * C promises one byte of room to put back; every libc has it for bytes that were just read.
 */
static bool peek_resolution(struct capture *c)
{
    static const uint8_t micro[][4] = {{0xA1, 0xB2, 0xC3, 0xD4},
                                       {0xD4, 0xC3, 0xB2, 0xA1},
                                       {0xA1, 0xB2, 0xCD, 0x34},
                                       {0x34, 0xCD, 0xB2, 0xA1}};
    uint8_t magic[4];
    size_t n = fread(magic, 1, sizeof magic, c->file);

    if (n == 0 && interrupted())
        return false;
    if (n == 0) {
        complain("%s: %s", c->name, ferror(c->file) ? strerror(errno) : "an empty file");
        return false;
    }
    c->is_nano = true;
    for (size_t i = 0; i < 4; i++)
        c->is_nano = c->is_nano && memcmp(magic, micro[i], sizeof magic) != 0;
    while (n > 0) {
        if (ungetc(magic[--n], c->file) == EOF) {
            complain("%s: can't be read twice", c->name);
            return false;
        }
    }
    return true;
}

static bool open_pcap(struct capture *c)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    int dlt;

    if (!peek_resolution(c))
        return false;
    c->pcap = pcap_fopen_offline_with_tstamp_precision(
        c->file, c->is_nano ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO, why);
    if (!c->pcap && interrupted())
        return false;
    if (!c->pcap) {
        complain("%s: not a capture: %s", c->name, why);
        return false;
    }
    dlt = pcap_datalink(c->pcap);
    c->link = link_type_find(dlt);
    if (!c->link) {
        const char *name = pcap_datalink_val_to_name(dlt);

        complain("%s: link type %d (%s) is not supported", c->name, dlt, name ? name : "unknown");
        return false;
    }
    return true;
}

bool capture_open(struct capture *c, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    struct stat st;

    *c = (struct capture){.name = is_stdin ? "standard input" : path, .size = -1};
    c->file = is_stdin ? fdopen(dup(STDIN_FILENO), "rb") : fopen(path, "rb");
    if (!c->file) {
        complain("%s: %s", c->name, strerror(errno));
        return false;
    }
    interrupt_reading(fileno(c->file));
    /* A NULL buffer would leave its size to the C library, which takes a block of the disk. */
    c->buffer = malloc(BUFFER);
    if (c->buffer)
        setvbuf(c->file, c->buffer, _IOFBF, BUFFER);
    if (fstat(fileno(c->file), &st) == 0 && S_ISREG(st.st_mode))
        c->size = st.st_size;
    if (open_pcap(c))
        return true;
    capture_close(c);
    return false;
}

int capture_next(struct capture *c, struct packet *p)
{
    const struct link_type *link;
    int got;

    memset(p, 0, sizeof *p);
    got = pcap_next_ex(c->pcap, &p->header, &p->bytes);
    if (got == PCAP_ERROR_BREAK || interrupted())
        return 0;
    if (got != 1) {
        complain("%s: packet %llu: %s", c->name, (unsigned long long)c->packets + 1,
                 pcap_geterr(c->pcap));
        return -1;
    }
    p->number = ++c->packets;
    p->is_snapped = p->header->caplen < p->header->len;
    p->is_at_snaplen = p->header->caplen == (bpf_u_int32)pcap_snapshot(c->pcap);
    link = c->link->how == HOW_PKTAP ? enter_pktap(c->link, p) : c->link;
    if (link)
        read_link_header(link, p);
    if (!c->is_quiet && progress_is_due(c->packets))
        progress(c->packets, c->size > 0 ? (double)ftello(c->file) / (double)c->size : -1);
    return 1;
}

void capture_close(struct capture *c)
{
    progress_erase();
    interrupt_reading(-1);
    if (c->pcap)
        pcap_close(c->pcap);
    else if (c->file)
        fclose(c->file);
    free(c->buffer);
    c->buffer = NULL;
    c->pcap = NULL;
    c->file = NULL;
}

pcap_t *capture_kind(const struct capture *c)
{
    /* Of the numbers for raw IP libpcap writes only its own. */
    int dlt = c->link->how == HOW_RAW ? DLT_RAW : c->link->dlt;

    return pcap_open_dead_with_tstamp_precision(dlt, pcap_snapshot(c->pcap),
                                                (u_int)pcap_get_tstamp_precision(c->pcap));
}
