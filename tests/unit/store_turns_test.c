/* Touches that wait for a limit of their channel's, and those that wait for a publish. */
#include "store/turns.h"

#include "unit/outbox.h"

static struct turn_due due[20];
static size_t due_count;

static void on_due(void *arg, struct turn_due *found, size_t count, const struct error *error)
{
	due_count = count;
	memcpy(due, found, count * sizeof *due);
	for (size_t i = 0; i < count; i++) {
		static char addresses[20][50];
		snprintf(addresses[i], sizeof addresses[i], "%.*s", STR_ARG(found[i].address));
		due[i].address = str_of(addresses[i]);
		due[i].purpose = (struct str){"", 0};
	}
	database_done(arg, error);
}

static void look(void)
{
	struct waited waited = {0};
	store_turns_due(store, "email", now, 20, on_due, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
}

static enum error_code put_off(const char *owner, const struct turn_due *which, moment_t turn)
{
	struct waited waited = {0};
	struct turn_due one = *which;
	one.turn = turn;
	one.reason = STR("not its turn");
	store_turns_put_off(store, owner, "email", &one, 1, database_done, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	return waited.ok ? ERROR_NONE : waited.error.code;
}

START_TEST(who_is_put_off_is_neither_claimed_nor_asked_about_before_its_turn)
{
	int64_t first = touch(1, "planned", "2027-01-02Z"), second = touch(2, "deferred", "2027-01-03Z");
	look();
	ck_assert_uint_eq(due_count, 2);
	ck_assert(due[0].touch_id == first && str_is(due[0].address, "l1@example.com") && !due[0].promised && !due[0].ours);
	ck_assert_int_eq(put_off("somebody", &due[0], now + MOMENT_HOUR), ERROR_DENIED);
	ck_assert_int_eq(put_off("me", &due[0], now + MOMENT_HOUR), ERROR_NONE);
	look();
	ck_assert_uint_eq(due_count, 1);
	ck_assert_int_eq(due[0].touch_id, second);
	ck_assert_int_eq(database_count(name, "attempt"), 0);
	now += MOMENT_HOUR;
	look();
	ck_assert(due_count == 2 && due[1].touch_id == first && due[1].promised);
	late_before = now - MOMENT_MINUTE;
	ck_assert_uint_eq(claim("me", 10), 2); /* it was due long ago: the gate is to know */
	ck_assert_str_eq(database_ask(name, "select due_at::text from touch where touch_id = %lld", (long long)first), "2027-01-05 11:00:00+00");
	moment_t before;
	ck_assert_int_eq(moment_parse(STR("2027-01-02T00:00:00Z"), &before, NULL), 0);
	ck_assert(claimed->items[0].touch.due_at == before || claimed->items[1].touch.due_at == before);
	store_claims_free(claimed);
	late_before = 0;
}
END_TEST

START_TEST(what_changed_since_it_was_looked_at_is_not_put_off)
{
	int64_t id = touch(1, "planned", "2027-01-02Z");
	look();
	ck_assert_uint_eq(claim("me", 10), 1);
	ck_assert_int_eq(put_off("me", &due[0], now + MOMENT_HOUR), ERROR_NONE);
	ck_assert_str_eq(state_of(id), "claimed");
	end_touch(&claimed->items[0], TOUCH_DEFERRED, true);
	store_claims_free(claimed);
	ck_assert_int_eq(put_off("me", &due[0], now + 2 * MOMENT_HOUR), ERROR_NONE);
	ck_assert_str_eq(database_ask(name, "select due_at::text from touch where touch_id = %lld", (long long)id), "2027-01-05 11:00:00+00");
}
END_TEST

START_TEST(where_the_limits_are_others_all_that_waits_is_due_as_it_was)
{
	int64_t id = touch(1, "planned", "2027-01-02Z"), later = touch(2, "planned", "2027-01-08Z");
	look();
	ck_assert_int_eq(put_off("me", &due[0], now + MOMENT_DAY), ERROR_NONE);
	struct waited waited = {0};
	store_turns_anew(store, "me", "email", now, database_done, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	ck_assert_str_eq(database_ask(name, "select due_at::text from touch where touch_id = %lld", (long long)id), "2027-01-02 00:00:00+00");
	ck_assert_str_eq(database_ask(name, "select due_at::text from touch where touch_id = %lld", (long long)later), "2027-01-08 00:00:00+00");
	look();
	ck_assert(due_count == 1 && !due[0].promised);
}
END_TEST

START_TEST(what_no_message_could_be_made_of_comes_again_after_a_publish_and_not_before)
{
	int64_t id = touch(1, "planned", "2027-01-02Z");
	ck_assert_uint_eq(claim("me", 10), 1);
	struct waited waited = {0};
	struct outcome o = {.touch_id = id, .lead_id = claimed->items[0].touch.lead_id, .attempt = claimed->items[0].attempt, .state = TOUCH_DEFERRED,
			    .reason = STR("templates/email/hello.md:2: the template rendered no subject"), .remote_id = {"", 0}, .due_at = MOMENT_NEVER,
			    .campaign = STR("drip"), .step = STR("s"), .kind = STR("email"), .template_name = STR("hello"), .channel = STR("email")};
	store_outcomes(store, "me", &o, 1, now, on_answers, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert(waited.ok);
	store_claims_free(claimed);
	ck_assert_str_eq(database_ask(name, "select attempts::text || due_at::text from touch where touch_id = %lld", (long long)id), "0infinity");
	now += 100 * MOMENT_DAY;
	look();
	ck_assert_uint_eq(due_count, 0);
	waited = (struct waited){0};
	store_turns_unpark(store, "me", "email", now, database_done, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	ck_assert_uint_eq(claim("me", 10), 1);
	store_claims_free(claimed);
}
END_TEST

START_TEST(many_that_wait_for_a_publish_come_again_in_pages_each_a_transaction)
{
	database_ask(name, "insert into touch (shard, touch_id, lead_id, campaign, step, pass, channel, kind, template, purpose, state, planned_at, due_at, revision)"
			   " select n & 63, n, n, 'drip', 's', 1, 'email', 'email', 'hello', 'marketing', 'deferred', '2027-01-01Z', 'infinity', 'r'"
			   " from generate_series(1000, 5200) n");
	struct waited waited = {0};
	store_turns_unpark(store, "somebody", "email", now, database_done, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_int_eq(waited.error.code, ERROR_DENIED);
	ck_assert_str_eq(database_ask(name, "select count(*)::text from touch where due_at = 'infinity'"), "4201");
	waited = (struct waited){0};
	store_turns_unpark(store, "me", "email", now, database_done, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	ck_assert_str_eq(database_ask(name, "select count(*)::text from touch where due_at = '2027-01-05T10:00Z' and turn_from = planned_at"), "4201");
	ck_assert_str_eq(database_ask(name, "select string_agg(c::text, ' ' order by c desc) from (select count(*) c from touch group by xmin::text) x"), "2000 2000 201");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(who_is_put_off_is_neither_claimed_nor_asked_about_before_its_turn),
	UNIT(what_changed_since_it_was_looked_at_is_not_put_off),
	UNIT(where_the_limits_are_others_all_that_waits_is_due_as_it_was),
	UNIT(what_no_message_could_be_made_of_comes_again_after_a_publish_and_not_before),
	UNIT(many_that_wait_for_a_publish_come_again_in_pages_each_a_transaction),
};
UNIT_MAIN_EACH("store/turns", cases, database_begin(false), begin, end_store)
