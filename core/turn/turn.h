/* The turn (DESIGN section 2): load a lead, apply what is new, rescore, advance its enrollments, plan touches, save.
 *
 * This is the decide part of it, pure: facts and `now` in, changes out. Engine runs it in production, story in the
 * playbook's tests, jobs in simulation. It never touches the database, the network, the clock or the file system.
 * It may ask scripts (playbook_call); a script that fails makes the turn fail or its rule or step hold (STYLE, Lua). */
#ifndef NURTURE_TURN_TURN_H
#define NURTURE_TURN_TURN_H

#include "model/account.h"
#include "model/facts.h"
#include "model/history.h"
#include "model/phone.h"
#include "playbook/playbook.h"

/* Where a turn is just now, kept in memory that somebody else reads when this process dies in the middle: " in FILE:LINE CONTEXT", or
 * "" outside of rules, steps, segments and campaigns. */
struct turn_watch {
	char *text;  /* NULL = nobody watches */
	size_t size; /* bytes there */
};

/* Whoever asks "what if" says which way the lead draws. */
struct split_asked {
	const char *campaign;
	struct str step, way;
};

/* All that is known of one lead. Arrays may be changed in place by the turn. */
struct turn_facts {
	moment_t now;
	struct lead lead;
	struct account *account;         /* NULL = none */
	struct str sent, applied;        /* as in lead_facts: its part in the summary, as told and as counted there */
	moment_t acted;
	bool joins;
	bool without_account;
	struct history history;
	const struct event *events;      /* new ones, in order of receipt */
	size_t event_count;
	const struct score *scores;      /* as stored */
	size_t score_count;
	struct enrollment *enrollments;  /* active and held ones; of ended ones the newest of each campaign */
	size_t enrollment_count;
	const struct consent *consents;
	size_t consent_count;
	const struct suppression *suppressions; /* that fit this lead's id, address or domain */
	size_t suppression_count;
	const struct campaign_pause *pauses; /* of campaigns, the last of each */
	size_t pause_count;
	const struct split_test *splits; /* of all campaigns */
	size_t split_count;
	const struct split_asked *ways;  /* of a simulation: which ways of splits it is to draw */
	size_t way_count;
	const struct campaign_claim *claims; /* of its account, one a campaign */
	size_t claim_count;
	const struct touch *touches;     /* open ones, and all with due_at inside the longest cap */
	size_t touch_count;
	const struct sales_load *loads; size_t load_count; /* of the people that teams name; none = not known */
	struct turn_watch watch;
	bool twin;                       /* as in lead_facts */
	bool (*e164)(struct str number, struct str country, char out[PHONE_MAX]); /* a number without country code by its country's rules; NULL = not known */
	enum phone_sense (*phone_sense)(struct str number); /* base/phone.h; NULL = not known */
	bool (*phone_country)(struct str number, char out[3]); /* base/phone.h; NULL = not known */
	bool in_bulk;                    /* one of very many that look again: what libphonenumber said of its number stands */
	bool rescore;                    /* look again although no event is new: the playbook or the account changed */
};

/* Facts as loaded → facts to decide on: reads the packed history. Arrays are borrowed from known. */
int turn_facts_read(struct turn_facts *facts, const struct lead_facts *known, moment_t now, struct arena *arena, struct error *error) MUST_USE;

struct turn_enrollment_change { /* one row to write */
	struct enrollment enrollment; /* id 0 = insert; touch_id -1-N = the N-th of planned (its id is not known yet) */
};
struct turn_log {
	int enrollment;        /* index in `enrollments` of the output, or -1 */
	int64_t enrollment_id; /* when index is -1 */
	struct str campaign, step;
	struct str what;       /* "enter", "step", "touch", "held", "go", "leave", "goal", "goal taken back", "error", … */
	struct str cause;      /* a sentence */
	struct str where;      /* file:line */
	int touch;             /* index in planned, or -1 */
	int64_t touch_id;
};
struct turn_touch {
	struct touch touch;    /* state planned, or held (with reason) */
	int enrollment;        /* index in `enrollments` of the output, or -1 */
	struct str to;         /* "" = the lead; else the person of the playbook (alerts, briefs) */
};
struct turn_cancel {
	int64_t touch_id;
	struct str reason;
};
struct turn_later {        /* a planned contact is put off: saved only if no channel has it in hand by then */
	int64_t touch_id;
	moment_t due_at, expires_at;
};
struct turn_score_change {
	struct str name;
	bool is_grade;
	int old_points, new_points;
	struct str old_grade, new_grade, old_band, new_band;
	struct str cause;      /* the event's verb and subject, "time", "rescore", "update" */
	int64_t event_id;      /* 0 = none */
};
struct turn_event {
	struct str verb, subject;
	struct str data;       /* JSON object text */
};
struct turn_suppression {
	struct str channel, reason, ends; /* ends: file:line of the condition, or "" */
};
struct turn_handoff {
	struct str person, campaign, step;
	moment_t due_at;       /* 0 = none */
	struct str reasons;    /* JSON array of texts: why now */
	int enrollment;
};

struct turn_split { /* a lead drew in a test that no row tells of yet */
	struct str campaign, step, words;
	struct str ways;       /* JSON array of their names */
	double first;
	moment_t look_at;      /* when the winner is looked for first */
};

struct turn_claim { /* it entered for its account: saved only if nobody of it was faster */
	struct str campaign;
	int enrollment;        /* index in `enrollments` of the output */
	int64_t instead;       /* the enrollment that stood there by the facts; 0 = none */
	bool late;             /* it was in before claims were asked for: whoever has it keeps it */
};

struct turn_sales {
	struct str state;      /* what became of its open handoffs: "accepted", "returned", "late" */
	struct str campaign;   /* of this campaign; "" = of all */
};

/* What the lead adds to its account now: the store tells the account when it is another than was told (model/account.h). */
struct turn_member {
	bool belongs;          /* it has an account, or what would give it one */
	struct str packed;     /* as in account_member_write */
	int role;
	moment_t acted;        /* its newest act, to the day; 0 = none */
	struct str seen;       /* hash of the answers that this turn had from the account: the account's turn wakes it if they are others by then */
	struct str cause;      /* as in turn_score_change */
};

struct turn_changes {
	bool erase;                        /* forget who this was; nothing else is said */
	bool lead_changed;                 /* lead in facts holds the new fields, stage, segments */
	const int *slots; size_t slot_count; /* which fields */
	bool history_changed;
	struct turn_enrollment_change *enrollments; size_t enrollment_count;
	struct turn_log *logs; size_t log_count;
	struct turn_touch *planned; size_t planned_count;
	struct turn_cancel *cancelled; size_t cancelled_count;
	struct turn_later *later; size_t later_count;
	struct score *scores; size_t score_count;         /* only those that changed */
	struct turn_score_change *score_changes; size_t score_change_count;
	struct turn_event *events; size_t event_count;    /* by us: go into table event and this lead's history, not into the inbox */
	struct turn_suppression *suppressions; size_t suppression_count;
	struct turn_handoff *handoffs; size_t handoff_count;
	struct turn_sales *sales; size_t sales_count;
	struct turn_split *splits; size_t split_count;
	struct turn_claim *claims; size_t claim_count;    /* of campaigns with once_per = "account" */
	struct turn_member member;
	moment_t wake_at;                  /* MOMENT_NEVER = time alone changes nothing */
	struct problem *errors; size_t error_count; /* rules and steps that failed: counted and shown */
};

/* Decides. 0, or -1 when the turn as a whole cannot be done (then nothing of *out counts): the lead is tried again later. */
int turn_run(struct playbook *playbook, struct turn_facts *facts, struct arena *arena, struct turn_changes *out,
	     struct error *error) MUST_USE;

/* Whether the account must be told, or the day of its newest act be written. */
static inline bool turn_member_changed(const struct turn_facts *facts, const struct turn_member *member)
{
	return member->belongs && (!str_same(facts->sent, member->packed) || facts->acted != member->acted);
}

/* ---- one receipt for every point ---- */
struct receipt_line {
	const char *rule;
	struct place at;
	int points;              /* what the rule gives now; the lines of a model add up to its score, with `bounded` */
	struct str because;      /* "3 × asset.download (security-guide, …)", "industry = finance" */
	moment_t changes_at;     /* when time alone changes it; MOMENT_NEVER */
	bool failed;             /* `because` says how */
};
struct receipt {
	const char *model;
	int score;
	int bounded;             /* what from/to cut off, or what stays while a rule fails: score = sum of lines + bounded */
	bool failed;             /* a rule failed: the score is the one from before */
	bool unscored;           /* and before there was none: `score` says nothing */
	struct receipt_line *lines;
	size_t count;
};
/* The same for HTTP and --json: {"lead", "stage", "segments", "grades": [{name, grade, band}], "models": [{model, title, score, bounded, failed, unscored? (true), rules:
 * [{rule, points, because, where, changes_at?}]}], "ahead": [{at, verb, subject}]}. New reference; NULL with an error. ahead: see turn_ahead, at most 20. */
json_t *turn_explain_json(struct playbook *playbook, struct turn_facts *facts, struct arena *arena, struct error *error) MUST_USE;
/* How many events lie in the future still (a sender's clock that is fast): no rule counts them before their moment. They stand at the end of
 * facts->history.events. */
size_t turn_ahead(const struct turn_facts *facts);
/* Scores a lead now and says why, for every model. */
int turn_explain(struct playbook *playbook, struct turn_facts *facts, struct arena *arena, struct receipt **out, size_t *count,
		 struct error *error) MUST_USE;

#endif
