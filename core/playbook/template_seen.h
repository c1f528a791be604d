/* What of a layout its readers see: by HTML itself (template_place.h), the styles of its elements (template_hidden.h), and their colours (template_colours.h); and whether what the law wants
 * seen is, where the layout says it itself. Used by template_layout.c only, while a playbook is loaded. */
#ifndef NURTURE_PLAYBOOK_TEMPLATE_SEEN_H
#define NURTURE_PLAYBOOK_TEMPLATE_SEEN_H

#include "playbook/liquid.h"
#include "playbook/template_colours.h"
#include "playbook/template_hidden.h"
#include "playbook/template_place.h"

enum { SEEN_WHY = 200 };

/* Something that every reader must find once at least: a second one may be hidden, as what is for Outlook alone. */
struct seen_law {
	bool shown;
	int line; /* where it stands first without being seen; 0 = nowhere */
	char why[SEEN_WHY];
};
struct seen {
	struct colours colours;
	struct hidden hidden;
	struct {
		size_t coloured, nested; /* how many elements were open there */
	} branches[LIQUID_DEPTH];
	struct seen_law postal, unsubscribe;
	bool links_out; /* the tag that is being read leads to where one unsubscribes */
};

void seen_begin(struct seen *seen, const struct liquid_tokens *layout, struct arena *arena);
/* A piece of an attribute of the tag that is being read; seen_unknown: it is made of data. */
void seen_attribute(struct seen *seen, const char *name, struct str piece);
void seen_unknown(struct seen *seen);
/* The tag that was being read ends; place stands behind it. */
void seen_tag(struct seen *seen, const struct html_place *place, int line);
/* Branches of Liquid: the first begins; it ends and another begins where it began. */
void seen_branches(struct seen *seen, size_t depth);
void seen_next_branch(struct seen *seen, size_t depth);
/* Why no reader sees what stands at this place, as the end of "X stands …"; "" = it is seen. */
const char *seen_why(const struct seen *seen, const struct html_place *place, char out[SEEN_WHY]);
/* The layout prints this name here. is_link: it is where a link leads. What it says itself, the footer says no more. */
void seen_print(struct seen *seen, const struct html_place *place, struct str name, bool is_link, int line);

#endif
