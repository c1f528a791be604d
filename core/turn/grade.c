/* Letters, digits and bands from scores; the stage that a band sets. Called by settle.c after the models were scored. A band sets its
 * stage when the lead enters it, upwards only (PLAYBOOK section 1, band); a lead that stays in the band is left alone. */
#include "turn/inside.h"

static int line_of(const int *bounds, size_t count, int points)
{
	for (size_t i = 0; i < count; i++)
		if (points >= bounds[i])
			return (int)i;
	return -1;
}

static struct str grade_of(const struct turn *turn, const struct grades *table)
{
	int letters = table->model >= 0 ? table->model : table->letter_axis;
	if (table->letter_count == 0 || letters < 0 || !turn->scored[letters])
		return (struct str){"", 0};
	int letter = line_of(table->letters, table->letter_count, turn->points[letters]);
	if (letter < 0)
		return (struct str){"", 0};
	if (table->digit_axis < 0 || table->digit_count == 0)
		return turn_text(turn->arena, "%c", 'A' + letter);
	int digit = turn->scored[table->digit_axis] ? line_of(table->digits, table->digit_count, turn->points[table->digit_axis]) : -1;
	return digit < 0 ? (struct str){"", 0} : turn_text(turn->arena, "%c%d", 'A' + letter, digit + 1);
}

static bool has_grade(const struct band *band, struct str grade)
{
	for (size_t i = 0; i < band->grade_count; i++)
		if (str_same(band->grades[i], grade))
			return true;
	return false;
}

/* By grades, or the band with the highest `from` that the score reaches. */
static int band_of(const struct turn *turn, const struct grades *table, struct str grade)
{
	int best = -1;
	for (size_t i = 0; i < table->band_count; i++) {
		const struct band *band = &table->bands[i];
		if (band->grade_count) {
			if (grade.n && has_grade(band, grade))
				return (int)i;
			continue;
		}
		if (table->model < 0 || !turn->scored[table->model] || turn->points[table->model] < band->from)
			continue;
		if (best < 0 || band->from > table->bands[best].from)
			best = (int)i;
	}
	return best;
}

static bool grade_table(struct turn *turn, const struct grades *table, struct standing *standing)
{
	struct str grade = grade_of(turn, table);
	int band = band_of(turn, table, grade);
	bool changed = !str_same(grade, standing->grade) || band != standing->band;
	standing->grade = grade;
	standing->band = band;
	if (!turn->quiet)
		turn_enter_band(turn, table, standing);
	return changed;
}

void turn_enter_band(struct turn *turn, const struct grades *table, struct standing *standing)
{
	if (standing->band == standing->entered)
		return;
	standing->entered = standing->band;
	if (standing->band >= 0 && table->bands[standing->band].stage >= 0)
		(void)turn_set_stage(turn, (enum stage)table->bands[standing->band].stage, true);
}

bool turn_grade(struct turn *turn)
{
	bool changed = false;
	for (size_t i = 0; i < turn->playbook->grades_count; i++)
		if (!turn->playbook->grades[i].of_account)
			changed |= grade_table(turn, &turn->playbook->grades[i], &turn->standings[i]);
	return changed;
}
