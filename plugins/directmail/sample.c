/* POST /jobs/:job/sample: some letters of a job for a test print, as they will be, marked as samples; their codes are none. They lie in spool/NAME.samples until the job goes or is cancelled. */
#include "folder.h"
#include "hand.h"
#include "office.h"
#include "pictures.h"
#include "routes.h"

#include "sample.sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES_MOST = 100, ROW = 8 /* texts of a letter */ };
static const char no_code[] = "SAMP-LE00-0000-0000"; /* what the server composes for nobody has the same */

struct sample {
	struct hand_task task;
	struct asking *asking;
	char name[FOLDER_NAME + 16], drop_on[16];
	int64_t begun_at;
	struct pictures pictures;
	json_t *letters; /* [{touch, lead, campaign …, content: object}] */
	int result;
	struct nurture_problem problem;
};

static const struct nurture_statement read_letters = {sizeof read_letters, "sample_letters", sql_sample_letters};

static void sample_free(struct sample *sample)
{
	pictures_fini(&sample->pictures);
	json_decref(sample->letters);
	free(sample);
}

/* ---- no code that counts ---- */

/* The text with `with` in the place of every `what`; owned. */
static char *replaced(const char *text, const char *what, const char *with)
{
	size_t n = strlen(text), old = strlen(what), new = strlen(with), hits = 0;
	for (const char *p = text; old && (p = strstr(p, what)); p += old)
		hits++;
	char *out = malloc(n + hits * new + 1), *to = out;
	if (!out)
		abort();
	for (const char *p; old && (p = strstr(text, what)); text = p + old) {
		memcpy(to, text, (size_t)(p - text));
		to += p - text;
		memcpy(to, with, new);
		to += new;
	}
	strcpy(to, text); /* has room: counted above */
	return out;
}

static void blank(json_t *content, const char *code, const char *url)
{
	const char *key;
	void *next;
	json_t *value;
	json_object_foreach_safe (content, next, key, value) {
		char *first = replaced(json_string_value(value), url, ""), *second = replaced(first, code, no_code);
		json_object_set_new(content, key, json_string(second));
		free(first);
		free(second);
	}
}

/* ---- in the thread ---- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

static int write_letters(struct sample *sample, struct folder *folder)
{
	size_t i;
	json_t *row;
	int pages = 0, result = 0;
	json_array_foreach (sample->letters, i, row) {
		json_t *content = json_loads(text_of(row, "content"), 0, NULL);
		blank(content, text_of(row, "code"), text_of(row, "url"));
		const struct folder_letter letter = {.number = json_integer_value(json_object_get(row, "place")), .touch_id = 0, .lead_id = 0, .code = no_code, .url = "",
						     .campaign = text_of(row, "campaign"), .step = text_of(row, "step"), .template = text_of(row, "template"), .content = content};
		result = result ? result : folder_add(folder, &letter, &pages, &sample->problem);
		json_decref(content);
	}
	return result;
}

static void sample_run(struct hand_task *task, struct hand *hand)
{
	struct sample *sample = (struct sample *)task;
	struct office *office = sample->asking->office;
	const struct folder_of of = {.settings = &office->settings, .name = sample->name, .owner = office->owner, .made = "", .drop_on = sample->drop_on, .made_at = sample->begun_at, .pictures = &sample->pictures, .sample = true};
	char sums[OUT_HASH_TEXT];
	(void)hand;
	struct folder *folder = folder_open(&of, &sample->problem);
	json_t *manifest = json_pack("{s:s, s:b, s:I}", "job", sample->name, "samples", 1, "letters", (json_int_t)json_array_size(sample->letters));
	sample->result = !folder || write_letters(sample, folder) || folder_finish(folder, manifest, sums, &sample->problem) || folder_remove(office->settings.spool, sample->name, &sample->problem) ||
			 folder_place(&of, sums, &sample->problem);
	json_decref(manifest);
	folder_free(folder);
}

static void sample_done(struct hand_task *task)
{
	struct sample *sample = (struct sample *)task;
	struct asking *asking = sample->asking;
	char path[800];
	snprintf(path, sizeof path, "%s/%s", asking->office->settings.spool, sample->name);
	if (sample->result)
		asking_fail(asking, 503, "the samples cannot be written: %s %s", sample->problem.where, sample->problem.message);
	else
		asking_reply(asking, 200, json_pack("{s:I, s:s}", "letters", (json_int_t)json_array_size(sample->letters), "folder", path));
	sample_free(sample);
}

static void sample_drop(struct hand_task *task)
{
	sample_free((struct sample *)task);
}

/* ---- asking ---- */

static void on_letters(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	static const char *const names[ROW] = {"touch", "lead", "campaign", "step", "template", "code", "url", "content"};
	if (answer->error) {
		asking_db(asking, answer);
		return;
	}
	const struct nurture_rows *rows = &answer->steps[0];
	if (!rows->rows) {
		asking_fail(asking, 409, "there is no such job that is cut and not sent yet.");
		return;
	}
	struct sample *sample = calloc(1, sizeof *sample);
	if (!sample)
		abort();
	*sample = (struct sample){.task = {.run = sample_run, .done = sample_done, .drop = sample_drop}, .asking = asking, .letters = json_array(), .problem = {.size = sizeof sample->problem}};
	snprintf(sample->name, sizeof sample->name, "%.100s.samples", row_text(rows, 0, 9));
	sample->begun_at = row_number(rows, 0, 10);
	snprintf(sample->drop_on, sizeof sample->drop_on, "%s", row_text(rows, 0, 11));
	pictures_read(&sample->pictures, &answer->steps[1]);
	for (size_t i = 0; i < rows->rows; i++) {
		json_t *row = json_pack("{s:I}", "place", (json_int_t)row_number(rows, i, 8));
		for (size_t k = 0; k < ROW; k++)
			json_object_set_new(row, names[k], json_string(row_text(rows, i, k)));
		json_array_append_new(sample->letters, row);
	}
	hand_give(asking->office->hand, &sample->task);
}

void route_sample(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	struct values v = {0}, job = {0};
	const json_t *count = asking ? json_object_get(asking->body, "count") : NULL;
	if (!asking || asking_refuses(asking, (const char *const[]){"count", NULL}))
		return;
	if (count && (!json_is_integer(count) || json_integer_value(count) < 1 || json_integer_value(count) > SAMPLES_MOST)) {
		asking_fail(asking, 422, "count is how many letters are wanted: 1 to 100.");
		return;
	}
	put_text(&v, asking->office->host->channel_name);
	put_number(&v, asking->job_id);
	put_number(&v, count ? json_integer_value(count) : 5);
	put_number(&job, asking->job_id);
	office_read(asking->office, (const struct nurture_step[]){{&read_letters, v.items, v.count}, {&pictures_of, job.items, job.count}}, 2, on_letters, asking);
}
