/* See forecast.h. Facts are read lead by lead, some at once on one connection; each lead's memory is freed before the next but a few, so it does not
 * grow with the sample. */
#include "jobs/forecast.h"

#include "base/mem.h"
#include "jobs/ask.h"
#include "playbook/current.h"
#include "playbook/site.h"
#include "store/batch.h"
#include "turn/forecast.h"

#include <stdlib.h>

enum { AT_ONCE = 16 };

struct reading {
	const struct forecast_ask *ask;
	const struct campaign *campaign;
	json_t *leads, *rates;
	struct forecast *forecast;
	struct forecast_rate *measured;
	moment_t now;
	int64_t longest_cap;
	size_t next, open;        /* of leads: the next to read, and how many are on their way */
	int64_t done;
	struct ask walked;        /* those on their way have come */
	bool stopped;
};

/* ---- the database ---- */

static int ask_database(struct reading *r, struct error *error)
{
	char sample[24];
	const char *const who[] = {r->campaign->name, r->ask->segment, sample, r->campaign->once_per_account ? "true" : "false"};
	snprintf(sample, sizeof sample, "%d", r->ask->sample);
	if (ask_now(r->ask->loop, r->ask->store, &r->now, error))
		return -1;
	r->leads = ask_query(r->ask->loop, r->ask->store, "forecast_leads", who, 4, error);
	if (r->leads)
		r->rates = ask_query(r->ask->loop, r->ask->store, "forecast_rates", who, 1, error);
	return r->rates ? 0 : -1;
}

/* ---- names ---- */

static int unknown(struct error *error, const char *field, const char *name, const char **names, size_t count)
{
	const char *near = str_nearest(str_of(name), names, count);
	return error_set(error, ERROR_INVALID, field, "there is no %s \"%s\".%s%s%s", field, name, near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int find_names(struct reading *r, struct arena *arena, struct error *error)
{
	const struct playbook *playbook = r->ask->playbook;
	const char **names = arena_array(arena, playbook->campaign_count + playbook->segment_count + 1, sizeof *names);
	bool known = !r->ask->segment;
	r->campaign = playbook_campaign(playbook, str_of(r->ask->campaign));
	for (size_t i = 0; i < playbook->campaign_count; i++)
		names[i] = playbook->campaigns[i].name;
	if (!r->campaign)
		return unknown(error, "campaign", r->ask->campaign, names, playbook->campaign_count);
	for (size_t i = 0; i < playbook->segment_count; i++) {
		names[i] = playbook->segments[i].name;
		known |= !known && strcmp(names[i], r->ask->segment) == 0;
	}
	return known ? 0 : unknown(error, "segment", r->ask->segment, names, playbook->segment_count);
}

/* ---- the leads ---- */

struct one {
	struct reading *reading;
	enum forecast_group group;
};

static void on_facts(void *arg, struct batch *batch, const struct error *error)
{
	struct one *one = arg;
	struct reading *r = one->reading;
	r->open--;
	r->done++;
	if (error && !r->walked.error.code)
		r->walked.error = *error;
	if (!r->walked.error.code && batch->count && forecast_lead(r->forecast, one->group, &batch->leads[0].facts, &r->walked.error) < 0 && !r->walked.error.code)
		r->walked.error = (struct error){.code = ERROR_SYSTEM, .message = "a lead could not be walked."};
	store_batch_free(batch);
	free(one);
	r->walked.done = r->open == 0;
}

static void read_some(struct reading *r)
{
	while (r->open < AT_ONCE && r->next < json_array_size(r->leads)) {
		const json_t *row = json_array_get(r->leads, r->next++);
		struct one *one = mem_alloc(sizeof *one);
		*one = (struct one){r, strcmp(json_string_value(json_object_get(row, "what")), "inside") == 0 ? FORECAST_INSIDE : FORECAST_ENTERING};
		r->open++;
		store_lead_facts(r->ask->store, &r->ask->playbook->schema, json_integer_value(json_object_get(row, "lead_id")), r->now, r->longest_cap, on_facts, one);
	}
}

static void take_rates(struct reading *r, struct arena *arena)
{
	size_t i;
	json_t *row;
	r->measured = arena_array(arena, json_array_size(r->rates) + 1, sizeof *r->measured);
	json_array_foreach(r->rates, i, row) {
		const char *step = json_string_value(json_object_get(row, "step")), *answer = json_string_value(json_object_get(row, "answer"));
		r->measured[i] = (struct forecast_rate){str_of(step ? step : ""), str_of(answer ? answer : ""), json_integer_value(json_object_get(row, "count"))};
	}
}

static json_t *walk_all(struct reading *r, struct arena *arena, struct error *error)
{
	int64_t leads[FORECAST_GROUPS] = {0};
	size_t i;
	json_t *row;
	take_rates(r, arena);
	json_array_foreach(r->leads, i, row)
		leads[strcmp(json_string_value(json_object_get(row, "what")), "inside") == 0 ? FORECAST_INSIDE : FORECAST_ENTERING] = json_integer_value(json_object_get(row, "leads"));
	r->longest_cap = playbook_longest_cap(r->ask->playbook);
	r->forecast = forecast_new(r->ask->playbook, r->campaign, r->measured, json_array_size(r->rates), r->ask->days, r->now);
	while (r->next < json_array_size(r->leads) && !r->stopped) {
		read_some(r);
		if (ask_wait(r->ask->loop, &r->walked, error))
			return NULL;
		r->stopped = r->ask->progress && r->ask->progress(r->ask->arg, r->done, (int64_t)json_array_size(r->leads));
	}
	if (r->stopped)
		return NULL;
	json_t *result = forecast_json(r->forecast, leads);
	json_object_set_new(result, "segment", r->ask->segment ? json_string(r->ask->segment) : json_null());
	return result;
}

/* ---- what its agents can do ---- */

/* 0 = nobody says. */
static double calls_a_day(const struct config *config)
{
	for (size_t i = 0; config && i < config->channel_count; i++) {
		const char *kind = json_string_value(json_object_get(config->channels[i].says, "kind"));
		if (kind && strcmp(kind, "call") == 0)
			return json_number_value(json_object_get(config->channels[i].settings, "calls_a_day"));
	}
	return 0;
}

static json_t *days_over(const json_t *result, double most)
{
	size_t i, k;
	json_t *channel, *day, *over = json_array();
	json_array_foreach (json_object_get(result, "channels"), i, channel)
		json_array_foreach (strcmp(json_string_value(json_object_get(channel, "kind")), "call") ? NULL : json_object_get(channel, "by_day"), k, day)
			if (json_number_value(json_object_get(day, "touches")) > most)
				json_array_append_new(over, json_pack("{s:O, s:O}", "date", json_object_get(day, "date"), "calls", json_object_get(day, "touches")));
	return over;
}

static void warn_of_calls(const struct forecast_ask *ask, json_t *result)
{
	double most = calls_a_day(ask->config);
	json_t *over = most > 0 ? days_over(result, most) : NULL;
	if (json_array_size(over)) {
		const json_t *first = json_array_get(over, 0);
		json_array_append_new(json_object_get(result, "notes"),
				      json_sprintf("on %d days more calls fall due than the %.0f that the agents make (calls_a_day), first on %s: %.0f. They wait, and some will be late.",
						   (int)json_array_size(over), most, json_string_value(json_object_get(first, "date")),
						   json_number_value(json_object_get(first, "calls"))));
		json_object_set(result, "too_many_calls", over);
	}
	json_decref(over);
}

json_t *forecast_run(const struct forecast_ask *ask, struct error *error)
{
	struct reading r = {.ask = ask};
	struct arena *arena = arena_new();
	json_t *result = NULL;
	if (find_names(&r, arena, error) == 0 && ask_database(&r, error) == 0)
		result = walk_all(&r, arena, error);
	if (result)
		warn_of_calls(ask, result);
	forecast_free(r.forecast);
	json_decref(r.leads);
	json_decref(r.rates);
	arena_free(arena);
	return result;
}

/* ---- over HTTP ---- */

static bool say_progress(void *arg, int64_t done, int64_t total)
{
	return runner_progress(arg, done, total);
}

static int whole_number(const json_t *arguments, const char *key, int otherwise, int most, int *out, struct error *error)
{
	const json_t *value = json_object_get(arguments, key);
	json_int_t n = value ? json_integer_value(value) : otherwise;
	*out = (int)n;
	if (n < 1 || n > most)
		return error_set(error, ERROR_INVALID, key, "%s is a number from 1 to %d.", key, most);
	return 0;
}

json_t *forecast_job(struct runner_work *work, struct error *error)
{
	struct arena *arena = arena_new();
	struct playbook_current *current = playbook_current_new(playbook_site_without_templates(work->worker->config, arena), "forecast");
	struct forecast_ask ask = {.loop = work->loop, .store = work->store, .config = work->worker->config, .campaign = json_string_value(json_object_get(work->arguments, "campaign")),
				   .segment = json_string_value(json_object_get(work->arguments, "segment")), .progress = say_progress, .arg = work};
	json_t *result = NULL;
	int failed = ask_playbook(work->loop, work->store, current, NULL, NULL, error);
	ask.playbook = playbook_current_get(current);
	if (!failed && !ask.playbook)
		(void)error_set(error, ERROR_CONFLICT, NULL, "no playbook is published: there is nothing to forecast by.");
	if (!error->code && whole_number(work->arguments, "days", SIMULATE_DAYS, FORECAST_DAYS_MOST, &ask.days, error) == 0 &&
	    whole_number(work->arguments, "sample", FORECAST_SAMPLE, FORECAST_SAMPLE_MOST, &ask.sample, error) == 0)
		result = forecast_run(&ask, error);
	playbook_current_free(current);
	arena_free(arena);
	return result;
}
