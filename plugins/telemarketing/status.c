/* GET /status: what a supervisor looks at: the queue by campaign and age, agents, how calls went in the last days, calls that will miss their deadline, lists that are stale.
 * PUT /agents/:agent: what an agent can. */
#include "desk.h"
#include "moment.h"

#include "status.sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t SECOND = 1000000, DAY = INT64_C(86400000000);

static const struct nurture_statement
	queue = {sizeof queue, "status_queue", sql_status_queue},
	agents = {sizeof agents, "status_agents", sql_status_agents},
	work = {sizeof work, "status_work", sql_status_work},
	late = {sizeof late, "status_late", sql_status_late},
	speed = {sizeof speed, "status_speed", sql_status_speed},
	needs = {sizeof needs, "status_needs", sql_status_needs},
	held = {sizeof held, "status_held", sql_status_held},
	nothing = {sizeof nothing, "status_nothing", sql_status_nothing};

static void put_queue(json_t *status, const struct nurture_rows *rows, int64_t now)
{
	json_t *list = json_array();
	int64_t total = 0;
	for (size_t i = 0; i < rows->rows; i++) {
		total += row_number(rows, i, 1);
		json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:{s:I, s:I, s:I}, s:I}", "campaign", row_text(rows, i, 0), "calls",
						      (json_int_t)row_number(rows, i, 1), "ready", (json_int_t)row_number(rows, i, 2), "waiting",
						      (json_int_t)row_number(rows, i, 3), "in_hand", (json_int_t)row_number(rows, i, 4), "oldest_seconds",
						      (json_int_t)((now - row_number(rows, i, 5)) / SECOND), "age", "under_an_hour", (json_int_t)row_number(rows, i, 6),
						      "under_a_day", (json_int_t)row_number(rows, i, 7), "older", (json_int_t)row_number(rows, i, 8), "callbacks",
						      (json_int_t)row_number(rows, i, 9)));
	}
	json_object_set_new(status, "queue", list);
	json_object_set_new(status, "queued", json_integer(total));
}

static int put_agents(json_t *status, const struct nurture_rows *rows, int64_t now)
{
	json_t *list = json_array();
	int present = 0;
	for (size_t i = 0; i < rows->rows; i++) {
		present += strcmp(row_text(rows, i, 1), "away") != 0;
		json_t *agent = json_pack("{s:s, s:s, s:I, s:s}", "agent", row_text(rows, i, 0), "state", row_text(rows, i, 1), "seconds",
					  (json_int_t)((now - row_number(rows, i, 2)) / SECOND), "can", row_text(rows, i, 3));
		if (row_number(rows, i, 4))
			json_object_set_new(agent, "call", json_integer(row_number(rows, i, 4)));
		json_array_append_new(list, agent);
	}
	json_object_set_new(status, "agents", list);
	return present;
}

/* contact rate: of the calls that ended, those that reached somebody; abandonment: of those that were offered, those that nobody ended. */
static void put_work(json_t *status, const struct nurture_rows *rows)
{
	int64_t offered = row_number(rows, 0, 0), ended = row_number(rows, 0, 1), reached = row_number(rows, 0, 2), ran_out = row_number(rows, 0, 3);
	json_object_set_new(status, "last_day", json_pack("{s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:I}", "offered", (json_int_t)offered, "ended", (json_int_t)ended, "reached",
							  (json_int_t)reached, "abandoned", (json_int_t)ran_out, "blocked", (json_int_t)row_number(rows, 0, 5), "contact_rate",
							  ended ? (double)reached / (double)ended : 0.0, "abandonment", offered ? (double)ran_out / (double)offered : 0.0,
							  "handling_seconds", (json_int_t)(row_number(rows, 0, 4) / SECOND)));
}

static void put_speed(json_t *status, const struct nurture_rows *rows)
{
	json_t *list = json_array();
	for (size_t i = 0; i < rows->rows; i++)
		json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I, s:I}", "campaign", row_text(rows, i, 0), "calls", (json_int_t)row_number(rows, i, 1), "median_seconds",
						      (json_int_t)(row_number(rows, i, 2) / SECOND), "ninety_percent_seconds", (json_int_t)(row_number(rows, i, 3) / SECOND),
						      "within_five_minutes", (json_int_t)row_number(rows, i, 4)));
	json_object_set_new(status, "first_offers", list);
}

/* next_at: when the first of them may be offered; null = that is not known (a pause has no end). */
static void put_reasons(json_t *status, const struct nurture_rows *waits, const struct nurture_rows *ended)
{
	json_t *list = json_array(), *last = json_array();
	for (size_t i = 0; i < waits->rows; i++) {
		int64_t next = row_number(waits, i, 3);
		bool known = strcmp(row_text(waits, i, 0), "waiting") == 0 && next < CALL_NEVER;
		json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:o}", "state", row_text(waits, i, 0), "reason", row_text(waits, i, 1), "calls", (json_int_t)row_number(waits, i, 2),
						      "next_at", moment_json(known ? next : 0)));
	}
	for (size_t i = 0; i < ended->rows; i++)
		json_array_append_new(last, json_pack("{s:s, s:I}", "reason", row_text(ended, i, 0), "calls", (json_int_t)row_number(ended, i, 1)));
	json_object_set_new(status, "not_offered", list);
	json_object_set_new(json_object_get(status, "last_day"), "came_to_nothing", last);
}

static void on_late(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	if (answer->error) {
		asking_db(asking, answer);
		return;
	}
	json_object_set_new(asking->kept, "deadlines", json_pack("{s:I, s:I}", "missed", (json_int_t)row_number(&answer->steps[0], 0, 0), "will_be_missed",
								  (json_int_t)row_number(&answer->steps[0], 0, 1)));
	asking_reply(asking, 200, json_incref(asking->kept));
}

/* How long one call takes the floor: the handling time over the agents that are there; without any, nothing gets done. */
static int64_t pace_of(const struct nurture_rows *done, int present)
{
	int64_t handling = row_number(done, 0, 4) ? row_number(done, 0, 4) : 5 * 60 * SECOND;
	return present ? handling / present : DAY;
}

static void on_status(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	struct values v = {0};
	if (answer->error) {
		asking_db(asking, answer);
		return;
	}
	int64_t now = desk_now(asking->desk);
	json_t *status = asking->kept = json_object(), *unmet = json_array();
	put_queue(status, &answer->steps[0], now);
	int present = put_agents(status, &answer->steps[1], now);
	put_work(status, &answer->steps[2]);
	put_speed(status, &answer->steps[4]);
	put_reasons(status, &answer->steps[5], &answer->steps[6]);
	for (size_t i = 0; i < answer->steps[3].rows; i++)
		json_array_append_new(unmet, json_pack("{s:s, s:I}", "needs", row_text(&answer->steps[3], i, 0), "calls", (json_int_t)row_number(&answer->steps[3], i, 1)));
	json_object_set_new(status, "nobody_can", unmet);
	put_text(&v, asking->desk->host->channel_name);
	put_number(&v, now);
	put_number(&v, pace_of(&answer->steps[2], present));
	desk_read(asking->desk, (const struct nurture_step[]){{&late, v.items, v.count}}, 1, on_late, asking);
}

void route_status(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	struct values both = {0}, name = {0};
	if (!asking)
		return;
	put_text(&both, asking->desk->host->channel_name);
	put_number(&both, desk_now(asking->desk));
	put_text(&name, asking->desk->host->channel_name);
	const struct nurture_step steps[] = {
		{&queue, both.items, both.count}, {&agents, both.items, both.count}, {&work, both.items, both.count}, {&needs, name.items, name.count},
		{&speed, both.items, both.count}, {&held, name.items, name.count}, {&nothing, both.items, both.count}};
	desk_read(asking->desk, steps, sizeof steps / sizeof *steps, on_status, asking);
}

/* ---- what an agent can ---- */

static const struct nurture_statement put_agent = {sizeof put_agent, "agent_put", sql_agent_put};

static void on_agent(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	if (answer->error)
		asking_db(asking, answer);
	else if (!answer->steps[0].changed)
		asking_fail(asking, 422, "nobody is called that: an agent is a person (nurture user add), or token:NAME of a dialer or a call centre, whose lines can what their token can.");
	else
		asking_reply(asking, 200, json_incref(asking->kept));
}

/* "skill:word", … as calls need them; false: a word that cannot be one. */
static bool add_words(const json_t *list, const char *kind, char *can, size_t room)
{
	size_t i;
	json_t *word;
	bool good = !list || json_is_array(list);
	json_array_foreach ((json_t *)(uintptr_t)list, i, word) {
		const char *text = json_string_value(word);
		size_t used = strlen(can), n = text ? strlen(text) : 0;
		good = good && n > 0 && n < 48 && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == n && used + n + 20 < room;
		if (good)
			snprintf(can + used, room - used, "%s%s:%s", used ? " " : "", kind, text);
	}
	return good;
}

void route_agent(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	struct values v = {0};
	static const char *const known[] = {"skills", "languages", "territories", NULL};
	char can[2000] = "";
	const char *name = request->parameter_count ? request->parameters[0].value : "";
	if (!asking || asking_refuses(asking, known))
		return;
	if (!*name || strlen(name) > AGENT_MOST || !add_words(json_object_get(asking->body, "languages"), "language", can, sizeof can) ||
	    !add_words(json_object_get(asking->body, "skills"), "skill", can, sizeof can) ||
	    !add_words(json_object_get(asking->body, "territories"), "territory", can, sizeof can)) {
		asking_fail(asking, 422, "an agent is {\"skills\": [words], \"languages\": [\"de\"], \"territories\": [\"DE\"]}: words of letters, digits, hyphens.");
		return;
	}
	asking->kept = json_pack("{s:s, s:s}", "agent", name, "can", can);
	put_text(&v, asking->desk->host->channel_name);
	put_text(&v, name);
	put_text(&v, can);
	put_number(&v, desk_now(asking->desk));
	desk_ask(asking->desk, (const struct nurture_step[]){{&put_agent, v.items, v.count}}, 1, on_agent, asking);
}
