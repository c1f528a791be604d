/* Values in a playbook: what stands right of a field's name, in conditions, in `set` and in stories. A plain value goes
 * through the same door as the API's JSON (model/value.h), so a playbook can only ask for what a lead can hold.
 * Messages 13, 15, 27, 29. */
#include "playbook/build.h"

#include <stdlib.h>

json_t *build_json(const struct detail *d)
{
	switch (d->kind) {
	case DETAIL_TEXT: return json_stringn(d->text.p, d->text.n);
	case DETAIL_NUMBER: return json_real(d->number);
	case DETAIL_YES: return json_boolean(d->yes);
	case DETAIL_WORD: return strcmp(d->word->name, "empty") == 0 ? json_null() : NULL;
	case DETAIL_TABLE: break;
	default: return NULL;
	}
	json_t *list = json_array();
	for (size_t i = 0; i < d->table->part_count; i++) {
		json_t *item = build_json(&d->table->parts[i]);
		if (!item) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, item);
	}
	return list;
}

int build_slot(struct build *b, struct place at, const char *name, bool of_account)
{
	const struct schema *schema = &b->playbook->schema;
	const struct field *fields = of_account ? schema->account : schema->lead;
	size_t count = of_account ? schema->account_count : schema->lead_count;
	int slot = of_account ? schema_account_slot(schema, str_of(name)) : schema_lead_slot(schema, str_of(name));
	if (slot >= 0)
		return slot;
	int other = of_account ? schema_lead_slot(schema, str_of(name)) : schema_account_slot(schema, str_of(name));
	if (other >= 0) {
		build_error(b, at, "%s is a field of the %s. Write %s { %s = … }.", name,
			    of_account ? "lead" : "account", of_account ? "lead" : "account", name);
		return -1;
	}
	const char **names = arena_array(b->arena, count + 1, sizeof *names);
	for (size_t i = 0; i < count; i++)
		names[i] = fields[i].name;
	build_error(b, at, "there is no field \"%s\".%s %s fields are declared in fields.lua%s.", name,
		    build_near(b, name, names, count), of_account ? "Account" : "Lead",
		    of_account ? " with of = \"account\"" : "");
	return -1;
}

/* The value without its field's check: only the type must be one that JSON has. */
static bool read_plain(struct build *b, struct place at, const struct field *field, const struct detail *d,
		       struct value *out)
{
	struct error error = {0};
	json_t *json = build_json(d);
	if (!json) {
		if (d->kind != DETAIL_BROKEN)
			build_error(b, at, "%s cannot be %s.", field->name, build_show_detail(b, d));
		return false;
	}
	int bad = value_from_json(field, json, b->arena, out, &error) || value_refuse_label(field, json, &error);
	if (!bad)
		*out = value_copy(b->arena, out);
	json_decref(json);
	if (bad)
		build_error(b, at, "%s", error.message);
	return !bad;
}

bool build_value(struct build *b, struct place at, const struct field *field, const struct detail *d, struct value *out)
{
	if (field->type == FIELD_DATE && d->kind == DETAIL_TEXT) {
		struct error error = {0};
		out->type = VALUE_DATE;
		bool day = d->text.n == sizeof "2027-03-18" - 1; /* without a time it is kept as leads' fields keep it (model/value.c) */
		if (calendar_parse(d->text, day ? "UTC" : b->playbook->time_zone, &out->date, &error) == 0)
			return true;
		build_error(b, at, "%s: %s", field->name, error.message);
		return false;
	}
	return read_plain(b, at, field, d, out);
}

/* ---- tests of values ---- */

static bool glob_fits_choice(const struct field *field, struct str glob)
{
	for (size_t i = 0; i < field->choice_count; i++)
		if (str_glob(glob, str_of(field->choices[i])))
			return true;
	return false;
}

/* One of the values of `field = …`: texts with a star are patterns, a choice of a list is a text. */
static bool read_one(struct build *b, struct place at, const struct field *field, const struct detail *d,
		     struct value *out)
{
	struct field one = *field;
	if (one.type == FIELD_CHOICES)
		one.type = FIELD_CHOICE;
	bool glob = d->kind == DETAIL_TEXT && memchr(d->text.p, '*', d->text.n);
	if (!glob || one.type == FIELD_NUMBER || one.type == FIELD_YES_NO || one.type == FIELD_DATE)
		return build_value(b, at, &one, d, out);
	if (one.type == FIELD_CHOICE && !glob_fits_choice(field, d->text))
		return build_value(b, at, &one, d, out); /* says which choices there are */
	*out = (struct value){.type = VALUE_TEXT, .text = d->text};
	return true;
}

static bool read_list(struct build *b, struct place at, const struct field *field, const struct detail *d,
		      struct value_test *out)
{
	size_t n = d->kind == DETAIL_TABLE ? d->table->part_count : 1;
	struct value *values = arena_array(b->arena, n + 1, sizeof *values);
	bool good = true;
	if (d->kind == DETAIL_TABLE && (d->table->property_count || n == 0)) {
		build_error(b, at, "%s = { … } takes a list of values.", field->name);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		good &= read_one(b, at, field, d->kind == DETAIL_TABLE ? &d->table->parts[i] : d, &values[i]);
	*out = (struct value_test){.op = TEST_IS, .values = values, .value_count = n};
	return good;
}

static bool is_word(const struct detail *d, const char *name)
{
	return d->kind == DETAIL_WORD && strcmp(d->word->name, name) == 0;
}

/* at_least(n), at_most(n), above(n), below(n), between(a, b); false when it is none of them. */
static bool read_bounds(const struct detail *d, struct value_test *out)
{
	static const struct {
		const char *word;
		enum test_op op;
	} words[] = {{"at_least", TEST_AT_LEAST},
		     {"above", TEST_ABOVE},
		     {"at_most", TEST_AT_MOST},
		     {"below", TEST_BELOW},
		     {"between", TEST_BETWEEN}};
	if (d->kind != DETAIL_PHRASE)
		return false;
	const struct phrase *p = d->phrase;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(p->word->name, words[i].word) != 0)
			continue;
		bool high = words[i].op == TEST_AT_MOST || words[i].op == TEST_BELOW;
		*out = (struct value_test){.op = words[i].op};
		out->low = high ? 0 : p->numbers[0];
		out->high = high ? p->numbers[0] : p->numbers[1];
		return true;
	}
	return false;
}

static bool check_bounds(struct build *b, struct place at, const struct value_test *test)
{
	if (test->op != TEST_BETWEEN || test->low <= test->high)
		return true;
	build_error(b, at, "between(%g, %g) is never true: the smaller number stands first.", test->low, test->high);
	return false;
}

bool build_value_test(struct build *b, struct place at, const struct field *field, const struct detail *d,
		      struct value_test *out)
{
	if (is_word(d, "known") || is_word(d, "empty")) {
		*out = (struct value_test){.op = is_word(d, "known") ? TEST_KNOWN : TEST_EMPTY};
		return true;
	}
	if (read_bounds(d, out)) {
		if (field->type == FIELD_NUMBER)
			return check_bounds(b, at, out);
		build_error(b, at, "%s is no number, and %s compares numbers.", field->name, d->phrase->word->name);
		return false;
	}
	return read_list(b, at, field, d, out);
}

bool build_number_test(struct build *b, struct place at, const char *what, const struct detail *d,
		       struct value_test *out)
{
	if (read_bounds(d, out))
		return check_bounds(b, at, out);
	if (d->kind == DETAIL_NUMBER) {
		*out = (struct value_test){.op = TEST_BETWEEN, .low = d->number, .high = d->number};
		return true;
	}
	if (d->kind != DETAIL_BROKEN)
		build_error(b, at, "%s is compared with a number: %s = at_least(20); %s cannot stand there.", what,
			    what, build_show_detail(b, d));
	return false;
}

const struct field_value *build_field_values(struct build *b, const struct phrase *phrase, bool of_account,
					     size_t *count)
{
	const struct schema *schema = &b->playbook->schema;
	const struct details *d = &phrase->details;
	struct field_value *out = arena_array(b->arena, d->property_count + 1, sizeof *out);
	*count = 0;
	if (d->part_count)
		build_error(b, phrase->at, "%s takes field = value, nothing else.", phrase->word->name);
	for (size_t i = 0; i < d->property_count; i++) {
		int slot = build_slot(b, phrase->at, d->properties[i].key, of_account);
		if (slot < 0)
			continue;
		const struct field *field = of_account ? &schema->account[slot] : &schema->lead[slot];
		out[*count].slot = slot;
		struct error error = {0};
		if (value_refuse_computed(field, &error) < 0)
			build_error(b, phrase->at, "%s", error.message);
		else if (build_value(b, phrase->at, field, &d->properties[i], &out[*count].value))
			++*count;
	}
	return out;
}

/* ---- names that are no declarations ---- */

static bool is_among(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

bool build_channel_or(struct build *b, struct place at, const char *name, const char *const *more, size_t more_count)
{
	const char *names[24] = {"email", "call", "letter"};
	size_t count = 3;
	for (size_t i = 0; b->site && i < b->site->channel_count && count < 16; i++)
		if (!is_among(names, count, b->site->channels[i].kind))
			names[count++] = b->site->channels[i].kind;
	size_t channels = count;
	for (size_t i = 0; i < more_count && count < 24; i++)
		names[count++] = more[i];
	if (is_among(names, count, name))
		return true;
	build_error(b, at, "there is no channel \"%s\".%s The channels are %s%s%s.", name, build_near(b, name, names, count), build_join(b, names, channels),
		    more_count ? "; beside them stand " : "", build_join(b, more, more_count));
	return false;
}

bool build_channel_kind(struct build *b, struct place at, const char *name, bool star)
{
	return (star && strcmp(name, "*") == 0) || build_channel_or(b, at, name, NULL, 0);
}

bool build_stage(struct build *b, struct place at, const char *name, enum stage *out)
{
	const char *names[STAGE_COUNT];
	for (int i = 0; i < STAGE_COUNT; i++)
		names[i] = stage_name((enum stage)i);
	if (stage_from(str_of(name), out))
		return true;
	build_error(b, at, "there is no stage \"%s\".%s The stages are %s.", name,
		    build_near(b, name, names, STAGE_COUNT), build_join(b, names, STAGE_COUNT));
	return false;
}

/* ---- grades ---- */

static const struct grades *lettered(struct build *b, struct place at)
{
	for (size_t i = 0; i < b->playbook->grades_count; i++)
		if (b->playbook->grades[i].letter_count && !b->playbook->grades[i].of_account)
			return &b->playbook->grades[i];
	build_error(b, at, "no grades give letters. Declare them: grades \"main\" { axes = { … } }.");
	return NULL;
}

/* Letter 0..3 or -1 = any; digit likewise. false when the text is no grade at all. */
static bool split_grade(struct str text, bool digits, int *letter, int *digit)
{
	if (text.n == 0 || text.n > 2)
		return false;
	*letter = text.p[0] == '*' ? -1 : text.p[0] - 'A';
	*digit = -1;
	if (text.n == 2)
		*digit = text.p[1] == '*' ? -1 : text.p[1] - '1';
	bool letter_good = text.p[0] == '*' || (text.p[0] >= 'A' && text.p[0] <= 'Z');
	bool digit_good =
		text.n == 1 ? !digits || text.p[0] == '*' : text.p[1] == '*' || (text.p[1] >= '0' && text.p[1] <= '9');
	return letter_good && digit_good && (digits || text.n == 1 || text.p[1] == '*');
}

/* Message 29. */
static bool grade_can_be(struct build *b, struct place at, const struct grades *g, struct str text, int letter,
			 int digit)
{
	if (letter >= (int)g->letter_count)
		build_error(b, at, "grade \"%.*s\" cannot happen: letters go from A to %c.", STR_ARG(text),
			    (char)('A' + g->letter_count - 1));
	else if (digit >= (int)g->digit_count || digit < -1)
		build_error(b, at, "grade \"%.*s\" cannot happen: digits go from 1 to %d.", STR_ARG(text),
			    (int)g->digit_count);
	else
		return true;
	return false;
}

bool build_grade(struct build *b, struct place at, const char *whole, struct str *out, size_t *count, size_t most)
{
	const struct grades *g = lettered(b, at);
	struct str text = str_of(whole);
	bool better = str_ends(text, STR(" or better"));
	int letter = 0, digit = 0;
	if (!g)
		return false;
	if (better)
		text.n -= strlen(" or better");
	if (!split_grade(text, g->digit_count > 0, &letter, &digit)) {
		build_error(b, at, "\"%s\" is no grade. Write \"%s\", \"C*\" or \"%s or better\".", whole,
			    g->digit_count ? "A1" : "A", g->digit_count ? "B2" : "B");
		return false;
	}
	if (!grade_can_be(b, at, g, text, letter, digit))
		return false;
	int digits = g->digit_count ? (int)g->digit_count : 1;
	for (int l = 0; l < (int)g->letter_count; l++) {
		for (int d = 0; d < digits; d++) {
			bool letter_fits = letter < 0 || (better ? l <= letter : l == letter);
			bool digit_fits = digit < 0 || (better ? d <= digit : d == digit);
			if (!letter_fits || !digit_fits || *count == most)
				continue;
			char *name = arena_alloc(b->arena, 3);
			name[0] = (char)('A' + l);
			if (g->digit_count)
				name[1] = (char)('1' + d);
			out[(*count)++] = str_of(name);
		}
	}
	return true;
}

/* ---- templates ---- */

static const char *suffix_of(const char *kind)
{
	return strcmp(kind, "page") == 0 ? ".html" : ".md";
}

static bool has_template(struct build *b, const char *kind, const char *name)
{
	const char *path = arena_printf(b->arena, "templates/%s/%s%s", kind, name, suffix_of(kind));
	return playbook_files_find(b->files, str_of(path)) != NULL;
}

void build_need_template(struct build *b, struct place at, const char *kind, const char *name)
{
	if (has_template(b, kind, name))
		return;
	const char *folder = arena_printf(b->arena, "templates/%s/", kind), *suffix = suffix_of(kind);
	const char **names = arena_array(b->arena, b->files->count + 1, sizeof *names);
	size_t count = 0;
	for (size_t i = 0; i < b->files->count; i++) {
		struct str path = str_of(b->files->files[i].path);
		if (str_starts(path, str_of(folder)) && str_ends(path, str_of(suffix)))
			names[count++] = arena_dup_n(b->arena, path.p + strlen(folder), path.n - strlen(folder) - strlen(suffix));
	}
	if (count)
		build_error(b, at, "there is no template %s%s%s. Write it, or name one of: %s.", folder, name, suffix,
			    build_join(b, names, count));
	else
		build_error(b, at, "there is no template %s%s%s. Write it.", folder, name, suffix);
}
