// SPDX-License-Identifier: MIT
/*
 * The parser, from the link layer to the L4 header. link.c finds the IP header, network.c where its
 * packet ends, extensions.c the L4 header and whose addresses are in the pseudo-header, transport.c
 * the checksum. tunnels.c finds the packet that a packet carries.
 */
#ifndef CSUMOFF_PARSE_H
#define CSUMOFF_PARSE_H

#include "../wire.h"

#pragma GCC visibility push(hidden)

/* The kind of a header in a frame: an EtherType, or one of these. */
enum {
    NEXT_ETHERNET = 0x10000, /* an Ethernet header */
    NEXT_IP = 0x10001        /* an IP header, whose first byte has its version */
};

struct csumoff_parse {
    const uint8_t *bytes; /* the first `have` bytes of a frame of `len` */
    size_t have, len;
    bool is_super;                /* an IP length of 0 means "to the end of the frame" */
    bool is_unsized;              /* the IP length was 0, so a UDP length of 0 is allowed as well */
    uint8_t route[16];            /* the last address of a compressed source route */
    const uint8_t *saddr, *daddr; /* of the pseudo-header */
    struct csumoff_layout *layout;
};

/*
 * Locates the packet that begins at `pos` with a header of the kind `next`. The caller has prepared
 * *parse by csumoff_parse_begin_().
 *
 * Returns the status of csumoff_locate_head(). On CSUMOFF_EFRAG, CSUMOFF_EPROTO and CSUMOFF_ENOTSUP
 * parse->layout tells what was found: ip_version is 0 if there was no IP header; else l3_start,
 * l4_start, end, ip_version and l4_proto are right, and the members that describe a checksum are
 * those of CSUMOFF_NO_CHECKSUM.
 */
int csumoff_parse_(struct csumoff_parse *parse, size_t pos, uint32_t next);

/*
 * The steps of csumoff_parse_(). The first two begin at layout->l3_start and find layout->l4_start;
 * the third begins there. csumoff_parse_() has set all of *parse->layout to 0 before.
 */
int csumoff_parse_ipv4_(struct csumoff_parse *parse);
int csumoff_parse_ipv6_(struct csumoff_parse *parse);
int csumoff_parse_l4_(struct csumoff_parse *parse);

/*
 * Passes the headers between an IP header, which ends at layout->l4_start, and L4.
 *
 *   has_jumbo   a jumbo option has told the payload length
 */
int csumoff_pass_extensions_(struct csumoff_parse *parse, bool has_jumbo);

/* Returns the payload length in the jumbo option of hop-by-hop options, `len` bytes at `header`
 * (RFC 2675, section 2), or NULL. */
const uint8_t *csumoff_find_jumbo_(const uint8_t *header, size_t len);

/*
 * Finds what the packet at parse->layout tunnels: *pos and *next become what csumoff_parse_()
 * takes. The parser's bytes end where the tunnel does from then on.
 *
 * Returns CSUMOFF_OK; CSUMOFF_EPROTO: the packet is no tunnel, or carries something unknown;
 * CSUMOFF_ETRUNC: the tunnel ends inside its header; CSUMOFF_EHEAD: the bytes at hand do.
 */
int csumoff_enter_tunnel_(struct csumoff_parse *parse, size_t *pos, uint32_t *next);

/* Does what csumoff_locate_head() does, but writes *layout on errors as well, as csumoff_parse_()
 * does. */
int csumoff_locate_so_far_(const uint8_t *head, size_t have, size_t len, enum csumoff_link link,
                           struct csumoff_layout *layout);

/* Returns whether a protocol's checksum covers a pseudo-header; true for unknown ones. */
bool csumoff_has_pseudo_header_(uint8_t l4_proto, uint8_t ip_version);

#pragma GCC visibility pop

static inline bool csumoff_is_super_(enum csumoff_link link)
{
    return link == CSUMOFF_LINK_ETHERNET_SUPER || link == CSUMOFF_LINK_IP_SUPER;
}

/* Sets what the caller of csumoff_parse_() has to. */
static inline void csumoff_parse_begin_(struct csumoff_parse *parse, const uint8_t *head,
                                        size_t have, size_t len, enum csumoff_link link,
                                        struct csumoff_layout *layout)
{
    parse->bytes = head;
    parse->have = have;
    parse->len = len;
    parse->is_super = csumoff_is_super_(link);
    parse->layout = layout;
}

/* Returns CSUMOFF_OK if the n bytes at `pos` are at hand, or what is to be said otherwise. */
static inline int csumoff_need_(const struct csumoff_parse *parse, size_t pos, size_t n)
{
    if (pos <= parse->have && n <= parse->have - pos)
        return CSUMOFF_OK;
    return pos <= parse->len && n <= parse->len - pos ? CSUMOFF_EHEAD : CSUMOFF_ETRUNC;
}

#endif
