// SPDX-License-Identifier: MIT
/* Parses the link layer, from the first byte of the frame to the IP header. */
#include "parse.h"

static int pass_ethernet(const struct csumoff_parse *parse, size_t *pos, uint32_t *next)
{
    int status = csumoff_need_(parse, *pos, ETHERNET_HEADER);

    if (status)
        return status;
    *next = be16(parse->bytes + *pos + ETHERNET_HEADER - 2);
    *pos += ETHERNET_HEADER;
    return CSUMOFF_OK;
}

/* Passes a VLAN tag (IEEE 802.1Q). */
static int pass_tag(const struct csumoff_parse *parse, size_t *pos, uint32_t *next)
{
    int status = CSUMOFF_EPROTO;

    if (parse->layout->vlan_tags < VLAN_TAGS_MAX)
        status = csumoff_need_(parse, *pos, VLAN_TAG);
    if (status)
        return status;
    parse->layout->vlan_tags++;
    *next = be16(parse->bytes + *pos + 2);
    *pos += VLAN_TAG;
    return CSUMOFF_OK;
}

/* Passes a stack of MPLS labels (RFC 3032, section 2.1). No field tells what follows the stack: it
 * is taken for an IP header, whose first byte has the version. */
static int pass_mpls(const struct csumoff_parse *parse, size_t *pos, uint32_t *next)
{
    bool is_last;

    do {
        int status = csumoff_need_(parse, *pos, 4);

        if (status)
            return status;
        is_last = parse->bytes[*pos + 2] & 1;
        *pos += 4;
    } while (!is_last);
    *next = NEXT_IP;
    return CSUMOFF_OK;
}

/* Passes a PPPoE session header (RFC 2516, section 4) and the number of the PPP protocol. */
static int pass_pppoe(const struct csumoff_parse *parse, size_t *pos, uint32_t *next)
{
    enum {
        VERSION_AND_TYPE = 0x11,
        PPP_IPV4 = 0x0021,
        PPP_IPV6 = 0x0057
    };
    const uint8_t *header = parse->bytes + *pos;
    int status = csumoff_need_(parse, *pos, 8);
    uint16_t protocol;

    if (status)
        return status;
    protocol = be16(header + 6);
    if (header[0] != VERSION_AND_TYPE || header[1] != 0 ||
        (protocol != PPP_IPV4 && protocol != PPP_IPV6))
        return CSUMOFF_EPROTO;
    *next = protocol == PPP_IPV4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
    *pos += 8;
    return CSUMOFF_OK;
}

/* Passes an LLC header with SNAP (RFC 1042), which ends in an EtherType. It is compared byte by
 * byte, because an LLC header without SNAP may be shorter. */
static int pass_snap(const struct csumoff_parse *parse, size_t *pos, uint32_t *next)
{
    static const uint8_t snap[] = {0xAA, 0xAA, 0x03, 0, 0, 0};
    const uint8_t *header = parse->bytes + *pos;
    int status = CSUMOFF_OK;

    for (size_t i = 0; i < sizeof snap && !status; i++) {
        status = csumoff_need_(parse, *pos + i, 1);
        if (!status && header[i] != snap[i])
            status = CSUMOFF_EPROTO;
    }
    if (!status)
        status = csumoff_need_(parse, *pos, sizeof snap + 2);
    if (status)
        return status;
    *next = be16(header + sizeof snap);
    *pos += sizeof snap + 2;
    return *next < ETHERTYPE_LEAST ? CSUMOFF_EPROTO : CSUMOFF_OK;
}

/* Passes one header in front of IP: *pos and *next become the position and the kind of the next
 * header. */
static int pass(const struct csumoff_parse *parse, size_t *pos, uint32_t *next)
{
    switch (*next) {
    case NEXT_ETHERNET:
        return pass_ethernet(parse, pos, next);
    case ETHERTYPE_VLAN:
    case ETHERTYPE_QINQ:
    case ETHERTYPE_VLAN_9100:
        return pass_tag(parse, pos, next);
    }
    if (CSUMOFF_IS_PLAIN)
        return CSUMOFF_EPROTO;
    switch (*next) {
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
        return pass_mpls(parse, pos, next);
    case ETHERTYPE_PPPOE:
        return pass_pppoe(parse, pos, next);
    default:
        return *next < ETHERTYPE_LEAST ? pass_snap(parse, pos, next) : CSUMOFF_EPROTO;
    }
}

/* Sets *next to the EtherType of the IP version that the first byte of an IP header has. */
static int look_at_version(const struct csumoff_parse *parse, size_t pos, uint32_t *next)
{
    int status = csumoff_need_(parse, pos, 1);

    if (status)
        return status;
    *next = parse->bytes[pos] >> 4 == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
    return parse->bytes[pos] >> 4 == 4 || parse->bytes[pos] >> 4 == 6 ? CSUMOFF_OK : CSUMOFF_EPROTO;
}

/* Clears *layout member by member. Compilers may call memset() to assign a struct of zeros. */
static void clear(struct csumoff_layout *layout)
{
    layout->l3_start = layout->l4_start = layout->payload_start = layout->end = layout->l4_len = 0;
    layout->csum_start = layout->csum_offset = layout->pseudo = 0;
    layout->ip_version = layout->l4_proto = layout->vlan_tags = 0;
    layout->csum_kind = CSUMOFF_NO_CHECKSUM;
}

int csumoff_parse_(struct csumoff_parse *parse, size_t pos, uint32_t next)
{
    int status = CSUMOFF_OK;

    clear(parse->layout);
    parse->is_unsized = false;
    if (parse->len > CSUMOFF_FRAME_MOST || parse->have > parse->len)
        return CSUMOFF_ERANGE;
    while (!status && next != ETHERTYPE_IPV4 && next != ETHERTYPE_IPV6)
        status = next == NEXT_IP ? look_at_version(parse, pos, &next) : pass(parse, &pos, &next);
    if (status)
        return status;
    parse->layout->l3_start = (uint32_t)pos;
    status = next == ETHERTYPE_IPV4 ? csumoff_parse_ipv4_(parse) : csumoff_parse_ipv6_(parse);
    return status ? status : csumoff_parse_l4_(parse);
}
