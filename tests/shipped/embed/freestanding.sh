# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317
# The library for a guest without a libc, at every level of optimization.

# shellcheck source=tests/shipped/embed/common.sh
. tests/shipped/embed/common.sh

# For a guest without a libc: optimized, the library refers to nothing outside itself, whether the
# compiler was told that there is none or not; else it may call memcpy(). "Compile every .c" into
# one directory with README's flags, without a global symbol that lacks the prefix; as one source,
# which compiles in half the time, with the others: with all of them by gcc, which is where most
# are.
check_freestanding() {
    compiler "$1"
    try "compiles without a C library's headers" without_headers "$1"
    try "compiles in Linux's kernel" as_in_linux "$1"
    for source in src/*.c src/*/*.c glue/*/*.c; do
        object=$dir/$(basename "$source" .c).o
        [ ! -e "$object" ] || try "two sources make the same object" false "$source"
        try "compiles" "$1" -O2 -Iinclude -c "$source" -o "$object"
    done
    foreign() { nm -g --defined-only "$dir"/*.o | awk 'NF == 3 && $3 !~ /^csumoff_/'; }
    try "global symbols begin with csumoff_" foreign
    try "private ones end in an underscore" tests/quality/conventions "$dir"/*.o
    links -O2
    for flags in -O0 -O1 -O3 -Os '-O2 -ffreestanding'; do
        case $1$flags in clang-O1 | clang-O3) continue ;; esac
        rm "$dir"/*.o
        # shellcheck disable=SC2086 # several flags
        try "compiles $flags" build_objects $flags
        links "$flags"
    done
}

# What the objects, compiled with these flags, refer to, and how much stack they take.
links() {
    try "links $1" ld -r -o "$dir/all.ro" "$dir"/*.o
    try "nothing undefined $1" undefined "$dir/all.ro" "$([ "$1" != -O0 ] || echo memcpy)"
    # At -O0 each value of an intrinsic has a place of its own.
    # shellcheck disable=SC2086 # several flags
    [ "$1" = -O0 ] || try "little stack $1" little_stack $1
}

# Kernels of operating systems have no headers but the compiler's own.
without_headers() {
    own=$("$1" -print-file-name=include)
    for unity in embed/csumoff_unity.c embed/csumoff_glue_unity.c; do
        "$1" -Wall -Wextra -Werror -nostdinc -isystem "$own" -Iinclude \
            -DCSUMOFF_TYPES_H="\"$PWD/tests/shipped/embed/types.h\"" -fsyntax-only "$unity" ||
            return
    done
}

# As Linux's kernel compiles it, whose headers and macros these stand for.
as_in_linux() {
    mkdir -p "$dir/linux"
    cp tests/shipped/embed/types.h "$dir/linux/types.h"
    : >"$dir/linux/stddef.h"
    for unity in embed/csumoff_unity.c embed/csumoff_glue_unity.c; do
        "$1" -std=gnu11 -O2 -Wall -Wextra -Werror -nostdinc -Iinclude -I"$dir" -D__KERNEL__ \
            '-Dnoinline=__attribute__((__noinline__))' \
            '-Dinline=inline __attribute__((__gnu_inline__, __unused__))' -mno-sse -fno-pie \
            -mcmodel=kernel -c "$unity" -o "$dir/linux/$(basename "$unity" .c).o" || return
    done
    # Inline functions are no symbols: each source of a module would have them.
    ! nm -g --defined-only "$dir/linux/csumoff_unity.o" | grep -w csumoff_fold
}

little_stack() {
    $cc "$@" -Iinclude tests/shipped/embed/stack.c "$dir/all.ro" -pthread -o "$dir/stack" || return
    "$dir/stack" >"$dir/stack.out" || { cat "$dir/stack.out" && return 1; }
}
