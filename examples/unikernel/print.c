// SPDX-License-Identifier: MIT
/* Text for any console: shared with ../xen-guest. */
#include "console.h"

void print(const char *text)
{
    for (; *text; text++)
        console_put(*text);
}

static void print_base(uint64_t number, unsigned base)
{
    char digits[20];
    unsigned n = 0;

    do
        digits[n++] = "0123456789abcdef"[number % base];
    while (number /= base);
    while (n)
        console_put(digits[--n]);
}

void print_number(uint64_t number)
{
    print_base(number, 10);
}

void print_hex(uint64_t number)
{
    print("0x");
    print_base(number, 16);
}

void print_count(const char *name, uint64_t number)
{
    print(name);
    print(" ");
    print_number(number);
    print("\n");
}
