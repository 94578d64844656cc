# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317

# As OSS-Fuzz would build and try the fuzzers.
check_oss_fuzz() {
    sanitize='-fsanitize=address,undefined -fno-sanitize-recover=all'
    mkdir "$dir/src" "$dir/out" "$dir/work"
    build_all() {
        CC=$1 CXX=$1++ CFLAGS="-O1 $sanitize -fsanitize=fuzzer-no-link" CXXFLAGS=$sanitize \
            LIB_FUZZING_ENGINE=-fsanitize=fuzzer SRC=$PWD/$dir/src OUT=$PWD/$dir/out \
            WORK=$PWD/$dir/work fuzz/oss-fuzz/build.sh >&3 2>&3
    }
    run_some() {
        python3 -m zipfile -e "$dir/out/$1_seed_corpus.zip" "$dir/$1.seeds"
        "$dir/out/$1" -runs=1000 -seed=1 "$dir/$1.seeds" >"$dir/$1.out" 2>&1 || cat "$dir/$1.out"
        grep -q '^Done [0-9]* runs' "$dir/$1.out"
    }
    try "builds" build_all "$1" 3>"$dir/build.out"
    for corpus in fuzz/corpus/*; do
        target=fuzz_$(basename "$corpus")
        try "$target runs from its seeds" run_some "$target"
    done
    [ "$failed" = 0 ] || cat "$dir/build.out"
}
