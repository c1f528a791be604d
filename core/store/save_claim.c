/* The part of a save that keeps campaigns to one of an account (once_per = "account"). What another transaction was faster with is told (batch_save.taken), and nothing is
 * saved: the turns of those who came too late are decided again. Called by save.c behind the accounts that leads join, which are locked in the same order by all. */
#include "store/save.h"

#include "store/save_claim.sql.h"

static void put(struct save_op *self, struct param *lead, struct param *campaign, struct param *enrollment, struct param *instead, struct param *late)
{
	EACH_SAVED(self, i, l) {
		for (size_t k = 0; k < l->claim_count; k++) {
			const struct save_claim *claim = &l->claims[k];
			array_int8(lead, l->before->facts.lead.id);
			array_text(campaign, claim->campaign);
			array_int8(enrollment, self->enrollment_ids[i][claim->enrollment]);
			if (instead)
				array_int8_or_null(instead, claim->instead);
			if (late)
				array_bool(late, claim->late);
		}
	}
}

void save_claims(struct save_op *self)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_TEXT, PARAM_INT8, PARAM_INT8}, asked[] = {PARAM_INT8, PARAM_TEXT, PARAM_INT8, PARAM_BOOL};
	struct param *c[4];
	save_columns(save_params(self, true, false), types, 4, c);
	put(self, c[0], c[1], c[2], c[3], NULL);
	if (!c[0]->count)
		return;
	op_send(&self->op, STATEMENT(save_claim), SAVE_TAG_NONE);
	save_columns(op_params(&self->op), asked, 4, c);
	put(self, c[0], c[1], c[2], NULL, c[3]);
	op_send(&self->op, STATEMENT(save_claim_taken), SAVE_TAG_TAKEN);
}

void save_taken_rows(struct save_op *self, const PGresult *rows)
{
	int n = PQntuples(rows);
	for (int i = 0; i < n && self->save->taken; i++) {
		struct campaign_claim claim = {.campaign = row_text(rows, i, 1, self->op.arena), .lead_id = row_int8(rows, i, 2), .enrollment_id = row_int8(rows, i, 3),
					       .ended_at = row_time(rows, i, 4)};
		self->save->taken(self->arg, row_int8(rows, i, 0), &claim);
	}
	if (n)
		op_fail(&self->op, ERROR_CONFLICT, "account_claim", "%d of these leads came too late for a campaign that takes one of an account: nothing was written.", n);
}
