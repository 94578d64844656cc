// SPDX-License-Identifier: MIT
/*
 * The running Linux kernel as a judge: a network namespace of the test's own, TAPs as its network
 * cards, and what the kernel counted. Virtio-net headers are in the machine's own byte order, as
 * TAPs and packet sockets take them unless told otherwise. What fails here fails the test.
 */
#ifndef CSUMOFF_TESTS_KERNEL_H
#define CSUMOFF_TESTS_KERNEL_H

#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Newer than the oldest headers this builds with. */
#define OFFLOAD_USO4 0x20u
#define OFFLOAD_USO6 0x40u
#define GSO_UDP_L4   5

enum {
    FRAME_MOST = 65535
};

struct tap {
    int fd;
    char name[16];
    uint8_t mac[6];
};

/* What a TAP or a packet socket takes and gives. */
struct packet {
    struct virtio_net_hdr hdr;
    size_t len;
    uint8_t bytes[FRAME_MOST];
};

/* NULL, or why there can be no such judge here. Without root: in a user namespace. */
const char *kernel_missing(void);

/* Prints what TAP calls a skipped suite; returns the exit status. */
int kernel_skipped(const char *why);

/* A namespace without interfaces but `lo`, quiet by itself, that forwards. */
void machine_new(void);

/* Writes a value to /proc/sys/net/PATH; false where the kernel has no such setting. */
bool kernel_setting(const char *path, const char *value);

/* An interface that is up; `offloads`: TUN_F_*. It needs no neighbours: what is sent to anyone
 * goes out, to its own address (IFF_NOARP; arp_constructor(), ndisc_constructor()). */
void tap_new(struct tap *tap, const char *name, unsigned offloads, int mtu);

/* The same, but packets begin with their IP header: a TUN. */
void tun_new(struct tap *tun, const char *name, unsigned offloads, int mtu);

/* Takes that back, of a TAP that somebody else may have made: it is up, asks for neighbours and
 * answers them. */
void tap_neighbours(const struct tap *tap);

/* Machine `host` of network `net`: 10.0.net.host/24 and 2001:db8:net::host/64. */
void tap_address(const struct tap *tap, int net, int host);
void address_bytes(int version, int net, int host, uint8_t *bytes);

/* False where the kernel has no bridges. */
bool bridge_new(const struct tap *const *ports, size_t count);

/* 0, or what the kernel says against the packet (errno). */
int tap_write(const struct tap *tap, const struct packet *packet);

/* False when nothing comes within `ms`. What the kernel sends by itself (neighbours, multicast
 * listeners) isn't seen; nor are frames under 14 bytes. */
bool tap_read(const struct tap *tap, struct packet *packet, int ms);

/* The same, and what the kernel sends by itself is seen, too. */
bool tap_read_all(const struct tap *tap, struct packet *packet, int ms);

/* A packet socket that sends out of this TAP what has a virtio-net header (PACKET_VNET_HDR). */
int injector_new(const struct tap *tap);
int inject(int injector, const struct packet *packet);

/* Sends a frame that nothing else looks like: what comes out of the TAP before it is all that came
 * of what was sent before it. The kernel keeps the order. */
void send_mark(int injector);
bool is_mark(const struct packet *packet);

/* A datagram socket that is bound there and doesn't block. */
int udp_socket(int version, int net, int host, uint16_t port);

/* An address of that machine, for a socket; returns its size. */
union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};
socklen_t socket_address(union socket_address *a, int version, int net, int host, uint16_t port);

/* Prints that a test of a suite is skipped, and why. */
void kernel_lacks(const char *test, const char *why);

/* Fails where a byte of ours is another one than the kernel's, and says which. */
void check_kernels_bytes(const char *what, const uint8_t *ours, const uint8_t *kernels, size_t len);

/* A number in /proc/net/FILE: "Udp InCsumErrors" in rows of names above rows of numbers, or the
 * one word of a line of its own. */
uint64_t counter(const char *file, const char *group, const char *name);

#endif
