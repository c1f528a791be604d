/* The shape of an import's map, as JSON:
 *
 *   email, external_id   who a row is: text with {column} in it; {column | filter: "text" | …} with filters (jobs/map_pattern.c)
 *                        with both, whichever is known finds the lead and the other becomes its name too; whose id found them get the address by `policy`
 *   phone                the same; it names who has neither of the two, and is a field of all others
 *   fields               {field: column or text}, or {field: {from, policy, default, dates, decimal}}
 *   policy               what a field of a lead that is known becomes: "replace" (default), "fill" (only when it is empty), "keep" (never changed)
 *   dates                order in dates: "day month year", "month day year", "year month day"; not named: what could be two dates is refused
 *   decimal              the mark before tenths in numbers: "." or ","; the other one, or blanks, may then part thousands. Not named: a point, no thousands
 *   empty                [text] that mean "not known"
 *   consent              {channel: {column, granted, withdrawn, purpose, wording}}: a withdrawal that stands is never overruled
 *   at                   column or text: since when what the row says is true (the moment of its lead.create or lead.update); not named, or empty: now
 *   outcome              {column, won, event, lost, lost_event, at}: rows whose column says `won` get that event, those that say `lost` the other one;
 *                        at: column or text, when that was (else the row's `at`)
 *   separator, encoding  told from the file, where they are not named; utf-8, utf-16le, utf-16be, windows-1252, windows-1250, windows-1251
 *
 * The same for those who write maps: etc/import-maps.md. Looked at by web when a map is stored and by jobs before a file is read; whether its fields and columns exist is known only with the file
 * (jobs/map.h). Pure. */
#ifndef NURTURE_MODEL_IMPORT_SHAPE_H
#define NURTURE_MODEL_IMPORT_SHAPE_H

#include "base/error.h"
#include "base/str.h"

#include <jansson.h>
#include <stdbool.h>

/* What a list of whom not to contact may be of: email, domain, phone, address, competitor. */
bool import_shape_is_list(struct str kind);
/* name: the map's file for errors, or NULL. ERROR_INVALID: where = "NAME: KEY", the key with what it stands in: "fields.city.from". */
int import_shape_check(const json_t *map, const char *name, struct error *error) MUST_USE;

#endif
