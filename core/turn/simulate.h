/* What a campaign will do with a lead in the coming weeks: the lead in memory (trial.h), walked by the same turns as production, nothing sent, nothing
 * written. Called by `nurture simulate` and POST /v1/playbook/simulate, which load the lead's facts and read what was asked from the same JSON. */
#ifndef NURTURE_TURN_SIMULATE_H
#define NURTURE_TURN_SIMULATE_H

#include "turn/trial.h"

enum { SIMULATE_DAYS = 60 /* unless said */, SIMULATE_DAYS_MOST = 3660, SIMULATE_TURNS = 5000 /* a walk that needs more is cut off there */ };

struct simulate_event {
	int day;          /* 1 = at the start */
	int minute;       /* of the local day; -1 = at the time of day of the start */
	struct event event;
};
struct simulate_ask {
	const struct campaign *campaign;
	const struct lead_facts *known;                        /* a real lead; NULL = an invented one with these fields: */
	const struct field_value *fields; size_t field_count;
	const struct field_value *account_fields; size_t account_field_count;
	const struct split_test *splits; size_t split_count;   /* of an invented lead: what tests of splits have found, */
	const struct campaign_pause *pauses; size_t pause_count; /* and which campaigns are paused or finished */
	moment_t now;
	int days;
	struct trial_answer *answers; size_t answer_count;
	struct split_asked *ways; size_t way_count;            /* of splits */
	const struct simulate_event *events; size_t event_count; /* in any order */
	size_t turns_most;                                     /* 0 = SIMULATE_TURNS */
	size_t memory_most;                                    /* bytes of the arena; 0 = no bound */
	bool (*is_enough)(void *arg); void *arg;               /* asked before each turn; true cuts the walk off. May be NULL */
};

/* Reads {"campaign": NAME, "days"?: 60, "fields"?: {field: value, "account": {…}}, "answers"?: {step: answer, way of its split, or a list of them}, "events"?: ["day 6
 * asset.download kind=case-study", …]}; "lead" is the caller's. Everything unknown is named, with the nearest name that there is; error->where = the
 * field. known and now are left for the caller. Texts are borrowed from json and playbook. */
int turn_simulate_read(struct playbook *playbook, json_t *json, struct arena *arena, struct simulate_ask *out, struct error *error) MUST_USE;

struct simulate_line {
	moment_t at;               /* when it happens; of a contact: when it goes out or is held back */
	int day;                   /* 1 = the start's local day */
	struct str what;           /* "email", "call", "letter", "alert", "event", or as enrollment_log has it: "enter", "otherwise", "goal", "leave" … */
	struct str campaign, step;
	struct str name;           /* of contacts: the template; else "" */
	struct str outcome;        /* of contacts: "sent", "held", "expired", "rejected", "cancelled", "planned" (after the last day); else "" */
	struct str why;            /* a sentence */
	struct str reason;         /* of contacts that do not go out: what holds them back */
	moment_t wished;           /* of contacts: when their step fell due; 0 of all else */
	struct str put_off;        /* at > wished: by what */
	struct str answer;         /* of contacts: how it ends, as was asked */
	struct str where;          /* file:line */
	int pass;                  /* of contacts */
};
struct simulation {
	const char *zone;          /* the lead's: of days and local times */
	moment_t from, to;
	bool in_before;            /* it stood in the campaign already */
	struct simulate_line *lines; size_t count;
	const struct enrollment *enrollments; size_t enrollment_count; /* how they stand at the end */
	const struct problem *errors; size_t error_count;
	moment_t cut_at;           /* the walk needs more turns, memory or time than this simulation has; 0 = no */
};
int turn_simulate(struct playbook *playbook, const struct simulate_ask *ask, struct arena *arena, struct simulation *out, struct error *error) MUST_USE;
/* New reference: [text], of each answer that was never used and each event that met the lead no more in the campaign, with the reason. */
json_t *turn_simulate_notes(const struct simulate_ask *ask, const struct simulation *simulation) MUST_USE;
/* When an event happens. */
moment_t turn_simulate_moment(const struct simulation *simulation, const struct simulate_event *event);
/* Which day of the zone `at` is, when that of `from` is 1. */
int turn_simulate_day(moment_t from, moment_t at, const char *zone);
/* New reference: {campaign, revision, zone, from, to, lines: […], stands: [{campaign, step, state, due_at, reason, holdout}], errors: […], notes: [text], cut_at?}. */
json_t *turn_simulate_json(const struct playbook *playbook, const struct simulate_ask *ask, const struct simulation *simulation) MUST_USE;

#endif
