// SPDX-License-Identifier: MIT
/*
 * replay FILE|DIRECTORY...: runs a target over files, for compilers without libFuzzer and as a
 * plain test of the corpus. An input that fails is named on standard error.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

static char path[4096];
static size_t count;

/* Prints the name of the input at abort(), or when a sanitizer or a guard page ends the program,
 * and then lets the signal act. */
static void tell(int number)
{
    static const char before[] = "replay: failed at ";

    if (write(STDERR_FILENO, before, sizeof before - 1) < 0 ||
        write(STDERR_FILENO, path, strlen(path)) < 0 || write(STDERR_FILENO, "\n", 1) < 0)
        _exit(EXIT_FAILURE);
    signal(number, SIG_DFL);
    raise(number);
}

static void give_up(void)
{
    fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
    exit(EXIT_FAILURE);
}

static void run_file(void)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    uint8_t *bytes;
    size_t size;

    if (!file || fstat(fileno(file), &status) != 0)
        give_up();
    size = (size_t)status.st_size;
    bytes = malloc(size + !size); /* not larger, so that a sanitizer sees accesses past it */
    if (!bytes || fread(bytes, 1, size, file) != size)
        give_up();
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    count++;
}

static void run(const char *name)
{
    size_t len = strlen(name);
    struct dirent *entry;
    DIR *directory;

    if (len + 2 > sizeof path) {
        errno = ENAMETOOLONG;
        give_up();
    }
    memcpy(path, name, len + 1);
    directory = opendir(name);
    if (!directory) {
        run_file();
        return;
    }
    while ((entry = readdir(directory)) != NULL) {
        size_t room = sizeof path - len - 1, entry_len = strlen(entry->d_name);

        if (entry->d_name[0] == '.')
            continue;
        path[len] = '/';
        if (entry_len >= room) {
            errno = ENAMETOOLONG;
            give_up();
        }
        memcpy(path + len + 1, entry->d_name, entry_len + 1);
        run_file();
    }
    closedir(directory);
}

int main(int argc, char **argv)
{
    static const int numbers[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    size_t i;
    int a;

    for (i = 0; i < sizeof numbers / sizeof *numbers; i++)
        signal(numbers[i], tell);
    for (a = 1; a < argc; a++)
        run(argv[a]);
    printf("%zu inputs\n", count);
    if (!count)
        fprintf(stderr, "usage: %s FILE|DIRECTORY...\n", argv[0]);
    return count ? EXIT_SUCCESS : EXIT_FAILURE;
}
