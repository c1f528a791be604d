/* See forecast.h. Facts are read lead by lead, some at once on one connection; each lead's memory is freed before the next but a few, so it does not
 * grow with the sample. */
#include "jobs/forecast.h"

#include "base/mem.h"
#include "playbook/current.h"
#include "playbook/site.h"
#include "store/batch.h"
#include "store/revision.h"
#include "turn/forecast.h"

#include <stdlib.h>

enum { AT_ONCE = 16 };
static const int64_t ANSWER_US = 600 * MOMENT_SECOND;

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
	bool answered, stopped;
	struct error error;
};

/* ---- waiting ---- */

static int wait_for(struct reading *r, struct error *error)
{
	if (!store_wait(r->ask->loop, &r->answered, ANSWER_US))
		return error_set(error, ERROR_UNAVAILABLE, "database", "the database did not answer.");
	r->answered = false;
	if (r->error.code)
		*error = r->error;
	return r->error.code ? -1 : 0;
}

static void on_clock(void *arg, const struct clock *clock, const struct error *error)
{
	struct reading *r = arg;
	r->answered = true;
	if (error)
		r->error = *error;
	else
		r->now = clock_domain(clock, real_now());
}

static void take_rows(struct reading *r, json_t **out, json_t *rows, const struct error *error)
{
	r->answered = true;
	if (error)
		r->error = *error;
	else
		*out = json_incref(rows);
}

static void on_leads(void *arg, json_t *rows, const struct error *error)
{
	take_rows(arg, &((struct reading *)arg)->leads, rows, error);
}

static void on_rates(void *arg, json_t *rows, const struct error *error)
{
	take_rows(arg, &((struct reading *)arg)->rates, rows, error);
}

static int ask_database(struct reading *r, struct error *error)
{
	char sample[24];
	const char *const who[] = {r->campaign->name, r->ask->segment, sample};
	snprintf(sample, sizeof sample, "%d", r->ask->sample);
	store_clock_read(r->ask->store, on_clock, r);
	if (wait_for(r, error))
		return -1;
	store_query(r->ask->store, "forecast_leads", who, 3, on_leads, r);
	if (wait_for(r, error))
		return -1;
	store_query(r->ask->store, "forecast_rates", who, 1, on_rates, r);
	return wait_for(r, error);
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
	if (error && !r->error.code)
		r->error = *error;
	if (!r->error.code && batch->count && forecast_lead(r->forecast, one->group, &batch->leads[0].facts, &r->error) < 0 && !r->error.code)
		r->error = (struct error){.code = ERROR_SYSTEM, .message = "a lead could not be walked."};
	store_batch_free(batch);
	free(one);
	r->answered = r->open == 0;
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
		if (wait_for(r, error))
			return NULL;
		r->stopped = r->ask->progress && r->ask->progress(r->ask->arg, r->done, (int64_t)json_array_size(r->leads));
	}
	if (r->stopped)
		return NULL;
	json_t *result = forecast_json(r->forecast, leads);
	json_object_set_new(result, "segment", r->ask->segment ? json_string(r->ask->segment) : json_null());
	return result;
}

json_t *forecast_run(const struct forecast_ask *ask, struct error *error)
{
	struct reading r = {.ask = ask};
	struct arena *arena = arena_new();
	json_t *result = NULL;
	if (find_names(&r, arena, error) == 0 && ask_database(&r, error) == 0)
		result = walk_all(&r, arena, error);
	forecast_free(r.forecast);
	json_decref(r.leads);
	json_decref(r.rates);
	arena_free(arena);
	return result;
}

/* ---- over HTTP ---- */

struct job {
	struct runner_work *work;
	struct playbook_current *current;
	bool done;
	struct error *error;
};

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct job *job = arg;
	job->done = true;
	if (error)
		*job->error = *error;
	else if (revision->activation)
		playbook_current_offer(job->current, revision->activation, &revision->files);
}

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
	struct job job = {.work = work, .error = error, .current = playbook_current_new(playbook_site_without_templates(work->worker->config, arena), "forecast")};
	struct forecast_ask ask = {.loop = work->loop, .store = work->store, .campaign = json_string_value(json_object_get(work->arguments, "campaign")),
				   .segment = json_string_value(json_object_get(work->arguments, "segment")), .progress = say_progress, .arg = work};
	json_t *result = NULL;
	store_revision_active(work->store, on_revision, &job);
	if (!store_wait(work->loop, &job.done, ANSWER_US))
		(void)error_set(error, ERROR_UNAVAILABLE, "database", "the database did not answer.");
	ask.playbook = playbook_current_get(job.current);
	if (!error->code && !ask.playbook)
		(void)error_set(error, ERROR_CONFLICT, NULL, "no playbook is published: there is nothing to forecast by.");
	if (!error->code && whole_number(work->arguments, "days", SIMULATE_DAYS, FORECAST_DAYS_MOST, &ask.days, error) == 0 &&
	    whole_number(work->arguments, "sample", FORECAST_SAMPLE, FORECAST_SAMPLE_MOST, &ask.sample, error) == 0)
		result = forecast_run(&ask, error);
	playbook_current_free(job.current);
	arena_free(arena);
	return result;
}
