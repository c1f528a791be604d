/* Addresses of letters: the lines by each country's rules, what is missing, and the keys by which doubles are found. */
#include "address.h"
#include "unit/check_main.h"

#include <stdio.h>
#include <string.h>

/* The lines as one text, parted by '/'. */
static const char *lines(struct post_address address, const char *from, const char *language)
{
	static char text[8000];
	struct post_lines out;
	size_t n = 0;
	post_address_lines(&address, from, language, &out);
	text[0] = '\0';
	for (size_t i = 0; i < out.count; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? "/" : "", out.line[i]);
	post_lines_fini(&out);
	return text;
}

START_TEST(each_country_writes_addresses_its_own_way)
{
	static const struct {
		struct post_address address;
		const char *from, *lines;
	} examples[] = {
		{{.name = "Ann Lee", .organisation = "Acme GmbH", .street = "Hauptstr. 5", .city = "Köln", .postal_code = "D-50667", .country = "DE"}, "DE", "Acme GmbH/Ann Lee/Hauptstr. 5/50667 Köln"},
		{{.name = "Ann Lee", .organisation = "Acme GmbH", .street = "Hauptstr. 5", .city = "Köln", .postal_code = "50667", .country = "de"}, "US", "Acme GmbH/Ann Lee/Hauptstr. 5/50667 KÖLN/GERMANY"},
		{{.name = "Ann Lee", .organisation = "Acme", .street = "12 Main St", .street2 = "Suite 5", .city = "Boston", .region = "massachusetts", .postal_code = "021081234", .country = "US"}, "DE", "Ann Lee/Acme/Suite 5/12 Main St/BOSTON MA 02108-1234/VEREINIGTE STAATEN"},
		{{.name = "Ann", .street = "10 Downing St", .city = "London", .postal_code = "sw1a2aa", .country = "UK"}, "GB", "Ann/10 Downing St/LONDON/SW1A 2AA"},
		{{.name = "Ann", .street = "24 Sussex Drive", .city = "Ottawa", .region = "Ontario", .postal_code = "k1m1m4", .country = "CA"}, "CA", "Ann/24 Sussex Drive/OTTAWA ON  K1M 1M4"},
		{{.name = "Ann", .street = "12 bis, rue de la Paix", .city = "Saint-Étienne", .postal_code = "42000", .country = "FR"}, "FR", "Ann/12 bis, rue de la Paix/42000 SAINT-ÉTIENNE"},
		{{.name = "Ann", .street = "Damrak 1", .city = "Amsterdam", .postal_code = "1012lg", .country = "NL"}, "NL", "Ann/Damrak 1/1012 LG  AMSTERDAM"},
		{{.name = "Ann", .street = "Drottninggatan 1", .city = "Stockholm", .postal_code = "SE-11120", .country = "SE"}, "", "Ann/Drottninggatan 1/111 20 STOCKHOLM"},
		{{.name = "Ann", .street = "Via Roma 1", .city = "Milano", .region = "mi", .postal_code = "20121", .country = "IT"}, "CH", "Ann/Via Roma 1/20121 MILANO MI/ITALIEN"},
		{{.name = "Ann", .street = "Calle Mayor 1", .city = "Madrid", .region = "Madrid", .postal_code = "28013", .country = "ES"}, "ES", "Ann/Calle Mayor 1/28013 Madrid"},
		{{.name = "Ann", .street = "Kossuth utca 3.", .city = "Budapest", .postal_code = "1055", .country = "HU"}, "HU", "Ann/BUDAPEST/Kossuth utca 3./1055"},
		{{.name = "Ann", .street = "Brīvības iela 1", .city = "Rīga", .postal_code = "1010", .country = "LV"}, "LV", "Ann/Brīvības iela 1/Rīga, LV-1010"},
		{{.name = "Ann", .street = "Av. Paulista 1", .city = "São Paulo", .region = "São Paulo", .postal_code = "01310100", .country = "BR"}, "BR", "Ann/Av. Paulista 1/São Paulo - SP/01310-100"},
		{{.name = "Ann", .street = "1 Raffles Place", .postal_code = "048616", .country = "SG"}, "SG", "Ann/1 Raffles Place/SINGAPORE 048616"},
		{{.name = "Ann", .street = "1 Queen's Road", .city = "Central", .country = "HK"}, "GB", "Ann/1 Queen's Road/CENTRAL/HONG KONG SAR CHINA"},
		{{.name = "山田太郎", .street = "千代田1-1", .city = "千代田区", .region = "東京都", .postal_code = "1000001", .country = "JP"}, "JP", "〒100-0001/東京都千代田区千代田1-1/山田太郎"},
		{{.name = "Taro Yamada", .street = "1-1 Chiyoda", .city = "Chiyoda-ku", .region = "Tokyo", .postal_code = "100-0001", .country = "JP"}, "FR", "Taro Yamada/1-1 Chiyoda/CHIYODA-KU, Tokyo 100-0001/JAPON"},
		{{.name = "Ann", .street = "Istiklal 5", .city = "izmir", .postal_code = "35000", .country = "TR"}, "GB", "Ann/Istiklal 5/35000 İZMİR/TURKEY"},
		{{.name = "Ann", .street = "PO Box 1", .city = "Dubai", .country = "AE"}, "AE", "Ann/PO Box 1/Dubai"},
		{{.name = "Ann", .street = "Main Rd", .city = "Suva", .country = "FJ"}, "AU", "Ann/Main Rd/SUVA/FIJI"}, /* by the rule for the rest */
	};
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
		ck_assert_str_eq(lines(examples[i].address, examples[i].from, NULL), examples[i].lines);
}
END_TEST

START_TEST(the_country_is_named_in_the_language_that_is_asked_for)
{
	struct post_address address = {.name = "Ann", .street = "1", .city = "Wien", .postal_code = "1010", .country = "AT"};
	ck_assert_str_eq(lines(address, "CH", "fr"), "Ann/1/1010 WIEN/AUTRICHE");
	ck_assert_str_eq(lines(address, "CH", NULL), "Ann/1/1010 WIEN/ÖSTERREICH");
	ck_assert_str_eq(lines(address, "", NULL), "Ann/1/1010 Wien");
}
END_TEST

START_TEST(what_is_missing_has_a_word)
{
	static const struct {
		struct post_address address;
		const char *word;
	} examples[] = {
		{{.name = "Ann", .street = "Weg 1", .city = "Köln", .postal_code = "50667", .country = "DE"}, NULL},
		{{.organisation = "Acme", .street2 = "Weg 1", .city = "Köln", .postal_code = "50667"}, NULL}, /* the sender's country */
		{{.street = "Weg 1", .city = "Köln", .postal_code = "50667", .country = "DE"}, "name"},
		{{.name = " \n\t", .street = "Weg 1", .city = "Köln", .postal_code = "50667", .country = "DE"}, "name"},
		{{.name = "Ann", .city = "Köln", .postal_code = "50667", .country = "DE"}, "street"},
		{{.name = "Ann", .street = "Weg 1", .postal_code = "50667", .country = "DE"}, "city"},
		{{.name = "Ann", .street = "Weg 1", .city = "Köln", .country = "DE"}, "postal_code"},
		{{.name = "Ann", .street = "Weg 1", .city = "Dresden", .postal_code = "1067", .country = "DE"}, "postal_code"}, /* the 0 that a spreadsheet ate */
		{{.name = "Ann", .street = "Weg 1", .city = "Köln", .postal_code = "5066\xc3\xb6", .country = "DE"}, "postal_code"},
		{{.name = "Ann", .street = "Weg 1", .city = "Köln", .postal_code = "\xe2\x80\xae" "50667\n", .country = "DE"}, NULL},
		{{.name = "Ann", .street = "1 Main", .city = "Boston", .postal_code = "02108", .country = "US"}, "region"},
		{{.name = "Ann", .street = "1 Queen's Road", .city = "Central", .country = "HK"}, NULL}, /* no codes there */
		{{.name = "Ann", .street = "1 Main", .city = "Dublin", .country = "IE"}, NULL},
		{{.name = "Ann", .street = "1 Main", .city = "Suva", .country = "FJ"}, NULL},
		{{.name = "Ann", .street = "Weg 1", .city = "Köln", .postal_code = "50667", .country = "QQ"}, "country"},
		{{.name = "Ann", .street = "Weg 1", .city = "Köln", .postal_code = "50667", .country = "Germany"}, "country"},
	};
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		const char *word = post_address_missing(&examples[i].address, "DE");
		ck_assert_msg(word == examples[i].word || (word && examples[i].word && strcmp(word, examples[i].word) == 0), "%zu: %s, not %s", i, word ? word : "nothing",
			      examples[i].word ? examples[i].word : "nothing");
	}
}
END_TEST

START_TEST(no_line_breaks_or_turns_the_next)
{
	struct post_address address = {.name = "Ann\r\nLee\x1b[31m\x07", .organisation = "\xe2\x80\xae" "Acme\xe2\x81\xa6", .street = "Tower 3\n1 Main St", .city = "K\xff" "oln\xe2\x80\xa8" "Sud", .postal_code = "50667", .country = "DE"};
	ck_assert_str_eq(lines(address, "DE", NULL), "Acme/Ann Lee [31m/Tower 3/1 Main St/50667 K\xef\xbf\xbdoln Sud");
	address = (struct post_address){.name = "=HYPERLINK(\"http://evil\")", .street = "\"1\"; drop table", .city = "<b>x</b>", .postal_code = "50667"};
	ck_assert_str_eq(lines(address, "DE", NULL), "=HYPERLINK(\"http:/" "/evil\")/\"1\"; drop table/50667 <b>x</b>");
}
END_TEST

START_TEST(nothing_is_cut)
{
	char city[901], street[200] = "";
	struct post_lines out;
	for (int i = 0; i < 300; i++)
		memcpy(city + 3 * i, "\xe1\x88\x80", 3);
	city[900] = '\0';
	for (int i = 0; i < 30; i++)
		strcat(street, "a\n");
	struct post_address address = {.name = "Ann", .street = street, .city = city, .country = "ET"};
	post_address_lines(&address, "DE", NULL, &out);
	ck_assert_uint_eq(out.count, POST_LINES);
	ck_assert_str_eq(out.line[POST_LINES - 1], "ÄTHIOPIEN");
	size_t streets = 0;
	for (size_t i = 0; i < out.count; i++)
		for (const char *p = out.line[i]; (p = strchr(p, 'a')); p++)
			streets++;
	ck_assert_uint_eq(streets, 30);
	ck_assert_ptr_nonnull(strstr(out.line[POST_LINES - 2], city));
	post_lines_fini(&out);
}
END_TEST

static const char *key(void make(const struct post_address *, const char *, GString *), struct post_address address)
{
	static char text[2][500];
	static int next;
	GString *out = g_string_new("old");
	make(&address, "DE", out);
	char *copy = text[next = !next];
	g_strlcpy(copy, out->str, 500);
	g_string_free(out, TRUE);
	return copy;
}

#define KEY(...) key(post_address_key, (struct post_address){__VA_ARGS__})

START_TEST(one_address_in_two_spellings_has_one_key)
{
	static const struct {
		const char *country, *code, *city, *one, *other;
	} same[] = {
		{"DE", "50667", "Köln", "Hauptstraße 12 a", "HAUPTSTR. 12A"}, {"DE", "50667", "Köln", "Müller-Straße Nr. 5", "Muellerstr. 5"},
		{"AT", "1010", "Wien", "Sankt-Veit-Platz 3", "St. Veit Pl. 3"},
		{"US", "02108", "Boston", "12 North Main Street, Suite 5", "12 N. Main St Ste 5"}, {"US", "02108-1234", "Boston", "1 Fifth Avenue", "1 5th Ave."},
		{"US", "02108", "Boston", "P.O. Box 12", "PO BOX 12"}, {"GB", "SW1A 2AA", "London", "Flat 2, 10 Downing Street", "Apt. 2 10 Downing St."},
		{"FR", "75002", "Paris", "12 bis, rue de la Paix", "12bis r. de la paix"}, {"FR", "75008", "Paris", "5 avenue des Champs-Élysées", "5, AV DES CHAMPS ELYSEES"},
		{"ES", "28013", "Madrid", "Calle Mayor, 5", "C/ Mayor nº 5"}, {"IT", "20121", "Milano", "Piazza Duomo 1", "P.zza Duomo, 1"},
		{"NL", "1012LG", "Amsterdam", "Kalverstraat 1", "Kalverstr. 1"}, {"SE", "11120", "Stockholm", "Drottninggatan 1", "Drottningg. 1"},
		{"RU", "101000", "Москва", "улица Ленина, дом 5", "ул. Ленина, д. 5"}, {"PL", "00-950", "Warszawa", "ul. Świętokrzyska 5", "Ulica Swietokrzyska 5"},
		{"TR", "35000", "İzmir", "İstiklal Caddesi 5", "istiklal cad. 5"}, {"GR", "10431", "Αθήνα", "Οδός Ερμού 5", "ΕΡΜΟΥ 5"}, {"DE", "50667", "Köln", "Weg 5", "Weg ５"},
	};
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		const char *one = KEY(.country = same[i].country, .postal_code = same[i].code, .city = same[i].city, .street = same[i].one);
		const char *other = KEY(.country = same[i].country, .postal_code = same[i].code, .city = same[i].city, .street = same[i].other);
		ck_assert_str_eq(one, other);
		ck_assert(g_str_has_prefix(one, POST_KEY_RULES));
	}
	ck_assert_str_eq(KEY(.postal_code = "60311", .city = "Frankfurt am Main", .street = "Zeil 1"), KEY(.postal_code = "D-60311", .city = "FRANKFURT", .street = "Zeil 1", .country = "DE"));
	ck_assert_str_eq(KEY(.country = "US", .postal_code = "94105", .city = "SF", .street = "1 A St"), KEY(.country = "US", .postal_code = "94105-1234", .city = "SF", .street = "1 A St"));
}
END_TEST

START_TEST(two_addresses_have_two_keys)
{
	static const char *const streets[] = {"Hauptstr. 1", "Hauptstr. 11", "Hauptstr. 1 1", "Hauptstr. 1a", "Hauptweg 1", "Hauptplatz 1", "C 3, 5", "C 35", "Postfach 1", "Haupt 1"};
	enum { COUNT = sizeof streets / sizeof *streets };
	for (size_t i = 0; i < COUNT; i++)
		for (size_t k = i + 1; k < COUNT; k++)
			ck_assert_str_ne(KEY(.postal_code = "50667", .city = "Köln", .street = streets[i]), KEY(.postal_code = "50667", .city = "Köln", .street = streets[k]));
	ck_assert_str_ne(KEY(.postal_code = "54298", .city = "Welschbillig", .street = "Hauptstr. 1"), KEY(.postal_code = "54298", .city = "Igel", .street = "Hauptstr. 1"));
	ck_assert_str_ne(KEY(.country = "AT", .postal_code = "1010", .city = "Wien", .street = "Weg 1"), KEY(.country = "CH", .postal_code = "1010", .city = "Wien", .street = "Weg 1"));
	ck_assert_str_ne(KEY(.country = "AE", .city = "Abu Dhabi", .street = "Box 1"), KEY(.country = "AE", .city = "Abu Hail", .street = "Box 1"));
}
END_TEST

START_TEST(too_little_to_know_a_place_by_is_nobodys_double)
{
	ck_assert_str_eq(KEY(.name = "Ann"), "");
	ck_assert_str_eq(KEY(.postal_code = "50667", .city = "Köln"), "");
	ck_assert_str_eq(KEY(.street = "Weg 1"), "");
	ck_assert_str_eq(KEY(.street = "…", .city = "Köln"), "");
	ck_assert_str_eq(KEY(.street = "Weg 1", .city = "Köln", .country = "QQ"), "");
	ck_assert_str_eq(key(post_person_key, (struct post_address){.postal_code = "50667", .city = "Köln", .street = "Weg 1"}), "");
	ck_assert_str_eq(key(post_person_key, (struct post_address){.name = "Dr.", .postal_code = "50667", .city = "Köln", .street = "Weg 1"}), "");
}
END_TEST

START_TEST(people_and_households_are_known_at_their_address)
{
	struct post_address one = {.name = "Dr. Jörg Müller", .organisation = "Acme GmbH", .postal_code = "50667", .city = "Köln", .street = "Weg 1"}, other = one;
	other.name = "MUELLER, JOERG";
	other.organisation = "ACME";
	ck_assert_str_eq(key(post_person_key, one), key(post_person_key, other));
	ck_assert_str_eq(key(post_household_key, one), key(post_household_key, other));
	other.name = "Ann Müller";
	ck_assert_str_ne(key(post_person_key, one), key(post_person_key, other));
	ck_assert_str_eq(key(post_household_key, one), key(post_household_key, other));
	other.organisation = "Emca GmbH";
	ck_assert_str_ne(key(post_household_key, one), key(post_household_key, other));
	one.name = "नेहा", other.name = "नहा"; /* a vowel is no mark */
	ck_assert_str_ne(key(post_person_key, one), key(post_person_key, other));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(each_country_writes_addresses_its_own_way),
	UNIT(the_country_is_named_in_the_language_that_is_asked_for),
	UNIT(what_is_missing_has_a_word),
	UNIT(no_line_breaks_or_turns_the_next),
	UNIT(nothing_is_cut),
	UNIT(one_address_in_two_spellings_has_one_key),
	UNIT(two_addresses_have_two_keys),
	UNIT(too_little_to_know_a_place_by_is_nobodys_double),
	UNIT(people_and_households_are_known_at_their_address),
};
UNIT_MAIN("directmail/address", cases)
