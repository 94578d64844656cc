// SPDX-License-Identifier: MIT
/* Negotiates through xenstore, where frontend and backend write the same keys, each into its own
 * directory. */
#include "../../include/csumoff_netfront.h"

static const char no_csum_offload[] = "feature-no-csum-offload",
                  ipv6_csum_offload[] = "feature-ipv6-csum-offload",
                  gso_tcpv4[] = "feature-gso-tcpv4", gso_tcpv6[] = "feature-gso-tcpv6",
                  sg[] = "feature-sg";

/* Returns whether a value means on: it is a whole decimal number other than 0. */
static bool is_on(const char *value)
{
    bool on = false;

    if (!value)
        return false;
    for (; *value >= '0' && *value <= '9'; value++)
        on |= *value != '0';
    return on && !*value;
}

static bool is_same(const char *a, const char *b)
{
    for (; *a && *a == *b; a++)
        b++;
    return *a == *b;
}

void csumoff_netfront_read_caps(const char *(*get)(void *ctx, const char *key), void *ctx,
                                struct csumoff_netfront_caps *caps)
{
    caps->csum_ipv4 = !is_on(get(ctx, no_csum_offload));
    caps->csum_ipv6 = is_on(get(ctx, ipv6_csum_offload));
    caps->gso_tcpv4 = is_on(get(ctx, gso_tcpv4));
    caps->gso_tcpv6 = is_on(get(ctx, gso_tcpv6));
    caps->sg = is_on(get(ctx, sg));
}

bool csumoff_netfront_cap(struct csumoff_netfront_caps *caps, const char *key, const char *value)
{
    bool on = is_on(value);

    if (is_same(key, no_csum_offload))
        caps->csum_ipv4 = !on;
    else if (is_same(key, ipv6_csum_offload))
        caps->csum_ipv6 = on;
    else if (is_same(key, gso_tcpv4))
        caps->gso_tcpv4 = on;
    else if (is_same(key, gso_tcpv6))
        caps->gso_tcpv6 = on;
    else if (is_same(key, sg))
        caps->sg = on;
    else
        return false;
    return true;
}

size_t csumoff_netfront_advertise(const struct csumoff_netfront_caps *mine,
                                  struct csumoff_netfront_key *out, size_t max)
{
    const struct {
        const char *key;
        bool on;
    } all[CSUMOFF_NETFRONT_KEYS] = {
        {no_csum_offload, !mine->csum_ipv4},
        {ipv6_csum_offload, mine->csum_ipv6},
        {gso_tcpv4, mine->gso_tcpv4},
        {gso_tcpv6, mine->gso_tcpv6},
        {sg, mine->sg},
    };

    for (size_t i = 0; i < CSUMOFF_NETFRONT_KEYS && i < max; i++) {
        out[i].key = all[i].key;
        out[i].value = all[i].on ? "1" : "0";
    }
    return CSUMOFF_NETFRONT_KEYS;
}
