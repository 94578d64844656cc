// SPDX-License-Identifier: MIT
/* The numbers of csumoff_netfront.h against Xen's own: does not compile where they differ. */
#include <csumoff_netfront.h>
#include <stdint.h>
// NOLINTNEXTLINE(bugprone-reserved-identifier): Xen's own switch
#define __XEN_INTERFACE_VERSION__ __XEN_LATEST_INTERFACE_VERSION__
#include <xen/xen.h>
#include <xen/io/netif.h>

#define SAME(ours, theirs) extern int same_##theirs[(unsigned)(ours) == (unsigned)(theirs) ? 1 : -1]

SAME(CSUMOFF_NETTXF_CSUM_BLANK, NETTXF_csum_blank);
SAME(CSUMOFF_NETTXF_DATA_VALIDATED, NETTXF_data_validated);
SAME(CSUMOFF_NETTXF_MORE_DATA, NETTXF_more_data);
SAME(CSUMOFF_NETTXF_EXTRA_INFO, NETTXF_extra_info);
SAME(CSUMOFF_NETRXF_CSUM_BLANK, NETRXF_csum_blank);
SAME(CSUMOFF_NETRXF_DATA_VALIDATED, NETRXF_data_validated);
SAME(CSUMOFF_NETRXF_MORE_DATA, NETRXF_more_data);
SAME(CSUMOFF_NETRXF_EXTRA_INFO, NETRXF_extra_info);
SAME(CSUMOFF_NETIF_EXTRA_TYPE_GSO, XEN_NETIF_EXTRA_TYPE_GSO);
SAME(CSUMOFF_NETIF_GSO_TYPE_NONE, XEN_NETIF_GSO_TYPE_NONE);
SAME(CSUMOFF_NETIF_GSO_TYPE_TCPV4, XEN_NETIF_GSO_TYPE_TCPV4);
SAME(CSUMOFF_NETIF_GSO_TYPE_TCPV6, XEN_NETIF_GSO_TYPE_TCPV6);
