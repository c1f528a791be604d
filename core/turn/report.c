/* At the end of a turn: which scores and grades differ from what was stored, and what made them so. Called by turn.c. */
#include "turn/inside.h"

#include <stdio.h>
#include <stdlib.h>

struct cause {
	struct str text;
	int64_t event_id;
};

/* The newest event that came in; else why the turn was. */
static struct cause cause_of(const struct turn *turn)
{
	const struct turn_facts *facts = turn->facts;
	for (size_t i = facts->event_count; i-- > 0;) {
		const struct event *event = &facts->events[i];
		if (str_is(event->verb, "touch.over"))
			continue;
		if (str_is(event->verb, "lead.update"))
			return (struct cause){STR("update"), event->id};
		return (struct cause){turn_text(turn->arena, event->subject.n ? "%.*s %.*s" : "%.*s%.*s", STR_ARG(event->verb), STR_ARG(event->subject)),
				      event->id};
	}
	return (struct cause){facts->rescore ? STR("rescore") : STR("time"), 0};
}

struct str turn_cause(const struct turn *turn, int64_t *event_id)
{
	struct cause cause = cause_of(turn);
	*event_id = cause.event_id;
	return cause.text;
}

static void put_score(struct turn *turn, const struct score *score)
{
	*(struct score *)arena_push(turn->arena, &turn->out->scores, turn->out->score_count, &turn->score_room, sizeof *score) = *score;
	turn->out->score_count++;
}

static struct turn_score_change *put_change(struct turn *turn, struct cause *cause, struct str name, bool is_grade)
{
	struct turn_score_change *change =
		arena_push(turn->arena, &turn->out->score_changes, turn->out->score_change_count, &turn->score_change_room, sizeof *change);
	turn->out->score_change_count++;
	if (!cause->text.p)
		*cause = cause_of(turn);
	*change = (struct turn_score_change){.name = name, .is_grade = is_grade, .cause = cause->text, .event_id = cause->event_id,
					     .old_grade = {"", 0}, .new_grade = {"", 0}, .old_band = {"", 0}, .new_band = {"", 0}};
	return change;
}

const struct score *turn_stored(const struct turn_facts *facts, struct str name, bool is_grade)
{
	for (size_t i = 0; i < facts->score_count; i++)
		if (facts->scores[i].is_grade == is_grade && str_same(facts->scores[i].name, name))
			return &facts->scores[i];
	return NULL;
}

static uint64_t fingerprint_of(const struct turn *turn, int model)
{
	char head[17] = {0};
	if (model < 0)
		return 0;
	snprintf(head, sizeof head, "%.16s", turn->playbook->models[model].fingerprint);
	return strtoull(head, NULL, 16);
}

static void report_model(struct turn *turn, size_t i, struct cause *cause)
{
	struct str name = str_of(turn->playbook->models[i].name);
	const struct score *old = turn_stored(turn->facts, name, false);
	int points = turn->points[i];
	if (!turn->scored[i] || (old && old->points == points))
		return;
	put_score(turn, &(struct score){.name = name, .points = points, .grade = {"", 0}, .band = {"", 0}, .fingerprint = fingerprint_of(turn, (int)i)});
	if (!old && points == 0)
		return;
	struct turn_score_change *change = put_change(turn, cause, name, false);
	change->old_points = old ? old->points : 0;
	change->new_points = points;
}

static void report_grade(struct turn *turn, size_t i, struct cause *cause)
{
	const struct grades *grades = &turn->playbook->grades[i];
	const struct standing *now = &turn->standings[i];
	struct str name = str_of(grades->name), band = str_of(now->band >= 0 ? grades->bands[now->band].name : "");
	const struct score *old = turn_stored(turn->facts, name, true);
	struct str old_grade = old ? old->grade : (struct str){"", 0}, old_band = old ? old->band : (struct str){"", 0};
	if (str_same(old_grade, now->grade) && str_same(old_band, band))
		return;
	uint64_t by = fingerprint_of(turn, grades->model) ^ fingerprint_of(turn, grades->letter_axis) ^ fingerprint_of(turn, grades->digit_axis);
	put_score(turn, &(struct score){.name = name, .is_grade = true, .grade = now->grade, .band = band, .fingerprint = by});
	struct turn_score_change *change = put_change(turn, cause, name, true);
	change->old_grade = old_grade;
	change->new_grade = now->grade;
	change->old_band = old_band;
	change->new_band = band;
}

static bool is_of(const struct playbook *playbook, const struct score *score)
{
	for (size_t i = 0; i < playbook->model_count && !score->is_grade; i++)
		if (!playbook->models[i].of_account && str_is(score->name, playbook->models[i].name))
			return true;
	for (size_t i = 0; i < playbook->grades_count && score->is_grade; i++)
		if (!playbook->grades[i].of_account && str_is(score->name, playbook->grades[i].name))
			return true;
	return false;
}

/* What an earlier playbook scored stands no longer: its number would be taken for one of today. */
static void report_gone(struct turn *turn, const struct score *old, struct cause *cause)
{
	put_score(turn, &(struct score){.name = old->name, .is_grade = old->is_grade, .grade = {"", 0}, .band = {"", 0}, .gone = true});
	struct turn_score_change *change = put_change(turn, cause, old->name, old->is_grade);
	change->old_points = old->points;
	change->old_grade = old->grade;
	change->old_band = old->band;
}

void turn_report_scores(struct turn *turn)
{
	struct cause cause = {0};
	for (size_t i = 0; i < turn->playbook->model_count; i++)
		if (!turn->playbook->models[i].of_account)
			report_model(turn, i, &cause);
	for (size_t i = 0; i < turn->playbook->grades_count; i++)
		if (!turn->playbook->grades[i].of_account)
			report_grade(turn, i, &cause);
	for (size_t i = 0; i < turn->facts->score_count; i++)
		if (!is_of(turn->playbook, &turn->facts->scores[i]))
			report_gone(turn, &turn->facts->scores[i], &cause);
}
