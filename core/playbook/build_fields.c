/* Fields, verbs and assets: what leads can hold, what they can do, and what there is to offer them. The schema is the
 * standard fields with the playbook's behind them; slots are positions in it. */
#include "playbook/build.h"

#include <stdlib.h>

static const char *const reserved[] = {"id",   "stage",   "score",      "account", "lead",   "grade",
				       "band", "segment", "created_at", "event",   "visitor"};

/* ---- field ---- */

static bool read_type(struct build *b, const struct phrase *phrase, enum field_type *out)
{
	static const char *const names[] = {
		[FIELD_TEXT] = "text",     [FIELD_NUMBER] = "number", [FIELD_DATE] = "date",
		[FIELD_YES_NO] = "yes/no", [FIELD_CHOICE] = "choice", [FIELD_CHOICES] = "choices"};
	const char *type = detail_text(phrase, "type");
	for (int i = 0; type && i < 6; i++) {
		if (strcmp(type, names[i]) == 0) {
			*out = (enum field_type)i;
			return true;
		}
	}
	if (type)
		build_error(b, phrase->at,
			    "\"%s\" is no type of a field.%s It is text, number, date, yes/no, choice or choices.",
			    type, build_near(b, type, names, 6));
	else
		build_error(b, phrase->at, "type = is missing: text, number, date, yes/no, choice or choices.");
	return false;
}

/* "name: label" or "name". */
/* what: "choice", or whatever else is named left of =. */
static bool read_choice(struct build *b, const struct phrase *phrase, const char *what, struct str text, const char **name, const char **label)
{
	struct str rest = text;
	struct str first = str_trim(str_cut(&rest, ':'));
	bool good = first.n > 0 && first.n <= 60;
	*name = arena_dup_n(b->arena, first.p, first.n);
	*label = rest.p ? arena_dup_n(b->arena, str_trim(rest).p, str_trim(rest).n) : *name;
	for (size_t i = 0; i < first.n; i++) {
		char c = first.p[i];
		good = good && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
	}
	if (good && playbook_is_keyword(first)) {
		build_error(b, phrase->at, "\"%s\" is a word of Lua and cannot be a %s. Call it our_%s.", *name, what, *name);
		return false;
	}
	if (!good)
		build_error(
			b, phrase->at,
			"\"%s\" cannot be a %s: names left of = have small letters, digits and underscores. A label stands behind a "
			"colon: \"now: right now\".",
			*name, what);
	return good;
}

static void read_choices(struct build *b, const struct phrase *phrase, struct field *out)
{
	size_t n = 0;
	const struct str *texts = detail_texts(b, phrase, "choices", &n);
	bool wanted = out->type == FIELD_CHOICE || out->type == FIELD_CHOICES;
	const char **names = arena_array(b->arena, n + 1, sizeof *names),
		   **labels = arena_array(b->arena, n + 1, sizeof *labels);
	if (wanted && n == 0)
		build_error(b, phrase->at, "choices = is missing: choices = { \"now: right now\", \"later\" }.");
	if (!wanted && n > 0)
		build_error(b, phrase->at, "choices belong to type = \"choice\" or \"choices\".");
	for (size_t i = 0; i < n; i++) {
		if (!read_choice(b, phrase, "choice", texts[i], &names[out->choice_count], &labels[out->choice_count]))
			continue;
		for (size_t k = 0; k < out->choice_count; k++)
			if (strcmp(names[k], names[out->choice_count]) == 0)
				build_error(b, phrase->at, "the choice \"%s\" is given twice.", names[k]);
		out->choice_count++;
	}
	out->choices = names;
	out->choice_labels = labels;
}

static bool name_is_free(struct build *b, const struct phrase *phrase, const struct field *fields, size_t count,
			 size_t standard)
{
	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
		if (strcmp(phrase->name, reserved[i]) == 0) {
			build_error(b, phrase->at, "\"%s\" has a meaning of its own and cannot be a field.",
				    phrase->name);
			return false;
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (strcmp(fields[i].name, phrase->name) != 0)
			continue;
		if (i < standard)
			build_error(b, phrase->at, "every lead has the field \"%s\" already. It is not declared.",
				    phrase->name);
		else
			build_error(b, phrase->at, "there are two fields \"%s\". A name is given once.", phrase->name);
		return false;
	}
	return true;
}

static bool is_of_account(struct build *b, const struct phrase *phrase)
{
	const char *of = detail_text(phrase, "of");
	if (of && strcmp(of, "account") != 0 && strcmp(of, "lead") != 0)
		build_error(b, phrase->at, "a field is of = \"lead\" or of = \"account\"; \"%s\" is neither.", of);
	return of && strcmp(of, "account") == 0;
}

static void read_field(struct build *b, const struct phrase *phrase, struct field *fields, size_t *count,
		       size_t standard)
{
	struct field field = {.name = phrase->name};
	const char *outer = build_enter(b, phrase);
	if (name_is_free(b, phrase, fields, *count, standard) && read_type(b, phrase, &field.type)) {
		field.label = detail_text(phrase, "label") ? detail_text(phrase, "label") : phrase->name;
		field.personal = detail_yes(phrase, "personal");
		read_choices(b, phrase, &field);
		fields[(*count)++] = field;
	} else {
		b->fields_are_sound = false;
	}
	build_leave(b, outer);
}

static void read_fields(struct build *b)
{
	const struct declared *d = &b->declared[DECLARED_FIELD];
	struct schema *schema = &b->playbook->schema;
	struct field *leads = arena_array(b->arena, d->count + LEAD_STANDARD_COUNT, sizeof *leads);
	struct field *accounts = arena_array(b->arena, d->count + ACCOUNT_STANDARD_COUNT, sizeof *accounts);
	memcpy(leads, model_lead_fields, sizeof model_lead_fields);
	memcpy(accounts, model_account_fields, sizeof model_account_fields);
	*schema = (struct schema){leads, LEAD_STANDARD_COUNT, accounts, ACCOUNT_STANDARD_COUNT};
	for (size_t i = 0; i < d->count; i++) {
		const struct phrase *phrase = d->items[i].phrase;
		if (!d->items[i].sound)
			continue;
		if (is_of_account(b, phrase))
			read_field(b, phrase, accounts, &schema->account_count, ACCOUNT_STANDARD_COUNT);
		else
			read_field(b, phrase, leads, &schema->lead_count, LEAD_STANDARD_COUNT);
	}
}

/* ---- verb ---- */

static bool verb_name_is_good(const char *name)
{
	bool dot = false;
	for (const char *c = name; *c; c++) {
		if (*c == '.' && c > name && c[1])
			dot = true;
		else if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_'))
			return false;
	}
	return dot && strlen(name) <= 60;
}

static void read_verb(struct build *b, const struct phrase *phrase, struct verb *out)
{
	const char *by = detail_text(phrase, "by");
	*out = (struct verb){.name = phrase->name,
			     .label = detail_text(phrase, "label"),
			     .by_lead = by && strcmp(by, "lead") == 0};
	if (!out->label)
		out->label = phrase->name;
	if (verb_find(str_of(phrase->name)))
		build_error(b, phrase->at, "the verb \"%s\" is built in. It is not declared.", phrase->name);
	else if (!verb_name_is_good(phrase->name))
		build_error(b, phrase->at,
			    "\"%s\" cannot be a verb: write what and what was done, like \"demo.request\".",
			    phrase->name);
	if (!by || (strcmp(by, "lead") != 0 && strcmp(by, "us") != 0))
		build_error(b, phrase->at, "say who does it: by = \"lead\" or by = \"us\".");
}

/* fields = { "seats: how many", "plan" }: what stands in its data. */
static void read_verb_data(struct build *b, const struct phrase *phrase, struct verb_data *out)
{
	size_t n = 0;
	const struct str *texts = detail_texts(b, phrase, "fields", &n);
	const char **names = arena_array(b->arena, n + 1, sizeof *names), *label = NULL;
	out->value = detail_text(phrase, "value");
	out->fields = names;
	for (size_t i = 0; i < n; i++)
		if (read_choice(b, phrase, "field", texts[i], &names[out->field_count], &label))
			out->field_count++;
}

static void read_verbs(struct build *b)
{
	const struct declared *d = &b->declared[DECLARED_VERB];
	struct verb *verbs = arena_array(b->arena, d->count + 1, sizeof *verbs);
	struct verb_data *data = arena_array(b->arena, d->count + 1, sizeof *data);
	for (size_t i = 0; i < d->count; i++) {
		const char *outer = build_enter(b, d->items[i].phrase);
		if (d->items[i].sound) {
			read_verb_data(b, d->items[i].phrase, &data[b->playbook->verb_count]);
			read_verb(b, d->items[i].phrase, &verbs[b->playbook->verb_count++]);
		}
		build_leave(b, outer);
	}
	b->playbook->verbs = verbs;
	b->playbook->verb_data = data;
}

/* ---- asset ---- */

/* What is given away lies in the folder library of the playbook, so that every node has it. */
static void need_file(struct build *b, struct place at, const char *file)
{
	const char *path = arena_printf(b->arena, "library/%s", file);
	const char **names = arena_array(b->arena, b->files->count + 1, sizeof *names);
	size_t count = 0;
	if (playbook_files_find(b->files, str_of(path)))
		return;
	for (size_t i = 0; i < b->files->count; i++)
		if (str_starts(str_of(b->files->files[i].path), STR("library/")))
			names[count++] = b->files->files[i].path + strlen("library/");
	build_error(b, at, "there is no file library/%s in the playbook.%s", file, build_near(b, file, names, count));
}

static void read_asset(struct build *b, const struct phrase *phrase, struct asset *out)
{
	size_t n = 0;
	const struct str *next = detail_texts(b, phrase, "next", &n);
	const char **names = arena_array(b->arena, n + 1, sizeof *names);
	struct error error = {0};
	const char *at = detail_text(phrase, "at");
	*out = (struct asset){.name = phrase->name,
			      .title = detail_text(phrase, "title"),
			      .kind = detail_text(phrase, "kind"),
			      .topic = detail_text(phrase, "topic"),
			      .buying_stage = detail_text(phrase, "buying_stage"),
			      .file = detail_text(phrase, "file"),
			      .url = detail_text(phrase, "url"),
			      .at = phrase->at,
			      .lasts = detail_length(phrase, "lasts")};
	if (!out->title)
		out->title = phrase->name;
	if (out->file && out->url)
		build_error(b, phrase->at, "an asset is a file or a url, not both.");
	if (out->url && !str_starts(str_of(out->url), STR("https://")) && !str_starts(str_of(out->url), STR("http://")))
		build_error(b, phrase->at, "url = \"%s\" is no address of the web: it begins with https://.", out->url);
	if (out->file && (strstr(out->file, "..") || out->file[0] == '/'))
		build_error(
			b, phrase->at,
			"file = \"%s\" must be the name of a file in the library, without .. and without / at its start.",
			out->file);
	else if (out->file)
		need_file(b, phrase->at, out->file);
	if (at && calendar_parse_written(str_of(at), b->playbook->time_zone, &out->starts_at, &error) < 0)
		build_error(b, phrase->at, "%s", error.message);
	for (size_t i = 0; i < n; i++)
		if (build_need(b, phrase->at, DECLARED_ASSET, next[i].p) >= 0)
			names[out->next_count++] = next[i].p;
	out->next = names;
}

static void read_assets(struct build *b)
{
	const struct declared *d = &b->declared[DECLARED_ASSET];
	struct asset *assets = arena_array(b->arena, d->count + 1, sizeof *assets);
	for (size_t i = 0; i < d->count; i++) {
		const char *outer = build_enter(b, d->items[i].phrase);
		if (d->items[i].sound)
			read_asset(b, d->items[i].phrase, &assets[b->playbook->asset_count++]);
		build_leave(b, outer);
	}
	b->playbook->assets = assets;
}

void build_fields(struct build *b)
{
	read_fields(b);
	read_verbs(b);
	read_assets(b);
}
