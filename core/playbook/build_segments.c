/* Segments: named sets of leads. A segment may ask for another; they are kept in an order in which whoever is asked for
 * comes first (order.c), and that position is their rank and the index that conditions hold. */
#include "playbook/build.h"

static void read_segment(struct build *b, const struct phrase *phrase, struct segment *out)
{
	const char *contact = detail_text(phrase, "contact");
	out->who = build_condition_property(b, phrase, "who");
	if (!detail_of(phrase, "who"))
		build_error(b, phrase->at, "who = is missing: who = on \"*\" { within = \"30 days\" }.");
	if (contact && strcmp(contact, "never") != 0)
		build_error(b, phrase->at, "contact = can only be \"never\".");
	out->never_contact = contact != NULL;
}

void build_segments(struct build *b)
{
	const struct declared *d = &b->declared[DECLARED_SEGMENT];
	struct segment *segments = arena_array(b->arena, d->count + 1, sizeof *segments);
	for (size_t i = 0; i < d->count; i++) {
		const struct phrase *phrase = d->items[i].phrase;
		const char *outer = build_enter(b, phrase);
		segments[i] = (struct segment){.name = phrase->name,
					       .title = detail_text(phrase, "title"),
					       .at = phrase->at,
					       .rank = (int)i};
		if (!segments[i].title)
			segments[i].title = phrase->name;
		if (d->items[i].sound)
			read_segment(b, phrase, &segments[i]);
		build_leave(b, outer);
	}
	b->playbook->segments = segments;
	b->playbook->segment_count = d->count;
}
