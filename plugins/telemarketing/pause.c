/* Calls of paused campaigns leave the front of the queue, and come back when the campaign goes on: some at a time, so that nobody who asks for a call waits for it. A call that is in
 * hand stays there. */
#include "desk.h"

#include "pause.sql.h"

#include <stdlib.h>

static const struct nurture_statement page = {sizeof page, "pause_page", sql_pause_page};

static void on_page(void *arg, const struct nurture_answer *answer)
{
	struct desk *desk = arg;
	desk->pausing_now = false;
	if (answer->error && !answer->again)
		desk->host->log(desk->host->data, NURTURE_LOG_ERROR, "calls.pause", answer->error);
	if (answer->error)
		return; /* the sweep comes by */
	bool moved = row_number(&answer->steps[0], 0, 0) > 0, more = row_number(&answer->steps[0], 0, 1) > 0;
	desk->pausing = moved || more || desk->paused_anew;
	if (moved || desk->paused_anew)
		pause_go_on(desk); /* else all that is left is locked: the sweep comes by */
}

void pause_go_on(struct desk *desk)
{
	struct values v = {0};
	if (!desk->pausing || desk->pausing_now)
		return;
	desk->pausing_now = true;
	desk->paused_anew = false;
	put_text(&v, desk->host->channel_name);
	put_text(&v, desk->paused);
	put_number(&v, CALL_NEVER);
	put_number(&v, desk_now(desk));
	desk_ask(desk, (const struct nurture_step[]){{&page, v.items, v.count}}, 1, on_page, desk);
}

void desk_pauses(void *self, const char *const *campaigns)
{
	struct desk *desk = self;
	json_t *names = json_array();
	for (; *campaigns; campaigns++)
		json_array_append_new(names, json_string(*campaigns));
	free(desk->paused);
	desk->paused = json_dumps(names, JSON_COMPACT);
	json_decref(names);
	desk->pausing = desk->paused_anew = true;
	pause_go_on(desk);
}
