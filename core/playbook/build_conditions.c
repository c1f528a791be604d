/* Conditions: one reader for each word that asks. Every name in them is looked up here, so that a condition that was
 * built can be answered (PLAYBOOK decision 9). Messages 16, 17, 29. */
#include "playbook/build.h"

#include "model/history.h"

static struct condition *new_condition(struct build *b, enum condition_kind kind, struct place at)
{
	struct condition *c = arena_alloc(b->arena, sizeof *c);
	*c = (struct condition){.kind = kind, .at = at};
	return c;
}

/* ---- on ---- */

static const struct verb *find_verb(struct build *b, const char *name)
{
	const struct verb *verb = verb_find(str_of(name));
	for (size_t i = 0; !verb && i < b->playbook->verb_count; i++)
		if (strcmp(b->playbook->verbs[i].name, name) == 0)
			verb = &b->playbook->verbs[i];
	return verb;
}

/* Message 16. */
static const struct verb *need_verb(struct build *b, struct place at, const char *name)
{
	const struct verb *verb = find_verb(b, name);
	if (verb)
		return verb;
	const char *names[128];
	size_t count = 0;
	for (const struct verb *v = model_verbs; v->name && count < 128; v++)
		names[count++] = v->name;
	for (size_t i = 0; i < b->playbook->verb_count && count < 128; i++)
		names[count++] = b->playbook->verbs[i].name;
	build_error(b, at, "there is no verb \"%s\".%s An event of your own needs verb \"%s\" { … } first.", name,
		    build_near(b, name, names, count), name);
	return NULL;
}

static bool about(const struct verb *verb, const char *subject)
{
	return verb && verb->subject && strcmp(verb->subject, subject) == 0;
}

static void check_subjects(struct build *b, const struct phrase *phrase, const struct verb *verb,
			   const struct condition_on *on)
{
	for (size_t i = 0; i < on->subject_count; i++) {
		struct str s = on->subjects[i];
		if (!memchr(s.p, '*', s.n) && (about(verb, "asset") || about(verb, "webinar")))
			(void)build_need(b, phrase->at, DECLARED_ASSET, s.p);
		/* forms of other sites may be posted as events: without forms of its own a playbook says nothing of names */
		if (!memchr(s.p, '*', s.n) && about(verb, "form") && b->declared[DECLARED_FORM].count)
			(void)build_need(b, phrase->at, DECLARED_FORM, s.p);
	}
}

/* kind, topic, buying_stage: some asset must have it, or nothing ever matches. */
static const struct str *read_asset_words(struct build *b, const struct phrase *phrase, const char *key,
					  const struct verb *verb, size_t *count)
{
	const struct str *words = detail_texts(b, phrase, key, count);
	if (*count && verb && !about(verb, "asset") && !about(verb, "webinar")) {
		build_error(b, phrase->at, "%s is asked of assets, and %s is not about assets.", key, verb->name);
		return words;
	}
	for (size_t i = 0; i < *count; i++) {
		const char *names[200];
		size_t n = 0;
		bool found = memchr(words[i].p, '*', words[i].n) != NULL;
		for (size_t a = 0; a < b->playbook->asset_count && n < 200; a++) {
			const struct asset *asset = &b->playbook->assets[a];
			const char *has = strcmp(key, "kind") == 0    ? asset->kind
					  : strcmp(key, "topic") == 0 ? asset->topic
								      : asset->buying_stage;
			if (has)
				names[n++] = has;
			found |= has && str_is(words[i], has);
		}
		if (!found)
			build_error(b, phrase->at, "no asset has %s = \"%s\".%s", key, words[i].p,
				    build_near(b, words[i].p, names, n));
	}
	return words;
}

static bool campaign_has_step(const struct phrase *campaign, const char *name)
{
	for (size_t i = 0; i < campaign->details.part_count; i++) {
		const struct detail *part = &campaign->details.parts[i];
		if (part->kind == DETAIL_PHRASE && part->phrase->name && strcmp(part->phrase->name, name) == 0)
			return true;
	}
	return false;
}

static void read_place(struct build *b, const struct phrase *phrase, struct condition_on *on)
{
	const char *step = detail_text(phrase, "step"), *campaign = detail_text(phrase, "campaign"),
		   *reason = detail_text(phrase, "reason");
	const struct phrase *in = b->campaign;
	if (campaign) {
		int at = build_need(b, phrase->at, DECLARED_CAMPAIGN, campaign);
		in = at < 0 ? NULL : b->declared[DECLARED_CAMPAIGN].items[at].phrase;
		on->campaign = str_of(campaign);
	} else if (step && in) {
		on->campaign = str_of(in->name);
	}
	bool found = !step || (campaign && !in) || (in && campaign_has_step(in, step));
	for (size_t i = 0; !found && !in && i < b->declared[DECLARED_CAMPAIGN].count; i++)
		found = campaign_has_step(b->declared[DECLARED_CAMPAIGN].items[i].phrase, step);
	if (!found)
		build_error(b, phrase->at, "there is no step \"%s\"%s%s%s.", step, in ? " in campaign \"" : "",
			    in ? in->name : "", in ? "\"" : "");
	on->step = step ? str_of(step) : STR("");
	on->reason = reason ? str_of(reason) : STR("");
}

static bool read_data_test(struct build *b, struct place at, const struct detail *d, struct value_test *out)
{
	static const struct field text = {.name = "data", .type = FIELD_TEXT},
				  number = {.name = "data", .type = FIELD_NUMBER},
				  yes = {.name = "data", .type = FIELD_YES_NO};
	const struct detail *first = d->kind == DETAIL_TABLE && d->table->part_count ? &d->table->parts[0] : d;
	const struct field *like = first->kind == DETAIL_NUMBER || first->kind == DETAIL_PHRASE ? &number
				   : first->kind == DETAIL_YES                                  ? &yes
												: &text;
	return build_value_test(b, at, like, d, out);
}

void build_check_data(struct build *b, struct place at, const char *verb, const char *key)
{
	const struct verb_data *data = playbook_verb_data(b->playbook, str_of(verb));
	for (size_t i = 0; data && i < data->field_count; i++)
		if (strcmp(data->fields[i], key) == 0)
			return;
	if (data && data->field_count)
		build_error(b, at, "there is no \"%s\" in the data of %s.%s verb \"%s\" { fields = { … } } says what there is.", key, verb,
			    build_near(b, key, data->fields, data->field_count), verb);
}

static void read_data(struct build *b, const struct phrase *phrase, struct condition_on *on)
{
	const struct detail *d = detail_of(phrase, "data");
	if (!d)
		return;
	struct on_data *data = arena_array(b->arena, d->table->property_count + 1, sizeof *data);
	for (size_t i = 0; i < d->table->property_count; i++) {
		data[on->data_count].key = str_of(d->table->properties[i].key);
		build_check_data(b, phrase->at, phrase->name, d->table->properties[i].key);
		if (read_data_test(b, phrase->at, &d->table->properties[i], &data[on->data_count].test))
			on->data_count++;
	}
	if (d->table->part_count)
		build_error(b, phrase->at, "data takes key = value, nothing else.");
	on->data = data;
}

static void read_counts(struct build *b, const struct phrase *phrase, struct condition_on *on)
{
	on->at_least = detail_int(b, phrase, "at_least", 1, 1000000, 1);
	on->at_most = detail_int(b, phrase, "at_most", 0, 1000000, -1);
	if (on->at_most >= 0 && !detail_of(phrase, "at_least"))
		on->at_least = 0;
	if (on->at_most >= 0 && on->at_least > on->at_most)
		build_error(b, phrase->at, "at_least = %d and at_most = %d can never both hold.", on->at_least,
			    on->at_most);
	/* the history keeps the newest events whole; of older ones only how many there were of a verb and subject, and
	 * when */
	bool whole = on->value || on->data_count || on->step.n || on->reason.n || on->campaign.n || on->within.count;
	int most = on->at_most > on->at_least ? on->at_most : on->at_least;
	if (whole && most > HISTORY_EXACT)
		build_error(
			b, phrase->at,
			"%d events cannot be counted so exactly: value, data, step, campaign, reason and within are known of a lead's "
			"newest %d events only.",
			most, HISTORY_EXACT);
}

static const struct condition *read_on(struct build *b, const struct phrase *phrase, bool negated)
{
	struct condition *c = new_condition(b, CONDITION_ON, phrase->at);
	struct condition_on *on = &c->on;
	const struct verb *verb = NULL;
	on->negated = negated;
	on->any_verb = strcmp(phrase->name, "*") == 0;
	on->verb = str_of(phrase->name);
	if (!on->any_verb && !(verb = need_verb(b, phrase->at, phrase->name)))
		return NULL;
	if (strcmp(phrase->name, "score.change") == 0)
		build_error(
			b, phrase->at,
			"score.change cannot be asked for: scores have a record of their own. Write score { model = at_least(40) }.");
	if (strcmp(phrase->name, "email.open") == 0)
		build_error(b, phrase->at, "email.open cannot be asked for: programs open mails that nobody reads. Ask for email.click.");
	on->subjects = detail_texts(b, phrase, "subject", &on->subject_count);
	check_subjects(b, phrase, verb, on);
	on->kinds = read_asset_words(b, phrase, "kind", verb, &on->kind_count);
	on->topics = read_asset_words(b, phrase, "topic", verb, &on->topic_count);
	on->buying_stages = read_asset_words(b, phrase, "buying_stage", verb, &on->buying_stage_count);
	read_place(b, phrase, on);
	read_data(b, phrase, on);
	if (detail_of(phrase, "value")) {
		struct value_test *test = arena_alloc(b->arena, sizeof *test);
		build_number_test(b, phrase->at, "value", detail_of(phrase, "value"), test);
		on->value = test;
	}
	on->within = detail_window(b, phrase, "within");
	read_counts(b, phrase, on);
	return c;
}

/* ---- groups ---- */

static const struct condition *read_group(struct build *b, const struct phrase *phrase, enum condition_kind kind)
{
	struct condition *c = new_condition(b, kind, phrase->at);
	size_t n = phrase->details.part_count;
	const struct condition **items = arena_array(b->arena, n + 1, sizeof *items);
	if (phrase->details.property_count)
		build_error(b, phrase->at, "%s = … cannot stand in the braces of %s. It belongs to on \"…\" { … }.",
			    phrase->details.properties[0].key, phrase->word->name);
	if (n == 0)
		build_error(b, phrase->at, "there is nothing in the braces of %s { }.", phrase->word->name);
	for (size_t i = 0; i < n; i++)
		if ((items[c->group.count] = build_condition(b, &phrase->details.parts[i], phrase->at)))
			c->group.count++;
	c->group.items = items;
	return c;
}

static const struct condition *read_any(struct build *b, const struct phrase *phrase)
{
	return read_group(b, phrase, CONDITION_ANY);
}

static const struct condition *read_all(struct build *b, const struct phrase *phrase)
{
	return read_group(b, phrase, CONDITION_ALL);
}

static const struct condition *read_none(struct build *b, const struct phrase *phrase)
{
	if (!phrase->name)
		return read_group(b, phrase, CONDITION_NONE);
	if (phrase->details.part_count)
		build_error(b, phrase->at,
			    "none \"%s\" asks for events: only subject, within and the like stand in its braces.",
			    phrase->name);
	return read_on(b, phrase, true);
}

static const struct condition *read_does(struct build *b, const struct phrase *phrase)
{
	if (phrase->details.part_count)
		build_error(b, phrase->at, "only properties stand in the braces of on \"%s\".", phrase->name);
	return read_on(b, phrase, false);
}

/* ---- fields and scores ---- */

static const struct condition *read_fields(struct build *b, const struct phrase *phrase, bool of_account)
{
	struct condition *c = new_condition(b, of_account ? CONDITION_ACCOUNT : CONDITION_LEAD, phrase->at);
	const struct schema *schema = &b->playbook->schema;
	const struct details *d = &phrase->details;
	struct field_test *tests = arena_array(b->arena, d->property_count + 1, sizeof *tests);
	if (d->part_count || d->property_count == 0)
		build_error(b, phrase->at, "%s takes field = value: %s { country = \"DE\" }.", phrase->word->name,
			    phrase->word->name);
	for (size_t i = 0; i < d->property_count; i++) {
		int slot = build_slot(b, phrase->at, d->properties[i].key, of_account);
		if (slot < 0)
			continue;
		tests[c->fields.count].slot = slot;
		const struct field *field = of_account ? &schema->account[slot] : &schema->lead[slot];
		if (build_value_test(b, phrase->at, field, &d->properties[i], &tests[c->fields.count].test))
			c->fields.count++;
	}
	c->fields.tests = tests;
	return c;
}

static const struct condition *read_lead(struct build *b, const struct phrase *phrase)
{
	return read_fields(b, phrase, false);
}

static const struct condition *read_account(struct build *b, const struct phrase *phrase)
{
	return read_fields(b, phrase, true);
}

static bool may_ask_model(struct build *b, struct place at, int i)
{
	struct model *model = (struct model *)(uintptr_t)&b->playbook->models[i];
	return !model->of_account || build_ask_account(b, at, &model->asked, arena_printf(b->arena, "model \"%s\"", model->name));
}

static const struct condition *read_score(struct build *b, const struct phrase *phrase)
{
	struct condition *c = new_condition(b, CONDITION_SCORE, phrase->at);
	const struct details *d = &phrase->details;
	struct score_test *tests = arena_array(b->arena, d->property_count + 1, sizeof *tests);
	if (d->part_count || d->property_count == 0)
		build_error(b, phrase->at, "score takes model = number: score { nurture = at_least(40) }.");
	for (size_t i = 0; i < d->property_count; i++) {
		int model = build_need(b, phrase->at, DECLARED_MODEL, d->properties[i].key);
		tests[c->scores.count].model = model;
		if (model >= 0 && !may_ask_model(b, phrase->at, model))
			continue;
		if (model >= 0 && build_number_test(b, phrase->at, d->properties[i].key, &d->properties[i],
						    &tests[c->scores.count].test))
			c->scores.count++;
	}
	c->scores.tests = tests;
	return c;
}

/* ---- where the lead stands ---- */

/* The texts of `word "x"` or `word { "x", "y" }`. */
static size_t names_of(struct build *b, const struct phrase *phrase, const char ***out)
{
	size_t n = phrase->name ? 1 : phrase->details.part_count;
	*out = arena_array(b->arena, n + 1, sizeof **out);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = phrase->name ? phrase->name : phrase->details.parts[i].text.p;
	if (n == 0)
		build_error(b, phrase->at, "there is nothing in the braces of %s { }.", phrase->word->name);
	return n;
}

static const struct condition *read_grade(struct build *b, const struct phrase *phrase)
{
	struct condition *c = new_condition(b, CONDITION_GRADE, phrase->at);
	struct str *grades = arena_array(b->arena, GRADES_MOST, sizeof *grades);
	const char **names;
	size_t n = names_of(b, phrase, &names);
	for (size_t i = 0; i < n; i++)
		build_grade(b, phrase->at, names[i], grades, &c->grade.count, GRADES_MOST);
	c->grade.grades = grades;
	for (size_t i = 0; i < b->playbook->grades_count; i++)
		if (b->playbook->grades[i].letter_count && !b->playbook->grades[i].of_account)
			c->grade.table = (int)i;
	return c;
}

static const struct condition *read_band(struct build *b, const struct phrase *phrase)
{
	struct condition *c = new_condition(b, CONDITION_BAND, phrase->at);
	int at = build_need(b, phrase->at, DECLARED_BAND, phrase->name);
	if (at < 0)
		return NULL;
	c->band.table = b->declared[DECLARED_BAND].items[at].owner;
	struct grades *table = (struct grades *)(uintptr_t)&b->playbook->grades[c->band.table];
	if (table->of_account && !build_ask_account(b, phrase->at, &table->asked, build_show(b, phrase)))
		return NULL;
	for (int i = 0; i < at; i++) /* its number among the bands of its table */
		c->band.band += b->declared[DECLARED_BAND].items[i].owner == c->band.table;
	return c;
}

static const struct condition *read_segment(struct build *b, const struct phrase *phrase)
{
	struct condition *c = new_condition(b, CONDITION_SEGMENT, phrase->at);
	c->segment = build_need(b, phrase->at, DECLARED_SEGMENT, phrase->name);
	return c->segment < 0 ? NULL : c;
}

static const struct condition *read_stage(struct build *b, const struct phrase *phrase)
{
	struct condition *c = new_condition(b, CONDITION_STAGE, phrase->at);
	const char **names;
	size_t n = names_of(b, phrase, &names);
	for (size_t i = 0; i < n; i++) {
		enum stage stage;
		if (build_stage(b, phrase->at, names[i], &stage))
			c->stages |= 1u << stage;
	}
	return c;
}

static const struct condition *read_channel(struct build *b, const struct phrase *phrase, enum condition_kind kind)
{
	struct condition *c = new_condition(b, kind, phrase->at);
	c->channel = str_of(phrase->name);
	return build_channel_kind(b, phrase->at, phrase->name, false) ? c : NULL;
}

static const struct condition *read_withdrew(struct build *b, const struct phrase *phrase)
{
	return read_channel(b, phrase, CONDITION_WITHDREW);
}

static const struct condition *read_allowed(struct build *b, const struct phrase *phrase)
{
	return read_channel(b, phrase, CONDITION_ALLOWED);
}

/* A form asked for it anew, since it was taken back or the lead was erased, and the mail that asks for a second yes has not been answered yet. Nothing but
 * that mail goes (turn/gate.c). */
static const struct condition *read_asked(struct build *b, const struct phrase *phrase)
{
	return read_channel(b, phrase, CONDITION_ASKED);
}

/* ---- which reader ---- */

static const struct reader {
	const char *word;
	const struct condition *(*read)(struct build *b, const struct phrase *phrase);
} readers[] = {
	{"on", read_does},         {"any", read_any},         {"all", read_all},     {"none", read_none},
	{"lead", read_lead},       {"account", read_account}, {"score", read_score}, {"grade", read_grade},
	{"band", read_band},       {"segment", read_segment}, {"stage", read_stage}, {"withdrew", read_withdrew},
	{"allowed", read_allowed}, {"asked", read_asked}, {"people", build_people}, {"before", build_moment}, {"after", build_moment},
};

static const struct condition *read_function(struct build *b, const struct detail *d)
{
	struct script_function *function = scripts_function(b->scripts, d->function);
	if (b->of_account && !b->in_people) {
		build_error(b, function->at, "a function is asked about a lead, and this model is of companies. Put it into people { … }.");
		return NULL;
	}
	struct condition *c = new_condition(b, CONDITION_FUNCTION, function->at);
	function->owner = b->context;
	c->function = d->function;
	return c;
}

const struct condition *build_condition(struct build *b, const struct detail *d, struct place at)
{
	(void)at;
	if (d->kind == DETAIL_FUNCTION)
		return read_function(b, d);
	for (size_t i = 0; d->kind == DETAIL_PHRASE && i < sizeof readers / sizeof *readers; i++)
		if (strcmp(d->phrase->word->name, readers[i].word) == 0)
			return build_may_ask(b, d->phrase) ? readers[i].read(b, d->phrase) : NULL;
	return NULL;
}

const struct condition *build_condition_property(struct build *b, const struct phrase *phrase, const char *key)
{
	const struct detail *d = detail_of(phrase, key);
	return d ? build_condition(b, d, phrase->at) : NULL;
}

const struct condition *build_conditions(struct build *b, const struct phrase *phrase)
{
	size_t n = phrase->details.part_count;
	struct condition *all = new_condition(b, CONDITION_ALL, phrase->at);
	const struct condition **items = arena_array(b->arena, n + 1, sizeof *items);
	for (size_t i = 0; i < n; i++)
		if ((items[all->group.count] = build_condition(b, &phrase->details.parts[i], phrase->at)))
			all->group.count++;
	all->group.items = items;
	return all->group.count ? all : NULL;
}
