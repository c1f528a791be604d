/* Leads that are merged, in the transaction of their turn: nothing is decided about them, everything of theirs goes where it belongs.
 *
 *   loser's turn    lead.merge     it becomes the winner: permissions, names, what was heard; lead.merged waits for the winner's turn
 *   later turns     anything       passed on
 *   and back        lead.unmerge   itself again; lead.unmerged waits for the winner's turn, which builds its history again
 *
 * A merge whose winner is merged or gone by now is refused: the rows of the inbox come back to the lead itself. */
#include "store/save.h"

#include <stdlib.h>

#include "store/save_merge.sql.h"

struct step {
	struct statement statement;
	int tag;
	bool now; /* takes $2 */
};

static void send_step(struct save_op *self, const struct save_lead *l, const struct step *step)
{
	struct params *p = op_params(&self->op);
	param_int8(p, l->merge_id);
	if (step->now)
		param_time(p, self->save->batch->now);
	op_send(&self->op, step->statement, step->tag);
}

static void send_merge(struct save_op *self, const struct save_lead *l)
{
	const struct step steps[] = {
		{STATEMENT(merge_begin), SAVE_TAG_NONE, true},    {STATEMENT(merge_consent), SAVE_TAG_NONE, false},
		{STATEMENT(merge_suppression), SAVE_TAG_NONE, false}, {STATEMENT(merge_stop), SAVE_TAG_STOPPED, true},
		{STATEMENT(merge_touches), SAVE_TAG_NONE, true},  {STATEMENT(merge_enrollments), SAVE_TAG_NONE, true},
		{STATEMENT(merge_events), SAVE_TAG_NONE, false},  {STATEMENT(merge_names), SAVE_TAG_NONE, false},
		{STATEMENT(merge_visitors), SAVE_TAG_NONE, false}, {STATEMENT(merge_scores), SAVE_TAG_NONE, false},
		{STATEMENT(merge_account), SAVE_TAG_NONE, false}, {STATEMENT(merge_tell), SAVE_TAG_NONE, true},
		{STATEMENT(merge_lead), SAVE_TAG_NONE, true},
	};
	self->suppresses = true;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		send_step(self, l, &steps[i]);
}

static void send_unmerge(struct save_op *self, const struct save_lead *l)
{
	const struct step steps[] = {
		{STATEMENT(unmerge_begin), SAVE_TAG_NONE, false},   {STATEMENT(unmerge_consent), SAVE_TAG_NONE, true},
		{STATEMENT(unmerge_withdrawn), SAVE_TAG_NONE, false}, {STATEMENT(unmerge_suppression), SAVE_TAG_NONE, false},
		{STATEMENT(merge_stop), SAVE_TAG_STOPPED, true},    {STATEMENT(unmerge_names), SAVE_TAG_NONE, false},
		{STATEMENT(unmerge_visitors), SAVE_TAG_NONE, false}, {STATEMENT(unmerge_tell), SAVE_TAG_NONE, true},
		{STATEMENT(unmerge_lead), SAVE_TAG_NONE, true},
	};
	self->suppresses = true;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		send_step(self, l, &steps[i]);
}

static void send_forwards(struct save_op *self)
{
	struct params *p = op_params(&self->op);
	struct param *at = param_array(p, PARAM_TID), *id = param_array(p, PARAM_INT8);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; l->move && k < l->before->inbox_count; k++) {
			array_tid(at, (struct tid){l->before->inbox[k].block, l->before->inbox[k].item});
			array_int8(id, l->before->inbox[k].id);
		}
	}
	op_send(&self->op, STATEMENT(merge_forward), SAVE_TAG_NONE);
	struct param *lead = param_array(op_params(&self->op), PARAM_INT8);
	EACH_SAVED(self, i, l)
		if (l->move == MOVE_FORWARD)
			array_int8(lead, l->before->facts.lead.id);
	if (lead->count)
		op_send(&self->op, STATEMENT(merge_flatten), SAVE_TAG_NONE);
}

void save_moves(struct save_op *self)
{
	bool any = false;
	EACH_SAVED(self, i, l) {
		any = any || l->move;
		if (l->move == MOVE_MERGE)
			send_merge(self, l);
		else if (l->move == MOVE_UNMERGE)
			send_unmerge(self, l);
	}
	if (any)
		send_forwards(self);
}

void save_moves_stopped_rows(struct save_op *self, const PGresult *rows)
{
	struct arena *arena = self->op.arena;
	for (int i = 0; i < PQntuples(rows); i++) {
		struct over_touch over = {.touch_id = row_int8(rows, i, 0), .lead_id = row_int8(rows, i, 1), .outcome = STR("cancelled"),
					  .reason = STR("withdrawn"), .channel = row_text(rows, i, 2, arena),
					  .campaign = row_text(rows, i, 3, arena), .step = row_text(rows, i, 4, arena)};
		event_list_add_over(&self->overs, &self->op, &over, self->save->batch->now);
	}
}

/* ---- histories ---- */

static int compare_leads(const void *a, const void *b)
{
	int64_t x = ((const struct rebuilt *)a)->lead_id, y = ((const struct rebuilt *)b)->lead_id;
	return x < y ? -1 : x > y;
}

void save_moves_ask(struct save_op *self)
{
	size_t n = 0;
	EACH_SAVED(self, i, l)
		n += l->move == MOVE_UNMERGE || l->move == MOVE_REBUILD;
	if (!n)
		return;
	self->rebuilt = arena_array(self->op.arena, n, sizeof *self->rebuilt);
	EACH_SAVED(self, i, l)
		if (l->move == MOVE_UNMERGE || l->move == MOVE_REBUILD)
			self->rebuilt[self->rebuilt_count++] =
				(struct rebuilt){.lead_id = l->before->facts.lead.id, .stored = l->before->facts.packed};
	qsort(self->rebuilt, n, sizeof *self->rebuilt, compare_leads);
	rebuilt_ask(&self->op, self->rebuilt, n, SAVE_TAG_EVENTS);
}

void save_moves_write(struct save_op *self)
{
	struct params *p = op_params(&self->op);
	bool damaged;
	param_int4(p, self->save->batch->shard);
	struct param *lead = param_array(p, PARAM_INT8), *packed = param_array(p, PARAM_BYTEA);
	for (size_t i = 0; i < self->rebuilt_count; i++) {
		if (!rebuilt_differs(&self->rebuilt[i], self->op.arena, &damaged))
			continue;
		array_int8(lead, self->rebuilt[i].lead_id);
		array_text(packed, self->rebuilt[i].packed);
	}
	if (!lead->count)
		return;
	op_send(&self->op, STATEMENT(merge_history), SAVE_TAG_NONE);
	lead = param_array(op_params(&self->op), PARAM_INT8);
	for (size_t i = 0; i < self->rebuilt_count; i++)
		array_int8(lead, self->rebuilt[i].lead_id);
	op_send(&self->op, STATEMENT(merge_look), SAVE_TAG_NONE);
}
