/* An import's map: which column becomes what. A Lua file without power (base/luadata) that returns a table; etc/import-maps.md
 * describes its keys. Checked as a whole against the columns of the file and the fields of the active playbook, before the first row. */
#ifndef NURTURE_JOBS_MAP_H
#define NURTURE_JOBS_MAP_H

#include "base/clock.h"
#include "jobs/csv.h"
#include "model/value.h"
#include "store/bulk.h"

struct import_map;

/* A permission that a row gives or takes back; texts of the map. */
struct import_consent {
	struct str channel, purpose, wording;
	bool granted;
};
/* What one row becomes; texts in the arena. */
struct import_row {
	struct str email;       /* normalised, or "" */
	struct str external_id; /* or "" */
	enum bulk_address address; /* beside an external_id: by the map's policy */
	struct str phone;       /* E.164, where the row has neither of the two; or "" */
	struct str data;        /* JSON: {"set": {…}}, and "fill", "new" where the map says so (model/lead.h) */
	moment_t at;            /* since when it is true; 0 = not said */
	struct str outcome;     /* verb of the outcome's event, or "" */
	moment_t outcome_at;    /* 0 = not said */
	struct import_consent *consents; size_t consent_count;
};

struct import_map *import_map_load(const char *path, struct error *error) MUST_USE;
/* Takes rules, also when it fails; name stands in errors. */
struct import_map *import_map_new(json_t *rules, const char *name, struct error *error) MUST_USE;
void import_map_free(struct import_map *map); /* takes NULL */
char import_map_separator(const struct import_map *map); /* 0 = not named */
bool import_map_encoding(const struct import_map *map, enum encoding *encoding); /* false: it is not named, and left alone */
struct str import_map_text(const struct import_map *map); /* canonical, for the job's key */
/* header and schema live as long as the map. country: of telephone numbers without a country code where the row names none; "" = none. */
int import_map_bind(struct import_map *map, const struct csv_row *header, const struct schema *schema, const char *country, struct error *error) MUST_USE;
/* -1: this row is refused, where = the field or column. */
int import_map_row(const struct import_map *map, const struct csv_row *row, struct arena *arena, struct import_row *out, struct error *error) MUST_USE;

#endif
