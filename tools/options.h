// SPDX-License-Identifier: MIT
/* What may be given on the command line: one table, which is read, explained and checked by. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "command.h"

/* The commands, as bits: which of them take an option. */
enum {
    VERIFY = 1,
    FINISH = 2,
    NETFRONT = 4,
    INFO = 8,
    SELFTEST = 16,
    BENCH = 32,
    EXPLAIN = 64,
    EVERY = 127
};

/* Reads the options of a command line, and moves the other arguments behind them. Returns the index
 * of the first argument that is no option; -1: a complaint was made. */
int options_read(struct options *options, int argc, char **argv);

/* Complains where an option was given that the command, one of the bits, does not take. */
bool options_are_taken(const struct options *options, unsigned command, const char *name);

/* Prints a line of help for each option that the command takes. `command`: a bit, or EVERY for the
 * options that every command takes, which the others are printed without. */
void options_print(unsigned command);

#endif
