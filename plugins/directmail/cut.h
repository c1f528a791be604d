/* A job while it is cut: looking → writing → looking → … → placing (README.md). One at a time; all of it on the loop, but for the tasks that the hand does. Between cut*.c only. */
#ifndef DIRECTMAIL_CUT_H
#define DIRECTMAIL_CUT_H

#include "address.h"
#include "days.h"
#include "folder.h"
#include "hand.h"
#include "office.h"
#include "pictures.h"

enum { ROUNDS_MOST = 4, CUT_PAGES = 2 };

struct cut;
typedef void cut_fn(struct cut *cut);

struct cut {
	struct office *office;
	int64_t id, begun_at;
	char name[FOLDER_NAME], drop_on[DAY_TEXT], made[40], revision[80], sums[OUT_HASH_TEXT];
	char who[WHO_MOST + 1];
	int round, rounds;           /* of the job's row; of this process */
	int on_the_way;              /* queries, looks and tasks whose answer will come */
	bool again;                  /* released, and looked at once more (cut_again.c) */
	bool failed;                 /* over as soon as nothing is on the way */
	bool stopped;                /* for the channel is stopped: it is asked again in some seconds */
	char trouble[600];
	/* what is taken */
	bool all;
	char campaign[200];
	struct asking *asking;       /* who asked for it by hand, until the job has its number; NULL = nobody */
	/* looking (cut_look.c) */
	int32_t last_looked;
	int64_t last_touch, left;    /* left: letters that this round has taken out */
	int64_t looked_since;        /* the beginning of the last round of whole looks */
	LIST_HEAD(pages, page) alive;
	int pages_alive;
	bool reading, read_all;
	struct paper_window *window; /* that addresses must fit; NULL: not asked yet */
	/* what letters show (cut_picture.c) */
	json_t *kept;                /* {name: true}: with the job, or on the way there */
	int keeping;                 /* on the way */
	cut_fn *after_kept;          /* what comes when all are there; NULL = nothing waits */
	struct pictures pictures;    /* of the job that is written; the hand reads them */
	/* decoys (cut_seed.c): [{campaign, step, template, content}], NULL = not composed yet */
	json_t *seeds;
	size_t seeded;
	int composing;
	/* writing (cut_write.c) */
	struct folder *folder;       /* the hand's, while a task has it */
	char last_sort[130];
	int64_t last_written, letters, number, pages;
	double cost, seed_cost;
	bool all_read, idle;         /* no more pages; the hand has none */
	struct batch *next;          /* was read, and waits for the hand */
};

/* cut.c */
void cut_free(struct cut *cut);                     /* nothing is on the way */
void cut_step(struct cut *cut);                     /* one answer has come: ends what failed. */
void cut_fail(struct cut *cut, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool cut_answer(struct cut *cut, const struct nurture_answer *answer); /* false: an error, or it has failed already: the caller leaves */
void cut_ask(struct cut *cut, const struct nurture_step *steps, size_t count, bool read_only, nurture_query_fn *fn, void *arg);
void cut_looked(struct cut *cut);                   /* a round is over */
void cut_written(struct cut *cut);                  /* JOB.tmp is whole */
struct folder_of cut_folder_of(const struct cut *cut);

/* Letters that wait for a list of their country (the setting `required`). Borrows until the query was handed over: free *text then. */
struct nurture_step cut_required(const struct cut *cut, struct values *v, char **text);

/* cut_look.c */
void cut_look(struct cut *cut);
void cut_look_end(struct cut *cut);                 /* nothing of it is on the way, or close has begun: no look is answered any more */

/* cut_picture.c */
void cut_pictures_keep(struct cut *cut, const struct nurture_look *look);
bool cut_pictures_wait(struct cut *cut, cut_fn *then); /* true: some are on their way yet, and `then` is called when they are there */
void cut_pictures_read(struct cut *cut, cut_fn *then);
void cut_pictures_end(struct cut *cut);

/* cut_again.c: a round over a job that was released is over */
void cut_again(struct cut *cut);

/* cut_seed.c: and then it is written */
void cut_seed(struct cut *cut);

/* cut_write.c */
void cut_write(struct cut *cut);
void cut_write_leave(struct cut *cut);              /* the hand takes away what is half written */
void cut_write_end(struct cut *cut);                /* frees what the hand has not */

#endif
