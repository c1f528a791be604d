/* A trial run: what an import would do, by looking only. Each row is read and turned by the map as ever, and compared with the lead that it names as
 * that is now; what other rows of the same file would have changed before is not known to it, but for whom they name: by address or external id a
 * row finds who was made by a row before it, and is refused where the two are two, as the import will (store/bulk_names.h). */
#include "jobs/import_parts.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>

/* Hashes of names and who they are, in open addressing, at most half full. */
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

/* Who stands there, or 0. */
static uint64_t seen_get(const struct seen *seen, uint64_t key)
{
	if (!seen->room)
		return 0;
	size_t at = (key | 1) & (seen->room - 1);
	while (seen->slots[at].key && seen->slots[at].key != (key | 1))
		at = (at + 1) & (seen->room - 1);
	return seen->slots[at].key ? seen->slots[at].who : 0;
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

/* Where the id finds the lead, a row's address is a field of it (store/bulk.h). */
static void look_at(struct looking *looking, size_t row, const json_t *lead)
{
	struct str text = looking->group->rows[row].data;
	json_t *data = json_loadb(text.p, text.n, 0, NULL), *set = json_object_get(data, "set");
	struct str email = looking->group->rows[row].email;
	if (looking->owner[row] && looking->group->rows[row].address == BULK_ADDRESS_REPLACE)
		json_object_set_new(set, "email", json_stringn(email.p, email.n));
	looking->lead[row] = json_integer_value(json_object_get(lead, "lead_id"));
	looking->same[row] = compare(looking->run, set, lead, false) + compare(looking->run, json_object_get(data, "fill"), lead, true) == 0;
	json_decref(data);
}

static void on_lead(void *arg, size_t row, const json_t *lead)
{
	struct looking *looking = arg;
	looking->lead[row] = json_integer_value(json_object_get(lead, "lead_id"));
	if (!looking->owner[row] || looking->owner[row] == looking->lead[row])
		look_at(looking, row, lead); /* else it is refused */
}

static void on_found_by_id(void *arg, size_t second, const json_t *lead)
{
	struct looking *looking = arg;
	look_at(looking, looking->second_of[second], lead);
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

static size_t put_seconds(struct looking *looking, bool (*wanted)(const struct looking *looking, size_t row))
{
	const struct import_group *group = looking->group;
	size_t n = 0;
	for (size_t i = 0; i < group->count; i++) {
		if (!group->rows[i].email.n || !group->rows[i].external_id.n || !wanted(looking, i))
			continue;
		looking->second_of[n] = i;
		looking->seconds[n++] = (struct bulk_row){.external_id = group->rows[i].external_id};
	}
	return n;
}

static bool any(const struct looking *looking, size_t row)
{
	(void)looking, (void)row;
	return true;
}

static bool is_found_by_id(const struct looking *looking, size_t row)
{
	return looking->owner[row] && !looking->lead[row];
}

static int look(struct importing *run, struct import_group *group, struct looking *looking)
{
	*looking = (struct looking){.run = run, .group = group};
	size_t n = put_seconds(looking, any);
	if ((n && ask(run, looking, looking->seconds, n, on_owner)) || ask(run, looking, group->rows, group->count, on_lead))
		return -1;
	n = put_seconds(looking, is_found_by_id);
	return n && ask(run, looking, looking->seconds, n, on_found_by_id) ? -1 : 0;
}

/* ---- the rows ---- */

struct trial {
	struct seen leads, names; /* who was there; whose an address, id or number is by an earlier row */
};

static uint64_t who_is(int64_t lead_id)
{
	return hash_stable((struct str){(const char *)&lead_id, sizeof lead_id}) | 1;
}

static uint64_t key_of(struct bulk_name name)
{
	return (hash_stable(name.value) ^ (name.kind[0] == 'p' ? UINT64_MAX / 5 : name.kind[1] == 'x' ? UINT64_MAX / 3 : 0)) | 1;
}

/* Whose a name is: of the lead in the database, else of who was named so before; 0 = nobody's. */
static uint64_t who_has(struct trial *trial, int64_t lead_id, struct bulk_name name)
{
	return lead_id ? who_is(lead_id) : seen_get(&trial->names, key_of(name));
}

/* Of names that several rows bring the first has the word. */
static void settle(struct trial *trial, struct looking *looking, size_t i)
{
	struct import_result *result = looking->run->result;
	const struct bulk_row *row = &looking->group->rows[i];
	struct bulk_name own = bulk_name_of(row), id = {"external_id", row->external_id};
	bool both = row->email.n && row->external_id.n;
	bool by_id = looking->owner[i] != 0 && looking->lead[i] == looking->owner[i];
	uint64_t of_own = who_has(trial, by_id ? 0 : looking->lead[i], own), of_id = both ? who_has(trial, looking->owner[i], id) : 0;
	if (of_own && of_id && of_own != of_id) {
		result->clashes++;
		import_refuse_two(looking->group, &looking->group->sources[i], by_id ? 0 : looking->lead[i], looking->owner[i]);
		return;
	}
	uint64_t who = of_own ? of_own : of_id ? of_id : key_of(own);
	(void)first_of(&trial->names, key_of(own), who);
	if (both)
		(void)first_of(&trial->names, key_of(id), who);
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
	free(trial.names.slots);
	free(looking);
	return status;
}
