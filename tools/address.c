// SPDX-License-Identifier: MIT
#include "address.h"

#include "record.h"

static char *format_decimal(char *to, unsigned byte)
{
    if (byte >= 100)
        *to++ = (char)('0' + byte / 100);
    if (byte >= 10)
        *to++ = (char)('0' + byte / 10 % 10);
    *to++ = (char)('0' + byte % 10);
    return to;
}

static char *format_ipv4(char *to, const uint8_t *address)
{
    for (int i = 0; i < 4; i++) {
        to = format_decimal(to, address[i]);
        *to++ = '.';
    }
    *--to = '\0';
    return to;
}

static char *format_hex(char *to, unsigned group)
{
    int shift = group >= 0x1000 ? 12 : group >= 0x100 ? 8 : group >= 0x10 ? 4 : 0;

    for (; shift >= 0; shift -= 4)
        *to++ = "0123456789abcdef"[group >> shift & 15];
    return to;
}

/* Writes an IPv6 address as RFC 5952 and inet_ntop() do. The first of the longest runs of two or
 * more zero groups becomes "::". If an IPv4 address is embedded (::192.0.2.1, ::ffff:192.0.2.1),
 * the text ends in it. */
static void format_ipv6(char *to, const uint8_t *address)
{
    int start = 8, end = 8, run = 0;
    int groups = 8; /* written in hexadecimal, or as part of the run */

    for (int i = 0; i < 8; i++) {
        run = be16(address + 2 * i) ? 0 : run + 1;
        if (run >= 2 && run > end - start) {
            start = i + 1 - run;
            end = i + 1;
        }
    }
    if (start == 0 && (end == 6 || (end == 5 && be16(address + 10) == 0xFFFF)))
        groups = 6;
    for (int i = 0; i < groups; i++) {
        if (i == start) {
            *to++ = ':';
            i = end - 1;
            continue;
        }
        if (i > 0)
            *to++ = ':';
        to = format_hex(to, be16(address + 2 * i));
    }
    if (groups == 6 || (end == 8 && start < 8))
        *to++ = ':';
    if (groups == 6)
        to = format_ipv4(to, address + 12);
    *to = '\0';
}

void address_format(char text[INET6_ADDRSTRLEN], unsigned ip_version, const uint8_t *address)
{
    if (ip_version == 4)
        format_ipv4(text, address);
    else
        format_ipv6(text, address);
}
