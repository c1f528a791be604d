/* What a caller asks and how calls end: disposition, script, question, result. A question asks for the field of its name, so type and
 * choices are the field's; the words to speak are the template's, one heading a question. Called after all that a result's
 * condition may ask about. Messages 18, 19, 41, 44, 45. */
#include "playbook/build.h"
#include "playbook/calls.h"

#include "base/buf.h"

enum { QUESTIONS_MOST = 100, RESULTS_MOST = 40 };

/* Ends that are no names of anybody's (PLAYBOOK section 1, `answers =`). */
static const char *const taken[] = {"reached", "nobody", "late", "held", "otherwise", "bounced", "undeliverable", "accepted", "returned"};

static bool end_is_free(struct build *b, const struct phrase *phrase)
{
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (strcmp(phrase->name, taken[i]) == 0) {
			build_error(b, phrase->at, "\"%s\" has a meaning of its own and cannot be a %s.", phrase->name, phrase->word->name);
			return false;
		}
	return build_check_name(b, phrase, true);
}

/* ---- dispositions ---- */

static void read_means(struct build *b, const struct phrase *phrase, struct disposition *out)
{
	static const char *const names[] = {"nobody", "wrong", "refused", "never"};
	const char *means = detail_text(phrase, "means");
	if (!means) {
		build_error(b, phrase->at, "means = is missing: means = \"nobody\", \"wrong\", \"refused\" or \"never\".");
		return;
	}
	for (size_t i = 0; i < 4; i++)
		if (strcmp(means, names[i]) == 0) {
			out->means = (enum disposition_means)i;
			return;
		}
	build_error(b, phrase->at, "means = \"%s\": it is \"nobody\", \"wrong\", \"refused\" or \"never\".%s", means, build_near(b, means, names, 4));
}

static void read_disposition(struct build *b, const struct phrase *phrase, struct disposition *out)
{
	const struct detail *retry = detail_of(phrase, "retry");
	const char *label = detail_text(phrase, "label");
	*out = (struct disposition){.name = phrase->name, .label = label ? label : phrase->name, .at = phrase->at};
	(void)end_is_free(b, phrase);
	read_means(b, phrase, out);
	if (retry && retry->kind == DETAIL_PHRASE && strcmp(retry->phrase->word->name, "retry") == 0)
		out->retry = build_retry(b, retry->phrase);
	else if (retry && retry->kind != DETAIL_BROKEN)
		build_error(b, phrase->at, "retry = %s: it is retry { times = 3, every = \"1 day\" }.", build_show_detail(b, retry));
	if (out->retry && (out->means == MEANS_REFUSED || out->means == MEANS_NEVER))
		build_error(b, phrase->at, "who refuses is not called again: retry is for \"nobody\" and \"wrong\".");
}

static void read_dispositions(struct build *b)
{
	const struct declared *d = &b->declared[DECLARED_DISPOSITION];
	struct disposition *all = arena_array(b->arena, d->count + 1, sizeof *all);
	for (size_t i = 0; i < d->count; i++) {
		const char *outer = build_enter(b, d->items[i].phrase);
		if (d->items[i].sound)
			read_disposition(b, d->items[i].phrase, &all[b->playbook->disposition_count++]);
		build_leave(b, outer);
	}
	b->playbook->dispositions = all;
}

/* ---- the words to speak ---- */

/* Letters and digits in small, of two texts: headings are written for people. */
static bool sounds_like(struct str a, const char *b)
{
	size_t i = 0;
	for (;;) {
		while (i < a.n && strchr(" -_?!.:,#'\"", a.p[i]))
			i++;
		while (*b && strchr(" -_?!.:,#'\"", *b))
			b++;
		if (i >= a.n || !*b)
			return i >= a.n && !*b;
		char x = a.p[i] >= 'A' && a.p[i] <= 'Z' ? (char)(a.p[i] + 32) : a.p[i], y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
		if (x != y)
			return false;
		i++;
		b++;
	}
}

static bool has_heading(struct str template, const char *name, const char *ask)
{
	for (struct str rest = template; rest.p;) {
		struct str line = str_trim(str_cut(&rest, '\n'));
		if (line.n && line.p[0] == '#' && (sounds_like(line, name) || (ask && sounds_like(line, ask))))
			return true;
	}
	return false;
}

/* Message 19. */
static void check_headings(struct build *b, const struct phrase *phrase, const struct call_script *script)
{
	const char *path = arena_printf(b->arena, "templates/call/%s.md", script->name);
	const struct playbook_file *file = playbook_files_find(b->files, str_of(path));
	const char *ends[] = {script->opening, script->closing}, *words[] = {"opening", "closing"};
	build_need_template(b, phrase->at, "call", script->name);
	for (size_t i = 0; file && i < script->question_count; i++)
		if (!has_heading(file->bytes, script->questions[i].name, script->questions[i].ask))
			build_error(b, script->questions[i].at, "%s has no heading for question \"%s\".", path, script->questions[i].name);
	for (size_t i = 0; file && i < 2; i++)
		if (ends[i] && !has_heading(file->bytes, ends[i], NULL))
			build_error(b, phrase->at, "%s has no heading for %s \"%s\".", path, words[i], ends[i]);
}

/* ---- questions ---- */

static int question_of(const struct call_script *script, const char *name)
{
	for (size_t i = 0; i < script->question_count; i++)
		if (strcmp(script->questions[i].name, name) == 0)
			return (int)i;
	return -1;
}

static int next_named(struct build *b, struct place at, const struct call_script *script, const struct detail *d)
{
	const char **names = arena_array(b->arena, script->question_count + 2, sizeof *names);
	size_t n = 0;
	if (d->kind != DETAIL_TEXT) {
		build_error(b, at, "%s = %s: the name of a question in quotes%s.", d->key, build_show_detail(b, d),
			    strcmp(d->key, "next") == 0 ? ", or choose \"field\" { … }" : "");
		return QUESTION_END;
	}
	int found = question_of(script, d->text.p);
	if (found >= 0 || (script->closing && strcmp(script->closing, d->text.p) == 0))
		return found >= 0 ? found : QUESTION_END;
	for (size_t i = 0; i < script->question_count; i++)
		names[n++] = script->questions[i].name;
	if (script->closing)
		names[n++] = script->closing;
	build_error(b, at, "there is no question \"%s\" in this script.%s", d->text.p, build_near(b, d->text.p, names, n));
	return QUESTION_END;
}

static void read_next(struct build *b, const struct phrase *phrase, const struct call_script *script, struct call_question *out)
{
	const struct detail *d = detail_of(phrase, "next");
	if (!d)
		return;
	if (d->kind != DETAIL_PHRASE || strcmp(d->phrase->word->name, "choose") != 0) {
		out->next = next_named(b, phrase->at, script, d);
		return;
	}
	const struct details *given = &d->phrase->details;
	struct question_case *cases = arena_array(b->arena, given->property_count + 1, sizeof *cases);
	out->choose_slot = build_choose(b, d->phrase, false, "question");
	out->cases = cases;
	for (size_t i = 0; out->choose_slot >= 0 && i < given->property_count; i++) {
		int next = next_named(b, d->phrase->at, script, &given->properties[i]);
		if (strcmp(given->properties[i].key, "otherwise") == 0)
			out->next = next;
		else
			cases[out->case_count++] = (struct question_case){str_of(given->properties[i].key), next};
	}
}

static void read_question(struct build *b, const struct phrase *phrase, struct call_question *out)
{
	const struct schema *schema = &b->playbook->schema;
	const char *sets = detail_text(phrase, "sets"), *creates = detail_text(phrase, "creates"), *ask = detail_text(phrase, "ask");
	const char *field = sets ? sets : phrase->name;
	struct error error = {0};
	*out = (struct call_question){.name = phrase->name, .at = phrase->at, .slot = -1, .choose_slot = -1, .needed = detail_yes(phrase, "needed")};
	(void)build_check_name(b, phrase, true);
	out->creates_colleague = creates && strcmp(creates, "colleague") == 0;
	if (creates && !out->creates_colleague)
		build_error(b, phrase->at, "creates = \"%s\": a question can create a \"colleague\".", creates);
	if (!creates || sets || schema_lead_slot(schema, str_of(field)) >= 0)
		out->slot = build_slot(b, phrase->at, field, false);
	if (out->slot >= 0 && value_refuse_computed(&schema->lead[out->slot], &error) < 0)
		build_error(b, phrase->at, "%s", error.message);
	out->ask = ask ? ask : out->slot >= 0 ? schema->lead[out->slot].label : phrase->name;
	if (detail_of(phrase, "longest"))
		build_error(b, phrase->at, "longest = belongs to questions of forms.");
}

static void reach(const struct call_script *script, int at, bool *reached)
{
	while (at >= 0 && !reached[at]) {
		const struct call_question *q = &script->questions[at];
		reached[at] = true;
		for (size_t i = 0; i < q->case_count; i++)
			reach(script, q->cases[i].next, reached);
		at = q->next;
	}
}

/* Message 44. */
static void check_reached(struct build *b, const struct call_script *script)
{
	bool *reached = arena_array(b->arena, script->question_count + 1, sizeof *reached);
	if (script->question_count)
		reach(script, 0, reached);
	for (size_t i = 0; i < script->question_count; i++)
		if (!reached[i])
			build_error(b, script->questions[i].at, "question \"%s\" is never asked: no next leads to it.", script->questions[i].name);
}

static bool leads_out(const struct call_question *q, const bool *ends)
{
	bool out = q->next == QUESTION_END || ends[q->next];
	for (size_t i = 0; i < q->case_count && !out; i++)
		out = q->cases[i].next == QUESTION_END || ends[q->cases[i].next];
	return out;
}

/* From every question the call comes to its end by some answer. */
static void check_ends(struct build *b, const struct call_script *script)
{
	bool *ends = arena_array(b->arena, script->question_count + 1, sizeof *ends), more = true;
	while (more) {
		more = false;
		for (size_t i = 0; i < script->question_count; i++)
			if (!ends[i] && leads_out(&script->questions[i], ends))
				ends[i] = more = true;
	}
	for (size_t i = 0; i < script->question_count; i++)
		if (!ends[i])
			build_error(b, script->questions[i].at, "question \"%s\" is asked for ever: no answer leads to the end of the call. Leave its next away, or let one lead on.",
				    script->questions[i].name);
}

/* ---- results ---- */

/* Message 45, and that a call ends in one of them. */
static void check_results(struct build *b, const struct call_script *script)
{
	const struct call_result *always = NULL;
	for (size_t i = 0; i < script->result_count; i++) {
		if (always)
			build_error(b, script->results[i].at, "result \"%s\" can never happen: result \"%s\" above it has no when.",
				    script->results[i].name, always->name);
		else if (!script->results[i].when)
			always = &script->results[i];
	}
	if (script->result_count && !always)
		build_error(b, script->results[script->result_count - 1].at, "a call that fits none of the results would end without one: the last has no when. Add result \"other\" {}.");
}

static void read_result(struct build *b, const struct phrase *phrase, struct call_result *out)
{
	*out = (struct call_result){.name = phrase->name, .at = phrase->at, .when = build_condition_property(b, phrase, "when")};
	if (end_is_free(b, phrase) && playbook_disposition(b->playbook, str_of(phrase->name)))
		build_error(b, phrase->at, "there is a disposition \"%s\" too. How a call ended has one meaning.", phrase->name);
}

/* ---- scripts ---- */

static void check_twice(struct build *b, const struct phrase *script, size_t part)
{
	const struct phrase *second = script->details.parts[part].phrase;
	for (size_t i = 0; i < part; i++) {
		const struct phrase *first = script->details.parts[i].phrase;
		if (first->word == second->word && strcmp(first->name, second->name) == 0)
			build_error(b, second->at, "two %ss are called \"%s\" (lines %d and %d).", first->word->name, first->name, first->at.line,
				    second->at.line);
	}
}

static void read_parts(struct build *b, const struct phrase *phrase, struct call_script *out)
{
	size_t n = phrase->details.part_count;
	struct call_question *questions = arena_array(b->arena, n + 1, sizeof *questions);
	struct call_result *results = arena_array(b->arena, n + 1, sizeof *results);
	out->questions = questions;
	out->results = results;
	for (size_t i = 0; i < n; i++) {
		const struct phrase *part = phrase->details.parts[i].phrase;
		check_twice(b, phrase, i);
		if (part->word->roles & ROLE_RESULT)
			read_result(b, part, &results[out->result_count++]);
		else
			read_question(b, part, &questions[out->question_count++]);
	}
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		const struct phrase *part = phrase->details.parts[i].phrase;
		if (!(part->word->roles & ROLE_QUESTION))
			continue;
		questions[at].next = at + 1 < out->question_count ? (int)at + 1 : QUESTION_END;
		read_next(b, part, out, &questions[at++]);
	}
}

static void read_script(struct build *b, const struct phrase *phrase, struct call_script *out)
{
	const char *title = detail_text(phrase, "title");
	size_t before = b->problems->errors;
	*out = (struct call_script){.name = phrase->name, .title = title ? title : phrase->name, .at = phrase->at,
				    .opening = detail_text(phrase, "opening"), .closing = detail_text(phrase, "closing")};
	if (phrase->details.part_count > QUESTIONS_MOST + RESULTS_MOST) {
		build_error(b, phrase->at, "a script has at most %d questions and %d results.", QUESTIONS_MOST, RESULTS_MOST);
		return;
	}
	read_parts(b, phrase, out);
	if (out->question_count > QUESTIONS_MOST || out->result_count > RESULTS_MOST)
		build_error(b, phrase->at, "a script has at most %d questions and %d results.", QUESTIONS_MOST, RESULTS_MOST);
	if (b->problems->errors == before)
		check_reached(b, out);
	if (b->problems->errors == before)
		check_ends(b, out);
	check_results(b, out);
	check_headings(b, phrase, out);
}

void build_calls(struct build *b)
{
	const struct declared *d = &b->declared[DECLARED_SCRIPT];
	struct call_script *all = arena_array(b->arena, d->count + 1, sizeof *all);
	read_dispositions(b);
	for (size_t i = 0; i < d->count; i++) {
		const char *outer = build_enter(b, d->items[i].phrase);
		all[i] = (struct call_script){.name = d->items[i].phrase->name, .title = "", .at = d->items[i].phrase->at};
		if (d->items[i].sound)
			read_script(b, d->items[i].phrase, &all[i]);
		build_leave(b, outer);
	}
	b->playbook->scripts = all;
	b->playbook->script_count = d->count;
}
