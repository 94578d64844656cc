// SPDX-License-Identifier: MIT
/*
 * The program around packet.c as an application of UEFI: it says on the firmware's console whether
 * everything was right, and switches the machine off. Of the tables of the UEFI specification
 * (2.10, sections 4.3, 8.1 and 12.4) it has what it needs.
 */
#include <csumoff.h>

int packet_is_wrong(void);

struct console {
    void *reset;
    uint64_t (*output_string)(struct console *console, const uint16_t *text);
};

struct runtime {
    uint8_t header[24];
    void *services[10];
    void (*reset_system)(uint32_t type, uint64_t status, uint64_t size, void *data);
};

struct system {
    uint8_t header[24];
    void *vendor;
    uint64_t revision;
    void *in_handle, *in, *out_handle;
    struct console *out;
    void *error_handle, *error;
    struct runtime *runtime;
};

static void print(struct system *system, const char *text)
{
    uint16_t one[2] = {0, 0};

    while (*text) {
        one[0] = (uint8_t)*text++;
        (void)system->out->output_string(system->out, one);
    }
}

uint64_t efi_main(void *image, struct system *system);
uint64_t efi_main(void *image, struct system *system)
{
    const int wrong = packet_is_wrong();

    (void)image;
    print(system, wrong ? "csumoff: wrong, by kernel " : "csumoff: right, by kernel ");
    print(system, csumoff_kernel_active());
    print(system, "\r\n");
    system->runtime->reset_system(2, 0, 0, NULL); /* EfiResetShutdown */
    return 0;
}
