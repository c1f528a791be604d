/* Which zones a lead may be in, and when it may be called there (turn/zones.h, base/zones.h). */
#include "turn/zones.h"

#include "base/calendar.h"
#include "unit/check_main.h"

static struct turn_facts facts;
static struct value fields[LEAD_STANDARD_COUNT];
static struct playbook playbook;
static struct turn_zones zones;

static bool from_germany(struct str number, char out[3])
{
	if (number.n < 3 || number.p[1] != '4' || number.p[2] != '9')
		return false;
	memcpy(out, "DE", 3);
	return true;
}

static void begin(void)
{
	memset(fields, 0, sizeof fields);
	facts = (struct turn_facts){.phone_country = from_germany};
	facts.lead.fields = fields;
	playbook = (struct playbook){.time_zone = "UTC"};
}

static void say(int slot, const char *text)
{
	fields[slot] = (struct value){.type = VALUE_TEXT, .text = str_of(text)};
}

static const char *by(void)
{
	turn_zones(&playbook, &facts, &zones);
	return zones.by;
}

static bool has(const char *name)
{
	for (size_t i = 0; i < zones.count; i++)
		if (strcmp(zones.names[i], name) == 0)
			return true;
	return false;
}

START_TEST(its_own_zone_then_its_address_then_its_number_then_its_account)
{
	struct account account = {0};
	struct value of_account[ACCOUNT_STANDARD_COUNT] = {0};
	ck_assert_str_eq(by(), "");
	of_account[ACCOUNT_COUNTRY] = (struct value){.type = VALUE_TEXT, .text = STR("FR")};
	account.fields = of_account;
	facts.account = &account;
	ck_assert_str_eq(by(), "account");
	ck_assert(has("Europe/Paris") && strcmp(zones.country, "FR") == 0);
	say(LEAD_PHONE, "+4930123456");
	ck_assert_str_eq(by(), "telephone");
	ck_assert(has("Europe/Berlin") && strcmp(zones.country, "DE") == 0);
	say(LEAD_COUNTRY, "US");
	ck_assert_str_eq(by(), "country");
	ck_assert(has("America/New_York") && has("Pacific/Honolulu") && zones.count > 10);
	say(LEAD_REGION, "texas");
	ck_assert_str_eq(by(), "region");
	ck_assert(zones.count == 2 && has("America/Chicago") && has("America/Denver"));
	say(LEAD_TIME_ZONE, "Asia/Kathmandu");
	ck_assert_str_eq(by(), "time zone");
	ck_assert(zones.count == 1 && has("Asia/Kathmandu"));
}
END_TEST

START_TEST(who_is_nowhere_is_never_called)
{
	struct calendar_hours open = {0};
	struct error error;
	ck_assert(calendar_hours_parse(STR("Mon-Sun"), STR("8:00"), STR("21:00"), &open, &error) == 0);
	say(LEAD_PHONE, "+80012345678");
	ck_assert_str_eq(by(), "");
	ck_assert(turn_zones_open(&zones, &open, 0) == MOMENT_NEVER);
	facts.phone_country = NULL; /* a story: nobody can be asked */
	ck_assert_str_eq(by(), "playbook");
}
END_TEST

START_TEST(where_it_may_be_it_must_be_open_everywhere)
{
	struct calendar_hours open = {0};
	struct error error;
	moment_t at, then;
	ck_assert(calendar_hours_parse(STR("Mon-Sun"), STR("8:00"), STR("21:00"), &open, &error) == 0);
	say(LEAD_COUNTRY, "US");
	turn_zones(&playbook, &facts, &zones);
	ck_assert(calendar_parse(STR("2027-03-03 9:00 America/New_York"), "UTC", &at, &error) == 0);
	ck_assert(calendar_parse(STR("2027-03-03 8:00 Pacific/Honolulu"), "UTC", &then, &error) == 0);
	ck_assert(turn_zones_open(&zones, &open, at) == then);
	ck_assert(turn_zones_open(&zones, &open, then) == then);
	ck_assert(calendar_parse(STR("2027-03-03 21:00 America/New_York"), "UTC", &at, &error) == 0);
	ck_assert(turn_zones_open(&zones, &open, at) > at);
}
END_TEST

START_TEST(states_are_known_by_code_and_name)
{
	static const char *const same[] = {"AZ", "az", "US-AZ", "Arizona", "ARIZONA"};
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		ck_assert_str_eq(zones_of_region(STR("US"), str_of(same[i])).names[0], "America/Phoenix");
	ck_assert_uint_eq(zones_of_region(STR("US"), STR("Bavaria")).count, 0);
	ck_assert_uint_eq(zones_of_region(STR("DE"), STR("AZ")).count, 0);
	ck_assert_str_eq(zones_of_region(STR("AU"), STR("QLD")).names[0], "Australia/Brisbane");
	ck_assert_uint_eq(zones_of_country(STR("de")).count, 0);
	ck_assert_uint_eq(zones_of_country(STR("XX")).count, 0);
	ck_assert(zones_of_country(STR("DE")).count >= 1);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(its_own_zone_then_its_address_then_its_number_then_its_account),
	UNIT(who_is_nowhere_is_never_called),
	UNIT(where_it_may_be_it_must_be_open_everywhere),
	UNIT(states_are_known_by_code_and_name),
};
UNIT_MAIN_EACH("turn/zones", cases, (void)0, begin, NULL)
