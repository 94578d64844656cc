// SPDX-License-Identifier: MIT
#include "capture.h"

#include "print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is read from a file at once: few system calls, and bytes that are still in the CPU's cache
 * when they are looked at. Four times as much is slower. */
enum {
    BUFFER = 128 << 10
};

/* How the link header tells what follows it. */
enum how {
    HOW_ETHERNET, /* EtherType at `field`; the library reads the header itself */
    HOW_COOKED,   /* EtherType at `field`; the header is stripped */
    HOW_FAMILY,   /* address family at `field`, 32 bits; the header is stripped */
    HOW_RAW,      /* by the first half byte of the IP header */
    HOW_IPV4,
    HOW_IPV6
};

/* Linux, 4.4BSD and OpenBSD number raw IP differently, and old libpcaps don't know cooked v2. */
enum {
    RAW_LINUX = 12,
    RAW_OPENBSD = 14,
    RAW_FILE = 101,
    COOKED_V2 = 276
};

static const struct link_type {
    int dlt;
    size_t header, field;
    enum how how;
} link_types[] = {
    {DLT_EN10MB, 14, 12, HOW_ETHERNET}, {DLT_LINUX_SLL, 16, 14, HOW_COOKED},
    {COOKED_V2, 20, 0, HOW_COOKED},     {DLT_NULL, 4, 0, HOW_FAMILY},
    {DLT_LOOP, 4, 0, HOW_FAMILY},       {RAW_LINUX, 0, 0, HOW_RAW},
    {RAW_OPENBSD, 0, 0, HOW_RAW},       {RAW_FILE, 0, 0, HOW_RAW},
    {DLT_IPV4, 0, 0, HOW_IPV4},         {DLT_IPV6, 0, 0, HOW_IPV6},
};

static const struct link_type *link_type_find(int dlt)
{
    for (size_t i = 0; i < sizeof link_types / sizeof *link_types; i++)
        if (link_types[i].dlt == dlt)
            return &link_types[i];
    return NULL;
}

/* The EtherType of an address family as Linux and the BSDs number them, in either byte order. */
static unsigned family_ethertype(const uint8_t *p)
{
    unsigned family = be16(p) ? (be16(p + 2) ? 0 : (unsigned)p[1] << 8 | p[0]) : be16(p + 2);

    switch (family) {
    case 2:
        return ETHERTYPE_IPV4;
    case 10: /* Linux */
    case 24: /* NetBSD, OpenBSD */
    case 28: /* FreeBSD */
    case 30: /* Darwin */
        return ETHERTYPE_IPV6;
    default:
        return 0;
    }
}

static bool is_tag(unsigned ethertype)
{
    return ethertype == 0x8100 || ethertype == 0x88A8 || ethertype == 0x9100;
}

static void read_tags(struct packet *p, size_t len)
{
    while (is_tag(p->ethertype) && p->vlans < VLAN_TAGS_MAX && p->l3 + 4 <= len) {
        p->vlan[p->vlans++] = be16(p->bytes + p->l3) & 0x0FFF;
        p->ethertype = be16(p->bytes + p->l3 + 2);
        p->l3 += 4;
    }
}

static unsigned read_ethertype(const struct link_type *link, const struct packet *p, size_t len)
{
    unsigned version = p->l3 < len ? p->bytes[p->l3] >> 4 : 0;

    switch (link->how) {
    case HOW_ETHERNET:
    case HOW_COOKED:
        return be16(p->bytes + link->field);
    case HOW_FAMILY:
        return family_ethertype(p->bytes + link->field);
    case HOW_IPV4:
        return ETHERTYPE_IPV4;
    case HOW_IPV6:
        return ETHERTYPE_IPV6;
    case HOW_RAW:
        break;
    }
    return version == 4 ? ETHERTYPE_IPV4 : version == 6 ? ETHERTYPE_IPV6 : 0;
}

static void read_link_header(const struct link_type *link, struct packet *p)
{
    size_t len = p->header->caplen;
    unsigned version;

    p->l3 = link->header;
    if (len < p->l3) {
        p->status = CSUMOFF_ETRUNC;
        return;
    }
    p->ethertype = read_ethertype(link, p, len);
    if (link->how == HOW_ETHERNET || link->how == HOW_COOKED)
        read_tags(p, len);
    if (link->how == HOW_ETHERNET)
        return;

    p->start = p->l3;
    p->link = CSUMOFF_LINK_IP;
    if (link->how == HOW_RAW)
        return;
    version = p->ethertype == ETHERTYPE_IPV4 ? 4 : 6;
    if (is_tag(p->ethertype) && p->vlans < VLAN_TAGS_MAX)
        p->status = CSUMOFF_ETRUNC;
    else if (p->ethertype != ETHERTYPE_IPV4 && p->ethertype != ETHERTYPE_IPV6)
        p->status = CSUMOFF_EPROTO;
    else if (p->l3 < len && p->bytes[p->l3] >> 4 != version)
        p->status = CSUMOFF_EHDR;
}

/*
 * Reads the magic number and puts it back, for libpcap doesn't tell the resolution of a file.
 * C promises one byte of room to put back; every libc has it for bytes that were just read.
 */
static bool peek_resolution(struct capture *c)
{
    static const uint8_t micro[][4] = {{0xA1, 0xB2, 0xC3, 0xD4},
                                       {0xD4, 0xC3, 0xB2, 0xA1},
                                       {0xA1, 0xB2, 0xCD, 0x34},
                                       {0x34, 0xCD, 0xB2, 0xA1}};
    uint8_t magic[4];
    size_t n = fread(magic, 1, sizeof magic, c->file);

    if (n == 0) {
        complain("%s: %s", c->name, ferror(c->file) ? strerror(errno) : "an empty file");
        return false;
    }
    c->is_nano = true;
    for (size_t i = 0; i < 4; i++)
        c->is_nano = c->is_nano && memcmp(magic, micro[i], sizeof magic) != 0;
    while (n > 0) {
        if (ungetc(magic[--n], c->file) == EOF) {
            complain("%s: can't be read twice", c->name);
            return false;
        }
    }
    return true;
}

static bool open_pcap(struct capture *c)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    int dlt;

    if (!peek_resolution(c))
        return false;
    c->pcap = pcap_fopen_offline_with_tstamp_precision(
        c->file, c->is_nano ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO, why);
    if (!c->pcap) {
        complain("%s: not a capture: %s", c->name, why);
        return false;
    }
    dlt = pcap_datalink(c->pcap);
    c->link = link_type_find(dlt);
    if (!c->link) {
        const char *name = pcap_datalink_val_to_name(dlt);

        complain("%s: link type %d (%s) is not supported", c->name, dlt, name ? name : "unknown");
        return false;
    }
    return true;
}

bool capture_open(struct capture *c, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    struct stat st;

    *c = (struct capture){.name = is_stdin ? "standard input" : path, .size = -1};
    c->file = is_stdin ? fdopen(dup(STDIN_FILENO), "rb") : fopen(path, "rb");
    if (!c->file) {
        complain("%s: %s", c->name, strerror(errno));
        return false;
    }
    /* A NULL buffer would leave its size to the C library, which takes a block of the disk. */
    c->buffer = malloc(BUFFER);
    if (c->buffer)
        setvbuf(c->file, c->buffer, _IOFBF, BUFFER);
    if (fstat(fileno(c->file), &st) == 0 && S_ISREG(st.st_mode))
        c->size = st.st_size;
    if (open_pcap(c))
        return true;
    capture_close(c);
    return false;
}

int capture_next(struct capture *c, struct packet *p)
{
    int got;

    memset(p, 0, sizeof *p);
    got = pcap_next_ex(c->pcap, &p->header, &p->bytes);
    if (got == PCAP_ERROR_BREAK)
        return 0;
    if (got != 1) {
        complain("%s: packet %llu: %s", c->name, (unsigned long long)c->packets + 1,
                 pcap_geterr(c->pcap));
        return -1;
    }
    p->number = ++c->packets;
    p->is_snapped = p->header->caplen < p->header->len;
    p->is_at_snaplen = p->header->caplen == (bpf_u_int32)pcap_snapshot(c->pcap);
    read_link_header(c->link, p);
    if (!c->is_quiet && progress_is_due(c->packets))
        progress(c->packets, c->size > 0 ? (double)ftello(c->file) / (double)c->size : -1);
    return 1;
}

void capture_close(struct capture *c)
{
    progress_erase();
    if (c->pcap)
        pcap_close(c->pcap);
    else if (c->file)
        fclose(c->file);
    free(c->buffer);
    c->buffer = NULL;
    c->pcap = NULL;
    c->file = NULL;
}

pcap_t *capture_kind(const struct capture *c)
{
    /* Of the numbers for raw IP libpcap writes only its own. */
    int dlt = c->link->how == HOW_RAW ? DLT_RAW : c->link->dlt;

    return pcap_open_dead_with_tstamp_precision(dlt, pcap_snapshot(c->pcap),
                                                (u_int)pcap_get_tstamp_precision(c->pcap));
}
