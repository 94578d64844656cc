// SPDX-License-Identifier: MIT
/* The packets of a frame, outermost first: each one tunnels the next. */
#ifndef LEVELS_H
#define LEVELS_H

#include "capture.h"

#include <csumoff.h>

enum {
    LEVELS_MOST = 16
};

struct level {
    /* Why the L4 checksum could not be judged: CSUMOFF_EPROTO, _EFRAG, _ENOTSUP, _ETRUNC, _EHDR, or
     * CSUMOFF_EHEAD: not all that it covers was captured. CSUMOFF_OK: it was, or this is a tunnel
     * without a checksum of its own, whose layout is one of CSUMOFF_NO_CHECKSUM. */
    int status;
    struct csumoff_layout layout; /* ip_version is 0 where there is no whole IP header */
    struct csumoff_report report; /* of what could be judged */
    /* The L4 checksum could not be judged, but covers the packets inside. */
    bool is_sealed;
};

struct levels {
    size_t count; /* at least 1 */
    struct level of[LEVELS_MOST];
};

/*
 * Finds and judges every packet of a frame, as the bytes are.
 *
 *   levels      receives the packets; the first one's status tells of a frame without any
 *   head, have  the bytes of the frame that were captured
 *   len         the length of the whole frame
 *   link        what it begins with
 */
void levels_read(struct levels *levels, const uint8_t *head, size_t have, size_t len,
                 enum csumoff_link link);

/* Does the same for a captured packet. An IP length of 0, as senders leave it in super-frames,
 * means "to the end". */
void levels_read_packet(struct levels *levels, const struct packet *packet);

/*
 * Finishes what was left to the network card, innermost first: seeds, and IPv4 headers of 0. A
 * checksum that was right for the bytes as they were is made again for those that it now covers.
 *
 * Verdicts follow. An outer checksum may be right only once the packets inside are finished, as
 * local checksum offload makes it: then it becomes CSUMOFF_GOOD. What was finished remains what it
 * was.
 *
 *   levels       what levels_read() made of these bytes
 *   head, have   the bytes, which are written to
 *
 * Returns whether anything was written.
 */
bool levels_finish(struct levels *levels, uint8_t *head, size_t have);

/* Brings the verdicts up to date as levels_finish() does, and leaves the bytes alone. */
void levels_foresee(struct levels *levels, const uint8_t *head, size_t have);

/*
 * Makes every checksum of every packet again, innermost first. Where the L4 checksum could not be
 * judged, the IPv4 header's is made alone.
 * Returns whether every packet's L4 checksum was made, if it has one.
 */
bool levels_fill(const struct levels *levels, uint8_t *head, size_t have);

#endif
