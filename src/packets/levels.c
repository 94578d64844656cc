// SPDX-License-Identifier: MIT
/* The packets that a frame's packet tunnels. */
#include "parse.h"

/* A tunnel's header, and then what is inside: the bytes from `pos` to `end`. */
struct inside {
    const uint8_t *frame;
    uint32_t pos, end;
    uint32_t next; /* what is at `pos`, as csumoff_parse_() takes it */
};

/* Passes a tunnel's header, so that *in speaks of what is inside. Returns false where that isn't
 * known, or the header does not end in time. */
typedef bool enter_fn(struct inside *in);

static const uint8_t *header_of(const struct inside *in)
{
    return in->frame + in->pos;
}

static bool has(const struct inside *in, uint32_t n)
{
    return n <= in->end - in->pos;
}

static bool go_on(struct inside *in, uint32_t header, uint32_t next)
{
    if (!has(in, header))
        return false;
    in->pos += header;
    in->next = next;
    return true;
}

/* Goes on with what an EtherType names, where that is something a tunnel carries. */
static bool go_on_by_type(struct inside *in, uint32_t header, uint16_t type)
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
        return false;
    }
}

static bool enter_ipv4(struct inside *in)
{
    return go_on(in, 0, ETHERTYPE_IPV4);
}

static bool enter_ipv6(struct inside *in)
{
    return go_on(in, 0, ETHERTYPE_IPV6);
}

/* RFC 7510, section 3. */
static bool enter_mpls(struct inside *in)
{
    return go_on(in, 0, ETHERTYPE_MPLS);
}

/* GRE of version 0 without source routes (RFC 2784, RFC 2890), with ERSPAN of all three types. */
static bool enter_gre(struct inside *in)
{
    enum {
        ERSPAN_I_OR_II = 0x88BE,
        ERSPAN_III = 0x22EB
    };
    const uint8_t *gre = header_of(in);
    uint32_t header;

    if (!has(in, 4) || (gre[1] & 7) != 0 || gre[0] & GRE_ROUTING)
        return false;
    header = gre_header(gre[0]);
    switch (be16(gre + 2)) {
    case ERSPAN_I_OR_II: /* the first type has no header of its own, and no sequence numbers */
        return go_on(in, header + (gre[0] & GRE_SEQUENCE ? 8 : 0), NEXT_ETHERNET);
    case ERSPAN_III: /* its last bit says that 8 bytes more follow */
        return has(in, header + 12) &&
               go_on(in, header + (gre[header + 11] & 1 ? 20 : 12), NEXT_ETHERNET);
    default:
        return go_on_by_type(in, header, be16(gre + 2));
    }
}

/* RFC 7348, section 5. */
static bool enter_vxlan(struct inside *in)
{
    enum {
        HAS_VNI = 0x08
    };

    return has(in, 8) && header_of(in)[0] & HAS_VNI && go_on(in, 8, NEXT_ETHERNET);
}

/* draft-ietf-nvo3-vxlan-gpe, section 3. */
static bool enter_vxlan_gpe(struct inside *in)
{
    enum {
        HAS_NEXT_PROTOCOL = 0x04
    };
    static const uint16_t types[] = {0, ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_TEB,
                                     0, ETHERTYPE_MPLS};
    uint8_t next;

    if (!has(in, 8))
        return false;
    if (!(header_of(in)[0] & HAS_NEXT_PROTOCOL))
        return enter_vxlan(in);
    next = header_of(in)[3];
    return next < sizeof types / sizeof types[0] && go_on_by_type(in, 8, types[next]);
}

/* RFC 8926, section 3.4. */
static bool enter_geneve(struct inside *in)
{
    const uint8_t *header = header_of(in);

    return has(in, 8) && header[0] >> 6 == 0 &&
           go_on_by_type(in, 8 + (uint32_t)(header[0] & 0x3F) * 4, be16(header + 2));
}

/* A user packet of GTP version 1: 3GPP TS 29.281, section 5. */
static bool enter_gtp(struct inside *in)
{
    enum {
        VERSION_1_GTP = 0x30,
        HAS_EXTENSION = 0x04,
        HAS_MORE = 0x07, /* any of extension, sequence number, N-PDU number */
        G_PDU = 255
    };
    const uint8_t *header = header_of(in);
    uint32_t len = 8;
    uint8_t extension;

    if (!has(in, len) || (header[0] & 0xF0) != VERSION_1_GTP || header[1] != G_PDU)
        return false;
    if (!(header[0] & HAS_MORE))
        return go_on(in, len, NEXT_IP);
    len = 12;
    if (!has(in, len))
        return false;
    extension = header[0] & HAS_EXTENSION ? header[11] : 0;
    while (extension) { /* in units of 4 bytes, the last byte being the next one's type */
        const uint32_t n = has(in, len + 1) ? header[len] * 4u : 0;

        if (n == 0 || !has(in, len + n))
            return false;
        len += n;
        extension = header[len - 1];
    }
    return go_on(in, len, NEXT_IP);
}

/* RFC 9300, section 5. */
static bool enter_lisp(struct inside *in)
{
    return go_on(in, 8, NEXT_IP);
}

/* draft-ietf-intarea-gue: version 0 has a header, version 1 is the IP packet itself. */
static bool enter_gue(struct inside *in)
{
    enum {
        IS_CONTROL = 0x20
    };
    const uint8_t *header = header_of(in);

    if (!has(in, 4))
        return false;
    if (header[0] >> 6 == 1)
        return go_on(in, 0, NEXT_IP);
    return header[0] >> 6 == 0 && !(header[0] & IS_CONTROL) &&
           (header[1] == PROTO_IPV4 || header[1] == PROTO_IPV6) &&
           go_on(in, 4 + (uint32_t)(header[0] & 0x1F) * 4,
                 header[1] == PROTO_IPV4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
}

/* The tunnels over UDP, by destination port. */
static const struct {
    uint16_t port;
    enter_fn *enter;
} udp_tunnels[] = {
    {4789, enter_vxlan}, {8472, enter_vxlan}, {4790, enter_vxlan_gpe}, {6081, enter_geneve},
    {2152, enter_gtp},   {6635, enter_mpls},  {4341, enter_lisp},      {6080, enter_gue},
};

static enter_fn *udp_tunnel(uint16_t port)
{
    for (size_t i = 0; i < sizeof udp_tunnels / sizeof udp_tunnels[0]; i++)
        if (udp_tunnels[i].port == port)
            return udp_tunnels[i].enter;
    return NULL;
}

bool csumoff_is_tunnel_port_(uint16_t port)
{
    return udp_tunnel(port) != NULL;
}

/* Finds what the packet at `at` tunnels. */
static bool find_inside(const uint8_t *frame, const struct csumoff_layout *at, struct inside *in)
{
    enter_fn *enter = NULL;

    in->frame = frame;
    in->pos = at->l4_start;
    in->end = at->end;
    switch (at->l4_proto) {
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
        if (at->csum_kind == CSUMOFF_INTERNET) {
            enter = udp_tunnel(be16(frame + at->l4_start + UDP_DPORT));
            in->pos = at->payload_start;
            in->end = at->l4_start + at->l4_len; /* a receiver takes what UDP's length says */
        }
        break;
    }
    return enter && enter(in);
}

/* The levels of a frame, one after the other. */
struct levels {
    struct csumoff_parse parse;
    struct csumoff_layout at;
    int status; /* of this level: CSUMOFF_OK, CSUMOFF_EPROTO (no checksum), or the end */
};

static void first_level(struct levels *levels, const uint8_t *frame, size_t len,
                        enum csumoff_link link)
{
    csumoff_parse_begin_(&levels->parse, frame, len, len, link, &levels->at);
    levels->status = csumoff_locate_so_far_(frame, len, len, link, &levels->at);
}

/* Returns whether there is another level. */
static bool next_level(struct levels *levels)
{
    struct inside in;

    if ((levels->status != CSUMOFF_OK && levels->status != CSUMOFF_EPROTO) ||
        !levels->at.ip_version || !find_inside(levels->parse.bytes, &levels->at, &in))
        return false;
    levels->parse.have = levels->parse.len = in.end;
    levels->status = csumoff_parse_(&levels->parse, in.pos, in.next);
    return levels->status == CSUMOFF_OK || levels->status == CSUMOFF_EPROTO;
}

int csumoff_locate_all(const void *frame, size_t len, enum csumoff_link link,
                       struct csumoff_layout *layouts, size_t max, size_t *count)
{
    struct levels levels;
    size_t found = 0, level = 0;
    bool left_some_out = false;
    int outermost;

    first_level(&levels, (const uint8_t *)frame, len, link);
    outermost = levels.status;
    do { /* a level without a checksum is listed once a level inside it has one */
        if (levels.status == CSUMOFF_OK) {
            if (level < max)
                layouts[level] = levels.at;
            found = level + 1;
        } else {
            left_some_out = true;
        }
        level++;
    } while ((!found || found < max) && next_level(&levels));
    if (!found)
        return outermost;
    if (found > max)
        found = max;
    if (left_some_out && found) {
        first_level(&levels, (const uint8_t *)frame, len, link);
        level = 0;
        do
            layouts[level++] = levels.at;
        while (level < found && next_level(&levels));
        found = level; /* fewer, should the frame have changed meanwhile */
    }
    *count = found;
    return CSUMOFF_OK;
}
