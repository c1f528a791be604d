/* What a lead is: itself, its account, what it did, where it stands, what was planned for it. Plain structs that store
 * fills from rows and turn reads and changes. Memory belongs to the arena of the batch. */
#ifndef NURTURE_MODEL_LEAD_H
#define NURTURE_MODEL_LEAD_H

#include "model/value.h"

enum { SHARD_COUNT = 64 };
static inline int lead_shard(int64_t id) /* of any id that carries its shard: leads, accounts, enrollments, touches */
{
	return (int)(id & (SHARD_COUNT - 1));
}

enum stage {
	STAGE_INQUIRY, STAGE_ENGAGED, STAGE_QUALIFIED, STAGE_ACCEPTED, STAGE_OPPORTUNITY, STAGE_CUSTOMER, STAGE_RECYCLED,
	STAGE_DISQUALIFIED, STAGE_COUNT
};
const char *stage_name(enum stage stage);
bool stage_from(struct str name, enum stage *out);

extern const char *const role_names[]; /* researcher, champion, influencer, executive, user, purchaser; NULL-ended */

struct lead {
	int64_t id;
	moment_t created_at;
	enum stage stage;
	int64_t account_id;  /* 0 = none */
	int64_t merged_into; /* 0 = is itself */
	bool erased;         /* nobody any more: its only turn is to be erased again */
	struct value *fields; /* schema->lead_count */
	const struct str *segments; /* names of the segments it is in, sorted */
	size_t segment_count;
};

struct account_summary; /* model/account.h */
struct account {
	int64_t id;
	struct value *fields; /* schema->account_count */
	const struct account_summary *summary; /* of its people; NULL = nothing is known of them yet */
};

/* Built-in verbs. `lead` = done by the lead (counted by "*"), else by us. */
struct verb {
	const char *name;
	const char *label;
	bool by_lead;
	const char *subject; /* kind of subject: "asset", "form", "page", "webinar", "email", … or NULL */
};
extern const struct verb model_verbs[]; /* name NULL ends */
const struct verb *verb_find(struct str name); /* built-in ones only; NULL when none */

/* Verbs with a meaning of their own for a turn (all by us; never accepted from outside by /v1/events but where said):
 *   lead.create    a lead came to be (subject = how: "api", "import", "event"); data as below, by an import
 *   lead.update    data = {"set": {field: value, …}}: the turn writes them; "fill": {…}: those that are empty; "new": {…}: only with lead.create
 *   touch.over     a touch ended: data = {"touch": id, "outcome": "sent"|"rejected"|"held"|"expired"|"cancelled"|"in_doubt"|"dropped",
 *                  "reason": text, "channel": name, "step":…, "campaign":…}; the turn advances the enrollment that waits for it
 *   email.send, email.bounce, call.end, letter.drop     the same for reports and conditions; instead of touch.over when the data names the touch
 *   consent.withdraw, consent.grant, suppression.add    so that a turn looks again
 *   referral.receive {"by": lead}                       a colleague named this lead
 *   lead.merge, lead.unmerge {"merge": id, "into": id}  to the loser, whose inbox is passed on from then on; never in a history
 *   lead.merged    to the winner: {"lead": loser, "stage": name, "fill": [field, …]}: what it has not is the loser's, and the turn is given the values
 *                  in "fill": {field: value}, which no event keeps; lead.unmerged: its history is built again
 *   campaign.enter {"campaign": name}                   enrolled by hand
 *   campaign.remove, campaign.pause, campaign.resume {"campaign": name}  taken out by hand; its walk paused, and on again
 *   email.click_withdrawn {"event": id, "touch": …}     that email.click was a machine's: as if it had not been, but for what a walk has done since
 *   lead.erase     forget who this was: the turn does nothing else (store/erase.h); in the inbox only, never in table event
 */
struct event {
	int64_t id;
	int64_t lead_id;
	moment_t at;          /* when it happened, domain time */
	moment_t received_at;
	struct str verb;
	struct str subject;   /* "" = none */
	double value;         /* 0 when has_value is false */
	bool has_value;
	bool machine;         /* a scanner or proxy did it: never counted as the lead's act */
	bool merged;          /* it was another lead's: for the history alone, nothing begins because of it */
	struct str data;      /* JSON object text, or "" */
};

/* What a turn needs of the permission ledger: the newest row of each (channel, purpose). Newest = recorded last: the larger id, whatever
 * the moments say, for clocks of nodes differ. */
enum consent_state {
	CONSENT_NONE, CONSENT_GRANTED, CONSENT_CONFIRMED, CONSENT_WITHDRAWN,
	CONSENT_ASKED, /* no word of the ledger: a form asked for it against the withdrawal whose id it has */
};
const char *consent_state_name(enum consent_state s);
struct consent {
	int64_t id;          /* of its row in the ledger */
	struct str channel;  /* "email", "call", "letter", or "*" = all */
	struct str purpose;  /* "marketing", or "*" */
	enum consent_state state;
	moment_t at;
};
struct suppression {
	struct str channel; /* or "*" */
	struct str reason;
	moment_t at;
	bool asked;         /* of who was erased: a form asked for a permission since */
};

enum touch_state {
	TOUCH_PLANNED, TOUCH_CLAIMED, TOUCH_PERMITTED, TOUCH_SENT, TOUCH_QUEUED, TOUCH_DEFERRED, TOUCH_REJECTED, TOUCH_HELD,
	TOUCH_CANCELLED, TOUCH_EXPIRED, TOUCH_IN_DOUBT, TOUCH_STATE_COUNT
};
const char *touch_state_name(enum touch_state s);
bool touch_state_from(struct str name, enum touch_state *out);
static inline bool touch_is_open(enum touch_state s) /* may still go out */
{
	return s == TOUCH_PLANNED || s == TOUCH_CLAIMED || s == TOUCH_PERMITTED || s == TOUCH_DEFERRED || s == TOUCH_QUEUED || s == TOUCH_IN_DOUBT;
}

struct touch {
	int64_t id;            /* 0 = new: store gives one */
	int64_t lead_id;
	int64_t enrollment_id; /* 0 = none; for a new enrollment in the same turn: see turn.h */
	struct str campaign, step;
	int pass;              /* how often the enrollment entered this step, from 1 */
	struct str channel;    /* the channel's name in nurture.conf ("email") */
	struct str kind;       /* "email", "call", "letter" */
	struct str template_name;
	struct str purpose;    /* "marketing", "service", "confirm" */
	enum touch_state state;
	moment_t due_at;       /* not before */
	moment_t expires_at;   /* 0 = none */
	moment_t offered_until; /* so long somebody has it in hand: an agent speaks; 0 = nobody */
	moment_t planned_at;
	moment_t over_at;      /* when it reached its last state; 0 = open */
	struct str reason;
	struct str where;      /* file:line of the step in revision */
	bool any_hours;        /* quiet hours do not hold it */
	struct str data;       /* JSON object for the template, or "" */
};

enum enrollment_state { ENROLLMENT_ACTIVE, ENROLLMENT_ENDED, ENROLLMENT_HELD /* its step failed, or it was parked */ };
const char *enrollment_state_name(enum enrollment_state s);

/* How it came to its way of a split. */
enum luck {
	LUCK_NONE,
	LUCK_DRAWN,            /* by lot: it counts in reports and tests */
	LUCK_WON,              /* the same, and it has since done what wins the test */
	LUCK_GIVEN             /* it was given the winner, or what it drew in a walk before */
};
struct step_pass {
	struct str step;
	int pass;
	moment_t contact_at;   /* when its contact with the lead was over last; 0 = it made none */
	int tries;             /* since it was come to, so often was the contact tried again (retry) */
	struct str ended;      /* how its contact ended while the enrollment was held, which goes on from there; "" = nothing is kept */
	struct str way;        /* what the step's split drew; "" = nothing */
	moment_t drawn_at;
	enum luck luck;
	int64_t contact_id;    /* its last contact, where the step has answers: it may come back; 0 = none, or not known */
};

struct enrollment {
	int64_t id;            /* 0 = new */
	int64_t lead_id;
	struct str campaign;
	struct str step;       /* where it stands; "" = before the first */
	enum enrollment_state state;
	moment_t entered_at;
	moment_t step_since;   /* when it came to this step */
	moment_t due_at;       /* next moment of time at which the step may go on; MOMENT_NEVER = waits for something else */
	moment_t over_at;      /* end of the step before (rule 3): what `wait` counts from */
	int64_t touch_id;      /* the contact that the step waits for; 0 = none */
	const struct step_pass *passes; /* of every step that it entered */
	size_t pass_count;
	moment_t goal_at;      /* 0 = not reached */
	moment_t ended_at;     /* 0 = not */
	struct str reason;     /* why it ended or is held */
	bool holdout;
	moment_t paused_at;    /* somebody paused it; 0 = not */
	int rounds;            /* of an `every` step: how many times it came round (decision 42) */
};

/* The test of a split: which of its ways wins. */
struct split_test {
	struct str campaign, step;
	struct str words;      /* of the split as it was: other words are another test */
	moment_t look_at;      /* when the winner is looked for next */
	moment_t decided_at;   /* 0 = not yet */
	struct str winner;     /* its way; "" = none could be told */
};

/* The last pause of a whole campaign, and whether it is finished. */
struct campaign_pause {
	struct str campaign;
	moment_t paused_at;    /* what fell due since is overdue by it: perhaps from the pause before, soon after which it came */
	moment_t resumed_at;   /* 0 = it is paused */
	moment_t finished_at;  /* nobody enters any more; 0 = it is not finished */
	bool let_out;          /* and nobody stays in it */
};

/* Of a campaign with once_per = "account": who of the lead's account entered it last. Who belongs to no account has none. */
struct campaign_claim {
	struct str campaign;
	int64_t lead_id, enrollment_id;
	moment_t ended_at;     /* of that walk; 0 = it goes on */
	bool gone;           /* who has it belongs to another account by now: the place is free */
};

struct score {
	struct str name;  /* of the model or grades */
	bool is_grade;
	int points;       /* models */
	struct str grade; /* "A1", "" = none */
	struct str band;  /* "" = none */
	bool gone;        /* of changes: no model, no grades has that name any more, so nobody has a score of it */
	uint64_t fingerprint; /* first 64 bits of that of the model which found it; of grades: of their models, xor. Not read back */
};

#endif
