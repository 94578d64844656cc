// SPDX-License-Identifier: MIT
/* Completes a checksum from its seed, as skb_checksum_help() in Linux does. */
#include "check.h"

CSUMOFF_INLINE_ALWAYS int finish(struct csumoff_view view, size_t csum_start, size_t csum_offset)
{
    csumoff_wsum sum;

    if (!field_fits(view.len, csum_start, csum_offset, 2))
        return CSUMOFF_ERANGE;
    sum = csumoff_view_sum(view, csum_start, view.len - csum_start, 0);
    csumoff_view_write16(view, csum_start + csum_offset, finished(sum));
    return CSUMOFF_OK;
}

int csumoff_finish(void *frame, size_t len, size_t csum_start, size_t csum_offset)
{
    return finish(csumoff_whole(frame, len), csum_start, csum_offset);
}

int csumoff_finish_iov(const struct csumoff_iov *iov, size_t count, size_t csum_start,
                       size_t csum_offset)
{
    struct csumoff_view view;

    return csumoff_scattered(iov, count, &view) ? finish(view, csum_start, csum_offset)
                                                : CSUMOFF_ERANGE;
}

int csumoff_copy_finish(void *dst, const void *frame, size_t len, size_t csum_start,
                        size_t csum_offset)
{
    uint8_t *to = (uint8_t *)dst;
    const uint8_t *from = (const uint8_t *)frame;
    csumoff_wsum sum;

    if (!field_fits(len, csum_start, csum_offset, 2))
        return CSUMOFF_ERANGE;
    (void)csumoff_partial_copy(to, from, csum_start, 0);
    sum = csumoff_partial_copy(to + csum_start, from + csum_start, len - csum_start, 0);
    store16(to + csum_start + csum_offset, finished(sum));
    return CSUMOFF_OK;
}

CSUMOFF_INLINE_ALWAYS int finish_located(struct csumoff_view view,
                                         const struct csumoff_layout *layout)
{
    const size_t field = (size_t)layout->csum_start + layout->csum_offset;
    size_t header;

    if (layout->csum_kind == CSUMOFF_NO_CHECKSUM)
        return CSUMOFF_EPROTO;
    if (!layout_fits(view, layout, &header))
        return CSUMOFF_ERANGE;
    if (is_crc32c(layout))
        csumoff_view_write32(view, field, crc32c_expected(view, layout));
    else
        csumoff_view_write16(
            view, field, finished(csumoff_view_sum(view, layout->csum_start, layout->l4_len, 0)));
    return CSUMOFF_OK;
}

int csumoff_finish_at(void *frame, size_t len, const struct csumoff_layout *layout)
{
    return finish_located(csumoff_whole(frame, len), layout);
}

int csumoff_finish_at_iov(const struct csumoff_iov *iov, size_t count,
                          const struct csumoff_layout *layout)
{
    struct csumoff_view view;

    return csumoff_scattered(iov, count, &view) ? finish_located(view, layout) : CSUMOFF_ERANGE;
}
