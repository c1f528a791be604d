/* The part of a save that meets a resume: enrollments that began while their campaign was paused. Called by save_walk.c, which writes them. Those that
 * were there before need nothing here: a resume gives each of them an inbox row, which no turn that was loaded earlier consumes. */
#include "store/save.h"

#include "store/save_pause.sql.h"

static bool was_paused(const struct save_lead *l, struct str campaign)
{
	const struct lead_facts *facts = &l->before->facts;
	for (size_t i = 0; i < facts->pause_count; i++)
		if (!facts->pauses[i].resumed_at && str_same(facts->pauses[i].campaign, campaign))
			return true;
	return false;
}

void save_pause(struct save_op *self)
{
	struct params *p = save_params(self, false, false);
	struct param *lead = param_array(p, PARAM_INT8), *campaign = param_array(p, PARAM_TEXT);
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->enrollment_count; k++) {
			const struct enrollment *e = &l->enrollments[k];
			if (e->id || e->state == ENROLLMENT_ENDED || e->holdout || !was_paused(l, e->campaign))
				continue;
			array_int8(lead, l->before->facts.lead.id);
			array_text(campaign, e->campaign);
		}
	}
	if (lead->count)
		op_send(&self->op, STATEMENT(save_pause), SAVE_TAG_NONE);
}
