/* Claims that are written together (plugins/telemarketing/give.c), with a host that answers each query as the test says: what becomes of them when the database refuses the write, as
 * another process gave one of these agents or leads a call in the same moment. */
#include "next.h"

#include "unit/check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AGENTS = 5, ASKED_MOST = 20 };

static struct asked {                 /* a query, until it is answered */
	char name[60], what[200];     /* its first statement; of a claim the touches in it: "12 13" */
	nurture_query_fn *fn;
	void *arg;
} asked[ASKED_MOST];
static size_t asked_count, replies;
static int64_t replied[AGENTS];       /* the call that an agent was given, in the order of the replies; 0 = none, -503 = an error of that status */

static void touches_of(const char *text, char *out, size_t size)
{
	size_t i, length = 0;
	json_t *gift, *list = json_loads(text, 0, NULL);
	ck_assert(json_is_array(list));
	json_array_foreach (list, i, gift)
		length += (size_t)snprintf(out + length, size - length, "%s%" JSON_INTEGER_FORMAT, i ? " " : "", json_integer_value(json_object_get(gift, "touch")));
	json_decref(list);
}

static void on_query(struct nurture_host_data *data, const struct nurture_query *query, nurture_query_fn *fn, void *arg)
{
	(void)data;
	ck_assert_uint_lt(asked_count, ASKED_MOST);
	struct asked *one = &asked[asked_count++];
	*one = (struct asked){.fn = fn, .arg = arg};
	snprintf(one->name, sizeof one->name, "%s", query->steps[0].statement->name);
	if (strcmp(one->name, "give_calls") == 0)
		touches_of(query->steps[0].values[1].value, one->what, sizeof one->what);
}

static void on_reply(struct nurture_host_data *data, struct nurture_handle handle, const struct nurture_reply *reply)
{
	(void)data, (void)handle;
	json_t *body = json_loadb(reply->body, reply->body_length, 0, NULL);
	ck_assert_uint_lt(replies, AGENTS);
	replied[replies++] = reply->status == 200 ? json_integer_value(json_object_get(json_object_get(body, "call"), "id")) : -reply->status;
	json_decref(body);
}

static int64_t on_now(struct nurture_host_data *data)
{
	(void)data;
	return INT64_C(1800000000000000);
}

static struct {
	nurture_look_fn *fn;
	void *arg;
} looks[2];
static size_t look_count;

static void on_look(struct nurture_host_data *data, int64_t touch_id, nurture_look_fn *fn, void *arg)
{
	(void)data, (void)touch_id;
	ck_assert_uint_lt(look_count, 2);
	looks[look_count].fn = fn;
	looks[look_count++].arg = arg;
}

static bool is_possible(struct nurture_host_data *data, const char *number)
{
	(void)data, (void)number;
	return true;
}

static const struct nurture_host host = {.size = sizeof host, .channel_name = "calls", .query = on_query, .reply = on_reply, .look = on_look, .now = on_now,
	.phone_possible = is_possible};
static struct desk desk;

static void begin(void)
{
	asked_count = replies = look_count = 0;
	desk = (struct desk){.host = &host};
	LIST_INIT(&desk.askings);
	LIST_INIT(&desk.all_wishes);
	TAILQ_INIT(&desk.wishes);
	TAILQ_INIT(&desk.gifts);
	desk.forms[0].text = strdup("form");
	snprintf(desk.forms[0].hash, sizeof desk.forms[0].hash, "hash");
}

static void end(void)
{
	give_end(&desk);
	wishes_end(&desk);
	while (!LIST_EMPTY(&desk.askings))
		asking_free(LIST_FIRST(&desk.askings));
}

/* An agent who may look at these calls. */
static struct wish *wish_of(int64_t touch_id, size_t seats)
{
	struct asking *asking = calloc(1, sizeof *asking);
	struct wish *wish = calloc(1, sizeof *wish);
	struct seat *seat = calloc(seats, sizeof *seat);
	ck_assert(asking && wish && seat);
	asking->desk = &desk;
	snprintf(asking->agent, sizeof asking->agent, "agent %d", (int)touch_id);
	LIST_INSERT_HEAD(&desk.askings, asking, link);
	*wish = (struct wish){.desk = &desk, .asking = asking, .busy = true, .tries = 1, .wave = 1, .seats = seat, .seat_count = seats};
	LIST_INSERT_HEAD(&desk.all_wishes, wish, link);
	for (size_t i = 0; i < seats; i++) {
		seat[i] = (struct seat){.wish = wish, .touch_id = touch_id + (int64_t)i, .lead_id = touch_id + (int64_t)i};
		seat[i].call = json_pack("{s:I}", "id", (json_int_t)seat[i].touch_id);
	}
	return wish;
}

/* An agent whose call was looked at and may be made. */
static void claim(int64_t touch_id)
{
	struct wish *wish = wish_of(touch_id, 1);
	wish->looked = 1;
	wish->seats->form = strdup("form");
	wish->seats->given = json_pack("{s:I}", "touch", (json_int_t)touch_id);
	give_take(wish, wish->seats);
}

static const struct asked *last(void)
{
	return &asked[asked_count - 1];
}

/* Each call of the claim is given: the row that tells its attempt, and nothing that bars it. */
static void say_given(const struct asked *one)
{
	struct nurture_value values[AGENTS * 4];
	char ids[AGENTS][24];
	size_t count = 0;
	char what[sizeof one->what];
	snprintf(what, sizeof what, "%s", one->what);
	for (char *rest, *id = strtok_r(what, " ", &rest); id; id = strtok_r(NULL, " ", &rest), count++) {
		snprintf(ids[count], sizeof ids[count], "%s", id);
		const struct nurture_value row[] = {{ids[count], 0, false}, {ids[count], 0, false}, {NULL, 0, false}, {"f", 0, false}};
		memcpy(&values[count * 4], row, sizeof row);
	}
	const struct nurture_rows steps[] = {{.rows = count, .columns = 4, .values = values}, {.rows = 0}};
	const struct nurture_answer answer = {.size = sizeof answer, .sqlstate = "", .steps = steps, .count = 2};
	one->fn(one->arg, &answer);
}

static void say_error(const struct asked *one, const char *sqlstate, bool again)
{
	const struct nurture_answer answer = {.size = sizeof answer, .error = "refused", .sqlstate = sqlstate, .again = again};
	one->fn(one->arg, &answer);
}

/* Three claims that wait while a fourth is written, and are then written at once. */
static const struct asked *three_together(void)
{
	claim(10);
	ck_assert_str_eq(last()->what, "10");
	claim(11), claim(12), claim(13);
	ck_assert_uint_eq(asked_count, 1);
	say_given(last());
	ck_assert_uint_eq(asked_count, 2);
	ck_assert_str_eq(last()->what, "11 12 13");
	return last();
}

START_TEST(of_claims_that_are_refused_together_only_the_one_that_crosses_looks_for_another_call)
{
	say_error(three_together(), "23505", false);
	ck_assert_msg(strcmp(last()->name, "give_calls") == 0 && strcmp(last()->what, "11") == 0, "each is written alone: %s %s", last()->name, last()->what);
	claim(14); /* who comes between is not mixed with them */
	say_given(last());
	ck_assert_str_eq(last()->what, "12");
	say_error(last(), "23505", false);
	ck_assert_uint_eq(asked_count, 6);
	ck_assert_msg(strcmp(asked[4].name, "pick_agents") == 0, "who crossed looks again: %s", asked[4].name);
	ck_assert_str_eq(last()->what, "13");
	say_given(last());
	ck_assert_str_eq(last()->what, "14");
	say_given(last());
	ck_assert_uint_eq(asked_count, 7); /* nothing else was asked: nobody but the one was sent to look again */
	ck_assert_uint_eq(replies, 4);
	ck_assert(replied[0] == 10 && replied[1] == 11 && replied[2] == 13 && replied[3] == 14);
	say_error(&asked[4], "", true);
	ck_assert_uint_eq(asked_count, 7);
	ck_assert(replies == 5 && replied[4] == -503);
}
END_TEST

START_TEST(of_claims_that_find_the_database_away_all_look_again)
{
	say_error(three_together(), "40001", true);
	ck_assert_uint_eq(asked_count, 3);
	while (strcmp(last()->name, "pick_agents") == 0 && replies < 4)
		say_error(last(), "", true);
	ck_assert_uint_eq(replies, 4);
	ck_assert(replied[0] == 10 && replied[1] == -503 && replied[2] == -503 && replied[3] == -503);
}
END_TEST

START_TEST(of_calls_that_are_looked_at_the_first_is_given_in_whatever_order_the_answers_come)
{
	const struct nurture_value hash = {"hash", 0, false};
	const struct nurture_rows form = {.rows = 1, .columns = 1, .values = &hash};
	const struct nurture_answer answer = {.size = sizeof answer, .sqlstate = "", .steps = &form, .count = 1};
	char where[64], wrong[256];
	desk.settings.law = law_new(NULL, NULL, where, wrong);
	for (int first = 0; first < 2; first++) {
		asked_count = look_count = 0;
		try_seats(wish_of(20, 2));
		for (int i = 0; i < 2; i++) {
			size_t which = (size_t)(first ^ i);
			const struct nurture_look look = {.size = sizeof look, .standing = NURTURE_LOOK_GO, .touch_id = 20 + (int64_t)which, .lead_id = 20 + (int64_t)which, .name = "", .address = "+4930"};
			looks[which].fn(looks[which].arg, &look);
		}
		if (strcmp(last()->name, "give_form") == 0) /* the first time */
			last()->fn(last()->arg, &answer);
		ck_assert_str_eq(last()->name, "give_calls");
		ck_assert_str_eq(last()->what, "20");
		say_given(last());
	}
	ck_assert(replies == 2 && replied[0] == 20 && replied[1] == 20);
	law_free(desk.settings.law);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(of_claims_that_are_refused_together_only_the_one_that_crosses_looks_for_another_call),
	UNIT(of_claims_that_find_the_database_away_all_look_again),
	UNIT(of_calls_that_are_looked_at_the_first_is_given_in_whatever_order_the_answers_come),
};
UNIT_MAIN_EACH("telemarketing/give", cases, (void)0, begin, end)
