// SPDX-License-Identifier: MIT
/* The IPv4 header checksum. */
#include "wire.h"

csumoff_sum16 csumoff_ipv4_header_any_(const void *iph, size_t header_len)
{
    const uint8_t *p = (const uint8_t *)iph;
    csumoff_wsum sum = csumoff_partial(p, header_len < IPV4_CHECK ? header_len : IPV4_CHECK, 0);

    if (header_len > IPV4_CHECK + 2)
        sum = csumoff_partial(p + IPV4_CHECK + 2, header_len - IPV4_CHECK - 2, sum);
    return csumoff_fold(sum);
}

/* The header's length in bytes, or a negative status. */
static int header_len(const uint8_t *iph, size_t len)
{
    if (len < IPV4_HEADER)
        return CSUMOFF_ETRUNC;
    if (iph[0] >> 4 != 4 || (iph[0] & 15) * 4 < IPV4_HEADER)
        return CSUMOFF_EHDR;
    if ((size_t)(iph[0] & 15) * 4 > len)
        return CSUMOFF_ETRUNC;
    return (iph[0] & 15) * 4;
}

int csumoff_ipv4_header_set(void *iph, size_t len)
{
    uint8_t *p = (uint8_t *)iph;
    int n = header_len(p, len);

    if (n < 0)
        return n;
    store16(p + IPV4_CHECK, csumoff_ipv4_header(p, (size_t)n));
    return CSUMOFF_OK;
}

int csumoff_ipv4_header_verify(const void *iph, size_t len)
{
    const uint8_t *p = (const uint8_t *)iph;
    int n = header_len(p, len);

    if (n < 0)
        return n;
    return same_sum(csumoff_load16_(p + IPV4_CHECK), csumoff_ipv4_header(p, (size_t)n))
               ? CSUMOFF_OK
               : CSUMOFF_ECSUM;
}
