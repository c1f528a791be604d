/* Reading clocks and RFC 3339. */
#include "base/clock.h"

#include "base/civil.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

mono_t mono_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

moment_t real_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

moment_t clock_domain(const struct clock *clock, moment_t real)
{
	return clock->scale == 1.0 ? clock->domain0 + (real - clock->real0) : clock->domain0;
}

int64_t clock_real_until(const struct clock *clock, moment_t real, moment_t then)
{
	if (then == MOMENT_NEVER)
		return INT64_MAX;
	moment_t now = clock_domain(clock, real);
	if (then <= now)
		return 0;
	return clock->scale == 1.0 ? then - now : (int64_t)((double)(then - now) / clock->scale) + 1;
}

/* Reads exactly `digits` digits. */
static bool take_digits(struct str *s, int digits, int *out)
{
	int v = 0;
	if (s->n < (size_t)digits)
		return false;
	for (int i = 0; i < digits; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	s->p += digits;
	s->n -= (size_t)digits;
	*out = v;
	return true;
}

static bool take_char(struct str *s, const char *any)
{
	if (s->n == 0 || !strchr(any, s->p[0]))
		return false;
	s->p++;
	s->n--;
	return true;
}

static bool take_fraction(struct str *s, int64_t *out)
{
	int64_t unit = 100000, v = 0;
	size_t digits = 0;
	if (!take_char(s, "."))
		return true;
	while (s->n && s->p[0] >= '0' && s->p[0] <= '9' && digits < 9) {
		v += (s->p[0] - '0') * unit;
		unit /= 10;
		s->p++, s->n--, digits++;
	}
	*out = v;
	return digits > 0;
}

static bool take_offset(struct str *s, int64_t *minutes)
{
	int hh = 0, mm = 0;
	if (take_char(s, "Zz"))
		return true;
	bool minus = s->n && s->p[0] == '-';
	if (!take_char(s, "+-") || !take_digits(s, 2, &hh) || !take_char(s, ":") || !take_digits(s, 2, &mm) || hh > 23 || mm > 59)
		return false;
	*minutes = (minus ? -1 : 1) * (hh * 60 + mm);
	return true;
}

int moment_parse(struct str text, moment_t *out, struct error *error)
{
	int year = 0, month = 0, day = 0, hh = 0, mm = 0, ss = 0;
	int64_t fraction = 0, offset = 0;
	struct str s = text;
	bool ok = take_digits(&s, 4, &year) && take_char(&s, "-") && take_digits(&s, 2, &month) && take_char(&s, "-") &&
		  take_digits(&s, 2, &day);
	if (ok && s.n)
		ok = take_char(&s, "Tt ") && take_digits(&s, 2, &hh) && take_char(&s, ":") && take_digits(&s, 2, &mm) &&
		     take_char(&s, ":") && take_digits(&s, 2, &ss) && take_fraction(&s, &fraction) && take_offset(&s, &offset);
	if (!ok || s.n)
		return error_set(error, ERROR_INVALID, NULL,
				 "\"%.*s\" is not a moment. Write it by RFC 3339, like 2027-03-18T15:00:00Z.",
				 text.n > 64 ? 64 : STR_ARG(text));
	if (year < 1900 || year > 2200)
		return error_set(error, ERROR_INVALID, NULL, "the year %d is out of range (1900 to 2200).", year);
	if (month < 1 || month > 12 || day < 1 || day > civil_month_length(year, month) || hh > 23 || mm > 59 || ss > 60)
		return error_set(error, ERROR_INVALID, NULL, "\"%.*s\" does not exist in the calendar.", STR_ARG(text));
	int64_t seconds = civil_days(year, month, day) * 86400 + hh * 3600 + mm * 60 + (ss == 60 ? 59 : ss) - offset * 60;
	*out = seconds * MOMENT_SECOND + fraction;
	return 0;
}

const char *moment_format(moment_t moment, char out[MOMENT_TEXT])
{
	int64_t seconds = moment / MOMENT_SECOND, micros = moment % MOMENT_SECOND;
	if (micros < 0)
		micros += MOMENT_SECOND, seconds--;
	time_t t = (time_t)seconds;
	struct tm utc;
	gmtime_r(&t, &utc);
	size_t n = strftime(out, MOMENT_TEXT, "%Y-%m-%dT%H:%M:%S", &utc);
	if (micros)
		snprintf(out + n, MOMENT_TEXT - n, ".%03dZ", (int)(micros / 1000));
	else
		snprintf(out + n, MOMENT_TEXT - n, "Z");
	return out;
}
