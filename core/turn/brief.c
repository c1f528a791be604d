/* What sales are told of a lead that is theirs now: who it is, the score receipt, the timeline and why now, as the data of a mail to its owner. Called
 * by contact.c for each handoff. The words are those of templates/email/handoff.md, the playbook's or ours (playbook/brief.h). */
#include "turn/inside.h"

#include <stdlib.h>

enum { EVENTS_TOLD = 12 };

static json_t *text_json(struct str text)
{
	return json_stringn(text.p, text.n);
}

static json_t *receipts_json(struct turn *turn)
{
	const struct playbook *playbook = turn->playbook;
	const struct receipt *receipts = turn_receipts(turn);
	json_t *all = json_array();
	for (size_t m = 0; m < playbook->model_count; m++) {
		json_t *lines = json_array();
		if (playbook->models[m].of_account) {
			json_decref(lines);
			continue;
		}
		for (size_t i = 0; i < receipts[m].count; i++)
			if (receipts[m].lines[i].points)
				json_array_append_new(lines, json_pack("{s:s, s:i, s:o}", "rule", receipts[m].lines[i].rule, "points", receipts[m].lines[i].points,
								       "because", text_json(receipts[m].lines[i].because)));
		json_array_append_new(all, json_pack("{s:s, s:i, s:o}", "model", playbook->models[m].title, "score", receipts[m].score, "rules", lines));
	}
	return all;
}

/* The newest that the lead did, newest first. */
static json_t *timeline_json(const struct turn *turn)
{
	const struct history *history = &turn->facts->history;
	json_t *all = json_array();
	for (size_t i = history->count; i-- > 0 && json_array_size(all) < EVENTS_TOLD;) {
		const struct history_event *event = &history->events[i];
		const struct verb *verb = verb_find(event->verb);
		char at[MOMENT_TEXT];
		if (event->machine || event->at > turn->now || !playbook_verb_by_lead(turn->playbook, event->verb))
			continue;
		moment_format(event->at, at);
		json_array_append_new(all, json_pack("{s:s, s:o, s:o}", "at", at, "what", verb ? json_string(verb->label) : text_json(event->verb), "subject",
						     text_json(event->subject)));
	}
	return all;
}

/* As moments are written in a playbook: whoever reads it may be far from the lead, so the zone is the office's and is said. */
static json_t *due_json(const struct turn *turn, moment_t due_at)
{
	const struct hours *office = turn_hours(turn->playbook, STR("office"), STR("office"));
	const char *zone = office && office->zone ? office->zone : turn->playbook->time_zone;
	struct calendar_local local;
	calendar_local(due_at, zone, &local);
	return json_string(arena_printf(turn->arena, "%04d-%02d-%02d %02d:%02d %s", local.year, local.month, local.day, local.hour, local.minute, zone));
}

struct str turn_brief(struct turn *turn, const struct turn_handoff *handoff)
{
	json_t *data = json_object(), *reasons = json_loadb(handoff->reasons.p, handoff->reasons.n, 0, NULL);
	json_object_set_new(data, "reasons", reasons ? reasons : json_array());
	json_object_set_new(data, "receipts", receipts_json(turn));
	json_object_set_new(data, "timeline", timeline_json(turn));
	if (handoff->due_at)
		json_object_set_new(data, "due", due_json(turn, handoff->due_at));
	char *text = json_dumps(data, JSON_COMPACT);
	struct str out = str_of(arena_dup(turn->arena, text));
	free(text);
	json_decref(data);
	return out;
}
