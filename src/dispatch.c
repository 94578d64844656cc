// SPDX-License-Identifier: MIT
/*
 * Chooses the kernels that run. Everything on which the choice depends is in one word, together
 * with the choice itself, and the word is changed only by compare-and-swap. A choice therefore
 * cannot outlive the limit, the forced kernel or the policy under which it was made, and no thread
 * ever waits for another one.
 */
#include "kernel.h"
#include "cpu.h"

/*
 * The fields of the state word: the row of kernels.def in use, the row that is forced (0: none),
 * the row of crc32c.def in use, the policy, whether a policy has been decided, and the features
 * that are allowed.
 */
enum {
    ACTIVE = CSUMOFF_STATE_ACTIVE,
    FORCED_SHIFT = 8,
    FORCED = 7 << FORCED_SHIFT,
    CRC32C_SHIFT = CSUMOFF_STATE_CRC32C_SHIFT,
    CRC32C = CSUMOFF_STATE_CRC32C,
    POLICY_SHIFT = CSUMOFF_STATE_POLICY_SHIFT,
    POLICY = 7 << POLICY_SHIFT,
    DECIDED = 8 << POLICY_SHIFT,
    ALLOWED_SHIFT = 18
};

static csumoff_sum_fn first_sum;
static csumoff_copy_fn first_copy;
static csumoff_crc32c_fn first_crc32c;

/* Row 0 is in use until the first call. Its functions choose a kernel and pass the call on. */
const struct csumoff_kernel csumoff_rows_[] = {
    {NULL, 0, first_sum, first_copy},
#define CSUMOFF_KERNEL(name, needs) {#name, needs, csumoff_##name##_sum_, csumoff_##name##_copy_},
#include "kernels.def"
#undef CSUMOFF_KERNEL
};

const struct csumoff_crc32c_kernel csumoff_crc32c_rows_[] = {
    {0, first_crc32c},
#define CSUMOFF_CRC32C(name, needs) {needs, csumoff_crc32c_##name##_},
#include "crc32c/crc32c.def"
#undef CSUMOFF_CRC32C
};

enum {
    ROWS = sizeof csumoff_rows_ / sizeof csumoff_rows_[0],
    CRC32C_ROWS = sizeof csumoff_crc32c_rows_ / sizeof csumoff_crc32c_rows_[0]
};

/* The number of the forced row has three bits, and so has that of the row of CRC32c. */
typedef char rows_fit[ROWS <= 8 && CRC32C_ROWS <= 8 ? 1 : -1];

#if defined(CSUMOFF_CPU_DETECT_CALLER)
uint32_t csumoff_state_ = 0;
#else
uint32_t csumoff_state_ = CSUMOFF_CPU_ALL << ALLOWED_SHIFT;
#endif

static uint32_t load_state(void)
{
    return csumoff_load_in_order(&csumoff_state_);
}

/* For AArch64, compilers may compile an atomic operation into a call of a helper in their runtime
 * library, which a guest may not have. The attribute forbids that. */
#if defined(__aarch64__)
#define IN_LINE __attribute__((__noinline__, target("no-outline-atomics")))
#else
#define IN_LINE
#endif

IN_LINE static bool swap_state(uint32_t *old, uint32_t wanted)
{
    return csumoff_swap(&csumoff_state_, old, wanted);
}

/*
 * Returns the features of the CPU, which are detected once, because each CPUID takes a microsecond
 * or more under a hypervisor. They are not detected before a feature is allowed, because the
 * operating system may enable registers between one call of csumoff_cpu_limit() and the next.
 */
static uint32_t detected(void)
{
    static const uint32_t known = UINT32_C(1) << 31;
    static uint32_t kept;
    uint32_t has = csumoff_load_relaxed(&kept);

    if (!has) {
        has = csumoff_cpu_features_() | known;
        csumoff_store_relaxed(&kept, has);
    }
    return has;
}

static bool available(uint32_t needs, uint32_t state)
{
    return (needs & ~(state >> ALLOWED_SHIFT)) == 0 && (!needs || (needs & ~detected()) == 0);
}

static bool usable(size_t row, uint32_t state)
{
    return available(csumoff_rows_[row].needs, state);
}

/* Returns whether a row may be chosen without being forced. A policy can exclude kernels that are
 * usable. */
static bool preferred(size_t row, uint32_t state)
{
    const uint32_t narrow = (uint32_t)CSUMOFF_POLICY_NARROW << POLICY_SHIFT;

    return usable(row, state) && !(state & narrow && csumoff_rows_[row].needs & CSUMOFF_CPU_AVX512);
}

/*
 * Returns the state with the active rows that the other fields lead to. If no policy has been
 * decided, it also decides the processor's own, but only once a feature is allowed: without one a
 * policy makes no difference.
 */
static uint32_t chosen(uint32_t state)
{
    uint32_t row = (state & FORCED) >> FORCED_SHIFT, crc32c = 1;

    if (!(state & DECIDED) && state >> ALLOWED_SHIFT)
        state |= DECIDED | csumoff_policy_of_cpu_() << POLICY_SHIFT;
    if (!row || !usable(row, state))
        for (row = 1; !preferred(row, state);)
            row++; /* ends at the last row, which needs nothing */
    while (!available(csumoff_crc32c_rows_[crc32c].needs, state))
        crc32c++; /* ends at the last row, which needs nothing */
    return (state & ~(uint32_t)(ACTIVE | CRC32C)) | row | crc32c << CRC32C_SHIFT;
}

static const struct csumoff_kernel *choose_first(void)
{
    uint32_t state = load_state();

    while (!(state & ACTIVE) && !swap_state(&state, chosen(state)))
        ;
    return csumoff_kernel();
}

CSUMOFF_KERNEL_ABI static csumoff_wsum first_sum(const uint8_t *data, size_t len, csumoff_wsum sum)
{
    return choose_first()->sum(data, len, sum);
}

CSUMOFF_KERNEL_ABI static csumoff_wsum first_copy(uint8_t *dst, const uint8_t *src, size_t len,
                                                  csumoff_wsum sum)
{
    return choose_first()->copy(dst, src, len, sum);
}

CSUMOFF_KERNEL_ABI static uint32_t first_crc32c(const uint8_t *data, size_t len, uint32_t crc)
{
    (void)choose_first();
    return csumoff_crc32c_kernel()->update(data, len, crc);
}

size_t csumoff_crc32c_count_(void)
{
    return CRC32C_ROWS - 1;
}

bool csumoff_crc32c_usable_(size_t i)
{
    return available(csumoff_crc32c_rows_[i].needs, load_state());
}

size_t csumoff_kernel_count(void)
{
    return ROWS - 1;
}

const char *csumoff_kernel_name(size_t i)
{
    return i < ROWS - 1 ? csumoff_rows_[i + 1].name : NULL;
}

bool csumoff_kernel_usable(size_t i)
{
    return i < ROWS - 1 && usable(i + 1, load_state());
}

const char *csumoff_kernel_active(void)
{
    return choose_first()->name;
}

static bool same_name(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

int csumoff_kernel_use(const char *name)
{
    uint32_t state = load_state(), row = 0;

    if (name) {
        for (row = 1; row < ROWS && !same_name(name, csumoff_rows_[row].name);)
            row++;
        if (row == ROWS)
            return CSUMOFF_ENOTSUP;
    }
    do {
        if (!usable(row, state))
            return CSUMOFF_ENOTSUP;
    } while (!swap_state(&state, chosen((state & ~(uint32_t)FORCED) | row << FORCED_SHIFT)));
    return CSUMOFF_OK;
}

uint32_t csumoff_cpu_limit(uint32_t allowed)
{
    const uint32_t unnamed = UINT32_C(1) << 31; /* feature 13 stands for all without a name */
    const uint32_t kept = ACTIVE | FORCED | POLICY | DECIDED;
    uint32_t state = load_state();

    while (!swap_state(&state, chosen((state & kept) | allowed << ALLOWED_SHIFT)))
        ;
    return state >> ALLOWED_SHIFT | (state & unnamed ? CSUMOFF_CPU_ALL << (32 - ALLOWED_SHIFT) : 0);
}

static uint32_t policy_of(uint32_t state)
{
    return state & DECIDED ? (state & POLICY) >> POLICY_SHIFT : csumoff_policy_of_cpu_();
}

uint32_t csumoff_policy(void)
{
    return policy_of(load_state());
}

uint32_t csumoff_policy_use(uint32_t policy)
{
    uint32_t state = load_state(), wanted;

    do {
        wanted = state & ~(uint32_t)(POLICY | DECIDED);
        if (policy != CSUMOFF_POLICY_OF_CPU)
            wanted |= DECIDED | (policy & POLICY >> POLICY_SHIFT) << POLICY_SHIFT;
    } while (!swap_state(&state, chosen(wanted)));
    return policy_of(state);
}
