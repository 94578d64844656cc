// SPDX-License-Identifier: MIT
/*
 * A paravirtual domain: Xen starts it in 64 bits with paging on and events masked, and with the
 * address of the start info in rsi. It finds four notes necessary.
 */
#include <xen/elfnote.h>

    .macro note type, value:vararg
    .balign 4
    .long 4, 2f - 1f, \type             /* sizes of name and value */
    .asciz "Xen"
1:  \value
2:
    .endm

    .section .note.Xen, "a", @note
    note XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
    note XEN_ELFNOTE_LOADER, .asciz "generic"
    note XEN_ELFNOTE_VIRT_BASE, .quad 0
    note XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercall_page

    .text
    .globl entry
entry:
    cld
    mov $stack_top, %esp
    mov %rsi, %rdi
    xor %ebp, %ebp
    call main

    .balign 4096
    .globl hypercall_page
hypercall_page:
    .skip 4096                          /* Xen writes it */

    .bss
    .balign 4096
    .skip 65536
stack_top:

    .section .note.GNU-stack, "", @progbits
