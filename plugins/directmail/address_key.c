/* Keys by which addresses are compared: address.h. Called by jobs (doubles), households and lists of who wants no mail.
 *
 * A text becomes words: without case, marks, points; letters that languages write in two ways in one of them; numbers apart from words. Street words get their one spelling
 * (address_words.c), a house number before the street goes behind it, and the words are joined, so that "Haupt-Straße" is "Hauptstraße". What changes here changes every
 * key: then POST_KEY_RULES gets the next number. */
#include "address_parts.h"

#include <stdint.h>
#include <string.h>

/* ---- words ---- */

/* Letters that do not come apart in a base and marks. */
static const char *plain_letter(gunichar c)
{
	static const struct {
		gunichar from;
		const char *to;
	} letters[] = {{0xe6, "ae"}, {0x153, "oe"}, {0xf8, "o"}, {0x142, "l"}, {0x111, "d"}, {0xf0, "d"}, {0xfe, "th"}, {0x131, "i"}, {0x127, "h"}, {0x450, "е"}, {0x451, "е"}};
	for (size_t i = 0; i < G_N_ELEMENTS(letters); i++)
		if (letters[i].from == c)
			return letters[i].to;
	return NULL;
}

/* Marks are left out above Latin, Greek and Cyrillic letters only: in other scripts they are vowels. */
static bool is_left_out(gunichar c)
{
	return c == '\'' || c == 0x2019 || c == 0xb0 || (g_unichar_ismark(c) && g_unichar_get_script(c) == G_UNICODE_SCRIPT_INHERITED);
}

static bool is_of_word(gunichar c)
{
	return g_unichar_isalnum(c) || g_unichar_ismark(c);
}

static void end_word(GPtrArray *out, GString **word)
{
	if (*word && (*word)->len)
		g_ptr_array_add(out, *word);
	else if (*word)
		g_string_free(*word, TRUE);
	*word = NULL;
}

static void free_word(void *word)
{
	g_string_free(word, TRUE);
}

static bool is_digit_at(const GString *word, size_t i)
{
	return word->len > i && g_ascii_isdigit(word->str[i]);
}

static bool is_number(const GString *word)
{
	return word->len && strspn(word->str, "0123456789") == word->len;
}

/* "hauptstr12" are two words, "12a", "42nd" and "c3" are one. */
static bool parts_here(const GString *word, gunichar c)
{
	bool digit = g_unichar_isdigit(c);
	return word && word->len > 1 && digit && !is_digit_at(word, word->len - 1);
}

static GPtrArray *words_of(const char *text)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(free_word);
	GString *word = NULL, *clean = g_string_new(NULL);
	post_clean(text, ' ', clean);
	char *folded = g_utf8_casefold(clean->str, -1), *apart = g_utf8_normalize(folded, -1, G_NORMALIZE_NFKD);
	for (const char *p = apart ? apart : ""; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_unichar_tolower(g_utf8_get_char(p));
		const char *plain = plain_letter(c);
		int digit = g_unichar_digit_value(c);
		if (is_left_out(c))
			continue;
		if (!is_of_word(c) || parts_here(word, c))
			end_word(out, &word);
		if (!is_of_word(c))
			continue;
		word = word ? word : g_string_new(NULL);
		if (plain)
			g_string_append(word, plain);
		else
			g_string_append_unichar(word, digit >= 0 ? (gunichar)('0' + digit) : c);
	}
	end_word(out, &word);
	g_free(folded);
	g_free(apart);
	g_string_free(clean, TRUE);
	return out;
}

static GString *at(const GPtrArray *words, guint i)
{
	return i < words->len ? g_ptr_array_index(words, i) : NULL;
}

/* ä is written ae where it cannot be typed: both are a. */
static void one_umlaut(GString *word)
{
	size_t n = 0;
	for (size_t i = 0; i < word->len; i++) {
		word->str[n++] = word->str[i];
		if (strchr("aou", word->str[i]) && i + 1 < word->len && word->str[i + 1] == 'e')
			i++;
	}
	g_string_truncate(word, n);
}

static void one_spelling(GPtrArray *words, const char *languages)
{
	for (guint i = 0; i < words->len; i++)
		if (strstr(languages, "de") || strstr(languages, "da") || strstr(languages, "no"))
			one_umlaut(at(words, i));
}

/* ---- streets ---- */

static bool is_single_letter(const GString *word)
{
	return word && g_utf8_strlen(word->str, -1) == 1 && !g_ascii_isdigit(*word->str);
}

static void join(GPtrArray *words, guint i)
{
	g_string_append(at(words, i), at(words, i + 1)->str);
	g_ptr_array_remove_index(words, i + 1);
}

/* "12 a" → "12a", "12 bis" → "12bis", "c 3" → "c3", "p o" → "po". */
static void join_singles(GPtrArray *words)
{
	for (guint i = 0; i + 1 < words->len;) {
		const GString *word = at(words, i), *next = at(words, i + 1);
		bool bis = strcmp(next->str, "bis") == 0 || strcmp(next->str, "ter") == 0 || strcmp(next->str, "quater") == 0;
		if (is_number(word) ? is_single_letter(next) || bis : is_single_letter(word) && (is_single_letter(next) || is_number(next)))
			join(words, i);
		else
			i++;
	}
}

/* "No. 12", "Nr 12", "n° 12" are 12. */
static void drop_number_words(GPtrArray *words)
{
	static const char *const names[] = {"no", "nr", "num", "n", "nro", "№"};
	for (guint i = 0; i + 1 < words->len;) {
		bool drop = false;
		for (size_t k = 0; k < G_N_ELEMENTS(names); k++)
			drop |= strcmp(at(words, i)->str, names[k]) == 0;
		if (drop && is_number(at(words, i + 1)))
			g_ptr_array_remove_index(words, i);
		else
			i++;
	}
}

static void street_words(GPtrArray *words, const char *languages)
{
	for (guint i = 0; i < words->len;) {
		GString *word = at(words, i);
		bool last = i + 1 == words->len || is_digit_at(at(words, i + 1), 0);
		bool of_number = is_single_letter(word) && last && i && is_number(at(words, i - 1)); /* "12 c" is a house; "12 r. de la Paix" is a street */
		const char *one = of_number ? NULL : post_street_word(languages, word->str);
		if (one && !*one && words->len > 1) {
			g_ptr_array_remove_index(words, i);
			continue;
		}
		if (one && *one)
			g_string_assign(word, one);
		else
			post_street_ending(languages, word);
		i++;
	}
}

/* "12 Main St" → "main st 12". */
static void number_last(GPtrArray *words)
{
	if (words->len < 2 || !is_digit_at(at(words, 0), 0))
		return;
	if (is_number(at(words, 1)))
		return; /* two numbers: who knows which is the house's */
	GString *number = g_ptr_array_steal_index(words, 0);
	g_ptr_array_add(words, number);
}

static void put_joined(const GPtrArray *words, GString *out)
{
	for (guint i = 0; i < words->len; i++) {
		const GString *word = at(words, i);
		if (i && is_digit_at(word, 0))
			g_string_append_c(out, ' ');
		g_string_append_len(out, word->str, (gssize)word->len);
	}
}

static bool put_street(const char *street, const char *languages, GString *out)
{
	GPtrArray *words = words_of(street);
	size_t before = out->len;
	one_spelling(words, languages);
	drop_number_words(words);
	street_words(words, languages);
	join_singles(words);
	number_last(words);
	put_joined(words, out);
	g_ptr_array_unref(words);
	return out->len > before;
}

/* ---- places ---- */

/* Codes with letters name a street or a house; of others a village may share one with the next, which has a Hauptstraße 1 of its own. */
static bool says_the_place(const struct post_country *country, const GString *code)
{
	return code->len && country->codes && strchr(country->codes, '@') && strcmp(country->code, "AR") != 0;
}

/* The first word of a city: "Frankfurt am Main" is also written "Frankfurt". Behind a code that is enough; without one all of it counts. */
static void put_city(const char *city, const struct post_country *country, bool all, GString *out)
{
	GPtrArray *words = words_of(city);
	one_spelling(words, country->words);
	for (guint i = 0; i < words->len && (all || i == 0); i++)
		g_string_append(out, at(words, i)->str);
	g_ptr_array_unref(words);
}

/* Of codes that may be longer the part that all write: 94105 of 94105-1234. */
static void put_code(const struct post_country *country, const char *code, GString *out)
{
	size_t most = country->codes && strstr(country->codes, "#####-####") ? 5 : SIZE_MAX;
	for (size_t n = 0; *code && n < most; code++)
		if (g_ascii_isalnum(*code)) {
			g_string_append_c(out, g_ascii_tolower(*code));
			n++;
		}
}

static bool put_place(const struct post_address *address, const char *sender_country, GString *out)
{
	const char *given = address->country && *address->country ? address->country : sender_country;
	char name[3];
	const struct post_country *country = post_country_code(given, name) ? post_country(name) : NULL;
	GString *code = g_string_new(NULL), *city = g_string_new(NULL);
	bool good = country != NULL;
	if (good) {
		if (country->codes)
			post_code_print(country, address->postal_code ? address->postal_code : "", code);
		if (!says_the_place(country, code))
			put_city(address->city ? address->city : "", country, !code->len, city);
		g_string_append_printf(out, POST_KEY_RULES "%s|", name);
		put_code(country, code->str, out);
		g_string_append_printf(out, "|%s|", city->str);
		good = code->len || city->len;
	}
	good = good && put_street(address->street && *address->street ? address->street : address->street2 ? address->street2 : "", country->words, out);
	if (good && address->street && *address->street && address->street2 && *address->street2) {
		g_string_append_c(out, ' ');
		put_street(address->street2, country->words, out);
	}
	g_string_free(code, TRUE);
	g_string_free(city, TRUE);
	return good;
}

void post_address_key(const struct post_address *address, const char *sender_country, GString *out)
{
	g_string_truncate(out, 0);
	if (!put_place(address, sender_country, out))
		g_string_truncate(out, 0);
}

/* ---- people and firms ---- */

static bool is_one_of(const char *word, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, names[i]) == 0)
			return true;
	return false;
}

static int by_text(const void *a, const void *b)
{
	const GString *const *x = a, *const *y = b;
	return strcmp((*x)->str, (*y)->str);
}

void post_household_key(const struct post_address *address, const char *sender_country, GString *out)
{
	static const char *const forms[] = {"gmbh", "ag", "kg", "ug", "ohg", "gbr", "ev", "mbh", "co", "ltd", "limited", "plc", "llp", "llc", "inc", "incorporated", "corp",
					    "corporation", "company", "sa", "sas", "sarl", "sl", "srl", "spa", "bv", "nv", "ab", "as", "oy", "aps", "kft", "doo", "sro", "spzoo", "the"};
	post_address_key(address, sender_country, out);
	if (!out->len)
		return;
	GPtrArray *words = words_of(address->organisation ? address->organisation : "");
	join_singles(words);
	one_spelling(words, "de");
	g_string_append_c(out, '|');
	for (guint i = 0; i < words->len; i++)
		if (!is_one_of(at(words, i)->str, forms, G_N_ELEMENTS(forms)))
			g_string_append(out, at(words, i)->str);
	g_ptr_array_unref(words);
}

void post_person_key(const struct post_address *address, const char *sender_country, GString *out)
{
	static const char *const titles[] = {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "herrn", "frau", "dipl", "ing", "mag", "m", "mme", "mlle", "sr", "sra", "dott",
					     "ir", "dhr", "mevr", "phd", "jr"};
	size_t count = 0;
	post_address_key(address, sender_country, out);
	if (!out->len)
		return;
	GPtrArray *words = words_of(address->name ? address->name : "");
	one_spelling(words, "de");
	g_ptr_array_sort(words, by_text);
	g_string_append(out, "||");
	for (guint i = 0; i < words->len; i++) {
		if (is_one_of(at(words, i)->str, titles, G_N_ELEMENTS(titles)))
			continue;
		g_string_append_printf(out, "%s%s", count++ ? " " : "", at(words, i)->str);
	}
	if (!count)
		g_string_truncate(out, 0);
	g_ptr_array_unref(words);
}
