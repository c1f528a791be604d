/* Browsers in which somebody logs in: whose they are from then on, and what nothing moves. */
#include "store/intake.h"

#include "unit/store_one.h"

#define ONE "0123456789abcdef0123456789abcdef"
#define TWO "ffffffffffffffffffffffffffffffff"

static void take_all(struct intake_event *events, size_t count)
{
	struct waited waited = {0};
	struct intake intake = {.events = events, .event_count = count, .now = real_now(), .fn = database_done, .arg = &waited};
	store_intake(store, &intake);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
}

static struct intake_event take(struct intake_event event)
{
	take_all(&event, 1);
	return event;
}

static struct intake_event view(const char *visitor, const char *page)
{
	return (struct intake_event){.visitor = str_of(visitor), .verb = STR("page.view"), .subject = str_of(page), .create = true};
}

static struct intake_event form(const char *visitor, const char *email)
{
	return (struct intake_event){.visitor = str_of(visitor), .email = str_of(email), .verb = STR("form.submit"), .subject = STR("demo"),
				     .create = true, .source = STR("form"), .proof = PROOF_NONE, .told = STR("company,phone")};
}

/* The site's word of its second `said`. */
static struct intake_event login(const char *visitor, int64_t lead, int said)
{
	return (struct intake_event){.visitor = str_of(visitor), .lead_id = lead, .verb = STR("lead.identify"), .proof = PROOF_IDENTIFY,
				     .said_at = said * MOMENT_SECOND};
}

static int64_t lead(const char *email)
{
	return take(form("", email)).found_lead;
}

/* What a lead did, oldest first. */
static const char *did(int64_t lead_id)
{
	return database_ask(name, "select coalesce(string_agg(verb || coalesce(' ' || subject, ''), ', ' order by at, event_id), '') from event"
				  " where lead_id = %lld and verb <> 'lead.create'", (long long)lead_id);
}

static const char *browser(const char *visitor)
{
	return database_ask(name, "select l.email || ' ' || i.how || ' ' || coalesce(array_to_string(i.told, ' '), '-') from identity i"
				  " join lead l using (shard, lead_id) where i.kind = 'cookie' and i.value = '%s'", visitor);
}

START_TEST(who_logs_in_has_the_browser_in_which_another_address_was_typed_from_then_on)
{
	int64_t ann = take(form(ONE, "ann@example.com")).found_lead, bob = lead("bob@example.com");
	take(view(ONE, "/before"));
	ck_assert_str_eq(browser(ONE), "ann@example.com made company phone");
	ck_assert_int_eq(take(login(ONE, bob, 10)).found_lead, bob);
	struct intake_event later = take(view(ONE, "/after"));
	ck_assert(later.found_lead == bob && !later.anonymous);
	ck_assert_str_eq(browser(ONE), "bob@example.com identify -"); /* what Ann filled in, Bob did not */
	ck_assert_str_eq(did(ann), "form.submit demo, page.view /before");
	ck_assert_str_eq(did(bob), "form.submit demo, lead.identify, page.view /after");
	ck_assert_int_eq(database_count(name, "lead where merged_into is not null"), 0);
}
END_TEST

START_TEST(the_last_login_counts_and_an_older_word_moves_nothing)
{
	int64_t ann = lead("ann@example.com"), bob = lead("bob@example.com");
	take(login(ONE, ann, 10));
	ck_assert_int_eq(take(view(ONE, "/a")).found_lead, ann);
	take(login(ONE, bob, 20));
	ck_assert_int_eq(take(login(ONE, ann, 10)).found_lead, ann); /* a page of hers that is still open */
	ck_assert_int_eq(take(view(ONE, "/b")).found_lead, bob);
	take(login(ONE, ann, 30));
	ck_assert_int_eq(take(view(ONE, "/c")).found_lead, ann);
	struct intake_event both[] = {login(ONE, bob, 50), login(ONE, ann, 40)}; /* as they come in, not as they were said */
	take_all(both, 2);
	ck_assert_int_eq(take(view(ONE, "/d")).found_lead, bob);
}
END_TEST

START_TEST(nothing_but_a_login_takes_a_browser_from_who_logged_in)
{
	int64_t ann = lead("ann@example.com"), bob = lead("bob@example.com");
	take(view(ONE, "/anonymous"));
	take(login(ONE, ann, 10));
	ck_assert_str_eq(did(ann), "form.submit demo, lead.identify");
	ck_assert_str_eq(database_ask(name, "select count(*) from inbox where lead_id = %lld and lane = 2", (long long)ann), "1"); /* her visit before */
	take(form(ONE, "bob@example.com"));
	take(form(ONE, "cy@example.com"));
	take((struct intake_event){.lead_id = bob, .visitor = STR(ONE), .verb = STR("email.click"), .proof = PROOF_CLICK});
	take((struct intake_event){.email = STR("bob@example.com"), .visitor = STR(ONE), .verb = STR("site.visit"), .proof = PROOF_SERVER});
	ck_assert_int_eq(take(view(ONE, "/a")).found_lead, ann);
	ck_assert_str_eq(browser(ONE), "ann@example.com identify company phone");
}
END_TEST

/* Of one group, what came by the cookie alone was before the login, or as good as that. */
START_TEST(a_login_never_looks_back_at_what_comes_with_it)
{
	int64_t ann = take(form(ONE, "ann@example.com")).found_lead, bob = lead("bob@example.com");
	struct intake_event events[] = {view(ONE, "/a"), login(ONE, bob, 10), view(ONE, "/b"), view(TWO, "/c"), login(TWO, bob, 10)};
	take_all(events, 5);
	ck_assert(events[0].found_lead == ann && events[2].found_lead == ann && events[1].found_lead == bob);
	ck_assert(events[3].found_lead == bob && !events[3].anonymous); /* a browser of nobody's is a new lead's past, as ever */
	ck_assert_int_eq(take(view(ONE, "/d")).found_lead, bob);
}
END_TEST

START_TEST(a_login_of_a_merged_lead_is_the_winners_and_of_an_erased_one_nobodys)
{
	int64_t ann = take(form(ONE, "ann@example.com")).found_lead, bob = lead("bob@example.com"), cy = lead("cy@example.com"), dan = lead("dan@example.com");
	database_ask(name, "update lead set merged_into = %lld where lead_id = %lld; update lead set erased_at = now() where lead_id = %lld", (long long)cy,
		     (long long)bob, (long long)dan);
	ck_assert_int_eq(take(login(ONE, dan, 10)).found_lead, 0);
	ck_assert_int_eq(take(view(ONE, "/a")).found_lead, ann);
	take(login(ONE, bob, 5)); /* the word about Dan was none */
	ck_assert_int_eq(take(view(ONE, "/b")).found_lead, cy);
	ck_assert_str_eq(browser(ONE), "cy@example.com identify -");
}
END_TEST

enum { STORES = 4, ROUNDS = 20, BROWSERS = 12, EVENTS = 24 };

/* What one connection says in one round: logins of its person and forms, of all browsers, in an order of its own. Says in *last whose the browsers are then. */
static void say(struct intake_event events[EVENTS], char visitors[BROWSERS][40], int64_t person, int i, int round, int64_t last[BROWSERS])
{
	for (int j = 0; j < EVENTS; j++) {
		int at = (j * (2 * i + 5) + round) % BROWSERS;
		events[j] = j % 3 == 2 ? form(visitors[at], j % 2 ? "p0@example.com" : "p1@example.com") : login(visitors[at], person, round * STORES + i);
		if (j % 3 != 2)
			last[at] = person;
	}
}

/* Several connections, the same browsers in every order: nobody waits in a circle, and each browser is at last theirs who logged in last. */
START_TEST(logins_at_once_end_with_the_last)
{
	char conninfo[256], email[40];
	struct store *stores[STORES];
	static struct intake intakes[STORES];
	static struct waited waited[STORES];
	static struct intake_event events[STORES][EVENTS];
	static char visitors[BROWSERS][40];
	int64_t people[STORES], last[BROWSERS] = {0};
	for (int i = 0; i < BROWSERS; i++)
		snprintf(visitors[i], sizeof visitors[i], "%032x", i);
	for (int i = 0; i < STORES; i++) {
		snprintf(email, sizeof email, "p%d@example.com", i);
		people[i] = lead(email);
		stores[i] = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "test");
	}
	for (int round = 1; round <= ROUNDS; round++) {
		for (int i = 0; i < STORES; i++) {
			say(events[i], visitors, people[i], i, round, last);
			waited[i] = (struct waited){0};
			intakes[i] = (struct intake){.events = events[i], .event_count = EVENTS, .now = real_now(), .fn = database_done, .arg = &waited[i]};
			store_intake(stores[i], &intakes[i]);
		}
		for (int i = 0; i < STORES; i++) {
			store_wait(loop, &waited[i].done, 60 * MOMENT_SECOND);
			ck_assert_msg(waited[i].ok, "%s", waited[i].error.message);
		}
	}
	for (int i = 0; i < BROWSERS; i++)
		ck_assert_int_eq(take(view(visitors[i], "/whose")).found_lead, last[i]);
	ck_assert_str_eq(database_ask(name, "select deadlocks from pg_stat_database where datname = current_database()"), "0");
	ck_assert_int_eq(database_count(name, "lead where merged_into is not null and not anonymous"), 0);
	for (int i = 0; i < STORES; i++)
		store_free(stores[i]);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(who_logs_in_has_the_browser_in_which_another_address_was_typed_from_then_on),
	UNIT(the_last_login_counts_and_an_older_word_moves_nothing),
	UNIT(nothing_but_a_login_takes_a_browser_from_who_logged_in),
	UNIT(a_login_never_looks_back_at_what_comes_with_it),
	UNIT(a_login_of_a_merged_lead_is_the_winners_and_of_an_erased_one_nobodys),
	UNIT(logins_at_once_end_with_the_last),
};
UNIT_MAIN_EACH("store/login", cases, database_begin(false), begin_store, end_store)
