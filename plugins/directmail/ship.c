/* A job leaves: one that was released is looked at (is the folder as it was written?), uploaded where that is configured, and its letters are sent; one that is cancelled loses its folder, and its
 * letters go back into the queue or are dropped. One at a time, by a thread of their own (a slow print house holds nobody up); what fails says so in the job's row and is tried again, after 15 seconds, doubling to an hour. */
#include "folder.h"
#include "hand.h"
#include "office.h"
#include "upload.h"

#include "ship.sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct shipment {
	struct hand_task task;
	struct office *office;
	int64_t id;
	char name[FOLDER_NAME], sums[OUT_HASH_TEXT], by[WHO_MOST + 1], remote[400];
	bool cancels, back;
	bool was_released; /* it may have reached the print house, though nobody heard of it */
	bool stays;        /* it has: it is not cancelled */
	bool stopped, was_stopped; /* nothing goes out now: it was not tried; so it was the last time, and has been said */
	int result;
	struct nurture_problem problem;
};

#define STOPPED "nothing goes out now (is the channel stopped?)"

static const struct nurture_statement
	next = {sizeof next, "ship_next", sql_ship_next},
	trouble = {sizeof trouble, "ship_trouble", sql_ship_trouble},
	letters = {sizeof letters, "ship_letters", sql_ship_letters},
	sent = {sizeof sent, "ship_sent", sql_ship_sent},
	back = {sizeof back, "ship_back", sql_ship_back},
	dropped = {sizeof dropped, "ship_dropped", sql_ship_dropped},
	cancelled = {sizeof cancelled, "ship_cancelled", sql_ship_cancelled},
	stays = {sizeof stays, "ship_stays", sql_ship_stays};

static void shipment_free(struct shipment *shipment)
{
	shipment->office->shipment = NULL;
	free(shipment);
}

void ship_end(struct office *office)
{
	free(office->shipment);
	office->shipment = NULL;
}

static void over(struct shipment *shipment)
{
	struct office *office = shipment->office;
	shipment_free(shipment);
	news_resume(office);
	sweep_soon(office);
}

static void on_over(void *arg, const struct nurture_answer *answer)
{
	struct shipment *shipment = arg;
	if (answer->error && !answer->again)
		office_log(shipment->office, NURTURE_LOG_ERROR, "letters.ship", "%s", answer->error);
	else if (!answer->error)
		office_log(shipment->office, NURTURE_LOG_INFO, "letters.job", "%s is %s", shipment->name,
			   shipment->stays ? "not cancelled: the print house has it already" : shipment->cancels ? "cancelled" : "sent");
	over(shipment);
}

static void on_trouble(void *arg, const struct nurture_answer *answer)
{
	(void)answer;
	over(arg);
}

/* ---- the letters ---- */

static void put_job(struct values *v, const struct shipment *shipment)
{
	put_number(v, shipment->id);
	put_text(v, shipment->office->owner);
	put_number(v, office_now(shipment->office));
}

static void some_letters(struct shipment *shipment);

static void on_letters(void *arg, const struct nurture_answer *answer)
{
	struct shipment *shipment = arg;
	struct values v = {0};
	if (answer->error) {
		on_over(shipment, answer);
		return;
	}
	if (answer->steps[0].changed) {
		some_letters(shipment);
		return;
	}
	put_job(&v, shipment);
	if (!shipment->cancels)
		put_text(&v, shipment->remote);
	office_ask(shipment->office, (const struct nurture_step[]){{shipment->cancels ? &cancelled : &sent, v.items, v.count}}, 1, on_over, shipment);
}

static void some_letters(struct shipment *shipment)
{
	struct values v = {0};
	put_number(&v, shipment->id);
	put_text(&v, shipment->office->host->channel_name);
	if (!shipment->cancels)
		put_text(&v, shipment->office->owner);
	else if (!shipment->back)
		put_text(&v, shipment->by);
	office_ask(shipment->office, (const struct nurture_step[]){{!shipment->cancels ? &letters : shipment->back ? &back : &dropped, v.items, v.count}}, 1, on_letters, shipment);
}

/* ---- the folder ---- */

static void shipped(struct hand_task *task)
{
	struct shipment *shipment = (struct shipment *)task;
	struct values v = {0};
	char why[1400];
	if (shipment->stays) {
		put_number(&v, shipment->id);
		put_text(&v, shipment->office->owner);
		office_ask(shipment->office, (const struct nurture_step[]){{&stays, v.items, v.count}}, 1, on_over, shipment);
		return;
	}
	if (!shipment->result) {
		some_letters(shipment);
		return;
	}
	snprintf(why, sizeof why, "%s%s%s", shipment->problem.where, *shipment->problem.where ? " " : "", shipment->problem.message);
	if (!shipment->stopped || !shipment->was_stopped)
		office_log(shipment->office, NURTURE_LOG_ERROR, "letters.ship", "%s: %s", shipment->name, why);
	put_number(&v, shipment->id);
	put_text(&v, shipment->office->owner);
	put_text(&v, why);
	put_text(&v, shipment->stopped ? "t" : "f");
	office_ask(shipment->office, (const struct nurture_step[]){{&trouble, v.items, v.count}}, 1, on_trouble, shipment);
}

/* What the print house has goes out, and each of its letters once: an upload whose answer was lost is not called back. */
static void call_back(struct shipment *shipment, struct hand *hand, const char *samples)
{
	const struct settings *settings = &shipment->office->settings;
	int found = shipment->was_released && settings->upload ? upload_find(settings, shipment->name, hand, &shipment->problem) : 0;
	shipment->stays = found > 0;
	shipment->result = found || folder_remove(settings->spool, shipment->name, &shipment->problem) || folder_remove(settings->spool, samples, &shipment->problem);
	if (!shipment->result) /* what was written and never placed */
		shipment->result = folder_sweep(settings->spool, shipment->name, ".tmp", &shipment->problem);
}

static void ship_run(struct hand_task *task, struct hand *hand)
{
	struct shipment *shipment = (struct shipment *)task;
	const struct settings *settings = &shipment->office->settings;
	char samples[FOLDER_NAME + 16];
	snprintf(samples, sizeof samples, "%s.samples", shipment->name);
	if (shipment->cancels) {
		call_back(shipment, hand, samples);
		return;
	}
	shipment->result = folder_check(settings->spool, shipment->name, shipment->sums, &shipment->problem);
	if (!shipment->result && settings->upload)
		shipment->result = upload_job(settings, shipment->name, hand, shipment->remote, sizeof shipment->remote, &shipment->problem);
	if (!shipment->result)
		shipment->result = folder_remove(settings->spool, samples, &shipment->problem);
}

static void ship_drop(struct hand_task *task)
{
	shipment_free((struct shipment *)task);
}

/* Of any of its letters: whether anything of the channel may go out now. No look is answered after close. */
static void on_look(void *arg, const struct nurture_look *look)
{
	struct shipment *shipment = arg;
	if (look->standing != NURTURE_LOOK_LATER || !NURTURE_HAS(look, whole) || !look->whole) {
		hand_give(shipment->office->carrier, &shipment->task);
		return;
	}
	shipment->result = -1;
	shipment->stopped = true;
	snprintf(shipment->problem.message, sizeof shipment->problem.message, STOPPED);
	shipped(&shipment->task);
}

static void on_next(void *arg, const struct nurture_answer *answer)
{
	struct shipment *shipment = arg;
	if (answer->error || !answer->steps[0].rows) {
		if (answer->error && !answer->again)
			office_log(shipment->office, NURTURE_LOG_ERROR, "letters.ship", "%s", answer->error);
		shipment_free(shipment);
		return;
	}
	const struct nurture_rows *rows = &answer->steps[0];
	shipment->id = row_number(rows, 0, 0);
	snprintf(shipment->name, sizeof shipment->name, "%s", row_text(rows, 0, 1));
	shipment->cancels = strcmp(row_text(rows, 0, 2), "cancelling") == 0;
	snprintf(shipment->sums, sizeof shipment->sums, "%s", row_text(rows, 0, 3));
	shipment->back = row_is(rows, 0, 4);
	snprintf(shipment->by, sizeof shipment->by, "%s", row_text(rows, 0, 5));
	shipment->was_released = row_is(rows, 0, 7);
	shipment->was_stopped = strstr(row_text(rows, 0, 9), STOPPED) != NULL;
	shipment->task = (struct hand_task){.run = ship_run, .done = shipped, .drop = ship_drop};
	if (shipment->cancels || !row_number(rows, 0, 8))
		hand_give(shipment->office->carrier, &shipment->task);
	else
		shipment->office->host->look(shipment->office->host->data, row_number(rows, 0, 8), on_look, shipment);
}

void ship_next(struct office *office)
{
	struct values v = {0};
	struct shipment *shipment = calloc(1, sizeof *shipment);
	if (!shipment)
		abort();
	*shipment = (struct shipment){.office = office, .problem = {.size = sizeof shipment->problem}};
	office->shipment = shipment;
	put_text(&v, office->host->channel_name);
	put_text(&v, office->owner);
	office_ask(office, (const struct nurture_step[]){{&next, v.items, v.count}}, 1, on_next, shipment);
}
