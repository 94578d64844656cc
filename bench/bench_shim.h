// SPDX-License-Identifier: MIT
/* The part of Google Benchmark that the C files call. */
#ifndef BENCH_SHIM_H
#define BENCH_SHIM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Prepares the work, before the clock starts. */
typedef void bench_prepare_fn(const void *context);
/* Does the measured work `calls` times. */
typedef void bench_fn(const void *context, size_t calls);

/* Registers a benchmark of `calls` calls a repetition, each over `bytes` bytes. */
void bench_add(const char *name, bench_prepare_fn *prepare, bench_fn *run, const void *context,
               size_t calls, size_t bytes);

/* Adds a line to the record's context: the CPU, the compiler, its flags. */
void bench_note(const char *key, const char *value);

/* Runs all registered benchmarks. The arguments are Google Benchmark's. Returns 0 on success. */
int bench_run(int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
