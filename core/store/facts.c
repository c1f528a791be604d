/* Rows become model structs. A dozen questions in one pipeline, whatever the number of leads; each answer is ordered by lead, so it is
 * laid beside the leads in one walk. Values that do not fit their field any more (the playbook changed it) read as empty and stay in the row. */
#include "store/facts.h"

#include "model/account.h"
#include "model/quality.h"
#include "store/account.h"

#include <stdlib.h>
#include <string.h>

#include "store/facts.sql.h"

enum { COLUMN_FIELDS = 4, COLUMN_SEGMENTS = 5, COLUMN_STANDARD = 6 };

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

void sort_ids(int64_t *ids, size_t *count)
{
	size_t n = 0;
	if (*count)
		qsort(ids, *count, sizeof *ids, compare_ids);
	for (size_t i = 0; i < *count; i++)
		if (n == 0 || ids[n - 1] != ids[i])
			ids[n++] = ids[i];
	*count = n;
}

static struct params *ids_param(struct op *op, const struct facts *facts)
{
	struct params *p = op_params(op);
	struct param *array = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < facts->id_count; i++)
		array_int8(array, facts->ids[i]);
	return p;
}

void facts_ask(struct op *op, struct facts *facts, int tag)
{
	static const struct { const char *name, *sql; } questions[] = {
		[FACTS_LEAD - TAG_FACTS] = {"facts_lead", sql_facts_lead},
		[FACTS_ACCOUNT - TAG_FACTS] = {"facts_account", sql_facts_account},
		[FACTS_HISTORY - TAG_FACTS] = {"facts_history", sql_facts_history},
		[FACTS_SCORE - TAG_FACTS] = {"facts_score", sql_facts_score},
		[FACTS_ENROLLMENT - TAG_FACTS] = {"facts_enrollment", sql_facts_enrollment},
		[FACTS_CONSENT - TAG_FACTS] = {"facts_consent", sql_facts_consent},
		[FACTS_SUPPRESSION - TAG_FACTS] = {"facts_suppression", sql_facts_suppression},
		[FACTS_TWIN - TAG_FACTS] = {"facts_twin", sql_facts_twin},
		[FACTS_PAUSE - TAG_FACTS] = {"facts_pause", sql_facts_pause},
		[FACTS_SPLIT - TAG_FACTS] = {"facts_split", sql_facts_split},
		[FACTS_CLAIM - TAG_FACTS] = {"facts_claim", sql_facts_claim},
		[FACTS_TOUCH - TAG_FACTS] = {"facts_touch", sql_facts_touch},
	};
	struct params *p = tag == FACTS_PAUSE || tag == FACTS_SPLIT ? op_params(op) : ids_param(op, facts);
	if (tag == FACTS_ACCOUNT)
		param_bool(p, !facts->without_summaries);
	if (tag == FACTS_TOUCH)
		param_time(p, facts->now - facts->longest_cap);
	if (tag == FACTS_SUPPRESSION) {
		param_text(p, facts->kind ? str_of(facts->kind) : (struct str){NULL, 0});
		param_text(p, facts->channel ? str_of(facts->channel) : (struct str){NULL, 0});
	}
	op_send(op, (struct statement){questions[tag - TAG_FACTS].name, questions[tag - TAG_FACTS].sql}, tag);
}

void facts_send(struct op *op, struct facts *facts)
{
	for (int tag = FACTS_LEAD; tag <= FACTS_TOUCH; tag++)
		facts_ask(op, facts, tag);
}

struct batch_lead *facts_find(const struct facts *facts, int64_t lead_id)
{
	size_t low = 0, high = facts->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (facts->leads[middle].facts.lead.id < lead_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < facts->count && facts->leads[low].facts.lead.id == lead_id ? &facts->leads[low] : NULL;
}

bool facts_next_run(const struct facts *facts, const PGresult *rows, struct facts_run *run)
{
	int total = PQntuples(rows);
	for (int i = run->first + run->count; i < total;) {
		int64_t lead_id = row_int8(rows, i, 0);
		int count = 1;
		while (i + count < total && row_int8(rows, i + count, 0) == lead_id)
			count++;
		*run = (struct facts_run){facts_find(facts, lead_id), i, count};
		if (run->lead)
			return true;
		i += count;
	}
	return false;
}

/* ---- values ---- */

static struct value text_value(const PGresult *rows, int row, int column, struct arena *arena)
{
	struct value v = {.type = VALUE_EMPTY};
	if (PQgetlength(rows, row, column) > 0) {
		v.type = VALUE_TEXT;
		v.text = row_text(rows, row, column, arena);
	}
	return v;
}

/* The playbook's own fields, from one JSON object into slots [from, count). */
static void read_custom(struct facts *facts, struct str json, const struct field *fields, size_t from, size_t count, struct value *out)
{
	if (count <= from || json.n <= 2)
		return;
	json_t *object = json_loadb(json.p, json.n, 0, NULL);
	for (size_t i = from; object && i < count; i++) {
		const json_t *value = json_object_get(object, fields[i].name);
		if (value && value_from_json(&fields[i], value, facts->arena, &out[i], NULL))
			out[i] = (struct value){.type = VALUE_EMPTY};
	}
	json_decref(object);
}

/* Names joined by \x1f. */
static const struct str *read_names(struct facts *facts, struct str joined, size_t *count)
{
	size_t room = 1;
	*count = 0;
	if (!joined.n)
		return NULL;
	for (size_t i = 0; i < joined.n; i++)
		room += joined.p[i] == '\x1f';
	struct str *names = arena_array(facts->arena, room, sizeof *names);
	struct str rest = arena_str(facts->arena, joined);
	while (rest.p)
		names[(*count)++] = str_cut(&rest, '\x1f');
	return names;
}

static struct value list_value(struct facts *facts, struct str joined)
{
	struct value v = {.type = joined.n ? VALUE_LIST : VALUE_EMPTY};
	if (joined.n)
		v.list.items = read_names(facts, joined, &v.list.count);
	return v;
}

bool facts_says_twin(const struct lead *lead)
{
	const struct value *quality = &lead->fields[LEAD_QUALITY];
	for (size_t k = 0; quality->type == VALUE_LIST && k < quality->list.count; k++)
		if (str_is(quality->list.items[k], quality_names[QUALITY_DUPLICATE]))
			return true;
	return false;
}

static void read_leads(struct facts *facts, const PGresult *rows)
{
	const struct schema *schema = facts->schema;
	facts->count = (size_t)PQntuples(rows);
	facts->leads = arena_array(facts->arena, facts->count + 1, sizeof *facts->leads);
	for (int i = 0; i < PQntuples(rows); i++) {
		struct batch_lead *entry = &facts->leads[i];
		struct lead *lead = &entry->facts.lead;
		*lead = (struct lead){.id = row_int8(rows, i, 0), .created_at = row_time(rows, i, 1), .account_id = row_int8(rows, i, 3),
				       .merged_into = row_int8(rows, i, COLUMN_STANDARD + LEAD_STANDARD_COUNT),
				       .erased = row_bool(rows, i, COLUMN_STANDARD + LEAD_STANDARD_COUNT + 1)};
		entry->wake_at = MOMENT_NEVER;
		entry->lane = -1;
		if (!stage_from(row_peek(rows, i, 2), &lead->stage))
			lead->stage = STAGE_INQUIRY;
		lead->fields = arena_array(facts->arena, schema->lead_count, sizeof *lead->fields);
		for (int slot = 0; slot < LEAD_STANDARD_COUNT; slot++)
			lead->fields[slot] = slot == LEAD_QUALITY ? list_value(facts, row_peek(rows, i, COLUMN_STANDARD + slot))
								  : text_value(rows, i, COLUMN_STANDARD + slot, facts->arena);
		read_custom(facts, row_json_peek(rows, i, COLUMN_FIELDS), schema->lead, LEAD_STANDARD_COUNT, schema->lead_count, lead->fields);
		lead->segments = read_names(facts, row_peek(rows, i, COLUMN_SEGMENTS), &lead->segment_count);
		struct value *stored = arena_array(facts->arena, schema->lead_count, sizeof *stored);
		memcpy(stored, lead->fields, schema->lead_count * sizeof *stored);
		entry->stored = stored;
		entry->facts.twin = facts_says_twin(lead);
		entry->facts.joins = !facts->kind && !lead->account_id && account_is_said(lead->fields); /* a turn asks: who sends does not */
	}
}

/* A summary that this version cannot read is none: it is summed up again by the account's turn. */
static struct account_summary *read_summary(struct facts *facts, struct str packed)
{
	struct account_summary *summary = arena_alloc(facts->arena, sizeof *summary);
	return packed.n && account_summary_read(packed, facts->arena, summary) ? summary : NULL;
}

struct account *facts_account_row(struct facts *facts, const PGresult *rows, int row)
{
	const struct schema *schema = facts->schema;
	struct account *account = arena_alloc(facts->arena, sizeof *account);
	account->id = row_int8(rows, row, 1);
	account->fields = arena_array(facts->arena, schema->account_count, sizeof *account->fields);
	for (int slot = 0; slot < ACCOUNT_STANDARD_COUNT; slot++)
		account->fields[slot] = text_value(rows, row, 3 + slot, facts->arena);
	read_custom(facts, row_json_peek(rows, row, 2), schema->account, ACCOUNT_STANDARD_COUNT, schema->account_count, account->fields);
	account->summary = read_summary(facts, row_text(rows, row, 3 + ACCOUNT_STANDARD_COUNT, facts->arena));
	return account;
}

static void read_accounts(struct facts *facts, const PGresult *rows)
{
	enum { SENT = 4 + ACCOUNT_STANDARD_COUNT, ACTED, APPLIED };
	struct facts_run run = {0};
	while (facts_next_run(facts, rows, &run)) {
		struct lead_facts *lead = &run.lead->facts;
		lead->account = facts_account_row(facts, rows, run.first);
		lead->sent = row_text(rows, run.first, SENT, facts->arena);
		lead->acted = row_time(rows, run.first, ACTED);
		lead->applied = row_text(rows, run.first, APPLIED, facts->arena);
	}
}

static void read_histories(struct facts *facts, const PGresult *rows)
{
	struct facts_run run = {0};
	while (facts_next_run(facts, rows, &run))
		run.lead->facts.packed = row_text(rows, run.first, 1, facts->arena);
}

static void read_scores(struct facts *facts, const PGresult *rows)
{
	struct facts_run run = {0};
	while (facts_next_run(facts, rows, &run)) {
		struct score *scores = arena_array(facts->arena, (size_t)run.count, sizeof *scores);
		for (int i = 0; i < run.count; i++) {
			int row = run.first + i;
			scores[i] = (struct score){.name = row_text(rows, row, 1, facts->arena), .is_grade = row_bool(rows, row, 2),
						   .points = row_int4(rows, row, 3), .grade = row_text(rows, row, 4, facts->arena),
						   .band = row_text(rows, row, 5, facts->arena)};
		}
		run.lead->facts.scores = scores;
		run.lead->facts.score_count = (size_t)run.count;
	}
}

static enum enrollment_state enrollment_state_of(struct str name)
{
	return str_is(name, "ended") ? ENROLLMENT_ENDED : str_is(name, "held") ? ENROLLMENT_HELD : ENROLLMENT_ACTIVE;
}

static struct str text_in(const json_t *array, size_t at, struct arena *arena)
{
	const char *text = json_string_value(json_array_get(array, at));
	return text ? str_of(arena_dup(arena, text)) : (struct str){"", 0};
}

static void read_passes(struct facts *facts, struct str json, struct enrollment *out)
{
	json_t *object = json.n > 2 ? json_loadb(json.p, json.n, 0, NULL) : NULL;
	struct step_pass *passes = arena_array(facts->arena, json_object_size(object) + 1, sizeof *passes);
	const char *step = NULL;
	json_t *pass = NULL;
	json_object_foreach(object, step, pass) {
		const json_t *count = json_is_array(pass) ? json_array_get(pass, 0) : pass;
		passes[out->pass_count++] = (struct step_pass){str_of(arena_dup(facts->arena, step)), (int)json_integer_value(count),
							       json_integer_value(json_array_get(pass, 1)), (int)json_integer_value(json_array_get(pass, 2)),
							       text_in(pass, 3, facts->arena), text_in(pass, 4, facts->arena), json_integer_value(json_array_get(pass, 5)),
							       (enum luck)json_integer_value(json_array_get(pass, 6)), json_integer_value(json_array_get(pass, 7))};
	}
	out->passes = passes;
	json_decref(object);
}

static struct enrollment read_enrollment(struct facts *facts, const PGresult *rows, int row)
{
	struct arena *arena = facts->arena;
	struct enrollment e = {
		.id = row_int8(rows, row, 1), .lead_id = row_int8(rows, row, 0), .campaign = row_text(rows, row, 2, arena),
		.step = row_text(rows, row, 3, arena), .state = enrollment_state_of(row_peek(rows, row, 4)),
		.entered_at = row_time(rows, row, 5), .step_since = row_time(rows, row, 6),
		.due_at = row_is_null(rows, row, 7) ? MOMENT_NEVER : row_time(rows, row, 7), .over_at = row_time(rows, row, 8),
		.touch_id = row_int8(rows, row, 9), .rounds = row_int4(rows, row, 11), .goal_at = row_time(rows, row, 12),
		.ended_at = row_time(rows, row, 13), .reason = row_text(rows, row, 14, arena), .holdout = row_bool(rows, row, 15), .paused_at = row_time(rows, row, 16),
	};
	read_passes(facts, row_json_peek(rows, row, 10), &e);
	return e;
}

static void read_enrollments(struct facts *facts, const PGresult *rows)
{
	struct facts_run run = {0};
	while (facts_next_run(facts, rows, &run)) {
		struct enrollment *list = arena_array(facts->arena, (size_t)run.count, sizeof *list);
		for (int i = 0; i < run.count; i++)
			list[i] = read_enrollment(facts, rows, run.first + i);
		run.lead->facts.enrollments = list;
		run.lead->facts.enrollment_count = (size_t)run.count;
	}
}

static enum consent_state consent_state_of(struct str name)
{
	for (int state = CONSENT_CONFIRMED; state <= CONSENT_ASKED; state++)
		if (str_is(name, consent_state_name((enum consent_state)state)))
			return (enum consent_state)state;
	return CONSENT_GRANTED;
}

static void read_consents(struct facts *facts, const PGresult *rows)
{
	struct facts_run run = {0};
	while (facts_next_run(facts, rows, &run)) {
		struct consent *list = arena_array(facts->arena, (size_t)run.count, sizeof *list);
		for (int i = 0; i < run.count; i++) {
			int row = run.first + i;
			list[i] = (struct consent){
				.id = row_int8(rows, row, 5), .channel = row_text(rows, row, 1, facts->arena), .purpose = row_text(rows, row, 2, facts->arena),
				.state = consent_state_of(row_peek(rows, row, 3)), .at = row_time(rows, row, 4)};
		}
		run.lead->facts.consents = list;
		run.lead->facts.consent_count = (size_t)run.count;
	}
}

static void read_suppressions(struct facts *facts, const PGresult *rows)
{
	struct facts_run run = {0};
	while (facts_next_run(facts, rows, &run)) {
		struct suppression *list = arena_array(facts->arena, (size_t)run.count, sizeof *list);
		for (int i = 0; i < run.count; i++) {
			int row = run.first + i;
			list[i] = (struct suppression){row_text(rows, row, 1, facts->arena), row_text(rows, row, 2, facts->arena),
						       row_time(rows, row, 3), row_bool(rows, row, 4)};
		}
		run.lead->facts.suppressions = list;
		run.lead->facts.suppression_count = (size_t)run.count;
	}
}

static void read_twins(struct facts *facts, const PGresult *rows)
{
	struct facts_run run = {0};
	while (facts_next_run(facts, rows, &run))
		run.lead->facts.twin = row_bool(rows, run.first, 1);
}

static struct touch read_touch(const PGresult *rows, int row, struct arena *arena)
{
	struct touch t = {
		.lead_id = row_int8(rows, row, 0), .id = row_int8(rows, row, 1), .enrollment_id = row_int8(rows, row, 2),
		.campaign = row_text(rows, row, 3, arena), .step = row_text(rows, row, 4, arena), .pass = row_int4(rows, row, 5),
		.channel = row_text(rows, row, 6, arena), .kind = row_text(rows, row, 7, arena), .template_name = row_text(rows, row, 8, arena),
		.purpose = row_text(rows, row, 9, arena), .due_at = row_time(rows, row, 11), .expires_at = row_time(rows, row, 12),
		.planned_at = row_time(rows, row, 13), .over_at = row_time(rows, row, 14), .reason = row_text(rows, row, 15, arena),
		.where = row_text(rows, row, 16, arena), .any_hours = row_bool(rows, row, 17), .data = row_json(rows, row, 18, arena),
		.offered_until = row_time(rows, row, 19),
	};
	if (!touch_state_from(row_peek(rows, row, 10), &t.state))
		t.state = TOUCH_HELD; /* the table's check allows no other name */
	return t;
}

static void read_pauses(struct facts *facts, const PGresult *rows)
{
	size_t n = (size_t)PQntuples(rows);
	struct campaign_pause *list = arena_array(facts->arena, n + 1, sizeof *list);
	for (size_t i = 0; i < n; i++)
		list[i] = (struct campaign_pause){row_text(rows, (int)i, 0, facts->arena), row_time(rows, (int)i, 1), row_time(rows, (int)i, 2),
						  row_time(rows, (int)i, 3), row_bool(rows, (int)i, 4)};
	facts->pauses = list;
	facts->pause_count = n;
	for (size_t i = 0; i < facts->count; i++) {
		facts->leads[i].facts.pauses = list;
		facts->leads[i].facts.pause_count = n;
	}
}

static void read_splits(struct facts *facts, const PGresult *rows)
{
	size_t n = (size_t)PQntuples(rows);
	struct split_test *list = arena_array(facts->arena, n + 1, sizeof *list);
	for (size_t i = 0; i < n; i++)
		list[i] = (struct split_test){row_text(rows, (int)i, 0, facts->arena), row_text(rows, (int)i, 1, facts->arena), row_text(rows, (int)i, 2, facts->arena),
					      row_time(rows, (int)i, 3), row_time(rows, (int)i, 4), row_text(rows, (int)i, 5, facts->arena)};
	facts->splits = list;
	facts->split_count = n;
	for (size_t i = 0; i < facts->count; i++) {
		facts->leads[i].facts.splits = list;
		facts->leads[i].facts.split_count = n;
	}
}

static void read_claims(struct facts *facts, const PGresult *rows)
{
	struct facts_run run = {0};
	while (facts_next_run(facts, rows, &run)) {
		struct campaign_claim *list = arena_array(facts->arena, (size_t)run.count, sizeof *list);
		for (int i = 0; i < run.count; i++) {
			int row = run.first + i;
			list[i] = (struct campaign_claim){row_text(rows, row, 1, facts->arena), row_int8(rows, row, 2), row_int8(rows, row, 3), row_time(rows, row, 4),
							   row_bool(rows, row, 5)};
		}
		run.lead->facts.claims = list;
		run.lead->facts.claim_count = (size_t)run.count;
	}
}

static void read_touches(struct facts *facts, const PGresult *rows)
{
	struct facts_run run = {0};
	while (facts_next_run(facts, rows, &run)) {
		struct touch *list = arena_array(facts->arena, (size_t)run.count, sizeof *list);
		for (int i = 0; i < run.count; i++)
			list[i] = read_touch(rows, run.first + i, facts->arena);
		run.lead->facts.touches = list;
		run.lead->facts.touch_count = (size_t)run.count;
	}
}

void facts_rows(struct facts *facts, int tag, const PGresult *rows)
{
	static void (*const readers[])(struct facts *, const PGresult *) = {
		read_leads, read_accounts, read_histories, read_scores, read_enrollments, read_consents, read_suppressions, read_twins, read_pauses, read_splits, read_claims, read_touches,
	};
	if (tag >= TAG_FACTS && (size_t)(tag - TAG_FACTS) < sizeof readers / sizeof *readers)
		readers[tag - TAG_FACTS](facts, rows);
}
