// SPDX-License-Identifier: MIT
#include "domain.h"

#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xenstore.h>

#include "../../oracle/frames.h"
#include "../../oracle/reference.h"
#include "table.h"

enum {
    ETHERNET = 14,
    AGAIN_MS = 100,
    WAIT_MS = 40000 /* a guest itself waits up to 30 s for its backend */
};

static const char script[] = "/etc/xen/scripts/connect";

/* ---- xl -------------------------------------------------------------------------------------- */

static void run(const char *what, const char *word)
{
    char command[128];

    snprintf(command, sizeof command, "xl %s %s", what, word);
    if (system(command) != 0) // NOLINT(cert-env33-c): nobody else is here
        die("%s", command);
}

static void write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "we");

    if (!out || fputs(text, out) < 0 || fclose(out) != 0)
        die("%s", path);
}

static void write_config(const struct domain *d, const char *options, char *path, size_t room)
{
    const uint8_t *mac = d->end.mac;
    char text[512];

    snprintf(path, room, "/run/%s.cfg", d->name);
    snprintf(text, sizeof text,
             "name = '%s'\nkernel = '/domains/%s'\ntype = '%s'\nmemory = 8\nextra = '%s'\n"
             "vif = ['mac=%02x:%02x:%02x:%02x:%02x:%02x,script=connect']\n"
             "shadow_memory = 2\non_poweroff = 'destroy'\non_crash = 'preserve'\non_reboot = "
             "'destroy'\n",
             d->name, d->kind, strncmp(d->kind, "pvh", 3) == 0 ? "pvh" : "pv", options, mac[0],
             mac[1], mac[2], mac[3], mac[4], mac[5]);
    write_file(path, text);
    write_file(script, "#!/bin/sh\n[ $1 != online ] || exec /programs/domains hotplug\n");
    chmod(script, 0700);
}

bool domain_hotplug(void)
{
    const char *backend = getenv("XENBUS_PATH");
    struct xs_handle *store = xs_open(0);
    char path[128];

    snprintf(path, sizeof path, "%s/hotplug-status", backend ? backend : "");
    return store && backend && xs_write(store, XBT_NULL, path, "connected", 9);
}

static void write_keys(const struct domain *d, const struct domain_key *keys)
{
    struct xs_handle *store = xs_open(0);
    char path[128];

    for (; store && keys && keys->key; keys++) {
        snprintf(path, sizeof path, "/local/domain/0/backend/vif/%u/0/%s", d->id, keys->key);
        if (!xs_write(store, XBT_NULL, path, keys->value, (unsigned)strlen(keys->value)))
            die("%s", path);
    }
    if (!store)
        die("no xenstore");
    xs_close(store);
}

static FILE *console_of(const struct domain *d)
{
    char path[128];

    snprintf(path, sizeof path, "/var/log/xen/console/guest-%s.log", d->name);
    return fopen(path, "re");
}

static void show_console(const struct domain *d)
{
    FILE *in = console_of(d);
    char line[128];

    while (in && fgets(line, sizeof line, in))
        printf("# %s: %s", d->name, line);
    if (in)
        fclose(in);
}

/* Returns whether a domain answers; if not, its console is shown. A backend that has just connected
 * drops a frame or two. */
static bool answers(const struct domain *d)
{
    static const struct end nobody = {.host = 98, .mac = {2, 0, 0, 0, 0xFA, 98}};
    static struct heard h;

    for (int ms = 0; ms < WAIT_MS; ms += AGAIN_MS) {
        say(&nobody, &d->end, 4, 7, 7, "", 0);
        if (hear(&nobody, &h, AGAIN_MS))
            return true;
    }
    show_console(d);
    return false;
}

bool domain_start(struct domain *d, const char *options, const struct domain_key *keys, int mtu)
{
    static unsigned ids;
    char path[64];

    d->id = ++ids;
    snprintf(d->device, sizeof d->device, "vif%u.0", d->id);
    write_config(d, options, path, sizeof path);
    run("create -q -p", path);
    write_keys(d, keys);
    run("unpause", d->name);
    for (int ms = 0; !if_nametoindex(d->device); ms += 10) {
        if (ms > WAIT_MS)
            die("domain %s has no vif", d->name);
        usleep(10000);
    }
    rig_add_port(d->device, mtu);
    rig_queue(d->device, 8192);
    return answers(d);
}

static void wait_for_end(const struct domain *d)
{
    for (int ms = 0; if_nametoindex(d->device); ms += 10) {
        if (ms > WAIT_MS)
            die("domain %s does not end", d->name);
        usleep(10000);
    }
}

void domain_end(struct domain *d)
{
    static const struct end nobody = {.host = 99, .mac = {2, 0, 0, 0, 0xFA, 99}};

    say(&nobody, &d->end, 4, 9, 9, "", 0);
    wait_for_end(d);
}

void domain_destroy(struct domain *d)
{
    run("destroy", d->name);
    wait_for_end(d);
}

long domain_count(const struct domain *d, const char *name)
{
    FILE *in = console_of(d);
    char line[128];
    long count = -1;

    while (in && fgets(line, sizeof line, in))
        if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ' ')
            count = strtol(line + strlen(name), NULL, 10);
    if (in)
        fclose(in);
    return count;
}

/* ---- Talking --------------------------------------------------------------------------------- */

static size_t put_ip(uint8_t *ip, unsigned version, const struct end *from, const struct end *to,
                     size_t l4_len)
{
    const size_t header = version == 4 ? 20 : 40, size = version == 4 ? 4 : 16;

    memset(ip, 0, header);
    ip[0] = version == 4 ? 0x45 : 0x60;
    store_wire16(ip + (version == 4 ? 2 : 4), (uint16_t)(l4_len + (version == 4 ? header : 0)));
    ip[version == 4 ? 8 : 7] = 64;
    ip[version == 4 ? 9 : 6] = UDP;
    rig_address((int)version, from->host, ip + header - 2 * size);
    rig_address((int)version, to->host, ip + header - size);
    if (version == 4)
        store_wire16(ip + 10, ref_ipv4_header(ip, header));
    return header;
}

void say(const struct end *from, const struct end *to, unsigned version, uint16_t from_port,
         uint16_t to_port, const void *data, size_t len)
{
    static struct packet p;
    uint8_t *ip = p.bytes + ETHERNET, *l4;
    const size_t l4_len = 8 + len;
    uint64_t pseudo;
    uint16_t check;

    neighbour_known(from);
    memset(&p.hdr, 0, sizeof p.hdr);
    memcpy(p.bytes, to->mac, 6);
    memcpy(p.bytes + 6, from->mac, 6);
    store_wire16(p.bytes + 12, version == 4 ? 0x0800 : 0x86DD);
    l4 = ip + put_ip(ip, version, from, to, l4_len);
    store_wire16(l4, from_port);
    store_wire16(l4 + 2, to_port);
    store_wire16(l4 + 4, (uint16_t)l4_len);
    memcpy(l4 + 8, data, len);
    pseudo = version == 4 ? ref_pseudo4(ip + 12, ip + 16, UDP, (uint32_t)l4_len)
                          : ref_pseudo6(ip + 8, ip + 24, UDP, (uint32_t)l4_len);
    check = ref_transport(pseudo, l4, l4_len, 6);
    store_wire16(l4 + 6, check ? check : 0xFFFF);
    p.len = (size_t)(l4 - p.bytes) + l4_len;
    if (!sink_write(&p))
        die("the sink takes no packet");
}

bool understand(struct heard *h)
{
    const uint8_t *ip = h->packet.bytes + ETHERNET, *l4;
    const uint16_t type = load_wire16(h->packet.bytes + 12);
    size_t l4_len, header;

    if ((type != 0x0800 && type != 0x86DD) || h->packet.len < ETHERNET + 28)
        return false;
    h->version = type == 0x0800 ? 4 : 6;
    header = h->version == 4 ? (size_t)(ip[0] % 16) * 4 : 40;
    h->proto = ip[h->version == 4 ? 9 : 6];
    h->hops = ip[h->version == 4 ? 8 : 7];
    l4 = ip + header;
    l4_len = h->version == 4 ? load_wire16(ip + 2) - header : load_wire16(ip + 4);
    if ((h->proto != UDP && h->proto != TCP) || h->packet.len < ETHERNET + header + l4_len ||
        l4_len < (h->proto == UDP ? 8 : 20))
        return false;
    h->from_port = load_wire16(l4);
    h->to_port = load_wire16(l4 + 2);
    h->sequence = (uint32_t)load_wire16(l4 + 4) << 16 | load_wire16(l4 + 6);
    h->tcp_flags = h->proto == TCP ? l4[13] : 0;
    header = h->proto == TCP ? (size_t)(l4[12] >> 4) * 4 : 8;
    h->payload = l4 + header;
    h->payload_len = l4_len - header;
    h->is_good = !(h->packet.hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) &&
                 h->packet.hdr.gso_type == VIRTIO_NET_HDR_GSO_NONE &&
                 stands(h->packet.bytes, h->packet.len, COMPLETE);
    return true;
}

bool hear(const struct end *to, struct heard *h, int ms)
{
    while (sink_read(&h->packet, ms))
        if (!neighbour_answer(&h->packet) && (!to || memcmp(h->packet.bytes, to->mac, 6) == 0) &&
            understand(h))
            return true;
    return false;
}
