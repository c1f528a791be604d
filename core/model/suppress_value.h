/* What a list of those who must not be contacted may hold, as the gate compares it. Called by imports of lists, `nurture suppression` and /v1/suppressions. */
#ifndef NURTURE_MODEL_SUPPRESS_VALUE_H
#define NURTURE_MODEL_SUPPRESS_VALUE_H

#include "base/arena.h"
#include "base/error.h"

/* kind: email, domain ("@example.com" and "example.com"), phone, address (its line as it is). A number without country code is of `country` (two letters;
 * "" = not known) and is refused where that gives no number of E.164: leads have theirs so, and it would stop nobody. */
int suppress_value(const char *kind, struct str text, struct str country, struct arena *arena, struct str *out, struct error *error) MUST_USE;
/* The same, but a number may stand as it was written: what lists from before hold, and what only looks like a value. */
int suppress_value_written(const char *kind, struct str text, struct arena *arena, struct str *out, struct error *error) MUST_USE;

#endif
