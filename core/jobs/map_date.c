/* Dates as people write them in files: numbers with . / - or blanks between them, in an order that the map names, or that the date itself tells
 * (a year of four digits before the others; a day above 12). What could be two dates is refused: one day it would be the wrong one. */
#include "jobs/map_parts.h"

#include <string.h>

static const struct {
	const char *name;
	enum date_order order;
} orders[] = {{"day month year", DATE_DAY_FIRST}, {"month day year", DATE_MONTH_FIRST}, {"year month day", DATE_YEAR_FIRST}};

bool date_order_from(struct str name, enum date_order *out)
{
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		if (!str_is(name, orders[i].name))
			continue;
		*out = orders[i].order;
		return true;
	}
	return false;
}

/* Three numbers with the same mark between them; digits[i] is how long each is. */
static bool read_numbers(struct str text, int numbers[3], int digits[3])
{
	size_t at = 0;
	char mark = '\0';
	for (int i = 0; i < 3; i++) {
		numbers[i] = digits[i] = 0;
		for (; at < text.n && text.p[at] >= '0' && text.p[at] <= '9' && digits[i] < 4; at++, digits[i]++)
			numbers[i] = numbers[i] * 10 + (text.p[at] - '0');
		if (!digits[i] || i == 2)
			continue;
		if (at == text.n || !strchr("./- ", text.p[at]) || (mark && text.p[at] != mark))
			return false;
		mark = text.p[at++];
	}
	return digits[0] && digits[1] && digits[2] && at == text.n;
}

static int refuse(struct str text, const char *why, struct error *error)
{
	return error_set(error, ERROR_INVALID, NULL, "\"%.*s\" %s", (int)(text.n < 40 ? text.n : 40), text.p, why);
}

static int told(const int numbers[3], const int digits[3], enum date_order *order)
{
	if (digits[0] == 4)
		*order = DATE_YEAR_FIRST;
	else if ((numbers[0] > 12 && numbers[1] <= 12) || numbers[0] == numbers[1]) /* equal ones are one day in both orders */
		*order = DATE_DAY_FIRST;
	else if (numbers[1] > 12 && numbers[0] <= 12)
		*order = DATE_MONTH_FIRST;
	else
		return -1;
	return 0;
}

static int read_day(enum date_order order, struct str text, struct arena *arena, struct str *out, struct error *error)
{
	static const int places[][3] = {[DATE_DAY_FIRST] = {2, 1, 0}, [DATE_MONTH_FIRST] = {2, 0, 1}, [DATE_YEAR_FIRST] = {0, 1, 2}};
	int numbers[3], digits[3];
	moment_t moment;
	struct error not_used;
	*out = text;
	if (!read_numbers(text, numbers, digits))
		return moment_parse(text, &moment, &not_used) ? refuse(text, "is no date: write it like 2026-11-22, or name its order in the map (dates).", error) : 0;
	if (order == DATE_TOLD && told(numbers, digits, &order))
		return refuse(text, "could be two dates. Name the order in the map: dates = \"day month year\" or \"month day year\".", error);
	const int *place = places[order];
	if (digits[place[0]] != 4)
		return refuse(text, "has no year of four digits where the map says it stands.", error);
	*out = str_of(arena_printf(arena, "%04d-%02d-%02d", numbers[place[0]], numbers[place[1]], numbers[place[2]]));
	return moment_parse(*out, &moment, &not_used) ? refuse(text, "is no date in the order that the map names, or not one of the calendar.", error) : 0;
}

/* "3:04 PM" → "15:04". The text as it is when it does not end so, or what stands before is no hour of a half day. */
static struct str without_half(struct str text, struct arena *arena)
{
	struct str half = text.n > 2 ? (struct str){text.p + text.n - 2, 2} : STR("");
	bool after_noon = str_same_nocase(half, STR("pm"));
	if (!after_noon && !str_same_nocase(half, STR("am")))
		return text;
	struct str all = str_trim((struct str){text.p, text.n - 2});
	const char *blank = all.n ? memrchr(all.p, ' ', all.n) : NULL, *end = all.p + all.n;
	const char *colon = blank ? memchr(blank, ':', (size_t)(end - blank)) : NULL;
	int hour = 0;
	for (const char *p = blank ? blank + 1 : end; p < colon; p++)
		hour = *p >= '0' && *p <= '9' && hour < 100 ? hour * 10 + (*p - '0') : 100;
	if (!colon || hour < 1 || hour > 12)
		return text;
	hour = hour % 12 + (after_noon ? 12 : 0);
	return str_of(arena_printf(arena, "%.*s%02d%.*s", (int)(blank + 1 - all.p), all.p, hour, (int)(end - colon), colon));
}

/* What databases write: a date, a blank, a time of day, perhaps with AM or PM. It is read as UTC, as a date alone is. */
int date_read(enum date_order order, struct str text, struct arena *arena, struct str *out, struct error *error)
{
	text = without_half(str_trim(text), arena);
	const char *blank = text.n ? memrchr(text.p, ' ', text.n) : NULL;
	struct str time = blank ? (struct str){blank + 1, text.n - (size_t)(blank + 1 - text.p)} : STR("");
	if (!memchr(time.p, ':', time.n))
		return read_day(order, text, arena, out, error);
	if (read_day(order, (struct str){text.p, (size_t)(blank - text.p)}, arena, out, error))
		return -1;
	moment_t moment;
	struct error not_used;
	*out = str_of(arena_printf(arena, "%.*sT%s%.*s%sZ", STR_ARG(*out), time.n > 1 && time.p[1] == ':' ? "0" : "", STR_ARG(time), time.n <= 5 ? ":00" : ""));
	return moment_parse(*out, &moment, &not_used) ? refuse(text, "has a time of day that is none.", error) : 0;
}
