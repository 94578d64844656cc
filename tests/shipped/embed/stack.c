// SPDX-License-Identifier: MIT
/*
 * How much stack the public functions take, with each kernel: they are called in a thread whose
 * stack is filled with a pattern, and what is no longer pattern is counted, less what a thread
 * takes that does nothing. Prints it; exits with 1 where it is more than MOST.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVERY_INSIDE
#include "every.c" // NOLINT(bugprone-suspicious-include)

enum {
    MOST = 2048,
    STACK = 1 << 20,
    PATTERN = 0xA5
};

static uint8_t stack[STACK] __attribute__((aligned(4096)));

static void *nothing(void *kernel)
{
    return kernel;
}

static void *public_functions(void *kernel)
{
    bool right = csumoff_kernel_use(kernel) == CSUMOFF_OK && packets() && sums() && values() &&
                 adjustments() && netfront() && virtio();

    return right ? kernel : NULL;
}

static void *selftest(void *kernel)
{
    return csumoff_selftest() == CSUMOFF_OK ? kernel : NULL;
}

static size_t taken(void *(*function)(void *), const char *kernel)
{
    pthread_attr_t attributes;
    pthread_t thread;
    void *result = NULL;
    size_t untouched = 0;

    memset(stack, PATTERN, sizeof stack);
    if (pthread_attr_init(&attributes) != 0 ||
        pthread_attr_setstack(&attributes, stack, sizeof stack) != 0 ||
        pthread_create(&thread, &attributes, function, (void *)(uintptr_t)kernel) != 0 ||
        pthread_join(thread, &result) != 0 || result != kernel) {
        printf("%s: wrong, or no thread\n", kernel);
        exit(EXIT_FAILURE);
    }
    while (stack[untouched] == PATTERN)
        untouched++;
    return STACK - untouched;
}

static bool is_little(void *(*function)(void *), const char *kernel, const char *what)
{
    size_t bytes = taken(function, kernel) - taken(nothing, kernel);

    printf("%s: %zu bytes of stack\n", what, bytes);
    return bytes <= MOST;
}

int main(void)
{
    bool little = is_little(selftest, "", "csumoff_selftest()");

    for (size_t i = 0; i < csumoff_kernel_count(); i++)
        if (csumoff_kernel_usable(i))
            little &= is_little(public_functions, csumoff_kernel_name(i), csumoff_kernel_name(i));
    return little ? EXIT_SUCCESS : EXIT_FAILURE;
}
