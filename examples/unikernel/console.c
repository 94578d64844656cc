// SPDX-License-Identifier: MIT
#include "console.h"

#include "cpu.h"

enum {
    COM1 = 0x3F8,
    LINE_STATUS = COM1 + 5,
    CAN_SEND = 0x20,
    DEBUG_EXIT = 0xF4 /* as ./boot tells QEMU; v written here is exit status 2 * v + 1 */
};

static void put(char c)
{
    while (!(in8(LINE_STATUS) & CAN_SEND))
        ;
    out8(COM1, (uint8_t)c);
}

void print(const char *text)
{
    for (; *text; text++)
        put(*text);
}

static void print_base(uint64_t number, unsigned base)
{
    char digits[20];
    unsigned n = 0;

    do
        digits[n++] = "0123456789abcdef"[number % base];
    while (number /= base);
    while (n)
        put(digits[--n]);
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

__attribute__((noreturn)) static void leave(uint8_t value)
{
    out8(DEBUG_EXIT, value);
    cpu_stop();
}

void power_off(void)
{
    leave(16);
}

void panic(const char *why)
{
    print("panic: ");
    print(why);
    print("\n");
    leave(17);
}
