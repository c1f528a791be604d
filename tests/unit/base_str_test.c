/* Text: globs, UTF-8, numbers, "did you mean". */
#include "base/map.h"
#include "base/str.h"
#include "unit/check_main.h"

START_TEST(a_star_matches_any_run_of_bytes)
{
	ck_assert(str_glob(STR("/pricing*"), STR("/pricing/eu")));
	ck_assert(str_glob(STR("*"), STR("")));
	ck_assert(str_glob(STR("a*b*c"), STR("a-b-b-c")));
	ck_assert(!str_glob(STR("a*b"), STR("a-b-c")));
	ck_assert(!str_glob(STR("a"), STR("ab")));
}
END_TEST

START_TEST(only_well_formed_utf8_is_text)
{
	ck_assert(str_is_utf8(STR("Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80")));
	ck_assert(!str_is_utf8(STR("\xc0\xaf")));
	ck_assert(!str_is_utf8(STR("\xed\xa0\x80")));
	ck_assert(!str_is_utf8(STR("\xf4\x90\x80\x80")));
	ck_assert(!str_is_utf8(STR("\xe2\x82")));
	ck_assert(!str_is_text(STR("a\0b")));
	ck_assert(str_is_text(STR("a\tb\r\n")));
}
END_TEST

START_TEST(a_typing_slip_finds_the_word_that_was_meant)
{
	const char *const words[] = {"email", "call", "letter"};
	ck_assert_str_eq(str_nearest(STR("emial"), words, 3), "email");
	ck_assert_str_eq(str_nearest(STR("leter"), words, 3), "letter");
	ck_assert_ptr_null(str_nearest(STR("postcard"), words, 3));
	static const char *const short_ones[] = {"role", "lead", "go"};
	ck_assert_ptr_null(str_nearest(STR("nope"), short_ones, 3));
	ck_assert_str_eq(str_nearest(STR("laed"), short_ones, 3), "lead");
	ck_assert_str_eq(str_nearest(STR("roles"), short_ones, 3), "role");
}
END_TEST

START_TEST(numbers_are_whole_texts_in_range)
{
	int64_t i = 0;
	double d = 0;
	ck_assert(str_to_int(STR("-42"), &i) && i == -42);
	ck_assert(!str_to_int(STR("42x"), &i));
	ck_assert(!str_to_int(STR(" 42"), &i));
	ck_assert(!str_to_int(STR("9223372036854775808"), &i));
	ck_assert(str_to_double(STR("1.5e3"), &d) && d == 1500);
	ck_assert(!str_to_double(STR("1e400"), &d));
	ck_assert(!str_to_double(STR("nan"), &d));
	ck_assert(!str_to_double(STR("0x10"), &d));
}
END_TEST

START_TEST(a_map_finds_what_was_put_and_not_what_was_removed)
{
	static char keys[1000][16];
	struct map *map = map_new();
	for (int i = 0; i < 1000; i++) {
		snprintf(keys[i], sizeof keys[i], "k%d", i);
		ck_assert_ptr_null(map_put(map, str_of(keys[i]), keys[i]));
	}
	for (int i = 0; i < 1000; i += 2)
		ck_assert_ptr_eq(map_remove(map, str_of(keys[i])), keys[i]);
	for (int i = 0; i < 1000; i++)
		ck_assert_ptr_eq(map_get(map, str_of(keys[i])), i % 2 ? keys[i] : NULL);
	ck_assert_uint_eq(map_count(map), 500);
	map_free(map);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_star_matches_any_run_of_bytes),
	UNIT(only_well_formed_utf8_is_text),
	UNIT(a_typing_slip_finds_the_word_that_was_meant),
	UNIT(numbers_are_whole_texts_in_range),
	UNIT(a_map_finds_what_was_put_and_not_what_was_removed),
};
UNIT_MAIN("base/str", cases)
