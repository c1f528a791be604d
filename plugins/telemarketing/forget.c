/* Who was erased leaves no row but attempts without number and lead (they are kept by law, and name nobody; one that was under way ends); who was merged is found under the other's number, until the merge is taken back. What a
 * list knows of a number stays: a keyed hash. */
#include "desk.h"

#include "forget.sql.h"

#include <stdlib.h>

struct forgetting {
	struct desk *desk;
	int64_t id;
};

static const struct nurture_statement
	drop = {sizeof drop, "forget_drop", sql_forget_drop},
	blank = {sizeof blank, "forget_blank", sql_forget_blank},
	move = {sizeof move, "forget_move", sql_forget_move},
	move_attempts = {sizeof move_attempts, "forget_move_attempts", sql_forget_move_attempts},
	part = {sizeof part, "forget_part", sql_forget_part},
	part_attempts = {sizeof part_attempts, "forget_part_attempts", sql_forget_part_attempts};

static void on_forgotten(void *arg, const struct nurture_answer *answer)
{
	struct forgetting *f = arg;
	f->desk->host->forgotten(f->desk->host->data, f->id, !answer->error, answer->error ? "the database did not take it" : NULL);
	free(f);
}

static struct forgetting *forgetting_new(struct desk *desk, int64_t id)
{
	struct forgetting *f = calloc(1, sizeof *f);
	if (!f)
		abort();
	*f = (struct forgetting){desk, id};
	return f;
}

void desk_part(void *self, const struct nurture_forget *back)
{
	struct values one = {0};
	put_number(&one, back->lead_id);
	desk_ask(self, (const struct nurture_step[]){{&part, one.items, one.count}, {&part_attempts, one.items, one.count}}, 2, on_forgotten, forgetting_new(self, back->id));
}

void desk_forget(void *self, const struct nurture_forget *forget)
{
	struct desk *desk = self;
	struct forgetting *f = forgetting_new(desk, forget->id);
	struct values one = {0}, two = {0};
	put_number(&one, forget->lead_id);
	put_number(&two, forget->lead_id);
	put_number(&two, forget->into ? forget->into : desk_now(desk));
	const struct nurture_step erase[] = {{&drop, one.items, one.count}, {&blank, two.items, two.count}};
	const struct nurture_step merge[] = {{&move, two.items, two.count}, {&move_attempts, two.items, two.count}};
	desk_ask(desk, forget->into ? merge : erase, 2, on_forgotten, f);
}
