/* The calls that a wish may have are looked at by the server, all of them at once; the first that may be made is given, what may not is put aside, or goes. The call that the agent has
 * in hand is shown again whatever the gate says: it may be being spoken. */
#include "next.h"

#include "try.sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t MINUTE = INT64_C(60000000);

static const struct nurture_statement
	aside = {sizeof aside, "try_aside", sql_try_aside},
	gone = {sizeof gone, "try_gone", sql_try_gone},
	keep = {sizeof keep, "try_keep", sql_try_keep};

/* ---- what is shown ---- */

json_t *try_dial(const struct desk *desk, const char *number)
{
	return strcmp(desk->settings.dial, "sip") == 0 ? json_sprintf("sip:%s@%s", number, desk->settings.sip_domain) : json_sprintf("tel:%s", number);
}

static void fill(struct seat *seat, const struct nurture_look *look)
{
	const struct desk *desk = seat->wish->desk;
	json_t *call = seat->call;
	seat->lead_id = look->lead_id;
	json_object_set_new(call, "name", json_string(look->name));
	json_object_set_new(call, "phone", json_string(look->address));
	json_object_set_new(call, "dial", try_dial(desk, look->address));
	json_object_set_new(call, "lease_seconds", json_integer(seat->wish->lease_seconds));
	json_object_set(call, "sheet", (json_t *)(uintptr_t)look->sheet);
	for (size_t i = 0; i < look->field_count; i++)
		if (strcmp(look->fields[i].name, "text") == 0)
			json_object_set_new(call, "words", json_stringn(look->fields[i].value, look->fields[i].length));
}

/* What the branches of the script look at beside the answers. */
static json_t *known_of(const json_t *sheet)
{
	size_t i;
	json_t *question, *known = json_object(), *fields = json_object_get(json_object_get(sheet, "lead"), "fields");
	json_array_foreach (json_object_get(json_object_get(sheet, "script"), "questions"), i, question) {
		const char *field = json_string_value(json_object_get(json_object_get(question, "branch"), "field"));
		if (field && json_object_get(fields, field))
			json_object_set(known, field, json_object_get(fields, field));
	}
	return known;
}

static char *form_text(const json_t *sheet)
{
	json_t *body = json_pack("{s:O?, s:O?}", "script", json_object_get(sheet, "script"), "dispositions", json_object_get(sheet, "dispositions"));
	char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(body);
	return text;
}

/* As give_calls reads it. */
static json_t *given_of(const struct seat *seat, const struct nurture_look *look)
{
	const struct asking *asking = seat->wish->asking;
	const char *revision = json_string_value(json_object_get(look->sheet, "revision"));
	return json_pack("{s:I, s:I, s:s, s:s, s:s, s:o, s:o, s:i}", "touch", (json_int_t)seat->touch_id, "lead", (json_int_t)seat->lead_id, "number", look->address, "agent",
			 asking->agent, "revision", revision ? revision : "", "known", known_of(look->sheet), "lists", offer_lists(asking->desk, look), "lease",
			 seat->wish->lease_seconds);
}

/* ---- the agent's own call ---- */

static void on_kept(void *arg, const struct nurture_answer *answer)
{
	struct wish *wish = arg;
	if (answer->error)
		wish_db(wish, answer);
	else if (!answer->steps[0].rows)
		wish_again(wish); /* its lease ran out this very moment */
	else
		hand_over(&wish->seats[0], true);
}

void try_show(struct wish *wish, const struct seat *seat, bool shown)
{
	struct values v = {0};
	char message[400];
	if (!shown) {
		snprintf(message, sizeof message, "your call cannot be shown just now (%s): it stays yours, end it or ask again.", seat->judged.reason);
		wish_fail(wish, 503, message);
		return;
	}
	put_text(&v, wish->desk->host->channel_name);
	put_number(&v, seat->touch_id);
	put_text(&v, wish->asking->agent);
	put_number(&v, wish->lease_seconds);
	put_text(&v, seat->kept_why);
	desk_ask(wish->desk, (const struct nurture_step[]){{&keep, v.items, v.count}}, 1, on_kept, wish);
}

/* ---- all have been looked at ---- */

static struct seat *first_good(const struct wish *wish)
{
	for (size_t i = 0; i < wish->seat_count; i++)
		if (wish->seats[i].given)
			return &wish->seats[i];
	return NULL;
}

static void go_on(struct wish *wish)
{
	struct seat *good = first_good(wish);
	if (good)
		give_take(wish, good);
	else
		wish_again(wish);
}

static void on_put_aside(void *arg, const struct nurture_answer *answer)
{
	if (answer->error)
		wish_db(arg, answer);
	else
		go_on(arg);
}

/* until when which calls wait, and why; those that go. false: there are none. */
static bool sort_out(const struct wish *wish, json_t *wait, json_t *over)
{
	struct desk *desk = wish->desk;
	for (size_t i = 0; i < wish->seat_count; i++) {
		const struct seat *s = &wish->seats[i];
		if (s->judged.verdict == OFFER_GONE)
			json_array_append_new(over, json_pack("{s:I}", "touch", (json_int_t)s->touch_id));
		else if (s->judged.verdict == OFFER_BACK)
			news_give_back(desk, s->touch_id, s->judged.reason);
		else if (s->judged.verdict != OFFER_GO)
			json_array_append_new(wait, json_pack("{s:I, s:I, s:s}", "touch", (json_int_t)s->touch_id, "until",
							      (json_int_t)(s->judged.until ? s->judged.until : desk_now(desk) + MINUTE), "why", s->judged.reason));
	}
	return json_array_size(wait) || json_array_size(over);
}

static void all_looked(struct wish *wish)
{
	struct desk *desk = wish->desk;
	struct values first = {0}, second = {0};
	json_t *wait = json_array(), *over = json_array();
	for (size_t i = 0; i < wish->seat_count; i++)
		if (wish->seats[i].judged.verdict != OFFER_GO && wish->seats[i].judged.verdict != OFFER_GONE)
			snprintf(wish->why, sizeof wish->why, "%s", wish->seats[i].judged.reason);
	if (wish->seats[0].judged.whole) {
		give_none(wish); /* it is so of every call: nothing is put aside */
	} else if (!sort_out(wish, wait, over)) {
		go_on(wish);
	} else {
		char *waits = json_dumps(wait, JSON_COMPACT), *overs = json_dumps(over, JSON_COMPACT);
		put_text(&first, desk->host->channel_name);
		put_text(&first, waits);
		put_text(&second, desk->host->channel_name);
		put_text(&second, overs);
		desk_ask(desk, (const struct nurture_step[]){{&aside, first.items, first.count}, {&gone, second.items, second.count}}, 2, on_put_aside, wish);
		free(waits);
		free(overs);
	}
	json_decref(wait);
	json_decref(over);
}

static void on_look(void *arg, const struct nurture_look *look)
{
	struct seat *seat = arg;
	struct wish *wish = seat->wish;
	offer_judge(wish->desk, look, seat->until, &seat->judged);
	wish->looked++;
	if (look->sheet && (seat->attempt_id || seat->judged.verdict == OFFER_GO))
		fill(seat, look);
	if (seat->attempt_id && !look->sheet && !seat->judged.whole) { /* taken back, or paused, meanwhile */
		hand_recall(seat);
		return;
	}
	if (seat->attempt_id) {
		try_show(wish, seat, look->sheet != NULL);
		return;
	}
	const struct seat *good = first_good(wish);
	if (seat->judged.verdict == OFFER_GO && (!good || good > seat)) { /* the answers come in any order */
		seat->given = given_of(seat, look);
		seat->form = form_text(look->sheet);
	}
	if (wish->looked == wish->seat_count)
		all_looked(wish);
}

void try_seats(struct wish *wish)
{
	struct desk *desk = wish->desk;
	for (size_t i = 0; i < wish->seat_count; i++)
		desk->host->look(desk->host->data, wish->seats[i].touch_id, on_look, &wish->seats[i]);
}
