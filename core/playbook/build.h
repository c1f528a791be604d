/* From phrases to the structs of playbook.h: what build_*.c share. A build lives for one playbook_load. */
#ifndef NURTURE_PLAYBOOK_BUILD_H
#define NURTURE_PLAYBOOK_BUILD_H

#include "playbook/private.h"
#include "playbook/script.h"
#include "playbook/typing.h"

enum declared_kind {
	DECLARED_PLAYBOOK,
	DECLARED_HOURS,
	DECLARED_CAP,
	DECLARED_TOPIC,
	DECLARED_CONSENT,
	DECLARED_FIELD,
	DECLARED_VERB,
	DECLARED_ASSET,
	DECLARED_FORM,
	DECLARED_SCRIPT,
	DECLARED_DISPOSITION,
	DECLARED_PERSON,
	DECLARED_TEAM,
	DECLARED_ROUTE,
	DECLARED_MODEL,
	DECLARED_GRADES,
	DECLARED_SEGMENT,
	DECLARED_CAMPAIGN,
	DECLARED_TEST,
	DECLARED_BAND,
	DECLARED_KINDS
};

/* All declarations of one kind, in the order in which the playbook holds them. */
struct declaration {
	struct phrase *phrase;
	bool sound; /* its details passed the check of properties: it can be read */
	int owner;  /* bands: index of the grades */
};
struct declared {
	struct declaration *items;
	const char **names;
	size_t count, room, name_room;
};

struct build {
	struct playbook *playbook;
	struct arena *arena;
	struct problems *problems;
	struct scripts *scripts;
	const struct playbook_files *files;
	const struct playbook_site *site;
	const char *context; /* `campaign "drip", step "ask"` */
	struct declared declared[DECLARED_KINDS];
	const struct phrase *campaign; /* the one that is read, or NULL */
	bool of_account;               /* rules of a model of accounts are read: who asks is a company */
	bool in_people;                /* what stands in people { … } is read: who asks is one of the company's people */
	struct people_part *parts; size_t part_room;
	struct condition_people *asks; size_t ask_room;
	bool fields_are_sound;
};

/* ---- telling (build.c) ---- */
void build_error(struct build *b, struct place at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* What can be run, and is refused at a publish (playbook.h, PROBLEM_JUDGED): whoever reads on must leave a playbook that works. */
void build_judge(struct build *b, struct place at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void build_note(struct build *b, struct place at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Adds a phrase to the context; give the result back to build_leave. */
const char *build_enter(struct build *b, const struct phrase *phrase);
void build_leave(struct build *b, const char *outer);
const char *build_show(struct build *b, const struct phrase *phrase);   /* `step "ask"` */
const char *build_show_detail(struct build *b, const struct detail *d); /* `"text"`, `10`, `step "ask"` */
/* " Did you mean \"x\"?" or "". */
/* A key of an event's data that its verb does not have: said, where the verb names what it has. */
void build_check_data(struct build *b, struct place at, const char *verb, const char *key);
const char *build_near(struct build *b, const char *wanted, const char *const *names, size_t count);
const char *build_join(struct build *b, const char *const *names, size_t count); /* "a, b, c" */

/* ---- declarations (build.c) ---- */
void build_gather(struct build *b);
int build_find(const struct build *b, enum declared_kind kind, const char *name); /* index or -1 */
/* The same, and message 17 when there is none. */
int build_need(struct build *b, struct place at, enum declared_kind kind, const char *name);
/* Small letters, digits and hyphens; with `keys` underscores instead (what may stand left of =). */
bool build_check_name(struct build *b, const struct phrase *phrase, bool keys);

/* ---- details (details.c): types of properties, what may stand in which braces ---- */
bool details_check(struct build *b, struct phrase *phrase);
const struct detail *detail_of(const struct phrase *phrase, const char *key); /* NULL = not given */
const char *detail_text(const struct phrase *phrase, const char *key);        /* NULL = not given */
double detail_number(const struct phrase *phrase, const char *key, double otherwise);
bool detail_yes(const struct phrase *phrase, const char *key);
struct duration detail_length(const struct phrase *phrase, const char *key); /* count 0 = not given */
const struct str *detail_texts(struct build *b, const struct phrase *phrase, const char *key, size_t *count);
/* A window that looks back from now: business time is refused, as this version counts only forward in it. */
struct duration detail_window(struct build *b, const struct phrase *phrase, const char *key);
bool build_is_window(struct build *b, struct place at, const char *text, struct duration length);
/* A whole number from low to high, or an error and `low`. */
int detail_int(struct build *b, const struct phrase *phrase, const char *key, int low, int high, int otherwise);

/* ---- values and conditions (build_values.c, build_conditions.c) ---- */
const struct condition *build_condition(struct build *b, const struct detail *d, struct place at);
const struct condition *build_condition_property(struct build *b, const struct phrase *phrase,
						 const char *key); /* NULL = not given */
/* `all` of the parts that are conditions; NULL when there are none. */
const struct condition *build_conditions(struct build *b, const struct phrase *phrase);
/* people { … } (build_people.c). */
const struct condition *build_people(struct build *b, const struct phrase *phrase);
/* before(…), after(…) (build_moment.c): the condition that it has come; its moment alone, NULL with a message when there is none. */
const struct condition *build_moment(struct build *b, const struct phrase *phrase);
const struct date_moment *build_date_moment(struct build *b, const struct phrase *phrase);
void build_people_sort(struct build *b); /* at the end: parts by their keys */
/* Whether this word can be asked where the build is: with a message when not. */
bool build_may_ask(struct build *b, const struct phrase *phrase);
/* A name of a model of accounts (or of a band over one) is asked for by a lead; refused where a person or a company asks. */
bool build_ask_account(struct build *b, struct place at, bool *asked, const char *what);
/* What stands right of `field =` in a condition. */
bool build_value_test(struct build *b, struct place at, const struct field *field, const struct detail *d,
		      struct value_test *out);
/* A V word or number, for scores and event values; shown as `what` in messages. */
bool build_number_test(struct build *b, struct place at, const char *what, const struct detail *d,
		       struct value_test *out);
/* A plain value of a field (set, stories). */
bool build_value(struct build *b, struct place at, const struct field *field, const struct detail *d,
		 struct value *out);
/* Slot of a field by name, or -1 with message 13. */
int build_slot(struct build *b, struct place at, const char *name, bool of_account);
const struct field_value *build_field_values(struct build *b, const struct phrase *phrase, bool of_account,
					     size_t *count);
/* choose "field" { choice = … }: the field's slot when it is there, all its choices are named or there is an otherwise, and no other is
 * (messages 13, 15, 41); else -1. What stands right of = is the caller's to read; `what` names it in a message. */
int build_choose(struct build *b, const struct phrase *choose, bool of_account, const char *what);
/* false with a message that lists what may stand there: the channels that there are, `star`: or "*"; or what else `more` names. */
bool build_channel_kind(struct build *b, struct place at, const char *name, bool star);
bool build_channel_or(struct build *b, struct place at, const char *name, const char *const *more, size_t more_count);
bool build_stage(struct build *b, struct place at, const char *name, enum stage *out);
/* Every grade that a text means ("C*", "B2 or better"); false with a message. */
bool build_grade(struct build *b, struct place at, const char *text, struct str *out, size_t *count, size_t most);
enum { GRADES_MOST = 16 };
json_t *build_json(const struct detail *d); /* new reference; NULL for what JSON has no word for */
/* Offers and templates that do not fit (build_offer.c). */
void build_check_offer(struct build *b, struct place at, const struct action *contact);
void build_need_template(struct build *b, struct place at, const char *kind, const char *name); /* message 18 */

/* ---- the parts of a playbook ---- */
void build_switched(struct build *b); /* marks what is switched off, at the end */
void build_site(struct build *b);   /* playbook, hours, cap, consent, person */
void build_same_person(struct build *b, const struct phrase *playbook); /* build_same.c: who is one person by rule */
void build_fields(struct build *b); /* field, verb, asset */
void build_forms(struct build *b);  /* form, question; after fields and assets */
void build_form_thanks(struct build *b, const struct phrase *phrase, struct form *out); /* build_form_thanks.c: words, a page, or an address */
void build_calls(struct build *b);  /* build_calls.c: disposition, script, question, result; after what conditions ask for */
struct recipient_of;
void build_routes(struct build *b); /* build_routes.c: team, route, give */
bool build_recipient(struct build *b, struct place at, const char *name, struct recipient_of *out); /* person, team or "owner" */
const struct retry *build_retry(struct build *b, const struct phrase *phrase); /* build_ends.c: of the campaign that is read, or of a disposition */
void build_models(struct build *b); /* model */
void build_grades(struct build *b); /* grades, band */
void build_rules(struct build *b);  /* rule */
void build_segments(struct build *b);
void build_campaigns(struct build *b);
void build_stories(struct build *b);
void build_order_campaigns(struct build *b); /* by priority and name, before anything asks for an index */
void build_order_segments(struct build *b);  /* order.c: by rank, before anything asks for an index */
const struct phrase *const *build_asked_by(struct build *b, const struct phrase *model, size_t *count); /* order.c: and itself, asked first */
const char *build_fingerprint(struct build *b, const struct phrase *model); /* fingerprint.c */
const char *build_standing_fingerprint(struct build *b);                    /* fingerprint.c */
void build_account_words(struct build *b);                                                      /* fingerprint.c: playbook->account_words */
const char *build_phrase_key(struct build *b, const struct phrase *phrase, size_t digits);      /* fingerprint.c: a hash of what it says */
void build_check_flow(struct build *b, struct campaign *campaign, const struct phrase *phrase); /* flow.c */
void build_check_circles(struct build *b);                                                      /* circles.c: message 43 */
void build_check_second_yes(struct build *b); /* second_yes.c: forms whose yes is never confirmed */
void build_check_functions(struct build *b); /* names that functions use: messages 13, 17 */

#endif
