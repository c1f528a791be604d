/* So long before or after a date: an asset's, or one that the lead or its account has. Asked by conditions and by steps, each time anew, for a field
 * may change. A date without a time is kept as midnight UTC (model/value.c) and means the beginning of that day where the lead is; days of
 * an asset are counted in the playbook's zone. */
#include "turn/inside.h"

static moment_t of_field(const struct turn *turn, const struct value *v)
{
	if (v->type != VALUE_DATE)
		return MOMENT_NEVER;
	if (v->date % MOMENT_DAY != 0)
		return v->date;
	struct calendar_local day;
	calendar_local(v->date, "UTC", &day);
	return calendar_moment(&day, turn->zone);
}

moment_t turn_date(const struct turn *turn, const struct date_moment *moment)
{
	const struct turn_facts *facts = turn->facts;
	if (moment->of == DATE_OF_ASSET)
		return moment->at;
	if (moment->of == DATE_OF_ACCOUNT)
		return facts->account ? of_field(turn, &facts->account->fields[moment->slot]) : MOMENT_NEVER;
	return of_field(turn, &facts->lead.fields[moment->slot]);
}

moment_t turn_moment(const struct turn *turn, const struct date_moment *moment)
{
	const char *zone = moment->of == DATE_OF_ASSET ? turn->playbook->time_zone : turn->zone;
	moment_t date = turn_date(turn, moment);
	if (moment->before)
		return turn_earlier(turn, date, moment->length, zone);
	const struct hours *office = turn_hours(turn->playbook, STR("office"), STR("office"));
	return calendar_add(date, moment->length, zone, office ? &office->open : NULL, office && office->zone ? office->zone : turn->playbook->time_zone);
}

/* ---- steps that stand on one ---- */

/* The date that it waits for is not there, or not any more. */
static void no_date(struct turn *turn, struct seat *seat, const struct step *step)
{
	struct str why = turn_text(turn->arena, "%s is empty", step->date->name);
	turn_seat_out(turn, seat);
	seat->e.rounds &= ROUNDS_MASK;
	seat->e.over_at = turn->now;
	if (step->otherwise >= 0) {
		turn_otherwise(turn, seat, step, why, &step->at);
		return;
	}
	turn_note_log(turn, seat, "skipped", why, &step->at);
	turn_step_over(turn, seat, step, turn_act_away(turn, seat, step));
}

/* Dates change while somebody waits. False when there is none any more, and it went on. */
bool turn_follow_date(struct turn *turn, struct seat *seat, const struct step *step, int part)
{
	moment_t due = turn_moment(turn, step->date);
	if (due == MOMENT_NEVER) {
		no_date(turn, seat, step);
		return false;
	}
	if (part == 0 && due != seat->e.due_at) {
		turn_note_log(turn, seat, "moved", turn_text(turn->arena, "%s is another day", step->date->name), &step->at);
		seat->e.due_at = due;
	}
	return true;
}
