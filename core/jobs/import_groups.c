/* Groups on their way: while the database works on one, the next one is read and sent behind it.
 *
 *   read n → send n → wait for n−1, write down its refused rows and how far we are → read n+1 → …
 *
 * (where n and n−1 name the same lead: wait, then send)
 *
 * When the database is away a group is tried again for some minutes. One that the database refuses for its data is tried in halves, without
 * commit, until the rows are found; the others go in together. A group counts once, however often it is sent (store/bulk.h). */
#include "jobs/import_parts.h"

#include "base/hash.h"
#include "base/loop.h"

#include <stdlib.h>
#include <unistd.h>

static void on_taken(void *arg, const struct error *error)
{
	struct import_group *group = arg;
	group->done = true;
	group->error = error ? *error : (struct error){0};
}

static void address(const struct importing *run, struct import_group *group)
{
	group->bulk.job_id = run->result->job;
	group->bulk.owner = run->owner;
	group->bulk.now = run->now;
	group->bulk.count = group->count;
	group->bulk.consents = group->consents;
	group->bulk.consent_count = group->consent_count;
	group->bulk.span = group->last - group->bulk.first + 1;
}

static void fly(struct importing *run, struct import_group *group)
{
	address(run, group);
	group->flying = true;
	group->done = group->count == 0;
	group->error = (struct error){0};
	group->bulk.fn = on_taken;
	group->bulk.arg = group;
	if (group->count)
		store_bulk(run->bulk, &group->bulk);
}

/* Sends and waits; error.code says what came of it. -1: nothing came. */
static int send_one(struct importing *run, struct bulk *bulk, struct error *error)
{
	run->sent = (struct import_reply){0};
	bulk->fn = import_on_done;
	bulk->arg = &run->sent;
	store_bulk(run->bulk, bulk);
	if (!store_wait(run->import->loop, &run->sent.done, ANSWER_SECONDS * MOMENT_SECOND))
		return import_no_answer(run);
	*error = run->sent.error;
	return 0;
}

/* ---- rows that the database refuses ---- */

/* Permissions stand in the order of their rows. */
static struct bulk_consent *consents_of(struct import_group *group, size_t from, size_t to, size_t *count)
{
	struct bulk_consent *out = arena_array(group->arena, group->consent_count + 1, sizeof *out);
	*count = 0;
	for (size_t i = 0; i < group->consent_count; i++) {
		if (group->consents[i].row < from || group->consents[i].row >= to)
			continue;
		out[*count] = group->consents[i];
		out[(*count)++].row -= from;
	}
	return out;
}

/* Refuses rows of [from, to) that cannot go in; these lose their line, which marks them. */
static int sift(struct importing *run, struct import_group *group, size_t from, size_t to)
{
	struct error error;
	struct bulk trial = group->bulk;
	trial.rows = group->rows + from;
	trial.count = to - from;
	trial.consents = consents_of(group, from, to, &trial.consent_count);
	trial.trial = true;
	if (send_one(run, &trial, &error))
		return -1;
	if (!error.code)
		return 0;
	if (error.code != ERROR_INVALID) {
		*run->error = error;
		return -1;
	}
	size_t middle = from + (to - from) / 2;
	if (to - from > 1)
		return sift(run, group, from, middle) || sift(run, group, middle, to) ? -1 : 0;
	import_refuse(group, &group->sources[from], error.where, error.message);
	group->sources[from].line = 0;
	return 0;
}

/* Rows of which it is known already; true when there are some. */
static bool refuse_taken(struct import_group *group)
{
	bool any = false;
	for (size_t i = 0; i < group->count; i++) {
		if (!group->rows[i].taken)
			continue;
		import_refuse_two(group, &group->sources[i], group->rows[i].address_of, group->rows[i].id_of);
		group->sources[i].line = 0;
		any = true;
	}
	return any;
}

static int leave_out(struct importing *run, struct import_group *group, const struct error *why)
{
	size_t kept = 0, count = group->count, consents = 0, c = 0;
	if (!refuse_taken(group) && sift(run, group, 0, count))
		return -1;
	for (size_t i = 0; i < count; i++) {
		for (; c < group->consent_count && group->consents[c].row == i; c++) {
			if (!group->sources[i].line)
				continue;
			group->consents[consents] = group->consents[c];
			group->consents[consents++].row = kept;
		}
		if (!group->sources[i].line)
			continue;
		group->sources[kept] = group->sources[i];
		group->rows[kept++] = group->rows[i];
	}
	group->count = group->bulk.count = kept;
	group->consent_count = group->bulk.consent_count = consents;
	if (kept < count)
		return 0;
	*run->error = *why; /* each alone goes in, and all together do not */
	return -1;
}

/* ---- again ---- */

/* Commits the group and waits; a database that is away is waited for. */
static int take(struct importing *run, struct import_group *group)
{
	struct error error;
	for (int tries = 1;;) {
		int64_t created = group->bulk.created;
		if (!group->count)
			return 0;
		if (send_one(run, &group->bulk, &error))
			return -1;
		if (!error.code)
			return 0;
		if (error.code == ERROR_CONFLICT) { /* it was committed, and the answer lost */
			group->bulk.created = created;
			return 0;
		}
		if (error.code == ERROR_INVALID && leave_out(run, group, &error))
			return -1;
		if (error.code == ERROR_INVALID)
			continue;
		if (error.code != ERROR_UNAVAILABLE || tries++ == TRIES) {
			*run->error = error;
			return -1;
		}
		sleep(1);
	}
}

/* Waits for a group's commit and writes down how far we are. */
static int settle(struct importing *run, struct import_group *group)
{
	if (!group->flying)
		return 0;
	group->flying = false;
	if (!store_wait(run->import->loop, &group->done, ANSWER_SECONDS * MOMENT_SECOND))
		return import_no_answer(run);
	if (group->error.code && take(run, group))
		return -1;
	run->result->created += group->bulk.created;
	run->result->known += (int64_t)group->count - group->bulk.created;
	return import_write_refused(run, group) || import_say_progress(run, group) ? -1 : 0;
}

/* ---- order ---- */

static int compare_hashes(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static size_t name_hashes(const struct bulk_row *row, uint64_t out[2])
{
	size_t n = 0;
	if (row->email.n)
		out[n++] = hash_stable(row->email);
	if (row->external_id.n)
		out[n++] = ~hash_stable(row->external_id);
	if (!n)
		out[n++] = hash_stable(row->phone);
	return n;
}

/* Whether both name the same lead: then the second waits, for the first may have to be sent again, and the later row of a lead has the last word. */
static bool share_a_lead(const struct import_group *first, const struct import_group *second)
{
	uint64_t hashes[2], *known = arena_array(second->arena, first->count * 2 + 1, sizeof *known);
	size_t count = 0;
	for (size_t i = 0; i < first->count; i++)
		count += name_hashes(&first->rows[i], known + count);
	qsort(known, count, sizeof *known, compare_hashes);
	for (size_t i = 0; i < second->count; i++)
		for (size_t k = name_hashes(&second->rows[i], hashes); k-- > 0;)
			if (bsearch(&hashes[k], known, count, sizeof *known, compare_hashes))
				return true;
	return false;
}

int import_take_all(struct importing *run)
{
	int got = 1;
	for (size_t turn = 0; got == 1 && !run->result->cancelled; turn++) {
		struct import_group *group = &run->groups[turn % 2], *before = &run->groups[(turn + 1) % 2];
		got = import_read_group(run, group);
		if (got < 0)
			return -1;
		if (before->flying && share_a_lead(before, group) && settle(run, before))
			return -1;
		fly(run, group);
		if (settle(run, before))
			return -1;
		if (got != 1 || run->result->cancelled)
			return settle(run, group);
	}
	return 0;
}
