// SPDX-License-Identifier: MIT
/* The packets that a command reads: those that match an expression of pcap-filter(7). */
#ifndef FILTER_H
#define FILTER_H

#include "capture.h"

enum {
    FILTER_LINKS = 32 /* more than there are link types that can be read */
};

struct filter {
    const char *expression; /* NULL: every packet matches */
    size_t count;
    struct filter_program {
        int link; /* the link type's number in capture files */
        struct bpf_program code;
    } of[FILTER_LINKS];
};

/* Compiles the filter for a capture that was opened. Returns false after a complaint with libpcap's
 * message: the expression is wrong, or cannot be used for the capture's link type. */
bool filter_open(struct filter *filter, const struct capture *capture);

/* Returns 1 if the packet matches, 0 if it does not, and -1 after a complaint: the expression
 * cannot be used for the packet's link type. */
int filter_matches(struct filter *filter, const struct capture *capture,
                   const struct packet *packet);

/* Frees the compiled filter. */
void filter_close(struct filter *filter);

#endif
