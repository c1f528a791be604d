/* The pictures of a cut: each is kept with the job the first time that a letter shows it, and all are read before the job is written. A cut goes on from its looks when what it keeps is
 * on the disk. */
#include "cut.h"

#include <stdio.h>

/* Nothing is on the way any more that must be there first. */
static void go_on(struct cut *cut)
{
	cut_fn *next = cut->after_kept;
	if (cut->keeping || !next)
		return;
	cut->after_kept = NULL;
	next(cut);
}

static void on_kept(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	cut->keeping--;
	if (cut_answer(cut, answer))
		go_on(cut);
}

static void keep(struct cut *cut, const struct nurture_file *file)
{
	struct values v = {0};
	put_number(&v, cut->id);
	put_text(&v, file->content_id);
	v.items[v.count++] = (struct nurture_value){.value = file->bytes, .length = file->length, .bytes = true};
	cut->keeping++;
	cut_ask(cut, (const struct nurture_step[]){{&pictures_keep, v.items, v.count}}, 1, false, on_kept, cut);
}

void cut_pictures_keep(struct cut *cut, const struct nurture_look *look)
{
	if (cut->office->settings.letters == LETTERS_NONE)
		return;
	for (size_t i = 0; i < look->file_count; i++) {
		const char *name = look->files[i].content_id;
		if (!name || (cut->kept && json_object_get(cut->kept, name)))
			continue;
		cut->kept = cut->kept ? cut->kept : json_object();
		json_object_set_new(cut->kept, name, json_true());
		keep(cut, &look->files[i]);
	}
}

bool cut_pictures_wait(struct cut *cut, cut_fn *then)
{
	if (cut->keeping)
		cut->after_kept = then;
	return cut->keeping > 0;
}

static void on_read(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	cut_fn *then = cut->after_kept;
	if (!cut_answer(cut, answer))
		return;
	cut->after_kept = NULL;
	pictures_fini(&cut->pictures);
	pictures_read(&cut->pictures, &answer->steps[0]);
	then(cut);
}

void cut_pictures_read(struct cut *cut, cut_fn *then)
{
	struct values v = {0};
	put_number(&v, cut->id);
	cut->after_kept = then;
	cut_ask(cut, (const struct nurture_step[]){{&pictures_of, v.items, v.count}}, 1, true, on_read, cut);
}

void cut_pictures_end(struct cut *cut)
{
	json_decref(cut->kept);
	cut->kept = NULL;
	pictures_fini(&cut->pictures);
}
