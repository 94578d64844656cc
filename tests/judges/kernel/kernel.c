// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* unshare() */
#include "kernel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_packet.h>
#include <linux/ipv6.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../../oracle/suite.h"

__attribute__((noreturn)) static void stop(const char *what)
{
    ck_abort_msg("%s: %s", what, strerror(errno));
}

static bool put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) >= 0;

    if (fd >= 0)
        close(fd);
    return done;
}

bool kernel_setting(const char *path, const char *value)
{
    char whole[128];

    snprintf(whole, sizeof whole, "/proc/sys/net/%s", path);
    return put(whole, value);
}

const char *kernel_missing(void)
{
    struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    char user[32], group[32];
    bool made;
    int fd;

    snprintf(user, sizeof user, "0 %u 1", getuid());
    snprintf(group, sizeof group, "0 %u 1", getgid());
    if (unshare(CLONE_NEWNET) != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
            return "neither root nor user namespaces";
        /* user_namespaces(7): the group map of an unprivileged process needs setgroups denied. */
        if (!put("/proc/self/setgroups", "deny") || !put("/proc/self/uid_map", user) ||
            !put("/proc/self/gid_map", group))
            return "no rights in a user namespace";
    }
    fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    made = fd >= 0 && ioctl(fd, TUNSETIFF, &r) == 0;
    if (fd >= 0)
        close(fd);
    return made ? NULL : "no usable /dev/net/tun";
}

int kernel_skipped(const char *why)
{
    printf("1..0 # SKIP %s\n", why);
    return EXIT_SUCCESS;
}

/* An ioctl on the interface of this name; `family` 0: IPv4's, which all but addresses go through.
 */
static int ask(const char *name, unsigned long request, struct ifreq *r)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result;

    if (fd < 0)
        stop("socket");
    snprintf(r->ifr_name, sizeof r->ifr_name, "%s", name);
    result = ioctl(fd, request, r);
    close(fd);
    return result;
}

static void set_up(const char *name, int flags, int mtu)
{
    struct ifreq r = {.ifr_mtu = mtu};

    if (mtu && ask(name, SIOCSIFMTU, &r) != 0)
        stop("cannot set the MTU");
    r.ifr_flags = (short)(IFF_UP | flags);
    if (ask(name, SIOCSIFFLAGS, &r) != 0)
        stop("cannot set an interface up");
}

void machine_new(void)
{
    static const struct {
        const char *path, *value;
    } settings[] = {
        {"ipv6/conf/default/addr_gen_mode", "1"}, /* no link-local address: less background */
        {"ipv6/conf/default/router_solicitations", "0"},
        {"ipv6/conf/default/accept_dad", "0"},
        {"ipv6/conf/all/accept_dad", "0"},
        {"ipv4/ip_forward", "1"},
        {"ipv6/conf/all/forwarding", "1"},
        {"ipv6/conf/default/forwarding", "1"},
        {"ipv4/conf/all/rp_filter", "0"},
        {"ipv4/conf/default/rp_filter", "0"},
        {"ipv4/ping_group_range", "0 0"}, /* icmp(7): the kernel builds echo requests */
    };
    char path[128];
    size_t i;

    if (unshare(CLONE_NEWNET) != 0)
        stop("cannot make a network namespace");
    for (i = 0; i < sizeof settings / sizeof *settings; i++) {
        snprintf(path, sizeof path, "/proc/sys/net/%s", settings[i].path);
        if (!put(path, settings[i].value))
            stop(path);
    }
    set_up("lo", 0, 0);
}

static void device_new(struct tap *tap, int kind, const char *name, unsigned offloads, int mtu)
{
    struct ifreq r = {.ifr_flags = (short)(kind | IFF_NO_PI | IFF_VNET_HDR)};
    int size = sizeof(struct virtio_net_hdr);

    snprintf(tap->name, sizeof tap->name, "%s", name);
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    tap->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap->fd < 0 || ioctl(tap->fd, TUNSETIFF, &r) != 0 ||
        ioctl(tap->fd, TUNSETVNETHDRSZ, &size) != 0 ||
        ioctl(tap->fd, TUNSETOFFLOAD, (unsigned long)offloads) != 0)
        stop("cannot make a TAP");
    if (kind == IFF_TAP && ask(name, SIOCGIFHWADDR, &r) != 0)
        stop("cannot read the MAC address");
    memcpy(tap->mac, r.ifr_hwaddr.sa_data, sizeof tap->mac);
    set_up(name, IFF_NOARP, mtu);
}

void tap_new(struct tap *tap, const char *name, unsigned offloads, int mtu)
{
    device_new(tap, IFF_TAP, name, offloads, mtu);
}

void tun_new(struct tap *tun, const char *name, unsigned offloads, int mtu)
{
    device_new(tun, IFF_TUN, name, offloads, mtu);
}

void tap_neighbours(const struct tap *tap)
{
    static const char *const settings[] = {"mcast_solicit", "ucast_solicit"};
    char path[128];
    size_t i;

    /* One that is slow to answer, on a busy machine, isn't gone: so many seconds, not three. */
    for (i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "/proc/sys/net/ipv%d/neigh/%s/%s", i / 2 ? 6 : 4, tap->name,
                 settings[i % 2]);
        if (!put(path, "100"))
            stop(path);
    }
    set_up(tap->name, 0, 0);
}

void address_bytes(int version, int net, int host, uint8_t *bytes)
{
    if (version == 4) {
        memcpy(bytes, (uint8_t[]){10, 0, (uint8_t)net, (uint8_t)host}, 4);
    } else {
        memset(bytes, 0, 16);
        memcpy(bytes, (uint8_t[]){0x20, 0x01, 0x0D, 0xB8, 0, (uint8_t)net}, 6);
        bytes[15] = (uint8_t)host;
    }
}

socklen_t socket_address(union socket_address *a, int version, int net, int host, uint16_t port)
{
    memset(a, 0, sizeof *a);
    if (version == 4) {
        a->v4.sin_family = AF_INET;
        a->v4.sin_port = htons(port);
        address_bytes(4, net, host, (uint8_t *)&a->v4.sin_addr);
        return sizeof a->v4;
    }
    a->v6.sin6_family = AF_INET6;
    a->v6.sin6_port = htons(port);
    address_bytes(6, net, host, (uint8_t *)&a->v6.sin6_addr);
    return sizeof a->v6;
}

/* Duplicate address detection is off, and still takes a moment (addrconf_dad_start()): waits until
 * no address is tentative. */
static void wait_for_addresses(void)
{
    unsigned flags, tentative, tries = 0;

    do {
        FILE *in = fopen("/proc/net/if_inet6", "re");

        if (!in)
            stop("/proc/net/if_inet6");
        for (tentative = 0; fscanf(in, "%*s %*x %*x %*x %x %*s", &flags) == 1;)
            tentative |= flags & IFA_F_TENTATIVE;
        fclose(in);
        if (tentative && (tries++ > 5000 || usleep(1000) != 0))
            ck_abort_msg("an IPv6 address stays tentative");
    } while (tentative);
}

void tap_address(const struct tap *tap, int net, int host)
{
    struct ifreq r = {.ifr_flags = 0};
    struct in6_ifreq r6 = {.ifr6_prefixlen = 64, .ifr6_ifindex = (int)if_nametoindex(tap->name)};
    struct sockaddr_in a = {.sin_family = AF_INET};
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    address_bytes(4, net, host, (uint8_t *)&a.sin_addr);
    memcpy(&r.ifr_addr, &a, sizeof a);
    if (ask(tap->name, SIOCSIFADDR, &r) != 0)
        stop("cannot set the IPv4 address");
    a.sin_addr.s_addr = htonl(0xFFFFFF00);
    memcpy(&r.ifr_addr, &a, sizeof a);
    if (ask(tap->name, SIOCSIFNETMASK, &r) != 0)
        stop("cannot set the netmask");
    address_bytes(6, net, host, (uint8_t *)&r6.ifr6_addr);
    if (fd < 0 || ioctl(fd, SIOCSIFADDR, &r6) != 0)
        stop("cannot set the IPv6 address");
    close(fd);
    wait_for_addresses();
}

bool bridge_new(const struct tap *const *ports, size_t count)
{
    struct ifreq r = {.ifr_flags = 0};
    char name[IFNAMSIZ] = "bridge";
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool made = fd >= 0 && ioctl(fd, SIOCBRADDBR, name) == 0;
    size_t i;

    if (fd >= 0)
        close(fd);
    if (!made)
        return false;
    for (i = 0; i < count; i++) {
        r.ifr_ifindex = (int)if_nametoindex(ports[i]->name);
        if (ask(name, SIOCBRADDIF, &r) != 0)
            stop("cannot add a port to the bridge");
    }
    set_up(name, 0, 0);
    return true;
}

static int result_of(ssize_t done, size_t len)
{
    if (done < 0)
        return errno;
    CHECK_EQ(done, sizeof(struct virtio_net_hdr) + len);
    return 0;
}

int tap_write(const struct tap *tap, const struct packet *p)
{
    struct iovec parts[2] = {{(void *)(uintptr_t)&p->hdr, sizeof p->hdr},
                             {(void *)(uintptr_t)p->bytes, p->len}};

    return result_of(writev(tap->fd, parts, 2), p->len);
}

/* Neighbour discovery and multicast listener reports, which come with IPv6 (RFC 4861, 3810), and
 * IGMP, by which a bridge joins its like (RFC 3376, 4286). */
static bool background(const struct packet *p)
{
    static const uint8_t everyone[2] = {0x33, 0x33}, group[3] = {0x01, 0x00, 0x5E};
    const uint8_t *ip = p->bytes + 14;

    if (p->len < 14)
        return true;
    if (p->len >= 14 + 48 && p->bytes[12] == 0x86 && p->bytes[13] == 0xDD)
        return memcmp(p->bytes, everyone, sizeof everyone) == 0 && (ip[6] == 0 || ip[6] == 58);
    return p->len >= 14 + 28 && p->bytes[12] == 0x08 && p->bytes[13] == 0x00 &&
           memcmp(p->bytes, group, sizeof group) == 0 && ip[9] == 2;
}

static bool read_one(const struct tap *tap, struct packet *p, int ms, bool all)
{
    struct iovec parts[2] = {{&p->hdr, sizeof p->hdr}, {p->bytes, sizeof p->bytes}};
    struct pollfd poll_in = {.fd = tap->fd, .events = POLLIN};

    for (;;) {
        ssize_t got = readv(tap->fd, parts, 2);

        if (got >= (ssize_t)sizeof p->hdr) {
            p->len = (size_t)got - sizeof p->hdr;
            if (all || !background(p))
                return true;
        } else if (got >= 0 || errno != EAGAIN) {
            stop("cannot read from a TAP");
        } else if (ms == 0 || poll(&poll_in, 1, ms) == 0) {
            return false;
        }
    }
}

bool tap_read(const struct tap *tap, struct packet *p, int ms)
{
    return read_one(tap, p, ms, false);
}

bool tap_read_all(const struct tap *tap, struct packet *p, int ms)
{
    return read_one(tap, p, ms, true);
}

int injector_new(const struct tap *tap)
{
    struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(tap->name)};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), on = 1, size = 4 << 20;

    if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0 ||
        bind(fd, (struct sockaddr *)&a, sizeof a) != 0)
        stop("cannot make a packet socket");
    return fd;
}

int inject(int injector, const struct packet *p)
{
    struct iovec parts[2] = {{(void *)(uintptr_t)&p->hdr, sizeof p->hdr},
                             {(void *)(uintptr_t)p->bytes, p->len}};

    return result_of(writev(injector, parts, 2), p->len);
}

static const uint8_t mark[60] = {2, 0, 0, 0,    0,    1,   2,   0,   0,
                                 0, 0, 2, 0x88, 0xB6, 'm', 'a', 'r', 'k'};

void send_mark(int injector)
{
    static struct packet p = {.len = sizeof mark};

    memcpy(p.bytes, mark, sizeof mark);
    if (inject(injector, &p) != 0)
        stop("cannot send a mark");
}

bool is_mark(const struct packet *p)
{
    return p->len == sizeof mark && memcmp(p->bytes, mark, sizeof mark) == 0;
}

int udp_socket(int version, int net, int host, uint16_t port)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int fd =
        socket(version == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    address_bytes(4, net, host, (uint8_t *)&v4.sin_addr);
    address_bytes(6, net, host, (uint8_t *)&v6.sin6_addr);
    if (fd < 0 || (version == 4 ? bind(fd, (struct sockaddr *)&v4, sizeof v4)
                                : bind(fd, (struct sockaddr *)&v6, sizeof v6)) != 0)
        stop("cannot make a datagram socket");
    return fd;
}

uint64_t counter(const char *file, const char *group, const char *name)
{
    static char names[4096], numbers[4096];
    char path[64], *n, *v, *more_n, *more_v;
    uint64_t value = UINT64_MAX;
    FILE *in;

    snprintf(path, sizeof path, "/proc/net/%s", file);
    in = fopen(path, "re");
    if (!in)
        stop(path);
    while (value == UINT64_MAX && fgets(names, sizeof names, in)) {
        n = strtok_r(names, ": \t\n", &more_n);
        if (!group) {
            if (strcmp(n, name) == 0)
                value = strtoull(strtok_r(NULL, " \t\n", &more_n), NULL, 10);
            continue;
        }
        if (!fgets(numbers, sizeof numbers, in))
            break;
        v = strtok_r(numbers, ": \n", &more_v);
        while (strcmp(names, group) == 0 && value == UINT64_MAX && n && v) {
            n = strtok_r(NULL, " \n", &more_n);
            v = strtok_r(NULL, " \n", &more_v);
            if (n && v && strcmp(n, name) == 0)
                value = strtoull(v, NULL, 10);
        }
    }
    fclose(in);
    if (value == UINT64_MAX)
        ck_abort_msg("%s has no %s %s", path, group ? group : "", name);
    return value;
}

void kernel_lacks(const char *test, const char *why)
{
    printf("# SKIP %s: %s\n", test, why);
    fflush(stdout);
}

void check_kernels_bytes(const char *what, const uint8_t *ours, const uint8_t *kernels, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (ours[i] != kernels[i])
            ck_abort_msg("%s: byte %zu of %zu is 0x%02X, the kernel's is 0x%02X", what, i, len,
                         ours[i], kernels[i]);
}
