/* See cut.h. Begins a job, goes on with one that stands half done, and leads it through its phases. Every statement that moves a job names its owner, so that a process that lost the
 * channel while it wrote changes nothing any more. */
#include "cut.h"

#include "cut.sql.h"
#include "lists.sql.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct nurture_statement
	begin = {sizeof begin, "cut_begin", sql_cut_begin},
	take = {sizeof take, "cut_take", sql_cut_take},
	resume = {sizeof resume, "cut_resume", sql_cut_resume},
	required = {sizeof required, "lists_required", sql_lists_required},
	refused = {sizeof refused, "cut_refused", sql_cut_refused},
	persons = {sizeof persons, "cut_persons", sql_cut_persons},
	houses = {sizeof houses, "cut_houses", sql_cut_houses},
	houses_before = {sizeof houses_before, "cut_houses_before", sql_cut_houses_before},
	writing = {sizeof writing, "cut_writing", sql_cut_writing},
	count = {sizeof count, "cut_count", sql_cut_count},
	empty = {sizeof empty, "cut_empty", sql_cut_empty},
	place_begin = {sizeof place_begin, "place_begin", sql_place_begin},
	place_done = {sizeof place_done, "place_done", sql_place_done},
	say_trouble = {sizeof say_trouble, "cut_trouble", sql_cut_trouble};

/* ---- life ---- */

static struct cut *cut_new(struct office *office)
{
	struct cut *cut = calloc(1, sizeof *cut);
	if (!cut)
		abort();
	cut->office = office;
	LIST_INIT(&cut->alive);
	office->cut = cut;
	return cut;
}

void cut_free(struct cut *cut)
{
	cut_write_leave(cut);
	cut_look_end(cut);
	cut_write_end(cut);
	if (cut->asking)
		asking_fail(cut->asking, 503, "the job could not be begun: try again.");
	cut->office->cut = NULL;
	sweep_soon(cut->office);
	json_decref(cut->seeds);
	free(cut);
}

void cut_end(struct office *office)
{
	struct cut *cut = office->cut;
	if (!cut)
		return;
	cut_look_end(cut);
	cut_write_end(cut);
	json_decref(cut->seeds);
	free(cut);
	office->cut = NULL;
}

static void on_told(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	(void)answer;
	cut->on_the_way--;
	cut_free(cut);
}

/* What failed is over when all that is on the way has come: then the job's row says why, and it is tried again. */
void cut_step(struct cut *cut)
{
	struct values v = {0};
	if (!cut->failed || cut->on_the_way)
		return;
	if (!*cut->trouble || !cut->id) {
		cut_free(cut);
		return;
	}
	put_number(&v, cut->id);
	put_text(&v, cut->office->owner);
	put_text(&v, cut->trouble);
	put_text(&v, cut->stopped ? "t" : "f");
	cut->on_the_way++;
	office_ask(cut->office, (const struct nurture_step[]){{&say_trouble, v.items, v.count}}, 1, on_told, cut);
}

void cut_fail(struct cut *cut, const char *fmt, ...)
{
	va_list args;
	if (cut->failed)
		return;
	cut->failed = true;
	va_start(args, fmt);
	vsnprintf(cut->trouble, sizeof cut->trouble, fmt, args);
	va_end(args);
	if (*cut->trouble)
		office_log(cut->office, NURTURE_LOG_WARN, "letters.cut", "job %" PRId64 ": %s", cut->id, cut->trouble);
}

bool cut_answer(struct cut *cut, const struct nurture_answer *answer)
{
	cut->on_the_way--;
	if (answer->error)
		cut_fail(cut, "%s", answer->again ? "" : answer->error);
	if (!cut->failed)
		return true;
	cut_step(cut);
	return false;
}

void cut_ask(struct cut *cut, const struct nurture_step *steps, size_t n, bool read_only, nurture_query_fn *fn, void *arg)
{
	cut->on_the_way++;
	if (read_only)
		office_read(cut->office, steps, n, fn, arg);
	else
		office_ask(cut->office, steps, n, fn, arg);
}

struct folder_of cut_folder_of(const struct cut *cut)
{
	return (struct folder_of){.settings = &cut->office->settings, .name = cut->name, .owner = cut->office->owner, .made = cut->made, .drop_on = cut->drop_on,
				  .made_at = cut->begun_at, .pictures = &cut->pictures};
}

/* ---- the rename ---- */

struct placing {
	struct hand_task task;
	struct cut *cut;
	struct folder_of of;
	char sums[OUT_HASH_TEXT];
	int result;
	struct nurture_problem problem;
};

static void on_placed_row(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	if (!cut_answer(cut, answer))
		return;
	if (answer->steps[0].rows)
		office_log(cut->office, NURTURE_LOG_INFO, "letters.job", "%s is cut", cut->name);
	cut_free(cut);
}

static void placed(struct hand_task *task)
{
	struct placing *placing = (struct placing *)task;
	struct cut *cut = placing->cut;
	struct values v = {0};
	cut->on_the_way--;
	if (placing->result)
		cut_fail(cut, "%s %s", placing->problem.where, placing->problem.message);
	free(placing);
	if (cut->failed) {
		cut_step(cut);
		return;
	}
	put_number(&v, cut->id);
	put_text(&v, cut->office->owner);
	put_text(&v, cut->office->settings.approval ? "t" : "f");
	put_number(&v, office_now(cut->office));
	cut_ask(cut, (const struct nurture_step[]){{&place_done, v.items, v.count}}, 1, false, on_placed_row, cut);
}

static void place_run(struct hand_task *task, struct hand *hand)
{
	struct placing *placing = (struct placing *)task;
	struct nurture_problem ignored = {.size = sizeof ignored};
	(void)hand;
	placing->result = folder_place(&placing->of, placing->sums, &placing->problem);
	if (!placing->result) /* what stays is taken away with the job */
		(void)folder_sweep(placing->of.settings->spool, placing->of.name, ".tmp", &ignored);
}

static void place_drop(struct hand_task *task)
{
	free(task);
}

static void place(struct cut *cut)
{
	struct placing *placing = calloc(1, sizeof *placing);
	if (!placing)
		abort();
	*placing = (struct placing){.task = {.run = place_run, .done = placed, .drop = place_drop}, .cut = cut, .of = cut_folder_of(cut), .problem = {.size = sizeof placing->problem}};
	memcpy(placing->sums, cut->sums, sizeof placing->sums);
	cut->on_the_way++;
	hand_give(cut->office->hand, &placing->task);
}

static void on_place_begun(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	if (!cut_answer(cut, answer))
		return;
	if (!answer->steps[0].rows) {
		cut_fail(cut, "%s", ""); /* another process has the job */
		cut_step(cut);
		return;
	}
	place(cut);
}

static void place_row(struct cut *cut)
{
	struct values v = {0};
	char cost[40], folder[800];
	if (!cut->office->host->held(cut->office->host->data)) {
		cut_fail(cut, "%s", "");
		cut_step(cut);
		return;
	}
	snprintf(cost, sizeof cost, "%.4f", cut->cost + cut->office->settings.cost_job);
	put_number(&v, cut->id);
	put_text(&v, cut->office->owner);
	put_text(&v, cut->sums);
	put_number(&v, cut->letters);
	put_number(&v, cut->pages);
	put_number(&v, (int64_t)json_array_size(cut->seeds));
	put_text(&v, cost);
	put_text(&v, cut->office->settings.currency);
	put_text(&v, cut->revision);
	snprintf(folder, sizeof folder, "%s/%s", cut->office->settings.spool, cut->name);
	put_text(&v, folder);
	cut_ask(cut, (const struct nurture_step[]){{&place_begin, v.items, v.count}}, 1, false, on_place_begun, cut);
}

/* ---- phases ---- */

static void on_counted(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	if (!cut_answer(cut, answer))
		return;
	const struct nurture_rows *rows = &answer->steps[answer->count - 1];
	int64_t letters = row_number(rows, 0, 0);
	if (!letters) {
		struct values v = {0};
		put_number(&v, cut->id);
		put_number(&v, office_now(cut->office));
		cut_ask(cut, (const struct nurture_step[]){{&empty, v.items, v.count}}, 1, false, on_placed_row, cut);
		return;
	}
	cut->letters = letters;
	cut_seed(cut);
}

struct nurture_step cut_required(const struct cut *cut, struct values *v, char **text)
{
	*text = json_dumps(cut->office->settings.required, JSON_COMPACT);
	put_number(v, cut->id);
	put_text(v, *text);
	put_text(v, cut->office->host->channel_name);
	put_number(v, office_now(cut->office));
	return (struct nurture_step){&required, v->items, v->count};
}

static void thin(struct cut *cut)
{
	struct values v = {0}, job = {0}, lists = {0};
	char *text;
	put_number(&v, cut->id);
	put_text(&v, cut->office->host->channel_name);
	put_number(&job, cut->id);
	put_text(&job, cut->office->owner);
	const struct nurture_step steps[] = {cut_required(cut, &lists, &text), {&refused, v.items, 2}, {&persons, v.items, 2}, {&houses, v.items, 2}, {&houses_before, v.items, 2}, {&writing, job.items, 2}, {&count, v.items, 1}};
	cut_ask(cut, steps, sizeof steps / sizeof *steps, false, on_counted, cut);
	free(text);
}

static void on_listed(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	if (!cut_answer(cut, answer))
		return;
	if (answer->steps[0].changed)
		thin(cut);
	else
		place_row(cut);
}

/* The first time it is thinned and written; later, when nobody has left since it was written and no list names anybody by now, it is put in its place. */
void cut_looked(struct cut *cut)
{
	if (cut_pictures_wait(cut, cut_looked))
		return;
	struct values v = {0};
	news_resume(cut->office);
	if (cut->again) {
		cut_again(cut);
		return;
	}
	if (!*cut->sums || cut->left) {
		thin(cut);
		return;
	}
	put_number(&v, cut->id);
	put_text(&v, cut->office->host->channel_name);
	cut_ask(cut, (const struct nurture_step[]){{&refused, v.items, v.count}}, 1, false, on_listed, cut);
}

/* Whoever was taken back while it was written is not in it: so all are looked at once more. After some rounds what is left is as mail on the wire. */
void cut_written(struct cut *cut)
{
	if (cut->rounds >= ROUNDS_MOST) {
		place_row(cut);
		return;
	}
	cut->rounds++;
	cut->round++;
	cut_look(cut);
}

/* ---- beginning ---- */

/* who: NULL = the statement does not ask. */
static void put_conditions(struct values *v, const struct cut *cut, const char *who)
{
	put_text(v, cut->office->host->channel_name);
	put_text(v, cut->drop_on);
	put_number(v, cut->begun_at);
	if (who)
		put_text(v, who);
	put_text(v, cut->office->owner);
	put_text(v, cut->all ? "t" : "f");
	put_text(v, cut->campaign);
}

static void on_taken(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	struct values v = {0};
	if (!cut_answer(cut, answer))
		return;
	if (!answer->steps[0].changed) {
		cut_look(cut);
		return;
	}
	put_conditions(&v, cut, NULL);
	cut_ask(cut, (const struct nurture_step[]){{&take, v.items, v.count}}, 1, false, on_taken, cut);
}

static void read_row(struct cut *cut, const struct nurture_rows *rows)
{
	cut->id = row_number(rows, 0, 0);
	snprintf(cut->name, sizeof cut->name, "%s", row_text(rows, 0, 1));
	cut->begun_at = row_number(rows, 0, 2);
	cut->round = (int)row_number(rows, 0, 4);
	snprintf(cut->drop_on, sizeof cut->drop_on, "%s", row_text(rows, 0, 6));
	time_t seconds = (time_t)(cut->begun_at / 1000000);
	struct tm parts;
	gmtime_r(&seconds, &parts);
	strftime(cut->made, sizeof cut->made, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static void on_begun(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	struct values v = {0};
	if (answer->error && strcmp(answer->sqlstate, "23505") == 0 && cut->asking) { /* another one is being cut */
		asking_fail(cut->asking, 409, "a job is being cut: try again when it is done (nurture mail jobs).");
		cut->asking = NULL;
	}
	if (answer->error && cut->asking) {
		asking_db(cut->asking, answer);
		cut->asking = NULL;
	}
	if (!cut_answer(cut, answer))
		return;
	bool begun = answer->steps[0].rows > 0;
	if (cut->asking && begun)
		asking_reply(cut->asking, 202, json_pack("{s:I, s:s, s:s}", "job", (json_int_t)row_number(&answer->steps[0], 0, 0), "name", row_text(&answer->steps[0], 0, 1), "state", "cutting"));
	else if (cut->asking)
		cut_none(cut->asking, cut->campaign);
	cut->asking = NULL;
	if (!begun) {
		cut_free(cut);
		return;
	}
	read_row(cut, &answer->steps[0]);
	put_conditions(&v, cut, NULL);
	cut_ask(cut, (const struct nurture_step[]){{&take, v.items, v.count}}, 1, false, on_taken, cut);
}

void cut_begin(struct office *office, const char *who, bool all, const char *campaign, struct asking *asking)
{
	struct values v = {0}, few = {0};
	struct cut *cut = cut_new(office);
	cut->asking = asking;
	cut->all = all;
	cut->rounds = 1;
	cut->begun_at = office_now(office);
	days_of(office->settings.zone, cut->begun_at, cut->drop_on);
	snprintf(cut->who, sizeof cut->who, "%s", who);
	snprintf(cut->campaign, sizeof cut->campaign, "%s", campaign);
	put_conditions(&v, cut, cut->who);
	put_conditions(&few, cut, NULL);
	cut_ask(cut, (const struct nurture_step[]){{&begin, v.items, v.count}, {&take, few.items, few.count}}, 2, false, on_begun, cut);
}

/* Placed already, as the folder is there: the row has to say so. Everything else is looked at and written again. */
static void on_resumed(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	if (!cut_answer(cut, answer))
		return;
	if (!answer->steps[0].rows) {
		cut_free(cut);
		return;
	}
	read_row(cut, &answer->steps[0]);
	bool placing = strcmp(row_text(&answer->steps[0], 0, 5), "placing") == 0;
	if (placing && folder_is_there(cut->office->settings.spool, cut->name)) {
		snprintf(cut->sums, sizeof cut->sums, "%s", row_text(&answer->steps[0], 0, 7));
		place(cut);
		return;
	}
	if (!placing && *row_text(&answer->steps[0], 0, 7) && row_is(&answer->steps[0], 0, 10) && folder_is_there(cut->office->settings.spool, cut->name)) {
		snprintf(cut->sums, sizeof cut->sums, "%s", row_text(&answer->steps[0], 0, 7));
		snprintf(cut->revision, sizeof cut->revision, "%s", row_text(&answer->steps[0], 0, 9));
		cut->again = true;
	}
	cut_look(cut);
}

void cut_go_on(struct office *office)
{
	struct values v = {0};
	struct cut *cut = cut_new(office);
	cut->rounds = 1;
	put_text(&v, office->host->channel_name);
	put_text(&v, office->owner);
	cut_ask(cut, (const struct nurture_step[]){{&resume, v.items, v.count}}, 1, false, on_resumed, cut);
}
