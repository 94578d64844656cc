// SPDX-License-Identifier: MIT
/* Detects nothing: the embedder knows the CPU and tells what it has by csumoff_cpu_limit(). */
#include "cpu.h"

#if defined(CSUMOFF_CPU_DETECT_CALLER)
uint32_t csumoff_cpu_features_(void)
{
    return CSUMOFF_CPU_ALL;
}

struct csumoff_cpu csumoff_cpu_(void)
{
    return (struct csumoff_cpu){CSUMOFF_VENDOR_OTHER, 0, 0};
}
#endif
