// SPDX-License-Identifier: MIT
/* The processor: ports, interrupts, and the registers that an operating system has to switch on. */
#ifndef CPU_H
#define CPU_H

#include <stdint.h>

static inline void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

/* Exceptions end in panic(), interrupts of devices in nothing but the end of cpu_wait(). */
void cpu_start(void);

/* Sleeps until a device interrupts; at once if one did since. Interrupts are off everywhere else,
 * so nothing runs beside anything. */
void cpu_wait(void);

__attribute__((noreturn)) void cpu_stop(void);

/*
 * Lets code use the vector registers this CPU has: SSE, AVX, AVX-512. Nobody else uses them here,
 * so nobody has to save them.
 */
void cpu_enable_vectors(void);

#endif
