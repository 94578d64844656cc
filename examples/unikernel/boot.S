// SPDX-License-Identifier: MIT
/*
 * From the PVH entry (32 bits, no paging; xen/arch-x86/hvm/start_info.h, QEMU's -kernel) to C in 64
 * bits, and the first instructions of what interrupts it. Vector registers stay off: CR4 has PAE
 * and nothing else until cpu_enable_vectors().
 */
    .section .note.pvh, "a", @note
    .balign 4
    .long 4, 8, 18                      /* sizes of name and value; XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz "Xen"
    .quad entry

/* ---- 32 bits ------------------------------------------------------------------------------- */

    .text
    .code32
    .globl entry
entry:
    cld
    cli
    mov $stack_top, %esp
    mov %ebx, %ebp                      /* the start info, for main() */

    /* All addresses below 4 GiB stand for themselves, in pages of 2 MiB. */
    movl $(level3 + 3), level4          /* 3: present, writable */
    mov $level3, %edi
    mov $(level2 + 3), %eax
    mov $4, %ecx
1:  mov %eax, (%edi)
    add $4096, %eax
    add $8, %edi
    loop 1b
    mov $level2, %edi
    mov $0x83, %eax                     /* and a page, no table */
    mov $2048, %ecx
2:  mov %eax, (%edi)
    add $0x200000, %eax
    add $8, %edi
    loop 2b

    mov $0x20, %eax                     /* PAE */
    mov %eax, %cr4
    mov $level4, %eax
    mov %eax, %cr3
    mov $0xC0000080, %ecx               /* EFER: LME */
    rdmsr
    or $0x100, %eax
    wrmsr
    mov $0x80000011, %eax               /* PG, ET, PE */
    mov %eax, %cr0
    lgdt gdt_pointer
    ljmp $8, $entry64

    .section .rodata
    .balign 8
gdt:
    .quad 0
    .quad 0x00AF9B000000FFFF            /* 8: code, 64 bits */
    .quad 0x00CF93000000FFFF            /* 16: data */
gdt_pointer:
    .word . - gdt - 1
    .long gdt

/* ---- 64 bits ------------------------------------------------------------------------------- */

    .text
    .code64
entry64:
    mov $16, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov %ebp, %edi
    xor %ebp, %ebp
    call main

    /* The 32 exceptions, 8 bytes each: the number of the vector, then what they have in common. */
    .balign 8
    .globl exceptions
exceptions:
    .set vector, 0
    .rept 32
    .balign 8
    push $vector
    jmp exception
    .set vector, vector + 1
    .endr
exception:
    pop %rdi
    mov %rsp, %rsi
    and $-16, %rsp
    call cpu_exception                  /* doesn't return */

    /* Whatever a device had to say, main() looks for itself: this ends hlt, no more. */
    .globl interrupt
interrupt:
    push %rax
    mov $0x20, %al                      /* end of interrupt, to both controllers */
    out %al, $0xA0
    out %al, $0x20
    pop %rax
    iretq

    .bss
    .balign 4096
level4: .skip 4096
level3: .skip 4096
level2: .skip 4 * 4096
    .skip 65536
stack_top:

    .section .note.GNU-stack, "", @progbits
