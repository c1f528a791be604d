/* Receipts as JSON: what the API and `nurture score --explain --json` show. Grades are those stored by the last turn. */
#include "turn/inside.h"

enum { AHEAD_SHOWN = 20 };

static json_t *text(struct str s)
{
	return json_stringn(s.n ? s.p : "", s.n);
}

static json_t *line_json(const struct receipt_line *line)
{
	char when[MOMENT_TEXT];
	json_t *json = json_pack("{s:s, s:i, s:o, s:o}", "rule", line->rule, "points", line->points, "because", text(line->because), "where",
				 json_sprintf("%s:%d", line->at.file, line->at.line));
	if (line->changes_at != MOMENT_NEVER)
		json_object_set_new(json, "changes_at", json_string(moment_format(line->changes_at, when)));
	return json;
}

json_t *turn_receipt_json(const struct playbook *playbook, const struct receipt *receipt)
{
	json_t *rules = json_array();
	int model = playbook_model(playbook, str_of(receipt->model));
	for (size_t i = 0; i < receipt->count; i++)
		json_array_append_new(rules, line_json(&receipt->lines[i]));
	json_t *json = json_pack("{s:s, s:s, s:i, s:i, s:b, s:o}", "model", receipt->model, "title", model < 0 ? "" : playbook->models[model].title,
				 "score", receipt->score, "bounded", receipt->bounded, "failed", receipt->failed, "rules", rules);
	if (receipt->unscored)
		json_object_set_new(json, "unscored", json_true());
	return json;
}

static json_t *grades_json(const struct turn_facts *facts)
{
	json_t *grades = json_array();
	for (size_t i = 0; i < facts->score_count; i++)
		if (facts->scores[i].is_grade)
			json_array_append_new(grades, json_pack("{s:o, s:o, s:o}", "name", text(facts->scores[i].name), "grade",
								text(facts->scores[i].grade), "band", text(facts->scores[i].band)));
	return grades;
}

/* What its account's summary counts of this lead, worked out now; null without an account. */
static json_t *account_json(struct playbook *playbook, struct turn_facts *facts, struct arena *arena)
{
	struct account_member member;
	struct str packed = turn_explain_member(playbook, facts, arena);
	if (!account_member_read(packed, &member))
		return json_null();
	return json_pack("{s:I, s:o, s:b, s:o}", "account", (json_int_t)facts->lead.account_id, "role", text(str_of(account_role_name(member.role))), "counts", member.counts,
			 "kept", text(packed));
}

size_t turn_ahead(const struct turn_facts *facts)
{
	size_t n = 0;
	while (n < facts->history.count && facts->history.events[facts->history.count - 1 - n].at > facts->now)
		n++;
	return n;
}

static json_t *ahead_json(const struct turn_facts *facts)
{
	char when[MOMENT_TEXT];
	json_t *events = json_array();
	size_t n = turn_ahead(facts);
	for (size_t i = facts->history.count - n; i < facts->history.count && json_array_size(events) < AHEAD_SHOWN; i++) {
		const struct history_event *e = &facts->history.events[i];
		json_array_append_new(events, json_pack("{s:s, s:o, s:o}", "at", moment_format(e->at, when), "verb", text(e->verb), "subject", text(e->subject)));
	}
	return events;
}

json_t *turn_explain_json(struct playbook *playbook, struct turn_facts *facts, struct arena *arena, struct error *error)
{
	struct receipt *receipts = NULL;
	size_t count = 0;
	if (turn_explain(playbook, facts, arena, &receipts, &count, error) < 0)
		return NULL;
	json_t *models = json_array(), *segments = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(models, turn_receipt_json(playbook, &receipts[i]));
	for (size_t i = 0; i < facts->lead.segment_count; i++)
		json_array_append_new(segments, text(facts->lead.segments[i]));
	return json_pack("{s:I, s:s, s:o, s:o, s:o, s:o, s:o}", "lead", (json_int_t)facts->lead.id, "stage", stage_name(facts->lead.stage), "segments", segments,
			 "grades", grades_json(facts), "models", models, "account", account_json(playbook, facts, arena), "ahead", ahead_json(facts));
}
