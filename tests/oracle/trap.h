// SPDX-License-Identifier: MIT
/*
 * Instructions that this CPU may lack: a handler of SIGILL executes them on the registers that the
 * signal has saved. Kernels made of them run as they are compiled, two microseconds an instruction.
 */
#ifndef CSUMOFF_TESTS_TRAP_H
#define CSUMOFF_TESTS_TRAP_H

#include <stdbool.h>

/* How VPDPWSSD in its VEX form (AVX-VNNI) is executed from now on, in words; NULL where it can't
 * be. */
const char *trap_avxvnni(void);

#endif
