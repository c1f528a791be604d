/* Rules of models of accounts: who of its people fits, by the summary, and its own fields. Each rule's points are rounded by themselves, so that
 * receipts add up (decision 6). */
#include "turn/account_rules.h"

#include "turn/inside.h"

#include <math.h>

int turn_people_number(const struct condition_people *ask, const int people[ROLE_SLOTS], int role)
{
	int sum = 0, roles = 0;
	for (int i = 0; i < ROLE_SLOTS; i++) {
		sum += people[i];
		roles += i > 0 && people[i] > 0;
	}
	if (ask->by == PEOPLE_SAME_ROLE)
		return role ? people[role] : 0;
	return ask->by == PEOPLE_DIFFERENT_ROLES ? roles : sum;
}

bool turn_people_enough(const struct condition_people *ask, int number)
{
	return number >= ask->at_least && (ask->at_most < 0 || number <= ask->at_most);
}

void turn_put_people(struct buf *buf, const int people[ROLE_SLOTS])
{
	int sum = 0;
	for (int i = 0; i < ROLE_SLOTS; i++)
		sum += people[i];
	buf_printf(buf, "%d %s", sum, sum == 1 ? "person" : "people");
	for (int i = 1, named = 0; i <= ROLE_SLOTS; i++) {
		int role = i % ROLE_SLOTS; /* no role comes last */
		if (people[role])
			buf_printf(buf, "%s%d %s", named++ ? ", " : " (", people[role], role ? account_role_name(role) : "without a role");
		if (i == ROLE_SLOTS && named)
			buf_putc(buf, ')');
	}
}

const struct score *turn_account_stored(const struct account_summary *summary, struct str name, bool is_grade)
{
	for (size_t i = 0; summary && i < summary->score_count; i++)
		if (summary->scores[i].is_grade == is_grade && str_same(summary->scores[i].name, name))
			return &summary->scores[i];
	return NULL;
}

const int *account_people(const struct playbook *playbook, const struct account *account, const struct condition_people *ask)
{
	static const int nobody[ROLE_SLOTS];
	const int *people = account->summary ? account_summary_part(account->summary, str_of(playbook->parts[ask->part].key)) : NULL;
	return people ? people : nobody;
}

static int number_of(const struct playbook *playbook, const struct account *account, const struct condition *c)
{
	return turn_people_number(&c->people, account_people(playbook, account, &c->people), 0);
}

static bool holds(const struct playbook *playbook, const struct account *account, const struct condition *c);

static bool any_holds(const struct playbook *playbook, const struct account *account, const struct condition *c, bool wanted)
{
	for (size_t i = 0; i < c->group.count; i++)
		if (holds(playbook, account, c->group.items[i]) == wanted)
			return true;
	return false;
}

static bool fields_hold(const struct account *account, const struct condition *c)
{
	for (size_t i = 0; i < c->fields.count; i++)
		if (!turn_test(&c->fields.tests[i].test, &account->fields[c->fields.tests[i].slot]))
			return false;
	return true;
}

/* Check lets no other kind into a model of accounts. */
static bool holds(const struct playbook *playbook, const struct account *account, const struct condition *c)
{
	switch (c->kind) {
	case CONDITION_ALL:
		return !any_holds(playbook, account, c, false);
	case CONDITION_ANY:
		return any_holds(playbook, account, c, true);
	case CONDITION_NONE:
		return !any_holds(playbook, account, c, true);
	case CONDITION_ACCOUNT:
		return fields_hold(account, c);
	case CONDITION_PEOPLE:
		return turn_people_enough(&c->people, number_of(playbook, account, c));
	default:
		return false;
	}
}

static double chosen(const struct account *account, const struct rule *rule)
{
	const struct value *v = &account->fields[rule->choose.slot];
	for (size_t i = 0; v->type == VALUE_TEXT && i < rule->choose.count; i++)
		if (str_same(v->text, rule->choose.cases[i].choice))
			return rule->choose.cases[i].points;
	return rule->choose.otherwise;
}

static const struct condition *counted(const struct rule *rule)
{
	for (size_t i = 0; rule->when && rule->when->kind == CONDITION_ALL && i < rule->when->group.count; i++)
		if (rule->when->group.items[i]->kind == CONDITION_PEOPLE)
			return rule->when->group.items[i];
	return NULL;
}

int account_rule_points(const struct playbook *playbook, const struct account *account, const struct rule *rule)
{
	double points = rule->points_kind == POINTS_CHOOSE ? chosen(account, rule) : rule->points, max = fabs(rule->max);
	if (rule->when && !holds(playbook, account, rule->when))
		return 0;
	if (rule->each == EACH_PERSON && counted(rule))
		points *= number_of(playbook, account, counted(rule));
	if (rule->has_max)
		points = fmax(-max, fmin(max, points));
	return (int)llround(points);
}

int account_model_points(const struct playbook *playbook, const struct account *account, const struct model *model)
{
	int64_t sum = 0;
	for (size_t i = 0; i < model->rule_count; i++)
		sum += account_rule_points(playbook, account, &model->rules[i]);
	return sum < model->from ? model->from : sum > model->to ? model->to : (int)sum;
}

struct str account_letter(const struct grades *table, int points, struct arena *arena)
{
	for (size_t i = 0; i < table->letter_count; i++)
		if (points >= table->letters[i])
			return str_of(arena_printf(arena, "%c", (char)('A' + i)));
	return (struct str){"", 0};
}

struct str account_band(const struct grades *table, int points)
{
	const struct band *best = NULL;
	for (size_t i = 0; i < table->band_count; i++)
		if (points >= table->bands[i].from && (!best || table->bands[i].from > best->from))
			best = &table->bands[i];
	return str_of(best ? best->name : "");
}
