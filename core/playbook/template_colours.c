/* See template_colours.h. */
#include "playbook/template_colours.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct colours_pair here(const struct colours *colours)
{
	return colours->depth ? colours->open[colours->depth - 1].pair : (struct colours_pair){0x000000, 0xffffff};
}

void colours_begin(struct colours *colours)
{
	memset(colours, 0, sizeof *colours);
	colours->next = here(colours);
}

/* ---- words of CSS ---- */

static int hex(struct str s)
{
	char text[8];
	if (s.n != 4 && s.n != 7)
		return COLOUR_UNKNOWN;
	for (size_t i = 1; i < s.n; i++)
		if (!strchr("0123456789abcdefABCDEF", s.p[i]))
			return COLOUR_UNKNOWN;
	if (s.n == 4)
		snprintf(text, sizeof text, "%c%c%c%c%c%c", s.p[1], s.p[1], s.p[2], s.p[2], s.p[3], s.p[3]);
	else
		snprintf(text, sizeof text, "%.*s", 6, s.p + 1);
	return (int)strtol(text, NULL, 16);
}

/* rgb(255, 255, 255) */
static int rgb(struct str s)
{
	char text[40];
	int colour = 0;
	if (!str_starts(s, STR("rgb(")) || s.n >= sizeof text)
		return COLOUR_UNKNOWN;
	snprintf(text, sizeof text, "%.*s", STR_ARG(s));
	char *p = text + 4;
	for (int i = 0; i < 3; i++) {
		char *end;
		unsigned long part = strtoul(p, &end, 10);
		end += strspn(end, " ");
		if (end == p || part > 255 || *end != (i < 2 ? ',' : ')'))
			return COLOUR_UNKNOWN;
		colour = colour << 8 | (int)part;
		p = end + 1;
	}
	return colour;
}

static int colour_of(struct str value, int inherited)
{
	static const struct {
		const char *name;
		int is;
	} names[] = {{"white", 0xffffff}, {"black", 0x000000}, {"silver", 0xc0c0c0}, {"gray", 0x808080}, {"grey", 0x808080}, {"red", 0xff0000}, {"navy", 0x000080},
		     {"blue", 0x0000ff}, {"green", 0x008000}, {"yellow", 0xffff00}, {"whitesmoke", 0xf5f5f5}, {"snow", 0xfffafa}, {"ivory", 0xfffff0}};
	struct str s = str_trim(value);
	const char *mark = s.n ? memchr(s.p, '!', s.n) : NULL;
	if (mark)
		s = str_trim((struct str){s.p, (size_t)(mark - s.p)});
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_same_nocase(s, str_of(names[i].name)))
			return names[i].is;
	if (str_same_nocase(s, STR("inherit")) || str_same_nocase(s, STR("transparent")) || str_same_nocase(s, STR("none")))
		return inherited;
	return !s.n ? inherited : s.p[0] == '#' ? hex(s) : rgb(s);
}

static void property(struct colours *colours, struct str name, struct str value)
{
	struct colours_pair *next = &colours->next;
	if (str_same_nocase(name, STR("color")))
		next->text = colour_of(value, next->text);
	else if (str_same_nocase(name, STR("background-color")) || str_same_nocase(name, STR("background")))
		next->ground = colour_of(value, next->ground);
	else if (str_same_nocase(name, STR("background-image")))
		next->ground = COLOUR_UNKNOWN;
}

/* ---- tags ---- */

void colours_unknown(struct colours *colours)
{
	colours->next = (struct colours_pair){COLOUR_UNKNOWN, COLOUR_UNKNOWN};
}

void colours_attribute(struct colours *colours, const char *name, struct str value)
{
	if (strcmp(name, "bgcolor") == 0)
		colours->next.ground = colour_of(value, colours->next.ground);
	else if (strcmp(name, "color") == 0 || strcmp(name, "text") == 0)
		colours->next.text = colour_of(value, colours->next.text);
	else if (strcmp(name, "background") == 0)
		colours->next.ground = COLOUR_UNKNOWN;
	for (struct str rest = value; strcmp(name, "style") == 0 && rest.p && rest.n;) {
		struct str one = str_cut(&rest, ';'), key = str_trim(str_cut(&one, ':'));
		if (one.p)
			property(colours, key, one);
	}
}

static void close_tag(struct colours *colours, const char *tag)
{
	size_t i = colours->depth;
	while (i && strncmp(colours->open[i - 1].tag, tag, sizeof colours->open[0].tag - 1) != 0)
		i--;
	if (i)
		colours->depth = i - 1;
}

void colours_tag(struct colours *colours, const char *tag, bool closing, bool alone)
{
	if (closing) {
		close_tag(colours, tag);
	} else if (!alone && colours->depth == COLOURS_DEEPEST) {
		colours->unsure = true;
	} else if (!alone) {
		snprintf(colours->open[colours->depth].tag, sizeof colours->open[0].tag, "%.11s", tag);
		colours->open[colours->depth++].pair = colours->next;
	}
	colours->next = here(colours);
}

void colours_back(struct colours *colours, size_t depth)
{
	colours->unsure |= colours->depth < depth;
	colours->depth = colours->depth < depth ? colours->depth : depth;
	colours->next = here(colours);
}

/* ---- what a reader sees ---- */

/* From 0 to 1; the square stands for the exponent 2.4 of sRGB. */
static double light(int colour)
{
	double r = (colour >> 16 & 255) / 255.0, g = (colour >> 8 & 255) / 255.0, b = (colour & 255) / 255.0;
	return 0.2126 * r * r + 0.7152 * g * g + 0.0722 * b * b;
}

/* The contrast of WCAG 2.1, which asks for 4.5 where text is to be read with ease; below 1.25 it is not seen. */
bool colours_differ(const struct colours *colours)
{
	struct colours_pair pair = here(colours);
	if (colours->unsure || pair.text == COLOUR_UNKNOWN || pair.ground == COLOUR_UNKNOWN)
		return true;
	double a = light(pair.text), b = light(pair.ground);
	return (a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05)) >= 1.25;
}
