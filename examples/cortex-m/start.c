// SPDX-License-Identifier: MIT
/*
 * The program around packet.c, or another PROGRAM, on an Arm microcontroller: the vectors that its
 * CPU begins with, and an end that a debugger or QEMU sees, by semihosting. Nothing is copied or
 * cleared before the program begins, but what C asks for: data and bss.
 */
#include <stdint.h>

#ifndef PROGRAM
#define PROGRAM packet_is_wrong
#endif

int PROGRAM(void);

extern uint32_t data_from[], data[], data_end[], bss[], bss_end[], stack_top[];
_Noreturn void reset(void);

/* SYS_EXIT_EXTENDED: ADP_Stopped_ApplicationExit, and the program's status. */
static _Noreturn void end(int status)
{
    const uint32_t why[2] = {0x20026, (uint32_t)status};
    register uint32_t operation __asm__("r0") = 0x20;
    register const uint32_t *argument __asm__("r1") = why;

    for (;;)
        __asm__ volatile("bkpt 0xAB" : : "r"(operation), "r"(argument) : "memory");
}

static _Noreturn void fault(void)
{
    end(3);
}

void reset(void)
{
    for (volatile uint32_t *to = data, *from = data_from; to != data_end;)
        *to++ = *from++;
    for (volatile uint32_t *to = bss; to != bss_end;)
        *to++ = 0;
    end(PROGRAM());
}

__attribute__((section(".vectors"), used)) static void (*const vectors[16])(void) = {
    (void (*)(void))stack_top, reset, fault, fault, fault, fault, fault};
