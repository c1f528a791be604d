/* Query → for each test that is due: winner_of → its row. A test with first = … is looked at once, as the other leads wait for it: no winner then is also an
 * answer. One that splits all leads is looked at again after twice the time, four times … until the winner is known; what a look may err gets smaller, so that all
 * looks together stay at 95 %. One thing is in flight at a time. */
#include "jobs/splits.h"

#include "base/log.h"
#include "base/mem.h"
#include "report/winner.h"
#include "store/splits.h"

#include <stdlib.h>

enum { WAYS_MOST = 20 };
static const double ERROR_LEVEL = 0.05;

struct look {
	struct store *store;
	json_t *tests;
	size_t at;
	moment_t now;
	store_done_fn *fn;
	void *arg;
};

static void next(struct look *look);

static void over(struct look *look, const struct error *error)
{
	json_decref(look->tests);
	look->fn(look->arg, error);
	free(look);
}

static void on_written(void *arg, const struct error *error)
{
	struct look *look = arg;
	if (error)
		over(look, error);
	else
		next(look);
}

static struct str text_of(const json_t *test, const char *key)
{
	const char *text = json_string_value(json_object_get(test, key));
	return str_of(text ? text : "");
}

static int find_winner(const json_t *test, double error)
{
	struct group groups[WAYS_MOST];
	size_t i, count = 0;
	json_t *way;
	json_array_foreach(json_object_get(test, "ways"), i, way) {
		const json_t *numbers = json_object_get(json_object_get(test, "numbers"), json_string_value(way));
		if (count < WAYS_MOST)
			groups[count++] = (struct group){json_number_value(json_array_get(numbers, 0)), json_number_value(json_array_get(numbers, 1))};
	}
	return winner_of(groups, count, error);
}

static void next(struct look *look)
{
	const json_t *test = json_array_get(look->tests, look->at++);
	if (!test) {
		over(look, NULL);
		return;
	}
	int looks = (int)json_integer_value(json_object_get(test, "looks"));
	bool once = json_number_value(json_object_get(test, "first")) > 0;
	int winner = find_winner(test, once ? ERROR_LEVEL : winner_error(ERROR_LEVEL, looks));
	const char *name = winner >= 0 ? json_string_value(json_array_get(json_object_get(test, "ways"), (size_t)winner)) : "";
	moment_t began = json_integer_value(json_object_get(test, "began")), look_at = json_integer_value(json_object_get(test, "look"));
	struct store_split split = {.campaign = text_of(test, "campaign"), .step = text_of(test, "step"), .words = text_of(test, "words"), .looks = looks,
				    .decided = winner >= 0 || once, .winner = str_of(name), .numbers = json_object_get(test, "numbers"),
				    .look_at = began + 2 * (look_at - began)};
	while (!split.decided && split.look_at <= look->now)
		split.look_at += look_at > began ? look_at - began : MOMENT_DAY;
	log_info("split.looked", log_str("campaign", split.campaign.p), log_str("step", split.step.p), log_str("winner", split.decided && !*name ? "none" : name));
	store_split_look(look->store, &split, look->now, on_written, look);
}

static void on_due(void *arg, json_t *rows, const struct error *error)
{
	struct look *look = arg;
	if (error) {
		over(look, error);
		return;
	}
	look->tests = json_incref(rows);
	next(look);
}

void splits_look(struct store *store, moment_t now, store_done_fn *fn, void *arg)
{
	char when[MOMENT_TEXT];
	struct look *look = mem_alloc(sizeof *look);
	*look = (struct look){.store = store, .now = now, .fn = fn, .arg = arg};
	store_query(store, "splits_due", (const char *[]){moment_format(now, when)}, 1, on_due, look);
}
