// SPDX-License-Identifier: MIT
/* lwip-guest TAP [trust]: a guest on a TAP of this name, with echoes on port 7. README.md. */
#include <csumoff.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"
#include "netif_tap.h"
#include "sums.h"

static struct netif netif;
static struct netif_tap tap = {.form = CSUMOFF_VIRTIO_LITTLE,
                               .device = {.csum = true},
                               .mtu = 1500,
                               .mac = {2, 0, 0, 0, 0, 2}};

static void report(void)
{
    printf("received: %zu checked, %zu of them wrong, %zu spared; sent: %zu made, %zu left to the "
           "netif, %zu summed while copied\n",
           atomic_load(&sums_counts.checked), atomic_load(&sums_counts.wrong),
           atomic_load(&sums_counts.spared), atomic_load(&sums_counts.made),
           atomic_load(&sums_counts.left), atomic_load(&sums_counts.copied));
}

int main(int argc, char **argv)
{
    char byte;

    if (argc < 2 || (argc > 2 && strcmp(argv[2], "trust") != 0)) {
        fprintf(stderr, "usage: lwip-guest TAP [trust]\n");
        return 2;
    }
    tap.trust = argc > 2;
    tap.fd = netif_tap_open(argv[1]);
    if (tap.fd < 0) {
        perror(argv[1]);
        return 1;
    }
    guest_start();
    if (!guest_attach(&netif, netif_tap_init, &tap, "10.0.1.2", "2001:db8:1::2") ||
        !guest_echo(7)) {
        fprintf(stderr, "lwip-guest: lwIP refuses\n");
        return 1;
    }
    printf("10.0.1.2 and 2001:db8:1::2 on %s echo on port 7, sums by %s; until standard input "
           "ends\n",
           argv[1], csumoff_kernel_active());
    fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    report();
    fflush(stdout);
    _exit(0); /* lwIP's threads run on */
}
