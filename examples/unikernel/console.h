// SPDX-License-Identifier: MIT
/* The serial line, and the way out. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdint.h>

void print(const char *text);
void print_number(uint64_t number);
void print_hex(uint64_t number);

/* A line: "name number". */
void print_count(const char *name, uint64_t number);

/* Ends QEMU with status 33, or with 35 after a last line that says why (isa-debug-exit). */
__attribute__((noreturn)) void power_off(void);
__attribute__((noreturn)) void panic(const char *why);

#endif
