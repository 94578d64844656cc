// SPDX-License-Identifier: MIT
#include "rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static const char bridge[] = "bridge", sink[] = "sink";
static int sink_fd;
static uint8_t bridge_mac[6];

void die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    printf("Bail out! ");
    vprintf(format, args);
    printf(" (%s)\n", strerror(errno));
    va_end(args);
    fflush(stdout);
    _exit(2);
}

bool rig_put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) >= 0;

    if (fd >= 0)
        close(fd);
    return done;
}

void rig_ask(const char *name, unsigned long request, struct ifreq *r)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    snprintf(r->ifr_name, sizeof r->ifr_name, "%s", name);
    if (fd < 0 || ioctl(fd, request, r) != 0)
        die("%s: request 0x%lx", name, request);
    close(fd);
}

void rig_set_up(const char *name, int mtu)
{
    struct ifreq r = {.ifr_mtu = mtu};

    rig_ask(name, SIOCSIFMTU, &r);
    r.ifr_flags = IFF_UP;
    rig_ask(name, SIOCSIFFLAGS, &r);
}

long rig_number(const char *device, const char *file)
{
    char path[128];
    long number = -1;
    FILE *in;

    snprintf(path, sizeof path, "/sys/class/net/%s/%s", device, file);
    in = fopen(path, "re");
    if (in) {
        if (fscanf(in, "%ld", &number) != 1)
            number = -1;
        fclose(in);
    }
    return number;
}

void rig_add_port(const char *name, int mtu)
{
    struct ifreq r = {.ifr_ifindex = (int)if_nametoindex(name)};
    char path[128];
    int tries = 0;

    rig_ask(bridge, SIOCBRADDIF, &r);
    rig_set_up(name, mtu);
    /* A bridge that knows where a MAC address lives doesn't send to the sink any more. */
    snprintf(path, sizeof path, "/sys/class/net/%s/brport/learning", name);
    if (!rig_put(path, "0"))
        die("%s", path);
    while (rig_number(name, "brport/state") != 3) { /* BR_STATE_FORWARDING */
        if (tries++ > 3000)
            die("%s does not forward", name);
        usleep(10000);
    }
}

void rig_hairpin(const char *name, bool on)
{
    char path[128];

    snprintf(path, sizeof path, "/sys/class/net/%s/brport/hairpin_mode", name);
    if (!rig_put(path, on ? "1" : "0"))
        die("%s", path);
}

void rig_queue(const char *name, int frames)
{
    struct ifreq r = {.ifr_qlen = frames};

    rig_ask(name, SIOCSIFTXQLEN, &r);
}

int rig_tap(const char *name)
{
    struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    int size = sizeof(struct virtio_net_hdr), fd;

    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, TUNSETIFF, &r) != 0 || ioctl(fd, TUNSETVNETHDRSZ, &size) != 0 ||
        ioctl(fd, TUNSETOFFLOAD, 0UL) != 0)
        die("cannot make a TAP");
    rig_queue(name, 8192);
    return fd;
}

void rig_address(int version, uint8_t host, uint8_t *bytes)
{
    memset(bytes, 0, version == 4 ? 4 : 16);
    bytes[0] = version == 4 ? 10 : 0xFD;
    bytes[version == 4 ? 3 : 15] = host;
}

void rig_set_addresses(const char *name, uint8_t host)
{
    struct ifreq r = {.ifr_flags = 0};
    struct in6_ifreq r6 = {.ifr6_prefixlen = 64, .ifr6_ifindex = (int)if_nametoindex(name)};
    struct sockaddr_in a = {.sin_family = AF_INET};
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    rig_address(4, host, (uint8_t *)&a.sin_addr);
    memcpy(&r.ifr_addr, &a, sizeof a);
    rig_ask(name, SIOCSIFADDR, &r);
    a.sin_addr.s_addr = htonl(0xFFFFFF00);
    memcpy(&r.ifr_addr, &a, sizeof a);
    rig_ask(name, SIOCSIFNETMASK, &r);
    rig_address(6, host, (uint8_t *)&r6.ifr6_addr);
    if (fd < 0 || ioctl(fd, SIOCSIFADDR, &r6) != 0)
        die("cannot set an IPv6 address");
    close(fd);
}

/* The one that an earlier program left. */
static void remove_bridge(int fd)
{
    struct ifreq r = {.ifr_flags = 0};

    if (!if_nametoindex(bridge))
        return;
    rig_ask(bridge, SIOCSIFFLAGS, &r);
    if (ioctl(fd, SIOCBRDELBR, bridge) != 0)
        die("the old bridge stays");
}

void rig_new(void)
{
    static const char *const settings[][2] = {
        {"/proc/sys/net/ipv6/conf/default/addr_gen_mode", "1"}, /* nothing of its own to say */
        {"/proc/sys/net/ipv6/conf/default/router_solicitations", "0"},
        {"/proc/sys/net/ipv6/conf/default/accept_dad", "0"},
        {"/proc/sys/net/ipv6/conf/all/accept_dad", "0"},
        {"/proc/sys/net/core/wmem_max", "4194304"},
    };
    struct ifreq r;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (!rig_put(settings[i][0], settings[i][1]))
            die("%s", settings[i][0]);
    remove_bridge(fd);
    if (fd < 0 || ioctl(fd, SIOCBRADDBR, bridge) != 0)
        die("no bridge");
    close(fd);
    if (!rig_put("/sys/class/net/bridge/bridge/multicast_snooping", "0"))
        die("multicast_snooping");
    rig_set_up(bridge, RIG_MTU);
    sink_fd = rig_tap(sink);
    rig_add_port(sink, RIG_MTU);
    rig_ask(bridge, SIOCGIFHWADDR, &r);
    memcpy(bridge_mac, r.ifr_hwaddr.sa_data, sizeof bridge_mac);
    /* A bridge takes the lowest address of its ports, unless it was told one. */
    rig_ask(bridge, SIOCSIFHWADDR, &r);
    rig_set_addresses(bridge, 1);
}

const uint8_t *rig_mac(void)
{
    return bridge_mac;
}

static void add_neighbour(int version, uint8_t host, const uint8_t mac[6])
{
    struct {
        struct nlmsghdr header;
        struct ndmsg neighbour;
        _Alignas(struct rtattr) uint8_t attributes[64];
    } message = {.header = {.nlmsg_type = RTM_NEWNEIGH,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
                            .nlmsg_len = NLMSG_LENGTH(sizeof(struct ndmsg))},
                 .neighbour = {.ndm_family = version == 4 ? AF_INET : AF_INET6,
                               .ndm_ifindex = (int)if_nametoindex(bridge),
                               .ndm_state = NUD_PERMANENT}};
    struct rtattr *a = (void *)message.attributes;
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        uint8_t room[512];
    } answer;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    unsigned short len = version == 4 ? 4 : 16;

    a->rta_type = NDA_DST;
    a->rta_len = (unsigned short)RTA_LENGTH(len);
    rig_address(version, host, RTA_DATA(a));
    message.header.nlmsg_len += a->rta_len;
    a = (void *)(message.attributes + RTA_ALIGN(a->rta_len));
    a->rta_type = NDA_LLADDR;
    a->rta_len = (unsigned short)RTA_LENGTH(6);
    memcpy(RTA_DATA(a), mac, 6);
    message.header.nlmsg_len += RTA_ALIGN(a->rta_len);
    if (fd < 0 || send(fd, &message, message.header.nlmsg_len, 0) < 0 ||
        recv(fd, &answer, sizeof answer, 0) < 0 || answer.header.nlmsg_type != NLMSG_ERROR ||
        answer.error.error != 0)
        die("cannot add a neighbour");
    close(fd);
}

void rig_neighbour(uint8_t host, const uint8_t mac[6])
{
    add_neighbour(4, host, mac);
    add_neighbour(6, host, mac);
}

bool tap_read(int tap, struct packet *p, int ms)
{
    struct iovec parts[2] = {{&p->hdr, sizeof p->hdr}, {p->bytes, sizeof p->bytes}};
    struct pollfd poll_in = {.fd = tap, .events = POLLIN};

    for (;;) {
        ssize_t got = readv(tap, parts, 2);

        if (got >= (ssize_t)sizeof p->hdr) {
            p->len = (size_t)got - sizeof p->hdr;
            return true;
        }
        if (got >= 0 || errno != EAGAIN)
            die("cannot read from a TAP");
        if (ms == 0 || poll(&poll_in, 1, ms) <= 0)
            return false;
    }
}

bool tap_write(int tap, const struct packet *p)
{
    struct iovec parts[2] = {{(void *)(uintptr_t)&p->hdr, sizeof p->hdr},
                             {(void *)(uintptr_t)p->bytes, p->len}};

    return writev(tap, parts, 2) == (ssize_t)(sizeof p->hdr + p->len);
}

bool sink_read(struct packet *p, int ms)
{
    return tap_read(sink_fd, p, ms);
}

bool sink_write(const struct packet *p)
{
    return tap_write(sink_fd, p);
}

int sink_file(void)
{
    return sink_fd;
}
