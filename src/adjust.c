// SPDX-License-Identifier: MIT
/* Incremental adjustment beyond what the header inlines: RFC 1624, equation 3. */
#include "../include/csumoff.h"

void csumoff_adjust128(csumoff_sum16 *check, const void *from, const void *to)
{
    csumoff_adjust_(check, csumoff_partial(from, 16, 0), csumoff_partial(to, 16, 0));
}

int csumoff_adjust_bytes(csumoff_sum16 *check, size_t offset, const void *from, size_t from_len,
                         const void *to, size_t to_len)
{
    if ((from_len ^ to_len) & 1)
        return CSUMOFF_ERANGE;
    csumoff_adjust_(check, csumoff_block_add(0, csumoff_partial(from, from_len, 0), offset),
                    csumoff_block_add(0, csumoff_partial(to, to_len, 0), offset));
    return CSUMOFF_OK;
}
