/* See purge.h. Pure. */
#include "turn/purge.h"

#include "base/buf.h"
#include "base/calendar.h"

/* Everything that is not the lead's own doing: our mails, calls, what sales says. */
static const char *verbs_by_us(const struct playbook *playbook, struct arena *arena)
{
	struct buf names = {0};
	for (const struct verb *verb = model_verbs; verb->name; verb++)
		if (!verb->by_lead)
			buf_printf(&names, "%s%s", names.n ? "," : "", verb->name);
	for (size_t i = 0; playbook && i < playbook->verb_count; i++)
		if (!playbook->verbs[i].by_lead)
			buf_printf(&names, ",%s", playbook->verbs[i].name);
	const char *text = arena_dup_n(arena, names.p ? names.p : "", names.n);
	buf_fini(&names);
	return text;
}

int turn_purge_who(const struct playbook *playbook, struct str older, struct str segment, moment_t now, struct arena *arena, struct turn_purge *out,
		   struct error *error)
{
	struct duration length;
	char text[MOMENT_TEXT];
	bool known = !segment.p;
	if (duration_parse_days(older, &length, error) < 0) {
		snprintf(error->where, sizeof error->where, "older");
		return -1;
	}
	for (size_t i = 0; playbook && !known && i < playbook->segment_count; i++)
		known = str_is(segment, playbook->segments[i].name);
	if (!known)
		return error_set(error, ERROR_INVALID, "segment", "there is no segment \"%.*s\" in the active playbook.", STR_ARG(segment));
	*out = (struct turn_purge){.segment = segment.p ? arena_dup_n(arena, segment.p, segment.n) : NULL, .verbs = verbs_by_us(playbook, arena),
				   .since = arena_dup(arena, moment_format(calendar_subtract(now, length, playbook ? playbook->time_zone : NULL, NULL, NULL), text))};
	return 0;
}
