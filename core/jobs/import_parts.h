/* The parts of an import that know each other: import.c (file, map, playbook), import_rows.c (rows into groups), import_groups.c (groups on
 * their way), import_suppress.c (lists in place of leads), import_job.c (its row in table job, and waiting for the store). Inside the room only. */
#ifndef NURTURE_JOBS_IMPORT_PARTS_H
#define NURTURE_JOBS_IMPORT_PARTS_H

#include "jobs/import.h"
#include "jobs/map.h"
#include "jobs/rejects.h"
#include "store/bulk.h"

struct playbook_current;

enum {
	ERRORS_KEPT = 1000,      /* in import_error, of one import */
	GROUP_ROWS = 5000, GROUP_BYTES = 4 << 20, /* of the file, whichever is reached first */
	TRIES = 60, ANSWER_SECONDS = 300, KEY_DIGITS = 24
};

struct import_refused {
	struct csv_row row;
	const char *where, *why; /* in the group's arena */
};

/* Rows on their way to the database, and what they were made of. */
struct import_group {
	struct arena *arena;
	struct import_refused *refused;  size_t refused_count;
	struct bulk_row *rows;           /* what is sent */
	struct bulk_consent *consents;   size_t consent_count, consent_room; /* in the arena */
	struct str *values;              /* of a list (import_suppress.c), in place of rows */
	struct csv_row *sources;         size_t count; /* the lines of the file that they came from */
	int64_t last;                    /* number of rows read up to its end, header not counted */
	struct bulk bulk;
	bool flying, done;
	struct error error;
};

/* Rows that an earlier run has committed. */
struct import_span {
	int64_t first, rows;
};

/* A list of those who must not be contacted. */
struct import_suppress {
	const char *name;                    /* as the file's reader says it */
	const char *kind, *channel, *reason; /* as it is kept */
	int column, postal_code, city, country;
	struct csv_row first;                /* of a file without a head: its first value */
};

/* What the store said. */
struct import_reply {
	bool done, flag;
	int64_t number;
	moment_t now;
	json_t *rows;
	struct error error;
};

struct importing {
	const struct import *import;
	struct store *store;             /* for the job's row and questions */
	struct store *bulk;              /* for the groups */
	struct import_result *result;
	struct error *error;
	int fd;
	int64_t size;
	enum encoding encoding;
	char key[KEY_DIGITS + 1];
	char owner[33];
	struct import_map *map;
	struct csv_reader *reader;
	struct csv_row header;
	struct arena *arena;             /* of the header and the schema */
	struct playbook_current *playbook;
	struct rejects *rejects;
	int64_t rejects_bytes;           /* where an earlier run left the file */
	int64_t created_before, known_before; /* by earlier runs */
	struct import_span *spans;       size_t span_count, span_at; /* in the order of the file */
	struct import_suppress suppress; /* name NULL: leads */
	bool first_is_value;             /* of a list: the first line is no header */
	int64_t rows;                    /* read, header not counted */
	struct import_group groups[2];
	struct import_reply sent;        /* of a group that is waited for */
	moment_t now;
};

/* ---- import_job.c ---- */

void import_on_done(void *arg, const struct error *error); /* arg: struct import_reply */
int import_wait_for(struct importing *run, struct import_reply *answer) MUST_USE;
int import_no_answer(struct importing *run) MUST_USE; /* the store has gone; always -1 */
bool import_again(const struct importing *run, int *tries); /* the database is away: waits a moment; false = long enough */
int import_read_now(struct importing *run) MUST_USE;  /* domain time into run->now */
/* The job of an earlier run of the same import, or a new one. */
int import_find_job(struct importing *run) MUST_USE;
int import_say_progress(struct importing *run, const struct import_group *group) MUST_USE;
int import_end_job(struct importing *run, int failed) MUST_USE;
void import_fail_job(struct importing *run); /* posted only: its error stands in the job then */
int import_say_errors(struct importing *run, const json_t *errors) MUST_USE; /* of refused rows, into the database */

/* ---- import_rows.c ---- */
/* Reads the next rows into the group. 1, 0 when the file is over, -1. */
int import_read_group(struct importing *run, struct import_group *group) MUST_USE;
/* To behind the rows that an earlier run has settled. As csv_next; the arena is used up and reset. */
int import_skip_settled(struct importing *run, struct arena *arena) MUST_USE;
void import_refuse(struct import_group *group, const struct csv_row *row, const char *where, const char *why);
/* Its address is one lead's, its id another's; 0 = a lead that an earlier row makes. */
void import_refuse_two(struct import_group *group, const struct csv_row *row, int64_t address_of, int64_t id_of);
int import_write_refused(struct importing *run, struct import_group *group) MUST_USE;

/* ---- import_groups.c ---- */
int import_take_all(struct importing *run) MUST_USE;

/* ---- import_trial.c ---- */
int import_trial_all(struct importing *run) MUST_USE;

/* ---- import_suppress.c ---- */
bool import_suppress_kind(const char *name, struct import_suppress *out);
int import_suppress_bind(struct importing *run) MUST_USE; /* 1: the first line is a value already; 0, -1 */
int import_suppress_all(struct importing *run) MUST_USE;

#endif
