/* From what a turn decided (turn/turn.h) to what the store writes (store/batch.h): store cannot see turn's structs, so
 * this file names every field twice. Texts are borrowed from the turn's arena and the playbook. */
#include "base/mem.h"
#include "engine/parts.h"

static struct save_touch *touches(const struct turn_changes *c, struct arena *arena)
{
	struct save_touch *out = arena_array(arena, c->planned_count, sizeof *out);
	for (size_t i = 0; i < c->planned_count; i++)
		out[i] = (struct save_touch){.touch = c->planned[i].touch, .to = c->planned[i].to, .enrollment = c->planned[i].enrollment};
	return out;
}

static struct save_log *logs(const struct turn_changes *c, struct arena *arena)
{
	struct save_log *out = arena_array(arena, c->log_count, sizeof *out);
	for (size_t i = 0; i < c->log_count; i++) {
		const struct turn_log *l = &c->logs[i];
		out[i] = (struct save_log){
			.enrollment = l->enrollment, .enrollment_id = l->enrollment_id, .campaign = l->campaign, .step = l->step, .what = l->what,
			.cause = l->cause, .where = l->where, .touch = l->touch, .touch_id = l->touch_id};
	}
	return out;
}

struct save_score_change *translate_changes(const struct turn_score_change *changes, size_t count, struct arena *arena)
{
	struct save_score_change *out = arena_array(arena, count, sizeof *out);
	for (size_t i = 0; i < count; i++) {
		const struct turn_score_change *s = &changes[i];
		out[i] = (struct save_score_change){
			.name = s->name, .is_grade = s->is_grade, .old_points = s->old_points, .new_points = s->new_points,
			.old_grade = s->old_grade, .new_grade = s->new_grade, .old_band = s->old_band, .new_band = s->new_band,
			.cause = s->cause, .event_id = s->event_id};
	}
	return out;
}

static struct enrollment *enrollments(const struct turn_changes *c, struct arena *arena)
{
	struct enrollment *out = arena_array(arena, c->enrollment_count, sizeof *out);
	for (size_t i = 0; i < c->enrollment_count; i++)
		out[i] = c->enrollments[i].enrollment;
	return out;
}

static struct save_cancel *cancels(const struct turn_changes *c, struct arena *arena)
{
	struct save_cancel *out = arena_array(arena, c->cancelled_count, sizeof *out);
	for (size_t i = 0; i < c->cancelled_count; i++)
		out[i] = (struct save_cancel){.touch_id = c->cancelled[i].touch_id, .reason = c->cancelled[i].reason};
	return out;
}

static struct save_later *later(const struct turn_changes *c, struct arena *arena)
{
	struct save_later *out = arena_array(arena, c->later_count, sizeof *out);
	for (size_t i = 0; i < c->later_count; i++)
		out[i] = (struct save_later){.touch_id = c->later[i].touch_id, .due_at = c->later[i].due_at, .expires_at = c->later[i].expires_at};
	return out;
}

/* A suppression by a turn is of the lead itself: it holds whatever its address becomes. */
static struct save_suppression *suppressions(const struct turn_changes *c, int64_t lead_id, struct arena *arena)
{
	struct save_suppression *out = arena_array(arena, c->suppression_count, sizeof *out);
	for (size_t i = 0; i < c->suppression_count; i++) {
		const struct turn_suppression *s = &c->suppressions[i];
		out[i] = (struct save_suppression){
			.kind = STR("lead"), .value = str_of(arena_printf(arena, "%lld", (long long)lead_id)), .channel = s->channel,
			.reason = s->reason, .ends = s->ends};
	}
	return out;
}

static struct save_handoff *handoffs(const struct turn_changes *c, struct arena *arena)
{
	struct save_handoff *out = arena_array(arena, c->handoff_count, sizeof *out);
	for (size_t i = 0; i < c->handoff_count; i++) {
		const struct turn_handoff *h = &c->handoffs[i];
		out[i] = (struct save_handoff){
			.person = h->person, .campaign = h->campaign, .step = h->step, .reasons = h->reasons, .due_at = h->due_at,
			.enrollment = h->enrollment};
	}
	return out;
}

static struct save_sales *sales(const struct turn_changes *c, struct arena *arena)
{
	struct save_sales *out = arena_array(arena, c->sales_count, sizeof *out);
	for (size_t i = 0; i < c->sales_count; i++)
		out[i] = (struct save_sales){.state = c->sales[i].state, .campaign = c->sales[i].campaign};
	return out;
}

static struct save_split *splits(const struct turn_changes *c, struct arena *arena)
{
	struct save_split *out = arena_array(arena, c->split_count, sizeof *out);
	for (size_t i = 0; i < c->split_count; i++) {
		const struct turn_split *s = &c->splits[i];
		out[i] = (struct save_split){.campaign = s->campaign, .step = s->step, .words = s->words, .ways = s->ways, .first = s->first, .look_at = s->look_at};
	}
	return out;
}

static struct save_claim *claims(const struct turn_changes *c, struct arena *arena)
{
	struct save_claim *out = arena_array(arena, c->claim_count, sizeof *out);
	for (size_t i = 0; i < c->claim_count; i++)
		out[i] = (struct save_claim){.campaign = c->claims[i].campaign, .enrollment = c->claims[i].enrollment, .instead = c->claims[i].instead, .late = c->claims[i].late};
	return out;
}

static struct save_error *errors(const struct turn_changes *c, struct arena *arena)
{
	struct save_error *out = arena_array(arena, c->error_count, sizeof *out);
	for (size_t i = 0; i < c->error_count; i++) {
		const struct problem *p = &c->errors[i];
		out[i] = (struct save_error){
			.where = str_of(p->at.file ? arena_printf(arena, "%s:%d", p->at.file, p->at.line) : ""),
			.context = str_of(p->context ? p->context : ""), .message = str_of(p->message ? p->message : "")};
	}
	return out;
}

/* Our own events stand in the history with id 0, in the order of changes->events: both get the same ids. */
static struct save_event *events(struct ids *ids, struct turn_facts *facts, const struct turn_changes *c, struct arena *arena)
{
	struct save_event *out = arena_array(arena, c->event_count, sizeof *out);
	for (size_t i = 0; i < c->event_count; i++) {
		const struct turn_event *e = &c->events[i];
		int64_t id = (ids->next++ << 6) | lead_shard(facts->lead.id);
		out[i] = (struct save_event){.verb = e->verb, .subject = e->subject, .data = e->data, .id = id};
	}
	for (size_t i = 0, given = 0; i < facts->history.count && given < c->event_count; i++)
		if (facts->history.events[i].id == 0)
			facts->history.events[i].id = out[given++].id;
	return out;
}

static struct save_member member(const struct turn_facts *facts, const struct turn_changes *c)
{
	const struct turn_member *m = &c->member;
	return (struct save_member){.belongs = m->belongs, .changed = turn_member_changed(facts, m), .packed = m->packed, .role = m->role, .acted = m->acted,
				    .seen = m->seen, .cause = m->cause};
}

bool translate(struct ids *ids, const struct batch_lead *before, struct turn_facts *facts, const struct turn_changes *c,
	       struct arena *arena, struct save_lead *out)
{
	if (ids->end - ids->next < (int64_t)c->event_count)
		return false;
	*out = (struct save_lead){
		.before = before,
		.events = events(ids, facts, c, arena), .event_count = c->event_count,
		.enrollments = enrollments(c, arena), .enrollment_count = c->enrollment_count,
		.touches = touches(c, arena), .touch_count = c->planned_count,
		.cancels = cancels(c, arena), .cancel_count = c->cancelled_count,
		.later = later(c, arena), .later_count = c->later_count,
		.scores = c->scores, .score_count = c->score_count,
		.score_changes = translate_changes(c->score_changes, c->score_change_count, arena), .score_change_count = c->score_change_count,
		.logs = logs(c, arena), .log_count = c->log_count,
		.suppressions = suppressions(c, facts->lead.id, arena), .suppression_count = c->suppression_count,
		.handoffs = handoffs(c, arena), .handoff_count = c->handoff_count,
		.sales = sales(c, arena), .sales_count = c->sales_count,
		.splits = splits(c, arena), .split_count = c->split_count,
		.claims = claims(c, arena), .claim_count = c->claim_count,
		.errors = errors(c, arena), .error_count = c->error_count,
		.account_id = facts->lead.account_id,
		.member = member(facts, c),
		.wake_at = c->wake_at, .erase = c->erase,
	};
	if (c->lead_changed) {
		struct lead *lead = arena_alloc(arena, sizeof *lead);
		*lead = facts->lead;
		out->lead = lead;
	}
	if (c->history_changed)
		out->packed = history_write(&facts->history, arena);
	return true;
}

void translate_failure(const struct batch_lead *before, const struct error *error, struct arena *arena, struct save_lead *out)
{
	struct save_error *failure = arena_alloc(arena, sizeof *failure);
	*failure = (struct save_error){
		.where = str_of(arena_dup(arena, *error->where ? error->where : "turn")),
		.context = STR("turn"),
		.message = str_of(arena_dup(arena, error->message)),
	};
	*out = (struct save_lead){.before = before, .failure = failure, .wake_at = before->wake_at, .account_id = before->facts.lead.account_id};
}
