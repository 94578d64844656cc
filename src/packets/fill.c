// SPDX-License-Identifier: MIT
/* Computes and stores every checksum of a packet. */
#include "check.h"
#include "straight.h"

/* `header` is the length of the IPv4 header, or 0. The caller has checked that the layout fits the
 * frame. */
CSUMOFF_INLINE_ALWAYS void fill(struct csumoff_view view, const struct csumoff_layout *layout,
                                size_t header)
{
    const size_t field = (size_t)layout->csum_start + layout->csum_offset;

    set_ipv4_header(view, layout, header);
    if (layout->csum_kind == CSUMOFF_INTERNET) {
        csumoff_sum16 found = (csumoff_sum16)l4_found(view, layout);

        csumoff_view_write16(view, field, internet_expected(view, layout, found));
    } else if (is_crc32c(layout)) {
        csumoff_view_write32(view, field, crc32c_expected(view, layout));
    }
}

CSUMOFF_INLINE_ALWAYS int fill_any(struct csumoff_view view, const struct csumoff_layout *layout)
{
    size_t header;

    if (!layout_fits(view, layout, &header))
        return CSUMOFF_ERANGE;
    fill(view, layout, header);
    return CSUMOFF_OK;
}

int csumoff_fill_at(void *frame, size_t len, const struct csumoff_layout *layout)
{
    return fill_any(csumoff_whole(frame, len), layout);
}

int csumoff_fill_iov(const struct csumoff_iov *iov, size_t count,
                     const struct csumoff_layout *layout)
{
    struct csumoff_view view;

    return csumoff_scattered(iov, count, &view) ? fill_any(view, layout) : CSUMOFF_ERANGE;
}

CSUMOFF_NOINLINE static int fill_winding(void *frame, size_t len, enum csumoff_link link)
{
    struct csumoff_layout layout;
    int status = csumoff_locate(frame, len, link, &layout);

    return status ? status : csumoff_fill_at(frame, len, &layout);
}

int csumoff_fill(void *frame, size_t len, enum csumoff_link link)
{
    struct csumoff_layout layout;

    if (!straight((const uint8_t *)frame, len, len, link, &layout))
        return fill_winding(frame, len, link);
    fill(csumoff_whole(frame, len), &layout, IPV4_HEADER);
    return CSUMOFF_OK;
}
