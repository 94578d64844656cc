// SPDX-License-Identifier: MIT
/* What verify says of frames, as rows of text or as JSON. */
#ifndef REPORT_H
#define REPORT_H

#include "command.h"
#include "stamp.h"
#include "tally.h"

/* How frames are shown. */
struct view {
    const struct options *options;
    const struct capture *capture;
    struct stamp first; /* when the capture's first packet was captured */
};

/* Whether a verdict is one of those to be shown: --only. */
bool view_has(const struct view *view, enum verdict verdict);

/* One row per packet of a frame. `flow`: of the outermost packet; its texts need not be there, and
 * it is overwritten. */
void rows_heading(const struct view *view);
void rows_print(const struct view *view, const struct packet *packet, const struct judged *judged,
                struct flow *flow);
void summary_print(const struct tally *tally);

/* One object per frame. The worst packet's verdict is the frame's; a list of all of them comes
 * last, where there are several. `flow`: of the outermost packet; its texts need not be there. */
void json_print(const struct view *view, const struct packet *packet, const struct judged *judged,
                struct flow *flow);
void json_summary(const struct tally *tally);

#endif
