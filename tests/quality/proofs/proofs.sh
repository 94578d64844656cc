# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The statements alone, and shorter loops; ./dev prove plants a bug for each as well.

check_proofs() {
    { nice tests/quality/proofs/prove --no-controls 2>&1 || true; } | awk '
        /^(unsat|weighed) / { print "ok " ++n " - " $0; next }
        / wrong$/ { wrong = $(NF - 1) }
        { print "# " $0 }
        END {
            if (wrong == "") wrong = 1 # it ended early
            for (i = 0; i < wrong; i++) print "not ok " ++n " - a statement: see above"
            print "1.." n
            exit wrong > 0
        }'
}
