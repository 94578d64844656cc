// SPDX-License-Identifier: MIT
/*
 * Which kernel runs. One pointer, read relaxed: rows are constant, so whichever a thread sees is
 * whole. Until the first use it points to a row whose functions choose and pass the call on.
 */
#include "kernel.h"
#include "cpu.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct csumoff_kernel kernels[] = {
#define CSUMOFF_KERNEL(name, needs) {#name, needs, csumoff_##name##_sum, csumoff_##name##_copy},
#include "kernels.def"
#undef CSUMOFF_KERNEL
};

static csumoff_sum_fn first_sum;
static csumoff_copy_fn first_copy;

static const struct csumoff_kernel first_use = {NULL, 0, first_sum, first_copy};
const struct csumoff_kernel *csumoff_active_ = &first_use;
static const struct csumoff_kernel *forced; /* NULL: none */
static uint32_t limit =
#if defined(CSUMOFF_CPU_DETECT_CALLER)
    0;
#else
    CSUMOFF_CPU_ALL;
#endif

static bool usable(const struct csumoff_kernel *kernel, uint32_t features)
{
    return (kernel->needs & ~features) == 0;
}

/* What may be used now. Asked once: under a hypervisor each CPUID costs a microsecond or more. */
static uint32_t features(void)
{
    static const uint32_t known = UINT32_C(1) << 31;
    static uint32_t detected;
    uint32_t has = __atomic_load_n(&detected, __ATOMIC_RELAXED);

    if (!has) {
        has = csumoff_cpu_features() | known;
        __atomic_store_n(&detected, has, __ATOMIC_RELAXED);
    }
    return __atomic_load_n(&limit, __ATOMIC_SEQ_CST) & has;
}

static const struct csumoff_kernel *best(const struct csumoff_kernel *wanted, uint32_t has)
{
    const struct csumoff_kernel *kernel = kernels;

    if (wanted && usable(wanted, has))
        return wanted;
    while (!usable(kernel, has))
        kernel++; /* ends at the last row, which needs nothing */
    return kernel;
}

/* After a limit or a forced kernel was stored. Two threads may do so at once: the later store wins,
 * so each looks again after its own whether it has chosen by what is in force now. */
static void choose(void)
{
    const struct csumoff_kernel *wanted;
    uint32_t has;

    do {
        wanted = __atomic_load_n(&forced, __ATOMIC_SEQ_CST);
        has = features();
        __atomic_store_n(&csumoff_active_, best(wanted, has), __ATOMIC_SEQ_CST);
    } while (wanted != __atomic_load_n(&forced, __ATOMIC_SEQ_CST) || has != features());
}

/* The first use must not undo what another thread forced or limited meanwhile. */
static const struct csumoff_kernel *choose_first(void)
{
    const struct csumoff_kernel *expected = &first_use;
    const struct csumoff_kernel *kernel = best(NULL, features());

    if (__atomic_compare_exchange_n(&csumoff_active_, &expected, kernel, false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST))
        return kernel;
    return expected;
}

static csumoff_wsum first_sum(const uint8_t *data, size_t len, csumoff_wsum sum)
{
    return choose_first()->sum(data, len, sum);
}

static csumoff_wsum first_copy(uint8_t *dst, const uint8_t *src, size_t len, csumoff_wsum sum)
{
    return choose_first()->copy(dst, src, len, sum);
}

const struct csumoff_kernel *csumoff_kernel_row(size_t i)
{
    return &kernels[i];
}

size_t csumoff_kernel_count(void)
{
    return COUNT(kernels);
}

const char *csumoff_kernel_name(size_t i)
{
    return i < COUNT(kernels) ? kernels[i].name : NULL;
}

bool csumoff_kernel_usable(size_t i)
{
    return i < COUNT(kernels) && usable(&kernels[i], features());
}

const char *csumoff_kernel_active(void)
{
    const struct csumoff_kernel *kernel = csumoff_kernel();

    return (kernel == &first_use ? choose_first() : kernel)->name;
}

static bool same_name(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

int csumoff_kernel_use(const char *name)
{
    const struct csumoff_kernel *wanted = NULL;

    for (size_t i = 0; name && i < COUNT(kernels); i++)
        if (csumoff_kernel_usable(i) && same_name(name, kernels[i].name))
            wanted = &kernels[i];
    if (name && !wanted)
        return CSUMOFF_ENOTSUP;
    __atomic_store_n(&forced, wanted, __ATOMIC_SEQ_CST);
    choose();
    return CSUMOFF_OK;
}

void csumoff_cpu_limit(uint32_t allowed)
{
    __atomic_store_n(&limit, allowed, __ATOMIC_SEQ_CST);
    choose();
}
