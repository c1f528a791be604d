/* Whose lead is it: the first line of a route that fits, and of a team the one whose turn it is. Called by contact.c. Pure: what the people of sales
 * have in hand is given (turn_facts.loads). Where that is not known, a team's leads are spread by their numbers. */
#include "turn/inside.h"

/* ---- teams ---- */

struct load {
	int64_t open;
	moment_t last;
};

static struct load load_of(const struct turn *turn, const struct person_entry *person)
{
	struct load load = {0};
	for (size_t i = 0; i < turn->facts->load_count; i++)
		if (str_is(turn->facts->loads[i].person, person->name))
			load = (struct load){turn->facts->loads[i].open, turn->facts->loads[i].last};
	for (size_t i = 0; i < turn->out->handoff_count; i++)
		if (str_is(turn->out->handoffs[i].person, person->name)) {
			load.open++;
			load.last = turn->now;
		}
	return load;
}

static bool is_at_work(const struct turn *turn, const struct person_entry *person)
{
	const struct hours *office = turn_hours(turn->playbook, STR("office"), STR("office"));
	return !person->hours || calendar_is_open(person->hours, turn->now, office && office->zone ? office->zone : turn->playbook->time_zone);
}

static bool goes_before(const struct team *team, struct load a, struct load b)
{
	if (team->by == TEAM_FEWEST_OPEN && a.open != b.open)
		return a.open < b.open;
	return a.last < b.last;
}

/* Of those who are at work now; when nobody is, of all. */
static const struct person_entry *member_of(const struct turn *turn, const struct team *team)
{
	const struct person_entry *people = turn->playbook->people, *best = NULL;
	size_t first = turn->facts->load_count ? 0 : (size_t)(turn->facts->lead.id >> 6) % team->member_count;
	bool anybody = false;
	for (size_t i = 0; i < team->member_count; i++)
		anybody |= is_at_work(turn, &people[team->members[i]]);
	for (size_t i = 0; i < team->member_count; i++) {
		const struct person_entry *person = &people[team->members[(first + i) % team->member_count]];
		if (anybody && !is_at_work(turn, person))
			continue;
		if (!best || goes_before(team, load_of(turn, person), load_of(turn, best)))
			best = person;
	}
	return best;
}

/* ---- routes ---- */

static const struct person_entry *owner_of(const struct turn *turn)
{
	const struct account *account = turn->facts->account;
	const struct value *owner = account ? &account->fields[ACCOUNT_OWNER] : NULL;
	return owner && owner->type == VALUE_TEXT ? playbook_person(turn->playbook, owner->text) : NULL;
}

const struct person_entry *turn_recipient(const struct turn *turn, struct recipient_of to)
{
	switch (to.kind) {
	case TO_PERSON:
		return &turn->playbook->people[to.index];
	case TO_TEAM:
		return member_of(turn, &turn->playbook->teams[to.index]);
	case TO_OWNER:
		return owner_of(turn);
	case TO_NOBODY:
		break;
	}
	return NULL;
}

const struct person_entry *turn_route(struct turn *turn, const struct route *route, struct place *line)
{
	for (size_t i = 0; i < route->give_count; i++) {
		const struct give *give = &route->gives[i];
		struct verdict v = {.holds = true};
		if (give->when)
			v = turn_holds(turn, give->when);
		const struct person_entry *person = v.holds && !v.failed ? turn_recipient(turn, give->to) : NULL;
		if (person) {
			*line = give->at;
			return person;
		}
	}
	*line = route->at;
	return turn_recipient(turn, route->otherwise);
}
