/* The relays of a channel together: which letter goes by which relay, and when. Seen by the files of the SMTP way only; the plugin sees relay.h.
 *
 *   plugin ──► lane (a limit of some domains, or all the others) ──► pool (one relay: smtp_pool.h) ──► session
 *                 ▲                                                      │
 *                 └──────────── the relay is away, or does not serve us ─┘
 *
 * What always holds: a letter that waits is in its lane's queue (letter->pool NULL) or its pool's; `out` of a lane counts its letters with a pool. A lane
 * holds no more than goes out soon: the others stay with the host, unclaimed, until their turn (fleet_turns.c), so a slow
 * domain never fills the channel, and a long queue costs nothing. When all relays are away, all that waits goes back as channel_down. */
#ifndef NURTURE_EMAIL_FLEET_H
#define NURTURE_EMAIL_FLEET_H

#include "brake.h"
#include "relay.h"
#include "sender.h"
#include "smtp_verdict.h"

#include <event2/event.h>

struct pool;

/* Turns of one limit: fleet_turns.c. */
struct turnstile {
	int64_t slot;      /* machine time of the last turn that was promised */
	unsigned asked;    /* of the touches that are asked about just now: so many may come */
};

struct lane {
	const struct domain_limit *limit; /* NULL: of all other domains */
	GQueue waiting;
	unsigned out;
	struct bucket bucket;
	struct turnstile turn;
	uint64_t put_off;  /* touches whose turn it was not */
};

/* One relay's share. */
struct berth {
	struct pool *pool;
	int64_t share;     /* smooth weighted round-robin: who has most is next */
	struct bucket bucket;
	int64_t day;       /* quota_day that `used` is about */
	uint32_t used;     /* of that day's warm-up */
	uint32_t noted;    /* so many of it are in the notes on disk: no more may be used */
	uint32_t wanted;   /* so many are to be */
	uint32_t noting;   /* and so many are in the notes on their way, of */
	int64_t noting_day;
	uint64_t sent;     /* of this process */
	bool was_up;       /* as told last */
};

enum { SUSPECTS = 16, FLEET_STUCK_US = 5000000 };

struct fleet {
	struct relay relay;
	struct desk *desk;
	const struct settings *settings;
	struct event_base *base;
	struct berth *berths;
	size_t berth_count;
	struct lane *lanes; /* settings->domains in their order, then all others */
	size_t lane_count, next_lane;
	unsigned waiting;   /* letters in lanes */
	struct turnstile turn;  /* of all relays together */
	struct { int64_t day; uint32_t used; } ahead; /* days of a new sender that were promised */
	bool noting;            /* notes are on their way to the disk */
	char *limits;           /* a sum of all limits: those of the promised turns */
	struct brake brake;
	enum brake_state braked[PROVIDERS_MAX]; /* as told last */
	struct sender sender;
	int64_t suspects[SUSPECTS]; /* touches for which a relay said that it does not serve us: a ring */
	unsigned suspect;
	struct event *soon; /* dispatch */
	struct event *tell; /* how it stands, a second after it changed */
	unsigned told_ago;  /* seconds */
	bool draining, changed;
};

int64_t fleet_now(const struct fleet *fleet); /* domain time */

/* fleet.c, for the pools and smtp_judged.c */
void fleet_soon(struct fleet *fleet);                             /* dispatch, from the loop */
void fleet_take_back(struct fleet *fleet, struct letter *letter); /* it was its pool's, and is in no queue: its lane has it again, first */
void fleet_desert(struct fleet *fleet, struct pool *pool);        /* all that waits in it goes back to its lane */
void fleet_changed(struct fleet *fleet);                          /* something that is told has changed */
GQueue *fleet_queue(struct letter *letter);                       /* where it waits */
/* Whether a relay said already of this touch that it does not serve us: then it may be the letter. Remembers it. */
bool fleet_suspects(struct fleet *fleet, int64_t touch_id);
struct berth *fleet_berth(struct fleet *fleet, const struct pool *pool);

/* fleet_utf8.c: what only some relays can carry */
void fleet_without_utf8(struct fleet *fleet, struct pool *pool, struct letter *letter); /* the letter, in no queue, needs what this one does not offer */
bool fleet_may_take(const struct fleet *fleet, const struct letter *letter, size_t berth);
/* No relay that may take it is there: it is put off, and true. The letter is in no queue. */
bool fleet_put_off_utf8(struct fleet *fleet, struct letter *letter);

/* fleet_wait.c */
struct letter *lane_pop(struct fleet *fleet, struct lane *lane); /* the first that waits; NULL = none */
void fleet_wait(struct fleet *fleet, int64_t now);               /* letters wait, and none can go */
void fleet_look_again(struct fleet *fleet, int64_t at, int64_t now);

/* fleet_limits.c: lanes, days, what a limit has room for */
struct lane *fleet_lane(struct fleet *fleet, const char *domain);
bool lane_may(struct lane *lane, int64_t now);
uint32_t lane_room(const struct lane *lane, int64_t *step);          /* letters that go out soon; UINT32_MAX = no limit. *step = microseconds between two */
uint32_t fleet_room(const struct fleet *fleet, int64_t *step);       /* the same, of all relays */
uint32_t berth_left(const struct fleet *fleet, struct berth *berth); /* of its day's warm-up; UINT32_MAX = no limit */
uint32_t fleet_left(const struct fleet *fleet);                      /* of all relays' */
int64_t fleet_tomorrow(const struct fleet *fleet);                   /* domain time */
char *fleet_limits(const struct fleet *fleet);                       /* a sum of all of them */

/* fleet_turns.c: whose turn it is, before a touch is claimed, and once more before it is made into a letter */
bool fleet_turns(struct relay *relay, struct nurture_turn *turns, size_t count);
bool fleet_full(struct relay *relay, const char *address, bool urgent, int64_t *until, char why[RELAY_WHY]);
void fleet_turns_anew(struct fleet *fleet); /* what was promised is void: the host asks about all of it again */

/* fleet_notes.c: what survives the process */
void fleet_notes_init(struct fleet *fleet);
void fleet_note(struct fleet *fleet);                                 /* now, without delay */
bool berth_is_noted(struct fleet *fleet, struct berth *berth);       /* one more may go of its day; else it is being noted */

/* fleet_tell.c: status, figures */
void fleet_tell_init(struct fleet *fleet);
void fleet_tell_fini(struct fleet *fleet);

#endif
