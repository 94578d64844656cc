// SPDX-License-Identifier: MIT
#include "terminal.h"

#include "print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* ---- Colours ------------------------------------------------------------------------------ */

static bool in_colour;

bool tint_choose(const char *when)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    if (strcmp(when, "auto") == 0)
        in_colour = isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
                    !(term && strcmp(term, "dumb") == 0);
    else if (strcmp(when, "always") == 0)
        in_colour = true;
    else if (strcmp(when, "never") == 0)
        in_colour = false;
    else
        return false;
    return true;
}

const char *tint(enum tint what)
{
    static const char *const codes[] = {"",         "\033[1m",    "\033[2m",
                                        "\033[32m", "\033[1;31m", "\033[36m"};

    return in_colour ? codes[what] : "";
}

const char *untint(void)
{
    return in_colour ? "\033[0m" : "";
}

/* ---- Rows on a terminal ------------------------------------------------------------------- */

enum {
    INDENT = 9 /* of a row's second line */
};

static int columns; /* of the terminal; 0: rows need not fit */

void print_fit_terminal(bool is_wide)
{
    const char *wanted = getenv("COLUMNS");
    struct winsize size;

    if (is_wide || !isatty(STDOUT_FILENO))
        return;
    columns = wanted ? (int)strtol(wanted, NULL, 10) : 0;
    if (columns <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        columns = size.ws_col;
    if (columns <= 0)
        columns = 80;
}

int print_room(void)
{
    int width = columns ? print_width() : 0;

    return !columns ? -1 : columns > width ? columns - width : 0;
}

bool print_is_narrow(int wanted)
{
    return columns && columns < wanted;
}

void print_fit(int wanted)
{
    if (!columns || print_room() >= wanted || print_width() <= INDENT)
        return;
    print_trim();
    print("\n");
    print("%*s", INDENT, "");
}

/* ---- Progress ----------------------------------------------------------------------------- */

double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool progress_shown;

bool progress_is_due(uint64_t packets)
{
    static int is_terminal = -1;
    static double next;
    double t;

    /* The clock is read once in 256 packets, so quick work never reads it. */
    if (packets % 256 != 1)
        return false;
    if (is_terminal < 0)
        is_terminal = isatty(STDERR_FILENO);
    if (!is_terminal)
        return false;
    t = now();
    if (next == 0)
        next = t + 1;
    if (t < next)
        return false;
    next = t + 0.1;
    return true;
}

void progress(uint64_t packets, double share)
{
    progress_shown = true;
    fprintf(stderr, "\r%" PRIu64 " packets", packets);
    if (share >= 0)
        fprintf(stderr, ", %.0f %%", share * 100);
    fputs("\033[K", stderr);
    fflush(stderr);
}

void progress_erase(void)
{
    if (progress_shown)
        fputs("\r\033[K", stderr);
    progress_shown = false;
}
