/* Writing events and the inbox rows that tell of them. Inside the room only: intake, batches and delivery write by it. */
#ifndef NURTURE_STORE_EVENT_WRITE_H
#define NURTURE_STORE_EVENT_WRITE_H

#include "store/op.h"

enum { EVENT_DATA_CARRIED = 1000 /* bytes of an event's data that its inbox row carries too */ };
enum lane { LANE_LIVE, LANE_TIME, LANE_BULK, LANE_NONE /* no inbox row */ };

struct event_row {
	int64_t id, lead_id;
	moment_t at, received_at;
	struct str verb, subject, data;
	double value;
	bool has_value, machine;
	enum lane lane;
};
/* A growing list in an operation's arena. */
struct event_list {
	struct event_row *rows;
	size_t count, room;
};

struct event_row *event_list_add(struct event_list *list, struct arena *arena);
/* Whether there are ids for the rows that have none; if not, more were asked for: a segment later there are. For lists whose length only the database
 * knows (touches that a withdrawal stops). */
bool event_list_ready(struct op *op, const struct event_list *list) MUST_USE;
/* Sends the rows of `event` and `inbox`, in this order; nothing when the list is empty. Rows without an id get theirs. */
void event_list_send(struct op *op, const struct event_list *list, int tag);

/* A touch that is over, for its lead's turn: event touch.over (model/lead.h). */
struct over_touch {
	int64_t touch_id, lead_id;
	struct str outcome, reason, channel, campaign, step;
};
/* Its id comes with event_list_send. */
void event_list_add_over(struct event_list *list, struct op *op, const struct over_touch *touch, moment_t now);

#endif
