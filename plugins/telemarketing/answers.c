/* See answers.h. The way through a script is walked again: from the first question, by `next` and by `branch`, as the answers lead; what does not lie on it cannot have been asked. */
#include "answers.h"

#include "digits.h"
#include "people.h"
#include "promise.h"
#include <nurture/requests.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { QUESTIONS_MOST = 200, TEXT_MOST = 4000 };

bool outcome_refuse(struct outcome *out, const char *field, const char *fmt, const char *name)
{
	snprintf(out->field, sizeof out->field, "%s", field);
	snprintf(out->wrong, sizeof out->wrong, fmt, name);
	nurture_whole_characters(out->field);
	nurture_whole_characters(out->wrong);
	return false;
}

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text ? text : "";
}

static const char *name_of(const json_t *item)
{
	return json_is_string(item) ? json_string_value(item) : text_of(item, "name");
}

static json_t *named(const json_t *list, const char *name)
{
	size_t i;
	json_t *item;
	json_array_foreach ((json_t *)(uintptr_t)list, i, item)
		if (strcmp(name_of(item), name) == 0)
			return item;
	return NULL;
}

/* ---- one answer ---- */

/* A day of the calendar: 29 February of a leap year alone. */
static bool is_date(int y, int m, int d)
{
	static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
	return y >= 1000 && m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1] && (m != 2 || d < 29 || leap);
}

static bool is_day(const char *text)
{
	int y, m, d;
	const char *at = text;
	return take_date(&at, &y, &m, &d) && is_date(y, m, d) && (!*at || outcome_moment(text));
}

static bool is_text(const json_t *value)
{
	return json_is_string(value) && json_string_length(value) <= TEXT_MOST;
}

static bool are_choices(const json_t *value, const json_t *choices)
{
	size_t i;
	json_t *item;
	bool good = json_is_array(value);
	json_array_foreach ((json_t *)(uintptr_t)value, i, item)
		good = good && json_is_string(item) && named(choices, json_string_value(item));
	return good;
}

static bool fits(const json_t *question, const json_t *value)
{
	const char *type = text_of(question, "type");
	const json_t *choices = json_object_get(question, "choices");
	if (strcmp(type, "choice") == 0)
		return json_is_string(value) && named(choices, json_string_value(value));
	if (strcmp(type, "choices") == 0)
		return are_choices(value, choices);
	if (strcmp(type, "number") == 0)
		return json_is_number(value);
	if (strcmp(type, "date") == 0)
		return json_is_string(value) && is_day(json_string_value(value));
	if (strcmp(type, "yes/no") == 0)
		return json_is_boolean(value);
	return is_text(value);
}

static const char *should_be(const json_t *question)
{
	static const struct { const char *type, *says; } all[] = {
		{"choice", "is one of:"}, {"choices", "is a list of some of:"}, {"number", "is a number, like 12.5"},
		{"date", "is a day: \"2027-03-18\""}, {"yes/no", "is true or false"}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(all[i].type, text_of(question, "type")) == 0)
			return all[i].says;
	return "is a text of at most 4,000 letters";
}

/* In words, with what there is to choose from as far as there is room. */
static void say_what(const json_t *question, char *out, size_t room)
{
	const json_t *choices = json_object_get(question, "choices");
	size_t i, used = (size_t)snprintf(out, room, "%s", should_be(question));
	json_t *choice;
	json_array_foreach ((json_t *)(uintptr_t)choices, i, choice)
		if (used < room)
			used += (size_t)snprintf(out + used, room - used, "%s%s", i ? ", " : " ", name_of(choice));
}

static bool answer_fits(const json_t *question, const json_t *value, struct outcome *out)
{
	char wrong[300];
	const char *name = text_of(question, "name");
	bool people = strcmp(text_of(question, "type"), "people") == 0, good = people ? people_fit(value, wrong, sizeof wrong) : fits(question, value);
	if (good)
		return true;
	if (!people)
		say_what(question, wrong, sizeof wrong);
	snprintf(out->field, sizeof out->field, "%s", name);
	snprintf(out->wrong, sizeof out->wrong, "\"%.60s\" %.220s.", name, wrong);
	nurture_whole_characters(out->field);
	nurture_whole_characters(out->wrong);
	return false;
}

static bool is_given(const json_t *value)
{
	return value && !json_is_null(value) && !(json_is_string(value) && json_string_length(value) == 0) && !(json_is_array(value) && json_array_size(value) == 0);
}

/* "one; another". A person is known by an address, where there is one, else by a name. New reference. */
static json_t *from_list(const char *text, bool people)
{
	json_t *list = json_array();
	for (const char *from = text; *from;) {
		from += strspn(from, "; ");
		size_t n = strcspn(from, ";"), end = n;
		while (end && from[end - 1] == ' ')
			end--;
		if (end && people && memchr(from, '@', end))
			json_array_append_new(list, json_pack("{s:s%}", "email", from, end));
		else if (end)
			json_array_append_new(list, json_stringn(from, end));
		from += n;
	}
	return list;
}

/* From a file of a call centre every answer is a text: read as what the question asks. New reference; as it is where it cannot be. */
static json_t *from_text(const json_t *question, json_t *value)
{
	const char *type = text_of(question, "type"), *text = json_string_value(value);
	char *end = NULL;
	double number = text ? strtod(text, &end) : 0;
	if (text && *text && strcmp(type, "number") == 0 && !*end && isfinite(number))
		return json_real(number);
	if (text && strcmp(type, "yes/no") == 0 && (strcmp(text, "yes") == 0 || strcmp(text, "no") == 0))
		return json_boolean(*text == 'y');
	bool people = strcmp(type, "people") == 0;
	return text && (people || strcmp(type, "choices") == 0) ? from_list(text, people) : json_incref(value);
}

static json_t *from_texts(json_t *answers, const json_t *sheet)
{
	const json_t *questions = json_object_get(json_object_get(sheet, "script"), "questions");
	json_t *out = json_object(), *value;
	const char *name;
	json_object_foreach (answers, name, value) {
		const json_t *question = named(questions, name);
		json_object_set_new(out, name, question ? from_text(question, value) : json_incref(value));
	}
	return out;
}

/* ---- the way ---- */

/* The value that a branch looks at: answered just now, or as the lead has it. */
static const char *value_of(const json_t *questions, const json_t *answers, const json_t *sheet, const char *field)
{
	size_t i;
	json_t *question;
	json_array_foreach ((json_t *)(uintptr_t)questions, i, question)
		if (strcmp(text_of(question, "field"), field) == 0 && json_is_string(json_object_get(answers, text_of(question, "name"))))
			return json_string_value(json_object_get(answers, text_of(question, "name")));
	return text_of(json_object_get(json_object_get(sheet, "lead"), "fields"), field);
}

static const char *next_of(const json_t *question, const json_t *questions, const json_t *answers, const json_t *sheet)
{
	const json_t *branch = json_object_get(question, "branch"), *cases = json_object_get(branch, "cases");
	const char *value = branch ? value_of(questions, answers, sheet, text_of(branch, "field")) : "";
	const json_t *way = *value ? json_object_get(cases, value) : NULL;
	return json_string_value(way ? way : json_object_get(question, "next")); /* NULL = the closing */
}

/* Which questions were asked, as the answers lead; marks them in asked (by place). */
static void walk(const json_t *questions, const json_t *answers, const json_t *sheet, bool asked[QUESTIONS_MOST])
{
	const char *name = text_of(json_array_get(questions, 0), "name");
	for (size_t steps = 0; name && steps < json_array_size(questions); steps++) {
		size_t i;
		json_t *question = NULL;
		json_array_foreach ((json_t *)(uintptr_t)questions, i, question)
			if (strcmp(text_of(question, "name"), name) == 0)
				break;
		if (i >= json_array_size(questions) || i >= QUESTIONS_MOST || asked[i])
			return;
		asked[i] = true;
		name = next_of(question, questions, answers, sheet);
	}
}

static void keep(struct outcome *out, const json_t *question, json_t *value)
{
	size_t i;
	json_t *person;
	const char *field = text_of(question, "field");
	if (*field)
		json_object_set(out->said, field, value);
	if (!json_object_get(question, "creates"))
		return;
	if (json_is_string(value))
		json_array_append_new(out->colleagues, people_fields(value));
	json_array_foreach (value, i, person)
		json_array_append_new(out->colleagues, people_fields(person));
}

static bool read_answers(const json_t *answers, const json_t *sheet, struct outcome *out)
{
	const json_t *questions = json_object_get(json_object_get(sheet, "script"), "questions");
	bool asked[QUESTIONS_MOST] = {false};
	const char *name;
	json_t *value, *question;
	size_t i;
	if (answers && !json_is_object(answers))
		return outcome_refuse(out, "answers", "answers is an object: {\"question\": answer}%s", ".");
	json_object_foreach ((json_t *)(uintptr_t)answers, name, value) {
		question = named(questions, name);
		if (!question)
			return outcome_refuse(out, name, "the script has no question \"%s\".", name);
		if (is_given(value) && !answer_fits(question, value, out))
			return false;
	}
	walk(questions, answers, sheet, asked);
	json_array_foreach ((json_t *)(uintptr_t)questions, i, question) {
		value = json_object_get(answers, text_of(question, "name"));
		if (is_given(value) && (i >= QUESTIONS_MOST || !asked[i]))
			return outcome_refuse(out, text_of(question, "name"), "question \"%s\" is not asked on this way through the script.", text_of(question, "name"));
		if (out->reached && i < QUESTIONS_MOST && asked[i] && json_is_true(json_object_get(question, "needed")) && !is_given(value))
			return outcome_refuse(out, text_of(question, "name"), "question \"%s\" must be answered.", text_of(question, "name"));
		if (is_given(value))
			keep(out, question, value);
	}
	return true;
}

/* ---- the whole report ---- */

/* "Z", "+01:00"; seconds to take away. */
static bool take_offset(const char *at, int *seconds)
{
	int h = 0, m = 0;
	*seconds = 0;
	if (strcmp(at, "Z") == 0)
		return true;
	bool west = *at == '-';
	if (!take_sign(&at, west ? '-' : '+') || !take_digits(&at, 2, 2, &h) || !take_sign(&at, ':') || !take_digits(&at, 2, 2, &m) || *at || h > 14 || m > 59)
		return false;
	*seconds = (west ? -1 : 1) * (h * 3600 + m * 60);
	return true;
}

int64_t outcome_moment(const char *text)
{
	struct tm tm = {0};
	int offset;
	const char *at = text ? text : "";
	if (!take_date(&at, &tm.tm_year, &tm.tm_mon, &tm.tm_mday) || !take_sign(&at, 'T') || !take_digits(&at, 2, 2, &tm.tm_hour) || !take_sign(&at, ':') ||
	    !take_digits(&at, 2, 2, &tm.tm_min))
		return 0;
	if (take_sign(&at, ':') && !take_digits(&at, 2, 2, &tm.tm_sec))
		return 0;
	if (take_sign(&at, '.'))
		at += strspn(at, "0123456789");
	if (!take_offset(at, &offset) || !is_date(tm.tm_year, tm.tm_mon, tm.tm_mday) || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return ((int64_t)timegm(&tm) - offset) * 1000000;
}

static bool read_end(const json_t *report, const json_t *sheet, struct outcome *out)
{
	const char *result = text_of(report, "result"), *disposition = text_of(report, "disposition");
	const json_t *script = json_object_get(sheet, "script"), *found = named(json_object_get(sheet, "dispositions"), disposition);
	if (json_object_get(report, "result") && json_object_get(report, "disposition"))
		return outcome_refuse(out, "disposition", "say result, where somebody was reached, or disposition, not both%s", ".");
	if (*disposition && strcmp(disposition, "reached") != 0) {
		if (!found)
			return outcome_refuse(out, "disposition", "there is no disposition \"%.60s\".", disposition);
		out->never = strcmp(text_of(found, "means"), "never") == 0;
		snprintf(out->answer, sizeof out->answer, "%s", disposition);
		return true;
	}
	if (*result && strcmp(result, "reached") != 0 && !named(json_object_get(script, "results"), result))
		return outcome_refuse(out, "result", "the script has no result \"%.60s\".", result);
	if (!*result && !*disposition)
		return outcome_refuse(out, "disposition", "say how the call ended: disposition, or result \"reached\" with answers%s", ".");
	out->reached = true;
	snprintf(out->answer, sizeof out->answer, "%s", *result ? result : "reached");
	return true;
}

static bool only_known(const json_t *report, struct outcome *out)
{
	static const char *const known[] = {"disposition", "result", "answers", "note", "callback_at", "until", "agent", "texts"};
	const char *key;
	json_t *value;
	json_object_foreach ((json_t *)(uintptr_t)report, key, value) {
		bool is = false;
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			is |= strcmp(key, known[i]) == 0;
		if (!is)
			return outcome_refuse(out, key, "\"%.60s\" is none of disposition, result, answers, note, callback_at, until.", key);
	}
	const json_t *note = json_object_get(report, "note");
	return !note || is_text(note) || outcome_refuse(out, "note", "note is a text of at most 4,000 letters%s", ".");
}

bool outcome_read(const json_t *report, const json_t *sheet, int64_t now, int64_t latest_at, struct outcome *out)
{
	*out = (struct outcome){.said = json_object(), .colleagues = json_array()};
	const json_t *answers = json_object_get(report, "answers"), *at = json_object_get(report, "callback_at");
	if (json_is_object(answers) && json_is_true(json_object_get(report, "texts")))
		answers = out->answers = from_texts((json_t *)(uintptr_t)answers, sheet);
	else
		out->answers = answers ? json_incref((json_t *)(uintptr_t)answers) : json_object();
	if (!only_known(report, out))
		return false;
	if (at && !json_is_null(at))
		return promise_read(report, now, latest_at, out);
	if (json_object_get(report, "until"))
		return outcome_refuse(out, "until", "until goes with callback_at%s", ".");
	return read_end(report, sheet, out) && read_answers(answers, sheet, out);
}

void outcome_fini(struct outcome *outcome)
{
	json_decref(outcome->said);
	json_decref(outcome->answers);
	json_decref(outcome->colleagues);
}
