/* The write that ends calls. Each commit waits for the disk, and the claims of other agents wait behind it: so outcomes that come while some are being written go together in the next
 * write, which begins PACE_US behind the last one at the earliest. Who comes when none was written just before does not wait.
 *
 * Nobody pays for another's outcome. Of one call only one is in a write: the same told twice at once, or otherwise, is judged behind it, by what is written. A row that somebody else has
 * locked is left out of the common write, and waited for alone. A common write that the database refuses is done again, each alone. */
#include "ending.h"

#include "ending.sql.h"

#include <stdlib.h>

enum { ENDINGS_MOST = 50 };
static const int64_t PACE_US = 20000;

static const struct nurture_statement calls = {sizeof calls, "ending_calls", sql_ending_calls};

struct endings {
	struct asking *askings[ENDINGS_MOST];
	size_t count;
};

static void ask(struct desk *desk, const json_t *list, bool alone, nurture_query_fn *fn, void *arg)
{
	struct values v = {0};
	char *text = json_dumps(list, JSON_COMPACT);
	put_text(&v, desk->host->channel_name);
	put_text(&v, text);
	put_number(&v, desk_now(desk));
	put_text(&v, alone ? "true" : "false");
	desk_ask(desk, (const struct nurture_step[]){{&calls, v.items, v.count}}, 1, fn, arg);
	free(text);
}

/* ---- alone ---- */

static void on_alone(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	if (answer->error) {
		asking_db(asking, answer);
	} else if (!answer->steps[0].rows) {
		outcome_is_late(asking);
	} else {
		news_tell(asking->desk, &answer->steps[0]);
		asking_reply(asking, 200, json_incref(asking->kept));
	}
}

static void write_alone(struct asking *asking)
{
	json_t *list = json_pack("[O]", asking->ending);
	ask(asking->desk, list, true, on_alone, asking);
	json_decref(list);
}

/* ---- together ---- */

static void pump(struct desk *desk);

static bool is_ended(const struct nurture_rows *rows, int64_t touch_id)
{
	size_t row = 0;
	while (rows && row < rows->rows && row_number(rows, row, 0) != touch_id)
		row++;
	return rows && row < rows->rows;
}

static void on_written(void *arg, const struct nurture_answer *answer)
{
	struct desk *desk = arg;
	struct endings *written = desk->ending;
	const struct nurture_rows *rows = answer->error ? NULL : &answer->steps[0];
	desk->ending = NULL;
	if (rows)
		news_tell(desk, rows);
	for (size_t i = 0; i < written->count; i++) {
		struct asking *asking = written->askings[i];
		if (is_ended(rows, asking->touch_id))
			asking_reply(asking, 200, json_incref(asking->kept));
		else if (answer->error && written->count == 1)
			asking_db(asking, answer);
		else
			write_alone(asking);
	}
	free(written);
	pump(desk);
}

static bool has(const struct endings *endings, int64_t touch_id)
{
	for (size_t i = 0; i < endings->count; i++)
		if (endings->askings[i]->touch_id == touch_id)
			return true;
	return false;
}

/* What goes into the next write, oldest first. */
static json_t *gather(struct desk *desk, struct endings *into)
{
	json_t *list = json_array();
	struct asking *asking, *next;
	for (asking = TAILQ_FIRST(&desk->endings); asking && into->count < ENDINGS_MOST; asking = next) {
		next = TAILQ_NEXT(asking, entry);
		if (has(into, asking->touch_id))
			continue;
		TAILQ_REMOVE(&desk->endings, asking, entry);
		json_array_append(list, asking->ending);
		into->askings[into->count++] = asking;
	}
	return list;
}

static void pump(struct desk *desk)
{
	if (desk->ending || desk->ending_paced || TAILQ_EMPTY(&desk->endings))
		return;
	desk->ending = calloc(1, sizeof *desk->ending);
	if (!desk->ending)
		abort();
	json_t *list = gather(desk, desk->ending);
	desk->ending_paced = true;
	desk->host->timer_set(desk->ending_timer, PACE_US);
	ask(desk, list, false, on_written, desk);
	json_decref(list);
}

static void on_pace(void *arg)
{
	struct desk *desk = arg;
	desk->ending_paced = false;
	pump(desk);
}

void ending_write(struct asking *asking, json_t *ending)
{
	struct desk *desk = asking->desk;
	json_decref(asking->ending);
	asking->ending = ending;
	TAILQ_INSERT_TAIL(&desk->endings, asking, entry);
	pump(desk);
}

void ending_begin(struct desk *desk)
{
	TAILQ_INIT(&desk->endings);
	desk->ending_timer = desk->host->timer_new(desk->host->data, on_pace, desk);
}

void ending_end(struct desk *desk)
{
	desk->host->timer_free(desk->ending_timer);
	free(desk->ending);
	desk->ending = NULL;
}
