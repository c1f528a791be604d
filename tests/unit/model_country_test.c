/* Countries by their codes and names. */
#include "model/country.h"
#include "unit/check_main.h"

#include <stdio.h>
#include <string.h>

static const char *named(const char *word)
{
	static char out[COUNTRIES_TEXT];
	size_t count = country_named(str_of(word), out);
	return count == 0 ? "" : out;
}

START_TEST(each_country_is_known_by_its_english_name_and_both_codes)
{
	char name[200];
	for (const char *const *code = country_codes(); *code; code++) {
		ck_assert_str_eq(named(*code), *code);
		ck_assert_str_eq(named(country_name(*code, "en", name, sizeof name)), *code);
	}
	ck_assert_str_eq(named("deu"), "DE");
	ck_assert_str_eq(named("UK"), "GB");
}
END_TEST

START_TEST(names_are_known_however_they_are_written)
{
	static const struct { const char *word, *code; } words[] = {
		{"Deutschland", "DE"}, {"Germany", "DE"}, {"GERMANY", "DE"}, {" germany ", "DE"}, {"Bundesrepublik Deutschland", "DE"}, {"Österreich", "AT"}, {"Oesterreich", "AT"},
		{"Osterreich", "AT"}, {"O\xcc\x88sterreich", "AT"}, {"ÖSTERREICH", "AT"}, {"USA", "US"}, {"U.S.A.", "US"}, {"United States of America", "US"}, {"The United States", "US"},
		{"Great Britain", "GB"}, {"England", "GB"}, {"United Kingdom", "GB"}, {"Schweiz", "CH"}, {"Suisse", "CH"}, {"Svizzera", "CH"}, {"España", "ES"}, {"Espana", "ES"}, {"日本", "JP"},
		{"中国", "CN"}, {"Россия", "RU"}, {"Ελλάδα", "GR"}, {"مصر", "EG"}, {"ישראל", "IL"}, {"대한민국", "KR"}, {"भारत", "IN"}, {"ประเทศไทย", ""}, {"ไทย", "TH"}, {"Côte d'Ivoire", "CI"},
		{"Cote d’Ivoire", "CI"}, {"Korea (Rep.)", "KR"}, {"Republic of Korea", "KR"}, {"Dem. People's Rep. of Korea", "KP"}, {"Lao People's Dem. Rep.", "LA"}, {"Viet Nam", "VN"},
		{"Türkiye", "TR"}, {"Turkiye", "TR"}, {"Czech Rep.", "CZ"}, {"Bosnia and Herzegovina", "BA"}, {"Bosnia & Herzegovina", "BA"}, {"St. Lucia", "LC"}, {"Saint Lucia", "LC"},
		{"Hong Kong", "HK"}, {"Holland", "NL"}, {"The Netherlands", "NL"}, {"Frankreich", "FR"}, {"Allemagne", "DE"}, {"Stati Uniti", "US"}, {"Vereinigtes Königreich", "GB"},
		{"Niger", "NE"}, {"Nigeria", "NG"}, {"Dominica", "DM"}, {"Guinea", "GN"}, {"Georgia", "GE"}, {"Samoa", "WS"}, {"Israel", "IL"}, {"Suedafrika", "ZA"},
		{"Canary Islands", "ES"}, {"IC", ""}, {"EA", ""}}; /* their law is Spain's */
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		ck_assert_msg(strcmp(named(words[i].word), words[i].code) == 0, "%s is %s, not %s", words[i].word, words[i].code, named(words[i].word));
}
END_TEST

START_TEST(a_name_of_several_says_which_and_what_is_none_is_none)
{
	char out[COUNTRIES_TEXT], many[2000];
	ck_assert_uint_eq(country_named(STR("Korea"), out), 2);
	ck_assert_str_eq(out, "KP KR");
	ck_assert_uint_eq(country_named(STR("Congo"), out), 2);
	ck_assert_uint_eq(country_named(STR("virgin islands"), out), 2);
	memset(many, 'x', sizeof many);
	static const char *const none[] = {"", " ", "X", "ZZ", "Atlantis", "Berlin", "10115", "-", "and", "the of", "Ger many x", "\xff\xfe", "\xcc\x88"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		ck_assert_msg(country_named(str_of(none[i]), out) == 0, "%s", none[i]);
	ck_assert_uint_eq(country_named((struct str){many, sizeof many}, out), 0);
	ck_assert_uint_eq(country_named((struct str){"Ger\0many", 8}, out), 0);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(each_country_is_known_by_its_english_name_and_both_codes),
	UNIT(names_are_known_however_they_are_written),
	UNIT(a_name_of_several_says_which_and_what_is_none_is_none),
};
UNIT_MAIN("model/country", cases)
