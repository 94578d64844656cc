// SPDX-License-Identifier: MIT
/*
 * Passes the headers between the IP header and L4: authentication headers and, over IPv6, the other
 * extension headers. They are passed as skb_checksum_setup() in Linux passes them, but are checked.
 * Some of them change the addresses of the pseudo-header, which are those of the two ends of the
 * route.
 */
#include "parse.h"

/*
 * Returns the data of the first option of this type and length, or NULL. `header` is a header of
 * hop-by-hop or destination options, of `len` bytes (RFC 8200, section 4.2). Malformed options end
 * the search.
 */
static const uint8_t *find_option(const uint8_t *header, size_t len, uint8_t type, uint8_t data_len)
{
    enum {
        PAD1 = 0
    };

    for (size_t i = 2; i < len;) {
        size_t n;

        if (header[i] == PAD1) {
            i++;
            continue;
        }
        n = len - i < 2 ? len : header[i + 1];
        if (n + 2 > len - i)
            break;
        if (header[i] == type && n == data_len)
            return header + i + 2;
        i += n + 2;
    }
    return NULL;
}

/* Returns the payload length in the jumbo option of hop-by-hop options (RFC 2675, section 2), or
 * NULL. */
const uint8_t *csumoff_find_jumbo_(const uint8_t *header, size_t len)
{
    enum {
        JUMBO = 0xC2
    };

    return find_option(header, len, JUMBO, 4);
}

/*
 * Sets the destination to the last address of an RPL source route (RFC 6554, section 3). The
 * addresses of the route lack the prefix that they share with the destination, and the prefix of
 * the last one has a length of its own.
 */
static int rpl_route(struct csumoff_parse *parse, const uint8_t *header, size_t len)
{
    size_t shared = header[4] & 15, step = 16 - (size_t)(header[4] >> 4), pad = header[5] >> 4;
    size_t segments = 1, others;

    if (len - 8 < pad + 16 - shared)
        return CSUMOFF_EHDR;
    /* Counts the segments, because some CPUs divide by a function of the compiler's library. */
    for (others = len - 8 - pad - (16 - shared); others >= step; others -= step)
        segments++;
    if (others || header[3] > segments)
        return CSUMOFF_EHDR;
    /* After an earlier route of this kind, the shared prefix is there already. */
    if (parse->daddr != parse->route)
        (void)csumoff_partial_copy(parse->route, parse->daddr, shared, 0);
    (void)csumoff_partial_copy(parse->route + shared, header + len - pad - (16 - shared),
                               16 - shared, 0);
    parse->daddr = parse->route;
    return CSUMOFF_OK;
}

/* Passes a routing header. If it has segments left, sets the destination to the last address of its
 * route, which is the one in the pseudo-header (RFC 8200, section 8.1). */
static int pass_routing(struct csumoff_parse *parse, const uint8_t *header, size_t len)
{
    enum {
        TYPE_SOURCE = 0,
        TYPE_MOBILE = 2,
        TYPE_RPL = 3,
        TYPE_SEGMENTS = 4
    };
    size_t addresses = (len - 8) / 16, left = header[3];

    if (!left)
        return CSUMOFF_OK;
    if (CSUMOFF_IS_PLAIN)
        return CSUMOFF_ENOTSUP;
    switch (header[2]) {
    case TYPE_SOURCE: /* RFC 2460, section 4.4 */
        if (len % 16 != 8 || left > addresses)
            return CSUMOFF_EHDR;
        parse->daddr = header + len - 16;
        return CSUMOFF_OK;
    case TYPE_MOBILE: /* RFC 6275, section 6.4 */
        if (len != 24 || left != 1)
            return CSUMOFF_EHDR;
        parse->daddr = header + 8;
        return CSUMOFF_OK;
    case TYPE_RPL:
        return rpl_route(parse, header, len);
    case TYPE_SEGMENTS: /* RFC 8754, sections 2 and 4.3.1.1: the last segment comes first */
        if (header[4] >= addresses || left > (size_t)header[4] + 1)
            return CSUMOFF_EHDR;
        parse->daddr = header + 8;
        return CSUMOFF_OK;
    default:
        return CSUMOFF_ENOTSUP;
    }
}

/*
 * Passes an extension header and takes from it what the checksum depends on. `stands_beside_length`
 * says that it is right behind an IPv6 header and that no jumbo option has told the payload length.
 */
static int pass_extension(struct csumoff_parse *parse, const uint8_t *header, size_t len,
                          bool stands_beside_length)
{
    enum {
        HOME_ADDRESS = 0xC9
    };
    const uint8_t *home;

    switch (parse->layout->l4_proto) {
    case PROTO_HOPOPTS:
        /* A jumbo option next to a payload length is an error: RFC 2675, section 3. */
        return stands_beside_length && csumoff_find_jumbo_(header, len) ? CSUMOFF_EHDR : CSUMOFF_OK;
    case PROTO_DSTOPTS: /* RFC 6275, section 11.3.1 */
        home = find_option(header, len, HOME_ADDRESS, 16);
        if (home)
            parse->saddr = home;
        return CSUMOFF_OK;
    case PROTO_ROUTING:
        return pass_routing(parse, header, len);
    case PROTO_FRAGMENT: /* an offset, or more fragments */
        return be16(header + 2) & 0xFFF9 ? CSUMOFF_EFRAG : CSUMOFF_OK;
    default:
        return CSUMOFF_OK;
    }
}

static bool is_extension(const struct csumoff_layout *layout)
{
    switch (layout->l4_proto) {
    case PROTO_AH:
        return true;
    case PROTO_HOPOPTS:
    case PROTO_DSTOPTS:
    case PROTO_ROUTING:
    case PROTO_FRAGMENT:
        return layout->ip_version == 6;
    default:
        return false;
    }
}

static size_t extension_len(uint8_t number, const uint8_t *header)
{
    if (number == PROTO_FRAGMENT)
        return 8;
    if (number == PROTO_AH) /* RFC 4302, section 2.2: in 4-byte words, less 2 */
        return ((size_t)header[1] + 2) * 4;
    return ((size_t)header[1] + 1) * 8;
}

int csumoff_pass_extensions_(struct csumoff_parse *parse, bool has_jumbo)
{
    struct csumoff_layout *layout = parse->layout;
    const uint32_t first = layout->l3_start + IPV6_HEADER;

    while (is_extension(layout)) {
        const uint8_t *header = parse->bytes + layout->l4_start;
        size_t len;
        int status;

        if (layout->end - layout->l4_start < 8)
            return CSUMOFF_ETRUNC;
        status = csumoff_need_(parse, layout->l4_start, 8);
        if (status)
            return status;
        len = extension_len(layout->l4_proto, header);
        if (len > layout->end - layout->l4_start)
            return CSUMOFF_ETRUNC;
        status = csumoff_need_(parse, layout->l4_start, len);
        if (!status)
            status = pass_extension(parse, header, len, layout->l4_start == first && !has_jumbo);
        if (status)
            return status;
        layout->l4_proto = header[0];
        layout->l4_start += (uint32_t)len;
    }
    return CSUMOFF_OK;
}
