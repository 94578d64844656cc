// SPDX-License-Identifier: MIT
// Two network namespaces with a TAP each; this process is the wire between them, so both ends of
// every connection are the Linux kernel's own stack.
#ifndef RIG_H
#define RIG_H

#include "capture.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
    LEFT,
    RIGHT
};

// SECOND runs inside the tunnel, or beside FIRST as the far end of a source route.
enum network {
    FIRST,
    SECOND
};

struct rig {
    struct side {
        int ns;
        int tap;
        unsigned ifindex;
        int tag_links[2];
    } side[2];
    bool uso;
    struct capture *capture;
};

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

// Root keeps its rights; anyone else gets them in a new user namespace. Exits 77 without TAPs.
void rig_prepare(void);

void rig_up(struct rig *r, struct capture *c);
void rig_down(struct rig *r);

// These return false when the running kernel can't.
bool rig_tag(struct rig *r, int tags);
bool rig_vxlan(struct rig *r, int family, bool udpcsum);

void rig_second_network(struct rig *r);

union address rig_address(int family, enum network net, int side, uint16_t port);
socklen_t rig_address_length(int family);

// A non-blocking socket of one side, bound to that side's address.
int rig_socket(struct rig *r, int side, int family, int type, int protocol, enum network net,
               uint16_t port);

// Carries frames until the socket reports one of the events; dies when it never does.
void rig_wait(struct rig *r, int fd, short events);

// Carries frames until the wire has been silent for so many milliseconds.
void rig_settle(struct rig *r, int silence);

#endif
