// SPDX-License-Identifier: MIT
/*
 * A frame in one piece or in several, and where its packets are. The functions call the library's
 * parser and, for a frame in pieces, gather more of its first bytes when the parser asks for them.
 */
#ifndef CSUMOFF_GLUE_FRAME_H
#define CSUMOFF_GLUE_FRAME_H

#include "../../include/csumoff_glue.h"
#include "../wire.h"

enum {
    HEAD_MOST = 512, /* the most bytes of a frame in pieces that are gathered */
    LEVELS_MOST = 8  /* the most packets inside one another that are located */
};

/*
 * The library's functions for frames in pieces. They are called through this table, to which only
 * csumoff_frame_begin_() refers, so that a program without such frames does not link them.
 */
struct csumoff_pieces_ {
    int (*copy)(void *dst, const struct csumoff_iov *iov, size_t count, size_t skip, size_t len,
                csumoff_wsum *sum);
    int (*sum)(const struct csumoff_iov *iov, size_t count, size_t skip, size_t len,
               csumoff_wsum *sum);
    int (*seed)(const struct csumoff_iov *iov, size_t count, const struct csumoff_layout *layout);
    int (*fill)(const struct csumoff_iov *iov, size_t count, const struct csumoff_layout *layout);
    int (*finish)(const struct csumoff_iov *iov, size_t count, const struct csumoff_layout *layout);
};

/* A frame of `len` bytes. Its first `have` bytes can be read at `head`. */
struct csumoff_frame_ {
    uint8_t *head; /* the frame's own bytes, or where those of a frame in pieces were gathered */
    size_t have, len;
    const struct csumoff_pieces_ *pieces; /* NULL: the frame is in one piece, at `head` */
    const struct csumoff_iov *iov;
    size_t count;
    enum csumoff_link link;
    uint8_t *room; /* of HEAD_MOST bytes, for gathering; NULL where nothing can be gathered */
};

/* Returns a frame in one piece. The caller may have only its first `have` bytes. */
static inline struct csumoff_frame_ csumoff_frame_whole(const void *head, size_t have, size_t len,
                                                        enum csumoff_link link)
{
    struct csumoff_frame_ frame;

    frame.head = (uint8_t *)(uintptr_t)head;
    frame.have = have;
    frame.len = len;
    frame.pieces = NULL;
    frame.iov = NULL;
    frame.count = 0;
    frame.link = link;
    frame.room = NULL;
    return frame;
}

/* Returns whether all bytes of the frame can be read, not only its head. */
static inline bool csumoff_frame_is_complete(const struct csumoff_frame_ *frame)
{
    return frame->pieces || frame->have == frame->len;
}

/* Returns the status for a head that is too short. The caller cannot mend that for a frame in
 * pieces, of which all that fits was gathered: CSUMOFF_ENOTSUP. */
static inline int csumoff_too_short(const struct csumoff_frame_ *frame)
{
    return frame->room ? CSUMOFF_ENOTSUP : CSUMOFF_EHEAD;
}

/* Returns what a checksum field of 16 bits holds. */
static inline csumoff_sum16 csumoff_field(const uint8_t *head, const struct csumoff_layout *layout)
{
    return csumoff_load16_(head + layout->csum_start + layout->csum_offset);
}

/* Returns whether the head includes the checksum field. The parser can locate GRE by fewer bytes.
 */
static inline bool csumoff_has_field(const struct csumoff_frame_ *frame,
                                     const struct csumoff_layout *layout)
{
    return frame->have >= (size_t)layout->csum_start + layout->csum_offset + 2;
}

/* Returns whether a packet's checksum field can hold a seed. A seed is never 0: it includes the
 * protocol number. A CRC32c has no seed. */
static inline bool csumoff_may_be_seed(const uint8_t *head, const struct csumoff_layout *layout)
{
    return layout->csum_kind == CSUMOFF_INTERNET &&
           !(layout->pseudo && csumoff_field(head, layout) == 0);
}

/* ---- For the devices --------------------------------------------------------------------- */

/*
 * Sets *frame to a frame in pieces. Its head is the first piece that is not empty.
 *
 *   most   the longest frame that is allowed
 *   room   HEAD_MOST bytes, into which the first bytes may be gathered later
 *
 * Returns CSUMOFF_OK, or CSUMOFF_ERANGE if the pieces are longer than `most` together.
 */
CSUMOFF_API int csumoff_frame_begin_(struct csumoff_frame_ *frame, const struct csumoff_iov *iov,
                                     size_t count, enum csumoff_link link, size_t most,
                                     uint8_t *room);

/*
 * Locates the frame's outermost packet. The headers of a frame in pieces are gathered first, and
 * its checksum field.
 *
 *   status   the status of csumoff_locate_head() if that was called, or CSUMOFF_EHEAD: see
 *            csumoff_decide_()
 *
 * Returns what csumoff_locate_head() returns, or CSUMOFF_ENOTSUP if the headers of a frame in
 * pieces do not end within HEAD_MOST bytes.
 */
CSUMOFF_API int csumoff_frame_locate_(struct csumoff_frame_ *frame, int status,
                                      struct csumoff_layout *layout);

/* Locates all packets of the frame, as csumoff_locate_all() does, and gathers headers for that.
 * *count becomes 1 on errors. Returns CSUMOFF_ENOTSUP where csumoff_frame_locate_() does, too. */
CSUMOFF_API int csumoff_frame_levels_(struct csumoff_frame_ *frame, struct csumoff_layout *levels,
                                      size_t most, size_t *count);

/* ---- For the decision -------------------------------------------------------------------- */

#pragma GCC visibility push(hidden)

/* Does what csumoff_frame_locate_() does, but returns CSUMOFF_EHEAD for every head that is too
 * short, so that the caller can tell it from the CSUMOFF_ENOTSUP of a route. */
int csumoff_frame_find_(struct csumoff_frame_ *frame, int status, struct csumoff_layout *layout);

/*
 * Sets *layout to the outermost packet.
 *
 *   given    the layout that the caller has, or NULL. It is used if it can be this frame's
 *   status   as csumoff_decide_() takes it, and *layout as csumoff_locate_head() left it
 *
 * Returns what csumoff_frame_find_() returns; CSUMOFF_ERANGE, also: the layout is of another frame.
 * On other errors *layout speaks of the IP header, or its ip_version is 0: there is none.
 */
int csumoff_frame_outermost_(struct csumoff_frame_ *frame, const struct csumoff_layout *given,
                             int status, struct csumoff_layout *layout);

/* Returns CSUMOFF_OK if the checksum field of a packet is at hand or could be gathered. */
int csumoff_frame_need_field_(struct csumoff_frame_ *frame, const struct csumoff_layout *layout);

#pragma GCC visibility pop

#endif
