/* A forecast as JSON (forecast.h): from the sample to all leads, group by group, with the error that the sample makes. */
#include "turn/forecast_inside.h"

#include "turn/inside.h"

#include <math.h>

struct estimate {
	double touches, error;
};

/* The sum over all leads of each group, and half of its 95 % interval. All leads walked and no dice: no error. */
static struct estimate estimate(const struct forecast *f, const struct channel *channel, int day, const int64_t leads[FORECAST_GROUPS])
{
	struct estimate out = {0};
	double variance = 0;
	for (int g = 0; g < FORECAST_GROUPS; g++) {
		double n = (double)f->walked[g], all = (double)leads[g];
		const struct sums *sums = &channel->sums[g][day];
		if (n == 0)
			continue;
		out.touches += all / n * sums->sum;
		double spread = n > 1 ? (sums->squares - sums->sum * sums->sum / n) / (n - 1) : 0;
		double left = f->luck ? 1 : all > n ? 1 - n / all : 0;
		variance += all * all * left * spread / n;
	}
	out.error = 1.96 * sqrt(variance > 0 ? variance : 0);
	return out;
}

static double rounded(double x)
{
	return round(x * 10) / 10;
}

static json_t *day_json(const struct forecast *f, int day)
{
	struct calendar_local local;
	char text[40];
	calendar_local(calendar_add_days(f->now, day - 1, f->playbook->time_zone), f->playbook->time_zone, &local);
	snprintf(text, sizeof text, "%04d-%02d-%02d", local.year, local.month, local.day);
	return json_pack("{s:i, s:s}", "day", day, "date", text);
}

static json_t *channel_json(const struct forecast *f, const struct channel *channel, const int64_t leads[FORECAST_GROUPS])
{
	struct estimate all = estimate(f, channel, 0, leads), most = {0};
	json_t *days = json_array(), *busiest = json_null();
	for (int day = 1; day <= f->days; day++) {
		struct estimate e = estimate(f, channel, day, leads);
		if (e.touches <= 0)
			continue;
		json_t *row = day_json(f, day);
		json_object_set_new(row, "touches", json_real(rounded(e.touches)));
		json_object_set_new(row, "error", json_real(rounded(e.error)));
		json_array_append_new(days, row);
		if (e.touches > most.touches) {
			most = e;
			busiest = row;
		}
	}
	return json_pack("{s:s%, s:f, s:f, s:O, s:o}", "kind", channel->kind.p, channel->kind.n, "total", rounded(all.touches), "error", rounded(all.error), "most", busiest,
			 "by_day", days);
}

static json_t *held_json(const struct forecast *f, const struct held *held, const int64_t leads[FORECAST_GROUPS])
{
	double touches = 0;
	for (int g = 0; g < FORECAST_GROUPS; g++)
		if (f->walked[g])
			touches += (double)leads[g] / (double)f->walked[g] * (double)held->count[g];
	return json_pack("{s:s%, s:s%, s:f}", "kind", held->kind.p, held->kind.n, "reason", held->reason.p, held->reason.n, "touches", rounded(touches));
}

static json_t *odds_json(const struct odds *odds)
{
	json_t *answers = json_array();
	for (size_t i = 0; i < odds->count; i++)
		json_array_append_new(answers, json_pack("{s:s%, s:f}", "answer", odds->answers[i].n ? odds->answers[i].p : "sent", odds->answers[i].n ? odds->answers[i].n : (size_t)4,
							 "share", (double)odds->weights[i] / (double)odds->total));
	return json_pack("{s:s, s:I, s:o}", "step", odds->step->name, "measured", (json_int_t)odds->measured, "answers", answers);
}

static void add_note(const struct forecast *f, json_t *notes, const char *fmt, const char *step)
{
	json_array_append_new(notes, json_string(arena_printf(f->arena, fmt, step)));
}

static json_t *notes_json(const struct forecast *f)
{
	json_t *notes = json_array();
	for (size_t i = 0; i < f->campaign->step_count; i++) {
		const struct step *step = &f->campaign->steps[i];
		if (f->odds[i].count > 1 && !f->odds[i].measured)
			add_note(f, notes, "step \"%s\": nothing is measured yet, so even odds are taken for how its contact ends.", step->name);
		if (step->awaits)
			add_note(f, notes, "step \"%s\" waits for what leads do: counted as if they do not, until its time is over.", step->name);
	}
	if (f->campaign->once_per_account)
		json_array_append_new(notes, json_string("of each account one is counted: once_per = \"account\"."));
	if (f->failures)
		json_array_append_new(notes, json_string(arena_printf(f->arena, "of %lld leads a rule or a step failed (nurture simulate says which).", (long long)f->failures)));
	return notes;
}

json_t *forecast_json(const struct forecast *f, const int64_t leads[FORECAST_GROUPS])
{
	char from[MOMENT_TEXT];
	json_t *channels = json_array(), *held = json_array(), *rates = json_array();
	for (size_t i = 0; i < f->channel_count; i++)
		json_array_append_new(channels, channel_json(f, &f->channels[i], leads));
	for (size_t i = 0; i < f->held_count; i++)
		json_array_append_new(held, held_json(f, &f->held[i], leads));
	for (size_t i = 0; i < f->campaign->step_count; i++)
		if (f->odds[i].count)
			json_array_append_new(rates, odds_json(&f->odds[i]));
	return json_pack("{s:s, s:i, s:s, s:s, s:{s:I, s:I}, s:{s:I, s:I}, s:o, s:o, s:o, s:o}", "campaign", f->campaign->name, "days", f->days, "from", moment_format(f->now, from),
			 "zone", f->playbook->time_zone, "leads", "inside", (json_int_t)leads[FORECAST_INSIDE], "entering", (json_int_t)leads[FORECAST_ENTERING], "walked", "inside",
			 (json_int_t)f->walked[FORECAST_INSIDE], "entering", (json_int_t)f->walked[FORECAST_ENTERING], "channels", channels, "held", held, "rates", rates,
			 "notes", notes_json(f));
}
