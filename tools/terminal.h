// SPDX-License-Identifier: MIT
/* What a terminal gets besides text: colours, rows that fit it, progress. */
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

/* "auto", "always" or "never"; false: none of them. Colours appear only after this call. */
bool tint_choose(const char *when);
/* The escape codes around a coloured word; "" where there is no colour. */
const char *tint(enum tint what);
const char *untint(void);

/*
 * Makes rows fit a terminal: its width is what COLUMNS says, or the terminal itself, or 80.
 * `is_wide`: they need not. Into a pipe or a file rows are as long as they are.
 */
void print_fit_terminal(bool is_wide);
/* Returns how many columns the line has left; -1: as many as it takes. */
int print_room(void);
/* Returns whether lines have fewer than `columns` columns. */
bool print_is_narrow(int columns);
/* Goes on in a line below, set in, where this one does not have so many columns left. */
void print_fit(int columns);

/*
 * Whether it is time to show how far the work has come: the work takes long, and stderr is a
 * terminal. Few numbers of packets ask the clock.
 */
bool progress_is_due(uint64_t packets);
/* Shows it in one line on stderr; share < 0: the size of the capture is not known. */
void progress(uint64_t packets, double share);
void progress_erase(void);

/* Seconds on a clock that only goes forward. */
double now(void);

#endif
