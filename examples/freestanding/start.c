// SPDX-License-Identifier: MIT
/* The program around packet.c, without a libc: a Linux process on x86-64 that knows only how to
 * end.
 */
#include <csumoff.h>

int packet_is_wrong(void);

int run(void);
int run(void)
{
    csumoff_cpu_limit(CSUMOFF_CPU_SSE2); /* what this "kernel" saves */
    return packet_is_wrong();
}

__asm__(".globl _start\n_start:\n\tcall run\n\tmov %eax, %edi\n\tmov $60, %eax\n\tsyscall\n");
