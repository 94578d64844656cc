// SPDX-License-Identifier: MIT
/*
 * A frame, in one piece or in several, and where its packets are: the library's parser, asked until
 * enough of a frame in pieces was gathered.
 */
#ifndef CSUMOFF_GLUE_FRAME_H
#define CSUMOFF_GLUE_FRAME_H

#include "../../include/csumoff_glue.h"
#include "../wire.h"

enum {
    HEAD_MOST = 512, /* how many bytes of a frame in pieces are gathered */
    LEVELS_MOST = 8  /* how many packets inside one another are told apart */
};

/*
 * What is done to a frame in pieces: csumoff_partial_copy_iov() and so on. Only such a frame refers
 * to it, so that a program that has none links nothing of it.
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

/* A frame of which the first `have` bytes can be read at `head`. */
struct csumoff_frame_ {
    uint8_t *head; /* the frame's own bytes, or where those of a frame in pieces were gathered */
    size_t have, len;
    const struct csumoff_pieces_ *pieces; /* NULL: the frame is in one piece, at `head` */
    const struct csumoff_iov *iov;
    size_t count;
    enum csumoff_link link;
    uint8_t *room; /* of HEAD_MOST bytes, for gathering; NULL where nothing can be gathered */
};

/* Returns a frame in one piece, of which the first `have` bytes may be all there is. */
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

/* Returns whether the bytes behind the head can be reached. */
static inline bool csumoff_frame_is_complete(const struct csumoff_frame_ *frame)
{
    return frame->pieces || frame->have == frame->len;
}

/* Returns the status for a head that is too short: a frame in pieces has no more to offer. */
static inline int csumoff_too_short(const struct csumoff_frame_ *frame)
{
    return frame->room ? CSUMOFF_ENOTSUP : CSUMOFF_EHEAD;
}

static inline csumoff_sum16 csumoff_field(const uint8_t *head, const struct csumoff_layout *layout)
{
    return csumoff_load16_(head + layout->csum_start + layout->csum_offset);
}

/* Returns whether the checksum field is at hand. GRE's is behind what it takes to locate it. */
static inline bool csumoff_has_field(const struct csumoff_frame_ *frame,
                                     const struct csumoff_layout *layout)
{
    return frame->have >= (size_t)layout->csum_start + layout->csum_offset + 2;
}

/* Returns whether a packet's field can be a seed: a seed is never 0, for it includes the protocol
 * number. What the field of a CRC32c holds does not matter. */
static inline bool csumoff_may_be_seed(const uint8_t *head, const struct csumoff_layout *layout)
{
    return layout->csum_kind == CSUMOFF_INTERNET &&
           !(layout->pseudo && csumoff_field(head, layout) == 0);
}

/* ---- For the devices --------------------------------------------------------------------- */

/* Begins with a frame in pieces: the first piece is its head. Returns CSUMOFF_ERANGE where the
 * lengths add up to more than `most`. */
CSUMOFF_API int csumoff_frame_begin_(struct csumoff_frame_ *frame, const struct csumoff_iov *iov,
                                     size_t count, enum csumoff_link link, size_t most,
                                     uint8_t *room);

/*
 * Locates the frame's outermost packet, gathering what that takes and its checksum field.
 *
 *   status   as csumoff_decide_() takes it
 *
 * Returns what csumoff_locate_head() returns. CSUMOFF_ENOTSUP, also: a frame in pieces has its
 * headers beyond what can be gathered.
 */
CSUMOFF_API int csumoff_frame_locate_(struct csumoff_frame_ *frame, int status,
                                      struct csumoff_layout *layout);

/* Finds the frame's packets inside one another: csumoff_locate_all(), gathering what that takes.
 * *count becomes 1 where that fails. CSUMOFF_ENOTSUP, also: as csumoff_frame_locate_(). */
CSUMOFF_API int csumoff_frame_levels_(struct csumoff_frame_ *frame, struct csumoff_layout *levels,
                                      size_t most, size_t *count);

/* ---- For the decision -------------------------------------------------------------------- */

#pragma GCC visibility push(hidden)

/* Does what csumoff_frame_locate_() does, but that a head that is too short is CSUMOFF_EHEAD, be
 * there more to be gathered or not. */
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
