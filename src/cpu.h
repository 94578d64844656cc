// SPDX-License-Identifier: MIT
/* What the CPU has; one cpu_*.c answers, by how the library was built. */
#ifndef CSUMOFF_CPU_H
#define CSUMOFF_CPU_H

#include "../include/csumoff.h"

#pragma GCC visibility push(hidden)

/* CSUMOFF_CPU_* of what this CPU executes and whose registers the operating system saves. */
uint32_t csumoff_cpu_features(void);

#pragma GCC visibility pop

#endif
