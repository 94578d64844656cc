// SPDX-License-Identifier: MIT
/* Writes the seed of CHECKSUM_PARTIAL into the L4 checksum field of a packet. */
#include "check.h"
#include "straight.h"

/* `header` is the length of the IPv4 header, or 0. The caller has checked that the layout fits the
 * frame. */
CSUMOFF_INLINE_ALWAYS int seed(struct csumoff_view view, const struct csumoff_layout *layout,
                               size_t header)
{
    if (!only_zeros_from(view, (size_t)layout->csum_start + layout->l4_len))
        return CSUMOFF_ETRAILER;
    set_ipv4_header(view, layout, header);
    csumoff_view_write16(view, (size_t)layout->csum_start + layout->csum_offset,
                         csumoff_seed_value(layout));
    return CSUMOFF_OK;
}

CSUMOFF_INLINE_ALWAYS int seed_any(struct csumoff_view view, const struct csumoff_layout *layout)
{
    size_t header;

    if (!takes_seed(layout) || layout->csum_kind != CSUMOFF_INTERNET)
        return CSUMOFF_EPROTO;
    if (!layout_fits(view, layout, &header))
        return CSUMOFF_ERANGE;
    return seed(view, layout, header);
}

int csumoff_seed_at(void *frame, size_t len, const struct csumoff_layout *layout)
{
    return seed_any(csumoff_whole(frame, len), layout);
}

int csumoff_seed_iov(const struct csumoff_iov *iov, size_t count,
                     const struct csumoff_layout *layout)
{
    struct csumoff_view view;

    return csumoff_scattered(iov, count, &view) ? seed_any(view, layout) : CSUMOFF_ERANGE;
}

CSUMOFF_NOINLINE static int seed_winding(void *frame, size_t len, enum csumoff_link link,
                                         struct csumoff_layout *layout)
{
    struct csumoff_layout found;
    int status = csumoff_locate(frame, len, link, &found);

    if (!status)
        status = csumoff_seed_at(frame, len, &found);
    if (!status && layout)
        *layout = found;
    return status;
}

int csumoff_seed(void *frame, size_t len, enum csumoff_link link, struct csumoff_layout *layout)
{
    struct csumoff_layout found;
    int status;

    if (!straight((const uint8_t *)frame, len, len, link, &found))
        return seed_winding(frame, len, link, layout);
    status = seed(csumoff_whole(frame, len), &found, IPV4_HEADER);
    if (!status && layout)
        *layout = found;
    return status;
}
