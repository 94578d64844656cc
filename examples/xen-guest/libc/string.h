// SPDX-License-Identifier: MIT
/* Of the C library, ../../xen-netfront asks for this. */
#include "memory.h"
