/* Local time in the zones that hurt, open hours and business time. */
#include "base/calendar.h"
#include "unit/check_main.h"

#include <time.h>

static moment_t at(const char *text)
{
	moment_t out = 0;
	struct error error = {0};
	ck_assert_msg(calendar_parse(str_of(text), "UTC", &out, &error) == 0, "%s: %s", text, error.message);
	return out;
}

static moment_t utc(const char *text)
{
	moment_t out = 0;
	struct error error = {0};
	ck_assert_msg(moment_parse(str_of(text), &out, &error) == 0, "%s: %s", text, error.message);
	return out;
}

static struct duration length(const char *text)
{
	struct duration d = {0};
	ck_assert_int_eq(duration_parse(str_of(text), &d, NULL), 0);
	return d;
}

static struct calendar_hours hours(const char *days, const char *from, const char *to)
{
	struct calendar_hours out = {0};
	struct error error = {0};
	ck_assert_msg(calendar_hours_parse(str_of(days), str_of(from), str_of(to), &out, &error) == 0, "%s",
		      error.message);
	return out;
}

START_TEST(a_local_time_is_the_moment_its_zone_says)
{
	ck_assert_int_eq(at("2027-03-18 15:00 Europe/Berlin"), utc("2027-03-18T14:00:00Z"));
	ck_assert_int_eq(at("2027-07-01 09:00 Europe/Berlin"), utc("2027-07-01T07:00:00Z"));
	ck_assert_int_eq(at("2027-01-01 00:00 Asia/Kathmandu"), utc("2026-12-31T18:15:00Z"));
	ck_assert_int_eq(at("2027-01-01 00:00 Australia/Lord_Howe"), utc("2026-12-31T13:00:00Z"));
	ck_assert_int_eq(at("2027-07-01 00:00 Australia/Lord_Howe"), utc("2027-06-30T13:30:00Z"));
	ck_assert_int_eq(at("2027-03-18"), utc("2027-03-18T00:00:00Z"));
}
END_TEST

START_TEST(the_hour_that_is_skipped_in_spring_is_the_moment_after_the_gap)
{
	ck_assert_int_eq(at("2027-03-28 02:30 Europe/Berlin"), utc("2027-03-28T01:00:00Z"));
	ck_assert_int_eq(at("2027-03-14 02:00 America/New_York"), utc("2027-03-14T07:00:00Z"));
	/* half an hour only */
	ck_assert_int_eq(at("2027-10-03 02:15 Australia/Lord_Howe"), utc("2027-10-02T15:30:00Z"));
	/* a whole day: Samoa had no 30 December 2011 */
	ck_assert_int_eq(at("2011-12-30 12:00 Pacific/Apia"), utc("2011-12-30T10:00:00Z"));
	ck_assert_int_eq(at("2011-12-31 00:00 Pacific/Apia"), utc("2011-12-30T10:00:00Z"));
	ck_assert_int_eq(at("2011-12-29 23:59 Pacific/Apia"), utc("2011-12-30T09:59:00Z"));
}
END_TEST

START_TEST(the_hour_that_comes_twice_in_autumn_is_the_earlier)
{
	ck_assert_int_eq(at("2027-10-31 02:30 Europe/Berlin"), utc("2027-10-31T00:30:00Z"));
	ck_assert_int_eq(at("2027-11-07 01:30 America/New_York"), utc("2027-11-07T05:30:00Z"));
	ck_assert_int_eq(at("2027-04-04 01:45 Australia/Lord_Howe"), utc("2027-04-03T14:45:00Z"));
}
END_TEST

START_TEST(local_and_back_is_the_same_moment_every_half_hour_of_years)
{
	static const char *const zones[] = {"Europe/Berlin",       "America/New_York",
					    "Australia/Lord_Howe", "Asia/Kathmandu",
					    "Pacific/Apia",        "America/Sao_Paulo",
					    "Africa/Casablanca",   "UTC"};
	for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
		moment_t end = utc("2013-01-01T00:00:00Z");
		for (moment_t m = utc("2011-01-01T00:00:00Z"); m < end; m += 30 * MOMENT_MINUTE) {
			struct calendar_local local, again;
			calendar_local(m, zones[z], &local);
			moment_t back = calendar_moment(&local, zones[z]);
			ck_assert_int_le(back, m); /* the earlier of two */
			calendar_local(back, zones[z], &again);
			ck_assert_int_eq(local.hour * 60 + local.minute, again.hour * 60 + again.minute);
			ck_assert_int_eq(local.day, again.day);
		}
	}
}
END_TEST

START_TEST(days_that_do_not_exist_are_refused_by_name)
{
	moment_t out = 0;
	struct error error = {0};
	ck_assert_int_eq(calendar_parse(STR("2027-02-30"), NULL, &out, &error), -1);
	ck_assert_str_eq(error.message, "30 February 2027 does not exist.");
	ck_assert_int_eq(calendar_parse(STR("2027-02-29 10:00 Europe/Berlin"), NULL, &out, &error), -1);
	ck_assert_str_eq(error.message, "29 February 2027 does not exist.");
	ck_assert_int_eq(calendar_parse(STR("2028-02-29"), NULL, &out, &error), 0);
	ck_assert_int_eq(calendar_parse(STR("2027-03-18 15:00 Europe/Berlim"), NULL, &out, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.message, "no time zone \"Europe/Berlim\""));
	ck_assert_int_eq(calendar_parse(STR("soon"), NULL, &out, &error), -1);
	ck_assert(!calendar_zone_known(STR("Mars/Olympus")));
	ck_assert(!calendar_zone_known(STR("GMT+3")));
	ck_assert(!calendar_zone_known(STR("")));
	ck_assert(calendar_zone_known(STR("UTC")));
}
END_TEST

START_TEST(a_month_later_is_counted_from_the_first_date)
{
	moment_t first = at("2027-01-31 09:00 Europe/Berlin");
	ck_assert_int_eq(calendar_add_months(first, 1, "Europe/Berlin"), at("2027-02-28 09:00 Europe/Berlin"));
	ck_assert_int_eq(calendar_add_months(first, 2, "Europe/Berlin"), at("2027-03-31 09:00 Europe/Berlin"));
	ck_assert_int_eq(calendar_add_months(first, 13, "Europe/Berlin"), at("2028-02-29 09:00 Europe/Berlin"));
	ck_assert_int_eq(calendar_add(at("2028-02-29 09:00"), length("1 year"), "UTC", NULL, NULL),
			 at("2029-02-28 09:00"));
}
END_TEST

START_TEST(a_day_later_is_the_same_time_on_the_wall)
{
	moment_t saturday = at("2027-03-27 09:00 Europe/Berlin");
	ck_assert_int_eq(calendar_add(saturday, length("1 day"), "Europe/Berlin", NULL, NULL),
			 saturday + 23 * MOMENT_HOUR);
	ck_assert_int_eq(calendar_add(saturday, length("24 hours"), "Europe/Berlin", NULL, NULL),
			 saturday + 24 * MOMENT_HOUR);
	ck_assert_int_eq(calendar_add_days(at("2011-12-29 08:00 Pacific/Apia"), 2, "Pacific/Apia"),
			 at("2011-12-31 08:00 Pacific/Apia"));
}
END_TEST

START_TEST(open_hours_are_read_by_day_and_by_span)
{
	struct calendar_hours h = hours("Mon-Fri 10:00-13:00 14:00-20:00; Sat", "9:00", "12:00");
	ck_assert(calendar_is_open(&h, at("2027-03-15 10:00 Europe/Paris"), "Europe/Paris"));
	ck_assert(!calendar_is_open(&h, at("2027-03-15 13:00 Europe/Paris"), "Europe/Paris"));
	ck_assert(calendar_is_open(&h, at("2027-03-20 11:59 Europe/Paris"), "Europe/Paris"));
	ck_assert(!calendar_is_open(&h, at("2027-03-21 11:00 Europe/Paris"), "Europe/Paris"));
	ck_assert_int_eq(calendar_next_open(&h, at("2027-03-15 13:30"), "UTC"), at("2027-03-15 14:00"));
	ck_assert_int_eq(calendar_next_open(&h, at("2027-03-20 12:00"), "UTC"), at("2027-03-22 10:00"));
	struct calendar_hours weekend = hours("Sat-Mon", "", "");
	ck_assert(calendar_is_open(&weekend, at("2027-03-21 23:59"), "UTC"));
	ck_assert(!calendar_is_open(&weekend, at("2027-03-23 00:00"), "UTC"));
}
END_TEST

START_TEST(hours_that_make_no_sense_are_refused)
{
	struct calendar_hours out = {0};
	struct error error = {0};
	static const char *const bad[] = {"",
					  "Mo-Fr",
					  "Mon 9-17",
					  "Mon 9:00-8:00",
					  "Mon 9:00-12:00 11:00-13:00",
					  "Mon 25:00-26:00",
					  "Mon 1:00-2:00 3:00-4:00 5:00-6:00 7:00-8:00 9:00-10:00",
					  "Mon;;Tue",
					  "Mon-"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(calendar_hours_parse(str_of(bad[i]), STR(""), STR(""), &out, &error) == -1, "%s", bad[i]);
	ck_assert_int_eq(calendar_hours_parse(STR("Mon"), STR("21:00"), STR("8:00"), &out, &error), -1);
}
END_TEST

START_TEST(holidays_are_closed_and_a_calendar_of_them_alone_is_never_open)
{
	static const int32_t days[] = {20261225, 20261228};
	struct calendar_hours h = hours("Mon-Fri", "9:00", "17:30");
	h.holidays = days;
	h.holiday_count = 2;
	ck_assert(!calendar_is_open(&h, at("2026-12-25 10:00"), "UTC"));
	ck_assert_int_eq(calendar_next_open(&h, at("2026-12-25 08:00"), "UTC"), at("2026-12-29 09:00"));
	struct calendar_hours never = {0};
	ck_assert_int_eq(calendar_next_open(&never, at("2026-12-25 08:00"), "UTC"), MOMENT_NEVER);
	ck_assert_int_eq(calendar_add(at("2026-12-25 08:00"), length("1 business day"), "UTC", &never, "UTC"),
			 MOMENT_NEVER);
	ck_assert_int_eq(calendar_add(at("2026-12-25 08:00"), length("1 business hour"), "UTC", &never, "UTC"),
			 MOMENT_NEVER);
}
END_TEST

START_TEST(an_opening_inside_the_spring_gap_and_the_autumn_fold_is_found)
{
	struct calendar_hours h = hours("Sun", "2:15", "2:45"); /* does not exist on 28 March in Berlin */
	ck_assert_int_eq(calendar_next_open(&h, at("2027-03-28 00:00 Europe/Berlin"), "Europe/Berlin"),
			 at("2027-04-04 02:15 Europe/Berlin"));
	/* second 2:00 of 31 October: the opening of that hour, not next week's */
	ck_assert_int_eq(calendar_next_open(&h, utc("2027-10-31T01:00:00Z"), "Europe/Berlin"),
			 utc("2027-10-31T01:15:00Z"));
}
END_TEST

START_TEST(business_time_counts_only_the_offices_open_hours)
{
	struct calendar_hours office = hours("Mon-Fri", "9:00", "17:30");
	const char *z = "Europe/Berlin";
	moment_t friday = at("2027-03-26 17:00 Europe/Berlin");
	ck_assert_int_eq(calendar_add(friday, length("1 business hour"), "UTC", &office, z),
			 at("2027-03-29 09:30 Europe/Berlin"));
	ck_assert_int_eq(calendar_add(friday, length("5 business minutes"), "UTC", &office, z),
			 friday + 5 * MOMENT_MINUTE);
	ck_assert_int_eq(calendar_add(friday, length("2 business days"), "UTC", &office, z),
			 at("2027-03-30 17:00 Europe/Berlin"));
	ck_assert_int_eq(calendar_add(at("2027-03-27 12:00 Europe/Berlin"), length("1 business day"), "UTC", &office,
				      z),
			 at("2027-03-29 12:00 Europe/Berlin"));
	/* no office declared: Monday to Friday, whole days */
	ck_assert_int_eq(calendar_add(at("2027-03-26 23:00"), length("2 business hours"), "UTC", NULL, "UTC"),
			 at("2027-03-29 01:00"));
	/* through the fold: an hour that comes twice is two hours of open time */
	struct calendar_hours always = hours("Mon-Sun", "", "");
	ck_assert_int_eq(calendar_add(utc("2027-10-31T00:00:00Z"), length("3 business hours"), "UTC", &always, z),
			 utc("2027-10-31T03:00:00Z"));
}
END_TEST

START_TEST(before_is_the_same_length_the_other_way)
{
	struct calendar_hours office = hours("Mon-Fri 9:00-12:00 13:00-17:00", "", "");
	const char *z = "Europe/Berlin";
	moment_t monday = at("2027-03-22 10:00 Europe/Berlin");
	ck_assert_int_eq(calendar_subtract(at("2029-02-28 09:00"), length("1 year"), "UTC", NULL, NULL), at("2028-02-28 09:00"));
	ck_assert_int_eq(calendar_subtract(at("2028-02-29 09:00"), length("1 year"), "UTC", NULL, NULL), at("2027-02-28 09:00"));
	ck_assert_int_eq(calendar_subtract(at("2027-03-31 09:00"), length("1 month"), "UTC", NULL, NULL), at("2027-02-28 09:00"));
	ck_assert_int_eq(calendar_subtract(at("2027-03-28 12:00 Europe/Berlin"), length("1 day"), z, NULL, NULL), at("2027-03-27 12:00 Europe/Berlin"));
	ck_assert_int_eq(calendar_subtract(at("2027-03-28 12:00 Europe/Berlin"), length("24 hours"), z, NULL, NULL), at("2027-03-27 11:00 Europe/Berlin"));
	ck_assert_int_eq(calendar_subtract(monday, length("1 business hour"), "UTC", &office, z), at("2027-03-22 09:00 Europe/Berlin"));
	ck_assert_int_eq(calendar_subtract(monday, length("2 business hours"), "UTC", &office, z), at("2027-03-19 16:00 Europe/Berlin"));
	ck_assert_int_eq(calendar_subtract(monday, length("7 business hours"), "UTC", &office, z), at("2027-03-19 10:00 Europe/Berlin"));
	ck_assert_int_eq(calendar_subtract(monday, length("1 business day"), "UTC", &office, z), at("2027-03-19 10:00 Europe/Berlin"));
	struct calendar_hours never = {0};
	ck_assert_int_eq(calendar_subtract(monday, length("1 business day"), "UTC", &never, "UTC"), MOMENT_NEVER);
	ck_assert_int_eq(calendar_subtract(monday, length("1 business minute"), "UTC", &never, "UTC"), MOMENT_NEVER);
	/* so long before, and so long on from there: the same moment, where the office was open at it */
	for (moment_t m = monday; m < monday + 30 * MOMENT_DAY; m += 37 * MOMENT_MINUTE) {
		moment_t back = calendar_subtract(m, length("13 business hours"), "UTC", &office, z);
		if (calendar_is_open(&office, m, z) && calendar_is_open(&office, m - 1, z))
			ck_assert_int_eq(calendar_add(back, length("13 business hours"), "UTC", &office, z), m);
	}
}
END_TEST

START_TEST(a_hundred_thousand_conversions_are_cheap)
{
	moment_t sum = 0, start = utc("2027-03-01T00:00:00Z");
	clock_t began = clock(); /* CPU, not the wall: others may want the machine */
	for (int i = 0; i < 100000; i++) {
		struct calendar_local local;
		calendar_local(start + i * MOMENT_HOUR, i % 2 ? "Europe/Berlin" : "America/New_York", &local);
		sum += local.hour;
	}
	ck_assert_int_gt(sum, 0);
	ck_assert_int_lt(clock() - began, 30 * CLOCKS_PER_SEC);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_local_time_is_the_moment_its_zone_says),
	UNIT(the_hour_that_is_skipped_in_spring_is_the_moment_after_the_gap),
	UNIT(the_hour_that_comes_twice_in_autumn_is_the_earlier),
	UNIT(local_and_back_is_the_same_moment_every_half_hour_of_years),
	UNIT(days_that_do_not_exist_are_refused_by_name),
	UNIT(a_month_later_is_counted_from_the_first_date),
	UNIT(a_day_later_is_the_same_time_on_the_wall),
	UNIT(open_hours_are_read_by_day_and_by_span),
	UNIT(hours_that_make_no_sense_are_refused),
	UNIT(holidays_are_closed_and_a_calendar_of_them_alone_is_never_open),
	UNIT(an_opening_inside_the_spring_gap_and_the_autumn_fold_is_found),
	UNIT(business_time_counts_only_the_offices_open_hours),
	UNIT(before_is_the_same_length_the_other_way),
	UNIT(a_hundred_thousand_conversions_are_cheap),
};
UNIT_MAIN("base/calendar", cases)
