/* An import: a CSV file becomes leads and events in the bulk lane, by a map, or a list of those who must not be contacted. It only inserts, and no
 * word in a file outweighs a withdrawal, so nobody who has unsubscribed comes back by it. `nurture import` runs it, and uploads.c for files
 * that were posted.
 *
 * The import is known by the hash of file and map, and its groups of rows are written down as they are committed: whatever was killed and is
 * run again counts every row once. How far it came stands in the job's row, and the next run goes on from there. */
#ifndef NURTURE_JOBS_IMPORT_H
#define NURTURE_JOBS_IMPORT_H

#include "base/config.h"
#include "store/store.h"

struct import {
	struct loop *loop;
	const char *conninfo;         /* a connection of its own, by which others know that it lives */
	const struct config *config;
	const char *path, *map_path;
	bool trial;                   /* tells what it would do; nothing is written but refused rows (and, posted, its job) */
	const char *suppress;         /* the file lists whom not to contact: email, domain, phone, address or competitor; no map. NULL = leads */
	const char *column;           /* suppress: which column has it; NULL = the one of that name, or the only one */
	const char *country;          /* suppress phone: of numbers without country code, where their rows name none; NULL = the playbook's */
	const char *rejects;          /* file for refused rows; made when there is one. NULL: they go to table import_error */
	const char *posted;           /* the key of its job, which web made: an error that would come again ends it as failed. NULL = a command's */
	const json_t *rules;          /* posted: the map, in place of map_path; NULL = the columns are named as the fields */
	void (*progress)(void *arg, int64_t bytes, int64_t total);
	void *arg;
};
struct import_result {
	int64_t job;
	int64_t rows;                 /* read in this run; refused ones included */
	int64_t resumed;              /* rows that an earlier run had done */
	int64_t same;                 /* trial: of the known ones, those that would stay as they are */
	int64_t doubles;              /* trial: rows that name a lead whom an earlier row of the file names */
	int64_t clashes;              /* trial: rows whose external id another lead has, also by an earlier row; they are among the refused */
	json_t *changes;              /* trial: {field: how many leads would change in it}; the caller's */
	int64_t stopped;              /* suppress: open touches that were cancelled */
	int64_t created, known, rejected; /* rows that made a lead, that were about one who is known, that were refused (in all runs) */
	bool done_before;             /* this file with this map was imported already: nothing was done */
	bool cancelled;
	bool over;                    /* posted: it failed, and its job says so. Nothing is to be tried again */
	const char *doubt;            /* a sentence, when the encoding was told from the bytes and is probably another one; or NULL */
	const char *encoding;         /* in which the file was read: named by the map, or told from its bytes */
	char separator;
	char first_reason[512];       /* of the first refused row, with its line */
};

/* Blocking, for a command. What was committed stays when it fails. */
int import_run(const struct import *import, struct import_result *result, struct error *error) MUST_USE;

#endif
