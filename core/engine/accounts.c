/* The accounts' own turns, one shard at a time, beside the rounds of leads.
 *
 *   load ─► turn ─► save ─► wake a page of people, if any are due ─► the next shard
 *
 * What the inbox of a shard holds is summed up in one go for each account. After a publish that says something else of accounts, and when a shard comes
 * to this engine, those that were summed up by other words have a turn too, some at a time; which they are stands in their rows, so nothing is lost by
 * a restart, and how far that is in the shard's row of account_walk, which polls show until it is over. A save that fails on data is done again in halves, down to the one account that the database refuses: that one is left alone for a while
 * (table account_failure), and costs no other anything. */
#include "base/log.h"
#include "base/mem.h"
#include "engine/parts.h"
#include "store/accounts.h"
#include "turn/account.h"

#include <stdlib.h>

struct account_turn {
	struct edition *edition;
	struct account_batch *batch;
	struct arena *arena;          /* what the turns decided */
	struct accounts_save save;    /* the part that is being saved */
	struct save_account *saves;
	struct { size_t from, count; } parts[16]; /* still to be saved: halves of what failed, at most one for each halving */
	size_t part_count, from;      /* from: of the part that is being saved */
	bool cut;                     /* there were halves: what is left is loaded again */
	int shard;
	bool stale;                   /* asked also for those that were summed up by other words */
};

static void done(struct engine *engine)
{
	struct account_turn *turn = engine->turn;
	store_accounts_free(turn->batch);
	arena_free(turn->arena);
	edition_unref(turn->edition);
	free(turn);
	engine->turn = NULL;
}

void engine_accounts_free(struct engine *engine)
{
	if (engine->turn)
		done(engine);
}

/* What was on its way is over; *again: the same shard has more to do. */
static void over(struct engine *engine, const struct error *error, bool again)
{
	uint64_t bit = UINT64_C(1) << engine->last_accounts;
	engine->turning = false;
	if (error && error->code == ERROR_DENIED)
		engine->held &= ~bit; /* lost: the leases' next tick says what is ours */
	else if (error)
		engine_trouble(engine, "accounts", error);
	if (again)
		engine->accounts |= bit;
	engine_pump(engine);
}

static void on_woken(void *arg, const struct error *error)
{
	over(arg, error, false);
}

static void wake(struct engine *engine)
{
	store_accounts_wake(engine->writes, engine->worker->owner, engine->last_accounts, engine->walked, on_woken, engine);
}

/* ---- saving ---- */

static void saved(struct engine *engine, const struct error *error)
{
	bool more = engine->turn->batch->more || engine->turn->cut;
	done(engine);
	if (error)
		engine->stale |= UINT64_C(1) << engine->last_accounts;
	if (error || more)
		over(engine, error, more);
	else
		wake(engine);
}

static void push(struct account_turn *turn, size_t from, size_t count)
{
	turn->parts[turn->part_count].from = from;
	turn->parts[turn->part_count++].count = count;
}

static void save(struct engine *engine);

static void on_refused(void *arg, const struct error *error)
{
	struct engine *engine = arg;
	if (error || !engine->turn->part_count)
		saved(engine, error);
	else
		save(engine);
}

/* The part that failed, in halves; a single account is refused. */
static void cut(struct engine *engine, const struct error *error)
{
	struct account_turn *turn = engine->turn;
	size_t from = turn->from, count = turn->save.count;
	turn->cut = true;
	if (count > 1) {
		log_warn("account.batch.halved", log_int("shard", turn->shard), log_int("accounts", count), log_str("where", error->where),
			 log_str("message", error->message));
		push(turn, from + count / 2, count - count / 2);
		push(turn, from, count / 2);
		save(engine);
		return;
	}
	log_warn("account.refused", log_int("account", turn->saves[from].row->account->id), log_str("where", error->where), log_str("message", error->message));
	metrics_add(engine->worker->metrics, METRIC_TURNS_FAILED, 1);
	store_accounts_refuse(engine->writes, engine->worker->owner, turn->batch, turn->saves[from].row, error, on_refused, engine);
}

static void on_saved(void *arg, const struct error *error)
{
	struct engine *engine = arg;
	struct account_turn *turn = engine->turn;
	if (error && turn->save.count && round_is_about_data(error))
		cut(engine, error);
	else if (!error && turn->part_count)
		save(engine);
	else
		saved(engine, error);
}

static void save(struct engine *engine)
{
	struct account_turn *turn = engine->turn;
	turn->part_count--;
	turn->from = turn->parts[turn->part_count].from;
	turn->save = (struct accounts_save){
		.owner = engine->worker->owner, .revision = turn->edition->playbook->revision, .words = turn->edition->playbook->account_words,
		.batch = turn->batch, .accounts = turn->saves + turn->from, .count = turn->parts[turn->part_count].count, .part = turn->cut};
	store_accounts_save(engine->writes, &turn->save, on_saved, engine);
}

/* ---- deciding ---- */

static void decide(struct account_turn *turn, const struct account_row *row, struct save_account *out)
{
	struct turn_account_message *messages = arena_array(turn->arena, row->message_count + 1, sizeof *messages);
	for (size_t i = 0; i < row->message_count; i++) {
		const struct account_message *m = &row->messages[i];
		messages[i] = (struct turn_account_message){.lead_id = m->lead_id, .was = m->was, .now = m->now, .seen = m->seen, .cause = m->cause, .set = m->set};
	}
	struct turn_account_facts facts = {.now = turn->batch->now, .account = row->account, .summary = row->summary, .counted = row->counted, .messages = messages,
					   .message_count = row->message_count};
	struct turn_account_changes changes;
	turn_account(turn->edition->playbook, &facts, turn->arena, &changes);
	*out = (struct save_account){
		.row = row, .patch = changes.patch, .packed = account_summary_write(row->summary, turn->arena),
		.changes = translate_changes(changes.score_changes, changes.score_change_count, turn->arena), .change_count = changes.score_change_count,
		.wake = changes.wake, .senders = changes.senders, .sender_count = changes.sender_count};
}

static void decide_all(struct engine *engine)
{
	struct account_turn *turn = engine->turn;
	turn->saves = arena_array(turn->arena, turn->batch->count + 1, sizeof *turn->saves);
	for (size_t i = 0; i < turn->batch->count; i++)
		decide(turn, &turn->batch->rows[i], &turn->saves[i]);
	push(turn, 0, turn->batch->count);
	save(engine);
}

/* ---- loading ---- */

static void on_loaded(void *arg, struct account_batch *batch, const struct error *error)
{
	struct engine *engine = arg;
	struct account_turn *turn = engine->turn;
	uint64_t bit = UINT64_C(1) << engine->last_accounts;
	turn->batch = batch;
	if (error || batch->activation != turn->edition->activation) { /* another playbook by now: it is loaded first */
		if (!error && !engine_edition_is(engine, batch->activation))
			engine_load_edition(engine);
		engine->stale |= error ? 0 : bit;
		done(engine);
		over(engine, error, false);
		return;
	}
	if (batch->stale_over)
		engine->stale &= ~bit;
	engine->walked = turn->stale && batch->stale_over ? batch->walk : 0;
	if (batch->count || batch->id_count) {
		decide_all(engine);
		return;
	}
	done(engine);
	wake(engine);
}

static int next_shard(const struct engine *engine)
{
	uint64_t shards = (engine->accounts | engine->stale) & engine->held;
	for (int i = 1; i <= SHARD_COUNT; i++) {
		int shard = (engine->last_accounts + i) % SHARD_COUNT;
		if (shards & (UINT64_C(1) << shard))
			return shard;
	}
	return -1;
}

void engine_accounts(struct engine *engine)
{
	int shard = next_shard(engine);
	if (shard < 0 || engine->turning || !engine->edition || engine->loading_edition || !engine->clock_known || mono_now() < engine->pause_until)
		return;
	uint64_t bit = UINT64_C(1) << shard;
	struct account_turn *turn = engine->turn = mem_alloc(sizeof *turn);
	*turn = (struct account_turn){.edition = edition_ref(engine->edition), .arena = arena_new(), .shard = shard};
	struct account_request request = {.owner = engine->worker->owner, .shard = shard, .now = engine_now(engine),
					  .words = turn->edition->playbook->account_words, .stale = (engine->stale & bit) != 0};
	turn->stale = request.stale;
	engine->accounts &= ~bit; /* the next poll says whether there is more */
	engine->last_accounts = shard;
	engine->turning = true;
	store_accounts_load(engine->reads, &turn->edition->playbook->schema, &request, on_loaded, engine);
}
