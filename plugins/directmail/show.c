/* See show.h. The same way as in a job: a record, its view, its paper. */
#include "show.h"

#include "days.h"
#include "paper.h"
#include "pictures.h"

#include <stdio.h>
#include <string.h>

struct sink {
	nurture_write_fn *write;
	void *arg;
};

static bool put(void *arg, const void *bytes, size_t n)
{
	const struct sink *sink = arg;
	sink->write(sink->arg, bytes, n);
	return true;
}

static json_t *content_of(const struct nurture_touch *touch)
{
	json_t *content = json_object();
	for (size_t i = 0; i < touch->field_count; i++)
		json_object_set_new(content, touch->fields[i].name, json_string(touch->fields[i].value ? touch->fields[i].value : ""));
	return content;
}

/* Borrowed from the touch, but for the array. */
static struct pictures pictures_of_touch(const struct nurture_touch *touch)
{
	size_t files = NURTURE_HAS(touch, file_count) ? touch->file_count : 0;
	struct pictures out = {.items = g_new0(struct pages_picture, files + 1)};
	for (size_t i = 0; i < files; i++)
		if (touch->files[i].content_id)
			out.items[out.count++] = (struct pages_picture){touch->files[i].content_id, touch->files[i].bytes, touch->files[i].length};
	return out;
}

static int show(const struct folder_of *of, const struct folder_letter *letter, struct sink *sink, struct nurture_problem *problem)
{
	char note[PAPER_NOTE];
	int pages;
	struct letter_view view;
	struct paper *paper = paper_open(of, put, sink, problem);
	if (!paper)
		return -1;
	letter_view_init(&view, of, letter);
	int result = paper_add(paper, &view, &pages, note, problem);
	letter_view_fini(&view);
	return paper_close(paper, problem) || result ? -1 : 0;
}

int letters_show(const json_t *object, const char *data_dir, const struct nurture_touch *touch, nurture_write_fn *write, void *arg, struct nurture_problem *problem)
{
	struct settings settings;
	struct sink sink = {write, arg};
	char day[DAY_TEXT];
	int result = settings_read(&settings, object, data_dir, problem);
	if (!result) {
		json_t *content = content_of(touch);
		struct pictures pictures = pictures_of_touch(touch);
		days_of(settings.zone, touch->now, day);
		const struct folder_of of = {.settings = &settings, .name = "preview", .owner = "", .made = day, .drop_on = day, .made_at = touch->now, .pictures = &pictures, .sample = true};
		const struct folder_letter letter = {.number = 1, .touch_id = touch->touch_id, .lead_id = touch->lead_id, .code = NURTURE_HAS(touch, code) && touch->code ? touch->code : "",
						     .url = NURTURE_HAS(touch, url) && touch->url ? touch->url : "", .campaign = touch->campaign ? touch->campaign : "",
						     .step = touch->step ? touch->step : "", .template = touch->template_name, .content = content};
		result = show(&of, &letter, &sink, problem);
		json_decref(content);
		g_free(pictures.items);
	}
	settings_fini(&settings);
	return result;
}
