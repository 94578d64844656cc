// SPDX-License-Identifier: MIT
#include "json_string.h"

#include "print.h"

/* Returns the length of the UTF-8 character at p, or 0 if there is none (RFC 3629, section 4). */
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

    print("\"");
    while (*p) {
        const unsigned char *plain = p;
        int length;

        while (*p >= 0x20 && *p < 0x7F && *p != '"' && *p != '\\')
            p++;
        print_bytes((const char *)plain, (size_t)(p - plain));
        if (!*p)
            break;
        length = utf8_length(p);
        if (length == 0)
            print("\\ufffd");
        else if (length == 1)
            print("\\u%04x", *p);
        else
            print_bytes((const char *)p, (size_t)length);
        p += length ? length : 1;
    }
    print("\"");
}
