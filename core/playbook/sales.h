/* Whose lead is it: teams and routes. Read by build_routes.c; turn/route.c chooses a person. */
#ifndef NURTURE_PLAYBOOK_SALES_H
#define NURTURE_PLAYBOOK_SALES_H

#include "playbook/playbook.h"

/* Who gets a lead, or an alert. */
struct recipient_of {
	enum { TO_NOBODY, TO_PERSON, TO_TEAM, TO_OWNER /* of the lead's account, by the name of a person of the playbook */ } kind;
	int index;                     /* of the person or the team */
};
struct team {
	const char *name;
	struct place at;
	const int *members; size_t member_count; /* indexes of people, in order */
	enum { TEAM_TURNS, TEAM_FEWEST_OPEN } by; /* who was given a lead longest ago; who has fewest that are neither accepted nor returned */
};
struct give {
	struct place at;
	struct recipient_of to;
	const struct condition *when;  /* NULL = always */
};
/* The first give that fits; one to an owner who is not there does not. */
struct route {
	const char *name, *title;
	struct place at;
	struct duration within;        /* deadline where the step says none; count 0 = none */
	const struct give *gives; size_t give_count;
	struct recipient_of otherwise;
};

/* A person or a team by its name, or "owner"; TO_NOBODY when there is none. */
struct recipient_of playbook_recipient(const struct playbook *playbook, struct str name);

#endif
