/* Outcomes that are written together (plugins/telemarketing/ending.c), with a host that answers each query as the test says: which go together, that nobody hears of his before it is on
 * the disk, and that what is wrong with one costs only that one. */
#include "ending.h"

#include "unit/check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 80 };

static struct asked {                 /* a query, until it is answered */
	char name[60], what[400];     /* its statement; of a write the touches in it: "12 13" */
	bool alone;
	nurture_query_fn *fn;
	void *arg;
} asked[MOST];
static size_t asked_count, replies;
static struct {
	int64_t touch_id;             /* the handle that the test gave it */
	int status;
} replied[MOST];
static int64_t news[MOST];            /* calls of which the server was told that they ended */
static size_t news_count;
static bool timer_runs;
static nurture_timer_fn *timer_fns[2]; /* the news', the endings' */
static void *timer_args[2];
static size_t timers;

static void touches_of(const char *text, char *out, size_t size)
{
	size_t i, length = 0;
	json_t *one, *list = json_loads(text, 0, NULL);
	ck_assert(json_is_array(list));
	json_array_foreach (list, i, one)
		length += (size_t)snprintf(out + length, size - length, "%s%" JSON_INTEGER_FORMAT, i ? " " : "", json_integer_value(json_object_get(one, "touch")));
	json_decref(list);
}

static void on_query(struct nurture_host_data *data, const struct nurture_query *query, nurture_query_fn *fn, void *arg)
{
	(void)data;
	ck_assert_uint_lt(asked_count, MOST);
	struct asked *one = &asked[asked_count++];
	*one = (struct asked){.fn = fn, .arg = arg};
	snprintf(one->name, sizeof one->name, "%s", query->steps[0].statement->name);
	if (strcmp(one->name, "ending_calls") == 0) {
		touches_of(query->steps[0].values[1].value, one->what, sizeof one->what);
		one->alone = strcmp(query->steps[0].values[3].value, "true") == 0;
	}
}

static void on_reply(struct nurture_host_data *data, struct nurture_handle handle, const struct nurture_reply *reply)
{
	(void)data;
	ck_assert_uint_lt(replies, MOST);
	replied[replies].touch_id = (int64_t)handle.id;
	replied[replies++].status = reply->status;
}

static void on_news(struct nurture_host_data *data, int64_t touch_id, const struct nurture_result *result, nurture_news_fn *fn, void *arg)
{
	(void)data, (void)result, (void)fn, (void)arg;
	ck_assert_uint_lt(news_count, MOST);
	news[news_count++] = touch_id;
}

static void on_log(struct nurture_host_data *data, enum nurture_log_level level, const char *event, const char *message)
{
	(void)data, (void)level, (void)event, (void)message;
}

static int64_t on_now(struct nurture_host_data *data)
{
	(void)data;
	return INT64_C(1800000000000000);
}

static struct nurture_timer *on_timer_new(struct nurture_host_data *data, nurture_timer_fn *fn, void *arg)
{
	(void)data;
	timer_fns[timers] = fn;
	timer_args[timers] = arg;
	return (struct nurture_timer *)&timer_args[timers++];
}

static void on_timer_set(struct nurture_timer *timer, int64_t in_us)
{
	ck_assert(timer == (struct nurture_timer *)&timer_args[1] && in_us > 0);
	timer_runs = true;
}

static void on_timer_free(struct nurture_timer *timer)
{
	(void)timer;
}

static const struct nurture_host host = {.size = sizeof host, .channel_name = "calls", .query = on_query, .reply = on_reply, .now = on_now, .news_then = on_news, .log = on_log,
	.timer_new = on_timer_new, .timer_set = on_timer_set, .timer_free = on_timer_free};
static struct desk desk;

static void begin(void)
{
	asked_count = replies = news_count = timers = 0;
	timer_runs = false;
	desk = (struct desk){.host = &host};
	LIST_INIT(&desk.askings);
	LIST_INIT(&desk.tellings);
	news_begin(&desk);
	ending_begin(&desk);
}

static void end(void)
{
	ending_end(&desk);
	news_end(&desk);
	while (!LIST_EMPTY(&desk.askings))
		asking_free(LIST_FIRST(&desk.askings));
}

/* An outcome that fits its script, of a request whose handle is the call's number. */
static void say_end(int64_t touch_id)
{
	struct asking *asking = calloc(1, sizeof *asking);
	ck_assert(asking);
	asking->desk = &desk;
	asking->touch_id = touch_id;
	asking->handle.id = (uint64_t)touch_id;
	asking->body = json_pack("{s:s}", "disposition", "no_answer");
	asking->kept = json_pack("{s:I}", "id", (json_int_t)touch_id);
	LIST_INSERT_HEAD(&desk.askings, asking, link);
	ending_write(asking, json_pack("{s:I}", "touch", (json_int_t)touch_id));
}

static const struct asked *last(void)
{
	return &asked[asked_count - 1];
}

/* It is done, and committed: of these calls, "11 12", a row each. */
static void say_done(const struct asked *one, const char *which)
{
	struct nurture_value values[MOST * 7];
	char ids[MOST][24], words[400];
	size_t count = 0;
	snprintf(words, sizeof words, "%s", which);
	for (char *rest, *id = strtok_r(words, " ", &rest); id; id = strtok_r(NULL, " ", &rest), count++) {
		snprintf(ids[count], sizeof ids[count], "%s", id);
		const struct nurture_value row[] = {{ids[count], 0, false}, {"1", 0, false}, {"1", 0, false}, {"ring", 0, false}, {"call", 0, false}, {"ask", 0, false}, {"{}", 0, false}};
		memcpy(&values[count * 7], row, sizeof row);
	}
	const struct nurture_rows rows = {.rows = count, .columns = 7, .values = values};
	const struct nurture_answer answer = {.size = sizeof answer, .sqlstate = "", .steps = &rows, .count = 1};
	one->fn(one->arg, &answer);
}

static void say_error(const struct asked *one, const char *sqlstate, bool again)
{
	const struct nurture_answer answer = {.size = sizeof answer, .error = "refused", .sqlstate = sqlstate, .again = again};
	one->fn(one->arg, &answer);
}

static void let_the_pace_pass(void)
{
	ck_assert_msg(timer_runs, "the next write waits for a moment");
	timer_runs = false;
	timer_fns[1](timer_args[1]);
}

static void write_is(const char *what, bool alone)
{
	ck_assert_str_eq(last()->name, "ending_calls");
	ck_assert_str_eq(last()->what, what);
	ck_assert(last()->alone == alone);
}

/* Three outcomes that come while a fourth is written, and are then written at once. */
static const struct asked *three_together(void)
{
	say_end(10);
	write_is("10", false); /* nothing was written just before: at once */
	say_end(11), say_end(12), say_end(13);
	let_the_pace_pass();
	ck_assert_uint_eq(asked_count, 1); /* not beside the one that is on its way */
	ck_assert_uint_eq(replies, 0);     /* nobody hears of his before it is committed */
	say_done(last(), "10");
	ck_assert(replies == 1 && replied[0].touch_id == 10 && replied[0].status == 200);
	ck_assert_uint_eq(asked_count, 2);
	write_is("11 12 13", false);
	return last();
}

START_TEST(outcomes_that_come_while_one_is_written_go_together_and_each_is_answered_behind_the_commit)
{
	const struct asked *one = three_together();
	ck_assert_uint_eq(replies, 1);
	say_done(one, "13 11 12");
	ck_assert_uint_eq(replies, 4);
	ck_assert_uint_eq(news_count, 4);
	for (size_t i = 0; i < replies; i++)
		ck_assert(replied[i].status == 200);
	say_end(14); /* a moment behind the last write, and none is on its way */
	ck_assert_uint_eq(asked_count, 2);
	let_the_pace_pass();
	write_is("14", false);
	say_done(last(), "14");
	let_the_pace_pass();
	say_end(15);
	write_is("15", false);
	ck_assert_uint_eq(replies, 5);
}
END_TEST

START_TEST(of_one_call_there_is_one_outcome_in_a_write)
{
	say_end(10), say_end(11), say_end(12), say_end(11);
	let_the_pace_pass();
	say_done(last(), "10");
	write_is("11 12", false);
	let_the_pace_pass();
	say_done(last(), "11 12");
	write_is("11", false); /* behind it: it finds that the call has ended */
	say_done(last(), "");
	write_is("11", true);
	say_done(last(), "");
	ck_assert_str_eq(last()->name, "outcome_read"); /* it is looked at again: the same is answered the same, another is refused */
	ck_assert_uint_eq(news_count, 3);
}
END_TEST

START_TEST(of_outcomes_that_are_refused_together_only_the_wrong_one_is_refused)
{
	say_error(three_together(), "22P02", false);
	ck_assert_uint_eq(asked_count, 5);
	for (size_t i = 2; i < 5; i++)
		ck_assert(asked[i].alone && atoi(asked[i].what) == (int)i + 9);
	ck_assert_uint_eq(replies, 1);
	say_done(&asked[2], "11");
	say_error(&asked[3], "22P02", false);
	say_done(&asked[4], "13");
	ck_assert_uint_eq(replies, 4);
	ck_assert(replied[1].touch_id == 11 && replied[1].status == 200);
	ck_assert(replied[2].touch_id == 12 && replied[2].status == 500);
	ck_assert(replied[3].touch_id == 13 && replied[3].status == 200);
	ck_assert_uint_eq(news_count, 3);
}
END_TEST

START_TEST(who_is_locked_is_waited_for_alone_and_holds_up_nobody)
{
	say_done(three_together(), "11 13");
	write_is("12", true);
	const struct asked locked = *last();
	ck_assert_uint_eq(replies, 3);
	say_end(14);
	let_the_pace_pass();
	write_is("14", false);
	say_done(last(), "14");
	ck_assert(replies == 4 && replied[3].touch_id == 14 && replied[3].status == 200);
	say_done(&locked, "12");
	ck_assert(replies == 5 && replied[4].touch_id == 12 && replied[4].status == 200);
}
END_TEST

START_TEST(where_the_database_is_away_each_is_told_so)
{
	say_error(three_together(), "", true);
	for (size_t i = 2; i < 5; i++)
		say_error(&asked[i], "", true);
	ck_assert_uint_eq(replies, 4);
	for (size_t i = 1; i < 4; i++)
		ck_assert_int_eq(replied[i].status, 503);
	say_end(14);
	let_the_pace_pass();
	write_is("14", false);
	say_error(last(), "", true);
	ck_assert(replies == 5 && replied[4].status == 503);
	ck_assert_uint_eq(asked_count, 6); /* one alone was refused: it is not written twice */
	ck_assert_uint_eq(news_count, 1);
}
END_TEST

START_TEST(of_more_than_a_write_takes_the_oldest_go_first)
{
	say_end(10);
	for (int64_t i = 0; i < 60; i++)
		say_end(100 + i);
	say_done(last(), "10");
	let_the_pace_pass();
	ck_assert_uint_eq(asked_count, 2);
	ck_assert(strncmp(last()->what, "100 101 ", 8) == 0 && strstr(last()->what, " 149") && !strstr(last()->what, "150"));
	say_done(last(), last()->what);
	let_the_pace_pass();
	write_is("150 151 152 153 154 155 156 157 158 159", false);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(outcomes_that_come_while_one_is_written_go_together_and_each_is_answered_behind_the_commit),
	UNIT(of_one_call_there_is_one_outcome_in_a_write),
	UNIT(of_outcomes_that_are_refused_together_only_the_wrong_one_is_refused),
	UNIT(who_is_locked_is_waited_for_alone_and_holds_up_nobody),
	UNIT(where_the_database_is_away_each_is_told_so),
	UNIT(of_more_than_a_write_takes_the_oldest_go_first),
};
UNIT_MAIN_EACH("telemarketing/ending", cases, (void)0, begin, end)
