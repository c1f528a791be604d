/* What is known of one person, section by section: read by `nurture lead --export` and GET /v1/leads/{id}/export. Queries are store/query.sql's; their first
 * parameter is the text of the lead's ids that `erase_preview` gives ("leads"), those with pages take a cursor and a size beside it. */
#ifndef NURTURE_REPORT_PERSON_H
#define NURTURE_REPORT_PERSON_H

#include <stdbool.h>

enum { REPORT_PERSON_SECTIONS = 15 };
struct report_section {
	const char *name, *query;
	bool pages;
};
extern const struct report_section report_person[REPORT_PERSON_SECTIONS];

#endif
