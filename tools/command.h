// SPDX-License-Identifier: MIT
/* The commands; each returns an exit code of print.h. */
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

/* What the command line asks for; options.c has a row for each. */
struct options {
    uint64_t given;     /* a bit for each of those rows */
    const char *kernel; /* forced; NULL: not */
    bool is_help, is_version, json, summary, by_line, all, fresh, files, senders, is_wide;
    unsigned only;              /* verdicts, as bits: those to be shown; 0: all */
    enum stamp_form time;       /* a column of rows */
    const char *filter;         /* NULL: none */
    const char *html;           /* where a page is written; NULL: nowhere */
    size_t mtu;                 /* of the network: TCP beyond it is GSO */
    const char *key[KEYS_MOST]; /* "NAME=VALUE" of the backend's directory in xenstore */
    int keys;
};

int command_verify(const struct options *options, int count, char **captures);
int command_finish(const struct options *options, int count, char **in_out);
int command_explain(const struct options *options, int count, char **file_number);
int command_netfront(const struct options *options, int count, char **captures);
int command_info(const struct options *options, int count, char **none);
int command_selftest(const struct options *options, int count, char **none);
int command_bench(const struct options *options, int count, char **none);

/* A checksum as it reads on the wire. */
static inline unsigned wire(csumoff_sum16 sum)
{
    unsigned char b[sizeof sum];

    memcpy(b, &sum, sizeof sum);
    return (unsigned)b[0] << 8 | b[1];
}

#endif
