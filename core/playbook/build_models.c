/* Models and their rules. A rule's points are given once, chosen by a field, or counted by a function; what `each`,
 * `max` and `fades` mean together is checked here (PLAYBOOK decisions 5 and 6, messages 30 and 41). */
#include "playbook/build.h"

#include <math.h>

/* ---- points ---- */

/* A rule's points are rounded to whole ones (decision 6). Of a fraction that is given once another number would stand in every receipt, and of a small one
 * nought: refused. With each = the sum is rounded, and 0.4 for each page is 2 for five (`fit` writes such). What a function gives is rounded as it comes. */
static bool points_are_good(struct build *b, struct place at, const struct detail *d, bool counted)
{
	const char *shown = build_show_detail(b, d);
	bool number = d->kind == DETAIL_NUMBER && fabs(d->number) <= RULE_POINTS_MOST;
	if (number && (counted || d->number == rint(d->number)))
		return true;
	if (number)
		build_error(b, at, "%s = %s is no whole number, and a receipt adds up whole points. Write %g or %g.", d->key, shown, floor(d->number),
			    ceil(d->number));
	else if (d->kind != DETAIL_BROKEN)
		build_error(b, at, "%s = %s is no number of points.", d->key, shown);
	return false;
}

static void read_choose(struct build *b, const struct phrase *choose, struct rule *out)
{
	const struct details *d = &choose->details;
	struct choose_case *cases = arena_array(b->arena, d->property_count + 1, sizeof *cases);
	out->points_kind = POINTS_CHOOSE;
	out->choose.slot = build_choose(b, choose, b->of_account, "points");
	out->choose.cases = cases;
	for (size_t i = 0; out->choose.slot >= 0 && i < d->property_count; i++) {
		const struct detail *p = &d->properties[i];
		if (!points_are_good(b, choose->at, p, false))
			continue;
		if (strcmp(p->key, "otherwise") == 0)
			out->choose.otherwise = p->number;
		else
			cases[out->choose.count++] = (struct choose_case){str_of(p->key), p->number};
	}
}

static void read_points(struct build *b, const struct phrase *phrase, struct rule *out)
{
	const struct detail *d = detail_of(phrase, "points");
	if (!d) {
		build_error(b, phrase->at, "points = is missing: points = 10.");
	} else if (d->kind == DETAIL_NUMBER) {
		out->points_kind = POINTS_FIXED;
		out->points = d->number;
		points_are_good(b, phrase->at, d, detail_of(phrase, "each") != NULL);
	} else if (d->kind == DETAIL_FUNCTION && b->of_account) {
		build_error(b, phrase->at, "points by a function are those of a lead, and this model is of companies. Write a number, or choose \"field\" { … }.");
	} else if (d->kind == DETAIL_FUNCTION) {
		out->points_kind = POINTS_FUNCTION;
		out->function = d->function;
		scripts_function(b->scripts, d->function)->owner = build_show(b, phrase);
	} else if (d->kind == DETAIL_PHRASE && strcmp(d->phrase->word->name, "choose") == 0) {
		read_choose(b, d->phrase, out);
	} else if (d->kind != DETAIL_BROKEN) {
		build_error(b, phrase->at,
			    "points are a number, choose \"field\" { … } or a function; %s is none of them.",
			    build_show_detail(b, d));
	}
}

/* ---- each, max, fades ---- */

static size_t count_parts(const struct phrase *phrase, const char *word)
{
	size_t n = 0;
	for (size_t i = 0; i < phrase->details.part_count; i++) {
		const struct detail *part = &phrase->details.parts[i];
		n += part->kind == DETAIL_PHRASE && strcmp(part->phrase->word->name, word) == 0;
	}
	return n;
}

static size_t count_events(const struct phrase *phrase)
{
	return count_parts(phrase, "on");
}

/* each = "person": as many times as the rule's people { … } finds somebody; of companies alone, for a lead is one person. */
static void read_each_person(struct build *b, const struct phrase *phrase, const struct detail *d, struct rule *out)
{
	bool person = d->kind == DETAIL_TEXT && str_is(d->text, "person");
	const char *shown = build_show_detail(b, d);
	out->each = EACH_PERSON;
	if (!b->of_account)
		build_error(b, phrase->at, "each = \"person\" counts people of a company: it belongs to a model with of = \"account\".");
	else if (!person)
		build_error(b, phrase->at, "each = %s counts events of a lead, and this model is of companies. Write each = \"person\".", shown);
	else if (count_parts(phrase, "people") != 1)
		build_error(b, phrase->at, "each = \"person\" counts the people of one people { … }, and this rule has %s.",
			    count_parts(phrase, "people") ? "several" : "none");
	else if (!detail_of(phrase, "max"))
		build_error(b, phrase->at, "each = \"person\" needs max =, or one big company gets endless points.");
}

static void read_each(struct build *b, const struct phrase *phrase, struct rule *out)
{
	static const char *const names[] = {[EACH_TIME] = "time", [EACH_SUBJECT] = "subject", [EACH_DAY] = "day"};
	const struct detail *d = detail_of(phrase, "each");
	if (!d)
		return;
	if (b->of_account || (d->kind == DETAIL_TEXT && str_is(d->text, "person"))) {
		read_each_person(b, phrase, d, out);
		return;
	}
	if (d->kind == DETAIL_NUMBER && d->number > 0) {
		out->each = EACH_VALUE;
		out->each_value = d->number;
	}
	for (int i = EACH_TIME; i <= EACH_DAY && d->kind == DETAIL_TEXT; i++)
		if (str_is(d->text, names[i]))
			out->each = i;
	const char *shown = build_show_detail(b, d);
	if (out->each == EACH_ONCE)
		build_error(b, phrase->at, "each = %s: it is \"time\", \"subject\", \"day\", or a number of value.",
			    shown);
	else if (count_events(phrase) != 1)
		build_error(b, phrase->at, "each = %s counts the events of one on \"…\", and this rule has %s.", shown,
			    count_events(phrase) ? "several" : "none");
	else if (!detail_of(phrase, "max"))
		build_error(b, phrase->at, "each = %s needs max =, or one busy reader gets endless points.", shown);
}

static void read_fades(struct build *b, const struct phrase *phrase, struct rule *out)
{
	const char *text = detail_text(phrase, "fades");
	struct str prefix = STR("by half every ");
	struct error error = {0};
	if (!text)
		return;
	if (!str_starts(str_of(text), prefix))
		build_error(
			b, phrase->at,
			"fades = \"%s\" could mean gone or halved. Write fades = \"by half every 30 days\"; what ends at once has within in its on.",
			text);
	else if (duration_parse(str_of(text + prefix.n), &out->fades, &error) < 0)
		build_error(b, phrase->at, "%s", error.message);
	else if (!build_is_window(b, phrase->at, text + prefix.n, out->fades))
		return;
	else if (count_events(phrase) != 1)
		build_error(b, phrase->at, "points fade from the event of one on \"…\", and this rule has %s.",
			    count_events(phrase) ? "several" : "none");
}

/* Made once: a turn would make it for every rule of every lead. */
static struct str shown(struct build *b, const struct model *model, const struct rule *rule)
{
	char context[512];
	playbook_context(context, sizeof context, "model", model->name, "rule", rule->name);
	return str_of(arena_printf(b->arena, " in %s:%d %s", rule->at.file, rule->at.line, context));
}

/* What it can give at most, as far as that stands in the playbook. */
static double most_of(const struct rule *rule)
{
	double most = rule->points_kind == POINTS_FUNCTION ? 0 : rule->points;
	if (rule->points_kind == POINTS_CHOOSE) {
		most = rule->choose.otherwise;
		for (size_t i = 0; i < rule->choose.count; i++)
			most = most > rule->choose.cases[i].points ? most : rule->choose.cases[i].points;
	}
	return most > 0 && rule->has_max && (rule->each != EACH_ONCE || most > rule->max) ? rule->max : most;
}

/* Not wrong: one thing may be as good as all. But a slip of the hand looks the same. */
static void note_out_of_range(struct build *b, const struct phrase *phrase, const struct model *model, const struct rule *rule)
{
	if (model->from < model->to && most_of(rule) > model->to && most_of(rule) <= RULE_POINTS_MOST)
		build_note(b, phrase->at, "this rule alone can give %g points, and its model ends at to = %d: what is above that counts nothing.", most_of(rule), model->to);
}

static void read_rule(struct build *b, const struct phrase *phrase, const struct model *model, struct rule *out)
{
	const char *outer = build_enter(b, phrase);
	*out = (struct rule){.name = phrase->name, .at = phrase->at};
	out->shown = shown(b, model, out);
	out->when = build_conditions(b, phrase);
	read_points(b, phrase, out);
	read_each(b, phrase, out);
	read_fades(b, phrase, out);
	out->has_max = detail_of(phrase, "max") != NULL;
	out->max = detail_number(phrase, "max", 0);
	if (out->has_max && points_are_good(b, phrase->at, detail_of(phrase, "max"), false) && out->max <= 0 &&
	    !(out->points_kind == POINTS_FIXED && out->points < 0))
		build_error(b, phrase->at, "max = %g would leave no points.", out->max);
	note_out_of_range(b, phrase, model, out);
	build_leave(b, outer);
}

static void read_model(struct build *b, const struct phrase *phrase, struct model *out)
{
	size_t n = phrase->details.part_count;
	struct rule *rules = arena_array(b->arena, n + 1, sizeof *rules);
	out->rules = rules;
	if (out->from >= out->to)
		build_error(b, phrase->at, "a model goes upwards: from = %d is not below to = %d.", out->from, out->to);
	for (size_t i = 0; i < n; i++) {
		const struct phrase *rule = phrase->details.parts[i].phrase;
		for (size_t k = 0; k < out->rule_count; k++)
			if (rule->name && strcmp(rules[k].name, rule->name) == 0)
				build_error(
					b, rule->at,
					"two rules are called \"%s\" (lines %d and %d). A receipt names them, so each needs its own.",
					rule->name, rules[k].at.line, rule->at.line);
		read_rule(b, rule, out, &rules[out->rule_count++]);
	}
	if (n == 0)
		build_error(b, phrase->at, "a model needs a rule.");
}

static bool is_of_account(struct build *b, const struct phrase *phrase)
{
	const char *of = detail_text(phrase, "of");
	if (of && strcmp(of, "account") != 0 && strcmp(of, "lead") != 0)
		build_error(b, phrase->at, "a model is of = \"lead\" or of = \"account\"; \"%s\" is neither.", of);
	return of && strcmp(of, "account") == 0;
}

/* Names and bounds: what grades ask. Rules are read after the grades, which they may ask about. */
void build_models(struct build *b)
{
	const struct declared *d = &b->declared[DECLARED_MODEL];
	struct model *models = arena_array(b->arena, d->count + 1, sizeof *models);
	b->playbook->models = models;
	b->playbook->model_count = d->count;
	for (size_t i = 0; i < d->count; i++) {
		const struct phrase *phrase = d->items[i].phrase;
		const char *outer = build_enter(b, phrase), *title = detail_text(phrase, "title");
		models[i] = (struct model){
			.name = phrase->name, .title = title ? title : phrase->name, .at = phrase->at, .fingerprint = ""};
		models[i].of_account = is_of_account(b, phrase);
		b->playbook->has_account_models |= models[i].of_account;
		models[i].from = detail_int(b, phrase, "from", -1000000, 1000000, 0);
		models[i].to = detail_int(b, phrase, "to", -1000000, 1000000, 100);
		build_leave(b, outer);
	}
}

void build_rules(struct build *b)
{
	const struct declared *d = &b->declared[DECLARED_MODEL];
	for (size_t i = 0; i < d->count; i++) {
		const char *outer = build_enter(b, d->items[i].phrase);
		b->of_account = b->playbook->models[i].of_account;
		if (d->items[i].sound)
			read_model(b, d->items[i].phrase, (struct model *)&b->playbook->models[i]);
		b->of_account = false;
		build_leave(b, outer);
	}
}
