/* A trial run: what an import would do, by looking only. Each row is read and turned by the map as ever, and compared with the lead that it names as
 * that is now; what other rows of the same file would have changed before is not known to it, but for leads that they name, and external ids that they
 * bring: one that another lead has refuses its row, as the import will. */
#include "jobs/import_parts.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>

/* Who was named by an earlier row, or whose an external id is by then: hashes, in open addressing, at most half full. */
struct seen {
	struct { uint64_t key, who; } *slots;
	size_t room, count;
};

static uint64_t *at_key(const struct seen *seen, uint64_t key)
{
	size_t at = key & (seen->room - 1);
	while (seen->slots[at].key && seen->slots[at].key != key)
		at = (at + 1) & (seen->room - 1);
	seen->slots[at].key = key;
	return &seen->slots[at].who;
}

static void grow(struct seen *seen)
{
	struct seen old = *seen;
	*seen = (struct seen){.room = old.room ? old.room * 2 : 16384, .count = old.count};
	seen->slots = mem_array(seen->room, sizeof *seen->slots);
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i].key)
			*at_key(seen, old.slots[i].key) = old.slots[i].who;
	free(old.slots);
}

/* Who stands there: the first who came. */
static uint64_t first_of(struct seen *seen, uint64_t key, uint64_t who)
{
	if (seen->count * 2 >= seen->room)
		grow(seen);
	uint64_t *at = at_key(seen, key | 1);
	if (!*at) {
		*at = who;
		seen->count++;
	}
	return *at;
}

/* ---- comparing ---- */

struct looking {
	struct import_reply reply; /* first: import_on_done is given this */
	struct importing *run;
	struct import_group *group;
	struct bulk_row seconds[GROUP_ROWS]; /* rows by their external id alone */
	size_t second_of[GROUP_ROWS];
	int64_t owner[GROUP_ROWS];           /* whose the external id beside an address is; 0 = nobody's */
	int64_t lead[GROUP_ROWS];            /* whom the row names; 0 = nobody yet */
	bool same[GROUP_ROWS];
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
	struct str text = looking->group->rows[row].data;
	looking->lead[row] = json_integer_value(json_object_get(lead, "lead_id"));
	if (looking->owner[row] && looking->owner[row] != looking->lead[row])
		return; /* refused */
	json_t *data = json_loadb(text.p, text.n, 0, NULL);
	looking->same[row] = compare(looking->run, json_object_get(data, "set"), lead, false) + compare(looking->run, json_object_get(data, "fill"), lead, true) == 0;
	json_decref(data);
}

static void on_owner(void *arg, size_t second, const json_t *lead)
{
	struct looking *looking = arg;
	looking->owner[looking->second_of[second]] = json_integer_value(json_object_get(lead, "lead_id"));
}

static int ask(struct importing *run, struct looking *looking, const struct bulk_row *rows, size_t count, bulk_look_fn *each)
{
	int tries = 0, result;
	do {
		looking->reply = (struct import_reply){0};
		store_bulk_look(run->bulk, rows, count, each, import_on_done, looking);
		result = import_wait_for(run, &looking->reply);
	} while (result && import_again(run, &tries));
	return result;
}

static int look(struct importing *run, struct import_group *group, struct looking *looking)
{
	size_t n = 0;
	*looking = (struct looking){.run = run, .group = group};
	for (size_t i = 0; i < group->count; i++) {
		if (!group->rows[i].email.n || !group->rows[i].external_id.n)
			continue;
		looking->second_of[n] = i;
		looking->seconds[n++] = (struct bulk_row){.external_id = group->rows[i].external_id};
	}
	return (n && ask(run, looking, looking->seconds, n, on_owner)) || ask(run, looking, group->rows, group->count, on_lead) ? -1 : 0;
}

/* ---- the rows ---- */

struct trial {
	struct seen leads, ids;
};

static uint64_t who_of(const struct looking *looking, size_t i)
{
	const struct bulk_row *row = &looking->group->rows[i];
	if (looking->lead[i])
		return hash_stable((struct str){(const char *)&looking->lead[i], sizeof looking->lead[i]}) | 1;
	return (hash_stable(bulk_name_of(row).value) ^ (row->email.n ? 0 : row->external_id.n ? UINT64_MAX / 3 : UINT64_MAX / 5)) | 1;
}

static bool clashes(struct trial *trial, const struct looking *looking, size_t i, uint64_t who)
{
	const struct bulk_row *row = &looking->group->rows[i];
	if (looking->owner[i])
		return looking->owner[i] != looking->lead[i];
	return row->external_id.n && first_of(&trial->ids, hash_stable(row->external_id), who) != who;
}

static void settle(struct trial *trial, struct looking *looking, size_t i)
{
	struct import_result *result = looking->run->result;
	uint64_t who = who_of(looking, i);
	if (clashes(trial, looking, i, who)) {
		result->clashes++;
		import_refuse(looking->group, &looking->group->sources[i], "external_id", "another lead has this external id. Bring the row without it, then merge the two leads.");
		return;
	}
	size_t before = trial->leads.count;
	(void)first_of(&trial->leads, who, who);
	bool first = trial->leads.count > before;
	result->created += first && !looking->lead[i];
	result->known += !first || looking->lead[i];
	result->doubles += !first;
	result->same += looking->same[i];
}

int import_trial_all(struct importing *run)
{
	struct import_group *group = &run->groups[0];
	struct looking *looking = mem_alloc(sizeof *looking);
	struct trial trial = {{0}, {0}};
	int got = 1, status = 0;
	while (got == 1 && status == 0 && !run->result->cancelled) {
		got = import_read_group(run, group);
		status = got < 0 || (group->count && look(run, group, looking)) ? -1 : 0;
		for (size_t i = 0; i < group->count && status == 0; i++)
			settle(&trial, looking, i);
		if (status == 0)
			status = import_write_refused(run, group) || import_say_progress(run, group) ? -1 : 0;
	}
	free(trial.leads.slots);
	free(trial.ids.slots);
	free(looking);
	return status;
}
