# SPDX-License-Identifier: MIT
# The headers' plain comments as Doxygen wants them: the file's, those before a declaration,
# those behind one. Titles of sections are none; columns become lists.
/^\/\* ----/d
2s|^/\*|/** \\file|
s|^\( *\)/\*\( .*\)\{0,1\}$|\1/**\2|
s|\([^ ]\) *\/\* |\1 /**< |
s|^ \*   \([^ -][^ ,]*\(, [^ ,]\+\)*\)  \+\([^ ].*\)$| *   - `\1`: \3|
