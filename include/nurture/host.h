/* What the server does for a plugin: the table that `open` is given, and what answers it. Part of nurture/plugin.h. */
#ifndef NURTURE_HOST_H
#define NURTURE_HOST_H

#include <nurture/database.h>
#include <nurture/look.h>
#include <nurture/returned.h>
#include <nurture/routes.h>
#include <nurture/touch.h>

#ifdef __cplusplus
extern "C" {
#endif

struct event_base; /* libevent's */
struct nurture_timer;
struct nurture_host_data; /* the host's own */

enum nurture_log_level { NURTURE_LOG_DEBUG, NURTURE_LOG_INFO, NURTURE_LOG_WARN, NURTURE_LOG_ERROR };

/* Answer to `permit`. allowed == false: the gate said no meanwhile; complete the touch as NURTURE_CANCELLED and send nothing. */
typedef void nurture_permit_fn(void *arg, struct nurture_handle handle, bool allowed);
typedef void nurture_timer_fn(void *arg);
/* recorded == false: there is no such touch of this channel, or it is not in a state that this could change. Do not repeat it. */
typedef void nurture_news_fn(void *arg, int64_t touch_id, bool recorded);
/* Answer to `event_then` and `colleague_then`. taken == false: it is none, or the lead is not there any more. Do not repeat it. */
typedef void nurture_told_fn(void *arg, bool taken);
/* Answer to `offer`. */
enum nurture_offered {
	NURTURE_OFFERED = 1,    /* it is written: it is not taken back for its time */
	NURTURE_OFFERED_OVER,   /* it is not queued any more (taken back, late, erased), or never was: as NURTURE_LOOK_OVER */
	NURTURE_OFFERED_LATER,  /* nobody can say just now: the database is away. Ask again */
};
typedef void nurture_offer_fn(void *arg, int64_t touch_id, enum nurture_offered offered);
/* Answer to `keep_then`. false: they could not be written; what was kept before stands, or nobody knows. */
typedef void nurture_kept_fn(void *arg, bool kept);

/* What the host does for a plugin. All functions but `post` are for the loop thread only. */
struct nurture_host {
	size_t size;
	struct nurture_host_data *data; /* first argument of each function */

	void (*log)(struct nurture_host_data *, enum nurture_log_level, const char *event, const char *message);
	struct event_base *(*loop)(struct nurture_host_data *); /* to put own sockets on */

	/* One-shot timer in machine time. free may be called inside the callback; NULL is taken. */
	struct nurture_timer *(*timer_new)(struct nurture_host_data *, nurture_timer_fn *fn, void *arg);
	void (*timer_set)(struct nurture_timer *, int64_t in_us);
	void (*timer_free)(struct nurture_timer *);

	/* Asks for the permission to send, just before the one act that cannot be taken back. The host asks the gate once
	 * more, commits `permitted` (many at once) and calls fn, later, never inside permit. Who was permitted, did nothing yet and must
	 * wait again (the connection was lost) asks again before the act: what was given before is void from then on. */
	void (*permit)(struct nurture_host_data *, struct nurture_handle, nurture_permit_fn *fn, void *arg);

	/* The delivery is over. Copies what it keeps. Twice or late: counted, nothing else. */
	void (*complete)(struct nurture_host_data *, struct nurture_handle, const struct nurture_result *);

	/* Something happened to a touch that is over for the host: another outcome, by touch_id.
	 *   queued   → any: SENT, REJECTED; DEFERRED, CHANNEL_DOWN, CANCELLED: it did not go and is delivered again later; UNKNOWN: in doubt
	 *   in doubt → SENT, REJECTED, QUEUED, DEFERRED: it is known now
	 *   sent     → REJECTED: it came back
	 * Forgotten when the process dies before it is written: see news_then. */
	void (*news)(struct nurture_host_data *, int64_t touch_id, const struct nurture_result *);

	/* A new event of a lead: verb and subject as in POST /v1/events, `data` an object (borrowed, may be NULL), key NULL or
	 * what makes it count once. consent.withdraw is more than an event: the lead's permission for the channel that its subject names ("email", "letter", "*" = all) is taken back
	 * with it, for every purpose, and `data` is kept as the evidence. */
	void (*event)(struct nurture_host_data *, int64_t lead_id, const char *verb, const char *subject, double value,
		      const json_t *data, const char *key);

	/* The domain's now. */
	int64_t (*now)(struct nurture_host_data *);

	/* Thread-safe: runs fn(arg) soon on the loop thread. */
	void (*post)(struct nurture_host_data *, nurture_timer_fn *fn, void *arg);

	/* How many touches the plugin can take in hand at once from now on (flow control). Default 1. */
	void (*capacity)(struct nurture_host_data *, uint32_t touches);

	/* The same as news, and fn(arg, …) is called later, never inside, when it is committed. A plugin with a queue of its own keeps a
	 * touch until then; what it had not heard of when its process ended it tells again, with result.attempt, as often as it takes: news
	 * that was recorded changes nothing. A touch that is delivered again while the plugin still has it is the same one: QUEUED, once more. */
	void (*news_then)(struct nurture_host_data *, int64_t touch_id, const struct nurture_result *, nurture_news_fn *fn, void *arg);

	/* The answer to channel.forget and channel.part, with nurture_forget.id: done, or why not now (for people; may be NULL; copied): it comes again, after a
	 * minute, doubling to an hour. */
	void (*forgotten)(struct nurture_host_data *, int64_t id, bool done, const char *reason);

	/* Something came back for a touch of this channel, from outside, where anybody may write: the host proves the token, looks whether the touch went out,
	 * and writes event, suppression and the touch's state in one transaction. fn(arg, …) says what became of it; keep what came back until then. */
	void (*returned)(struct nurture_host_data *, const struct nurture_return *, nurture_returned_fn *fn, void *arg);

	/* Something is wrong that every further touch would suffer from, and that no waiting mends: a person must look (the sender's domain is not
	 * authenticated). The channel waits, also over restarts, until `nurture channel resume`; what is in hand is asked back, nothing is spent, nobody is
	 * marked. `reason` for people; copied. */
	void (*hold)(struct nurture_host_data *, const char *reason);

	/* How the plugin stands, for `nurture status`, /readyz and /metrics; the newest replaces the one before. An object, borrowed, of at most 64 KB:
	 *   "lines"    [texts], shown under the channel
	 *   "troubles" [texts]: what is not well though the channel works, one sentence each
	 *   "figures"  [{"name": "relay_up", "labels": {"relay": "a:25"}, "value": 1}]: gauges nurture_KIND_NAME{channel=…,…}; small letters, digits, _
	 * No personal data, no secrets. Tell what changed, at most once a second. */
	void (*tell)(struct nurture_host_data *, const json_t *standing);

	/* A few notes of the plugin's own (what it has used of a day's limit) that survive the process and the machine: an object, borrowed, of at most 64 KB;
	 * the newest replaces the one before. Written soon; what was kept in a process's last second may be lost with it. No personal data. */
	void (*keep)(struct nurture_host_data *, const json_t *notes);
	/* The notes that were kept last, NULL = none. Inside `open` only; borrowed during it. */
	const json_t *(*kept)(struct nurture_host_data *);

	/* The answer to a request of one of the plugin's routes, inside its fn or later: once, within ten seconds, or the client is told 503 without you.
	 * Copies all of it. Twice, late, or after the client has left: counted, nothing else. What cannot be sent (a status or a header that is none, more
	 * than NURTURE_REPLY_MOST bytes) becomes a 500 and an error in the log. */
	void (*reply)(struct nurture_host_data *, struct nurture_handle, const struct nurture_reply *);

	/* The name of this channel, as in nurture.conf: two channels may be of one plugin, and share its schema. */
	const char *channel_name;

	/* Asks the database, in the schema that has the plugin's name (migrations). Copies the values; fn is called later, never inside, once; and never after
	 * close has begun, though what was asked may be done then. All steps of a query are one transaction: done as a whole or not at all. Several queries are on
	 * their way at once, in no order: who needs the answer of one before the next waits for it. Never blocks; a statement ends after 25 s; with more than 1,000
	 * on their way the answer is an error, with `again`. */
	void (*query)(struct nurture_host_data *, const struct nurture_query *, nurture_query_fn *fn, void *arg);

	/* How a touch stands that was completed as QUEUED: whether it still may go, asked of the gate as it would be for a touch that is sent now, and all that
	 * somebody who reaches the lead now should see. fn is called later, never inside, once; never after close has begun. What a withdrawal has taken back is
	 * OVER from its commit on. Nothing is written. */
	void (*look)(struct nurture_host_data *, int64_t touch_id, nurture_look_fn *fn, void *arg);

	/* A person whom a lead named as one of its company: becomes a lead of the same company, if it is not known. `fields`: an object, as of POST /v1/leads
	 * (email, first_name, phone …; borrowed), what does not fit is left out and noted there. `key` names what was said: told twice it counts once. */
	void (*colleague)(struct nurture_host_data *, int64_t lead_id, const json_t *fields, const char *key);

	/* As keep, and fn(arg, …) is called once these notes, or newer ones, are on the database's disk: what must not be done before it is noted (a part of a day's limit
	 * is taken) waits for it. Written without delay. Called later, never inside, and never after close has begun. */
	void (*keep_then)(struct nurture_host_data *, const json_t *notes, nurture_kept_fn *fn, void *arg);

	/* Whether this process has the channel. One that lost it (the database was away for longer than the lease) finishes what is in hand, and must begin nothing else
	 * that only one may do, as reading a mailbox: another process does it meanwhile. What it tells and keeps is not written then. */
	bool (*held)(struct nurture_host_data *);

	/* The limits are others than those for which `turns` promised turns: all that waits for one is due, and asked about, again. */
	void (*turns_anew)(struct nurture_host_data *);

	/* Somebody has a touch of the plugin's queue in hand (an agent who was offered the call speaks): for `lease` microseconds of machine time from now its
	 * `expires_at` does not take it back, and its campaign waits. Said again it lasts longer, never shorter; 0: it is in nobody's hand any more, and its time
	 * counts again at once. News of the touch ends it as well. fn(arg, …), which may be NULL, is called later, never inside: offer the touch behind that word. Only
	 * touches with expires_at need it. Many are written together. */
	void (*offer)(struct nurture_host_data *, int64_t touch_id, int64_t lease, nurture_offer_fn *fn, void *arg);

	/* As event and colleague, and fn(arg, …) is called later, never inside, when it is committed: what the plugin knows is kept until then, and what it had not
	 * heard of when its process ended it tells again. `key` must be there: it counts once. */
	void (*event_then)(struct nurture_host_data *, int64_t lead_id, const char *verb, const char *subject, double value, const json_t *data, const char *key,
			   nurture_told_fn *fn, void *arg);
	void (*colleague_then)(struct nurture_host_data *, int64_t lead_id, const json_t *fields, const char *key, nurture_told_fn *fn, void *arg);

	/* Whether there may be such a telephone number, "+442079460000" (its country's code and length, by libphonenumber). false: it is impossible. */
	bool (*phone_possible)(struct nurture_host_data *, const char *number);

	/* What a template of this channel says to somebody who does not exist, for decoys: `fields` is an object, as of POST /v1/leads (first_name, address, city …; borrowed). fn
	 * is called later, once, and never after close has begun: GO with address, name, fields and, of a letter, fields reply.code and reply.url that answer nothing; HOLD with the
	 * reason where nothing can be made of it; LATER. touch_id is 0. Nothing is written. */
	void (*compose)(struct nurture_host_data *, const char *template_name, const json_t *fields, nurture_look_fn *fn, void *arg);

	/* Which country a word names, as leads' fields are read: two or three letters ("DE", "deu"), or a name in English, in the country's own or another language ("Germany",
	 * "Deutschland", "Korea (Rep.)"). Gives how many may be meant: 1, and `codes` is its two letters; 0; or more, and `codes` has all, parted by blanks ("KP KR"): 64 bytes are
	 * enough. */
	size_t (*country)(struct nurture_host_data *, const char *word, char *codes, size_t size);

	/* As look, of a touch that was looked at, and was GO, at `since` (domain time) or later: asked is only what may have changed since then, so it costs a small part of a look. GO: it is queued
	 * still (a withdrawal, a suppression or an erasure takes it back with its own commit), its campaign goes on, and its lead and account are as they were; what it says was told then:
	 * address, name, fields and sheet are empty. What a publish between the two has changed (another default of consent, another purpose) is not asked: where that must count, look. Of all others it is a look; hours and caps are asked only then. */
	void (*look_again)(struct nurture_host_data *, int64_t touch_id, int64_t since, nurture_look_fn *fn, void *arg);
};

#ifdef __cplusplus
}
#endif

#endif
