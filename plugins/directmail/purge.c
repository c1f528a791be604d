/* Folders are kept for some days after their job was sent (the setting keep_days), then they are taken away, and what lies beside them: names, addresses and whole letters, also of
 * people who were erased since. The job's row stays, for the reports. One folder at a time, by the thread that writes folders; the row is told when it is gone, so a death in between does it again. */
#include "folder.h"
#include "hand.h"
#include "office.h"

#include "purge.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const int64_t DAY = INT64_C(86400000000);

struct purge {
	struct hand_task task;
	struct office *office;
	int64_t id;
	char name[FOLDER_NAME];
	int result;
	struct nurture_problem problem;
};

static const struct nurture_statement
	next = {sizeof next, "purge_next", sql_purge_next},
	done = {sizeof done, "purge_done", sql_purge_done};

static void purge_free(struct purge *purge)
{
	purge->office->purge = NULL;
	free(purge);
}

void purge_end(struct office *office)
{
	free(office->purge);
	office->purge = NULL;
}

/* There may be another one. */
static void on_done(void *arg, const struct nurture_answer *answer)
{
	struct purge *purge = arg;
	struct office *office = purge->office;
	if (answer->error && !answer->again)
		office_log(office, NURTURE_LOG_ERROR, "letters.purge", "%s", answer->error);
	else if (!answer->error)
		office_log(office, NURTURE_LOG_INFO, "letters.purge", "%s: sent more than %d days ago, its folder is gone", purge->name, office->settings.keep_days);
	purge_free(purge);
	if (!answer->error)
		purge_next(office);
}

static void purge_run(struct hand_task *task, struct hand *hand)
{
	struct purge *purge = (struct purge *)task;
	const char *spool = purge->office->settings.spool;
	char samples[FOLDER_NAME + 16];
	(void)hand;
	snprintf(samples, sizeof samples, "%s.samples", purge->name);
	purge->result = folder_sweep(spool, purge->name, ".tmp", &purge->problem) || folder_sweep(spool, purge->name, ".aside", &purge->problem) ||
		folder_remove(spool, samples, &purge->problem) || folder_remove(spool, purge->name, &purge->problem);
}

static void purged(struct hand_task *task)
{
	struct purge *purge = (struct purge *)task;
	struct office *office = purge->office;
	struct values v = {0};
	if (purge->result) {
		office_log(office, NURTURE_LOG_ERROR, "letters.purge", "%s cannot be taken away: %s", purge->name, purge->problem.message);
		purge_free(purge);
		return;
	}
	put_number(&v, purge->id);
	put_number(&v, office_now(office));
	office_ask(office, (const struct nurture_step[]){{&done, v.items, v.count}}, 1, on_done, purge);
}

static void purge_drop(struct hand_task *task)
{
	purge_free((struct purge *)task);
}

static void on_next(void *arg, const struct nurture_answer *answer)
{
	struct purge *purge = arg;
	struct office *office = purge->office;
	if (answer->error && !answer->again)
		office_log(office, NURTURE_LOG_ERROR, "letters.purge", "%s", answer->error);
	if (answer->error || !answer->steps[0].rows || office->draining || !office->host->held(office->host->data)) {
		purge_free(purge);
		return;
	}
	purge->id = row_number(&answer->steps[0], 0, 0);
	snprintf(purge->name, sizeof purge->name, "%s", row_text(&answer->steps[0], 0, 1));
	hand_give(office->hand, &purge->task);
}

void purge_next(struct office *office)
{
	struct values v = {0};
	if (office->purge || office->draining)
		return;
	struct purge *purge = office->purge = calloc(1, sizeof *purge);
	if (!purge)
		abort();
	*purge = (struct purge){.task = {.run = purge_run, .done = purged, .drop = purge_drop}, .office = office, .problem = {.size = sizeof purge->problem}};
	put_text(&v, office->host->channel_name);
	put_number(&v, office_now(office) - office->settings.keep_days * DAY);
	office_read(office, (const struct nurture_step[]){{&next, v.items, v.count}}, 1, on_next, purge);
}
