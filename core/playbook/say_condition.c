/* Conditions in words (say.h): a part of a sentence about "they", the leads. Empty groups do not occur: check refuses them. */
#include "playbook/say.h"

static void put_list(const struct str *items, size_t count, const char *joint, struct buf *out)
{
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s%.*s", i == 0 ? "" : i + 1 == count ? joint : ", ", STR_ARG(items[i]));
}

/* ---- values ---- */

void say_value(const struct value *value, struct buf *out)
{
	struct calendar_local day;
	switch (value->type) {
	case VALUE_TEXT:
		buf_put(out, value->text.p, value->text.n);
		break;
	case VALUE_NUMBER:
		buf_printf(out, "%.15g", value->number);
		break;
	case VALUE_YES_NO:
		buf_puts(out, value->yes ? "yes" : "no");
		break;
	case VALUE_DATE:
		calendar_local(value->date, NULL, &day);
		buf_printf(out, "%04d-%02d-%02d", day.year, day.month, day.day);
		break;
	case VALUE_LIST:
		put_list(value->list.items, value->list.count, " and ", out);
		break;
	case VALUE_EMPTY:
		buf_puts(out, "empty");
		break;
	}
}

/* "is DE or AT", "is at least 200", "is known". */
static void put_test(const struct value_test *test, struct buf *out)
{
	static const struct { const char *words; bool low, high; } bounds[] = {
		[TEST_IS] = {"is ", false, false},          [TEST_KNOWN] = {"is known", false, false}, [TEST_EMPTY] = {"is empty", false, false},
		[TEST_AT_LEAST] = {"is at least ", true, false}, [TEST_AT_MOST] = {"is at most ", false, true},
		[TEST_ABOVE] = {"is above ", true, false},  [TEST_BELOW] = {"is below ", false, true}, [TEST_BETWEEN] = {"is between ", true, true},
	};
	buf_puts(out, bounds[test->op].words);
	if (bounds[test->op].low)
		buf_printf(out, "%.15g", test->low);
	if (bounds[test->op].high)
		buf_printf(out, bounds[test->op].low ? " and %.15g" : "%.15g", test->high);
	for (size_t i = 0; test->op == TEST_IS && i < test->value_count; i++) {
		buf_puts(out, i == 0 ? "" : i + 1 == test->value_count ? " or " : ", ");
		say_value(&test->values[i], out);
	}
}

/* ---- what they did ---- */

static const struct verb *find_verb(const struct playbook *playbook, struct str name)
{
	for (size_t i = 0; i < playbook->verb_count; i++)
		if (str_is(name, playbook->verbs[i].name))
			return &playbook->verbs[i];
	return verb_find(name);
}

static void put_deed(const struct playbook *playbook, const struct condition_on *on, struct buf *out)
{
	const struct verb *verb = on->any_verb ? NULL : find_verb(playbook, on->verb);
	if (on->any_verb)
		buf_puts(out, on->negated ? "they did nothing" : "they did anything");
	else if (verb && verb->by_lead && verb->label && strcmp(verb->label, verb->name) != 0)
		buf_printf(out, on->negated ? "it is not so that they %s" : "they %s", verb->label);
	else
		buf_printf(out, on->negated ? "there was no %.*s" : "there was %.*s", STR_ARG(on->verb));
	if (on->subject_count) {
		buf_putc(out, ' ');
		put_list(on->subjects, on->subject_count, " or ", out);
	} else if (verb && verb->by_lead && verb->subject && !on->any_verb && (strncmp(verb->name, "asset", 5) == 0 || strcmp(verb->name, "form.submit") == 0)) {
		buf_printf(out, strcmp(verb->subject, "asset") == 0 ? " an %s" : " a %s", verb->subject);
	}
}

static void put_narrower(const struct playbook *playbook, const struct condition_on *on, struct buf *out)
{
	const struct { const struct str *items; size_t count; const char *words; } lists[] = {
		{on->kinds, on->kind_count, " of kind "}, {on->topics, on->topic_count, " about "}, {on->buying_stages, on->buying_stage_count, " for the buying stage "}};
	const struct { struct str text; const char *words; } texts[] = {{on->step, " of step "}, {on->campaign, " of campaign "}, {on->reason, " because of "}};
	for (size_t i = 0; i < 3; i++) {
		if (!lists[i].count)
			continue;
		buf_puts(out, lists[i].words);
		put_list(lists[i].items, lists[i].count, " or ", out);
	}
	for (size_t i = 0; i < 3; i++)
		if (texts[i].text.n)
			buf_printf(out, "%s%.*s", texts[i].words, STR_ARG(texts[i].text));
	for (size_t i = 0; i < on->data_count; i++) {
		buf_printf(out, " whose %.*s ", STR_ARG(on->data[i].key));
		put_test(&on->data[i].test, out);
	}
	if (on->value) {
		const struct verb_data *data = on->any_verb ? NULL : playbook_verb_data(playbook, on->verb);
		buf_printf(out, " whose %s ", data && data->value ? data->value : "value");
		put_test(on->value, out);
	}
}

static void on(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	char length[40];
	put_deed(playbook, &c->on, out);
	put_narrower(playbook, &c->on, out);
	if (c->on.at_least > 1)
		buf_printf(out, " at least %d times", c->on.at_least);
	if (c->on.at_most >= 0)
		buf_printf(out, " at most %d time%s", c->on.at_most, c->on.at_most == 1 ? "" : "s");
	if (c->on.within.count)
		buf_printf(out, " within %s", duration_format(c->on.within, length));
}

/* ---- groups ---- */

static bool is_group(const struct condition *c)
{
	return (c->kind == CONDITION_ANY || c->kind == CONDITION_ALL || c->kind == CONDITION_NONE) && c->group.count > 1;
}

static void put_group(const struct playbook *playbook, const struct condition *c, const char *joint, struct buf *out)
{
	for (size_t i = 0; i < c->group.count; i++) {
		bool inner = is_group(c->group.items[i]);
		buf_puts(out, i ? joint : "");
		buf_puts(out, inner ? "(" : "");
		say_condition(playbook, c->group.items[i], out);
		buf_puts(out, inner ? ")" : "");
	}
}

static void any(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	put_group(playbook, c, " or ", out);
}

static void all(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	put_group(playbook, c, " and ", out);
}

static void none(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	buf_puts(out, "not (");
	put_group(playbook, c, " or ", out);
	buf_putc(out, ')');
}

/* ---- what they are ---- */

static void put_fields(const struct field *fields, const struct condition *c, const char *whose, struct buf *out)
{
	for (size_t i = 0; i < c->fields.count; i++) {
		buf_printf(out, "%s%s %s ", i ? " and " : "", whose, fields[c->fields.tests[i].slot].name);
		put_test(&c->fields.tests[i].test, out);
	}
}

static void lead(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	put_fields(playbook->schema.lead, c, "their", out);
}

static void account(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	put_fields(playbook->schema.account, c, "their account's", out);
}

static void score(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	for (size_t i = 0; i < c->scores.count; i++) {
		buf_printf(out, "%stheir score %s ", i ? " and " : "", playbook->models[c->scores.tests[i].model].name);
		put_test(&c->scores.tests[i].test, out);
	}
}

static void grade(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	(void)playbook;
	buf_puts(out, "their grade is ");
	put_list(c->grade.grades, c->grade.count, " or ", out);
}

static void band(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	buf_printf(out, "they are in band \"%s\"", playbook->grades[c->band.table].bands[c->band.band].name);
}

static void segment(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	buf_printf(out, "they are in segment \"%s\"", playbook->segments[c->segment].name);
}

static void stage(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	int left = __builtin_popcount(c->stages);
	bool first = true;
	(void)playbook;
	buf_puts(out, "their stage is ");
	for (int s = 0; s < STAGE_COUNT; s++) {
		if (!(c->stages >> s & 1))
			continue;
		left--;
		buf_printf(out, "%s%s", first ? "" : left ? ", " : " or ", stage_name((enum stage)s));
		first = false;
	}
}

static void withdrew(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	(void)playbook;
	buf_printf(out, "they took back consent for %.*s", STR_ARG(c->channel));
}

static void allowed(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	(void)playbook;
	buf_printf(out, "they may be contacted by %.*s", STR_ARG(c->channel));
}

static void asked(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	(void)playbook;
	buf_printf(out, "they asked for %.*s in a form", STR_ARG(c->channel));
}

static void people(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	static const char *const by[] = {
		[PEOPLE_ALL] = "people", [PEOPLE_DIFFERENT_ROLES] = "people of different roles", [PEOPLE_SAME_ROLE] = "people of their role"};
	const struct condition *who = playbook->parts[c->people.part].who;
	buf_printf(out, "their account has at least %d", c->people.at_least);
	if (c->people.at_most >= 0)
		buf_printf(out, " and at most %d", c->people.at_most);
	buf_printf(out, " %s", by[c->people.by]);
	if (who) {
		buf_puts(out, " of whom it is so that ");
		say_condition(playbook, who, out);
	}
}

static void moment(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	buf_puts(out, "the moment ");
	say_date(playbook, c->moment, out);
	buf_puts(out, " has come");
}

static void function(const struct playbook *playbook, const struct condition *c, struct buf *out)
{
	(void)playbook;
	buf_printf(out, "the function at %s:%d says yes", c->at.file, c->at.line);
}

typedef void condition_fn(const struct playbook *playbook, const struct condition *c, struct buf *out);
static condition_fn *const conditions[] = {
	[CONDITION_ON] = on,           [CONDITION_ANY] = any,         [CONDITION_ALL] = all,         [CONDITION_NONE] = none,       [CONDITION_LEAD] = lead,
	[CONDITION_ACCOUNT] = account, [CONDITION_SCORE] = score,     [CONDITION_GRADE] = grade,     [CONDITION_BAND] = band,       [CONDITION_SEGMENT] = segment,
	[CONDITION_STAGE] = stage,     [CONDITION_WITHDREW] = withdrew, [CONDITION_ALLOWED] = allowed, [CONDITION_ASKED] = asked,   [CONDITION_PEOPLE] = people,
	[CONDITION_FUNCTION] = function, [CONDITION_MOMENT] = moment,
};

void say_condition(const struct playbook *playbook, const struct condition *condition, struct buf *out)
{
	condition_fn *say = (size_t)condition->kind < sizeof conditions / sizeof *conditions ? conditions[condition->kind] : NULL;
	if (say)
		say(playbook, condition, out);
	else
		buf_printf(out, "%s:%d says yes", condition->at.file, condition->at.line);
}
