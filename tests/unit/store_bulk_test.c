/* Groups of an import's rows: each row tells its lead once, a group counts once, and what it leaves goes in time. */
#include "store/admin.h"
#include "store/bulk.h"
#include "unit/store_one.h"

static int64_t job;

static void begin(void)
{
	begin_store();
	job = atol(database_ask(name, "insert into job (kind, arguments, state, owner, created_at) values ('import', '{}', 'running', 'me', now()) returning job_id"));
}

static struct bulk_row row(const char *email, const char *id, const char *data)
{
	return (struct bulk_row){.email = str_of(email), .external_id = str_of(id), .data = str_of(data)};
}

static struct waited take(struct bulk *bulk)
{
	static struct waited waited;
	waited = (struct waited){0};
	bulk->job_id = job;
	bulk->owner = bulk->owner ? bulk->owner : "me";
	bulk->now = real_now();
	bulk->fn = database_done;
	bulk->arg = &waited;
	store_bulk(store, bulk);
	ck_assert(store_wait(loop, &waited.done, 60 * MOMENT_SECOND));
	return waited;
}

START_TEST(a_row_tells_its_lead_once_and_a_second_row_of_it_is_an_update)
{
	struct bulk_row rows[] = {row("a@example.com", "", "{\"set\":{\"first_name\":\"A\"}}"), row("", "crm-1", "{\"set\":{}}"), row("a@example.com", "crm-2", "{\"set\":{}}")};
	struct bulk bulk = {.rows = rows, .count = 3, .first = 1, .span = 3};
	ck_assert(take(&bulk).ok);
	ck_assert_int_eq(bulk.created, 2);
	ck_assert(rows[0].created && rows[1].created && !rows[2].created && rows[0].lead_id == rows[2].lead_id);
	ck_assert_int_eq(database_count(name, "lead"), 2);
	ck_assert_int_eq(database_count(name, "identity"), 3);
	ck_assert_int_eq(database_count(name, "event where verb = 'lead.create' and subject = 'import'"), 2);
	ck_assert_int_eq(database_count(name, "event where verb = 'lead.update'"), 1);
	ck_assert_int_eq(database_count(name, "inbox i join event e using (shard, lead_id, event_id, received_at) where lane = 2 and i.verb is null"), 3);
	struct bulk again = {.rows = rows, .count = 3, .first = 4, .span = 3}; /* other rows of the file: known leads by now */
	ck_assert(take(&again).ok);
	ck_assert_int_eq(again.created, 0);
	ck_assert_int_eq(database_count(name, "lead"), 2);
	ck_assert_int_eq(database_count(name, "event where verb = 'lead.update'"), 4);
}
END_TEST

START_TEST(a_number_names_its_lead)
{
	struct bulk_row rows[] = {row("", "", "{\"set\":{}}"), row("a@example.com", "", "{\"set\":{}}"), row("", "", "{\"set\":{}}"), row("", "+4930123456", "{\"set\":{}}")};
	rows[0].phone = rows[2].phone = STR("+4930123456");
	struct bulk bulk = {.rows = rows, .count = 4, .first = 1, .span = 4};
	ck_assert(take(&bulk).ok);
	ck_assert_int_eq(bulk.created, 3);
	ck_assert(rows[0].created && !rows[2].created && rows[0].lead_id == rows[2].lead_id && rows[3].lead_id != rows[0].lead_id);
	ck_assert_int_eq(database_count(name, "identity where kind = 'phone' and value = '+4930123456'"), 1);
	ck_assert_int_eq(database_count(name, "lead where phone = '+4930123456' and email is null"), 1);
	struct bulk again = {.rows = rows, .count = 3, .first = 5, .span = 3};
	ck_assert(take(&again).ok);
	ck_assert_int_eq(again.created, 0);
	ck_assert_int_eq(database_count(name, "lead"), 3);
}
END_TEST

START_TEST(a_group_counts_once_and_only_for_its_owner)
{
	struct bulk_row rows[] = {row("a@example.com", "", "{\"set\":{}}")};
	struct bulk bulk = {.rows = rows, .count = 1, .first = 1, .span = 5}, trial = bulk, other = bulk;
	trial.trial = true;
	ck_assert(take(&trial).ok);
	ck_assert_int_eq(database_count(name, "lead"), 0);
	other.owner = "another";
	ck_assert_int_eq(take(&other).error.code, ERROR_DENIED);
	ck_assert_int_eq(database_count(name, "lead"), 0);
	ck_assert(take(&bulk).ok);
	ck_assert_int_eq(take(&bulk).error.code, ERROR_CONFLICT);
	ck_assert_int_eq(database_count(name, "event"), 1);
	ck_assert_int_eq(database_count(name, "import_group where first = 1 and rows = 5 and created = 1"), 1);
}
END_TEST

START_TEST(a_row_that_the_database_refuses_leaves_nothing_of_its_group)
{
	struct bulk_row rows[] = {row("a@example.com", "", "{\"set\":{}}"), row("b@example.com", "", "{\"set\":{\"first_name\":\"\\u0000\"}}")};
	struct bulk bulk = {.rows = rows, .count = 2, .first = 1, .span = 2};
	ck_assert_int_eq(take(&bulk).error.code, ERROR_INVALID);
	ck_assert_int_eq(database_count(name, "lead"), 0);
	ck_assert_int_eq(database_count(name, "import_group"), 0);
}
END_TEST

START_TEST(a_row_whose_address_and_id_are_two_leads_is_refused_and_names_both)
{
	struct bulk_row first[] = {row("", "crm-1", "{}"), row("a@example.com", "crm-2", "{}")};
	struct bulk_row rows[] = {row("a@example.com", "crm-1", "{}"), row("d@example.com", "", "{}"), row("d@example.com", "crm-2", "{}"), row("a@example.com", "crm-2", "{}")};
	struct bulk before = {.rows = first, .count = 2, .first = 1, .span = 2}, bulk = {.rows = rows, .count = 4, .first = 3, .span = 4}, trial = bulk;
	ck_assert(take(&before).ok);
	trial.trial = true;
	ck_assert_str_eq(take(&trial).error.where, "external_id");
	ck_assert_int_eq(take(&bulk).error.code, ERROR_INVALID);
	ck_assert(rows[0].taken && !rows[1].taken && rows[2].taken && !rows[3].taken);
	ck_assert(rows[0].address_of == first[1].lead_id && rows[0].id_of == first[0].lead_id);
	ck_assert(rows[2].address_of == 0 && rows[2].id_of == first[1].lead_id); /* the lead of d is not made yet */
	ck_assert_int_eq(database_count(name, "lead"), 2);
	struct bulk_row kept[] = {rows[1], rows[3]};
	bulk.rows = kept, bulk.count = 2;
	ck_assert(take(&bulk).ok);
	ck_assert_int_eq(database_count(name, "lead"), 3);
}
END_TEST

START_TEST(an_id_finds_the_lead_of_an_address_that_is_nobodys)
{
	struct bulk_row first[] = {row("", "crm-1", "{}"), row("a@example.com", "crm-2", "{}")};
	struct bulk_row rows[] = {row("b@example.com", "crm-1", "{\"set\":{}}"), row("b@example.com", "crm-3", "{\"set\":{\"title\":\"T\"}}"),
				  row("c@example.com", "crm-3", "{\"set\":{\"title\":\"T\"}}"), row("new1@example.com", "crm-9", "{\"set\":{}}"),
				  row("new2@example.com", "crm-9", "{\"set\":{}}"), row("", "crm-9", "{\"set\":{}}"), row("", "crm-10", "{\"set\":{}}"),
				  row("ten@example.com", "crm-10", "{\"set\":{}}"), row("z@example.com", "crm-2", "{\"set\":{}}")};
	for (size_t i = 0; i < 8; i++)
		rows[i].address = BULK_ADDRESS_REPLACE;
	struct bulk before = {.rows = first, .count = 2, .first = 1, .span = 2}, bulk = {.rows = rows, .count = 9, .first = 3, .span = 9};
	ck_assert(take(&before).ok);
	ck_assert(take(&bulk).ok);
	ck_assert(rows[0].lead_id == first[0].lead_id && rows[1].lead_id == first[0].lead_id && rows[2].lead_id == first[0].lead_id);
	ck_assert(rows[4].lead_id == rows[3].lead_id && rows[5].lead_id == rows[3].lead_id && rows[7].lead_id == rows[6].lead_id);
	ck_assert(rows[3].created && !rows[4].created && rows[6].created && !rows[7].created && rows[8].lead_id == first[1].lead_id);
	ck_assert_int_eq(bulk.created, 2);
	ck_assert_int_eq(database_count(name, "lead"), 4);
	ck_assert_int_eq(database_count(name, "identity"), 3 + 3 + 3 + 2 + 1);
	ck_assert_int_eq(database_count(name, "identity i where not exists (select from lead l where l.shard = i.shard and l.lead_id = i.lead_id)"), 0);
	ck_assert_int_eq(database_count(name, "event where data->'set' = '{\"email\": \"b@example.com\"}'"), 1);
	ck_assert_int_eq(database_count(name, "event where data->'set' = '{\"email\": \"c@example.com\", \"title\": \"T\"}'"), 1);
	ck_assert_int_eq(database_count(name, "event where data->'set' = '{\"title\": \"T\"}'"), 1); /* its address was known, its id was not */
	ck_assert_int_eq(database_count(name, "event where data->'set' ? 'email'"), 4);
	struct bulk again = {.rows = rows, .count = 9, .first = 12, .span = 9};
	ck_assert(take(&again).ok);
	ck_assert_int_eq(again.created, 0);
	ck_assert_int_eq(database_count(name, "identity"), 12);
}
END_TEST

START_TEST(a_new_address_is_confirmed_anew_and_is_on_the_lists_that_the_old_one_is_on)
{
	struct bulk_row first[] = {row("a@example.com", "crm-1", "{}"), row("k@example.com", "crm-2", "{}"), row("h@example.com", "crm-3", "{}")};
	struct bulk_row rows[] = {row("b@example.com", "crm-1", "{\"set\":{}}"), row("m@example.com", "crm-2", "{\"set\":{}}"), row("i@example.com", "crm-3", "{\"set\":{}}")};
	struct bulk before = {.rows = first, .count = 3, .first = 1, .span = 3}, bulk = {.rows = rows, .count = 3, .first = 4, .span = 3};
	rows[0].address = rows[2].address = BULK_ADDRESS_REPLACE; /* the second one keeps its address */
	ck_assert(take(&before).ok);
	database_ask(name, "insert into consent (shard, lead_id, at, channel, purpose, state, source) select shard, lead_id, now(), 'email', 'marketing', 'confirmed', 'form' from lead");
	database_ask(name, "insert into suppression (kind, value, channel, reason, at) values ('email', 'a@example.com', '*', 'import', now()), "
			   "('email', 'a@example.com', 'email', 'bounce', now()), ('email', 'k@example.com', '*', 'import', now()), ('email_hash', 'any', '*', 'erased', now())");
	database_ask(name, "insert into suppression (kind, value, channel, reason, at) select 'email_hash', erased_hash('h@example.com'), '*', 'erased', now()");
	ck_assert(take(&bulk).ok);
	ck_assert_int_eq(database_count(name, "consent where state = 'granted' and source = 'new address'"), 2);
	ck_assert_str_eq(database_ask(name, "select count(*) from consent where lead_id = %lld and state = 'granted'", (long long)rows[1].lead_id), "0");
	ck_assert_int_eq(database_count(name, "suppression where value = 'b@example.com' and channel = '*' and reason = 'import'"), 1);
	ck_assert_int_eq(database_count(name, "suppression where value = 'b@example.com'"), 1); /* what came back is the old mailbox's */
	ck_assert_int_eq(database_count(name, "suppression where kind = 'email_hash' and value = erased_hash('i@example.com')"), 1);
	ck_assert_int_eq(database_count(name, "suppression where value = 'm@example.com'"), 0);
}
END_TEST

static void on_id(void *arg, int64_t id, const struct error *error)
{
	struct waited *waited = arg;
	(void)id;
	database_done(waited, error);
}

START_TEST(errors_of_refused_rows_go_with_their_person_or_with_their_age)
{
	struct waited waited = {0};
	database_ask(name, "insert into import_error select %lld, n, 'email', '\"Ann@Example.com\" is no address: ' || n from generate_series(1, 3) n", (long long)job);
	database_ask(name, "update import_error set detail = 'another' where line = 2");
	ck_assert_str_eq(database_ask(name, "set role nurture_runtime; select import_errors_forget(array['ann@example.com', ''])"), "2");
	ck_assert_int_eq(database_count(name, "import_error where detail ilike '%%ann%%'"), 0);
	ck_assert_int_eq(database_count(name, "import_error where detail = 'another'"), 1);
	database_ask(name, "insert into import_group values (%lld, 1, 1, 1)", (long long)job);
	database_ask(name, "update job set state = 'done', ended_at = now() - interval '89 days'");
	store_imports_purge(store, real_now(), 100, on_id, &waited);
	ck_assert(store_wait(loop, &waited.done, 60 * MOMENT_SECOND) && waited.ok);
	ck_assert_int_eq(database_count(name, "import_error"), 3);
	database_ask(name, "update job set ended_at = now() - interval '91 days'");
	waited = (struct waited){0};
	store_imports_purge(store, real_now(), 100, on_id, &waited);
	ck_assert(store_wait(loop, &waited.done, 60 * MOMENT_SECOND) && waited.ok);
	ck_assert_int_eq(database_count(name, "import_error"), 0);
	ck_assert_int_eq(database_count(name, "import_group"), 0);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_row_tells_its_lead_once_and_a_second_row_of_it_is_an_update),
	UNIT(a_number_names_its_lead),
	UNIT(a_group_counts_once_and_only_for_its_owner),
	UNIT(a_row_that_the_database_refuses_leaves_nothing_of_its_group),
	UNIT(a_row_whose_address_and_id_are_two_leads_is_refused_and_names_both),
	UNIT(an_id_finds_the_lead_of_an_address_that_is_nobodys),
	UNIT(a_new_address_is_confirmed_anew_and_is_on_the_lists_that_the_old_one_is_on),
	UNIT(errors_of_refused_rows_go_with_their_person_or_with_their_age),
};
UNIT_MAIN_EACH("store/bulk", cases, database_begin(false), begin, end_store)
