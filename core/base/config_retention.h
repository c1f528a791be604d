/* The option retention of nurture.conf: what is kept how long. For config.c alone. */
#ifndef NURTURE_BASE_CONFIG_RETENTION_H
#define NURTURE_BASE_CONFIG_RETENTION_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/config.h"

struct lua_State;

/* Reads the value at index; what is wrong ends the run of the text (luadata_refuse). */
void config_retention_take(struct lua_State *L, int index, struct arena *arena, struct config *config);
/* Writes the value as it is understood. */
void config_retention_describe(const struct config *config, struct buf *out);

#endif
