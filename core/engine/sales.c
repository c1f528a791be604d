/* What the people of sales have in hand, for teams that take turns: as the last poll saw it, and what this engine gave since. Another engine's
 * handoffs are known by the next poll: for as long as that two may give to the same person. */
#include "engine/parts.h"

void sales_look(struct engine *engine, const struct poll *poll)
{
	struct sales *s = &engine->sales;
	if (!s->arena)
		s->arena = arena_new();
	arena_reset(s->arena);
	s->count = s->room = 0;
	s->loads = NULL;
	for (size_t i = 0; i < poll->load_count; i++) {
		struct sales_load *load = arena_push(s->arena, &s->loads, s->count, &s->room, sizeof *load);
		*load = poll->loads[i];
		load->person = arena_str(s->arena, poll->loads[i].person);
		s->count++;
	}
}

static struct sales_load *load_of(struct sales *s, struct str person)
{
	for (size_t i = 0; i < s->count; i++)
		if (str_same(s->loads[i].person, person))
			return &s->loads[i];
	struct sales_load *load = arena_push(s->arena, &s->loads, s->count, &s->room, sizeof *load);
	*load = (struct sales_load){.person = arena_str(s->arena, person)};
	s->count++;
	return load;
}

void sales_note(struct engine *engine, const struct turn_changes *changes, moment_t now)
{
	for (size_t i = 0; engine->sales.arena && i < changes->handoff_count; i++) {
		struct sales_load *load = changes->handoffs[i].person.n ? load_of(&engine->sales, changes->handoffs[i].person) : NULL;
		if (!load)
			continue;
		load->open++;
		load->last = now > load->last ? now : load->last + 1; /* in one batch all are of one moment: the order stays */
	}
}

void sales_fini(struct engine *engine)
{
	arena_free(engine->sales.arena);
}
