/* What may go when: so many a minute, a new sender's days, tries for days; domains and providers; complaints and the brake; whether the sender is broken.
 * All with a clock of their own. */
#include "address.h"
#include "brake.h"
#include "providers.h"
#include "quota.h"
#include "sender.h"
#include "unit/check_main.h"

#include <string.h>

static const int64_t second = 1000000, minute = 60 * INT64_C(1000000), day = 86400 * INT64_C(1000000);

START_TEST(so_many_a_minute_go_and_no_more_evenly_and_without_a_burst_behind_a_pause)
{
	static const uint32_t rates[] = {1, 7, 60, 90, 600, 6000};
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
		struct bucket b;
		unsigned went = 0;
		bucket_init(&b, rates[i]);
		for (int64_t now = 1; now <= 10 * minute; now += 10000)
			while (bucket_has(&b, now)) {
				bucket_take(&b, now);
				went++;
			}
		ck_assert_msg(went >= rates[i] * 10 - 1 && went <= rates[i] * 10 + 1, "%u a minute: %u in ten", rates[i], went);
		int64_t late = 100 * minute;
		for (went = 0; bucket_has(&b, late); went++)
			bucket_take(&b, late);
		ck_assert_uint_le(went, rates[i] / 60 + 1);
		int64_t when = bucket_when(&b, late);
		ck_assert(when > late && !bucket_has(&b, late) && bucket_has(&b, when));
	}
}
END_TEST

START_TEST(what_did_not_go_is_given_back_and_no_limit_is_none)
{
	struct bucket b;
	bucket_init(&b, 60);
	bucket_take(&b, 1);
	ck_assert(!bucket_has(&b, 1));
	bucket_refund(&b);
	ck_assert(bucket_has(&b, 1));
	bucket_init(&b, 0);
	for (int i = 0; i < 1000; i++)
		bucket_take(&b, 1);
	ck_assert(bucket_has(&b, 1));
	ck_assert_int_eq(bucket_when(&b, 1), 1);
}
END_TEST

START_TEST(a_new_sender_grows_by_days_until_there_is_no_limit)
{
	struct warm_up w = {.from = 20000 * day, .first_day = 50, .grows = 1.5, .most = 1000};
	static const uint32_t days[] = {50, 75, 112, 168, 253, 379, 569, 854};
	ck_assert_uint_eq(warm_up_limit(&w, w.from - 1), 0);
	for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
		ck_assert_uint_eq(warm_up_limit(&w, w.from + (int64_t)i * day), days[i]);
		ck_assert_uint_eq(warm_up_limit(&w, w.from + (int64_t)i * day + day - 1), days[i]);
	}
	ck_assert_uint_eq(warm_up_limit(&w, w.from + 8 * day), UINT32_MAX);
	ck_assert_uint_eq(warm_up_limit(&w, w.from + 100000 * day), UINT32_MAX);
	ck_assert_uint_eq(warm_up_limit(&(struct warm_up){0}, 5), UINT32_MAX);
}
END_TEST

START_TEST(a_letter_is_tried_with_growing_waits_for_three_days_and_then_no_more)
{
	static const uint32_t first[] = {300, 900, 1800, 3600, 7200, 14400, 14400};
	uint64_t all = 0;
	uint32_t attempt = 1, before = 0;
	for (uint32_t wait; (wait = retry_wait(&retry_standard, attempt, 0)) != 0; attempt++) {
		if (attempt <= 7)
			ck_assert_uint_eq(wait, first[attempt - 1]);
		ck_assert_uint_ge(wait, before);
		before = wait;
		all += wait;
	}
	ck_assert_uint_le(all, 3 * 86400);
	ck_assert_uint_gt(all + 14400, 3 * 86400);
	ck_assert_uint_eq(retry_wait(&retry_standard, 4000000000u, 0), 0);
	ck_assert_uint_eq(retry_wait(&retry_standard, 0, 0), 300);
	ck_assert_uint_eq(retry_wait(&retry_standard, 1, 14400), 14400);
	ck_assert_uint_eq(retry_wait(&retry_standard, 18, 14400), 14400);
	ck_assert_uint_eq(retry_wait(&retry_standard, 19, 14400), 0);
}
END_TEST

START_TEST(domains_are_known_by_name_pattern_and_provider)
{
	ck_assert_str_eq(provider_name(provider_of("gmail.com")), "google");
	ck_assert_str_eq(provider_name(provider_of("hotmail.co.uk")), "microsoft");
	ck_assert_str_eq(provider_name(provider_of("yahoo.com.br")), "yahoo");
	ck_assert_str_eq(provider_name(provider_of("outlook.example.com")), "other");
	ck_assert_str_eq(provider_name(provider_of("notgmail.com")), "other");
	ck_assert_str_eq(provider_name(provider_of("gmail.com.example.net")), "other");
	ck_assert_str_eq(provider_name(provider_of("")), "other");
	ck_assert(!provider_is_large(provider_of("example.com")) && provider_is_large(provider_of("icloud.com")));
	ck_assert(domain_fits("*.example.com", "example.com") && domain_fits("*.example.com", "a.b.example.com"));
	ck_assert(!domain_fits("*.example.com", "badexample.com") && !domain_fits("example.com", "a.example.com"));
	ck_assert(domain_fits("google", "googlemail.com") && !domain_fits("google", "google.com") && domain_fits("other", "example.com"));
	ck_assert_ptr_null(domain_pattern_problem("gmail.com"));
	ck_assert_ptr_null(domain_pattern_problem("*.outlook.com"));
	ck_assert_ptr_null(domain_pattern_problem("yahoo.*"));
	ck_assert_ptr_null(domain_pattern_problem("microsoft"));
	static const char *const none[] = {"", "*", "*.", "goggle", "Gmail.com", "*.a.*", "a b.com", ".com", "b\xc3\xbc" "cher.example", "a@gmail.com"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		ck_assert_msg(domain_pattern_problem(none[i]) != NULL, "%s", none[i]);
}
END_TEST

static const struct brake_settings limits = {.warn = 0.001, .slow = 0.002, .stop = 0.003};

START_TEST(complaints_warn_slow_and_stop_one_provider_and_grow_old)
{
	struct brake b;
	int64_t now = 20000 * day;
	unsigned google = provider_of("gmail.com"), yahoo = provider_of("yahoo.com");
	brake_init(&b, &limits);
	for (int i = 0; i < 2000; i++)
		brake_sent(&b, google, now), brake_sent(&b, yahoo, now);
	static const enum brake_state states[] = {BRAKE_FREE, BRAKE_FREE, BRAKE_FREE, BRAKE_WARN, BRAKE_SLOW, BRAKE_SLOW, BRAKE_STOP};
	for (int i = 0; i < 7; i++) {
		ck_assert_msg(brake_state(&b, google, now) == states[i], "%d complaints", i);
		brake_complained(&b, google, (uint64_t)i + 1, now);
	}
	ck_assert(!brake_lets(&b, google, now) && brake_lets(&b, yahoo, now));
	ck_assert_int_eq(brake_state(&b, google, now + 6 * day), BRAKE_STOP);
	ck_assert_int_eq(brake_state(&b, google, now + 7 * day), BRAKE_FREE);
	ck_assert_int_eq(brake_state(&b, yahoo, now), BRAKE_FREE);
}
END_TEST

START_TEST(few_complaints_never_brake_and_a_slowed_provider_gets_one_in_ten)
{
	struct brake b;
	int64_t now = 20000 * day;
	brake_init(&b, &limits);
	brake_sent(&b, 0, now);
	brake_complained(&b, 0, 1, now);
	brake_complained(&b, 0, 2, now);
	ck_assert_int_eq(brake_state(&b, 0, now), BRAKE_FREE);
	brake_complained(&b, 0, 3, now);
	ck_assert_int_eq(brake_state(&b, 0, now), BRAKE_STOP);
	for (int i = 0; i < 1199; i++)
		brake_sent(&b, 0, now);
	ck_assert_int_eq(brake_state(&b, 0, now), BRAKE_SLOW);
	int went = 0;
	for (int i = 0; i < 1000; i++)
		went += brake_lets(&b, 0, now);
	ck_assert_int_eq(went, 100);
}
END_TEST

START_TEST(counters_survive_a_restart_and_odd_notes_are_nothing)
{
	struct brake b, again;
	int64_t now = 20000 * day;
	uint32_t sent, complaints;
	brake_init(&b, &limits);
	for (int i = 0; i < 9; i++) {
		for (int n = 0; n < 100 + i; n++)
			brake_sent(&b, 1, now + i * day);
		brake_complained(&b, 1, (uint64_t)i + 1, now + i * day);
	}
	json_t *notes = brake_notes(&b);
	brake_init(&again, &limits);
	brake_recall(&again, notes);
	brake_sums(&again, 1, now + 8 * day, &sent, &complaints);
	ck_assert_uint_eq(sent, 102 + 103 + 104 + 105 + 106 + 107 + 108);
	ck_assert_uint_eq(complaints, 7);
	json_decref(notes);
	notes = json_pack("{s:[[i,i],[s,i,i],[i,i,i],n], s:i}", "google", 1, 2, "a", 1, 2, -1, 2, 3, "yahoo", 5);
	brake_init(&again, &limits);
	brake_recall(&again, notes);
	brake_recall(&again, NULL);
	brake_sums(&again, 0, now, &sent, &complaints);
	ck_assert_uint_eq(sent + complaints, 0);
	json_decref(notes);
}
END_TEST

START_TEST(one_odd_domain_is_no_broken_sender_a_large_provider_or_two_domains_are)
{
	struct sender s = {0};
	int64_t now = 20000 * day;
	ck_assert(sender_is_broken(&s, true, "gmail.com", now));
	ck_assert(!sender_is_broken(&s, false, "a.example", now));
	ck_assert(!sender_is_broken(&s, false, "a.example", now + second));
	ck_assert(sender_is_broken(&s, false, "b.example", now + 2 * second));
	ck_assert(!sender_is_broken(&s, false, "a.example", now));
	ck_assert(!sender_is_broken(&s, false, "b.example", now + day));
}
END_TEST

START_TEST(one_person_who_complains_again_and_again_counts_once_in_seven_days)
{
	struct brake b;
	int64_t now = 20000 * day;
	brake_init(&b, &limits);
	for (int i = 0; i < 100; i++)
		brake_sent(&b, 0, now);
	ck_assert(brake_complained(&b, 0, address_person("ann.lee@gmail.com"), now));
	static const char *const same[] = {"ann.lee@gmail.com", "Annlee@GMAIL.com", "annlee+news@gmail.com", "a.nn.lee+@gmail.com"};
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		ck_assert_msg(!brake_complained(&b, 0, address_person(same[i]), now + 6 * day), "%s", same[i]);
	ck_assert_int_eq(brake_state(&b, 0, now), BRAKE_FREE);
	ck_assert(brake_complained(&b, 0, address_person("bob@gmail.com"), now) && brake_complained(&b, 0, address_person("annlee@gmail.org"), now));
	ck_assert_int_eq(brake_state(&b, 0, now), BRAKE_STOP);
	ck_assert(brake_complained(&b, 0, address_person("ann.lee@gmail.com"), now + 7 * day));
}
END_TEST

START_TEST(what_comes_back_for_the_sender_s_sake_is_believed_of_three_people_in_an_hour)
{
	struct sender s = {0};
	int64_t now = 20000 * day, hour = 3600 * second;
	for (int i = 0; i < 50; i++) /* one person, however often */
		ck_assert(!sender_came_back(&s, true, i % 2 ? "ann@gmail.com" : "an.n+x@gmail.com", now + i));
	ck_assert(!sender_came_back(&s, true, "bob@gmail.com", now));
	ck_assert(sender_came_back(&s, true, "cid@gmail.com", now));
	ck_assert(!sender_came_back(&s, true, "dan@gmail.com", now)); /* it begins anew */
	ck_assert(!sender_came_back(&s, true, "eve@gmail.com", now));
	ck_assert(!sender_came_back(&s, true, "fay@gmail.com", now + hour + second)); /* too long ago */
	s = (struct sender){0};
	for (char who[] = "a@small.example"; *who < 'k'; ++*who) /* one small domain */
		ck_assert(!sender_came_back(&s, false, who, now));
	ck_assert(sender_came_back(&s, false, "z@other.example", now));
}
END_TEST

START_TEST(ten_refused_by_policy_in_a_row_are_too_many_and_one_taken_begins_anew)
{
	struct sender s = {0};
	for (int i = 0; i < 9; i++)
		ck_assert(!sender_is_refused(&s));
	sender_is_taken(&s);
	for (int i = 0; i < 9; i++)
		ck_assert(!sender_is_refused(&s));
	ck_assert(sender_is_refused(&s));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(so_many_a_minute_go_and_no_more_evenly_and_without_a_burst_behind_a_pause),
	UNIT(what_did_not_go_is_given_back_and_no_limit_is_none),
	UNIT(a_new_sender_grows_by_days_until_there_is_no_limit),
	UNIT(a_letter_is_tried_with_growing_waits_for_three_days_and_then_no_more),
	UNIT(domains_are_known_by_name_pattern_and_provider),
	UNIT(complaints_warn_slow_and_stop_one_provider_and_grow_old),
	UNIT(few_complaints_never_brake_and_a_slowed_provider_gets_one_in_ten),
	UNIT(counters_survive_a_restart_and_odd_notes_are_nothing),
	UNIT(one_odd_domain_is_no_broken_sender_a_large_provider_or_two_domains_are),
	UNIT(one_person_who_complains_again_and_again_counts_once_in_seven_days),
	UNIT(what_comes_back_for_the_sender_s_sake_is_believed_of_three_people_in_an_hour),
	UNIT(ten_refused_by_policy_in_a_row_are_too_many_and_one_taken_begins_anew),
};
UNIT_MAIN("email/quota", cases)
