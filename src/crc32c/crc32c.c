// SPDX-License-Identifier: MIT
/* CRC32c as the interface defines it: the kernel in use computes it, and it is complemented before
 * and after. */
#include "../kernel.h"

uint32_t csumoff_crc32c(const void *data, size_t len, uint32_t crc)
{
    return ~csumoff_crc32c_kernel()->update((const uint8_t *)data, len, ~crc);
}
