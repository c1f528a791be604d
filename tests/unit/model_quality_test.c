/* Quality: what a lead's own fields give away, and, as important, what they do not. */
#include "model/quality.h"
#include "unit/check_main.h"

START_TEST(addresses_lent_for_minutes_are_known_also_below_a_domain)
{
	ck_assert(quality_is_disposable(STR("mailinator.com")));
	ck_assert(quality_is_disposable(STR("a.b.Mailinator.com")));
	ck_assert(quality_is_disposable(STR("0-mail.com")) && quality_is_disposable(STR("zoemail.net"))); /* first and last of the list */
	ck_assert(!quality_is_disposable(STR("notmailinator.com")));
	ck_assert(!quality_is_disposable(STR("mailinator.com.example")));
	ck_assert(!quality_is_disposable(STR("com")) && !quality_is_disposable(STR("")));
	ck_assert(quality_is_free_mail(STR("gmail.com")) && !quality_is_free_mail(STR("acme.example")));
}
END_TEST

START_TEST(an_address_of_a_function_is_no_persons)
{
	static const char *const roles[] = {"info", "SALES", "info+fair", "no-reply", "vertrieb", "list-request"};
	static const char *const people[] = {"ann", "info.ann", "salesman", "", "i"};
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		ck_assert_msg(quality_is_role(str_of(roles[i])), "%s", roles[i]);
	for (size_t i = 0; i < sizeof people / sizeof *people; i++)
		ck_assert_msg(!quality_is_role(str_of(people[i])), "%s", people[i]);
}
END_TEST

START_TEST(numbers_that_nobody_can_call_are_told_from_those_written_differently)
{
	static const char *const bad[] = {"1", "12345", "+49 1111111111", "123456789", "+1 202 555", "+1 202 555 01 01 01", "call me", "+0 30 123456",
					  "0000000", "+4930901820001234567", "5555555555", "+", "+33 1 23 45 67"};
	static const char *const good[] = {"+49 30 901820", "+1 (202) 555-0101", "0049 30 901820", "030 / 90 18 20", "+44 20 7946 0958",
					   "+33 1 42 68 53 00", "202-555-0101 x12", "+492219018203;ext=12", "+41 44 668 18 00", "+683 4123456"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(quality_is_impossible(str_of(bad[i]), PHONE_UNKNOWN), "%s", bad[i]);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(!quality_is_impossible(str_of(good[i]), PHONE_UNKNOWN), "%s", good[i]);
}
END_TEST

START_TEST(what_the_hand_typed_to_get_past_a_form_is_noise_and_names_of_people_are_not)
{
	static const char *const noise[] = {"asdf", "Asdfgh", "qwertz", "lkjhgf", "xxx", "aaaa", "asasas", "jkljkljkl", "Test", "n/a", "???", "asdf asdf",
					    "bcdfgh", "Mustermann", " none "};
	static const char *const names[] = {"Ann", "Li", "Ng", "Schwarz", "Krc", "Hirschsprung", "O'Neill", "Müller", "李", "Anna-Lena", "Jürgen van der Berg",
					    "Aaron", "Bobo", "Lulu", "Weert", "Knightsbridge Ltd", "IBM", "3M", "BMW AG", "HSBC", "Oppo", "Testa", ""};
	for (size_t i = 0; i < sizeof noise / sizeof *noise; i++)
		ck_assert_msg(quality_is_noise(str_of(noise[i])), "%s", noise[i]);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_msg(!quality_is_noise(str_of(names[i])), "%s", names[i]);
}
END_TEST

static struct value text(const char *s)
{
	return (struct value){.type = VALUE_TEXT, .text = str_of(s)};
}

START_TEST(flags_of_a_lead_are_a_list_of_names_and_a_clean_lead_has_none)
{
	static const struct str rivals[] = {{"rival.example", 13}, {"rival*", 6}}, own[] = {{"*.lent.example", 14}}, roles[] = {{"welcome", 7}};
	struct quality_lists lists = {rivals, 2, own, 1, roles, 1}, none = {0};
	struct quality_known alone = {0}, twin = {.twin = true}, impossible = {.phone = PHONE_IMPOSSIBLE}, possible = {.phone = PHONE_POSSIBLE};
	struct arena *arena = arena_new();
	struct value fields[LEAD_STANDARD_COUNT] = {0};
	ck_assert_uint_eq(quality_of(fields, &none, &alone), 0);
	ck_assert_int_eq(quality_value(0, arena).type, VALUE_EMPTY);
	fields[LEAD_EMAIL] = text("ann@acme.example");
	ck_assert_uint_eq(quality_of(fields, &lists, &alone), 0);
	ck_assert_uint_eq(quality_of(fields, &lists, &twin), 1u << QUALITY_DUPLICATE);
	fields[LEAD_EMAIL] = text("welcome@a.lent.example");
	fields[LEAD_COMPANY] = text("RIVAL Inc");
	fields[LEAD_PHONE] = text("123456");
	fields[LEAD_FIRST_NAME] = text("asdf");
	ck_assert_uint_eq(quality_of(fields, &none, &alone), 1u << QUALITY_IMPOSSIBLE_PHONE | 1u << QUALITY_KEYBOARD_NOISE);
	unsigned flags = quality_of(fields, &lists, &twin);
	struct value v = quality_value(flags, arena);
	ck_assert_uint_eq(v.list.count, 6);
	ck_assert(str_is(v.list.items[0], "disposable") && str_is(v.list.items[1], "role_address") && str_is(v.list.items[5], "duplicate"));
	fields[LEAD_EMAIL] = text("ann@rival.example");
	fields[LEAD_COMPANY] = text("Acme");
	ck_assert(quality_of(fields, &lists, &alone) & 1u << QUALITY_COMPETITOR);
	fields[LEAD_EMAIL] = text("ann@mail.eu.rival.example");
	ck_assert_msg(quality_of(fields, &lists, &alone) & 1u << QUALITY_COMPETITOR, "domains below a competitor's are its own");
	fields[LEAD_EMAIL] = text("ann@notrival.example");
	ck_assert(!(quality_of(fields, &lists, &alone) & 1u << QUALITY_COMPETITOR));
	fields[LEAD_PHONE] = text("+3901234567890123"); /* of its country the library knows more than its shape tells */
	ck_assert(quality_of(fields, &lists, &impossible) & 1u << QUALITY_IMPOSSIBLE_PHONE);
	fields[LEAD_PHONE] = text("+4989000123");
	ck_assert(!(quality_of(fields, &lists, &possible) & 1u << QUALITY_IMPOSSIBLE_PHONE));
	ck_assert(quality_of(fields, &lists, &impossible) & 1u << QUALITY_IMPOSSIBLE_PHONE);
	arena_free(arena);
}
END_TEST

START_TEST(quality_is_asked_for_and_never_given)
{
	struct error error = {0};
	ck_assert_int_eq(value_refuse_computed(&model_lead_fields[LEAD_PHONE], &error), 0);
	ck_assert_int_lt(value_refuse_computed(&model_lead_fields[LEAD_QUALITY], &error), 0);
	ck_assert_str_eq(error.message, "quality is worked out from the other fields. It is not given.");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(addresses_lent_for_minutes_are_known_also_below_a_domain),
	UNIT(an_address_of_a_function_is_no_persons),
	UNIT(numbers_that_nobody_can_call_are_told_from_those_written_differently),
	UNIT(what_the_hand_typed_to_get_past_a_form_is_noise_and_names_of_people_are_not),
	UNIT(flags_of_a_lead_are_a_list_of_names_and_a_clean_lead_has_none),
	UNIT(quality_is_asked_for_and_never_given),
};
UNIT_MAIN("model_quality", cases)
