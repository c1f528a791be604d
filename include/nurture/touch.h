/* A touch in the plugin's hands, and how its delivery ended: part of nurture/plugin.h. */
#ifndef NURTURE_TOUCH_H
#define NURTURE_TOUCH_H

#include <nurture/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif

#endif
