/* The rules of a layout's <style> elements, as far as they can take an element away from its readers: display, visibility, opacity, font-size, a transparent color, and moving it out
 * of the window. Used by template_hidden.c, which knows the elements. Never called when a mail is written.
 *
 * Understood: element, .class, #id, * and these together (td.small), lists of them, one within another (.foot a); !important; @media with widths. What is not understood (>, :hover,
 * [attribute], @supports, other media) hides nothing here: it is for some readers only, or a sender does it with open eyes. */
#ifndef NURTURE_PLAYBOOK_TEMPLATE_RULES_H
#define NURTURE_PLAYBOOK_TEMPLATE_RULES_H

#include "base/arena.h"
#include "base/str.h"

/* What can hide. Those from HIDES_VISIBILITY on are inherited: an element within may say otherwise for itself. */
enum hides { HIDES_DISPLAY, HIDES_OPACITY, HIDES_PLACE, HIDES_HEIGHT, HIDES_VISIBILITY, HIDES_SIZE, HIDES_COLOUR, HIDES_COUNT };
enum { RULE_PARTS = 6, RULE_SPANS = 4, RULE_WIDTHS = 64 };

struct style_declaration {
	enum hides what;
	bool hides, important;
};
struct style_span {
	int least, most; /* widths in pixels, both within */
};
struct style_rule {
	struct str selector; /* as it is written */
	struct str parts[RULE_PARTS]; /* "td.small", from the outermost to the element itself */
	size_t part_count;
	int weight;          /* specificity */
	int line;            /* in the layout's file */
	struct style_span spans[RULE_SPANS]; /* at which widths of the window it holds */
	size_t span_count;
	const struct style_declaration *declarations;
	size_t declaration_count;
};
struct style_rules {
	const struct style_rule *items;
	size_t count;
	int widths[RULE_WIDTHS]; /* every width at which something may change, from small to large */
	size_t width_count;      /* one at least */
};

/* css: what the <style> elements say; its lines are the file's. Nothing is borrowed from it. */
void style_rules_read(struct style_rules *rules, struct str css, struct arena *arena);
/* Takes the next declaration of s that may hide or show; false: there is none any more. */
bool style_next(struct str *s, struct style_declaration *out);

#endif
