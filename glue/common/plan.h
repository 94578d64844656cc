// SPDX-License-Identifier: MIT
/*
 * The plan: what software does to a frame, and what the device does. decide.c and complete.c make a
 * plan, act.c carries it out, and the units of the devices tell the device its part. The plan for a
 * received frame has no such part: complete.c sets `act`, `level` and `levels` alone.
 */
#ifndef CSUMOFF_GLUE_PLAN_H
#define CSUMOFF_GLUE_PLAN_H

#include "frame.h"

enum {
    SCTP_CSUM_OFFSET = 8 /* no known protocol has an Internet checksum there */
};

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

/* Returns whether a packet has its checksum field at this place. */
static inline bool csumoff_is_at(const struct csumoff_layout *layout, uint32_t csum_start,
                                 uint32_t csum_offset)
{
    return layout->csum_kind != CSUMOFF_NO_CHECKSUM && layout->csum_start == csum_start &&
           layout->csum_offset == csum_offset;
}

/* ---- The packet that a plan is about ----------------------------------------------------- */

#pragma GCC visibility push(hidden)

/*
 * Finds the packet with this checksum among those inside the outermost one, and sets plan->level to
 * it; 0: there is none. plan->levels[0] stays as it is, but for that. *innermost receives the
 * number of the innermost packet that is known.
 */
int csumoff_plan_find_(struct csumoff_frame_ *frame, uint32_t csum_start, uint32_t csum_offset,
                       struct csumoff_plan_ *plan, size_t *innermost);

/* Makes level 1 of the plan a place at which nothing is known to be: its sum ends at `end`. */
void csumoff_plan_set_place_(struct csumoff_plan_ *plan, uint32_t csum_start, uint32_t csum_offset,
                             size_t end);

#pragma GCC visibility pop

/* Returns whether a place is that of a CRC32c, of a frame of which there is not only a head. An
 * error where that cannot be seen. */
CSUMOFF_API int csumoff_is_crc32c_at_(struct csumoff_frame_ *frame, uint32_t csum_start,
                                      uint32_t csum_offset, bool *is_crc32c);

/* ---- Carrying it out --------------------------------------------------------------------- */

/* Carries a plan out on the frame. */
CSUMOFF_API int csumoff_act_(const struct csumoff_frame_ *frame, const struct csumoff_plan_ *plan);

/* Carries it out on a copy. dst receives the frame's bytes: those at hand from its head, which may
 * be a copy already, the others from the same places of src. */
CSUMOFF_API int csumoff_act_on_copy_(void *dst, const void *src, const struct csumoff_frame_ *frame,
                                     const struct csumoff_plan_ *plan);

#endif
