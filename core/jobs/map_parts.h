/* The parts of a map that know each other: map.c (reading and binding it), map_pattern.c (texts with columns in them), map_date.c (dates as
 * people write them), map_number.c (numbers), map_row.c (rows by it). Inside the room only. */
#ifndef NURTURE_JOBS_MAP_PARTS_H
#define NURTURE_JOBS_MAP_PARTS_H

#include "jobs/map.h"

/* ---- map_pattern.c: literal parts, and columns with filters: "{first} {last | upcase}" ---- */

enum { FILTER_ARGS = 2 };
struct filter; /* one kind of filter: a row of the table in map_pattern.c */
struct filter_use {
	const struct filter *filter;
	struct str args[FILTER_ARGS];
};
struct part {
	struct str literal;
	int column; /* -1 = literal */
	struct filter_use *filters;
	size_t filter_count, filter_room;
};
struct pattern {
	struct part *parts;
	size_t count, room;
};

/* Texts that mean "not known". */
struct empties {
	const char **items;
	size_t count;
};
bool empties_has(const struct empties *empties, struct str text);

/* `bare`: a text without braces is the name of a column. What it needs is put into arena. Error: where is left to the caller. */
int pattern_bind(struct pattern *out, struct str text, bool bare, const struct csv_row *header, struct arena *arena, struct error *error) MUST_USE;
/* "" when any column in it says nothing (and has no default): half an address is none. */
struct str pattern_text(const struct pattern *pattern, const struct empties *empties, const struct csv_row *row, struct arena *arena);
/* The column of that name; where none is written so, the only one that differs in blanks at its ends and the case of letters (ASCII) alone. -1: there
 * is none, or two; the message names those that there are. Columns that no map names may stand there twice, or have no name. */
int pattern_column(const struct csv_row *header, struct str name, int *out, struct error *error) MUST_USE;

/* ---- map_date.c ---- */

enum date_order { DATE_TOLD /* by the text alone */, DATE_DAY_FIRST, DATE_MONTH_FIRST, DATE_YEAR_FIRST };
bool date_order_from(struct str name, enum date_order *out); /* "day month year", "month day year", "year month day" */
/* The date of a cell as YYYY-MM-DD; RFC 3339 stays as it is. -1: it is none, or could be two. */
int date_read(enum date_order order, struct str text, struct arena *arena, struct str *out, struct error *error) MUST_USE;

/* ---- map_number.c ---- */

/* The number of a cell as value_from_text reads it. decimal: '.', ',' or 0 = the map does not say. -1: the map says otherwise, or must say it. */
int number_read(char decimal, struct str text, struct arena *arena, struct str *out, struct error *error) MUST_USE;

/* ---- the map ---- */

enum policy { POLICY_REPLACE, POLICY_FILL, POLICY_KEEP, POLICY_COUNT };

struct import_map;
enum policy import_map_policy(const struct import_map *map); /* of what says none of its own */

struct field_map {
	const struct field *field;
	struct pattern from;
	enum policy policy;
	enum date_order dates;
	char decimal;         /* '.' or ','; 0 = not said */
	struct str otherwise; /* when the pattern gives nothing */
};

struct consent_map {
	struct str channel, purpose, wording;
	int column;
	struct str granted, withdrawn; /* what the cell says then; "" = nothing says so */
};

struct import_map {
	struct arena *arena;
	const char *path;
	json_t *json, *lines; /* lines: where names stand in the file (base/luadata.h); NULL = it is none */
	struct str country;
	char *canonical;
	const struct csv_row *header;
	struct pattern email, external_id, phone;
	struct field_map *fields;     size_t field_count, field_room;
	struct consent_map *consents; size_t consent_count, consent_room;
	struct pattern at;
	int outcome;        /* column, or -1 */
	struct str won, won_verb, lost, lost_verb;
	struct pattern outcome_at;
	struct empties empties;
};

#endif
