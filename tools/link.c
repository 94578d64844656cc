// SPDX-License-Identifier: MIT
#include "link.h"

#include "capture.h"
#include "wifi.h"

#include <csumoff.h>
#include <pcap/pcap.h>
#include <string.h>

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
    HOW_PRISM,    /* the same, in older forms */
    HOW_AVS,
    HOW_NFLOG,
    HOW_PKTAP, /* any of these, which the packet itself tells */
    HOW_PPI    /* the same */
};

/* How the link header tells whether the packet was received or sent. */
enum way {
    WAY_UNKNOWN,
    WAY_COOKED,    /* a byte: 0 to 3 received, 4 sent; after it 16 bits: the type of the hardware */
    WAY_COOKED_V2, /* the same, and those bits are before it */
    WAY_PPP        /* a byte: 0 received, else sent */
};

/* The numbers are those of capture files. */
static const struct link_type {
    uint32_t number;
    size_t header, field; /* at least so many bytes come before the IP header */
    enum how how;
    enum way way;
    size_t way_field;
} link_types[] = {
    {1, 14, 12, HOW_ETHERNET, WAY_UNKNOWN, 0},
    {113, 16, 14, HOW_ETHERTYPE, WAY_COOKED, 1}, /* Linux's cooked captures */
    {276, 20, 0, HOW_ETHERTYPE, WAY_COOKED_V2, 10},
    {104, 4, 2, HOW_ETHERTYPE, WAY_UNKNOWN, 0}, /* Cisco HDLC */
    {0, 4, 0, HOW_FAMILY, WAY_UNKNOWN, 0},      /* loopback */
    {108, 4, 0, HOW_FAMILY, WAY_UNKNOWN, 0},    /* OpenBSD's */
    {101, 0, 0, HOW_RAW, WAY_UNKNOWN, 0},
    {12, 0, 0, HOW_RAW, WAY_UNKNOWN, 0}, /* raw IP as some systems wrote it */
    {14, 0, 0, HOW_RAW, WAY_UNKNOWN, 0},
    {228, 0, 0, HOW_IPV4, WAY_UNKNOWN, 0},
    {229, 0, 0, HOW_IPV6, WAY_UNKNOWN, 0},
    {10, 13, 0, HOW_SNAP, WAY_UNKNOWN, 0}, /* FDDI */
    {9, 0, 0, HOW_PPP, WAY_UNKNOWN, 0},
    {50, 0, 0, HOW_PPP, WAY_UNKNOWN, 0},
    {51, 6, 0, HOW_PPP, WAY_UNKNOWN, 0}, /* PPPoE */
    {166, 1, 0, HOW_PPP, WAY_PPP, 0},
    {107, 2, 0, HOW_FRAME_RELAY, WAY_UNKNOWN, 0},
    {105, 2, 0, HOW_WIFI, WAY_UNKNOWN, 0},
    {127, 8, 0, HOW_RADIOTAP, WAY_UNKNOWN, 0},
    {119, 8, 0, HOW_PRISM, WAY_UNKNOWN, 0},
    {163, 8, 0, HOW_AVS, WAY_UNKNOWN, 0},
    {239, 4, 0, HOW_NFLOG, WAY_UNKNOWN, 0},
    {258, 12, 0, HOW_PKTAP, WAY_UNKNOWN, 0},
    {192, 8, 0, HOW_PPI, WAY_UNKNOWN, 0},
};

const struct link_type *link_find(uint32_t number)
{
    for (size_t i = 0; i < sizeof link_types / sizeof *link_types; i++)
        if (link_types[i].number == number)
            return &link_types[i];
    return NULL;
}

const char *link_name(uint32_t number)
{
    const char *name = number <= UINT16_MAX ? pcap_datalink_val_to_name((int)number) : NULL;

    return name ? name : "unknown";
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
bool link_read_snap(struct packet *p, size_t len, size_t skip)
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
        return link_read_snap(p, len, 3);
    }
    return true;
}

/* NFLOG: attributes, one of which is the packet, and one tells which of netfilter's hooks saw it.
 * Their headers have the byte order of the machine that wrote the file. */
static bool read_nflog(struct packet *p, size_t len)
{
    static const enum direction by_hook[] = {RECEIVED, RECEIVED, DIRECTION_UNKNOWN, SENT, SENT};
    unsigned family = p->bytes[p->l3];
    size_t at = p->l3 + 4;

    while (at + 4 <= len) {
        const uint8_t *attribute = p->bytes + at;
        unsigned size = p->is_big_endian ? be16(attribute) : le16(attribute);
        unsigned type = (p->is_big_endian ? be16(attribute + 2) : le16(attribute + 2)) & 0x7FFF;

        if (size < 4)
            break;
        if (type == 9) {
            p->l3 = at + 4;
            p->ethertype = family == 2 ? ETHERTYPE_IPV4 : family == 10 ? ETHERTYPE_IPV6 : 0;
            return true;
        }
        if (type == 1 && size >= 7 && at + 7 <= len &&
            attribute[6] < sizeof by_hook / sizeof *by_hook)
            p->direction = by_hook[attribute[6]];
        at += (size + 3u) & ~3u;
    }
    return at == len;
}

/* Tells from PKTAP's flags, which not every version has. */
static void read_pktap_direction(struct packet *p, size_t size)
{
    unsigned flags = size >= 40 ? le16(p->bytes + 36) & 3 : 0;

    p->direction = flags == 1 ? RECEIVED : flags == 2 ? SENT : DIRECTION_UNKNOWN;
}

/* PKTAP and PPI: a length, the link type of what is inside, and more, all of it little-endian.
 * Returns that link type, whose header p->start then is; NULL: p->status says why not. */
static const struct link_type *enter(const struct link_type *outer, struct packet *p)
{
    const struct link_type *link;
    size_t len = p->header->caplen, size;

    p->l3 = p->start;
    if (len < outer->header) {
        p->l3 += outer->header;
        p->status = CSUMOFF_ETRUNC;
        return NULL;
    }
    size = outer->how == HOW_PPI ? le16(p->bytes + 2) : le32(p->bytes);
    link = link_find(le32(p->bytes + (outer->how == HOW_PPI ? 4 : 8)));
    if (size < outer->header || size > len) {
        p->status = CSUMOFF_ETRUNC;
        return NULL;
    }
    if (outer->how == HOW_PKTAP)
        read_pktap_direction(p, size);
    if (!link || link->how >= HOW_PKTAP) {
        p->status = CSUMOFF_EPROTO;
        return NULL;
    }
    p->start = size;
    return link;
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
        return link_read_snap(p, len, 0);
    case HOW_PPP:
        return read_ppp(p, len);
    case HOW_FRAME_RELAY:
        return read_frame_relay(p, len);
    case HOW_WIFI:
        return wifi_read(p, len, false);
    case HOW_RADIOTAP:
        return wifi_read_radiotap(p, len);
    case HOW_PRISM:
        return wifi_read_prism(p, len);
    case HOW_AVS:
        return wifi_read_avs(p, len);
    case HOW_NFLOG:
        return read_nflog(p, len);
    case HOW_PKTAP:
    case HOW_PPI:
        break;
    }
    return false;
}

static void read_direction(const struct link_type *link, struct packet *p)
{
    enum {
        LOOPBACK = 772
    };
    const uint8_t *field = p->bytes + p->start + link->way_field;
    const unsigned way = *field;

    if (link->way == WAY_PPP)
        p->direction = way == 0 ? RECEIVED : SENT;
    else if (be16(link->way == WAY_COOKED ? field + 1 : field - 2) != LOOPBACK)
        p->direction = way < 4 ? RECEIVED : way == 4 ? SENT : DIRECTION_UNKNOWN;
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
    if (link->way != WAY_UNKNOWN)
        read_direction(link, p);
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

void link_read(const struct link_type *link, struct packet *p)
{
    if (!link) {
        p->status = CSUMOFF_EPROTO;
        return;
    }
    if (link->how >= HOW_PKTAP)
        link = enter(link, p);
    if (link)
        read_link_header(link, p);
}
