/* What would change if these files were the active playbook: every lead's standing by both, at the same moment, by the code of the turn. Changes nothing.
 * Called by `nurture preview`, by `nurture publish` before it asks, and by the jobs role for POST /v1/playbook/preview and /publish. */
#ifndef NURTURE_JOBS_PREVIEW_H
#define NURTURE_JOBS_PREVIEW_H

#include "base/config.h"
#include "jobs/runner.h"
#include "model/files.h"
#include "store/store.h"

struct preview {
	struct loop *loop;
	struct store *store;
	const struct config *config;
	const struct playbook_files *files;  /* they check (release_check) */
	bool switch_on;                      /* rules and steps that are off would be on again */
	bool (*progress)(void *arg, int64_t leads, int64_t total); /* now and then; true = stop: the result is NULL without an error. May be NULL */
	void *arg;
};
/* Blocks. {"active": the revision it was compared with, null = none is active; "revision"; "same": true when nothing that decides about leads differs: then no
 * lead was looked at; the keys of preview_tally_json; "accounts": the same of accounts, where there are models of them}. Without "active" or with "same" "moved" is 0. "unreadable": why the active one cannot be compared with (it does not load any more).
 * New reference; NULL with an error, or stopped. */
json_t *preview_run(const struct preview *preview, struct error *error);
int64_t preview_accounts_moved(const json_t *result); /* how many accounts would stand otherwise */
/* Must somebody say yes before these files are published? */
bool preview_asks(const json_t *result);
/* What a publish without --hold would refuse, in its words: leads stand on steps that are gone. NULL = nobody does. Borrowed. */
const char *preview_strands(const json_t *result);

/* Kinds of jobs (runner.h): arguments {act: "preview" | "publish" | "rollback", files or revision, message?, hold?, switch_on?, by}. Checks; a publish that moves no lead is done,
 * one that moves leads is refused (409) with what would change. The result names leads by number and no person. */
runner_fn preview_job;

#endif
