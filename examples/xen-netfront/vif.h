// SPDX-License-Identifier: MIT
/*
 * What a toolstack does for a guest: the two xenstore directories of a vif. Here both ends are
 * domain 0, so that a frontend can be tried without a guest.
 */
#ifndef VIF_H
#define VIF_H

#include <stdint.h>

/* Where the frontend of vif number `handle` lives: for ring_open(). In a static buffer. */
const char *vif_device(unsigned handle);

/* Plugs vif0.`handle` in, without what an earlier one left; its network device is vif0.`handle`.
 * 0, or an errno value. */
int vif_plug(unsigned handle, const uint8_t mac[6]);

/* Changes a key of the backend's directory: an administrator's switch. */
int vif_write_backend_key(unsigned handle, const char *key, const char *value);

/* Takes it out, and waits until its device is gone; after ring_close(). */
void vif_unplug(unsigned handle);

#endif
