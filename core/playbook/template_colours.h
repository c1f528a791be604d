/* In which colours a page of HTML writes where one stands, as its elements say it themselves (style, bgcolor, color): what stands in the colour of its background nobody reads.
 * Used by template_layout.c only. Rules of a <style> are not looked at: most programs have their own idea of them, and dark mode has other ones. */
#ifndef NURTURE_PLAYBOOK_TEMPLATE_COLOURS_H
#define NURTURE_PLAYBOOK_TEMPLATE_COLOURS_H

#include "base/str.h"

enum { COLOURS_DEEPEST = 60, COLOUR_UNKNOWN = -1 };

struct colours_pair {
	int text, ground; /* 0xRRGGBB or COLOUR_UNKNOWN */
};

struct colours {
	struct {
		char tag[12]; /* cut */
		struct colours_pair pair;
	} open[COLOURS_DEEPEST];
	size_t depth;
	struct colours_pair next; /* of the tag that is being read */
	bool unsure; /* elements stand too deep, or branches of Liquid close others than they open: nothing more is said */
};

void colours_begin(struct colours *colours); /* black on white */
/* An attribute of the tag that is being read. */
void colours_attribute(struct colours *colours, const char *name, struct str value);
void colours_unknown(struct colours *colours); /* a value of it is made of data */
/* Its end. alone: it has no end tag. */
void colours_tag(struct colours *colours, const char *tag, bool closing, bool alone);
/* A branch of Liquid is over, and another begins where the first began, when so many elements were open. */
void colours_back(struct colours *colours, size_t depth);
/* false: nobody can read what stands here. */
bool colours_differ(const struct colours *colours);

#endif
