// SPDX-License-Identifier: MIT
/* The tunnels: what a packet carries behind its IP or UDP header. */
#include "parse.h"

/* A position in a tunnel: first its header is at `pos`, then the packet inside. The tunnel ends at
 * parse->len. */
struct inside {
    const struct csumoff_parse *parse;
    uint32_t pos;
    uint32_t next; /* what is at `pos`, as csumoff_parse_() takes it */
};

/* Passes a tunnel's header, so that *in speaks of what is inside. Returns CSUMOFF_OK;
 * CSUMOFF_EPROTO: what is inside isn't known; CSUMOFF_ETRUNC: the tunnel ends inside its header; or
 * CSUMOFF_EHEAD: the bytes at hand do. */
typedef int enter_fn(struct inside *in);

static const uint8_t *header_of(const struct inside *in)
{
    return in->parse->bytes + in->pos;
}

/* Returns CSUMOFF_OK if the header's first n bytes can be read, else CSUMOFF_ETRUNC or
 * CSUMOFF_EHEAD. */
static int need(const struct inside *in, uint32_t n)
{
    return csumoff_need_(in->parse, in->pos, n);
}

/* Passes a header of this length, of which not all has to be at hand. */
static int go_on(struct inside *in, uint32_t header, uint32_t next)
{
    if (header > in->parse->len - in->pos)
        return CSUMOFF_ETRUNC;
    in->pos += header;
    in->next = next;
    return CSUMOFF_OK;
}

/* Goes on with what an EtherType names, where that is something a tunnel carries. */
static int go_on_by_type(struct inside *in, uint32_t header, uint16_t type)
{
    switch (type) {
    case ETHERTYPE_TEB:
        return go_on(in, header, NEXT_ETHERNET);
    case ETHERTYPE_IPV4:
    case ETHERTYPE_IPV6:
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
        return go_on(in, header, type);
    default:
        return CSUMOFF_EPROTO;
    }
}

static int enter_ipv4(struct inside *in)
{
    return go_on(in, 0, ETHERTYPE_IPV4);
}

static int enter_ipv6(struct inside *in)
{
    return go_on(in, 0, ETHERTYPE_IPV6);
}

/* RFC 7510, section 3. */
static int enter_mpls(struct inside *in)
{
    return go_on(in, 0, ETHERTYPE_MPLS);
}

/* GRE of version 0 without source routes (RFC 2784, RFC 2890), with ERSPAN of all three types. */
static int enter_gre(struct inside *in)
{
    enum {
        ERSPAN_I_OR_II = 0x88BE,
        ERSPAN_III = 0x22EB
    };
    const uint8_t *gre = header_of(in);
    int status = need(in, 4);
    uint32_t header;

    if (status)
        return status;
    if ((gre[1] & 7) != 0 || gre[0] & GRE_ROUTING)
        return CSUMOFF_EPROTO;
    header = gre_header(gre[0]);
    switch (be16(gre + 2)) {
    case ERSPAN_I_OR_II: /* the first type has no header of its own, and no sequence numbers */
        return go_on(in, header + (gre[0] & GRE_SEQUENCE ? 8 : 0), NEXT_ETHERNET);
    case ERSPAN_III: /* its last bit says that 8 bytes more follow */
        status = need(in, header + 12);
        return status ? status
                      : go_on(in, header + (gre[header + 11] & 1 ? 20 : 12), NEXT_ETHERNET);
    default:
        return go_on_by_type(in, header, be16(gre + 2));
    }
}

/* RFC 7348, section 5. */
static int enter_vxlan(struct inside *in)
{
    enum {
        HAS_VNI = 0x08
    };
    int status = need(in, 8);

    if (status)
        return status;
    return header_of(in)[0] & HAS_VNI ? go_on(in, 8, NEXT_ETHERNET) : CSUMOFF_EPROTO;
}

/* draft-ietf-nvo3-vxlan-gpe, section 3. */
static int enter_vxlan_gpe(struct inside *in)
{
    enum {
        HAS_NEXT_PROTOCOL = 0x04
    };
    static const uint16_t types[] = {0, ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_TEB,
                                     0, ETHERTYPE_MPLS};
    int status = need(in, 8);
    uint8_t next;

    if (status)
        return status;
    if (!(header_of(in)[0] & HAS_NEXT_PROTOCOL))
        return enter_vxlan(in);
    next = header_of(in)[3];
    return next < sizeof types / sizeof types[0] ? go_on_by_type(in, 8, types[next])
                                                 : CSUMOFF_EPROTO;
}

/* RFC 8926, section 3.4. */
static int enter_geneve(struct inside *in)
{
    const uint8_t *header = header_of(in);
    int status = need(in, 8);

    if (status)
        return status;
    return header[0] >> 6 == 0
               ? go_on_by_type(in, 8 + (uint32_t)(header[0] & 0x3F) * 4, be16(header + 2))
               : CSUMOFF_EPROTO;
}

/* A user packet of GTP version 1: 3GPP TS 29.281, section 5. */
static int enter_gtp(struct inside *in)
{
    enum {
        VERSION_1_GTP = 0x30,
        HAS_EXTENSION = 0x04,
        HAS_MORE = 0x07, /* any of extension, sequence number, N-PDU number */
        G_PDU = 255
    };
    const uint8_t *header = header_of(in);
    uint32_t len = 8;
    int status = need(in, len);
    uint8_t extension;

    if (status)
        return status;
    if ((header[0] & 0xF0) != VERSION_1_GTP || header[1] != G_PDU)
        return CSUMOFF_EPROTO;
    if (!(header[0] & HAS_MORE))
        return go_on(in, len, NEXT_IP);
    len = 12;
    status = need(in, len);
    if (status)
        return status;
    extension = header[0] & HAS_EXTENSION ? header[11] : 0;
    while (extension) { /* in units of 4 bytes, the last byte being the next one's type */
        uint32_t n;

        status = need(in, len + 1);
        if (status)
            return status;
        n = header[len] * 4u;
        if (n == 0)
            return CSUMOFF_EPROTO;
        status = need(in, len + n);
        if (status)
            return status;
        len += n;
        extension = header[len - 1];
    }
    return go_on(in, len, NEXT_IP);
}

/* RFC 9300, section 5. */
static int enter_lisp(struct inside *in)
{
    return go_on(in, 8, NEXT_IP);
}

/* draft-ietf-intarea-gue: version 0 has a header, version 1 is the IP packet itself. */
static int enter_gue(struct inside *in)
{
    enum {
        IS_CONTROL = 0x20
    };
    const uint8_t *header = header_of(in);
    int status = need(in, 4);

    if (status)
        return status;
    if (header[0] >> 6 == 1)
        return go_on(in, 0, NEXT_IP);
    if (header[0] >> 6 != 0 || header[0] & IS_CONTROL ||
        (header[1] != PROTO_IPV4 && header[1] != PROTO_IPV6))
        return CSUMOFF_EPROTO;
    return go_on(in, 4 + (uint32_t)(header[0] & 0x1F) * 4,
                 header[1] == PROTO_IPV4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
}

/* Returns what passes the header of the tunnel at a UDP destination port; NULL: it is none's. */
static enter_fn *udp_tunnel(uint16_t port)
{
    switch (port) {
#define CASE(number, name)                                                                         \
    case number:                                                                                   \
        return enter_##name;
        CSUMOFF_UDP_TUNNELS(CASE)
#undef CASE
    default:
        return NULL;
    }
}

int csumoff_enter_tunnel_(struct csumoff_parse *parse, size_t *pos, uint32_t *next)
{
    const struct csumoff_layout *layout = parse->layout;
    uint32_t end = layout->end;
    enter_fn *enter = NULL;
    struct inside in;
    int status;

    if (CSUMOFF_IS_PLAIN)
        return CSUMOFF_EPROTO;
    in.parse = parse;
    in.pos = layout->l4_start;
    switch (layout->l4_proto) {
    case PROTO_IPV4:
        enter = enter_ipv4;
        break;
    case PROTO_IPV6:
        enter = enter_ipv6;
        break;
    case PROTO_GRE:
        enter = enter_gre;
        break;
    case PROTO_UDP:
        if (layout->csum_kind == CSUMOFF_INTERNET) {
            enter = udp_tunnel(be16(parse->bytes + layout->l4_start + UDP_DPORT));
            in.pos = layout->payload_start;
            end = layout->l4_start + layout->l4_len; /* a receiver takes what UDP's length says */
        }
        break;
    }
    parse->len = end;
    if (parse->have > end)
        parse->have = end;
    if (!enter)
        return CSUMOFF_EPROTO;
    status = enter(&in);
    if (status)
        return status;
    *pos = in.pos;
    *next = in.next;
    return CSUMOFF_OK;
}
