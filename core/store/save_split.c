/* The part of a save that begins tests of splits. Called by save_walk.c. */
#include "store/save.h"

#include "store/save_split.sql.h"

void save_split(struct save_op *self)
{
	static const enum param_type types[] = {PARAM_TEXT, PARAM_TEXT, PARAM_TEXT, PARAM_JSONB, PARAM_FLOAT8, PARAM_TIME};
	struct param *c[6];
	struct params *p = op_params(&self->op);
	param_time(p, self->save->batch->now);
	save_columns(p, types, 6, c);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->split_count; k++) {
			const struct save_split *s = &l->splits[k];
			array_text(c[0], s->campaign);
			array_text(c[1], s->step);
			array_text(c[2], s->words);
			array_json(c[3], s->ways);
			array_float8(c[4], s->first);
			array_time(c[5], s->look_at);
		}
	}
	if (c[0]->count)
		op_send(&self->op, STATEMENT(save_split), SAVE_TAG_NONE);
}
