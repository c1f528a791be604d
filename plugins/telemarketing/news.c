/* What became of calls, told to the server until it has it on its disk: what was answered and noted, whom they named, and then how they ended. Then the row goes. What a
 * process did not hear of, the next one tells again; it counts once. */
#include "desk.h"

#include "news.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct nurture_statement
	read = {sizeof read, "news_read", sql_news_read},
	drop = {sizeof drop, "news_drop", sql_news_drop};

/* ---- the server has it ---- */

/* Nobody waits for a row to go: those of a moment go in one transaction. */
static const int64_t DROP_US = 200000;

static void drop_soon(struct desk *desk);

static void on_dropped(void *arg, const struct nurture_answer *answer)
{
	struct desk *desk = arg;
	desk->dropping = false;
	if (answer->error && !answer->again)
		desk->host->log(desk->host->data, NURTURE_LOG_ERROR, "calls.news", answer->error);
	drop_soon(desk);
}

static void drop_some(void *arg)
{
	struct desk *desk = arg;
	struct values v = {0};
	if (desk->dropping || !desk->recorded_count)
		return;
	desk->dropping = true;
	put_text(&v, desk->host->channel_name);
	put_text(&v, desk->recorded);
	desk_ask(desk, (const struct nurture_step[]){{&drop, v.items, v.count}}, 1, on_dropped, desk);
	desk->recorded_count = desk->recorded_length = 0;
}

static void drop_soon(struct desk *desk)
{
	if (desk->recorded_count == RECORDED_MOST || desk->draining)
		drop_some(desk);
	else if (desk->recorded_count)
		desk->host->timer_set(desk->drop_timer, DROP_US);
}

void news_begin(struct desk *desk)
{
	desk->drop_timer = desk->host->timer_new(desk->host->data, drop_some, desk);
}

/* ---- telling ---- */

/* A call that ended, on its way to the server: first what was said in it, each until it is taken, then that it ended. What is dropped with a process is told again
 * by the next one, from the row: it counts once. */
struct telling {
	LIST_ENTRY(telling) link;
	struct desk *desk;
	int64_t touch_id, lead_id;
	uint32_t attempt;
	char *campaign, *step, *script;
	json_t *outcome;
	int left; /* that are not taken yet */
};

static void telling_free(struct telling *telling)
{
	LIST_REMOVE(telling, link);
	free(telling->campaign), free(telling->step), free(telling->script);
	json_decref(telling->outcome);
	free(telling);
}

/* Also when it was not taken: the touch is none, or in a state that this cannot change; telling it again would not help. Who finds no room is told of again. */
static void on_recorded(void *arg, int64_t touch_id, bool recorded)
{
	struct telling *telling = arg;
	struct desk *desk = telling->desk;
	(void)recorded;
	telling_free(telling);
	if (desk->recorded_count < RECORDED_MOST)
		desk->recorded_length += (size_t)snprintf(desk->recorded + desk->recorded_length, sizeof desk->recorded - desk->recorded_length, "%s%" PRId64,
							  desk->recorded_count++ ? "," : "", touch_id);
	if (desk->recorded_count == 1 || desk->recorded_count == RECORDED_MOST || desk->draining)
		drop_soon(desk);
}

static void tell_end(struct telling *telling)
{
	const struct nurture_host *host = telling->desk->host;
	const char *given = json_string_value(json_object_get(telling->outcome, "given_back"));
	const struct nurture_result result = {
		.size = sizeof result, .outcome = given ? NURTURE_CANCELLED : NURTURE_SENT, .reason = given, .attempt = telling->attempt,
		.answer = json_string_value(json_object_get(telling->outcome, "answer")), .said = json_object_get(telling->outcome, "said")};
	host->news_then(host->data, telling->touch_id, &result, on_recorded, telling);
}

static void on_taken(void *arg, bool taken)
{
	struct telling *telling = arg;
	(void)taken; /* what is refused would be refused again: the log says so */
	if (--telling->left == 0)
		tell_end(telling);
}

static void tell_event(struct telling *telling, const char *verb, const char *key_of, const char *name, const json_t *said)
{
	const struct nurture_host *host = telling->desk->host;
	char key[64];
	json_t *data = json_pack("{s:s, s:s, s:O?}", "campaign", telling->campaign, "step", telling->step, name, said);
	snprintf(key, sizeof key, "%s:%" PRId64 ":%" PRIu32, key_of, telling->touch_id, telling->attempt);
	telling->left++;
	host->event_then(host->data, telling->lead_id, verb, telling->script, 0, data, key, on_taken, telling);
	json_decref(data);
}

static void tell_colleagues(struct telling *telling)
{
	const struct nurture_host *host = telling->desk->host;
	size_t n;
	json_t *person;
	char key[80];
	json_array_foreach(json_object_get(telling->outcome, "colleagues"), n, person)
	{
		snprintf(key, sizeof key, "call:%" PRId64 ":%" PRIu32 ":%zu", telling->touch_id, telling->attempt, n);
		telling->left++;
		host->colleague_then(host->data, telling->lead_id, person, key, on_taken, telling);
	}
}

static bool is_on_its_way(const struct desk *desk, int64_t touch_id)
{
	const struct telling *telling;
	LIST_FOREACH(telling, &desk->tellings, link)
		if (telling->touch_id == touch_id)
			return true;
	return false;
}

static void tell(struct desk *desk, const struct nurture_rows *rows, size_t i)
{
	struct telling *telling = calloc(1, sizeof *telling);
	if (!telling)
		abort();
	*telling = (struct telling){
		.desk = desk, .touch_id = row_number(rows, i, 0), .lead_id = row_number(rows, i, 1), .attempt = (uint32_t)row_number(rows, i, 2),
		.campaign = strdup(row_text(rows, i, 3)), .step = strdup(row_text(rows, i, 4)), .script = strdup(row_text(rows, i, 5)),
		.outcome = json_loads(row_text(rows, i, 6), 0, NULL), .left = 1};
	LIST_INSERT_HEAD(&desk->tellings, telling, link);
	if (json_is_true(json_object_get(telling->outcome, "reached"))) /* somebody was reached: the lead has done something */
		tell_event(telling, "call.answer", "call", "answers", json_object_get(telling->outcome, "answers"));
	if (json_object_get(telling->outcome, "note"))
		tell_event(telling, "call.note", "note", "note", json_object_get(telling->outcome, "note"));
	tell_colleagues(telling);
	on_taken(telling, true);
}

void news_end(struct desk *desk)
{
	desk->host->timer_free(desk->drop_timer);
	desk->drop_timer = NULL;
	while (!LIST_EMPTY(&desk->tellings))
		telling_free(LIST_FIRST(&desk->tellings));
}

void news_tell(struct desk *desk, const struct nurture_rows *rows)
{
	for (size_t i = 0; i < rows->rows; i++)
		if (!is_on_its_way(desk, row_number(rows, i, 0)))
			tell(desk, rows, i);
}

static void on_read(void *arg, const struct nurture_answer *answer)
{
	struct desk *desk = arg;
	if (!answer->error)
		news_tell(desk, &answer->steps[0]);
	else if (!answer->again)
		desk->host->log(desk->host->data, NURTURE_LOG_ERROR, "calls.news", answer->error);
}

void news_resume(struct desk *desk)
{
	struct values v = {0};
	put_text(&v, desk->host->channel_name);
	desk_read(desk, (const struct nurture_step[]){{&read, v.items, v.count}}, 1, on_read, desk);
}

static const struct nurture_statement give_back = {sizeof give_back, "news_give_back", sql_news_give_back};

static void on_given_back(void *arg, const struct nurture_answer *answer)
{
	if (!answer->error)
		news_tell(arg, &answer->steps[0]);
}

void news_give_back(struct desk *desk, int64_t touch_id, const char *reason)
{
	struct values v = {0};
	put_text(&v, desk->host->channel_name);
	put_number(&v, touch_id);
	put_text(&v, *reason ? reason : "it may not go out now");
	put_number(&v, desk_now(desk));
	desk_ask(desk, (const struct nurture_step[]){{&give_back, v.items, v.count}}, 1, on_given_back, desk);
}
