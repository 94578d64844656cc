// SPDX-License-Identifier: MIT
/* The times at which packets were captured. */
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

/* A time. Nanoseconds are below STAMP_SECOND, even if the file is damaged. */
struct stamp {
    int64_t seconds;
    uint32_t nanoseconds;
    bool is_nano;  /* the capture has nanoseconds; else microseconds are shown */
    bool is_known; /* a Simple Packet Block of pcapng has no time */
};

struct stamp stamp_read(const struct packet *packet, bool is_nano);

/* Writes a time in one of the forms. Returns text. */
const char *stamp_format(char text[STAMP_SIZE], enum stamp_form form, const struct stamp *stamp,
                         const struct stamp *first);

/* Returns how many columns stamp_format() takes for ordinary captures. */
int stamp_width(enum stamp_form form, bool is_nano);

#endif
