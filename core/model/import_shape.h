/* The shape of an import's map, as JSON: {email, external_id, fields: {field: column}, empty: [text], outcome: {column, won, event}, separator}.
 * tests/data/bank/README.md describes the keys. Looked at by web when a map is stored and by jobs before a file is read; whether its
 * fields and columns exist is known only with the file (jobs/map.h). Pure. */
#ifndef NURTURE_MODEL_IMPORT_SHAPE_H
#define NURTURE_MODEL_IMPORT_SHAPE_H

#include "base/error.h"

#include <jansson.h>

/* name: the map's file for errors, or NULL. ERROR_INVALID names the key. */
int import_shape_check(const json_t *map, const char *name, struct error *error) MUST_USE;

#endif
