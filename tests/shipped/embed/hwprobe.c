// SPDX-License-Identifier: MIT
/*
 * What the library takes Linux's answers about RISC-V's V for. No emulator here gives them, so the
 * library's ECALL was made EBREAK, and a handler of SIGTRAP answers in Linux's place: whether it
 * was asked as riscv_hwprobe(2) and prctl(2) want, and what Linux says in each case.
 *
 * usage: hwprobe     nothing is printed where all is right
 */
#include <csumoff.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    HWPROBE = 258,
    PRCTL = 167,
    V_GET_CONTROL = 70, /* PR_RISCV_V_GET_CONTROL */
    OFF = 1,            /* PR_RISCV_V_VSTATE_CTRL_OFF, now */
    ON = 2,
    OFF_NEXT = OFF << 2, /* after the next execve() */
    A0 = 10,
    A7 = 17
};

#define IMA_EXT_0 4
#define IMA_V     ((uint64_t)1 << 2)

static const struct linux_answer {
    const char *name;
    long hwprobe;   /* what the call returns */
    int64_t key;    /* what it makes of the key */
    uint64_t value; /* and of the value */
    long control;   /* what prctl() returns */
    bool usable;
} answers[] = {
    {"V 1.0", 0, IMA_EXT_0, IMA_V, ON, true},
    {"V 1.0 among others", 0, IMA_EXT_0, 0xFFFF, ON, true},
    {"V 1.0, forbidden to what is executed next", 0, IMA_EXT_0, IMA_V, ON | OFF_NEXT, true},
    {"V 1.0, forbidden to this process", 0, IMA_EXT_0, IMA_V, OFF, false},
    {"V 1.0, and no prctl() for it", 0, IMA_EXT_0, IMA_V, -EINVAL, false},
    {"everything but V", 0, IMA_EXT_0, ~IMA_V, ON, false},
    {"a Linux that doesn't know the key", 0, -1, IMA_V, ON, false},
    {"a Linux without riscv_hwprobe()", -ENOSYS, IMA_EXT_0, IMA_V, ON, false},
};
static const struct linux_answer *answer;

static void wrong(const char *what)
{
    printf("%s: %s\n", answer->name, what);
    fflush(stdout);
    _exit(EXIT_FAILURE);
}

static void answer_call(int signal, siginfo_t *info, void *context)
{
    unsigned long *registers = ((ucontext_t *)context)->uc_mcontext.__gregs;
    const unsigned long *a = registers + A0;
    uint16_t instruction;

    (void)signal;
    (void)info;
    if (registers[A7] == HWPROBE) {
        struct {
            int64_t key;
            uint64_t value;
        } *asked = (void *)a[0];

        if (a[1] != 1 || a[2] || a[3] || a[4] || asked->key != IMA_EXT_0)
            wrong("riscv_hwprobe() is not asked for one key of all CPUs");
        asked->key = answer->key;
        asked->value = answer->value;
        registers[A0] = (unsigned long)answer->hwprobe;
    } else if (registers[A7] == PRCTL && a[0] == V_GET_CONTROL) {
        registers[A0] = (unsigned long)answer->control;
    } else {
        wrong("another system call");
    }
    memcpy(&instruction, (const void *)registers[REG_PC], sizeof instruction);
    registers[REG_PC] += (instruction & 3) == 3 ? 4 : 2;
}

/* The library asks once in a process. */
static int child(void)
{
    struct sigaction action = {.sa_sigaction = answer_call, .sa_flags = SA_SIGINFO};
    bool usable = false;

    (void)sigaction(SIGTRAP, &action, NULL);
    for (size_t i = 0; i < csumoff_kernel_count(); i++)
        usable |= csumoff_kernel_usable(i) && strcmp(csumoff_kernel_name(i), "rvv") == 0;
    if (usable != answer->usable)
        wrong(usable ? "rvv is usable" : "rvv is not usable");
    return EXIT_SUCCESS;
}

int main(void)
{
    int failed = 0;

    for (answer = answers; answer < answers + sizeof answers / sizeof *answers; answer++) {
        int status = -1;
        pid_t pid = fork();

        if (pid == 0)
            _exit(child());
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
            printf("%s: status %d\n", answer->name, status);
            failed = 1;
        }
    }
    return failed;
}
