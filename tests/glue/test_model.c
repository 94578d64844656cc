// SPDX-License-Identifier: MIT
/*
 * No state is ever lost in silence: random frames of every kind, in any state, sent, sent on,
 * completed or taken from one device's words to the other's, under any wish, any set of features
 * and in every form of call; then model devices finish and cut them, and the oracle judges what
 * arrives at the far end. Either all is right there that was to be right, or an error was returned
 * and nothing was touched. What was damaged stays damaged.
 *
 *   test_model                  the suite
 *   test_model FRAMES [FIRST]   frames FIRST, FIRST + 1 ..., and how fast
 *
 * Each frame depends on CSUMOFF_TEST_SEED and its number alone.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "model/trial.h"

enum {
    MODES = 9
};

static const char *const mode_names[MODES] = {
    "sent by netfront", "sent on by netfront", "finished by netfront", "taken across",
    "sent by virtio",   "sent on by virtio",   "finished by virtio",   "wild",
    "of long headers"};

static uint64_t begin_state;

static void run_frame(uint64_t which)
{
    number = which;
    rng.state = begin_state + which * 0x2545F4914F6CDD1Du;
    mode_text = mode_names[which % MODES];
    call.what = "";
    call.device = NULL;
    is_far_wanted = which % MODES == 8;
    switch (is_far_wanted ? 4 + which / MODES % 3 : which % MODES) {
    case 0:
        check_sent(true);
        break;
    case 1:
        check_sent_on(true);
        break;
    case 2:
        check_finished_netfront();
        break;
    case 3:
        check_bridged();
        break;
    case 4:
        check_sent(false);
        break;
    case 5:
        check_sent_on(false);
        break;
    case 6:
        check_finished_virtio();
        break;
    default:
        check_wild();
    }
}

/* Says at which frame something was touched that must not be, then goes on as it would have. */
static void say_where(int signal_number)
{
    char text[] = "# a fault at frame                     \n";
    size_t at = sizeof text - 2;
    uint64_t n = number;

    do
        text[--at] = (char)('0' + n % 10);
    while (n /= 10);
    if (write(STDOUT_FILENO, text, sizeof text - 1) < 0)
        _exit(EXIT_FAILURE);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void prepare(void)
{
    unsigned i;
    bool is_there = guarded_new(&guard, PACKET_SIZE);

    for (i = 0; i < PIECES; i++)
        is_there &= guarded_new(&guards[i], PACKET_SIZE + MARGIN);
    if (!is_there) {
        fputs("no memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    signal(SIGSEGV, say_where);
#if defined(SIGBUS)
    signal(SIGBUS, say_where);
#endif
    begin_state = rng_new(0x600D).state;
}

/* Where a row of tests begins, so that each has frames of its own. */
static uint64_t first_frame(void)
{
    const char *row = getenv("CSUMOFF_TEST_ROW");
    uint64_t hash = 0;

    for (; row && *row; row++)
        hash = hash * 31 + (uint8_t)*row;
    return hash % 100000 * 1000000;
}

static void run_mode(unsigned mode)
{
    const uint64_t count = effort(200000, 20000) / MODES, first = first_frame();
    uint64_t i;

    prepare();
    for (i = 0; i < count; i++)
        run_frame(first + i * MODES + mode);
}

#define MODE_TEST(name, mode)                                                                      \
    START_TEST(name)                                                                               \
    {                                                                                              \
        run_mode(mode);                                                                            \
    }                                                                                              \
    END_TEST

MODE_TEST(sent_by_netfront, 0)
MODE_TEST(sent_on_by_netfront, 1)
MODE_TEST(finished_by_netfront, 2)
MODE_TEST(taken_across, 3)
MODE_TEST(sent_by_virtio, 4)
MODE_TEST(sent_on_by_virtio, 5)
MODE_TEST(finished_by_virtio, 6)
MODE_TEST(wild, 7)
MODE_TEST(long_headers, 8)

static int run_range(uint64_t count, uint64_t first)
{
    struct timespec begin, end;
    double seconds;
    uint64_t i;

    prepare();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    for (i = 0; i < count; i++)
        run_frame(first + i);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    seconds = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    printf("%" PRIu64 " frames from %" PRIu64 ", seed 0x%" PRIx64
           ": nothing lost; %.0f a second of one processor\n",
           count, first, rng_seed(), (double)count / seconds);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const TTest *const tests[] = {sent_by_netfront,     sent_on_by_netfront,
                                  finished_by_netfront, taken_across,
                                  sent_by_virtio,       sent_on_by_virtio,
                                  finished_by_virtio,   wild,
                                  long_headers,         NULL};
    Suite *suite;

    if (argc > 1)
        return run_range(strtoull(argv[1], NULL, 0), argc > 2 ? strtoull(argv[2], NULL, 0) : 0);
    is_suite = true;
    printf("# frames from %" PRIu64 ", seed 0x%" PRIx64 "\n", first_frame(), rng_seed());
    suite = suite_create("model");
    suite_add(suite, "model", tests);
    return suite_run(suite);
}
