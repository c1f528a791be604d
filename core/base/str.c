/* What the house asks of text. Pure functions over slices. */
#include "base/str.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

int str_compare(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool str_same_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_same((struct str){s.p, prefix.n}, prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_same((struct str){s.p + s.n - suffix.n, suffix.n}, suffix);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.n && is_space(s.p[0]))
		s.p++, s.n--;
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_cut(struct str *s, char sep)
{
	struct str all = *s;
	const char *at = all.n ? memchr(all.p, sep, all.n) : NULL;
	if (!at) {
		*s = (struct str){NULL, 0};
		return all;
	}
	size_t before = (size_t)(at - all.p);
	*s = (struct str){at + 1, all.n - before - 1};
	return (struct str){all.p, before};
}

size_t str_utf8_step(const char *bytes, size_t n)
{
	const unsigned char *p = (const unsigned char *)bytes;
	unsigned char c = p[0];
	if (c < 0x80)
		return 1;
	size_t len = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
	if (c < 0xC2 || c > 0xF4 || n < len)
		return 0;
	unsigned char low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
	unsigned char high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return len;
}

bool str_is_utf8(struct str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t step = str_utf8_step(s.p + i, s.n - i);
		if (!step)
			return false;
		i += step;
	}
	return true;
}

bool str_is_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0x20 && c != '\t' && c != '\r' && c != '\n')
			return false;
	}
	return str_is_utf8(s);
}

bool str_is_shown(const char *p, size_t step)
{
	const unsigned char *u = (const unsigned char *)p;
	switch (step) {
	case 1: return u[0] >= 0x20 && u[0] != 0x7f;
	case 2: return !(u[0] == 0xc2 && u[1] < 0xa0) && !(u[0] == 0xd8 && u[1] == 0x9c);
	case 3:
		if (u[0] == 0xe2 && u[1] == 0x80)
			return u[2] != 0x8e && u[2] != 0x8f && !(u[2] >= 0xa8 && u[2] <= 0xae);
		return !(u[0] == 0xe2 && u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9);
	case 4: return !(u[0] == 0xf3 && u[1] == 0xa0 && (u[2] == 0x80 || u[2] == 0x81));
	default: return false;
	}
}

size_t str_utf8_length(struct str s)
{
	size_t count = 0;
	for (size_t i = 0; i < s.n; i++)
		count += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return count;
}

bool str_glob(struct str pattern, struct str s)
{
	size_t p = 0, i = 0, star = SIZE_MAX, resume = 0;
	while (i < s.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			resume = i;
		} else if (p < pattern.n && pattern.p[p] == s.p[i]) {
			p++, i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++resume;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

bool str_to_int(struct str s, int64_t *out)
{
	char copy[32];
	if (s.n == 0 || s.n >= sizeof copy || is_space(s.p[0]))
		return false;
	memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	char *end = NULL;
	errno = 0;
	long long v = strtoll(copy, &end, 10);
	if (errno || end != copy + s.n)
		return false;
	*out = v;
	return true;
}

bool str_to_double(struct str s, double *out)
{
	char copy[64];
	if (s.n == 0 || s.n >= sizeof copy)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!memchr("0123456789+-.eE", s.p[i], 15))
			return false;
	memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	char *end = NULL;
	double v = strtod(copy, &end);
	if (end != copy + s.n || !isfinite(v))
		return false;
	*out = v;
	return true;
}

enum { DISTANCE_MAX = 64 };

size_t str_distance(struct str a, struct str b)
{
	size_t rows[3][DISTANCE_MAX + 1];
	if (a.n > DISTANCE_MAX || b.n > DISTANCE_MAX)
		return a.n > b.n ? a.n : b.n;
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *now = rows[i % 3], *above = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t best = above[j - 1] + (a.p[i - 1] != b.p[j - 1]);
			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] && two[j - 2] + 1 < best)
				best = two[j - 2] + 1;
			now[j] = best;
		}
	}
	return rows[a.n % 3][b.n];
}

const char *str_nearest(struct str wanted, const char *const *names, size_t count)
{
	const char *best = NULL;
	/* of a short name little is left when two letters are others: nope is no slip for role */
	size_t best_distance = wanted.n < 5 ? 2 : 1 + wanted.n / 4 + 1;
	for (size_t i = 0; i < count; i++) {
		size_t d = str_distance(wanted, str_of(names[i]));
		if (d < best_distance) {
			best_distance = d;
			best = names[i];
		}
	}
	return best;
}
