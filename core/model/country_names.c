/* Countries by their names: see country.h.
 *
 * Three tables, each made when it is first needed: names that are English (ICU's, the Universal Postal Union's "List of member countries", what people write); each country's own, as its
 * languages call it; and all countries' in `languages`. What an earlier table knows a later one does not change: "Niger" is Niger. A name that a table has for two countries is nobody's.
 *
 * The third table takes 200 ms, once in the life of a process. Who pays is the loop that is asked for a word which the first two do not know: of a web worker the requests that it has then wait so long. */
#include "model/country.h"

#include "base/arena.h"
#include "base/map.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uldnames.h>
#include <unicode/uloc.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum { WIDE = 200, PLAIN = 1200, TABLES = 3 };

/* Beside ICU's English names. With several codes: who writes that must say which. */
static const struct { const char *codes, *name; } said[] = {
	{"AE", "UAE"}, {"AE", "Emirates"}, {"AG", "Antigua"}, {"BA", "Bosnia"}, {"BA", "Bosnia-Herzegovina"}, {"BN", "Brunei Darussalam"},
	{"BO", "Bolivia (Plurinational State of)"}, {"BQ", "Bonaire"}, {"BS", "The Bahamas"}, {"CC", "Keeling Islands"}, {"CC", "Cocos Islands"},
	{"CD", "Dem. Rep. of the Congo"}, {"CD", "Democratic Republic of the Congo"}, {"CD", "DR Congo"}, {"CD", "Congo-Kinshasa"}, {"CD", "Zaire"}, {"CG", "Congo (Rep.)"},
	{"CG", "Republic of the Congo"}, {"CG", "Congo-Brazzaville"}, {"CI", "Ivory Coast"}, {"CI", "Côte d'Ivoire (Rep.)"}, {"CN", "People's Rep. of China"},
	{"CN", "China (People's Rep.)"}, {"CN", "PRC"}, {"CN", "PR China"}, {"CV", "Cabo Verde"}, {"CZ", "Czech Rep."}, {"CZ", "Czech Republic"}, {"DE", "Germany (Fed. Rep.)"},
	{"DE", "Federal Republic of Germany"}, {"DE", "BRD"}, {"DE", "Bundesrepublik Deutschland"}, {"FK", "Falkland Islands (Malvinas)"},
	{"FM", "Micronesia (Federated States of)"}, {"GB", "Great Britain"}, {"GB", "United Kingdom of Great Britain and Northern Ireland"}, {"GB", "Britain"},
	{"GB", "England"}, {"GB", "Scotland"}, {"GB", "Wales"}, {"GB", "Northern Ireland"}, {"GB", "U.K."}, {"GM", "The Gambia"}, {"HK", "Hong Kong, China"},
	{"IE", "Republic of Ireland"}, {"IE", "Eire"}, {"IR", "Iran (Islamic Rep.)"}, {"KP", "Dem. People's Rep. of Korea"}, {"KP", "DPR Korea"},
	{"KP", "Korea (Dem. People's Rep.)"}, {"KR", "Rep. of Korea"}, {"KR", "Korea (Rep.)"}, {"LA", "Lao People's Dem. Rep."}, {"LA", "Lao"}, {"LC", "Saint Lucia"},
	{"LY", "Libyan Arab Jamahiriya"}, {"MD", "Rep. of Moldova"}, {"MD", "Moldova (Rep.)"}, {"MK", "Macedonia"}, {"MK", "The former Yugoslav Rep. of Macedonia"},
	{"MK", "Rep. of North Macedonia"}, {"MM", "Burma"}, {"MM", "Myanmar"}, {"MO", "Macau"}, {"MO", "Macao, China"}, {"NL", "Holland"}, {"NL", "The Netherlands"},
	{"NL", "Kingdom of the Netherlands"}, {"PG", "Papua-New Guinea"}, {"PN", "Pitcairn"}, {"PS", "Palestine"}, {"PS", "State of Palestine"}, {"RU", "Russian Federation"},
	{"SH", "Saint Helena"}, {"ST", "Sao Tome and Principe"}, {"SY", "Syrian Arab Rep."}, {"SZ", "Swaziland"}, {"TL", "East Timor"}, {"TR", "Türkiye"}, {"TR", "Turkey"},
	{"TW", "Chinese Taipei"}, {"TW", "Taiwan, China"}, {"TZ", "United Rep. of Tanzania"}, {"TZ", "Tanzania (United Rep.)"}, {"US", "United States of America"},
	{"US", "U.S.A."}, {"US", "U.S."}, {"US", "America"}, {"VA", "Vatican"}, {"VA", "Holy See"}, {"VC", "Saint Vincent"}, {"VC", "Saint Vincent and the Grenadines"},
	{"VE", "Venezuela (Bolivarian Rep.)"}, {"VG", "British Virgin Islands"}, {"VG", "Virgin Islands (British)"}, {"VI", "US Virgin Islands"},
	{"VI", "United States Virgin Islands"}, {"VI", "Virgin Islands (US)"}, {"VN", "Viet Nam"}, {"WF", "Wallis and Futuna Islands"}, {"XK", "Kosovo"}, {"KP KR", "Korea"},
	{"ES", "Canary Islands"}, {"ES", "Islas Canarias"},
	{"ES", "Ceuta"}, {"ES", "Melilla"}, {"SH", "Ascension Island"}, {"SH", "Tristan da Cunha"}, {"IO", "Diego Garcia"}, {"CD CG", "Congo"}, {"VG VI", "Virgin Islands"}, {"GF GY", "Guiana"},
};

/* Languages that letters are written in: of the European Union, of its neighbours, and those of most people elsewhere. */
static const char *const languages[] = {"ar", "bg", "ca", "cs", "da", "de", "el", "es", "et", "fi", "fr", "ga", "he", "hi", "hr", "hu", "id", "is", "it", "ja", "ko", "lt", "lv", "mk", "ms", "mt",
					"nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "th", "tr", "uk", "vi", "zh", "zh_Hant", "fa", "ur", "bn", "sw", "af", "ka", "hy", "az", "kk"};

struct names {
	struct map *tables[TABLES]; /* a plain name → its codes, with blanks between */
	struct arena *arena;
	const UNormalizer2 *fold, *parts;
};

/* ---- one spelling ---- */

static bool is_word(struct str word, const char *text)
{
	return str_is(word, text);
}

/* Short words as lists and people write them. */
static struct str long_word(struct str word)
{
	static const char *const words[][2] = {{"and", ""}, {"the", ""}, {"of", ""}, {"st", "saint"}, {"rep", "republic"}, {"dem", "democratic"}, {"fed", "federal"}, {"is", "islands"}, {"isl", "islands"}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (is_word(word, words[i][0]))
			return str_of(words[i][1]);
	return word;
}

/* Adds the word that ends here to the name, in its one spelling. */
static void end_word(char *out, size_t *n, size_t begun)
{
	char kept[PLAIN];
	struct str word = {out + begun, *n - begun};
	memcpy(kept, word.p, word.n);
	struct str spelled = long_word((struct str){kept, word.n});
	memcpy(out + begun, spelled.p, spelled.n); /* has room: behind half of PLAIN comes nothing more, and short words grow by less than that */
	*n = begun + spelled.n;
}

/* Small letters and digits without marks, blanks and signs. "" where it is longer than any country's name. */
static struct str plain_of(const struct names *names, struct str name, char out[PLAIN])
{
	UChar wide[WIDE], folded[WIDE], parts[WIDE];
	UErrorCode status = U_ZERO_ERROR;
	int32_t n = 0;
	size_t used = 0, begun = 0;
	if (name.n >= WIDE / 2)
		return (struct str){"", 0};
	u_strFromUTF8WithSub(wide, WIDE, &n, name.p, (int32_t)name.n, 0xfffd, NULL, &status);
	n = unorm2_normalize(names->fold, wide, n, folded, WIDE, &status);
	n = unorm2_normalize(names->parts, folded, n, parts, WIDE, &status);
	for (int32_t i = 0; U_SUCCESS(status) && i < n && used < PLAIN / 2;) {
		UChar32 c;
		U16_NEXT(parts, i, n, c);
		if (u_isalnum(c) || (u_charType(c) == U_NON_SPACING_MARK && c > 0x36f) || u_charType(c) == U_COMBINING_SPACING_MARK) {
			U8_APPEND_UNSAFE((uint8_t *)out, used, c);
		} else if (u_iscntrl(c)) {
			return (struct str){"", 0};
		} else if (!(c >= 0x300 && c <= 0x36f) && c != '.' && c != '\'' && c != 0x2019) {
			end_word(out, &used, begun);
			begun = used;
		}
	}
	end_word(out, &used, begun);
	return (struct str){out, used};
}

/* ---- the tables ---- */

static const char *known(const struct names *names, int tables, struct str plain)
{
	const char *codes = NULL;
	for (int i = 0; i < tables && !codes; i++)
		codes = map_get(names->tables[i], plain);
	return codes;
}

static void put(struct names *names, int table, struct str name, const char *codes)
{
	char plain[PLAIN];
	struct str key = plain_of(names, name, plain);
	if (!key.n || known(names, table, key))
		return;
	const char *before = map_get(names->tables[table], key);
	if (before && strstr(before, codes))
		return;
	const char *both = before ? arena_printf(names->arena, "%s %s", before, codes) : arena_dup(names->arena, codes);
	(void)map_put(names->tables[table], before ? key : arena_str(names->arena, key), (void *)(uintptr_t)both);
}

static void put_wide(struct names *names, int table, const UChar *wide, UErrorCode status, const char *code)
{
	char text[WIDE * 3];
	int32_t n = 0;
	u_strToUTF8(text, sizeof text, &n, wide, -1, &status);
	if (U_SUCCESS(status) && status != U_STRING_NOT_TERMINATED_WARNING)
		put(names, table, (struct str){text, (size_t)n}, code);
}

/* All countries as a language calls them, by their long and their short names. */
static void put_language(struct names *names, int table, const char *language)
{
	UChar wide[WIDE];
	for (int shorter = 0; shorter < 2; shorter++) {
		UDisplayContext how[] = {shorter ? UDISPCTX_LENGTH_SHORT : UDISPCTX_LENGTH_FULL};
		UErrorCode opened = U_ZERO_ERROR;
		ULocaleDisplayNames *display = uldn_openForContext(language, how, 1, &opened);
		for (const char *const *code = country_codes(); U_SUCCESS(opened) && *code; code++) {
			UErrorCode status = U_ZERO_ERROR;
			uldn_regionDisplayName(display, *code, wide, WIDE, &status);
			put_wide(names, table, wide, status, *code);
		}
		uldn_close(display);
	}
}

static void put_english(struct names *names)
{
	for (const char *const *code = country_codes(); *code; code++) {
		char locale[8];
		snprintf(locale, sizeof locale, "und_%.2s", *code);
		put(names, 0, str_of(uloc_getISO3Country(locale)), *code);
	}
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		put(names, 0, str_of(said[i].name), said[i].codes);
	put_language(names, 0, "en");
}

/* Each country in the languages that ICU has a locale of it for. */
static void put_own(struct names *names)
{
	UChar wide[WIDE];
	for (int32_t i = 0; i < uloc_countAvailable(); i++) {
		const char *locale = uloc_getAvailable(i);
		char country[8] = "", code[3];
		UErrorCode status = U_ZERO_ERROR;
		if (uloc_getCountry(locale, country, sizeof country, &status) != 2 || !country_code(str_of(country), code))
			continue;
		status = U_ZERO_ERROR;
		uloc_getDisplayCountry(locale, locale, wide, WIDE, &status);
		put_wide(names, 1, wide, status, code);
	}
}

static void make_table(struct names *names, int table)
{
	names->tables[table] = map_new();
	if (table == 0)
		put_english(names);
	else if (table == 1)
		put_own(names);
	for (size_t i = 0; table == 2 && i < sizeof languages / sizeof *languages; i++)
		put_language(names, table, languages[i]);
}

/* Kept as long as the process, as ICU's own data is. NULL: ICU has no data. */
static struct names *all_names(void)
{
	static struct names names;
	UErrorCode status = U_ZERO_ERROR;
	if (names.arena)
		return &names;
	names.fold = unorm2_getNFKCCasefoldInstance(&status);
	names.parts = unorm2_getNFDInstance(&status);
	if (U_FAILURE(status))
		return NULL;
	names.arena = arena_new();
	return &names;
}

/* ---- asking ---- */

static const char *find(struct names *names, struct str plain)
{
	const char *codes = NULL;
	for (int i = 0; i < TABLES && !codes && plain.n; i++) {
		if (!names->tables[i])
			make_table(names, i);
		codes = map_get(names->tables[i], plain);
	}
	return codes;
}

/* "oesterreich" → "osterreich": who has no keys for ä, ö and ü. */
static struct str without_e(struct str plain)
{
	char *to = (char *)(uintptr_t)plain.p;
	size_t n = 0;
	for (size_t i = 0; i < plain.n; i++)
		if (!(n && plain.p[i] == 'e' && strchr("aou", to[n - 1])))
			to[n++] = plain.p[i];
	return (struct str){plain.p, n};
}

size_t country_named(struct str text, char out[COUNTRIES_TEXT])
{
	char plain[PLAIN];
	struct str word = str_trim(text);
	size_t count = 1;
	if (country_code(word, out))
		return 1;
	if (str_is(word, "UK") || str_is(word, "uk")) {
		memcpy(out, "GB", 3);
		return 1;
	}
	struct names *names = word.n > 2 ? all_names() : NULL;
	struct str key = names ? plain_of(names, word, plain) : (struct str){"", 0};
	const char *codes = names ? find(names, key) : NULL;
	if (names && !codes)
		codes = find(names, without_e(key));
	if (!codes)
		return 0;
	for (const char *c = codes; *c; c++)
		count += *c == ' ';
	snprintf(out, COUNTRIES_TEXT, "%s", codes);
	return count;
}
