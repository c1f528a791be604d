/* What marketing wrote, loaded: plain structs that turn walks and the texts that went wrong.
 *
 * A playbook is made from bytes by playbook_load and never changes. It belongs to one thread (it holds one Lua state).
 * Everything it points to lives until playbook_free. Pure: no database, no network, no clock, no file system.
 * All names that marketing gave (campaigns, steps, models …) are borrowed from here by turns of the same batch. */
#ifndef NURTURE_PLAYBOOK_PLAYBOOK_H
#define NURTURE_PLAYBOOK_PLAYBOOK_H

#include "base/bell.h"
#include "base/calendar.h"
#include "base/duration.h"
#include "model/lead.h"
#include "model/quality.h"
#include "playbook/files.h"

/* ---- places and problems ---- */

struct place {
	const char *file; /* "campaigns/drip.lua" */
	int line;
};

/* JUDGED: what can be run, and is refused all the same: an error where a playbook is checked or published, and told only where an active revision is
 * loaded (problems.published), as the rule may be younger than the revision. */
enum problem_kind { PROBLEM_ERROR, PROBLEM_NOTE, PROBLEM_JUDGED };
struct problem {
	enum problem_kind kind;
	struct place at;
	const char *context; /* `campaign "drip", step "next-read"`; may be "" */
	const char *message; /* word for word PLAYBOOK section 4 where it has one */
};
struct problems {
	struct problem *items; /* sorted by file and line by playbook_load */
	size_t count, room;
	size_t errors;         /* how many of them are errors */
	size_t judged;         /* how many would be errors at a publish; only where `published` */
	bool published;        /* these files are in force already: set by the caller before use */
	struct arena *arena;   /* where texts go; set by the caller before use */
};
void problems_add(struct problems *problems, enum problem_kind kind, struct place at, const char *context, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void problems_sort(struct problems *problems);
/* The first that is an error: notes and what is only judged may stand before it. Borrowed; NULL = there is none. */
const struct problem *problems_first_error(const struct problems *problems);
/* Prints the form of PLAYBOOK section 4, at most 20 and then "and 13 more"; caller frees. */
char *problems_text(const struct problems *problems);

/* ---- conditions ---- */

enum test_op { TEST_IS, TEST_KNOWN, TEST_EMPTY, TEST_AT_LEAST, TEST_AT_MOST, TEST_ABOVE, TEST_BELOW, TEST_BETWEEN };
/* A value or V word to the right of `=`. TEST_IS: one of `values`; texts with * are globs. */
struct value_test {
	enum test_op op;
	double low, high;           /* AT_LEAST/ABOVE use low, AT_MOST/BELOW use high, BETWEEN both */
	const struct value *values;
	size_t value_count;
};
struct field_test {
	int slot;
	struct value_test test;
};

enum condition_kind {
	CONDITION_ON,        /* events of the lead; `negated` = none "verb" { … } */
	CONDITION_ANY, CONDITION_ALL, CONDITION_NONE,
	CONDITION_LEAD, CONDITION_ACCOUNT,
	CONDITION_SCORE, CONDITION_GRADE, CONDITION_BAND, CONDITION_SEGMENT, CONDITION_STAGE,
	CONDITION_WITHDREW, CONDITION_ALLOWED, CONDITION_ASKED,
	CONDITION_PEOPLE,    /* of the account, the lead among them */
	CONDITION_MOMENT,    /* before(…), after(…): it has come */
	CONDITION_FUNCTION,  /* function(lead, event) … end */
};

struct on_data {
	struct str key;
	struct value_test test;
};
struct score_test {
	int model;
	struct value_test test;
};
struct field_value { /* for set, and for the leads of stories */
	int slot;
	struct value value;
};

struct condition_on {
	bool negated;
	bool any_verb;              /* "*": verbs of the lead only, never machine ones */
	struct str verb;
	const struct str *subjects; size_t subject_count; /* globs; 0 = any */
	const struct str *kinds; size_t kind_count;       /* of the asset that is the subject */
	const struct str *topics; size_t topic_count;
	const struct str *buying_stages; size_t buying_stage_count;
	struct str step, campaign, reason; /* "" = any: compared with data.step, data.campaign, data.reason */
	const struct on_data *data; size_t data_count;
	const struct value_test *value;    /* NULL = any */
	int at_least;                      /* default 1 */
	int at_most;                       /* -1 = no bound */
	struct duration within;            /* count 0 = ever */
};

/* How the people who fit are counted. An empty role is no role: it differs from none and is like none (decision 18). */
enum people_by { PEOPLE_ALL, PEOPLE_DIFFERENT_ROLES /* so many roles */, PEOPLE_SAME_ROLE /* those of the asking lead's role */ };
struct condition_people {
	int part;      /* index in playbook->parts: who fits */
	int at_least;  /* default 1 */
	int at_most;   /* -1 = no bound */
	enum people_by by;
};

/* before("1 day", "zero-trust-live"), after("1 year", "renewal_day"). A date without a time is the beginning of that day, where the lead is. */
struct date_moment {
	bool before;
	struct duration length;
	const char *name;        /* of the asset or field */
	enum { DATE_OF_ASSET, DATE_OF_LEAD, DATE_OF_ACCOUNT } of;
	moment_t at;             /* of the asset: its days are the playbook's */
	int slot;
};

struct condition {
	enum condition_kind kind;
	struct place at;
	union {
		struct condition_on on;
		struct { const struct condition *const *items; size_t count; } group;
		struct { const struct field_test *tests; size_t count; } fields;  /* LEAD, ACCOUNT: all must hold */
		struct { const struct score_test *tests; size_t count; } scores;
		struct { const struct str *grades; size_t count; int table; } grade; /* every grade that fits, written out: "A1", "A2" */
		struct { int table; int band; } band;
		int segment;          /* index in playbook->segments */
		unsigned stages;      /* bit set of enum stage */
		struct str channel;   /* WITHDREW, ALLOWED */
		struct condition_people people;
		const struct date_moment *moment;
		int function;         /* handle for sandbox calls */
	};
};

/* ---- declarations ---- */

struct choose_case {
	struct str choice;
	double points;
};
enum { RULE_POINTS_MOST = 1000000 };
struct rule {
	const char *name;
	struct str shown;              /* " in FILE:LINE model "m", rule "name"", with a NUL: what a turn shows to who watches; n = 0: it makes it itself */
	struct place at;
	bool off;                      /* workers died in it: it is not asked, its model stays as it is */
	const struct condition *when;  /* CONDITION_ALL of its conditions; NULL = always */
	/* points: fixed, chosen by a field, or by a function; of size RULE_POINTS_MOST at most */
	enum { POINTS_FIXED, POINTS_CHOOSE, POINTS_FUNCTION } points_kind;
	double points;
	struct { int slot; const struct choose_case *cases; size_t count; double otherwise; } choose; /* otherwise: also for an empty field */
	int function;
	enum { EACH_ONCE, EACH_TIME, EACH_SUBJECT, EACH_DAY, EACH_VALUE, EACH_PERSON /* models of accounts */ } each;
	double each_value;             /* EACH_VALUE: one for each so much of the events' value */
	bool has_max;
	double max;
	struct duration fades;         /* by half every …; count 0 = never */
};

struct model {
	const char *name, *title;
	struct place at;
	int from, to;
	bool of_account;               /* decided in the account's own turn (turn/account.c): its rules ask people { } and account { } alone */
	bool asked;                    /* of an account: a lead asks for its score */
	const struct rule *rules;
	size_t rule_count;
	const char *fingerprint;       /* hash of what it says: rescoring is due when it changes */
};

struct band {
	const char *name;
	struct place at;
	int from;                      /* by score (when grade_count is 0) */
	const struct str *grades; size_t grade_count;
	int stage;                     /* enum stage set on entering, upwards only; -1 = none */
};

struct grades {
	const char *name;
	struct place at;
	bool of_account;               /* over a model of accounts; one model, no stages */
	bool asked;                    /* of an account: a lead asks for its band */
	int model;                     /* letters from one score; -1 when two axes */
	int letter_axis, digit_axis;   /* models; -1 */
	int letters[4]; size_t letter_count; /* lower bounds of A, B, C, D */
	int digits[4]; size_t digit_count;   /* lower bounds of 1, 2, 3, 4; 0 when there is one model */
	const struct band *bands; size_t band_count;
};

/* Who fits a people { … }: asked of each person in its own turn. The same question in several places is one part. */
struct people_part {
	const char *key;               /* PART_KEY letters, made of what it asks: stays the same in every revision */
	struct place at;
	bool off;                      /* workers died in it: everybody stays as they were counted */
	const struct condition *who;   /* NULL = everybody */
};

struct segment {
	const char *name, *title;
	struct place at;
	bool off;                      /* workers died in it: who is in it stays in, and nobody comes */
	const struct condition *who;
	bool never_contact;
	int rank;                      /* segments it asks about have a smaller rank: evaluate in this order */
};

struct asset {
	const char *name, *title, *kind, *topic, *buying_stage, *file, *url;
	struct place at;
	moment_t starts_at;            /* `at`; 0 = none */
	struct duration lasts;
	const char *const *next; size_t next_count;
};

/* A question of a form: fills one field of the lead. */
struct form_question {
	int slot;
	const char *ask;               /* what is asked; the field's label unless the form says it in its own words */
	bool needed;
	int longest;                   /* characters of a text; 0 = as the field allows */
};
/* A box that is never ticked beforehand: the channel it allows, and the words beside it, kept as evidence. */
struct form_consent {
	const char *channel, *wording;
};
/* What an address says of the advertisement that led there: the five parameters that pages of advertisements carry. "utm_source" first; NULL-ended. */
enum { FORM_UTM = 5 };
extern const char *const form_utm[FORM_UTM + 1];
/* A field that nobody is asked for: filled by a parameter of the address of the form's page. */
struct form_preset {
	int slot;
	int utm;                       /* index into form_utm */
};
struct form {
	const char *name, *title;
	const char *intro;             /* words above the questions; NULL = none */
	const char *button;            /* NULL = our own word */
	struct place at;
	const struct form_question *questions; size_t question_count; /* e-mail is among them, and needed */
	int ask_at_most;               /* of the questions beside e-mail and the needed ones that are not answered yet; 0 = all */
	const struct form_consent *consents; size_t consent_count;
	const struct form_preset *presets; size_t preset_count; /* none of them is asked */
	const char *thanks;            /* words; NULL = our own */
	const char *page;              /* templates/page/NAME.html, instead of words; NULL = none */
	const char *goes;              /* https://host…, instead of words: the browser is sent there; NULL = none */
	const struct asset *gives;     /* what whoever fills it in may have; NULL = nothing */
	uint32_t wording;              /* changes when what a box says does */
	bool asks_again;               /* a campaign that it lets in has the mail for a second yes */
};

struct person_entry {
	const char *name, *title, *email, *phone;
	const struct calendar_hours *hours; /* when this person is at work, in the zone of hours "office"; NULL = always */
	struct place at;
};

struct hours_country {
	char country[3];
	struct calendar_hours open;
};
struct hours {
	const char *name;              /* a channel, or "office" */
	struct place at;
	struct calendar_hours open;
	const char *zone;              /* NULL = the lead's own */
	const struct hours_country *countries; size_t country_count;
};

struct cap {
	const char *channel;           /* "*" = all together */
	struct place at;
	int at_most;
	struct duration within;
	const struct str *except; size_t except_count; /* purposes */
};

/* What marketing mail is about. A lead chooses by them on the page of preferences; a playbook with none offers no choice. */
struct topic {
	const char *name, *label;
	struct place at;
};
enum { TOPICS_MOST = 32 };

enum consent_need { NEED_OPT_OUT, NEED_OPT_IN, NEED_DOUBLE_OPT_IN };
struct consent_country {
	char country[3];
	enum consent_need need;
};
struct consent_rule {
	const char *channel, *purpose;
	struct place at;
	enum consent_need standard, unknown;
	const struct consent_country *countries; size_t country_count;
};

enum action_kind {
	ACTION_CONTACT, ACTION_HANDOFF, ACTION_ALERT, ACTION_SET, ACTION_STAGE, ACTION_ENROLL, ACTION_SUPPRESS, ACTION_GO, ACTION_LEAVE,
	ACTION_CHOOSE,   /* goes where a field says */
	ACTION_SPLIT,    /* draws one of the ways that stand behind it */
	ACTION_FUNCTION /* function(lead, event): may answer go, wait or leave */
};
enum { SPLIT_WORDS = 16 };
/* One of the `count` actions behind it, by shares; the same for a lead always. With a winner it is a test: who has `winner` since the draw counts. */
struct split {
	struct place at;
	size_t count;
	const double *shares;          /* of one each, in their order; all of them are one */
	const char *words;             /* SPLIT_WORDS letters, a hash of what it says: other words are another test */
	double first;                  /* the share of leads on whom the ways are tried, others wait for the winner; 0 = all are split until it is known */
	const struct condition *winner; /* NULL = no test */
	struct duration after;         /* from the first draw to when the winner is looked for */
};
struct action {
	enum action_kind kind;
	struct place at;
	const char *name;              /* template/script, route, alert template, campaign, channel, step, reason */
	const char *channel_kind;      /* CONTACT: "email", "call", "letter" */
	const char *purpose;           /* CONTACT: "marketing" by default */
	bool any_hours;
	struct duration within;        /* CONTACT, HANDOFF */
	const char *priority;          /* call: "high", "normal", "low" or NULL */
	const char *skill;             /* call: what whoever calls must know; NULL = nothing. The channel's plugin looks at it */
	const char *once_per;          /* letter: "household" or NULL. The channel's plugin looks at it */
	const char *drop;              /* letter: the day on which it is dropped, as it was said; NULL = any */
	int drop_weekday;              /* 0 = Sunday … 6; -1 = drop is a date */
	moment_t drop_at;              /* that date begins, in our zone */
	const char *to;                /* ALERT: person, team or "owner" */
	const struct route *route;     /* HANDOFF: NULL = to whom its name says (sales.h) */
	const char *reason;            /* SUPPRESS */
	const struct condition *ends;  /* SUPPRESS */
	const struct field_value *sets; size_t set_count;
	enum stage stage;
	int target;                    /* GO: step index in the campaign; ENROLL: campaign index */
	const struct call_script *script; /* CONTACT of kind call: what is asked (calls.h) */
	const struct asset *offer;     /* CONTACT: offers the next asset that the lead has not had, in the map from here; NULL = none */
	const struct ways *ways;       /* CHOOSE */
	const struct split *split;     /* SPLIT */
	const char *way;               /* it is done only if the SPLIT before it drew it: its name, unique there; NULL = always done */
	int function;
};

enum timing_kind { TIMING_NONE, TIMING_DAY, TIMING_WAIT, TIMING_EVERY, TIMING_WAIT_FOR, TIMING_DATE };
/* What is done when a step's moment is over (decision 14). By default a before is skipped, all else done now; after a pause contacts are skipped. */
enum late { LATE_DEFAULT, LATE_NOW, LATE_SKIP, LATE_SPREAD /* over a day from now */ };
/* WAIT_FOR: since when what happened counts; else the index of the step whose contact it was. */
enum { SINCE_CONTACT = -1 /* the last of the campaign with the lead */, SINCE_STEP = -2 /* coming to this step */ };

/* Where a walk goes: the step below, a step, or out. */
struct way {
	enum { WAY_ON, WAY_GO, WAY_LEAVE } kind;
	int target;                    /* GO: step index */
	const char *reason;            /* LEAVE */
};
struct way_case {
	struct str choice;
	struct way way;
};
/* choose "field" { choice = "step" }: an empty field, or a choice that is not named, goes the other way. */
struct ways {
	int slot;
	struct place at;
	const struct way_case *cases; size_t count;
	bool has_otherwise;
	struct way otherwise;
};
/* The same contact again, as a pass of its own: so many times after the first. */
struct retry {
	struct place at;
	int times;
	struct duration every;         /* from the end of the contact before */
	bool other_time;               /* in the other half of the day */
	struct way otherwise;          /* when all are spent */
};

struct answer {
	const char *key;               /* "held", "late", "otherwise", a result, a disposition … */
	enum { ANSWER_GO, ANSWER_LEAVE, ANSWER_RETRY, ANSWER_CHOOSE } kind;
	int target;                    /* GO: step index */
	const char *reason;            /* LEAVE */
	const struct retry *retry;
	const struct ways *ways;       /* CHOOSE */
};

struct step {
	const char *name;
	struct place at;
	bool off;                      /* workers died in it: who stands on it is held there */
	enum timing_kind timing;
	int day;                       /* TIMING_DAY, from 1 */
	struct duration wait;          /* WAIT, EVERY; WAIT_FOR: at most so long, from coming to the step */
	const struct condition *awaits; /* WAIT_FOR */
	int since;                     /* WAIT_FOR */
	const struct date_moment *date; /* DATE */
	int times;                     /* EVERY; 0 = for ever */
	const struct condition *when;  /* NULL = always */
	const struct action *actions; size_t action_count;
	const struct answer *answers; size_t answer_count;
	int otherwise;                 /* step index; -1 = the next step: when is false, the wait is over, the contact was held */
	enum late late;
	const char *const *was; size_t was_count;
};

struct campaign {
	const char *name, *title;
	struct place at;
	bool off;                      /* workers died in its conditions: nobody enters, who is in it is held */
	const struct condition *enter; /* NULL = by hand only */
	enum { AGAIN_NEVER, AGAIN_AFTER, AGAIN_ALWAYS } again;
	struct duration again_after;
	bool existing;
	const struct condition *leave; /* NULL = none */
	const struct condition *goal;
	enum { AT_GOAL_COUNT, AT_GOAL_LEAVE, AT_GOAL_STEP } at_goal;
	int at_goal_step;
	bool once_per_account;         /* of one account's people one at a time is in it; `again` counts from the last of them */
	double holdout;                /* 0 … below 1 */
	int priority;                  /* 1 high, 0 normal, -1 low */
	enum late late;                /* of the steps that do not say it themselves */
	const struct step *steps; size_t step_count;
	const char *fingerprint;       /* hash of all that it says: whoever is inside is concerned when it changes */
};

struct test_entry {
	const char *name;
	struct place at;
	int story;                     /* handle: playbook/story.h tells its lines */
};

struct verb_data {
	const char *value;             /* what its number means; NULL = nobody said */
	const char *const *fields; size_t field_count; /* names of its data; none = any may stand there */
};

struct playbook_channel {
	const char *name, *kind;       /* what is configured: given at load */
	const char *const *template_fields; /* NULL-ended, "!subject" = must have; NULL = not known, any may stand */
	const char *body;              /* "markdown" or "text" */
};
/* What the server has, as far as check must know it. */
struct playbook_site {
	const struct playbook_channel *channels;
	size_t channel_count;
	const char *postal_address;    /* NULL = not configured */
	bool no_templates;             /* nothing is rendered here: templates are left alone */
	bool pages;                    /* but pages are */
	mono_t (*now)(void);           /* machine time for the deadline of scripts (base's mono_now); NULL = no deadline */
	const struct bell *bell;       /* ends quick calls of scripts (base's bell_of_thread); NULL = all are counted. No answer hangs on it */
};

struct playbook {
	char revision[HASH_HEX];
	const char *standing;          /* hash of all that says how leads stand and who may enter campaigns: where it is the same, no lead moves */
	const char *name, *title, *time_zone, *language, *postal_address;
	char country[3];                                   /* of telephone numbers without a country code whose lead has no country; "" = none */
	struct quality_lists quality;                      /* in small letters */
	const char *const *same_person; size_t same_person_count; /* fields that make two leads one person: "last_name company country" */
	struct schema schema;
	const struct verb *verbs; size_t verb_count;       /* declared ones; built-in: model_verbs */
	const struct verb_data *verb_data;                 /* beside verbs: what their events carry */
	const struct asset *assets; size_t asset_count;
	const struct form *forms; size_t form_count;
	const struct segment *segments; size_t segment_count; /* sorted by rank */
	const struct model *models; size_t model_count;
	const struct grades *grades; size_t grades_count;
	const struct call_script *scripts; size_t script_count;        /* calls.h */
	const struct disposition *dispositions; size_t disposition_count;
	const struct person_entry *people; size_t people_count;
	const struct team *teams; size_t team_count;                   /* sales.h */
	const struct route *routes; size_t route_count;
	const struct people_part *parts; size_t part_count;
	const int *part_order;                                          /* their indexes, by key */
	const struct condition_people *asks; size_t ask_count;          /* people { … } that leads ask, each once */
	size_t people_chain;           /* a lead's answer that hangs on an answer about people, theirs on another's …: the longest such chain; 0 = none hangs on people */
	bool has_account_models;
	char account_words[HASH_HEX];  /* hash of what decides about accounts; "" = nothing does */
	const struct hours *hours; size_t hours_count;
	const struct cap *caps; size_t cap_count;
	const struct topic *topics; size_t topic_count;
	const struct consent_rule *consents; size_t consent_count;
	const struct campaign *campaigns; size_t campaign_count; /* high priority first, then by name */
	const struct test_entry *tests; size_t test_count;
	const char *const *as_if;      /* while a story is told: the kinds of channels that there are, NULL-ended; NULL = as the site says */
	struct templates *templates;   /* template.h; NULL = none */
	struct map *topic_of;          /* of e-mail templates, by name (template_topics.c); NULL = none */
	struct map *reply_of;          /* of letters, by name (template_reply.c); NULL = none */
	struct playbook_private *private; /* Lua state, maps */
};

/* `model "fit", rule "size"`: what a place of a playbook is called in errors, logs and the list of what is switched off. part may be NULL.
 * Returns the bytes written; never more than size - 1. */
size_t playbook_context(char *out, size_t size, const char *kind, const char *name, const char *part_kind, const char *part);

/* Reads, loads and checks. NULL when there are errors (all in *problems, notes too); with errors == 0 the playbook may still have notes.
 * `site` is copied as far as needed. problems->arena must be set. Does not run the playbook's tests (turn/story does). */
struct playbook *playbook_load(const struct playbook_files *files, const struct playbook_site *site, struct problems *problems) MUST_USE;
void playbook_free(struct playbook *playbook); /* takes NULL */

/* Microseconds: how far back touches matter, at least a day. */
int64_t playbook_longest_cap(const struct playbook *playbook);

/* Lookups; NULL or -1 when there is none. */
const struct campaign *playbook_campaign(const struct playbook *playbook, struct str name);
const struct step *campaign_step(const struct campaign *campaign, struct str name); /* also by an old name (`was`) */
const struct form *playbook_form(const struct playbook *playbook, struct str name);
/* The number of an asset in signed links: made of its name, so it stays the same in every revision. */
uint32_t asset_number(const struct asset *asset);
const struct asset *playbook_asset_numbered(const struct playbook *playbook, uint32_t number);
const struct asset *playbook_asset(const struct playbook *playbook, struct str name);
int playbook_model(const struct playbook *playbook, struct str name);
const struct person_entry *playbook_person(const struct playbook *playbook, struct str name);
/* Whether anything of a lead's turn looks at the summary of its account. */
static inline bool playbook_asks_accounts(const struct playbook *playbook)
{
	return playbook->ask_count || playbook->part_count || playbook->has_account_models;
}
bool playbook_verb_by_lead(const struct playbook *playbook, struct str verb);
const struct verb_data *playbook_verb_data(const struct playbook *playbook, struct str verb); /* NULL: built in, or not there */
/* Channel name (nurture.conf) that serves a step word of this kind, or NULL. */
const char *playbook_channel_of(const struct playbook *playbook, struct str kind);

/* ---- functions that marketing wrote ---- */

/* What a script may look at: `lead.NAME`, `lead.score.MODEL`, `event.verb` … Called back for each name asked. */
struct playbook_view {
	const struct lead *lead;
	const struct account *account;        /* may be NULL */
	const struct event *event;            /* may be NULL */
	moment_t now;
	int (*score)(void *arg, int model);   /* points of a model of this playbook */
	void *arg;
};
enum script_answer { SCRIPT_NOTHING, SCRIPT_TRUE, SCRIPT_FALSE, SCRIPT_NUMBER, SCRIPT_GO, SCRIPT_WAIT, SCRIPT_LEAVE };
struct script_result {
	enum script_answer answer;
	double number;
	const char *name;      /* GO: step; LEAVE: reason; valid until the next call */
	struct duration wait;
	bool derived;          /* it looked at lead.stage or lead.score, which rules decide; said also when it failed */
};
/* Runs function `handle` within its budgets. -1: error with where = file:line (message 31, 51 …); the state is fit for the next call. */
/* Calls every function once on a lead of whom nothing is known; one that does not end, or takes too much memory, is an error. */
void playbook_try(struct playbook *playbook, struct problems *problems);
int playbook_call(struct playbook *playbook, int handle, const struct playbook_view *view, struct script_result *out,
		  struct error *error) MUST_USE;

#endif
