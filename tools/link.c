// SPDX-License-Identifier: MIT
#include "link.h"

#include "capture.h"
#include "link_headers.h"
#include "wifi.h"

#include <csumoff.h>
#include <pcap/pcap.h>

/* How the link header tells what follows it. */
enum how {
    HOW_ETHERNET,  /* EtherType at `field`; the library reads the header itself */
    HOW_ETHERTYPE, /* EtherType at `field`; the library does not get this header, nor those below */
    HOW_FAMILY,    /* address family at `field`, 32 bits */
    HOW_RAW,       /* by the first half byte of the IP header */
    HOW_IPV4,
    HOW_IPV6,
    HOW_SNAP, /* a SNAP header behind `header` bytes */
    HOW_PPP,  /* PPP or Cisco HDLC behind `header` bytes */
    HOW_FRAME_RELAY,
    HOW_WIFI,     /* IEEE 802.11 */
    HOW_RADIOTAP, /* IEEE 802.11 behind a header of the receiver's */
    HOW_PRISM,    /* IEEE 802.11 behind older headers of receivers */
    HOW_AVS,
    HOW_NFLOG,
    HOW_PKTAP, /* any of these; the packet itself says which */
    HOW_PPI    /* any of these, as in PKTAP */
};

/* How the link header tells the direction of the packet. */
enum way {
    WAY_UNKNOWN,
    WAY_COOKED,    /* a byte: 0 to 3 received, 4 sent; then 16 bits: the type of the hardware */
    WAY_COOKED_V2, /* the same, and those bits are before it */
    WAY_PPP        /* a byte: 0 received, else sent */
};

/* The numbers are those of capture files. */
static const struct link_type {
    uint32_t number;
    size_t header, field; /* `header`: the least bytes before the IP header */
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

/* Reads the direction from PKTAP's flags, which not every version has. */
static void read_pktap_direction(struct packet *p, size_t size)
{
    unsigned flags = size >= 40 ? le16(p->bytes + 36) & 3 : 0;

    p->direction = flags == 1 ? RECEIVED : flags == 2 ? SENT : DIRECTION_UNKNOWN;
}

/* Reads PKTAP or PPI: a length, the link type of the frame inside, and more, all of it
 * little-endian. Returns that link type and sets p->start to its header. If it returns NULL,
 * p->status says why. */
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

/* Reads a header whose first `link->header` bytes were captured. Returns false if the packet ends
 * in the rest. */
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
        p->ethertype = link_family_ethertype(header + link->field);
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
        return link_read_ppp(p, len);
    case HOW_FRAME_RELAY:
        return link_read_frame_relay(p, len);
    case HOW_WIFI:
        return wifi_read(p, len, false);
    case HOW_RADIOTAP:
        return wifi_read_radiotap(p, len);
    case HOW_PRISM:
        return wifi_read_prism(p, len);
    case HOW_AVS:
        return wifi_read_avs(p, len);
    case HOW_NFLOG:
        return link_read_nflog(p, len);
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
