/* Whom the requests of a group mean: by id, by address, by the id in another system. Names are written in one order by everybody, so that two
 * groups can wait for each other but never in a circle. Called by intake_group.c. */
#include "store/intake_group.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#include "store/intake_names.sql.h"

int intake_name_compare(const void *a, const void *b)
{
	const struct intake_name *x = a, *y = b;
	int kind = strcmp(x->kind, y->kind);
	return kind ? kind : str_compare(x->value, y->value);
}

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

bool intake_readdresses(const struct intake_event *e)
{
	return e->lead_id && e->renames && e->email.n;
}

bool intake_brings_two(const struct intake_event *e)
{
	return !e->lead_id && e->create && e->email.n && e->external_id.n;
}

bool intake_is_named(const struct intake_event *e)
{
	return !e->lead_id && (e->email.n || e->external_id.n || e->phone.n);
}

struct intake_name intake_names_name(const struct intake_event *e)
{
	return e->email.n	  ? (struct intake_name){.kind = "email", .value = e->email, .create = e->create}
	       : e->external_id.n ? (struct intake_name){.kind = "external_id", .value = e->external_id, .create = e->create}
				  : (struct intake_name){.kind = "phone", .value = e->phone, .create = e->create};
}

/* Of several that bring one address beside ids of their own any will do: where that matters, their requests are redone one by one (taken_rows). */
static struct intake_name named_by(const struct intake_event *e)
{
	struct intake_name name = intake_names_name(e);
	if (intake_brings_two(e))
		name.second = e->external_id, name.owner = e->held;
	return name;
}

static void join_names(struct intake_name *name, const struct intake_name *same)
{
	name->create = name->create || same->create;
	if (name->second.n)
		return;
	name->second = same->second;
	name->owner = same->owner;
}

static void gather_names(struct intake_names *names, struct intake **requests, size_t count, struct arena *arena, size_t events)
{
	size_t n = 0;
	names->names = arena_array(arena, events + 1, sizeof *names->names);
	EACH_EVENT(requests, count, r, e)
		if (intake_is_named(e))
			names->names[n++] = named_by(e);
	if (n)
		qsort(names->names, n, sizeof *names->names, intake_name_compare);
	for (size_t i = 0; i < n; i++) {
		struct intake_name *last = names->name_count ? &names->names[names->name_count - 1] : NULL;
		if (last && intake_name_compare(last, &names->names[i]) == 0)
			join_names(last, &names->names[i]);
		else
			names->names[names->name_count++] = names->names[i];
	}
}

static void gather_leads(struct intake_names *names, struct intake **requests, size_t count, struct arena *arena, size_t most)
{
	size_t n = 0;
	names->leads = arena_array(arena, most + 1, sizeof *names->leads);
	EACH_EVENT(requests, count, r, e)
		if (e->lead_id)
			names->leads[n++] = e->lead_id;
	EACH_CONSENT(requests, count, r, c)
		if (!c->of)
			names->leads[n++] = c->lead_id;
	if (n)
		qsort(names->leads, n, sizeof *names->leads, compare_ids);
	for (size_t i = 0; i < n; i++)
		if (!names->lead_count || names->leads[names->lead_count - 1] != names->leads[i])
			names->leads[names->lead_count++] = names->leads[i];
	names->found = arena_array(arena, names->lead_count + 1, sizeof *names->found);
}

void intake_names_gather(struct intake_names *names, struct intake **requests, size_t count, struct arena *arena)
{
	size_t events = 0, consents = 0;
	for (size_t i = 0; i < count; i++)
		events += requests[i]->event_count, consents += requests[i]->consent_count;
	gather_names(names, requests, count, arena, events);
	gather_leads(names, requests, count, arena, events + consents);
	intake_visitors_gather(names, requests, count, arena);
}

void intake_names_whose(struct op *op, struct intake_names *names, struct arena *arena, int tag)
{
	names->asked = arena_array(arena, names->name_count + 1, sizeof *names->asked);
	for (size_t i = 0; i < names->name_count; i++)
		if (names->names[i].second.n)
			names->asked[names->asked_count++] = &names->names[i];
	if (!names->asked_count)
		return;
	struct params *p = op_params(op);
	struct param *email = param_array(p, PARAM_TEXT), *external_id = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < names->asked_count; i++) {
		array_text(email, names->asked[i]->value);
		array_text(external_id, names->asked[i]->second);
	}
	op_send(op, STATEMENT(identity_whose), tag);
}

void intake_names_whose_rows(const struct intake_names *names, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++)
		names->asked[row_int4(rows, i, 0)]->whose = row_int8(rows, i, 1);
}

void intake_names_put_owners(struct params *p, const struct intake_names *names)
{
	struct param *owner = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < names->name_count; i++)
		if (names->names[i].create)
			array_int8_or_null(owner, names->names[i].owner);
}

void intake_names_make(struct op *op, const struct intake_names *names, moment_t now, int tag)
{
	if (names->visitor_count) {
		intake_visitors_make(op, names, now);
		intake_visitors_name(op, names, now, tag);
		intake_visitors_join(op, names, now);
		return;
	}
	struct params *p = op_params(op);
	struct param *kind = param_array(p, PARAM_TEXT), *value = param_array(p, PARAM_TEXT), *shard = param_array(p, PARAM_INT2);
	size_t count = 0;
	for (size_t i = 0; i < names->name_count; i++) {
		const struct intake_name *name = &names->names[i];
		if (!name->create)
			continue;
		array_text(kind, str_of(name->kind));
		array_text(value, name->value);
		array_int2(shard, (int)(hash_stable(name->value) % SHARD_COUNT));
		count++;
	}
	param_time(p, now);
	intake_names_put_owners(p, names);
	if (count)
		op_send(op, STATEMENT(identity_insert), tag);
}

void intake_names_ask(struct op *op, const struct intake_names *names, int tag_names, int tag_leads)
{
	if (names->name_count + names->visitor_count) {
		struct params *p = op_params(op);
		struct param *kind = param_array(p, PARAM_TEXT), *value = param_array(p, PARAM_TEXT);
		for (size_t i = 0; i < names->name_count; i++) {
			array_text(kind, str_of(names->names[i].kind));
			array_text(value, names->names[i].value);
		}
		for (size_t i = 0; i < names->visitor_count; i++) {
			array_text(kind, str_of(names->visitors[i].self.kind));
			array_text(value, names->visitors[i].self.value);
		}
		op_send(op, STATEMENT(identity_resolve), tag_names);
	}
	if (names->lead_count) {
		struct param *array = param_array(op_params(op), PARAM_INT8);
		for (size_t i = 0; i < names->lead_count; i++)
			array_int8(array, names->leads[i]);
		op_send(op, STATEMENT(lead_resolve), tag_leads);
	}
}

int64_t intake_names_lead(const struct intake_names *names, int64_t lead_id)
{
	const int64_t *at = bsearch(&lead_id, names->leads, names->lead_count, sizeof *names->leads, compare_ids);
	return at ? names->found[at - names->leads] : 0;
}

struct intake_name *intake_names_find(const struct intake_names *names, struct intake_name wanted)
{
	if (!names->name_count)
		return NULL;
	return bsearch(&wanted, names->names, names->name_count, sizeof *names->names, intake_name_compare);
}

void intake_names_rows(const struct intake_names *names, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++) {
		size_t at = (size_t)row_int4(rows, i, 0);
		struct intake_name *name = at < names->name_count ? &names->names[at] : &names->visitors[at - names->name_count].self;
		name->lead_id = row_int8(rows, i, 1);
		name->anonymous = row_bool(rows, i, 2);
	}
}

int64_t intake_names_of(const struct intake_names *names, const struct intake_event *event)
{
	const struct intake_name *name;
	if (event->lead_id)
		return intake_names_lead(names, event->lead_id);
	name = intake_is_named(event) ? intake_names_find(names, intake_names_name(event)) : intake_visitors_of(names, event);
	return name ? name->lead_id : 0;
}
