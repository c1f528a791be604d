/* What became of a campaign, and whether it did any good: the counts of query report_campaign, with shares, intervals and comparisons. Read by
 * `nurture report campaign NAME` and GET /v1/reports/campaign. The unit is the lead: one that entered several times counts once, in the group where its
 * first entry put it, whatever it got afterwards (intention to treat). */
#ifndef NURTURE_REPORT_CAMPAIGN_H
#define NURTURE_REPORT_CAMPAIGN_H

#include "base/buf.h"

#include <jansson.h>

/* What the active playbook has of it; borrowed during the call. */
struct report_campaign_of {
	const char *name, *title;  /* title NULL: the playbook has none of this name */
	const char *const *steps;  /* in the order of the playbook; the others come behind, as they were first reached */
	size_t step_count;
};

/* Takes row, the query's; NULL = nobody ever entered. New reference:
 * {campaign, title?, living, leads, inside, parked, first_entered_at?, last_entered_at?, revision?, finished: null or {at, revision, let_out, numbers},
 *  steps: [{step, reached, here, parked, sent, under_way, held_back, opened, clicked, answered, left, why: [{state, reason, touches}],
 *           answers: [{answer, leads}], left_why: [{reason, leads}], contacts: [{kind, template, sent, held_back, opened, clicked, revisions: […]}]}],
 *  goal: {all, assigned, held_out, touched: each {leads, converted, share, interval}, uplift: COMPARISON},
 *  splits: [{step, variants: [{variant, leads, converted, share, interval}], comparisons: [COMPARISON with a, b],
 *            test: null or {began_at, look_at, decided_at, winner, first_act, tried_on, numbers: {variant: [leads, won]}}}],
 *  revisions: [{revision, entered, since, until}]}
 * COMPARISON: {difference, interval, known, verdict: "more" | "less" | "not yet known", needed, missing}. Shares and differences are parts of 1; interval
 * is [low, high] of 95 %; what cannot be told is null. */
json_t *report_campaign(json_t *row, const struct report_campaign_of *of);
/* Says in the rows of query report_campaigns which of them the active playbook has ("living"), and adds those that nobody entered yet. */
void report_campaigns_living(json_t *rows, const char *const *names, size_t count);
void report_campaign_text(const json_t *report, struct buf *out);

#endif
