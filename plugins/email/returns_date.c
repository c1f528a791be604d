/* Until when somebody is away: the first date behind a word such as "until", "back on", "bis zum". Dates as 2027-01-05, 5.1.2027, 5 January [2027], January 5[, 2027];
 * 05/01/2027 only where it can be read in one way. Without a year: none is said, for nobody knows which. */
#include "returns_came.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

static const char *const cues[] = {
	"until", "till ", "through", "back on", "return on", "returning on", "back in the office on", "bis zum", "bis ", "ab dem", "wieder am", "jusqu'au", "jusqu\342\200\231au",
	"de retour le", "hasta el", "fino al", "tot en met", " tot ", "at\xc3\xa9 ", "t.o.m.", "til og med", NULL,
};
static const char *const months[][12] = {
	{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"},
	{"januar", "februar", "m\xc3\xa4rz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"},
	{"janvier", "f\xc3\xa9vrier", "mars", "avril", "mai", "juin", "juillet", "ao\xc3\xbbt", "septembre", "octobre", "novembre", "d\303\251cembre"},
	{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
	{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
	{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"},
};
enum { LANGUAGES = sizeof months / sizeof *months, REACH = 60 /* bytes from the word to its date */ };

static bool write_date(int year, int month, int day, char out[11])
{
	if (year < 2000 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31 || !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
		return false;
	snprintf(out, 11, "%04u-%02u-%02u", (unsigned)year % 10000u, (unsigned)month % 100u, (unsigned)day % 100u);
	return true;
}

static const char *skip(const char *p)
{
	while (*p == ' ' || *p == ',' || *p == '.')
		p++;
	if (g_str_has_prefix(p, "de "))
		p += 3;
	return g_str_has_prefix(p, "of ") ? p + 3 : p;
}

static int month_at(const char **p)
{
	for (int l = 0; l < LANGUAGES; l++)
		for (int m = 0; m < 12; m++)
			if (g_str_has_prefix(*p, months[l][m])) {
				*p += strlen(months[l][m]);
				return m + 1;
			}
	return 0;
}

/* One to `most` digits; goes behind them. */
static bool number(const char **p, int most, int *out)
{
	int n = 0;
	for (*out = 0; n < most && g_ascii_isdigit(**p); n++)
		*out = *out * 10 + (*(*p)++ - '0');
	return n > 0;
}

static bool sign(const char **p, char c)
{
	if (**p != c)
		return false;
	++*p;
	return true;
}

/* At a digit. */
static bool numbers_at(const char *p, char out[11])
{
	int a, b, c;
	const char *q = p;
	if (number(&q, 4, &a) && sign(&q, '-') && number(&q, 2, &b) && sign(&q, '-') && number(&q, 2, &c))
		return write_date(a, b, c, out);
	q = p;
	if (!number(&q, 2, &a) || (*q != '.' && *q != '/'))
		return false;
	char between = *q++;
	if (!number(&q, 2, &b) || !sign(&q, between) || !number(&q, 4, &c))
		return false;
	if (between == '.' || a > 12)
		return write_date(c, b, a, out);
	return b > 12 && write_date(c, a, b, out);
}

/* "5 January 2027", "5th of January, 2027", "5. Januar 2027" */
static bool day_first(const char *p, char out[11])
{
	int day, month, year;
	if (!number(&p, 2, &day))
		return false;
	if (g_str_has_prefix(p, "st") || g_str_has_prefix(p, "nd") || g_str_has_prefix(p, "rd") || g_str_has_prefix(p, "th"))
		p += 2;
	p = skip(p);
	month = month_at(&p);
	p = skip(p);
	return month && number(&p, 4, &year) && write_date(year, month, day, out);
}

static bool month_first(const char *p, char out[11])
{
	int month = month_at(&p), day, year;
	p = skip(p);
	if (!month || !number(&p, 2, &day))
		return false;
	if (g_ascii_isalpha(p[0]) && g_ascii_isalpha(p[1]))
		p += 2;
	p = skip(p);
	return number(&p, 4, &year) && write_date(year, month, day, out);
}

static bool date_behind(const char *p, char out[11])
{
	for (int i = 0; i < REACH && p[i] && p[i] != '\n'; i++) {
		bool digit = g_ascii_isdigit(p[i]);
		if (i && g_ascii_isdigit(p[i - 1]))
			continue;
		if (digit && (numbers_at(p + i, out) || day_first(p + i, out)))
			return true;
		if (!digit && (i == 0 || !g_ascii_isalpha(p[i - 1])) && month_first(p + i, out))
			return true;
	}
	return false;
}

bool came_find_date(const char *text, char out[11])
{
	char *low = g_utf8_strdown(text, -1);
	bool found = false;
	for (size_t i = 0; !found && cues[i]; i++)
		for (const char *p = low; !found && (p = strstr(p, cues[i])); p += strlen(cues[i]))
			found = date_behind(p + strlen(cues[i]), out);
	g_free(low);
	return found;
}
