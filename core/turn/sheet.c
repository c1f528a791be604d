/* See sheet.h. */
#include "turn/sheet.h"

#include "playbook/calls.h"
#include "turn/zones.h"

#include <string.h>

enum { TIMELINE_SHOWN = 40 };

static json_t *text(struct str s)
{
	return json_stringn(s.n ? s.p : "", s.n);
}

static json_t *word(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *fields_json(const struct field *fields, const struct value *values, size_t count)
{
	json_t *json = json_object();
	for (size_t i = 0; i < count; i++)
		if (values[i].type != VALUE_EMPTY)
			json_object_set_new(json, fields[i].name, value_to_json(&values[i]));
	return json;
}

static json_t *account_json(const struct playbook *playbook, const struct account *account)
{
	return account ? json_pack("{s:I, s:o}", "id", (json_int_t)account->id, "fields",
				   fields_json(playbook->schema.account, account->fields, playbook->schema.account_count))
		       : json_null();
}

/* ---- the script ---- */

static json_t *next_json(const struct call_script *script, int next)
{
	return next == QUESTION_END ? json_null() : json_string(script->questions[next].name);
}

static json_t *cases_json(const struct call_script *script, const struct call_question *q)
{
	json_t *cases = json_object();
	for (size_t i = 0; i < q->case_count; i++)
		json_object_setn_new(cases, q->cases[i].choice.p, q->cases[i].choice.n, next_json(script, q->cases[i].next));
	return cases;
}

static json_t *choices_json(const struct field *field)
{
	json_t *choices = json_array();
	for (size_t i = 0; i < field->choice_count; i++)
		json_array_append_new(choices, json_pack("{s:s, s:s}", "name", field->choices[i], "label",
							 field->choice_labels && field->choice_labels[i] ? field->choice_labels[i] : field->choices[i]));
	return choices;
}

static json_t *question_json(const struct playbook *playbook, const struct call_script *script, const struct call_question *q)
{
	static const char *const types[] = {[FIELD_TEXT] = "text", [FIELD_NUMBER] = "number", [FIELD_DATE] = "date", [FIELD_YES_NO] = "yes/no",
					    [FIELD_CHOICE] = "choice", [FIELD_CHOICES] = "choices"};
	const struct field *field = q->slot < 0 ? NULL : &playbook->schema.lead[q->slot];
	json_t *json = json_pack("{s:s, s:s, s:b, s:o, s:s, s:o}", "name", q->name, "ask", q->ask ? q->ask : q->name, "needed", q->needed, "field",
				 word(field ? field->name : NULL), "type", field ? types[field->type] : "people", "next", next_json(script, q->next));
	if (q->creates_colleague)
		json_object_set_new(json, "creates", json_string("colleague"));
	if (field && field->choice_count)
		json_object_set_new(json, "choices", choices_json(field));
	if (q->case_count)
		json_object_set_new(json, "branch", json_pack("{s:s, s:o}", "field", playbook->schema.lead[q->choose_slot].name, "cases", cases_json(script, q)));
	return json;
}

static json_t *script_json(const struct playbook *playbook, const struct call_script *script)
{
	if (!script)
		return json_null();
	json_t *questions = json_array(), *results = json_array();
	for (size_t i = 0; i < script->question_count; i++)
		json_array_append_new(questions, question_json(playbook, script, &script->questions[i]));
	for (size_t i = 0; i < script->result_count; i++)
		json_array_append_new(results, json_string(script->results[i].name));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "name", script->name, "title", word(script->title), "opening", word(script->opening), "closing",
			 word(script->closing), "questions", questions, "results", results);
}

static json_t *dispositions_json(const struct playbook *playbook)
{
	static const char *const means[] = {[MEANS_NOBODY] = "nobody", [MEANS_WRONG] = "wrong", [MEANS_REFUSED] = "refused", [MEANS_NEVER] = "never"};
	json_t *all = json_array();
	for (size_t i = 0; i < playbook->disposition_count; i++) {
		const struct disposition *d = &playbook->dispositions[i];
		json_array_append_new(all, json_pack("{s:s, s:s, s:s}", "name", d->name, "label", d->label ? d->label : d->name, "means", means[d->means]));
	}
	return all;
}

/* ---- what happened ---- */

/* Newest first; of what lies ahead (a sender's clock that is fast) nothing. */
static json_t *timeline_json(const struct playbook *playbook, const struct turn_facts *facts)
{
	char when[MOMENT_TEXT];
	json_t *events = json_array();
	for (size_t i = facts->history.count; i-- > 0 && json_array_size(events) < TIMELINE_SHOWN;) {
		const struct history_event *e = &facts->history.events[i];
		const struct asset *asset = e->subject.n ? playbook_asset(playbook, e->subject) : NULL;
		if (e->at > facts->now || e->machine)
			continue;
		json_t *json = json_pack("{s:s, s:o, s:o}", "at", moment_format(e->at, when), "verb", text(e->verb), "subject", text(e->subject));
		if (asset && asset->title)
			json_object_set_new(json, "title", json_string(asset->title));
		if (e->has_value)
			json_object_set_new(json, "value", json_real(e->value));
		json_array_append_new(events, json);
	}
	return events;
}

static json_t *scores_json(const struct turn_facts *facts, bool grades)
{
	json_t *json = json_object();
	for (size_t i = 0; i < facts->score_count; i++) {
		const struct score *s = &facts->scores[i];
		if (s->is_grade && grades)
			json_object_setn_new(json, s->name.p, s->name.n, json_pack("{s:o, s:o}", "grade", text(s->grade), "band", text(s->band)));
		else if (!s->is_grade && !grades)
			json_object_setn_new(json, s->name.p, s->name.n, json_integer(s->points));
	}
	return json;
}

static json_t *place_json(const struct playbook *playbook, const struct turn_facts *facts)
{
	struct turn_zones zones;
	json_t *names = json_array();
	turn_zones(playbook, facts, &zones);
	for (size_t i = 0; i < zones.count; i++)
		json_array_append_new(names, json_string(zones.names[i]));
	char number[3];
	if (!turn_phone_country(facts, number))
		*number = 0;
	return json_pack("{s:s, s:s, s:o, s:s, s:o}", "country", zones.country, "phone_country", number, "region", text(zones.region), "by", zones.by, "zones", names);
}

json_t *turn_sheet(struct playbook *playbook, struct turn_facts *facts, const struct touch *touch, const char *revision, struct arena *arena, struct error *error)
{
	/* what happened, before the receipt adds what this very moment would */
	json_t *timeline = timeline_json(playbook, facts);
	json_t *receipt = turn_explain_json(playbook, facts, arena, error);
	if (!receipt) {
		json_decref(timeline);
		return NULL;
	}
	const struct lead *lead = &facts->lead;
	json_t *person = json_pack("{s:I, s:s, s:O, s:o}", "id", (json_int_t)lead->id, "stage", stage_name(lead->stage), "segments",
				   json_object_get(receipt, "segments"), "fields", fields_json(playbook->schema.lead, lead->fields, playbook->schema.lead_count));
	json_t *sheet = json_pack("{s:s, s:o, s:o, s:o, s:o, s:O, s:o, s:o}", "revision", revision, "lead", person, "account",
				  account_json(playbook, facts->account), "scores", scores_json(facts, false), "grades", scores_json(facts, true), "receipt",
				  json_object_get(receipt, "models"), "timeline", timeline, "place", place_json(playbook, facts));
	if (str_is(touch->kind, "call")) {
		json_object_set_new(sheet, "script", script_json(playbook, playbook_script(playbook, touch->template_name)));
		json_object_set_new(sheet, "dispositions", dispositions_json(playbook));
	}
	json_decref(receipt);
	return sheet;
}
