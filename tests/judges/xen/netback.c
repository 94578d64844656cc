// SPDX-License-Identifier: MIT
/*
 * csumoff and examples/xen-netfront against Linux's xen-netback, both ends in domain 0 (run boots
 * it). TAP on standard output; each test is also a row of a table, marked "#|".
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "cases.h"
#include "vif.h"

const struct csumoff_netfront_caps everything = {true, true, true, true, true};

void guest_connect(struct guest *guest, const struct csumoff_netfront_caps *mine,
                   const struct switched *backend)
{
    struct ring *ring;
    char device[16];

    guest->mine = *mine;
    if (vif_plug(guest->handle, guest->mac))
        die("cannot plug vif %u in", guest->handle);
    if (ring_open(&ring, vif_device(guest->handle)))
        die("no backend for vif %u", guest->handle);
    for (; backend && backend->key; backend++)
        if (vif_write_backend_key(guest->handle, backend->key, backend->value))
            die("cannot write %s", backend->key);
    if (offload_connect(&guest->offload, ring, mine))
        die("the backend of vif %u does not connect", guest->handle);
    snprintf(device, sizeof device, "vif0.%u", guest->handle);
    rig_add_port(device, mine->sg ? RIG_MTU : 1500); /* what fits a slot */
}

void guest_close(struct guest *guest)
{
    ring_close(guest->offload.ring);
    vif_unplug(guest->handle);
    guest->offload.ring = NULL;
}

int main(void)
{
    static struct guest one = {.handle = 0, .mac = {2, 0, 0, 0, 0, 2}, .host = 2};
    static struct guest two = {.handle = 1, .mac = {2, 0, 0, 0, 0, 3}, .host = 3};
    struct utsname system;
    char text[64];
    unsigned failed;

    random_numbers = rng_new(0);
    uname(&system);
    printf("# Linux %s\n", system.release);
    rig_new();
    rig_neighbour(one.host, one.mac);
    rig_neighbour(two.host, two.mac);
    guest_connect(&one, &everything, NULL);
    cases_sending(&one);
    cases_encapsulated(&one);
    cases_from_tun(&one);
    cases_switches(&one);
    cases_many(&one);
    cases_receiving(&one);
    cases_forwarding(&one, &two);
    cases_fatal(&one);
    guest_close(&one);
    snprintf(text, sizeof text, "%lu foretold wrongly", frames_mispredicted);
    row_other(frames_mispredicted == 0, "csumoff_netback_drops_slots() of all frames sent", "-",
              "-", text);
    snprintf(text, sizeof text, "%ld lost", rig_number("sink", "statistics/tx_dropped"));
    row_other(rig_number("sink", "statistics/tx_dropped") == 0, "the sink's own queue", "-", "-",
              text);
    printf("# %lu frames sent\n", frames_sent);
    failed = table_close();
    return failed ? 1 : 0;
}
