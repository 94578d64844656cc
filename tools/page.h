// SPDX-License-Identifier: MIT
/* What verify says of captures as a page of HTML, whole in itself: no script, nothing from
 * elsewhere. */
#ifndef PAGE_H
#define PAGE_H

#include "html.h"
#include "tally.h"
#include "timeline.h"

/* Complains where a page could not be written there, or would replace a file that is no page. */
bool page_check(const char *path);

/* Writes the page. `tally`: with files, a timeline, and senders that were sorted. Returns false
 * after a complaint. */
bool page_write(const char *path, const struct tally *tally);

struct kind_words {
    const char *word, *class, *meaning;
};

extern const struct kind_words kind_words[KINDS];
extern const char page_style[];

/* Write a part of the page: a heading and what is below it. */
void page_timeline(struct output *out, const struct timeline *timeline);
void page_verdicts(struct output *out, const struct tally *tally);
void page_near(struct output *out, const struct tally *tally);
void page_senders(struct output *out, const struct tally *tally);
void page_captures(struct output *out, const struct tally *tally);

enum {
    SHARE_SIZE = 16
};

/* Writes "2.5 %"; nothing that is there is 0 %, and what is not all is not 100 %. Returns text. */
const char *page_share(char text[SHARE_SIZE], uint64_t part, uint64_t whole);

/* Begins a table that a narrow screen scrolls; `id`: of its heading. Ends it. */
void page_table(struct output *out, const char *id, const char *heading);
void page_table_end(struct output *out);

#endif
