// SPDX-License-Identifier: MIT
/* Adjusts an L4 checksum field, as inet_proto_csum_replace_by_diff() in Linux does. */
#include "adjust_l4.h"

#include "../wire.h"
#include "parse.h"

void csumoff_adjust_field_(csumoff_sum16 *check, bool is_seed, uint8_t l4_proto, csumoff_wsum from,
                           csumoff_wsum to)
{
    csumoff_sum16 field = *check;

    if (field == 0 && (is_seed || l4_proto == PROTO_UDP))
        return;
    if (is_seed) {
        /* A seed is not complemented, unlike a checksum, so its complement is adjusted. */
        field = (csumoff_sum16)~field;
        csumoff_adjust_(&field, from, to);
        *check = (csumoff_sum16)~field;
        return;
    }
    csumoff_adjust_(&field, from, to);
    if (field != *check && zero_means_none(l4_proto))
        field = csumoff_udp_nonzero(field);
    *check = field;
}

void csumoff_adjust_l4(csumoff_sum16 *check, const struct csumoff_adjust *how)
{
    bool is_seed = how->state == CSUMOFF_PARTIAL;

    if (how->l4_proto == PROTO_SCTP ||
        (how->is_pseudo_header ? !csumoff_has_pseudo_header_(how->l4_proto, how->ip_version)
                               : is_seed))
        return;
    csumoff_adjust_field_(check, is_seed, how->l4_proto,
                          csumoff_partial(how->from, how->from_len, 0),
                          csumoff_partial(how->to, how->to_len, 0));
}
