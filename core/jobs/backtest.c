/* Replays all leads: page after page of the past, the next one being read while one is replayed. The pages of the shards take turns, for their leads lie
 * side by side. Leads whose history holds counts of old events have all their events read again, a few leads at a time.
 *
 * Always holds: memory is two pages and the dataset; nothing is written; what is dated at or after a lead's moment is not looked at (turn/replay.c). */
#include "jobs/backtest.h"

#include "base/mem.h"
#include "jobs/backtest_shape.h"
#include "store/past.h"
#include "turn/wants.h"

#include <stdio.h>
#include <string.h>

enum { LISTEN_LEADS = 64 /* between two looks at what the database says meanwhile */, FOLDED_AT_ONCE = 20, PATIENCE_S = 600 };

/* A page on its way. */
struct fetch {
	struct arena *arena;
	struct past_page page;
	struct error error;
	bool done, asked;
	int shard;
};

struct replaying {
	const struct backtest_run *run;
	struct dataset *dataset, *rival;
	struct past_ask ask;
	struct str outcome, against;
	moment_t to;
	struct arena *site;         /* lives as long as the run: what is wanted */
	struct arena *lead;         /* of one lead */
	struct arena *folded;       /* of the events of a few */
	int64_t next[SHARD_COUNT];  /* where each shard goes on; -1 = through */
	int shard;                  /* whose turn it is */
	int64_t looked, total;
	struct error *error;
};

/* ---- asking ---- */

static void on_page(void *arg, const struct past_page *page, const struct error *error)
{
	struct fetch *fetch = arg;
	fetch->done = true;
	if (error)
		fetch->error = *error;
	else
		fetch->page = *page;
}

/* The next shard that is not through; -1 = all are. */
static int next_shard(struct replaying *r)
{
	for (int i = 0; i < SHARD_COUNT; i++) {
		int shard = (r->shard + i) % SHARD_COUNT;
		if (r->next[shard] >= 0) {
			r->shard = (shard + 1) % SHARD_COUNT;
			return shard;
		}
	}
	return -1;
}

static void ask_page(struct replaying *r, struct fetch *fetch)
{
	int shard = next_shard(r);
	*fetch = (struct fetch){.arena = fetch->arena, .shard = shard, .asked = shard >= 0};
	if (shard < 0)
		return;
	arena_reset(fetch->arena);
	store_past(r->run->store, shard, r->next[shard], &r->ask, fetch->arena, on_page, fetch);
	r->next[shard] = -1; /* until its page says where it goes on */
}

static int await(struct replaying *r, const bool *done, const struct error *failed)
{
	if (!store_wait(r->run->loop, done, PATIENCE_S * MOMENT_SECOND))
		return error_set(r->error, ERROR_UNAVAILABLE, "database", "the database did not answer.");
	if (failed->code)
		*r->error = *failed;
	return failed->code ? -1 : 0;
}

/* ---- one lead ---- */

/* When it is looked at, and as what. false: it is not in the rows, and is counted as what it is. */
static bool choose_moment(struct replaying *r, const struct past_lead *lead, moment_t *at, bool *outcome, bool *against)
{
	struct dataset_left *left = &r->dataset->left;
	bool before = false;
	moment_t from = r->run->ask.from, won = turn_replay_find(lead, r->outcome, from, r->to, &before), since = turn_replay_since(lead);
	moment_t lost = won == MOMENT_NEVER ? turn_replay_find(lead, r->against, from, r->to, NULL) : MOMENT_NEVER;
	*outcome = won != MOMENT_NEVER;
	*against = lost != MOMENT_NEVER;
	*at = r->run->ask.all_at_once ? from : *outcome ? won : *against ? lost : r->to;
	if (before && (!*outcome || r->run->ask.all_at_once))
		left->before++;
	else if (since > *at && ((!*outcome && !*against) || r->run->ask.all_at_once))
		left->later++;
	else if (since > *at && !r->run->ask.as_imported)
		left->unknown++;
	else
		return true;
	return false;
}

static void note_failure(struct replaying *r, const struct past_lead *lead, const struct replay_score *score)
{
	struct dataset_left *left = &r->dataset->left;
	const struct problem *p = score->error_count ? &score->errors[0] : NULL;
	if (left->failed++ || !p)
		return;
	left->failed_lead = lead->id;
	snprintf(left->failed_where, sizeof left->failed_where, "%s:%d %s", p->at.file ? p->at.file : "", p->at.line, p->context ? p->context : "");
	snprintf(left->failed_message, sizeof left->failed_message, "%s", p->message);
}

/* The account's fields where the rival playbook has them; one whose type is another there is empty. */
static struct account *for_rival(struct replaying *r, const struct account *account)
{
	const struct schema *mine = &r->run->playbook->schema, *theirs = &r->run->rival->schema;
	if (!account)
		return NULL;
	struct account *copy = arena_alloc(r->lead, sizeof *copy);
	*copy = *account;
	copy->fields = arena_array(r->lead, theirs->account_count + 1, sizeof *copy->fields);
	for (size_t i = 0; i < theirs->account_count; i++) {
		int slot = schema_account_slot(mine, str_of(theirs->account[i].name));
		if (slot >= 0 && mine->account[slot].type == theirs->account[i].type)
			copy->fields[i] = account->fields[slot];
	}
	return copy;
}

static int replay_rival(struct replaying *r, const struct past_lead *lead, moment_t at, bool late, struct replay_score *out)
{
	struct past_lead theirs = *lead;
	theirs.account = for_rival(r, lead->account);
	return turn_replay(r->run->rival, r->rival->model, &theirs, at, late, r->lead, out, r->error);
}

static int replay_one(struct replaying *r, const struct past_lead *lead)
{
	moment_t at;
	bool outcome, against;
	struct replay_score score, other;
	const struct backtest_run *run = r->run;
	arena_reset(r->lead);
	if (!choose_moment(r, lead, &at, &outcome, &against))
		return 0;
	bool late = turn_replay_since(lead) > at;
	if (turn_replay(run->playbook, r->dataset->model, lead, at, late, r->lead, &score, r->error) < 0 ||
	    (r->rival && replay_rival(r, lead, at, late, &other) < 0))
		return -1;
	if (backtest_failed(r->dataset, &score) || (r->rival && backtest_failed(r->rival, &other))) {
		note_failure(r, lead, backtest_failed(r->dataset, &score) ? &score : &other);
		return 0;
	}
	r->dataset->as_imported_count += late;
	backtest_row(r->dataset, dataset_add(r->dataset, lead->id, at, outcome, against), &score);
	if (r->rival)
		backtest_row(r->rival, dataset_add(r->rival, lead->id, at, outcome, against), &other);
	return 0;
}

/* ---- leads whose history is folded ---- */

struct events_wait {
	const struct event *events;
	size_t count;
	struct error error;
	bool done;
};

static void on_events(void *arg, const struct event *events, size_t count, const struct error *error)
{
	struct events_wait *wait = arg;
	wait->done = true;
	wait->events = events;
	wait->count = count;
	if (error)
		wait->error = *error;
}

static int replay_folded(struct replaying *r, struct past_lead *const *leads, size_t count)
{
	int64_t ids[FOLDED_AT_ONCE];
	struct events_wait wait = {0};
	arena_reset(r->folded);
	for (size_t i = 0; i < count; i++)
		ids[i] = leads[i]->id;
	store_past_events(r->run->store, ids, count, r->folded, on_events, &wait);
	if (await(r, &wait.done, &wait.error) < 0)
		return -1;
	for (size_t i = 0, at = 0; i < count; i++) {
		size_t n = 0;
		while (at < wait.count && wait.events[at].lead_id < leads[i]->id)
			at++;
		while (at + n < wait.count && wait.events[at + n].lead_id == leads[i]->id)
			n++;
		leads[i]->events = wait.events + at;
		leads[i]->event_count = n;
		if (replay_one(r, leads[i]) < 0)
			return -1;
	}
	return 0;
}

/* ---- pages ---- */

/* A damaged history says nothing: its events do. */
static bool is_folded(struct past_lead *lead, struct arena *arena)
{
	struct error damaged;
	return history_read(&lead->history, lead->packed, arena, &damaged) != 0 || lead->history.fold_count != 0;
}

static int replay_page(struct replaying *r, struct fetch *fetch)
{
	struct past_lead *folded[FOLDED_AT_ONCE];
	size_t n = 0;
	for (size_t i = 0; i < fetch->page.count; i++) {
		struct past_lead *lead = &fetch->page.leads[i];
		if (i % LISTEN_LEADS == 0)
			loop_once(r->run->loop, 0);
		if (is_folded(lead, fetch->arena))
			folded[n++] = lead;
		else if (replay_one(r, lead) < 0)
			return -1;
		if (n == FOLDED_AT_ONCE && replay_folded(r, folded, n) < 0)
			return -1;
		n = n == FOLDED_AT_ONCE ? 0 : n;
	}
	r->looked += (int64_t)fetch->page.count;
	return n ? replay_folded(r, folded, n) : 0;
}

static bool goes_on(struct replaying *r)
{
	if (!r->run->progress || r->run->progress(r->run->arg, r->looked, r->total))
		return true;
	return error_set(r->error, ERROR_CONFLICT, "backtest", "stopped: somebody cancelled it.") == 0;
}

/* What is still on its way answers into memory that is given back: waited for first. */
static int replay_all(struct replaying *r)
{
	struct fetch fetches[2] = {{.arena = arena_new()}, {.arena = arena_new()}};
	int status = 0;
	ask_page(r, &fetches[0]);
	for (int i = 0; status == 0 && fetches[i].asked; i = !i) {
		struct fetch *now = &fetches[i], *next = &fetches[!i];
		status = await(r, &now->done, &now->error);
		if (status)
			break;
		r->next[now->shard] = now->page.next ? now->page.next : -1;
		ask_page(r, next);
		status = goes_on(r) ? replay_page(r, now) : -1;
	}
	for (int i = 0; i < 2; i++) {
		if (!fetches[i].asked || fetches[i].done || store_wait(r->run->loop, &fetches[i].done, PATIENCE_S * MOMENT_SECOND))
			arena_free(fetches[i].arena);
	}
	return status;
}

/* ---- from beginning to end ---- */

/* One that nobody ever records has no outcome: a slip of the hand (message 16). */
static int check_verb(const struct replaying *r, struct str verb, const char *where)
{
	const char *names[256];
	size_t count = 0;
	const struct playbook *playbook = r->run->playbook;
	for (const struct verb *v = model_verbs; v->name; v++) {
		if (str_is(verb, v->name))
			return 0;
		if (count < sizeof names / sizeof *names)
			names[count++] = v->name;
	}
	for (size_t i = 0; i < playbook->verb_count; i++) {
		if (str_is(verb, playbook->verbs[i].name))
			return 0;
		if (count < sizeof names / sizeof *names)
			names[count++] = playbook->verbs[i].name;
	}
	const char *near = str_nearest(verb, names, count);
	return error_set(r->error, ERROR_INVALID, where, "there is no verb \"%.*s\".%s%s%s An event of your own needs verb \"%.*s\" { … } first.", STR_ARG(verb),
			 near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "", STR_ARG(verb));
}

static int take_ask(struct replaying *r)
{
	const struct backtest_ask *ask = &r->run->ask;
	r->outcome = str_of(ask->outcome ? ask->outcome : "opportunity.won");
	r->against = str_of(ask->against ? ask->against : "opportunity.lost");
	r->to = ask->to < r->run->now ? ask->to : r->run->now;
	if (str_same(r->outcome, r->against))
		return error_set(r->error, ERROR_INVALID, "against", "the outcome and its opposite are the same event.");
	if (check_verb(r, r->outcome, "outcome") || check_verb(r, r->against, "against"))
		return -1;
	if (ask->all_at_once && ask->as_imported)
		return error_set(r->error, ERROR_INVALID, "as_imported", "at one moment only who was known then is judged: at and as_imported do not go together.");
	if (ask->from >= r->run->now)
		return error_set(r->error, ERROR_INVALID, ask->all_at_once ? "at" : "from", "that moment lies in the future: nothing is known of it yet.");
	if (ask->from >= r->to)
		return error_set(r->error, ERROR_INVALID, ask->all_at_once ? "at" : "from", "the range ends before it begins.");
	struct lead_wants wants = {0}, other = {0};
	turn_wants(r->run->playbook, r->site, &wants);
	if (r->run->rival)
		turn_wants(r->run->rival, r->site, &other);
	r->ask = (struct past_ask){.schema = wants.accounts || other.accounts ? &r->run->playbook->schema : NULL, .consents = wants.consents || other.consents};
	return 0;
}

static void describe(const struct replaying *r, struct dataset *dataset)
{
	dataset->outcome_verb = mem_dup_n(r->outcome.p, r->outcome.n);
	dataset->against_verb = mem_dup_n(r->against.p, r->against.n);
	dataset->from = r->run->ask.from;
	dataset->to = r->to;
	dataset->as_imported = r->run->ask.as_imported;
	dataset->all_at_once = r->run->ask.all_at_once;
}

struct count_wait {
	int64_t leads, waiting;
	struct error error;
	bool done;
};

static void on_count(void *arg, int64_t leads, int64_t waiting, const struct error *error)
{
	struct count_wait *wait = arg;
	wait->done = true;
	wait->leads = leads;
	wait->waiting = waiting;
	if (error)
		wait->error = *error;
}

static int run_all(struct replaying *r)
{
	const struct backtest_run *run = r->run;
	struct count_wait count = {0};
	if (take_ask(r) < 0 || backtest_shape(run->playbook, run->ask.model, r->dataset, r->error) < 0 ||
	    (run->rival && backtest_shape(run->rival, run->ask.model, r->rival, r->error) < 0))
		return -1;
	describe(r, r->dataset);
	if (r->rival)
		describe(r, r->rival);
	store_past_count(run->store, on_count, &count);
	if (await(r, &count.done, &count.error) < 0)
		return -1;
	r->total = count.leads;
	r->dataset->waiting = count.waiting;
	return replay_all(r);
}

int backtest_run(const struct backtest_run *run, struct dataset *dataset, struct dataset *rival_dataset, struct error *error)
{
	struct replaying r = {.run = run, .dataset = dataset, .rival = run->rival ? rival_dataset : NULL, .error = error, .site = arena_new(),
			      .lead = arena_new(), .folded = arena_new()};
	dataset_init(dataset);
	if (rival_dataset)
		dataset_init(rival_dataset);
	int status = run_all(&r);
	arena_free(r.site);
	arena_free(r.lead);
	arena_free(r.folded);
	return status;
}
