/* A simulation as JSON (simulate.h), for --json and HTTP. Keys that say nothing are left out. */
#include "turn/simulate.h"

static void put_text(json_t *object, const char *key, struct str text)
{
	if (text.n)
		json_object_set_new(object, key, json_stringn(text.p, text.n));
}

static void put_moment(json_t *object, const char *key, moment_t at)
{
	char text[MOMENT_TEXT];
	if (at && at != MOMENT_NEVER)
		json_object_set_new(object, key, json_string(moment_format(at, text)));
}

static void put_local(json_t *object, moment_t at, const char *zone)
{
	struct calendar_local local;
	char text[40];
	calendar_local(at, zone, &local);
	snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d", local.year, local.month, local.day, local.hour, local.minute);
	json_object_set_new(object, "local", json_string(text));
}

static json_t *line_json(const struct simulate_line *line, const char *zone)
{
	json_t *json = json_object();
	put_moment(json, "at", line->at);
	put_local(json, line->at, zone);
	json_object_set_new(json, "day", json_integer(line->day));
	const struct { const char *key; struct str text; } texts[] = {
		{"what", line->what},     {"campaign", line->campaign}, {"step", line->step},   {"name", line->name}, {"outcome", line->outcome},
		{"answer", line->answer}, {"why", line->why},           {"reason", line->reason}, {"put_off", line->put_off}, {"where", line->where}};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		put_text(json, texts[i].key, texts[i].text);
	put_moment(json, "due_at", line->wished);
	if (line->pass)
		json_object_set_new(json, "pass", json_integer(line->pass));
	return json;
}

static json_t *stand_json(const struct enrollment *e)
{
	json_t *json = json_object();
	put_text(json, "campaign", e->campaign);
	put_text(json, "step", e->step);
	json_object_set_new(json, "state", json_string(enrollment_state_name(e->state)));
	put_moment(json, "due_at", e->due_at);
	put_moment(json, "entered_at", e->entered_at);
	put_moment(json, "goal_at", e->goal_at);
	put_moment(json, "ended_at", e->ended_at);
	put_text(json, "reason", e->reason);
	json_object_set_new(json, "holdout", json_boolean(e->holdout));
	return json;
}

static json_t *error_json(const struct problem *problem)
{
	return json_pack("{s:s, s:i, s:s, s:s}", "file", problem->at.file ? problem->at.file : "", "line", problem->at.line, "context",
			 problem->context ? problem->context : "", "message", problem->message);
}

json_t *turn_simulate_json(const struct playbook *playbook, const struct simulate_ask *ask, const struct simulation *simulation)
{
	json_t *json = json_object(), *lines = json_array(), *stands = json_array(), *errors = json_array();
	json_object_set_new(json, "campaign", json_string(ask->campaign->name));
	json_object_set_new(json, "lead", ask->known ? json_integer(ask->known->lead.id) : json_null());
	json_object_set_new(json, "revision", json_string(playbook->revision));
	json_object_set_new(json, "zone", json_string(simulation->zone));
	put_moment(json, "from", simulation->from);
	put_moment(json, "to", simulation->to);
	json_object_set_new(json, "in_before", json_boolean(simulation->in_before));
	for (size_t i = 0; i < simulation->count; i++)
		json_array_append_new(lines, line_json(&simulation->lines[i], simulation->zone));
	for (size_t i = 0; i < simulation->enrollment_count; i++)
		json_array_append_new(stands, stand_json(&simulation->enrollments[i]));
	for (size_t i = 0; i < simulation->error_count; i++)
		json_array_append_new(errors, error_json(&simulation->errors[i]));
	json_object_set_new(json, "lines", lines);
	json_object_set_new(json, "stands", stands);
	json_object_set_new(json, "errors", errors);
	json_object_set_new(json, "notes", turn_simulate_notes(ask, simulation));
	put_moment(json, "cut_at", simulation->cut_at);
	return json;
}
