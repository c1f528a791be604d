/* Who asks whom: segments ask segments and scores, models' rules ask segments. Found in the phrases, before conditions
 * are built: segments get their order from it, circles are refused, and a model's fingerprint (fingerprint.c) covers all that it
 * hangs on. And how often an answer about people hangs on an answer about people (playbook.h, people_chain). */
#include "playbook/build.h"

#include "base/buf.h"

/* A node is a segment (0 …) or a model (after the segments). */
struct graph {
	struct build *b;
	size_t segments, count;
	unsigned char *state; /* 0 = new, 1 = on the path, 2 = done */
	size_t *order, ordered;
	size_t *path, depth;
	size_t *behind; /* of each node: its chain of people { … }, 1 for people who hang on no others */
	size_t chain;   /* the longest of what is walked now */
	bool told;
};

static const struct phrase *node_phrase(const struct graph *g, size_t node)
{
	if (node < g->segments)
		return g->b->declared[DECLARED_SEGMENT].items[node].phrase;
	return g->b->declared[DECLARED_MODEL].items[node - g->segments].phrase;
}

static void visit(struct graph *g, size_t node);
static void keep_longest(struct graph *g, size_t chain);

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
	size_t beside = g->chain;
	g->chain = 0;
	if (strcmp(word, "segment") == 0)
		ask(g, DECLARED_SEGMENT, phrase->name);
	else if (strcmp(word, "grade") == 0 || strcmp(word, "band") == 0)
		ask_table(g, phrase);
	for (size_t i = 0; strcmp(word, "score") == 0 && i < phrase->details.property_count; i++)
		ask(g, DECLARED_MODEL, phrase->details.properties[i].key);
	walk_details(g, &phrase->details);
	g->chain += strcmp(word, "people") == 0;
	keep_longest(g, beside);
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

static void keep_longest(struct graph *g, size_t chain)
{
	g->chain = chain > g->chain ? chain : g->chain;
}

static bool is_of_account(const struct graph *g, size_t node)
{
	const char *of = node < g->segments ? NULL : detail_text(node_phrase(g, node), "of");
	return of && strcmp(of, "account") == 0;
}

static void visit(struct graph *g, size_t node)
{
	size_t beside = g->chain;
	if (g->state[node] == 2) {
		keep_longest(g, g->behind[node]);
		return;
	}
	if (g->state[node] == 1) {
		if (!g->told)
			tell_circle(g, node);
		g->told = true;
		return;
	}
	g->state[node] = 1;
	g->path[g->depth++] = node;
	g->chain = 0;
	walk_details(g, &node_phrase(g, node)->details);
	keep_longest(g, is_of_account(g, node)); /* whoever asks for its score hangs on what people add, be it nothing */
	g->behind[node] = g->chain;
	keep_longest(g, beside);
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
	g.behind = arena_array(b->arena, g.count + 1, sizeof *g.behind);
	return g;
}

/* Of what leads stand by: an account's score that no lead asks for is looked at when all leads have been. */
static size_t longest_chain(struct graph *g)
{
	g->chain = 0;
	for (size_t node = 0; node < g->count; node++)
		if (!is_of_account(g, node))
			keep_longest(g, g->behind[node]);
	for (size_t kind = 0; kind < DECLARED_KINDS; kind++)
		for (size_t i = 0; kind != DECLARED_SEGMENT && kind != DECLARED_MODEL && kind != DECLARED_GRADES && kind != DECLARED_BAND && i < g->b->declared[kind].count; i++)
			walk_details(g, &g->b->declared[kind].items[i].phrase->details);
	return g->chain;
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
	b->playbook->people_chain = longest_chain(&g);
	for (size_t i = 0; i < g.ordered; i++) {
		if (g.order[i] >= g.segments)
			continue;
		items[n] = d->items[g.order[i]];
		names[n++] = d->names[g.order[i]];
	}
	d->items = items;
	d->names = names;
}

const struct phrase *const *build_asked_by(struct build *b, const struct phrase *model, size_t *count)
{
	struct graph g = new_graph(b);
	visit(&g, g.segments + (size_t)build_find(b, DECLARED_MODEL, model->name));
	const struct phrase **phrases = arena_array(b->arena, g.ordered + 1, sizeof *phrases);
	for (size_t i = 0; i < g.ordered; i++)
		phrases[i] = node_phrase(&g, g.order[i]);
	*count = g.ordered;
	return phrases;
}
