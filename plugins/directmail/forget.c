/* Who was erased leaves the number of letters that went, without anything that names somebody; what waits goes. Who was merged is found under the other's number, until the merge is taken
 * back. A job that is written at this moment is written again without (cut.c looks once more before the rename); one that waits for its release is written again then (cut_again.c). What lies in the folder
 * of one that went goes with the folder. */
#include "office.h"

#include "forget.sql.h"

#include <stdlib.h>

struct forgetting {
	struct office *office;
	int64_t id;
};

static const struct nurture_statement
	drop = {sizeof drop, "forget_drop", sql_forget_drop},
	blank = {sizeof blank, "forget_blank", sql_forget_blank},
	move = {sizeof move, "forget_move", sql_forget_move},
	part = {sizeof part, "forget_part", sql_forget_part};

static void on_forgotten(void *arg, const struct nurture_answer *answer)
{
	struct forgetting *f = arg;
	f->office->host->forgotten(f->office->host->data, f->id, !answer->error, answer->error ? "the database did not take it" : NULL);
	free(f);
}

static struct forgetting *forgetting_new(struct office *office, int64_t id)
{
	struct forgetting *f = calloc(1, sizeof *f);
	if (!f)
		abort();
	*f = (struct forgetting){office, id};
	return f;
}

void office_part(void *self, const struct nurture_forget *back)
{
	struct values one = {0};
	put_number(&one, back->lead_id);
	office_ask(self, (const struct nurture_step[]){{&part, one.items, one.count}}, 1, on_forgotten, forgetting_new(self, back->id));
}

void office_forget(void *self, const struct nurture_forget *forget)
{
	struct office *office = self;
	struct forgetting *f = forgetting_new(office, forget->id);
	struct values one = {0}, two = {0};
	put_number(&one, forget->lead_id);
	put_number(&two, forget->lead_id);
	put_number(&two, forget->into);
	const struct nurture_step erase[] = {{&drop, one.items, one.count}, {&blank, one.items, one.count}};
	const struct nurture_step merge[] = {{&move, two.items, two.count}};
	office_ask(office, forget->into ? merge : erase, forget->into ? 1 : 2, on_forgotten, f);
}
