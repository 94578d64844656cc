// SPDX-License-Identifier: MIT
/*
 * The one decision, for all devices: what has to be done to a frame that is sent, and what the
 * device is to be told. decide.c makes the plan, act.c carries it out; both are part of the library
 * csumoff_glue, and the units for the devices translate.
 */
#ifndef CSUMOFF_GLUE_DECIDE_H
#define CSUMOFF_GLUE_DECIDE_H

#include "device.h"
#include "plan.h"

/*
 * Decides what becomes of a frame.
 *
 *   frame    may be gathered into its room
 *   hint     not NULL
 *   status   of csumoff_locate_head(), which has written to plan->levels[0]; CSUMOFF_EHEAD also
 *            where nothing was located yet. Has no meaning where the hint has a layout
 *   plan     receives the decision; is written on errors, too
 *
 * Returns CSUMOFF_OK or the error for the caller of the sending function.
 */
CSUMOFF_API int csumoff_decide_(struct csumoff_frame_ *frame, const struct csumoff_device_ *device,
                                const struct csumoff_hint *hint, int status,
                                struct csumoff_plan_ *plan);

/* ---- Receiving --------------------------------------------------------------------------- */

/*
 * Prepares to complete the L4 checksum that `rx`, in state CSUMOFF_PARTIAL, says is unfinished.
 *
 *   status   as csumoff_decide_() takes it
 *   plan     its act becomes FINISH, FILL or REFILL, with levels that say nothing of an IPv4
 *            header, so that none is written
 *
 * Returns CSUMOFF_OK or the error for the caller of the finishing function.
 */
CSUMOFF_API int csumoff_complete_(struct csumoff_frame_ *frame, const struct csumoff_rx *rx,
                                  int status, struct csumoff_plan_ *plan);

#endif
