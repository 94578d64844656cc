// SPDX-License-Identifier: MIT
/* Incremental adjustment beyond what the header inlines: RFC 1624, equation 3. */
#include "wire.h"

void csumoff_adjust128(csumoff_sum16 *check, const void *from, const void *to)
{
    csumoff_adjust_(check, csumoff_partial(from, 16, 0), csumoff_partial(to, 16, 0));
}

int csumoff_adjust_bytes(csumoff_sum16 *check, size_t offset, const void *from, size_t from_len,
                         const void *to, size_t to_len)
{
    if ((from_len ^ to_len) & 1)
        return CSUMOFF_ERANGE;
    csumoff_adjust_(check, csumoff_block_add(0, csumoff_partial(from, from_len, 0), offset),
                    csumoff_block_add(0, csumoff_partial(to, to_len, 0), offset));
    return CSUMOFF_OK;
}

void csumoff_adjust_l4(csumoff_sum16 *check, const struct csumoff_adjust *how)
{
    bool is_udp = how->l4_proto == PROTO_UDP;
    csumoff_wsum from, to;
    csumoff_sum16 field = *check;

    if (how->l4_proto == PROTO_SCTP || (how->l4_proto == PROTO_ICMP && how->is_pseudo_header) ||
        (how->state == CSUMOFF_PARTIAL && !how->is_pseudo_header) ||
        (is_udp && how->ip_version == 4 && field == 0))
        return;
    from = csumoff_partial(how->from, how->len, 0);
    to = csumoff_partial(how->to, how->len, 0);
    if (how->state == CSUMOFF_PARTIAL) {
        /* A seed is not complemented: adjust its complement, and turn it back. */
        field = (csumoff_sum16)~field;
        csumoff_adjust_(&field, from, to);
        *check = (csumoff_sum16)~field;
        return;
    }
    csumoff_adjust_(&field, from, to);
    if (is_udp && field != *check)
        field = csumoff_udp_nonzero(field);
    *check = field;
}
