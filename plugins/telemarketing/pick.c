/* Which calls an agent may look at: in one read for all who ask, who they are and what they can, the call that each has in hand, and of each need (language, skill) the first calls
 * that wait, by its index. Nothing is written: what somebody looks at is known in memory (next.h). Who finds nothing, and whose own lease ran out, has what is due looked for once,
 * before the answer is that there is no call. */
#include "next.h"

#include "moment.h"

#include "pick.sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALLS_MOST = 200 };
enum { AGENT_NAME, AGENT_CAN, AGENT_FRESH, AGENT_LEASED, AGENT_CALL };
enum { CALL_ID, CALL_LEAD, CALL_ATTEMPT_ID, CALL_CAMPAIGN, CALL_STEP, CALL_SCRIPT, CALL_PRIORITY, CALL_POINTS, CALL_QUEUED, CALL_LATEST, CALL_CALLBACK, CALL_ATTEMPT, CALL_UNTIL, CALL_NEEDS, CALL_FOR };

static const struct nurture_statement
	agents = {sizeof agents, "pick_agents", sql_pick_agents},
	calls = {sizeof calls, "pick_calls", sql_pick_calls},
	expire = {sizeof expire, "pick_expire", sql_pick_expire},
	promote = {sizeof promote, "pick_promote", sql_pick_promote};

struct pick {
	struct desk *desk;
	struct wishes wishes;
};

static struct pick *pick_new(struct desk *desk, struct wishes *wishes)
{
	struct pick *pick = calloc(1, sizeof *pick);
	if (!pick)
		abort();
	pick->desk = desk;
	TAILQ_INIT(&pick->wishes);
	TAILQ_CONCAT(&pick->wishes, wishes, entry);
	return pick;
}

static struct wish *take(struct pick *pick)
{
	struct wish *wish = TAILQ_FIRST(&pick->wishes);
	if (wish)
		TAILQ_REMOVE(&pick->wishes, wish, entry);
	return wish;
}

static void fail_all(struct pick *pick, const struct nurture_answer *answer)
{
	struct wish *wish;
	while ((wish = take(pick)))
		wish_db(wish, answer);
}

/* ---- nothing was there ---- */

static void on_due(void *arg, const struct nurture_answer *answer)
{
	struct pick *pick = arg;
	struct wish *wish;
	if (answer->error && !answer->again)
		fail_all(pick, answer);
	while ((wish = take(pick)))
		wish_again(wish);
	free(pick);
}

/* What is due, and what leases held that ran out: theirs first. */
static void look_for_due(struct desk *desk, struct wishes *wishes)
{
	struct pick *pick = pick_new(desk, wishes);
	struct values v = {0};
	put_text(&v, desk->host->channel_name);
	put_number(&v, desk_now(desk));
	desk_ask(desk, (const struct nurture_step[]){{&expire, v.items, v.count}, {&promote, v.items, v.count}}, 2, on_due, pick);
}

/* ---- seats ---- */

static json_t *call_json(const struct nurture_rows *rows, size_t row, size_t first)
{
	json_t *call = json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:I, s:o, s:I}", "id", (json_int_t)row_number(rows, row, first + CALL_ID), "lead",
				 (json_int_t)row_number(rows, row, first + CALL_LEAD), "campaign", row_text(rows, row, first + CALL_CAMPAIGN), "step",
				 row_text(rows, row, first + CALL_STEP), "script", row_text(rows, row, first + CALL_SCRIPT), "priority", row_text(rows, row, first + CALL_PRIORITY),
				 "points", (json_int_t)row_number(rows, row, first + CALL_POINTS), "queued_at", moment_json(row_number(rows, row, first + CALL_QUEUED)), "attempt",
				 (json_int_t)row_number(rows, row, first + CALL_ATTEMPT));
	if (row_number(rows, row, first + CALL_LATEST))
		json_object_set_new(call, "latest_at", moment_json(row_number(rows, row, first + CALL_LATEST)));
	if (row_number(rows, row, first + CALL_CALLBACK))
		json_object_set_new(call, "callback_at", moment_json(row_number(rows, row, first + CALL_CALLBACK)));
	return call;
}

static void seat(struct wish *wish, const struct nurture_rows *rows, size_t row, size_t first)
{
	if (!wish->seats)
		wish->seats = calloc(WAVE_MOST, sizeof *wish->seats);
	if (!wish->seats)
		abort();
	wish->seats[wish->seat_count++] = (struct seat){
		.wish = wish, .touch_id = row_number(rows, row, first + CALL_ID), .lead_id = row_number(rows, row, first + CALL_LEAD),
		.attempt_id = row_number(rows, row, first + CALL_ATTEMPT_ID), .queued_at = row_number(rows, row, first + CALL_QUEUED),
		.latest_at = row_number(rows, row, first + CALL_LATEST), .until = row_number(rows, row, first + CALL_UNTIL), .call = call_json(rows, row, first)};
}

/* Words with blanks between: all of `needs` are among `can`. */
static bool can_all(const char *can, const char *needs)
{
	while (*needs) {
		size_t n = strcspn(needs, " ");
		bool found = false;
		for (const char *at = can; *at && !found; at += strcspn(at, " "), at += *at == ' ')
			found = strcspn(at, " ") == n && strncmp(at, needs, n) == 0;
		if (!found)
			return false;
		needs += n + (needs[n] == ' ');
	}
	return true;
}

static bool suits(const struct wish *wish, const char *can, const struct nurture_rows *rows, size_t row)
{
	const char *needs = row_text(rows, row, CALL_NEEDS);
	if (*needs == '@')
		return strcmp(row_text(rows, row, CALL_FOR), wish->asking->agent) == 0;
	return can_all(can, needs);
}

static void seat_some(struct wish *wish, const char *can, const struct nurture_rows *rows)
{
	for (size_t i = 0; i < rows->rows && wish->seat_count < (size_t)wish->wave; i++)
		if (suits(wish, can, rows, i) && !wish_is_taken(wish->desk, row_number(rows, i, CALL_ID), row_number(rows, i, CALL_LEAD)))
			seat(wish, rows, i, 0);
}

static size_t row_of(const struct nurture_rows *rows, const char *agent)
{
	size_t i = 0;
	while (i < rows->rows && strcmp(row_text(rows, i, AGENT_NAME), agent) != 0)
		i++;
	return i;
}

/* true: its own lease ran out, and what it held goes back first. */
static bool sit(struct wish *wish, const struct nurture_rows *who, const struct nurture_rows *found)
{
	size_t row = row_of(who, wish->asking->agent);
	if (row == who->rows)
		return false;
	wish->fresh = *row_text(who, row, AGENT_FRESH) == 't';
	if (!row_number(who, row, AGENT_CALL))
		seat_some(wish, row_text(who, row, AGENT_CAN), found);
	else if (*row_text(who, row, AGENT_LEASED) == 't')
		seat(wish, who, row, AGENT_CALL);
	else
		return true;
	return false;
}

static void on_picked(void *arg, const struct nurture_answer *answer)
{
	struct pick *pick = arg;
	struct desk *desk = pick->desk;
	struct wishes dry = TAILQ_HEAD_INITIALIZER(dry);
	struct wish *wish;
	if (answer->error)
		fail_all(pick, answer);
	while ((wish = take(pick))) {
		bool lapsed = sit(wish, &answer->steps[0], &answer->steps[1]);
		if (wish->seat_count) {
			try_seats(wish);
		} else if (lapsed || !wish->swept) {
			wish->swept = true;
			TAILQ_INSERT_TAIL(&dry, wish, entry);
		} else {
			give_none(wish);
		}
	}
	free(pick);
	if (!TAILQ_EMPTY(&dry))
		look_for_due(desk, &dry);
	desk->picking = false;
	wishes_pump(desk);
}

/* ---- asking ---- */

/* Who asks; a line of a dialer can what its token can. */
static char *names_of(const struct pick *pick, int *calls_wanted)
{
	const struct wish *wish;
	json_t *names = json_array();
	TAILQ_FOREACH(wish, &pick->wishes, entry) {
		json_array_append_new(names, json_pack("{s:s, s:s}", "name", wish->asking->agent, "owner", wish->asking->owner));
		*calls_wanted += wish->wave;
	}
	char *text = json_dumps(names, JSON_COMPACT);
	json_decref(names);
	return text;
}

static char *taken_of(const struct desk *desk)
{
	const struct wish *wish;
	json_t *ids = json_array();
	LIST_FOREACH(wish, &desk->all_wishes, link)
		for (size_t i = 0; i < wish->seat_count; i++)
			json_array_append_new(ids, json_integer(wish->seats[i].touch_id));
	char *text = json_dumps(ids, JSON_COMPACT);
	text[0] = '{', text[strlen(text) - 1] = '}';
	json_decref(ids);
	return text;
}

void pick_for(struct desk *desk, struct wishes *wishes)
{
	struct pick *pick = pick_new(desk, wishes);
	struct values who = {0}, which = {0};
	int wanted = 0;
	char *names = names_of(pick, &wanted), *taken = taken_of(desk);
	put_text(&who, desk->host->channel_name);
	put_text(&who, names);
	put_text(&which, desk->host->channel_name);
	put_text(&which, names);
	put_number(&which, wanted < CALLS_MOST ? wanted : CALLS_MOST);
	put_text(&which, taken);
	desk->picking = true;
	desk_read(desk, (const struct nurture_step[]){{&agents, who.items, who.count}, {&calls, which.items, which.count}}, 2, on_picked, pick);
	free(names);
	free(taken);
}
