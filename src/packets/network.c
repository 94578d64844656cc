// SPDX-License-Identifier: MIT
/* Parses the IP header and checks its lengths. It tells where the packet ends and which addresses
 * are in the pseudo-header. extensions.c parses the headers that follow. */
#include "parse.h"

/* The smallest payload that needs a jumbo option, RFC 2675, section 3. */
#define JUMBO_LEAST 65536u

/* Returns the last address of a loose or strict source route that is not used up yet (RFC 791,
 * section 3.1), else daddr. `options` end at `end`. */
static const uint8_t *ipv4_route_end(const uint8_t *options, const uint8_t *end,
                                     const uint8_t *daddr)
{
    enum {
        END = 0,
        NOP = 1,
        LSRR = 131,
        SSRR = 137
    };

    while (options < end && options[0] != END) {
        const uint8_t type = options[0];
        size_t len = 1;

        if (type != NOP) {
            len = end - options < 2 ? 0 : options[1];
            if (len < 2 || len > (size_t)(end - options))
                break;
            /* Byte 2 points to the next address, counted from 1. */
            if ((type == LSRR || type == SSRR) && len >= 7)
                return options[2] < len ? options + len - 4 : daddr;
        }
        options += len;
    }
    return daddr;
}

int csumoff_parse_ipv4_(struct csumoff_parse *parse)
{
    struct csumoff_layout *layout = parse->layout;
    const uint8_t *iph = parse->bytes + layout->l3_start;
    size_t there, header, total;
    int status = csumoff_need_(parse, layout->l3_start, IPV4_HEADER);

    if (status)
        return status;
    there = parse->len - layout->l3_start;
    header = (size_t)(iph[0] & 15) * 4;
    total = be16(iph + 2);
    if (total == 0 && parse->is_super) {
        total = there;
        parse->is_unsized = true;
    }
    if (iph[0] >> 4 != 4 || header < IPV4_HEADER || total < header)
        return CSUMOFF_EHDR;
    if (total > there)
        return CSUMOFF_ETRUNC;
    status = csumoff_need_(parse, layout->l3_start, header);
    if (status)
        return status;
    layout->ip_version = 4;
    layout->l4_proto = iph[9];
    layout->l4_start = layout->l3_start + (uint32_t)header;
    layout->end = layout->l3_start + (uint32_t)total;
    parse->saddr = iph + IPV4_SADDR;
    parse->daddr = ipv4_route_end(iph + IPV4_HEADER, iph + header, iph + IPV4_DADDR);
    if (be16(iph + 6) & 0x3FFF) /* more fragments, or an offset */
        return CSUMOFF_EFRAG;
    return csumoff_pass_extensions_(parse, false);
}

/*
 * Finds the payload length of an IPv6 packet whose header has 0 there: that of a jumbo option,
 * which sets *has_jumbo, or else, if parse->is_super, up to the end of the frame, `there` bytes.
 * Otherwise *payload stays 0.
 */
static int unsized_payload(struct csumoff_parse *parse, size_t there, size_t *payload,
                           bool *has_jumbo)
{
    size_t hopopts = parse->layout->l3_start + IPV6_HEADER, len;
    const uint8_t *iph = parse->bytes + parse->layout->l3_start, *header = iph + IPV6_HEADER;
    const uint8_t *jumbo;
    int status;

    if (iph[6] == PROTO_HOPOPTS && there >= 8) {
        status = csumoff_need_(parse, hopopts, 8);
        len = status ? 0 : ((size_t)header[1] + 1) * 8;
        if (!status)
            status = csumoff_need_(parse, hopopts, len);
        if (status)
            return status;
        jumbo = csumoff_find_jumbo_(header, len);
        if (jumbo) {
            *payload = be32(jumbo);
            *has_jumbo = parse->is_unsized = true;
            return *payload < JUMBO_LEAST ? CSUMOFF_EHDR : CSUMOFF_OK;
        }
    }
    if (parse->is_super) {
        *payload = there;
        parse->is_unsized = true;
    }
    return CSUMOFF_OK;
}

int csumoff_parse_ipv6_(struct csumoff_parse *parse)
{
    struct csumoff_layout *layout = parse->layout;
    const uint8_t *iph = parse->bytes + layout->l3_start;
    bool has_jumbo = false;
    size_t there, payload;
    int status = csumoff_need_(parse, layout->l3_start, IPV6_HEADER);

    if (status)
        return status;
    if (iph[0] >> 4 != 6)
        return CSUMOFF_EHDR;
    there = parse->len - layout->l3_start - IPV6_HEADER;
    payload = be16(iph + 4);
    if (payload == 0)
        status = unsized_payload(parse, there, &payload, &has_jumbo);
    if (!status && payload > there)
        status = CSUMOFF_ETRUNC;
    if (status)
        return status;
    layout->ip_version = 6;
    layout->l4_proto = iph[6];
    layout->l4_start = layout->l3_start + IPV6_HEADER;
    layout->end = layout->l4_start + (uint32_t)payload;
    parse->saddr = iph + IPV6_SADDR;
    parse->daddr = iph + IPV6_DADDR;
    return csumoff_pass_extensions_(parse, has_jumbo);
}
