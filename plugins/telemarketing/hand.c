/* A call is put into an agent's hand: what must be written before he speaks is written first. That somebody has it, so that its deadline does not take it back meanwhile (host->offer;
 * only where it has one); and of calls of high priority how long they had waited. The same call shown again says both again: they count once. */
#include "next.h"

#include "hand.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct nurture_statement
	back = {sizeof back, "hand_back", sql_hand_back},
	recall = {sizeof recall, "hand_recall", sql_hand_recall};

static void put_attempt(struct values *v, const struct seat *seat)
{
	put_text(v, seat->wish->desk->host->channel_name);
	put_number(v, seat->touch_id);
	put_number(v, seat->attempt_id);
}

/* ---- into the hand ---- */

static void on_back(void *arg, const struct nurture_answer *answer)
{
	if (answer->error)
		wish_db(arg, answer);
	else
		wish_again(arg);
}

/* The server took it back in the moment in which it was given: nobody has seen it. */
static void hand_back(const struct seat *seat)
{
	struct values v = {0};
	put_attempt(&v, seat);
	put_number(&v, desk_now(seat->wish->desk));
	desk_ask(seat->wish->desk, (const struct nurture_step[]){{&back, v.items, v.count}}, 1, on_back, seat->wish);
}

/* All is written, or is not. */
static void heard(struct seat *seat)
{
	struct wish *wish = seat->wish;
	if (--seat->words)
		return;
	if (seat->offered == NURTURE_OFFERED_OVER && !seat->again)
		hand_back(seat);
	else if (seat->offered == NURTURE_OFFERED_LATER)
		wish_fail(wish, 503, "the database does not answer just now: ask again, the call is yours.");
	else
		wish_answer(wish, seat);
}

static void on_speed_told(void *arg, bool taken)
{
	(void)taken;
	heard(arg);
}

static void on_offered(void *arg, int64_t touch_id, enum nurture_offered offered)
{
	struct seat *seat = arg;
	(void)touch_id;
	seat->offered = offered;
	heard(seat);
}

/* Speed to lead: how long a call of high priority has waited for its first agent, and whether that was in time (no latest_at = in time). */
static void tell_speed(struct desk *desk, struct seat *seat)
{
	const struct nurture_host *host = desk->host;
	int64_t now = desk_now(desk);
	const char *priority = json_string_value(json_object_get(seat->call, "priority"));
	char key[64];
	if (!priority || strcmp(priority, "high") != 0)
		return;
	json_t *data = json_pack("{s:O, s:O, s:b}", "campaign", json_object_get(seat->call, "campaign"), "step", json_object_get(seat->call, "step"), "late",
				 seat->latest_at && now > seat->latest_at);
	snprintf(key, sizeof key, "offer:%" PRId64 ":%" JSON_INTEGER_FORMAT, seat->touch_id, json_integer_value(json_object_get(seat->call, "attempt")));
	seat->words++;
	host->event_then(host->data, seat->lead_id, "call.offer", json_string_value(json_object_get(seat->call, "script")), (double)(now - seat->queued_at) / 1e6, data, key,
			 on_speed_told, seat);
	json_decref(data);
}

void hand_over(struct seat *seat, bool again)
{
	const struct nurture_host *host = seat->wish->desk->host;
	seat->again = again;
	seat->words = 1;
	seat->offered = NURTURE_OFFERED;
	tell_speed(seat->wish->desk, seat);
	if (seat->latest_at) {
		seat->words++;
		host->offer(host->data, seat->touch_id, seat->wish->lease_seconds * INT64_C(1000000), on_offered, seat);
	}
	heard(seat);
}

/* ---- still in the hand ---- */

/* What agents' pages and dialers look for, as far as the attempt has it. */
static json_t *sheet_of(const struct seat *seat, const struct nurture_rows *row)
{
	json_t *sheet = json_loads(row_text(row, 0, 0), 0, NULL), *known = json_loads(row_text(row, 0, 1), 0, NULL);
	if (!json_is_object(sheet)) {
		json_decref(sheet);
		sheet = json_pack("{s:n, s:[]}", "script", "dispositions");
	}
	json_t *rest = json_pack("{s:{s:I, s:o}, s:n, s:{}, s:{}, s:[], s:[], s:{s:s}}", "lead", "id", (json_int_t)seat->lead_id, "fields", known ? known : json_object(), "account",
				 "scores", "grades", "receipt", "timeline", "place", "country", "");
	json_object_update(sheet, rest);
	json_decref(rest);
	return sheet;
}

static void on_recalled(void *arg, const struct nurture_answer *answer)
{
	struct seat *seat = arg;
	if (answer->error) {
		wish_db(seat->wish, answer);
		return;
	}
	const struct nurture_rows *row = &answer->steps[0];
	json_t *call = seat->call;
	if (row->rows) {
		json_object_set_new(call, "name", json_string(""));
		json_object_set_new(call, "phone", json_string(row_text(row, 0, 2)));
		json_object_set_new(call, "dial", try_dial(seat->wish->desk, row_text(row, 0, 2)));
		json_object_set_new(call, "lease_seconds", json_integer(seat->wish->lease_seconds));
		json_object_set_new(call, "words", json_string(""));
		bool gone = seat->judged.verdict == OFFER_GONE;
		json_object_set_new(call, gone ? "taken_back" : "held_back", json_string(seat->judged.reason));
		snprintf(seat->kept_why, sizeof seat->kept_why, "%s: %s", gone ? "taken back" : "held back", seat->judged.reason);
		json_object_set_new(call, "sheet", sheet_of(seat, row));
		if (gone)
			seat->latest_at = 0; /* the server has it no more: there is nothing to hold */
	}
	try_show(seat->wish, seat, row->rows);
}

void hand_recall(struct seat *seat)
{
	struct values v = {0};
	put_attempt(&v, seat);
	desk_read(seat->wish->desk, (const struct nurture_step[]){{&recall, v.items, v.count}}, 1, on_recalled, seat);
}
