/* Leads in bulk: every lead that is somebody once, with what was asked for and nothing else. */
#include "store/scan.h"

#include "unit/store_leads.h"

enum { SEATS = LEAD_STANDARD_COUNT, INDUSTRY };

static struct scan_request everything(void)
{
	return (struct scan_request){.schema = &schema, .wants = {.accounts = true, .history = true, .scores = true, .consents = true}, .now = real_now()};
}

struct answer {
	struct waited waited;
	struct batch *page;
};

static void on_page(void *arg, struct batch *page, const struct error *error)
{
	struct answer *answer = arg;
	answer->page = page;
	database_done(&answer->waited, error);
}

static struct answer page_of(const struct scan_request *request)
{
	struct answer answer = {0};
	store_scan_page(store, request, on_page, &answer);
	store_wait(loop, &answer.waited.done, 60 * MOMENT_SECOND);
	ck_assert(answer.waited.done);
	return answer;
}

struct count {
	size_t leads, pages, enrolled;
	int64_t sum;
	int stop_at;
};

static int count_page(void *arg, struct batch *page, struct error *error)
{
	struct count *count = arg;
	int64_t last = 0;
	for (size_t i = 0; i < page->count; i++) {
		int64_t id = page->leads[i].facts.lead.id;
		ck_assert(id > last && lead_shard(id) == page->shard);
		last = id;
		count->sum += id;
		count->enrolled += page->leads[i].enrolled;
	}
	count->leads += page->count;
	count->pages++;
	return count->stop_at && (int)count->pages == count->stop_at ? error_set(error, ERROR_LIMIT, "here", "enough") : 0;
}

START_TEST(all_leads_that_are_somebody_come_once)
{
	begin_without_lease();
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at) select n & 63, n, now(), now() from generate_series(100, 2099) n;"
			   "update lead set merged_into = 105 where lead_id = 100; update lead set anonymous = true where lead_id = 101;"
			   "update lead set erased_at = now() where lead_id = 102;"
			   "insert into enrollment (shard, enrollment_id, lead_id, campaign, step, state, entered_at, step_since, over_at, revision)"
			   " select n & 63, n, n, 'c', '', case when n = 110 then 'active' else 'ended' end, now(), now(), now(), '' from generate_series(110, 111) n");
	struct scan_request request = everything();
	struct count count = {0};
	struct error error = {0};
	request.limit = 7;
	ck_assert_int_eq(store_scan(loop, store, &request, count_page, &count, &error), 0);
	ck_assert_uint_eq(count.leads, 1997);
	ck_assert_int_eq(count.sum, (int64_t)2199 * 1000 - 100 - 101 - 102);
	ck_assert_uint_eq(count.enrolled, 1);
	ck_assert_uint_ge(count.pages, 1997 / 7);
	end_store();
}
END_TEST

START_TEST(whoever_looks_at_them_can_stop)
{
	begin_without_lease();
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at) select n & 63, n, now(), now() from generate_series(100, 999) n");
	struct scan_request request = everything();
	struct count count = {.stop_at = 3};
	struct error error = {0};
	request.limit = 2;
	ck_assert_int_eq(store_scan(loop, store, &request, count_page, &count, &error), -1);
	ck_assert_uint_eq(count.pages, 3);
	ck_assert_str_eq(error.message, "enough");
	end_store();
}
END_TEST

START_TEST(no_leads_are_no_pages)
{
	begin_without_lease();
	struct scan_request request = everything();
	struct count count = {0};
	struct error error = {0};
	ck_assert_int_eq(store_scan(loop, store, &request, count_page, &count, &error), 0);
	ck_assert_uint_eq(count.pages, 0);
	end_store();
}
END_TEST

static void one_lead(void)
{
	database_ask(name, "insert into account (shard, account_id, created_at, updated_at, name, country) values (3, 67, now(), now(), 'ACME', 'DE');"
			   "insert into lead (shard, lead_id, created_at, updated_at, stage, email, city, fields, segments, account_id, quality)"
			   " values (5, 69, now(), now(), 'engaged', 'ann@acme.example', 'Bonn', '{\"seats\": 40, \"industry\": \"finance\"}', '{active,first}', 67, '{duplicate}');"
			   "insert into lead_history values (5, 69, '\\x0102');"
			   "insert into score (shard, lead_id, name, is_grade, points, grade, band, since) values (5, 69, 'fit', false, 12, null, null, now()),"
			   " (5, 69, 'g', true, null, 'A1', 'hot', now());"
			   "insert into consent (shard, lead_id, at, channel, purpose, state, source) values (5, 69, now(), 'email', '*', 'granted', 'x'),"
			   " (5, 69, now(), 'email', '*', 'withdrawn', 'x');"
			   "insert into consent_asked (shard, lead_id, channel, purpose, withdrawn, mails, at) values (5, 69, 'email', 'news', 2, '{}', now())");
}

START_TEST(a_lead_comes_with_what_scores_need)
{
	begin_without_lease();
	one_lead();
	struct scan_request request = everything();
	request.shard = 5;
	struct answer answer = page_of(&request);
	ck_assert_uint_eq(answer.page->count, 1);
	ck_assert_int_eq(answer.page->next, 0);
	const struct lead_facts *f = &answer.page->leads[0].facts;
	ck_assert(f->lead.stage == STAGE_ENGAGED && f->lead.account_id == 67 && f->lead.segment_count == 2 && f->twin);
	ck_assert(str_is(f->lead.segments[1], "first") && str_is(f->lead.fields[LEAD_CITY].text, "Bonn"));
	ck_assert(f->lead.fields[SEATS].number == 40 && str_is(f->lead.fields[INDUSTRY].text, "finance"));
	ck_assert(f->account && str_is(f->account->fields[ACCOUNT_COUNTRY].text, "DE"));
	ck_assert_uint_eq(f->packed.n, 2);
	ck_assert(f->score_count == 2 && f->scores[0].points == 12 && str_is(f->scores[1].grade, "A1") && str_is(f->scores[1].band, "hot"));
	ck_assert(f->consent_count == 2 && f->consents[0].state == CONSENT_WITHDRAWN);
	ck_assert(f->consents[1].state == CONSENT_ASKED && f->consents[1].id == 2 && str_is(f->consents[1].purpose, "news"));
	store_batch_free(answer.page);
	end_store();
}
END_TEST

START_TEST(what_is_not_wanted_is_not_read)
{
	begin_without_lease();
	one_lead();
	bool slots[LEAD_STANDARD_COUNT + 2] = {[LEAD_EMAIL] = true};
	struct scan_request request = {.schema = &schema, .wants = {.lead = slots}, .shard = 5, .now = real_now()};
	struct answer answer = page_of(&request);
	const struct lead_facts *f = &answer.page->leads[0].facts;
	ck_assert(str_is(f->lead.fields[LEAD_EMAIL].text, "ann@acme.example"));
	ck_assert(f->lead.fields[LEAD_CITY].type == VALUE_EMPTY && f->lead.fields[SEATS].type == VALUE_EMPTY);
	ck_assert(!f->account && !f->packed.n && !f->score_count && !f->consent_count);
	store_batch_free(answer.page);
	end_store();
}
END_TEST

START_TEST(who_writes_must_hold_the_lease_and_sees_who_waits)
{
	begin_without_lease();
	one_lead();
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at) select 5, (n << 6) | 5, now(), now() from generate_series(2, 4) n;"
			   "insert into inbox (shard, lane, lead_id) values (5, 2, 133), (5, 0, 133);"
			   "insert into turn_failure (shard, lead_id, failures, failed_at, retry_at, place, message) values (5, 197, 1, now(), now(), '', '');"
			   "insert into lead_wake values (5, 261, '2030-01-01')");
	struct scan_request request = everything();
	request.shard = 5;
	request.owner = "me";
	struct answer denied = page_of(&request);
	ck_assert(!denied.page && denied.waited.error.code == ERROR_DENIED);
	hold("me");
	struct answer answer = page_of(&request);
	ck_assert_uint_eq(answer.page->count, 4);
	const struct batch_lead *leads = answer.page->leads;
	ck_assert(!leads[0].in_line && leads[1].in_line && !leads[2].in_line);
	ck_assert(!leads[1].failing && leads[2].failing && leads[0].wake_at == MOMENT_NEVER && leads[3].wake_at != MOMENT_NEVER);
	ck_assert_int_gt(answer.page->epoch, 0);
	store_batch_free(answer.page);
	end_store();
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(all_leads_that_are_somebody_come_once),
	UNIT(whoever_looks_at_them_can_stop),
	UNIT(no_leads_are_no_pages),
	UNIT(a_lead_comes_with_what_scores_need),
	UNIT(what_is_not_wanted_is_not_read),
	UNIT(who_writes_must_hold_the_lease_and_sees_who_waits),
};
UNIT_MAIN_WITH("store/scan", cases, database_begin(false))
