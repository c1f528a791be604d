/* What a template may name. Called by liquid_expr.c for every variable; says what is unknown, with the nearest name.
 *
 *   lead.FIELD  account.FIELD       the fields of the schema (choices: their names; dates: see liquid_value.c)
 *   score.MODEL                     points
 *   grade  band  grade.NAME …       of the only `grades`, or of the one named
 *   stage  campaign  step  purpose  of the lead, of the touch
 *   data.ANYTHING                   the touch's data; what is not there is nil
 *   asset.NAME.title …              title kind topic buying_stage url, fixed when the playbook is loaded
 *   asset.NAME.link                 the lead's own signed address of it
 *   offer.title  offer.link …       the same of the asset that this contact offers (offer = "next"); nil where it offers none
 *   playbook.title …                title name language
 *   reply.code  reply.url           of a letter: by which it is answered
 *   unsubscribe_url  confirm_url  refer_url  postal_address  public_url  now  today
 *   form.NAME                       in a page: the form itself. A page names nothing of a lead
 *   and what the template itself assigned, captured or walks over with for (forloop too). */
#include "playbook/liquid.h"

#include <stdio.h>
#include <stdlib.h>

struct path {
	struct liquid_lexer *lexer;
	const struct liquid_segment *segments;
	size_t count;
	size_t used; /* segments that the root has read */
	struct buf *out;
};

static const struct playbook *playbook_of(const struct path *path)
{
	return path->lexer->liquid->site->playbook;
}

/* The next part of the path, which must be written out; false after a problem. */
static bool take_part(struct path *path, const char *root, const char *what, struct str *out)
{
	if (path->used == path->count)
		liquid_wrong(path->lexer, "%s alone prints nothing. Name %s: %s.%s.", root, what, root, "NAME");
	else if (!path->segments[path->used].name.p)
		liquid_wrong(path->lexer, "after %s a name must be written out, not computed.", root);
	else {
		*out = path->segments[path->used++].name;
		return true;
	}
	return false;
}

static void unknown(struct path *path, const char *what, struct str name, const char *const *names, size_t count,
		    const char *more)
{
	const char *nearest = str_nearest(name, names, count);
	if (nearest)
		liquid_wrong(path->lexer, "there is no %s \"%.*s\". Did you mean \"%s\"?%s", what, STR_ARG(name),
			     nearest, more);
	else
		liquid_wrong(path->lexer, "there is no %s \"%.*s\".%s", what, STR_ARG(name), more);
}

/* ---- fields ---- */

static void field_root(struct path *path, const char *root, const struct field *fields, size_t count,
		       const char *function)
{
	struct str name;
	if (!take_part(path, root, "a field", &name))
		return;
	for (size_t i = 0; i < count; i++)
		if (str_is(name, fields[i].name)) {
			buf_printf(path->out, "%s(%zu)", function, i);
			return;
		}
	const char **names = arena_array(path->lexer->liquid->arena, count, sizeof *names);
	for (size_t i = 0; i < count; i++)
		names[i] = fields[i].name;
	char what[32], more[80];
	snprintf(what, sizeof what, "%sfield", strcmp(root, "account") == 0 ? "account " : "");
	snprintf(more, sizeof more, " %s fields are declared in fields.lua.",
		 strcmp(root, "account") == 0 ? "Account" : "Lead");
	unknown(path, what, name, names, count, more);
}

static void root_lead(struct path *path)
{
	const struct schema *schema = &playbook_of(path)->schema;
	field_root(path, "lead", schema->lead, schema->lead_count, "L");
}

static void root_account(struct path *path)
{
	const struct schema *schema = &playbook_of(path)->schema;
	field_root(path, "account", schema->account, schema->account_count, "A");
}

/* ---- scores, grades ---- */

static void root_score(struct path *path)
{
	const struct playbook *playbook = playbook_of(path);
	struct str name;
	if (!take_part(path, "score", "a model", &name))
		return;
	for (size_t i = 0; i < playbook->model_count; i++)
		if (str_is(name, playbook->models[i].name)) {
			buf_printf(path->out, "S(%zu)", i);
			return;
		}
	const char **names = arena_array(path->lexer->liquid->arena, playbook->model_count, sizeof *names);
	for (size_t i = 0; i < playbook->model_count; i++)
		names[i] = playbook->models[i].name;
	unknown(path, "model", name, names, playbook->model_count, "");
}

static void grades_root(struct path *path, const char *root, const char *function)
{
	const struct playbook *playbook = playbook_of(path);
	struct str name;
	if (path->used == path->count && playbook->grades_count == 1) {
		buf_printf(path->out, "%s(0)", function);
		return;
	}
	if (!playbook->grades_count)
		liquid_wrong(path->lexer, "%s has no meaning: no grades are declared.", root);
	if (path->used == path->count)
		liquid_wrong(path->lexer, "there are %zu grades. Say which: %s.%s.", playbook->grades_count, root,
			     playbook->grades_count ? playbook->grades[0].name : "");
	if (path->lexer->failed || !take_part(path, root, "grades", &name))
		return;
	const char **names = arena_array(path->lexer->liquid->arena, playbook->grades_count, sizeof *names);
	for (size_t i = 0; i < playbook->grades_count; i++) {
		names[i] = playbook->grades[i].name;
		if (str_is(name, names[i])) {
			buf_printf(path->out, "%s(%zu)", function, i);
			return;
		}
	}
	unknown(path, "grades", name, names, playbook->grades_count, "");
}

static void root_grade(struct path *path)
{
	grades_root(path, "grade", "G");
}

static void root_band(struct path *path)
{
	grades_root(path, "band", "B");
}

/* ---- what is fixed at load: written as it is ---- */

static void put_fixed(struct path *path, const char *text)
{
	if (text)
		liquid_lua_text(path->out, str_of(text));
	else
		buf_puts(path->out, "nil");
}

static const struct asset *find_asset(struct path *path)
{
	const struct playbook *playbook = playbook_of(path);
	struct str name;
	if (!take_part(path, "asset", "an asset", &name))
		return NULL;
	const char **names = arena_array(path->lexer->liquid->arena, playbook->asset_count, sizeof *names);
	for (size_t i = 0; i < playbook->asset_count; i++) {
		names[i] = playbook->assets[i].name;
		if (str_is(name, names[i]))
			return &playbook->assets[i];
	}
	unknown(path, "asset", name, names, playbook->asset_count, "");
	return NULL;
}

static void root_asset(struct path *path)
{
	static const char *const parts[] = {"title", "kind", "topic", "buying_stage", "url", "name", "link"};
	struct str part;
	const struct asset *asset = find_asset(path);
	if (!asset || !take_part(path, "asset.NAME", "title, link, url, kind, topic or buying_stage", &part))
		return;
	const char *const texts[] = {asset->title,        asset->kind, asset->topic, asset->buying_stage,
				     asset->url,  asset->name, NULL};
	if (str_is(part, "url") && !asset->url)
		liquid_wrong(path->lexer, "asset \"%s\" has no url. Its own address for each lead is asset.%s.link.", asset->name, asset->name);
	if (str_is(part, "link") && path->lexer->liquid->site->page)
		liquid_wrong(path->lexer, "asset.%s.link is one lead's own and cannot stand in a page. A form gives it: form.NAME.", asset->name);
	if (str_is(part, "link")) {
		buf_printf(path->out, "D(%td)", asset - playbook_of(path)->assets);
		return;
	}
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (str_is(part, parts[i])) {
			put_fixed(path, texts[i]);
			return;
		}
	unknown(path, "part of an asset called", part, parts, sizeof parts / sizeof *parts,
		" It has title, link, url, kind, topic and buying_stage.");
}

static void root_offer(struct path *path)
{
	struct str part;
	if (!take_part(path, "offer", "title, link, url, kind, topic or buying_stage", &part))
		return;
	for (size_t i = 0; liquid_offer_parts[i]; i++)
		if (str_is(part, liquid_offer_parts[i])) {
			buf_printf(path->out, "O(%zu)", i);
			return;
		}
	unknown(path, "part of an offer called", part, liquid_offer_parts, 7, " It has title, link, url, kind, topic and buying_stage.");
}

static void root_playbook(struct path *path)
{
	static const char *const parts[] = {"title", "name", "language"};
	const struct playbook *playbook = playbook_of(path);
	const char *const texts[] = {playbook->title ? playbook->title : playbook->name, playbook->name,
				     playbook->language};
	struct str part;
	if (!take_part(path, "playbook", "title, name or language", &part))
		return;
	for (size_t i = 0; i < 3; i++)
		if (str_is(part, parts[i])) {
			put_fixed(path, texts[i]);
			return;
		}
	unknown(path, "part of the playbook called", part, parts, 3, "");
}

static void root_reply(struct path *path)
{
	static const char *const parts[] = {"code", "url"};
	struct str part;
	if (!path->lexer->liquid->site->letter)
		liquid_wrong(path->lexer, "reply stands in letters only: templates/letter/NAME.md.");
	else if (!take_part(path, "reply", "code or url", &part))
		return;
	else if (str_is(part, "code") || str_is(part, "url"))
		buf_printf(path->out, "N(%d)", (int)(str_is(part, "url") ? WORD_REPLY_URL : WORD_REPLY_CODE));
	else
		unknown(path, "part of a reply called", part, parts, 2, " It has code and url.");
}

/* A mark that no text can hold: whoever serves the page puts the form there (template.h). */
static void root_form(struct path *path)
{
	const struct playbook *playbook = playbook_of(path);
	struct str name;
	if (!path->lexer->liquid->site->page) {
		liquid_wrong(path->lexer, "a form stands in pages only: templates/page/NAME.html.");
		return;
	}
	if (!take_part(path, "form", "a form", &name))
		return;
	const char **names = arena_array(path->lexer->liquid->arena, playbook->form_count + 1, sizeof *names);
	for (size_t i = 0; i < playbook->form_count; i++) {
		names[i] = playbook->forms[i].name;
		if (str_is(name, names[i])) {
			buf_printf(path->out, "\"\\1%s\\1\"", names[i]);
			return;
		}
	}
	unknown(path, "form", name, names, playbook->form_count, "");
}

/* ---- the table ---- */

struct root {
	const char *name;
	void (*write)(struct path *path); /* NULL: the word's number goes to N */
	enum liquid_word word;
	bool anybody; /* may stand in a page */
};
static const struct root roots[] = {
	{"lead", root_lead, 0, false},
	{"account", root_account, 0, false},
	{"score", root_score, 0, false},
	{"grade", root_grade, 0, false},
	{"band", root_band, 0, false},
	{"asset", root_asset, 0, true},
	{"offer", root_offer, 0, false},
	{"playbook", root_playbook, 0, true},
	{"form", root_form, 0, true},
	{"reply", root_reply, 0, false},
	{"stage", NULL, WORD_STAGE, false},
	{"campaign", NULL, WORD_CAMPAIGN, false},
	{"step", NULL, WORD_STEP, false},
	{"purpose", NULL, WORD_PURPOSE, false},
	{"data", NULL, WORD_DATA, true},
	{"now", NULL, WORD_NOW, true},
	{"today", NULL, WORD_TODAY, true},
	{"public_url", NULL, WORD_PUBLIC_URL, true},
	{"unsubscribe_url", NULL, WORD_UNSUBSCRIBE_URL, false},
	{"postal_address", NULL, WORD_POSTAL_ADDRESS, true},
	{"confirm_url", NULL, WORD_CONFIRM_URL, false},
	{"refer_url", NULL, WORD_REFER_URL, false},
};
enum { ROOT_COUNT = sizeof roots / sizeof *roots };

/* forloop.index …, of the loop `outward` loops out from the innermost. */
static void loop_part(struct path *path, size_t outward)
{
	static const struct {
		const char *name, *format;
	} parts[] = {
		{"index", "i%d"},      {"index0", "(i%d-1)"},  {"rindex", "(n%d-i%d+1)"}, {"rindex0", "(n%d-i%d)"},
		{"first", "(i%d==1)"}, {"last", "(i%d==n%d)"}, {"length", "n%d"},
	};
	const struct liquid *liquid = path->lexer->liquid;
	struct str part;
	if (outward >= liquid->loop_count) {
		liquid_wrong(path->lexer,
			     outward ? "this for stands in no other for." : "forloop stands outside of a for.");
		return;
	}
	int id = liquid->loops[liquid->loop_count - 1 - outward].id;
	if (!take_part(path, "forloop", "index, first, last …", &part))
		return;
	if (str_is(part, "parentloop")) {
		loop_part(path, outward + 1);
		return;
	}
	const char *names[8];
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		names[i] = parts[i].name;
		if (str_is(part, names[i])) {
			buf_printf(path->out, parts[i].format, id, id);
			return;
		}
	}
	unknown(path, "part of forloop called", part, names, sizeof parts / sizeof *parts, "");
}

/* A variable of the template itself. */
static bool own_name(struct path *path, struct str root)
{
	const struct liquid *liquid = path->lexer->liquid;
	for (size_t i = liquid->loop_count; i--;)
		if (str_same(liquid->loops[i].name, root)) {
			buf_printf(path->out, "x%d", liquid->loops[i].id);
			return true;
		}
	for (size_t i = 0; i < liquid->assigned_count; i++)
		if (str_same(liquid->assigned[i].name, root)) {
			buf_printf(path->out, "a[%d]", liquid->assigned[i].id);
			return true;
		}
	return false;
}

static void unknown_root(struct path *path, struct str root)
{
	const struct liquid *liquid = path->lexer->liquid;
	const char *names[ROOT_COUNT + 128];
	size_t count = 0;
	for (; count < ROOT_COUNT; count++)
		names[count] = roots[count].name;
	for (size_t i = 0; i < liquid->assigned_count && count < ROOT_COUNT + 100; i++)
		names[count++] = arena_dup_n(liquid->arena, liquid->assigned[i].name.p, liquid->assigned[i].name.n);
	for (size_t i = 0; i < liquid->loop_count && count < ROOT_COUNT + 128; i++)
		names[count++] = arena_dup_n(liquid->arena, liquid->loops[i].name.p, liquid->loops[i].name.n);
	char more[96] = "";
	if (schema_lead_slot(&liquid->site->playbook->schema, root) >= 0)
		snprintf(more, sizeof more, " The lead's field is lead.%.*s.", root.n > 60 ? 60 : (int)root.n, root.p);
	unknown(path, "variable", root, names, count, more);
}

static void write_root(struct path *path, struct str root)
{
	if (str_is(root, "forloop")) {
		loop_part(path, 0);
		return;
	}
	if (own_name(path, root))
		return;
	for (size_t i = 0; i < ROOT_COUNT; i++) {
		if (!str_is(root, roots[i].name))
			continue;
		if (path->lexer->liquid->site->page && !roots[i].anybody)
			liquid_wrong(path->lexer, "%s cannot stand in a page: anybody may open it.", roots[i].name);
		else if (roots[i].write)
			roots[i].write(path);
		else
			buf_printf(path->out, "N(%d)", (int)roots[i].word);
		return;
	}
	unknown_root(path, root);
}

void liquid_name(struct liquid_lexer *lexer, struct str root, const struct liquid_segment *segments, size_t count,
		 struct buf *out)
{
	struct buf value = {0};
	struct path path = {.lexer = lexer, .segments = segments, .count = count, .out = &value};
	write_root(&path, root);
	for (size_t i = path.used; !lexer->failed && i < count; i++) {
		struct buf member = {0};
		buf_printf(&member, "get(%s,", value.p);
		if (segments[i].name.p)
			liquid_lua_text(&member, segments[i].name);
		else
			buf_puts(&member, segments[i].lua);
		buf_putc(&member, ')');
		buf_fini(&value);
		value = member;
	}
	if (lexer->failed)
		buf_puts(out, "nil");
	else
		buf_put(out, value.p, value.n);
	buf_fini(&value);
}
