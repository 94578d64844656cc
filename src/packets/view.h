// SPDX-License-Identifier: MIT
/*
 * A frame in one piece or in several. Code that works on either is written once: each function that
 * takes a view by value is compiled for both. Callers have checked that the bytes they name are
 * inside the frame.
 */
#ifndef CSUMOFF_VIEW_H
#define CSUMOFF_VIEW_H

#include "../kernel.h"
#include "../pieces.h"

enum {
    CSUMOFF_HEAD_MOST = 512 /* how many bytes of headers are gathered from pieces */
};

struct csumoff_view {
    uint8_t *frame; /* in one piece: the frame; iov is NULL then */
    const struct csumoff_iov *iov;
    size_t count, len;
};

CSUMOFF_INLINE_ALWAYS struct csumoff_view csumoff_whole(const void *frame, size_t len)
{
    struct csumoff_view view;

    view.frame = (uint8_t *)(uintptr_t)frame;
    view.iov = NULL;
    view.count = 0;
    view.len = len;
    return view;
}

/* Sets *view to a frame in pieces. Returns false if the lengths of the pieces overflow. */
CSUMOFF_INLINE bool csumoff_scattered(const struct csumoff_iov *iov, size_t count,
                                      struct csumoff_view *view)
{
    static const struct csumoff_iov none;
    size_t len = 0;

    for (size_t i = 0; i < count; i++) {
        if (iov[i].len > SIZE_MAX - len)
            return false;
        len += iov[i].len;
    }
    view->frame = NULL;
    view->iov = count ? iov : &none;
    view->count = count;
    view->len = len;
    return true;
}

/* Returns a pointer to the n bytes from `start` on: into the frame, or to `room`, into which the
 * bytes of several pieces are copied. */
CSUMOFF_INLINE_ALWAYS const uint8_t *csumoff_view_read(struct csumoff_view view, size_t start,
                                                       uint8_t *room, size_t n)
{
    if (!view.iov)
        return view.frame + start;
    csumoff_gather_(view.iov, view.count, start, room, n);
    return room;
}

CSUMOFF_INLINE_ALWAYS void csumoff_view_write(struct csumoff_view view, size_t start,
                                              const uint8_t *from, size_t n)
{
    struct csumoff_walk walk;
    uint8_t *bytes;
    size_t some;

    if (!view.iov) {
        __builtin_memcpy(view.frame + start, from, n);
        return;
    }
    walk = csumoff_walk(view.iov, view.count, start, n);
    while (csumoff_walk_on(&walk, &bytes, &some)) {
        (void)csumoff_partial_copy(bytes, from, some, 0);
        from += some;
    }
}

CSUMOFF_INLINE_ALWAYS void csumoff_view_write16(struct csumoff_view view, size_t start,
                                                csumoff_sum16 check)
{
    uint8_t bytes[2];

    __builtin_memcpy(bytes, &check, sizeof bytes);
    csumoff_view_write(view, start, bytes, sizeof bytes);
}

CSUMOFF_INLINE_ALWAYS void csumoff_view_write32(struct csumoff_view view, size_t start,
                                                uint32_t check)
{
    uint8_t bytes[4];

    __builtin_memcpy(bytes, &check, sizeof bytes);
    csumoff_view_write(view, start, bytes, sizeof bytes);
}

/* Adds the sum of the n bytes from `start` on to `sum` and returns the result. */
CSUMOFF_INLINE_ALWAYS csumoff_wsum csumoff_view_sum(struct csumoff_view view, size_t start,
                                                    size_t n, csumoff_wsum sum)
{
    if (!view.iov)
        return csumoff_partial(view.frame + start, n, sum);
    (void)!csumoff_partial_iov(view.iov, view.count, start, n, &sum);
    return sum;
}

CSUMOFF_INLINE_ALWAYS uint32_t csumoff_view_crc32c(struct csumoff_view view, size_t start, size_t n,
                                                   uint32_t crc)
{
    struct csumoff_walk walk;
    uint8_t *bytes;
    size_t some;

    if (!view.iov)
        return csumoff_crc32c(view.frame + start, n, crc);
    walk = csumoff_walk(view.iov, view.count, start, n);
    while (csumoff_walk_on(&walk, &bytes, &some))
        crc = csumoff_crc32c(bytes, some, crc);
    return crc;
}

#endif
