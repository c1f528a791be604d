/* POST /v1/playbook/simulate: what a campaign of the active playbook will do with a lead in the coming weeks (turn/simulate.h). The lead is named in
 * "lead", or is invented from "fields"; it is read, and nothing is written. The walk runs in this worker's loop, so it has less than the command has: days, turns,
 * memory and time of the processor; a walk that needs more is cut off and says where (cut_at). */
#include "web/context.h"

#include "base/mem.h"
#include "playbook/edition.h"
#include "store/batch.h"
#include "turn/simulate.h"

#include <stdlib.h>
#include <time.h>

enum { DAYS_MOST = 366, TURNS_MOST = 1000, MEMORY_MOST = 64 << 20 };
static const int64_t CPU_MOST_US = 500000;

struct simulating {
	struct web_request *req;
	json_t *asked;
	struct edition *edition;  /* held until the answer: the ask borrows from it */
	struct arena *arena;
	struct simulate_ask ask;
	int64_t lead_id;
	int64_t cpu_until;        /* of cpu_now() */
};

static void simulating_free(struct simulating *s)
{
	json_decref(s->asked);
	edition_unref(s->edition);
	arena_free(s->arena);
	free(s);
}

static void fail(struct simulating *s, const struct error *error)
{
	web_fail(s->req, error);
	simulating_free(s);
}

/* Time of the processor, not of the wall: what else runs on the machine does not shorten an answer. */
static int64_t cpu_now(void)
{
	struct timespec t = {0};
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool is_enough(void *arg)
{
	return cpu_now() > ((const struct simulating *)arg)->cpu_until;
}

static void reply(struct simulating *s)
{
	struct error error = {0};
	struct simulation result;
	s->ask.turns_most = TURNS_MOST;
	s->ask.memory_most = MEMORY_MOST;
	s->ask.is_enough = is_enough;
	s->ask.arg = s;
	s->cpu_until = cpu_now() + CPU_MOST_US;
	if (turn_simulate(s->edition->playbook, &s->ask, s->arena, &result, &error) < 0) {
		fail(s, &error);
		return;
	}
	http_reply_json(s->req->http, 200, NULL, turn_simulate_json(s->edition->playbook, &s->ask, &result));
	simulating_free(s);
}

static void on_facts(void *arg, struct batch *batch, const struct error *error)
{
	struct simulating *s = arg;
	if (error) {
		fail(s, error);
	} else if (s->lead_id && !batch->count) {
		web_refuse(s->req, ERROR_NOT_FOUND, "lead", "there is no such lead.");
		simulating_free(s);
	} else {
		s->ask.known = s->lead_id ? &batch->leads[0].facts : NULL;
		s->ask.splits = batch->splits;
		s->ask.split_count = batch->split_count;
		s->ask.pauses = batch->pauses;
		s->ask.pause_count = batch->pause_count;
		reply(s);
	}
	store_batch_free(batch);
}

static void on_now(void *arg, moment_t now, const struct error *error)
{
	struct simulating *s = arg;
	s->ask.now = now;
	if (error)
		fail(s, error);
	else
		store_lead_facts(s->req->web->store, &s->edition->playbook->schema, s->lead_id, now, s->edition->longest_cap, on_facts, s);
}

/* The playbook is the one in force now: what is asked is read by its names. */
static void begin(struct web_request *req, json_t *asked, int64_t lead_id)
{
	struct error error = {0};
	struct edition *edition = web_edition(req->web);
	if (!edition) {
		json_decref(asked);
		web_refuse(req, ERROR_CONFLICT, NULL, "no playbook is published: there is nothing to simulate by.");
		return;
	}
	struct simulating *s = mem_alloc(sizeof *s);
	*s = (struct simulating){.req = req, .asked = asked, .edition = edition_ref(edition), .arena = arena_new(), .lead_id = lead_id};
	int refused = turn_simulate_read(edition->playbook, asked, s->arena, &s->ask, &error);
	if (!refused && s->ask.days > DAYS_MOST)
		refused = error_set(&error, ERROR_INVALID, "days", "days is a number from 1 to %d here (nurture simulate walks up to %d).", DAYS_MOST, SIMULATE_DAYS_MOST);
	if (refused)
		fail(s, &error);
	else
		web_now(req->web, on_now, s);
}

/* The body is read again: a request keeps nothing while its lead is looked for. */
static void on_lead(struct web_request *req, int64_t lead_id)
{
	json_t *asked = web_json_body(req);
	if (asked)
		begin(req, asked, lead_id);
}

void web_simulate_post(struct web_request *req)
{
	static const char *const known[] = {"campaign", "lead", "fields", "days", "answers", "events", NULL};
	json_t *asked = web_json_body(req);
	if (!asked)
		return;
	char text[WEB_LEAD_TEXT];
	bool good = web_asked_lead(req, asked, known, text);
	if (good && text[0])
		web_find_lead(req, str_of(text), on_lead);
	else if (good)
		begin(req, json_incref(asked), 0);
	json_decref(asked);
}
