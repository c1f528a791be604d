/* What imports over HTTP write: maps by name, and the errors of refused rows. Reading: store_query `import_get`, `imports_page`,
 * `import_errors_page`, `import_map_get`, `import_maps_page`. Called by web (maps) and jobs (errors). */
#ifndef NURTURE_STORE_IMPORTS_H
#define NURTURE_STORE_IMPORTS_H

#include "store/store.h"

/* map: an object, borrowed. A map of that name is replaced; imports that were posted with it keep the old one. */
void store_import_map_put(struct store *store, const char *name, const json_t *map, moment_t now, store_done_fn *fn, void *arg);
void store_import_map_drop(struct store *store, const char *name, store_done_fn *fn, void *arg); /* ERROR_NOT_FOUND */
/* errors: [{line, field, detail}], borrowed. A line that has its error already keeps it. */
void store_import_errors_add(struct store *store, int64_t job_id, const json_t *errors, store_done_fn *fn, void *arg);

#endif
