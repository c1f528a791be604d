/* The claim: all calls that are to be given at one moment become their agents' in one write, with their attempts, the do-not-call lists asked once more, and the agents seen. A row that
 * another process took, or that the sweep has in hand this moment, is left out: its agent asks again. Where the write as a whole is refused, as another process gave one of them (or one
 * of their agents or leads) a call in the same moment, each is written alone: only who crossed goes back. */
#include "next.h"

#include "give.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GIVE_MOST = 50 };

static const struct nurture_statement
	calls = {sizeof calls, "give_calls", sql_give_calls},
	seen = {sizeof seen, "give_seen", sql_give_seen},
	form = {sizeof form, "give_form", sql_give_form};

struct gift {
	TAILQ_ENTRY(gift) entry;
	struct wish *wish;
	struct seat *seat;
	bool alone;              /* the write that it was in was refused because of one of them */
};
struct giving {
	struct desk *desk;
	struct gift gifts[GIVE_MOST];
	size_t count;
};

static void pump(struct desk *desk);

/* ---- who was seen ---- */

static char *seen_text(json_t *names)
{
	char *text = json_dumps(names, JSON_COMPACT);
	json_decref(names);
	return text;
}

static void put_seen(struct values *v, const struct desk *desk, const char *names, const char *state)
{
	put_text(v, desk->host->channel_name);
	put_text(v, names);
	put_text(v, state);
	put_number(v, desk_now(desk));
}

static bool is_centre(const struct wish *wish)
{
	return json_object_get(wish->asking->body, "lease_minutes"); /* a call centre's is nobody who comes and goes */
}

static void on_none(void *arg, const struct nurture_answer *answer)
{
	if (answer->error)
		wish_db(arg, answer);
	else
		wish_answer(arg, NULL);
}

void give_none(struct wish *wish)
{
	struct desk *desk = wish->desk;
	struct values v = {0};
	if (wish->fresh || is_centre(wish)) {
		wish_answer(wish, NULL);
		return;
	}
	char *names = seen_text(json_pack("[s]", wish->asking->agent));
	put_seen(&v, desk, names, "ready");
	desk_ask(desk, (const struct nurture_step[]){{&seen, v.items, v.count}}, 1, on_none, wish);
	free(names);
}

/* ---- the write ---- */

static void given(struct desk *desk, struct gift *gift, const struct nurture_rows *rows, size_t row)
{
	const char *blocked = row_text(rows, row, 2);
	if (!*blocked) {
		gift->seat->attempt_id = row_number(rows, row, 1);
		hand_over(gift->seat, false);
		return;
	}
	snprintf(gift->wish->why, sizeof gift->wish->why, "%s", blocked);
	if (*row_text(rows, row, 3) == 't')
		news_give_back(desk, gift->seat->touch_id, blocked); /* it comes again, and is refused at the door */
	wish_again(gift->wish);
}

static void queue_up(struct desk *desk, const struct gift *gift)
{
	struct gift *copy = calloc(1, sizeof *copy);
	if (!copy)
		abort();
	*copy = *gift;
	TAILQ_INSERT_TAIL(&desk->gifts, copy, entry);
}

static void each_alone(const struct giving *giving)
{
	for (size_t i = 0; i < giving->count; i++) {
		struct gift gift = giving->gifts[i];
		gift.alone = true;
		queue_up(giving->desk, &gift);
	}
}

static void on_given(void *arg, const struct nurture_answer *answer)
{
	struct giving *giving = arg;
	struct desk *desk = giving->desk;
	const struct nurture_rows *rows = answer->error ? NULL : &answer->steps[0];
	bool twice = answer->error && strcmp(answer->sqlstate, "23505") == 0, crossed = twice || (answer->error && answer->again);
	if (twice && giving->count > 1)
		each_alone(giving);
	for (size_t i = 0; i < giving->count && !(twice && giving->count > 1); i++) {
		struct gift *gift = &giving->gifts[i];
		size_t row = 0;
		while (rows && row < rows->rows && row_number(rows, row, 0) != gift->seat->touch_id)
			row++;
		if (answer->error && !crossed)
			wish_db(gift->wish, answer);
		else if (!rows || row == rows->rows)
			wish_again(gift->wish);
		else
			given(desk, gift, rows, row);
	}
	free(giving);
	desk->giving = false;
	pump(desk);
}

static bool give_one(struct giving *giving, json_t *list, json_t *names)
{
	struct desk *desk = giving->desk;
	struct gift *gift = TAILQ_FIRST(&desk->gifts);
	if (!gift || giving->count == GIVE_MOST || (giving->count && (gift->alone || giving->gifts[0].alone)))
		return false;
	TAILQ_REMOVE(&desk->gifts, gift, entry);
	json_array_append(list, gift->seat->given);
	if (!is_centre(gift->wish))
		json_array_append_new(names, json_string(gift->wish->asking->agent));
	giving->gifts[giving->count++] = *gift;
	free(gift);
	return true;
}

static void pump(struct desk *desk)
{
	struct values first = {0}, second = {0};
	if (desk->giving || TAILQ_EMPTY(&desk->gifts))
		return;
	struct giving *giving = calloc(1, sizeof *giving);
	if (!giving)
		abort();
	giving->desk = desk;
	json_t *list = json_array(), *names = json_array();
	while (give_one(giving, list, names))
		;
	char *text = json_dumps(list, JSON_COMPACT), *who = seen_text(names);
	json_decref(list);
	put_text(&first, desk->host->channel_name);
	put_text(&first, text);
	put_number(&first, desk_now(desk));
	put_number(&first, desk->settings.scrub_us);
	put_seen(&second, desk, who, "on call");
	desk->giving = true;
	desk_ask(desk, (const struct nurture_step[]){{&calls, first.items, first.count}, {&seen, second.items, second.count}}, 2, on_given, giving);
	free(text);
	free(who);
}

/* ---- the form ---- */

static void take_form(struct wish *wish, struct seat *seat, const char *hash)
{
	json_object_set_new(seat->given, "form", json_string(hash));
	queue_up(wish->desk, &(struct gift){.wish = wish, .seat = seat});
	pump(wish->desk);
}

static struct form_kept *find_form(struct desk *desk, const char *text)
{
	for (size_t i = 0; i < FORMS_KEPT; i++)
		if (desk->forms[i].text && strcmp(desk->forms[i].text, text) == 0)
			return &desk->forms[i];
	return NULL;
}

static void on_form(void *arg, const struct nurture_answer *answer)
{
	struct wish *wish = arg;
	struct desk *desk = wish->desk;
	struct seat *seat = wish->seats;
	if (answer->error) {
		wish_db(wish, answer);
		return;
	}
	while (!seat->given)
		seat++;
	struct form_kept *kept = find_form(desk, seat->form);
	if (!kept) {
		kept = &desk->forms[desk->form_next++ % FORMS_KEPT];
		free(kept->text);
		kept->text = seat->form;
		seat->form = NULL;
		snprintf(kept->hash, sizeof kept->hash, "%s", row_text(&answer->steps[0], 0, 0));
	}
	take_form(wish, seat, kept->hash);
}

/* Most calls have the script of the one before: it is on the disk. */
void give_take(struct wish *wish, struct seat *seat)
{
	struct desk *desk = wish->desk;
	const struct form_kept *kept = find_form(desk, seat->form);
	struct values v = {0};
	if (kept) {
		take_form(wish, seat, kept->hash);
		return;
	}
	put_text(&v, seat->form);
	put_number(&v, desk_now(desk));
	desk_ask(desk, (const struct nurture_step[]){{&form, v.items, v.count}}, 1, on_form, wish);
}

void give_end(struct desk *desk)
{
	struct gift *gift;
	while ((gift = TAILQ_FIRST(&desk->gifts))) {
		TAILQ_REMOVE(&desk->gifts, gift, entry);
		free(gift);
	}
	for (size_t i = 0; i < FORMS_KEPT; i++)
		free(desk->forms[i].text);
}
