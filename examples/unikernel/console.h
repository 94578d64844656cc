// SPDX-License-Identifier: MIT
/* Text, and the way out. console.c has the serial line, ../xen-guest Xen's console; print.c what
 * is the same over both. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdint.h>

/* One character to where text goes. */
void console_put(char c);

void print(const char *text);
void print_number(uint64_t number);
void print_hex(uint64_t number);

/* A line: "name number". */
void print_count(const char *name, uint64_t number);

/* Ends QEMU with status 33, or with 35 after a last line that says why (isa-debug-exit); a domain
 * of Xen's by powering off, or as crashed. */
__attribute__((noreturn)) void power_off(void);
__attribute__((noreturn)) void panic(const char *why);

#endif
