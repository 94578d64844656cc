// SPDX-License-Identifier: MIT
/* xenstore: small texts under paths, by which domain 0 and the guest come to know each other. */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    STORE_PATH = 128,
    STORE_VALUE = 128
};

/* Reads a value; false: there is none, or none that fits. Paths without a slash in front begin in
 * the guest's own directory. */
bool store_read(const char *path, char value[STORE_VALUE]);
bool store_write(const char *path, const char *value);

/* "directory/key" */
void store_path(char path[STORE_PATH], const char *directory, const char *key);

#endif
