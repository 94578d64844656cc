// SPDX-License-Identifier: MIT
#include "store.h"

#include "console.h"
#include "memory.h"
#include "xen.h"

static size_t length(const char *text)
{
    size_t len = 0;

    while (text[len])
        len++;
    return len;
}

static void put(const void *data, size_t len)
{
    struct xenstore_domain_interface *store = xen.store;
    const char *from = (const char *)data;

    while (len--) {
        const char next = *from++; // NOLINT(clang-analyzer-core.*): a header's bytes are all set

        while (store->req_prod - store->req_cons == XENSTORE_RING_SIZE) {
            xen_notify(xen.store_port);
            xen_wait(xen.store_port, 10);
        }
        xen_mb();
        store->req[MASK_XENSTORE_IDX(store->req_prod)] = next;
        xen_wmb();
        store->req_prod++;
    }
}

/* `to` receives what there is room for. */
static void take(void *to, size_t len, size_t room)
{
    struct xenstore_domain_interface *store = xen.store;
    char *out = (char *)to;

    for (size_t i = 0; i < len; i++) {
        while (store->rsp_prod == store->rsp_cons)
            xen_wait(xen.store_port, 10);
        xen_rmb();
        if (i < room)
            out[i] = store->rsp[MASK_XENSTORE_IDX(store->rsp_cons)];
        xen_mb();
        store->rsp_cons++;
    }
    xen_notify(xen.store_port);
}

/* One request, and its answer as a text. One is under way at a time, so that no numbers are needed
 * to tell them apart. */
static bool ask(uint32_t type, const char *path, const char *value, char answer[STORE_VALUE])
{
    const size_t path_len = length(path) + 1, value_len = value ? length(value) : 0;
    struct xsd_sockmsg header = {.type = type, .len = (uint32_t)(path_len + value_len)};

    put(&header, sizeof header);
    put(path, path_len);
    put(value, value_len);
    xen_notify(xen.store_port);
    take(&header, sizeof header, sizeof header);
    take(answer, header.len, STORE_VALUE - 1);
    answer[header.len < STORE_VALUE ? header.len : 0] = 0;
    return header.type == type && header.len < STORE_VALUE;
}

bool store_read(const char *path, char value[STORE_VALUE])
{
    return ask(XS_READ, path, NULL, value);
}

bool store_write(const char *path, const char *value)
{
    char answer[STORE_VALUE];

    return ask(XS_WRITE, path, value, answer);
}

void store_path(char path[STORE_PATH], const char *directory, const char *key)
{
    const size_t len = length(directory), more = length(key) + 1;

    if (len + 1 + more > STORE_PATH)
        panic("a path of xenstore is too long");
    memcpy(path, directory, len);
    path[len] = '/';
    memcpy(path + len + 1, key, more);
}
