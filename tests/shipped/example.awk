# SPDX-License-Identifier: MIT
# Prints the C of a page's blocks behind <!-- example -->; with -v page=NAME, as lines of that page.
/^```/ { inside = 0 }
inside
/^```c$/ && marked {
    inside = 1
    marked = 0
    if (page)
        printf "#line %d \"%s\"\n", FNR + 1, page
}
/<!-- example -->/ { marked = 1 }
