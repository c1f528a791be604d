/* Text of an address made fit for a line, capitals, codes of regions and postal codes. Pure; called by address.c and address_key.c. */
#include "address_parts.h"

#include <string.h>
#include <unicode/ucasemap.h>

/* Marks that turn the direction of text or are not seen; U+200C and U+200D stay, as words of Persian and of Indian languages need them. */
static bool is_dropped(gunichar c)
{
	return c == 0xad || c == 0x61c || c == 0x200b || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

static bool is_line_end(gunichar c)
{
	return c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* One character; a broken byte is U+FFFD. */
static gunichar take(const char **p)
{
	gunichar c = g_utf8_get_char_validated(*p, -1);
	if (c == (gunichar)-1 || c == (gunichar)-2) {
		(*p)++;
		return 0xfffd;
	}
	*p = g_utf8_next_char(*p);
	return c;
}

void post_clean(const char *text, char newline, GString *out)
{
	GString *raw = g_string_new(NULL);
	char gap = 0;
	for (const char *p = text ? text : ""; *p;) {
		gunichar c = take(&p);
		if (is_dropped(c))
			continue;
		if (is_line_end(c) || g_unichar_isspace(c) || g_unichar_iscntrl(c)) {
			gap = is_line_end(c) || gap == '\n' ? '\n' : ' ';
			continue;
		}
		if (gap && raw->len)
			g_string_append_c(raw, gap == '\n' ? newline : ' ');
		gap = 0;
		g_string_append_unichar(raw, c);
	}
	char *composed = g_utf8_normalize(raw->str, (gssize)raw->len, G_NORMALIZE_NFC);
	g_string_append(out, composed ? composed : raw->str);
	g_free(composed);
	g_string_free(raw, TRUE);
}

void post_capitals(const char *text, const char *language, GString *out)
{
	UErrorCode status = U_ZERO_ERROR;
	UCaseMap *map = ucasemap_open(language ? language : "", 0, &status);
	size_t room = strlen(text) * 3 + 1; /* no character grows to more than three times its bytes (SpecialCasing.txt) */
	char *capitals = g_malloc(room);
	int32_t n = ucasemap_utf8ToUpper(map, capitals, (int32_t)room, text, -1, &status);
	if (U_SUCCESS(status))
		g_string_append_len(out, capitals, n);
	else
		g_string_append(out, text);
	ucasemap_close(map);
	g_free(capitals);
}

/* ---- regions ---- */

struct region {
	char country[3];
	const char *code, *name;
};

/* USPS Publication 28 appendix B, Canada Post Addressing Guidelines 5.6, Australia Post, Correios: the codes that stand behind the place. */
static const struct region regions[] = {
	{"US", "AL", "Alabama"}, {"US", "AK", "Alaska"}, {"US", "AZ", "Arizona"}, {"US", "AR", "Arkansas"}, {"US", "CA", "California"}, {"US", "CO", "Colorado"},
	{"US", "CT", "Connecticut"}, {"US", "DE", "Delaware"}, {"US", "DC", "District of Columbia"}, {"US", "FL", "Florida"}, {"US", "GA", "Georgia"}, {"US", "HI", "Hawaii"},
	{"US", "ID", "Idaho"}, {"US", "IL", "Illinois"}, {"US", "IN", "Indiana"}, {"US", "IA", "Iowa"}, {"US", "KS", "Kansas"}, {"US", "KY", "Kentucky"},
	{"US", "LA", "Louisiana"}, {"US", "ME", "Maine"}, {"US", "MD", "Maryland"}, {"US", "MA", "Massachusetts"}, {"US", "MI", "Michigan"}, {"US", "MN", "Minnesota"},
	{"US", "MS", "Mississippi"}, {"US", "MO", "Missouri"}, {"US", "MT", "Montana"}, {"US", "NE", "Nebraska"}, {"US", "NV", "Nevada"}, {"US", "NH", "New Hampshire"},
	{"US", "NJ", "New Jersey"}, {"US", "NM", "New Mexico"}, {"US", "NY", "New York"}, {"US", "NC", "North Carolina"}, {"US", "ND", "North Dakota"}, {"US", "OH", "Ohio"},
	{"US", "OK", "Oklahoma"}, {"US", "OR", "Oregon"}, {"US", "PA", "Pennsylvania"}, {"US", "RI", "Rhode Island"}, {"US", "SC", "South Carolina"}, {"US", "SD", "South Dakota"},
	{"US", "TN", "Tennessee"}, {"US", "TX", "Texas"}, {"US", "UT", "Utah"}, {"US", "VT", "Vermont"}, {"US", "VA", "Virginia"}, {"US", "WA", "Washington"},
	{"US", "WV", "West Virginia"}, {"US", "WI", "Wisconsin"}, {"US", "WY", "Wyoming"}, {"US", "AS", "American Samoa"}, {"US", "GU", "Guam"}, {"US", "PR", "Puerto Rico"},
	{"US", "VI", "Virgin Islands"}, {"US", "MP", "Northern Mariana Islands"}, {"US", "AA", "Armed Forces Americas"}, {"US", "AE", "Armed Forces Europe"},
	{"US", "AP", "Armed Forces Pacific"},
	{"CA", "AB", "Alberta"}, {"CA", "BC", "British Columbia"}, {"CA", "MB", "Manitoba"}, {"CA", "NB", "New Brunswick"}, {"CA", "NL", "Newfoundland and Labrador"},
	{"CA", "NT", "Northwest Territories"}, {"CA", "NS", "Nova Scotia"}, {"CA", "NU", "Nunavut"}, {"CA", "ON", "Ontario"}, {"CA", "PE", "Prince Edward Island"},
	{"CA", "QC", "Quebec"}, {"CA", "QC", "Québec"}, {"CA", "SK", "Saskatchewan"}, {"CA", "YT", "Yukon"},
	{"AU", "ACT", "Australian Capital Territory"}, {"AU", "NSW", "New South Wales"}, {"AU", "NT", "Northern Territory"}, {"AU", "QLD", "Queensland"},
	{"AU", "SA", "South Australia"}, {"AU", "TAS", "Tasmania"}, {"AU", "VIC", "Victoria"}, {"AU", "WA", "Western Australia"},
	{"BR", "AC", "Acre"}, {"BR", "AL", "Alagoas"}, {"BR", "AP", "Amapá"}, {"BR", "AM", "Amazonas"}, {"BR", "BA", "Bahia"}, {"BR", "CE", "Ceará"},
	{"BR", "DF", "Distrito Federal"}, {"BR", "ES", "Espírito Santo"}, {"BR", "GO", "Goiás"}, {"BR", "MA", "Maranhão"}, {"BR", "MT", "Mato Grosso"},
	{"BR", "MS", "Mato Grosso do Sul"}, {"BR", "MG", "Minas Gerais"}, {"BR", "PA", "Pará"}, {"BR", "PB", "Paraíba"}, {"BR", "PR", "Paraná"}, {"BR", "PE", "Pernambuco"},
	{"BR", "PI", "Piauí"}, {"BR", "RJ", "Rio de Janeiro"}, {"BR", "RN", "Rio Grande do Norte"}, {"BR", "RS", "Rio Grande do Sul"}, {"BR", "RO", "Rondônia"},
	{"BR", "RR", "Roraima"}, {"BR", "SC", "Santa Catarina"}, {"BR", "SP", "São Paulo"}, {"BR", "SE", "Sergipe"}, {"BR", "TO", "Tocantins"},
};

static bool same_word(const char *a, const char *b)
{
	char *x = g_utf8_casefold(a, -1), *y = g_utf8_casefold(b, -1);
	bool same = strcmp(x, y) == 0;
	g_free(x);
	g_free(y);
	return same;
}

/* "US-CA", as ISO 3166-2 has it, is CA. */
const char *post_region_code(const char *country, const char *region)
{
	if (strncmp(region, country, 2) == 0 && region[2] == '-')
		region += 3;
	for (size_t i = 0; i < G_N_ELEMENTS(regions); i++)
		if (strcmp(regions[i].country, country) == 0 && (same_word(region, regions[i].code) || same_word(region, regions[i].name)))
			return regions[i].code;
	return NULL;
}

/* ---- postal codes ---- */

/* What counts of a code: letters in capitals and digits. Fullwidth ones are theirs. */
static void bare(const char *code, GString *out)
{
	char *plain = g_utf8_normalize(code, -1, G_NORMALIZE_NFKC);
	for (const char *p = plain ? plain : ""; *p; p++)
		if (g_ascii_isalnum(*p))
			g_string_append_c(out, g_ascii_toupper(*p));
		else if ((unsigned char)*p >= 0x80)
			g_string_append_c(out, '?'); /* no form has it */
	g_free(plain);
}

/* Fills one form. Its own letters and digits may be missing from what was given ("1010" is "LV-1010"). */
static bool fill(const char *form, size_t n, const char *given, GString *out)
{
	size_t start = out->len;
	for (size_t i = 0; i < n; i++) {
		bool digit = form[i] == '#', letter = form[i] == '@';
		if (digit ? !g_ascii_isdigit(*given) : letter && !g_ascii_isalpha(*given)) {
			g_string_truncate(out, start);
			return false;
		}
		g_string_append_c(out, digit || letter ? *given : form[i]);
		given += digit || letter || (g_ascii_isalnum(form[i]) && *given == form[i]);
	}
	if (*given)
		g_string_truncate(out, start);
	return !*given;
}

static bool fill_any(const char *forms, const char *given, GString *out)
{
	for (const char *form = forms; *form;) {
		size_t n = strcspn(form, "|");
		if (fill(form, n, given, out))
			return true;
		form += n + (form[n] == '|');
	}
	return false;
}

bool post_code_print(const struct post_country *country, const char *code, GString *out)
{
	if (!country->codes || !*country->codes) {
		post_clean(code, ' ', out);
		return true;
	}
	GString *given = g_string_new(NULL);
	bare(code, given);
	bool known = given->len && fill_any(country->codes, given->str, out);
	size_t letters = strspn(given->str, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"); /* "D-10115", "SE-111 20": the country before it */
	bool before = !known && letters && letters <= 2 && (strncmp(given->str, country->code, letters) == 0);
	if (before)
		known = fill_any(country->codes, given->str + letters, out);
	if (!known)
		post_clean(code, ' ', out);
	g_string_free(given, TRUE);
	return known;
}
