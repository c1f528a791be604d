/* Whether a page of HTML shows what stands where one is, by the styles of its elements: their own, and the rules of the page's <style> elements (template_rules.h). An element that is
 * away only at some widths of the window is shown. Used by template_seen.c only; template_place.h knows what HTML itself hides, template_colours.h what stands in its background's colour. */
#ifndef NURTURE_PLAYBOOK_TEMPLATE_HIDDEN_H
#define NURTURE_PLAYBOOK_TEMPLATE_HIDDEN_H

#include "playbook/liquid.h"
#include "playbook/template_rules.h"

enum { HIDDEN_DEEPEST = 60 };

struct hidden_element {
	char tag[24], id[40], classes[120], style[400]; /* cut; a style between two of its declarations */
	bool style_cut;
	uint64_t away[HIDES_COUNT];                    /* by what, at which of the widths */
	const struct style_rule *rule;                 /* a rule that hides it; NULL = none does */
};
struct hidden {
	struct style_rules rules;
	struct hidden_element open[HIDDEN_DEEPEST], next; /* next: of the tag that is being read */
	size_t depth;
	bool unsure; /* elements stand too deep, or branches of Liquid close others than they open: nothing more is said */
};

/* layout: in which the <style> elements stand. */
void hidden_begin(struct hidden *hidden, const struct liquid_tokens *layout, struct arena *arena);
/* A piece of an attribute of the tag that is being read. */
void hidden_attribute(struct hidden *hidden, const char *name, struct str piece);
/* Its end. alone: it has no end tag. */
void hidden_tag(struct hidden *hidden, const char *tag, bool closing, bool alone);
/* A branch of Liquid is over, and another begins where the first began, when so many elements were open. */
void hidden_back(struct hidden *hidden, size_t depth);
/* The element that no reader sees; NULL: all are seen by some at least. */
const struct hidden_element *hidden_by(const struct hidden *hidden);

#endif
