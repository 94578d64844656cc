# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2317 # some functions are called by a name in a variable
# Part of ./dev: what ./dev fuzz runs, and how.

# Each target has the same share of the time, as many at once as there are processors.
fuzz() {
    engine=libfuzzer cc=clang
    if [ "${1:-}" = --afl ]; then
        shift
        engine=afl cc=afl-clang-fast
        export AFL_QUIET=1
    fi
    count './dev fuzz [--afl] [SECONDS]' "${1:-120}"
    need fuzz
    [ $engine = libfuzzer ] || need fuzz-afl
    dir=build/fuzz-$engine
    logged fuzz build "$dir" $cc -Dtests=disabled -Dtools=enabled -Dfuzz=true
    rm -f "$dir"/*.count
    targets=$(cd fuzz/corpus && echo *)
    # shellcheck disable=SC2086 # words
    set -- "${1:-120}" $targets
    rounds=$((($# - 2 + $(nproc)) / $(nproc)))
    share=$((($1 + rounds - 1) / rounds))
    shift
    echo "$# targets for $share seconds each, $(nproc) at a time"
    printf '%-10s %14s %10s\n' target executions 'a second'
    start=$(date +%s)
    printf '%s\n' "$@" | xargs -P "$(nproc)" -I '{}' ./dev fuzz-job $engine '{}' $share || true
    cat "$dir"/*.count 2>/dev/null | awk -v targets=$# -v seconds=$(($(date +%s) - start)) '
        { executions += $1; failed += $2 }
        END {
            failed += targets - NR # one that left no counts
            printf "%d executions in all, %d a second, %s\n", executions,
                executions / (seconds ? seconds : 1),
                failed ? failed " found something" : "nothing found"
            exit failed > 0
        }'
}

# fuzz-job ENGINE TARGET SECONDS: one line on stdout, counts in TARGET.count; failing inputs in
# found/.
fuzz_job() {
    # Folders are named after both, and one is removed. So no other name is taken.
    case ${1-} in libfuzzer | afl) ;; *) die "no such engine: ${1-}" ;; esac
    case ${2-} in '' | .* | */*) false ;; *) [ -d "fuzz/corpus/$2" ] ;; esac ||
        die "no such target: ${2-}"
    dir=build/fuzz-$1 target=$2 seconds=$3 log=build/log/fuzz_$2.log executions='' failed=0
    mkdir -p "$dir/new/$target" "$dir/found"
    "fuzz_$1" >"$log" 2>&1
    [ "$executions" ] || executions=0 failed=1
    printf '%-10s %14d %10d\n' "$target" "$executions" $((executions / seconds))
    echo "$executions $failed" >"$dir/$target.count"
    if [ $failed != 0 ]; then
        echo "fuzz_$target failed; log: $log, inputs: $dir/found"
        tail -n 30 "$log"
    fi
}

fuzz_libfuzzer() {
    "$dir/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=1600 -print_final_stats=1 \
        -artifact_prefix="$dir/found/$target-" "$dir/new/$target" "fuzz/corpus/$target" || failed=1
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
}

fuzz_afl() {
    rm -rf "$dir/new/$target"
    AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
        afl-fuzz -V "$seconds" -G 1600 -t 5000 -i "fuzz/corpus/$target" -o "$dir/new/$target" \
        -- "$dir/fuzz/fuzz_$target" || failed=1
    executions=$(sed -n 's/^execs_done *: //p' "$dir/new/$target/default/fuzzer_stats")
    for input in "$dir/new/$target"/default/crashes/id*; do
        [ -e "$input" ] || continue
        cp "$input" "$dir/found/$target-$(basename "$input")"
        failed=1
    done
}
