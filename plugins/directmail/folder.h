/* A job's folder: written beside its name, put there by one rename, never changed. Used in the thread only; knows no host and no database.
 *
 *   NAME.OWNER.tmp ──all files fsynced, folder fsynced──► rename ──► NAME ──fsync of the spool──► it is there, for good
 *
 * What always holds: NAME is whole or is not there; SHA256SUMS names every other file in it. The same letters, settings and moment give the same bytes. */
#ifndef DIRECTMAIL_FOLDER_H
#define DIRECTMAIL_FOLDER_H

#include "out.h"
#include "settings.h"

enum { FOLDER_NAME = 120 };

struct pictures;
struct folder_of {
	const struct settings *settings;
	const char *name, *owner;  /* of the job, of the process that writes */
	const char *made, *drop_on;
	int64_t made_at;           /* the moment of the job, for the PDF's properties */
	const struct pictures *pictures; /* that letters show; NULL = none */
	bool sample;
};

/* One record. content: a flat object of texts, as look.c keeps it. All borrowed during the call. */
struct folder_letter {
	int64_t number, touch_id, lead_id;
	const char *code, *url, *campaign, *step, *template;
	const json_t *content;
};

struct folder;

/* A leftover of the same process and job is removed. NULL with the problem. */
struct folder *folder_open(const struct folder_of *of, struct nurture_problem *problem);
/* *pages: of this letter. 0, or -1 with the problem: nothing more can be written. */
int folder_add(struct folder *folder, const struct folder_letter *letter, int *pages, struct nurture_problem *problem);
/* Ends the files, adds "files" and "problems" to the manifest (borrowed) and writes it. sums: the hash of SHA256SUMS, by which the folder is known from then on. All is on the disk. */
int folder_finish(struct folder *folder, json_t *manifest, char sums[OUT_HASH_TEXT], struct nurture_problem *problem);
/* NULL is taken; what is not finished is removed. */
void folder_free(struct folder *folder);

/* The rename. 0 also when a folder of that name and those sums is there already; one of other sums is moved aside. */
int folder_place(const struct folder_of *of, const char *sums, struct nurture_problem *problem);
/* Every file is as it was written, none is missing, none came: 0, or -1 with the problem. */
int folder_check(const char *spool, const char *name, const char *sums, struct nurture_problem *problem);
bool folder_is_there(const char *spool, const char *name);
/* Gone at once for whoever looks; 0 also when there is none. */
int folder_remove(const char *spool, const char *name, struct nurture_problem *problem);
/* What processes left beside this job: NAME.*.tmp of those that died (end ".tmp"), what was moved aside (".aside"), and what of these was half taken away.
 * All that can be taken away is; -1 with a problem where something stays. */
int folder_sweep(const char *spool, const char *name, const char *end, struct nurture_problem *problem);

#endif
