// SPDX-License-Identifier: MIT
/*
 * What was sent, what csumoff_netback_drops_slots() said would become of it, what came out of the
 * sink, and the verdict: a row for each kind of frame, which is a test in TAP. Frames bear a number
 * in their source address. What they have to look like is the oracle's word alone.
 */
#ifndef CSUMOFF_TESTS_XEN_LEDGER_H
#define CSUMOFF_TESTS_XEN_LEDGER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../oracle/frames.h"
#include "offload.h"
#include "rig.h"
#include "table.h"

/* What has to become of each frame of a row. */
enum fate {
    GOOD,    /* arrives, byte for byte as it has to be */
    BAD,     /* arrives, and nothing but its checksum is wrong */
    DROPPED, /* does not arrive, though the backend answers OKAY */
    EITHER   /* as predicted, whatever that is */
};

enum {
    ANY_FLAGS = -1
};

/* One row is open at a time, for frames of this ring. `flags`: what their first slots have to say.
 */
void row_begin(struct ring *ring, enum fate fate, int flags, const char *title, ...)
    __attribute__((format(printf, 4, 5)));

/* Numbers a frame that is to be sent now, and notes what has to come out (`want`, same length). */
void row_expect(uint8_t *frame, const uint8_t *want, size_t len, size_t field);
/* The same for a super-frame of TCP, of which segments have to come. */
void row_expect_segments(uint8_t *frame, const struct frame *f, uint16_t mss);
/* For what can't be known: whether it comes, no more. */
void row_expect_any(uint8_t *frame, size_t len);

/* Takes in what has come out so far, so that the sink's queue never gets full. */
void row_drain(void);
/* Waits for what is still under way, prints the row. */
void row_end(void);

/* All the frames that were sent and predicted, and how many of them were foretold wrongly. */
extern unsigned long frames_sent, frames_mispredicted;

#endif
