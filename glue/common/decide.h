// SPDX-License-Identifier: MIT
/*
 * The one decision, for all devices: what has to be done to a frame that is sent, and what the
 * device is to be told. decide.c decides, act.c carries it out; both are part of the library
 * csumoff_glue, and the units for the devices translate.
 */
#ifndef CSUMOFF_GLUE_DECIDE_H
#define CSUMOFF_GLUE_DECIDE_H

#include "../../include/csumoff_glue.h"
#include "../wire.h"

enum {
    HEAD_MOST = 512, /* how many bytes of a frame in pieces are gathered */
    LEVELS_MOST = 8  /* how many packets inside one another are told apart */
};

/* ---- A frame ----------------------------------------------------------------------------- */

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

static inline csumoff_sum16 csumoff_field(const uint8_t *head, const struct csumoff_layout *at)
{
    return csumoff_load16_(head + at->csum_start + at->csum_offset);
}

/* Returns whether a packet's field can be a seed: a seed is never 0, for it includes the protocol
 * number. What the field of a CRC32c holds does not matter. */
static inline bool csumoff_may_be_seed(const uint8_t *head, const struct csumoff_layout *at)
{
    return at->csum_kind == CSUMOFF_INTERNET && !(at->pseudo && csumoff_field(head, at) == 0);
}

/* ---- A device ---------------------------------------------------------------------------- */

/* What a device takes. */
struct csumoff_device_ {
    bool csum_ipv4, csum_ipv6;      /* seeds */
    bool tcpv4, tcpv6, udp_l4, ecn; /* super-frames; ecn: of TCP with CWR set */
    /* Returns whether the device finds the TCP or UDP checksum of a frame. NULL: it needn't, it is
     * told where the checksum is. */
    bool (*finds)(const uint8_t *head, size_t have, const struct csumoff_layout *at);
};

/* ---- The decision ------------------------------------------------------------------------ */

enum csumoff_act_ {
    CSUMOFF_ACT_LEAVE,
    CSUMOFF_ACT_HEADER, /* make the outermost IPv4 header right; so do all that follow */
    CSUMOFF_ACT_SEED,   /* seed the packet at `level` */
    CSUMOFF_ACT_FINISH, /* finish it */
    CSUMOFF_ACT_FILL,   /* compute it, and the packets around it */
    CSUMOFF_ACT_REFILL  /* finish it, and compute the packets around it */
};

struct csumoff_plan_ {
    enum csumoff_act_ act;
    bool is_told;     /* the device finishes the packet at `level` */
    uint8_t gso_type; /* enum csumoff_gso */
    /* The packets concerned, outermost first. One without an IP header has ip_version 0. */
    size_t level;
    struct csumoff_layout levels[LEVELS_MOST];
};

/*
 * Decides what becomes of a frame.
 *
 *   frame    may be gathered into its room
 *   hint     not NULL
 *   status   of csumoff_locate_head(), which has written to plan->levels[0]; CSUMOFF_EHEAD also
 *            where nothing was located yet. Has no meaning where the hint has a layout
 *   plan     receives the decision; is written on errors, too
 *
 * Returns CSUMOFF_OK or the error that the sending function returns.
 */
CSUMOFF_API int csumoff_decide_(struct csumoff_frame_ *frame, const struct csumoff_device_ *device,
                                const struct csumoff_hint *hint, int status,
                                struct csumoff_plan_ *plan);

/* Carries the decision out on the frame. */
CSUMOFF_API int csumoff_act_(const struct csumoff_frame_ *frame, const struct csumoff_plan_ *plan);

/* Carries it out on a copy. dst receives the frame's bytes: those at hand from its head, which may
 * be a copy already, the others from the same places of src. */
CSUMOFF_API int csumoff_act_on_copy_(void *dst, const void *src, const struct csumoff_frame_ *frame,
                                     const struct csumoff_plan_ *plan);

/* ---- Receiving --------------------------------------------------------------------------- */

/*
 * Prepares to complete the L4 checksum that `rx`, in state CSUMOFF_PARTIAL, says is unfinished.
 *
 *   status   as csumoff_decide_() takes it
 *   plan     its act becomes FINISH, FILL or REFILL, with levels that say nothing of an IPv4
 *            header, so that none is written
 *
 * Returns CSUMOFF_OK or the error that the function returns that completes it.
 */
CSUMOFF_API int csumoff_complete_(struct csumoff_frame_ *frame, const struct csumoff_rx *rx,
                                  int status, struct csumoff_plan_ *plan);

/* Returns whether a place is that of a CRC32c, of a frame of which there is not only a head. An
 * error where that cannot be seen. */
CSUMOFF_API int csumoff_is_crc32c_at_(struct csumoff_frame_ *frame, uint32_t csum_start,
                                      uint32_t csum_offset, bool *is_crc32c);

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
                                      struct csumoff_layout *at);

/* Finds the frame's packets inside one another: csumoff_locate_all(), gathering what that takes.
 * *count becomes 1 where that fails. CSUMOFF_ENOTSUP, also: as csumoff_frame_locate_(). */
CSUMOFF_API int csumoff_frame_levels_(struct csumoff_frame_ *frame, struct csumoff_layout *levels,
                                      size_t most, size_t *count);

#endif
