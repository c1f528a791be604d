/* What a turn saves of sales: handoffs that are given, taken and returned, and how many each person has in hand. */
#include "store/loads.h"

#include "unit/store_leads.h"

static void sales_say(int64_t lead, const char *state, const char *campaign)
{
	event("ann@acme.example", "page.view", false);
	struct batch *batch = load(lead);
	struct save_sales said = {str_of(state), str_of(campaign)};
	struct save_lead s = {.before = &batch->leads[0], .sales = &said, .sales_count = 1, .wake_at = MOMENT_NEVER};
	struct waited waited = save_as("me", batch, &s, 1);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	store_batch_free(batch);
}

static const char *in_hand(void)
{
	return database_ask(name, "select string_agg(campaign || ' ' || state, ', ' order by campaign) || '; ' || (select string_agg(person || ' ' || open, ', ' order by"
				  " person) from sales_load) from handoff");
}

START_TEST(what_sales_say_ends_handoffs_once_and_what_each_has_in_hand_is_known)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	struct batch *batch = load(lead);
	struct save_handoff handoffs[] = {{.person = STR("west"), .campaign = STR("a"), .reasons = {"", 0}, .enrollment = -1},
					  {.person = STR("west"), .campaign = STR("b"), .reasons = {"", 0}, .enrollment = -1},
					  {.person = STR("east"), .campaign = STR("c"), .reasons = {"", 0}, .enrollment = -1}};
	struct save_lead s = {.before = &batch->leads[0], .handoffs = handoffs, .handoff_count = 3, .wake_at = MOMENT_NEVER};
	struct waited waited = save_as("me", batch, &s, 1);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	store_batch_free(batch);
	ck_assert_str_eq(in_hand(), "a open, b open, c open; east 1, west 2");
	sales_say(lead, "late", "a");
	ck_assert_str_eq(in_hand(), "a late, b open, c open; east 1, west 2");
	sales_say(lead, "returned", "a");
	sales_say(lead, "returned", "a");
	ck_assert_str_eq(in_hand(), "a returned, b open, c open; east 1, west 1");
	sales_say(lead, "accepted", "");
	sales_say(lead, "late", "");
	ck_assert_str_eq(in_hand(), "a returned, b accepted, c accepted; east 0, west 0");
}
END_TEST

/* One shard's turn gives to "west" and hears of "north"; another's, on its way, has written "north" and comes to "west". */
START_TEST(turns_that_give_and_hear_the_other_way_round_do_not_wait_for_each_other)
{
	char conninfo[256];
	database_ask(name, "insert into sales_load values ('north', 1, now()), ('west', 5, now())");
	int64_t lead = event("ann@acme.example", "page.view", false);
	database_ask(name, "insert into handoff (shard, handoff_id, lead_id, campaign, person, at, revision) select shard, 1, lead_id, 'a', 'north', now(), 'rev' from lead");
	struct batch *batch = load(lead);
	struct save_handoff handoff = {.person = STR("west"), .campaign = STR("b"), .reasons = {"", 0}, .enrollment = -1};
	struct save_sales said = {STR("accepted"), STR("")};
	struct save_lead s = {.before = &batch->leads[0], .handoffs = &handoff, .handoff_count = 1, .sales = &said, .sales_count = 1, .wake_at = MOMENT_NEVER};
	struct batch_save save = {.owner = "me", .revision = "rev", .batch = batch, .schema = &schema, .leads = &s, .count = 1};
	struct waited waited = {0};
	PGconn *other = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	PQclear(PQexec(other, "begin; update sales_load set open = open + 1 where person = 'north'"));
	store_batch_save(store, &save, database_done, &waited);
	for (mono_t start = mono_now(); mono_now() - start < 60 * MOMENT_SECOND && !waited.done &&
	     !database_count(name, "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and application_name = 'test'");)
		store_wait(loop, &waited.done, MOMENT_SECOND / 200);
	ck_assert(!waited.done);
	PGresult *result = PQexec(other, "update sales_load set open = open - 1 where person = 'west'");
	ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK, "%s", PQerrorMessage(other));
	PQclear(result);
	PQclear(PQexec(other, "commit"));
	PQfinish(other);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	ck_assert_str_eq(in_hand(), "a accepted, b open; north 1, west 5"); /* what was said is of those before */
	store_batch_free(batch);
}
END_TEST

START_TEST(what_each_of_sales_has_in_hand_is_put_right)
{
	struct waited waited = {0};
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at, merged_into, erased_at) values (5, 1 << 6 | 5, now(), now(), null, null),"
			   " (5, 2 << 6 | 5, now(), now(), 1 << 6 | 5, null), (5, 3 << 6 | 5, now(), now(), null, now())");
	database_ask(name, "insert into handoff (shard, handoff_id, lead_id, campaign, person, state, at, revision) select 5, row_number() over (), n << 6 | 5, 'a', p, s, now(), 'rev'"
			   " from (values (1, 'west', 'open'), (1, 'west', 'late'), (1, 'west', 'accepted'), (2, 'west', 'open'), (3, 'west', 'open'), (1, 'new', 'open')) v(n, p, s)");
	database_ask(name, "insert into sales_load values ('west', 9, '2026-01-01Z'), ('idle', 3, '2026-01-01Z')");
	store_loads_reckon(store, database_done, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	ck_assert_str_eq(database_ask(name, "select string_agg(person || ' ' || open, ', ' order by person) from sales_load"), "idle 0, new 1, west 2");
	ck_assert_str_eq(database_ask(name, "select string_agg((lead_id >> 6) || ' ' || state, ', ' order by handoff_id) from handoff"),
			 "1 open, 1 late, 1 accepted, 2 returned, 3 returned, 1 open"); /* those of a lead that is another's, or no more, are over */
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_sales_say_ends_handoffs_once_and_what_each_has_in_hand_is_known),
	UNIT(turns_that_give_and_hear_the_other_way_round_do_not_wait_for_each_other),
	UNIT(what_each_of_sales_has_in_hand_is_put_right),
};
UNIT_MAIN_EACH("store/sales", cases, database_begin(false), begin, end_store)
