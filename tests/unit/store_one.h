/* One store on a database of its own, fresh for each case: what most of the store's tests begin and end with. One a program. */
#ifndef NURTURE_TESTS_STORE_ONE_H
#define NURTURE_TESTS_STORE_ONE_H

#include "unit/check_main.h"
#include "unit/database.h"

static struct loop *loop;
static struct store *store;
static char name[32]; /* the database's */

/* On the database `name`; the server shows `connection` as who is there. */
static inline void store_as(const char *connection)
{
	char conninfo[256];
	loop = loop_new();
	store = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), connection);
}

static inline void begin_store(void)
{
	snprintf(name, sizeof name, "%s", database_new());
	store_as("test");
}

static inline void end_store(void)
{
	store_free(store);
	loop_free(loop);
}

#endif
