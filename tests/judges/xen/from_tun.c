// SPDX-License-Identifier: MIT
/* Packets that are born on a TUN, without an Ethernet header: a guest that is a router, or runs a
 * VPN, puts one in front and sends them on with the state in which they came. */
#include <arpa/inet.h>
#include <csumoff_netfront.h>
#include <csumoff_virtio.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../oracle/reference.h"
#include "cases.h"

enum {
    ETHERNET = 14,
    MSS = 1200,
    WAIT_MS = 30000,
    BOTH = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED,
    GSO = CSUMOFF_NETTXF_EXTRA_INFO
};

static int tun, injector;

static void tun_new(void)
{
    struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR, .ifr_name = "tun"};
    struct sockaddr_ll a = {.sll_family = AF_PACKET};
    int size = sizeof(struct virtio_net_hdr), on = 1, any = socket(AF_INET, SOCK_DGRAM, 0);

    tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tun < 0 || any < 0 || ioctl(tun, TUNSETIFF, &r) != 0 ||
        ioctl(tun, TUNSETVNETHDRSZ, &size) != 0 ||
        ioctl(tun, TUNSETOFFLOAD, (unsigned long)(TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)) != 0)
        die("cannot make a TUN");
    r.ifr_flags = IFF_UP;
    if (ioctl(any, SIOCSIFFLAGS, &r) != 0)
        die("cannot set the TUN up");
    close(any);
    /* What is sent into it by this socket is what the kernel would send. */
    a.sll_ifindex = (int)if_nametoindex("tun");
    injector = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (injector < 0 || setsockopt(injector, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0 ||
        bind(injector, (struct sockaddr *)&a, sizeof a) != 0)
        die("no packet socket");
}

static void write_packet(uint16_t mss)
{
    struct virtio_net_hdr hdr = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                 .csum_start = (uint16_t)frame.l4,
                                 .csum_offset = (uint16_t)frame.csum_offset};
    const bool is_v4 = frame.recipe.version == 4;
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_ifindex = (int)if_nametoindex("tun"),
                             .sll_protocol = htons(is_v4 ? ETHERTYPE_IP : ETHERTYPE_IPV6)};
    struct iovec parts[2] = {{&hdr, sizeof hdr}, {frame.bytes, frame.len}};
    const struct msghdr message = {
        .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = parts, .msg_iovlen = 2};

    if (mss) {
        hdr.gso_type = is_v4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
        hdr.gso_size = mss;
        hdr.hdr_len = (uint16_t)(frame.l4 + 20);
    }
    if (sendmsg(injector, &message, 0) != (ssize_t)(sizeof hdr + frame.len))
        die("the TUN takes no packet");
}

/* Reads the packet that was written, and what the kernel says of it. */
static void read_packet(struct virtio_net_hdr *hdr, uint8_t *bytes, size_t room)
{
    struct iovec parts[2] = {{hdr, sizeof *hdr}, {bytes, room}};
    struct pollfd readable = {.fd = tun, .events = POLLIN};
    ssize_t got;

    do {
        got = readv(tun, parts, 2);
        if (got < 0 && (errno != EAGAIN || poll(&readable, 1, WAIT_MS) <= 0))
            die("nothing comes out of the TUN");
    } while (got != (ssize_t)(sizeof *hdr + frame.len) ||
             memcmp(bytes, frame.bytes, frame.len) != 0); /* the kernel's own */
}

/* One packet through the TUN, and on. */
static void send_on(struct guest *guest, unsigned version, uint8_t proto, size_t payload,
                    uint16_t mss, bool keeps_state)
{
    static const struct csumoff_virtio_policy policy = {.guest_csum = true};
    static const uint8_t header[2][2] = {{8, 0}, {0x86, 0xDD}};
    static uint8_t bytes[ETHERNET + sizeof frame.bytes], *ip = bytes + ETHERNET;
    const struct ring_slot no_flags = {0, 0, 0};
    static struct frame whole;
    struct virtio_net_hdr raw = {.flags = 0};
    struct csumoff_virtio_hdr hdr;
    struct csumoff_hint hint;
    struct csumoff_rx rx;
    int status;

    build(&(const struct recipe){.version = version, .proto = proto, .payload = payload});
    frame_set_l3(&frame);
    frame_set_field(&frame, frame_seed(&frame));
    write_packet(mss);
    read_packet(&raw, ip, sizeof frame.bytes);
    csumoff_virtio_get(&raw, CSUMOFF_VIRTIO_NATIVE, &hdr);
    if (csumoff_virtio_rx(ip, frame.len, CSUMOFF_LINK_IP, &hdr, &policy, &rx) ||
        rx.state != CSUMOFF_PARTIAL || rx.csum_start != frame.l4 || rx.gso_size != mss)
        die("csumoff_virtio_rx(): %s", recipe_text(&frame.recipe));

    /* The places move with the header. */
    hint = csumoff_forward(&rx);
    hint.csum_start += ETHERNET;
    memcpy(bytes + 12, header[version == 6], 2);

    /* What has to come out. */
    whole = frame;
    memmove(whole.bytes + ETHERNET, whole.bytes, whole.len);
    memcpy(whole.bytes + 12, header[version == 6], 2);
    whole.len += ETHERNET;
    whole.l3 += ETHERNET;
    whole.l4 += ETHERNET;
    whole.end += ETHERNET;
    frame_set_field(&whole, frame_complete(&whole));
    if (mss)
        row_expect_segments(bytes, &whole, mss);
    else
        row_expect(bytes, whole.bytes, whole.len, whole.l4 + whole.csum_offset);
    status =
        keeps_state
            ? offload_send(&guest->offload, &(const struct iovec){bytes, whole.len}, 1, &hint)
            : ring_send(guest->offload.ring, &(const struct iovec){bytes, whole.len}, 1, &no_flags);
    if (status)
        die("sent on: %d", status);
    row_drain();
}

void cases_from_tun(struct guest *guest)
{
    static const uint8_t protos[] = {UDP, TCP};

    tun_new();
    for (unsigned version = 4; version <= 6; version += 2) {
        row_begin(guest->offload.ring, GOOD, BOTH, "from a TUN, IPv%u, with a seed: sent on",
                  version);
        for (size_t payload = 0; payload < 60; payload++)
            for (size_t p = 0; p < 2; p++)
                send_on(guest, version, protos[p], payload, 0, true);
        row_end();
        row_begin(guest->offload.ring, GOOD, BOTH | GSO, "from a TUN, IPv%u, super-frames: sent on",
                  version);
        for (size_t payload = MSS + 1; payload < 60000; payload *= 3)
            send_on(guest, version, TCP, payload, MSS, true);
        row_end();
        row_begin(guest->offload.ring, BAD, 0, "WRONG: from a TUN, IPv%u, without its state",
                  version);
        send_on(guest, version, UDP, 33, 0, false);
        row_end();
    }
    close(injector);
    close(tun);
}
