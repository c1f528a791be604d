/* While a call is an agent's: signs of life, and giving it back. POST /here: who waits without a call is there all the same. POST /calls/release: all calls that a token's lines
 * have go back: those of an export that was killed. */
#include "desk.h"

#include "hold.sql.h"

#include <inttypes.h>
#include <string.h>

static const struct nurture_statement
	seen = {sizeof seen, "hold_seen", sql_hold_seen},
	beat = {sizeof beat, "hold_beat", sql_hold_beat},
	release = {sizeof release, "hold_release", sql_hold_release};

static void on_told(void *arg, int64_t touch_id, enum nurture_offered offered)
{
	struct asking *asking = arg;
	(void)touch_id;
	if (offered == NURTURE_OFFERED_LATER)
		asking_fail(asking, 503, "the database does not answer just now: try again.");
	else
		asking_reply(asking, 200, json_incref(asking->kept));
}

/* What has a deadline is so much longer in somebody's hand, or in nobody's: the server must know. */
static void tell(struct asking *asking, int64_t lease_seconds, int64_t until)
{
	const struct nurture_host *host = asking->desk->host;
	if (lease_seconds)
		host->offer(host->data, asking->touch_id, lease_seconds * 1000000, on_told, asking);
	else
		desk_let_go(asking->desk, asking->touch_id, until, on_told, asking);
}

/* Who objects while an agent has the call is not to be called: the agent must see it before the next sign of life. */
static void on_looked(void *arg, const struct nurture_look *look)
{
	struct asking *asking = arg;
	if (look->standing == NURTURE_LOOK_OVER)
		json_object_set_new(asking->kept, "taken_back", json_string(look->reason));
	else if (look->standing == NURTURE_LOOK_HOLD)
		json_object_set_new(asking->kept, "held_back", json_string(look->reason));
	if (look->standing != NURTURE_LOOK_OVER && asking->latest_at)
		tell(asking, json_integer_value(json_object_get(asking->kept, "lease_seconds")), 0);
	else
		asking_reply(asking, 200, json_incref(asking->kept));
}

static void on_held(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	const struct nurture_host *host = asking->desk->host;
	if (answer->error) {
		asking_db(asking, answer);
		return;
	}
	const struct nurture_rows *row = &answer->steps[0];
	if (!row->rows) {
		asking_fail(asking, 409, "call %" PRId64 " is not yours, or its lease ran out.", asking->touch_id);
		return;
	}
	int64_t seconds = row_number(row, 0, 0);
	asking->kept = json_pack("{s:I}", "lease_seconds", (json_int_t)seconds);
	asking->latest_at = row_number(row, 0, 1);
	if (seconds) /* the sign of life before this one came within the lease: what has changed since then counts */
		host->look_again(host->data, asking->touch_id, desk_now(asking->desk) - seconds * INT64_C(1000000), on_looked, asking);
	else if (asking->latest_at)
		tell(asking, 0, row_number(row, 0, 2));
	else
		asking_reply(asking, 200, json_incref(asking->kept));
}

static void hold(struct asking *asking, const struct nurture_statement *statement, int64_t number)
{
	static const char *const known[] = {"agent", NULL};
	struct values held = {0}, agent = {0};
	if (!asking || asking_refuses(asking, known))
		return;
	put_text(&held, asking->desk->host->channel_name);
	put_number(&held, asking->touch_id);
	put_text(&held, asking->agent);
	put_number(&held, number);
	put_text(&agent, asking->desk->host->channel_name);
	put_text(&agent, asking->agent);
	put_text(&agent, statement == &beat ? "on call" : "ready");
	put_number(&agent, desk_now(asking->desk));
	desk_ask(asking->desk, (const struct nurture_step[]){{statement, held.items, held.count}, {&seen, agent.items, agent.count}}, 2, on_held, asking);
}

void route_heartbeat(void *self, const struct nurture_request *request)
{
	struct desk *desk = self;
	hold(asking_new(desk, request), &beat, desk->settings.lease_seconds);
}

void route_release(void *self, const struct nurture_request *request)
{
	struct desk *desk = self;
	hold(asking_new(desk, request), &release, desk_now(desk));
}

/* ---- without a call ---- */

static void on_here(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	if (answer->error)
		asking_db(asking, answer);
	else
		asking_reply(asking, 200, json_object());
}

void route_here(void *self, const struct nurture_request *request)
{
	static const char *const known[] = {"agent", NULL};
	struct asking *asking = asking_new(self, request);
	struct values v = {0};
	if (!asking || asking_refuses(asking, known))
		return;
	put_text(&v, asking->desk->host->channel_name);
	put_text(&v, asking->agent);
	put_text(&v, "ready");
	put_number(&v, desk_now(asking->desk));
	desk_ask(asking->desk, (const struct nurture_step[]){{&seen, v.items, v.count}}, 1, on_here, asking);
}

/* ---- all of a token's ---- */

static const struct nurture_statement release_all = {sizeof release_all, "hold_release_all", sql_hold_release_all};

static void on_released(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	struct desk *desk = asking->desk;
	if (answer->error) {
		asking_db(asking, answer);
		return;
	}
	const struct nurture_rows *rows = &answer->steps[0];
	for (size_t i = 0; i < rows->rows; i++)
		if (row_number(rows, i, 1))
			desk_let_go(desk, row_number(rows, i, 0), row_number(rows, i, 2), NULL, NULL);
	asking_reply(asking, 200, json_pack("{s:I}", "released", (json_int_t)rows->rows));
}

void route_release_all(void *self, const struct nurture_request *request)
{
	static const char *const known[] = {NULL};
	struct asking *asking = asking_new(self, request);
	struct values v = {0};
	if (!asking || asking_refuses(asking, known))
		return;
	put_text(&v, asking->desk->host->channel_name);
	put_text(&v, asking->owner);
	put_number(&v, desk_now(asking->desk));
	desk_ask(asking->desk, (const struct nurture_step[]){{&release_all, v.items, v.count}}, 1, on_released, asking);
}
