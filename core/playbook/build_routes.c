/* Whose lead is it: team, route, give. Called after people and all that a give's condition may ask about. Message 17. */
#include "playbook/build.h"
#include "playbook/sales.h"

static void say_unknown(struct build *b, struct place at, const char *name)
{
	const struct declared *people = &b->declared[DECLARED_PERSON], *teams = &b->declared[DECLARED_TEAM];
	const char **names = arena_array(b->arena, people->count + teams->count + 1, sizeof *names);
	size_t n = 0;
	for (size_t i = 0; i < people->count; i++)
		names[n++] = people->names[i];
	for (size_t i = 0; i < teams->count; i++)
		names[n++] = teams->names[i];
	build_error(b, at, "there is no person \"%s\".%s", name, build_near(b, name, names, n));
}

bool build_recipient(struct build *b, struct place at, const char *name, struct recipient_of *out)
{
	*out = playbook_recipient(b->playbook, str_of(name));
	if (out->kind == TO_NOBODY)
		say_unknown(b, at, name);
	return out->kind != TO_NOBODY;
}

/* ---- teams ---- */

static void read_members(struct build *b, const struct phrase *phrase, struct team *out)
{
	size_t n = phrase->details.part_count;
	int *members = arena_array(b->arena, n + 1, sizeof *members);
	out->members = members;
	for (size_t i = 0; i < n; i++) {
		int person = build_need(b, phrase->at, DECLARED_PERSON, phrase->details.parts[i].text.p);
		for (size_t k = 0; k < out->member_count; k++)
			if (members[k] == person)
				build_error(b, phrase->at, "\"%s\" is named twice.", phrase->details.parts[i].text.p);
		if (person >= 0)
			members[out->member_count++] = person;
	}
	if (n == 0)
		build_error(b, phrase->at, "a team has members: team \"us\" { \"west\", \"south\", by = \"turns\" }.");
}

static void read_team(struct build *b, const struct phrase *phrase, struct team *out)
{
	const char *by = detail_text(phrase, "by");
	*out = (struct team){.name = phrase->name, .at = phrase->at};
	read_members(b, phrase, out);
	if (by && strcmp(by, "fewest open") == 0)
		out->by = TEAM_FEWEST_OPEN;
	else if (!by || strcmp(by, "turns") != 0)
		build_error(b, phrase->at, "by = %s%s%s: it is \"turns\" or \"fewest open\".", by ? "\"" : "", by ? by : "is missing", by ? "\"" : "");
	if (build_find(b, DECLARED_PERSON, phrase->name) >= 0 || strcmp(phrase->name, "owner") == 0 || strcmp(phrase->name, "nothing") == 0)
		build_error(b, phrase->at, "\"%s\" is somebody else already: a team needs a name of its own.", phrase->name);
}

/* ---- routes ---- */

static void read_give(struct build *b, const struct phrase *phrase, struct give *out)
{
	*out = (struct give){.at = phrase->at, .when = build_conditions(b, phrase)};
	(void)build_recipient(b, phrase->at, phrase->name, &out->to);
}

static void read_route(struct build *b, const struct phrase *phrase, struct route *out)
{
	size_t n = phrase->details.part_count;
	const char *title = detail_text(phrase, "title"), *otherwise = detail_text(phrase, "otherwise");
	struct give *gives = arena_array(b->arena, n + 1, sizeof *gives);
	*out = (struct route){.name = phrase->name, .title = title ? title : phrase->name, .at = phrase->at, .within = detail_length(phrase, "within"), .gives = gives};
	for (size_t i = 0; i < n; i++)
		read_give(b, phrase->details.parts[i].phrase, &gives[out->give_count++]);
	if (!otherwise)
		build_error(b, phrase->at, "otherwise = is missing: who gets the leads that no line fits?");
	else if (strcmp(otherwise, "owner") == 0)
		build_error(b, phrase->at, "otherwise = \"owner\": not every account has an owner. Name a person or a team.");
	else
		(void)build_recipient(b, phrase->at, otherwise, &out->otherwise);
	for (size_t i = 0; i + 1 < out->give_count; i++)
		if (!gives[i].when && gives[i].to.kind != TO_OWNER)
			build_error(b, gives[i + 1].at, "this line is never asked: the one above it has no condition, so it always fits.");
	if (build_find(b, DECLARED_PERSON, phrase->name) >= 0 || build_find(b, DECLARED_TEAM, phrase->name) >= 0)
		build_error(b, phrase->at, "\"%s\" is somebody else already: a route needs a name of its own.", phrase->name);
}

#define EACH(kind, type, list, number, read)                                                                           \
	do {                                                                                                           \
		const struct declared *d = &b->declared[kind];                                                         \
		struct type *all = arena_array(b->arena, d->count + 1, sizeof *all);                                    \
		b->playbook->list = all;                                                                               \
		b->playbook->number = d->count;                                                                        \
		for (size_t i = 0; i < d->count; i++) {                                                                \
			const char *outer = build_enter(b, d->items[i].phrase);                                         \
			all[i].name = d->items[i].phrase->name;                                                        \
			if (d->items[i].sound)                                                                         \
				read(b, d->items[i].phrase, &all[i]);                                                  \
			build_leave(b, outer);                                                                         \
		}                                                                                                      \
	} while (0)

void build_routes(struct build *b)
{
	EACH(DECLARED_TEAM, team, teams, team_count, read_team);
	EACH(DECLARED_ROUTE, route, routes, route_count, read_route);
}
