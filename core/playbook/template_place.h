/* Where in a page of HTML one stands: reads the page's texts piece by piece and tells whether what comes next is seen by a reader, stands in an attribute, or in a comment.
 * Used by template_layout.c only, for what a layout's Liquid prints must be safe where it stands (WHATWG HTML 13.2.5, as far as a sender's own page needs it).
 * It owns nothing; what is broken HTML is taken to be less visible than it may be, never more. */
#ifndef NURTURE_PLAYBOOK_TEMPLATE_PLACE_H
#define NURTURE_PLAYBOOK_TEMPLATE_PLACE_H

#include "base/str.h"

enum html_in { HTML_TEXT, HTML_TAG, HTML_VALUE, HTML_COMMENT };
enum { HTML_NAME = 24 };

/* Begins as noughts. */
struct html_place {
	enum html_in in;
	char quote;       /* VALUE: '"' or '\''; ' ' = it stands without */
	bool equals;      /* TAG: a value comes next */
	bool closing;     /* TAG, VALUE: of </tag> */
	bool conditional; /* within <!--[if …]> … <![endif]-->: only Outlook sees it */
	bool hides;       /* it has the attribute hidden */
	char tag[HTML_NAME], attribute[HTML_NAME]; /* small letters, cut */
	char raw[HTML_NAME];    /* TEXT of an element that has no elements: style, script, title */
	char hidden[HTML_NAME]; /* the outermost element that nobody sees, whatever styles say; "" = none */
	unsigned depth;         /* how many of that name are open */
};

/* Takes the next piece of s, which is not empty, and gives its length. 0: nothing was taken, but the place is another one. A value's quotes are pieces of their own or the
 * end of one: after a piece that ends in VALUE the value begins or goes on, and one that leaves VALUE is the end quote alone. */
size_t html_place_step(struct html_place *place, struct str s);
/* What stands in a value up to its end, where that is in s; p NULL: it goes on. */
struct str html_place_value(const struct html_place *place, struct str s);
bool html_is_void(const char *tag); /* one without an end tag */
/* Is text seen here, by everybody? */
bool html_place_shows(const struct html_place *place);

#endif
