/* The save of a page of a walk: its row moves on in the same transaction as what was decided, so a walk that is cut anywhere goes on where it
 * stood, and one that was begun anew refuses what was decided before. Who needs more than scores is put in line for a turn. */
#include "store/save.h"

#include <stdlib.h>

#include "store/save_page.sql.h"

static void move_walk(struct save_op *self)
{
	const struct save_page *page = self->save->page;
	struct params *p = save_params(self, false, false);
	param_int8(p, page->job_id);
	param_int8(p, page->after);
	param_int8(p, page->next);
	param_int8(p, page->leads);
	param_int8(p, page->changed);
	param_int8(p, page->graded);
	param_int8(p, (int64_t)page->handed_count);
	param_int8(p, page->errors);
	op_send(&self->op, STATEMENT(save_page_walk), SAVE_TAG_PAGE);
}

static void save_standings(struct save_op *self)
{
	struct buf names = {0};
	struct params *p = save_params(self, true, false);
	struct param *lead = param_array(p, PARAM_INT8), *stage = param_array(p, PARAM_TEXT), *segments = param_array(p, PARAM_TEXT);
	EACH_SAVED(self, i, l) {
		if (!l->lead)
			continue;
		array_int8(lead, l->lead->id);
		array_text(stage, str_of(stage_name(l->lead->stage)));
		array_text(segments, save_joined(&names, l->lead->segments, l->lead->segment_count));
	}
	if (lead->count)
		op_send(&self->op, STATEMENT(save_page_lead), SAVE_TAG_NONE);
	buf_fini(&names);
}

static void put_in_line(struct save_op *self)
{
	const struct save_page *page = self->save->page;
	struct param *lead = param_array(save_params(self, false, false), PARAM_INT8);
	for (size_t i = 0; i < page->handed_count; i++)
		array_int8(lead, page->handed[i]);
	if (lead->count)
		op_send(&self->op, STATEMENT(save_page_handed), SAVE_TAG_NONE);
}

void save_page(struct save_op *self)
{
	move_walk(self);
	put_in_line(self);
	save_standings(self);
}

void save_page_rows(struct save_op *self, const PGresult *rows)
{
	if (strtoull(PQcmdTuples((PGresult *)(uintptr_t)rows), NULL, 10) != 1)
		op_fail(&self->op, ERROR_CONFLICT, "rescore", "the walk of shard %d was begun anew or stopped: nothing was written.", self->save->batch->shard);
}
