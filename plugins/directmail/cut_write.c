/* JOB.tmp is written: the letters' rows are read page by page in the job's order and handed to the thread, which has one page while the next one is read. What a record became (its place, its
 * pages, its cost) goes back into its row. */
#include "cut.h"

#include "cut.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 500 };

static const struct nurture_statement
	read_page = {sizeof read_page, "write_page", sql_write_page},
	places = {sizeof places, "write_places", sql_write_places},
	facts = {sizeof facts, "write_facts", sql_write_facts};

struct record {
	int64_t touch_id, lead_id, number;
	char *campaign, *step, *template, *code, *url, *content, *country; /* borrowed from the batch */
	int pages;
	bool seed;
};

/* A page in the hand. */
struct batch {
	struct hand_task task;
	struct cut *cut;
	struct folder_of of;
	struct folder *folder;    /* NULL: it opens one */
	struct record *records;
	size_t count;
	char **seeds;             /* texts of decoys */
	size_t seed_count;
	char *texts;              /* all of them, each ended by NUL */
	bool last;
	bool failed;
	struct nurture_problem problem;
	/* of the last one */
	json_t *manifest;
	char sums[OUT_HASH_TEXT];
};

static void next_page(struct cut *cut);
static void give(struct cut *cut, struct batch *batch);

static struct batch *batch_new(struct cut *cut)
{
	struct batch *batch = calloc(1, sizeof *batch);
	if (!batch)
		abort();
	*batch = (struct batch){.cut = cut, .of = cut_folder_of(cut), .problem = {.size = sizeof batch->problem}};
	return batch;
}

static void batch_free(struct batch *batch)
{
	if (!batch)
		return;
	for (size_t i = 0; i < batch->seed_count; i++)
		free(batch->seeds[i]);
	free(batch->seeds);
	free(batch->records);
	free(batch->texts);
	json_decref(batch->manifest);
	free(batch);
}

static void batch_drop(struct hand_task *task)
{
	struct batch *batch = (struct batch *)task;
	folder_free(batch->folder);
	batch->cut->folder = NULL;
	batch_free(batch);
}

/* ---- in the thread ---- */

static int write_record(struct batch *batch, struct record *record)
{
	json_t *content = json_loads(record->content, 0, NULL);
	const struct folder_letter letter = {.number = record->number, .touch_id = record->touch_id, .lead_id = record->lead_id, .code = record->code, .url = record->url,
					     .campaign = record->campaign, .step = record->step, .template = record->template, .content = content};
	int result = folder_add(batch->folder, &letter, &record->pages, &batch->problem);
	json_decref(content);
	return result;
}

static void batch_run(struct hand_task *task, struct hand *hand)
{
	struct batch *batch = (struct batch *)task;
	if (!batch->folder)
		batch->folder = folder_open(&batch->of, &batch->problem);
	batch->failed = !batch->folder;
	for (size_t i = 0; !batch->failed && i < batch->count; i++)
		batch->failed = hand_stopping(hand) || write_record(batch, &batch->records[i]);
	if (!batch->failed && batch->manifest)
		batch->failed = folder_finish(batch->folder, batch->manifest, batch->sums, &batch->problem) != 0;
	if (batch->failed || batch->manifest) { /* here, as there may be a hundred thousand files to take away */
		folder_free(batch->folder);
		batch->folder = NULL;
	}
}

/* ---- the end ---- */

static void finished(struct hand_task *task)
{
	struct batch *batch = (struct batch *)task;
	struct cut *cut = batch->cut;
	cut->on_the_way--;
	folder_free(batch->folder);
	if (batch->failed)
		cut_fail(cut, "%s: %s", batch->problem.where, batch->problem.message);
	memcpy(cut->sums, batch->failed ? "" : batch->sums, batch->failed ? 1 : sizeof cut->sums);
	batch_free(batch);
	if (cut->failed)
		cut_step(cut);
	else
		cut_written(cut);
}

static json_t *manifest_of(const struct cut *cut, const struct nurture_rows *rows)
{
	const struct settings *settings = &cut->office->settings;
	json_t *campaigns = json_array(), *columns = json_array(), *column;
	size_t k;
	double pieces = cut->seed_cost;
	for (size_t i = 0; i < rows->rows; i++) {
		pieces += strtod(row_text(rows, i, 5), NULL);
		json_array_append_new(campaigns, json_pack("{s:s, s:s, s:s, s:I, s:I}", "campaign", row_text(rows, i, 0), "step", row_text(rows, i, 1), "template", row_text(rows, i, 2),
							   "letters", (json_int_t)row_number(rows, i, 3), "pages", (json_int_t)row_number(rows, i, 4)));
	}
	json_array_foreach (settings->columns, k, column)
		json_array_append(columns, json_array_get(column, 0));
	return json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:o, s:o, s:{s:f, s:f, s:f, s:s}}", "job", cut->name, "number", (json_int_t)cut->id, "channel",
			 cut->office->host->channel_name, "made_at", cut->made, "drop_on", cut->drop_on, "revision", cut->revision, "letters", (json_int_t)cut->letters, "seeds",
			 (json_int_t)json_array_size(cut->seeds), "pages", (json_int_t)cut->pages, "charset", settings->charset, "columns", columns, "campaigns", campaigns, "costs",
			 "job", settings->cost_job, "pieces", pieces, "total", settings->cost_job + pieces, "currency", settings->currency);
}

static void on_facts(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	if (!cut_answer(cut, answer))
		return;
	struct batch *batch = batch_new(cut);
	batch->manifest = manifest_of(cut, &answer->steps[0]);
	cut->cost = json_number_value(json_object_get(json_object_get(batch->manifest, "costs"), "pieces"));
	give(cut, batch);
}

/* ---- pages ---- */

static void on_placed(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	struct values v = {0};
	if (!cut_answer(cut, answer) || !cut->idle || !cut->all_read || cut->next || cut->on_the_way)
		return;
	put_number(&v, cut->id);
	cut_ask(cut, (const struct nurture_step[]){{&facts, v.items, v.count}}, 1, true, on_facts, cut);
}

static void note_places(struct cut *cut, const struct batch *batch)
{
	struct values v = {0};
	json_t *rows = json_array();
	for (size_t i = 0; i < batch->count; i++) {
		const struct record *record = &batch->records[i];
		cut->pages += record->pages;
		double cost = settings_cost(&cut->office->settings, record->country, record->pages);
		cut->seed_cost += record->seed ? cost : 0;
		if (!record->seed)
			json_array_append_new(rows, json_pack("{s:I, s:I, s:i, s:f}", "touch", (json_int_t)record->touch_id, "place", (json_int_t)record->number, "pages", record->pages,
							      "cost", cost));
	}
	char *text = json_dumps(rows, JSON_COMPACT);
	put_text(&v, text);
	put_text(&v, cut->office->host->channel_name);
	put_number(&v, cut->id);
	cut_ask(cut, (const struct nurture_step[]){{&places, v.items, v.count}}, 1, false, on_placed, cut);
	free(text);
	json_decref(rows);
}

static void written(struct hand_task *task)
{
	struct batch *batch = (struct batch *)task;
	struct cut *cut = batch->cut;
	cut->on_the_way--;
	cut->folder = batch->folder;
	cut->idle = true;
	if (batch->failed)
		cut_fail(cut, "%s: %s", batch->problem.where, batch->problem.message);
	if (!cut->failed)
		note_places(cut, batch);
	batch_free(batch);
	struct batch *next = cut->next;
	cut->next = NULL;
	if (cut->failed) {
		batch_free(next);
		cut_step(cut);
		return;
	}
	if (next)
		give(cut, next);
	next_page(cut);
}

static void give(struct cut *cut, struct batch *batch)
{
	batch->folder = cut->folder;
	cut->folder = NULL;
	cut->idle = false;
	batch->task = (struct hand_task){.run = batch_run, .done = batch->manifest ? finished : written, .drop = batch_drop};
	cut->on_the_way++;
	hand_give(cut->office->hand, &batch->task);
}

static char *keep(char **to, const char *text)
{
	char *at = *to;
	size_t n = strlen(text) + 1;
	memcpy(at, text, n);
	*to += n;
	return at;
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

/* The decoys whose place has come: they stand at even distances. `last`: all that are left. */
static void put_seeds(struct cut *cut, struct batch *batch, int64_t letters, bool last)
{
	size_t seeds = json_array_size(cut->seeds);
	while (cut->seeded < seeds && (last || letters >= (int64_t)(cut->seeded + 1) * cut->letters / (int64_t)(seeds + 1))) {
		json_t *seed = json_array_get(cut->seeds, cut->seeded++), *content = json_object_get(seed, "content");
		char *text = batch->seeds[batch->seed_count++] = json_dumps(content, JSON_COMPACT);
		batch->records[batch->count++] = (struct record){
			.number = ++cut->number, .campaign = (char *)text_of(seed, "campaign"), .step = (char *)text_of(seed, "step"), .template = (char *)text_of(seed, "template"),
			.code = (char *)text_of(content, "reply.code"), .url = (char *)text_of(content, "reply.url"), .content = text, .country = (char *)text_of(content, "to.country"), .seed = true};
	}
}

/* Of a page of rows: everything is copied, but for the decoys, which live as long as the cut. */
static struct batch *batch_of(struct cut *cut, const struct nurture_rows *rows)
{
	struct batch *batch = batch_new(cut);
	size_t bytes = 0, seeds = json_array_size(cut->seeds);
	for (size_t i = 0; i < rows->rows * rows->columns; i++)
		bytes += rows->values[i].length + 1;
	char *to = batch->texts = malloc(bytes + 1);
	batch->records = calloc(rows->rows + seeds, sizeof *batch->records);
	batch->seeds = calloc(seeds + 1, sizeof *batch->seeds);
	if (!batch->texts || !batch->records || !batch->seeds)
		abort();
	for (size_t i = 0; i < rows->rows; i++) {
		put_seeds(cut, batch, cut->number - (int64_t)cut->seeded, false);
		batch->records[batch->count++] = (struct record){
			.touch_id = row_number(rows, i, 0), .lead_id = row_number(rows, i, 1), .number = ++cut->number, .campaign = keep(&to, row_text(rows, i, 2)),
			.step = keep(&to, row_text(rows, i, 3)), .template = keep(&to, row_text(rows, i, 4)), .code = keep(&to, row_text(rows, i, 5)), .url = keep(&to, row_text(rows, i, 6)),
			.content = keep(&to, row_text(rows, i, 7)), .country = keep(&to, row_text(rows, i, 9))};
	}
	put_seeds(cut, batch, 0, rows->rows < PAGE);
	return batch;
}

static void on_page(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	cut->reading = false;
	if (!cut_answer(cut, answer))
		return;
	const struct nurture_rows *rows = &answer->steps[0];
	cut->all_read = rows->rows < PAGE;
	if (rows->rows) {
		snprintf(cut->last_sort, sizeof cut->last_sort, "%s", row_text(rows, rows->rows - 1, 8));
		cut->last_written = row_number(rows, rows->rows - 1, 0);
		cut->next = batch_of(cut, rows);
	}
	if (cut->idle && cut->next) {
		struct batch *batch = cut->next;
		cut->next = NULL;
		give(cut, batch);
	} else if (cut->idle) { /* the last page was just full, or all left meanwhile: nothing is on the way that would go on */
		cut->on_the_way++;
		on_placed(cut, &(struct nurture_answer){.size = sizeof(struct nurture_answer), .sqlstate = ""});
	}
	next_page(cut);
}

/* One is read ahead. */
static void next_page(struct cut *cut)
{
	struct values v = {0};
	if (cut->reading || cut->all_read || cut->next)
		return;
	cut->reading = true;
	put_number(&v, cut->id);
	put_text(&v, cut->last_sort);
	put_number(&v, cut->last_written);
	cut_ask(cut, (const struct nurture_step[]){{&read_page, v.items, v.count}}, 1, true, on_page, cut);
}

static void begin(struct cut *cut)
{
	*cut->last_sort = *cut->sums = 0;
	cut->last_written = cut->number = cut->pages = 0;
	cut->cost = cut->seed_cost = 0;
	cut->seeded = 0;
	cut->all_read = cut->reading = false;
	cut->idle = true;
	next_page(cut);
}

void cut_write(struct cut *cut)
{
	if (!cut_pictures_wait(cut, cut_write))
		cut_pictures_read(cut, begin);
}

/* What is half written is taken away by the thread. */
struct leaving {
	struct hand_task task;
	struct folder *folder;
};

static void leave_run(struct hand_task *task, struct hand *hand)
{
	(void)hand;
	folder_free(((struct leaving *)task)->folder);
	((struct leaving *)task)->folder = NULL;
}

static void leave_over(struct hand_task *task)
{
	folder_free(((struct leaving *)task)->folder);
	free(task);
}

void cut_write_leave(struct cut *cut)
{
	struct leaving *leaving = cut->folder ? calloc(1, sizeof *leaving) : NULL;
	if (!leaving)
		return;
	*leaving = (struct leaving){.task = {.run = leave_run, .done = leave_over, .drop = leave_over}, .folder = cut->folder};
	cut->folder = NULL;
	hand_give(cut->office->hand, &leaving->task);
}

void cut_write_end(struct cut *cut)
{
	batch_free(cut->next);
	folder_free(cut->folder);
	cut->next = NULL;
	cut->folder = NULL;
	cut_pictures_end(cut);
}
