# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The statements alone, and shorter loops; ./dev prove plants a bug for each as well. Here a bug is
# planted for one statement, which shows that they can be.

check_proofs() {
    {
        nice tests/quality/proofs/prove --no-controls 2>&1 || true
        nice tests/quality/proofs/prove lanes_sse2 2>&1 || true
    } | awk '
        /^(unsat|weighed|caught) / { print "ok " ++n " - " $0; next }
        / wrong$/ { wrong += $(NF - 1); ended++ }
        { print "# " $0 }
        END {
            wrong += 2 - ended # one that ended early
            for (i = 0; i < wrong; i++) print "not ok " ++n " - a statement: see above"
            print "1.." n
            exit wrong > 0
        }'
}
