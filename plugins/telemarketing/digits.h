/* Numbers and signs off the front of a text, strictly: digits alone, so many of them. Pure. */
#ifndef TELEMARKETING_DIGITS_H
#define TELEMARKETING_DIGITS_H

#include <stdbool.h>

/* `least` to `most` digits (at most 9); moves on behind them. false: there are fewer, and *at stays. */
static inline bool take_digits(const char **at, int least, int most, int *out)
{
	int n = 0, number = 0;
	while (n < most && (*at)[n] >= '0' && (*at)[n] <= '9')
		number = number * 10 + ((*at)[n++] - '0');
	if (n < least)
		return false;
	*at += n;
	*out = number;
	return true;
}

static inline bool take_sign(const char **at, char sign)
{
	if (**at != sign)
		return false;
	++*at;
	return true;
}

/* "2027-03-18" */
static inline bool take_date(const char **at, int *y, int *m, int *d)
{
	return take_digits(at, 4, 4, y) && take_sign(at, '-') && take_digits(at, 2, 2, m) && take_sign(at, '-') && take_digits(at, 2, 2, d);
}

/* A day that a calendar has; year 0 = in some year. */
static inline bool is_calendar_day(int y, int m, int d)
{
	static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = y == 0 || (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
	return m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1] && (m != 2 || d < 29 || leap);
}

/* "8:00", "15:30" */
static inline bool take_time(const char **at, int *h, int *m)
{
	return take_digits(at, 1, 2, h) && take_sign(at, ':') && take_digits(at, 2, 2, m);
}

#endif
