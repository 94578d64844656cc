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
    /* CSUMOFF_OK: the L4 checksum was judged, or this is a tunnel without a checksum, whose layout
     * has CSUMOFF_NO_CHECKSUM. CSUMOFF_EHEAD: not all that the checksum covers was captured. Other
     * values are those of csumoff_locate(), and say why the checksum was not judged. */
    int status;
    struct csumoff_layout layout; /* ip_version is 0 if there is no whole IP header */
    struct csumoff_report report; /* of the checksums that could be judged */
    /* The L4 checksum could not be judged, and covers the packets inside. */
    bool is_sealed;
};

struct levels {
    size_t count; /* at least 1 */
    struct level of[LEVELS_MOST];
};

/*
 * Finds and judges every packet of a frame.
 *
 *   levels      receives the packets; if there are none, levels->of[0].status says why
 *   head, have  the bytes of the frame that were captured
 *   len         the length of the whole frame
 *   link        the type of the frame
 */
void levels_read(struct levels *levels, const uint8_t *head, size_t have, size_t len,
                 enum csumoff_link link);

/* Finds and judges every packet of a captured frame. An IP length of 0, which senders leave in
 * super-frames, means "to the end". */
void levels_read_packet(struct levels *levels, const struct packet *packet);

/*
 * Finishes the checksums that were left to the network card, innermost first: seeds, and IPv4
 * header checksums of 0. An outer checksum that was right before an inner one was finished is
 * computed again.
 *
 * An outer checksum that local checksum offload made is right only after the inner ones are
 * finished; its verdict becomes CSUMOFF_GOOD then. The verdict on a finished checksum stays as it
 * was.
 *
 *   levels       what levels_read() found in these bytes
 *   head, have   the bytes, which are written to
 *
 * Returns whether anything was written.
 */
bool levels_finish(struct levels *levels, uint8_t *head, size_t have);

/* Changes the verdicts as levels_finish() does, but not the bytes. */
void levels_foresee(struct levels *levels, const uint8_t *head, size_t have);

/*
 * Computes all checksums of all packets again, innermost first. Where the L4 checksum could not be
 * judged, only the IPv4 header checksum is computed.
 * Returns whether the L4 checksum of every packet that has one was computed.
 */
bool levels_fill(const struct levels *levels, uint8_t *head, size_t have);

#endif
