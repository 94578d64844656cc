// SPDX-License-Identifier: MIT
/* The commands. Each one returns an exit code of print.h. */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <csumoff.h>

#include "stamp.h"

enum {
    KEYS_MOST = 16
};

/* The options of the command line. options.c has a row for each. */
struct options {
    uint64_t given;     /* a bit for each of those rows */
    const char *kernel; /* forced; NULL: not */
    bool is_help, is_version, json, summary, by_line, all, fresh, files, senders, is_wide;
    unsigned only;              /* the verdicts to be shown, a bit for each; 0: all */
    enum stamp_form time;       /* a column of rows */
    const char *filter;         /* NULL: none */
    const char *html;           /* the file that the page is written to; NULL: none */
    size_t mtu;                 /* of the network; longer TCP packets need GSO */
    const char *key[KEYS_MOST]; /* "NAME=VALUE" in the backend's directory of xenstore */
    int keys;
};

int command_verify(const struct options *options, int count, char **captures);
int command_finish(const struct options *options, int count, char **in_out);
int command_explain(const struct options *options, int count, char **file_number);
int command_netfront(const struct options *options, int count, char **captures);
int command_info(const struct options *options, int count, char **none);
int command_selftest(const struct options *options, int count, char **none);
int command_bench(const struct options *options, int count, char **none);

/* Returns a checksum as the number that its two bytes are on the wire. */
static inline unsigned wire(csumoff_sum16 sum)
{
    unsigned char b[sizeof sum];

    memcpy(b, &sum, sizeof sum);
    return (unsigned)b[0] << 8 | b[1];
}

#endif
