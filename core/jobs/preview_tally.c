/* One walk over the indices of both playbooks a lead; see preview_tally.h. Grades are counted in a table of fixed size (none, A … D, A1 … D4), bands in
 * one of their numbers. An example belongs to the first cell in which its lead moved, a cell has at most EACH of them. */
#include "jobs/preview_inside.h"

#include "base/mem.h"

#include <stdlib.h>

static int by_name(size_t count, const char *(*name_of)(const struct playbook *, size_t), const struct playbook *playbook, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name_of(playbook, i), name) == 0)
			return (int)i;
	return -1;
}

static const char *model_name(const struct playbook *p, size_t i)
{
	return p->models[i].name;
}

static const char *table_name(const struct playbook *p, size_t i)
{
	return p->grades[i].name;
}

static const char *segment_name(const struct playbook *p, size_t i)
{
	return p->segments[i].name;
}

static const char *campaign_name(const struct playbook *p, size_t i)
{
	return p->campaigns[i].name;
}

/* Each of after's by name in before (-1 = new), behind them those of before that are gone. */
static struct preview_pair *pairs(struct arena *arena, const struct playbook *before, size_t old_count, const struct playbook *after, size_t new_count,
				  const char *(*name_of)(const struct playbook *, size_t), size_t *count)
{
	struct preview_pair *pairs = arena_array(arena, old_count + new_count + 1, sizeof *pairs);
	*count = 0;
	for (size_t i = 0; i < new_count; i++)
		pairs[(*count)++] = (struct preview_pair){name_of(after, i), by_name(old_count, name_of, before, name_of(after, i)), (int)i};
	for (size_t i = 0; i < old_count; i++)
		if (by_name(new_count, name_of, after, name_of(before, i)) < 0)
			pairs[(*count)++] = (struct preview_pair){name_of(before, i), (int)i, -1};
	return pairs;
}

static bool model_is_of_account(const struct playbook *playbook, int model)
{
	return model >= 0 && playbook->models[model].of_account;
}

static bool table_is_of_account(const struct playbook *playbook, int table)
{
	return table >= 0 && playbook->grades[table].of_account;
}

/* Of a name that is a lead's in one playbook and an account's in the other, each side is a thing of its own. */
static size_t keep(struct preview_tally *t, struct preview_pair *pairs, size_t count, bool (*is_of_account)(const struct playbook *, int))
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		struct preview_pair pair = pairs[i];
		if (is_of_account(t->before, pair.before) != t->of_accounts)
			pair.before = -1;
		if (is_of_account(t->after, pair.after) != t->of_accounts)
			pair.after = -1;
		if (pair.before >= 0 || pair.after >= 0)
			pairs[kept++] = pair;
	}
	return kept;
}

static void pair_scores(struct preview_tally *t)
{
	struct arena *arena = t->arena;
	const struct playbook *before = t->before, *after = t->after;
	struct preview_pair *found = pairs(arena, before, before->model_count, after, after->model_count, model_name, &t->model_count);
	t->model_count = keep(t, found, t->model_count, model_is_of_account);
	t->models = arena_array(arena, t->model_count + 1, sizeof *t->models);
	for (size_t i = 0; i < t->model_count; i++)
		t->models[i].pair = found[i];
	found = pairs(arena, before, before->grades_count, after, after->grades_count, table_name, &t->table_count);
	t->table_count = keep(t, found, t->table_count, table_is_of_account);
	t->tables = arena_array(arena, t->table_count + 1, sizeof *t->tables);
	for (size_t i = 0; i < t->table_count; i++) {
		struct preview_table *table = &t->tables[i];
		table->pair = found[i];
		table->old_bands = found[i].before < 0 ? 0 : before->grades[found[i].before].band_count;
		table->new_bands = found[i].after < 0 ? 0 : after->grades[found[i].after].band_count;
		table->bands = arena_array(arena, (table->old_bands + 1) * (table->new_bands + 1), sizeof *table->bands);
	}
}

static struct preview_tally *tally_new(const struct playbook *before, const struct playbook *after, bool of_accounts)
{
	struct arena *arena = arena_new();
	struct preview_tally *t = arena_alloc(arena, sizeof *t);
	*t = (struct preview_tally){.arena = arena, .before = before, .after = after, .of_accounts = of_accounts};
	pair_scores(t);
	return t;
}

struct preview_tally *preview_tally_new_of_accounts(const struct playbook *before, const struct playbook *after)
{
	return tally_new(before, after, true);
}

struct preview_tally *preview_tally_new(const struct playbook *before, const struct playbook *after)
{
	struct preview_tally *t = tally_new(before, after, false);
	size_t count;
	const struct preview_pair *found = pairs(t->arena, before, before->segment_count, after, after->segment_count, segment_name, &t->segment_count);
	t->segments = arena_array(t->arena, t->segment_count + 1, sizeof *t->segments);
	for (size_t i = 0; i < t->segment_count; i++)
		t->segments[i].pair = found[i];
	found = pairs(t->arena, before, before->campaign_count, after, after->campaign_count, campaign_name, &count);
	t->campaigns = arena_array(t->arena, after->campaign_count + 1, sizeof *t->campaigns);
	for (size_t i = 0; i < after->campaign_count; i++)
		t->campaigns[i].pair = found[i];
	return t;
}

void preview_tally_free(struct preview_tally *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->example_count; i++)
		json_decref(t->examples[i].json);
	arena_free(t->arena);
}

/* ---- one lead ---- */

int preview_grade_index(struct str grade)
{
	int letter = grade.n ? grade.p[0] - 'A' : -1;
	if (letter < 0 || letter > 3)
		return 0;
	return grade.n < 2 ? 1 + letter : 5 + letter * 4 + (grade.p[1] - '1') % 4;
}

static void moves(int64_t *cell, int64_t **first)
{
	++*cell;
	if (!*first)
		*first = cell;
}

/* A table that is new or gone begins or ends with "none". A band is the same when its name is. */
static void count_table(struct preview_tally *t, struct preview_table *table, const struct turn_stand *before, const struct turn_stand *after, int64_t **first)
{
	static const struct turn_stand_grade none = {{"", 0}, -1};
	int b = table->pair.before, a = table->pair.after;
	const struct turn_stand_grade *old = b < 0 ? &none : &before->grades[b], *new = a < 0 ? &none : &after->grades[a];
	int from = preview_grade_index(old->grade), to = preview_grade_index(new->grade);
	const char *old_band = old->band < 0 ? "" : t->before->grades[b].bands[old->band].name;
	const char *new_band = new->band < 0 ? "" : t->after->grades[a].bands[new->band].name;
	bool other_band = strcmp(old_band, new_band) != 0;
	if (from != to)
		moves(&table->grades[from][to], first);
	if (other_band)
		moves(&table->bands[(size_t)(old->band + 1) * (table->new_bands + 1) + (size_t)(new->band + 1)], first);
	if (from != to || other_band)
		table->moved++;
}

static void count_segment(struct preview_segment *s, const struct turn_stand *before, const struct turn_stand *after, int64_t **first)
{
	bool was = s->pair.before >= 0 && before->member[s->pair.before], is = s->pair.after >= 0 && after->member[s->pair.after];
	s->before += was;
	s->after += is;
	if (is && !was)
		moves(&s->enter, first);
	else if (was && !is)
		moves(&s->leave, first);
}

/* A model that is new or gone: a score of 0 is none. */
static void count_model(struct preview_model *m, const struct turn_stand *before, const struct turn_stand *after, int64_t **first)
{
	bool was = m->pair.before >= 0 && before->scored[m->pair.before], is = m->pair.after >= 0 && after->scored[m->pair.after];
	int old = was ? before->points[m->pair.before] : 0, new = is ? after->points[m->pair.after] : 0;
	m->sum_before += old;
	m->sum_after += new;
	if (old == new)
		return;
	moves(&m->changed, first);
	if (new > old)
		m->up++;
	else
		m->down++;
}

static bool is_or_was_in(const struct turn_facts *facts, const char *campaign)
{
	for (size_t i = 0; i < facts->enrollment_count; i++)
		if (str_is(facts->enrollments[i].campaign, campaign))
			return true;
	return false;
}

/* As campaign.c lets leads in after a publish: those with `existing` who are what it asks for; the others only when they become so later (decision 10). */
static void count_campaign(struct preview_tally *t, struct preview_campaign *c, const struct turn_facts *facts, const struct turn_stand *before,
			   const struct turn_stand *after, int64_t **first)
{
	const struct campaign *new = &t->after->campaigns[c->pair.after], *old = c->pair.before < 0 ? NULL : &t->before->campaigns[c->pair.before];
	if (!after->enters[c->pair.after] || (old && before->enters[c->pair.before] && old->existing == new->existing) || is_or_was_in(facts, new->name))
		return;
	if (new->existing)
		moves(&c->leads, first);
	else
		c->leads++;
}

static bool same_error(const struct preview_error *e, const struct problem *p)
{
	return e->line == p->at.line && strcmp(e->file, p->at.file ? p->at.file : "") == 0 && strcmp(e->context, p->context ? p->context : "") == 0;
}

static struct preview_error *error_for(struct preview_tally *t, const struct problem *p)
{
	for (size_t i = 0; i < t->error_count; i++)
		if (same_error(&t->errors[i], p))
			return &t->errors[i];
	struct preview_error *e = arena_push(t->arena, &t->errors, t->error_count++, &t->error_room, sizeof *e);
	*e = (struct preview_error){.file = arena_dup(t->arena, p->at.file ? p->at.file : ""), .line = p->at.line,
		.context = arena_dup(t->arena, p->context ? p->context : ""), .message = arena_dup(t->arena, p->message)};
	return e;
}

/* Those of after; of before is only asked whether the lead failed already. */
static void count_errors(struct preview_tally *t, int64_t lead_id, const struct turn_stand *before, const struct turn_stand *after, int64_t **first)
{
	for (size_t i = 0; i < after->error_count; i++) {
		struct preview_error *e = error_for(t, &after->errors[i]);
		e->first = e->first ? e->first : lead_id;
		if (before->error_count)
			e->leads++;
		else
			moves(&e->leads, first);
	}
}

static bool wants_example(struct preview_tally *t, int64_t *cell)
{
	size_t n = 0;
	for (size_t i = 0; i < t->example_count; i++)
		n += t->examples[i].cell == cell;
	t->cell = cell;
	return n < PREVIEW_EACH && t->example_count < PREVIEW_EXAMPLES;
}

static bool moved(struct preview_tally *t, int64_t *first)
{
	if (!first)
		return false;
	t->moved++;
	return wants_example(t, first);
}

bool preview_tally_add(struct preview_tally *t, const struct turn_facts *facts, const struct turn_stand *before, const struct turn_stand *after)
{
	int64_t *first = NULL;
	t->leads++;
	for (size_t i = 0; i < t->table_count; i++)
		count_table(t, &t->tables[i], before, after, &first);
	for (size_t i = 0; i < t->segment_count; i++)
		count_segment(&t->segments[i], before, after, &first);
	if (before->stage != after->stage)
		moves(&t->stages[after->stage], &first);
	for (size_t i = 0; i < t->after->campaign_count; i++)
		count_campaign(t, &t->campaigns[i], facts, before, after, &first);
	count_errors(t, facts->lead.id, before, after, &first);
	for (size_t i = 0; i < t->model_count; i++)
		count_model(&t->models[i], before, after, &first);
	return moved(t, first);
}

bool preview_tally_add_account(struct preview_tally *t, const struct turn_stand *before, const struct turn_stand *after)
{
	int64_t *first = NULL;
	t->leads++;
	for (size_t i = 0; i < t->table_count; i++)
		count_table(t, &t->tables[i], before, after, &first);
	for (size_t i = 0; i < t->model_count; i++)
		count_model(&t->models[i], before, after, &first);
	return moved(t, first);
}

int64_t preview_tally_moved(const struct preview_tally *t)
{
	return t->moved;
}
