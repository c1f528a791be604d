/* What the files of this plugin share: the desk is the plugin's one instance. A call is a queued touch, named by its touch_id.
 *
 *   waiting ──ready_at──► ready ──next──► leased ──outcome──► done ──recorded by the server──► gone
 *      ▲                    ▲               │  │
 *      └── closed, callback ┴─ lease is over ┘  └── taken back meanwhile: gone
 *
 * The table `call` is the truth; nothing of a call is kept in memory but what a request or a delivery needs until its answer. */
#ifndef TELEMARKETING_DESK_H
#define TELEMARKETING_DESK_H

#include "law.h"

#include <nurture/plugin.h>

#include <sys/queue.h>

/* Until a campaign goes on: as good as never, the year 9999. */
#define CALL_NEVER INT64_C(253370764800000000)

enum { AGENT_MOST = 120, LISTS_MOST = 16, RECORDED_MOST = 200, FORMS_KEPT = 16, LOOKS_MOST = 20 };

struct settings {
	int lease_seconds;       /* without a heartbeat */
	int64_t point_us;        /* how long a point is worth waiting */
	int64_t keep_us;         /* attempts are kept so long */
	int64_t scrub_us;        /* a national list is good for so long after its scrub */
	const char *dial;        /* "tel", "sip" */
	char *sip_domain;        /* of sip: links; NULL = none */
	json_t *lists;           /* country → [names of lists]; NULL = none are needed */
	struct law *law;
	struct law *day;         /* 8:00 to 21:00, as the server's gate has it everywhere (47 CFR 64.1200(c)(1)) */
};

struct asking;
struct entry;
struct wish;
struct gift;
struct form_kept {               /* a form that is on the disk */
	char *text, hash[33];
};
struct telling;
struct endings;
struct desk {
	const struct nurture_host *host;
	struct settings settings;
	LIST_HEAD(askings, asking) askings; /* requests that wait for an answer */
	LIST_HEAD(entries, entry) entries;  /* touches in hand */
	LIST_HEAD(tellings, telling) tellings; /* calls that ended, on their way to the server */
	struct nurture_timer *timer;        /* the sweep's */
	bool sweeping, draining;
	char *paused;                       /* campaigns, as a JSON array; NULL = nobody has said */
	bool pausing, pausing_now, paused_anew; /* pause.c: rows are to be moved; some are being moved; for other campaigns than these */
	int64_t looks[LOOKS_MOST];          /* calls that the sweep looks at, a few at a time … */
	size_t look_count;                  /* … so many of them are still to be looked at */
	int looking;                        /* looks of the sweep on their way */
	unsigned sweeps;
	struct nurture_timer *drop_timer;   /* news.c */
	bool dropping;                      /* calls whose news are recorded are being dropped; recorded since: */
	char recorded[RECORDED_MOST * 21];  /* numbers with commas between */
	size_t recorded_count, recorded_length;
	LIST_HEAD(, wish) all_wishes;       /* agents who want a call (next.h) … */
	TAILQ_HEAD(, wish) wishes;          /* … of whom these wait for their pick */
	TAILQ_HEAD(, gift) gifts;           /* claims that wait for the next write */
	bool picking, giving;               /* such a stage is on its way */
	TAILQ_HEAD(, asking) endings;       /* ending.c: outcomes that wait for the next write */
	struct endings *ending;             /* … those of the write that is on its way; NULL = there is none */
	struct nurture_timer *ending_timer;
	bool ending_paced;                  /* the next write waits for the timer */
	struct form_kept forms[FORMS_KEPT]; /* most calls have a script that another one had a moment ago */
	size_t form_next;
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

void desk_ask(struct desk *desk, const struct nurture_step *steps, size_t count, nurture_query_fn *fn, void *arg);
void desk_read(struct desk *desk, const struct nurture_step *steps, size_t count, nurture_query_fn *fn, void *arg); /* one snapshot, nothing is written */
int64_t desk_now(const struct desk *desk);
/* It is in nobody's hand any more: its deadline counts, or what a supervisor gave it beyond that (until, 0 = nothing). fn may be NULL. The server holds it in machine time: where the
 * clock is scaled that is longer than until, and the sweep ends it, as it finds what is held and is over. */
void desk_let_go(struct desk *desk, int64_t touch_id, int64_t until, nurture_offer_fn *fn, void *arg);

/* A request that waits: known by its handle, a value. Everything that it needs later is copied. */
struct asking {
	LIST_ENTRY(asking) link;
	TAILQ_ENTRY(asking) entry; /* of desk->endings */
	struct desk *desk;
	struct nurture_handle handle;
	char agent[AGENT_MOST + 1];
	char owner[AGENT_MOST + 1]; /* of a dialer's line its token, else the agent */
	int64_t touch_id, attempt_id;
	int64_t latest_at; /* hold.c: the call's deadline; 0 = none */
	int tries;
	bool supervises;   /* may give a call more time than its campaign does */
	bool over;         /* outcome.c: the server has the call no more */
	bool barred;       /* outcome.c: never to be called again, though the call is not the agent's any more */
	char why[160];     /* outcome.c: it is refused */
	json_t *body;      /* NULL = none */
	json_t *kept;      /* whatever the route keeps; NULL = nothing */
	json_t *ending;    /* ending.c: how it is written; NULL = it is no outcome, or none that ends a call */
	json_t *told;      /* outcome.c: the callback that a note is of; NULL = none */
	json_t *place;     /* outcome.c: where the lead is, as its sheet says; NULL = nobody looked, or can say */
};
/* NULL: it was refused and answered (a body that is no object, an agent that cannot be one). */
struct asking *asking_new(struct desk *desk, const struct nurture_request *request);
void asking_reply(struct asking *asking, int status, json_t *json);  /* takes the JSON; the asking is gone */
void asking_fail(struct asking *asking, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void asking_db(struct asking *asking, const struct nurture_answer *answer); /* an error of the database */
void asking_free(struct asking *asking);
/* true: the body has a key that is none of these (NULL-ended), which is answered. */
bool asking_refuses(struct asking *asking, const char *const *known);
void reply_problem(struct desk *desk, struct nurture_handle handle, int status, const char *message);

/* next.c, give.c: nobody waits any more */
void wishes_end(struct desk *desk);
void give_end(struct desk *desk);

/* queue.c: touches come in */
void queue_deliver(void *self, const struct nurture_touch *touch);
void queue_cancel(void *self, struct nurture_handle handle);
void queue_end(struct desk *desk);

/* news.c: what became of calls, told to the server until it has it */
void news_tell(struct desk *desk, const struct nurture_rows *rows); /* calls that are done, as news_read gives them */
void news_give_back(struct desk *desk, int64_t touch_id, const char *reason); /* the server's gate holds it, or delivers it again */
void news_begin(struct desk *desk);
void news_resume(struct desk *desk);                  /* all that stand done */
void news_end(struct desk *desk);

/* ending.c */
void ending_begin(struct desk *desk);
void ending_end(struct desk *desk);

/* sweep.c: leases that ran out, what becomes ready, calls that were taken back */
void sweep_begin(struct desk *desk);
void sweep_end(struct desk *desk);

/* pause.c */
void desk_pauses(void *self, const char *const *campaigns);
void pause_go_on(struct desk *desk);

/* forget.c */
void desk_forget(void *self, const struct nurture_forget *forget);
void desk_part(void *self, const struct nurture_forget *back);

/* Routes: one function a row of plugin.c's table. */
void route_next(void *self, const struct nurture_request *request);
void route_heartbeat(void *self, const struct nurture_request *request);
void route_release(void *self, const struct nurture_request *request);
void route_here(void *self, const struct nurture_request *request);
void route_release_all(void *self, const struct nurture_request *request);
void route_outcome(void *self, const struct nurture_request *request);
void route_status(void *self, const struct nurture_request *request);
void route_agent(void *self, const struct nurture_request *request);
void route_page(void *self, const struct nurture_request *request);
void route_script(void *self, const struct nurture_request *request);
void route_style(void *self, const struct nurture_request *request);
void route_lists(void *self, const struct nurture_request *request);
void route_list_put(void *self, const struct nurture_request *request);
void route_export(void *self, const struct nurture_request *request);
void route_results(void *self, const struct nurture_request *request);

extern const struct nurture_migrations desk_migrations;

#endif
