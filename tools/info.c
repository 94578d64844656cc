// SPDX-License-Identifier: MIT
/* The commands `csumoff info`, `selftest` and `bench`: how the library runs on this machine. */
#include "command.h"
#include "json_string.h"
#include "print.h"
#include "terminal.h"

#include <csumoff.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

/* ---- info --------------------------------------------------------------------------------- */

/* Linux gives the model another name on each architecture, and none on some. */
static void read_cpu_model(char *model, size_t size)
{
    static const char *const keys[] = {"model name", "Model Name", "cpu model", "Hardware",
                                       "machine",    "cpu",        "uarch"};
    FILE *file = fopen("/proc/cpuinfo", "r");
    size_t best = sizeof keys / sizeof *keys;
    char line[512];

    snprintf(model, size, "unknown CPU");
    while (file && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        size_t key_len = colon ? (size_t)(colon - line) : 0;

        while (key_len && strchr(" \t", line[key_len - 1]))
            key_len--;
        for (size_t i = 0; i < best && key_len; i++) {
            if (strlen(keys[i]) != key_len || memcmp(keys[i], line, key_len) != 0)
                continue;
            colon += 1 + strspn(colon + 1, " \t");
            colon[strcspn(colon, "\n")] = '\0';
            snprintf(model, size, "%s", colon);
            best = i;
        }
    }
    if (file)
        fclose(file);
}

static const char *why_active(const struct options *o)
{
    const char *best = NULL;

    for (size_t i = 0; i < csumoff_kernel_count() && !best; i++)
        if (csumoff_kernel_usable(i))
            best = csumoff_kernel_name(i);
    if (o->kernel)
        return "forced by --kernel";
    return best && strcmp(best, csumoff_kernel_active()) == 0 ? "best usable"
                                                              : "best usable that the policy takes";
}

static bool is_active(size_t kernel)
{
    return strcmp(csumoff_kernel_name(kernel), csumoff_kernel_active()) == 0;
}

/* Prints the policy in force, in the library's words. */
static const char *policy_words(void)
{
    static const char *const words[] = {"none", "fetch", "narrow", "fetch, narrow"};

    return words[csumoff_policy() & (CSUMOFF_POLICY_FETCH | CSUMOFF_POLICY_NARROW)];
}

int command_info(const struct options *o, int count, char **none)
{
    const uint16_t one = 1;
    const char *endian = *(const uint8_t *)&one ? "little" : "big";
    unsigned bits = sizeof(void *) * 8;
    struct utsname host;
    char model[256];

    (void)count, (void)none;
    if (uname(&host) < 0)
        strcpy(host.machine, "unknown");
    read_cpu_model(model, sizeof model);
    if (o->json) {
        print("{\"version\":\"" CSUMOFF_VERSION "\",\"libpcap\":");
        json_string(pcap_lib_version());
        print(",\"cpu\":{\"model\":");
        json_string(model);
        print(",\"architecture\":\"%s\",\"bits\":%u,\"endian\":\"%s\"},\"kernels\":[", host.machine,
              bits, endian);
        for (size_t i = 0; i < csumoff_kernel_count(); i++)
            print("%s{\"name\":\"%s\",\"usable\":%s,\"active\":%s}", i ? "," : "",
                  csumoff_kernel_name(i), csumoff_kernel_usable(i) ? "true" : "false",
                  is_active(i) ? "true" : "false");
        print("],\"active\":\"%s\",\"why\":\"%s\"", csumoff_kernel_active(), why_active(o));
        print(",\"policy\":{\"fetch\":%s,\"narrow\":%s,\"why\":\"%s\"}}\n",
              csumoff_policy() & CSUMOFF_POLICY_FETCH ? "true" : "false",
              csumoff_policy() & CSUMOFF_POLICY_NARROW ? "true" : "false", csumoff_policy_why());
        return EXIT_FINE;
    }
    printf("csumoff   %s, %s\n", CSUMOFF_VERSION, pcap_lib_version());
    printf("CPU       %s\n", model);
    printf("          %s, %u bits, %s-endian\n", host.machine, bits, endian);
    printf("policy    %s: %s\n", policy_words(), csumoff_policy_why());
    for (size_t i = 0; i < csumoff_kernel_count(); i++) {
        printf("%-8s  ", i ? "" : "kernels");
        if (is_active(i))
            printf("%s%-12s  active: %s%s\n", tint(TINT_GOOD), csumoff_kernel_name(i),
                   why_active(o), untint());
        else if (csumoff_kernel_usable(i))
            printf("%-12s  usable\n", csumoff_kernel_name(i));
        else
            printf("%s%-12s  not usable here%s\n", tint(TINT_FAINT), csumoff_kernel_name(i),
                   untint());
    }
    return EXIT_FINE;
}

/* ---- selftest ----------------------------------------------------------------------------- */

int command_selftest(const struct options *o, int count, char **none)
{
    double start = now(), took;
    int status = csumoff_selftest();

    (void)o, (void)count, (void)none;
    took = now() - start;
    for (size_t i = 0; i < csumoff_kernel_count(); i++)
        printf("%-12s  %s\n", csumoff_kernel_name(i),
               csumoff_kernel_usable(i) ? "tested" : "skipped: not usable here");
    if (status == CSUMOFF_OK)
        printf("\n%sEvery usable kernel agrees with the reference%s (%.1f ms).\n", tint(TINT_GOOD),
               untint(), took * 1e3);
    else
        printf("\n%sA kernel is wrong on this machine%s: %s.\n", tint(TINT_BAD), untint(),
               csumoff_strerror(status));
    return status == CSUMOFF_OK ? EXIT_FINE : EXIT_WRONG;
}

/* ---- bench -------------------------------------------------------------------------------- */

enum {
    OFFSET = 14,
    LARGEST = 65536,
    ROUNDS = 8,
    CONTENDERS_MAX = 32
};

static const size_t sizes[] = {64, 576, 1460, 4096, 9000, LARGEST};

enum {
    SIZES = sizeof sizes / sizeof *sizes
};

/* Volatile, so that the compiler cannot remove what is measured. */
static volatile csumoff_wsum sink;
static void *(*volatile copy)(void *to, const void *from, size_t len) = memcpy;

struct contender {
    const char *name; /* of a kernel; NULL: memcpy */
    double best[SIZES];
};

/* GB/s of `how` over about `seconds`. */
static double measure(const struct contender *how, uint8_t *to, const uint8_t *from, size_t len,
                      double seconds)
{
    size_t batch = (1 << 18) / len, calls = 0;
    double start = now(), took;

    do {
        for (size_t i = 0; i < batch; i++) {
            if (how->name)
                sink = csumoff_partial(from, len, 0);
            else
                copy(to, from, len);
        }
        calls += batch;
        took = now() - start;
    } while (took < seconds);
    return (double)calls * (double)len / took * 1e-9;
}

/* The kernels take turns, so that a busy moment of the machine affects all of them alike. */
static bool measure_all(struct contender *all, size_t n)
{
    double slice = 1.2 / (double)(n * SIZES * ROUNDS);
    void *memory[2] = {NULL, NULL};
    bool is_ready = true;

    for (int i = 0; i < 2; i++) {
        is_ready = is_ready && posix_memalign(&memory[i], 64, OFFSET + LARGEST) == 0;
        if (is_ready)
            memset(memory[i], 0xA5, OFFSET + LARGEST);
    }
    for (size_t size = 0; is_ready && size < SIZES; size++) {
        for (size_t turn = 0; is_ready && turn < n * ROUNDS; turn++) {
            struct contender *c = &all[turn % n];
            double rate;

            is_ready = !c->name || csumoff_kernel_use(c->name) == CSUMOFF_OK;
            rate = measure(c, (uint8_t *)memory[0] + OFFSET, (const uint8_t *)memory[1] + OFFSET,
                           sizes[size], slice);
            if (rate > c->best[size])
                c->best[size] = rate;
        }
    }
    free(memory[0]);
    free(memory[1]);
    return is_ready;
}

int command_bench(const struct options *o, int count, char **none)
{
    struct contender all[CONTENDERS_MAX] = {0};
    size_t n = 0;

    (void)count, (void)none;
    for (size_t i = 0; i < csumoff_kernel_count() && n < CONTENDERS_MAX - 1; i++)
        if (csumoff_kernel_usable(i) &&
            (!o->kernel || strcmp(o->kernel, csumoff_kernel_name(i)) == 0))
            all[n++].name = csumoff_kernel_name(i);
    n++; /* memcpy */
    if (!measure_all(all, n))
        return complain("the benchmark could not run");

    printf("%s%-12s", tint(TINT_FAINT), "GB/s");
    for (size_t size = 0; size < SIZES; size++)
        printf("  %7zu", sizes[size]);
    printf("  bytes%s\n", untint());
    for (size_t i = 0; i < n; i++) {
        printf("%-12s", all[i].name ? all[i].name : "(memcpy)");
        for (size_t size = 0; size < SIZES; size++)
            printf("  %7.2f", all[i].best[size]);
        putchar('\n');
    }
    printf("\nBest of %d, data in cache at offset %d. A quick look, not a measurement to quote.\n",
           ROUNDS, OFFSET);
    return EXIT_FINE;
}
