# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev: what ./dev coverage runs, and how.

# One row per build: name, architecture, where its counts matter, the suite that runs there (-:
# all), meson options. What only some CPU takes is measured where it is taken: by another detection,
# on another architecture.
measured() {
    cat <<'END'
usual    host   (src|glue)/  -
builtin  host   src/cpu_     dispatch  -Dcpu_detect=builtin
caller   host   src/cpu_     dispatch  -Dcpu_detect=caller
arm64    arm64  src/neon/    kernels
s390x    s390x  glue/virtio/ virtio    -Dcpu_detect=builtin
END
}

measure() {
    name=$1 arch=$2 filter=$3 suite=${4#-} dir=$PWD/build/coverage/$1
    shift 4
    gcov=gcov args="'-fprofile-update=atomic','-DCSUMOFF_INLINE=static inline'"
    if [ "$arch" != host ]; then
        logged "fetch-$arch" tests/shipped/cross/fetch "$arch"
        printf "[constants]\nroot = '%s'\n" "$PWD/build/cross/$arch" >"$dir.root"
        set -- --cross-file "$dir.root" --cross-file "tests/shipped/cross/$arch.txt" \
            -Dtools=disabled "$@"
        args="$args,'-I$PWD/build/cross/$arch/usr/include'" # the cross file's are not kept
        gcov=$(sed -n "s/^c = '\(.*\)gcc'/\1gcov/p" "tests/shipped/cross/$arch.txt")
    fi
    # Counts must survive threads, and each inline function is to be counted once, wherever used.
    logged "coverage-$name" set_up "$dir" gcc -Dtests=enabled -Dbuildtype=debug -Doptimization=0 \
        -Db_coverage=true "-Dc_args=[$args]" "$@"
    find "$dir" -name '*.gcda' -delete
    # Of the kernels, those that this architecture alone has.
    cases=all
    [ "$arch" != arm64 ] || cases='neon neonmm'
    for case in $cases; do
        if [ "$case" = all ]; then unset CK_RUN_CASE; else export CK_RUN_CASE="$case"; fi
        # shellcheck disable=SC2086 # a word, or none
        CSUMOFF_TEST_EFFORT=quick logged "coverage-$name" meson test -C "$dir" $suite
    done
    unset CK_RUN_CASE
    if [ "$arch" = host ]; then
        for cpu in Conroe SandyBridge Haswell Haswell,-xsave; do
            logged "coverage-$name" env QEMU_CPU="$cpu" qemu-x86_64-static \
                "$dir/tests/library/test_dispatch"
        done
    fi
    gcovr --root . --gcov-executable "$gcov" --filter "$filter" --json "$dir.json" "$dir"
}

coverage() {
    need coverage
    mkdir -p build/coverage
    measured >build/coverage/rows
    while read -r name arch filter suite options; do
        echo "measuring: $name"
        # shellcheck disable=SC2086 # words, or none
        measure "$name" "$arch" "$filter" "$suite" $options
    done <build/coverage/rows
    # shellcheck disable=SC2046 # words
    gcovr --root . $(sed 's|^\([^ ]*\).*|-a build/coverage/\1.json|' build/coverage/rows) \
        --json build/coverage/all.json --html-details build/coverage/index.html
    echo "line by line: build/coverage/index.html"
    python3 tests/quality/coverage/report.py build/coverage/all.json
}
