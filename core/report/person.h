/* What is known of one person, section by section: read by `nurture lead --export` and GET /v1/leads/{id}/export. Queries are store/query.sql's; their first
 * parameter is the text of the lead's ids that `erase_preview` gives ("leads"), those with pages take a cursor and a size beside it. */
#ifndef NURTURE_REPORT_PERSON_H
#define NURTURE_REPORT_PERSON_H

#include "base/buf.h"

#include <jansson.h>
#include <stdbool.h>

enum { REPORT_PERSON_SECTIONS = 16 };
struct report_section {
	const char *name, *query;
	bool pages;
	bool by_channel; /* rows have `channel`, by which they are ordered: the section is an object of a list a channel; else it is a list */
};
extern const struct report_section report_person[REPORT_PERSON_SECTIONS];

/* The text that is being written: zero it first. begin, rows as often as there are pages, end; a section after the other. */
struct report_person_text {
	struct buf out; /* the caller sends it away and clears it as it likes */
	size_t flags;   /* more of json_dumps's */
	bool any;       /* rows of this list were told */
	json_t *channel; /* whose list is open; NULL = none */
};
void report_person_begin(struct report_person_text *text, size_t section);
/* Adds them; their `cursor` is no part of it. */
void report_person_rows(struct report_person_text *text, size_t section, json_t *rows);
void report_person_end(struct report_person_text *text, size_t section);
void report_person_fini(struct report_person_text *text);

#endif
