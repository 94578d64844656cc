// SPDX-License-Identifier: MIT
/* The command line: options, commands, what they say of themselves. */
#include "command.h"
#include "print.h"

#include <csumoff.h>
#include <getopt.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* Options that only some commands take: bits, and getopt's values for them. */
enum {
    JSON = 1,
    SUMMARY = 2,
    ALL = 4,
    FRESH = 8,
    KEY = 16,
    MTU = 32,
    BY_LINE = 64
};

enum {
    MTU_USUAL = 1500,
    MTU_LEAST = 68, /* RFC 791 */
    KEYS_MOST = 16
};

static const struct option known[] = {
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {"kernel", required_argument, NULL, 'k'},
    {"color", required_argument, NULL, 'c'},
    {"json", no_argument, NULL, JSON},
    {"summary", no_argument, NULL, SUMMARY},
    {"all", no_argument, NULL, ALL},
    {"fresh", no_argument, NULL, FRESH},
    {"key", required_argument, NULL, KEY},
    {"mtu", required_argument, NULL, MTU},
    {"line-buffered", no_argument, NULL, BY_LINE},
    {NULL, 0, NULL, 0},
};

static const struct command {
    const char *name, *arguments, *purpose;
    int (*run)(const struct options *options, int count, char **arguments);
    unsigned takes;
    int min, max;
    const char *help;
} commands[] = {
    {"verify", "CAPTURE...", "judge every checksum of captured packets", command_verify,
     JSON | SUMMARY | BY_LINE, 1, 0x7FFFFFFF,
     "Judges the IPv4 header and the L4 checksum of every packet: TCP, UDP, ICMP, SCTP, GRE, ...\n"
     "The packets inside tunnels are judged as well, each in a row of its own: 7.1 is the\n"
     "outermost one of frame 7. The worst verdict is the frame's.\n"
     "CAPTURE is a pcap or pcapng file, - is standard input.\n"
     "\n"
     "  GOOD        right\n"
     "  BAD         wrong: neither complete nor a seed\n"
     "  SEEDED      left to the network card: captured on the sender, nothing is wrong\n"
     "  SEEDED-GSO  the same, in the style without a length\n"
     "  BLANK       the IPv4 header's is 0: left to the network card, which is fine\n"
     "  ABSENT      UDP over IPv4, or of a tunnel, without a checksum, which is legal\n"
     "  UNCHECKED   fragment, other protocol, not IP, or not captured whole (snapped)\n"
     "  TRUNCATED   the headers claim more bytes than the packet has\n"
     "  MALFORMED   the headers make no sense\n"
     "\n"
     "IPv4 headers are judged wherever they are whole, an IP length of 0 means \"to the end\".\n"
     "Where a packet is not right both values are shown as they read on the wire.\n"
     "Exit status: 0 fine, 1 something is BAD, 2 a capture could not be read to its end.\n"
     "\n"
     "  --summary   only the counts\n"
     "  --json      a JSON object per frame, one per line, and a last one that sums up; what it\n"
     "              says is the worst packet's, and \"levels\" lists all of several\n"
     "  -l, --line-buffered  each line at once, for a reader that waits for it\n"},
    {"finish", "IN OUT", "complete the checksums a sender left to its network card", command_finish,
     ALL, 2, 2,
     "Writes IN to OUT with every SEEDED and BLANK checksum completed, inside tunnels too, and\n"
     "all else as it was. A tunnel's checksum that was right for what was inside is made again.\n"
     "OUT is a pcap file and appears when it is whole; it may be the same as IN, and - is\n"
     "standard input or output. Of fragments, malformed packets and those not captured whole only\n"
     "the IPv4 header can be completed. What only pcapng can hold, such as comments and interface\n"
     "names, is lost.\n"
     "Exit status: 0 fine, 2 nothing was written.\n"
     "\n"
     "  --all       recompute every checksum, the wrong ones and UDP's absent ones too\n"},
    {"netfront", "CAPTURE...", "what a Xen guest would put on its ring", command_netfront,
     JSON | SUMMARY | FRESH | KEY | MTU | BY_LINE, 1, 0x7FFFFFFF,
     "Tells for every packet which flags a Xen guest would put on its transmit ring, and why.\n"
     "The state is read from the checksum field: a seed is partial, a right one unnecessary,\n"
     "a wrong one complete (somebody's, and not vouched for).\n"
     "Exit status: 0 fine, 2 a capture could not be read to its end.\n"
     "\n"
     "  --fresh     as if the stack had made no checksum: state none throughout\n"
     "  --key NAME=VALUE  a key the backend has in xenstore, such as feature-no-csum-offload=1;\n"
     "              without: what Linux's backend writes. May be given several times\n"
     "  --mtu N     TCP beyond it goes out by GSO (1500)\n"
     "  --summary   only the counts\n"
     "  --json      a JSON object per packet, one per line\n"
     "  -l, --line-buffered  each line at once, for a reader that waits for it\n"},
    {"info", "", "this CPU, and the kernels for it", command_info, JSON, 0, 0,
     "Lists the kernels compiled in, best first, and tells which one is in use and why.\n"
     "\n"
     "  --json      as a JSON object\n"},
    {"selftest", "", "run every usable kernel against the reference", command_selftest, 0, 0, 0,
     "Exit status: 0 every usable kernel is right, 1 one of them is not.\n"},
    {"bench", "", "a quick look at the speed of the kernels", command_bench, 0, 0, 0,
     "Measures every usable kernel, or the one given with --kernel, for about a second.\n"},
};

#define COMMANDS (sizeof commands / sizeof *commands)

static const char global_options[] =
    "  --kernel NAME               use this kernel (see csumoff info)\n"
    "  --color auto|always|never   auto: on a terminal\n"
    "  --help, --version\n";

static void print_help(const struct command *c)
{
    if (c) {
        printf("csumoff %s%s%s%s: %s\n\n%s\nWith every command:\n%s", c->name,
               c->takes ? " [OPTION]" : "", *c->arguments ? " " : "", c->arguments, c->purpose,
               c->help, global_options);
        return;
    }
    puts("csumoff: Internet checksums and checksum offload\n");
    for (c = commands; c < commands + COMMANDS; c++)
        printf("  csumoff %-8s %-12s %s\n", c->name, c->arguments, c->purpose);
    printf("\n%s\ncsumoff COMMAND --help tells more.\n", global_options);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int use_kernel(const char *name)
{
    char usable[256] = "";
    size_t used = 0;

    if (csumoff_kernel_use(name) == CSUMOFF_OK)
        return EXIT_FINE;
    for (size_t i = 0; i < csumoff_kernel_count(); i++)
        if (csumoff_kernel_usable(i) && used < sizeof usable)
            used += (size_t)snprintf(usable + used, sizeof usable - used, " %s",
                                     csumoff_kernel_name(i));
    return complain("no kernel '%s' here; usable:%s", name, usable);
}

/* Complains where the command takes no such options or not so many arguments. */
static bool is_usable(const struct command *c, unsigned given, int count)
{
    for (const struct option *o = known; o->name; o++) {
        if (o->val <= BY_LINE && given & ~c->takes & (unsigned)o->val) {
            complain("%s takes no --%s; try csumoff %s --help", c->name, o->name, c->name);
            return false;
        }
    }
    if (count >= c->min && count <= c->max)
        return true;
    complain("%s takes %s; try csumoff %s --help", c->name,
             *c->arguments ? c->arguments : "no arguments", c->name);
    return false;
}

static int run(int argc, char **argv)
{
    const struct command *command = NULL;
    const char *colour = "auto", *key[KEYS_MOST];
    struct options o = {.mtu = MTU_USUAL, .key = key};
    unsigned given = 0;
    bool is_help = false;
    int option;

    while ((option = getopt_long(argc, argv, "hlV", known, NULL)) != -1) {
        switch (option) {
        case 'h':
            is_help = true;
            break;
        case 'l':
            given |= BY_LINE;
            break;
        case 'V':
            puts("csumoff " CSUMOFF_VERSION);
            return EXIT_FINE;
        case 'k':
            o.kernel = optarg;
            break;
        case 'c':
            colour = optarg;
            break;
        case KEY:
            if (o.keys == KEYS_MOST || !strchr(optarg, '='))
                return complain("--key is NAME=VALUE, up to %d times", KEYS_MOST);
            key[o.keys++] = optarg;
            given |= KEY;
            break;
        case MTU:
            o.mtu = strtoul(optarg, NULL, 10);
            if (o.mtu < MTU_LEAST || o.mtu > 0xFFFF)
                return complain("--mtu is %d to 65535, not '%s'", MTU_LEAST, optarg);
            given |= MTU;
            break;
        case '?': /* getopt has complained */
            return EXIT_UNUSABLE;
        default:
            given |= (unsigned)option;
        }
    }
    argc -= optind;
    argv += optind;
    /* "csumoff help COMMAND" is "csumoff COMMAND --help". */
    if (argc > 0 && argc <= 2 && strcmp(argv[0], "help") == 0) {
        is_help = true;
        argc--;
        argv++;
    }
    if (argc > 0) {
        command = find_command(argv[0]);
        if (!command)
            return complain("no command '%s'; try csumoff --help", argv[0]);
    }
    if (is_help) {
        print_help(command);
        return EXIT_FINE;
    }
    if (!command)
        return complain("no command given; try csumoff --help");
    if (!is_usable(command, given, argc - 1))
        return EXIT_UNUSABLE;
    if (!tint_choose(colour))
        return complain("--color is auto, always or never, not '%s'", colour);
    if (o.kernel && use_kernel(o.kernel) != EXIT_FINE)
        return EXIT_UNUSABLE;
    o.json = given & JSON;
    o.summary = given & SUMMARY;
    o.all = given & ALL;
    o.fresh = given & FRESH;
    stdout_open(given & BY_LINE);
    return command->run(&o, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    static char name[] = "csumoff";

    /* A reader that goes away is an error to report, like a full disk. */
    signal(SIGPIPE, SIG_IGN);
    argv[0] = name; /* for getopt's own complaints */
    return stdout_close(run(argc, argv));
}
