/* Turns that decided by what is not so any more when they are saved: nothing of them is written, and they are told. Campaigns that take one of an account at a time:
 * whoever comes second, in whatever shard; the place is free when the walk in it is over. A touch that is put off while a channel takes it into its hand. */
#include "base/mem.h"
#include "unit/store_leads.h"

struct told {
	int count;
	int64_t lead_id[8];
	struct campaign_claim claims[8];
};
struct attempt {
	struct waited waited; /* first: database_done fills it */
	struct told told;
	struct batch *batch;
	struct save_lead lead[4];
	struct enrollment walk[4][2];
	struct save_claim claim[4][2];
	struct batch_save save;
};

static void on_taken(void *arg, int64_t lead_id, const struct campaign_claim *claim)
{
	struct told *told = &((struct attempt *)arg)->told;
	ck_assert_int_lt(told->count, 8);
	told->lead_id[told->count] = lead_id;
	told->claims[told->count++] = claim ? *claim : (struct campaign_claim){.campaign = {"", 0}};
}

static struct enrollment walk_in(const char *campaign)
{
	moment_t now = real_now();
	return (struct enrollment){.campaign = str_of(campaign), .step = STR("one"), .state = ENROLLMENT_ACTIVE, .entered_at = now, .step_since = now,
				   .due_at = MOMENT_NEVER, .over_at = now};
}

/* Every lead of the batch enters these campaigns ("" = no second one), each for its account. */
static struct attempt *attempt(struct batch *batch, const char *first, const char *second, int64_t instead)
{
	struct attempt *a = mem_alloc(sizeof *a);
	const char *campaigns[] = {first, second};
	size_t each = *second ? 2 : 1;
	*a = (struct attempt){.batch = batch};
	ck_assert_uint_le(batch->count, 4);
	for (size_t i = 0; i < batch->count; i++) {
		for (size_t k = 0; k < each; k++) {
			a->walk[i][k] = walk_in(campaigns[k]);
			a->claim[i][k] = (struct save_claim){.campaign = str_of(campaigns[k]), .enrollment = (int)k, .instead = instead};
		}
		a->lead[i] = (struct save_lead){.before = &batch->leads[i], .enrollments = a->walk[i], .enrollment_count = each, .claims = a->claim[i], .claim_count = each,
						.wake_at = MOMENT_NEVER};
	}
	a->save = (struct batch_save){.owner = "me", .revision = "rev", .batch = batch, .schema = &schema, .leads = a->lead, .count = batch->count, .taken = on_taken};
	return a;
}

static void submit(struct store *on, struct attempt *a)
{
	store_batch_save(on, &a->save, database_done, a);
}

static struct told finish(struct attempt *a)
{
	store_wait(loop, &a->waited.done, 60 * MOMENT_SECOND);
	ck_assert(a->waited.done);
	struct told told = a->told;
	store_batch_free(a->batch);
	if (!a->waited.ok)
		ck_assert_int_eq(a->waited.error.code, ERROR_CONFLICT);
	ck_assert_int_eq(a->waited.ok, told.count == 0);
	free(a);
	return told;
}

/* Its turn comes, and nobody else's: others may lie in its shard. */
static void alone(int64_t lead)
{
	database_ask(name, "delete from inbox; insert into inbox (shard, lane, lead_id) values (%d, 0, %lld)", lead_shard(lead), (long long)lead);
}

static struct told enter(int64_t lead, const char *campaign, int64_t instead)
{
	alone(lead);
	struct attempt *a = attempt(load(lead), campaign, "", instead);
	submit(store, a);
	return finish(a);
}

/* A lead of this address that has had a turn, so that it has its account, and something in its inbox again. */
static int64_t member(const char *email)
{
	int64_t lead = event(email, "page.view", false);
	struct batch *batch = load(lead);
	struct save_lead s[8];
	ck_assert_uint_le(batch->count, 8);
	for (size_t i = 0; i < batch->count; i++)
		s[i] = (struct save_lead){.before = &batch->leads[i], .wake_at = MOMENT_NEVER};
	ck_assert(save_as("me", batch, s, batch->count).ok);
	store_batch_free(batch);
	event(email, "page.view", false);
	return lead;
}

/* In another shard, or in the same one, as another lead. */
static int64_t colleague(const char *company, int64_t of, bool same_shard)
{
	static int n;
	char email[80];
	for (;;) {
		snprintf(email, sizeof email, "p%d@%s", ++n, company);
		int64_t lead = event(email, "page.view", false);
		if ((lead_shard(lead) == lead_shard(of)) == same_shard)
			return member(email);
		database_ask(name, "delete from inbox where lead_id >> 6 = (select max(lead_id >> 6) from lead)");
	}
}

START_TEST(whoever_comes_second_is_told_and_writes_nothing)
{
	int64_t ann = member("ann@acme.example"), bob = colleague("acme.example", ann, false);
	ck_assert_int_eq(enter(ann, "hot", 0).count, 0);
	struct told told = enter(bob, "hot", 0);
	ck_assert_int_eq(told.count, 1);
	ck_assert_int_eq(told.lead_id[0], bob);
	ck_assert_int_eq(told.claims[0].lead_id, ann);
	ck_assert_int_ne(told.claims[0].enrollment_id, 0);
	ck_assert_int_eq(told.claims[0].ended_at, 0);
	ck_assert_int_eq(database_count(name, "enrollment"), 1);
	ck_assert_int_eq(database_count(name, "inbox"), 1);
	ck_assert_int_eq(enter(bob, "another", 0).count, 0); /* another campaign is another place */
	event("ann@acme.example", "page.view", false);
	struct batch *batch = load(ann);
	ck_assert_uint_eq(batch->leads[0].facts.claim_count, 2);
	store_batch_free(batch);
}
END_TEST

START_TEST(a_place_is_free_when_the_walk_is_over_and_taken_over_once)
{
	int64_t ann = member("ann@acme.example"), bob = colleague("acme.example", ann, false), eve = colleague("acme.example", bob, false);
	ck_assert_int_eq(enter(ann, "hot", 0).count, 0);
	database_ask(name, "update enrollment set state = 'ended', ended_at = '2026-01-02 03:04:05Z'");
	alone(bob);
	struct batch *batch = load(bob);
	ck_assert_uint_eq(batch->leads[0].facts.claim_count, 1);
	struct campaign_claim claim = batch->leads[0].facts.claims[0];
	ck_assert_int_eq(claim.ended_at, INT64_C(1767323045000000));
	ck_assert(str_is(claim.campaign, "hot") && claim.lead_id == ann);
	int64_t instead = claim.enrollment_id;
	store_batch_free(batch);
	ck_assert_int_eq(enter(bob, "hot", 0).count, 1); /* who has not heard that it is free */
	ck_assert_int_eq(enter(bob, "hot", instead).count, 0);
	struct told told = enter(eve, "hot", instead);
	ck_assert(told.count == 1 && told.claims[0].lead_id == bob && told.claims[0].ended_at == 0);
	ck_assert_int_eq(database_count(name, "account_claim"), 1);
	ck_assert_int_eq(database_count(name, "enrollment"), 2);
}
END_TEST

/* In the middle of its walk, which goes on: the others of its old company are kept out by nobody. */
START_TEST(who_goes_to_another_company_leaves_its_place_free)
{
	int64_t ann = member("ann@acme.example"), bob = colleague("acme.example", ann, false);
	(void)member("eve@other.example");
	ck_assert_int_eq(enter(ann, "hot", 0).count, 0);
	for (int moved = 0; moved < 2; moved++) {
		if (moved)
			database_ask(name, "update lead set account_id = (select account_id from account where domain = 'other.example') where lead_id = %lld", (long long)ann);
		alone(bob);
		struct batch *batch = load(bob);
		ck_assert_uint_eq(batch->leads[0].facts.claim_count, 1);
		struct campaign_claim claim = batch->leads[0].facts.claims[0];
		store_batch_free(batch);
		ck_assert_int_eq(claim.gone, moved);
		ck_assert_int_eq(enter(bob, "hot", moved ? claim.enrollment_id : 0).count, !moved);
	}
	ck_assert_str_eq(database_ask(name, "select (lead_id = %lld)::text from account_claim", (long long)bob), "true");
}
END_TEST

START_TEST(an_account_that_is_found_by_the_very_turn_counts)
{
	int64_t ann = event("ann@acme.example", "page.view", false), bob = event("bob@acme.example", "page.view", false), eve = event("eve@gmail.com", "page.view", false);
	ck_assert_int_eq(enter(ann, "hot", 0).count, 0);
	ck_assert_int_eq(enter(bob, "hot", 0).count, 1);
	ck_assert_int_eq(enter(eve, "hot", 0).count, 0); /* of no account */
}
END_TEST

START_TEST(of_two_in_one_save_the_loser_is_not_sure_yet)
{
	int64_t ann = member("ann@acme.example");
	(void)colleague("acme.example", ann, true);
	event("ann@acme.example", "page.view", false);
	struct attempt *a = attempt(load(ann), "hot", "", 0);
	submit(store, a);
	struct told told = finish(a);
	ck_assert_int_eq(told.count, 1);
	ck_assert_int_eq(told.claims[0].enrollment_id, 0);
	ck_assert_int_eq(database_count(name, "enrollment"), 0);
}
END_TEST

START_TEST(who_was_in_before_loses_nothing)
{
	int64_t ann = member("ann@acme.example"), bob = colleague("acme.example", ann, false);
	ck_assert_int_eq(enter(ann, "hot", 0).count, 0);
	alone(bob);
	struct attempt *a = attempt(load(bob), "hot", "", 0);
	a->claim[0][0].late = true;
	submit(store, a);
	ck_assert_int_eq(finish(a).count, 0);
	ck_assert_int_eq(database_count(name, "enrollment"), 2);
	ck_assert_str_eq(database_ask(name, "select count(distinct lead_id) || '' from account_claim"), "1");
}
END_TEST

/* Each wants both places of the other's, named the other way round: one of them gets both, and none waits for ever. */
START_TEST(at_the_same_moment_one_of_two_gets_the_place)
{
	char conninfo[256];
	struct store *other = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "other");
	for (int i = 0; i < 20; i++) {
		char company[40], email[60];
		snprintf(company, sizeof company, "company%d.example", i);
		snprintf(email, sizeof email, "ann@%s", company);
		int64_t ann = member(email), bob = colleague(company, ann, false);
		struct attempt *one = attempt(load(ann), "hot", "warm", 0), *two = attempt(load(bob), "warm", "hot", 0);
		submit(i % 2 ? other : store, one);
		submit(i % 2 ? store : other, two);
		store_wait(loop, &one->waited.done, 60 * MOMENT_SECOND);
		int lost = (finish(one).count > 0) + (finish(two).count > 0);
		ck_assert_int_eq(lost, 1);
		database_ask(name, "delete from inbox"); /* the other one would enter with whom is met next in its shard */
	}
	ck_assert_int_eq(database_count(name, "account_claim"), 40);
	ck_assert_str_eq(database_ask(name, "select count(distinct (account_id, lead_id)) || '' from account_claim"), "20");
	store_free(other);
}
END_TEST

START_TEST(a_touch_that_a_channel_has_in_hand_is_not_put_off)
{
	int64_t ann = event("ann@acme.example", "page.view", false);
	struct batch *batch = load(ann);
	moment_t now = batch->now, due = now + MOMENT_HOUR;
	struct save_touch t = {.touch = {.channel = STR("email"), .kind = STR("email"), .template_name = STR("x"), .purpose = STR("marketing"), .state = TOUCH_PLANNED,
					 .due_at = due, .planned_at = now}, .to = {"", 0}, .enrollment = -1};
	struct save_lead s = {.before = &batch->leads[0], .touches = &t, .touch_count = 1, .wake_at = MOMENT_NEVER};
	ck_assert(save_as("me", batch, &s, 1).ok);
	store_batch_free(batch);
	for (int claimed = 0; claimed < 2; claimed++) {
		event("ann@acme.example", "page.view", false);
		struct attempt *a = attempt(load(ann), "x", "", 0);
		struct save_later later = {a->batch->leads[0].facts.touches[0].id, due + (claimed + 1) * MOMENT_DAY, claimed ? 0 : due + 2 * MOMENT_DAY};
		a->lead[0].claim_count = a->lead[0].enrollment_count = 0;
		a->lead[0].later = &later;
		a->lead[0].later_count = 1;
		if (claimed)
			database_ask(name, "update touch set state = 'claimed', token = 'other'");
		submit(store, a);
		struct told told = finish(a);
		ck_assert_int_eq(told.count, claimed);
		ck_assert(!claimed || (told.lead_id[0] == ann && told.claims[0].lead_id == 0));
		ck_assert_int_eq(database_count(name, "inbox"), claimed);
	}
	ck_assert_str_eq(database_ask(name, "select (expires_at - due_at)::text from touch"), "1 day");
}
END_TEST

/* The turn found it late; an agent got it before that was written. */
START_TEST(a_late_call_that_was_offered_meanwhile_is_not_taken_back)
{
	int64_t ann = event("ann@acme.example", "page.view", false);
	struct batch *batch = load(ann);
	moment_t now = batch->now;
	struct save_touch t = {.touch = {.channel = STR("calls"), .kind = STR("call"), .template_name = STR("x"), .purpose = STR("marketing"), .state = TOUCH_PLANNED,
					 .due_at = now, .planned_at = now, .expires_at = now}, .to = {"", 0}, .enrollment = -1};
	struct save_lead s = {.before = &batch->leads[0], .touches = &t, .touch_count = 1, .wake_at = MOMENT_NEVER};
	ck_assert(save_as("me", batch, &s, 1).ok);
	store_batch_free(batch);
	database_ask(name, "update touch set state = 'queued', attempts = 1");
	static const char *const offers[] = {"now() + interval '5 minutes'", "now() - interval '1 minute'"}; /* spoken; run out */
	for (int over = 0; over < 2; over++) {
		event("ann@acme.example", "page.view", false);
		struct attempt *a = attempt(load(ann), "x", "", 0);
		struct save_cancel cancel = {a->batch->leads[0].facts.touches[0].id, STR("late")};
		a->lead[0].claim_count = a->lead[0].enrollment_count = 0;
		a->lead[0].cancels = &cancel;
		a->lead[0].cancel_count = 1;
		database_ask(name, "update touch set offered_until = %s", offers[over]);
		submit(store, a);
		struct told told = finish(a);
		ck_assert_int_eq(told.count, over ? 0 : 1);
		ck_assert(over || (told.lead_id[0] == ann && told.claims[0].lead_id == 0));
		ck_assert_int_eq(database_count(name, "inbox"), over ? 0 : 1); /* it is looked at again */
		ck_assert_str_eq(database_ask(name, "select state from touch"), over ? "cancelled" : "queued");
	}
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(whoever_comes_second_is_told_and_writes_nothing),
	UNIT(a_place_is_free_when_the_walk_is_over_and_taken_over_once),
	UNIT(who_goes_to_another_company_leaves_its_place_free),
	UNIT(an_account_that_is_found_by_the_very_turn_counts),
	UNIT(of_two_in_one_save_the_loser_is_not_sure_yet),
	UNIT(who_was_in_before_loses_nothing),
	UNIT(a_touch_that_a_channel_has_in_hand_is_not_put_off),
	UNIT(a_late_call_that_was_offered_meanwhile_is_not_taken_back),
	UNIT(at_the_same_moment_one_of_two_gets_the_place),
};
UNIT_MAIN_EACH("store/claim", cases, database_begin(false), begin, end_store)
