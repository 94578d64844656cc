// SPDX-License-Identifier: MIT
#include "html.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct output *out, const char *text, size_t len)
{
    output_write(out, (const uint8_t *)text, len);
}

void html_add(struct output *out, const char *html)
{
    add(out, html, strlen(html));
}

/* ---- Text --------------------------------------------------------------------------------- */

/* Reads a character of UTF-8 (RFC 3629). Returns its length, or 0 if it is no character. */
static size_t read_character(const uint8_t *p, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = p[0] < 0x80       ? 1
                 : p[0] >> 5 == 6  ? 2
                 : p[0] >> 4 == 14 ? 3
                 : p[0] >> 3 == 30 ? 4
                                   : 0;
    uint32_t c = len < 2 ? p[0] : p[0] & (0x7FU >> len);

    for (size_t i = 1; i < len; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        c = c << 6 | (p[i] & 0x3FU);
    }
    if (len && (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)))
        return 0;
    *character = c;
    return len;
}

/* Control and format characters, and code points that are no characters. */
static bool is_hidden(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        {0x0000, 0x001F}, {0x007F, 0x009F},   {0x00AD, 0x00AD},   {0x034F, 0x034F},
        {0x061C, 0x061C}, {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
        {0x200B, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},
        {0xE000, 0xF8FF}, {0xFDD0, 0xFDEF},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
        {0xFFF0, 0xFFFC}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF},
    };

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return (c & 0xFFFE) == 0xFFFE;
}

void html_text(struct output *out, const char *text)
{
    char code[32];

    while (*text) {
        uint32_t c;
        size_t len = read_character((const uint8_t *)text, &c);

        if (len == 0) {
            html_add(out, "\xEF\xBF\xBD");
            text++;
            continue;
        }
        if (is_hidden(c)) {
            snprintf(code, sizeof code, "&#10216;U+%04" PRIX32 "&#10217;", c);
            html_add(out, code);
        } else if (c < 0x80 && strchr("<>&\"'", (int)c)) {
            snprintf(code, sizeof code, "&#%" PRIu32 ";", c);
            html_add(out, code);
        } else {
            add(out, text, len);
        }
        text += len;
    }
}

/* ---- Documents ---------------------------------------------------------------------------- */

static void add_grouped(struct output *out, uint64_t value)
{
    char text[32], *at = text + sizeof text;
    int digits = 0;

    *--at = '\0';
    do {
        if (digits && digits % 3 == 0)
            *--at = ',';
        *--at = (char)('0' + value % 10);
        digits++;
    } while (value /= 10);
    html_add(out, at);
}

/* Writes an argument as a conversion says. Returns the position behind the conversion. */
static const char *convert(struct output *out, const char *at, va_list *args)
{
    char number[16];
    size_t is_long = strspn(at, "l");

    at += is_long;
    if (*at == 's' && !is_long) {
        html_text(out, va_arg(*args, const char *));
    } else if (*at == 'u' && !is_long) {
        snprintf(number, sizeof number, "%u", va_arg(*args, unsigned));
        html_add(out, number);
    } else if (*at == 'u') {
        add_grouped(out, va_arg(*args, uint64_t));
    } else {
        abort();
    }
    return at + 1;
}

void html_print(struct output *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    while (*format) {
        size_t plain = strcspn(format, "%");

        add(out, format, plain);
        format += plain;
        if (*format == '%')
            format = convert(out, format + 1, &args);
    }
    va_end(args);
}
