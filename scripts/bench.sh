# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev: what ./dev bench measures.

bench() {
    need bench
    logged bench set_up build/bench "${CC:-gcc}" -Dtests=disabled -Dtools=enabled -Dbench=enabled
    if [ "${1:-}" != command ]; then
        bench_library "$@"
    fi
    case ${1:-command} in command) bench_command ;; esac
}

# What the commands read is made once: a gigabyte.
bench_command() {
    logged bench ninja -C build/bench bench/csumoff-bench-capture tools/csumoff
    capture=build/bench/mixed.pcap
    [ -e $capture ] || logged bench build/bench/bench/csumoff-bench-capture $capture 1000
    python3 bench/command.py build/bench/tools/csumoff $capture "${REPETITIONS:-5}"
}

bench_library() {
    logged bench ninja -C build/bench bench/csumoff-bench
    echo "measuring ${1:-for some minutes} (log: build/log/bench.log)"
    result=build/bench/result${1:+-part}
    # Interleaved, so that what the neighbours do hits everyone alike.
    logged bench build/bench/bench/csumoff-bench --benchmark_enable_random_interleaving=true \
        --benchmark_repetitions="${REPETITIONS:-25}" --benchmark_filter="${1:-.}" \
        --benchmark_out="$result.json"
    if [ "${1:-}" ]; then
        python3 bench/report.py "$result.json"
    else
        python3 bench/report.py "$result.json" "$result.svg"
    fi
}
