/* What happens by itself, once a second: leases that ran out go back to the queue (also when nobody asks for a call), what is due becomes ready, a callback whose agent is away
 * becomes everybody's, and some calls of the queue are looked at: the ones that nobody looked at longest, so that what was taken back, or may not be made, leaves the queue though nobody
 * comes for it. News that nobody answered is told again. */
#include "offer.h"
#include "rank.h"

#include "sweep.sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOKS_AT_ONCE = 4, TELL_AGAIN = 50, AGENT_SEEN = 120 /* seconds: the page tells of itself each minute */ };
static const int64_t EACH = 1000000;

static const struct nurture_statement
	expire = {sizeof expire, "sweep_expire", sql_sweep_expire},
	promote = {sizeof promote, "sweep_promote", sql_sweep_promote},
	share = {sizeof share, "sweep_share", sql_sweep_share},
	away = {sizeof away, "sweep_away", sql_sweep_away},
	pick = {sizeof pick, "sweep_pick", sql_sweep_pick},
	purge = {sizeof purge, "sweep_purge", sql_sweep_purge},
	part = {sizeof part, "sweep_part", sql_sweep_part},
	gone = {sizeof gone, "sweep_gone", sql_sweep_gone},
	later = {sizeof later, "sweep_later", sql_sweep_later},
	over = {sizeof over, "sweep_over", sql_sweep_over},
	rank = {sizeof rank, "sweep_rank", sql_sweep_rank};

static void on_done(void *arg, const struct nurture_answer *answer)
{
	struct desk *desk = arg;
	if (answer->error && !answer->again)
		desk->host->log(desk->host->data, NURTURE_LOG_ERROR, "calls.sweep", answer->error);
}

/* ---- looking at the queue ---- */

static void put_look(struct values *v, struct desk *desk, int64_t touch_id)
{
	put_text(v, desk->host->channel_name);
	put_number(v, touch_id);
}

/* The playbook's formula may give other points by now. What has a deadline keeps its place: the deadline made it. */
static void rerank(struct desk *desk, const struct nurture_look *look)
{
	struct values v = {0};
	int64_t points = 0;
	const char *text = "";
	for (size_t i = 0; i < look->field_count; i++)
		if (strcmp(look->fields[i].name, "points") == 0)
			text = look->fields[i].value;
	if (!rank_points_read(text, &points))
		return;
	put_look(&v, desk, look->touch_id);
	put_number(&v, points);
	put_number(&v, desk->settings.point_us);
	desk_ask(desk, (const struct nurture_step[]){{&rank, v.items, v.count}}, 1, on_done, desk);
}

static void on_over(void *arg, const struct nurture_answer *answer)
{
	for (size_t i = 0; !answer->error && i < answer->steps[0].rows; i++)
		desk_let_go(arg, row_number(&answer->steps[0], i, 0), 0, NULL, NULL);
	on_done(arg, answer);
}

/* Its time is over and the server still has it as held: the word that it is in nobody's hand was lost, with the process that had to say it. Said again it changes nothing. */
static void look_for_lost(struct desk *desk, int64_t touch_id)
{
	struct values v = {0};
	put_look(&v, desk, touch_id);
	put_number(&v, desk_now(desk));
	desk_read(desk, (const struct nurture_step[]){{&over, v.items, v.count}}, 1, on_over, desk);
}

static void look_at_some(struct desk *desk);

static void on_look(void *arg, const struct nurture_look *look)
{
	struct desk *desk = arg;
	struct offer judged;
	struct values v = {0};
	desk->looking--;
	offer_judge(desk, look, 0, &judged);
	if (look->expires_at && look->expires_at <= desk_now(desk))
		look_for_lost(desk, look->touch_id);
	put_look(&v, desk, look->touch_id);
	if (judged.verdict == OFFER_GONE) {
		desk_ask(desk, (const struct nurture_step[]){{&gone, v.items, v.count}}, 1, on_done, desk);
	} else if (judged.verdict == OFFER_BACK) {
		news_give_back(desk, look->touch_id, judged.reason);
	} else if (judged.verdict == OFFER_WAIT) {
		put_number(&v, judged.until);
		put_text(&v, judged.reason);
		desk_ask(desk, (const struct nurture_step[]){{&later, v.items, v.count}}, 1, on_done, desk);
	} else if (judged.verdict == OFFER_GO) {
		rerank(desk, look);
	}
	if (!desk->looking)
		look_at_some(desk);
}

/* To show a call takes time, in which no agent is answered: only a few at once. */
static void look_at_some(struct desk *desk)
{
	int64_t some[LOOKS_AT_ONCE];
	size_t count = 0;
	while (count < LOOKS_AT_ONCE && desk->look_count && !desk->draining)
		some[count++] = desk->looks[--desk->look_count];
	desk->looking = (int)count;
	for (size_t i = 0; i < count; i++)
		desk->host->look(desk->host->data, some[i], on_look, desk);
}

static void on_swept(void *arg, const struct nurture_answer *answer)
{
	struct desk *desk = arg;
	desk->sweeping = false;
	desk->host->timer_set(desk->timer, EACH);
	if (answer->error) {
		on_done(arg, answer);
		return;
	}
	const struct nurture_rows *rows = &answer->steps[answer->count - 1], *lapsed = &answer->steps[0];
	for (size_t i = 0; i < lapsed->rows; i++)
		desk_let_go(desk, row_number(lapsed, i, 0), row_number(lapsed, i, 1), NULL, NULL);
	if (!rows->rows)
		return;
	for (desk->look_count = 0; desk->look_count < rows->rows; desk->look_count++)
		desk->looks[desk->look_count] = row_number(rows, desk->look_count, 0);
	look_at_some(desk);
}

static void sweep(void *arg)
{
	struct desk *desk = arg;
	struct values moment = {0}, seen = {0}, old = {0}, some = {0};
	if (desk->sweeping)
		return;
	desk->sweeping = true;
	put_text(&moment, desk->host->channel_name);
	put_number(&moment, desk_now(desk));
	put_text(&seen, desk->host->channel_name);
	put_number(&seen, desk_now(desk));
	put_number(&seen, desk->settings.lease_seconds > AGENT_SEEN ? desk->settings.lease_seconds : AGENT_SEEN);
	put_text(&old, desk->host->channel_name);
	put_number(&old, desk_now(desk) - desk->settings.keep_us);
	put_text(&some, desk->host->channel_name);
	put_number(&some, desk->looking || desk->draining ? 0 : LOOKS_MOST);
	const struct nurture_step steps[] = {
		{&expire, moment.items, moment.count}, {&promote, moment.items, moment.count}, {&share, seen.items, seen.count}, {&away, seen.items, seen.count}, {&part, NULL, 0},
		{&purge, old.items, old.count}, {&pick, some.items, some.count}};
	desk_ask(desk, steps, sizeof steps / sizeof *steps, on_swept, desk);
	pause_go_on(desk);
	if (desk->sweeps++ % TELL_AGAIN == 0)
		news_resume(desk);
}

void sweep_begin(struct desk *desk)
{
	desk->timer = desk->host->timer_new(desk->host->data, sweep, desk);
	desk->host->timer_set(desk->timer, EACH / 4);
}

void sweep_end(struct desk *desk)
{
	desk->host->timer_free(desk->timer);
	desk->timer = NULL;
}
