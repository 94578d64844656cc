# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev: what ./dev analyze runs, and how.

analyze() {
    need analyze
    result=0
    # valgrind 3.19 has no AVX-512, and says so by CPUID: those kernels are left out by themselves.
    logged analyze build build/analyze gcc -Dtests=enabled -Dtools=disabled -Doptimization=2 \
        -Ddebug=true -Dcpu_detect=builtin
    strict='-Wall -Wextra -Wconversion -Wshadow -Wcast-qual -Wstrict-prototypes -Wmissing-prototypes
        -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wredundant-decls
        -Wnull-dereference'
    # Examples for other machines, for a kernel's headers or for OCaml's are compiled by their rows.
    for source in src/*.c src/*/*.c glue/*/*.c tools/*.c fuzz/*.c tests/*/*.c tests/judges/*/*.c \
        tests/glue/model/*.c tests/captures/recorder/*.c \
        tests/quality/proofs/paths.c tests/quality/proofs/weights.c examples/*/*.c; do
        case $source in
        examples/cortex-m/* | examples/linux-module/* | examples/ocaml/*) continue ;;
        esac
        # shellcheck disable=SC2086 # lists of words
        { analyzed gcc -Wcast-align=strict -Wold-style-definition $strict &&
            analyzed clang -Wcast-align -Wunreachable-code $strict; } || result=1
        case $source in # of the tests' own errors the sanitizers tell
        src/* | glue/* | tools/*) analyzed gcc -fanalyzer || result=1 ;;
        esac
    done
    CSUMOFF_TEST_EFFORT=quick logged valgrind valgrind -q --error-exitcode=9 \
        build/analyze/tests/library/plain_sweep
    for target in packet sum adjust netfront virtio; do
        logged valgrind-$target valgrind -q --error-exitcode=9 build/analyze/fuzz/replay_$target \
            fuzz/corpus/$target
    done
    paths=build/analyze/paths
    gcc -O2 -Iinclude tests/quality/proofs/paths.c src/*.c src/*/*.c -o $paths
    logged valgrind-paths valgrind -q --error-exitcode=9 $paths
    if valgrind -q --error-exitcode=9 $paths control >/dev/null 2>&1; then
        die "a jump that follows from data went unnoticed"
    fi
    return $result
}

# analyzed COMPILER FLAG...: $source, every warning an error.
analyzed() {
    compiler=$1
    shift
    case $source in
    examples/unikernel/* | examples/freestanding/*) set -- -ffreestanding "$@" ;;
    examples/xen-guest/*)
        set -- -ffreestanding -mgeneral-regs-only -Iexamples/xen-guest/libc -Iexamples/xen-guest \
            -Iexamples/unikernel -D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__ "$@"
        ;;
    tests/glue/test_recipes* | tests/glue/test_stacks.c) # functions of the pages
        set -- "$@" -Wno-missing-prototypes
        ;;
    examples/xen-netfront/* | tests/judges/xen/*)
        set -- -D__XEN_INTERFACE_VERSION__=__XEN_LATEST_INTERFACE_VERSION__ "$@"
        ;;
    esac
    "$compiler" -O2 -std=gnu11 -Iinclude -I. -Iexamples/lwip-guest -Iexamples/xen-netfront \
        -I/usr/include/lwip -Ibuild/analyze/tests/glue -DCSUMOFF_CPU_DETECT_BUILTIN \
        -Werror "$@" -c "$source" -o /dev/null
}
