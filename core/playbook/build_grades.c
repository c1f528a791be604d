/* Grades: letters by one score, or letters and digits by two, and bands over them. Every score from the model's first
 * to its last must get a letter, so bounds fall and the last is where the model starts (message 28). At most one table
 * gives letters. */
#include "playbook/build.h"

#include <math.h>

static bool whole(const struct detail *d, int *out)
{
	if (d->kind != DETAIL_NUMBER || d->number != floor(d->number) || fabs(d->number) > 1e6)
		return false;
	*out = (int)d->number;
	return true;
}

/* Bounds fall from the best to the last, which is the model's `from`. */
static void check_bounds(struct build *b, struct place at, const struct model *model, const int *bounds, size_t n,
			 const char *what, const char *of)
{
	for (size_t i = 1; i < n; i++) {
		if (bounds[i] >= bounds[i - 1]) {
			build_error(b, at, "%s %s: the numbers must fall: %d does not stand below %d.", of, model->name,
				    bounds[i], bounds[i - 1]);
			return;
		}
	}
	if (n && bounds[0] > model->to)
		build_error(b, at, "%s %s: nobody can reach %d: the model ends at %d.", of, model->name, bounds[0], model->to);
	if (n && bounds[n - 1] > model->from)
		build_error(b, at,
			    "%s %s: scores %d to %d get no %s. The last line must start at %d, where the model starts.",
			    of, model->name, model->from, bounds[n - 1] - 1, what, model->from);
	else if (n && bounds[n - 1] < model->from)
		build_error(b, at, "%s %s: the last line must start at %d, where the model starts, not at %d.", of,
			    model->name, model->from, bounds[n - 1]);
}

/* A = 75, B = 50 … of some properties; keys other than A to D are told if `strict`. */
static size_t read_letters(struct build *b, struct place at, const struct detail *properties, size_t count, bool strict,
			   int bounds[4])
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		const char *key = properties[i].key;
		bool letter = key[0] >= 'A' && key[0] <= 'D' && !key[1];
		if (!letter && strict)
			build_error(b, at, "%s is no letter of grades: they are A, B, C and D.", key);
		if (!letter)
			continue;
		if (key[0] != (char)('A' + n))
			build_error(b, at, "there is a letter %s and none before it.", key);
		if (n < 4 && !whole(&properties[i], &bounds[n++]))
			build_error(b, at, "%s = %s is no whole number.", key, build_show_detail(b, &properties[i]));
	}
	return n;
}

static void read_digits(struct build *b, struct place at, const struct detail *axis, struct grades *out)
{
	size_t n = axis->table->part_count;
	if (n > 4)
		build_error(b, at, "axis %s has more than four digits.", axis->key);
	for (size_t i = 0; i < n && i < 4; i++)
		if (!whole(&axis->table->parts[i], &out->digits[out->digit_count++]))
			build_error(b, at, "axis %s: %s is no whole number.", axis->key,
				    build_show_detail(b, &axis->table->parts[i]));
	check_bounds(b, at, &b->playbook->models[out->digit_axis], out->digits, out->digit_count, "digit", "axis");
}

static void read_axis(struct build *b, const struct phrase *phrase, const struct detail *axis, struct grades *out)
{
	int model = build_need(b, phrase->at, DECLARED_MODEL, axis->key);
	if (model < 0)
		return;
	if (axis->kind != DETAIL_TABLE || (!axis->table->part_count && !axis->table->property_count)) {
		build_error(b, phrase->at,
			    "axis %s takes letters { A = 75, B = 50, C = 25, D = 0 } or digits { 75, 50, 25, 0 }.",
			    axis->key);
	} else if (axis->table->part_count && out->digit_axis < 0) {
		out->digit_axis = model;
		read_digits(b, phrase->at, axis, out);
	} else if (axis->table->property_count && out->letter_axis < 0) {
		out->letter_axis = model;
		out->letter_count = read_letters(b, phrase->at, axis->table->properties, axis->table->property_count,
						 true, out->letters);
		check_bounds(b, phrase->at, &b->playbook->models[model], out->letters, out->letter_count, "letter",
			     "axis");
	} else {
		build_error(b, phrase->at, "one axis gives letters { A = 75, … }, the other digits { 75, … }.");
	}
}

static void read_scale(struct build *b, const struct phrase *phrase, struct grades *out)
{
	const struct detail *axes = detail_of(phrase, "axes");
	const char *model = detail_text(phrase, "model");
	if (!axes == !model) {
		build_error(b, phrase->at,
			    "grades come from one model (model = \"…\") or from two axes (axes = { … }).");
		return;
	}
	if (model) {
		out->model = build_need(b, phrase->at, DECLARED_MODEL, model);
		out->of_account = out->model >= 0 && b->playbook->models[out->model].of_account;
		out->letter_count = read_letters(b, phrase->at, phrase->details.properties,
						 phrase->details.property_count, false, out->letters);
		if (out->model >= 0)
			check_bounds(b, phrase->at, &b->playbook->models[out->model], out->letters, out->letter_count,
				     "letter", "model");
		return;
	}
	for (size_t i = 0; i < axes->table->property_count; i++) {
		read_axis(b, phrase, &axes->table->properties[i], out);
		int axis = build_find(b, DECLARED_MODEL, axes->table->properties[i].key);
		if (axis < 0 || !b->playbook->models[axis].of_account)
			continue;
		out->of_account = true;
		build_error(b, phrase->at, "axis %s is a model of companies: grades of companies come from one model. Write model = \"%s\".",
			    axes->table->properties[i].key, axes->table->properties[i].key);
	}
	if (axes->table->property_count != 2 || axes->table->part_count)
		build_error(b, phrase->at,
			    "axes are two: one gives letters { A = 75, … }, the other digits { 75, … }.");
}

/* ---- bands ---- */

static void read_band(struct build *b, const struct phrase *phrase, const struct grades *grades, struct band *out)
{
	size_t n = 0;
	const struct str *texts = detail_texts(b, phrase, "grades", &n);
	const char *stage = detail_text(phrase, "stage");
	enum stage set;
	*out = (struct band){.name = phrase->name,
			     .at = phrase->at,
			     .stage = -1,
			     .from = detail_int(b, phrase, "from", -1000000, 1000000, 0)};
	if (stage && build_stage(b, phrase->at, stage, &set))
		out->stage = (int)set;
	if (stage && grades->of_account)
		build_error(b, phrase->at, "stage is of leads, and this band is of companies. Set it in a campaign with enter = %s.", build_show(b, phrase));
	if (n && grades->of_account)
		build_error(b, phrase->at, "bands of companies go by from = (a score).");
	if (!n == !detail_of(phrase, "from"))
		build_error(b, phrase->at, "a band says from = 10 (a score), or grades = { \"A1\", \"B1\" }.");
	else if (!n && grades->model < 0)
		build_error(
			b, phrase->at,
			"from = is asked of one score, and these grades have two axes. Write grades = { \"A1\", … }.");
	else if (n && !grades->letter_count)
		build_error(b, phrase->at, "these grades give no letters. Write from = 10 (a score).");
	struct str *all = arena_array(b->arena, GRADES_MOST, sizeof *all);
	for (size_t i = 0; i < n && grades->letter_count && !grades->of_account; i++)
		build_grade(b, phrase->at, texts[i].p, all, &out->grade_count, GRADES_MOST);
	out->grades = all;
}

static const struct band *band_with(const struct grades *g, struct str grade, const struct band *but)
{
	for (size_t i = 0; i < g->band_count; i++)
		for (size_t k = 0; k < g->bands[i].grade_count && &g->bands[i] != but; k++)
			if (str_same(g->bands[i].grades[k], grade))
				return &g->bands[i];
	return NULL;
}

static void check_band_grades(struct build *b, const struct grades *g)
{
	struct str all[GRADES_MOST];
	size_t n = 0;
	build_grade(b, g->at, g->digit_count ? "**" : "*", all, &n, GRADES_MOST);
	for (size_t i = 0; i < n; i++) {
		const struct band *first = band_with(g, all[i], NULL),
				  *second = first ? band_with(g, all[i], first) : NULL;
		if (second)
			build_error(b, second->at, "grade \"%s\" is in two bands, \"%s\" and \"%s\".", all[i].p,
				    first->name, second->name);
		else if (!first)
			build_note(b, g->at, "grade \"%s\" is in no band.", all[i].p);
	}
}

static void check_band_scores(struct build *b, const struct grades *g)
{
	const struct model *model = &b->playbook->models[g->model];
	for (size_t i = 1; i < g->band_count; i++)
		if (g->bands[i].from >= g->bands[i - 1].from)
			build_error(b, g->bands[i].at,
				    "bands stand from the best down: from = %d does not stand below %d.",
				    g->bands[i].from, g->bands[i - 1].from);
	const struct band *last = &g->bands[g->band_count - 1];
	if (last->from > model->from)
		build_error(b, last->at,
			    "scores %d to %d get no band. The last band must start at %d, where the model starts.",
			    model->from, last->from - 1, model->from);
	for (size_t i = 0; i < g->band_count; i++)
		if (g->bands[i].from > model->to)
			build_error(b, g->bands[i].at, "nobody can reach from = %d: the model ends at %d.",
				    g->bands[i].from, model->to);
}

static void read_bands(struct build *b, const struct phrase *phrase, struct grades *out)
{
	size_t n = phrase->details.part_count;
	struct band *bands = arena_array(b->arena, n + 1, sizeof *bands);
	bool by_grade = false, by_score = false;
	out->bands = bands;
	for (size_t i = 0; i < n; i++) {
		const struct phrase *band = phrase->details.parts[i].phrase;
		const char *outer = build_enter(b, band);
		if (!band->name || !band->braced)
			build_error(b, band->at, "a band says from = 10 (a score), or grades = { \"A1\", \"B1\" }.");
		else
			read_band(b, band, out, &bands[out->band_count]);
		by_grade |= bands[out->band_count].grade_count > 0;
		by_score |= bands[out->band_count].grade_count == 0;
		out->band_count++;
		build_leave(b, outer);
	}
	if (by_grade && out->of_account)
		return;
	if (by_grade && by_score)
		build_error(b, phrase->at, "the bands of one table go all by from =, or all by grades =.");
	else if (by_grade)
		check_band_grades(b, out);
	else if (by_score && out->model >= 0)
		check_band_scores(b, out);
}

void build_grades(struct build *b)
{
	const struct declared *d = &b->declared[DECLARED_GRADES];
	struct grades *grades = arena_array(b->arena, d->count + 1, sizeof *grades);
	const struct grades *lettered = NULL;
	b->playbook->grades = grades;
	for (size_t i = 0; i < d->count; i++) {
		const struct phrase *phrase = d->items[i].phrase;
		const char *outer = build_enter(b, phrase);
		grades[i] = (struct grades){
			.name = phrase->name, .at = phrase->at, .model = -1, .letter_axis = -1, .digit_axis = -1};
		b->playbook->grades_count = i + 1;
		if (d->items[i].sound)
			read_scale(b, phrase, &grades[i]);
		if (lettered && grades[i].letter_count && !grades[i].of_account)
			build_error(
				b, phrase->at,
				"two grades give letters, \"%s\" (%s:%d) and \"%s\". This version has one: the other can have bands by from =.",
				lettered->name, lettered->at.file, lettered->at.line, phrase->name);
		else if (d->items[i].sound)
			read_bands(b, phrase, &grades[i]);
		if (!lettered && grades[i].letter_count && !grades[i].of_account)
			lettered = &grades[i];
		if (d->items[i].sound && !phrase->details.part_count && !grades[i].letter_count)
			build_error(b, phrase->at, "grades need letters or bands.");
		build_leave(b, outer);
	}
}
