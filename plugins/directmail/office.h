/* What the files of this plugin share: the office is the plugin's one instance. A letter is a queued touch, named by its touch_id; a job is what goes to the print house together.
 *
 *   letter:  waiting ──cut──► cut (in a job) ──► sent ──► returned             job:  cutting ──► ready ──release──► (cutting: looked at once more) ► released ──uploaded──► sent
 *               ▲               │  └─ it may not go: over ──told──► gone              (looking → writing → placing)   └── cancelled ◄── cancelling ◄─┘
 *               └── cancelled ──┘
 *
 * The tables are the truth, and a job's folder is there as a whole or not at all; nothing is kept in memory but what a request, a delivery or a cut needs until its answer. */
#ifndef DIRECTMAIL_OFFICE_H
#define DIRECTMAIL_OFFICE_H

#include "settings.h"

#include <nurture/plugin.h>

#include <sys/queue.h>

enum { WHO_MOST = 120, RECORDED_MOST = 500 };

struct asking;
struct entry;
struct cut;
struct hand;
struct purge;
struct shipment;
struct office {
	const struct nurture_host *host;
	struct settings settings;
	LIST_HEAD(askings, asking) askings; /* requests that wait for an answer */
	LIST_HEAD(entries, entry) entries;  /* touches in hand */
	struct nurture_timer *timer;        /* the sweep's */
	bool sweeping, draining;
	unsigned sweeps;
	bool dropping;                      /* letters whose news are recorded are being marked; meanwhile recorded: */
	char recorded[RECORDED_MOST * 21];  /* numbers with commas between */
	size_t recorded_count, recorded_length;
	size_t telling;                     /* news on their way */
	char owner[17];                     /* of this process, drawn by lot */
	struct cut *cut;                    /* the job that is being cut; NULL = none */
	struct shipment *shipment;          /* the job that is on its way out, or away; NULL = none */
	struct purge *purge;                /* the folder that is taken away; NULL = none */
	struct hand *hand, *carrier;        /* the thread that writes and reads folders; the one that uploads, or takes back */
};

/* Values of a statement, in order. Texts are borrowed until the query was handed over. */
struct values {
	struct nurture_value items[NURTURE_VALUES_MOST];
	char numbers[NURTURE_VALUES_MOST][24];
	size_t count;
};
void put_text(struct values *values, const char *text);      /* NULL = null */
void put_number(struct values *values, int64_t number);
void put_number_or_null(struct values *values, int64_t number); /* 0 = null */

int64_t row_number(const struct nurture_rows *rows, size_t row, size_t column); /* null = 0 */
const char *row_text(const struct nurture_rows *rows, size_t row, size_t column); /* null = "" */
bool row_is(const struct nurture_rows *rows, size_t row, size_t column); /* of a boolean */

void office_ask(struct office *office, const struct nurture_step *steps, size_t count, nurture_query_fn *fn, void *arg);
void office_read(struct office *office, const struct nurture_step *steps, size_t count, nurture_query_fn *fn, void *arg); /* one snapshot, nothing is written */
int64_t office_now(const struct office *office);
void office_log(struct office *office, enum nurture_log_level level, const char *event, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* A request that waits: known by its handle, a value. Everything that it needs later is copied. */
struct asking {
	LIST_ENTRY(asking) link;
	struct office *office;
	struct nurture_handle handle;
	char who[WHO_MOST + 1];
	int64_t job_id;
	json_t *body;      /* NULL = none */
	bool foreign;      /* it came with a body that is no JSON */
	json_t *kept;      /* whatever the route keeps; NULL = nothing */
	bool begins, ends; /* lists.c: the part of a list that this is */
	bool plain;        /* jobs.c: the row alone, no look at the folder */
	size_t telling;    /* events on their way to the server */
	json_t *answer;    /* what is answered when all of them are there; NULL = not known yet */
};
/* NULL: it was refused and answered (a body that is no object). A body of another type (a file) is left to the route. */
struct asking *asking_new(struct office *office, const struct nurture_request *request);
/* What nobody knows here may be a misspelt word, without which more would be done than is meant: refused by its name (422), and so is a body that is no JSON (415). true: it was, and the asking is gone.
 * known: what the body may say, NULL-ended. */
bool asking_refuses(struct asking *asking, const char *const *known);
void asking_reply(struct asking *asking, int status, json_t *json);  /* takes the JSON; the asking is gone */
/* An event of a lead that the answer waits for (data is borrowed; key: counts once), and that answer: 200, when the server has all of them. Who hears none asks again. */
void asking_tell(struct asking *asking, int64_t lead_id, const char *verb, const char *subject, const json_t *data, const char *key);
void asking_reply_told(struct asking *asking, json_t *json); /* takes the JSON; the asking is gone, or will be */
void asking_fail(struct asking *asking, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void asking_db(struct asking *asking, const struct nurture_answer *answer); /* an error of the database */
void asking_free(struct asking *asking);

/* letters.c: touches come in */
void letters_deliver(void *self, const struct nurture_touch *touch);
void letters_cancel(void *self, struct nurture_handle handle);
void letters_end(struct office *office);

/* cut.c: a job is cut. asking: who asked by hand, answered when the job has its number; NULL = nobody */
void cut_begin(struct office *office, const char *who, bool all, const char *campaign, struct asking *asking);
void cut_none(struct asking *asking, const char *campaign); /* deeds.c: answers who asked for a cut of which nothing came; campaign: "" = of all */
void cut_go_on(struct office *office);  /* one that stands half done, if there is one */
void cut_end(struct office *office);    /* after hand_free */

/* ship.c: a job that was released goes out, one that is cancelled goes back */
void ship_next(struct office *office);
void ship_end(struct office *office);   /* after hand_free */

/* purge.c: a folder that was kept long enough goes, then the next */
void purge_next(struct office *office);
void purge_end(struct office *office);  /* after hand_free */

/* news.c: what became of letters, told to the server until it has it */
void news_resume(struct office *office);

/* sweep.c: what happens by itself */
void sweep_begin(struct office *office);
void sweep_end(struct office *office);
void sweep_soon(struct office *office); /* something may be due */

/* returns.c: who is dead: all permissions of the lead are taken back, on all channels; the answer waits for it */
void returns_deceased(struct asking *asking, int64_t lead_id);

/* forget.c */
void office_forget(void *self, const struct nurture_forget *forget);
void office_part(void *self, const struct nurture_forget *back);

extern const struct nurture_migrations office_migrations;

#endif
