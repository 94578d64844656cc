# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317
# The public headers by every standard of C and C++.

check_headers() {
    for header in include/*.h; do
        for standard in c99 gnu99 c11 gnu11 c17 gnu17 c2x gnu2x c++11 gnu++11 c++20; do
            # g++ never takes a cast inside of extern "C" for one of old style; clang does.
            case $standard in
            *++*) language=c++ only=-Wold-style-cast ;;
            *) language=c only= ;;
            esac
            # shellcheck disable=SC2086 # none, or one
            try "alone as $standard" "$1" -x $language -std=$standard -pedantic-errors -Wall \
                -Wextra -Wconversion -Wshadow $only -Werror -fsyntax-only -Iinclude \
                -include "$header" /dev/null
        done
    done
    # In C++ a function hides a type of the same name from who does not write struct or enum.
    hidden_types() {
        grep -ohE '(struct|enum) csumoff_[a-z0-9_]+' include/*.h | sed 's/.* //' |
            sort -u >"$dir/types"
        grep -ohE 'csumoff_[a-z0-9_]+\(' include/*.h | tr -d '(' | sort -u | comm -12 "$dir/types" -
        [ "$(wc -l <"$dir/types")" -gt 20 ]
    }
    try "no type shares its name with a function" hidden_types
    # githedgehog/dataplane PR 1733: a status that nobody looks at.
    status_of_no_concern() { ! grep -n '^CSUMOFF_API int' include/*.h; }
    try "each status has to be looked at" status_of_no_concern
    echo '#include <csumoff.h>
        void f(void *p) { TAKEN csumoff_finish(p, 40, 20, 16); }' >"$dir/status.c"
    status() { "$compiler" -Werror -Iinclude -DTAKEN="$1" -c "$dir/status.c" -o "$dir/status.o"; }
    ignored_status() { ! status '' 2>/dev/null; }
    try "a status that is looked at compiles" status '(void)!'
    try "an ignored status does not compile" ignored_status
    # What was received is not what is wanted of a frame that is sent.
    echo '#include <csumoff_glue.h>
        void f(struct csumoff_hint *hint, struct csumoff_rx *rx, struct csumoff_adjust *how);
        void f(struct csumoff_hint *hint, struct csumoff_rx *rx, struct csumoff_adjust *how)
        { hint->want = CSUMOFF_TX_SEEDED; rx->state = CSUMOFF_PARTIAL; how->state = rx->state;
          TAKEN; }' >"$dir/want.c"
    want() {
        case $1 in c) fatal=-Werror ;; *) fatal= ;; esac
        # shellcheck disable=SC2086 # none, or one
        "$compiler" -x "$1" -Wall -Wextra $fatal -Iinclude -DTAKEN="$2" -fsyntax-only "$dir/want.c"
    }
    mixed() { ! want "$1" "$2" 2>/dev/null; }
    for language in c c++; do
        try "a wish in $language compiles" want $language '*hint = csumoff_forward(rx)'
        for taken in 'hint->want = rx->state' 'hint->want = CSUMOFF_PARTIAL' \
            'rx->state = hint->want' 'how->state = hint->want' 'how->state = CSUMOFF_TX_AS_IS'; do
            try "no state for a wish in $language: $taken" mixed $language "$taken"
        done
    done
}
