/* Telling, naming and finding: what every part of the build needs. Declarations are gathered by kind first, so that
 * anything may name anything, in whatever file or order it stands. */
#include "playbook/build.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdlib.h>

static const struct kind {
	const char *word;   /* of the vocabulary */
	const char *plural; /* for messages */
	bool keys;          /* its name may stand left of = */
	bool free_name;     /* any text */
} kinds[DECLARED_KINDS] = {
	[DECLARED_PLAYBOOK] = {"playbook", "playbooks", false, false},
	[DECLARED_HOURS] = {"hours", "hours", false, true},
	[DECLARED_CAP] = {"cap", "caps", false, true},
	[DECLARED_TOPIC] = {"topic", "topics", false, false},
	[DECLARED_CONSENT] = {"consent", "consents", false, true},
	[DECLARED_FIELD] = {"field", "fields", true, false},
	[DECLARED_VERB] = {"verb", "verbs", false, true},
	[DECLARED_ASSET] = {"asset", "assets", false, false},
	[DECLARED_FORM] = {"form", "forms", false, false},
	[DECLARED_SCRIPT] = {"script", "scripts", false, false},
	[DECLARED_DISPOSITION] = {"disposition", "dispositions", true, false},
	[DECLARED_TEAM] = {"team", "teams", false, false},
	[DECLARED_ROUTE] = {"route", "routes", false, false},
	[DECLARED_PERSON] = {"person", "people", false, false},
	[DECLARED_MODEL] = {"model", "models", true, false},
	[DECLARED_GRADES] = {"grades", "grades", false, false},
	[DECLARED_SEGMENT] = {"segment", "segments", false, false},
	[DECLARED_CAMPAIGN] = {"campaign", "campaigns", false, false},
	[DECLARED_TEST] = {"test", "tests", false, true},
	[DECLARED_BAND] = {"band", "bands", false, false},
};

static void tell(struct build *b, enum problem_kind kind, struct place at, const char *fmt, va_list args)
{
	struct buf text = {0};
	buf_vprintf(&text, fmt, args);
	problems_add(b->problems, kind, at, b->context, "%s", text.p);
	buf_fini(&text);
}

void build_error(struct build *b, struct place at, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	tell(b, PROBLEM_ERROR, at, fmt, args);
	va_end(args);
}

void build_judge(struct build *b, struct place at, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	tell(b, PROBLEM_JUDGED, at, fmt, args);
	va_end(args);
}

void build_note(struct build *b, struct place at, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	tell(b, PROBLEM_NOTE, at, fmt, args);
	va_end(args);
}

const char *build_show(struct build *b, const struct phrase *phrase)
{
	if (phrase->second)
		return arena_printf(b->arena, "%s(\"%s\", \"%s\")", phrase->word->name, phrase->name, phrase->second);
	if (phrase->name)
		return arena_printf(b->arena, "%s \"%s\"", phrase->word->name, phrase->name);
	if (phrase->number_count == 2)
		return arena_printf(b->arena, "%s(%g, %g)", phrase->word->name, phrase->numbers[0], phrase->numbers[1]);
	if (phrase->number_count)
		return arena_printf(b->arena, "%s(%g)", phrase->word->name, phrase->numbers[0]);
	return arena_printf(b->arena, "%s { … }", phrase->word->name);
}

const char *build_show_detail(struct build *b, const struct detail *d)
{
	switch (d->kind) {
	case DETAIL_TEXT: return arena_printf(b->arena, "\"%.*s\"", d->text.n > 80 ? 80 : (int)d->text.n, d->text.p);
	case DETAIL_NUMBER: return arena_printf(b->arena, "%.14g", d->number);
	case DETAIL_YES: return d->yes ? "true" : "false";
	case DETAIL_TABLE: return "{ … }";
	case DETAIL_PHRASE: return build_show(b, d->phrase);
	case DETAIL_FUNCTION: return "function … end";
	case DETAIL_WORD: return d->word->name;
	case DETAIL_BROKEN: break;
	}
	return "this";
}

const char *build_enter(struct build *b, const struct phrase *phrase)
{
	const char *outer = b->context;
	const unsigned declares = ROLE_DECLARATION | ROLE_RULE | ROLE_BAND | ROLE_STEP;
	if ((phrase->word->roles & declares) && phrase->name)
		b->context =
			*outer ? arena_printf(b->arena, "%s, %s", outer, build_show(b, phrase)) : build_show(b, phrase);
	return outer;
}

void build_leave(struct build *b, const char *outer)
{
	b->context = outer;
}

const char *build_near(struct build *b, const char *wanted, const char *const *names, size_t count)
{
	const char *near = str_nearest(str_of(wanted), names, count);
	return near ? arena_printf(b->arena, " Did you mean \"%s\"?", near) : "";
}

const char *build_join(struct build *b, const char *const *names, size_t count)
{
	struct buf text = {0};
	for (size_t i = 0; i < count && i < 30; i++)
		buf_printf(&text, "%s%s", i ? ", " : "", names[i]);
	if (count > 30)
		buf_printf(&text, " and %zu more", count - 30);
	const char *joined = arena_dup_n(b->arena, text.n ? text.p : "", text.n);
	buf_fini(&text);
	return joined;
}

/* ---- names ---- */

bool build_check_name(struct build *b, const struct phrase *phrase, bool keys)
{
	const char *name = phrase->name;
	bool good = name && *name;
	for (const char *c = good ? name : ""; *c; c++)
		good = good && ((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == (keys ? '_' : '-'));
	if (keys && good && *name >= '0' && *name <= '9')
		good = false;
	if (keys && name && playbook_is_keyword(str_of(name))) {
		build_error(b, phrase->at, "\"%s\" is a word of Lua and cannot be a field. Call it %s%s.", name,
			    strcmp(name, "function") == 0 ? "job_" : "our_", name);
		return false;
	}
	if (!good && keys)
		build_error(
			b, phrase->at,
			"\"%s\" cannot be the name of a %s: it stands left of =, so it has small letters, digits and underscores.",
			name ? name : "", phrase->word->name);
	else if (!good)
		build_error(
			b, phrase->at,
			"\"%s\" cannot be the name of a %s: names in quotes have small letters, digits and hyphens.",
			name ? name : "", phrase->word->name);
	return good;
}

int build_find(const struct build *b, enum declared_kind kind, const char *name)
{
	const struct declared *d = &b->declared[kind];
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->names[i], name) == 0)
			return (int)i;
	return -1;
}

int build_need(struct build *b, struct place at, enum declared_kind kind, const char *name)
{
	const struct declared *d = &b->declared[kind];
	int found = build_find(b, kind, name);
	if (found < 0)
		build_error(b, at, "there is no %s \"%s\".%s", kinds[kind].word, name,
			    build_near(b, name, d->names, d->count));
	return found;
}

/* ---- gathering ---- */

static void add(struct build *b, enum declared_kind kind, struct phrase *phrase, int owner, bool sound)
{
	struct declared *d = &b->declared[kind];
	int before = kind == DECLARED_FIELD ? -1 : build_find(b, kind, phrase->name); /* fields: build_fields looks */
	if (before >= 0) {
		struct place first = d->items[before].phrase->at;
		build_error(b, phrase->at, "there are two %s \"%s\": this one and that of %s:%d. A name is given once.",
			    kinds[kind].plural, phrase->name, first.file, first.line);
		return;
	}
	struct declaration *item = arena_push(b->arena, &d->items, d->count, &d->room, sizeof *item);
	const char **name = arena_push(b->arena, &d->names, d->count, &d->name_room, sizeof *name);
	*item = (struct declaration){phrase, sound, owner};
	*name = phrase->name;
	d->count++;
}

static void gather_bands(struct build *b, struct phrase *grades, bool sound)
{
	int owner = build_find(b, DECLARED_GRADES, grades->name);
	for (size_t i = 0; i < grades->details.part_count; i++) {
		const struct detail *part = &grades->details.parts[i];
		if (part->kind != DETAIL_PHRASE || strcmp(part->phrase->word->name, "band") != 0 || !part->phrase->name)
			continue;
		build_check_name(b, part->phrase, false);
		add(b, DECLARED_BAND, part->phrase, owner, sound);
	}
}

/* Message 10, and `test` in its place. */
static bool stands_well(struct build *b, const struct phrase *phrase)
{
	bool is_test = strcmp(phrase->word->name, "test") == 0;
	bool in_tests = strncmp(phrase->at.file, "tests/", 6) == 0;
	bool declares =
		(phrase->word->roles & ROLE_DECLARATION) && (!(phrase->word->roles & ROLE_CONDITION) || phrase->braced);
	const char *home = phrase->word->roles & ROLE_STEP    ? "its campaign's"
			   : phrase->word->roles & ROLE_RULE  ? "its model's"
			   : phrase->word->roles & ROLE_BAND  ? "its grades'"
			   : phrase->word->roles & ROLE_QUESTION ? "its form's"
			   : phrase->word->roles & ROLE_STORY ? "its test's"
							      : "every declaration's";
	if (!declares) {
		build_error(b, phrase->at, "%s is used nowhere. It stands outside %s braces: was a } closed too early?",
			    build_show(b, phrase), home);
		return false;
	}
	if (is_test && !in_tests)
		build_error(b, phrase->at, "a test stands in a file of the folder tests.");
	else if (!is_test && in_tests)
		build_error(b, phrase->at, "only tests stand in the folder tests; %s belongs to another file.",
			    build_show(b, phrase));
	return is_test == in_tests;
}

static int kind_of(const struct phrase *phrase)
{
	for (int k = 0; k < DECLARED_KINDS; k++)
		if (strcmp(kinds[k].word, phrase->word->name) == 0)
			return k;
	return -1;
}

void build_gather(struct build *b)
{
	size_t count = 0;
	struct phrase *const *phrases = scripts_phrases(b->scripts, &count);
	for (size_t i = 0; i < count; i++) {
		struct phrase *phrase = phrases[i];
		int kind = kind_of(phrase);
		if (!stands_well(b, phrase) || kind < 0 || kind == DECLARED_BAND)
			continue;
		if (!kinds[kind].free_name && !build_check_name(b, phrase, kinds[kind].keys))
			continue;
		bool sound = details_check(b, phrase);
		if (kind == DECLARED_FIELD && !sound)
			b->fields_are_sound = false;
		add(b, (enum declared_kind)kind, phrase, -1, sound);
		if (kind == DECLARED_GRADES)
			gather_bands(b, phrase, sound);
	}
}
