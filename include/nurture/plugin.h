/* The plugin contract, version 1 (DESIGN section 9): all that a channel plugin may use.
 *
 * A plugin is a shared object that exports one symbol, `nurture_plugin`, a constant descriptor. It runs in the delivery
 * process of one channel, on that process's loop thread, and reaches the server only through the host table that
 * `open` gives it; it links no symbol of the server. It is never unloaded: a new generation of processes replaces it.
 *
 * Sizes: every struct that may grow begins with its size in bytes, set by whoever made it. Read a field only when
 * NURTURE_HAS says that the maker knew it. Text is UTF-8. Moments are microseconds since 1970-01-01 UTC (domain time);
 * machine times are microseconds from now. Memory that the host gives is borrowed: valid during the call, unless said
 * otherwise; copy what you keep.
 *
 * A touch is named by a handle, a value: completing it twice, or late, is a counted no-op and never an error of memory.
 */
#ifndef NURTURE_PLUGIN_H
#define NURTURE_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NURTURE_PLUGIN_ABI 1

#define NURTURE_HAS(s, field) (offsetof(__typeof__(*(s)), field) + sizeof((s)->field) <= (s)->size)

struct event_base; /* libevent's */

enum nurture_log_level { NURTURE_LOG_DEBUG, NURTURE_LOG_INFO, NURTURE_LOG_WARN, NURTURE_LOG_ERROR };

/* How a delivery ended. */
enum nurture_outcome {
	NURTURE_SENT = 1,     /* the outside has it: final */
	NURTURE_QUEUED,       /* durable with us, with permission; news follows by `news_then` */
	NURTURE_DEFERRED,     /* not now: again at `until` (or when the host thinks best) */
	NURTURE_REJECTED,     /* this recipient, for good */
	NURTURE_CHANNEL_DOWN, /* nothing was tried: no attempt is spent; the host waits and calls again */
	NURTURE_UNKNOWN,      /* it may have gone: in doubt */
	NURTURE_CANCELLED,    /* the host asked for it by `cancel` */
};

/* A touch in the plugin's hands. */
struct nurture_handle {
	uint64_t id;
	uint64_t generation;
};

struct nurture_field {
	const char *name;  /* "subject", "html", "text", "from", …: what the template's front matter and body rendered to */
	const char *value; /* ended by NUL; may hold anything else */
	size_t length;
};

/* A file that goes with a touch: a picture that the HTML shows, or an attachment. It never grows, as it comes in arrays. */
struct nurture_file {
	const char *name;       /* without folders */
	const char *type;       /* "image/png", "application/pdf" … */
	const char *content_id; /* without brackets; the HTML names it as cid:…. NULL = attached */
	const void *bytes;
	size_t length;
};

struct nurture_touch {
	size_t size;
	struct nurture_handle handle;
	int64_t touch_id;      /* stable for ever; the same when it is tried again */
	int64_t lead_id;
	const char *kind;      /* "email", "call", "letter" */
	const char *template_name;
	const char *campaign;  /* NULL when no campaign planned it */
	const char *step;
	const char *address;   /* where it goes: e-mail address, telephone number, postal address */
	const char *name;      /* the recipient's name, or "" */
	const char *purpose;   /* "marketing", "service", "confirm" */
	uint32_t attempt;      /* 1 for the first; in-doubt ones that are repeated keep the touch_id (same Message-ID) */
	int64_t now;           /* domain time of the call */
	int64_t expires_at;    /* must not go out later; 0 = no limit */
	/* As the template gave them; and behind those what the step says of the contact, where the template has no field of that name: of a call `priority` (high,
	 * normal, low) and `skill`, of a letter `drop` (Thursday, 2027-03-18: it is due on that day) and `once_per` (household). Of a letter also the parts of its
	 * address, as the lead has them, "" where it has none: to.name, to.organisation, to.street (may have line ends), to.city, to.region, to.postal_code, to.country, to.title (of the person); and to.domain, its account's. */
	const struct nurture_field *fields;
	size_t field_count;
	const char *unsubscribe_url; /* signed; NULL where the purpose has none */
	const char *postal_address;  /* of the sender; NULL if not configured */
	const struct nurture_file *files; /* borrowed, as all else */
	size_t file_count;
	const char *return_token;    /* names this touch to `returned`, and nobody who was not sent it can make one: 39 small letters and digits; NULL = none */
	/* Of a letter to a lead, by what it is answered: 16 letters and digits in four groups, "K7M2-QX9P-4TNB-8FJD", the same each time, to be typed or read out; and the
	 * address that it stands in, for a QR code: event letter.response. NULL = none. Both are in the template's hands, too: {{ reply.code }}, {{ reply.url }}. */
	const char *code;
	const char *url;
};

struct nurture_result {
	size_t size;
	enum nurture_outcome outcome;
	const char *reason;    /* for people: "550 5.1.1 no such user"; may be NULL; copied */
	const char *remote_id; /* the outside's name for it (queue id, file name); may be NULL; copied */
	int64_t until;         /* DEFERRED: domain time of the next attempt; 0 = the host decides */
	uint32_t attempt;      /* of news: which delivery it is about (nurture_touch.attempt); 0 = the last */
	/* Of news that say SENT, where a contact ends with more than that it was made: a call. */
	const char *answer;    /* how it ended: "reached" (the playbook finds the result), a result, a disposition, "nobody"; NULL = nothing is said; copied */
	const json_t *said;    /* an object: fields of the lead and what was answered, applied in the turn that goes on with the answer; what does not
	                        * fit the playbook's fields is left out and noted there. At most 16 KB as text, or it is told as an event of log and dropped;
	                        * may be NULL; borrowed */
	/* DEFERRED: it was not its turn (a limit of so many a minute or a day): nothing was tried, no attempt is spent, `until` must be said. */
	bool untried;
	/* REJECTED: what for, one word: "hard" (nobody is there: the address is bad), "soft" (given up: it was full, or not to be reached), "policy" (the
	 * other side did not want this message; of a letter: whom it would go to has one, or wants none, and the walk goes on as `held`, not as `undeliverable`); NULL = not
	 * said. Told in the event as data.kind; copied. */
	const char *kind;
	/* DEFERRED: no message could be made of it: the template came out wrong for this lead. Which field of it ("subject", "html" …; "" = it cannot be said): the touch is
	 * held with the template's file and line, no attempt spent, and tried again after the next publish. NULL = nothing of the kind; `until` means nothing then. */
	const char *broken;
};

/* A touch that is due, as channel.turns is asked about it. It never grows, as it comes in arrays. */
struct nurture_turn {
	const char *address;  /* as the lead has it; "" = not known */
	const char *purpose;  /* "marketing", "service", "confirm" */
	int64_t expires_at;   /* as nurture_touch's */
	bool promised;        /* it was put off before, and this is the turn that it was promised */
	/* The answer: all 0 = it may come now. */
	int64_t wait;         /* microseconds of machine time until its turn, as limits by the minute count them */
	int64_t until;        /* or the domain's moment of it, as limits by the day do */
	const char *reason;   /* for people; lives until the next call; copied */
};

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

/* Takes bytes, in order. */
typedef void nurture_write_fn(void *arg, const void *bytes, size_t n);

/* What came back for a touch that went out. */
enum nurture_return_kind {
	NURTURE_RETURN_HARD = 1,   /* there is no such recipient: event email.bounce (kind "hard"), the touch is REJECTED, the address suppressed for the channel's kind */
	NURTURE_RETURN_SOFT,       /* not now: event email.bounce (kind "soft"); so many in so many days: suppressed as well */
	NURTURE_RETURN_REFUSED,    /* not this message, or not from us (policy, spam, size): event email.bounce (kind "refused"), nobody is suppressed */
	NURTURE_RETURN_COMPLAINT,  /* event email.complaint; the address is suppressed on all channels */
	NURTURE_RETURN_AUTO_REPLY, /* nobody wrote it: event email.auto_reply */
	NURTURE_RETURN_REPLY,      /* the lead wrote: event email.reply */
	NURTURE_RETURN_UNSUBSCRIBE, /* the lead wants no more (List-Unsubscribe by mail): consent to marketing by e-mail is taken back. By its token alone */
};

struct nurture_return {
	size_t size;
	enum nurture_return_kind kind;
	const char *token;      /* nurture_touch.return_token, as it was found in what came back; NULL = none was */
	const char *address;    /* whom it is about: the recipient that it names, of a reply who wrote it. May be NULL. Of replies without a token it names the lead */
	const char *code;       /* "5.1.1"; may be NULL; copied */
	const char *reason;     /* for people; may be NULL; copied */
	const json_t *data;     /* what else the event holds, an object; may be NULL; borrowed. At most 60 KB as text, or it is left out */
	const char *key;        /* names what came back: told twice it counts once. Must not be NULL */
	uint32_t soft_most;     /* SOFT: suppressed at the so-many-th … */
	uint32_t soft_days;     /* … within so many days; 0 = never */
};

enum nurture_return_answer {
	NURTURE_RETURN_RECORDED = 1,
	NURTURE_RETURN_KNOWN,     /* it was recorded before */
	NURTURE_RETURN_UNPROVEN,  /* the token is none of ours, or its touch never went out: counted, nothing else */
	NURTURE_RETURN_NOBODY,    /* nobody is meant: the lead is not known, or was erased */
	NURTURE_RETURN_LATER,     /* not now: the touch is just being sent, or the server closes. Tell it again */
};
/* Called when it is committed; LATER may come inside `returned`. sent_to: the address that the token proves the touch was sent to, as the host has it; NULL
 * when nobody knows it any more, and of what has no token. It is about this one: address, code and reason were written by anybody. Lives for the call. */
typedef void nurture_returned_fn(void *arg, enum nurture_return_answer answer, const char *sent_to);

struct nurture_timer;
struct nurture_host_data; /* the host's own */
struct nurture_request;
struct nurture_reply;
struct nurture_query;
struct nurture_answer;
typedef void nurture_query_fn(void *arg, const struct nurture_answer *answer);
struct nurture_look;
typedef void nurture_look_fn(void *arg, const struct nurture_look *look);

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

enum nurture_standing {
	NURTURE_LOOK_GO = 1,  /* it may go now */
	NURTURE_LOOK_WAIT,    /* not before `until`: hours, caps, a pause of its campaign */
	NURTURE_LOOK_HOLD,    /* the gate says no. Tell CANCELLED by news: the server holds it, with the reason, or delivers it again */
	NURTURE_LOOK_OVER,    /* it is not queued any more (taken back, late, erased), or never was: forget it */
	NURTURE_LOOK_LATER,   /* nobody can say just now: the database is away, or that it is queued is not recorded yet. Ask again */
};

/* The answer to look; borrowed during the call. */
struct nurture_look {
	size_t size;
	int64_t touch_id;
	enum nurture_standing standing;
	int64_t until;          /* WAIT, and LATER where it is known: domain time */
	const char *reason;     /* WAIT, HOLD, OVER: for people; "" = none */
	int64_t lead_id;        /* whose touch it is now: merged leads are followed. 0 = not known */
	int64_t expires_at;     /* as of the touch; 0 = none */
	const char *address, *name; /* GO, WAIT: as nurture_touch has them, as of now; else "" */
	const struct nurture_field *fields; /* GO, WAIT: as nurture_touch has them, rendered anew */
	size_t field_count;
	/* GO, WAIT: an object. "revision"; "lead" {id, stage, segments, fields}; "account" {…} or null; "scores" and "grades" by name; "receipt" [why each score
	 * is what it is]; "timeline" [newest events first: at, verb, subject, value]; "place" {country, region, zones: every zone that the lead may be in};
	 * of a call also "script" {name, title, opening, closing, questions, results} or null, and "dispositions" [{name, label, means}]. Else NULL. */
	const json_t *sheet;
	bool whole;             /* LATER: so it is of every touch of the channel just now: it is stopped or held, or the database is away */
	const struct nurture_file *files; /* GO, WAIT: what goes with it, as nurture_touch has them: the pictures that a letter shows */
	size_t file_count;
};

/* ---- routes: HTTP under /v1/channels/{channel} ------------------------------------------------------------------- */

/* A name and its text, both ended by NUL. It never grows. */
struct nurture_pair {
	const char *name;
	const char *value;
};

enum {
	NURTURE_ROUTES_MOST = 100,            /* of a plugin */
	NURTURE_PARAMETERS_MOST = 4,          /* of a path */
	NURTURE_BODY_MOST = 16 << 20,         /* bytes of a request's body */
	NURTURE_REPLY_MOST = 16 << 20,        /* bytes of a reply's body */
};

/* One route: a row of a const table. It grows at its end; nurture_routes.route_size says how large the plugin's rows are. */
struct nurture_route {
	const char *method;                   /* "GET" (HEAD is answered by it), "POST", "PUT", "PATCH", "DELETE" */
	const char *path;                     /* behind /v1/channels/{channel}: "/calls/:call/answers"; `:name` is one segment, never empty. Letters, digits, - _ . */
	const char *scope;                    /* who may: "read", "write", "track", "admin" as tokens and people have them, checked before it is passed to
	                                       * you; "public" = anybody on earth: for web hooks, which prove themselves, and pages before a login */
	/* Takes one request; answers by host->reply. On the loop thread, between open and close, also while the channel drains. */
	void (*fn)(void *self, const struct nurture_request *request);
	size_t body;                          /* bytes that its body may have: 0 = 1 MiB; at most NURTURE_BODY_MOST. More is answered 413 */
	const char *const *headers;           /* names of header fields to be told of, NULL-ended; NULL = none. Never Authorization or Cookie */
	/* Of people who signed in: these roles may, too, whatever else they may: "agent", "supervisor", "owner", "marketing", "admin", NULL-ended. NULL =
	 * the scope decides alone. Agents have no scope at all: what is for them names them. */
	const char *const *roles;
	const char *title;                    /* of a page (GET, no :names) that people go to after they signed in: its link's text; NULL = no link */
};

struct nurture_routes {
	size_t size;
	size_t route_size;                    /* sizeof(struct nurture_route) */
	size_t count;
	const struct nurture_route *routes;
};

/* A request. All of it is borrowed: copy what is needed after fn has returned. Texts are UTF-8, decoded, without NUL, and were written by strangers. */
struct nurture_request {
	size_t size;
	struct nurture_handle handle;         /* for reply: a value */
	const struct nurture_route *route;
	const char *path;                     /* the whole of it, as it came */
	const struct nurture_pair *parameters; /* what stood for each :name of the path, in order */
	size_t parameter_count;
	const struct nurture_pair *query;     /* in the order in which they came; a name may come twice */
	size_t query_count;
	const struct nurture_pair *headers;   /* of those that the route asks for, those that came; names as the route writes them */
	size_t header_count;
	const char *content_type;             /* in small letters without parameters, "application/json"; "" = none */
	const char *body;                     /* any bytes; ended by a NUL that is not counted */
	size_t body_length;
	const char *asker;                    /* "token", "person", or "" = nobody is known: a public route */
	int64_t asker_id;                     /* of that token or person; 0 */
	const char *asker_name;               /* "" = none */
	const char *role;                     /* of a person: "agent", "supervisor", "owner", "marketing", "admin"; else "" */
	const char *const *scopes;            /* what the asker may, NULL-ended: of "read", "write", "track", "admin" */
	const char *remote;                   /* the client's address: "192.0.2.7"; "unix" */
	bool https;                           /* between the client and the outermost proxy that is trusted */
	int64_t now;                          /* domain time of the call */
	const char *csrf;                     /* of a person: what each form of yours must hold as `csrf` (<input type="hidden">), or a script send as
	                                       * X-CSRF-Token, with everything that is not GET; the server has looked at it before a request reaches you. "" = no person */
};

struct nurture_reply {
	size_t size;
	int status;                           /* 200 to 599 */
	const char *content_type;             /* NULL = application/json */
	const void *body;                     /* may be NULL when body_length is 0 */
	size_t body_length;
	const struct nurture_pair *headers;   /* more of them: at most 20. Length, connection, date and cookies are the server's. Without a Cache-Control
	                                       * it says no-store; a page without a Content-Security-Policy may load and run nothing from elsewhere */
	size_t header_count;
};

/* ---- migrations and queries: the schema that has the plugin's name ------------------------------------------------ */

/* One migration: a row of a const table, numbers rising. SQL of one or many statements, run once in one transaction with search_path set to the
 * plugin's schema, by `nurture db migrate` and at the start of a server whose auto_migrate is on, as the database's owner: DDL belongs here, nowhere else. What
 * has run must stay as it is, for ever: where a number is missing or its text changed, the server refuses to start. Several channels of one plugin
 * share the schema.
 *
 * A function holds(leads bigint[]) of the schema tells what the plugin has put outside of the database, or is about to, that still names these leads: rows with `lead`, `job` (a number), and
 * for people `channel`, `name`, `state`, `folder`, `uploaded`. Whoever erases a person is told of it (nurture erase, DELETE /v1/leads/ID); the audit keeps plugin and job.
 *
 * A function knows(leads bigint[]) tells what the plugin keeps of these leads, the ids of people merged into one among them, for who asks for all that is known of a person (nurture lead
 * LEAD --export, GET /v1/leads/ID/export, section `channels`): rows with `lead`, `channel`, `what` (a word for the kind of row), `id` (a number; with `what` the row's own in its channel) and
 * `data` (a jsonb object). It is asked once a page, so it finds its rows by an index of the lead. Salts, keyed hashes and what would let somebody act for others have no place in it. Its
 * error fails the export, which names the plugin. A plugin without the function is left out.
 *
 * The server calls both functions with a search_path of its own: a body of the form begin atomic … end finds the tables that it was made with. */
struct nurture_migration {
	int number;                           /* from 1 */
	const char *name;                     /* "calls": for people */
	const char *sql;
};

struct nurture_migrations {
	size_t size;
	size_t migration_size;                /* sizeof(struct nurture_migration) */
	size_t count;
	const struct nurture_migration *migrations;
};

/* A statement: constant, for as long as the process lives, and known by its name: prepared once a connection. One SQL statement with $1, $2 …; tables
 * are named without a schema. */
struct nurture_statement {
	size_t size;
	const char *name;                     /* letters, digits, _; at most 50; of one text only */
	const char *sql;
};

/* A value, of a parameter or of a row. It never grows. */
struct nurture_value {
	const void *value;                    /* NULL = SQL null; in rows ended by a NUL that is not counted */
	size_t length;                        /* of parameters that are text: 0 = up to the NUL */
	bool bytes;                           /* in PostgreSQL's binary form (big-endian numbers, raw bytea); else text */
};

enum {
	NURTURE_STEPS_MOST = 32,              /* of a query */
	NURTURE_VALUES_MOST = 40,             /* of a step */
};

struct nurture_step {                     /* It never grows. */
	const struct nurture_statement *statement;
	const struct nurture_value *values;   /* borrowed during the call */
	size_t count;
};

struct nurture_query {
	size_t size;
	const struct nurture_step *steps;     /* one transaction, in this order; all are sent at once */
	size_t count;
	bool bytes;                           /* rows come in binary form; else as text */
	bool read_only;                       /* one snapshot, nothing may be written: cheaper */
};

struct nurture_rows {                     /* of one step. It never grows. */
	size_t rows, columns;
	const struct nurture_value *values;   /* rows × columns, row by row */
	size_t changed;                       /* rows that an insert, update or delete has touched */
};

/* What came of a query. Borrowed during the call. */
struct nurture_answer {
	size_t size;
	const char *error;                    /* NULL = it is done, and committed; else nothing of it is, and why, for people and the log */
	const char *sqlstate;                 /* of the error: "23505"; "" where it is not the database's */
	bool again;                           /* the same may work later: the database is away, two crossed each other, too many are on their way */
	const struct nurture_rows *steps;     /* one for each step; NULL with an error */
	size_t count;
};

/* A person whom the server knows no more by this number: erased, or merged into another; or (part) one whom it knows by it again. */
struct nurture_forget {
	size_t size;
	int64_t id;      /* of this request: the same when it comes again */
	int64_t lead_id; /* nurture_touch.lead_id */
	int64_t into;    /* 0 = erased: nothing of the person stays. Else whose all of it is now: to be kept under that number; of part: whose it was */
	int64_t now;
};

struct nurture_problem {
	size_t size;
	char where[256];    /* the setting or field, may be empty */
	char message[1024]; /* a sentence that says what to do */
};

/* A template as marketing wrote it: values and body may hold Liquid, {{ … }} and {% … %}. It has passed every check of the server's. */
struct nurture_template {
	size_t size;
	const char *name;
	const struct nurture_field *fields; /* of the front matter */
	size_t field_count;
	const char *body;
	size_t body_length;
};

/* A channel: one instance a process. */
struct nurture_channel {
	size_t size;
	const char *kind;                   /* "email", "call", "letter": which step word it serves */
	const char *const *template_fields; /* front-matter fields that a template may have, NULL-ended; "!name" = must have */
	const char *body;                   /* "markdown": body becomes fields "html" and "text"; "text": field "text" */

	/* Reads settings (an object, borrowed) and begins. Fills *self. 0, or -1 with *problem. With host == NULL: only checks the
	 * settings; *self is not set. Relative paths in settings are under data_dir. */
	int (*open)(const struct nurture_host *host, const json_t *settings, const char *data_dir, void **self,
		    struct nurture_problem *problem);
	/* Takes one touch; completes it later (or during the call). */
	void (*deliver)(void *self, const struct nurture_touch *touch);
	/* The host wants the touch back: complete it as CANCELLED if nothing irrevocable happened, else as it ends. */
	void (*cancel)(void *self, struct nurture_handle handle);
	/* No more deliver calls will come; finish or cancel what is in hand. */
	void (*drain)(void *self);
	/* All touches are complete, or their deadline is over: free everything. */
	void (*close)(void *self);
	/* Looks at a template before it is published (nurture check, publish, the watch), in a process that was made for this and ends: there is no host
	 * and no instance. 0, or -1 with *problem, where = a field's name, or "" for the body: the publish is refused. NULL = every template is good. */
	int (*check_template)(const json_t *settings, const struct nurture_template *, struct nurture_problem *problem);
	/* What the plugin keeps of a person, in files, tables, memory, goes, or becomes another's; answer by host->forgotten, during the call or later. Comes at
	 * least once for each, until the answer is done: who is not known, or was forgotten before, is done. Also while touches of the person are in hand:
	 * those are asked back or end as ever, and what is known only of them is forgotten when they end. Not called after drain. NULL = the plugin keeps
	 * nothing of people beyond the touches in its hands. */
	void (*forget)(void *self, const struct nurture_forget *);
	/* Writes what deliver would give to the outside for this touch (a message, a page), byte for byte where it can, in a process that was made for this and
	 * ends: there is no host and no instance, and nothing may be sent or kept. 0, or -1 with *problem. NULL = the channel has nothing to show. */
	int (*show)(const json_t *settings, const char *data_dir, const struct nurture_touch *, nurture_write_fn *write, void *arg,
		    struct nurture_problem *problem);
	/* A command of the channel's own, `nurture KIND WORD …`: words[0] is the WORD. As show: a process of its own, no host, no instance. What it prints goes
	 * to write. The exit status of the command, 0 to 2, or -1 with *problem (where = "" or a setting). settings is NULL where the configuration has no such
	 * channel, and may be wrong: nobody has looked at it. NULL = there are none. */
	int (*command)(const json_t *settings, const char *data_dir, size_t count, const char *const *words, nurture_write_fn *write, void *arg,
		       struct nurture_problem *problem);
	/* A merge that forget told of was taken back: lead_id is a person of its own again, which `into` was for a while (at most 90 days). What was lead_id's before the
	 * merge is lead_id's again; what came since stays into's, for nobody knows whose it is. So who moves things keeps the number that they came from. Called and
	 * answered as forget is, in the order of each person among its calls. NULL = the plugin moves nothing that would have to go back. */
	void (*part)(void *self, const struct nurture_forget *);
	/* Whose turn it is of these touches, which are due, before any of them is claimed: sets the answer of each. So a limit (so many a minute, so many a day) costs nothing
	 * while touches wait. When it is asked, all that came before has been delivered. Whose turn has come is claimed, asked at the gate and delivered, as far as that goes;
	 * who waits is asked about again then, as promised. With count 0: whether anybody may have to wait at all. NULL = nobody has to. */
	bool (*turns)(void *self, struct nurture_turn *turns, size_t count);
	/* Which campaigns are paused now: names, NULL-ended. Called when the channel is open, and whenever they are others. Touches of theirs in the plugin's queue stay queued, and
	 * look says LATER of each: so many can be put aside together, and brought back. NULL = it looks at each. */
	void (*pauses)(void *self, const char *const *campaigns);
};

struct nurture_plugin {
	size_t size;
	uint32_t abi;          /* NURTURE_PLUGIN_ABI */
	const char *name;      /* the file is NAME.so: small letters, digits, hyphens */
	const char *version;
	const char *licence;   /* SPDX */
	size_t host_needs;     /* sizeof(struct nurture_host) that the plugin was written for: an older host refuses it */
	const struct nurture_channel *channel;
	const struct nurture_routes *routes;         /* NULL = none */
	const struct nurture_migrations *migrations; /* NULL = none: no schema, no queries */
};

#define NURTURE_EXPORT __attribute__((visibility("default")))
/* In exactly one source file of a plugin:
 *   NURTURE_EXPORT const struct nurture_plugin nurture_plugin = { .size = sizeof(struct nurture_plugin), … };  */
extern const struct nurture_plugin nurture_plugin;

#ifdef __cplusplus
}
#endif

#endif
