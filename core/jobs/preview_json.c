/* The tally as JSON: what moved, largest first where there is an order. Reads the tables that preview_tally.c counted. */
#include "jobs/preview_inside.h"

#include <stdio.h>
#include <stdlib.h>

const char *preview_grade_name(int index, char out[3])
{
	if (index == 0)
		out[0] = '\0';
	else if (index < 5)
		snprintf(out, 3, "%c", 'A' + index - 1);
	else
		snprintf(out, 3, "%c%c", 'A' + (index - 5) / 4, '1' + (index - 5) % 4);
	return out;
}

/* "new" or "gone" where only one of the playbooks has it. */
static void put_state(json_t *json, const struct preview_pair *pair)
{
	if (pair->before < 0 || pair->after < 0)
		json_object_set_new(json, pair->before < 0 ? "new" : "gone", json_true());
}

static json_t *models_json(const struct preview_tally *t)
{
	json_t *list = json_array();
	for (size_t i = 0; i < t->model_count; i++) {
		const struct preview_model *m = &t->models[i];
		if (!m->changed && m->pair.before >= 0 && m->pair.after >= 0)
			continue;
		json_t *json = json_pack("{s:s, s:I, s:I, s:I}", "model", m->pair.name, "changed", (json_int_t)m->changed, "up", (json_int_t)m->up, "down",
					 (json_int_t)m->down);
		put_state(json, &m->pair);
		if (t->leads && m->pair.before >= 0 && m->pair.after >= 0) {
			json_object_set_new(json, "mean_before", json_real((double)m->sum_before / (double)t->leads));
			json_object_set_new(json, "mean_after", json_real((double)m->sum_after / (double)t->leads));
		}
		json_array_append_new(list, json);
	}
	return list;
}

static const char *whom(const struct preview_tally *t)
{
	return t->of_accounts ? "accounts" : "leads";
}

static json_t *grade_moves(const struct preview_tally *t, const struct preview_table *table)
{
	json_t *list = json_array();
	char from[3], to[3];
	for (int i = 0; i < PREVIEW_GRADES; i++)
		for (int k = 0; k < PREVIEW_GRADES; k++)
			if (table->grades[i][k])
				json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "from", preview_grade_name(i, from), "to", preview_grade_name(k, to), whom(t),
								      (json_int_t)table->grades[i][k]));
	return list;
}

static json_t *band_moves(const struct preview_tally *t, const struct preview_table *table)
{
	json_t *list = json_array();
	for (size_t i = 0; i <= table->old_bands; i++)
		for (size_t k = 0; k <= table->new_bands; k++) {
			int64_t leads = table->bands[i * (table->new_bands + 1) + k];
			const char *from = i ? t->before->grades[table->pair.before].bands[i - 1].name : "";
			const char *to = k ? t->after->grades[table->pair.after].bands[k - 1].name : "";
			if (leads)
				json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "from", from, "to", to, whom(t), (json_int_t)leads));
		}
	return list;
}

static json_t *tables_json(const struct preview_tally *t)
{
	json_t *list = json_array();
	for (size_t i = 0; i < t->table_count; i++) {
		const struct preview_table *table = &t->tables[i];
		if (!table->moved && table->pair.before >= 0 && table->pair.after >= 0)
			continue;
		json_t *json = json_pack("{s:s, s:I, s:o, s:o}", "grades", table->pair.name, "moved", (json_int_t)table->moved, "moves", grade_moves(t, table), "bands",
					 band_moves(t, table));
		put_state(json, &table->pair);
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *segments_json(const struct preview_tally *t)
{
	json_t *list = json_array();
	for (size_t i = 0; i < t->segment_count; i++) {
		const struct preview_segment *s = &t->segments[i];
		if (!s->enter && !s->leave && s->pair.before >= 0 && s->pair.after >= 0)
			continue;
		json_t *json = json_pack("{s:s, s:I, s:I, s:I, s:I}", "segment", s->pair.name, "before", (json_int_t)s->before, "after", (json_int_t)s->after,
					 "enter", (json_int_t)s->enter, "leave", (json_int_t)s->leave);
		put_state(json, &s->pair);
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *stages_json(const struct preview_tally *t)
{
	json_t *list = json_array();
	for (int i = 0; i < STAGE_COUNT; i++)
		if (t->stages[i])
			json_array_append_new(list, json_pack("{s:s, s:I}", "stage", stage_name((enum stage)i), "leads", (json_int_t)t->stages[i]));
	return list;
}

/* segment "active"; or enter, where it is more than that. */
static json_t *what_it_asks(const struct playbook *playbook, const struct campaign *campaign)
{
	if (campaign->enter->kind == CONDITION_SEGMENT)
		return json_sprintf("segment \"%s\"", playbook->segments[campaign->enter->segment].name);
	return json_string("enter");
}

static json_t *campaigns_json(const struct preview_tally *t)
{
	json_t *list = json_array();
	for (size_t i = 0; i < t->after->campaign_count; i++)
		if (t->campaigns[i].leads)
			json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:I, s:b, s:b}", "campaign", t->campaigns[i].pair.name, "where",
							      json_sprintf("%s:%d", t->after->campaigns[i].at.file, t->after->campaigns[i].at.line), "asks",
							      what_it_asks(t->after, &t->after->campaigns[i]), "leads", (json_int_t)t->campaigns[i].leads, "existing",
							      t->after->campaigns[i].existing, "one_of_account", t->after->campaigns[i].once_per_account));
	return list;
}

static json_t *errors_json(const struct preview_tally *t)
{
	json_t *list = json_array();
	for (size_t i = 0; i < t->error_count; i++) {
		const struct preview_error *e = &t->errors[i];
		json_array_append_new(list, json_pack("{s:o, s:s, s:s, s:I, s:I}", "where", json_sprintf("%s:%d", e->file, e->line), "context", e->context,
						      "message", e->message, "leads", (json_int_t)e->leads, "first", (json_int_t)e->first));
	}
	return list;
}

static json_int_t number_of(const json_t *example)
{
	const json_t *lead = json_object_get(example, "lead");
	return json_integer_value(lead ? lead : json_object_get(example, "account"));
}

static int larger_first(const void *a, const void *b)
{
	const struct preview_example *x = a, *y = b;
	if (*x->cell != *y->cell)
		return *x->cell < *y->cell ? 1 : -1;
	json_int_t one = number_of(x->json), other = number_of(y->json);
	return one < other ? -1 : one > other;
}

/* The largest move's first example, then the next one's …, then the second ones. */
static json_t *examples_json(const struct preview_tally *t)
{
	struct preview_example sorted[PREVIEW_EXAMPLES];
	bool told[PREVIEW_EXAMPLES] = {false};
	json_t *list = json_array();
	memcpy(sorted, t->examples, sizeof sorted);
	qsort(sorted, t->example_count, sizeof *sorted, larger_first);
	for (int round = 0; round < PREVIEW_EACH; round++) {
		const int64_t *cells[PREVIEW_EXAMPLES];
		size_t n = 0;
		for (size_t i = 0; i < t->example_count; i++) {
			bool had = told[i];
			for (size_t k = 0; k < n && !had; k++)
				had = cells[k] == sorted[i].cell;
			if (had)
				continue;
			told[i] = true;
			cells[n++] = sorted[i].cell;
			json_array_append(list, sorted[i].json);
		}
	}
	return list;
}

json_t *preview_tally_json(const struct preview_tally *t)
{
	if (t->of_accounts)
		return json_pack("{s:I, s:I, s:o, s:o, s:o}", "accounts", (json_int_t)t->leads, "moved", (json_int_t)t->moved, "models", models_json(t), "grades",
				 tables_json(t), "examples", examples_json(t));
	return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "leads", (json_int_t)t->leads, "moved", (json_int_t)t->moved, "models", models_json(t),
			 "grades", tables_json(t), "segments", segments_json(t), "stages", stages_json(t), "campaigns", campaigns_json(t), "errors",
			 errors_json(t), "examples", examples_json(t));
}
