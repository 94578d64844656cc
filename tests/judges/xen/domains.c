// SPDX-License-Identifier: MIT
/*
 * examples/xen-guest, PV and PVH, as domains that xl starts, against Linux's xen-netback (run boots
 * it). TAP on standard output; each test is also a row of a table, marked "#|".
 */
#include "domains.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../oracle/frames.h"
#include "wire.h"

int silence_ms = 3000;

/* Milliseconds since domain 0 began. */
static long long clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void row(const struct domain *d, bool good, const char *title, const char *arrived, ...)
{
    char name[96], text[96];
    va_list args;

    va_start(args, arrived);
    vsnprintf(text, sizeof text, arrived, args);
    va_end(args);
    snprintf(name, sizeof name, "%s: %s", d->kind, title);
    row_other(good, name, "-", "-", text);
    printf("# at %lld ms\n", clock_now());
}

/* What the guest says at its end: whether nothing it received was bad, or refused. */
static void farewell(struct domain *d)
{
    domain_end(d);
    row(d, domain_count(d, "bad") == 0 && domain_count(d, "refused") == 0,
        "its own counts: bad, refused", "%ld, %ld", domain_count(d, "bad"),
        domain_count(d, "refused"));
    row(d, domain_count(d, "udp_trusted") > 0, "its own counts: datagrams taken unfinished", "%ld",
        domain_count(d, "udp_trusted"));
}

/* All that one domain can show by itself. */
static void alone(struct domain *d)
{
    const bool answers = domain_start(d, "", NULL, RIG_MTU);

    row(d, answers, "it answers", answers ? "good" : "nothing");
    if (!answers)
        return;
    cases_trial(d);
    cases_echo(d);
    cases_super(d);
    cases_kernel(d);
    cases_routing(d);
    cases_loop(d);
    cases_misuse(d);
}

/* A domain whose backend lacks something, and what it has to say of what it sent: all of it good,
 * and how many frames seeded or cut. */
static void lacking(const char *name, const struct domain_key *keys, bool seeds, bool cuts)
{
    struct domain d = {.name = name, .kind = "pv", .end = {4, {2, 0, 0, 0, 0, 4}}};
    char title[96];

    if (!domain_start(&d, "", keys, MTU))
        die("domain %s does not answer", name);
    cases_trial(&d);
    cases_super(&d);
    domain_end(&d);
    snprintf(title, sizeof title, "%s: it sent seeded, super-frames; and cut", name);
    row(&d, (domain_count(&d, "sent_seeded") > 0) == seeds && (domain_count(&d, "cut") > 0) == cuts,
        title, "%ld, %ld; %ld", domain_count(&d, "sent_seeded"), domain_count(&d, "sent_gso"),
        domain_count(&d, "cut"));
}

static void switched_off(void)
{
    static const struct domain_key all[] = {{"feature-no-csum-offload", "1"},
                                            {"feature-ipv6-csum-offload", "0"},
                                            {"feature-gso-tcpv4", "0"},
                                            {"feature-gso-tcpv6", "0"},
                                            {"feature-sg", "0"},
                                            {NULL, NULL}};

    lacking("nothing", all, false, true);
    for (size_t i = 0; !effort_quick() && all[i].key; i++) {
        const struct domain_key one[] = {all[i], {NULL, NULL}};

        lacking(all[i].key, one, true, true);
    }
}

/* Whether there is such a guest to boot. */
static bool has_guest(const char *kind, const char *why)
{
    char path[64];

    snprintf(path, sizeof path, "/domains/%s", kind);
    if (access(path, F_OK) == 0)
        return true;
    row_skipped(kind, why);
    return false;
}

/* The guest's network stack is lwIP. */
static void with_lwip(const char *kind, uint8_t host)
{
    struct domain d = {.name = kind, .kind = kind, .end = {host, {2, 0, 0, 0, 0, host}}};

    if (has_guest(kind, "lwIP's sources can't be had"))
        cases_lwip(&d);
}

/* The guest as clang compiles it. */
static void other_compiler(void)
{
    struct domain d = {.name = "pv-clang", .kind = "pv-clang", .end = {8, {2, 0, 0, 0, 0, 8}}};
    bool answers;

    if (!has_guest(d.kind, "no clang"))
        return;
    answers = domain_start(&d, "", NULL, RIG_MTU);
    row(&d, answers, "it answers", answers ? "good" : "nothing");
    if (!answers)
        return;
    cases_trial(&d);
    cases_super(&d);
    domain_end(&d);
}

/* Guests in which bugs were planted (planted boots them): what of theirs is seen to be wrong. */
static void planted(void)
{
    DIR *folder = opendir("/domains");
    const struct dirent *file;

    silence_ms = 1000;
    wire_new();
    while (folder && (file = readdir(folder))) {
        struct domain d = {.name = file->d_name, .kind = file->d_name};

        if (file->d_name[0] == '.')
            continue;
        d.end = (struct end){5, {2, 0, 0, 0, 0, 5}};
        if (strstr(file->d_name, "lwip")) {
            cases_lwip(&d);
            continue;
        }
        if (domain_start(&d, "", NULL, RIG_MTU)) {
            cases_trial(&d);
            cases_super(&d);
            cases_routing(&d);
            cases_loop(&d);
        } else {
            row(&d, false, "it answers", "nothing");
        }
        domain_destroy(&d);
    }
    if (folder)
        closedir(folder);
}

int main(int argc, char **argv)
{
    struct domain pv = {.name = "pv", .kind = "pv", .end = {2, {2, 0, 0, 0, 0, 2}}};
    struct domain pvh = {.name = "pvh", .kind = "pvh", .end = {3, {2, 0, 0, 0, 0, 3}}};

    if (argc > 1 && strcmp(argv[1], "hotplug") == 0)
        return domain_hotplug() ? 0 : 1;
    rig_new();
    if (access("/domains/pv", F_OK) != 0) {
        planted();
        return table_close() ? 1 : 0;
    }
    alone(&pv);
    alone(&pvh);
    cases_facing(&pv, &pvh);
    farewell(&pv);
    farewell(&pvh);
    switched_off();
    wire_new();
    with_lwip("pv-lwip", 6);
    if (!effort_quick()) {
        with_lwip("pvh-lwip", 7);
        other_compiler();
    }
    return table_close() ? 1 : 0;
}
