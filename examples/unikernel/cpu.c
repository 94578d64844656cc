// SPDX-License-Identifier: MIT
#include "cpu.h"

#include <stdbool.h>

#include "console.h"

enum {
    EXCEPTIONS = 32,
    IRQS = 16,
    CODE_SEGMENT = 8,
    INTERRUPT_GATE = 0x8E,
    PIC1 = 0x20, /* two 8259A, the second one at line 2 of the first */
    PIC2 = 0xA0
};

#define APIC 0xFEE00000u
enum {
    APIC_SPURIOUS = 0xF0,
    APIC_LINT0 = 0x350,
    APIC_ENABLE = 0x100,
    APIC_EXTINT = 0x700
};

struct gate {
    uint16_t offset_0, segment;
    uint8_t stack, type;
    uint16_t offset_16;
    uint32_t offset_32, zero;
};

static struct gate gates[EXCEPTIONS + IRQS];

/* In boot.S. */
extern const uint8_t exceptions[EXCEPTIONS][8];
extern const uint8_t interrupt[];

/* From boot.S: `stack` is what the CPU pushed, with some vectors an error code first. */
__attribute__((noreturn)) void cpu_exception(uint64_t vector, const uint64_t *stack);

void cpu_exception(uint64_t vector, const uint64_t *stack)
{
    const uint32_t with_error = 0x60227D00; /* 8, 10 to 14, 17, 21, 29, 30 */

    print("exception ");
    print_number(vector);
    print(" at ");
    print_hex(stack[with_error >> vector & 1]);
    print("\n");
    panic("exception");
}

static struct gate gate_to(const uint8_t *code)
{
    uint64_t at = (uintptr_t)code;

    return (struct gate){.offset_0 = (uint16_t)at,
                         .segment = CODE_SEGMENT,
                         .type = INTERRUPT_GATE,
                         .offset_16 = (uint16_t)(at >> 16),
                         .offset_32 = (uint32_t)(at >> 32)};
}

/*
 * Both controllers: lines become vectors from EXCEPTIONS on, none is masked but 0, the timer. The
 * local APIC lets them through ("virtual wire", Intel's manual, volume 3, section 11.5.1).
 */
static void start_controllers(void)
{
    static const struct {
        uint16_t port;
        uint8_t value;
    } words[] = {
        {PIC1, 0x11},       {PIC2, 0x11},  {PIC1 + 1, EXCEPTIONS}, {PIC2 + 1, EXCEPTIONS + 8},
        {PIC1 + 1, 1 << 2}, {PIC2 + 1, 2}, {PIC1 + 1, 1},          {PIC2 + 1, 1},
        {PIC1 + 1, 1 << 0}, {PIC2 + 1, 0}};
    volatile uint32_t *apic = (volatile uint32_t *)(uintptr_t)APIC;

    apic[APIC_SPURIOUS / 4] = APIC_ENABLE | (EXCEPTIONS + IRQS - 1);
    apic[APIC_LINT0 / 4] = APIC_EXTINT;
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        out8(words[i].port, words[i].value);
}

void cpu_start(void)
{
    const struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } pointer = {sizeof gates - 1, (uintptr_t)gates};

    for (unsigned i = 0; i < EXCEPTIONS; i++)
        gates[i] = gate_to(exceptions[i]);
    for (unsigned i = 0; i < IRQS; i++)
        gates[EXCEPTIONS + i] = gate_to(interrupt);
    __asm__ volatile("lidt %0" : : "m"(pointer), "m"(gates));
    start_controllers();
}

void cpu_wait(void)
{
    /* sti lets nothing in before the instruction that follows it. */
    __asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
}

void cpu_stop(void)
{
    for (;;)
        __asm__ volatile("cli\n\thlt");
}
