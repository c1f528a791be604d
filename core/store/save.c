/* Saving a batch: one transaction, fenced by the lease, in a handful of statements whatever the number of leads.
 *
 *   segment 0   the fence, and ids when the block is used up
 *   segment 1   everything that the turns decided, only what changed
 *   segment 2   what suppressions and merges cancelled besides, for the next turns; histories built again (only then)
 *
 * Rows that several shards write come first and sorted: names, accounts, suppressions, script errors. All others are this shard's. */
#include "store/save.h"

#include "model/phone.h"
#include "store/account.h"
#include "store/fence.h"
#include "store/ids.h"

#include <stdlib.h>

#include "store/save.sql.h"

struct params *save_params(struct save_op *self, bool now, bool revision)
{
	struct params *p = op_params(&self->op);
	param_int4(p, self->save->batch->shard);
	if (now)
		param_time(p, self->save->batch->now);
	if (revision)
		param_text(p, str_of(self->save->revision));
	return p;
}

void save_columns(struct params *p, const enum param_type *types, size_t count, struct param **columns)
{
	for (size_t i = 0; i < count; i++)
		columns[i] = param_array(p, types[i]);
}

static struct str text_of(const struct value *v)
{
	return v->type == VALUE_TEXT ? v->text : (struct str){"", 0};
}

/* ---- leads ---- */

/* The playbook's own fields that changed; null for one that was emptied. */
static void put_patch(struct buf *buf, const struct schema *schema, const struct save_lead *l)
{
	buf_clear(buf);
	buf_putc(buf, '{');
	for (size_t slot = LEAD_STANDARD_COUNT; slot < schema->lead_count; slot++) {
		const struct value *v = &l->lead->fields[slot];
		if (value_same(v, &l->before->stored[slot]))
			continue;
		json_t *json = value_to_json(v);
		char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);
		buf_printf(buf, "%s\"%s\":%s", buf->n > 1 ? "," : "", schema->lead[slot].name, text ? text : "null");
		free(text);
		json_decref(json);
	}
	buf_putc(buf, '}');
}

struct str save_joined(struct buf *buf, const struct str *names, size_t count)
{
	buf_clear(buf);
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_putc(buf, '\x1f');
		buf_put(buf, names[i].p, names[i].n);
	}
	return buf_str(buf);
}

static struct str names_of(struct buf *buf, const struct value *v)
{
	return v->type == VALUE_LIST ? save_joined(buf, v->list.items, v->list.count) : (struct str){"", 0};
}

static void save_leads(struct save_op *self)
{
	enum { FIRST = 4, COLUMNS = FIRST + LEAD_STANDARD_COUNT };
	struct buf patch = {0}, names = {0};
	struct params *p = save_params(self, true, false);
	struct param *c[COLUMNS];
	for (size_t i = 0; i < COLUMNS; i++)
		c[i] = param_array(p, i == 0 ? PARAM_INT8 : i == 2 ? PARAM_JSONB : PARAM_TEXT);
	EACH_SAVED(self, i, l) {
		if (!l->lead)
			continue;
		put_patch(&patch, self->save->schema, l);
		array_int8(c[0], l->lead->id);
		array_text(c[1], str_of(stage_name(l->lead->stage)));
		array_json(c[2], buf_str(&patch));
		array_text(c[3], save_joined(&names, l->lead->segments, l->lead->segment_count));
		for (size_t slot = 0; slot < LEAD_QUALITY; slot++)
			array_text_or_null(c[FIRST + slot], text_of(&l->lead->fields[slot]));
		array_text(c[FIRST + LEAD_QUALITY], names_of(&names, &l->lead->fields[LEAD_QUALITY]));
	}
	if (c[0]->count)
		op_send(&self->op, STATEMENT(save_lead), SAVE_TAG_NONE);
	buf_fini(&patch);
	buf_fini(&names);
}

static void save_erases(struct save_op *self)
{
	const struct statement steps[] = {STATEMENT(save_leave) /* first out of their accounts */, STATEMENT(save_erase_stop), STATEMENT(save_erase)};
	for (size_t step = 0; step < sizeof steps / sizeof *steps; step++) {
		struct params *p = op_params(&self->op);
		struct param *lead = param_array(p, PARAM_INT8);
		if (step)
			param_time(p, self->save->batch->now);
		EACH_SAVED(self, i, l)
			if (l->erase)
				array_int8(lead, l->before->facts.lead.id);
		if (lead->count)
			op_send(&self->op, steps[step], SAVE_TAG_NONE);
	}
}

static bool looks_different(const struct save_lead *l)
{
	static const enum lead_slot slots[] = {LEAD_PHONE, LEAD_FIRST_NAME, LEAD_LAST_NAME, LEAD_COMPANY};
	for (size_t i = 0; l->lead && i < sizeof slots / sizeof *slots; i++)
		if (!value_same(&l->lead->fields[slots[i]], &l->before->stored[slots[i]]))
			return true;
	return false;
}

static bool has_new_names(const struct save_lead *l)
{
	static const enum lead_slot slots[] = {LEAD_COUNTRY, LEAD_POSTAL_CODE, LEAD_CITY, LEAD_ADDRESS};
	if (looks_different(l))
		return true;
	for (size_t i = 0; l->lead && i < sizeof slots / sizeof *slots; i++)
		if (!value_same(&l->lead->fields[slots[i]], &l->before->stored[slots[i]]))
			return true;
	return false;
}

static void save_same(struct save_op *self)
{
	struct params *p = save_params(self, false, false);
	struct param *lead = param_array(p, PARAM_INT8);
	if (!self->save->same_person)
		return;
	EACH_SAVED(self, i, l)
		if (has_new_names(l))
			array_int8(lead, l->lead->id);
	if (lead->count)
		op_send(&self->op, STATEMENT(save_same), SAVE_TAG_NONE);
}

static void save_twins(struct save_op *self)
{
	struct param *lead = param_array(op_params(&self->op), PARAM_INT8);
	EACH_SAVED(self, i, l)
		if (looks_different(l))
			array_int8(lead, l->lead->id);
	if (lead->count)
		op_send(&self->op, STATEMENT(save_twin), SAVE_TAG_NONE);
}

static void save_identities(struct save_op *self)
{
	static const struct { enum lead_slot slot; const char *kind; } names[] = {{LEAD_EMAIL, "email"}, {LEAD_EXTERNAL_ID, "external_id"}, {LEAD_PHONE, "phone"}};
	struct params *p = save_params(self, true, false);
	struct param *kind = param_array(p, PARAM_TEXT), *value = param_array(p, PARAM_TEXT), *lead = param_array(p, PARAM_INT8);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; l->lead && k < 3; k++) {
			const struct value *v = &l->lead->fields[names[k].slot];
			if (!text_of(v).n || (names[k].slot == LEAD_PHONE && !phone_is_e164(text_of(v))) || value_same(v, &l->before->stored[names[k].slot]))
				continue;
			array_text(kind, str_of(names[k].kind));
			array_text(value, text_of(v));
			array_int8(lead, l->lead->id);
		}
	}
	if (kind->count)
		op_send(&self->op, STATEMENT(save_identity), SAVE_TAG_NONE);
}

static void save_histories(struct save_op *self, bool fresh)
{
	struct params *p = save_params(self, false, false);
	struct param *lead = param_array(p, PARAM_INT8), *packed = param_array(p, PARAM_BYTEA);
	EACH_SAVED(self, i, l) {
		if (!l->packed.n || (l->before->facts.packed.n == 0) != fresh)
			continue;
		array_int8(lead, l->before->facts.lead.id);
		array_text(packed, l->packed);
	}
	if (lead->count)
		op_send(&self->op, fresh ? STATEMENT(save_history_new) : STATEMENT(save_history_change), SAVE_TAG_NONE);
}

/* ---- scores ---- */

static bool is_stored(const struct batch_lead *lead, const struct score *score)
{
	for (size_t i = 0; i < lead->facts.score_count; i++)
		if (lead->facts.scores[i].is_grade == score->is_grade && str_same(lead->facts.scores[i].name, score->name))
			return true;
	return false;
}

static void save_scores(struct save_op *self, bool fresh)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_TEXT, PARAM_BOOL, PARAM_INT4, PARAM_TEXT, PARAM_TEXT, PARAM_INT8};
	struct param *c[7];
	save_columns(save_params(self, true, false), types, 7, c);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->score_count; k++) {
			const struct score *s = &l->scores[k];
			if (s->gone || is_stored(l->before, s) == fresh)
				continue;
			array_int8(c[0], l->before->facts.lead.id);
			array_text(c[1], s->name);
			array_bool(c[2], s->is_grade);
			array_int4(c[3], s->points);
			array_text_or_null(c[4], s->grade);
			array_text_or_null(c[5], s->band);
			array_int8(c[6], (int64_t)s->fingerprint);
		}
	}
	if (c[0]->count)
		op_send(&self->op, fresh ? STATEMENT(save_score_new) : STATEMENT(save_score_known), SAVE_TAG_NONE);
}

static void save_scores_gone(struct save_op *self)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_TEXT, PARAM_BOOL};
	struct param *c[3];
	save_columns(save_params(self, false, false), types, 3, c);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->score_count; k++) {
			if (!l->scores[k].gone)
				continue;
			array_int8(c[0], l->before->facts.lead.id);
			array_text(c[1], l->scores[k].name);
			array_bool(c[2], l->scores[k].is_grade);
		}
	}
	if (c[0]->count)
		op_send(&self->op, STATEMENT(save_score_gone), SAVE_TAG_NONE);
}

static void save_score_changes(struct save_op *self)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_TEXT, PARAM_BOOL, PARAM_INT4, PARAM_INT4, PARAM_TEXT,
						PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_INT8};
	struct param *c[11];
	save_columns(save_params(self, true, true), types, 11, c);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->score_change_count; k++) {
			const struct save_score_change *s = &l->score_changes[k];
			array_int8(c[0], l->before->facts.lead.id);
			array_text(c[1], s->name);
			array_bool(c[2], s->is_grade);
			array_int4(c[3], s->old_points);
			array_int4(c[4], s->new_points);
			array_text_or_null(c[5], s->old_grade);
			array_text_or_null(c[6], s->new_grade);
			array_text_or_null(c[7], s->old_band);
			array_text_or_null(c[8], s->new_band);
			array_text(c[9], s->cause);
			array_int8_or_null(c[10], s->event_id);
		}
	}
	if (c[0]->count)
		op_send(&self->op, STATEMENT(save_score_change), SAVE_TAG_NONE);
}

/* ---- inbox, wakes, failures ---- */

static void save_inbox(struct save_op *self)
{
	struct params *p = op_params(&self->op);
	struct param *at = param_array(p, PARAM_TID), *id = param_array(p, PARAM_INT8);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->before->inbox_count; k++) {
			const struct inbox_row *row = &l->before->inbox[k];
			array_tid(at, (struct tid){row->block, row->item});
			array_int8(id, row->id);
		}
	}
	self->inbox_count = at->count;
	if (at->count)
		op_send(&self->op, STATEMENT(save_inbox), SAVE_TAG_INBOX);
}

/* Who was woken by time alone has no inbox row to consume: its wake must stand as it was read, for every turn moves it. */
static void save_woken(struct save_op *self)
{
	struct params *p = op_params(&self->op);
	struct param *lead = param_array(p, PARAM_INT8), *at = param_array(p, PARAM_TIME);
	EACH_SAVED(self, i, l) {
		if (l->before->inbox_count || l->before->wake_at == MOMENT_NEVER)
			continue;
		array_int8(lead, l->before->facts.lead.id);
		array_time(at, l->before->wake_at);
	}
	self->woken_count = lead->count;
	if (lead->count)
		op_send(&self->op, STATEMENT(save_woken), SAVE_TAG_WOKEN);
}

static void save_wakes(struct save_op *self)
{
	struct params *p = save_params(self, false, false);
	struct param *lead = param_array(p, PARAM_INT8), *at = param_array(p, PARAM_TIME);
	EACH_SAVED(self, i, l) {
		if (l->wake_at == MOMENT_NEVER || l->wake_at == l->before->wake_at)
			continue;
		array_int8(lead, l->before->facts.lead.id);
		array_time(at, l->wake_at);
	}
	if (lead->count)
		op_send(&self->op, STATEMENT(save_wake), SAVE_TAG_NONE);
	lead = param_array(save_params(self, false, false), PARAM_INT8);
	EACH_SAVED(self, i, l)
		if (l->wake_at == MOMENT_NEVER && l->before->wake_at != MOMENT_NEVER)
			array_int8(lead, l->before->facts.lead.id);
	if (lead->count)
		op_send(&self->op, STATEMENT(save_no_wake), SAVE_TAG_NONE);
}

static void save_failures(struct save_op *self)
{
	struct params *p = save_params(self, true, false);
	struct param *lead = param_array(p, PARAM_INT8), *place = param_array(p, PARAM_TEXT), *message = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < self->save->count; i++) {
		const struct save_lead *l = &self->save->leads[i];
		if (!l->failure)
			continue;
		array_int8(lead, l->before->facts.lead.id);
		array_text(place, l->failure->where);
		array_text(message, l->failure->message);
	}
	if (lead->count)
		op_send(&self->op, STATEMENT(save_failure), SAVE_TAG_NONE);
	lead = param_array(save_params(self, false, false), PARAM_INT8);
	EACH_SAVED(self, i, l)
		array_int8(lead, l->before->facts.lead.id);
	if (lead->count)
		op_send(&self->op, STATEMENT(save_no_failure), SAVE_TAG_NONE);
}

static void save_script_errors(struct save_op *self)
{
	struct params *p = op_params(&self->op);
	param_text(p, str_of(self->save->revision));
	param_time(p, self->save->batch->now);
	struct param *place = param_array(p, PARAM_TEXT), *context = param_array(p, PARAM_TEXT), *message = param_array(p, PARAM_TEXT);
	struct param *lead = param_array(p, PARAM_INT8);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->error_count; k++) {
			array_text(place, l->errors[k].where);
			array_text(context, l->errors[k].context);
			array_text(message, l->errors[k].message);
			array_int8(lead, l->before->facts.lead.id);
		}
	}
	if (place->count)
		op_send(&self->op, STATEMENT(save_script_error), SAVE_TAG_NONE);
}

/* Our own events: in table event and the packed history, not in the inbox, for this turn knows them. */
static void gather_events(struct save_op *self)
{
	moment_t now = self->save->batch->now;
	EACH_SAVED(self, i, l)
		for (size_t k = 0; k < l->event_count; k++) {
			const struct save_event *e = &l->events[k];
			*event_list_add(&self->events, self->op.arena) = (struct event_row){
				.id = e->id, .lead_id = l->before->facts.lead.id, .at = now, .received_at = now, .verb = e->verb,
				.subject = e->subject, .data = e->data, .lane = LANE_NONE};
		}
}

/* ---- the transaction ---- */

/* What several shards write, of turns. */
static void write_shared(struct save_op *self)
{
	save_walk_locks(self);
	save_moves(self);
	save_walk_stops(self);
	save_identities(self);
	account_send(&self->op, self->save);
	save_claims(self);
}

/* Turns consume what they were given, and may write all of their lead. */
static void write_leads(struct save_op *self)
{
	save_inbox(self);
	save_woken(self);
	save_erases(self);
	save_leads(self);
	save_twins(self);
	save_same(self);
}

static enum op_more write_all(struct save_op *self)
{
	bool turns = !self->save->page;
	save_walk_ids(self);
	if (turns)
		write_shared(self);
	else
		save_page(self);
	account_send_members(&self->op, self->save);
	save_script_errors(self);
	if (turns)
		write_leads(self);
	save_histories(self, true);
	save_histories(self, false);
	save_scores(self, true);
	save_scores(self, false);
	save_scores_gone(self);
	save_score_changes(self);
	if (turns)
		save_walk(self);
	gather_events(self);
	event_list_send(&self->op, &self->events, SAVE_TAG_NONE);
	save_wakes(self);
	if (turns)
		save_failures(self);
	save_moves_ask(self);
	return self->suppresses || self->rebuilt_count ? OP_MORE : OP_LAST;
}

static enum op_more save_segment(struct op *op, int number)
{
	struct save_op *self = (struct save_op *)op;
	if (number == 0) {
		fence_send_epoch(op, "engine", self->save->batch->shard, self->save->owner, self->save->batch->epoch);
		return ids_ask(op, save_walk_needs(self)) ? write_all(self) : OP_MORE;
	}
	if (!self->enrollment_ids)
		return write_all(self);
	if (!event_list_ready(op, &self->overs))
		return OP_MORE;
	event_list_send(op, &self->overs, SAVE_TAG_NONE);
	save_moves_write(self);
	return OP_LAST;
}

/* A row that is not there any more was consumed by somebody else's turn. */
static void consumed_rows(struct save_op *self, const PGresult *rows, size_t count)
{
	if (strtoull(PQcmdTuples((PGresult *)(uintptr_t)rows), NULL, 10) != count)
		op_fail(&self->op, ERROR_DENIED, "inbox", "these leads have had their turn elsewhere: nothing was written.");
}

static void save_rows(struct op *op, int tag, const PGresult *rows)
{
	struct save_op *self = (struct save_op *)op;
	if (tag == TAG_FENCE)
		fence_rows(op, rows);
	else if (tag == TAG_IDS)
		ids_rows(op, rows);
	else if (tag == SAVE_TAG_INBOX)
		consumed_rows(self, rows, self->inbox_count);
	else if (tag == SAVE_TAG_WOKEN)
		consumed_rows(self, rows, self->woken_count);
	else if (tag == SAVE_TAG_SPOKEN)
		save_spoken_rows(self, rows);
	else if (tag == SAVE_TAG_LATER)
		save_later_rows(self, rows);
	else if (tag == SAVE_TAG_TAKEN)
		save_taken_rows(self, rows);
	else if (tag == SAVE_TAG_PAGE)
		save_page_rows(self, rows);
	else if (tag == SAVE_TAG_SUPPRESSED)
		save_walk_suppressed_rows(self, rows);
	else if (tag == SAVE_TAG_STOPPED)
		save_moves_stopped_rows(self, rows);
	else if (tag == SAVE_TAG_EVENTS)
		rebuilt_events(self->rebuilt, self->rebuilt_count, rows, op->arena);
}

static void save_done(struct op *op, const struct error *error)
{
	struct save_op *self = (struct save_op *)op;
	self->fn(self->arg, error);
}

void store_batch_save(struct store *store, const struct batch_save *save, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = save_segment, .rows = save_rows, .done = save_done};
	struct save_op *self = op_new(store, &class, sizeof *self);
	self->save = save;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
