// SPDX-License-Identifier: MIT
/*
 * Domain 0's side: a bridge with an address of its own, and a TAP that can offload nothing, so that
 * what comes out of it was finished by the kernel, or is as it was sent. A failure here ends the
 * program: nothing could be judged without it.
 */
#ifndef CSUMOFF_TESTS_XEN_RIG_H
#define CSUMOFF_TESTS_XEN_RIG_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RIG_MTU = 65000, /* so that the bridge passes whatever fits the slots */
    RIG_BEHIND = 77  /* a host that is found behind a domain */
};

/* What a TAP takes and gives. */
struct packet {
    struct virtio_net_hdr hdr;
    size_t len;
    uint8_t bytes[65536];
};

__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);

/* The bridge is 10.0.0.1 and fd00::1, the sink its only port. */
void rig_new(void);

/* Plugs a network device into the bridge, and waits until it forwards. */
void rig_add_port(const char *name, int mtu);

/* Whether what comes in by a port may leave by it. */
void rig_hairpin(const char *name, bool on);

/* Room in a device's queue, so that nobody is faster than its reader. */
void rig_queue(const char *name, int frames);

/* What the rest of the rig is made of, for other interfaces. A TAP can offload nothing. */
struct ifreq;
bool rig_put(const char *path, const char *text);
void rig_ask(const char *name, unsigned long request, struct ifreq *r);
void rig_set_up(const char *name, int mtu);
void rig_set_addresses(const char *name, uint8_t host);
int rig_tap(const char *name);
bool tap_read(int tap, struct packet *packet, int ms);
bool tap_write(int tap, const struct packet *packet);

/* A neighbour at 10.0.0.`host` and fd00::`host`, so that nobody has to ask for it. */
void rig_neighbour(uint8_t host, const uint8_t mac[6]);
void rig_address(int version, uint8_t host, uint8_t *bytes);
const uint8_t *rig_mac(void); /* the bridge's */

/* False: nothing comes within `ms`. */
bool sink_read(struct packet *packet, int ms);
/* Lets the sink be a sender: whether the kernel takes the packet. */
bool sink_write(const struct packet *packet);
int sink_file(void); /* for poll() */

/* A file with one number, below /sys/class/net; -1: it isn't there, or can't be read. */
long rig_number(const char *device, const char *file);

#endif
