// SPDX-License-Identifier: MIT
/* Which packets a command is about: an expression of libpcap's (pcap-filter(7)). */
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

/* Makes the filter ready for a capture that was opened. Returns false after a complaint in
 * libpcap's words: the expression makes no sense, or none for such packets. */
bool filter_open(struct filter *filter, const struct capture *capture);

/* Returns 1: the packet matches, 0: it does not, -1: the expression makes no sense for its link
 * type, and a complaint was made. */
int filter_matches(struct filter *filter, const struct capture *capture,
                   const struct packet *packet);

/* Frees what the filter holds. */
void filter_close(struct filter *filter);

#endif
