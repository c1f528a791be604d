/* Who asks whom: segments ask segments and scores, models' rules ask segments. Found in the phrases, before conditions
 * are built: segments get their order from it, circles are refused, and a model's fingerprint covers all that it hangs
 * on. */
#include "playbook/build.h"

#include "base/buf.h"

/* A node is a segment (0 …) or a model (after the segments). */
struct graph {
	struct build *b;
	size_t segments, count;
	unsigned char *state; /* 0 = new, 1 = on the path, 2 = done */
	size_t *order, ordered;
	size_t *path, depth;
	bool told;
};

static const struct phrase *node_phrase(const struct graph *g, size_t node)
{
	if (node < g->segments)
		return g->b->declared[DECLARED_SEGMENT].items[node].phrase;
	return g->b->declared[DECLARED_MODEL].items[node - g->segments].phrase;
}

static void visit(struct graph *g, size_t node);

static void ask(struct graph *g, enum declared_kind kind, const char *name)
{
	int at = build_find(g->b, kind, name);
	if (at >= 0)
		visit(g, kind == DECLARED_SEGMENT ? (size_t)at : g->segments + (size_t)at);
}

static void ask_grades(struct graph *g, const struct phrase *grades)
{
	const struct detail *axes = detail_of(grades, "axes");
	if (detail_text(grades, "model"))
		ask(g, DECLARED_MODEL, detail_text(grades, "model"));
	for (size_t i = 0; axes && axes->kind == DETAIL_TABLE && i < axes->table->property_count; i++)
		ask(g, DECLARED_MODEL, axes->table->properties[i].key);
}

/* grade "A1": of whatever table; band "x": of its table. */
static void ask_table(struct graph *g, const struct phrase *phrase)
{
	const struct declared *tables = &g->b->declared[DECLARED_GRADES];
	int band = strcmp(phrase->word->name, "band") == 0 ? build_find(g->b, DECLARED_BAND, phrase->name) : -1;
	for (size_t i = 0; i < tables->count; i++)
		if (band < 0 || g->b->declared[DECLARED_BAND].items[band].owner == (int)i)
			ask_grades(g, tables->items[i].phrase);
}

static void walk_details(struct graph *g, const struct details *details);

static void walk_phrase(struct graph *g, const struct phrase *phrase)
{
	const char *word = phrase->word->name;
	if (strcmp(word, "segment") == 0)
		ask(g, DECLARED_SEGMENT, phrase->name);
	else if (strcmp(word, "grade") == 0 || strcmp(word, "band") == 0)
		ask_table(g, phrase);
	for (size_t i = 0; strcmp(word, "score") == 0 && i < phrase->details.property_count; i++)
		ask(g, DECLARED_MODEL, phrase->details.properties[i].key);
	walk_details(g, &phrase->details);
}

static void walk_detail(struct graph *g, const struct detail *d)
{
	size_t at = 0;
	if (d->kind == DETAIL_PHRASE)
		walk_phrase(g, d->phrase);
	if (d->kind == DETAIL_TABLE)
		walk_details(g, d->table);
	if (d->kind == DETAIL_FUNCTION)
		for (const struct use *use; (use = scripts_next_use(g->b->scripts, d->function, &at));)
			if (use->kind == USE_SCORE)
				ask(g, DECLARED_MODEL, arena_dup_n(g->b->arena, use->name.p, use->name.n));
}

static void walk_details(struct graph *g, const struct details *details)
{
	for (size_t i = 0; i < details->part_count; i++)
		walk_detail(g, &details->parts[i]);
	for (size_t i = 0; i < details->property_count; i++)
		walk_detail(g, &details->properties[i]);
}

static void tell_circle(struct graph *g, size_t node)
{
	struct buf text = {0};
	size_t from = 0;
	while (g->path[from] != node)
		from++;
	for (size_t i = from; i < g->depth; i++)
		buf_printf(&text, "%s → ", build_show(g->b, node_phrase(g, g->path[i])));
	buf_puts(&text, build_show(g->b, node_phrase(g, node)));
	build_error(g->b, node_phrase(g, node)->at, "these ask each other in a circle, so none can be answered: %s.",
		    text.p);
	buf_fini(&text);
}

static void visit(struct graph *g, size_t node)
{
	if (g->state[node] == 2)
		return;
	if (g->state[node] == 1) {
		if (!g->told)
			tell_circle(g, node);
		g->told = true;
		return;
	}
	g->state[node] = 1;
	g->path[g->depth++] = node;
	walk_details(g, &node_phrase(g, node)->details);
	g->depth--;
	g->state[node] = 2;
	g->order[g->ordered++] = node;
}

static struct graph new_graph(struct build *b)
{
	struct graph g = {.b = b, .segments = b->declared[DECLARED_SEGMENT].count};
	g.count = g.segments + b->declared[DECLARED_MODEL].count;
	g.state = arena_array(b->arena, g.count + 1, 1);
	g.order = arena_array(b->arena, g.count + 1, sizeof *g.order);
	g.path = arena_array(b->arena, g.count + 1, sizeof *g.path);
	return g;
}

void build_order_segments(struct build *b)
{
	struct graph g = new_graph(b);
	struct declared *d = &b->declared[DECLARED_SEGMENT];
	struct declaration *items = arena_array(b->arena, d->count + 1, sizeof *items);
	const char **names = arena_array(b->arena, d->count + 1, sizeof *names);
	size_t n = 0;
	for (size_t node = 0; node < g.count; node++)
		visit(&g, node);
	for (size_t i = 0; i < g.ordered; i++) {
		if (g.order[i] >= g.segments)
			continue;
		items[n] = d->items[g.order[i]];
		names[n++] = d->names[g.order[i]];
	}
	d->items = items;
	d->names = names;
}

/* ---- fingerprints ---- */

static void put_details(struct build *b, struct buf *out, const struct details *details);

static void put_phrase(struct build *b, struct buf *out, const struct phrase *p)
{
	buf_printf(out, "%s ", p->word->name);
	if (p->name)
		buf_put_json(out, str_of(p->name));
	for (size_t i = 0; i < p->number_count; i++)
		buf_printf(out, "(%.17g)", p->numbers[i]);
	put_details(b, out, &p->details);
}

static void put_source(struct build *b, struct buf *out, int handle)
{
	const struct script_function *function = scripts_function(b->scripts, handle);
	const struct playbook_file *file = playbook_files_find(b->files, str_of(function->at.file));
	struct str rest = file ? file->bytes : STR("");
	for (int line = 1; rest.p && line <= function->last_line; line++) {
		struct str text = str_cut(&rest, '\n');
		if (line >= function->at.line)
			buf_put_json(out, text);
	}
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

const char *build_fingerprint(struct build *b, const struct phrase *model)
{
	struct graph g = new_graph(b);
	struct buf text = {0};
	unsigned char digest[HASH_SHA256];
	char *hex = arena_alloc(b->arena, HASH_HEX);
	int at = build_find(b, DECLARED_MODEL, model->name);
	visit(&g, g.segments + (size_t)at);
	for (size_t i = 0; i < g.ordered; i++)
		put_phrase(b, &text, node_phrase(&g, g.order[i]));
	for (size_t i = 0; i < b->declared[DECLARED_GRADES].count && g.ordered > 1; i++)
		put_phrase(b, &text, b->declared[DECLARED_GRADES].items[i].phrase);
	if (text.n && (strstr(text.p, "kind=") || strstr(text.p, "topic=") || strstr(text.p, "buying_stage=")))
		for (size_t i = 0; i < b->declared[DECLARED_ASSET].count; i++)
			put_phrase(b, &text, b->declared[DECLARED_ASSET].items[i].phrase);
	if (text.n && strstr(text.p, "quality"))
		for (size_t i = 0; i < b->declared[DECLARED_PLAYBOOK].count; i++)
			put_phrase(b, &text, b->declared[DECLARED_PLAYBOOK].items[i].phrase);
	hash_sha256(buf_str(&text), digest);
	buf_fini(&text);
	return hash_hex(digest, sizeof digest, hex);
}
