/* The filter date: strftime's directives as Ruby knows them, in the lead's time zone (the playbook's when the lead has
 * none). Reads "now", "today", RFC 3339, `2027-03-18`, `2027-03-18 15:00:00 +0100` (how templates print moments) and
 * seconds since 1970. A date alone stays that day in every zone. What is no date is printed as it was. Names of months
 * and days are English. */
#include "playbook/liquid.h"

#include "base/calendar.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

struct when {
	struct calendar_local local;
	moment_t moment;
	int offset; /* minutes east of UTC */
	const char *zone;
};

static void place(struct when *when, moment_t moment, const char *zone)
{
	when->moment = moment;
	when->zone = zone;
	calendar_local(moment, zone, &when->local);
	when->offset = (int)((calendar_moment(&when->local, NULL) - moment) / MOMENT_MINUTE);
}

/* "2027-03-18 15:00:00 +0100" becomes RFC 3339 for moment_parse. */
static bool parse_printed(struct str s, moment_t *out)
{
	char text[32];
	if (s.n != 25 || s.p[19] != ' ')
		return false;
	snprintf(text, sizeof text, "%.10sT%.8s%.3s:%.2s", s.p, s.p + 11, s.p + 20, s.p + 23);
	return moment_parse(str_of(text), out, NULL) == 0;
}

static bool read_when(lua_State *lua, int index, const struct liquid_run *run, struct when *when)
{
	const char *zone = liquid_zone(run);
	struct str s;
	int64_t seconds = 0;
	moment_t moment = 0;
	if (lua_type(lua, index) == LUA_TNUMBER) {
		double number = lua_tonumber(lua, index);
		if (!(number > -1e10 && number < 1e10))
			return false;
		place(when, (moment_t)(number * MOMENT_SECOND), zone);
		return true;
	}
	if (lua_type(lua, index) != LUA_TSTRING)
		return false;
	s.p = lua_tolstring(lua, index, &s.n);
	if (str_is(s, "now") || str_is(s, "today"))
		place(when, run->input->view.now, zone);
	else if (str_to_int(s, &seconds) && seconds > -10000000000 && seconds < 10000000000)
		place(when, seconds * MOMENT_SECOND, zone);
	else if (moment_parse(s, &moment, NULL) == 0)
		place(when, moment, s.n == 10 ? NULL : zone);
	else if (parse_printed(s, &moment) || calendar_parse(s, zone, &moment, NULL) == 0)
		place(when, moment, zone);
	else
		return false;
	return true;
}

/* ---- directives ---- */

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
				     "July",    "August",   "September", "October", "November", "December"};
static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

struct directive {
	char letter;
	char flag; /* - _ 0 ^ # or 0 */
	int width; /* 0 = the directive's own */
};

static void put_text(struct buf *out, const struct directive *d, const char *text, size_t most)
{
	size_t n = strlen(text);
	n = n > most ? most : n;
	for (int pad = d->width - (int)n; pad > 0; pad--)
		buf_putc(out, d->flag == '0' ? '0' : ' ');
	for (size_t i = 0; i < n; i++) {
		char c = text[i];
		bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z';
		if (d->flag == '^' || (d->flag == '#' && d->letter != 'p'))
			c = lower ? (char)(c - 32) : c;
		else if (d->flag == '#')
			c = upper ? (char)(c + 32) : c;
		buf_putc(out, c);
	}
}

static void put_number(struct buf *out, const struct directive *d, long long number, int width, char pad)
{
	char text[64];
	if (d->flag == '-')
		width = 0;
	else if (d->flag == '_')
		pad = ' ';
	else if (d->flag == '0')
		pad = '0';
	if (d->width && d->flag != '-')
		width = d->width;
	snprintf(text, sizeof text, pad == ' ' ? "%*lld" : "%0*lld", width, number);
	buf_puts(out, text);
}

static int day_of_year(const struct calendar_local *local)
{
	struct calendar_local first = {.year = local->year, .month = 1, .day = 1},
			      day = {.year = local->year, .month = local->month, .day = local->day};
	return (int)((calendar_moment(&day, NULL) - calendar_moment(&first, NULL)) / MOMENT_DAY) + 1;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* ISO 8601 week and its year. */
static int iso_week(const struct calendar_local *local, int *year)
{
	int weekday = (local->weekday + 6) % 7, yday = day_of_year(local) - 1;
	int week = (yday - weekday + 10) / 7;
	*year = local->year;
	if (week < 1) {
		(*year)--;
		int last = yday + 365 + is_leap(*year);
		return (last - weekday + 10) / 7;
	}
	int length = 365 + is_leap(local->year);
	if (week == 53 && yday - weekday + 3 >= length) {
		(*year)++;
		return 1;
	}
	return week;
}

static void put_offset(struct buf *out, int offset, bool colon)
{
	int minutes = abs(offset);
	buf_printf(out, colon ? "%c%02d:%02d" : "%c%02d%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

static void put_format(struct buf *out, const struct when *when, struct str format);

struct composite {
	char letter;
	const char *format;
};
static const struct composite composites[] = {
	{'c', "%a %b %e %H:%M:%S %Y"},
	{'D', "%m/%d/%y"},
	{'x', "%m/%d/%y"},
	{'F', "%Y-%m-%d"},
	{'R', "%H:%M"},
	{'r', "%I:%M:%S %p"},
	{'T', "%H:%M:%S"},
	{'X', "%H:%M:%S"},
	{'v', "%e-%^b-%Y"},
	{'+', "%a %b %e %H:%M:%S %Z %Y"},
};

static bool put_composite(struct buf *out, const struct when *when, char letter)
{
	for (size_t i = 0; i < sizeof composites / sizeof *composites; i++)
		if (composites[i].letter == letter) {
			put_format(out, when, str_of(composites[i].format));
			return true;
		}
	return false;
}

static void put_zone(struct buf *out, const struct when *when)
{
	if (!when->zone || !when->offset)
		buf_puts(out, "UTC");
	else
		put_offset(out, when->offset, true);
}

static bool put_week(struct buf *out, const struct when *when, const struct directive *d)
{
	const struct calendar_local *t = &when->local;
	int year = 0, week = iso_week(t, &year), yday = day_of_year(t) - 1;
	switch (d->letter) {
	case 'j': put_number(out, d, yday + 1, 3, '0'); return true;
	case 'V': put_number(out, d, week, 2, '0'); return true;
	case 'G': put_number(out, d, year, 4, '0'); return true;
	case 'g': put_number(out, d, year % 100, 2, '0'); return true;
	case 'U': put_number(out, d, (yday + 7 - t->weekday) / 7, 2, '0'); return true;
	case 'W': put_number(out, d, (yday + 7 - (t->weekday + 6) % 7) / 7, 2, '0'); return true;
	default: return false;
	}
}

static bool put_clock(struct buf *out, const struct when *when, const struct directive *d)
{
	const struct calendar_local *t = &when->local;
	int hour12 = t->hour % 12 ? t->hour % 12 : 12;
	switch (d->letter) {
	case 'H': put_number(out, d, t->hour, 2, '0'); return true;
	case 'k': put_number(out, d, t->hour, 2, ' '); return true;
	case 'I': put_number(out, d, hour12, 2, '0'); return true;
	case 'l': put_number(out, d, hour12, 2, ' '); return true;
	case 'M': put_number(out, d, t->minute, 2, '0'); return true;
	case 'S': put_number(out, d, t->second, 2, '0'); return true;
	case 'L': put_number(out, d, t->micros / 1000, 3, '0'); return true;
	case 'N': put_number(out, d, (long long)t->micros * 1000, 9, '0'); return true;
	case 'p': put_text(out, d, t->hour < 12 ? "AM" : "PM", 2); return true;
	case 'P': put_text(out, d, t->hour < 12 ? "am" : "pm", 2); return true;
	case 's': put_number(out, d, when->moment / MOMENT_SECOND, 1, '0'); return true;
	case 'z': put_offset(out, when->offset, false); return true;
	case 'Z': put_zone(out, when); return true;
	default: return false;
	}
}

static bool put_day(struct buf *out, const struct when *when, const struct directive *d)
{
	const struct calendar_local *t = &when->local;
	switch (d->letter) {
	case 'a': put_text(out, d, days[t->weekday], 3); return true;
	case 'A': put_text(out, d, days[t->weekday], 20); return true;
	case 'b':
	case 'h': put_text(out, d, months[t->month - 1], 3); return true;
	case 'B': put_text(out, d, months[t->month - 1], 20); return true;
	case 'C': put_number(out, d, t->year / 100, 2, '0'); return true;
	case 'd': put_number(out, d, t->day, 2, '0'); return true;
	case 'e': put_number(out, d, t->day, 2, ' '); return true;
	case 'm': put_number(out, d, t->month, 2, '0'); return true;
	case 'y': put_number(out, d, t->year % 100, 2, '0'); return true;
	case 'Y': put_number(out, d, t->year, 4, '0'); return true;
	case 'u': put_number(out, d, t->weekday ? t->weekday : 7, 1, '0'); return true;
	case 'w': put_number(out, d, t->weekday, 1, '0'); return true;
	case 'n': buf_putc(out, '\n'); return true;
	case 't': buf_putc(out, '\t'); return true;
	case '%': buf_putc(out, '%'); return true;
	default: return false;
	}
}

/* Reads flags and width after %; returns where the letter stands. */
static size_t read_directive(struct str format, size_t i, struct directive *d)
{
	*d = (struct directive){0};
	while (i < format.n && format.p[i] && strchr("-_0^#", format.p[i]))
		d->flag = format.p[i++];
	for (int digits = 0; i < format.n && format.p[i] >= '0' && format.p[i] <= '9' && digits < 2; digits++)
		d->width = d->width * 10 + (format.p[i++] - '0');
	if (i < format.n)
		d->letter = format.p[i];
	return i;
}

static void put_format(struct buf *out, const struct when *when, struct str format)
{
	for (size_t i = 0; i < format.n && out->n <= LIQUID_OUTPUT_MOST; i++) {
		struct directive d;
		if (format.p[i] != '%') {
			buf_putc(out, format.p[i]);
			continue;
		}
		size_t start = i;
		i = read_directive(format, i + 1, &d);
		if (i + 1 < format.n && format.p[i] == ':' && format.p[i + 1] == 'z') {
			put_offset(out, when->offset, true);
			i++;
		} else if (!d.letter || !(put_day(out, when, &d) || put_clock(out, when, &d) ||
					  put_week(out, when, &d) || put_composite(out, when, d.letter))) {
			buf_put(out, format.p + start,
				(i < format.n ? i + 1 : format.n) - start); /* as it stands, like Ruby */
		}
	}
}

static int f_date(lua_State *lua)
{
	lua_settop(lua, 2);
	struct liquid_run *run = sandbox_host(lua);
	struct str format = liquid_to_text(lua, 2);
	struct when when;
	sandbox_charge(lua, 20 + format.n);
	if (!format.n || !read_when(lua, 1, run, &when)) {
		lua_pushvalue(lua, 1);
		return 1;
	}
	buf_clear(&run->scratch);
	put_format(&run->scratch, &when, format);
	lua_pushlstring(lua, run->scratch.n ? run->scratch.p : "", run->scratch.n);
	return 1;
}

const struct liquid_filter liquid_filters_date[] = {
	{"date", f_date, 1, 1},
	{NULL, NULL, 0, 0},
};
