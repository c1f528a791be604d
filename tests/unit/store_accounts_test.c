/* Accounts: whose a lead is, what it adds to its company, and who of its people is woken. */
#include "store/accounts.h"

#include "unit/store_leads.h"

/* One turn of that lead, which adds so much to its account. */
static void adds(int64_t lead, const char *packed, int role)
{
	struct batch *batch = load(lead);
	struct save_lead s = {.wake_at = MOMENT_NEVER, .member = {.belongs = true, .changed = true, .packed = str_of(packed), .role = role, .seen = STR("s"),
								   .cause = STR("page.view")}};
	for (size_t i = 0; i < batch->count; i++)
		if (batch->leads[i].facts.lead.id == lead)
			s.before = &batch->leads[i];
	struct waited waited = save_as("me", batch, &s, 1);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	store_batch_free(batch);
}

struct got_accounts {
	struct waited waited;
	struct account_batch *batch;
};

static void on_accounts(void *arg, struct account_batch *batch, const struct error *error)
{
	struct got_accounts *got = arg;
	got->batch = batch;
	database_done(&got->waited, error);
}

static struct account_batch *load_accounts(const char *words)
{
	struct got_accounts got = {0};
	struct account_request request = {.owner = "me", .shard = atoi(database_ask(name, "select shard from account")), .now = real_now(), .words = words, .stale = true};
	store_accounts_load(store, &schema, &request, on_accounts, &got);
	store_wait(loop, &got.waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(got.waited.ok, "%s", got.waited.error.message);
	return got.batch;
}

static struct waited save_account(struct account_batch *batch, const char *patch, unsigned wake)
{
	struct waited waited = {0};
	struct save_account account = {.row = &batch->rows[0], .patch = str_of(patch), .wake = wake};
	for (size_t i = 0; i < batch->rows[0].message_count; i++) { /* what its turn would do */
		struct account_member member;
		if (account_member_read(batch->rows[0].messages[i].was, &member))
			account_summary_add(batch->rows[0].summary, &member, -1, batch->arena);
		if (account_member_read(batch->rows[0].messages[i].now, &member))
			account_summary_add(batch->rows[0].summary, &member, 1, batch->arena);
	}
	account.packed = account_summary_write(batch->rows[0].summary, batch->arena);
	struct accounts_save save = {.owner = "me", .revision = "r", .words = "w", .batch = batch, .accounts = &account, .count = 1};
	store_accounts_save(store, &save, database_done, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	store_accounts_free(batch);
	return waited;
}

/* Until nobody is to be woken any more: a wake falls due in a moment of machine time. */
static void wake_all(void)
{
	int shard = atoi(database_ask(name, "select shard from account"));
	while (database_count(name, "account_inbox where wake is not null")) {
		struct waited waited = {0};
		store_accounts_wake(store, "me", shard, 0, database_done, &waited);
		store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
		ck_assert_msg(waited.ok, "%s", waited.error.message);
	}
}

START_TEST(colleagues_share_an_account_and_free_mail_does_not_make_one)
{
	/* the registered domain is the company, a public suffix or a free-mail domain is none */
	static const char *const emails[] = {"ann@acme.example", "bob@mail.acme.example", "eve@gmail.com", "joe@co.uk", "kim@mailinator.com"};
	for (size_t i = 0; i < 5; i++)
		adds(event(emails[i], "page.view", false), "0 1", 0);
	ck_assert_int_eq(database_count(name, "account"), 1);
	ck_assert_int_eq(database_count(name, "lead where account_id is not null"), 2);
	ck_assert_int_eq(database_count(name, "account_member"), 2);
	database_ask(name, "insert into account_inbox (shard, account_id, data) select shard, account_id, '{\"set\": {\"country\": \"DE\", \"size\": 9}}' from account");
	struct account_batch *batch = load_accounts("w");
	ck_assert(batch->count == 1 && batch->rows[0].is_new && batch->rows[0].message_count == 3 && str_starts(batch->rows[0].messages[2].set, STR("{")));
	struct waited waited = save_account(batch, "{\"country\": \"DE\", \"size\": 9}", 127);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	ck_assert_str_eq(database_ask(name, "select country || fields from account"), "DE{\"size\": 9}");
	ck_assert_str_eq(database_ask(name, "select people || ' ' || packed from account_summary"), "2 1 2 0 0 0 0 0 0\n");
	wake_all();
	ck_assert_int_eq(database_count(name, "inbox where lane = 2"), 2);
	ck_assert_int_eq(database_count(name, "account_inbox"), 0);
	int64_t colleague = event("cy@acme.example", "page.view", false);
	adds(colleague, "0 1", 0);
	char where[80];
	snprintf(where, sizeof where, "inbox where lane = 0 and lead_id = %lld", (long long)colleague);
	ck_assert_int_eq(database_count(name, where), 1); /* it joins one of which something is known: it looks again */
}
END_TEST

START_TEST(what_a_lead_adds_is_counted_once_and_its_turn_knows_as_what)
{
	int64_t lead = event("ann@acme.example", "page.view", false), account;
	adds(lead, "4 1 0123456789", 4);
	account = atoll(database_ask(name, "select account_id from account"));
	event("ann@acme.example", "page.view", false);
	struct batch *leads = load(lead);
	ck_assert(str_is(leads->leads[0].facts.sent, "4 1 0123456789") && leads->leads[0].facts.applied.n == 0); /* told, not counted yet */
	store_batch_free(leads);
	ck_assert(save_account(load_accounts("w"), "", 0).ok);
	leads = load(lead);
	ck_assert(str_is(leads->leads[0].facts.applied, "4 1 0123456789") && leads->leads[0].facts.account->summary->people[4] == 1);
	store_batch_free(leads);
	adds(lead, "4 1 0123456789", 4); /* nothing new: nobody is told */
	ck_assert_int_eq(database_count(name, "account_inbox"), 0);
	event("ann@acme.example", "page.view", false);
	adds(lead, "5 1", 5);
	event("ann@acme.example", "page.view", false);
	adds(lead, "5 0", 5);
	event("ann@acme.example", "page.view", false);
	leads = load(lead);
	ck_assert(str_is(leads->leads[0].facts.sent, "5 0") && str_is(leads->leads[0].facts.applied, "4 1 0123456789"));
	store_batch_free(leads);
	struct account_batch *batch = load_accounts("w"), *again = load_accounts("w");
	ck_assert(batch->rows[0].account->id == account && batch->rows[0].message_count == 2 && str_is(batch->rows[0].messages[1].was, "5 1"));
	ck_assert(save_account(batch, "", 0).ok);
	ck_assert_str_eq(database_ask(name, "select people || packed from account_summary"), "01 0 0 0 0 0 0 0\n");
	ck_assert_int_eq(save_account(again, "", 0).error.code, ERROR_DENIED); /* its messages were counted already: not twice */
	batch = load_accounts("w");
	again = load_accounts("others");
	ck_assert(batch->stale_over);
	ck_assert_uint_eq(again->count, 1); /* summed up by other words: it looks again */
	store_accounts_free(batch);
	store_accounts_free(again);
}
END_TEST

START_TEST(people_of_a_big_account_are_woken_page_by_page_by_their_roles_and_a_change_meanwhile_begins_again)
{
	adds(event("ann@acme.example", "page.view", false), "0 1", 0);
	ck_assert(save_account(load_accounts("w"), "", 0).ok);
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at, account_id) select n & 63, (n::int8 << 6) | (n & 63), now(), now(), a.account_id"
			   " from generate_series(1000001, 1011000) n, account a;"
			   "insert into account_member select l.shard, l.lead_id, l.account_id, case when l.lead_id & 64 = 0 then 3 else 4 end, '4 1' from lead l"
			   " where not exists (select from account_member m where m.lead_id = l.lead_id)");
	database_ask(name, "insert into account_inbox (shard, account_id) select shard, account_id from account");
	ck_assert(save_account(load_accounts("w"), "", 1 << 4).ok);
	database_ask(name, "update account_inbox set due_at = clock_timestamp()");
	struct waited waited = {0};
	store_accounts_wake(store, "me", atoi(database_ask(name, "select shard from account")), 0, database_done, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	int first = database_count(name, "inbox where lane = 2");
	ck_assert(waited.ok && first > 1000 && first <= 5000);
	database_ask(name, "insert into account_inbox (shard, account_id) select shard, account_id from account");
	ck_assert(save_account(load_accounts("w"), "", 1 << 3).ok); /* the other role, while the first is being woken */
	wake_all();
	ck_assert_int_eq(database_count(name, "inbox where lane = 2 and lead_id & 64 <> 0"), 5500);
	ck_assert_int_eq(database_count(name, "inbox where lane = 2 and lead_id & 64 = 0"), 5500);
	ck_assert_int_eq(database_count(name, "(select lead_id from inbox where lane = 2 group by 1 having count(*) > 1) x"), 0);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(colleagues_share_an_account_and_free_mail_does_not_make_one),
	UNIT(what_a_lead_adds_is_counted_once_and_its_turn_knows_as_what),
	UNIT(people_of_a_big_account_are_woken_page_by_page_by_their_roles_and_a_change_meanwhile_begins_again),
};
UNIT_MAIN_EACH("store/accounts", cases, database_begin(false), begin, end_store)
