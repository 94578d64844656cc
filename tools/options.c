// SPDX-License-Identifier: MIT
#include "options.h"

#include "judge.h"
#include "number.h"
#include "print.h"
#include "stamp.h"
#include "terminal.h"
#include "tunnels.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <strings.h>

enum {
    MTU_USUAL = 1500,
    MTU_LEAST = 68,   /* RFC 791 */
    FIRST_LONG = 256, /* getopt's value for the first row's long name */
    HELP_COLUMN = 24
};

static bool set_color(struct options *o, const char *value)
{
    (void)o;
    if (!tint_choose(value)) {
        complain("--color is auto, always or never, not '%s'", value);
        return false;
    }
    return true;
}

static bool set_kernel(struct options *o, const char *value)
{
    o->kernel = value;
    return true;
}

static bool set_key(struct options *o, const char *value)
{
    if (o->keys == KEYS_MOST || !strchr(value, '=')) {
        complain("--key is NAME=VALUE, up to %d times", KEYS_MOST);
        return false;
    }
    o->key[o->keys++] = value;
    return true;
}

static bool set_mtu(struct options *o, const char *value)
{
    o->mtu = number_read(value, 0xFFFF);
    if (o->mtu < MTU_LEAST) {
        complain("--mtu is %d to 65535, not '%s'", MTU_LEAST, value);
        return false;
    }
    return true;
}

static bool set_tunnel(struct options *o, const char *value)
{
    (void)o;
    return tunnels_add(value);
}

static bool set_only(struct options *o, const char *value)
{
    char known[128] = "";
    size_t used = 0;

    while (value) {
        size_t len = strcspn(value, ","), v = 0;

        while (v < VERDICTS && (strlen(verdict_words[v].word) != len ||
                                strncasecmp(verdict_words[v].word, value, len) != 0))
            v++;
        if (v == VERDICTS) {
            for (v = 0; v < VERDICTS; v++)
                used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", v ? ", " : "",
                                         verdict_words[v].word);
            complain("--only: no verdict '%.*s'; there are %s", (int)len, value, known);
            return false;
        }
        o->only |= 1U << v;
        value = value[len] ? value + len + 1 : NULL;
    }
    return true;
}

static bool set_filter(struct options *o, const char *value)
{
    o->filter = value;
    return true;
}

static bool set_html(struct options *o, const char *value)
{
    o->html = value;
    return true;
}

static bool set_time(struct options *o, const char *value)
{
    if (strcmp(value, "relative") == 0) {
        o->time = STAMP_RELATIVE;
    } else if (strcmp(value, "utc") == 0) {
        o->time = STAMP_UTC;
    } else {
        complain("--time is relative or utc, not '%s'", value);
        return false;
    }
    return true;
}

/* All options. A flag sets a member of struct options to true. The value of any other option is
 * given to a function, which returns false after a complaint. Help has a line break at '\n'. */
#define FLAG(member) offsetof(struct options, member), NULL
#define VALUE(set)   0, set

static const struct row {
    const char *name;
    char letter;       /* 0: none */
    const char *value; /* what help calls it; NULL: it takes none */
    unsigned commands; /* that take it */
    size_t flag;
    bool (*set)(struct options *options, const char *value);
    const char *help;
} rows[] = {
    {"summary", 0, NULL, VERIFY | NETFRONT, FLAG(summary), "only the counts"},
    {"json", 0, NULL, VERIFY | FINISH | NETFRONT | INFO, FLAG(json), "JSON objects, one per line"},
    {"only", 0, "VERDICTS", VERIFY, VALUE(set_only),
     "show only packets with one of these verdicts, such as BAD,SEEDED;\n"
     "the counts are of all packets"},
    {"filter", 0, "EXPRESSION", VERIFY | FINISH | NETFRONT, VALUE(set_filter),
     "only packets that match an expression of tcpdump's, which\n"
     "pcap-filter(7) describes; finish copies the others unchanged"},
    {"files", 0, NULL, VERIFY, FLAG(files), "also count for each capture"},
    {"senders", 0, NULL, VERIFY, FLAG(senders),
     "also count for each source address, the worst ones first"},
    {"html", 0, "FILE", VERIFY, VALUE(set_html),
     "also write a page for a browser, in one file: counts, a timeline,\n"
     "mistakes, senders; -: write only the page, to standard output"},
    {"time", 0, "FORM", VERIFY | NETFRONT, VALUE(set_time),
     "add the time at which each packet was captured: relative (seconds\n"
     "since the first packet of the capture) or utc"},
    {"wide", 0, NULL, VERIFY | NETFRONT, FLAG(is_wide), "do not shorten rows on a terminal"},
    {"line-buffered", 'l', NULL, VERIFY | NETFRONT, FLAG(by_line),
     "write each line at once, for a reader that waits for it"},
    {"all", 0, NULL, FINISH | EXPLAIN, FLAG(all),
     "finish: recompute every checksum, the wrong ones and UDP's absent\n"
     "ones too; explain: show every byte that is summed"},
    {"fresh", 0, NULL, NETFRONT, FLAG(fresh),
     "as if the stack had made no checksum: every packet has state none"},
    {"key", 0, "NAME=VALUE", NETFRONT, VALUE(set_key),
     "a key of the backend in xenstore, such as feature-sg=0, in place of\n"
     "the one that Linux's backend writes. May be given several times"},
    {"mtu", 0, "N", NETFRONT, VALUE(set_mtu),
     "send TCP packets of more than N bytes as super-frames (GSO);\n"
     "the default is 1500"},
    {"tunnel", 0, "NAME=PORT", VERIFY | FINISH | EXPLAIN | NETFRONT, VALUE(set_tunnel),
     "also treat UDP to this port as a tunnel: vxlan, vxlan-gpe, geneve,\n"
     "gtp-u, mpls, lisp or gue. May be given several times"},
    {"kernel", 0, "NAME", EVERY, VALUE(set_kernel), "use this kernel (see csumoff info)"},
    {"color", 0, "WHEN", EVERY, VALUE(set_color), "auto, always or never; auto: on a terminal"},
    {"help", 'h', NULL, EVERY, FLAG(is_help), "show this help; csumoff help COMMAND is the same"},
    {"version", 'V', NULL, EVERY, FLAG(is_version), "print the version"},
};

enum {
    ROWS = sizeof rows / sizeof *rows
};

static const struct row *find_letter(int letter)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].letter == letter)
            return &rows[i];
    return NULL;
}

/* Makes the tables of getopt_long(). -i is no option of this program; it has a message of its
 * own. */
static void list_options(struct option known[ROWS + 1], char letters[ROWS * 2 + 3])
{
    for (int i = 0; i < ROWS; i++) {
        known[i] = (struct option){rows[i].name, rows[i].value ? required_argument : no_argument,
                                   NULL, FIRST_LONG + i};
        if (rows[i].letter) {
            *letters++ = rows[i].letter;
            if (rows[i].value)
                *letters++ = ':';
        }
    }
    known[ROWS] = (struct option){NULL, 0, NULL, 0};
    memcpy(letters, "i:", sizeof "i:");
}

static bool set_option(struct options *o, const struct row *row, const char *value)
{
    const bool yes = true;

    if (!row)
        return false; /* getopt knows no other letters */
    o->given |= (uint64_t)1 << (row - rows);
    if (row->set)
        return row->set(o, value);
    memcpy((char *)o + row->flag, &yes, sizeof yes);
    return true;
}

int options_read(struct options *o, int argc, char **argv)
{
    struct option known[ROWS + 1];
    char letters[ROWS * 2 + 3];
    int option;

    __extension__ _Static_assert(ROWS <= 64, "options.given has a bit for each");
    list_options(known, letters);
    *o = (struct options){.mtu = MTU_USUAL};
    tint_choose("auto");
    while ((option = getopt_long(argc, argv, letters, known, NULL)) != -1) {
        if (option == '?') { /* getopt has complained */
            complain("try csumoff --help, or csumoff COMMAND --help");
            return -1;
        }
        if (option == 'i') {
            complain("captures are read here, and taken by others: "
                     "tcpdump -i %s -w - | csumoff verify -",
                     optarg);
            return -1;
        }
        if (!set_option(o, option < FIRST_LONG ? find_letter(option) : &rows[option - FIRST_LONG],
                        optarg))
            return -1;
    }
    return optind;
}

bool options_are_taken(const struct options *o, unsigned command, const char *name)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (o->given >> i & 1 && !(rows[i].commands & command)) {
            complain("%s takes no --%s; try csumoff %s --help", name, rows[i].name, name);
            return false;
        }
    }
    return true;
}

static void print_option(const struct row *row)
{
    int column = printf("  %c%c%s--%s%s%s", row->letter ? '-' : ' ',
                        row->letter ? row->letter : ' ', row->letter ? ", " : "  ", row->name,
                        row->value ? " " : "", row->value ? row->value : "");

    if (column > HELP_COLUMN - 2) {
        putchar('\n');
        column = 0;
    }
    for (const char *line = row->help; line; column = 0) {
        int len = (int)strcspn(line, "\n");

        printf("%*s%.*s\n", HELP_COLUMN - column, "", len, line);
        line = line[len] ? line + len + 1 : NULL;
    }
}

void options_print(unsigned command)
{
    for (size_t i = 0; i < ROWS; i++)
        if (command == EVERY ? rows[i].commands == EVERY
                             : rows[i].commands & command && rows[i].commands != EVERY)
            print_option(&rows[i]);
}
