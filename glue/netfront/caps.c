// SPDX-License-Identifier: MIT
/* Negotiation through xenstore: both sides write the same keys, each into its own directory. */
#include "../../include/csumoff_netfront.h"

static const char no_csum_offload[] = "feature-no-csum-offload",
                  ipv6_csum_offload[] = "feature-ipv6-csum-offload",
                  gso_tcpv4[] = "feature-gso-tcpv4", gso_tcpv6[] = "feature-gso-tcpv6",
                  sg[] = "feature-sg";

/* Whether a key is on; a whole decimal number that isn't 0. */
static bool is_on(const char *value)
{
    bool on = false;

    if (!value)
        return false;
    for (; *value >= '0' && *value <= '9'; value++)
        on |= *value != '0';
    return on && !*value;
}

int csumoff_netfront_read_caps(const char *(*get)(void *ctx, const char *key), void *ctx,
                               struct csumoff_netfront_caps *caps)
{
    caps->csum_ipv4 = !is_on(get(ctx, no_csum_offload));
    caps->csum_ipv6 = is_on(get(ctx, ipv6_csum_offload));
    caps->gso_tcpv4 = is_on(get(ctx, gso_tcpv4));
    caps->gso_tcpv6 = is_on(get(ctx, gso_tcpv6));
    caps->sg = is_on(get(ctx, sg));
    return CSUMOFF_OK;
}

size_t csumoff_netfront_advertise(const struct csumoff_netfront_caps *mine,
                                  struct csumoff_netfront_key *out, size_t max)
{
    const struct {
        const char *key;
        bool on;
    } all[] = {
        {"request-rx-copy", true}, /* Linux's backend refuses a frontend without it */
        {no_csum_offload, !mine->csum_ipv4},
        {ipv6_csum_offload, mine->csum_ipv6},
        {gso_tcpv4, mine->gso_tcpv4},
        {gso_tcpv6, mine->gso_tcpv6},
        {sg, mine->sg},
    };
    const size_t count = sizeof all / sizeof *all;

    for (size_t i = 0; i < count && i < max; i++) {
        out[i].key = all[i].key;
        out[i].value = all[i].on ? "1" : "0";
    }
    return count;
}
