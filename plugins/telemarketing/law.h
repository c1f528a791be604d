/* The hours at which the telephone of somebody may ring, by the law of the place: a table that the admin keeps (settings hours, holidays). It only narrows what the server's
 * gate says (8:00 to 21:00 and the playbook's hours). Pure but for ICU's zones.
 *
 *   hours    = { US_AL = "8:00-20:00", DE = "Mon-Fri 9:00-20:00; Sat 10:00-16:00", US_LA = "Mon-Sat 8:00-20:00" }
 *   holidays = { DE = { "12-25", "2027-03-26" }, US_LA = { "12-25" } }
 *
 * A region's row stands instead of its country's; days that a row does not name are closed. Where a zone is not known, all that it may be must be open; where the region is not
 * given by its code ("AL", "al", "US-AL"), every row of its country must. */
#ifndef TELEMARKETING_LAW_H
#define TELEMARKETING_LAW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct law;

/* NULL with a sentence in `wrong` (where = the key). hours and holidays may be NULL. */
struct law *law_new(const json_t *hours, const json_t *holidays, char where[64], char wrong[256]);
void law_free(struct law *law); /* takes NULL */
/* The first moment from `at` on (microseconds) at which it is lawful in all zones, to the quarter of an hour; `at` itself when it is now; 0: not within 14 days. */
int64_t law_open_at(struct law *law, const char *country, const char *region, const char *const *zones, size_t count, int64_t at);

#endif
