/* Whom the rows of a group mean (bulk_names.h). Called by bulk.c. */
#include "store/bulk_names.h"

#include "base/buf.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#include "store/bulk_names.sql.h"

/* ---- gathering ---- */

static int compare_names(const void *a, const void *b)
{
	const struct bulk_known_name *x = a, *y = b;
	int kind = strcmp(x->self.kind, y->self.kind); /* 'email' before 'external_id' before 'phone', as everywhere */
	return kind ? kind : str_compare(x->self.value, y->self.value);
}

struct bulk_name bulk_name_of(const struct bulk_row *row)
{
	return row->email.n	    ? (struct bulk_name){"email", row->email}
	       : row->external_id.n ? (struct bulk_name){"external_id", row->external_id}
				    : (struct bulk_name){"phone", row->phone};
}

static struct bulk_known_name *find(const struct bulk_names *names, struct bulk_name self)
{
	struct bulk_known_name wanted = {.self = self};
	return bsearch(&wanted, names->items, names->count, sizeof *names->items, compare_names);
}

static struct bulk_known_name *id_of(const struct bulk_names *names, const struct bulk_row *row)
{
	return find(names, (struct bulk_name){"external_id", row->external_id});
}

static struct bulk_known_name *root(struct bulk_known_name *name)
{
	while (name->of)
		name = name->of;
	return name;
}

static bool has_both(const struct bulk_row *row)
{
	return row->email.n && row->external_id.n;
}

static void join_doubles(struct bulk_names *names, const struct bulk_known_name *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct bulk_known_name *last = names->count ? &names->items[names->count - 1] : NULL;
		if (!last || compare_names(last, &all[i]) != 0) {
			names->items[names->count++] = all[i];
			continue;
		}
		last->rows++;
		last->leads = last->leads || all[i].leads;
	}
}

void bulk_names_gather(struct bulk_names *names, const struct bulk *bulk, struct arena *arena)
{
	size_t n = 0;
	struct bulk_known_name *all = arena_array(arena, bulk->count * 2 + 1, sizeof *all);
	*names = (struct bulk_names){.items = all, .both = arena_array(arena, bulk->count + 1, sizeof *names->both),
				     .addresses = arena_array(arena, bulk->count + 1, sizeof *names->addresses)};
	for (size_t i = 0; i < bulk->count; i++) {
		struct bulk_row *row = &bulk->rows[i];
		row->asked = (struct bulk_asked){0};
		all[n++] = (struct bulk_known_name){.self = bulk_name_of(row), .rows = 1, .leads = true};
		if (!has_both(row))
			continue;
		all[n++] = (struct bulk_known_name){.self = {"external_id", row->external_id}, .rows = 1};
		names->both[names->both_count++] = row;
	}
	if (n)
		qsort(all, n, sizeof *all, compare_names);
	join_doubles(names, all, n);
}

/* ---- what is known of both ---- */

bool bulk_names_whose(struct op *op, const struct bulk_names *names, int tag)
{
	if (!names->both_count)
		return false;
	struct params *p = op_params(op);
	struct param *email = param_array(p, PARAM_TEXT), *external_id = param_array(p, PARAM_TEXT), *twice = param_array(p, PARAM_BOOL);
	for (size_t i = 0; i < names->both_count; i++) {
		const struct bulk_row *row = names->both[i];
		array_text(email, row->email);
		array_text(external_id, row->external_id);
		array_bool(twice, find(names, bulk_name_of(row))->rows > 1 || id_of(names, row)->rows > 1);
	}
	op_send(op, STATEMENT(bulk_whose), tag);
	return true;
}

static void know(struct bulk_known_name *name, int64_t lead_id)
{
	if (!lead_id)
		return;
	name->lead_id = lead_id;
	name->met = true;
}

void bulk_names_whose_rows(struct bulk_names *names, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++) {
		struct bulk_row *row = names->both[row_int4(rows, i, 0)];
		know(find(names, bulk_name_of(row)), row_is_null(rows, i, 1) ? 0 : row_int8(rows, i, 1));
		know(id_of(names, row), row_is_null(rows, i, 2) ? 0 : row_int8(rows, i, 2));
		row->asked = (struct bulk_asked){.same = !row_bool(rows, i, 3), .has_other = row_bool(rows, i, 3) && !row_bool(rows, i, 4)};
	}
}

/* ---- who is who ---- */

/* {"set":{…}… → {"set":{"email":"…",…}… */
static struct str with_address(const struct bulk_row *row, struct arena *arena)
{
	static const struct str begin = STR("{\"set\":{");
	struct str rest = {row->data.p + begin.n, row->data.n - begin.n};
	struct buf out = {0};
	buf_puts(&out, "{\"set\":{\"email\":");
	buf_put_json(&out, row->email);
	if (rest.n && rest.p[0] != '}')
		buf_putc(&out, ',');
	buf_put(&out, rest.p, rest.n);
	struct str text = arena_str(arena, buf_str(&out));
	buf_fini(&out);
	return text;
}

/* The id found the lead, so the row says what its address is. */
static void take_address(struct op *op, struct bulk_names *names, struct bulk_row *row, const struct bulk_known_name *lead)
{
	static const struct str begin = STR("{\"set\":{");
	if (row->address == BULK_ADDRESS_REPLACE && str_starts(row->data, begin))
		row->asked.data = with_address(row, op->arena);
	bool changes = row->address == BULK_ADDRESS_REPLACE ? !row->asked.same : row->address == BULK_ADDRESS_FILL && !row->asked.same && !row->asked.has_other;
	if (changes && lead->lead_id)
		names->addresses[names->address_count++] = (struct new_address){row->email, lead->lead_id};
}

static bool settle_both(struct op *op, struct bulk_names *names, struct bulk_row *row)
{
	struct bulk_known_name *email = find(names, bulk_name_of(row)), *id = id_of(names, row);
	struct bulk_known_name *address_of = root(email), *id_is_of = root(id);
	bool by_id = id->met;
	bool two = email->met && id->met && address_of != id_is_of && (!address_of->lead_id || address_of->lead_id != id_is_of->lead_id);
	if (two) {
		row->taken = true;
		row->address_of = address_of->lead_id;
		row->id_of = id_is_of->lead_id;
		return false;
	}
	if (!email->met && id->met) {
		email->of = id_is_of;
		email->joined = id_is_of->lead_id != 0;
	} else if (email->met && !id->met) {
		id->of = address_of;
	} else if (!id->met) {
		id->of = email;
	}
	email->met = id->met = true;
	if (by_id)
		take_address(op, names, row, root(email));
	return true;
}

void bulk_names_settle(struct op *op, struct bulk_names *names, const struct bulk *bulk)
{
	bool good = true;
	if (!names->both_count)
		return;
	for (size_t i = 0; i < bulk->count; i++) {
		if (has_both(&bulk->rows[i]))
			good = settle_both(op, names, &bulk->rows[i]) && good;
		else
			find(names, bulk_name_of(&bulk->rows[i]))->met = true;
	}
	if (!good)
		op_fail(op, ERROR_INVALID, "external_id", "the address is one lead's, and the external id another's.");
}

uint64_t bulk_names_shards(const struct bulk_names *names)
{
	uint64_t shards = 0;
	for (size_t i = 0; i < names->address_count; i++)
		shards |= UINT64_C(1) << lead_shard(names->addresses[i].lead_id);
	return shards;
}

void bulk_names_stay(struct op *op, const struct bulk_names *names, int tag)
{
	if (!names->address_count)
		return;
	struct param *lead = param_array(op_params(op), PARAM_INT8);
	for (size_t i = 0; i < names->address_count; i++)
		array_int8(lead, names->addresses[i].lead_id);
	op_send(op, STATEMENT(bulk_stay), tag);
}

/* ---- writing ---- */

/* Its own, or a known lead's: what joins a lead that this group makes is written when that is there. */
static bool is_made_here(const struct bulk_known_name *name)
{
	return name->leads && !name->lead_id && (!name->of || name->joined);
}

void bulk_names_make(struct op *op, const struct bulk_names *names, moment_t now, int tag)
{
	struct params *p = op_params(op);
	struct param *kind = param_array(p, PARAM_TEXT), *value = param_array(p, PARAM_TEXT), *shard = param_array(p, PARAM_INT2);
	param_time(p, now);
	struct param *owner = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < names->count; i++) {
		struct bulk_known_name *name = &names->items[i];
		if (!is_made_here(name))
			continue;
		array_text(kind, str_of(name->self.kind));
		array_text(value, name->self.value);
		array_int2(shard, (int)(hash_stable(name->self.value) % SHARD_COUNT));
		array_int8_or_null(owner, name->joined ? root(name)->lead_id : 0);
	}
	if (kind->count)
		op_send(op, STATEMENT(bulk_lead), tag);
}

void bulk_names_made_rows(const struct bulk_names *names, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++) {
		struct str kind = row_peek(rows, i, 2);
		const char *known = kind.p[0] == 'p' ? "phone" : kind.p[1] == 'm' ? "email" : "external_id";
		struct bulk_known_name *name = find(names, (struct bulk_name){known, row_peek(rows, i, 1)});
		name->lead_id = row_int8(rows, i, 0);
		name->created = true;
	}
}

bool bulk_names_ask(struct op *op, struct bulk_names *names, int tag)
{
	struct params *p = op_params(op);
	struct param *kind = param_array(p, PARAM_TEXT), *value = param_array(p, PARAM_TEXT);
	names->asked = arena_array(op->arena, names->count + 1, sizeof *names->asked);
	for (size_t i = 0; i < names->count; i++) {
		if (!is_made_here(&names->items[i]))
			continue;
		array_text(kind, str_of(names->items[i].self.kind));
		array_text(value, names->items[i].self.value);
		names->asked[names->asked_count++] = &names->items[i];
	}
	if (names->asked_count)
		op_send(op, STATEMENT(bulk_known), tag);
	return names->asked_count > 0;
}

void bulk_names_known_rows(const struct bulk_names *names, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++)
		names->asked[row_int4(rows, i, 0)]->lead_id = row_int8(rows, i, 1);
}

void bulk_names_again(struct op *op)
{
	op_fail(op, ERROR_UNAVAILABLE, NULL, "somebody else wrote of one of these leads in this moment.");
	op->again = true;
}

void bulk_names_resolve(struct op *op, const struct bulk_names *names, struct bulk *bulk)
{
	bulk->created = 0;
	for (size_t i = 0; i < bulk->count; i++) {
		struct bulk_known_name *own = find(names, bulk_name_of(&bulk->rows[i])), *name = root(own);
		if (!name->lead_id || (own->joined && own->lead_id != name->lead_id)) {
			bulk_names_again(op);
			return;
		}
		bulk->rows[i].lead_id = name->lead_id;
		bulk->rows[i].created = name->created && !name->used;
		name->used = true; /* the first row that brings it makes it */
		bulk->created += bulk->rows[i].created;
	}
}

void bulk_names_second(struct op *op, struct bulk_names *names, moment_t now, int tag, int tag_second)
{
	struct params *p = op_params(op);
	struct param *kind = param_array(p, PARAM_TEXT), *value = param_array(p, PARAM_TEXT), *lead = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < names->count; i++) {
		struct bulk_known_name *name = &names->items[i];
		if (!name->of || name->joined)
			continue;
		array_text(kind, str_of(name->self.kind));
		array_text(value, name->self.value);
		array_int8(lead, root(name)->lead_id);
	}
	param_time(p, now);
	names->seconds = kind->count;
	if (kind->count)
		op_send(op, STATEMENT(bulk_second), tag_second);
	new_address_send(op, names->addresses, names->address_count, now, tag);
}
