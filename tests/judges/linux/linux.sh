# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# A module of Linux's kernel, loaded by it in an emulated machine. The program prints TAP itself.

check_linux() {
    tests/judges/linux/run
}
