/* How often an enrollment came to each step, and when the step's contact with the lead was over last. Called by walk.c and await.c. A step is
 * also known by its old names (`was`): what was counted under them is its own. */
#include "turn/inside.h"

static bool names(const struct step *step, struct str name)
{
	if (str_is(name, step->name))
		return true;
	for (size_t i = 0; i < step->was_count; i++)
		if (str_is(name, step->was[i]))
			return true;
	return false;
}

bool turn_is_pass_of(const struct step *step, const struct step_pass *pass)
{
	return names(step, pass->step);
}

int turn_pass(const struct seat *seat, const struct step *step)
{
	int passes = 0;
	for (size_t i = 0; i < seat->e.pass_count; i++)
		if (names(step, seat->e.passes[i].step))
			passes += seat->e.passes[i].pass;
	return passes;
}

moment_t turn_contact_at(const struct seat *seat, const struct step *step)
{
	moment_t last = 0;
	for (size_t i = 0; i < seat->e.pass_count; i++)
		if ((!step || names(step, seat->e.passes[i].step)) && seat->e.passes[i].contact_at > last)
			last = seat->e.passes[i].contact_at;
	return last;
}

/* Those under an old name move to the new one. */
void turn_count_pass(struct turn *turn, struct seat *seat, const struct step *step, bool again)
{
	struct step_pass *passes = arena_array(turn->arena, seat->e.pass_count + 1, sizeof *passes);
	struct step_pass mine = {.step = str_of(step->name), .pass = turn_pass(seat, step) + 1, .contact_at = turn_contact_at(seat, step), .ended = {"", 0}};
	size_t n = 0;
	for (size_t i = 0; i < seat->e.pass_count; i++) {
		const struct step_pass *pass = &seat->e.passes[i];
		if (!names(step, pass->step)) {
			passes[n++] = *pass;
			continue;
		}
		if (again && pass->tries > mine.tries)
			mine.tries = pass->tries;
		if (pass->contact_id)
			mine.contact_id = pass->contact_id;
		if (pass->way.n) { /* what was drawn stays */
			mine.way = pass->way;
			mine.drawn_at = pass->drawn_at;
			mine.luck = pass->luck;
		}
	}
	passes[n++] = mine;
	seat->e.passes = passes;
	seat->e.pass_count = n;
}

struct step_pass *turn_own_pass(struct turn *turn, struct seat *seat)
{
	struct step_pass *passes = arena_array(turn->arena, seat->e.pass_count + 1, sizeof *passes), *own = NULL;
	for (size_t i = 0; i < seat->e.pass_count; i++) {
		passes[i] = seat->e.passes[i];
		if (str_same(passes[i].step, seat->e.step))
			own = &passes[i];
	}
	if (!own) /* under an old name still */
		*(own = &passes[seat->e.pass_count++]) = (struct step_pass){.step = seat->e.step, .ended = {"", 0}};
	seat->e.passes = passes;
	return own;
}

/* What a wait_for counts from (decision 15). */
void turn_note_contact(struct turn *turn, struct seat *seat, moment_t at, int64_t touch_id)
{
	struct step_pass *passes = arena_array(turn->arena, seat->e.pass_count + 1, sizeof *passes);
	for (size_t i = 0; i < seat->e.pass_count; i++) {
		passes[i] = seat->e.passes[i];
		if (!str_same(passes[i].step, seat->e.step))
			continue;
		passes[i].contact_at = at;
		passes[i].contact_id = touch_id;
	}
	seat->e.passes = passes;
}
