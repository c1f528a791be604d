/* A job that waited for its approval was written days ago: when it is released every letter of it is asked of the server once more (cut_look.c; it is `cutting` again meanwhile). When all may still
 * go, the folder is released as it was approved. When somebody was erased or merged, took consent back or stands on a list by now, the folder goes away and is written anew without them, from the
 * words that were approved. What only waits (for its hours, for the server) stays in the job: it was permitted when it was cut. */
#include "cut.h"

#include "cut.sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct clearing {
	struct hand_task task;
	struct cut *cut;
	int result;
	struct nurture_problem problem;
};

static const struct nurture_statement
	refused = {sizeof refused, "cut_refused", sql_cut_refused},
	release = {sizeof release, "again_release", sql_again_release};

static void on_released(void *arg, const struct nurture_answer *answer);

void cut_again(struct cut *cut)
{
	struct values v = {0}, job = {0}, lists = {0};
	char *text;
	put_number(&v, cut->id);
	put_text(&v, cut->office->host->channel_name);
	put_number(&job, cut->id);
	put_text(&job, cut->office->owner);
	cut_ask(cut, (const struct nurture_step[]){cut_required(cut, &lists, &text), {&refused, v.items, v.count}, {&release, job.items, job.count}}, 3, false, on_released, cut);
	free(text);
}

/* ---- written anew ---- */

static void clear_run(struct hand_task *task, struct hand *hand)
{
	struct clearing *clearing = (struct clearing *)task;
	(void)hand;
	clearing->result = folder_remove(clearing->cut->office->settings.spool, clearing->cut->name, &clearing->problem);
}

static void cleared(struct hand_task *task)
{
	struct clearing *clearing = (struct clearing *)task;
	struct cut *cut = clearing->cut;
	cut->on_the_way--;
	if (clearing->result)
		cut_fail(cut, "%s %s", clearing->problem.where, clearing->problem.message);
	free(clearing);
	cut->again = false;
	*cut->sums = 0;
	if (cut->failed)
		cut_step(cut);
	else
		cut_looked(cut);
}

static void clear_drop(struct hand_task *task)
{
	free(task);
}

static void on_released(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	if (!cut_answer(cut, answer))
		return;
	if (answer->steps[2].rows) {
		office_log(cut->office, NURTURE_LOG_INFO, "letters.job", "%s is released", cut->name);
		cut_free(cut);
		return;
	}
	struct clearing *clearing = calloc(1, sizeof *clearing);
	if (!clearing)
		abort();
	*clearing = (struct clearing){.task = {.run = clear_run, .done = cleared, .drop = clear_drop}, .cut = cut, .problem = {.size = sizeof clearing->problem}};
	cut->on_the_way++;
	hand_give(cut->office->hand, &clearing->task);
}
