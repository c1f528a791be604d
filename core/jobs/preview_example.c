/* One lead, or account, that moves, as JSON: what becomes of it, and in each model whose score changes the rules that made the difference. The address
 * and `because` (which quotes fields) are for who asks at a terminal, not for what is kept (preview_job.c takes them out). */
#include "jobs/preview_inside.h"

#include <stdlib.h>

static json_t *text(struct str s)
{
	return json_stringn(s.n ? s.p : "", s.n);
}

static const struct receipt_line *line_of(const struct receipt *receipt, const char *rule)
{
	for (size_t i = 0; receipt && i < receipt->count; i++)
		if (strcmp(receipt->lines[i].rule, rule) == 0)
			return &receipt->lines[i];
	return NULL;
}

static void put_rule(json_t *rules, const struct receipt_line *old, const struct receipt_line *new)
{
	const struct receipt_line *line = new ? new : old;
	int before = old ? old->points : 0, after = new ? new->points : 0;
	if (before == after && !(new && new->failed))
		return;
	const struct receipt_line *why = after || (new && new->failed) ? new : old;
	json_array_append_new(rules, json_pack("{s:s, s:o, s:i, s:i, s:o}", "rule", line->rule, "where", json_sprintf("%s:%d", line->at.file, line->at.line), "before",
					       before, "after", after, "because", text(why->because)));
}

static void put_bounded(json_t *rules, int before, int after)
{
	if (before != after)
		json_array_append_new(rules, json_pack("{s:s, s:s, s:i, s:i, s:s}", "rule", "", "where", "", "before", before, "after", after, "because",
						       "the model's from and to, or what stays while a rule fails"));
}

static json_t *rules_json(const struct receipt *old, const struct receipt *new)
{
	json_t *rules = json_array();
	for (size_t i = 0; new && i < new->count; i++)
		put_rule(rules, line_of(old, new->lines[i].rule), &new->lines[i]);
	for (size_t i = 0; old && i < old->count; i++)
		if (!line_of(new, old->lines[i].rule))
			put_rule(rules, &old->lines[i], NULL);
	put_bounded(rules, old ? old->bounded : 0, new ? new->bounded : 0);
	return rules;
}

static json_t *models_json(const struct preview_tally *t, const struct turn_stand *before, const struct turn_stand *after)
{
	json_t *list = json_array();
	for (size_t i = 0; i < t->model_count; i++) {
		const struct preview_pair *pair = &t->models[i].pair;
		const struct receipt *old = pair->before < 0 ? NULL : &before->receipts[pair->before], *new = pair->after < 0 ? NULL : &after->receipts[pair->after];
		if ((old ? old->score : 0) == (new ? new->score : 0) && !(new && new->failed))
			continue;
		json_array_append_new(list, json_pack("{s:s, s:i, s:i, s:o}", "model", pair->name, "before", old ? old->score : 0, "after", new ? new->score : 0, "rules",
						      rules_json(old, new)));
	}
	return list;
}

static const char *band_of(const struct playbook *playbook, int table, const struct turn_stand_grade *grade)
{
	return grade && grade->band >= 0 ? playbook->grades[table].bands[grade->band].name : "";
}

static json_t *grades_json(const struct preview_tally *t, const struct turn_stand *before, const struct turn_stand *after)
{
	static const struct turn_stand_grade none = {{"", 0}, -1};
	json_t *list = json_array();
	for (size_t i = 0; i < t->table_count; i++) {
		const struct preview_pair *pair = &t->tables[i].pair;
		const struct turn_stand_grade *old = pair->before < 0 ? &none : &before->grades[pair->before], *new = pair->after < 0 ? &none : &after->grades[pair->after];
		const char *old_band = band_of(t->before, pair->before, old), *new_band = band_of(t->after, pair->after, new);
		if (str_same(old->grade, new->grade) && strcmp(old_band, new_band) == 0)
			continue;
		json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:s, s:s}", "grades", pair->name, "from", text(old->grade), "to", text(new->grade), "from_band",
						      old_band, "to_band", new_band));
	}
	return list;
}

static json_t *segments_json(const struct preview_tally *t, const struct turn_stand *before, const struct turn_stand *after)
{
	json_t *enter = json_array(), *leave = json_array();
	for (size_t i = 0; i < t->segment_count; i++) {
		const struct preview_pair *pair = &t->segments[i].pair;
		bool was = pair->before >= 0 && before->member[pair->before], is = pair->after >= 0 && after->member[pair->after];
		if (was != is)
			json_array_append_new(is ? enter : leave, json_string(pair->name));
	}
	return json_pack("{s:o, s:o}", "enter", enter, "leave", leave);
}

void preview_tally_example(struct preview_tally *t, const struct lead *lead, const struct turn_stand *before, const struct turn_stand *after)
{
	json_t *json = json_pack("{s:I, s:o, s:o, s:o}", "lead", (json_int_t)lead->id, "grades", grades_json(t, before, after), "segments",
				 segments_json(t, before, after), "models", models_json(t, before, after));
	if (lead->fields[LEAD_EMAIL].type == VALUE_TEXT)
		json_object_set_new(json, "email", text(lead->fields[LEAD_EMAIL].text));
	if (before->stage != after->stage)
		json_object_set_new(json, "stage", json_pack("{s:s, s:s}", "from", stage_name(before->stage), "to", stage_name(after->stage)));
	t->examples[t->example_count++] = (struct preview_example){t->cell, json};
}

void preview_tally_example_account(struct preview_tally *t, int64_t account_id, struct str name, const struct turn_stand *before, const struct turn_stand *after)
{
	json_t *json = json_pack("{s:I, s:o, s:o}", "account", (json_int_t)account_id, "grades", grades_json(t, before, after), "models", models_json(t, before, after));
	if (name.n)
		json_object_set_new(json, "name", text(name));
	t->examples[t->example_count++] = (struct preview_example){t->cell, json};
}
