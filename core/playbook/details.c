/* What may stand in which braces, and of what type each property is: checked for every phrase against the table of
 * words before anything is read, so that the readers can trust what they find. Messages 12, 20, 24, 27, 37 of PLAYBOOK
 * section 4. */
#include "playbook/build.h"

#include <math.h>

/* ---- reading what was checked ---- */

const struct detail *detail_of(const struct phrase *phrase, const char *key)
{
	for (size_t i = 0; i < phrase->details.property_count; i++)
		if (strcmp(phrase->details.properties[i].key, key) == 0)
			return &phrase->details.properties[i];
	return NULL;
}

const char *detail_text(const struct phrase *phrase, const char *key)
{
	const struct detail *d = detail_of(phrase, key);
	return d && d->kind == DETAIL_TEXT ? d->text.p : NULL;
}

double detail_number(const struct phrase *phrase, const char *key, double otherwise)
{
	const struct detail *d = detail_of(phrase, key);
	return d && d->kind == DETAIL_NUMBER ? d->number : otherwise;
}

bool detail_yes(const struct phrase *phrase, const char *key)
{
	const struct detail *d = detail_of(phrase, key);
	return d && d->kind == DETAIL_YES && d->yes;
}

struct duration detail_length(const struct phrase *phrase, const char *key)
{
	struct duration length = {0};
	const struct detail *d = detail_of(phrase, key);
	if (!d || d->kind != DETAIL_TEXT || duration_parse(d->text, &length, NULL) < 0)
		return (struct duration){0};
	return length;
}

bool build_is_window(struct build *b, struct place at, const char *text, struct duration length)
{
	bool business = length.unit == DURATION_BUSINESS_MINUTES || length.unit == DURATION_BUSINESS_HOURS ||
			length.unit == DURATION_BUSINESS_DAYS;
	if (business)
		build_error(b, at, "\"%s\" looks back from now, and this version counts business time only onwards. Write days: \"7 days\".",
			    text);
	return !business;
}

struct duration detail_window(struct build *b, const struct phrase *phrase, const char *key)
{
	struct duration length = detail_length(phrase, key);
	if (length.count && !build_is_window(b, phrase->at, detail_text(phrase, key), length))
		return (struct duration){.count = 1, .unit = DURATION_DAYS};
	return length;
}

const struct str *detail_texts(struct build *b, const struct phrase *phrase, const char *key, size_t *count)
{
	const struct detail *d = detail_of(phrase, key);
	*count = 0;
	if (!d || (d->kind != DETAIL_TEXT && d->kind != DETAIL_TABLE))
		return NULL;
	size_t n = d->kind == DETAIL_TABLE ? d->table->part_count : 1;
	struct str *out = arena_array(b->arena, n + 1, sizeof *out);
	for (size_t i = 0; i < n; i++)
		if (d->kind == DETAIL_TEXT || d->table->parts[i].kind == DETAIL_TEXT)
			out[(*count)++] = d->kind == DETAIL_TEXT ? d->text : d->table->parts[i].text;
	return out;
}

int detail_int(struct build *b, const struct phrase *phrase, const char *key, int low, int high, int otherwise)
{
	const struct detail *d = detail_of(phrase, key);
	if (!d || d->kind != DETAIL_NUMBER)
		return otherwise;
	if (d->number != floor(d->number) || d->number < low || d->number > high) {
		build_error(b, phrase->at, "%s = %.14g is no whole number from %d to %d.", key, d->number, low, high);
		return otherwise;
	}
	return (int)d->number;
}

/* ---- types ---- */

static bool wrong_type(struct build *b, const struct phrase *phrase, const struct detail *d, const char *wanted)
{
	const char *shown = build_show_detail(b, d);
	if (d->kind == DETAIL_BROKEN)
		return false;
	if (d->kind == DETAIL_NUMBER && strcmp(wanted, "text") == 0)
		build_error(b, phrase->at, "%s is text; %s is a number. Put it in quotes.", d->key, shown);
	else if (d->kind == DETAIL_TEXT && strcmp(wanted, "a number") == 0)
		build_error(b, phrase->at, "%s is a number; %s is text. Leave the quotes away.", d->key, shown);
	else if (d->kind == DETAIL_TEXT && strcmp(wanted, "yes or no") == 0)
		build_error(b, phrase->at, "%s is yes or no; %s is text. Write true or false.", d->key, shown);
	else if (d->kind == DETAIL_WORD)
		build_error(b, phrase->at,
			    "%s is %s; \"%s\" is a word of the playbook. If it is a name, put it in quotes.", d->key,
			    wanted, shown);
	else
		build_error(b, phrase->at, "%s is %s; %s cannot stand there.", d->key, wanted, shown);
	return false;
}

static bool check_length(struct build *b, const struct phrase *phrase, const struct detail *d)
{
	struct duration length;
	struct error error = {0};
	if (d->kind == DETAIL_NUMBER) {
		build_error(b, phrase->at, "%g what? Write a unit: \"%g days\".", d->number, d->number);
		return false;
	}
	if (d->kind != DETAIL_TEXT)
		return wrong_type(b, phrase, d, "a length of time, like \"3 days\"");
	if (duration_parse(d->text, &length, &error) == 0)
		return true;
	build_error(b, phrase->at, "%s", error.message);
	return false;
}

static bool check_texts(struct build *b, const struct phrase *phrase, const struct detail *d)
{
	bool good = d->kind == DETAIL_TEXT || (d->kind == DETAIL_TABLE && d->table->property_count == 0);
	for (size_t i = 0; good && d->kind == DETAIL_TABLE && i < d->table->part_count; i++) {
		if (d->table->parts[i].kind == DETAIL_BROKEN)
			return false;
		good = d->table->parts[i].kind == DETAIL_TEXT;
	}
	return good || wrong_type(b, phrase, d, "a text or a list of texts");
}

static bool check_inside(struct build *b, const struct detail *d);

static bool check_condition(struct build *b, const struct phrase *phrase, const struct detail *d)
{
	if (d->kind == DETAIL_FUNCTION)
		return true;
	if (d->kind == DETAIL_TABLE) {
		build_error(b, phrase->at,
			    "%s takes one condition. Several are joined by any { … }, all { … } or none { … }.",
			    d->key);
		return false;
	}
	if (d->kind == DETAIL_YES) {
		build_error(b, phrase->at,
			    "%s = %s is no condition: a comparison is made when the file is read, not for each lead.",
			    d->key, build_show_detail(b, d));
		return false;
	}
	if (d->kind != DETAIL_PHRASE)
		return wrong_type(b, phrase, d, "a condition");
	if (!(d->phrase->word->roles & ROLE_CONDITION)) {
		build_error(b, phrase->at, "%s is a condition; %s does not ask anything.", d->key,
			    build_show(b, d->phrase));
		return false;
	}
	return check_inside(b, d);
}

static bool check_property(struct build *b, const struct phrase *phrase, const struct property *p,
			   const struct detail *d)
{
	switch (p->type) {
	case PROPERTY_TEXT: return d->kind == DETAIL_TEXT || wrong_type(b, phrase, d, "text");
	case PROPERTY_NUMBER: return d->kind == DETAIL_NUMBER || wrong_type(b, phrase, d, "a number");
	case PROPERTY_YES: return d->kind == DETAIL_YES || wrong_type(b, phrase, d, "yes or no");
	case PROPERTY_TABLE:
		return d->kind == DETAIL_TABLE ? check_inside(b, d) : wrong_type(b, phrase, d, "a list in braces");
	case PROPERTY_TEXTS: return check_texts(b, phrase, d);
	case PROPERTY_LENGTH: return check_length(b, phrase, d);
	case PROPERTY_CONDITION: return check_condition(b, phrase, d);
	case PROPERTY_ANY: return d->kind != DETAIL_BROKEN && check_inside(b, d);
	}
	return false;
}

/* Message 20, or the near names. */
static void say_unknown_property(struct build *b, const struct phrase *phrase, const char *key)
{
	const char *names[40] = {NULL};
	size_t count = 0;
	if (strcmp(key, "within") == 0) {
		build_error(b, phrase->at,
			    "there is no \"within\" here. In a step, within belongs to call, handoff or wait_for: "
			    "call \"web-lead\" { within = \"5 business minutes\" }.");
		return;
	}
	for (const struct property *p = phrase->word->properties; p->name && count < 40; p++)
		names[count++] = p->name;
	const char *near = build_near(b, key, names, count);
	if (!*near && count)
		build_error(b, phrase->at, "there is no \"%s\" here. %s takes: %s.", key, phrase->word->name,
			    build_join(b, names, count));
	else
		build_error(b, phrase->at, "there is no \"%s\" here.%s", key, near);
}

static bool check_properties(struct build *b, struct phrase *phrase)
{
	bool good = true;
	for (size_t i = 0; i < phrase->details.property_count; i++) {
		const struct detail *d = &phrase->details.properties[i];
		const struct property *p =
			phrase->word->properties ? word_property(phrase->word, str_of(d->key)) : NULL;
		if (!phrase->word->properties) {
			good &= d->kind != DETAIL_BROKEN && check_inside(b, d);
		} else if (p) {
			good &= check_property(b, phrase, p, d);
		} else {
			say_unknown_property(b, phrase, d->key);
			good = false;
		}
	}
	return good;
}

/* ---- parts ---- */

static bool wrong_part(struct build *b, const struct phrase *phrase, const struct detail *part)
{
	const char *shown = build_show_detail(b, part);
	switch (part->kind) {
	case DETAIL_BROKEN: return false;
	case DETAIL_NUMBER:
		build_error(b, phrase->at,
			    "a number stands alone here (%s). Was a decimal comma typed? Write \"10%%\" or 0.10.",
			    shown);
		return false;
	case DETAIL_YES:
		build_error(b, phrase->at,
			    "%s stands here: a comparison is made when the file is read, not for each lead.", shown);
		return false;
	case DETAIL_WORD:
		build_error(b, phrase->at, "%s stands here without a name: %s \"name\".", shown, shown);
		return false;
	case DETAIL_TEXT:
		build_error(b, phrase->at, "the text %s stands alone in the braces of %s. Is a word missing before it?",
			    shown, build_show(b, phrase));
		return false;
	case DETAIL_TABLE:
		build_error(b, phrase->at, "braces without a word before them stand in %s.", build_show(b, phrase));
		return false;
	case DETAIL_FUNCTION:
		build_error(b, phrase->at, "a function cannot stand in the braces of %s.", build_show(b, phrase));
		return false;
	case DETAIL_PHRASE: break;
	}
	unsigned roles = part->phrase->word->roles;
	if ((phrase->word->roles & ROLE_STEP) && (roles & ROLE_CONDITION)) /* message 37 */
		build_error(b, part->phrase->at,
			    "%s is a question and stands where something is done. Write when = %s.", shown, shown);
	else if (roles & ROLE_DECLARATION)
		build_error(b, part->phrase->at, "%s cannot stand inside %s. Is a } missing before it?", shown,
			    build_show(b, phrase));
	else if ((phrase->word->parts & ROLE_CONDITION) && (roles & ROLE_ACT))
		build_error(b, part->phrase->at, "%s does something and stands where a question is asked.", shown);
	else
		build_error(b, part->phrase->at, "%s cannot stand inside %s.", shown, build_show(b, phrase));
	return false;
}

static bool part_fits(const struct phrase *phrase, const struct detail *part)
{
	unsigned parts = phrase->word->parts;
	switch (part->kind) {
	case DETAIL_TEXT: return parts & PART_TEXT;
	case DETAIL_FUNCTION: return parts & PART_FUNCTION;
	case DETAIL_PHRASE: return parts & part->phrase->word->roles;
	default: return false;
	}
}

/* `segment "x" { … }` and `band "x" { … }` declare: not where a question is asked. */
static bool declares_inside(struct build *b, const struct phrase *phrase, const struct phrase *part)
{
	unsigned roles = part->word->roles;
	bool question = (phrase->word->parts & ROLE_CONDITION) || !phrase->word->parts;
	if (!question || !part->braced || !(roles & (ROLE_DECLARATION | ROLE_BAND)))
		return false;
	build_error(b, part->at,
		    "%s with braces declares. Where it asks, leave the braces away, and declare it on its own.",
		    build_show(b, part));
	return true;
}

static bool check_parts(struct build *b, struct phrase *phrase)
{
	bool good = true;
	for (size_t i = 0; i < phrase->details.part_count; i++) {
		const struct detail *part = &phrase->details.parts[i];
		if (!part_fits(phrase, part))
			good = wrong_part(b, phrase, part);
		else if (part->kind == DETAIL_PHRASE && declares_inside(b, phrase, part->phrase))
			good = false;
		else if (part->kind == DETAIL_PHRASE)
			good &= details_check(b, part->phrase);
	}
	return good;
}

/* Phrases inside a property or a list. */
static bool check_inside(struct build *b, const struct detail *d)
{
	bool good = true;
	if (d->kind == DETAIL_BROKEN)
		return false;
	if (d->kind == DETAIL_PHRASE && d->phrase->braced &&
	    (d->phrase->word->roles & (ROLE_DECLARATION | ROLE_BAND))) {
		build_error(b, d->phrase->at,
			    "%s with braces declares. Where it asks, leave the braces away, and declare it on its own.",
			    build_show(b, d->phrase));
		return false;
	}
	if (d->kind == DETAIL_PHRASE)
		return details_check(b, d->phrase);
	for (size_t i = 0; d->kind == DETAIL_TABLE && i < d->table->part_count; i++)
		good &= check_inside(b, &d->table->parts[i]);
	for (size_t i = 0; d->kind == DETAIL_TABLE && i < d->table->property_count; i++)
		good &= check_inside(b, &d->table->properties[i]);
	return good;
}

bool details_check(struct build *b, struct phrase *phrase)
{
	const char *outer = build_enter(b, phrase);
	bool good = check_properties(b, phrase);
	good &= check_parts(b, phrase);
	build_leave(b, outer);
	return good;
}
