// SPDX-License-Identifier: MIT
/*
 * Executes instructions that this CPU may lack: a handler of SIGILL applies them to the registers
 * that the signal saved. A kernel made of them runs as it was compiled; each such instruction takes
 * two microseconds.
 */
#ifndef CSUMOFF_TESTS_TRAP_H
#define CSUMOFF_TESTS_TRAP_H

#include <stdbool.h>

/* Makes VPDPWSSD in its VEX form (AVX-VNNI) executable. Returns in words how it is executed, or
 * NULL if it cannot be. */
const char *trap_avxvnni(void);

#endif
