/* An address as it stands on the letter, and what is missing from it: address.h. The countries are in address_countries.c. */
#include "address_parts.h"

#include <string.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

/* An address with all that is known of its places. */
struct place {
	const struct post_country *country;
	char code[3], sender[3]; /* "" = there is none */
	bool known, abroad;
	GString *part[128]; /* by the letters of post_country.lines; cleaned */
};

static const char letters[] = "NOABCRZ";

static const char *raw_part(const struct post_address *address, char letter)
{
	switch (letter) {
	case 'N': return address->name;
	case 'O': return address->organisation;
	case 'A': return address->street;
	case 'B': return address->street2;
	case 'C': return address->city;
	case 'R': return address->region;
	default: return address->postal_code;
	}
}

static void put_country_name(const char *code, const char *language, GString *out)
{
	char region[4] = "_";
	UChar name[200];
	char text[800];
	int32_t n = 0;
	UErrorCode status = U_ZERO_ERROR;
	memcpy(region + 1, code, 3);
	uloc_getDisplayCountry(region, language, name, 200, &status);
	u_strToUTF8(text, sizeof text, &n, name, -1, &status);
	g_string_append(out, U_SUCCESS(status) ? text : code);
}

/* The language of most there, unless one is said. */
static void language_of(const char *said, const char *country, char out[16])
{
	char region[8] = "und_", full[64];
	UErrorCode status = U_ZERO_ERROR;
	memcpy(region + 4, country, 3);
	g_strlcpy(out, "en", 16);
	if (said && *said)
		g_strlcpy(out, said, 16);
	else if (*country && uloc_addLikelySubtags(region, full, sizeof full, &status) > 0 && U_SUCCESS(status))
		uloc_getLanguage(full, out, 16, &status);
}

/* States that are one city. */
static bool is_city(const char *code)
{
	return strcmp(code, "SG") == 0 || strcmp(code, "MC") == 0 || strcmp(code, "GI") == 0 || strcmp(code, "VA") == 0;
}

static void complete(struct place *place)
{
	GString *city = place->part['C'], *region = place->part['R'];
	if (!city->len && is_city(place->code))
		put_country_name(place->code, "en", city);
	if (!region->len && strcmp(place->code, "PR") == 0)
		g_string_assign(region, "PR");
	const char *code = region->len ? post_region_code(place->code, region->str) : NULL;
	if (code)
		g_string_assign(region, code);
	else if (region->len == 2)
		g_string_ascii_up(region);
	if (strcasecmp(region->str, city->str) == 0 && strchr(place->country->needs, 'R') == NULL)
		g_string_truncate(region, 0); /* Madrid, Madrid */
}

static void place_init(struct place *place, const struct post_address *address, const char *sender)
{
	memset(place, 0, sizeof *place);
	if (!post_country_code(sender, place->sender))
		place->sender[0] = '\0';
	const char *country = address->country ? address->country : "";
	while (g_ascii_isspace(*country))
		country++;
	char trimmed[8];
	g_strlcpy(trimmed, country, sizeof trimmed);
	g_strchomp(trimmed);
	if (!*trimmed)
		memcpy(place->code, place->sender, 3);
	else if (!post_country_code(trimmed, place->code))
		place->code[0] = '\0';
	place->country = post_country(place->code);
	place->known = place->country != NULL;
	if (!place->known)
		place->country = &post_country_rest;
	place->abroad = *place->code && *place->sender && strcmp(place->code, place->sender) != 0;
	for (const char *c = letters; *c; c++) {
		place->part[(int)*c] = g_string_new(NULL);
		post_clean(raw_part(address, *c), *c == 'A' || *c == 'B' ? '\n' : ' ', place->part[(int)*c]);
	}
	complete(place);
}

static void place_fini(struct place *place)
{
	for (const char *c = letters; *c; c++)
		g_string_free(place->part[(int)*c], TRUE);
}

/* ---- lines ---- */

/* most: what does not fit is joined to the last of so many lines. */
static void add(struct post_lines *out, size_t most, const char *text)
{
	if (!*text)
		return;
	if (out->count < most) {
		out->line[out->count++] = g_strdup(text);
		return;
	}
	char *last = out->line[most - 1];
	out->line[most - 1] = g_strdup_printf("%s, %s", last, text);
	g_free(last);
}

static void put_part(const struct place *place, char letter, const char *language, GString *line)
{
	const GString *part = place->part[(int)letter];
	if (letter == 'Z')
		post_code_print(place->country, part->str, line);
	else if (letter == 'C' && (place->abroad || place->country->capitals))
		post_capitals(part->str, language, line);
	else
		g_string_append_len(line, part->str, (gssize)part->len);
}

/* One line of the country's form: n bytes of it. What stands between two parts is there when both are; before the first, when that is. */
static void put_line(const struct place *place, const char *form, size_t n, const char *language, struct post_lines *out)
{
	GString *line = g_string_new(NULL);
	size_t from = 0;
	for (size_t i = 0; i < n; i++) {
		if (!strchr(letters, form[i]))
			continue;
		if (place->part[(int)form[i]]->len) {
			if (line->len || from == 0)
				g_string_append_len(line, form + from, (gssize)(i - from));
			put_part(place, form[i], language, line);
		}
		from = i + 1;
	}
	for (char *rest = line->str; rest;) { /* a street of two lines is two lines */
		char *end = strchr(rest, '\n');
		if (end)
			*end = '\0';
		add(out, POST_LINES - place->abroad, rest);
		rest = end ? end + 1 : NULL;
	}
	g_string_free(line, TRUE);
}

/* Is it written in the characters of East Asia? */
static bool is_local(const struct place *place)
{
	const GString *parts[] = {place->part['C'], place->part['A']};
	for (size_t i = 0; i < 2; i++)
		for (const char *p = parts[i]->str; *p; p = g_utf8_next_char(p)) {
			GUnicodeScript script = g_unichar_get_script(g_utf8_get_char(p));
			if (script == G_UNICODE_SCRIPT_HAN || script == G_UNICODE_SCRIPT_HANGUL || script == G_UNICODE_SCRIPT_HIRAGANA || script == G_UNICODE_SCRIPT_KATAKANA)
				return true;
		}
	return false;
}

static void put_country(const struct place *place, const char *said, struct post_lines *out)
{
	char language[16];
	GString *name = g_string_new(NULL), *capitals = g_string_new(NULL);
	language_of(said, place->sender, language);
	put_country_name(place->code, language, name);
	post_capitals(name->str, language, capitals);
	add(out, POST_LINES, capitals->str);
	g_string_free(name, TRUE);
	g_string_free(capitals, TRUE);
}

void post_address_lines(const struct post_address *address, const char *sender_country, const char *language, struct post_lines *out)
{
	struct place place;
	char there[16];
	memset(out, 0, sizeof *out);
	place_init(&place, address, sender_country);
	language_of(NULL, place.code, there);
	const char *form = place.country->local && is_local(&place) ? place.country->local : place.country->lines;
	while (*form) {
		size_t n = strcspn(form, "/");
		put_line(&place, form, n, there, out);
		form += n + (form[n] == '/');
	}
	if (place.abroad)
		put_country(&place, language, out);
	place_fini(&place);
}

void post_lines_fini(struct post_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		g_free(lines->line[i]);
	memset(lines, 0, sizeof *lines);
}

/* ---- what is missing ---- */

static const char *word_of(char letter)
{
	return letter == 'A' ? "street" : letter == 'C' ? "city" : letter == 'R' ? "region" : "postal_code";
}

static const char *missing(const struct place *place)
{
	GString *code = g_string_new(NULL);
	const char *word = NULL;
	if (!place->known)
		word = "country";
	else if (!place->part['N']->len && !place->part['O']->len)
		word = "name";
	for (const char *need = word ? "" : place->country->needs; *need && !word; need++)
		if (!place->part[(int)*need]->len && !(*need == 'A' && place->part['B']->len))
			word = word_of(*need);
	if (!word && place->part['Z']->len && place->country->codes && !post_code_print(place->country, place->part['Z']->str, code))
		word = "postal_code";
	g_string_free(code, TRUE);
	return word;
}

const char *post_address_missing(const struct post_address *address, const char *sender_country)
{
	struct place place;
	place_init(&place, address, sender_country);
	const char *word = missing(&place);
	place_fini(&place);
	return word;
}
