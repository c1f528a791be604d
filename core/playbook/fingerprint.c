/* Fingerprints: hashes of what a playbook says, so that two of them can be compared without a lead. Made of the phrases, not of the bytes: a comment or
 * another order of files changes nothing. Of what Lua functions do, only their source is known: all of their file counts. */
#include "playbook/build.h"

#include "base/buf.h"


static void put_details(struct build *b, struct buf *out, const struct details *details);

static void put_phrase(struct build *b, struct buf *out, const struct phrase *p)
{
	buf_printf(out, "%s ", p->word->name);
	if (p->name)
		buf_put_json(out, str_of(p->name));
	if (p->second)
		buf_put_json(out, str_of(p->second));
	for (size_t i = 0; i < p->number_count; i++)
		buf_printf(out, "(%.17g)", p->numbers[i]);
	put_details(b, out, &p->details);
}

/* All of its file: the function may use what stands beside it (local bound = 20). */
static void put_source(struct build *b, struct buf *out, int handle)
{
	const struct script_function *function = scripts_function(b->scripts, handle);
	const struct playbook_file *file = playbook_files_find(b->files, str_of(function->at.file));
	buf_printf(out, "function %d ", function->at.line);
	if (file)
		buf_put_json(out, file->bytes);
}

static void put_detail(struct build *b, struct buf *out, const struct detail *d)
{
	if (d->key)
		buf_printf(out, "%s=", d->key);
	if (d->kind == DETAIL_PHRASE)
		put_phrase(b, out, d->phrase);
	else if (d->kind == DETAIL_TABLE)
		put_details(b, out, d->table);
	else if (d->kind == DETAIL_FUNCTION)
		put_source(b, out, d->function);
	else if (d->kind == DETAIL_TEXT)
		buf_put_json(out, d->text);
	else if (d->kind == DETAIL_NUMBER)
		buf_printf(out, "%.17g", d->number);
	else
		buf_puts(out, build_show_detail(b, d));
	buf_putc(out, ',');
}

static void put_details(struct build *b, struct buf *out, const struct details *details)
{
	buf_putc(out, '{');
	for (size_t i = 0; i < details->part_count; i++)
		put_detail(b, out, &details->parts[i]);
	for (size_t i = 0; i < details->property_count; i++)
		put_detail(b, out, &details->properties[i]);
	buf_putc(out, '}');
}

static const char *hash_text(struct build *b, struct buf *text, size_t digits)
{
	unsigned char digest[HASH_SHA256];
	char *hex = arena_alloc(b->arena, HASH_HEX);
	hash_sha256(buf_str(text), digest);
	buf_fini(text);
	hash_hex(digest, sizeof digest, hex);
	hex[digits] = '\0';
	return hex;
}

const char *build_phrase_key(struct build *b, const struct phrase *phrase, size_t digits)
{
	struct buf text = {0};
	put_phrase(b, &text, phrase);
	if (b->campaign && strstr(text.p, "step=")) /* a step without its campaign is of the one that it stands in */
		buf_printf(&text, "in %s", b->campaign->name);
	return hash_text(b, &text, digits);
}

void build_account_words(struct build *b)
{
	const struct playbook *playbook = b->playbook;
	struct buf text = {0};
	for (size_t i = 0; i < playbook->model_count; i++)
		if (playbook->models[i].of_account)
			put_phrase(b, &text, b->declared[DECLARED_MODEL].items[i].phrase);
	for (size_t i = 0; i < playbook->grades_count && text.n; i++)
		if (playbook->grades[i].of_account)
			put_phrase(b, &text, b->declared[DECLARED_GRADES].items[i].phrase);
	for (size_t i = 0; i < b->declared[DECLARED_FIELD].count && text.n; i++)
		put_phrase(b, &text, b->declared[DECLARED_FIELD].items[i].phrase);
	if (text.n)
		snprintf(b->playbook->account_words, HASH_HEX, "%s", hash_text(b, &text, HASH_HEX - 1));
}

static void put_declared(struct build *b, struct buf *out, enum declared_kind kind)
{
	for (size_t i = 0; i < b->declared[kind].count; i++)
		put_phrase(b, out, b->declared[kind].items[i].phrase);
}

const char *build_fingerprint(struct build *b, const struct phrase *model)
{
	struct buf text = {0};
	size_t count = 0;
	const struct phrase *const *asked = build_asked_by(b, model, &count);
	for (size_t i = 0; i < count; i++)
		put_phrase(b, &text, asked[i]);
	if (count > 1)
		put_declared(b, &text, DECLARED_GRADES);
	if (text.n && (strstr(text.p, "before \"") || strstr(text.p, "after \"") || strstr(text.p, "kind=") || strstr(text.p, "topic=") || strstr(text.p, "buying_stage=")))
		put_declared(b, &text, DECLARED_ASSET);
	if (text.n && strstr(text.p, "quality"))
		put_declared(b, &text, DECLARED_PLAYBOOK);
	return hash_text(b, &text, HASH_HEX - 1);
}

/* Of a campaign, who comes in. */
static void put_entering(struct build *b, struct buf *out, const struct phrase *campaign)
{
	static const char *const keys[] = {"enter", "leave", "existing"};
	buf_put_json(out, str_of(campaign->name));
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (detail_of(campaign, keys[i]))
			put_detail(b, out, detail_of(campaign, keys[i]));
}

const char *build_standing_fingerprint(struct build *b)
{
	static const enum declared_kind kinds[] = {DECLARED_PLAYBOOK, DECLARED_HOURS, DECLARED_CONSENT, DECLARED_FIELD, DECLARED_VERB, DECLARED_ASSET,
		DECLARED_MODEL, DECLARED_GRADES, DECLARED_SEGMENT};
	struct buf text = {0};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		put_declared(b, &text, kinds[i]);
	for (size_t i = 0; i < b->declared[DECLARED_CAMPAIGN].count; i++)
		put_entering(b, &text, b->declared[DECLARED_CAMPAIGN].items[i].phrase);
	return hash_text(b, &text, HASH_HEX - 1);
}
