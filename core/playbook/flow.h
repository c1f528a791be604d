/* Where leads can go in one campaign: made by flow.c, also read by circles.c. */
#ifndef NURTURE_PLAYBOOK_FLOW_H
#define NURTURE_PLAYBOOK_FLOW_H

#include "playbook/build.h"

/* What may come behind a step. */
struct edges {
	struct arena *arena;
	int *to;     /* steps */
	bool *later; /* this way is taken only after a time */
	size_t count, room, later_room;
	bool ends; /* the walk can end here */
};

struct flow {
	struct build *b;
	const struct campaign *campaign;
	struct edges *edges; /* of each step */
	bool *pauses;        /* of each step: whoever comes waits */
	bool *reached;
};

/* In the build's arena; nothing is reached yet. */
struct flow flow_of(struct build *b, const struct campaign *campaign);

#endif
