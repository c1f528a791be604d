/* From what store loaded to what a turn decides on: the one place where the packed history is read. */
#include "turn/turn.h"

int turn_facts_read(struct turn_facts *facts, const struct lead_facts *known, moment_t now, struct arena *arena, struct error *error)
{
	*facts = (struct turn_facts){
		.now = now,
		.lead = known->lead,
		.account = known->account,
		.sent = known->sent,
		.applied = known->applied,
		.acted = known->acted,
		.joins = known->joins,
		.without_account = known->without_account,
		.events = known->events,
		.event_count = known->event_count,
		.scores = known->scores,
		.score_count = known->score_count,
		.enrollments = known->enrollments,
		.enrollment_count = known->enrollment_count,
		.consents = known->consents,
		.consent_count = known->consent_count,
		.suppressions = known->suppressions,
		.suppression_count = known->suppression_count,
		.pauses = known->pauses,
		.pause_count = known->pause_count,
		.splits = known->splits,
		.split_count = known->split_count,
		.claims = known->claims,
		.claim_count = known->claim_count,
		.touches = known->touches,
		.touch_count = known->touch_count,
		.twin = known->twin,
	};
	return known->packed.n ? history_read(&facts->history, known->packed, arena, error) : 0;
}
