// SPDX-License-Identifier: MIT
/* The options of the command line. One table says how they are read, explained and checked. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "command.h"

/* The commands, as bits. */
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
 * of the first argument that is no option, or -1 after a complaint. */
int options_read(struct options *options, int argc, char **argv);

/* Returns whether the command takes all options that were given; if not, complains. `command` is
 * the command's bit, `name` its name. */
bool options_are_taken(const struct options *options, unsigned command, const char *name);

/* Prints a line of help for each option of the command that not every command takes. For EVERY it
 * prints a line for each option that every command takes. */
void options_print(unsigned command);

#endif
