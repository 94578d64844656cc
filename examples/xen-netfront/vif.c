// SPDX-License-Identifier: MIT
#include "vif.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xenstore.h>

static const char *backend(unsigned handle)
{
    static char path[64];

    snprintf(path, sizeof path, "/local/domain/0/backend/vif/0/%u", handle);
    return path;
}

const char *vif_device(unsigned handle)
{
    static char path[64];

    snprintf(path, sizeof path, "/local/domain/0/device/vif/%u", handle);
    return path;
}

static bool put(struct xs_handle *store, const char *directory, const char *key, const char *value)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", directory, key);
    return xs_write(store, XBT_NULL, path, value, (unsigned)strlen(value));
}

static void remove_both(struct xs_handle *store, unsigned handle)
{
    xs_rm(store, XBT_NULL, vif_device(handle));
    xs_rm(store, XBT_NULL, backend(handle));
}

int vif_plug(unsigned handle, const uint8_t mac[6])
{
    struct xs_handle *store = xs_open(0);
    const char *front = vif_device(handle), *back = backend(handle);
    char mac_text[18], number[16];
    bool done;

    if (!store)
        return errno;
    snprintf(number, sizeof number, "%u", handle);
    snprintf(mac_text, sizeof mac_text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
             mac[3], mac[4], mac[5]);
    remove_both(store, handle);
    /* The states come last: with them the backend begins. */
    done = put(store, front, "backend", back) && put(store, front, "backend-id", "0") &&
           put(store, front, "handle", number) && put(store, front, "mac", mac_text) &&
           put(store, back, "frontend", front) && put(store, back, "frontend-id", "0") &&
           put(store, back, "handle", number) && put(store, back, "mac", mac_text) &&
           put(store, back, "online", "1") && put(store, back, "script", "none") &&
           put(store, back, "hotplug-status", "connected") && put(store, front, "state", "1") &&
           put(store, back, "state", "1");
    xs_close(store);
    return done ? 0 : EIO;
}

int vif_write_backend_key(unsigned handle, const char *key, const char *value)
{
    struct xs_handle *store = xs_open(0);
    bool done = store && put(store, backend(handle), key, value);

    xs_close(store);
    return done ? 0 : EIO;
}

void vif_unplug(unsigned handle)
{
    struct xs_handle *store = xs_open(0);
    char path[64];

    snprintf(path, sizeof path, "/sys/bus/xen-backend/devices/vif-0-%u", handle);
    if (store)
        remove_both(store, handle);
    xs_close(store);
    /* The next one of this number must not be taken for this one. */
    for (int tries = 0; access(path, F_OK) == 0 && tries < 3000; tries++)
        usleep(10000);
}
