// SPDX-License-Identifier: MIT
#include "print.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

int complain(const char *format, ...)
{
    va_list args;

    progress_erase();
    fflush(stdout);
    fputs("csumoff: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return EXIT_UNUSABLE;
}

/* The errno of the first write that failed; later calls may have overwritten errno itself. */
static int stdout_errno;

bool stdout_failed(void)
{
    if (!stdout_errno && ferror(stdout))
        stdout_errno = errno ? errno : EIO;
    return stdout_errno != 0;
}

int stdout_close(int code)
{
    if (!stdout_failed() && fflush(stdout) == 0)
        return code;
    return complain("standard output: %s", strerror(stdout_errno ? stdout_errno : errno));
}

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

    /* Quick work never asks the clock; the rest does it rarely. */
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

/* Bytes in the UTF-8 character at p, 0 where there is none (RFC 3629, section 4). */
static int utf8_length(const unsigned char *p)
{
    int tail = *p < 0xC2 ? 0 : *p < 0xE0 ? 1 : *p < 0xF0 ? 2 : *p < 0xF5 ? 3 : 0;
    unsigned low = *p == 0xE0 ? 0xA0 : *p == 0xF0 ? 0x90 : 0x80;
    unsigned high = *p == 0xED ? 0x9F : *p == 0xF4 ? 0x8F : 0xBF;

    if (*p < 0x80)
        return 1;
    if (tail == 0 || p[1] < low || p[1] > high)
        return 0;
    for (int i = 2; i <= tail; i++)
        if (p[i] >> 6 != 2)
            return 0;
    return tail + 1;
}

void json_string(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;

    putchar('"');
    while (*p) {
        int length = utf8_length(p);

        if (length == 0)
            fputs("\\ufffd", stdout);
        else if (*p < 0x20 || *p == 0x7F || *p == '"' || *p == '\\')
            printf("\\u%04x", *p);
        else
            fwrite(p, 1, (size_t)length, stdout);
        p += length ? length : 1;
    }
    putchar('"');
}
