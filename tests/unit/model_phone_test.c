/* Names of people that are written in many ways and are one: telephone numbers, addresses with domains in other letters. */
#include "model/phone.h"
#include "model/value.h"

#include "unit/check_main.h"

static const char *phone(const char *text)
{
	static char out[PHONE_MAX];
	return phone_international(str_of(text), out) ? out : "";
}

START_TEST(a_number_with_its_country_code_has_one_spelling)
{
	static const char *const same[] = {"+4930123456", "+49 30 123456", " +49 (0)30 / 123-456 ", "0049 30 123456", "+49.30.123.456", "(+49) 30 123456"};
	for (size_t i = 0; i + 1 < sizeof same / sizeof *same; i++)
		ck_assert_str_eq(phone(same[i]), "+4930123456");
	static const char *const others[] = {"", "+", "030 123456", "(+49) 30 123456", "+49 30 123456 x12", "+49 30 12345678901234", "+1", "+0123456789",
					     "+1 800 FLOWERS", "+49 30 \xd9\xa3\xd9\xa4", "++4930123456", "+49+30123456"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		ck_assert_msg(!*phone(others[i]), "%s", others[i]);
	char out[PHONE_MAX];
	ck_assert(!phone_international((struct str){"+4930\0" "123456", 12}, out));
}
END_TEST

START_TEST(a_domain_in_other_letters_has_one_spelling_and_a_local_part_has_none)
{
	static const struct { const char *typed, *kept; } good[] = {
		{"Ann@B\xc3\xbc" "cher.example", "ann@xn--bcher-kva.example"}, {"ann@B\xc3\x9c" "CHER.example", "ann@xn--bcher-kva.example"},
		{"ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"}, {"ann@\xe4\xbe\x8b\xe3\x81\x88.example", "ann@xn--r8jz45g.example"},
		{"a@bu\xcc\x88" "cher.example", "a@xn--bcher-kva.example"}, {"a+b@EXAMPLE.com", "a+b@example.com"},
	};
	static const char *const bad[] = {"\xcc\x88@example.com", "a@\xe2\x80\xae" "evil.example", "a@b\xc3\xbc..example", "a@-\xc3\xbc.example", "a@\xc3\xbc", "a@b\xc3\xbc .example",
					  "a@\xf0\x9f\x98\x80\xe2\x80\x8d.example", "a@b\xc3"};
	struct arena *arena = arena_new();
	struct str out;
	struct error error = {0};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_msg(model_email_normalise(str_of(good[i].typed), arena, &out, &error) == 0, "%s: %s", good[i].typed, error.message);
		ck_assert_str_eq(out.p, good[i].kept);
		ck_assert_uint_eq(out.n, strlen(good[i].kept));
		ck_assert_str_eq(model_lead_name(str_of(good[i].typed), arena), good[i].kept);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(model_email_normalise(str_of(bad[i]), arena, &out, &error) < 0 && error.code == ERROR_INVALID, "%s", bad[i]);
	ck_assert_str_eq(model_lead_name(STR("crm-17"), arena), "crm-17");
	arena_free(arena);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_number_with_its_country_code_has_one_spelling),
	UNIT(a_domain_in_other_letters_has_one_spelling_and_a_local_part_has_none),
};
UNIT_MAIN("model/phone", cases)
