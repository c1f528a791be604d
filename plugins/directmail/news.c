/* What became of letters, told to the server until it has it on its disk: then the row of what will not go leaves, and what went is marked. What a process did not hear of, the next one
 * tells again; it counts once. */
#include "office.h"

#include "news.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct nurture_statement
	over = {sizeof over, "news_over", sql_news_over},
	sent = {sizeof sent, "news_sent", sql_news_sent},
	returned = {sizeof returned, "news_returned", sql_news_returned},
	drop = {sizeof drop, "news_drop", sql_news_drop},
	told = {sizeof told, "news_told", sql_news_told};

static void drop_some(struct office *office);

static void on_dropped(void *arg, const struct nurture_answer *answer)
{
	struct office *office = arg;
	office->dropping = false;
	if (answer->error && !answer->again)
		office_log(office, NURTURE_LOG_ERROR, "letters.news", "%s", answer->error);
	drop_some(office);
	if (!office->dropping && !office->telling)
		news_resume(office); /* the next page */
}

/* All that were recorded while the last ones were dropped go in one transaction. */
static void drop_some(struct office *office)
{
	struct values v = {0};
	if (office->dropping || !office->recorded_count)
		return;
	office->dropping = true;
	put_text(&v, office->host->channel_name);
	put_text(&v, office->recorded);
	office_ask(office, (const struct nurture_step[]){{&drop, v.items, v.count}, {&told, v.items, v.count}}, 2, on_dropped, office);
	office->recorded_count = office->recorded_length = 0;
}

/* Also when it was not taken: the touch is none, or in a state that this cannot change; telling it again would not help. Who finds no room is told of again. */
static void on_recorded(void *arg, int64_t touch_id, bool recorded)
{
	struct office *office = arg;
	(void)recorded;
	office->telling--;
	if (office->recorded_count < RECORDED_MOST)
		office->recorded_length += (size_t)snprintf(office->recorded + office->recorded_length, sizeof office->recorded - office->recorded_length, "%s%" PRId64,
							    office->recorded_count++ ? "," : "", touch_id);
	if (!office->telling || office->recorded_count == RECORDED_MOST)
		drop_some(office);
}

/* {"sent": true}, {"back": reason} (the gate holds it, or it is delivered again) or {"rejected": reason, "kind": word}. */
static void tell(struct office *office, const struct nurture_rows *rows, size_t i)
{
	json_t *outcome = json_loads(row_text(rows, i, 2), 0, NULL);
	const char *back = json_string_value(json_object_get(outcome, "back")), *rejected = json_string_value(json_object_get(outcome, "rejected"));
	const struct nurture_result result = {
		.size = sizeof result, .outcome = rejected ? NURTURE_REJECTED : back ? NURTURE_CANCELLED : NURTURE_SENT, .reason = rejected ? rejected : back,
		.attempt = (uint32_t)row_number(rows, i, 1), .kind = json_string_value(json_object_get(outcome, "kind")),
		.remote_id = rejected || back ? NULL : row_text(rows, i, 3)};
	office->telling++;
	office->host->news_then(office->host->data, row_number(rows, i, 0), &result, on_recorded, office);
	json_decref(outcome);
}

static void on_read(void *arg, const struct nurture_answer *answer)
{
	struct office *office = arg;
	office->telling--;
	if (answer->error && !answer->again)
		office_log(office, NURTURE_LOG_ERROR, "letters.news", "%s", answer->error);
	for (size_t step = 0; !answer->error && step < answer->count; step++)
		for (size_t i = 0; i < answer->steps[step].rows; i++)
			tell(office, &answer->steps[step], i);
}

void news_resume(struct office *office)
{
	struct values v = {0};
	if (office->telling || office->dropping)
		return;
	put_text(&v, office->host->channel_name);
	office->telling++; /* the page itself */
	office_read(office, (const struct nurture_step[]){{&over, v.items, v.count}, {&sent, v.items, v.count}, {&returned, v.items, v.count}}, 3, on_read, office);
}
