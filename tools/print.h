// SPDX-License-Identifier: MIT
/* What every command says things with: exit codes, colour, complaints, progress, JSON strings. */
#ifndef PRINT_H
#define PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EXIT_FINE = 0,
    EXIT_WRONG = 1,
    EXIT_UNUSABLE = 2
};

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

/* "csumoff: ..." on stderr, after what stdout holds; returns EXIT_UNUSABLE. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Prints to stdout as printf() does, at a fraction of the cost: for what is printed once a packet.
 * A line reaches stdout when its end is printed, so nothing else may print a part of that line.
 *
 * The conversions are %c, %d, %s, %u and %x, with the flags - and 0, widths, *, and the lengths l,
 * ll and z. Any other is a mistake of the caller's and ends the program.
 */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a sentence in lines of at most `width` columns, each behind `indent` of them. */
void print_wrapped(const char *text, size_t indent, size_t width);
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

/* Gives stdout a large buffer; it is written line by line to a terminal, and where asked for. Must
 * come before anything is printed. */
void stdout_open(bool by_line);
/* Whether stdout takes no more: whoever prints a lot asks now and then, and stops. */
bool stdout_failed(void);
/* Flushes stdout; complains and returns EXIT_UNUSABLE where anything got lost, else `code`. */
int stdout_close(int code);

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

/* Prints, as print() does, `text` in quotes: valid JSON whatever bytes it holds. */
void json_string(const char *text);

#endif
