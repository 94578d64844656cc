// SPDX-License-Identifier: MIT
/* The main program: finds the command, reads its options, and prints help and version. */
#include "interrupt.h"
#include "options.h"
#include "print.h"
#include "terminal.h"

#include <csumoff.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static const struct command {
    const char *name, *arguments, *purpose;
    int (*run)(const struct options *options, int count, char **arguments);
    unsigned bit; /* in the table of options */
    int min, max;
    const char *help;
} commands[] = {
    {"verify", "CAPTURE...", "judge every checksum of captured packets", command_verify, VERIFY, 1,
     0x7FFFFFFF,
     "Judges the IPv4 header and the L4 checksum of every packet: TCP, UDP, ICMP, SCTP, GRE, ...\n"
     "The packets inside tunnels are judged as well, each in a row of its own: 7.1 is the\n"
     "outermost one of frame 7. A frame has the worst verdict of its packets.\n"
     "CAPTURE is a pcap or pcapng file, also one compressed with gzip, zstd, lz4, xz or bzip2;\n"
     "- is standard input.\n"
     "\n"
     "  GOOD        right\n"
     "  BAD         wrong: neither complete nor a seed\n"
     "  SEEDED      left to the network card: captured on the sender, nothing is wrong\n"
     "  SEEDED-GSO  the same, without the length in the seed, as some network cards want it\n"
     "  BLANK       0 in an IPv4 header: left to the network card, nothing is wrong\n"
     "  ABSENT      UDP over IPv4, or of a tunnel, without a checksum, which is legal\n"
     "  UNCHECKED   fragment, other protocol, not IP, or not captured whole (snapped)\n"
     "  TRUNCATED   the headers claim more bytes than the packet has\n"
     "  MALFORMED   the headers make no sense\n"
     "\n"
     "The fragment that completes a datagram has the verdict of the datagram. Every IPv4 header\n"
     "that was captured whole is judged. An IP length of 0 means \"to the end of the frame\".\n"
     "If a checksum is not right, the values found and expected are shown as on the wire. If a\n"
     "known mistake leads to exactly the value found, the row ends with its name; a table at the\n"
     "end counts the mistakes and gives advice (see the manual page). A seed in a packet that was\n"
     "received is wrong, unless the receiver may have joined the packet from several (GRO).\n"
     "In JSON the object of a frame has the values of its worst packet, and \"levels\" lists all\n"
     "packets if there are several. The last object has the totals.\n"
     "Exit status: 0 fine, 1 something is BAD or arrived unfinished, 2 a capture could not be\n"
     "read to its end.\n"},
    {"finish", "IN OUT", "complete the checksums a sender left to its network card", command_finish,
     FINISH, 2, 2,
     "Writes IN to OUT with every SEEDED and BLANK checksum completed, inside tunnels too, and\n"
     "changes nothing else. A tunnel's checksum that was right for what was inside is computed\n"
     "again. OUT has the format of IN, pcap or pcapng with every block, but is not compressed.\n"
     "OUT appears when it is complete; it may be the same file as IN. - is standard input or\n"
     "output. Of fragments, malformed packets and packets that were not captured whole, only the\n"
     "IPv4 header can be completed. If a pcapng block has a hash of its packet, a CRC-32 or XOR\n"
     "is computed again, and another hash is removed.\n"
     "Exit status: 0 fine, 2 nothing was written.\n"},
    {"explain", "CAPTURE N", "one packet's checksums, worked out step by step", command_explain,
     EXPLAIN, 2, 2,
     "Shows for packet N every checksum with the words that are summed, the pseudo-header, the\n"
     "sum and its folding, what was found, what is expected and what the verdict means; and what\n"
     "no checksum covers. Offsets count from the first captured byte. N may name one packet of a\n"
     "frame with tunnels, as verify numbers them: 7.2.\n"
     "Exit status: 0 it was explained, 2 there is no such packet, or it could not be read.\n"},
    {"netfront", "CAPTURE...", "what a Xen guest would put on its ring", command_netfront, NETFRONT,
     1, 0x7FFFFFFF,
     "Tells for every packet which flags a Xen guest would put on its transmit ring, and why.\n"
     "The state is read from the checksum field: a seed is partial, a right one unnecessary,\n"
     "a wrong one complete, which means that nobody has verified it.\n"
     "Exit status: 0 fine, 2 a capture could not be read to its end.\n"},
    {"info", "", "this CPU, and the kernels for it", command_info, INFO, 0, 0,
     "Lists the kernels compiled in, best first, and tells which one is in use and why.\n"},
    {"selftest", "", "run every usable kernel against the reference", command_selftest, SELFTEST, 0,
     0, "Exit status: 0 every usable kernel is right, 1 one of them is not.\n"},
    {"bench", "", "a quick look at the speed of the kernels", command_bench, BENCH, 0, 0,
     "Measures every usable kernel, or the one given with --kernel, for about a second.\n"},
};

#define COMMANDS (sizeof commands / sizeof *commands)

static void print_help(const struct command *c)
{
    if (c) {
        printf("csumoff %s [OPTION]%s%s: %s\n\n%s", c->name, *c->arguments ? " " : "", c->arguments,
               c->purpose, c->help);
        printf("\nOptions:\n");
        options_print(c->bit);
        options_print(EVERY);
        return;
    }
    puts("csumoff: Internet checksums and checksum offload\n");
    for (c = commands; c < commands + COMMANDS; c++)
        printf("  csumoff %-8s %-12s %s\n", c->name, c->arguments, c->purpose);
    puts("\nWith every command:");
    options_print(EVERY);
    puts("\ncsumoff COMMAND --help tells more.");
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

/* Complains where the command does not take so many arguments. */
static bool is_count(const struct command *c, int count)
{
    if (count >= c->min && count <= c->max)
        return true;
    complain("%s takes %s; try csumoff %s --help", c->name,
             *c->arguments ? c->arguments : "no arguments", c->name);
    return false;
}

static int run(int argc, char **argv)
{
    const struct command *command = NULL;
    struct options o;
    int first = options_read(&o, argc, argv);

    if (first < 0)
        return EXIT_UNUSABLE;
    if (o.is_version) {
        puts("csumoff " CSUMOFF_VERSION);
        return EXIT_FINE;
    }
    argc -= first;
    argv += first;
    /* "csumoff help COMMAND" is "csumoff COMMAND --help". */
    if (argc > 0 && strcmp(argv[0], "help") == 0) {
        if (argc > 2)
            return complain("help takes one COMMAND; try csumoff --help");
        o.is_help = true;
        argc--;
        argv++;
    }
    if (argc > 0) {
        command = find_command(argv[0]);
        if (!command)
            return complain("no command '%s'; try csumoff --help", argv[0]);
    }
    if (o.is_help) {
        print_help(command);
        return EXIT_FINE;
    }
    if (!command)
        return complain("no command given; try csumoff --help");
    if (!options_are_taken(&o, command->bit, command->name) || !is_count(command, argc - 1))
        return EXIT_UNUSABLE;
    if (o.kernel && use_kernel(o.kernel) != EXIT_FINE)
        return EXIT_UNUSABLE;
    stdout_open(o.by_line);
    print_fit_terminal(o.is_wide);
    if (command->bit & (VERIFY | NETFRONT))
        interrupt_catch();
    return command->run(&o, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    static char name[] = "csumoff";
    int code;

    /* That the reader of a pipe has ended is an error to report, like a full disk. */
    signal(SIGPIPE, SIG_IGN);
    argv[0] = name; /* for getopt's own complaints */
    code = stdout_close(run(argc, argv));
    interrupt_raise();
    return code;
}
