// SPDX-License-Identifier: MIT
/* The L4 header: the kind of its checksum, the place of the field and the bytes that it covers. */
#include "parse.h"

enum {
    PLAIN_PROTOCOLS = 4 /* the first rows, the only ones with CSUMOFF_PLAIN */
};

/* The protocols that have a checksum. */
static const struct protocol {
    uint8_t number, ip_version; /* 0: either version */
    uint8_t header, csum_offset;
    bool has_pseudo_header, is_crc32c;
} protocols[] = {
    {PROTO_TCP, 0, TCP_HEADER, TCP_CHECK, true, false},
    {PROTO_UDP, 0, UDP_HEADER, UDP_CHECK, true, false},
    {PROTO_ICMP, 4, 8, 2, false, false},
    {PROTO_ICMPV6, 6, 8, 2, true, false},
    {PROTO_SCTP, 0, 12, 8, false, true},   /* RFC 9260, section 3.1 */
    {PROTO_UDPLITE, 0, 8, 6, true, false}, /* RFC 3828 */
    {PROTO_DCCP, 0, 12, 6, true, false},   /* RFC 4340, section 5.1 */
    {PROTO_IGMP, 4, 8, 2, false, false},   /* RFC 3376, section 4 */
    {PROTO_GRE, 0, 4, 4, false, false},    /* RFC 2784 */
    {PROTO_PIM, 4, 4, 2, false, false},    /* RFC 7761, section 4.9 */
    {PROTO_PIM, 6, 4, 2, true, false},     /* RFC 7761, section 4.9 */
    {PROTO_OSPF, 4, 24, 12, false, false}, /* RFC 2328, section A.3.1 */
    {PROTO_OSPF, 6, 16, 12, true, false},  /* RFC 5340, section A.3.1 */
    {PROTO_VRRP, 4, 8, 6, false, false},   /* RFC 3768, section 5.3 */
    {PROTO_VRRP, 6, 8, 6, true, false},    /* RFC 9568, section 5.2 */
};

static const struct protocol *protocol_of(uint8_t l4_proto, uint8_t ip_version)
{
    const struct protocol *end =
        protocols + (CSUMOFF_IS_PLAIN ? PLAIN_PROTOCOLS : sizeof protocols / sizeof protocols[0]);

    for (const struct protocol *p = protocols; p < end; p++)
        if (p->number == l4_proto && (!p->ip_version || p->ip_version == ip_version))
            return p;
    return NULL;
}

bool csumoff_has_pseudo_header_(uint8_t l4_proto, uint8_t ip_version)
{
    const struct protocol *protocol = protocol_of(l4_proto, ip_version);

    return protocol ? protocol->has_pseudo_header : l4_proto != PROTO_ICMP;
}

/*
 * The functions below are for protocols whose headers tell lengths. When one is called,
 * layout->l4_len is the length of the whole IP payload and layout->payload_start the end of the
 * fixed header. The function corrects both.
 */

static void measure_tcp(const uint8_t *l4, struct csumoff_layout *layout)
{
    uint32_t header = (uint32_t)(l4[TCP_DATA_OFFSET] >> 4) * 4;

    layout->payload_start =
        header < TCP_HEADER || header > layout->l4_len ? 0 : layout->l4_start + header;
}

static int measure_udp(const uint8_t *l4, bool is_unsized, struct csumoff_layout *layout)
{
    uint32_t len = be16(l4 + UDP_LENGTH);

    if (len == 0 && is_unsized) /* RFC 2675, section 4 */
        return CSUMOFF_OK;
    if (len < UDP_HEADER || len > layout->l4_len)
        return CSUMOFF_EHDR;
    layout->l4_len = len;
    return CSUMOFF_OK;
}

/* Reads the coverage of UDP-Lite (RFC 3828, section 3.1), where 0 means the whole packet. */
static int measure_udplite(const uint8_t *l4, struct csumoff_layout *layout)
{
    uint32_t coverage = be16(l4 + UDP_LENGTH);

    if (coverage == 0)
        return CSUMOFF_OK;
    if (coverage < UDP_HEADER || coverage > layout->l4_len)
        return CSUMOFF_EHDR;
    layout->l4_len = coverage;
    return CSUMOFF_OK;
}

/* Reads the data offset and the coverage of DCCP (RFC 4340, sections 5.1 and 9.2). */
static int measure_dccp(const uint8_t *l4, struct csumoff_layout *layout)
{
    uint32_t header = (uint32_t)l4[4] * 4, coverage = l4[5] & 15;
    uint32_t least = l4[8] & 1 ? 16 : 12; /* X: long sequence numbers */

    if (header < least || header > layout->l4_len)
        return CSUMOFF_EHDR;
    layout->payload_start = layout->l4_start + header;
    if (coverage == 0)
        return CSUMOFF_OK;
    coverage = header + (coverage - 1) * 4;
    if (coverage > layout->l4_len)
        return CSUMOFF_EHDR;
    layout->l4_len = coverage;
    return CSUMOFF_OK;
}

static int measure_gre(const uint8_t *l4, struct csumoff_layout *layout)
{
    uint32_t header = gre_header(l4[0]);

    if ((l4[1] & 7) != 0 || !(l4[0] & GRE_CSUM))
        return CSUMOFF_EPROTO;
    if (header > layout->l4_len)
        return CSUMOFF_ETRUNC;
    layout->payload_start = layout->l4_start + header;
    return CSUMOFF_OK;
}

/* Reads the type of a PIM message. The checksum of a Register message covers only its header (RFC
 * 7761, section 4.9). */
static int measure_pim(const uint8_t *l4, struct csumoff_layout *layout)
{
    enum {
        VERSION = 2,
        REGISTER = 1,
        REGISTER_LEN = 8
    };

    if (l4[0] >> 4 != VERSION)
        return CSUMOFF_EPROTO;
    if ((l4[0] & 15) != REGISTER)
        return CSUMOFF_OK;
    if (layout->l4_len < REGISTER_LEN)
        return CSUMOFF_ETRUNC;
    layout->l4_len = REGISTER_LEN;
    layout->payload_start = layout->l4_start + REGISTER_LEN;
    return CSUMOFF_OK;
}

/*
 * Reads the length in OSPF's own header. The checksum of version 2 does not cover the
 * authentication (RFC 2328, section D.4), so layout->pseudo is a sum that takes it out. It also
 * takes out the length, which csumoff_pseudo_() adds.
 */
static int measure_ospf(const uint8_t *l4, uint32_t header, struct csumoff_layout *layout)
{
    enum {
        AUTHENTICATION_TYPE = 14,
        CRYPTOGRAPHIC = 2, /* this type and higher ones have no checksum */
        AUTHENTICATION = 16
    };
    uint32_t len = be16(l4 + 2);

    if (l4[0] != (layout->ip_version == 4 ? 2 : 3) ||
        (layout->ip_version == 4 && be16(l4 + AUTHENTICATION_TYPE) >= CRYPTOGRAPHIC))
        return CSUMOFF_EPROTO;
    if (len < header || len > layout->l4_len)
        return CSUMOFF_EHDR;
    layout->l4_len = len;
    if (layout->ip_version == 4) {
        csumoff_wsum sum = csumoff_add(csumoff_load32_(l4 + AUTHENTICATION),
                                       csumoff_load32_(l4 + AUTHENTICATION + 4));

        /* Zero is written as 0xFFFFFFFF, since a pseudo of 0 means that there is nothing to add. */
        layout->pseudo = csumoff_sub(0xFFFFFFFF, csumoff_add(sum, csumoff_net32_(len)));
    }
    return CSUMOFF_OK;
}

static int measure_vrrp(const uint8_t *l4, const struct csumoff_layout *layout)
{
    return l4[0] >> 4 == (layout->ip_version == 4 ? 2 : 3) ? CSUMOFF_OK : CSUMOFF_EPROTO;
}

static int measure(const struct csumoff_parse *parse, uint32_t header,
                   struct csumoff_layout *layout)
{
    const uint8_t *l4 = parse->bytes + layout->l4_start;

    switch (layout->l4_proto) {
    case PROTO_TCP:
        measure_tcp(l4, layout);
        return CSUMOFF_OK;
    case PROTO_UDP:
        return measure_udp(l4, parse->is_unsized, layout);
    }
    if (CSUMOFF_IS_PLAIN)
        return CSUMOFF_OK;
    switch (layout->l4_proto) {
    case PROTO_UDPLITE:
        return measure_udplite(l4, layout);
    case PROTO_DCCP:
        return measure_dccp(l4, layout);
    case PROTO_GRE:
        return measure_gre(l4, layout);
    case PROTO_PIM:
        return measure_pim(l4, layout);
    case PROTO_OSPF:
        return measure_ospf(l4, header, layout);
    case PROTO_VRRP:
        return measure_vrrp(l4, layout);
    default:
        return CSUMOFF_OK;
    }
}

static csumoff_wsum pseudo_of(const struct csumoff_parse *parse)
{
    const struct csumoff_layout *layout = parse->layout;

    return layout->ip_version == 4
               ? csumoff_pseudo_ipv4(parse->saddr, parse->daddr, layout->l4_proto, 0, 0)
               : csumoff_pseudo_ipv6(parse->saddr, parse->daddr, layout->l4_proto, 0, 0);
}

int csumoff_parse_l4_(struct csumoff_parse *parse)
{
    struct csumoff_layout *layout = parse->layout;
    const struct protocol *protocol = protocol_of(layout->l4_proto, layout->ip_version);
    int status;

    if (!protocol)
        return CSUMOFF_EPROTO;
    if (layout->end - layout->l4_start < protocol->header)
        return CSUMOFF_ETRUNC;
    status = csumoff_need_(parse, layout->l4_start, protocol->header);
    if (status)
        return status;
    layout->l4_len = layout->end - layout->l4_start;
    layout->payload_start = layout->l4_start + protocol->header;
    status = measure(parse, protocol->header, layout);
    if (status) {
        layout->l4_len = layout->payload_start = 0;
        return status;
    }
    layout->csum_start = layout->l4_start;
    layout->csum_offset = protocol->csum_offset;
    if (protocol->has_pseudo_header)
        layout->pseudo = pseudo_of(parse);
    layout->csum_kind = protocol->is_crc32c ? CSUMOFF_CRC32C : CSUMOFF_INTERNET;
    return CSUMOFF_OK;
}
