// SPDX-License-Identifier: MIT
/* Output to a terminal: colours, rows that fit it, progress. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

enum tint {
    TINT_NONE,
    TINT_STRONG,
    TINT_FAINT,
    TINT_GOOD,
    TINT_BAD,
    TINT_NOTE
};

/* Switches colours on or off: "auto", "always" or "never". Returns false for any other word.
 * Without this call there are no colours. */
bool tint_choose(const char *when);
/* Return the escape codes before and after a coloured word, or "" if colours are off. */
const char *tint(enum tint what);
const char *untint(void);

/*
 * Makes rows fit the terminal, unless `is_wide` is true or stdout is no terminal. The width is that
 * of the variable COLUMNS, else what the terminal says, else 80.
 */
void print_fit_terminal(bool is_wide);
/* Returns how many columns the line has left, or -1 if it may have any length. */
int print_room(void);
/* Returns whether lines must fit in fewer than `columns` columns. */
bool print_is_narrow(int columns);
/* Continues on an indented new line if this one has fewer than `columns` columns left. */
void print_fit(int columns);

/*
 * Returns whether progress should be shown now: the work has taken a second or longer, and stderr
 * is a terminal. The clock is read for few of the numbers of packets.
 */
bool progress_is_due(uint64_t packets);
/* Shows progress in one line on stderr. `share` is negative if the capture's size is not known. */
void progress(uint64_t packets, double share);
void progress_erase(void);

/* Returns the seconds of a monotonic clock. */
double now(void);

#endif
