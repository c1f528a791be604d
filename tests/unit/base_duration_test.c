/* Lengths of time as a playbook writes them. */
#include "base/duration.h"
#include "unit/check_main.h"

static struct duration read_ok(const char *text)
{
	struct duration d = {0};
	struct error error = {0};
	ck_assert_msg(duration_parse(str_of(text), &d, &error) == 0, "%s: %s", text, error.message);
	return d;
}

static const char *read_bad(const char *text)
{
	static struct error error;
	struct duration d = {0};
	error_clear(&error);
	ck_assert_int_eq(duration_parse(str_of(text), &d, &error), -1);
	return error.message;
}

START_TEST(singular_and_plural_mean_the_same)
{
	ck_assert_int_eq(read_ok("1 month").unit, DURATION_MONTHS);
	ck_assert_int_eq(read_ok("2 business days").unit, DURATION_BUSINESS_DAYS);
	ck_assert_int_eq(read_ok("1 business hour").unit, DURATION_BUSINESS_HOURS);
	ck_assert_int_eq(read_ok("90 days").count, 90);
}
END_TEST

START_TEST(what_was_read_is_said_again_in_the_same_words)
{
	static const char *const texts[] = {"1 minute", "5 business minutes", "1 year",
					    "3 weeks",  "1 business day",     "36 hours"};
	char out[40];
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		ck_assert_str_eq(duration_format(read_ok(texts[i]), out), texts[i]);
}
END_TEST

START_TEST(a_slip_is_told_with_the_units_there_are)
{
	ck_assert_str_eq(
		read_bad("3 buisness days"),
		"\"3 buisness days\" is not a length of time. Write a number and minutes, hours, days, weeks, months, years or "
		"business days, like \"2 business days\".");
	ck_assert_str_eq(read_bad("3"), "3 what? Write a unit: \"3 days\".");
	ck_assert_ptr_nonnull(strstr(read_bad("0 days"), "is not a length of time"));
	ck_assert_ptr_nonnull(strstr(read_bad("-1 days"), "is not a length of time"));
	ck_assert_ptr_nonnull(strstr(read_bad("1.5 days"), "is not a length of time"));
	ck_assert_ptr_nonnull(strstr(read_bad(""), "is not a length of time"));
	ck_assert_ptr_nonnull(strstr(read_bad("101 years"), "too long"));
}
END_TEST

START_TEST(looking_back_a_month_is_thirty_days)
{
	ck_assert_int_eq(duration_micros(read_ok("1 month")), 30 * MOMENT_DAY);
	ck_assert_int_eq(duration_micros(read_ok("2 weeks")), 14 * MOMENT_DAY);
	ck_assert_int_gt(duration_micros(read_ok("100 years")), 0);
	ck_assert_int_gt(duration_micros(read_ok("52000000 minutes")), 0);
}
END_TEST

START_TEST(how_long_something_is_kept_is_said_in_days_and_more)
{
	static const struct { const char *text, *same; } good[] = {{"6mo", "6 months"}, {"90d", "90 days"}, {"2w", "2 weeks"}, {"1y", "1 year"}, {"24 months", "24 months"}};
	static const struct { const char *text, *told; } bad[] = {{"6m", "Write \"6mo\" for months"}, {"36 hours", "days, weeks, months or years"},
		{"3 business days", "days, weeks, months or years"}, {"mo", "not a length"}, {"0d", "not a length"}, {"", "not a length"}, {"9999999999mo", "too long"},
		{"banana", "Write a number and days, weeks, months or years, like \"6 months\"."}};
	struct duration d = {0};
	struct error error = {0};
	char out[40];
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_msg(duration_parse_days(str_of(good[i].text), &d, &error) == 0, "%s: %s", good[i].text, error.message);
		ck_assert_str_eq(duration_format(d, out), good[i].same);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_eq(duration_parse_days(str_of(bad[i].text), &d, &error), -1);
		ck_assert_msg(strstr(error.message, bad[i].told) != NULL, "%s: %s", bad[i].text, error.message);
	}
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(how_long_something_is_kept_is_said_in_days_and_more),
	UNIT(singular_and_plural_mean_the_same),
	UNIT(what_was_read_is_said_again_in_the_same_words),
	UNIT(a_slip_is_told_with_the_units_there_are),
	UNIT(looking_back_a_month_is_thirty_days),
};
UNIT_MAIN("base/duration", cases)
