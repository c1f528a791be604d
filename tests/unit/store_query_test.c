/* Named reading statements, administration, revisions. */
#include "store/admin.h"
#include "store/intake.h"
#include "store/revision.h"
#include "unit/store_one.h"

static json_t *kept; /* answers, until the test's end */

static void begin(void)
{
	kept = json_array();
	begin_store();
}

static void end(void)
{
	end_store();
	json_decref(kept);
}

struct answer {
	struct waited waited;
	json_t *rows;
	int64_t id;
	bool flag;
};

static void on_rows(void *arg, json_t *rows, const struct error *error)
{
	struct answer *answer = arg;
	json_array_append(kept, rows);
	answer->rows = rows;
	database_done(&answer->waited, error);
}

static void on_id(void *arg, int64_t id, const struct error *error)
{
	struct answer *answer = arg;
	answer->id = id;
	database_done(&answer->waited, error);
}

static void on_publish(void *arg, const struct published *published, const struct error *error)
{
	struct answer *answer = arg;
	answer->id = published->activation;
	answer->flag = published->changed;
	database_done(&answer->waited, error);
}

static void await(struct answer *answer)
{
	store_wait(loop, &answer->waited.done, 60 * MOMENT_SECOND);
	ck_assert(answer->waited.done);
}

static struct answer ask(const char *query, size_t count, const char *one, const char *two, const char *three)
{
	const char *params[3] = {one, two, three};
	struct answer answer = {0};
	store_query(store, query, params, count, on_rows, &answer);
	await(&answer);
	return answer;
}

static int64_t take(const char *email, const char *verb)
{
	struct answer answer = {0};
	struct intake_event e = {.email = str_of(email), .external_id = STR("crm-1"), .verb = str_of(verb), .subject = STR("guide"), .create = true};
	struct intake intake = {.events = &e, .event_count = 1, .now = real_now(), .fn = database_done, .arg = &answer.waited};
	store_intake(store, &intake);
	await(&answer);
	ck_assert_msg(answer.waited.ok, "%s", answer.waited.error.message);
	return e.found_lead;
}

static json_t *cell(const struct answer *answer, size_t row, const char *key)
{
	return json_object_get(json_array_get(answer->rows, row), key);
}

static const char *text(const struct answer *answer, size_t row, const char *key)
{
	const char *s = json_string_value(cell(answer, row, key));
	return s ? s : "";
}

static void fill(int64_t lead)
{
	database_ask(name,
		"insert into score (shard, lead_id, name, is_grade, points, grade, band, since) select l & 63, l, n, g, 7, case when g then 'A1' end,"
		" 'hot', now() from (values ('nurture', false), ('grades', true)) v(n, g), (select %lld::bigint) x(l);"
		"insert into score_change (shard, lead_id, at, name, is_grade, old_points, new_points, cause, revision) select l & 63, l, now(), 'nurture',"
		" false, 0, 7, 'x', 'r' from (select %lld::bigint) x(l);"
		"insert into enrollment (shard, enrollment_id, lead_id, campaign, step, state, entered_at, step_since, over_at, revision)"
		" select l & 63, 64 | (l & 63), l, 'drip', 'one', 'active', now(), now(), now(), 'r' from (select %lld::bigint) x(l);"
		"insert into enrollment_log (shard, enrollment_id, lead_id, at, campaign, step, what, cause, revision)"
		" select l & 63, 64, l, now(), 'drip', 'one', 'step', 'due', 'r' from (select %lld::bigint) x(l);"
		"insert into touch (shard, touch_id, lead_id, channel, kind, template, purpose, state, planned_at, due_at, revision)"
		" select l & 63, 128 | (l & 63), l, 'email', 'email', 'thanks', 'marketing', 'in_doubt', now(), now(), 'r' from (select %lld::bigint) x(l)",
		(long long)lead, (long long)lead, (long long)lead, (long long)lead, (long long)lead);
}

/* Every statement of query.sql, with no parameters and with a plausible one. */
START_TEST(every_query_runs)
{
	char id[32], line[256], file[512], query[64];
	int64_t lead = take("ann@example.com", "page.view");
	fill(lead);
	snprintf(id, sizeof id, "%lld", (long long)lead);
	snprintf(file, sizeof file, "%s/core/store/query.sql", NURTURE_SOURCE);
	FILE *in = fopen(file, "re");
	int count = 0;
	ck_assert_ptr_nonnull(in);
	while (fgets(line, sizeof line, in)) {
		if (sscanf(line, "-- :name %63s", query) != 1)
			continue;
		count++;
		struct answer none = ask(query, 0, NULL, NULL, NULL), some = ask(query, 1, id, NULL, NULL);
		ck_assert_msg(none.waited.ok, "%s: %s", query, none.waited.error.message);
		ck_assert_msg(some.waited.ok || some.waited.error.code == ERROR_INVALID, "%s: %s", query, some.waited.error.message);
	}
	ck_assert_int_gt(count, 30);
	fclose(in);
}
END_TEST

START_TEST(an_unknown_query_is_told_by_name)
{
	struct answer answer = ask("no_such", 0, NULL, NULL, NULL);
	ck_assert(!answer.waited.ok && answer.waited.error.code == ERROR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(answer.waited.error.message, "no_such"));
	answer = ask("lead_get", 1, "robert'); drop table lead; --", NULL, NULL);
	ck_assert(!answer.waited.ok && answer.waited.error.code == ERROR_INVALID);
}
END_TEST

START_TEST(a_lead_is_found_by_every_name_it_has)
{
	int64_t lead = take("ann@example.com", "page.view");
	char id[32];
	snprintf(id, sizeof id, "%lld", (long long)lead);
	const char *const names[] = {id, "ann@example.com", "ANN@example.com", "crm-1"};
	for (size_t i = 0; i < 4; i++) {
		struct answer answer = ask("lead_find", 1, names[i], NULL, NULL);
		ck_assert(answer.waited.ok && json_array_size(answer.rows) == 1);
		ck_assert_int_eq(json_integer_value(cell(&answer, 0, "lead_id")), lead);
	}
	struct answer answer = ask("lead_find", 1, "nobody@example.com", NULL, NULL);
	ck_assert_uint_eq(json_array_size(answer.rows), 0);
	database_ask(name, "update lead set fields = '{\"seats\": 3, \"email\": \"not this\"}'");
	fill(lead);
	answer = ask("lead_get", 1, id, NULL, NULL);
	ck_assert_int_eq(json_integer_value(cell(&answer, 0, "seats")), 3);
	ck_assert_str_eq(text(&answer, 0, "email"), "ann@example.com");
	ck_assert_uint_eq(json_array_size(cell(&answer, 0, "scores")), 2);
	ck_assert(strlen(text(&answer, 0, "created_at")) >= 20 && text(&answer, 0, "created_at")[10] == 'T');
}
END_TEST

START_TEST(a_timeline_is_paged_without_loss_or_repetition)
{
	int64_t lead = 0;
	for (int i = 0; i < 7; i++)
		lead = take("ann@example.com", "page.view");
	fill(lead);
	char id[32], cursor[80] = "", last[80] = "~";
	snprintf(id, sizeof id, "%lld", (long long)lead);
	size_t rows = 0, here = 1;
	for (int page = 0; page < 20 && here; page++) {
		struct answer answer = ask("lead_timeline", 3, id, *cursor ? cursor : NULL, "2");
		ck_assert_msg(answer.waited.ok, "%s", answer.waited.error.message);
		here = json_array_size(answer.rows);
		for (size_t i = 0; i < here; i++, rows++) {
			ck_assert(strcmp(text(&answer, i, "at"), last) <= 0);
			snprintf(last, sizeof last, "%s", text(&answer, i, "at"));
			snprintf(cursor, sizeof cursor, "%s", text(&answer, i, "cursor"));
		}
	}
	ck_assert_uint_eq(rows, 8 + 1 + 1 + 1); /* events with lead.create, a score, a log, a touch */
}
END_TEST

START_TEST(pages_of_leads_cover_all_of_them_once)
{
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at) select n & 63, n, now(), now() from generate_series(100, 399) n");
	char cursor[32] = "";
	size_t rows = 0, n = 1;
	while (n) {
		struct answer answer = ask("leads_page", 2, *cursor ? cursor : NULL, "37", NULL);
		n = json_array_size(answer.rows);
		if (n)
			snprintf(cursor, sizeof cursor, "%lld", (long long)json_integer_value(cell(&answer, n - 1, "cursor")));
		rows += n;
	}
	ck_assert_uint_eq(rows, 300);
}
END_TEST

START_TEST(rescoring_begins_with_the_first_lead_and_ends_the_walk_before)
{
	struct answer none = {0}, first = {0}, second = {0};
	store_rescore(store, real_now(), on_id, &none);
	await(&none);
	ck_assert(!none.waited.ok && none.waited.error.code == ERROR_NOT_FOUND);
	database_ask(name, "insert into revision values ('abcd', now(), 'a', 'm', 'p'); insert into activation values (1, 'abcd', now(), 'a', 'm')");
	store_rescore(store, real_now(), on_id, &first);
	await(&first);
	ck_assert_int_eq(database_count(name, "rescore_walk where not over and after_lead = 0"), 64);
	database_ask(name, "update rescore_walk set after_lead = 77, leads = 5, over = shard = 3");
	store_rescore(store, real_now(), on_id, &second);
	await(&second);
	ck_assert(second.waited.ok && second.id > first.id);
	ck_assert_int_eq(database_count(name, "rescore_walk where not over and after_lead = 0 and leads = 0"), 64);
	ck_assert_str_eq(database_ask(name, "select state from job where job_id = %lld", (long long)first.id), "cancelled");
	ck_assert_str_eq(database_ask(name, "select state from job where job_id = %lld", (long long)second.id), "waiting");
}
END_TEST

START_TEST(grades_tell_what_part_converted)
{
	database_ask(name, "insert into score (shard, lead_id, name, is_grade, grade, band, since) select n & 63, n, 'grades', true,"
			   " case when n < 110 then 'A' else 'B' end, 'hot', now() from generate_series(100, 139) n;"
			   "insert into event (received_at, event_id, shard, lead_id, at, verb) select now(), n, n & 63, n, now(), 'opportunity.won'"
			   " from generate_series(100, 104) n;"
			   "insert into opportunity (shard, opportunity_id, lead_id, state, opened_at) values (1, 1, 104, 'won', now()), (1, 2, 120, 'won', now())");
	struct answer answer = ask("report_grades", 0, NULL, NULL, NULL);
	ck_assert_uint_eq(json_array_size(answer.rows), 2);
	ck_assert_int_eq(json_integer_value(cell(&answer, 0, "leads")), 10);
	ck_assert_int_eq(json_integer_value(cell(&answer, 0, "converted")), 5);
	ck_assert(json_real_value(cell(&answer, 0, "rate")) == 0.5 && json_real_value(cell(&answer, 0, "share")) == 0.25);
	ck_assert_int_eq(json_integer_value(cell(&answer, 1, "converted")), 1);
}
END_TEST

START_TEST(a_token_is_found_by_its_hash_until_it_is_revoked)
{
	unsigned char hash[HASH_SHA256];
	char hex[HASH_HEX];
	hash_sha256(STR("secret"), hash);
	hash_hex(hash, sizeof hash, hex);
	struct answer made = {0}, gone = {0}, twice = {0}, wrong = {0};
	store_token_create(store, hash, "test", "write", 0, on_id, &made);
	await(&made);
	ck_assert(made.waited.ok && made.id > 0);
	struct answer found = ask("token_find", 1, hex, NULL, NULL);
	ck_assert_str_eq(text(&found, 0, "scope"), "write");
	store_token_revoke(store, made.id, database_done, &gone.waited);
	store_token_revoke(store, made.id, database_done, &twice.waited);
	await(&twice);
	ck_assert(gone.waited.ok && !twice.waited.ok && twice.waited.error.code == ERROR_NOT_FOUND);
	ck_assert_uint_eq(json_array_size(ask("token_find", 1, hex, NULL, NULL).rows), 0);
	hash[0]++;
	store_token_create(store, hash, "test", "everything", 0, on_id, &wrong);
	await(&wrong);
	ck_assert(!wrong.waited.ok && wrong.waited.error.code == ERROR_INVALID);
	ck_assert_int_eq(database_count(name, "audit"), 2);
}
END_TEST

START_TEST(a_won_opportunity_is_a_row_and_an_event)
{
	struct answer made = {0}, won = {0}, none = {0};
	struct store_opportunity o = {.lead_id = take("ann@example.com", "page.view"), .state = STR("open"), .amount = STR("1200.50"),
				      .currency = STR("EUR"), .at = real_now()};
	store_opportunity_put(store, &o, on_id, &made);
	await(&made);
	ck_assert_msg(made.waited.ok, "%s", made.waited.error.message);
	o.opportunity_id = made.id, o.state = STR("won"), o.amount = STR("");
	store_opportunity_put(store, &o, on_id, &won);
	await(&won);
	ck_assert(won.waited.ok && won.id == made.id);
	ck_assert_str_eq(database_ask(name, "select state || amount || currency from opportunity"), "won1200.50EUR");
	ck_assert_str_eq(database_ask(name, "select string_agg(e.verb, ' ' order by event_id) from event e join inbox using (event_id) where e.verb like 'opp%%'"),
			 "opportunity.open opportunity.won");
	o = (struct store_opportunity){.lead_id = 4711, .state = STR("open"), .at = real_now()};
	store_opportunity_put(store, &o, on_id, &none);
	await(&none);
	ck_assert(none.waited.error.code == ERROR_NOT_FOUND);
}
END_TEST

START_TEST(the_third_death_parks_a_lead)
{
	int64_t lead = take("ann@example.com", "page.view");
	for (int i = 1; i <= 3; i++) {
		struct answer answer = {0};
		store_lead_failed(store, lead, "a.lua:3", database_done, &answer.waited);
		await(&answer);
		ck_assert_msg(answer.waited.ok, "%s", answer.waited.error.message);
		ck_assert_int_eq(database_count(name, "turn_failure where parked_at is not null and retry_at = 'infinity'"), i == 3);
	}
	struct answer status = ask("status", 0, NULL, NULL, NULL);
	ck_assert_int_eq(json_integer_value(cell(&status, 0, "parked")), 1);
}
END_TEST

START_TEST(keys_are_forgotten_after_ninety_days)
{
	database_ask(name, "insert into event_key select 'k' || n, now() - n * interval '1 day' from generate_series(81, 100) n");
	struct answer gone = {0}, rest = {0}, parts = {0};
	store_keys_purge(store, real_now(), 4, on_id, &gone);
	await(&gone);
	ck_assert_int_eq(gone.id, 4);
	store_keys_purge(store, real_now(), 1000, on_id, &rest);
	await(&rest);
	ck_assert_int_eq(database_count(name, "event_key"), 9);
	store_partitions(store, real_now() + 200 * MOMENT_DAY, database_done, &parts.waited);
	await(&parts);
	ck_assert_msg(parts.waited.ok, "%s", parts.waited.error.message);
}
END_TEST

START_TEST(events_of_a_month_without_a_partition_move_into_it_when_it_is_made)
{
	database_ask(name, "insert into event (received_at, event_id, shard, lead_id, at, verb) select now() + interval '12 months', n, 1, 65, now(), 'page.view'"
			   " from generate_series(1, 5) n");
	ck_assert_int_eq(database_count(name, "event_rest"), 5);
	struct answer parts = {0};
	store_partitions(store, real_now() + 365 * MOMENT_DAY, database_done, &parts.waited);
	await(&parts);
	ck_assert_msg(parts.waited.ok, "%s", parts.waited.error.message);
	ck_assert_int_eq(database_count(name, "event_rest"), 0);
	ck_assert_int_eq(database_count(name, "event"), 5);
}
END_TEST

/* ---- revisions ---- */

static const char *first_start_of; /* the node that publishes; NULL = by hand */

static struct answer publish(const char *revision, const char *step, bool hold)
{
	static struct playbook_file files[] = {{"a.lua", {"x\0y", 3}}, {"b/c.md", {"", 0}}};
	struct answer answer = {0};
	json_t *assets = json_pack("[{s:s, s:s}]", "name", "guide", "title", "Guide");
	struct publish p = {.revision = revision, .name = "Sample", .author = "ann", .message = "m", .files = {files, 2}, .steps = &step, .step_count = 1,
			    .assets = assets, .node = first_start_of, .hold = hold, .rescore = true, .now = real_now()};
	store_publish(store, &p, on_publish, &answer);
	await(&answer);
	json_decref(assets);
	return answer;
}

struct revision_answer {
	struct waited waited;
	char revision[65];
	int64_t activation;
	size_t count;
};

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct revision_answer *answer = arg;
	if (revision) {
		memcpy(answer->revision, revision->revision, sizeof answer->revision);
		answer->activation = revision->activation;
		answer->count = revision->files.count;
		if (revision->files.count)
			ck_assert(revision->files.files[0].bytes.n == 3 && memcmp(revision->files.files[0].bytes.p, "x\0y", 3) == 0);
	}
	database_done(&answer->waited, error);
}

START_TEST(a_publish_strands_nobody_unless_told_to)
{
	struct answer first = publish("aaaa1111", "drip/one", false);
	ck_assert_msg(first.waited.ok, "%s", first.waited.error.message);
	ck_assert(first.id == 1 && first.flag);
	ck_assert(!publish("aaaa1111", "drip/one", false).flag); /* the same again is nothing new */
	fill(take("ann@example.com", "page.view"));
	struct answer refused = publish("aaaa2222", "drip/two", false);
	ck_assert(refused.waited.error.code == ERROR_CONFLICT);
	ck_assert_ptr_nonnull(strstr(refused.waited.error.message, "1 lead stands on step \"one\""));
	ck_assert_int_eq(database_count(name, "activation"), 1);
	struct answer held = publish("aaaa2222", "drip/two", true);
	ck_assert(held.waited.ok && held.id == 2);
	ck_assert_int_eq(database_count(name, "job where kind = 'rescore' and state = 'waiting'"), 1);
	ck_assert_int_eq(database_count(name, "asset"), 1);
	/* who is parked since hinders no later publish; and who goes back to it is refused again */
	struct answer later = publish("aaaa3333", "drip/two", false);
	ck_assert_msg(later.waited.ok && later.id == 3, "%s", later.waited.error.message);
	struct answer back = publish("aaaa1111", "drip/one", false);
	ck_assert(back.waited.ok && back.id == 4);
	ck_assert(publish("aaaa3333", "drip/two", false).waited.error.code == ERROR_CONFLICT);
	struct revision_answer active = {0}, past = {0}, both = {0}, none = {0};
	store_revision_active(store, on_revision, &active);
	store_revision_get(store, "aaaa2", on_revision, &past);
	store_revision_get(store, "aaaa", on_revision, &both);
	store_revision_get(store, "ffff", on_revision, &none);
	store_wait(loop, &none.waited.done, 60 * MOMENT_SECOND);
	ck_assert_str_eq(active.revision, "aaaa1111");
	ck_assert(active.activation == 4 && active.count == 2);
	ck_assert_str_eq(past.revision, "aaaa2222");
	ck_assert(both.waited.error.code == ERROR_CONFLICT && none.waited.error.code == ERROR_NOT_FOUND);
}
END_TEST

static void tell(const char *writer, const char *node, int64_t activation, const char *problems)
{
	struct answer told = {0};
	store_publish_error(store, &(struct publish_error){.writer = writer, .node = node, .activation = activation, .problems = problems}, database_done, &told.waited);
	await(&told);
}

/* What status says was refused: "writer problems nodes", a line each. */
static void ck_refused(const char *wanted)
{
	char text[400] = "";
	size_t i, used = 0;
	const json_t *one;
	struct answer status = ask("status", 0, NULL, NULL, NULL);
	json_array_foreach (cell(&status, 0, "publish_errors"), i, one)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s %s %zu\n", json_string_value(json_object_get(one, "writer")),
					 json_string_value(json_object_get(one, "problems")), json_array_size(json_object_get(one, "nodes")));
	ck_assert_str_eq(text, wanted);
}

START_TEST(what_was_refused_is_told_by_writer_and_node_and_nobody_takes_back_another_s)
{
	ck_assert(publish("eeee1111", "c/s", true).flag);
	int64_t first = publish("eeee1111", "c/s", true).id;
	tell("folder", "a", 0, "a.lua:3: no");
	tell("active", "a", first, "b.lua:1: younger");
	tell("active", "b", first, "b.lua:1: younger");
	tell("engine", "b", first, "c.lua:1: does not load");
	tell("engine", "c", first + 7, "of another activation");
	ck_refused("engine c.lua:1: does not load 1\nfolder a.lua:3: no 1\nactive b.lua:1: younger 2\n");
	tell("folder", "b", 0, NULL);
	tell("engine", "a", first, NULL);
	ck_refused("engine c.lua:1: does not load 1\nfolder a.lua:3: no 1\nactive b.lua:1: younger 2\n");
	tell("active", "a", first, NULL);
	tell("engine", "b", first, NULL);
	ck_refused("folder a.lua:3: no 1\nactive b.lua:1: younger 1\n");

	/* of the same revision again only folders are mended; another one mends all */
	first_start_of = "b";
	ck_assert(!publish("eeee1111", "c/s", true).flag);
	ck_refused("folder a.lua:3: no 1\nactive b.lua:1: younger 1\n");
	first_start_of = NULL;
	ck_assert(!publish("eeee1111", "c/s", true).flag);
	ck_refused("active b.lua:1: younger 1\n");
	tell("folder", "b", 0, "d.lua:1: no");
	ck_assert(publish("eeee2222", "c/s", true).flag);
	ck_refused("");
	ck_assert_int_eq(database_count(name, "publish_error"), 0);
}
END_TEST

START_TEST(without_a_publish_there_is_no_revision)
{
	struct revision_answer active = {0};
	store_revision_active(store, on_revision, &active);
	store_wait(loop, &active.waited.done, 60 * MOMENT_SECOND);
	ck_assert(active.waited.ok && active.activation == 0 && active.count == 0);
}
END_TEST

/* Leads 1 to 6 (their ids times 64): 1 reached the goal, 2 is on its way, 3 is held out, 4 was held out when it first came in, 5 is held, 6 is 1 by merger. */
static void fill_campaign(void)
{
	database_ask(name,
		"insert into lead (shard, lead_id, created_at, updated_at, merged_into) values (0, 384, now(), now(), 64), (0, 64, now(), now(), null);"
		"insert into enrollment (shard, enrollment_id, lead_id, campaign, step, state, entered_at, step_since, over_at, passes, goal_at, reason, holdout, revision)"
		" select 0, i, l * 64, c, step, state, timestamptz '2027-01-01Z' + i * interval '1 hour', now(), now(), passes::jsonb, case when goal then now() end, reason, holdout, 'r2'"
		" from (values (1, 1, 'drip', 'two', 'ended', '{\"one\": 1, \"two\": [2, 5]}', true, 'finished', false), (2, 2, 'drip', 'two', 'active', '{\"one\": 1, \"two\": 1}', false, null, false),"
		" (3, 3, 'drip', '', 'active', '{}', true, null, true), (4, 4, 'drip', '', 'ended', '{}', false, 'leave', true), (5, 4, 'drip', 'one', 'active', '{\"one\": 1}', true, null, false),"
		" (6, 5, 'drip', 'one', 'held', '{\"one\": 1}', false, 'it failed', false), (7, 6, 'drip', 'one', 'ended', '{\"one\": 1}', false, 'merged', false),"
		" (8, 1, 'other', 'one', 'active', '{\"one\": 1}', true, null, false)) v(i, l, c, step, state, passes, goal, reason, holdout);"
		"insert into enrollment_log (shard, enrollment_id, id, lead_id, at, campaign, step, what, cause, revision)"
		" select 0, e, i, 64, now(), 'drip', step, what, cause, 'r1' from (values (1, 1, null, 'enter', 'x'), (1, 2, 'one', 'split', 'a'), (2, 3, 'one', 'split', 'b'),"
		" (6, 4, 'one', 'split', 'a'), (2, 5, 'two', 'answer', 'soon'), (1, 6, 'two', 'answer', 'no_answer'), (7, 7, 'one', 'split', 'b')) v(e, i, step, what, cause);"
		"insert into touch (shard, touch_id, lead_id, enrollment_id, campaign, step, pass, channel, kind, template, purpose, recipient, state, reason, planned_at, due_at, revision)"
		" select 0, i, 64, e, 'drip', 'one', 1, 'email', 'email', template, 'marketing', recipient, state, reason, now(), now(), 'r1'"
		" from (values (11, 1, 'a', null, 'sent', ''), (12, 2, 'b', null, 'sent', ''), (13, 6, 'a', null, 'held', 'no consent'), (14, 5, 'b', null, 'planned', null),"
		" (15, 1, 'alarm', 'kim', 'sent', '')) v(i, e, template, recipient, state, reason);"
		"insert into event (received_at, event_id, shard, lead_id, at, verb, machine, data) select now(), i, 0, l * 64, now(), verb, machine,"
		" jsonb_build_object('touch', touch, 'campaign', campaign, 'step', 'one') from (values (21, 1, 'email.open', false, 11, 'drip'), (22, 1, 'email.open', false, 11, 'drip'),"
		" (23, 1, 'email.click', false, 11, 'drip'), (24, 2, 'email.open', true, 12, 'drip'), (25, 2, 'email.click', false, 12, 'other'), (26, 2, 'email.reply', false, 12, 'drip'))"
		" v(i, l, verb, machine, touch, campaign)");
}

static const char *told(const struct answer *answer, const char *key, const char *of)
{
	static char *text = NULL;
	free(text);
	return text = json_dumps(of ? json_object_get(cell(answer, 0, key), of) : cell(answer, 0, key), JSON_COMPACT | JSON_SORT_KEYS);
}

START_TEST(a_campaign_is_counted_by_leads_and_who_was_held_out_first_stays_so)
{
	fill_campaign();
	struct answer report = ask("report_campaign", 1, "drip", NULL, NULL), none = ask("report_campaign", 1, "nothing", NULL, NULL);
	ck_assert_msg(report.waited.ok, "%s", report.waited.error.message);
	ck_assert(json_array_size(none.rows) == 0 && json_array_size(report.rows) == 1 && json_integer_value(cell(&report, 0, "leads")) == 5);
	ck_assert_str_eq(told(&report, "goal", "all"), "{\"converted\":3,\"leads\":5}");
	ck_assert_str_eq(told(&report, "goal", "assigned"), "{\"converted\":1,\"leads\":3}");
	ck_assert_str_eq(told(&report, "goal", "held_out"), "{\"converted\":2,\"leads\":2}");
	ck_assert_str_eq(told(&report, "goal", "touched"), "{\"converted\":1,\"leads\":2}");
	ck_assert_str_eq(told(&report, "splits", NULL), "[{\"step\":\"one\",\"test\":null,\"variants\":[{\"converted\":1,\"leads\":2,\"variant\":\"a\"},{\"converted\":0,\"leads\":1,\"variant\":\"b\"}]}]");
	ck_assert_int_eq(json_integer_value(cell(&report, 0, "inside")), 4);
	ck_assert_int_eq(json_integer_value(cell(&report, 0, "parked")), 1);
}
END_TEST

START_TEST(a_step_tells_who_reached_it_and_what_became_of_its_contacts)
{
	fill_campaign();
	struct answer report = ask("report_campaign", 1, "drip", NULL, NULL);
	json_t *steps = cell(&report, 0, "steps");
	char *one = json_dumps(json_array_get(steps, 0), JSON_COMPACT | JSON_SORT_KEYS), *two = json_dumps(json_array_get(steps, 1), JSON_COMPACT | JSON_SORT_KEYS);
	ck_assert_uint_eq(json_array_size(steps), 2);
	ck_assert_str_eq(one, "{\"answered\":1,\"answers\":[{\"answer\":\"email.reply\",\"leads\":1}],\"clicked\":1,\"contacts\":["
			      "{\"clicked\":1,\"held_back\":1,\"kind\":\"email\",\"opened\":1,\"revisions\":[\"r1\"],\"sent\":1,\"template\":\"a\"},"
			      "{\"clicked\":0,\"held_back\":0,\"kind\":\"email\",\"opened\":0,\"revisions\":[\"r1\"],\"sent\":1,\"template\":\"b\"}],"
			      "\"held_back\":1,\"here\":1,\"left\":1,\"left_why\":[{\"leads\":1,\"reason\":\"merged\"}],\"opened\":1,\"parked\":1,\"reached\":4,\"sent\":2,"
			      "\"step\":\"one\",\"under_way\":1,\"why\":[{\"reason\":\"no consent\",\"state\":\"held\",\"touches\":1}]}");
	ck_assert_str_eq(two, "{\"answered\":1,\"answers\":[{\"answer\":\"no_answer\",\"leads\":1},{\"answer\":\"soon\",\"leads\":1}],\"clicked\":0,\"contacts\":[],"
			      "\"held_back\":0,\"here\":1,\"left\":1,\"left_why\":[{\"leads\":1,\"reason\":\"finished\"}],\"opened\":0,\"parked\":0,\"reached\":2,\"sent\":0,"
			      "\"step\":\"two\",\"under_way\":0,\"why\":[]}");
	free(one);
	free(two);
	struct answer all = ask("report_campaigns", 0, NULL, NULL, NULL);
	ck_assert_uint_eq(json_array_size(all.rows), 2);
	ck_assert_str_eq(text(&all, 0, "campaign"), "drip");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(every_query_runs),
	UNIT(an_unknown_query_is_told_by_name),
	UNIT(a_lead_is_found_by_every_name_it_has),
	UNIT(a_timeline_is_paged_without_loss_or_repetition),
	UNIT(pages_of_leads_cover_all_of_them_once),
	UNIT(rescoring_begins_with_the_first_lead_and_ends_the_walk_before),
	UNIT(grades_tell_what_part_converted),
	UNIT(a_token_is_found_by_its_hash_until_it_is_revoked),
	UNIT(a_won_opportunity_is_a_row_and_an_event),
	UNIT(the_third_death_parks_a_lead),
	UNIT(keys_are_forgotten_after_ninety_days),
	UNIT(events_of_a_month_without_a_partition_move_into_it_when_it_is_made),
	UNIT(a_publish_strands_nobody_unless_told_to),
	UNIT(without_a_publish_there_is_no_revision),
	UNIT(what_was_refused_is_told_by_writer_and_node_and_nobody_takes_back_another_s),
	UNIT(a_campaign_is_counted_by_leads_and_who_was_held_out_first_stays_so),
	UNIT(a_step_tells_who_reached_it_and_what_became_of_its_contacts),
};
UNIT_MAIN_EACH("store/query", cases, database_begin(false), begin, end)
