/* What the checks of the conformance kit share: one opened channel with the kit as the host's other side. check_*.c only. */
#ifndef NURTURE_CHANNEL_CHECK_KIT_H
#define NURTURE_CHANNEL_CHECK_KIT_H

#include "channel/channel.h"
#include "channel/lent.h"

#include <jansson.h>

enum { CHECK_SECONDS = 60, HANG_SECONDS = 10, TOUCH_SECONDS = 10, CHECK_TEXT = 1500, CHECK_DOING = 64 };

struct kit;
enum verdict { CHECK_OK, CHECK_FAILED, CHECK_SKIPPED };

/* Seen by parent and child: what a process that ends suddenly has left to say. */
struct check_page {
	char doing[CHECK_DOING];  /* what of the plugin runs: "deliver", "a callback of its own" */
	char text[CHECK_TEXT];    /* why */
	_Atomic int64_t beat;     /* machine time at which the plugin last gave the thread back */
	bool stalled, hung;       /* a touch was never completed; the plugin never came back */
};

/* One promise. `fn` runs in a child of its own, against a fresh instance in an empty data folder. */
struct check {
	const char *name;
	enum verdict (*fn)(struct kit *kit);
};
extern const struct check check_of_settings[], check_of_touches[], check_of_routes[], check_of_ends[]; /* name NULL ends each */

struct kit {
	const char *path;
	const json_t *settings;
	char dir[64];
	struct check_page *page;
	/* of a check that opens the channel */
	const struct nurture_plugin *plugin;
	struct loop *loop;
	struct channel *channel;
	int64_t deadline_us;      /* 0 = TOUCH_SECONDS */
	uint32_t capacity;        /* what the plugin says */
	bool answer, permit;      /* answer: permissions are answered soon, with `permit` */
	struct nurture_handle asked[64];
	int ask_count, asks_ever; /* waiting for an answer; all */
	int forgot, forgot_odd;   /* answers to forget: done; of a request that never was, or twice */
	int64_t forget_id;        /* asked, not answered; 0 = none */
	bool forget_failed;
	int queries;              /* all are answered: the database is away */
	int requests, replies;    /* of routes: asked, answered */
	bool odd_reply;           /* one that cannot be sent */
	struct { nurture_kept_fn *fn; void *arg; } kept[16]; /* who waits for the word that its notes are kept */
	int kept_count;
	int over;                 /* touches that are over */
	bool cancelled_all;       /* the host has asked for all of them back */
	enum nurture_outcome outcome;
	bool unpermitted, mute, went_unasked;
	char said[600];           /* the last outcome with its reason */
};

enum verdict check_fail(struct kit *kit, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
enum verdict check_skip(struct kit *kit, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void check_note(struct kit *kit, const char *text);  /* stands behind an ok */
void check_doing(struct kit *kit, const char *what); /* before the plugin gets to run */
void check_turn(struct kit *kit, int64_t us);        /* one turn of the loop, at most so long */

/* Loads the plugin into this process. false: the text says why. */
bool check_load_plugin(struct kit *kit);
/* Loads and opens; CHECK_OK, or the verdict to return. */
enum verdict check_open(struct kit *kit);
/* The same once more, in the same process; settings were found good by check_open. */
enum verdict check_open_again(struct kit *kit);
/* Hands it one touch, in memory that is taken away when deliver returns. NULL address: one that is fit for its kind. */
void check_deliver(struct kit *kit, int64_t touch_id, const char *address, const char *value);
void check_cancel_all(struct kit *kit);
void check_drain(struct kit *kit);
size_t check_close(struct kit *kit); /* timers that it left behind */
void check_run(struct kit *kit, int64_t us);
/* Runs the loop until `touches` are over in all, then a little to see second completions. */
enum verdict check_wait_over(struct kit *kit, int touches);
/* Until it has asked for a permission that waits; CHECK_SKIPPED with a word when the touch ends without a question. */
enum verdict check_wait_asked(struct kit *kit);
void check_answer(struct kit *kit, bool allowed); /* all that wait */

#endif
