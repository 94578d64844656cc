// SPDX-License-Identifier: MIT
/* The program around examples/packet.c, without a libc: a Linux process on 32-bit x86 that knows
 * only how to end. */
int packet_is_wrong(void);
int run(void);

int run(void)
{
    return packet_is_wrong();
}

__asm__(".globl _start\n_start:\n\tcall run\n\tmov %eax, %ebx\n\tmov $1, %eax\n\tint $0x80\n");
