/* Tickets: the touches that are in a plugin's hands, named by value (id, generation).
 *
 * A slot is reused with the next generation, so a handle kept after its delivery is over finds nothing: late and double
 * completions are no-ops that somebody can count. Used by channel.c only; tested by itself. */
#ifndef NURTURE_CHANNEL_TICKETS_H
#define NURTURE_CHANNEL_TICKETS_H

#include "base/clock.h"

#include <nurture/plugin.h>

enum permission { PERMISSION_NONE, PERMISSION_ASKED, PERMISSION_GIVEN, PERMISSION_REFUSED };

struct ticket {
	uint64_t generation;     /* of the delivery that stands here */
	bool live;
	enum permission permission;
	nurture_permit_fn *permit_fn;
	void *permit_arg;
	void *cookie;            /* the caller's */
	mono_t cancel_at;        /* the plugin is asked to give it back */
	mono_t end_at;           /* the host ends it */
	bool cancelled;          /* cancel was called */
	uint32_t next_free;
};

struct tickets {
	struct ticket *slots;
	uint32_t room, live, first_free;
};

void tickets_fini(struct tickets *tickets);
struct nurture_handle tickets_take(struct tickets *tickets, void *cookie); /* the ticket is live, without permission */
struct ticket *tickets_get(struct tickets *tickets, struct nurture_handle handle); /* NULL: over, or never was */
void tickets_give_back(struct tickets *tickets, struct nurture_handle handle);
/* The live ticket at or after slot *at; false at the end. Tickets may be given back on the way. */
bool tickets_next(struct tickets *tickets, uint32_t *at, struct nurture_handle *handle);

#endif
