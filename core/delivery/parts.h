/* What the files of this room share. Nobody else includes it.
 *
 * An item is one touch from its claim to the commit of its outcome:
 *
 *   claimed ─► prepared ─► in the plugin's hands ─► over ─► recorded ─► freed
 *                 │                                  ▲
 *                 └── held, postponed, expired ──────┘
 *
 * What an item points to lives in the haul (the claims of one statement) and dies with the haul's last item. */
#ifndef NURTURE_DELIVERY_PARTS_H
#define NURTURE_DELIVERY_PARTS_H

#include "base/metrics.h"
#include "base/token.h"
#include "base/worker.h"
#include "channel/channel.h"
#include "delivery/strangers.h"
#include "playbook/current.h"
#include "store/forget.h"
#include "store/intake.h"
#include "store/outbox.h"
#include "store/plugin_query.h"
#include "store/poll.h"
#include "store/standing.h"
#include "store/turns.h"
#include "turn/gate.h"

#include <sys/queue.h>

struct delivery;
struct look;
struct hards;
struct looking;
struct looking_again;
struct offering;

struct haul {
	mono_t begun;                   /* when it was asked for */
	struct claims *claims;
	struct edition *edition;
	size_t left;
};

enum { HAULS_OVER = 8 };

enum permit_state {
	PERMIT_NONE,
	PERMIT_GIVEN,
	PERMIT_DENIED, /* the store cancelled the touch: its outcome stands already */
	PERMIT_ANEW,   /* the lead wants less since it was claimed: it goes back, and the gate is asked anew */
	PERMIT_FAILED, /* the store could not be asked: nothing is known, nothing was sent */
};

struct item {
	TAILQ_ENTRY(item) entry;        /* of unprepared, asking.waiting or recording.waiting */
	TAILQ_ENTRY(item) among;        /* of in_hand */
	bool asking;                    /* stands in asking.waiting */
	struct delivery *delivery;
	struct haul *haul;
	const struct claim *claim;
	struct nurture_handle handle;   /* while it asks for permission */
	enum permit_state permit;
	int answer;                     /* its slot in answers + 1; 0 = none */
	struct outcome outcome;         /* once it is over */
	char rejected_as[32];
	char reason[CHANNEL_REASON_MAX + 1], remote_id[CHANNEL_REASON_MAX + 1];
};
TAILQ_HEAD(items, item);

/* Permissions and outcomes go to the store together: gathered in `waiting` while the group before (`count`) is on its way, and a pause (groups.c). */
struct pace {
	struct loop_timer *timer;       /* set: a group goes when it is over */
	mono_t begun, next;             /* the last group (of permissions); not before */
};
struct asking {
	struct pace pace;
	struct items waiting;
	size_t waiting_count, before;   /* before: so many had the last group */
	struct nurture_handle handles[CHANNEL_CAPACITY_MAX];
	int64_t touches[CHANNEL_CAPACITY_MAX];
	size_t count;
};
struct recording {
	struct pace pace;
	struct items waiting;
	size_t waiting_count;
	struct item *items[CHANNEL_CAPACITY_MAX];
	struct outcome outcomes[CHANNEL_CAPACITY_MAX];
	size_t count;
	size_t one_by_one;              /* so many more go alone: a group failed on data */
};

/* Events and news of the plugin, kept until they are committed. */
struct told {
	TAILQ_ENTRY(told) entry;
	struct delivery *delivery;
	struct intake intake;
	struct intake_event event;
	struct intake_consent consent;  /* what the event takes back; lead_id 0 = nothing */
	struct arena *arena;
	nurture_told_fn *fn;            /* NULL = nobody waits */
	void *fn_arg;
};
TAILQ_HEAD(tolds, told);

/* News of touches that are over: gathered in `waiting` while the group before (`count`) is on its way, in their order for each touch. */
enum { NEWS_GROUP = 200 };
struct report;
TAILQ_HEAD(reports, report);
struct telling {
	struct reports waiting;
	struct report *reports[NEWS_GROUP];
	struct news news[NEWS_GROUP];
	size_t count;
	size_t one_by_one;              /* as in recording */
	bool scheduled, paused;         /* paused: until the retry timer */
};

/* People whom the plugin was asked to forget, and has not answered. */
struct forgetting {
	int64_t ids[FORGET_MOST];
	size_t count;
	bool said;                      /* the store knows whether the plugin wants to hear of it */
	bool asking;                    /* the store, for more */
	mono_t look_at, give_up_at;
};

/* What the plugin told of itself and kept, until it is written. */
struct notes_wait;
TAILQ_HEAD(notes_waits, notes_wait);
struct standing {
	char *told, *notes;             /* JSON; NULL = nothing new */
	char *sent_told, *sent_notes;   /* on their way */
	struct notes_waits waits;       /* who wants to hear that they are written */
	void (*last)(struct delivery *d); /* what is done when they are: the channel is given back */
	bool writing;
	mono_t next;                    /* not before */
	char *hold;                     /* why; until it is written */
	bool holding;
	json_t *kept;                   /* the notes of before, until the plugin opened */
	struct loop_timer *timer;
};

enum delivery_state {
	DELIVERY_WAITS,     /* for the lease */
	DELIVERY_PREPARES,  /* has it: keys, recovery, the plugin's open */
	DELIVERY_RUNS,
	DELIVERY_DRAINS,
};

struct delivery {
	struct worker *worker;
	const char *name;               /* of the channel */
	const char *role;               /* of its lease: "channel:NAME" */
	const struct nurture_plugin *plugin;
	struct channel *channel;        /* NULL until opened; then for good */
	enum delivery_state state;
	struct plugin_store *asked;     /* queries of the plugin; NULL until there are some */
	struct store *reads, *asks, *writes; /* claims and polls; permissions, for which connections wait; all that is written of touches */

	struct arena *arena;            /* site, names */
	struct arena *scratch;          /* one touch's rendering */
	struct playbook_current *current;
	bool loading_edition;
	struct token_key *keys;
	struct token_keys link_keys;
	struct clock clock;
	bool clock_known;

	bool held, leasing, polling, claiming, stopping, released;
	mono_t claim_begun;
	bool gave_way; /* it is drained, and nobody asked for that yet (delivery.c) */
	bool looked, looking;           /* into the notes of the dead, since the start; just now */
	bool more;                      /* the last claim took as many as it was allowed: there may be more */
	struct { bool anew, unpark, busy; mono_t not_before; struct look *waits; } turns; /* wanted; under way; after an error; not written yet */
	uint32_t capacity;
	struct items in_hand;           /* claimed and not recorded */
	uint32_t items;                 /* how many */
	int64_t hauls_over[HAULS_OVER]; /* of which all is recorded; their rows still stand */
	size_t over_count;
	struct items unprepared;        /* of those: claimed, and nobody has looked at them */
	mono_t unsure_until;            /* a claim may have been committed without our knowing; 0 = no */
	mono_t unclaim_at;              /* when to look for it */
	uint32_t careful;               /* so many came back from a process that died: one at a time, that it shows which kills */
	struct asking asking;
	struct recording recording;
	struct answers *answers;        /* NULL when they cannot be kept */
	struct tolds tolds;             /* events to be tried again */
	struct hards *hards;            /* addresses that are being suppressed */
	size_t told_count;              /* those, and those on their way: not committed yet */
	struct telling telling;
	struct forgetting forgetting;
	size_t return_count;            /* of what came back: not committed yet */
	struct looking *looking_at;     /* touches that the plugin asks about; NULL until it does (look.c) */
	struct looking_again *looking_again; /* those that it asks about once more; NULL until it does (look_again.c) */
	struct offering *offering;      /* touches that somebody has in hand; NULL until one has (offers.c) */
	char *paused;                   /* campaigns, as the plugin was told (pauses.c); NULL = it was told nothing */
	struct strangers strangers;     /* of that: answers without a token */
	struct door *door;              /* NULL: the plugin has no routes, or is not open */
	struct loop_timer *lease_timer, *poll_timer, *open_timer, *retry_timer, *prepare_timer, *news_timer;

	bool down;                      /* the plugin said so: one touch at a time until it works */
	mono_t down_until;
	int64_t back_off;
	char state_told[16];            /* what channel_state says */
	char *stopped_by, *held_why;    /* a person stopped the channel; the plugin asked for a person. NULL = no. Nothing is claimed then */
	uint64_t polls, believed;       /* how many began; from which on they know of our own hold */
	struct standing standing;
	bool faulted;                   /* no touch goes to the plugin any more */
	int mutes;                      /* touches in a row that the plugin left without a word */

	worker_drained_fn *drained;
	void *drained_arg;
};

/* delivery.c */
moment_t delivery_now(const struct delivery *d);
void delivery_pump(struct delivery *d);
void delivery_trouble(struct delivery *d, const char *what, const struct error *error);
void delivery_tell(struct delivery *d, const char *state, const char *reason); /* writes channel_state when it changes */
void delivery_load_edition(struct delivery *d);

/* hard.c: an address where nobody is, when its outcome is recorded */
void hard_init(struct delivery *d);
void hard_look(struct item *item);
bool hard_is_out(const struct delivery *d); /* something is not written yet */
void hard_fini(struct delivery *d);

/* standing.c: stopped by a person, held by the plugin */
void standing_init(struct delivery *d);
void standing_fini(struct delivery *d);
void standing_polled(struct delivery *d, const struct poll *poll);
void standing_say(struct delivery *d); /* tells the channel's state as it is now */
bool standing_waits(const struct delivery *d); /* for a person */
bool standing_is_out(const struct delivery *d); /* something is not written yet */
void standing_pump(struct delivery *d); /* the drain waits for what is not written */
void standing_hold(void *arg, struct str reason);

/* notes.c: what the plugin tells and keeps, written while the channel is ours */
void notes_tell(void *arg, struct str standing);
void notes_keep(void *arg, struct str notes);
void notes_keep_then(void *arg, struct str notes, nurture_kept_fn *fn, void *fn_arg);
void notes_put(struct delivery *d);
void notes_last(struct delivery *d, void (*then)(struct delivery *)); /* calls `then` when all is written, or could not be */
bool notes_are_out(const struct delivery *d);
void notes_fini(struct delivery *d);

/* turns.c: before a claim, whose turn it is; what waits for a publish. */
void turns_claim(struct delivery *d, uint32_t limit); /* looks, puts off, and claims what is left of `limit` */
void turns_anew(void *delivery);                      /* the plugin's limits are others now */
void turns_unpark(struct delivery *d);                /* somebody published */
void turns_retry(struct delivery *d);
void turns_fini(struct delivery *d);
bool turns_pump(struct delivery *d);                  /* goes on with either; true: nothing is to be claimed before it is done */

/* open.c: from the lease to DELIVERY_RUNS; and once, with or without the lease, what dead ones left in their notes */
void delivery_look(struct delivery *d);
void delivery_open(struct delivery *d);

/* claim.c */
void delivery_claim(struct delivery *d);
void delivery_claim_now(struct delivery *d, uint32_t limit);
void delivery_unclaim(struct delivery *d); /* looks for claims that nobody knows of, when it is time to */
void delivery_prepare_some(void *delivery); /* the prepare timer calls it */
void item_free(struct item *item);
void hauls_flush(struct delivery *d); /* with each poll */

/* prepare.c: gate, address, template; hands the touch to the plugin or ends it. */
void delivery_prepare(struct item *item);

/* outcome.c: how it ended → what is written. Ends the item. */
void delivery_result(struct item *item, const struct channel_result *result);
void delivery_end(struct item *item, enum touch_state state, moment_t due_at, bool attempt_spent, const char *reason);
/* No message could be made of it: it waits for the next publish, no attempt spent. where: file and line, "" = not known. */
void delivery_park(struct item *item, const char *where, struct str why, struct arena *arena);
/* The domain time of the next attempt after the attempt-th one was put off, or 0 when it was the last. `until`: what the plugin asks
 * for, 0 = nothing. */
moment_t delivery_retry_at(moment_t now, int attempt, moment_t until);
extern const int delivery_attempts_most;

/* fault.c: what a plugin's answer says of the plugin; the limit of this process */
void fault_look(struct delivery *d, const struct channel_result *result);
void fault_limit_memory(int megabytes);

/* groups.c: permissions and outcomes, many in one transaction */
void groups_init(struct delivery *d);
void groups_fini(struct delivery *d);
void group_ask(struct item *item);
void group_record(struct item *item);
void group_forget(struct item *item); /* it is over: asks no more */
void groups_retry(struct delivery *d);

/* answers.c: what was answered, until it is recorded; over the life of this process */
void answers_open(struct delivery *d);
void answers_close(struct delivery *d);
void answers_note(struct item *item);   /* its outcome stands, and will be recorded */
void answers_forget(struct item *item); /* it is recorded */

/* news.c: what became of touches later. News of a touch that is in hand waits for its outcome. */
void news_init(struct delivery *d);
void news_take(void *arg, int64_t touch_id, const struct channel_result *result, nurture_news_fn *fn, void *fn_arg);
void news_pump(struct delivery *d);   /* an outcome was recorded */
void news_retry(struct delivery *d);
bool news_is_out(const struct delivery *d); /* something is not recorded yet */
void news_fini(struct delivery *d);          /* also when the plugin did not open: nobody hears of what it told */

/* forget.c: who was erased or merged, told to the plugin until it is done */
void forget_look(struct delivery *d); /* with each poll */
void forget_answered(void *arg, int64_t id, bool done, struct str reason);

/* returns.c: what came back, told by the plugin */
void returns_take(void *arg, const struct channel_return *given, nurture_returned_fn *fn, void *fn_arg);

/* look.c: how queued touches stand, asked by the plugin */
void look_take(void *arg, int64_t touch_id, nurture_look_fn *fn, void *fn_arg);
void look_fini(struct delivery *d);

/* look_again.c: whether anything has changed since they were looked at */
void look_again_take(void *arg, int64_t touch_id, moment_t since, nurture_look_fn *fn, void *fn_arg);
void look_again_fini(struct delivery *d); /* before look_fini */

/* composed.c: what a template says to nobody */
void composed_take(void *arg, struct str template_name, struct str fields, nurture_look_fn *fn, void *fn_arg);

/* offers.c: touches of the plugin's queue that somebody has in hand */
void offers_take(void *arg, int64_t touch_id, int64_t lease, nurture_offer_fn *fn, void *fn_arg);
void offers_fini(struct delivery *d);

/* pauses.c: campaigns that are paused, with each poll */
void pauses_polled(struct delivery *d, const struct poll *poll);
void pauses_fini(struct delivery *d);

/* door.c: requests of the plugin's routes. Begun when the plugin is open; shut, no new ones come; ended before the plugin is closed or after, as web hears
 * no reply then. */
void door_begin(struct delivery *d);
bool door_is_busy(struct delivery *d); /* some have no reply, or it is on its way */
void door_shut(struct delivery *d);
void door_end(struct delivery *d);
void door_replied(void *arg, void *cookie, const struct nurture_reply *reply); /* arg = struct delivery */

/* calls.c: what the channel calls, arg = struct delivery; events of the plugin are kept until they are committed */
extern const struct channel_calls delivery_calls;
void calls_retry(struct delivery *d);
void calls_fini(struct delivery *d);

#endif
