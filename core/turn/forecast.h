/* How many contacts a campaign will make a day: leads walked through the coming days as simulations are (simulate.h), with answers drawn by measured
 * rates, and added up. Called by jobs/forecast.c, which reads a sample of the leads; pure, and the same for the same leads: the dice are
 * hashes of lead, step and time. Memory does not grow with the leads. */
#ifndef NURTURE_TURN_FORECAST_H
#define NURTURE_TURN_FORECAST_H

#include "turn/simulate.h"

enum { FORECAST_DAYS_MOST = 730, FORECAST_SAMPLE = 1000, FORECAST_SAMPLE_MOST = 100000 /* leads of each group */ };
enum forecast_group { FORECAST_INSIDE /* stand in the campaign */, FORECAST_ENTERING /* enter it now */, FORECAST_GROUPS };

/* How contacts of a step ended so far: answer is one of playbook_ends, "sent" for a mail or letter that came to no end of its own. */
struct forecast_rate {
	struct str step, answer;
	int64_t count;
};

struct forecast;
/* rates are borrowed until forecast_free, as are playbook and campaign. */
struct forecast *forecast_new(struct playbook *playbook, const struct campaign *campaign, const struct forecast_rate *rates, size_t rate_count, int days, moment_t now);
void forecast_free(struct forecast *forecast); /* takes NULL */
/* Walks one lead of the sample. */
int forecast_lead(struct forecast *forecast, enum forecast_group group, const struct lead_facts *known, struct error *error) MUST_USE;
/* leads: how many there are of each group; the leads walked stand for them. New reference: {campaign, days, from, zone, leads: {inside, entering}, walked: {…}, channels:
 * [{kind, total, error, most: {day, date, touches}, by_day: [{day, date, touches, error}]}], held: [{kind, reason, touches}], rates: [{step, measured, answers:
 * [{answer, share}]}], notes: [text]}. Days and dates are those of zone, the playbook's. error: half of the 95 % interval; measured 0: even odds were taken. */
json_t *forecast_json(const struct forecast *forecast, const int64_t leads[FORECAST_GROUPS]) MUST_USE;

#endif
