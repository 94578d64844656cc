# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev: the kernels' loops on models of other processors.

mca() {
    need mca
    python3 bench/mca.py .
}
