// SPDX-License-Identifier: MIT
// The recorded frames of one topic: naming, storing, checking and writing them.
#ifndef CAPTURE_H
#define CAPTURE_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>

struct frame {
    char kind[48];
    const char *origin;
    struct virtio_net_hdr hdr;
    struct timeval time;
    size_t length;
    uint8_t *bytes;
};

struct capture {
    // What to record; a topic changes these while frames flow.
    bool off;
    bool gso_only;
    bool neighbours;     // keep ARP and neighbour discovery
    int tags;            // VLAN tags the recorder itself puts on each frame
    const char *variant; // appended to each kind

    struct frame *frames;
    size_t count;
};

_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Names the frame and stores a copy; background frames are ignored.
void capture_add(struct capture *c, const struct virtio_net_hdr *hdr, const uint8_t *bytes,
                 size_t length);

// Every NEEDS_CSUM field lies inside its frame, and every kind of the space-separated list was
// recorded ("+kind": and seeded at least once). Prints what is wrong and returns false.
bool capture_check(const struct capture *c, const char *topic, const char *expected);

void capture_write(const struct capture *c, const char *directory, const char *topic);
void capture_free(struct capture *c);

#endif
