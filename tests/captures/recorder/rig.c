// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* unshare() */
#include "rig.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

// Newer than the oldest headers this builds with (linux/if_tun.h, linux/bpf.h).
enum {
    OFFLOAD_USO4 = 0x20,
    OFFLOAD_USO6 = 0x40,
    ATTACH_TCX_INGRESS = 46,
    ATTACH_TCX_EGRESS = 47,
    ACTION_TCX_NEXT = -1,
};

enum {
    EXIT_SKIP = 77,
    WAIT_MS = 20000, /* a busy machine may stop us for seconds */
    VXLAN_PORT = 4789,
    FRAME_MAX = 128 * 1024, // past GSO_LEGACY_MAX_SIZE plus headers, so no frame is ever cut
};

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        die("cannot write \"%s\" to %s: %s", text, path, strerror(errno));
    close(fd);
}

void rig_prepare(void)
{
    char map[64];
    unsigned uid = getuid(), gid = getgid();

    if (access("/dev/net/tun", R_OK | W_OK)) {
        fprintf(stderr, "record: SKIPPED: no usable /dev/net/tun: %s\n", strerror(errno));
        exit(EXIT_SKIP);
    }
    if (!unshare(CLONE_NEWNET))
        return;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
        die("neither root nor allowed to make a user namespace: %s", strerror(errno));
    // user_namespaces(7): the group map of an unprivileged process needs setgroups denied first.
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "0 %u 1", uid);
    write_file("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "0 %u 1", gid);
    write_file("/proc/self/gid_map", map);
}

union address rig_address(int family, enum network net, int side, uint16_t port)
{
    union address a = {.any.sa_family = (sa_family_t)family};

    if (family == AF_INET) {
        a.v4.sin_port = htons(port);
        a.v4.sin_addr.s_addr =
            htonl((net == FIRST ? 0xc0000200u : 0xc6336400u) + (unsigned)side + 1);
    } else {
        a.v6.sin6_port = htons(port);
        inet_pton(AF_INET6, net == FIRST ? "2001:db8::" : "2001:db8:1::", &a.v6.sin6_addr);
        a.v6.sin6_addr.s6_addr[15] = (uint8_t)(side + 1);
    }
    return a;
}

socklen_t rig_address_length(int family)
{
    return family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static void enter(const struct side *s)
{
    if (setns(s->ns, CLONE_NEWNET))
        die("setns: %s", strerror(errno));
}

// rtnetlink(7) requests: one message, answered by NLMSG_ERROR.
union request {
    struct nlmsghdr header;
    uint8_t bytes[1024];
};

static void append(union request *q, const void *data, size_t length)
{
    size_t at = NLMSG_ALIGN(q->header.nlmsg_len);

    if (at + length > sizeof q->bytes)
        die("netlink request too long");
    if (length)
        memcpy(q->bytes + at, data, length);
    q->header.nlmsg_len = (uint32_t)(at + length);
}

static union request request(unsigned type, unsigned flags, const void *body, size_t length)
{
    union request q = {.bytes = {0}};

    q.header.nlmsg_len = NLMSG_HDRLEN;
    q.header.nlmsg_type = (uint16_t)type;
    q.header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
    append(&q, body, length);
    return q;
}

// Returns where the attribute begins, for nest_end().
static size_t attribute(union request *q, unsigned type, const void *data, size_t length)
{
    struct rtattr a = {.rta_len = (uint16_t)RTA_LENGTH(length), .rta_type = (uint16_t)type};
    size_t at = NLMSG_ALIGN(q->header.nlmsg_len);

    append(q, &a, sizeof a);
    append(q, data, length);
    return at;
}

static void attribute8(union request *q, unsigned type, uint8_t value)
{
    attribute(q, type, &value, sizeof value);
}

static void nest_end(union request *q, size_t at)
{
    struct rtattr a;

    memcpy(&a, q->bytes + at, sizeof a);
    a.rta_len = (uint16_t)(q->header.nlmsg_len - at);
    memcpy(q->bytes + at, &a, sizeof a);
}

// Returns 0 or the kernel's errno value.
static int ask(const union request *q)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        uint8_t rest[sizeof q->bytes];
    } answer;
    struct timeval limit = {.tv_sec = WAIT_MS / 1000};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) ||
        send(fd, q->bytes, q->header.nlmsg_len, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < 0)
        die("rtnetlink: %s", strerror(errno));
    close(fd);
    return -answer.error.error;
}

static void add_addresses(unsigned ifindex, enum network net, int side)
{
    static const struct {
        int family;
        uint8_t prefix;
    } families[] = {{AF_INET, 24}, {AF_INET6, 64}};

    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        struct ifaddrmsg body = {.ifa_family = (uint8_t)families[i].family,
                                 .ifa_prefixlen = families[i].prefix,
                                 .ifa_flags = IFA_F_NODAD,
                                 .ifa_index = ifindex};
        union address a = rig_address(families[i].family, net, side, 0);
        bool v4 = families[i].family == AF_INET;
        const void *value = v4 ? (void *)&a.v4.sin_addr : (void *)&a.v6.sin6_addr;
        size_t length = v4 ? sizeof a.v4.sin_addr : sizeof a.v6.sin6_addr;
        union request q = request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
        int error;

        attribute(&q, IFA_LOCAL, value, length);
        attribute(&q, IFA_ADDRESS, value, length);
        error = ask(&q);
        if (error)
            die("cannot add an IPv%d address: %s", v4 ? 4 : 6, strerror(error));
    }
}

void rig_second_network(struct rig *r)
{
    for (int i = LEFT; i <= RIGHT; i++) {
        enter(&r->side[i]);
        add_addresses(r->side[i].ifindex, SECOND, i);
    }
}

// Called inside the new namespace: "default" is inherited by the interfaces made afterwards.
static void set_sysctls(void)
{
    static const struct {
        const char *path, *value;
    } settings[] = {
        {"ipv6/conf/default/addr_gen_mode", "1"}, // no link-local address: less background
        {"ipv6/conf/default/router_solicitations", "0"},
        {"ipv6/conf/all/seg6_enabled", "1"},
        {"ipv6/conf/default/seg6_enabled", "1"},
        {"ipv4/conf/all/accept_source_route", "1"},
        {"ipv4/conf/default/accept_source_route", "1"},
        {"ipv4/ping_group_range", "0 0"}, // icmp(7): lets the kernel build the echo request
        {"ipv4/tcp_slow_start_after_idle", "0"},
    };
    char path[128];

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        snprintf(path, sizeof path, "/proc/sys/net/%s", settings[i].path);
        write_file(path, settings[i].value);
    }
}

static int open_tap(bool *uso)
{
    struct ifreq request = {.ifr_name = "tap0", .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    unsigned long offload = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
    int size = sizeof(struct virtio_net_hdr), little_endian = 1;
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 || ioctl(fd, TUNSETIFF, &request))
        die("cannot make a TAP: %s", strerror(errno));
    if (ioctl(fd, TUNSETVNETHDRSZ, &size) || ioctl(fd, TUNSETVNETLE, &little_endian))
        die("cannot set up the TAP's virtio-net header: %s", strerror(errno));
    // set_offload() in drivers/net/tun.c takes both USO bits or neither.
    *uso = !ioctl(fd, TUNSETOFFLOAD, offload | OFFLOAD_USO4 | OFFLOAD_USO6);
    if (!*uso && ioctl(fd, TUNSETOFFLOAD, offload))
        die("cannot switch the TAP's offloads on: %s", strerror(errno));
    return fd;
}

static void set_link_up(unsigned ifindex, const uint8_t mac[6])
{
    struct ifinfomsg body = {.ifi_index = (int)ifindex, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    union request q = request(RTM_NEWLINK, 0, &body, sizeof body);
    int error;

    if (mac)
        attribute(&q, IFLA_ADDRESS, mac, 6);
    error = ask(&q);
    if (error)
        die("cannot set interface %u up: %s", ifindex, strerror(error));
}

void rig_up(struct rig *r, struct capture *c)
{
    *r = (struct rig){.capture = c};
    for (int i = LEFT; i <= RIGHT; i++) {
        struct side *s = &r->side[i];
        const uint8_t mac[6] = {2, 0, 0, 0, 0, (uint8_t)(i + 1)};

        if (unshare(CLONE_NEWNET))
            die("cannot make a network namespace: %s", strerror(errno));
        s->ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        if (s->ns < 0)
            die("/proc/self/ns/net: %s", strerror(errno));
        set_sysctls();
        s->tap = open_tap(&r->uso);
        s->ifindex = if_nametoindex("tap0");
        s->tag_links[0] = s->tag_links[1] = -1;
        set_link_up(if_nametoindex("lo"), NULL);
        set_link_up(s->ifindex, mac);
        add_addresses(s->ifindex, FIRST, i);
    }
}

void rig_down(struct rig *r)
{
    for (int i = LEFT; i <= RIGHT; i++) {
        for (int k = 0; k < 2; k++)
            if (r->side[i].tag_links[k] >= 0)
                close(r->side[i].tag_links[k]);
        close(r->side[i].tap);
        close(r->side[i].ns);
    }
}

static int bpf(int command, union bpf_attr *attr)
{
    return (int)syscall(SYS_bpf, command, attr, sizeof *attr);
}

static struct bpf_insn move(unsigned to, unsigned from)
{
    return (struct bpf_insn){
        .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = to & 15u, .src_reg = from & 15u};
}

static struct bpf_insn load(unsigned to, int value)
{
    return (struct bpf_insn){
        .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = to & 15u, .imm = value};
}

static struct bpf_insn call(int helper)
{
    return (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = helper};
}

// Lets the kernel itself tag what leaves and untag what arrives, without the 8021q module:
// bpf_skb_vlan_push() and _pop() of bpf-helpers(7), attached by tcx (Linux 6.6). Inner tag first.
static int attach_tagger(unsigned ifindex, int attach_type, int tags)
{
    struct bpf_insn program[16];
    unsigned n = 0;
    union bpf_attr attr;
    int fd, link;

    program[n++] = move(BPF_REG_6, BPF_REG_1);
    for (int i = 0; i < tags; i++) {
        program[n++] = move(BPF_REG_1, BPF_REG_6);
        if (attach_type == ATTACH_TCX_EGRESS) {
            program[n++] = load(BPF_REG_2, htons(i ? 0x88a8 : 0x8100));
            program[n++] = load(BPF_REG_3, i ? 100 : 200);
            program[n++] = call(BPF_FUNC_skb_vlan_push);
        } else {
            program[n++] = call(BPF_FUNC_skb_vlan_pop);
        }
    }
    program[n++] = load(BPF_REG_0, ACTION_TCX_NEXT);
    program[n++] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};

    memset(&attr, 0, sizeof attr);
    attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
    attr.insns = (uintptr_t)program;
    attr.insn_cnt = n;
    attr.license = (uintptr_t) "MIT";
    fd = bpf(BPF_PROG_LOAD, &attr);
    if (fd < 0)
        return -1;
    memset(&attr, 0, sizeof attr);
    attr.link_create.prog_fd = (uint32_t)fd;
    attr.link_create.target_ifindex = ifindex;
    attr.link_create.attach_type = (uint32_t)attach_type;
    link = bpf(BPF_LINK_CREATE, &attr);
    close(fd);
    return link;
}

bool rig_tag(struct rig *r, int tags)
{
    static const int attach_types[2] = {ATTACH_TCX_EGRESS, ATTACH_TCX_INGRESS};

    for (int i = LEFT; i <= RIGHT; i++) {
        struct side *s = &r->side[i];

        enter(s);
        for (int k = 0; k < 2; k++) {
            s->tag_links[k] = attach_tagger(s->ifindex, attach_types[k], tags);
            if (s->tag_links[k] < 0)
                return false;
        }
    }
    return true;
}

bool rig_vxlan(struct rig *r, int family, bool udpcsum)
{
    for (int i = LEFT; i <= RIGHT; i++) {
        const uint8_t mac[6] = {2, 0, 0, 0, 1, (uint8_t)(i + 1)};
        struct ifinfomsg body = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
        union request q = request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
        union address local = rig_address(family, FIRST, i, 0);
        union address remote = rig_address(family, FIRST, !i, 0);
        uint32_t id = 42;
        uint16_t port = htons(VXLAN_PORT);
        size_t info, data;
        int error;

        attribute(&q, IFLA_IFNAME, "vxlan0", sizeof "vxlan0");
        attribute(&q, IFLA_ADDRESS, mac, sizeof mac);
        info = attribute(&q, IFLA_LINKINFO, NULL, 0);
        attribute(&q, IFLA_INFO_KIND, "vxlan", sizeof "vxlan");
        data = attribute(&q, IFLA_INFO_DATA, NULL, 0);
        attribute(&q, IFLA_VXLAN_ID, &id, sizeof id);
        attribute(&q, IFLA_VXLAN_LINK, &r->side[i].ifindex, sizeof r->side[i].ifindex);
        attribute(&q, IFLA_VXLAN_PORT, &port, sizeof port);
        if (family == AF_INET) {
            attribute(&q, IFLA_VXLAN_LOCAL, &local.v4.sin_addr, sizeof local.v4.sin_addr);
            attribute(&q, IFLA_VXLAN_GROUP, &remote.v4.sin_addr, sizeof remote.v4.sin_addr);
            attribute8(&q, IFLA_VXLAN_UDP_CSUM, udpcsum);
        } else {
            attribute(&q, IFLA_VXLAN_LOCAL6, &local.v6.sin6_addr, sizeof local.v6.sin6_addr);
            attribute(&q, IFLA_VXLAN_GROUP6, &remote.v6.sin6_addr, sizeof remote.v6.sin6_addr);
            attribute8(&q, IFLA_VXLAN_UDP_ZERO_CSUM6_TX, !udpcsum);
            attribute8(&q, IFLA_VXLAN_UDP_ZERO_CSUM6_RX, !udpcsum);
        }
        nest_end(&q, data);
        nest_end(&q, info);

        enter(&r->side[i]);
        error = ask(&q);
        if (error == EOPNOTSUPP)
            return false;
        if (error)
            die("cannot make a VXLAN interface: %s", strerror(error));
        add_addresses(if_nametoindex("vxlan0"), SECOND, i);
    }
    return true;
}

int rig_socket(struct rig *r, int side, int family, int type, int protocol, enum network net,
               uint16_t port)
{
    union address a = rig_address(family, net, side, port);
    int fd, on = 1;

    enter(&r->side[side]);
    fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
        bind(fd, &a.any, rig_address_length(family)))
        die("cannot make a socket (family %d, type %d, port %u): %s", family, type, port,
            strerror(errno));
    return fd;
}

// Moves what is waiting in both TAPs to the other side, virtio-net header and all.
static void carry(struct rig *r)
{
    static uint8_t bytes[FRAME_MAX];
    struct virtio_net_hdr hdr;
    bool idle;

    do {
        idle = true;
        for (int i = LEFT; i <= RIGHT; i++) {
            struct iovec parts[2] = {{&hdr, sizeof hdr}, {bytes, sizeof bytes}};
            ssize_t got = readv(r->side[i].tap, parts, 2);

            if (got < 0 && errno == EAGAIN)
                continue;
            if (got < (ssize_t)sizeof hdr)
                die("cannot read from a TAP: %s", strerror(errno));
            parts[1].iov_len = (size_t)got - sizeof hdr;
            capture_add(r->capture, &hdr, bytes, parts[1].iov_len);
            if (writev(r->side[!i].tap, parts, 2) != got)
                die("the kernel refused its own frame (%zu bytes, gso_type %u): %s",
                    parts[1].iov_len, hdr.gso_type, strerror(errno));
            idle = false;
        }
    } while (!idle);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// Returns whether anything happened before the timeout.
static bool wait_for_frames(const struct rig *r, struct pollfd *socket, int64_t timeout)
{
    struct pollfd fds[3] = {{.fd = r->side[LEFT].tap, .events = POLLIN},
                            {.fd = r->side[RIGHT].tap, .events = POLLIN},
                            *socket};
    int ready = timeout > 0 ? poll(fds, 3, (int)timeout) : 0;

    if (ready < 0 && errno != EINTR)
        die("poll: %s", strerror(errno));
    socket->revents = fds[2].revents;
    return ready != 0;
}

void rig_wait(struct rig *r, int fd, short events)
{
    struct pollfd socket = {.fd = fd, .events = events};
    int64_t deadline = now_ms() + WAIT_MS;

    do {
        carry(r);
        if (!wait_for_frames(r, &socket, deadline - now_ms()))
            die("nothing arrived within %d ms", WAIT_MS);
    } while (!socket.revents);
    carry(r);
}

void rig_settle(struct rig *r, int silence)
{
    struct pollfd none = {.fd = -1};
    int64_t deadline = now_ms() + WAIT_MS;

    do {
        carry(r);
        if (now_ms() > deadline)
            die("the wire never fell silent");
    } while (wait_for_frames(r, &none, silence));
}
