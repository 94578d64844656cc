// SPDX-License-Identifier: MIT
/* Local checksum offload, as lco_csum() in Linux: the checksum around a packet whose own is left to
 * the device. */
#include "check.h"

int csumoff_outer(void *frame, size_t len, const struct csumoff_layout *outer,
                  size_t inner_csum_start, size_t inner_csum_offset)
{
    const struct csumoff_view view = csumoff_whole(frame, len);
    uint8_t *l4;
    csumoff_sum16 check, inner;
    csumoff_wsum sum;
    size_t header, distance;

    if (outer->csum_kind != CSUMOFF_INTERNET ||
        (outer->l4_proto != PROTO_UDP && outer->l4_proto != PROTO_GRE))
        return CSUMOFF_EPROTO;
    if (!layout_fits(view, outer, &header) ||
        !field_fits(len, inner_csum_start, inner_csum_offset, 2) || inner_csum_offset & 1 ||
        outer->payload_start < outer->csum_start || inner_csum_start < outer->payload_start)
        return CSUMOFF_ERANGE;
    distance = inner_csum_start - outer->csum_start;
    if (!field_fits(outer->l4_len, distance, inner_csum_offset, 2))
        return CSUMOFF_EHDR;
    if (!only_zeros_from(view, (size_t)outer->csum_start + outer->l4_len))
        return CSUMOFF_ETRAILER;
    l4 = view.frame + outer->csum_start;
    inner = csumoff_load16_(view.frame + inner_csum_start + inner_csum_offset);
    /*
     * The sum is that of the outer L4 header up to the inner checksum's start, without the outer
     * field, and of the inner packet as it will be once its checksum is complete: that is the
     * complement of its seed.
     */
    sum = csumoff_partial(l4, distance, csumoff_pseudo_(outer));
    sum = csumoff_sub(sum, csumoff_load16_(l4 + outer->csum_offset));
    sum = csumoff_block_add(sum, (csumoff_sum16)~inner, distance);
    check = csumoff_fold(sum);
    store16(l4 + outer->csum_offset,
            zero_means_none(outer->l4_proto) ? csumoff_udp_nonzero(check) : check);
    return CSUMOFF_OK;
}
