// SPDX-License-Identifier: MIT
/*
 * Threads: the first use of the library by many at once, in a process that never used it; sums
 * while others change the kernel. Meant to run under the thread sanitizer, too.
 */
#include <csumoff.h>
#include <pthread.h>
#include <string.h>

#include "../oracle/allowed.h"
#include "../oracle/reference.h"
#include "../oracle/suite.h"

enum {
    THREADS = 16,
    LEN = 4099
};

static uint8_t data[LEN];
static uint16_t right;
static pthread_barrier_t barrier;

/* How often a thread was wrong; what it was told about the kernel. */
struct outcome {
    size_t number;
    unsigned wrong;
    const char *kernel;
};

static unsigned wrong_sums(void)
{
    uint8_t copy[LEN];
    unsigned wrong = wire16(csumoff_fold(csumoff_partial(data, LEN, 0))) != right;

    wrong += wire16(csumoff_fold(csumoff_partial_copy(copy, data, LEN, 0))) != right;
    return wrong + (memcmp(copy, data, LEN) != 0);
}

/* Thread i begins with a call of its own kind. */
static void *first_use(void *arg)
{
    struct outcome *outcome = arg;
    size_t i;

    pthread_barrier_wait(&barrier);
    switch (outcome->number % 4) {
    case 0:
        outcome->kernel = csumoff_kernel_active();
        break;
    case 1:
        outcome->wrong += !csumoff_kernel_usable(csumoff_kernel_count() - 1);
        break;
    case 2:
#if !defined(CSUMOFF_CPU_DETECT_CALLER) /* there it would be another choice */
        csumoff_cpu_limit(CSUMOFF_CPU_ALL);
#endif
        break;
    default:
        break;
    }
    for (i = 0; i < 20; i++)
        outcome->wrong += wrong_sums();
    outcome->kernel = csumoff_kernel_active();
    return NULL;
}

static struct outcome first[THREADS];
static bool first_ran;

/* Called by main() before anything else is: no test that runs later can be the first. */
static void use_first(void)
{
    pthread_t threads[THREADS];
    struct rng rng = rng_new(50);
    size_t i;

    rng_fill(&rng, data, LEN);
    right = ref_checksum(ref_sum(data, LEN));
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (i = 0; i < THREADS; i++) {
        first[i].number = i;
        if (pthread_create(&threads[i], NULL, first_use, &first[i]) != 0)
            exit(EXIT_FAILURE); /* the others would wait for ever */
    }
    for (i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&barrier);
    first_ran = true;
}

START_TEST(first_use_by_16_at_once)
{
    size_t i;

    CHECK(first_ran);
    for (i = 0; i < THREADS; i++) {
        CHECK_EQ(first[i].wrong, 0);
        ck_assert_ptr_nonnull(first[i].kernel);
        ck_assert_str_eq(first[i].kernel, first[0].kernel);
    }
    for (i = 0; !csumoff_kernel_usable(i);)
        i++;
    ck_assert_str_eq(first[0].kernel, csumoff_kernel_name(i));
}
END_TEST

static bool stop; /* read and written atomically */

static void *keep_summing(void *arg)
{
    struct outcome *outcome = arg;

    pthread_barrier_wait(&barrier);
    do {
        outcome->wrong += wrong_sums();
        outcome->wrong += csumoff_kernel_active() == NULL;
    } while (!__atomic_load_n(&stop, __ATOMIC_RELAXED));
    return NULL;
}

START_TEST(sums_while_the_kernel_changes)
{
    enum {
        SUMMING = 4
    };
    pthread_t threads[SUMMING];
    struct outcome outcomes[SUMMING];
    size_t i, round, rounds = effort(20000, 1000);

    memset(outcomes, 0, sizeof outcomes);
    pthread_barrier_init(&barrier, NULL, SUMMING + 1);
    for (i = 0; i < SUMMING; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, keep_summing, &outcomes[i]), 0);
    pthread_barrier_wait(&barrier);
    for (round = 0; round < rounds; round++) {
        const char *name = csumoff_kernel_name(round % csumoff_kernel_count());
        bool usable = csumoff_kernel_usable(round % csumoff_kernel_count());

        CHECK_EQ(csumoff_kernel_use(name), usable ? CSUMOFF_OK : CSUMOFF_ENOTSUP);
        CHECK_EQ(wrong_sums(), 0);
        csumoff_cpu_limit((round % 3 ? (uint32_t)round % 32 : CSUMOFF_CPU_ALL) & all_features());
        CHECK_EQ(wrong_sums(), 0);
        if (round % 5 == 0)
            csumoff_cpu_limit(all_features());
        if (round % 1000 == 0)
            CHECK_EQ(csumoff_selftest(), CSUMOFF_OK);
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (i = 0; i < SUMMING; i++) {
        pthread_join(threads[i], NULL);
        CHECK_EQ(outcomes[i].wrong, 0);
    }
    csumoff_cpu_limit(all_features());
    CHECK_EQ(csumoff_kernel_use(NULL), CSUMOFF_OK);
    for (i = 0; !csumoff_kernel_usable(i);)
        i++;
    ck_assert_str_eq(csumoff_kernel_active(), csumoff_kernel_name(i));
}
END_TEST

/* Many who change it at once: whoever came last, it is one of them, and it sums rightly. */
static void *keep_changing(void *arg)
{
    struct outcome *outcome = arg;
    size_t i, rounds = effort(5000, 500);

    pthread_barrier_wait(&barrier);
    for (i = 0; i < rounds; i++) {
        size_t kernel = (i + outcome->number) % csumoff_kernel_count();

        /* Another's limit may make it unusable at any time. */
        if (csumoff_kernel_use(csumoff_kernel_name(kernel)) == CSUMOFF_OK)
            outcome->wrong += wrong_sums();
        csumoff_cpu_limit(i % 2 ? all_features() : 0);
        outcome->wrong += wrong_sums();
    }
    return NULL;
}

START_TEST(many_change_the_kernel)
{
    enum {
        CHANGING = 4
    };
    pthread_t threads[CHANGING];
    struct outcome outcomes[CHANGING];
    size_t i;

    memset(outcomes, 0, sizeof outcomes);
    pthread_barrier_init(&barrier, NULL, CHANGING);
    for (i = 0; i < CHANGING; i++) {
        outcomes[i].number = i;
        CHECK_EQ(pthread_create(&threads[i], NULL, keep_changing, &outcomes[i]), 0);
    }
    for (i = 0; i < CHANGING; i++) {
        pthread_join(threads[i], NULL);
        CHECK_EQ(outcomes[i].wrong, 0);
    }
    /* A limit is a promise to code without an FPU context: nothing that raced may outlive it. */
    csumoff_cpu_limit(0);
    ck_assert_str_eq(csumoff_kernel_active(), "scalar");
    CHECK_EQ(wrong_sums(), 0);
}
END_TEST

static unsigned forced; /* how often, by all threads */

static void *keep_forcing(void *arg)
{
    struct outcome *outcome = arg;

    pthread_barrier_wait(&barrier);
    do {
        /* Refused or not, by what the limit is just now. */
        if (csumoff_kernel_use(csumoff_kernel_name(0)) == CSUMOFF_OK)
            outcome->wrong += wrong_sums();
        if (csumoff_kernel_use(NULL) != CSUMOFF_OK)
            outcome->wrong++;
        __atomic_add_fetch(&forced, 1, __ATOMIC_RELAXED);
    } while (!__atomic_load_n(&stop, __ATOMIC_RELAXED));
    return NULL;
}

/* From csumoff_cpu_limit(0) on no vector register is touched, however others force a kernel. */
START_TEST(limit_0_holds_while_others_force)
{
    enum {
        FORCING = 3
    };
    pthread_t threads[FORCING];
    struct outcome outcomes[FORCING];
    size_t i, round, rounds = effort(500000, 50000), broken = 0;

    memset(outcomes, 0, sizeof outcomes);
    pthread_barrier_init(&barrier, NULL, FORCING + 1);
    for (i = 0; i < FORCING; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, keep_forcing, &outcomes[i]), 0);
    pthread_barrier_wait(&barrier);
    /* The others must have been at it for a while, too. */
    for (round = 0; round < rounds || __atomic_load_n(&forced, __ATOMIC_RELAXED) < rounds / 10;
         round++) {
        csumoff_cpu_limit(all_features());
        for (i = 0; i < round % 64; i++)
            (void)csumoff_kernel_count(); /* some time for the others */
        csumoff_cpu_limit(0);
        for (i = 0; i < 20; i++)
            broken += strcmp(csumoff_kernel_active(), "scalar") != 0;
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (i = 0; i < FORCING; i++) {
        pthread_join(threads[i], NULL);
        CHECK_EQ(outcomes[i].wrong, 0);
    }
    ck_assert_msg(broken == 0, "another kernel was active within limit 0, %zu of %zu times", broken,
                  round * 20);
}
END_TEST

/* Whether this is built with the thread sanitizer, which rightly dislikes the next test. */
#if defined(__SANITIZE_THREAD__)
#define TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TSAN 1
#endif
#endif

#if !defined(TSAN)
static uint8_t shared[2048];
static unsigned written; /* how often, all of it */

static void *keep_writing(void *arg)
{
    uint8_t value = 0;
    size_t i;

    (void)arg;
    pthread_barrier_wait(&barrier);
    do {
        value = (uint8_t)(value + 37);
        for (i = 0; i < sizeof shared; i++)
            __atomic_store_n(&shared[i], value, __ATOMIC_RELAXED);
        __atomic_add_fetch(&written, 1, __ATOMIC_RELAXED);
    } while (!__atomic_load_n(&stop, __ATOMIC_RELAXED));
    return NULL;
}
#endif

/* A source that a peer changes: the sum is of what was stored, so nothing was read twice. */
START_TEST(copy_of_what_changes_meanwhile)
{
#if defined(TSAN)
    printf("# SKIP copy_of_what_changes_meanwhile: a data race, and meant to be one\n");
    fflush(stdout);
#else
    static uint8_t copy[sizeof shared];
    pthread_t thread;
    struct rng rng = rng_new(51);
    size_t kernel, i, rounds = effort(20000, 2000);
    unsigned before;

    pthread_barrier_init(&barrier, NULL, 2);
    CHECK_EQ(pthread_create(&thread, NULL, keep_writing, NULL), 0);
    pthread_barrier_wait(&barrier);
    for (kernel = 0; kernel < csumoff_kernel_count(); kernel++) {
        const char *name = csumoff_kernel_name(kernel);

        if (csumoff_kernel_use(name) != CSUMOFF_OK)
            continue;
        before = __atomic_load_n(&written, __ATOMIC_RELAXED);
        /* Both must have been at it for a while. */
        for (i = 0; i < rounds || __atomic_load_n(&written, __ATOMIC_RELAXED) - before < 500; i++) {
            size_t from = rng_below(&rng, 64), len = rng_below(&rng, sizeof shared - from + 1);
            size_t cut = rng_below(&rng, len + 1);
            const struct csumoff_iov iov[] = {{shared + from, cut},
                                              {shared + from + cut, len - cut}};
            csumoff_wsum sum = csumoff_partial_copy(copy, shared + from, len, 0);

            if (wire16(csumoff_fold(sum)) != ref_checksum(ref_sum(copy, len)))
                ck_abort_msg("kernel %s: %zu bytes from %zu: the sum is not that of the copy", name,
                             len, from);
            sum = 0;
            CHECK_EQ(csumoff_partial_copy_iov(copy, iov, 2, 0, len, &sum), CSUMOFF_OK);
            if (wire16(csumoff_fold(sum)) != ref_checksum(ref_sum(copy, len)))
                ck_abort_msg("kernel %s: %zu bytes from %zu, cut at %zu: the sum is not that of "
                             "the copy",
                             name, len, from, cut);
        }
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
#endif
}
END_TEST

int main(void)
{
    const TTest *const first_use_tests[] = {first_use_by_16_at_once, NULL};
    const TTest *const change[] = {sums_while_the_kernel_changes, many_change_the_kernel,
                                   limit_0_holds_while_others_force, copy_of_what_changes_meanwhile,
                                   NULL};
    Suite *suite;

    use_first();
    suite = suite_create("threads");
    suite_add(suite, "first_use", first_use_tests);
    suite_add(suite, "change", change);
    return suite_run(suite);
}
