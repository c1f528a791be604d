/* Memory that is lent to a plugin for one call and taken away after it: whoever still looks at it is caught in the act. For the conformance
 * kit only. */
#ifndef NURTURE_CHANNEL_LENT_H
#define NURTURE_CHANNEL_LENT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct lent;

/* `what` and `when` for the sentence "it used WHAT after WHEN"; constant texts. */
struct lent *lent_new(const char *what, const char *when);
void *lent_take(struct lent *lent, size_t size);
const char *lent_dup(struct lent *lent, const char *text); /* NULL gives NULL */
json_t *lent_json(struct lent *lent, const json_t *value);  /* a deep copy; never json_decref it */
/* From now on nobody can read or write it, and its addresses are used for nothing else. */
void lent_away(struct lent *lent);
/* The memory that an address is in, if it was taken away; NULL. Async-signal-safe. */
const struct lent *lent_find(const void *address);
const char *lent_what(const struct lent *lent);
const char *lent_when(const struct lent *lent);

#endif
