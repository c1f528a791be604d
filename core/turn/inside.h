/* What the files of this room share: one turn while it is being decided. No other room includes this. */
#ifndef NURTURE_TURN_INSIDE_H
#define NURTURE_TURN_INSIDE_H

#include "playbook/sales.h"
#include "turn/account.h"
#include "turn/gate.h"
#include "turn/turn.h"

enum act_end { ACT_DONE, ACT_WAITS, ACT_MOVED };

enum { TURN_MOVES = 100 /* of one enrollment in one turn */, TURN_ROUNDS = 8, TURN_STARTS = 50, TURN_PART_SHIFT = 20 /* see walk.c */ };

/* What `rounds` of an enrollment carries: see walk.c. */
enum { ROUNDS_MASK = (1 << TURN_PART_SHIFT) - 1 };
enum {
	PART_SPREAD = 2044, /* it came late and has a moment of its own: from the beginning */
	PART_SALES = 2045,  /* its handoff was made: waits for what sales say */
	PART_ENDED = 2046,  /* its contact ended while the enrollment was held: how is kept in the pass (step_pass.ended) */
	PART_CONTACT = 2047 /* the contact again, as a pass of its own: retry, or the gate held it because the enrollment was held */
};

/* The answer of a condition, and until when time alone cannot change it. */
struct verdict {
	bool holds;
	bool failed;     /* a function of it failed: the error is noted already */
	moment_t until;
};

struct standing { /* in one table of grades */
	struct str grade; /* "A1"; "" = none */
	int band;         /* -1 = none */
	int entered;      /* the band whose stage was set last: entering is another one */
};

/* A contact that ended, as told by touch.over or by the touch's own row. */
struct over {
	int64_t touch_id;
	struct str outcome, reason;
	moment_t at;
	struct str answer;           /* "" = none: a disposition, a result, "nobody", "reached" */
	struct str kind;             /* of what was rejected, what for: "policy"; "" = not said */
};

/* What sales said of the lead: it ends a handoff that a walk waits for. */
struct sales_word {
	bool accepted;               /* else returned */
	struct str campaign;         /* whose handoff; "" = any */
	moment_t at;
};
#define TURN_LATE "late" /* why a contact was taken back: its time was over */

/* One enrollment in work. */
struct seat {
	struct enrollment e;
	const struct campaign *campaign; /* NULL = not in this playbook */
	int out;                         /* its index in changes->enrollments; -1 = unchanged */
	int moves;
	bool barred;                     /* its leave condition fails: it does not walk */
	bool goal_held;                  /* the goal's condition when it was last looked at */
	bool goal_doubted;               /* it was reached about when a click came that is taken back */
	const struct step *answer_doubted; /* the same of the wait_for that it left; NULL = none */
	moment_t doubted_since;          /* from when on what it waited for counts */
	moment_t began_at;               /* it began in this turn, with an event of that moment; 0 = before, or without one */
	moment_t paused_from;            /* it is resumed in this turn, and was paused since then */
	bool behind;                     /* a pause made it late */
	bool hears_sales;                /* it stood at its handoff when the turn began: what sales say in it is about that one, once */
	bool tried;                      /* it was held, and this turn tries it again; it was held: */
	struct str held_at, held_for;    /* at this step, for this reason */
	bool said;                       /* that it goes on */
};

/* What is being asked or done: `campaign "x", step "y"`. */
struct doing {
	const char *kind, *name, *part_kind, *part;
};

struct verb_side {
	struct str verb;
	bool by_lead;
};

struct verb_group {
	struct str verb;
	uint8_t *items;              /* in turn->by_verb */
	size_t count;
	bool by_lead;
};

/* Indexes into the history's events, oldest first. */
struct event_list {
	const uint8_t *items;
	size_t count;
};
_Static_assert(HISTORY_EXACT < 255, "the index of an event fits a byte");

struct turn {
	struct playbook *playbook;
	struct turn_facts *facts;
	struct arena *arena;
	struct turn_changes *out;
	moment_t now;                /* conditions look from here */
	moment_t seen;               /* the last turn's look; 0 = this is the first */
	uint64_t words;              /* this playbook's revision, as histories keep it */
	bool new_words;              /* the last look was by another revision */
	moment_t since;              /* only events after this are counted; INT64_MIN = all */
	moment_t wake;               /* earliest moment noted so far in this round */
	const char *zone;            /* the lead's, else the playbook's */
	struct doing doing;          /* for the context of errors */
	const struct event *event;   /* what a function is shown; NULL = an empty one */

	struct account_summary others; /* of the account, without this lead; made when it is first asked for */
	bool has_others;
	struct score *account_scores; size_t account_score_count; /* that this turn is told of its account */

	int *points;                 /* of each model */
	bool *scored;                /* there is a score: stored or computed */
	struct standing *standings;  /* of each table of grades */
	bool *member;                /* of each segment */
	bool *entering;              /* the enter condition of each campaign when it was last looked at */
	bool *by_hand;               /* campaigns that somebody asked for by campaign.enter */

	struct history_event *fresh; /* new since the last look, for `on` in enter and goal */
	size_t fresh_count, fresh_room, fresh_seen; /* those of this round */
	struct touch *touches;       /* facts' and this turn's own, once one is planned or taken back */
	struct over *overs;
	size_t over_count, over_room;
	const struct disposition *never; /* a call ended so, and nobody has suppressed for it yet */
	struct sales_word *sales_words;
	size_t sales_count, sales_room;
	struct seat **seats;
	size_t seat_count, seat_room;
	int starts;                  /* enrollments begun in this turn */
	bool rounds_done;            /* the first is: this turn's events were looked at one by one */
	bool quiet;                  /* our own events are not told: looking at the old facts with a new playbook */
	bool counts_errors;          /* but what fails is noted all the same (stand.c) */
	bool asked_derived;          /* a function looked at scores or the stage */
	bool stirred;                /* fields, stage or history changed since the last settling */
	bool took_back;              /* a click of the history was none: what was won or reached by one is looked at again */
	bool failed;                 /* something did, noted or not */
	bool settled;                /* what the look back settled by new words is so now, too */
	bool *slot_changed;

	size_t enrollment_room, log_room, planned_room, cancelled_room, score_room, score_change_room, event_room, suppression_room,
		handoff_room, sales_said_room, split_room, claim_room, later_room, error_room, touch_room, suppressed_room;
	struct verb_side sides[16];
	size_t side_count;
	bool sorted;                 /* the lists below are of the history as it is */
	size_t group_count, by_lead_count;

	/* From here on nothing is zeroed when a turn is opened. */
	moment_t matched[HISTORY_EXACT + 1];
	struct verb_group groups[HISTORY_EXACT]; /* events.c */
	uint8_t by_verb[HISTORY_EXACT], by_lead[HISTORY_EXACT];
};

/* turn.c */
void turn_open(struct turn *turn, struct playbook *playbook, struct turn_facts *facts, struct arena *arena, struct turn_changes *out);
/* notes.c: what the turn writes down */
void turn_note_wake(struct turn *turn, moment_t at);
void turn_note_error(struct turn *turn, struct place at, const char *where, const char *message);
void turn_note_event(struct turn *turn, const char *verb, struct str subject, struct str data);
struct turn_log *turn_note_log(struct turn *turn, struct seat *seat, const char *what, struct str cause, const struct place *at);
int turn_seat_out(struct turn *turn, struct seat *seat); /* its index in the output; from now on it is written */
struct str turn_json(struct arena *arena, struct str text); /* "…" with quotes and escapes */
struct str turn_place(struct arena *arena, struct place at); /* file:line */
struct str turn_text(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* From now on the turn is in this campaign, step, rule or segment: named in errors, and to who watches. All NULL = in none. */
void turn_doing(struct turn *turn, const struct place *at, const char *kind, const char *name, const char *part_kind, const char *part);
void turn_doing_rule(struct turn *turn, const struct model *model, const struct rule *rule);
/* What is switched off is not asked: noted as a failure of that place. */
bool turn_is_off(struct turn *turn, bool off, const struct place *at);

/* data.c: one key of an event's data */
bool turn_data(struct str json, struct str key, struct arena *arena, struct value *out); /* texts, numbers, yes/no */
bool turn_data_id(struct str json, struct str key, int64_t *out);
struct str turn_data_text(struct str json, const char *key, struct arena *arena); /* "" = none */

/* test.c */
bool turn_test(const struct value_test *test, const struct value *value);

/* events.c: the history by verb */
struct event_list turn_events(struct turn *turn, const struct condition_on *on); /* of its verb, none by a machine; until the history changes */
void turn_events_changed(struct turn *turn);                                     /* said by whoever adds to the history */

/* match.c */
bool turn_fits(struct turn *turn, const struct condition_on *on, const struct history_event *event); /* given that it is one of turn_events */
bool turn_match(struct turn *turn, const struct condition_on *on, const struct history_event *event);
bool turn_match_fold(struct turn *turn, const struct condition_on *on, const struct history_fold *fold);

/* condition.c */
struct verdict turn_holds(struct turn *turn, const struct condition *condition);
/* Given that it holds: does it because of an event that is new, and not before `after`? */
bool turn_fires(struct turn *turn, const struct condition *condition, moment_t after);
moment_t turn_fired_at(struct turn *turn, const struct condition *condition, moment_t after); /* the newest such event; INT64_MIN = none */
bool turn_asks_function(const struct condition *condition);
int turn_call(struct turn *turn, int handle, struct place at, struct script_result *out); /* -1: noted */

/* people.c: the lead among the people of its account */
struct verdict turn_part(struct turn *turn, const struct people_part *part); /* whether this lead is one of them */
struct verdict turn_people_hold(struct turn *turn, const struct condition *c);
void turn_people_counts(struct turn *turn, const struct condition_people *ask, struct verdict own, int people[ROLE_SLOTS]);
struct str turn_member_packed(struct turn *turn); /* model/account.h */
void turn_member(struct turn *turn);   /* what it adds to its account now, into the changes */

/* consent.c */
bool turn_allowed(const struct playbook *playbook, const struct turn_facts *facts, struct str channel, struct str purpose, char *reason,
		  size_t size);
bool turn_withdrew(const struct turn_facts *facts, struct str channel, struct str purpose);
/* A form asked for it anew since it was taken back, or since the lead was erased: the mail that asks for a second yes may go, and nothing else. */
bool turn_asked(const struct turn_facts *facts, struct str channel, struct str purpose);
/* Something given or asked for stands without its second yes: what the page behind confirm_url would offer (`consent_standing` of the store). */
bool turn_unconfirmed(const struct turn_facts *facts);

/* pace.c: caps and hours */
/* preference.c. The topic of this marketing mail, if the lead does not want it; NULL = it does. */
const char *turn_unwanted_topic(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch);
/* t, or the next moment at which one marketing mail more is not more often than the lead asked for. */
moment_t turn_as_often(const struct turn_facts *facts, const struct touch *touch, moment_t t);
moment_t turn_pace(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, moment_t from, const char **rule);
const char *turn_zone(const struct playbook *playbook, const struct turn_facts *facts);
const struct hours *turn_hours(const struct playbook *playbook, struct str kind, struct str channel);
const struct calendar_hours *turn_open_hours(const struct hours *hours, const struct turn_facts *facts);
moment_t turn_earlier(const struct turn *turn, moment_t from, struct duration d, const char *zone); /* - d */
moment_t turn_later(const struct turn *turn, moment_t from, struct duration d); /* + d, in the lead's zone and our business time */

/* apply.c */
void turn_apply(struct turn *turn);
void turn_tell(struct turn *turn, const struct event *event); /* lead.create, lead.update: their fields; one that is `merged` fills only what is empty */
void turn_set_field(struct turn *turn, int slot, struct value value);
bool turn_set_stage(struct turn *turn, enum stage stage, bool upwards);

/* scrub.c */
void turn_scrub(struct turn *turn);

/* score.c, grade.c, segment.c */
struct rule_score {
	int points;
	bool failed;
	moment_t until;
	size_t count;            /* events that it counted */
	double units;            /* 0 = it did not hold, 1 = it did; where events are counted their sum, faded, bounded by max: does not hang on the points */
	int chosen;              /* choose: the index of the case; -1 = otherwise, or no choose; -2 = it did not hold */
	const struct condition *on;
};
struct rule_score turn_rule(struct turn *turn, const struct rule *rule);
bool turn_score(struct turn *turn);    /* true when something changed */
bool turn_grade(struct turn *turn);
void turn_enter_band(struct turn *turn, const struct grades *table, struct standing *standing);
bool turn_segments(struct turn *turn);
bool turn_settle(struct turn *turn);   /* all three until nothing changes, and tells what did; false: they went on changing each other */
void turn_report_scores(struct turn *turn);
struct str turn_cause(const struct turn *turn, int64_t *event_id);
const struct score *turn_stored(const struct turn_facts *facts, struct str name, bool is_grade); /* NULL when there is none */

/* campaign.c */
bool turn_held_out(const struct campaign *campaign, int64_t lead_id, int64_t account_id); /* the same for ever; of an account all or none, where one of it stands for all */
void turn_seats(struct turn *turn);
void turn_look(struct turn *turn);     /* remembers what held before */
void turn_remember_held(struct turn *turn);
void turn_leaves(struct turn *turn);
void turn_goals(struct turn *turn);
void turn_take_back_begins(struct turn *turn, moment_t clicked_at); /* before the first click leaves the history that was a machine's */
void turn_taken_back(struct turn *turn); /* what only such clicks had brought about */
void turn_enters(struct turn *turn);
void turn_enroll(struct turn *turn, const struct campaign *campaign, struct str cause, const struct place *at);
void turn_end(struct turn *turn, struct seat *seat, struct str reason, struct str cause, const struct place *at);
void turn_hold(struct turn *turn, struct seat *seat, struct str reason, const struct place *at);

/* claim.c */
const char *turn_taken(const struct turn *turn, const struct campaign *campaign); /* why another of its account keeps it out; NULL = nobody does */
void turn_claim(struct turn *turn, struct seat *seat);                            /* it entered */
void turn_claims(struct turn *turn);                                              /* those who are in without one */

/* walk.c */
void turn_walk(struct turn *turn, struct seat *seat);
void turn_arrive(struct turn *turn, struct seat *seat, int step, moment_t over_at);
void turn_fall_due(struct turn *turn, struct seat *seat, const struct step *step);
void turn_step_over(struct turn *turn, struct seat *seat, const struct step *step, enum act_end end); /* ACT_DONE: to the next */
const struct action *turn_contact_of(const struct seat *seat, const struct step *step); /* its contact, as drawn, or the handoff that it waits for; NULL = none */
size_t turn_behind_contact(const struct seat *seat, const struct step *step);                        /* the part that stands behind it */
void turn_stay_at(struct seat *seat, int part);   /* from there it goes on */
void turn_again(struct seat *seat, moment_t due_at);                        /* the contact again then, as a pass of its own */
void turn_wait_for_sales(struct seat *seat, moment_t due_at);               /* 0 = as long as it takes */
void turn_ended_as(struct turn *turn, struct seat *seat, struct str key);   /* it is held: from this end it goes on when it is tried again */
void turn_otherwise(struct turn *turn, struct seat *seat, const struct step *step, struct str why, const struct place *at);

/* passes.c */
int turn_pass(const struct seat *seat, const struct step *step);
void turn_count_pass(struct turn *turn, struct seat *seat, const struct step *step, bool again); /* one more; again: a further try of its contact */
bool turn_is_pass_of(const struct step *step, const struct step_pass *pass); /* under its name, or an old one */
struct step_pass *turn_own_pass(struct turn *turn, struct seat *seat);      /* that of the step where it stands, to be changed */
moment_t turn_contact_at(const struct seat *seat, const struct step *step); /* when its last contact with the lead was over; step NULL = of all; 0 = none */
void turn_note_contact(struct turn *turn, struct seat *seat, moment_t at, int64_t touch_id); /* of the step that it stands on; 0 = it cannot come back */

/* await.c */
struct verdict turn_ask(struct turn *turn, const struct condition *c); /* a function is shown each new event, too */
bool turn_await(struct turn *turn, struct seat *seat, const struct step *step); /* false: goes on waiting */

/* moment.c: so long before or after a date; MOMENT_NEVER while there is none */
moment_t turn_date(const struct turn *turn, const struct date_moment *moment); /* the date itself */
moment_t turn_moment(const struct turn *turn, const struct date_moment *moment);

bool turn_follow_date(struct turn *turn, struct seat *seat, const struct step *step, int part); /* false: there is none any more, and it went on */

/* late.c: its moment is over, and it is not done now: true, and the seat stands elsewhere or is due later */
bool turn_comes_late(struct turn *turn, struct seat *seat, const struct step *step);

/* pause.c */
const struct campaign_pause *turn_pause_of(const struct turn_facts *facts, struct str campaign); /* the last one; NULL = there was none */
bool turn_is_paused(const struct turn *turn, const struct seat *seat);
bool turn_fell_in_pause(const struct turn *turn, const struct seat *seat, moment_t due); /* in one that is over */
void turn_pause(struct turn *turn, const struct event *event);
void turn_resume(struct turn *turn, const struct event *event);
void turn_remove(struct turn *turn, const struct event *event);

/* back.c */
bool turn_comes_back(struct turn *turn, struct seat *seat, bool waits); /* it has gone another way; waits: it will, when it is tried again */

/* split.c */
enum act_end turn_split(struct turn *turn, struct seat *seat, const struct step *step, const struct action *split); /* DONE: it has a way */
bool turn_is_drawn(const struct seat *seat, const struct step *step, const struct action *action); /* or it is no way of a split */
void turn_splits(struct turn *turn); /* who has done what wins */

/* due.c */
moment_t turn_due(struct turn *turn, struct seat *seat, const struct step *step);

/* act.c */
enum act_end turn_act(struct turn *turn, struct seat *seat, const struct step *step, size_t from);
enum act_end turn_act_inside(struct turn *turn, struct seat *seat, const struct step *step, size_t from); /* but not go, leave, choose */
enum act_end turn_act_away(struct turn *turn, struct seat *seat, const struct step *step); /* these alone; ACT_DONE = it has none */

/* over.c */
bool turn_is_over(struct turn *turn, const struct seat *seat, struct over *out); /* the contact that it waits for; one whose time is over is taken back */
moment_t turn_late_at(const struct turn *turn, const struct seat *seat);         /* when its time is over; MOMENT_NEVER */

/* ends.c */
struct str turn_end_key(const struct turn *turn, const struct seat *seat, const struct step *step, const struct over *over); /* which end of a contact it was */
enum act_end turn_go_end(struct turn *turn, struct seat *seat, const struct step *step, struct str key); /* where it goes then */
enum act_end turn_choose(struct turn *turn, struct seat *seat, const struct ways *ways);
/* "Never call me again" was said: a walk that waits for that call suppresses with its end. Where none does (it is over, paused, held, went on) turn_never does. */
void turn_heard_never(struct turn *turn, struct str answer);
void turn_never(struct turn *turn);
bool turn_can_choose(struct turn *turn, struct seat *seat); /* it is held at a choose that says something about its field by now */

/* route.c, brief.c: whose lead is it, and what that person is told */
const struct person_entry *turn_recipient(const struct turn *turn, struct recipient_of to);                  /* NULL = nobody */
const struct person_entry *turn_route(struct turn *turn, const struct route *route, struct place *line); /* and the line that fit */
struct str turn_brief(struct turn *turn, const struct turn_handoff *handoff);                               /* a touch's data */

/* offer.c */
const struct asset *turn_next_offer(struct turn *turn, const struct asset *start); /* NULL = nothing is left */

/* give_way.c: planned contacts of lower priority, out of the way of one that the gate puts off. turn_go_before: a better answer if they are; then
 * turn_give_way puts them where they may go behind it. Nothing may be planned between these two but that contact. */
struct aside {
	struct lower {
		size_t index;        /* in turn->touches */
		moment_t due_at;
		struct seat *seat;
		const struct action *action;
	} *items;
	size_t count;
};
struct gate_answer turn_go_before(struct turn *turn, const struct action *action, struct touch *touch, struct gate_answer later, struct aside *aside);
void turn_give_way(struct turn *turn, const struct seat *high, const struct aside *aside);

/* contact.c */
bool turn_contact(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action, const struct asset *offer); /* false: held */
void turn_alert(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action);
moment_t turn_handoff(struct turn *turn, struct seat *seat, const struct step *step, const struct action *action); /* its deadline; 0 = none */
struct gate_answer turn_ask_gate(struct turn *turn, const struct action *action, struct touch *touch); /* at planning; its due_at is where its drop puts it */
bool turn_take_back(struct turn *turn, int64_t touch_id, const char *reason); /* one touch; false: it is on the wire */
void turn_note_sales(struct turn *turn, struct str state, struct str campaign); /* what became of its handoffs */
void turn_suppress(struct turn *turn, struct seat *seat, const struct action *action); /* seat NULL: no walk says so */
void turn_cancel(struct turn *turn, const struct seat *seat, struct str channel, const char *reason);

/* explain.c */
struct str turn_reasons(struct turn *turn); /* JSON array of texts: why now */
struct receipt *turn_receipts(struct turn *turn); /* of each model, as it is settled now; empty of those of accounts */
struct buf;
void turn_put_value(struct buf *buf, const struct value *v);
/* explain_json.c */
struct str turn_explain_member(struct playbook *playbook, const struct turn_facts *facts, struct arena *arena); /* explain.c: what it adds to its account now; "" = nothing */
json_t *turn_receipt_json(const struct playbook *playbook, const struct receipt *receipt);

#endif
