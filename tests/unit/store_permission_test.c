/* Promise 5: no permission commits after a withdrawal's commit. Three processes race on the same leads: one commits touches, one withdraws,
 * one asks permission; afterwards the database's own commit times are compared. */
#include "store/intake.h"
#include "store/lease.h"
#include "store/outbox.h"
#include "unit/check_main.h"
#include "unit/database.h"

#include "base/hash.h"

#include <sys/mman.h>

enum { LEADS = 2000, ASKED = 40 };

static struct loop *loop;
static struct store *store;
static char name[32];
static int order[LEADS];        /* in which the leads withdraw */
static volatile int *progress;  /* how many have; shared by the processes */

static void connect_store(void)
{
	char conninfo[256];
	loop = loop_new();
	store = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "test");
	store_set_patience(store, 30 * MOMENT_SECOND);
}

static int64_t lead_of(int i)
{
	return (int64_t)(i + 1) << 6 | (i % SHARD_COUNT);
}

static void shuffle(void)
{
	for (int i = 0; i < LEADS; i++)
		order[i] = i;
	for (int i = LEADS - 1; i > 0; i--) {
		int k = (int)(hash_random_u64() % (uint64_t)(i + 1)), t = order[i];
		order[i] = order[k], order[k] = t;
	}
}

static void on_lease(void *arg, uint64_t shards, int owners, const struct error *error)
{
	(void)shards, (void)owners;
	database_done(arg, error);
}

static void hold_channel(void)
{
	struct waited waited = {0};
	store_lease_tick(store, "channel:email", "me", 1, on_lease, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert(waited.ok);
}

/* Commits claimed touches as turn and claim would, each just about when its lead withdraws. */
static void plan_touches(void)
{
	char sql[1024], conninfo[256];
	PGconn *connection = PQconnectdb(database_conninfo(name, "nurture_runtime", conninfo));
	for (int i = 0; i < LEADS; i++) {
		long long lead = lead_of(order[i]);
		while (*progress < i - (int)(hash_random_u64() % 8))
			usleep(200);
		snprintf(sql, sizeof sql, "insert into touch (shard, touch_id, lead_id, channel, kind, template, purpose, state, token, planned_at, due_at,"
			 " revision) values (%lld & 63, %lld, %lld, 'email', 'email', 't', 'marketing', 'claimed', 'tok', now(), now(), 'r')", lead, lead, lead);
		PGresult *result = PQexec(connection, sql);
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			_exit(1);
		PQclear(result);
	}
	PQfinish(connection);
	_exit(0);
}

/* Withdraws in groups of one to eight requests at once. */
static void withdraw_all(void)
{
	static struct intake intakes[8];
	static struct intake_consent consents[8];
	connect_store();
	for (int i = 0; i < LEADS;) {
		struct waited waited[8] = {0};
		int n = 1 + (int)(hash_random_u64() % 8);
		n = n > LEADS - i ? LEADS - i : n;
		for (int k = 0; k < n; k++) {
			consents[k] = (struct intake_consent){.lead_id = lead_of(order[i + k]), .channel = STR("email"), .purpose = STR("marketing"),
							      .source = STR("unsubscribe"), .state = CONSENT_WITHDRAWN};
			intakes[k] = (struct intake){.consents = &consents[k], .consent_count = 1, .now = real_now(), .fn = database_done, .arg = &waited[k]};
			store_intake(store, &intakes[k]);
		}
		for (int k = 0; k < n; k++)
			if (!store_wait(loop, &waited[k].done, 60 * MOMENT_SECOND) || !waited[k].ok)
				_exit(1);
		i += n;
		*progress = i;
	}
	_exit(0);
}

static bool given[LEADS];       /* who has permission is not asked for again: it would be taken back from who withdrew later */

struct asked {
	int64_t touches[ASKED];
	size_t count;
	bool done;
	int allowed;
};

static void on_permit(void *arg, const enum permission *words, size_t count, const struct error *error)
{
	struct asked *asked = arg;
	ck_assert_msg(!error, "%s", error ? error->message : "");
	for (size_t i = 0; i < count; i++) {
		asked->allowed += words[i] == PERMISSION_YES;
		given[(asked->touches[i] >> 6) - 1] |= words[i] == PERMISSION_YES;
	}
	asked->done = true;
}

static void add(struct asked *asked, int64_t lead)
{
	if (!given[(lead >> 6) - 1])
		asked->touches[asked->count++] = lead;
}

static const char *seen;
static int without_looking; /* permissions that were given because nothing was said */

static int ask(struct asked *asked)
{
	store_permit(store, "me", "email", "tok", seen, asked->touches, asked->count, real_now(), on_permit, asked);
	ck_assert(store_wait(loop, &asked->done, 60 * MOMENT_SECOND));
	return asked->allowed;
}

static PGconn *gate;
static char snapshot[4096];

/* What a claim does: how the database is, and then the gate, which drops those of whom it sees that they withdrew. Every other time each lead is looked at instead. */
static void pass_gate(struct asked *asked)
{
	static bool turn;
	char ids[ASKED * 24] = "";
	size_t count = 0;
	seen = NULL;
	turn = !turn;
	if (!turn || !asked->count)
		return;
	PGresult *now = PQexec(gate, "select pg_current_snapshot()::text");
	snprintf(snapshot, sizeof snapshot, "%s", PQgetvalue(now, 0, 0));
	PQclear(now);
	seen = snapshot;
	for (size_t i = 0; i < asked->count; i++)
		snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%s%lld", i ? "," : "{", (long long)asked->touches[i]);
	const char *const values[] = {strcat(ids, "}")};
	PGresult *left = PQexecParams(gate, "select w from unnest($1::int8[]) w where not exists (select from consent c where c.lead_id = w and c.state = 'withdrawn')", 1,
				      NULL, values, NULL, NULL, 0);
	ck_assert_int_eq(PQresultStatus(left), PGRES_TUPLES_OK);
	for (; count < (size_t)PQntuples(left); count++)
		asked->touches[count] = atoll(PQgetvalue(left, (int)count, 0));
	asked->count = count;
	PQclear(left);
}

/* For touches of leads about to withdraw, or that just did. */
static int ask_at_random(void)
{
	struct asked asked = {0};
	for (int i = 0; i < ASKED; i++)
		add(&asked, lead_of(order[(*progress + LEADS - 12 + i) % LEADS]));
	pass_gate(&asked);
	int allowed = ask(&asked);
	without_looking += seen ? allowed : 0;
	seen = NULL;
	return allowed;
}

START_TEST(no_permission_commits_after_a_withdrawal)
{
	int status = 0, allowed = 0;
	snprintf(name, sizeof name, "%s", database_new());
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at) select n %% 64, ((n + 1) << 6) | (n %% 64), now(), now()"
			   " from generate_series(0, %d) n", LEADS - 1);
	/* Commits take their time, so that the others get between what a withdrawal looks at and its commit. */
	database_ask(name, "create function slow() returns trigger language plpgsql as $$ begin if random() < 0.3 then perform pg_sleep(random() * 0.006); end if;"
			   " return null; end $$;"
			   " create constraint trigger slow after insert on consent deferrable initially deferred for each row execute function slow();"
			   " create constraint trigger slow after update on touch deferrable initially deferred for each row execute function slow()");
	shuffle();
	progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t planner = fork();
	if (planner == 0)
		plan_touches();
	pid_t withdrawer = fork();
	if (withdrawer == 0)
		withdraw_all();
	char conninfo[256];
	gate = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	connect_store();
	hold_channel();
	bool busy = true;
	for (mono_t start = mono_now(); busy && mono_now() - start < 200 * MOMENT_SECOND;) {
		allowed += ask_at_random();
		busy = waitpid(withdrawer, &status, WNOHANG) == 0;
	}
	ck_assert(!busy && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ck_assert(waitpid(planner, &status, 0) == planner && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	for (int i = 0; i < LEADS; i += ASKED) { /* whatever was planned after its withdrawal */
		struct asked asked = {0};
		for (int k = 0; k < ASKED; k++)
			add(&asked, lead_of(i + k));
		ck_assert_int_eq(ask(&asked), 0);
	}
	long permitted = database_count(name, "touch where state = 'permitted'"), cancelled = database_count(name, "touch where state = 'cancelled'");
	printf("%ld permitted before their withdrawal (%d as nothing was said since the gate), %ld stopped\n", permitted, without_looking, cancelled);
	PQfinish(gate);
	ck_assert_int_eq(permitted, allowed);
	ck_assert_int_eq(permitted + cancelled, LEADS);
	ck_assert_int_gt(permitted, 0);
	ck_assert_int_eq(database_count(name, "consent where state = 'withdrawn'"), LEADS);
	ck_assert_int_eq(database_count(name, "touch t join consent c using (shard, lead_id) where t.state = 'permitted'"
					      " and pg_xact_commit_timestamp(t.xmin) > pg_xact_commit_timestamp(c.xmin)"), 0);
	ck_assert_int_eq(database_count(name, "event where verb = 'touch.over' and data->>'outcome' = 'cancelled'"), cancelled);
	store_free(store);
	loop_free(loop);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(no_permission_commits_after_a_withdrawal),
};
UNIT_MAIN_WITH("store/permission", cases, database_begin(false))
