// SPDX-License-Identifier: MIT
/* Compiles only where lwIP's real headers take csumoff_lwip.h for what it wants to be: seen where
 * lwipopts.h would include it, before any of them. */
#include <csumoff_lwip.h>
#include <lwip/inet_chksum.h>

#ifndef LWIP_CHKSUM
#error "LWIP_CHKSUM: lwIP would use its own"
#endif
#if !LWIP_CHECKSUM_ON_COPY || LWIP_CHKSUM_COPY_ALGORITHM
#error "LWIP_CHKSUM_COPY: lwIP would use its own"
#endif

/* As lwIP declares its own of each, but for the names. */
u16_t lwip_real_chksum(const void *data, int len);
u16_t lwip_real_chksum_copy(void *dst, const void *src, u16_t len);

u16_t lwip_real_chksum(const void *data, int len)
{
    return LWIP_CHKSUM(data, len);
}

u16_t lwip_real_chksum_copy(void *dst, const void *src, u16_t len)
{
    return LWIP_CHKSUM_COPY(dst, src, len);
}
