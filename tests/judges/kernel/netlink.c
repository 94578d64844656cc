// SPDX-License-Identifier: MIT
#include "netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* Behind those of libc, which they make room for (linux/libc-compat.h). */
#include <linux/if_tunnel.h>
#include <linux/ip6_tunnel.h>
#include <linux/lwtunnel.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <linux/seg6.h>
#include <linux/seg6_iptunnel.h>

#include "../../oracle/suite.h"
#include "kernel.h"

/* Newer than the oldest headers this builds with. */
#define IFLA_GSO_IPV4_MAX_SIZE 63

/* One or more netlink(7) messages. */
struct messages {
    size_t len, last; /* where the last one begins */
    uint8_t bytes[4096];
};

static size_t align(size_t len)
{
    return (len + 3) / 4 * 4;
}

/* Appends to the last message, aligned to 4 bytes; returns where. */
static size_t append(struct messages *m, const void *data, size_t len)
{
    size_t at = align(m->len);
    uint32_t whole = (uint32_t)(at + len - m->last);

    ck_assert_uint_le(at + len, sizeof m->bytes);
    if (len)
        memcpy(m->bytes + at, data, len);
    m->len = at + len;
    memcpy(m->bytes + m->last, &whole, sizeof whole); /* nlmsg_len */
    return at;
}

static void begin(struct messages *m, unsigned type, unsigned flags, const void *body, size_t len)
{
    struct nlmsghdr header = {.nlmsg_type = (uint16_t)type,
                              .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags)};

    m->last = align(m->len);
    append(m, &header, sizeof header);
    append(m, body, len);
}

/* Appends an attribute; returns where it begins, for nest_end(). */
static size_t put(struct messages *m, unsigned type, const void *data, size_t len)
{
    struct nlattr a = {.nla_len = (uint16_t)(sizeof(struct nlattr) + len),
                       .nla_type = (uint16_t)type};
    size_t at = append(m, &a, sizeof a);

    append(m, data, len);
    return at;
}

static void put_text(struct messages *m, unsigned type, const char *text)
{
    put(m, type, text, strlen(text) + 1);
}

static void put8(struct messages *m, unsigned type, uint8_t value)
{
    put(m, type, &value, sizeof value);
}

static void put16(struct messages *m, unsigned type, uint16_t value)
{
    put(m, type, &value, sizeof value);
}

static void put32(struct messages *m, unsigned type, uint32_t value)
{
    put(m, type, &value, sizeof value);
}

static size_t nest(struct messages *m, unsigned type)
{
    return put(m, type, NULL, 0);
}

static void nest_end(struct messages *m, size_t at)
{
    uint16_t len = (uint16_t)(m->len - at);

    memcpy(m->bytes + at, &len, sizeof len);
}

/* Sends them. One of them has asked for an answer. */
static int ask(const struct messages *m, int protocol)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        uint8_t rest[sizeof m->bytes];
    } answer;
    struct timeval limit = {.tv_sec = 20};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

    if (fd < 0)
        return errno;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
        send(fd, m->bytes, m->len, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < 0)
        ck_abort_msg("netlink: %s", strerror(errno));
    close(fd);
    return -answer.error.error;
}

/* ---- Interfaces and routes ---------------------------------------------------------------------
 */

int vxlan_new(const struct vxlan *v)
{
    struct ifinfomsg body = {.ifi_flags = IFF_UP | IFF_NOARP, .ifi_change = IFF_UP | IFF_NOARP};
    struct messages m = {.len = 0};
    uint8_t local[16], remote[16];
    size_t address = v->version == 4 ? 4 : 16, info, data;

    address_bytes(v->version, v->net, v->local, local);
    address_bytes(v->version, v->remote_net, v->remote, remote);
    begin(&m, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    put_text(&m, IFLA_IFNAME, v->name);
    info = nest(&m, IFLA_LINKINFO);
    put_text(&m, IFLA_INFO_KIND, "vxlan");
    data = nest(&m, IFLA_INFO_DATA);
    put32(&m, IFLA_VXLAN_ID, v->id);
    put32(&m, IFLA_VXLAN_LINK, if_nametoindex(v->under));
    put16(&m, IFLA_VXLAN_PORT, htons(v->port));
    put8(&m, IFLA_VXLAN_LEARNING, 0);
    put(&m, v->version == 4 ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6, local, address);
    put(&m, v->version == 4 ? IFLA_VXLAN_GROUP : IFLA_VXLAN_GROUP6, remote, address);
    if (v->version == 4) {
        put8(&m, IFLA_VXLAN_UDP_CSUM, v->udpcsum);
    } else {
        put8(&m, IFLA_VXLAN_UDP_ZERO_CSUM6_TX, !v->udpcsum);
        put8(&m, IFLA_VXLAN_UDP_ZERO_CSUM6_RX, v->zero_is_ok);
    }
    nest_end(&m, data);
    nest_end(&m, info);
    return ask(&m, NETLINK_ROUTE);
}

int vxlan_gpe_new(const char *name)
{
    struct ifinfomsg body = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    struct messages m = {.len = 0};
    size_t info, data;

    begin(&m, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    put_text(&m, IFLA_IFNAME, name);
    info = nest(&m, IFLA_LINKINFO);
    put_text(&m, IFLA_INFO_KIND, "vxlan");
    data = nest(&m, IFLA_INFO_DATA);
    put16(&m, IFLA_VXLAN_PORT, htons(4790));
    put8(&m, IFLA_VXLAN_COLLECT_METADATA, 1);
    put8(&m, IFLA_VXLAN_LEARNING, 0);
    put(&m, IFLA_VXLAN_GPE, NULL, 0);
    nest_end(&m, data);
    nest_end(&m, info);
    return ask(&m, NETLINK_ROUTE);
}

int route_by_tunnel(int version, const uint8_t *prefix, const char *name, int outer_version,
                    int net, int remote, bool csum)
{
    struct rtmsg body = {.rtm_family = version == 4 ? AF_INET : AF_INET6,
                         .rtm_dst_len = version == 4 ? 32 : 128,
                         .rtm_table = RT_TABLE_MAIN,
                         .rtm_protocol = RTPROT_STATIC,
                         .rtm_scope = version == 4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
                         .rtm_type = RTN_UNICAST};
    static const uint8_t id[8] = {0, 0, 0, 0, 0, 0, 0, 42};
    enum {
        CSUM = 0x01, /* TUNNEL_CSUM, TUNNEL_KEY */
        KEY = 0x04
    };
    struct messages m = {.len = 0};
    uint8_t to[16];
    bool v4 = outer_version == 4;
    size_t at;

    address_bytes(outer_version, net, remote, to);
    begin(&m, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    put(&m, RTA_DST, prefix, version == 4 ? 4 : 16);
    put32(&m, RTA_OIF, if_nametoindex(name));
    put16(&m, RTA_ENCAP_TYPE, v4 ? LWTUNNEL_ENCAP_IP : LWTUNNEL_ENCAP_IP6);
    at = nest(&m, RTA_ENCAP);
    put(&m, v4 ? LWTUNNEL_IP_ID : LWTUNNEL_IP6_ID, id, sizeof id);
    put(&m, v4 ? LWTUNNEL_IP_DST : LWTUNNEL_IP6_DST, to, v4 ? 4 : 16);
    put8(&m, v4 ? LWTUNNEL_IP_TTL : LWTUNNEL_IP6_HOPLIMIT, 64);
    put16(&m, v4 ? LWTUNNEL_IP_FLAGS : LWTUNNEL_IP6_FLAGS, htons(csum ? CSUM | KEY : KEY));
    nest_end(&m, at);
    return ask(&m, NETLINK_ROUTE);
}

/* Attributes of GRE, and of IP in IP. */
static void put_tunnel(struct messages *m, const struct tunnel *t, const uint8_t *local,
                       const uint8_t *remote)
{
    bool gre = strstr(t->kind, "gre") != NULL;
    size_t address = t->version == 4 ? 4 : 16;
    uint16_t flags = htons((uint16_t)((t->csum ? 0x8000 : 0) | (t->more ? 0x3000 : 0)));

    put32(m, gre ? IFLA_GRE_LINK : IFLA_IPTUN_LINK, if_nametoindex(t->under));
    put(m, gre ? IFLA_GRE_LOCAL : IFLA_IPTUN_LOCAL, local, address);
    put(m, gre ? IFLA_GRE_REMOTE : IFLA_IPTUN_REMOTE, remote, address);
    put8(m, gre ? IFLA_GRE_TTL : IFLA_IPTUN_TTL, 64);
    if (gre) {
        put16(m, IFLA_GRE_IFLAGS, flags);
        put16(m, IFLA_GRE_OFLAGS, flags);
        put32(m, IFLA_GRE_IKEY, htonl(77));
        put32(m, IFLA_GRE_OKEY, htonl(77));
    }
    if (t->version == 6) {
        /* Without an option that limits how deep tunnels may be (RFC 2473, section 4.1.1). */
        put32(m, gre ? IFLA_GRE_FLAGS : IFLA_IPTUN_FLAGS, IP6_TNL_F_IGN_ENCAP_LIMIT);
        if (!gre)
            put8(m, IFLA_IPTUN_PROTO, 0); /* IPv4 and IPv6 */
    }
    if (t->gue) {
        put16(m, IFLA_IPTUN_ENCAP_TYPE, TUNNEL_ENCAP_GUE);
        put16(m, IFLA_IPTUN_ENCAP_FLAGS, t->csum ? TUNNEL_ENCAP_FLAG_CSUM : 0);
        put16(m, IFLA_IPTUN_ENCAP_SPORT, htons(50001));
        put16(m, IFLA_IPTUN_ENCAP_DPORT, htons(6080));
    }
}

int tunnel_new(const struct tunnel *t)
{
    struct ifinfomsg body = {.ifi_flags = IFF_UP | IFF_NOARP, .ifi_change = IFF_UP | IFF_NOARP};
    struct messages m = {.len = 0};
    uint8_t local[16], remote[16];
    size_t info, data;

    address_bytes(t->version, t->net, t->local, local);
    address_bytes(t->version, t->net, t->remote, remote);
    begin(&m, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    put_text(&m, IFLA_IFNAME, t->name);
    info = nest(&m, IFLA_LINKINFO);
    put_text(&m, IFLA_INFO_KIND, t->kind);
    data = nest(&m, IFLA_INFO_DATA);
    if (strcmp(t->kind, "geneve") == 0) {
        put32(&m, IFLA_GENEVE_ID, 42);
        put(&m, t->version == 4 ? IFLA_GENEVE_REMOTE : IFLA_GENEVE_REMOTE6, remote,
            t->version == 4 ? 4 : 16);
        if (t->version == 4)
            put8(&m, IFLA_GENEVE_UDP_CSUM, t->csum);
        else
            put8(&m, IFLA_GENEVE_UDP_ZERO_CSUM6_TX, !t->csum);
    } else {
        put_tunnel(&m, t, local, remote);
    }
    nest_end(&m, data);
    nest_end(&m, info);
    return ask(&m, NETLINK_ROUTE);
}

int route_by_segments(int version, const uint8_t *prefix, const char *name, enum segments how,
                      const uint8_t *segments, size_t count)
{
    struct rtmsg body = {.rtm_family = version == 4 ? AF_INET : AF_INET6,
                         .rtm_dst_len = version == 4 ? 32 : 128,
                         .rtm_table = RT_TABLE_MAIN,
                         .rtm_protocol = RTPROT_STATIC,
                         .rtm_scope = version == 4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
                         .rtm_type = RTN_UNICAST};
    struct {
        int32_t mode;
        uint8_t srh[8 + 16 * 8];
    } encap = {.mode = how == AROUND ? SEG6_IPTUN_MODE_ENCAP : SEG6_IPTUN_MODE_INLINE};
    struct messages m = {.len = 0};
    /* Inserted, the segments end with the packet's own destination, which the kernel puts there. */
    size_t first = how == INSERTED, all = count + first, i, at;

    ck_assert_uint_le(all, 8);
    encap.srh[1] = (uint8_t)(2 * all);
    encap.srh[2] = 4; /* RFC 8754, section 2 */
    encap.srh[3] = encap.srh[4] = (uint8_t)(all - 1);
    for (i = 0; i < count; i++)
        memcpy(encap.srh + 8 + 16 * (all - 1 - i), segments + 16 * i, 16);
    begin(&m, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    put(&m, RTA_DST, prefix, version == 4 ? 4 : 16);
    put32(&m, RTA_OIF, if_nametoindex(name));
    put16(&m, RTA_ENCAP_TYPE, LWTUNNEL_ENCAP_SEG6);
    at = nest(&m, RTA_ENCAP);
    put(&m, SEG6_IPTUNNEL_SRH, &encap, sizeof encap.mode + 8 + 16 * all);
    nest_end(&m, at);
    return ask(&m, NETLINK_ROUTE);
}

int link_gso_size(const char *name, uint32_t size)
{
    struct ifinfomsg body = {.ifi_index = (int)if_nametoindex(name)};
    struct messages m = {.len = 0};

    begin(&m, RTM_NEWLINK, NLM_F_ACK, &body, sizeof body);
    put32(&m, IFLA_GSO_MAX_SIZE, size);
    put32(&m, IFLA_GSO_IPV4_MAX_SIZE, size);
    return ask(&m, NETLINK_ROUTE);
}

/* ---- nf_tables ---------------------------------------------------------------------------------
 */

static void begin_nft(struct messages *m, unsigned type, unsigned flags)
{
    struct nfgenmsg body = {.nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0};

    begin(m, NFNL_SUBSYS_NFTABLES << 8 | type, flags, &body, sizeof body);
}

static void begin_or_end_batch(struct messages *m, unsigned type)
{
    struct nfgenmsg body = {.version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};

    begin(m, type, 0, &body, sizeof body);
}

/* A table, a chain that sees what is forwarded, and the beginning of its only rule. */
static size_t begin_rule(struct messages *m)
{
    size_t hook;

    begin_or_end_batch(m, NFNL_MSG_BATCH_BEGIN);
    begin_nft(m, NFT_MSG_NEWTABLE, NLM_F_CREATE);
    put_text(m, NFTA_TABLE_NAME, "judge");
    begin_nft(m, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
    put_text(m, NFTA_CHAIN_TABLE, "judge");
    put_text(m, NFTA_CHAIN_NAME, "forward");
    put_text(m, NFTA_CHAIN_TYPE, "filter");
    hook = nest(m, NFTA_CHAIN_HOOK | NLA_F_NESTED);
    put32(m, NFTA_HOOK_HOOKNUM, htonl(NF_INET_FORWARD));
    put32(m, NFTA_HOOK_PRIORITY, htonl(0));
    nest_end(m, hook);
    begin_nft(m, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK);
    put_text(m, NFTA_RULE_TABLE, "judge");
    put_text(m, NFTA_RULE_CHAIN, "forward");
    return nest(m, NFTA_RULE_EXPRESSIONS | NLA_F_NESTED);
}

static int end_rule(struct messages *m, size_t rule)
{
    nest_end(m, rule);
    begin_or_end_batch(m, NFNL_MSG_BATCH_END);
    return ask(m, NETLINK_NETFILTER);
}

struct expression {
    size_t element, data;
};

static struct expression begin_expression(struct messages *m, const char *name)
{
    struct expression e;

    e.element = nest(m, NFTA_LIST_ELEM | NLA_F_NESTED);
    put_text(m, NFTA_EXPR_NAME, name);
    e.data = nest(m, NFTA_EXPR_DATA | NLA_F_NESTED);
    return e;
}

static void end_expression(struct messages *m, struct expression e)
{
    nest_end(m, e.data);
    nest_end(m, e.element);
}

static void put_value(struct messages *m, unsigned type, const void *value, size_t len)
{
    size_t at = nest(m, type | NLA_F_NESTED);

    put(m, NFTA_DATA_VALUE, value, len);
    nest_end(m, at);
}

static void compare(struct messages *m, unsigned how, const void *value, size_t len)
{
    struct expression e = begin_expression(m, "cmp");

    put32(m, NFTA_CMP_SREG, htonl(NFT_REG_1));
    put32(m, NFTA_CMP_OP, htonl(how));
    put_value(m, NFTA_CMP_DATA, value, len);
    end_expression(m, e);
}

int drop_invalid(void)
{
    static const uint32_t invalid = 1, none = 0; /* NF_CT_STATE_INVALID_BIT */
    struct messages m = {.len = 0};
    size_t rule = begin_rule(&m), data, verdict;
    struct expression e = begin_expression(&m, "ct");

    put32(&m, NFTA_CT_DREG, htonl(NFT_REG_1));
    put32(&m, NFTA_CT_KEY, htonl(NFT_CT_STATE));
    end_expression(&m, e);
    e = begin_expression(&m, "bitwise");
    put32(&m, NFTA_BITWISE_SREG, htonl(NFT_REG_1));
    put32(&m, NFTA_BITWISE_DREG, htonl(NFT_REG_1));
    put32(&m, NFTA_BITWISE_LEN, htonl(4));
    put_value(&m, NFTA_BITWISE_MASK, &invalid, 4);
    put_value(&m, NFTA_BITWISE_XOR, &none, 4);
    end_expression(&m, e);
    compare(&m, NFT_CMP_NEQ, &none, 4);
    e = begin_expression(&m, "immediate");
    put32(&m, NFTA_IMMEDIATE_DREG, htonl(NFT_REG_VERDICT));
    data = nest(&m, NFTA_IMMEDIATE_DATA | NLA_F_NESTED);
    verdict = nest(&m, NFTA_DATA_VERDICT | NLA_F_NESTED);
    put32(&m, NFTA_VERDICT_CODE, htonl(NF_DROP));
    nest_end(&m, verdict);
    nest_end(&m, data);
    end_expression(&m, e);
    return end_rule(&m, rule);
}

int overwrite(const struct overwrite *how)
{
    struct messages m = {.len = 0};
    size_t rule = begin_rule(&m);
    struct expression e = begin_expression(&m, "meta");

    put32(&m, NFTA_META_DREG, htonl(NFT_REG_1));
    put32(&m, NFTA_META_KEY, htonl(NFT_META_L4PROTO));
    end_expression(&m, e);
    compare(&m, NFT_CMP_EQ, &how->proto, 1);
    e = begin_expression(&m, "immediate");
    put32(&m, NFTA_IMMEDIATE_DREG, htonl(NFT_REG_1));
    put_value(&m, NFTA_IMMEDIATE_DATA, how->bytes, how->len);
    end_expression(&m, e);
    e = begin_expression(&m, "payload");
    put32(&m, NFTA_PAYLOAD_SREG, htonl(NFT_REG_1));
    put32(&m, NFTA_PAYLOAD_BASE,
          htonl(how->in_l4 ? NFT_PAYLOAD_TRANSPORT_HEADER : NFT_PAYLOAD_NETWORK_HEADER));
    put32(&m, NFTA_PAYLOAD_OFFSET, htonl(how->offset));
    put32(&m, NFTA_PAYLOAD_LEN, htonl((uint32_t)how->len));
    put32(&m, NFTA_PAYLOAD_CSUM_TYPE,
          htonl(how->csum == NO_CSUM         ? NFT_PAYLOAD_CSUM_NONE
                : how->csum == INTERNET_CSUM ? NFT_PAYLOAD_CSUM_INET
                                             : NFT_PAYLOAD_CSUM_SCTP));
    put32(&m, NFTA_PAYLOAD_CSUM_OFFSET, htonl(how->csum_offset));
    put32(&m, NFTA_PAYLOAD_CSUM_FLAGS, htonl(how->is_pseudo ? NFT_PAYLOAD_L4CSUM_PSEUDOHDR : 0));
    end_expression(&m, e);
    return end_rule(&m, rule);
}
