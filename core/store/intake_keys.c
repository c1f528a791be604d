/* Keys of a group's events: each makes one event count once, for 90 days. Called by intake_group.c.
 *
 * They are written sorted, behind the names and at once with the question whom these mean; those whose events are not taken, for there is no such lead,
 * go again before the commit. Of several events with one key in a group the first that is taken has it. */
#include "store/intake_group.h"

#include "base/hash.h"

#include <stdlib.h>

#include "store/intake_keys.sql.h"

enum { TAG_NONE };

/* Not the key itself, which is asked for by it too: callers put addresses into theirs, and a key outlives who is erased. */
struct str intake_key_hash(struct str key, struct arena *arena)
{
	enum { KEPT = 16 };
	unsigned char hash[HASH_SHA256];
	char *hex = arena_alloc(arena, 2 * KEPT + 1);
	hash_sha256(key, hash);
	return str_of(hash_hex(hash, KEPT, hex));
}

static int compare(const void *a, const void *b)
{
	return str_compare(((const struct intake_key *)a)->hash, ((const struct intake_key *)b)->hash);
}

static struct intake_key *find(const struct intake_keys *keys, struct str hash)
{
	struct intake_key wanted = {.hash = hash};
	return hash.n && keys->count ? bsearch(&wanted, keys->keys, keys->count, sizeof wanted, compare) : NULL;
}

static void gather(struct intake_keys *keys, struct intake **requests, size_t count, struct arena *arena)
{
	size_t total = 0, n = 0, at = 0;
	for (size_t i = 0; i < count; i++)
		total += requests[i]->event_count;
	keys->keys = arena_array(arena, total + 1, sizeof *keys->keys);
	keys->hashes = arena_array(arena, total + 1, sizeof *keys->hashes);
	EACH_EVENT(requests, count, r, e) {
		if (e->key.n)
			keys->keys[n++].hash = keys->hashes[at] = intake_key_hash(e->key, arena);
		at++;
	}
	if (n)
		qsort(keys->keys, n, sizeof *keys->keys, compare);
	for (size_t i = 0; i < n; i++)
		if (!keys->count || !str_same(keys->keys[keys->count - 1].hash, keys->keys[i].hash))
			keys->keys[keys->count++] = keys->keys[i];
}

void intake_keys_ask(struct op *op, struct intake_keys *keys, struct intake **requests, size_t count, int tag)
{
	gather(keys, requests, count, op->arena);
	if (!keys->count)
		return;
	struct params *p = op_params(op);
	struct param *hash = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < keys->count; i++)
		array_text(hash, keys->keys[i].hash);
	param_time(p, requests[0]->now);
	op_send(op, STATEMENT(event_key_insert), tag);
}

void intake_keys_rows(const struct intake_keys *keys, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++) {
		struct intake_key *key = find(keys, row_peek(rows, i, 0));
		if (key)
			key->is_new = true;
	}
}

void intake_keys_want(const struct intake_keys *keys, size_t at)
{
	struct intake_key *key = find(keys, keys->hashes[at]);
	if (key)
		key->wanted = true;
}

bool intake_keys_claim(const struct intake_keys *keys, size_t at)
{
	struct intake_key *key = find(keys, keys->hashes[at]);
	bool first = key && key->is_new && !key->claimed;
	if (first)
		key->claimed = true;
	return first;
}

bool intake_keys_drop(struct op *op, const struct intake_keys *keys)
{
	struct param *hash = NULL;
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->keys[i].wanted || !keys->keys[i].is_new)
			continue;
		if (!hash)
			hash = param_array(op_params(op), PARAM_TEXT);
		array_text(hash, keys->keys[i].hash);
	}
	if (hash)
		op_send(op, STATEMENT(event_key_drop), TAG_NONE);
	return hash != NULL;
}

bool intake_keys_use(const struct intake_keys *keys, size_t at)
{
	struct intake_key *key = find(keys, keys->hashes[at]);
	if (!key || !key->is_new || key->used)
		return false;
	key->used = true;
	return true;
}
