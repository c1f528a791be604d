/* A letter: one touch while it is in the plugin's hands, and the desk that knows them all.
 *
 * What always holds: a letter is on the desk from deliver to exactly one letter_end, which tells the host and frees it.
 * Answers to `permit` and calls of `cancel` find the letter by its handle, so that late ones find nothing. A letter knows
 * by one pointer, `owner`, which relay session holds it. */
#ifndef NURTURE_EMAIL_LETTER_H
#define NURTURE_EMAIL_LETTER_H

#include <nurture/plugin.h>

#include <glib.h>

enum permission {
	PERMISSION_NONE,   /* not asked yet */
	PERMISSION_ASKED,  /* the host will answer */
	PERMISSION_GIVEN,  /* it may go */
	PERMISSION_DENIED, /* it must not go: ends as cancelled */
};

struct letter {
	struct desk *desk;
	struct nurture_handle handle;
	int64_t touch_id;
	uint32_t attempt;
	char sender[256];    /* envelope addresses, without brackets */
	char recipient[256];
	bool utf8;           /* an address needs SMTPUTF8 */
	uint32_t without;    /* relays (by bit, in the fleet's order) that do not offer it */
	GString *message;    /* whole, with the relay's line ends */
	size_t bytes;        /* of it, as the desk counts them */
	enum permission permission;
	int64_t asked_at;    /* monotonic, µs: when permission was asked for */
	bool cancelled;      /* the host wants it back */
	unsigned tries;      /* connections that were lost under it without harm */
	bool urgent;         /* somebody waits for it: all but marketing */
	const char *kind;    /* why it is rejected, static: see nurture_result.kind; NULL = not said */
	struct lane *lane;   /* of the SMTP way (fleet.h): whose turn it waits for, */
	struct pool *pool;   /* by which relay it goes; NULL = it was not its turn yet */
	uint8_t provider;    /* of its recipient (providers.h) */
	void *owner;         /* the relay's: the session that works on it, or NULL while it waits */
	GList link;          /* in the queue of its relay */
};

typedef void letter_fn(void *relay, struct letter *letter);

struct desk {
	const struct nurture_host *host;
	GHashTable *letters; /* by handle */
	size_t bytes;        /* of all their messages */
	void *relay;         /* argument of the two */
	letter_fn *permitted; /* permission was answered: look at letter->permission */
	letter_fn *cancel;   /* letter->cancelled was set: end it if nothing irrevocable happened */
	void (*ended)(void *relay, struct letter *letter, enum nurture_outcome outcome); /* NULL, or: each letter's end, before the host hears of it */
	void (*complained)(void *relay, const char *address); /* NULL, or: whom we sent it to called a message spam. All of these are proven, in small letters */
	/* NULL, or: a message to there came back with this enhanced code ("" = none) and these words. */
	void (*came_back)(void *relay, const char *address, const char *code, const char *reason);
	void (*changed)(void *relay); /* NULL, or: what `stand` says is another now */
	void (*stand)(void *arg, json_t *lines, json_t *troubles, json_t *figures); /* NULL, or: adds what others have to say of how the channel stands */
	void *stand_arg;
};

void desk_init(struct desk *desk, const struct nurture_host *host);
void desk_fini(struct desk *desk); /* frees letters that were never ended, without a word to the host */

/* Takes message. */
struct letter *letter_new(struct desk *desk, const struct nurture_touch *touch, GString *message);
struct letter *desk_find(struct desk *desk, struct nurture_handle handle); /* NULL if it ended, or was never here */

/* Asks the host for permission; desk->permitted is called later. While it is asked for or given, asking again is nothing. */
void letter_ask(struct letter *letter);
/* Given, and asked for more than two seconds ago: somebody may have withdrawn since, so it is to be asked for again before anything is written. */
bool letter_permission_is_old(const struct letter *letter);
/* The connection that it was asked for is gone, or it is old, and nothing was done: it is asked for again, so that a withdrawal in between holds. */
void letter_forget_permission(struct letter *letter);
/* Tells the host how it ended and frees it. reason and remote_id may be NULL; until 0 = the host decides. */
void letter_end(struct letter *letter, enum nurture_outcome outcome, const char *reason, const char *remote_id,
		int64_t until);

/* The same as DEFERRED, and nothing was tried: no attempt is spent. */
void letter_put_off(struct letter *letter, const char *reason, int64_t until);
const char *letter_domain(const struct letter *letter); /* the recipient's */
const char *letter_domain_of(const char *address);
/* A complaint about a message to `address` came back, or the message itself: for those who read what comes back. The address is the proven one. */
void desk_complained(struct desk *desk, const char *address);
void desk_came_back(struct desk *desk, const char *address, const char *code, const char *reason);

void desk_log(struct desk *desk, enum nurture_log_level level, const char *event, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
