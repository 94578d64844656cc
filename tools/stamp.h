// SPDX-License-Identifier: MIT
/* When packets were captured, as rows show it. */
#ifndef STAMP_H
#define STAMP_H

#include "capture.h"

enum stamp_form {
    STAMP_NONE,
    STAMP_RELATIVE, /* seconds since the first packet of the capture */
    STAMP_UTC       /* 2023-11-14T22:13:20.000001Z */
};

enum {
    STAMP_SIZE = 48,
    STAMP_SECOND = 1000000000 /* in nanoseconds */
};

/* A time: nanoseconds are below a second, whatever a damaged file holds. */
struct stamp {
    int64_t seconds;
    uint32_t nanoseconds;
    bool is_nano;  /* so precise is the capture; else microseconds are shown */
    bool is_known; /* the simple packets of pcapng have no time */
};

struct stamp stamp_read(const struct packet *packet, bool is_nano);

/* Writes a time in one of the forms. Returns text. */
const char *stamp_format(char text[STAMP_SIZE], enum stamp_form form, const struct stamp *stamp,
                         const struct stamp *first);

/* Returns how many columns that takes, for ordinary captures. */
int stamp_width(enum stamp_form form, bool is_nano);

#endif
