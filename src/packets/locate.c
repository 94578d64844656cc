// SPDX-License-Identifier: MIT
/* Locates packets: on the straight path, or else by the parser. */
#include "parse.h"
#include "straight.h"
#include "view.h"

static inline int parse(const uint8_t *head, size_t have, size_t len, enum csumoff_link link,
                        struct csumoff_layout *layout)
{
    struct csumoff_parse state;

    csumoff_parse_begin_(&state, head, have, len, link, layout);
    return csumoff_parse_(&state, 0, csumoff_is_ip_(link) ? NEXT_IP : NEXT_ETHERNET);
}

int csumoff_locate_so_far_(const uint8_t *head, size_t have, size_t len, enum csumoff_link link,
                           struct csumoff_layout *layout)
{
    return straight(head, have, len, link, layout) ||
                   straight_otherwise(head, have, len, link, layout)
               ? CSUMOFF_OK
               : parse(head, have, len, link, layout);
}

CSUMOFF_NOINLINE static int winding(const uint8_t *head, size_t have, size_t len,
                                    enum csumoff_link link, struct csumoff_layout *layout)
{
    struct csumoff_layout found;
    int status = parse(head, have, len, link, &found);

    if (status == CSUMOFF_OK)
        *layout = found;
    return status;
}

/* Out of line, so that the first straight path needs no stack frame. */
CSUMOFF_NOINLINE static int less_straight(const uint8_t *head, size_t have, size_t len,
                                          enum csumoff_link link, struct csumoff_layout *layout)
{
    return straight_otherwise(head, have, len, link, layout)
               ? CSUMOFF_OK
               : winding(head, have, len, link, layout);
}

int csumoff_locate(const void *frame, size_t len, enum csumoff_link link,
                   struct csumoff_layout *layout)
{
    const uint8_t *p = (const uint8_t *)frame;

    return straight(p, len, len, link, layout) ? CSUMOFF_OK
                                               : less_straight(p, len, len, link, layout);
}

int csumoff_locate_head(const void *head, size_t have, size_t len, enum csumoff_link link,
                        struct csumoff_layout *layout)
{
    const uint8_t *p = (const uint8_t *)head;

    return straight(p, have, len, link, layout) ? CSUMOFF_OK
                                                : less_straight(p, have, len, link, layout);
}

int csumoff_locate_l3(const void *head, size_t have, size_t len, enum csumoff_link link,
                      struct csumoff_layout *layout)
{
    struct csumoff_layout found;
    int status = csumoff_locate_so_far_((const uint8_t *)head, have, len, link, &found);

    if ((status == CSUMOFF_EPROTO && found.ip_version) || status == CSUMOFF_EFRAG ||
        status == CSUMOFF_ENOTSUP)
        status = CSUMOFF_OK;
    if (status == CSUMOFF_OK)
        *layout = found;
    return status;
}

int csumoff_locate_iov(const struct csumoff_iov *iov, size_t count, enum csumoff_link link,
                       struct csumoff_layout *layout)
{
    struct csumoff_view frame;
    uint8_t head[CSUMOFF_HEAD_MOST];
    size_t have;
    int status;

    if (!csumoff_scattered(iov, count, &frame))
        return CSUMOFF_ERANGE;
    for (; count && !iov->len; count--)
        iov++;
    if (count) {
        status = csumoff_locate_head(iov->base, iov->len, frame.len, link, layout);
        if (status != CSUMOFF_EHEAD)
            return status;
    }
    have = frame.len < sizeof head ? frame.len : sizeof head;
    csumoff_gather_(iov, count, 0, head, have);
    status = csumoff_locate_head(head, have, frame.len, link, layout);
    return status == CSUMOFF_EHEAD ? CSUMOFF_ENOTSUP : status;
}
