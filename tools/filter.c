// SPDX-License-Identifier: MIT
#include "filter.h"

#include "print.h"

#include <errno.h>
#include <string.h>

enum {
    SNAPLEN =
        262144 /* the value that a program returns for a packet that matches; any but 0 will do */
};

/* Returns a handle for packets of a link type. libpcap only takes the type's number from a file. */
static pcap_t *open_empty(int link, char why[PCAP_ERRBUF_SIZE])
{
    const uint32_t header[] = {0xA1B2C3D4, 0, 0, 0, SNAPLEN, (uint32_t)link};
    const uint16_t version[] = {2, 4};
    char bytes[sizeof header];
    FILE *file;
    pcap_t *pcap;

    memcpy(bytes, header, sizeof header);
    memcpy(bytes + 4, version, sizeof version);
    file = fmemopen(bytes, sizeof bytes, "rb");
    if (!file) {
        snprintf(why, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
        return NULL;
    }
    pcap = pcap_fopen_offline(file, why);
    if (!pcap)
        fclose(file);
    return pcap;
}

static struct filter_program *compile(struct filter *f, const char *name, int link)
{
    struct filter_program *program = &f->of[f->count];
    char why[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap;

    if (f->count == FILTER_LINKS) {
        complain("%s: too many link types for --filter", name);
        return NULL;
    }
    program->link = link;
    pcap = open_empty(link, why);
    if (!pcap || pcap_compile(pcap, &program->code, f->expression, 1, PCAP_NETMASK_UNKNOWN)) {
        complain("%s: --filter: %s", name, pcap ? pcap_geterr(pcap) : why);
        program = NULL;
    }
    if (pcap)
        pcap_close(pcap);
    f->count += program != NULL;
    return program;
}

/* Returns the program for packets of a link type, or NULL after a complaint. */
static struct filter_program *find_program(struct filter *f, const char *name, int link)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->of[i].link == link)
            return &f->of[i];
    return compile(f, name, link);
}

/* Returns the number of a link type, for libpcap. Raw IP has several; libpcap compiles for one of
 * them. */
static int link_of(const struct interface *interface)
{
    const int link = (int)interface->link_number;

    return link == 12 || link == 14 ? 101 : link;
}

bool filter_open(struct filter *f, const struct capture *c)
{
    /* Of pcapng the packets themselves tell. */
    return !f->expression || c->is_pcapng ||
           find_program(f, c->name, link_of(&c->classic.interface));
}

int filter_matches(struct filter *f, const struct capture *c, const struct packet *p)
{
    const struct interface *interface = p->record->interface;
    const struct filter_program *program;

    if (!f->expression)
        return 1;
    if (!interface->link)
        return 0; /* libpcap's words may have no meaning for it */
    program = find_program(f, c->name, link_of(interface));
    if (!program)
        return -1;
    return pcap_offline_filter(&program->code, p->header, p->bytes) != 0;
}

void filter_close(struct filter *f)
{
    for (size_t i = 0; i < f->count; i++)
        pcap_freecode(&f->of[i].code);
    f->count = 0;
}
