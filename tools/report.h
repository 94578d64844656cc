// SPDX-License-Identifier: MIT
/* The result of verify for each frame, as rows of text or as JSON. */
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

/* Returns whether frames with this verdict are shown (--only). */
bool view_has(const struct view *view, enum verdict verdict);

/* Print a row for each packet of a frame. `flow` is that of the outermost packet, as flow_read()
 * read it; it is overwritten. */
void rows_heading(const struct view *view);
void rows_print(const struct view *view, const struct packet *packet, const struct judged *judged,
                struct flow *flow);
void summary_print(const struct tally *tally);

/* Print an object for each frame, with the verdict on the worst of its packets. If there are
 * several packets, a list of all follows. `flow` is that of the outermost packet, as flow_read()
 * read it. */
void json_print(const struct view *view, const struct packet *packet, const struct judged *judged,
                struct flow *flow);
void json_summary(const struct tally *tally);

#endif
