/* POST /calls/:id/outcome: how a call ended. Checked against what stood on the screen; told twice it is the same answer, told otherwise it is refused; refused, too, when the
 * call is not the agent's or its lease ran out. What follows (answers of the lead, the campaign's way, a retry) is the server's: news.c tells it. */
#include "answers.h"
#include "ending.h"
#include "moment.h"
#include "promise.h"
#include "rank.h"

#include "outcome.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct nurture_statement
	read = {sizeof read, "outcome_read", sql_outcome_read},
	callback = {sizeof callback, "outcome_callback", sql_outcome_callback};

static void look(struct asking *asking);

static void on_note_taken(void *arg, bool taken)
{
	struct asking *asking = arg;
	(void)taken;
	asking_reply(asking, 200, json_incref(asking->kept));
}

/* Of a call that ended the note goes with its news (news.c); a callback ends nothing: its note is taken before the agent hears that it is done, and told again, as the same,
 * by who asks again. */
static void note_callback(struct asking *asking)
{
	const struct nurture_host *host = asking->desk->host;
	const json_t *note = json_object_get(asking->body, "note"), *told = asking->told;
	char key[64];
	if (!json_string_length(note)) {
		asking_reply(asking, 200, json_incref(asking->kept));
		return;
	}
	json_t *data = json_pack("{s:O, s:O, s:O}", "campaign", json_object_get(told, "campaign"), "step", json_object_get(told, "step"), "note", note);
	snprintf(key, sizeof key, "note:%" PRId64 ":callback:%" JSON_INTEGER_FORMAT, asking->touch_id, json_integer_value(json_object_get(told, "attempt")));
	host->event_then(host->data, json_integer_value(json_object_get(told, "lead")), "call.note", json_string_value(json_object_get(told, "script")), 0, data, key, on_note_taken,
			 asking);
	json_decref(data);
}

static void refuse_over(struct asking *asking)
{
	asking_fail(asking, 409, "call %" PRId64 " was taken back by its campaign meanwhile: it is not called back.", asking->touch_id);
}

/* The server may have given it up between: nobody would call. */
static void on_kept(void *arg, int64_t touch_id, enum nurture_offered offered)
{
	struct asking *asking = arg;
	(void)touch_id;
	if (offered == NURTURE_OFFERED_LATER)
		asking_fail(asking, 503, "the database does not answer just now: say it again.");
	else if (offered == NURTURE_OFFERED_OVER)
		refuse_over(asking);
	else
		note_callback(asking);
}

/* In nobody's hand its deadline counts again; one that was made later is kept by the server before the agent hears that it is. Told once more, somebody may have it by now, so that it
 * is not said to be in nobody's hand; only a deadline that is still to come is told again. */
static void keep_callback(struct asking *asking, const struct nurture_rows *row, bool again)
{
	int64_t until = row_number(row, 0, 6);
	asking->told = json_pack("{s:I, s:s, s:s, s:s, s:I}", "lead", (json_int_t)row_number(row, 0, 0), "campaign", row_text(row, 0, 1), "step", row_text(row, 0, 2), "script",
				 row_text(row, 0, 3), "attempt", (json_int_t)row_number(row, 0, 4));
	if (until && (until > desk_now(asking->desk) || !again)) {
		desk_let_go(asking->desk, asking->touch_id, until, on_kept, asking);
		return;
	}
	if (row_number(row, 0, 5) && !again)
		desk_let_go(asking->desk, asking->touch_id, 0, NULL, NULL);
	note_callback(asking);
}

/* The same was told twice at once, or the lease ran out this moment. */
void outcome_is_late(struct asking *asking)
{
	if (asking->tries++ == 0)
		look(asking);
	else
		asking_fail(asking, 409, "call %" PRId64 " is not yours any more: its lease ran out.", asking->touch_id);
}

static void on_promised(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	if (answer->error)
		asking_db(asking, answer);
	else if (!answer->steps[0].rows)
		outcome_is_late(asking);
	else
		keep_callback(asking, &answer->steps[0], false);
}

static json_t *outcome_json(const struct outcome *o)
{
	return json_pack("{s:s, s:b, s:O, s:O, s:O}", "answer", o->answer, "reached", o->reached, "said", o->said, "answers", o->answers, "colleagues", o->colleagues);
}

/* A promise ends nothing: it is written by itself. */
static void write_callback(struct asking *asking, const struct outcome *o, const char *report, const char *reply)
{
	struct values v = {0};
	put_text(&v, asking->desk->host->channel_name);
	put_number(&v, asking->touch_id);
	put_text(&v, asking->agent);
	put_number(&v, desk_now(asking->desk));
	put_text(&v, o->answer);
	put_text(&v, report);
	put_text(&v, reply);
	put_number(&v, o->callback_at);
	put_number(&v, rank_callback(o->callback_at));
	put_number_or_null(&v, o->until);
	desk_ask(asking->desk, (const struct nurture_step[]){{&callback, v.items, v.count}}, 1, on_promised, asking);
}

static void write_end(struct asking *asking, const struct outcome *o, const char *report, const char *reply)
{
	const json_t *note = json_object_get(asking->body, "note");
	json_t *told = outcome_json(o);
	if (json_string_length(note))
		json_object_set(told, "note", (json_t *)(uintptr_t)note);
	ending_write(asking, json_pack("{s:I, s:s, s:s, s:s, s:s, s:b, s:o}", "touch", (json_int_t)asking->touch_id, "agent", asking->agent, "answer", o->answer, "report", report, "reply",
				       reply, "never", o->never, "outcome", told));
}

static void write(struct asking *asking, const struct outcome *o, const char *report)
{
	json_decref(asking->kept);
	asking->kept = json_pack("{s:I, s:s, s:b}", "id", (json_int_t)asking->touch_id, "ended", o->answer, "reached", o->reached);
	if (o->callback_at)
		json_object_set_new(asking->kept, "callback_at", moment_json(o->callback_at));
	char *reply = json_dumps(asking->kept, JSON_COMPACT);
	if (o->callback_at)
		write_callback(asking, o, report, reply);
	else
		write_end(asking, o, report, reply);
	free(reply);
}

static void refuse(struct asking *asking, const struct outcome *o)
{
	char *field = strdup(o->field);
	json_t *problem = json_pack("{s:i, s:s, s:s}", "status", 422, "detail", o->wrong, "field", field ? field : "");
	free(field);
	if (o->latest_at)
		json_object_set_new(problem, "latest_at", moment_json(o->latest_at));
	if (o->lawful_at)
		json_object_set_new(problem, "lawful_at", moment_json(o->lawful_at));
	char *text = json_dumps(problem, JSON_COMPACT);
	const struct nurture_reply reply = {.size = sizeof reply, .status = 422, .content_type = "application/problem+json", .body = text, .body_length = text ? strlen(text) : 0};
	asking->desk->host->reply(asking->desk->host->data, asking->handle, &reply);
	asking_free(asking);
	json_decref(problem);
	free(text);
}

/* The branches of a script look at the lead as it was known when the call was offered. */
static json_t *sheet_of(const struct nurture_rows *rows)
{
	json_t *sheet = json_loads(row_text(rows, 0, 3), 0, NULL), *known = json_loads(row_text(rows, 0, 4), 0, NULL);
	if (sheet && known)
		json_object_set_new(sheet, "lead", json_pack("{s:O}", "fields", known));
	json_decref(known);
	return sheet;
}

static void judge(struct asking *asking, const struct nurture_rows *rows)
{
	struct outcome outcome;
	json_t *sheet = sheet_of(rows);
	char *report = json_dumps(asking->body, JSON_COMPACT | JSON_SORT_KEYS);
	bool good = outcome_read(asking->body, sheet, desk_now(asking->desk), row_number(rows, 0, 1), &outcome);
	if (good && outcome.until && !asking->supervises)
		good = outcome_refuse(&outcome, "until", "a supervisor gives a call more time than its campaign does%s", ".");
	if (good && outcome.callback_at && asking->over)
		refuse_over(asking);
	else if (good && (!outcome.callback_at || promise_is_lawful(asking->desk, asking->place, &outcome)))
		write(asking, &outcome, report);
	else
		refuse(asking, &outcome);
	outcome_fini(&outcome);
	free(report);
	json_decref(sheet);
}

/* ---- it is not the agent's, or not any more ---- */

static const struct nurture_statement bar = {sizeof bar, "outcome_bar", sql_outcome_bar};

static void answer_refused(struct asking *asking)
{
	asking_fail(asking, 409, "%s%s", asking->why, asking->barred ? " That the lead is never to be called again holds all the same." : "");
}

static void on_never_taken(void *arg, bool taken)
{
	(void)taken;
	answer_refused(arg);
}

static void on_barred(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	const struct nurture_host *host = asking->desk->host;
	if (answer->error) {
		asking_db(asking, answer);
		return;
	}
	const struct nurture_rows *row = &answer->steps[0];
	char key[64];
	if (!row->rows || !row_number(row, 0, 0)) { /* the lead is forgotten: its number alone is kept from being called */
		answer_refused(asking);
		return;
	}
	json_t *data = json_pack("{s:s, s:s, s:s}", "campaign", row_text(row, 0, 1), "step", row_text(row, 0, 2), "answer", json_string_value(json_object_get(asking->body, "disposition")));
	snprintf(key, sizeof key, "never:%" PRId64 ":%" PRId64, asking->touch_id, asking->attempt_id);
	host->event_then(host->data, row_number(row, 0, 0), "call.never", row_text(row, 0, 3), 0, data, key, on_never_taken, asking);
	json_decref(data);
}

/* Whoever said never to be called again is not, though the call was not this agent's any more when that was told. Only who was offered it may say so. */
static void refuse_late(struct asking *asking, const struct nurture_rows *rows)
{
	struct outcome outcome;
	struct values v = {0};
	json_t *sheet = sheet_of(rows);
	asking->attempt_id = row_number(rows, 0, 2);
	asking->barred = sheet && outcome_read(asking->body, sheet, desk_now(asking->desk), 0, &outcome) && outcome.never;
	if (sheet)
		outcome_fini(&outcome);
	json_decref(sheet);
	if (!asking->barred) {
		answer_refused(asking);
		return;
	}
	put_text(&v, asking->desk->host->channel_name);
	put_number(&v, asking->attempt_id);
	put_number(&v, desk_now(asking->desk));
	desk_ask(asking->desk, (const struct nurture_step[]){{&bar, v.items, v.count}}, 1, on_barred, asking);
}

static void say_why(struct asking *asking, const struct nurture_rows *rows, bool told)
{
	bool erased = !told && strcmp(row_text(rows, 0, 10), "erased") == 0;
	const char *words = told ? "has ended already, with another outcome."
			    : erased ? "was erased while you had it: nothing of it is kept."
			    : strcmp(row_text(rows, 0, 10), "taken_back") == 0 ? "was taken back by its campaign before you had it."
			    : row_number(rows, 0, 2) ? "is not yours any more: its lease ran out, and it is in the queue again, or somebody else's."
						     : "is not yours.";
	snprintf(asking->why, sizeof asking->why, "%scall %" PRId64 " %s", erased ? "the lead of " : "", asking->touch_id, words);
}

/* The same once more: of a callback also its note, which may have been lost with the answer. */
static void told_again(struct asking *asking, const struct nurture_rows *rows)
{
	const struct nurture_rows note = {.rows = 1, .columns = 7, .values = &rows->values[11]};
	if (json_object_get(asking->kept, "callback_at") && row_number(rows, 0, 11))
		keep_callback(asking, &note, true);
	else
		asking_reply(asking, 200, json_incref(asking->kept));
}

static void on_read(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	if (answer->error) {
		asking_db(asking, answer);
		return;
	}
	const struct nurture_rows *rows = &answer->steps[0];
	bool mine = *row_text(rows, 0, 0) == 't', told = *row_text(rows, 0, 6), same = strcmp(row_text(rows, 0, 5), row_text(rows, 0, 7)) == 0;
	if (mine) {
		judge(asking, rows);
	} else if (told && same) {
		json_decref(asking->kept);
		asking->kept = json_loads(row_text(rows, 0, 6), 0, NULL);
		told_again(asking, rows);
	} else {
		say_why(asking, rows, told);
		refuse_late(asking, rows);
	}
}

static void look(struct asking *asking)
{
	struct values v = {0};
	char *report = json_dumps(asking->body, JSON_COMPACT | JSON_SORT_KEYS);
	put_text(&v, asking->desk->host->channel_name);
	put_number(&v, asking->touch_id);
	put_text(&v, asking->agent);
	put_text(&v, report);
	desk_read(asking->desk, (const struct nurture_step[]){{&read, v.items, v.count}}, 1, on_read, asking);
	free(report);
}

/* Of a callback: where it will ring, if at all. */
static void on_place(void *arg, const struct nurture_look *seen)
{
	struct asking *asking = arg;
	asking->place = json_incref(json_object_get(seen->sheet, "place"));
	asking->over = seen->standing == NURTURE_LOOK_OVER;
	look(asking);
}

void route_outcome(void *self, const struct nurture_request *request)
{
	struct desk *desk = self;
	struct asking *asking = asking_new(self, request);
	if (!asking)
		return;
	if (!asking->touch_id || !asking->body) {
		asking_fail(asking, asking->touch_id ? 400 : 404, asking->touch_id ? "the outcome is a JSON object." : "there is no such call.");
		return;
	}
	if (json_is_string(json_object_get(asking->body, "callback_at")))
		desk->host->look(desk->host->data, asking->touch_id, on_place, asking);
	else
		look(asking);
}
