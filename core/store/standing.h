/* What stands of a channel beside its touches: stopped by a person, held as its plugin asked (both until somebody resumes it, also over restarts), what
 * the plugin tells of itself, and its notes. Rows of channel_state; delivery looks at them with every poll. */
#ifndef NURTURE_STORE_STANDING_H
#define NURTURE_STORE_STANDING_H

#include "store/store.h"

/* The plugin's notes, parsed; NULL = none; borrowed. */
typedef void store_notes_fn(void *arg, const json_t *notes, const struct error *error);
void store_standing(struct store *store, const char *channel, store_notes_fn *fn, void *arg);
void store_standing_hold(struct store *store, const char *channel, const char *kind, const char *plugin, const char *reason, store_done_fn *fn, void *arg);
/* standing, notes: JSON, or "" = as it is. ERROR_DENIED: the channel is not `owner`'s any more, and nothing was written. */
void store_standing_put(struct store *store, const char *owner, const char *channel, const char *kind, const char *plugin, struct str standing,
			struct str notes, store_done_fn *fn, void *arg);

/* By a person. answer: borrowed; {"channel", "act": "stop" | "resume", "changed": true | false (it was so already)}. That there is such a channel is the
 * caller's business. actor NULL = the name of the connection. */
typedef void store_standing_fn(void *arg, json_t *answer, const struct error *error);
void store_channel_stop(struct store *store, const char *channel, bool resume, const char *actor, store_standing_fn *fn, void *arg);

#endif
