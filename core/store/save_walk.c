/* The part of a save that is about contacts: enrollments, touches, what was logged of them, handoffs, suppressions. New rows get their ids
 * here, so that an enrollment and the touch it waits for can name each other. */
#include "store/save.h"

#include "store/fence.h"
#include "store/ids.h"

#include "store/save_walk.sql.h"

size_t save_walk_needs(const struct save_op *self)
{
	size_t needs = 0;
	EACH_SAVED(self, i, l)
		needs += l->enrollment_count + l->touch_count + l->handoff_count;
	return needs;
}

void save_walk_ids(struct save_op *self)
{
	struct arena *arena = self->op.arena;
	int shard = self->save->batch->shard;
	self->enrollment_ids = arena_array(arena, self->save->count + 1, sizeof(int64_t *));
	self->touch_ids = arena_array(arena, self->save->count + 1, sizeof(int64_t *));
	EACH_SAVED(self, i, l) {
		self->enrollment_ids[i] = arena_array(arena, l->enrollment_count + 1, sizeof(int64_t));
		self->touch_ids[i] = arena_array(arena, l->touch_count + 1, sizeof(int64_t));
		for (size_t k = 0; k < l->enrollment_count; k++)
			self->enrollment_ids[i][k] = l->enrollments[k].id ? l->enrollments[k].id : ids_take(&self->op, shard);
		for (size_t k = 0; k < l->touch_count; k++)
			self->touch_ids[i][k] = l->touches[k].touch.id ? l->touches[k].touch.id : ids_take(&self->op, shard);
	}
}

static int64_t enrollment_id(const struct save_op *self, size_t lead, int index, int64_t otherwise)
{
	return index >= 0 && (size_t)index < self->save->leads[lead].enrollment_count ? self->enrollment_ids[lead][index] : otherwise;
}

static int64_t touch_id(const struct save_op *self, size_t lead, int64_t id)
{
	size_t index = (size_t)(-1 - id);
	return id >= 0 ? id : index < self->save->leads[lead].touch_count ? self->touch_ids[lead][index] : 0;
}

/* ---- enrollments ---- */

/* The count alone, or [count, end of its last contact, tries, how it ended], or the same and what its split drew (way, when, luck) and the id of its contact. */
static void put_pass(struct buf *buf, const struct step_pass *pass)
{
	if (!pass->contact_at && !pass->tries && !pass->ended.n && !pass->way.n) {
		buf_printf(buf, ":%d", pass->pass);
		return;
	}
	buf_printf(buf, ":[%d,%lld,%d,", pass->pass, (long long)pass->contact_at, pass->tries);
	buf_put_json(buf, pass->ended);
	if (pass->way.n || pass->contact_id) {
		buf_putc(buf, ',');
		buf_put_json(buf, pass->way);
		buf_printf(buf, ",%lld,%d", (long long)pass->drawn_at, (int)pass->luck);
	}
	if (pass->contact_id)
		buf_printf(buf, ",%lld", (long long)pass->contact_id);
	buf_putc(buf, ']');
}

static void put_passes(struct buf *buf, const struct enrollment *e)
{
	buf_clear(buf);
	buf_putc(buf, '{');
	for (size_t i = 0; i < e->pass_count; i++) {
		if (i)
			buf_putc(buf, ',');
		buf_put_json(buf, e->passes[i].step);
		put_pass(buf, &e->passes[i]);
	}
	buf_putc(buf, '}');
}

static void put_enrollment(struct save_op *self, struct param **c, size_t lead, size_t k, struct buf *passes)
{
	const struct enrollment *e = &self->save->leads[lead].enrollments[k];
	put_passes(passes, e);
	array_int8(c[0], self->enrollment_ids[lead][k]);
	array_int8(c[1], self->save->leads[lead].before->facts.lead.id);
	array_text(c[2], e->campaign);
	array_text(c[3], e->step);
	array_text(c[4], str_of(enrollment_state_name(e->state)));
	array_time(c[5], e->entered_at);
	array_time(c[6], e->step_since);
	array_time_or_null(c[7], e->due_at == MOMENT_NEVER ? 0 : e->due_at);
	array_time(c[8], e->over_at);
	array_int8_or_null(c[9], touch_id(self, lead, e->touch_id));
	array_json(c[10], buf_str(passes));
	array_int4(c[11], e->rounds);
	array_time_or_null(c[12], e->goal_at);
	array_time_or_null(c[13], e->ended_at);
	array_text_or_null(c[14], e->reason);
	array_bool(c[15], e->holdout);
	array_time_or_null(c[16], e->paused_at);
}

/* Changes before new ones: a walk that ends makes room for the next one through the same campaign. */
static void save_enrollments(struct save_op *self, bool fresh)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_INT8, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TIME, PARAM_TIME, PARAM_TIME,
						PARAM_TIME, PARAM_INT8, PARAM_JSONB, PARAM_INT4, PARAM_TIME, PARAM_TIME, PARAM_TEXT, PARAM_BOOL, PARAM_TIME};
	struct param *c[17];
	struct buf passes = {0};
	struct params *p = op_params(&self->op);
	param_int4(p, self->save->batch->shard);
	param_text(p, str_of(self->save->revision));
	save_columns(p, types, 17, c);
	EACH_SAVED(self, i, l)
		for (size_t k = 0; k < l->enrollment_count; k++)
			if ((l->enrollments[k].id == 0) == fresh)
				put_enrollment(self, c, i, k, &passes);
	if (c[0]->count)
		op_send(&self->op, fresh ? STATEMENT(save_enrollment_new) : STATEMENT(save_enrollment_change), SAVE_TAG_NONE);
	buf_fini(&passes);
}

/* ---- touches ---- */

static void put_touch(struct save_op *self, struct param **c, size_t lead, size_t k)
{
	const struct save_touch *s = &self->save->leads[lead].touches[k];
	const struct touch *t = &s->touch;
	array_int8(c[0], self->touch_ids[lead][k]);
	array_int8(c[1], self->save->leads[lead].before->facts.lead.id);
	array_int8_or_null(c[2], enrollment_id(self, lead, s->enrollment, t->enrollment_id));
	array_text_or_null(c[3], t->campaign);
	array_text_or_null(c[4], t->step);
	array_int4(c[5], t->pass);
	array_text(c[6], t->channel);
	array_text(c[7], t->kind);
	array_text(c[8], t->template_name);
	array_text(c[9], t->purpose);
	array_text_or_null(c[10], s->to);
	array_text(c[11], str_of(touch_state_name(t->state)));
	array_time(c[12], t->planned_at ? t->planned_at : self->save->batch->now);
	array_time(c[13], t->due_at ? t->due_at : self->save->batch->now);
	array_time_or_null(c[14], t->expires_at);
	array_time_or_null(c[15], t->over_at ? t->over_at : touch_is_open(t->state) ? 0 : self->save->batch->now);
	array_text_or_null(c[16], t->reason);
	array_text_or_null(c[17], t->where);
	array_bool(c[18], t->any_hours);
	if (t->data.n)
		array_json(c[19], t->data);
	else
		array_null(c[19]);
}

static void save_touches(struct save_op *self)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_INT8, PARAM_INT8, PARAM_TEXT, PARAM_TEXT, PARAM_INT4, PARAM_TEXT,
						PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TIME, PARAM_TIME,
						PARAM_TIME, PARAM_TIME, PARAM_TEXT, PARAM_TEXT, PARAM_BOOL, PARAM_JSONB};
	struct param *c[20];
	struct params *p = op_params(&self->op);
	param_int4(p, self->save->batch->shard);
	param_text(p, str_of(self->save->revision));
	save_columns(p, types, 20, c);
	EACH_SAVED(self, i, l)
		for (size_t k = 0; k < l->touch_count; k++)
			put_touch(self, c, i, k);
	if (c[0]->count)
		op_send(&self->op, STATEMENT(save_touch), SAVE_TAG_NONE);
}

static void save_cancels(struct save_op *self)
{
	struct params *p = save_params(self, true, false);
	struct param *touch = param_array(p, PARAM_INT8), *reason = param_array(p, PARAM_TEXT);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->cancel_count; k++) {
			array_int8(touch, l->cancels[k].touch_id);
			array_text(reason, l->cancels[k].reason);
		}
	}
	if (touch->count)
		op_send(&self->op, STATEMENT(save_cancel), SAVE_TAG_SPOKEN);
}

static void save_laters(struct save_op *self)
{
	struct params *p = save_params(self, false, false);
	struct param *touch = param_array(p, PARAM_INT8), *due = param_array(p, PARAM_TIME), *expires = param_array(p, PARAM_TIME);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->later_count; k++) {
			array_int8(touch, l->later[k].touch_id);
			array_time(due, l->later[k].due_at);
			array_time_or_null(expires, l->later[k].expires_at);
		}
	}
	if (touch->count)
		op_send(&self->op, STATEMENT(save_later), SAVE_TAG_LATER);
}

static bool is_in(const PGresult *rows, int64_t touch_id)
{
	for (int i = 0; i < PQntuples(rows); i++)
		if (row_int8(rows, i, 0) == touch_id)
			return true;
	return false;
}

/* It was offered to somebody since the lead was loaded: the lead is looked at again. */
void save_spoken_rows(struct save_op *self, const PGresult *rows)
{
	EACH_SAVED(self, i, l) {
		bool spoken = false;
		for (size_t k = 0; k < l->cancel_count; k++)
			spoken = spoken || is_in(rows, l->cancels[k].touch_id);
		if (!spoken)
			continue;
		if (self->save->taken)
			self->save->taken(self->arg, l->before->facts.lead.id, NULL);
		op_fail(&self->op, ERROR_CONFLICT, "touch", "a late call of lead %lld was offered just now: nothing was written.", (long long)l->before->facts.lead.id);
	}
}

/* A channel has taken one into its hand since the lead was loaded. */
void save_later_rows(struct save_op *self, const PGresult *rows)
{
	EACH_SAVED(self, i, l) {
		bool all = true;
		for (size_t k = 0; k < l->later_count; k++)
			all = all && is_in(rows, l->later[k].touch_id);
		if (all)
			continue;
		if (self->save->taken)
			self->save->taken(self->arg, l->before->facts.lead.id, NULL);
		op_fail(&self->op, ERROR_CONFLICT, "touch", "a touch of lead %lld that was to be put off is in a channel's hand: nothing was written.", (long long)l->before->facts.lead.id);
	}
}

/* ---- logs, handoffs ---- */

static void save_logs(struct save_op *self)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_INT8, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_INT8};
	struct param *c[8];
	save_columns(save_params(self, true, true), types, 8, c);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->log_count; k++) {
			const struct save_log *log = &l->logs[k];
			array_int8(c[0], enrollment_id(self, i, log->enrollment, log->enrollment_id));
			array_int8(c[1], l->before->facts.lead.id);
			array_text(c[2], log->campaign);
			array_text_or_null(c[3], log->step);
			array_text(c[4], log->what);
			array_text(c[5], log->cause);
			array_text_or_null(c[6], log->where);
			array_int8_or_null(c[7], log->touch >= 0 ? touch_id(self, i, -1 - (int64_t)log->touch) : log->touch_id);
		}
	}
	if (c[0]->count)
		op_send(&self->op, STATEMENT(save_log), SAVE_TAG_NONE);
}

static void put_handoffs(struct save_op *self, struct param **c)
{
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->handoff_count; k++) {
			const struct save_handoff *h = &l->handoffs[k];
			array_int8(c[0], ids_take(&self->op, self->save->batch->shard));
			array_int8(c[1], l->before->facts.lead.id);
			array_int8_or_null(c[2], enrollment_id(self, i, h->enrollment, 0));
			array_text_or_null(c[3], h->campaign);
			array_text_or_null(c[4], h->step);
			array_text(c[5], h->person);
			array_time_or_null(c[6], h->due_at);
			array_json(c[7], h->reasons.n ? h->reasons : STR("[]"));
		}
	}
}

static void put_sales(struct save_op *self, struct param **c)
{
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->sales_count; k++) {
			array_int8(c[0], l->before->facts.lead.id);
			array_text(c[1], l->sales[k].state);
			array_text(c[2], l->sales[k].campaign);
		}
	}
}

static void save_handoffs(struct save_op *self)
{
	enum { SAID = 8 };
	static const enum param_type types[] = {PARAM_INT8, PARAM_INT8, PARAM_INT8, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TIME, PARAM_JSONB,
						PARAM_INT8, PARAM_TEXT, PARAM_TEXT};
	struct param *c[SAID + 3];
	save_columns(save_params(self, true, true), types, SAID + 3, c);
	put_handoffs(self, c);
	put_sales(self, c + SAID);
	if (c[0]->count || c[SAID]->count)
		op_send(&self->op, STATEMENT(save_handoff), SAVE_TAG_NONE);
}

void save_walk(struct save_op *self)
{
	save_enrollments(self, false);
	save_enrollments(self, true);
	save_pause(self);
	save_split(self);
	save_touches(self);
	save_logs(self);
	save_handoffs(self);
}

/* ---- suppressions ---- */

static void send_suppressions(struct save_op *self)
{
	static const enum param_type types[] = {PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_TEXT};
	struct param *c[5];
	struct params *p = op_params(&self->op);
	param_time(p, self->save->batch->now);
	save_columns(p, types, 5, c);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->suppression_count; k++) {
			const struct save_suppression *s = &l->suppressions[k];
			array_text(c[0], s->kind);
			array_text(c[1], s->value);
			array_text(c[2], s->channel);
			array_text(c[3], s->reason);
			array_text_or_null(c[4], s->ends);
		}
	}
	op_send(&self->op, STATEMENT(save_suppression), SAVE_TAG_NONE);
}

static void send_suppression_cancels(struct save_op *self)
{
	struct params *p = save_params(self, true, false);
	struct param *lead = param_array(p, PARAM_INT8), *channel = param_array(p, PARAM_TEXT);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->suppression_count; k++) {
			array_int8(lead, l->before->facts.lead.id);
			array_text(channel, l->suppressions[k].channel);
		}
	}
	op_send(&self->op, STATEMENT(save_suppression_cancel), SAVE_TAG_SUPPRESSED);
}

void save_walk_locks(struct save_op *self)
{
	uint64_t shards = 0;
	EACH_SAVED(self, i, l) {
		self->suppresses = self->suppresses || l->suppression_count > 0;
		if (l->suppression_count > 0)
			shards |= UINT64_C(1) << self->save->batch->shard;
		if (l->move == MOVE_MERGE || l->move == MOVE_UNMERGE)
			shards |= UINT64_C(1) << lead_shard(l->before->facts.lead.id) | UINT64_C(1) << lead_shard(l->winner);
	}
	struct param *array = shards ? param_array(op_params(&self->op), PARAM_INT4) : NULL;
	for (int i = 0; i < SHARD_COUNT; i++)
		if (shards >> i & 1)
			array_int4(array, i);
	if (shards)
		op_send(&self->op, STATEMENT(save_lock), SAVE_TAG_NONE);
}

void save_walk_stops(struct save_op *self)
{
	bool suppresses = false;
	EACH_SAVED(self, i, l)
		suppresses = suppresses || l->suppression_count > 0;
	save_cancels(self);
	save_laters(self);
	if (suppresses) {
		send_suppressions(self);
		send_suppression_cancels(self);
	}
}

/* Those that the turn itself did not cancel: another turn must hear of them. */
void save_walk_suppressed_rows(struct save_op *self, const PGresult *rows)
{
	struct arena *arena = self->op.arena;
	for (int i = 0; i < PQntuples(rows); i++) {
		struct over_touch over = {.touch_id = row_int8(rows, i, 0), .lead_id = row_int8(rows, i, 1), .outcome = STR("cancelled"),
					  .reason = STR("suppressed"), .channel = row_text(rows, i, 2, arena),
					  .campaign = row_text(rows, i, 3, arena), .step = row_text(rows, i, 4, arena)};
		event_list_add_over(&self->overs, &self->op, &over, self->save->batch->now);
	}
}
