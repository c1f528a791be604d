/* A trial run: what an import would do, by looking only. Each row is read and turned by the map as ever, and compared with the lead that it names as
 * that is now; what other rows of the same file would have changed before is not known to it, but for leads that they make. */
#include "jobs/import_parts.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>

/* Names that earlier rows have made leads of: their hashes, in open addressing, at most half full. */
struct import_made {
	uint64_t *slots;
	size_t room, count;
};

static bool put(struct import_made *made, uint64_t hash)
{
	size_t at = hash & (made->room - 1);
	while (made->slots[at] && made->slots[at] != hash)
		at = (at + 1) & (made->room - 1);
	bool new = !made->slots[at];
	made->slots[at] = hash;
	made->count += new;
	return new;
}

/* true when the name is new. */
static bool make(struct import_made *made, const struct bulk_row *row)
{
	struct str name = row->email.n ? row->email : row->external_id;
	if (made->count * 2 >= made->room) {
		struct import_made old = *made;
		*made = (struct import_made){.room = old.room ? old.room * 2 : 16384};
		made->slots = mem_array(made->room, sizeof *made->slots);
		for (size_t i = 0; i < old.room; i++)
			if (old.slots[i])
				put(made, old.slots[i]);
		free(old.slots);
	}
	return put(made, (hash_stable(name) ^ (row->email.n ? 0 : UINT64_MAX / 3)) | 1);
}

/* ---- comparing ---- */

struct looking {
	struct import_reply reply; /* first: import_on_done is given this */
	struct importing *run;
	struct import_group *group;
	bool known[GROUP_ROWS];
};

static const json_t *value_of(const json_t *lead, const char *field)
{
	const json_t *own = json_object_get(json_object_get(lead, "fields"), field), *column = json_object_get(lead, field);
	return own ? own : json_is_null(column) ? NULL : column;
}

/* Counts the fields of one part of a row's data that would change; returns how many. */
static int compare(struct importing *run, const json_t *part, const json_t *lead, bool fill)
{
	const char *field;
	json_t *value;
	int changed = 0;
	json_object_foreach((json_t *)part, field, value) {
		const json_t *old = value_of(lead, field);
		if (old && (fill || json_equal(old, value)))
			continue;
		json_int_t before = json_integer_value(json_object_get(run->result->changes, field));
		json_object_set_new(run->result->changes, field, json_integer(before + 1));
		changed++;
	}
	return changed;
}

static void on_lead(void *arg, size_t row, const json_t *lead)
{
	struct looking *looking = arg;
	struct importing *run = looking->run;
	struct str text = looking->group->rows[row].data;
	json_t *data = json_loadb(text.p, text.n, 0, NULL);
	looking->known[row] = true;
	run->result->known++;
	if (compare(run, json_object_get(data, "set"), lead, false) + compare(run, json_object_get(data, "fill"), lead, true) == 0)
		run->result->same++;
	json_decref(data);
}

static int look(struct importing *run, struct import_group *group, struct looking *looking)
{
	int tries = 0, result;
	struct import_result before = *run->result;
	do {
		*looking = (struct looking){.run = run, .group = group};
		run->result->known = before.known, run->result->same = before.same;
		store_bulk_look(run->bulk, group->rows, group->count, on_lead, import_on_done, looking);
		result = import_wait_for(run, &looking->reply);
	} while (result && import_again(run, &tries));
	return result;
}

int import_trial_all(struct importing *run)
{
	struct import_group *group = &run->groups[0];
	struct looking *looking = mem_alloc(sizeof *looking);
	struct import_made made = {0};
	int got = 1, status = 0;
	while (got == 1 && status == 0 && !run->result->cancelled) {
		got = import_read_group(run, group);
		status = got < 0 || (group->count && look(run, group, looking)) ? -1 : 0;
		for (size_t i = 0; i < group->count && status == 0; i++) {
			if (looking->known[i])
				continue;
			bool new = make(&made, &group->rows[i]);
			run->result->created += new;
			run->result->known += !new;
		}
		if (status == 0)
			status = import_write_refused(run, group) || import_say_progress(run, group) ? -1 : 0;
	}
	free(made.slots);
	free(looking);
	return status;
}
