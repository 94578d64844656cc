// SPDX-License-Identifier: MIT
/*
 * Checksums of all kinds that the kernel computes for sockets and by itself: what it emits and
 * drops is what the library says. Where this kernel lacks something, the test says so.
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/mroute.h> /* behind netinet/in.h */

#include "../../oracle/frames.h"
#include "emitted_checks.h"

enum {
    PORT = 20003,
    IGMP = 2,
    DCCP = 33,
    OSPF = 89,
    PIM = 103,
    VRRP = 112,
    UDPLITE = 136,
    /* Of setsockopt(), udplite(7). */
    SEND_COVERAGE = 10
};

static struct packet again;

/* ---- Sockets -----------------------------------------------------------------------------------
 */

static void local_new(void)
{
    machine_new();
    tap_new(&near, "near", TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6, 1500);
    tap_address(&near, NEAR, HERE);
}

/* Sends a frame of this machine back to it, as if PEER had sent the like: addresses, and ports
 * where there are any, change places, and no checksum of Internet kind notices. */
static void turn_back(struct packet *p, size_t l3, bool has_ports)
{
    uint8_t *ip = p->bytes + l3, other[16];
    size_t n = ip[0] >> 4 == 4 ? 4 : 16, at = ip[0] >> 4 == 4 ? 12 : 8;
    uint8_t *l4 = ip + (n == 4 ? (ip[0] & 15) * 4 : 40);

    memcpy(p->bytes, near.mac, 6);
    memcpy(p->bytes + 6, (uint8_t[]){2, 0, 0, 0, 0, PEER}, 6);
    memcpy(other, ip + at, n);
    memcpy(ip + at, ip + at + n, n);
    memcpy(ip + at + n, other, n);
    if (has_ports) {
        memcpy(other, l4, 2);
        memcpy(l4, l4 + 2, 2);
        memcpy(l4 + 2, other, 2);
    }
}

START_TEST(udplite_by_its_coverage)
{
    static uint8_t payload[1400], got[1500];
    struct rng rng = rng_new(76);
    size_t delivered = 0, dropped = 0, i, count = effort(1500, 300);
    int version;

    local_new();
    for (version = 4; version <= 6; version += 2) {
        union socket_address here, peer;
        socklen_t size = socket_address(&here, version, NEAR, HERE, PORT);
        int fd = socket(version == 4 ? AF_INET : AF_INET6,
                        SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, UDPLITE);

        if (fd < 0) {
            kernel_lacks("udplite_by_its_coverage", strerror(errno));
            return;
        }
        socket_address(&peer, version, NEAR, PEER, PORT);
        CHECK_EQ(bind(fd, &here.any, size), 0);
        for (i = 0; i < count; i++) {
            size_t len = rng_below(&rng, rng_below(&rng, 4) ? 40 : sizeof payload), whole = len + 8;
            int coverage = rng_below(&rng, 4) ? 8 + (int)rng_below(&rng, len + 1) : 0;
            struct csumoff_layout at;
            size_t byte;
            int status;

            rng_fill(&rng, payload, len);
            CHECK_EQ(setsockopt(fd, UDPLITE, SEND_COVERAGE, &coverage, sizeof coverage), 0);
            CHECK_EQ(sendto(fd, payload, len, 0, &peer.any, size), (ssize_t)len);
            CHECK(tap_read(&near, &came, WAIT_MS));
            at = judge_emitted("UDP-Lite", &came);
            CHECK_EQ(at.l4_len, coverage ? (size_t)coverage : whole);
            CHECK_EQ(at.end - at.l4_start, whole);
            CHECK_EQ(at.csum_offset, 6);

            /* A bit anywhere but in the coverage itself: dropped where it is covered. */
            turn_back(&came, at.l3_start, true);
            came.hdr = (struct virtio_net_hdr){.flags = 0};
            byte = rng_below(&rng, whole);
            if (i % 3 && byte != 4 && byte != 5 && byte != 2 && byte != 3)
                came.bytes[at.l4_start + byte] ^= (uint8_t)(1u << rng_below(&rng, 8));
            else
                byte = whole;
            status = csumoff_verify(came.bytes, came.len, CSUMOFF_LINK_ETHERNET);
            CHECK_EQ(status, byte < at.l4_len ? CSUMOFF_ECSUM : CSUMOFF_OK);
            CHECK_EQ(tap_write(&near, &came), 0);
            CHECK_EQ(recv(fd, got, sizeof got, 0) >= 0, status == CSUMOFF_OK);
            delivered += status == CSUMOFF_OK;
            dropped += status != CSUMOFF_OK;
        }
        close(fd);
    }
    ck_assert_uint_gt(dropped, count / 8);
    printf("# UDP-Lite: %zu delivered, %zu dropped, as foretold\n", delivered, dropped);
    fflush(stdout);
}
END_TEST

/* A UDP-Lite field of 0 is never right (RFC 3828, section 3.1), though 0 and 0xFFFF are the same
 * sum: the kernel sends 0xFFFF, and drops 0 (__udp4_lib_rcv(), udp6_csum_init()). */
START_TEST(udplite_is_never_zero)
{
    static uint8_t payload[32], got[100];
    struct rng rng = rng_new(79);
    int version, form;

    local_new();
    for (version = 4; version <= 6; version += 2) {
        union socket_address here, peer;
        socklen_t size = socket_address(&here, version, NEAR, HERE, PORT);
        int fd = socket(version == 4 ? AF_INET : AF_INET6,
                        SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, UDPLITE);
        struct csumoff_layout at;

        if (fd < 0) {
            kernel_lacks("udplite_is_never_zero", strerror(errno));
            return;
        }
        socket_address(&peer, version, NEAR, PEER, PORT);
        CHECK_EQ(bind(fd, &here.any, size), 0);
        rng_fill(&rng, payload, sizeof payload);
        store_wire16(payload, 0);
        CHECK_EQ(sendto(fd, payload, sizeof payload, 0, &peer.any, size), (ssize_t)sizeof payload);
        CHECK(tap_read(&near, &came, WAIT_MS));
        at = judge_emitted("UDP-Lite", &came);
        /* Once more with its own checksum in the payload, so that it comes out as 0. */
        memcpy(payload, came.bytes + at.l4_start + 6, 2);
        CHECK_EQ(sendto(fd, payload, sizeof payload, 0, &peer.any, size), (ssize_t)sizeof payload);
        CHECK(tap_read(&near, &came, WAIT_MS));
        judge_emitted("UDP-Lite", &came);
        CHECK_EQ(load_wire16(came.bytes + at.l4_start + 6), 0xFFFF);
        turn_back(&came, at.l3_start, true);
        came.hdr = (struct virtio_net_hdr){.flags = 0};
        for (form = 0; form < 2; form++) {
            store_wire16(came.bytes + at.l4_start + 6, form ? 0xFFFF : 0);
            CHECK_EQ(tap_write(&near, &came), 0);
            CHECK_EQ(recv(fd, got, sizeof got, 0) >= 0, form);
            CHECK_EQ(csumoff_verify(came.bytes, came.len, CSUMOFF_LINK_ETHERNET),
                     form ? CSUMOFF_OK : CSUMOFF_ECSUM);
        }
        close(fd);
    }
}
END_TEST

/* Raw sockets over IPv6 have the kernel compute and check a checksum at any place
 * (rawv6_push_pending_frames(), rawv6_rcv()). */
START_TEST(checksums_of_raw_sockets)
{
    static const struct raw {
        const char *name;
        uint8_t proto;
        int field;
        size_t least;
        uint8_t begins[12];
    } raws[] = {
        {"OSPFv3", OSPF, 12, 16, {3, 1}},       {"PIM hello", PIM, 2, 4, {0x20}},
        {"VRRPv3", VRRP, 6, 8, {0x31, 1, 100}}, {"DCCP", DCCP, 6, 16, {0, 0, 0, 0, 4, 0, 0, 0, 5}},
        {"UDP-Lite", UDPLITE, 6, 8, {0}},       {"TCP", TCP, 16, 20, {0}},
    };
    static uint8_t message[1400];
    struct rng rng = rng_new(77);
    size_t i, k, count = effort(300, 60), delivered = 0, dropped = 0;

    local_new();
    for (k = 0; k < COUNT(raws); k++) {
        const struct raw *raw = &raws[k];
        union socket_address peer;
        socklen_t size = socket_address(&peer, 6, NEAR, PEER, 0);
        int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, raw->proto);

        if (fd < 0) {
            kernel_lacks("checksums_of_raw_sockets", strerror(errno));
            return;
        }
        CHECK_EQ(setsockopt(fd, IPPROTO_IPV6, IPV6_CHECKSUM, &raw->field, sizeof raw->field), 0);
        for (i = 0; i < count; i++) {
            size_t len = raw->least + rng_below(&rng, rng_below(&rng, 2) ? 33 : 1200), byte;
            struct csumoff_layout at;
            int status;

            rng_fill(&rng, message, len);
            memcpy(message, raw->begins, raw->least < 12 ? raw->least : 12);
            if (raw->proto == OSPF)
                store_wire16(message + 2, (uint16_t)len);
            if (raw->proto == TCP)
                message[12] = 0x50;
            CHECK_EQ(sendto(fd, message, len, 0, &peer.any, size), (ssize_t)len);
            CHECK(tap_read(&near, &came, WAIT_MS));
            at = judge_emitted(raw->name, &came);
            CHECK_EQ(at.l4_proto, raw->proto);
            CHECK_EQ(at.l4_len, len);
            CHECK_EQ(at.csum_offset, (uint32_t)raw->field);

            turn_back(&came, at.l3_start, false);
            came.hdr = (struct virtio_net_hdr){.flags = 0};
            byte = i % 2 ? raw->least : 0;
            if (byte && byte < len) /* behind the header, so that all else stays as it is */
                came.bytes[at.l4_start + byte + rng_below(&rng, len - byte)] ^= 0x10;
            else
                byte = 0;
            status = csumoff_verify(came.bytes, came.len, CSUMOFF_LINK_ETHERNET);
            CHECK_EQ(status, byte ? CSUMOFF_ECSUM : CSUMOFF_OK);
            CHECK_EQ(tap_write(&near, &came), 0);
            CHECK_EQ(recv(fd, message, sizeof message, 0) >= 0, status == CSUMOFF_OK);
            delivered += !byte;
            dropped += byte != 0;
            while (tap_read(&near, &again, 0)) /* what the kernel answers: RST, parameter problem */
                ;
        }
        close(fd);
    }
    ck_assert_uint_gt(dropped, count);
    printf("# raw sockets: %zu delivered, %zu dropped, as foretold\n", delivered, dropped);
    fflush(stdout);
}
END_TEST

/* Sockets of protocols that many kernels are built without: what opens a connection. The CRC32c is
 * made by skb_crc32c_csum_help(), since TAPs can't. */
START_TEST(sctp_and_dccp_sockets)
{
    static const struct {
        const char *name;
        int type;
        uint8_t proto;
    } kinds[] = {{"SCTP sockets", SOCK_STREAM, SCTP}, {"DCCP sockets", SOCK_DCCP, DCCP}};
    size_t k;
    int version, i;

    local_new();
    for (k = 0; k < COUNT(kinds); k++)
        for (version = 4; version <= 6; version += 2)
            for (i = 0; i < 20; i++) {
                union socket_address peer;
                socklen_t size = socket_address(&peer, version, NEAR, PEER, (uint16_t)(PORT + i));
                int fd = socket(version == 4 ? AF_INET : AF_INET6,
                                kinds[k].type | SOCK_NONBLOCK | SOCK_CLOEXEC, kinds[k].proto);
                uint32_t service = (uint32_t)i;
                struct csumoff_layout at;

                if (fd < 0) {
                    if (i == 0)
                        kernel_lacks(kinds[k].name, strerror(errno));
                    break;
                }
                if (kinds[k].proto == DCCP)
                    CHECK_EQ(setsockopt(fd, SOL_DCCP, 2, &service, sizeof service), 0);
                CHECK(connect(fd, &peer.any, size) != 0 && errno == EINPROGRESS);
                CHECK(tap_read(&near, &came, WAIT_MS));
                at = judge_emitted(kinds[k].name, &came);
                CHECK_EQ(at.l4_proto, kinds[k].proto);
                close(fd);
                while (tap_read(&near, &came, 5)) /* what ends it */
                    judge_emitted(kinds[k].name, &came);
            }
}
END_TEST

/* ---- What the kernel says by itself ------------------------------------------------------------
 */

/* The next message of that protocol, over that version of IP. */
static bool next_message(int version, uint8_t proto, struct csumoff_layout *at, int ms)
{
    while (tap_read_all(&near, &came, ms)) {
        if (csumoff_locate(came.bytes, came.len, CSUMOFF_LINK_ETHERNET, at) == CSUMOFF_OK &&
            at->ip_version == version && at->l4_proto == proto)
            return true;
    }
    return false;
}

static int join(int version, int group)
{
    int fd = socket(version == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ip_mreqn v4 = {.imr_ifindex = (int)if_nametoindex(near.name)};
    struct ipv6_mreq v6 = {.ipv6mr_interface = if_nametoindex(near.name)};

    memcpy(&v4.imr_multiaddr, (uint8_t[]){239, 1, 2, (uint8_t)group}, 4);
    memcpy(&v6.ipv6mr_multiaddr, (uint8_t[]){0xFF, 0x05}, 2);
    v6.ipv6mr_multiaddr.s6_addr[15] = (uint8_t)group;
    CHECK(fd >= 0);
    CHECK_EQ(version == 4 ? setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &v4, sizeof v4)
                          : setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &v6, sizeof v6),
             0);
    return fd;
}

/* Reports of IGMP (RFC 3376) and of multicast listeners, which are ICMPv6 (RFC 3810): the kernel's
 * checksums are good, and it answers a query only if that is. */
START_TEST(groups_are_joined)
{
    static const uint8_t types[] = {0, 0x12, 0x16, 0x22};
    char value[2] = "1";
    struct csumoff_layout at;
    int version, fd, good;
    uint8_t *l3;

    for (version = 1; version <= 3; version++) {
        local_new();
        value[0] = (char)('0' + version);
        CHECK(kernel_setting("ipv4/conf/near/force_igmp_version", value));
        CHECK(kernel_setting("ipv4/conf/near/igmpv2_unsolicited_report_interval", "10"));
        CHECK(kernel_setting("ipv4/conf/near/igmpv3_unsolicited_report_interval", "10"));
        fd = join(4, 7);
        if (!next_message(4, IGMP, &at, WAIT_MS))
            ck_abort_msg("no report of IGMPv%d", version);
        judge_emitted("IGMP", &came);
        CHECK_EQ(came.bytes[at.l4_start], types[version]);
        while (next_message(4, IGMP, &at, 300))
            judge_emitted("IGMP", &came);
        /* Asked for by a query, good or not; it is to be answered within 0.1 s. */
        for (good = 0; good < 2 && version > 1; good++) {
            memset(&sent, 0, sizeof sent.hdr);
            memset(sent.bytes, 0, 60);
            l3 = sent.bytes + 14;
            memcpy(sent.bytes, (uint8_t[]){1, 0, 0x5E, 0, 0, 1, 2, 0, 0, 0, 0, PEER, 8, 0}, 14);
            memcpy(l3, (uint8_t[]){0x46, 0xC0, 0, 0, 0, 0, 0, 0, 1, IGMP}, 10);
            address_bytes(4, NEAR, PEER, l3 + 12);
            memcpy(l3 + 16, (uint8_t[]){224, 0, 0, 1, 0x94, 4, 0, 0}, 8);
            l3[24] = 0x11;
            l3[25] = 1;
            sent.len = 14 + 24 + (version == 3 ? 12 : 8);
            store_wire16(l3 + 2, (uint16_t)(sent.len - 14));
            CHECK_EQ(csumoff_fill(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
            if (!good)
                l3[27] ^= 1;
            CHECK_EQ(csumoff_verify(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET),
                     good ? CSUMOFF_OK : CSUMOFF_ECSUM);
            CHECK_EQ(tap_write(&near, &sent), 0);
            CHECK_EQ(next_message(4, IGMP, &at, good ? WAIT_MS : 300), good);
        }
        close(fd);
        while (next_message(4, IGMP, &at, 50))
            judge_emitted("IGMP", &came);
    }
    for (version = 1; version <= 2; version++) {
        local_new();
        value[0] = (char)('0' + version);
        CHECK(kernel_setting("ipv6/conf/near/force_mld_version", value));
        fd = join(6, 7);
        if (!next_message(6, ICMPV6, &at, WAIT_MS))
            ck_abort_msg("no report of MLDv%d", version);
        do {
            judge_emitted("MLD", &came);
            CHECK_EQ(at.l4_start, 14 + 48); /* behind a router alert */
        } while (next_message(6, ICMPV6, &at, 50));
        close(fd);
    }
}
END_TEST

/*
 * A PIM rendezvous point takes Register messages whose checksum covers their header, as RFC 7761
 * has it (or all of them: pim_rcv()): the packet inside comes out of the interface "pimreg".
 */
START_TEST(pim_registers_are_taken)
{
    static const uint8_t register_header[] = {0x21, 0, 0, 0, 0, 0, 0, 0};
    struct vifctl vif = {.vifc_vifi = 0, .vifc_flags = VIFF_REGISTER, .vifc_threshold = 1};
    struct rng rng = rng_new(78);
    int fd, on = 1, how;
    uint8_t *l3, *pim, *inner;

    local_new();
    fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IGMP);
    if (fd < 0 || setsockopt(fd, IPPROTO_IP, MRT_INIT, &on, sizeof on) != 0 ||
        setsockopt(fd, IPPROTO_IP, MRT_PIM, &on, sizeof on) != 0 ||
        setsockopt(fd, IPPROTO_IP, MRT_ADD_VIF, &vif, sizeof vif) != 0) {
        kernel_lacks("pim_registers_are_taken", strerror(errno));
        return;
    }
    for (how = 0; how < 3; how++) { /* good; a bit of the header; a bit of what is inside */
        struct csumoff_layout at;
        uint64_t before = 0, after = 0;
        char name[32];
        FILE *in;
        int pass;

        rng_fill(&rng, sent.bytes, 200);
        memset(&sent.hdr, 0, sizeof sent.hdr);
        memcpy(sent.bytes, near.mac, 6);
        memcpy(sent.bytes + 6, (uint8_t[]){2, 0, 0, 0, 0, PEER, 8, 0}, 8);
        l3 = sent.bytes + 14;
        pim = l3 + 20;
        inner = pim + 8;
        sent.len = 14 + 20 + 8 + 28 + 50;
        memcpy(l3, (uint8_t[]){0x45, 0, 0, 0, 0, 0, 0, 0, 64, PIM}, 10);
        store_wire16(l3 + 2, (uint16_t)(sent.len - 14));
        address_bytes(4, NEAR, PEER, l3 + 12);
        address_bytes(4, NEAR, HERE, l3 + 16);
        memcpy(pim, register_header, 8);
        memcpy(inner, (uint8_t[]){0x45, 0, 0, 78, 0, 0, 0, 0, 9, UDP}, 10);
        address_bytes(4, NEAR, PEER, inner + 12);
        memcpy(inner + 16, (uint8_t[]){239, 1, 2, 3}, 4);
        store_wire16(inner + 24, 58);
        CHECK_EQ(csumoff_fill(inner, 78, CSUMOFF_LINK_IP), CSUMOFF_OK);
        CHECK_EQ(csumoff_fill(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET), CSUMOFF_OK);
        CHECK_EQ(load_wire16(pim + 2), 0xFFFF - 0x2100);
        CHECK_EQ(csumoff_locate(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET, &at), CSUMOFF_OK);
        CHECK_EQ(at.l4_len, 8);
        if (how == 1)
            pim[6] ^= 1;
        if (how == 2)
            inner[60] ^= 1;
        CHECK_EQ(csumoff_verify(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET),
                 how == 1 ? CSUMOFF_ECSUM : CSUMOFF_OK);
        for (pass = 0; pass < 2; pass++) {
            uint64_t packets = UINT64_MAX;
            char line[512];

            in = fopen("/proc/net/dev", "re");
            CHECK(in != NULL);
            while (fgets(line, sizeof line, in))
                if (sscanf(line, " %31[^:]: %*u %" SCNu64, name, &packets) == 2 &&
                    strcmp(name, "pimreg") == 0)
                    break;
            fclose(in);
            CHECK(strcmp(name, "pimreg") == 0);
            if (pass)
                after = packets;
            else
                before = packets;
            if (!pass)
                CHECK_EQ(tap_write(&near, &sent), 0);
        }
        CHECK_EQ(after - before, how != 1);
    }
    close(fd);
}
END_TEST

int main(void)
{
    const TTest *const sockets[] = {udplite_by_its_coverage,
                                    udplite_is_never_zero,
                                    checksums_of_raw_sockets,
                                    sctp_and_dccp_sockets,
                                    groups_are_joined,
                                    pim_registers_are_taken,
                                    NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("kernel_sockets");

    if (why)
        return kernel_skipped(why);
    suite_add(suite, "sockets", sockets);
    return suite_run(suite);
}
