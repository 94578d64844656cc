// SPDX-License-Identifier: MIT
#include "bench_shim.h"

#include <benchmark/benchmark.h>

void bench_add(const char *name, bench_prepare_fn *prepare, bench_fn *run, const void *context,
               size_t calls, size_t bytes)
{
    benchmark::RegisterBenchmark(name, [=](benchmark::State &state) {
        prepare(context);
        /* A batch keeps the calls in C, where the compiler sees them as a user's loop. */
        while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(calls)))
            run(context, calls);
        state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                                static_cast<int64_t>(bytes));
    })->Iterations(static_cast<benchmark::IterationCount>(calls));
}

void bench_note(const char *key, const char *value)
{
    benchmark::AddCustomContext(key, value);
}

int bench_run(int argc, char **argv)
{
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 2;
    return benchmark::RunSpecifiedBenchmarks() ? 0 : 1;
}
