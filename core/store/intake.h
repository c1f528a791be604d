/* Taking in: concurrent requests committed together, in the order of DESIGN section 5 that cannot deadlock. */
#ifndef NURTURE_STORE_INTAKE_H
#define NURTURE_STORE_INTAKE_H

#include "store/store.h"

/* One event to take in. lead_id, else email, else external_id, else phone names the lead; an external_id beside an email becomes a second
 * identity. With `create`, where nobody has the email and the external_id is known, the lead of that is meant, and the email becomes its new name (new_address.h): the
 * event should set it. An external_id that another lead has than the email refuses the request (ERROR_CONFLICT). A lead that is made gets an event lead.create before this one.
 *
 * A visitor alone means the lead that has this number; with `create` an unknown one gets an anonymous lead: its events are kept, but it has no turn
 * and is counted nowhere until it has a name. Beside a name the visitor is identified: an anonymous one becomes the lead of a new name, or is merged
 * into the one of a known name, and what it did before comes to that lead's turn; one that has a name stays who it is, but for a login.
 *
 * How it is known who it is decides what the browser is worth from then on (identity.how). A form is believed of a name that is new. Of one that is
 * known it proves nothing, for anybody may have typed it in: what the browser did until then comes to that lead's turn with the form, but the browser
 * itself stays nobody's, and begins anew as an anonymous visitor, until a click, a login or the site's server says who reads.
 *
 * Who logs in has the browser from then on, whoever's it was, and until somebody else logs in there: nothing else takes it from them, nor an older word of
 * the site. Nobody is merged, and what was done with it before stays where it is. What comes by the cookie alone belongs to whom it is when it is taken
 * in, for pages say no time of their own. */
enum intake_proof {
	PROOF_SERVER,   /* somebody with a token of ours says so */
	PROOF_CLICK,    /* a link that was mailed to that lead */
	PROOF_IDENTIFY, /* the site's word of who has logged in; beside lead_id */
	PROOF_NONE,     /* typed into a form */
};
struct intake_event {
	int64_t lead_id;
	struct str email;         /* normalised */
	struct str external_id;
	struct str phone;         /* with its country code (E.164); names the lead when nothing else does */
	struct str visitor;       /* 32 small hex digits (identity kind "cookie"), or "" */
	enum intake_proof proof;  /* that the visitor is whom the event names */
	moment_t said_at;         /* of PROOF_IDENTIFY: when the site gave its word (real time) */
	struct str told;          /* names of the fields that were filled in with this visitor, with commas between them: not asked again (identity.told); email=… marks the address */
	struct str verb, subject, data, key; /* data: JSON object text or ""; key "" = none */
	double value;
	bool has_value, machine;
	moment_t at;
	bool renames;             /* beside lead_id: email and external_id are new names of that lead; one of another lead's refuses the request (ERROR_CONFLICT) */
	bool create;              /* make the lead when email/external_id is not known */
	bool bulk;                /* lane 2 (imports) */
	struct str create_data;   /* data of that lead.create when the lead is made: {"set": {…}} as of lead.update; "" = none */
	struct str source;        /* "api", "import", "event": subject of lead.create when the lead is made */
	int64_t held;             /* the store's own: as below; of one without lead_id, the lead whose address changes by it */
	bool left;                /* the store's own: a group of single events has left it to one of any (intake_once.c) */
	const struct intake_consent *tells; /* or NULL: of the same intake; the event says that this was confirmed, and is not taken where it was not */
	/* answer */
	int64_t event_id;         /* 0 = not taken (double key, or unknown lead) */
	int64_t found_lead;       /* the lead; 0 = unknown and not created */
	bool created;             /* the lead is new, or has its name since now */
	bool anonymous;           /* the lead has no name yet: no turn will see the event */
	bool duplicate;           /* key was seen within 90 days */
};
/* A permission given or taken back. Withdrawals cancel the lead's open touches of the channel in the same transaction. */
struct intake_consent {
	int64_t lead_id;
	const struct intake_event *of; /* or NULL: of the same intake; the lead is the one it finds, and where it is not taken, neither is
					* this. Not for withdrawals: their lead is known before */
	struct str channel, purpose, source, wording, ip;
	struct str evidence;      /* JSON object text, or "" */
	enum consent_state state;
	bool unproven;            /* nobody has shown that the mailbox is theirs: where a withdrawal stands against it, it is no permission, but a question
				   * (consent_asked) that the link in a mail may answer */
	/* CONSENT_CONFIRMED by the link in a mail: written only while the newest word about it is a permission and nothing suppresses the lead, at the
	 * moment of the writing, whatever the caller has seen before; or what a form asked against the withdrawal that stands, before that mail
	 * (touch_id) was planned: that lifts it, and is written as two words, what was asked and that it was meant. The lead whose mailbox the link was sent to: of one that was merged, only
	 * while the address is the same. 0 = it is confirmed in another way, and written in any case. Such a one has no `of`. */
	int64_t mailbox, touch_id;
	int64_t held;             /* the store's own: whose lock is held beside that of lead_id */
	/* answer */
	int cancelled;            /* how many open touches were cancelled */
	bool stands;              /* mailbox: it is confirmed now, or was already */
	bool written;             /* mailbox: now */
};
struct intake {
	struct intake_event *events;  size_t event_count;
	struct intake_consent *consents; size_t consent_count;
	moment_t now;             /* domain time of receipt */
	store_done_fn *fn;        /* after COMMIT, or with an error: nothing of it is there */
	void *arg;
};
/* Takes the intake into the group that is committed next. Everything it points to lives until fn. The same lead may occur many
 * times. If the group fails on data, its requests are redone one by one. */
void store_intake(struct store *store, struct intake *intake);
/* What is taken in by `store` is committed through these (at most INTAKE_CARRIERS), a group each at a time, and the store has its own connection for all else. They are freed
 * before it; the first may be the store itself. */
enum { INTAKE_CARRIERS = 2 };
void store_intake_through(struct store *store, struct store *const *carriers, size_t count);

#endif
