/* Visitors: who has no name yet is kept apart, and who tells it has its whole past, once, whatever comes at the same time. */
#include "store/intake.h"

#include "unit/store_one.h"

#include "base/hash.h"
#include "store/admin.h"

#define ONE "0123456789abcdef0123456789abcdef"
#define TWO "ffffffffffffffffffffffffffffffff"

struct request {
	struct intake intake;
	struct intake_event event;
	struct waited waited;
};

static void submit(struct store *to, struct request *r)
{
	r->intake = (struct intake){.events = &r->event, .event_count = 1, .now = real_now(), .fn = database_done, .arg = &r->waited};
	r->waited = (struct waited){0};
	store_intake(to, &r->intake);
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

/* What somebody says who is believed: the site's own server. */
static struct intake_event login(const char *visitor, const char *email)
{
	return (struct intake_event){.visitor = str_of(visitor), .email = str_of(email), .verb = STR("site.login"), .create = true, .source = STR("api")};
}

static struct intake_event take(struct intake_event event)
{
	struct request r = {.event = event};
	submit(store, &r);
	store_wait(loop, &r.waited.done, 60 * MOMENT_SECOND);
	ck_assert(r.waited.done);
	ck_assert_msg(r.waited.ok, "%s", r.waited.error.message);
	return r.event;
}

static const char *how(const char *visitor)
{
	return database_ask(name, "select how from identity where kind = 'cookie' and value = '%s'", visitor);
}

/* The verbs in a lead's inbox, oldest first. */
static const char *heard(long long lead)
{
	return database_ask(name, "select coalesce(string_agg(e.verb || coalesce(' ' || e.subject, ''), ', ' order by e.at, e.event_id), '') from inbox i"
				  " join event e using (event_id, received_at) where i.lead_id = %lld", lead);
}

START_TEST(an_anonymous_visitor_has_events_and_no_turns)
{
	struct intake_event first = take(view(ONE, "/a")), second = take(view(ONE, "/b")), other = take(view(TWO, "/a"));
	ck_assert(first.anonymous && second.anonymous && first.event_id && !first.created);
	ck_assert_int_eq(first.found_lead, second.found_lead);
	ck_assert_int_ne(first.found_lead, other.found_lead);
	ck_assert_int_eq(database_count(name, "event"), 3);
	ck_assert_int_eq(database_count(name, "inbox"), 0);
	ck_assert_int_eq(database_count(name, "lead where anonymous"), 2);
	struct intake_event by_id = take((struct intake_event){.lead_id = first.found_lead, .verb = STR("page.view")});
	ck_assert(!by_id.found_lead && !by_id.event_id);
	struct intake_event unknown = view("00000000000000000000000000000000", "/a");
	unknown.create = false;
	unknown = take(unknown);
	ck_assert(!unknown.found_lead && !unknown.event_id);
	ck_assert_int_eq(database_count(name, "lead"), 2);
}
END_TEST

START_TEST(a_new_name_makes_the_anonymous_one_its_lead)
{
	struct intake_event seen = take(view(ONE, "/a")), told = take(form(ONE, "ann@example.com")), later = take(view(ONE, "/b"));
	ck_assert(told.created && !told.anonymous && !later.anonymous && !later.created);
	ck_assert_int_eq(told.found_lead, seen.found_lead);
	ck_assert_int_eq(later.found_lead, seen.found_lead);
	ck_assert_str_eq(how(ONE), "made");
	ck_assert_str_eq(heard(seen.found_lead), "page.view /a, lead.create form, form.submit demo, page.view /b");
	ck_assert_int_eq(database_count(name, "lead where not anonymous and email = 'ann@example.com'"), 1);
	ck_assert_int_eq(database_count(name, "lead"), 1);
}
END_TEST

START_TEST(a_known_name_gets_what_the_anonymous_one_did)
{
	struct intake_event ann = take(form("", "ann@example.com")), seen = take(view(ONE, "/a")), told = take(login(ONE, "ann@example.com"));
	ck_assert_int_eq(told.found_lead, ann.found_lead);
	ck_assert(!told.created && seen.found_lead != ann.found_lead);
	ck_assert_str_eq(heard(ann.found_lead), "lead.create form, form.submit demo, page.view /a, site.login");
	ck_assert_int_eq(database_count(name, "inbox where lane = 2"), 1);
	struct intake_event later = take(view(ONE, "/b"));
	ck_assert(later.found_lead == ann.found_lead && !later.anonymous);
	ck_assert_int_eq(atoll(database_ask(name, "select merged_into from lead where lead_id = %lld", (long long)seen.found_lead)), ann.found_lead);
	struct intake_event again = take(form(ONE, "ann@example.com"));
	ck_assert_int_eq(again.found_lead, ann.found_lead);
	ck_assert_int_eq(database_count(name, "inbox where lane = 2"), 1);
	ck_assert_str_eq(how(ONE), "server");
}
END_TEST

/* Anybody may type anybody's address into a form. */
START_TEST(a_form_that_names_a_known_lead_gives_it_the_visit_and_not_the_browser)
{
	struct intake_event ann = take(form("", "ann@example.com")), seen = take(view(ONE, "/a")), told = take(form(ONE, "ann@example.com"));
	ck_assert(told.found_lead == ann.found_lead && !told.anonymous && seen.found_lead != ann.found_lead);
	ck_assert_str_eq(heard(ann.found_lead), "lead.create form, form.submit demo, page.view /a, form.submit demo");
	ck_assert_str_eq(how(ONE), "");
	struct intake_event later = take(view(ONE, "/b")), more = take(view(ONE, "/c"));
	ck_assert(later.anonymous && later.found_lead == more.found_lead && later.found_lead != ann.found_lead && later.found_lead != seen.found_lead);
	struct intake_event fresh = take(form(TWO, "ann@example.com")), next = take(view(TWO, "/d")); /* a browser that nobody has seen before */
	ck_assert(fresh.found_lead == ann.found_lead && next.anonymous && next.found_lead != ann.found_lead);
	ck_assert_str_eq(heard(ann.found_lead), "lead.create form, form.submit demo, page.view /a, form.submit demo, form.submit demo");
	ck_assert_str_eq(database_ask(name, "select string_agg(value || ' ' || array_to_string(told, ' '), ', ' order by value) from identity where kind = 'cookie'"),
			 ONE " company phone, " TWO " company phone");
	struct intake_event click = {.lead_id = ann.found_lead, .visitor = STR(ONE), .verb = STR("email.click"), .proof = PROOF_CLICK};
	take(click); /* a link in a mail to her */
	ck_assert_str_eq(how(ONE), "click");
	ck_assert_int_eq(take(view(ONE, "/e")).found_lead, ann.found_lead);
	ck_assert_str_eq(heard(ann.found_lead), "lead.create form, form.submit demo, page.view /a, form.submit demo, page.view /b, page.view /c, form.submit demo,"
						" email.click, page.view /e");
}
END_TEST

START_TEST(a_fresh_cookie_beside_a_known_lead_is_its)
{
	struct intake_event ann = take(form("", "ann@example.com")), click = {.lead_id = ann.found_lead, .visitor = STR(ONE), .verb = STR("email.click")};
	click = take(click);
	struct intake_event later = take(view(ONE, "/b"));
	ck_assert(click.found_lead == ann.found_lead && later.found_lead == ann.found_lead && !later.anonymous);
	ck_assert_int_eq(database_count(name, "lead"), 1);
	struct intake_event nobody = {.lead_id = 4711, .visitor = STR(TWO), .verb = STR("email.click")};
	nobody = take(nobody);
	ck_assert(!nobody.found_lead);
	ck_assert_int_eq(database_count(name, "identity where kind = 'cookie'"), 1);
}
END_TEST

START_TEST(two_who_are_known_are_never_joined_by_a_cookie)
{
	struct intake_event ann = take(form(ONE, "ann@example.com")), bob = take(form("", "bob@example.com")), shared = take(form(ONE, "bob@example.com"));
	ck_assert_int_eq(shared.found_lead, bob.found_lead);
	struct intake_event later = take(view(ONE, "/b"));
	ck_assert_int_eq(later.found_lead, ann.found_lead);
	struct intake_event click = {.lead_id = bob.found_lead, .visitor = STR(ONE), .verb = STR("email.click")};
	ck_assert_int_eq(take(click).found_lead, bob.found_lead);
	ck_assert_int_eq(take(view(ONE, "/c")).found_lead, ann.found_lead);
	struct intake_event third = take(form(ONE, "cy@example.com"));
	ck_assert(third.created && third.found_lead != ann.found_lead);
	ck_assert_int_eq(database_count(name, "lead where merged_into is not null"), 0);
}
END_TEST

/* All in one group: the first name that comes with a visitor is its name. */
START_TEST(one_request_may_say_it_all)
{
	struct intake_event events[] = {view(ONE, "/a"), form(ONE, "ann@example.com"), form(ONE, "bob@example.com"), login(TWO, "ann@example.com"), view(TWO, "/b")};
	struct intake_event seen = take(view(TWO, "/z"));
	struct waited waited = {0};
	struct intake intake = {.events = events, .event_count = 5, .now = real_now(), .fn = database_done, .arg = &waited};
	store_intake(store, &intake);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	ck_assert(events[0].found_lead == events[1].found_lead && events[3].found_lead == events[1].found_lead && events[4].found_lead == events[1].found_lead);
	ck_assert(events[2].found_lead != events[1].found_lead && seen.found_lead != events[1].found_lead);
	ck_assert_str_eq(heard(events[1].found_lead), "page.view /z, page.view /a, lead.create form, form.submit demo, site.login, page.view /b");
}
END_TEST

/* Several connections: the same visitors, the same names, in every order. Each view is heard once by a lead that has a name. */
START_TEST(many_connections_identify_the_same_visitors_at_once)
{
	enum { STORES = 4, ROUNDS = 30, EVENTS = 24 };
	char conninfo[256];
	struct store *stores[STORES];
	static struct intake intakes[STORES];
	static struct waited waited[STORES];
	static struct intake_event events[STORES][EVENTS];
	static char emails[STORES][EVENTS][40], visitors[STORES][EVENTS][40];
	for (int i = 0; i < STORES; i++)
		stores[i] = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "test");
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < STORES; i++) {
			for (int j = 0; j < EVENTS; j++) {
				uint64_t n = hash_random_u64();
				int who = (int)(n % 20) + round * 8;
				snprintf(emails[i][j], sizeof emails[i][j], "p%d@example.com", who / 2);
				snprintf(visitors[i][j], sizeof visitors[i][j], "%032x", who);
				events[i][j] = n >> 32 & 1 ? view(visitors[i][j], "/a") : form(n >> 33 & 1 ? visitors[i][j] : "", emails[i][j]);
			}
			waited[i] = (struct waited){0};
			intakes[i] = (struct intake){.events = events[i], .event_count = EVENTS, .now = real_now(), .fn = database_done, .arg = &waited[i]};
			store_intake(stores[i], &intakes[i]);
		}
		for (int i = 0; i < STORES; i++) {
			store_wait(loop, &waited[i].done, 60 * MOMENT_SECOND);
			ck_assert_msg(waited[i].ok, "%s", waited[i].error.message);
		}
	}
	ck_assert_str_eq(database_ask(name, "select deadlocks from pg_stat_database where datname = current_database()"), "0");
	ck_assert_int_eq(database_count(name, "event where verb <> 'lead.create'"), STORES * ROUNDS * EVENTS);
	ck_assert_int_eq(database_count(name, "lead where not anonymous"), database_count(name, "identity where kind = 'email'"));
	ck_assert_int_eq(database_count(name, "event where verb = 'lead.create'"), database_count(name, "lead where not anonymous"));
	ck_assert_int_eq(database_count(name, "event e join lead l using (shard, lead_id) where (not l.anonymous or l.merged_into is not null) and"
					      " (select count(*) from inbox i where i.event_id = e.event_id and i.lead_id = coalesce(l.merged_into, l.lead_id)) <> 1"), 0);
	ck_assert_int_eq(database_count(name, "inbox"), database_count(name, "event e join lead l using (shard, lead_id) where not l.anonymous or l.merged_into is not null"));
	ck_assert_int_eq(database_count(name, "identity i join lead l using (shard, lead_id) where l.merged_into is not null"), 0);
	for (int i = 0; i < STORES; i++)
		store_free(stores[i]);
}
END_TEST

struct page {
	bool done;
	int64_t last;
};

static void on_page(void *arg, int64_t last, const struct error *error)
{
	struct page *page = arg;
	ck_assert_msg(!error, "%s", error ? error->message : "");
	*page = (struct page){true, last};
}

static int purge(moment_t now, int limit)
{
	struct page page = {0};
	int pages = 0;
	do {
		page.done = false;
		store_visitors_purge(store, now - 90 * MOMENT_DAY, page.last, limit, on_page, &page);
		store_wait(loop, &page.done, 60 * MOMENT_SECOND);
		pages++;
	} while (page.last);
	return pages;
}

START_TEST(idle_visitors_are_forgotten_page_by_page_and_leads_never)
{
	enum { DAY = 86400 };
	char visitor[40];
	moment_t now = real_now();
	struct intake_event named = take(form(ONE, "ann@example.com")), merged = take(view(TWO, "/a"));
	(void)take(login(TWO, "ann@example.com"));
	for (int i = 0; i < 25; i++) {
		snprintf(visitor, sizeof visitor, "%032x", i);
		(void)take(view(visitor, "/a"));
	}
	ck_assert_int_ge(purge(now + 89 * (moment_t)DAY * MOMENT_SECOND, 10), 3);
	ck_assert_int_eq(database_count(name, "lead where anonymous and merged_into is null"), 25);
	database_ask(name, "update lead set created_at = created_at - interval '200 days'; insert into event (received_at, event_id, shard, lead_id, at, verb)"
			   " select now() + interval '10 days', 1, shard, lead_id, now(), 'page.view' from identity where kind = 'cookie' and value = '%032x'", 7);
	ck_assert_int_ge(purge(now + 95 * (moment_t)DAY * MOMENT_SECOND, 10), 3);
	ck_assert_int_eq(database_count(name, "lead where anonymous and merged_into is null"), 1);
	ck_assert_int_eq(database_count(name, "identity where kind = 'cookie'"), 3);
	ck_assert_int_eq(database_count(name, "event e where not exists (select from lead l where l.lead_id = e.lead_id)"), 0);
	ck_assert_int_eq(atol(database_ask(name, "select count(*) from event where lead_id in (%lld, %lld)", (long long)named.found_lead, (long long)merged.found_lead)), 4);
	(void)take(view("00000000000000000000000000000001", "/again"));
	ck_assert_int_eq(database_count(name, "lead where anonymous and merged_into is null"), 2);
}
END_TEST

static json_t *asked;
static void on_rows(void *arg, json_t *rows, const struct error *error)
{
	ck_assert_msg(!error, "%s", error ? error->message : "");
	asked = json_incref(rows);
	*(bool *)arg = true;
}

static size_t rows_of(const char *query, const char *const *values, size_t count)
{
	bool done = false;
	store_query(store, query, values, count, on_rows, &done);
	store_wait(loop, &done, 60 * MOMENT_SECOND);
	size_t found = json_array_size(asked);
	json_decref(asked);
	return found;
}

START_TEST(anonymous_visitors_are_listed_and_found_nowhere)
{
	struct intake_event seen = take(view(ONE, "/a")), ann = take(form("", "ann@example.com"));
	char id[32], other[32];
	snprintf(id, sizeof id, "%lld", (long long)seen.found_lead);
	snprintf(other, sizeof other, "%lld", (long long)ann.found_lead);
	ck_assert_int_eq(rows_of("leads_page", (const char *[]){NULL, NULL}, 2), 1);
	ck_assert_int_eq(rows_of("lead_find", (const char *[]){id}, 1), 0);
	ck_assert_int_eq(rows_of("lead_get", (const char *[]){id}, 1), 0);
	ck_assert_int_eq(rows_of("lead_find", (const char *[]){other}, 1), 1);
	ck_assert_int_eq(rows_of("report_stages", NULL, 0), 1);
	ck_assert_str_eq(database_ask(name, "select count(*) from lead where not anonymous"), "1");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(an_anonymous_visitor_has_events_and_no_turns),
	UNIT(a_new_name_makes_the_anonymous_one_its_lead),
	UNIT(a_known_name_gets_what_the_anonymous_one_did),
	UNIT(a_form_that_names_a_known_lead_gives_it_the_visit_and_not_the_browser),
	UNIT(a_fresh_cookie_beside_a_known_lead_is_its),
	UNIT(two_who_are_known_are_never_joined_by_a_cookie),
	UNIT(one_request_may_say_it_all),
	UNIT(many_connections_identify_the_same_visitors_at_once),
	UNIT(idle_visitors_are_forgotten_page_by_page_and_leads_never),
	UNIT(anonymous_visitors_are_listed_and_found_nowhere),
};
UNIT_MAIN_EACH("store/visitor", cases, database_begin(false), begin_store, end_store)
