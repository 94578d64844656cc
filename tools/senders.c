// SPDX-License-Identifier: MIT
#include "senders.h"

#include "address.h"
#include "print.h"
#include "terminal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLACES = 1 << 16,
    TRIES = 16, /* places tried for an address: few, so that no choice of addresses makes it slow */
    ROWS = 20   /* of text */
};

void senders_open(struct senders *s)
{
    *s = (struct senders){.table = calloc(PLACES, sizeof *s->table)};
    if (!s->table)
        exit(complain("%s", strerror(errno)));
}

void senders_close(struct senders *s)
{
    free(s->table);
    s->table = NULL;
}

/* Mixes an address so that neighbours are spread. Against addresses that were chosen to collide
 * TRIES protects. */
static size_t place_of(const uint8_t *address, size_t size)
{
    uint64_t hash = size;

    for (size_t i = 0; i < size; i++)
        hash = ((hash ^ address[i]) & 0xFFFFFFFFFF) * 0x9E3779;
    return (size_t)(hash >> 20) % PLACES;
}

static bool is_sender(const struct sender *s, const struct flow *f, size_t size)
{
    return s->ip_version == f->ip_version && memcmp(s->address, f->source, size) == 0;
}

static void add_up(struct sender *to, const struct sender *from)
{
    to->packets += from->packets;
    to->bad += from->bad;
    to->seeded += from->seeded;
}

/* Returns the place of a sender, or that of all others. If all places tried are taken, a sender of
 * wrong checksums replaces the one with the fewest packets that sends none. */
static struct sender *find_sender(struct senders *s, const struct flow *f, bool is_bad)
{
    size_t size = f->ip_version == 4 ? 4 : 16, first = place_of(f->source, size);
    struct sender *least = NULL;

    for (size_t i = 0; i < TRIES; i++) {
        struct sender *at = &s->table[(first + i) % PLACES];

        if (!at->ip_version) {
            least = at;
            break;
        }
        if (is_sender(at, f, size))
            return at;
        if (is_bad && at->bad == 0 && (!least || at->packets < least->packets))
            least = at;
    }
    if (!least)
        return &s->others;
    add_up(&s->others, least);
    *least = (struct sender){.ip_version = f->ip_version};
    memcpy(least->address, f->source, size);
    return least;
}

void senders_add(struct senders *s, const struct judged *j, const struct flow *f)
{
    enum verdict verdict = j->of[j->worst].overall;
    struct sender *sender = f->ip_version ? find_sender(s, f, verdict == BAD) : &s->none;

    sender->packets++;
    sender->bad += verdict == BAD;
    sender->seeded += verdict == SEEDED || verdict == SEEDED_GSO;
}

static int worst_first(const void *a, const void *b)
{
    const struct sender *x = a, *y = b;

    if (!x->ip_version || !y->ip_version)
        return !x->ip_version - !y->ip_version;
    if (x->bad != y->bad)
        return x->bad < y->bad ? 1 : -1;
    if (x->seeded != y->seeded)
        return x->seeded < y->seeded ? 1 : -1;
    if (x->packets != y->packets)
        return x->packets < y->packets ? 1 : -1;
    if (x->ip_version != y->ip_version)
        return x->ip_version < y->ip_version ? -1 : 1;
    return memcmp(x->address, y->address, sizeof x->address);
}

void senders_sort(struct senders *s)
{
    qsort(s->table, PLACES, sizeof *s->table, worst_first);
    s->count = 0;
    while (s->count < PLACES && s->table[s->count].ip_version)
        s->count++;
}

static void print_row(const struct sender *s)
{
    print("%9" PRIu64 "  %s%9" PRIu64 "%s  %9" PRIu64 "  ", s->packets,
          tint(s->bad ? TINT_BAD : TINT_NONE), s->bad, untint(), s->seeded);
}

void senders_print(const struct senders *s)
{
    struct sender rest = s->others;
    char address[INET6_ADDRSTRLEN];

    print("\n%s%9s  %9s  %9s  %s%s\n", tint(TINT_FAINT), "packets", "BAD", "SEEDED", "sender",
          untint());
    for (size_t i = 0; i < s->count; i++) {
        if (i >= ROWS) {
            add_up(&rest, &s->table[i]);
            continue;
        }
        print_row(&s->table[i]);
        address_format(address, s->table[i].ip_version, s->table[i].address);
        print("%s\n", address);
    }
    if (rest.packets) {
        print_row(&rest);
        print("%s\n", s->others.packets ? "others, more than the table holds" : "others");
    }
    if (s->none.packets) {
        print_row(&s->none);
        print("without an IP address\n");
    }
}

static void json_counts(const struct sender *s)
{
    print("\"packets\":%" PRIu64 ",\"bad\":%" PRIu64 ",\"seeded\":%" PRIu64 "}", s->packets, s->bad,
          s->seeded);
}

void senders_json(const struct senders *s)
{
    char address[INET6_ADDRSTRLEN];

    print("\"senders\":[");
    for (size_t i = 0; i < s->count; i++) {
        address_format(address, s->table[i].ip_version, s->table[i].address);
        print("%s{\"address\":\"%s\",", i ? "," : "", address);
        json_counts(&s->table[i]);
    }
    print("],\"other_senders\":{");
    json_counts(&s->others);
    print(",\"no_sender\":{");
    json_counts(&s->none);
}
