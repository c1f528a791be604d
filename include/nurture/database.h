/* Migrations and queries, in the schema that has the plugin's name: part of nurture/plugin.h. */
#ifndef NURTURE_DATABASE_H
#define NURTURE_DATABASE_H

#include <nurture/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One migration: a row of a const table, numbers rising. SQL of one or many statements, run once in one transaction with search_path set to the
 * plugin's schema, by `nurture db migrate` and at the start of a server whose auto_migrate is on, as the database's owner: DDL belongs here, nowhere else. What
 * has run must stay as it is, for ever: where a number is missing or its text changed, the server refuses to start. Several channels of one plugin
 * share the schema.
 *
 * A function holds(leads bigint[]) of the schema tells what the plugin has put outside of the database, or is about to, that still names these leads: rows with `lead`, `job` (a number), and
 * for people `channel`, `name`, `state`, `folder`, `uploaded`. Whoever erases a person is told of it (nurture erase, DELETE /v1/leads/ID); the audit keeps plugin and job.
 *
 * A function knows(leads bigint[]) tells what the plugin keeps of these leads, the ids of people merged into one among them, for who asks for all that is known of a person (nurture lead
 * LEAD --export, GET /v1/leads/ID/export, section `channels`): rows with `lead`, `channel`, `what` (a word for the kind of row), `id` (a number; with `what` the row's own in its channel) and
 * `data` (a jsonb object). It is asked once a page, so it finds its rows by an index of the lead. Salts, keyed hashes and what would let somebody act for others have no place in it. Its
 * error fails the export, which names the plugin. A plugin without the function is left out.
 *
 * The server calls both functions with a search_path of its own: a body of the form begin atomic … end finds the tables that it was made with. */
struct nurture_migration {
	int number;                           /* from 1 */
	const char *name;                     /* "calls": for people */
	const char *sql;
};

struct nurture_migrations {
	size_t size;
	size_t migration_size;                /* sizeof(struct nurture_migration) */
	size_t count;
	const struct nurture_migration *migrations;
};

/* A statement: constant, for as long as the process lives, and known by its name: prepared once a connection. One SQL statement with $1, $2 …; tables
 * are named without a schema. */
struct nurture_statement {
	size_t size;
	const char *name;                     /* letters, digits, _; at most 50; of one text only */
	const char *sql;
};

/* A value, of a parameter or of a row. It never grows. */
struct nurture_value {
	const void *value;                    /* NULL = SQL null; in rows ended by a NUL that is not counted */
	size_t length;                        /* of parameters that are text: 0 = up to the NUL */
	bool bytes;                           /* in PostgreSQL's binary form (big-endian numbers, raw bytea); else text */
};

enum {
	NURTURE_STEPS_MOST = 32,              /* of a query */
	NURTURE_VALUES_MOST = 40,             /* of a step */
};

struct nurture_step {                     /* It never grows. */
	const struct nurture_statement *statement;
	const struct nurture_value *values;   /* borrowed during the call */
	size_t count;
};

struct nurture_query {
	size_t size;
	const struct nurture_step *steps;     /* one transaction, in this order; all are sent at once */
	size_t count;
	bool bytes;                           /* rows come in binary form; else as text */
	bool read_only;                       /* one snapshot, nothing may be written: cheaper */
};

struct nurture_rows {                     /* of one step. It never grows. */
	size_t rows, columns;
	const struct nurture_value *values;   /* rows × columns, row by row */
	size_t changed;                       /* rows that an insert, update or delete has touched */
};

/* What came of a query. Borrowed during the call. */
struct nurture_answer {
	size_t size;
	const char *error;                    /* NULL = it is done, and committed; else nothing of it is, and why, for people and the log */
	const char *sqlstate;                 /* of the error: "23505"; "" where it is not the database's */
	bool again;                           /* the same may work later: the database is away, two crossed each other, too many are on their way */
	const struct nurture_rows *steps;     /* one for each step; NULL with an error */
	size_t count;
};

typedef void nurture_query_fn(void *arg, const struct nurture_answer *answer);

#ifdef __cplusplus
}
#endif

#endif
