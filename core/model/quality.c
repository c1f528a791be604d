/* Flags from a lead's own fields. Asked in each turn (turn/scrub.c), so it looks things up and allocates nothing. When in doubt there is no
 * flag: a flag costs a person points. Numbers: ITU-T E.164 (at most 15 digits), its country codes and the lengths of their numbers. */
#include "model/quality.h"

#include <stdlib.h>

#include "model/lists.h"

const char *const quality_names[] = {
	[QUALITY_DISPOSABLE] = "disposable", [QUALITY_ROLE_ADDRESS] = "role_address", [QUALITY_FREE_MAIL] = "free_mail",
	[QUALITY_IMPOSSIBLE_PHONE] = "impossible_phone", [QUALITY_KEYBOARD_NOISE] = "keyboard_noise", [QUALITY_COMPETITOR] = "competitor",
	[QUALITY_DUPLICATE] = "duplicate", [QUALITY_COUNT] = NULL};

enum { WORD_MOST = 60 /* bytes of a name that are looked at */, DOMAIN_MOST = 255 };

/* ---- lists ---- */

static int compare(const void *key, const void *entry)
{
	return strcmp(key, *(const char *const *)entry);
}

/* text: at most `most` bytes, small letters for ASCII. */
static bool is_listed(const char *const *list, size_t count, struct str text)
{
	char word[DOMAIN_MOST + 1];
	if (text.n == 0 || text.n > DOMAIN_MOST)
		return false;
	for (size_t i = 0; i < text.n; i++)
		word[i] = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] | 32) : text.p[i];
	word[text.n] = '\0';
	return bsearch(word, list, count, sizeof *list, compare) != NULL;
}
#define IS_LISTED(name, text) is_listed(list_##name, sizeof list_##name / sizeof *list_##name, text)

bool quality_is_disposable(struct str domain)
{
	for (struct str rest = domain; rest.p && memchr(rest.p, '.', rest.n); (void)str_cut(&rest, '.'))
		if (IS_LISTED(disposable, rest))
			return true;
	return false;
}

bool quality_is_free_mail(struct str domain)
{
	return IS_LISTED(free_mail, domain);
}

bool quality_is_role(struct str local)
{
	struct str rest = local;
	return IS_LISTED(role, str_cut(&rest, '+'));
}

static bool is_like(const struct str *patterns, size_t count, struct str text)
{
	char small[DOMAIN_MOST];
	if (!text.n || text.n > DOMAIN_MOST)
		return false;
	for (size_t i = 0; i < text.n; i++)
		small[i] = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] | 32) : text.p[i];
	for (size_t i = 0; i < count; i++)
		if (str_glob(patterns[i], (struct str){small, text.n}))
			return true;
	return false;
}

/* A domain, or one below it: what is "rival.example" is "mail.rival.example", too. */
static bool is_like_or_below(const struct str *patterns, size_t count, struct str domain)
{
	for (struct str rest = domain; rest.p && memchr(rest.p, '.', rest.n); (void)str_cut(&rest, '.'))
		if (is_like(patterns, count, rest))
			return true;
	return false;
}

/* ---- telephone numbers ---- */

/* How many digits follow a country code, at least and at most; ITU-T E.164 and the countries' numbering plans. */
static const struct { const char *code; unsigned char least, most; } plans[] = {
	{"1", 10, 10},  {"7", 10, 10},  {"20", 8, 10},  {"27", 9, 9},   {"30", 10, 10}, {"31", 9, 11},  {"32", 8, 9},   {"33", 9, 9},
	{"34", 9, 9},   {"36", 8, 9},   {"39", 6, 12},  {"40", 9, 9},   {"41", 9, 12},  {"43", 4, 13},  {"44", 7, 10},  {"45", 8, 8},
	{"46", 7, 13},  {"47", 5, 12},  {"48", 9, 9},   {"49", 4, 15},  {"52", 10, 11}, {"55", 10, 11}, {"60", 8, 10},  {"61", 5, 12},
	{"62", 7, 13},  {"63", 8, 11},  {"64", 8, 10},  {"65", 8, 11},  {"66", 8, 10},  {"81", 9, 11},  {"82", 8, 11},  {"84", 9, 10},
	{"86", 8, 12},  {"90", 10, 10}, {"91", 10, 13}, {"92", 9, 10},  {"351", 9, 9},  {"352", 4, 11}, {"353", 7, 10}, {"354", 7, 9},
	{"358", 5, 12}, {"370", 8, 8},  {"371", 8, 8},  {"372", 7, 10}, {"380", 9, 9},  {"381", 8, 12}, {"385", 8, 9},  {"386", 8, 8},
	{"420", 9, 12}, {"421", 9, 9},  {"423", 7, 9},  {"852", 8, 9},  {"886", 8, 10}, {"966", 8, 9},  {"971", 8, 9},  {"972", 8, 12},
};

static bool fits_plan(struct str digits)
{
	for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
		struct str code = str_of(plans[i].code);
		if (str_starts(digits, code))
			return digits.n - code.n >= plans[i].least && digits.n - code.n <= plans[i].most;
	}
	return digits.n >= 7;
}

/* 1111111, 12345678, 98765432 */
static bool is_run(struct str digits)
{
	for (int step = -1; step <= 1; step++) {
		size_t i = 1;
		while (i < digits.n && (digits.p[i] - digits.p[i - 1] + 10) % 10 == (step + 10) % 10)
			i++;
		if (i == digits.n)
			return true;
	}
	return false;
}

bool quality_is_impossible(struct str phone, enum phone_sense sense)
{
	char text[20];
	size_t n = 0;
	bool abroad = false;
	for (size_t i = 0; i < phone.n; i++) {
		char c = phone.p[i];
		if (c == '+' && n == 0 && !abroad)
			abroad = true;
		else if (c >= '0' && c <= '9' && n < sizeof text)
			text[n++] = c;
		else if (c == 'x' || c == 'X' || (c == 'e' && n) || c == ';') /* an extension: "x12", "ext. 12", ";ext=12" */
			break;
		else if (!strchr(" -./()", c))
			return true;
	}
	struct str digits = {text, n};
	if (!abroad && str_starts(digits, STR("00"))) {
		abroad = true;
		digits = (struct str){text + 2, n - 2};
	}
	if (digits.n > 15 || digits.n < 6 || is_run(digits) || (digits.n > 8 && is_run((struct str){digits.p + 3, digits.n - 3})))
		return true;
	if (abroad && sense != PHONE_UNKNOWN)
		return sense == PHONE_IMPOSSIBLE;
	return abroad && (digits.p[0] == '0' || !fits_plan(digits));
}

/* ---- noise ---- */

/* Letters of a word; false when a byte is no ASCII letter, for of other writings nothing is known here. */
static bool letters_of(struct str word, char *out, size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < word.n && *n < WORD_MOST; i++) {
		char c = (char)(word.p[i] | 32);
		if (c < 'a' || c > 'z')
			return false;
		out[(*n)++] = c;
	}
	return true;
}

/* How many letters of the word stand in runs of four or more along a row of keys, there or back. */
static bool is_along_keys(const char *word, size_t n)
{
	static const char *const rows[] = {"qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "qazwsxedc"};
	size_t covered = 0;
	for (size_t at = 0; at < n;) {
		size_t best = 1;
		for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
			const char *key = strchr(rows[r], word[at]);
			size_t there = 1, back = 1;
			while (key && at + there < n && key[there] && key[there] == word[at + there])
				there++;
			while (key && at + back < n && key - rows[r] >= (long)back && key[-(long)back] == word[at + back])
				back++;
			best = there > best ? there : back > best ? back : best;
		}
		covered += best >= 4 ? best : 0;
		at += best;
	}
	return covered >= 4 && covered * 10 >= n * 6;
}

/* One part of at most three letters, again and again: "xxxx", "asasas", "jkljkljkl". */
static bool is_repeated(const char *word, size_t n)
{
	for (size_t part = 1; part <= 3; part++) {
		size_t i = part;
		while (i < n && word[i] == word[i - part])
			i++;
		if (i == n && n >= (part == 1 ? 3 : part * 3))
			return true;
	}
	return false;
}

static bool has_no_vowel(const char *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strchr("aeiouy", word[i]))
			return false;
	return n >= 6;
}

bool quality_is_noise(struct str text)
{
	struct str rest = str_trim(text);
	char word[WORD_MOST];
	size_t n = 0, words = 0, noisy = 0;
	if (!rest.n || rest.n > WORD_MOST)
		return false;
	if (IS_LISTED(filler, rest))
		return true;
	while (rest.p) {
		struct str one = str_trim(str_cut(&rest, ' '));
		if (!one.n)
			continue;
		words++;
		noisy += letters_of(one, word, &n) && (is_along_keys(word, n) || is_repeated(word, n) || has_no_vowel(word, n));
	}
	return words && noisy == words;
}

/* ---- a lead ---- */

static struct str text_of(const struct value *v)
{
	return v->type == VALUE_TEXT ? v->text : (struct str){"", 0};
}

static unsigned of_address(struct str email, const struct quality_lists *lists)
{
	const char *at = email.n ? memrchr(email.p, '@', email.n) : NULL;
	if (!at)
		return 0;
	struct str local = {email.p, (size_t)(at - email.p)}, domain = {at + 1, email.n - local.n - 1};
	unsigned flags = 0;
	if (quality_is_disposable(domain) || is_like(lists->disposable, lists->disposable_count, domain))
		flags |= 1u << QUALITY_DISPOSABLE;
	if (quality_is_role(local) || is_like(lists->roles, lists->role_count, local))
		flags |= 1u << QUALITY_ROLE_ADDRESS;
	if (quality_is_free_mail(domain))
		flags |= 1u << QUALITY_FREE_MAIL;
	if (is_like_or_below(lists->competitors, lists->competitor_count, domain))
		flags |= 1u << QUALITY_COMPETITOR;
	return flags;
}

unsigned quality_of(const struct value *fields, const struct quality_lists *lists, const struct quality_known *known)
{
	static const enum lead_slot named[] = {LEAD_FIRST_NAME, LEAD_LAST_NAME, LEAD_COMPANY};
	unsigned flags = of_address(text_of(&fields[LEAD_EMAIL]), lists);
	struct str phone = text_of(&fields[LEAD_PHONE]), company = text_of(&fields[LEAD_COMPANY]);
	if (phone.n && quality_is_impossible(phone, known->phone))
		flags |= 1u << QUALITY_IMPOSSIBLE_PHONE;
	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (quality_is_noise(text_of(&fields[named[i]])))
			flags |= 1u << QUALITY_KEYBOARD_NOISE;
	if (known->rival || is_like(lists->competitors, lists->competitor_count, company))
		flags |= 1u << QUALITY_COMPETITOR;
	return known->twin ? flags | 1u << QUALITY_DUPLICATE : flags;
}

struct value quality_value(unsigned flags, struct arena *arena)
{
	struct str *names = arena_array(arena, QUALITY_COUNT, sizeof *names);
	size_t n = 0;
	for (int i = 0; i < QUALITY_COUNT; i++)
		if (flags >> i & 1)
			names[n++] = str_of(quality_names[i]);
	if (!n)
		return (struct value){.type = VALUE_EMPTY};
	return (struct value){.type = VALUE_LIST, .list = {names, n}};
}
