/* What a list of those who must not be contacted may hold, as the gate compares it. Called by imports of lists, `nurture suppression` and /v1/suppressions. */
#ifndef NURTURE_MODEL_SUPPRESS_VALUE_H
#define NURTURE_MODEL_SUPPRESS_VALUE_H

#include "base/arena.h"
#include "base/error.h"

/* kind: email, domain ("@example.com" and "example.com"), phone, address (its line as it is). */
int suppress_value(const char *kind, struct str text, struct arena *arena, struct str *out, struct error *error) MUST_USE;

#endif
