// SPDX-License-Identifier: MIT
#include "print.h"

#include "terminal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The line that is being printed, up to now. */
static struct {
    size_t used;
    char text[8192];
} line;

/* One conversion of a format. */
struct conversion {
    bool is_left, is_zero;
    int width;
    char length; /* 'l' and 'z' as in the format, 'L' for "ll", 0 for none */
    char kind;
};

static void flush_line(void)
{
    fwrite(line.text, 1, line.used, stdout);
    line.used = 0;
}

static void add(const char *text, size_t len)
{
    if (len > sizeof line.text - line.used)
        flush_line();
    if (len > sizeof line.text) {
        fwrite(text, 1, len, stdout);
        return;
    }
    memcpy(line.text + line.used, text, len);
    line.used += len;
}

static void pad(const struct conversion *c, size_t len)
{
    static const char spaces[] = "                                ";

    for (int left = c->width - (int)len; left > 0; left -= (int)sizeof spaces - 1)
        add(spaces, (size_t)left < sizeof spaces ? (size_t)left : sizeof spaces - 1);
}

static void add_field(const struct conversion *c, const char *text, size_t len)
{
    if (!c->is_left)
        pad(c, len);
    add(text, len);
    if (c->is_left)
        pad(c, len);
}

static void add_number(const struct conversion *c, uint64_t value, bool is_negative)
{
    char digits[64], *end = digits + sizeof digits, *at = end;
    int width = c->width < (int)sizeof digits ? c->width : (int)sizeof digits;
    uint32_t low;

    if (c->kind == 'x') {
        for (; value || at == end; value >>= 4)
            *--at = "0123456789abcdef"[value & 15];
    } else {
        /* Most numbers fit in 32 bits, which many machines divide faster. */
        for (; value > UINT32_MAX; value /= 10)
            *--at = (char)('0' + value % 10);
        for (low = (uint32_t)value; low || at == end; low /= 10)
            *--at = (char)('0' + low % 10);
    }
    while (c->is_zero && end - at + is_negative < width)
        *--at = '0';
    if (is_negative)
        *--at = '-';
    add_field(c, at, (size_t)(end - at));
}

static uint64_t unsigned_argument(const struct conversion *c, va_list *args)
{
    switch (c->length) {
    case 'l':
        return va_arg(*args, unsigned long);
    case 'L':
        return va_arg(*args, unsigned long long);
    case 'z':
        return va_arg(*args, size_t);
    default:
        return va_arg(*args, unsigned);
    }
}

static int64_t signed_argument(const struct conversion *c, va_list *args)
{
    switch (c->length) {
    case 'l':
        return va_arg(*args, long);
    case 'L':
        return va_arg(*args, long long);
    case 'z':
        return va_arg(*args, ptrdiff_t);
    default:
        return va_arg(*args, int);
    }
}

/* Reads a conversion behind a '%'. Returns the position behind it. */
static const char *read_conversion(const char *at, struct conversion *c, va_list *args)
{
    c->is_left = c->is_zero = false;
    c->width = 0;
    c->length = '\0';
    for (; *at == '-' || *at == '0'; at++) {
        c->is_left = c->is_left || *at == '-';
        c->is_zero = c->is_zero || *at == '0';
    }
    if (*at == '*') {
        c->width = va_arg(*args, int);
        at++;
    }
    for (; *at >= '0' && *at <= '9'; at++)
        c->width = c->width * 10 + (*at - '0');
    if (*at == 'l' || *at == 'z')
        c->length = *at++;
    if (c->length == 'l' && *at == 'l') {
        c->length = 'L';
        at++;
    }
    c->kind = *at;
    return at + 1;
}

static void convert(const struct conversion *c, va_list *args)
{
    const char *text;
    int64_t value;
    char byte;

    switch (c->kind) {
    case 's':
        text = va_arg(*args, const char *);
        add_field(c, text, strlen(text));
        break;
    case 'u':
    case 'x':
        add_number(c, unsigned_argument(c, args), false);
        break;
    case 'd':
        value = signed_argument(c, args);
        add_number(c, value < 0 ? ~(uint64_t)value + 1 : (uint64_t)value, value < 0);
        break;
    case 'c':
        byte = (char)va_arg(*args, int);
        add_field(c, &byte, 1);
        break;
    default:
        abort();
    }
}

void print(const char *format, ...)
{
    struct conversion c;
    va_list args;

    va_start(args, format);
    while (*format) {
        const char *plain = format;

        while (*format && *format != '%')
            format++;
        add(plain, (size_t)(format - plain));
        if (*format) {
            format = read_conversion(format + 1, &c, &args);
            convert(&c, &args);
        }
    }
    va_end(args);
    if (line.used && line.text[line.used - 1] == '\n')
        flush_line();
}

void print_bytes(const char *bytes, size_t len)
{
    add(bytes, len);
}

void print_wrapped(const char *text, size_t indent, size_t width)
{
    while (*text) {
        size_t n = strlen(text);

        if (n > width - indent) {
            n = width - indent;
            while (n > 1 && text[n] != ' ')
                n--;
        }
        print("%*s", (int)indent, "");
        print_bytes(text, n);
        print("\n");
        text += n;
        text += strspn(text, " ");
    }
}

int print_width(void)
{
    int width = 0;

    for (size_t i = 0; i < line.used; i++) {
        if (line.text[i] == '\033')
            while (i + 1 < line.used && line.text[i] != 'm')
                i++;
        else
            width++;
    }
    return width;
}

void print_trim(void)
{
    while (line.used && line.text[line.used - 1] == ' ')
        line.used--;
}

/* ---- Complaints, and what stdout takes ---------------------------------------------------- */

int complain(const char *format, ...)
{
    va_list args;

    progress_erase();
    flush_line();
    fflush(stdout);
    fputs("csumoff: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return EXIT_UNUSABLE;
}

void stdout_open(bool by_line)
{
    static char buffer[64 << 10];

    by_line = by_line || isatty(STDOUT_FILENO);
    setvbuf(stdout, buffer, by_line ? _IOLBF : _IOFBF, sizeof buffer);
}

/* errno of the first write that failed, because later calls overwrite errno. */
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
