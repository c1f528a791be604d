/* What the tests of delivery's moves share: five leads, a lease of the channel, claims, permissions, outcomes. */
#ifndef NURTURE_TESTS_OUTBOX_H
#define NURTURE_TESTS_OUTBOX_H

#include "store/outbox.h"

#include "base/token.h"
#include "store/lease.h"
#include "unit/store_one.h"

#define UNUSED_OK __attribute__((unused))

static moment_t now;

UNUSED_OK static void on_lease(void *arg, uint64_t shards, int owners, const struct error *error)
{
	(void)shards, (void)owners;
	database_done(arg, error);
}

UNUSED_OK static void begin(void)
{
	struct waited waited = {0};
	begin_store();
	ck_assert_int_eq(moment_parse(STR("2027-01-05T10:00:00Z"), &now, NULL), 0);
	store_lease_tick(store, "channel:email", "me", 1, on_lease, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert(waited.ok);
	for (int i = 1; i <= 5; i++)
		database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at, email) values (%d, %d, now(), now(), 'l%d@example.com')",
			     (i << 6 | i) & 63, i << 6 | i, i);
}

/* A touch of lead n, number n of it. */
UNUSED_OK static int64_t touch(int n, const char *state, const char *due)
{
	int lead = n << 6 | n, id = (n + 100) << 6 | n;
	database_ask(name, "insert into touch (shard, touch_id, lead_id, campaign, step, pass, channel, kind, template, purpose, state, planned_at, due_at,"
			   " revision, token) values (%d, %d, %d, 'drip', 's', 1, 'email', 'email', 'hello', 'marketing', '%s', '2027-01-01Z', '%s', 'r', 'old')",
		     id & 63, id, lead, state, due);
	database_ask(name, "insert into attempt (shard, touch_id, attempt, at, token) select shard, touch_id, 0, planned_at, token from touch"
			   " where touch_id = %d and state in ('claimed', 'permitted')", id);
	return id;
}

UNUSED_OK static const char *state_of(int64_t id)
{
	return database_ask(name, "select state from touch where touch_id = %lld", (long long)id);
}

static struct claims *claimed;
static struct error failure;
static moment_t late_before;

UNUSED_OK static void on_claims(void *arg, struct claims *claims, const struct error *error)
{
	claimed = claims;
	database_done(arg, error);
}

UNUSED_OK static size_t claim(const char *owner, size_t limit)
{
	struct waited waited = {0};
	struct claim_request request = {.owner = owner, .token = "me", .channel = "email", .now = now, .limit = limit, .longest_cap = MOMENT_DAY,
		.late_before = late_before};
	store_claim(store, &model_standard_schema, &request, on_claims, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	failure = waited.error;
	return waited.ok ? claimed->count : 0;
}

UNUSED_OK static bool answers[8];

UNUSED_OK static void on_answers(void *arg, const bool *allowed, size_t count, const struct error *error)
{
	for (size_t i = 0; i < count && allowed; i++)
		answers[i] = allowed[i];
	database_done(arg, error);
}

static enum permission permissions[8];

UNUSED_OK static void on_permission(void *arg, const enum permission *said, size_t count, const struct error *error)
{
	for (size_t i = 0; i < count && said; i++) {
		permissions[i] = said[i];
		answers[i] = said[i] == PERMISSION_YES;
	}
	database_done(arg, error);
}

static const char *seen; /* of the claim, where only what was said since is to be asked about */

UNUSED_OK static void permit(const int64_t *touches, size_t count)
{
	struct waited waited = {0};
	memset(answers, 0, sizeof answers);
	store_permit(store, "me", "email", "me", seen, touches, count, now, on_permission, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
}

UNUSED_OK static void end_attempt(const struct claim *c, enum touch_state state, bool spent, bool doubt)
{
	struct waited waited = {0};
	struct outcome o = {.touch_id = c->touch.id, .lead_id = c->touch.lead_id, .attempt = c->attempt, .state = state, .reason = STR("250 ok"),
			    .remote_id = STR("q1"), .due_at = state == TOUCH_PLANNED || state == TOUCH_DEFERRED ? now + MOMENT_HOUR : 0,
			    .campaign = c->touch.campaign, .step = c->touch.step, .kind = c->touch.kind, .template_name = c->touch.template_name,
			    .channel = c->touch.channel, .attempt_spent = spent, .doubt = doubt};
	memset(answers, 0, sizeof answers);
	store_outcomes(store, "me", &o, 1, now, on_answers, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
}

UNUSED_OK static void end_touch(const struct claim *c, enum touch_state state, bool spent)
{
	end_attempt(c, state, spent, false);
}

#endif
