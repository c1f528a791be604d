/* The relays of a channel together: which letter goes by which relay, and when. Seen by the files of the SMTP way only; the plugin sees relay.h.
 *
 *   plugin ──► lane (a limit of some domains, or all the others) ──► pool (one relay: smtp_pool.h) ──► session
 *                 ▲                                                      │
 *                 └──────────── the relay is away, or does not serve us ─┘
 *
 * What always holds: a letter that waits is in its lane's queue (letter->pool NULL) or its pool's; `out` of a lane counts its letters with a pool. A lane
 * holds no more than goes out soon: the others are given back to the host with the moment of their turn, no attempt spent, so a slow
 * domain never fills the channel. When all relays are away, all that waits goes back as channel_down. */
#ifndef NURTURE_EMAIL_FLEET_H
#define NURTURE_EMAIL_FLEET_H

#include "brake.h"
#include "relay.h"
#include "sender.h"
#include "smtp_verdict.h"

#include <event2/event.h>

struct pool;

struct lane {
	const struct domain_limit *limit; /* NULL: of all other domains */
	GQueue waiting;
	unsigned out;
	struct bucket bucket;
	int64_t slot;      /* machine time of the last turn that was promised to a letter given back */
	uint64_t put_off;  /* letters given back so */
};

/* One relay's share. */
struct berth {
	struct pool *pool;
	int64_t share;     /* smooth weighted round-robin: who has most is next */
	struct bucket bucket;
	int64_t day;       /* quota_day that `used` is about */
	uint32_t used;     /* of that day's warm-up */
	uint64_t sent;     /* of this process */
	bool was_up;       /* as told last */
};

enum { SUSPECTS = 16 };

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

/* fleet_limits.c: lanes, and what is given back before it is made into a letter */
struct lane *fleet_lane(struct fleet *fleet, const char *domain);
bool lane_may(struct lane *lane, int64_t now);
bool fleet_full(struct relay *relay, const char *address, bool urgent, int64_t *until, char why[RELAY_WHY]);
uint32_t berth_left(const struct fleet *fleet, struct berth *berth); /* of its day's warm-up; UINT32_MAX = no limit */
int64_t fleet_tomorrow(const struct fleet *fleet);                   /* domain time */

/* fleet_tell.c: status, figures, notes */
void fleet_tell_init(struct fleet *fleet); /* and recalls the notes */
void fleet_keep(struct fleet *fleet);      /* the notes, now: while the channel drains, for at its close the host takes none */
void fleet_tell_fini(struct fleet *fleet);

#endif
