/* One lead in memory whose turns run as the engine's would, with touches sent as they fall due: for the playbook's own tests (story.c),
 * simulations and property tests. It is given the time; nothing leaves it. */
#ifndef NURTURE_TURN_TRIAL_H
#define NURTURE_TURN_TRIAL_H

#include "turn/turn.h"

struct trial_log {
	moment_t at;
	struct turn_log log; /* with the ids of its enrollment and touch */
};
/* What a contact of a step ends with: one for each time, in order, the last for all further ones. */
struct trial_answer {
	struct str step, answer; /* answer: "held", "late", "bounced", "undeliverable", or how it is told when it was made */
	bool used;               /* by the trial */
};
struct trial_handoff {
	moment_t at;
	struct turn_handoff handoff;
	bool over; /* accepted or returned */
};
struct trial_ended {
	int64_t touch_id;
	struct str answer;
};

/* Who of its account entered which campaign last (model/lead.h): shared by the people of one company. */
struct trial_claims {
	struct campaign_claim *items; size_t count, room;
};

/* Everything of the lead's that the database would hold. Arrays only grow; memory is the arena's. */
struct trial {
	struct playbook *playbook;
	struct arena *arena;
	moment_t now;
	struct lead lead;
	struct account account;
	bool has_account;
	struct str packed;                 /* lead_history */
	struct str sent;                   /* what its account was told that it adds; told and counted are one here (company.c) */
	struct turn_member member;         /* what it adds by its last turn */
	struct event *inbox; size_t inbox_count, inbox_room;
	struct score *scores; size_t score_count, score_room;
	struct enrollment *enrollments; size_t enrollment_count, enrollment_room;
	struct consent *consents; size_t consent_count, consent_room;
	struct suppression *suppressions; size_t suppression_count, suppression_room;
	struct touch *touches; size_t touch_count, touch_room;
	struct trial_log *logs; size_t log_count, log_room;
	struct trial_handoff *handoffs; size_t handoff_count, handoff_room;
	struct problem *errors; size_t error_count, error_room;
	struct trial_answer *answers; size_t answer_count; /* the caller's; none = every contact is made and no answer is told */
	bool calls_wait;                   /* for turn_trial_answer, unless `answers` has one for the step */
	struct trial_ended *ended; size_t ended_count, ended_room; /* the contacts that ended as an answer says */
	bool twin;                         /* as in lead_facts */
	bool in_bulk;                      /* as in turn_facts */
	struct campaign_pause *pauses; size_t pause_count; /* of campaigns: of a lead that was taken its own copy, else whoever tells the trial keeps them */
	const struct split_test *splits; size_t split_count; /* of a lead that was taken, or the caller's */
	const struct split_asked *ways; size_t way_count; /* the caller's; none = as they are drawn */
	struct trial_claims *claims;
	moment_t wake_at;
	int64_t next_id;
	size_t turns;                      /* how many were run */
	size_t turns_most;                 /* more is an error (ERROR_LIMIT); 0 = no bound */
	size_t memory_most;                /* of the arena, in bytes: as turns_most */
	bool (*is_enough)(void *arg);      /* asked before each turn: true ends it as turns_most does; NULL = never */
	void *enough_arg;
	bool cut;                          /* one of these ended it */
};

/* A lead created at `now`, with the event lead.create in its inbox. */
void turn_trial_init(struct trial *trial, struct playbook *playbook, struct arena *arena, int64_t lead_id, moment_t now);
/* A lead as the store loaded it (nothing of it is changed), at `now`, with an empty inbox: its first turn is the next one. */
void turn_trial_take(struct trial *trial, struct playbook *playbook, struct arena *arena, const struct lead_facts *known, moment_t now);
/* Into the inbox: id and lead are given, `at` 0 = now. consent.grant, consent.confirm, consent.withdraw (data channel, purpose, or
 * subject = the channel) write the ledger too (consent.ask: a form asked anew), suppression.add the list. */
void turn_trial_event(struct trial *trial, struct event event);
/* How this contact ended, if that was asked; "" = it was not. */
struct str turn_trial_answer_of(const struct trial *trial, int64_t touch_id);
/* One turn now. */
int turn_trial_turn(struct trial *trial, bool rescore, struct error *error) MUST_USE;
/* When something is due next: `now` when something is in the inbox; MOMENT_NEVER. */
moment_t turn_trial_next(const struct trial *trial);
/* Runs every turn and sends every touch that is due up to `to`, each at its own moment; now = to afterwards. */
int turn_trial_advance(struct trial *trial, moment_t to, struct error *error) MUST_USE;
/* The call that waits ends so, and the handoff when `end` is "accepted" or "returned"; set: a JSON object of what was said, NULL = nothing
 * (borrowed). -1: nothing waits for it, or the script does not ask that. */
int turn_trial_answer(struct trial *trial, const char *end, const json_t *set, struct error *error) MUST_USE;
/* The facts as a turn would get them now, without what is in the inbox. */
int turn_trial_facts(const struct trial *trial, struct turn_facts *out, struct error *error) MUST_USE;

#endif
