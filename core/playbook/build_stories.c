/* The tests of the playbook: their lines are read and checked here, turn/story runs them. What a test expects must
 * exist: a test that expects a band that nobody declared could only fail. */
#include "playbook/build.h"
#include "playbook/calls.h"

#include <stdlib.h>

/* ---- event ---- */

static struct str event_data(struct build *b, const struct phrase *phrase)
{
	static const char *const keys[] = {"step", "campaign", "reason"};
	json_t *data = json_object();
	const struct detail *d = detail_of(phrase, "data");
	for (size_t i = 0; d && i < d->table->property_count; i++) {
		json_t *value = build_json(&d->table->properties[i]);
		build_check_data(b, phrase->at, phrase->name, d->table->properties[i].key);
		if (value)
			json_object_set_new(data, d->table->properties[i].key, value);
		else
			build_error(b, phrase->at, "data: %s = %s cannot stand in an event.",
				    d->table->properties[i].key, build_show_detail(b, &d->table->properties[i]));
	}
	for (size_t i = 0; i < 3; i++)
		if (detail_text(phrase, keys[i]))
			json_object_set_new(data, keys[i], json_string(detail_text(phrase, keys[i])));
	char *text = json_object_size(data) ? json_dumps(data, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	struct str out = text ? arena_str(b->arena, str_of(text)) : STR("");
	free(text);
	json_decref(data);
	return out;
}

static bool verb_exists(struct build *b, const char *name)
{
	for (size_t i = 0; i < b->playbook->verb_count; i++)
		if (strcmp(b->playbook->verbs[i].name, name) == 0)
			return true;
	return verb_find(str_of(name)) != NULL;
}

static void read_event(struct build *b, const struct phrase *phrase, struct story_line *out)
{
	const struct verb *verb = verb_find(str_of(phrase->name));
	const char *subject = detail_text(phrase, "subject");
	out->kind = STORY_EVENT;
	out->event.verb = str_of(phrase->name);
	out->event.subject = str_of(subject ? subject : "");
	out->event.has_value = detail_of(phrase, "value") != NULL;
	out->event.value = detail_number(phrase, "value", 0);
	out->event.data = event_data(b, phrase);
	if (!verb_exists(b, phrase->name)) {
		const char *names[100];
		size_t n = 0;
		for (const struct verb *v = model_verbs; v->name && n < 100; v++)
			names[n++] = v->name;
		for (size_t i = 0; i < b->playbook->verb_count && n < 100; i++)
			names[n++] = b->playbook->verbs[i].name;
		build_error(b, phrase->at,
			    "there is no verb \"%s\".%s An event of your own needs verb \"%s\" { … } first.",
			    phrase->name, build_near(b, phrase->name, names, n), phrase->name);
	}
	if (subject && verb && verb->subject && strcmp(verb->subject, "asset") == 0)
		(void)build_need(b, phrase->at, DECLARED_ASSET, subject);
}

/* ---- expect ---- */

static bool is_nothing(const char *name)
{
	return strcmp(name, "nothing") == 0;
}

static void check_expected(struct build *b, struct place at, enum expect_kind kind, const char *name)
{
	static const struct {
		enum expect_kind expect;
		enum declared_kind declared;
	} declared[] = {{EXPECT_BAND, DECLARED_BAND},
			{EXPECT_SEGMENT, DECLARED_SEGMENT},
			{EXPECT_HANDOFF, DECLARED_PERSON},
			{EXPECT_CALL, DECLARED_SCRIPT},
			{EXPECT_LEFT, DECLARED_CAMPAIGN}};
	struct str grades[GRADES_MOST];
	size_t n = 0;
	enum stage stage;
	if (kind == EXPECT_HANDOFF && build_find(b, DECLARED_TEAM, name) >= 0) {
		build_error(b, at, "handoff = \"%s\": that is a team, and a lead is handed to one of it. Name that person.", name);
		return;
	}
	for (size_t i = 0; i < sizeof declared / sizeof *declared; i++)
		if (declared[i].expect == kind && !is_nothing(name))
			(void)build_need(b, at, declared[i].declared, name);
	if (kind == EXPECT_GRADE && !is_nothing(name) && build_grade(b, at, name, grades, &n, GRADES_MOST) && n != 1)
		build_error(b, at, "expect one grade: grade = \"B2\".");
	if (kind == EXPECT_STAGE)
		(void)build_stage(b, at, name, &stage);
	if ((kind == EXPECT_EMAIL || kind == EXPECT_LETTER) && !is_nothing(name))
		build_need_template(b, at, kind == EXPECT_EMAIL ? "email" : "letter", name);
}

struct expected {
	struct expectation *items;
	size_t count, room;
};

static void expect_name(struct build *b, struct place at, struct expected *list, enum expect_kind kind,
			const char *name)
{
	struct expectation *e = arena_push(b->arena, &list->items, list->count, &list->room, sizeof *e);
	*e = (struct expectation){.kind = kind, .name = name};
	list->count++;
	check_expected(b, at, kind, name);
}

static void expect_scores(struct build *b, struct place at, struct expected *list, const struct detail *d)
{
	for (size_t i = 0; i < d->table->property_count; i++) {
		const struct detail *p = &d->table->properties[i];
		if (build_need(b, at, DECLARED_MODEL, p->key) < 0)
			continue;
		if (p->kind != DETAIL_NUMBER) {
			build_error(b, at, "score = { %s = 12 }: a number is expected, not %s.", p->key,
				    build_show_detail(b, p));
			continue;
		}
		struct expectation *e = arena_push(b->arena, &list->items, list->count, &list->room, sizeof *e);
		*e = (struct expectation){.kind = EXPECT_SCORE, .name = p->key, .number = p->number};
		list->count++;
	}
}

static void read_expect(struct build *b, const struct phrase *phrase, struct story_line *out)
{
	static const struct {
		const char *key;
		enum expect_kind kind;
	} keys[] = {{"grade", EXPECT_GRADE},     {"band", EXPECT_BAND},       {"stage", EXPECT_STAGE},
		    {"segment", EXPECT_SEGMENT}, {"email", EXPECT_EMAIL},     {"call", EXPECT_CALL},
		    {"letter", EXPECT_LETTER},   {"handoff", EXPECT_HANDOFF}, {"held", EXPECT_HELD},
		    {"left", EXPECT_LEFT}};
	struct expected list = {0};
	const struct detail *score = detail_of(phrase, "score");
	size_t before = b->problems->errors;
	out->kind = STORY_EXPECT;
	if (score)
		expect_scores(b, phrase->at, &list, score);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		size_t n = 0;
		const struct str *names = detail_texts(b, phrase, keys[i].key, &n);
		for (size_t k = 0; k < n; k++)
			expect_name(b, phrase->at, &list, keys[i].kind, names[k].p);
	}
	if (list.count == 0 && b->problems->errors == before)
		build_error(
			b, phrase->at,
			"expect { } expects nothing. Write expect { email = \"nothing\" } when no mail may go out.");
	out->expects = list.items;
	out->expect_count = list.count;
}

/* ---- lines ---- */

static void read_day(struct build *b, const struct phrase *phrase, struct story_line *out)
{
	out->kind = STORY_DAY;
	out->day = (int)phrase->numbers[0];
	if (phrase->numbers[0] < 1 || phrase->numbers[0] > 36600 || out->day != phrase->numbers[0])
		build_error(b, phrase->at, "day(%g) is no day of the story. The first is day(1).", phrase->numbers[0]);
}

static void read_wait(struct build *b, const struct phrase *phrase, struct story_line *out)
{
	struct error error = {0};
	out->kind = STORY_WAIT;
	if (duration_parse(str_of(phrase->name), &out->wait, &error) < 0)
		build_error(b, phrase->at, "%s", error.message);
}

static void read_lead(struct build *b, const struct phrase *phrase, struct story_line *out)
{
	out->kind = STORY_LEAD;
	out->fields = build_field_values(b, phrase, false, &out->field_count);
}

static void read_account(struct build *b, const struct phrase *phrase, struct story_line *out)
{
	out->kind = STORY_ACCOUNT;
	out->fields = build_field_values(b, phrase, true, &out->field_count);
}

/* How a contact can end that waits for somebody: a call, a handoff. */
static bool can_answer(struct build *b, const char *name)
{
	static const char *const ends[] = {"reached", "nobody", "accepted", "returned"};
	bool known = playbook_disposition(b->playbook, str_of(name)) != NULL;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		known |= strcmp(ends[i], name) == 0;
	for (size_t i = 0; i < b->playbook->script_count; i++)
		known |= call_script_result(&b->playbook->scripts[i], str_of(name)) != NULL;
	return known;
}

/* answer { timing = "now" } reached somebody; answer "voicemail" and a result's name say how it ended. */
static void read_answer(struct build *b, const struct phrase *phrase, struct story_line *out)
{
	out->kind = STORY_ANSWER;
	out->name = phrase->name ? phrase->name : "reached";
	out->fields = build_field_values(b, phrase, false, &out->field_count);
	if (!can_answer(b, out->name))
		build_error(b, phrase->at, "\"%s\" is not a way a call or a handoff can end: a result, a disposition, reached, nobody, accepted or returned.", out->name);
}

/* colleague "ann" { role = "executive", event "asset.download" {} }: fields first, then what she does. */
static void read_colleague(struct build *b, const struct phrase *phrase, struct story_line *out)
{
	size_t n = phrase->details.part_count;
	struct phrase fields = *phrase;
	struct story_line *events = arena_array(b->arena, n + 1, sizeof *events);
	fields.details.part_count = 0;
	out->kind = STORY_COLLEAGUE;
	out->name = phrase->name;
	out->fields = build_field_values(b, &fields, false, &out->field_count);
	out->events = events;
	for (size_t i = 0; i < n; i++) {
		const struct phrase *part = phrase->details.parts[i].phrase;
		events[out->event_count].at = part->at;
		if (strcmp(part->word->name, "event") == 0)
			read_event(b, part, &events[out->event_count++]);
		else
			build_error(b, part->at, "%s cannot stand inside %s. A colleague has fields, and does things: event \"page.view\" { … }.",
				    build_show(b, part), build_show(b, phrase));
	}
}

static const struct reader {
	const char *word;
	void (*read)(struct build *b, const struct phrase *phrase, struct story_line *out);
} readers[] = {{"lead", read_lead}, {"account", read_account}, {"colleague", read_colleague}, {"event", read_event},
	       {"answer", read_answer}, {"day", read_day}, {"wait", read_wait},       {"expect", read_expect}};

/* A story is told the same everywhere: of a server that has all channels, unless it names those that there are. */
static const char *const *read_channels(struct build *b, const struct phrase *phrase)
{
	static const char *const all[] = {"email", "call", "letter", NULL};
	size_t n = 0;
	const struct str *names = detail_texts(b, phrase, "channels", &n);
	if (!detail_of(phrase, "channels"))
		return all;
	const char **kinds = arena_array(b->arena, n + 1, sizeof *kinds);
	for (size_t i = 0; i < n; i++) {
		bool known = false;
		kinds[i] = names[i].p;
		for (size_t k = 0; all[k]; k++)
			known |= str_is(names[i], all[k]);
		if (!known)
			build_error(b, phrase->at, "channels: there is no kind of channel \"%s\". They are email, call and letter.", kinds[i]);
	}
	return kinds;
}

static void read_test(struct build *b, const struct phrase *phrase, struct story *out)
{
	size_t n = phrase->details.part_count;
	struct story_line *lines = arena_array(b->arena, n + 1, sizeof *lines);
	bool expects = false;
	out->lines = lines;
	out->channels = read_channels(b, phrase);
	for (size_t i = 0; i < n; i++) {
		const struct phrase *line = phrase->details.parts[i].phrase;
		lines[i].at = line->at;
		for (size_t r = 0; r < sizeof readers / sizeof *readers; r++)
			if (strcmp(line->word->name, readers[r].word) == 0)
				readers[r].read(b, line, &lines[i]);
		expects |= lines[i].kind == STORY_EXPECT;
		out->count++;
	}
	if (!expects)
		build_error(b, phrase->at, "a test expects something: expect { email = \"welcome\" }.");
}

void build_stories(struct build *b)
{
	const struct declared *d = &b->declared[DECLARED_TEST];
	struct story *stories = arena_array(b->arena, d->count + 1, sizeof *stories);
	struct test_entry *tests = arena_array(b->arena, d->count + 1, sizeof *tests);
	for (size_t i = 0; i < d->count; i++) {
		const char *outer = build_enter(b, d->items[i].phrase);
		tests[i] = (struct test_entry){d->names[i], d->items[i].phrase->at, (int)i};
		if (d->items[i].sound)
			read_test(b, d->items[i].phrase, &stories[i]);
		build_leave(b, outer);
	}
	b->playbook->tests = tests;
	b->playbook->test_count = d->count;
	b->playbook->private->stories = stories;
}
