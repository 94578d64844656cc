// SPDX-License-Identifier: MIT
/* The result of verify as a page of HTML that needs no other file and no script. */
#ifndef PAGE_H
#define PAGE_H

#include "html.h"
#include "tally.h"
#include "timeline.h"

/* Returns false after a complaint: the page could not be written to this file, or would replace a
 * file that is no such page. */
bool page_check(const char *path);

/* Writes the page. `tally` must have files, a timeline, and sorted senders. Returns false after a
 * complaint. */
bool page_write(const char *path, const struct tally *tally);

struct kind_words {
    const char *word, *class, *meaning;
};

extern const struct kind_words kind_words[KINDS];
extern const char page_style[];

/* Write one section of the page. */
void page_timeline(struct output *out, const struct timeline *timeline);
void page_verdicts(struct output *out, const struct tally *tally);
void page_near(struct output *out, const struct tally *tally);
void page_senders(struct output *out, const struct tally *tally);
void page_captures(struct output *out, const struct tally *tally);

enum {
    SHARE_SIZE = 16
};

/* Writes a share as "2.5 %". Only a part of 0 is "0 %", and only the whole is "100 %". Returns
 * text. */
const char *page_share(char text[SHARE_SIZE], uint64_t part, uint64_t whole);

/* Begins and ends a table, which a narrow screen scrolls. `id` is that of its heading. */
void page_table(struct output *out, const char *id, const char *heading);
void page_table_end(struct output *out);

#endif
