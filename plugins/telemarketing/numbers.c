/* See numbers.h. A list may have hundreds of millions of lines, so a line costs no more than its digits. */
#include "numbers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How many digits stand before a number that is dialled at home, by country code: nearly everywhere a zero; Italy's is part of the number, and some countries' only before so many
 * digits in all (ITU-T E.164, national numbering plans). */
static size_t trunk_of(const char *digits, const char *country)
{
	static const struct { const char *country, *trunk; size_t whole; } others[] = {{"39", "", 0}, {"7", "8", 11}, {"1", "1", 11}, {"36", "06", 0}, {"370", "8", 9}};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		size_t n = strlen(others[i].trunk);
		if (strcmp(others[i].country, country) == 0)
			return strncmp(digits, others[i].trunk, n) == 0 && (!others[i].whole || strlen(digits) == others[i].whole) ? n : 0;
	}
	return *digits == '0';
}

/* As it is dialled at home ("020 7946 0000", "+44 (0)20 …") to how it is dialled from abroad. 00 is a plus. */
static const char *from_abroad(const char *digits, const char *country, bool *plus)
{
	if (!*plus && strncmp(digits, "00", 2) == 0) {
		*plus = true;
		return digits + 2;
	}
	return *plus ? digits : digits + trunk_of(digits, country);
}

/* The first cell of a line, its digits; what has none is bad, but for a head in the first line. */
static void read_line(struct numbers *r, const char *line, size_t n, size_t number, const char *country)
{
	char digits[24];
	size_t used = 0;
	bool plus = false, letters = false;
	for (size_t i = 0; i < n && line[i] != ',' && line[i] != ';' && line[i] != '\t'; i++) {
		bool digit = line[i] >= '0' && line[i] <= '9';
		if (n - i >= 3 && strncmp(line + i, "(0)", 3) == 0 && used && plus) {
			i += 2;
			continue;
		}
		plus |= line[i] == '+' && !used;
		letters |= !digit && !strchr("+ -().\"'/\r", line[i]);
		if (digit && used + 1 < sizeof digits)
			digits[used++] = line[i];
	}
	digits[used] = 0;
	if (!used && !letters)
		return; /* an empty line */
	if (letters && number == 1 && !used)
		return; /* its head */
	const char *whole = from_abroad(digits, country, &plus), *code = plus ? "" : country;
	used = strlen(whole);
	if (letters || used < 5 || used + strlen(code) > 15 || (!plus && !*country)) {
		if (r->bad < NUMBERS_BAD_SHOWN)
			r->bad_at[r->bad] = number;
		r->bad++;
		return;
	}
	r->used += (size_t)snprintf(r->text + r->used, r->room - r->used, "+%s%s,", code, whole);
	r->count++;
}

void numbers_read(struct numbers *r, const char *body, size_t length, const char *country)
{
	size_t number = 1;
	*r = (struct numbers){.room = length * 3 + 64};
	r->text = calloc(r->room, 1);
	if (!r->text)
		abort();
	size_t mark = length >= 3 && memcmp(body, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* of UTF-8, as spreadsheets write it */
	for (const char *at = body + mark, *end = body + length; at < end; number++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t n = stop ? (size_t)(stop - at) : (size_t)(end - at);
		read_line(r, at, n, number, country);
		at += n + 1;
	}
}

size_t numbers_cut(struct numbers *r, size_t most, char **out)
{
	size_t n = 0;
	char *at = r->text + r->taken;
	*out = at;
	for (; n < most && *at; n++)
		at = strchr(at, ',') + 1;
	if (n)
		at[-1] = '\0';
	r->taken = (size_t)(at - r->text);
	return n;
}

void numbers_fini(struct numbers *r)
{
	free(r->text);
}
