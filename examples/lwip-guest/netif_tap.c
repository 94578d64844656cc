// SPDX-License-Identifier: MIT
#include "netif_tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/prot/ip.h>
#include <lwip/sys.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sums.h"

#if ETH_PAD_SIZE
#error "frames go to and from lwIP without padding in front here"
#endif

/* ---- Sending ------------------------------------------------------------------------------- */

/* lwIP's linkoutput: under the core lock, one at a time. */
static err_t send_frame(struct netif *netif, struct pbuf *p)
{
    struct netif_tap *tap = (struct netif_tap *)netif->state;
    const struct csumoff_hint hint = {.want = sums_want(netif, p)};
    struct csumoff_virtio_hdr hdr;
    uint8_t header[12];
    struct iovec parts[2] = {{header, 0}, {tap->sent, p->tot_len}};

    /* A copy, as into a page of the device: pbufs may point to what isn't ours to write. */
    pbuf_copy_partial(p, tap->sent, p->tot_len, 0);
    if (csumoff_virtio_tx(tap->sent, p->tot_len, CSUMOFF_LINK_ETHERNET, &tap->device, &hint,
                          &hdr) != CSUMOFF_OK)
        return ERR_VAL;
    parts[0].iov_len = csumoff_virtio_put(&hdr, tap->form, header);
    return writev(tap->fd, parts, 2) < 0 ? ERR_IF : ERR_OK;
}

/* ---- Receiving ----------------------------------------------------------------------------- */

/* Whether the seed is where lwIP looks for the checksum of this frame. */
static bool seed_is_the_stacks(const uint8_t *frame, size_t len, const struct csumoff_rx *rx)
{
    struct csumoff_layout at;

    return !rx->no_seed && csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at) == CSUMOFF_OK &&
           (at.l4_proto == IP_PROTO_TCP || at.l4_proto == IP_PROTO_UDP) &&
           csumoff_state_of(rx, &at) == CSUMOFF_PARTIAL;
}

/* A pbuf with the frame; NULL: it is dropped. Never PBUF_POOL: the elements of the distribution's
 * library are smaller than its headers say. */
static struct pbuf *packed(struct netif_tap *tap, const struct csumoff_virtio_hdr *hdr, size_t len)
{
    static const struct csumoff_virtio_policy policy = {.guest_csum = true, .data_valid = false};
    struct csumoff_rx rx;
    bool is_seed;
    struct pbuf *p;

    if (len > UINT16_MAX || csumoff_virtio_rx(tap->received, len, CSUMOFF_LINK_ETHERNET, hdr,
                                              &policy, &rx) != CSUMOFF_OK)
        return NULL;
    is_seed = tap->trust && seed_is_the_stacks(tap->received, len, &rx);
    if (!is_seed && csumoff_virtio_rx_finish(tap->received, len, CSUMOFF_LINK_ETHERNET, hdr,
                                             &policy) != CSUMOFF_OK)
        return NULL;
    p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_RAM);
    if (!p)
        return NULL;
    memcpy(p->payload, tap->received, len);
    sums_mark(p, is_seed);
    return p;
}

static void receive_frames(void *arg)
{
    struct netif_tap *tap = (struct netif_tap *)arg;
    struct csumoff_virtio_hdr hdr = {.flags = 0};
    uint8_t header[12] = {0};
    size_t header_len = csumoff_virtio_get(header, tap->form, &hdr);
    struct iovec parts[2] = {{header, header_len}, {tap->received, sizeof tap->received}};
    struct pollfd readable = {.fd = tap->fd, .events = POLLIN};
    struct pbuf *p;
    ssize_t got;

    for (;;) {
        got = readv(tap->fd, parts, 2);
        if (got < 0) {
            if ((errno != EAGAIN && errno != EINTR) || poll(&readable, 1, -1) < 0)
                return;
        } else if ((size_t)got > header_len) {
            csumoff_virtio_get(header, tap->form, &hdr);
            p = packed(tap, &hdr, (size_t)got - header_len);
            if (p && tap->netif->input(p, tap->netif) != ERR_OK)
                pbuf_free(p);
        }
    }
}

/* ---- Beginning ----------------------------------------------------------------------------- */

err_t netif_tap_init(struct netif *netif)
{
    struct netif_tap *tap = (struct netif_tap *)netif->state;

    tap->netif = netif;
    memcpy(netif->name, "tp", 2);
    netif->hwaddr_len = sizeof tap->mac;
    memcpy(netif->hwaddr, tap->mac, sizeof tap->mac);
    netif->mtu = tap->mtu;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
                   NETIF_FLAG_IGMP | NETIF_FLAG_MLD6 | NETIF_FLAG_LINK_UP;
    /* Else the stack does it, for what it copies anyway. */
    if (tap->device.csum)
        netif->flags |= NETIF_FLAG_SUMS;
    netif->output = etharp_output;
    netif->output_ip6 = ethip6_output;
    netif->linkoutput = send_frame;
    sys_thread_new("tap", receive_frames, tap, DEFAULT_THREAD_STACKSIZE, DEFAULT_THREAD_PRIO);
    return ERR_OK;
}

int netif_tap_open(const char *name)
{
    struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), size = 10, little = 1;

    if (fd < 0)
        return -1;
    strncpy(r.ifr_name, name, sizeof r.ifr_name - 1);
    if (ioctl(fd, TUNSETIFF, &r) == 0 && ioctl(fd, TUNSETVNETHDRSZ, &size) == 0 &&
        ioctl(fd, TUNSETVNETLE, &little) == 0 &&
        ioctl(fd, TUNSETOFFLOAD, (unsigned long)(TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)) == 0)
        return fd;
    close(fd);
    return -1;
}
