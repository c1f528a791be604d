/* The table of lawful hours (plugins/telemarketing/law.h). */
#include "answers.h"
#include "law.h"

#include "unit/check_main.h"

#include <string.h>

static struct law *law_of(const char *hours, const char *holidays)
{
	char where[64], wrong[256];
	json_t *h = json_loads(hours, 0, NULL), *d = json_loads(holidays, 0, NULL);
	struct law *law = law_new(h, d, where, wrong);
	json_decref(h);
	json_decref(d);
	return law;
}

static int64_t open_at(struct law *law, const char *country, const char *region, const char *zone, const char *zone2, const char *at)
{
	const char *const zones[] = {zone, zone2};
	return law_open_at(law, country, region, zones, zone2 ? 2 : 1, outcome_moment(at));
}

#define OPENS(law, country, region, zone, zone2, at, then) ck_assert_int_eq(open_at(law, country, region, zone, zone2, at), outcome_moment(then))

START_TEST(it_opens_when_the_table_says)
{
	struct law *law = law_of("{\"DE\": \"Mon-Fri 9:00-13:00 14:00-20:00; Sat 10:00-16:00\"}", "{}");
	OPENS(law, "DE", "", "Europe/Berlin", NULL, "2027-03-03T08:10:00Z", "2027-03-03T08:10:00Z"); /* a Wednesday, 9:10 there */
	OPENS(law, "DE", "", "Europe/Berlin", NULL, "2027-03-03T07:50:00Z", "2027-03-03T08:00:00Z");
	OPENS(law, "DE", "", "Europe/Berlin", NULL, "2027-03-03T12:05:00Z", "2027-03-03T13:00:00Z");
	OPENS(law, "DE", "", "Europe/Berlin", NULL, "2027-03-03T19:00:00Z", "2027-03-04T08:00:00Z");
	OPENS(law, "DE", "", "Europe/Berlin", NULL, "2027-03-06T15:30:00Z", "2027-03-08T08:00:00Z"); /* Saturday evening: Monday */
	OPENS(law, "FR", "", "Europe/Paris", NULL, "2027-03-03T02:00:00Z", "2027-03-03T02:00:00Z"); /* the table says nothing of it */
	law_free(law);
}
END_TEST

START_TEST(a_region_stands_instead_of_its_country_and_holidays_are_closed)
{
	struct law *law = law_of("{\"US\": \"8:00-21:00\", \"US_AL\": \"Mon-Sat 8:00-20:00\"}", "{\"US\": [\"12-25\"], \"US_AL\": [\"2027-03-03\"]}");
	OPENS(law, "US", "TX", "America/Chicago", NULL, "2027-03-08T02:30:00Z", "2027-03-08T02:30:00Z"); /* Sunday 20:30 */
	OPENS(law, "US", "AL", "America/Chicago", NULL, "2027-03-08T02:30:00Z", "2027-03-08T14:00:00Z");
	OPENS(law, "US", "US-AL", "America/Chicago", NULL, "2027-03-08T02:30:00Z", "2027-03-08T14:00:00Z");
	OPENS(law, "US", "AL", "America/Chicago", NULL, "2027-03-03T15:00:00Z", "2027-03-04T14:00:00Z"); /* its own holiday */
	OPENS(law, "US", "AL", "America/Chicago", NULL, "2027-12-25T15:00:00Z", "2027-12-27T14:00:00Z"); /* the country's, and then Sunday */
	law_free(law);
}
END_TEST

START_TEST(where_the_region_is_no_code_it_must_be_open_in_all)
{
	struct law *law = law_of("{\"US\": \"8:00-21:00\", \"US_AL\": \"Mon-Sat 8:00-20:00\"}", "{}");
	static const char *const vague[] = {"", "Alabama", "Unknown"};
	for (size_t i = 0; i < sizeof vague / sizeof *vague; i++) {
		OPENS(law, "US", vague[i], "America/Chicago", NULL, "2027-03-07T18:00:00Z", "2027-03-08T14:00:00Z"); /* Sunday noon: Alabama's Monday */
		OPENS(law, "US", vague[i], "America/Chicago", NULL, "2027-03-08T18:00:00Z", "2027-03-08T18:00:00Z");
	}
	OPENS(law, "US", "us-al", "America/Chicago", NULL, "2027-03-07T18:00:00Z", "2027-03-08T14:00:00Z"); /* whatever its case */
	OPENS(law, "US", "tx", "America/Chicago", NULL, "2027-03-07T18:00:00Z", "2027-03-07T18:00:00Z");
	law_free(law);
}
END_TEST

START_TEST(days_and_places_that_are_none_are_refused)
{
	static const struct { const char *hours, *holidays, *where; } all[] = {
		{"{}", "{\"DE\": [\"2027-02-30\"]}", "holidays.DE"}, {"{}", "{\"DE\": [\"02-30\"]}", "holidays.DE"}, {"{}", "{\"DE\": [\"2027-02-29\"]}", "holidays.DE"},
		{"{\"XX\": \"8:00-21:00\"}", "{}", "hours.XX"},       {"{\"UK\": \"8:00-21:00\"}", "{}", "hours.UK"}, {"{\"US_ZZ\": \"8:00-21:00\"}", "{}", "hours.US_ZZ"},
		{"{\"US_A\": \"8:00-21:00\"}", "{}", "hours.US_A"}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		char where[64], wrong[256];
		json_t *h = json_loads(all[i].hours, 0, NULL), *d = json_loads(all[i].holidays, 0, NULL);
		ck_assert_msg(!law_new(h, d, where, wrong) && strcmp(where, all[i].where) == 0 && *wrong, "%s %s", all[i].hours, all[i].holidays);
		json_decref(h);
		json_decref(d);
	}
	struct law *law = law_of("{\"US_AL\": \"8:00-20:00\", \"GB\": \"8:00-20:00\", \"FR_75\": \"8:00-20:00\"}", "{\"DE\": [\"02-29\", \"2028-02-29\"]}");
	ck_assert_ptr_nonnull(law);
	law_free(law);
}
END_TEST

START_TEST(where_the_zone_is_not_known_it_must_be_open_in_all)
{
	struct law *law = law_of("{\"US\": \"8:00-21:00\"}", "{}");
	OPENS(law, "US", "", "America/New_York", "Pacific/Honolulu", "2027-03-03T14:00:00Z", "2027-03-03T18:00:00Z"); /* 8 in Honolulu */
	OPENS(law, "US", "", "America/New_York", "Pacific/Honolulu", "2027-03-03T01:55:00Z", "2027-03-03T01:55:00Z"); /* 20:55 in New York */
	OPENS(law, "US", "", "America/New_York", "Pacific/Honolulu", "2027-03-03T02:00:00Z", "2027-03-03T18:00:00Z");
	law_free(law);
}
END_TEST

START_TEST(clocks_go_forward_and_back_with_the_place)
{
	struct law *law = law_of("{\"DE\": \"9:00-20:00\"}", "{}");
	OPENS(law, "DE", "", "Europe/Berlin", NULL, "2027-03-27T22:00:00Z", "2027-03-28T07:00:00Z"); /* summer time since the night */
	OPENS(law, "DE", "", "Europe/Berlin", NULL, "2027-10-30T22:00:00Z", "2027-10-31T08:00:00Z");
	law_free(law);
}
END_TEST

START_TEST(never_open_is_never)
{
	struct law *law = law_of("{\"DE\": \"Mon 9:00-10:00\"}", "{\"DE\": [\"2027-03-01\", \"2027-03-08\", \"2027-03-15\"]}");
	ck_assert_int_eq(open_at(law, "DE", "", "Europe/Berlin", NULL, "2027-02-28T12:00:00Z"), 0);
	ck_assert_int_eq(open_at(law, "DE", "", "No/Where", NULL, "2027-02-28T12:00:00Z"), 0);
	law_free(law);
}
END_TEST

START_TEST(wrong_tables_are_refused)
{
	static const char *const wrong[] = {"{\"DE\": 5}", "{\"DE\": \"\"}", "{\"DE\": \"9-20\"}", "{\"DE\": \"20:00-9:00\"}", "{\"DE\": \"Mon-Frei 9:00-20:00\"}", "{\"DE\": \"25:00-26:00\"}",
					    "{\"de\": \"9:00-20:00\"}", "{\"Germany\": \"9:00-20:00\"}", "{\"US_\": \"9:00-20:00\"}", "{\"DE\": \"Mon\"}", "{\"DE\": \"8:00-20:50\"}", "{\"DE\": \"8:10-20:00\"}"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct law *law = law_of(wrong[i], "{}");
		ck_assert_msg(!law, "%s", wrong[i]);
	}
	ck_assert(!law_of("{}", "{\"DE\": [\"13-40\"]}"));
	ck_assert(!law_of("{}", "{\"DE\": \"12-25\"}"));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(it_opens_when_the_table_says),
	UNIT(a_region_stands_instead_of_its_country_and_holidays_are_closed),
	UNIT(where_the_region_is_no_code_it_must_be_open_in_all),
	UNIT(days_and_places_that_are_none_are_refused),
	UNIT(where_the_zone_is_not_known_it_must_be_open_in_all),
	UNIT(clocks_go_forward_and_back_with_the_place),
	UNIT(never_open_is_never),
	UNIT(wrong_tables_are_refused),
};
UNIT_MAIN("telemarketing/law", cases)
