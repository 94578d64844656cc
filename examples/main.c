// SPDX-License-Identifier: MIT
/* The program around packet.c, where there is a libc. */
#include <csumoff.h>
#include <stdio.h>

int packet_is_wrong(void);

int main(void)
{
    int wrong = packet_is_wrong();

    printf("%s, by kernel %s\n", wrong ? "wrong" : "right", csumoff_kernel_active());
    return wrong;
}
