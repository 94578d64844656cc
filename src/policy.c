// SPDX-License-Identifier: MIT
/*
 * The table of policies: what is worth doing on a processor, apart from what the processor can
 * execute. The first row that matches the processor applies. A processor that no row names gets the
 * policy 0: nothing is fetched ahead, and the best usable kernel is chosen. The text of each row
 * says whether its policy was measured or follows from what is known of the core.
 */
#include "cpu.h"
#include "kernel.h"

static const struct {
    struct csumoff_cpu first;
    uint32_t last_model, policy;
    const char *why;
} rows[] = {
    {{CSUMOFF_VENDOR_AMD, 26, 0x00}, 0xFF, CSUMOFF_POLICY_FETCH, "AMD Zen 5, measured"},
    {{CSUMOFF_VENDOR_AMD, 25, 0x10}, 0x1F, 0, "AMD Zen 4, measured"},
    {{CSUMOFF_VENDOR_AMD, 25, 0x60}, 0x7F, 0, "AMD Zen 4, as its server parts"},
    {{CSUMOFF_VENDOR_AMD, 25, 0xA0}, 0xAF, 0, "AMD Zen 4c, as Zen 4"},
    {{CSUMOFF_VENDOR_AMD, 25, 0x00}, 0xFF, 0, "AMD Zen 3, measured"},
    /* Skylake-SP to Cooper Lake-SP have this model number. 512-bit multiplications lower their
     * clock for the code that follows, too. */
    {{CSUMOFF_VENDOR_INTEL, 6, 0x55},
     0x55,
     CSUMOFF_POLICY_NARROW,
     "Intel Skylake-SP, by its model"},
    {{CSUMOFF_VENDOR_INTEL, 6, 0x6A}, 0x6C, 0, "Intel Ice Lake-SP, not measured"},
    {{CSUMOFF_VENDOR_OTHER, 0, 0}, 0, 0, "no other is known for this processor"},
};

static size_t row(void)
{
    const struct csumoff_cpu cpu = csumoff_cpu_();
    size_t i = 0;

    while (i < sizeof rows / sizeof rows[0] - 1 &&
           !(rows[i].first.vendor == cpu.vendor && rows[i].first.family == cpu.family &&
             rows[i].first.model <= cpu.model && cpu.model <= rows[i].last_model))
        i++;
    return i;
}

uint32_t csumoff_policy_of_cpu_(void)
{
    return rows[row()].policy;
}

const char *csumoff_policy_why(void)
{
    size_t i = row();

    return csumoff_policy() == rows[i].policy ? rows[i].why : "chosen by the program";
}
