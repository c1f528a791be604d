/* The transaction of a group, each step one statement over all of its rows:
 *
 *   segment 0   whose the job is; new names with their bare leads, in sorted order; ids
 *   segment 1   whom names mean that were known already (only then)
 *   segment 2   second names, permissions, events, inbox, the group itself
 *   segment 3   what the turns must know of touches that a withdrawal stopped (only then; ids for it one segment before)
 *
 * Known names are those that the insert passed over, so a file of new leads looks nothing up and a file of known ones writes no names. */
#include "store/bulk_consent.h"
#include "store/ids.h"
#include "store/private.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#include "store/bulk.sql.h"

enum { TAG_OWNER, TAG_NEW, TAG_KNOWN, TAG_TAKEN, TAG_KEPT, TAG_STOPPED, TAG_GROUP };

struct name {
	struct bulk_name self;
	bool used;
	int64_t lead_id;
	bool created;
};

struct bulk_op {
	struct op op;
	struct bulk *bulk;
	struct name *names;   /* distinct, sorted */
	size_t count, known;
	size_t *asked;        /* which names bulk_known asked about */
	struct bulk_row **seconds; /* rows with a second name, sorted by it */
	struct bulk_overs overs;
	bool kept, told, tried;
};

/* ---- names ---- */

static int compare_names(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int kind = strcmp(x->self.kind, y->self.kind); /* 'email' before 'external_id' before 'phone', as everywhere */
	return kind ? kind : str_compare(x->self.value, y->self.value);
}

struct bulk_name bulk_name_of(const struct bulk_row *row)
{
	return row->email.n	    ? (struct bulk_name){"email", row->email}
	       : row->external_id.n ? (struct bulk_name){"external_id", row->external_id}
				    : (struct bulk_name){"phone", row->phone};
}

static struct name name_of(const struct bulk_row *row)
{
	return (struct name){.self = bulk_name_of(row)};
}

static struct name *find(const struct bulk_op *self, struct name wanted)
{
	return bsearch(&wanted, self->names, self->count, sizeof *self->names, compare_names);
}

static void gather_names(struct bulk_op *self)
{
	const struct bulk *bulk = self->bulk;
	struct name *names = arena_array(self->op.arena, bulk->count + 1, sizeof *names);
	for (size_t i = 0; i < bulk->count; i++)
		names[i] = name_of(&bulk->rows[i]);
	qsort(names, bulk->count, sizeof *names, compare_names);
	self->names = names;
	for (size_t i = 0; i < bulk->count; i++)
		if (!self->count || compare_names(&names[self->count - 1], &names[i]) != 0)
			names[self->count++] = names[i];
}

static void put_name(struct param *kind, struct param *value, const struct name *name)
{
	array_text(kind, str_of(name->self.kind));
	array_text(value, name->self.value);
}

/* ---- segments ---- */

static void begin(struct bulk_op *self)
{
	const struct bulk *bulk = self->bulk;
	bulk_consent_lock(&self->op, bulk);
	struct params *p = op_params(&self->op);
	param_int8(p, bulk->job_id);
	param_text(p, str_of(bulk->owner));
	op_send(&self->op, STATEMENT(bulk_owner), TAG_OWNER);
	gather_names(self);
	p = op_params(&self->op);
	struct param *kind = param_array(p, PARAM_TEXT), *value = param_array(p, PARAM_TEXT), *shard = param_array(p, PARAM_INT2);
	for (size_t i = 0; i < self->count; i++) {
		put_name(kind, value, &self->names[i]);
		array_int2(shard, (int)(hash_stable(self->names[i].self.value) % SHARD_COUNT));
	}
	param_time(p, bulk->now);
	op_send(&self->op, STATEMENT(bulk_lead), TAG_NEW);
	ids_ask(&self->op, bulk->count * 2);
}

static void ask_known(struct bulk_op *self)
{
	struct params *p = op_params(&self->op);
	struct param *kind = param_array(p, PARAM_TEXT), *value = param_array(p, PARAM_TEXT);
	self->asked = arena_array(self->op.arena, self->count, sizeof *self->asked);
	for (size_t i = 0; i < self->count; i++) {
		if (self->names[i].created)
			continue;
		put_name(kind, value, &self->names[i]);
		self->asked[self->known++] = i;
	}
	op_send(&self->op, STATEMENT(bulk_known), TAG_KNOWN);
}

static int resolve(struct bulk_op *self)
{
	struct bulk *bulk = self->bulk;
	bulk->created = 0;
	for (size_t i = 0; i < bulk->count; i++) {
		struct name *name = find(self, name_of(&bulk->rows[i]));
		if (!name->lead_id) {
			op_fail(&self->op, ERROR_UNAVAILABLE, NULL, "a lead went away meanwhile.");
			self->op.again = true;
			return -1;
		}
		bulk->rows[i].lead_id = name->lead_id;
		bulk->rows[i].created = name->created && !name->used;
		name->used = true; /* the first row that brings it makes it */
		bulk->created += bulk->rows[i].created;
	}
	return 0;
}

static int compare_seconds(const void *a, const void *b)
{
	const struct bulk_row *const *x = a, *const *y = b;
	int order = str_compare((*x)->external_id, (*y)->external_id);
	return order ? order : *x < *y ? -1 : *x > *y; /* the first row that brings it has it */
}

static struct params *put_seconds(struct bulk_op *self, size_t n)
{
	struct params *p = op_params(&self->op);
	struct param *value = param_array(p, PARAM_TEXT), *lead = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < n; i++) {
		array_text(value, self->seconds[i]->external_id);
		array_int8(lead, self->seconds[i]->lead_id);
	}
	return p;
}

static void send_seconds(struct bulk_op *self)
{
	const struct bulk *bulk = self->bulk;
	struct bulk_row **seconds = arena_array(self->op.arena, bulk->count + 1, sizeof(struct bulk_row *));
	size_t n = 0;
	for (size_t i = 0; i < bulk->count; i++)
		if (bulk->rows[i].email.n && bulk->rows[i].external_id.n)
			seconds[n++] = &bulk->rows[i];
	if (!n)
		return;
	qsort(seconds, n, sizeof(struct bulk_row *), compare_seconds);
	self->seconds = seconds;
	param_time(put_seconds(self, n), bulk->now);
	op_send(&self->op, STATEMENT(bulk_second), TAG_KEPT);
	put_seconds(self, n);
	op_send(&self->op, STATEMENT(bulk_taken), TAG_TAKEN);
}

/* Each row's event, and a second one where its outcome is known. */
static void send_events(struct bulk_op *self)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_INT8, PARAM_TEXT, PARAM_TEXT, PARAM_JSONB, PARAM_TIME};
	const struct bulk *bulk = self->bulk;
	struct params *p = op_params(&self->op);
	struct param *c[6];
	int64_t *ids = arena_array(self->op.arena, bulk->count * 2 + 1, sizeof *ids), *leads = arena_array(self->op.arena, bulk->count * 2 + 1, sizeof *leads);
	size_t n = 0;
	param_time(p, bulk->now);
	for (size_t i = 0; i < 6; i++)
		c[i] = param_array(p, types[i]);
	for (size_t i = 0; i < bulk->count; i++) {
		const struct bulk_row *row = &bulk->rows[i];
		for (int second = 0; second < (row->verb.n ? 2 : 1); second++) {
			leads[n] = row->lead_id;
			ids[n] = ids_take(&self->op, lead_shard(row->lead_id));
			moment_t at = second ? row->verb_at : row->at;
			array_int8(c[0], ids[n]);
			array_time(c[5], at ? at : bulk->now);
			array_int8(c[1], leads[n++]);
			array_text(c[2], second ? row->verb : row->created ? STR("lead.create") : STR("lead.update"));
			array_text_or_null(c[3], second ? (struct str){"", 0} : STR("import"));
			if (second)
				array_null(c[4]);
			else
				array_json(c[4], row->data);
		}
	}
	op_send(&self->op, STATEMENT(bulk_event), TAG_KEPT);
	p = op_params(&self->op);
	param_time(p, bulk->now);
	struct param *event = param_array(p, PARAM_INT8), *lead = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < n; i++) {
		array_int8(event, ids[i]);
		array_int8(lead, leads[i]);
	}
	op_send(&self->op, STATEMENT(bulk_inbox), TAG_KEPT);
}

static void send_group(struct bulk_op *self)
{
	const struct bulk *bulk = self->bulk;
	struct params *p = op_params(&self->op);
	param_int8(p, bulk->job_id);
	param_int8(p, bulk->first);
	param_int8(p, bulk->span);
	param_int8(p, bulk->created);
	op_send(&self->op, STATEMENT(bulk_group), TAG_GROUP);
}

static bool all_known(const struct bulk_op *self)
{
	for (size_t i = 0; i < self->count; i++)
		if (!self->names[i].lead_id)
			return false;
	return true;
}

static enum op_more keep(struct bulk_op *self)
{
	if (resolve(self))
		return OP_LAST;
	send_seconds(self);
	bool stopped = bulk_consent_send(&self->op, self->bulk, TAG_KEPT, TAG_STOPPED);
	if (self->bulk->count)
		send_events(self);
	send_group(self);
	return stopped ? OP_MORE : OP_LAST;
}

static enum op_more tell(struct bulk_op *self)
{
	bool asked = self->told;
	self->told = true;
	if (!asked && self->overs.count && !ids_ask(&self->op, self->overs.count))
		return OP_MORE;
	bulk_consent_tell(&self->op, self->bulk, &self->overs, TAG_KEPT);
	return OP_LAST;
}

static enum op_more bulk_segment(struct op *op, int number)
{
	struct bulk_op *self = (struct bulk_op *)op;
	if (number == 0) {
		begin(self);
		return OP_MORE;
	}
	if (self->kept)
		return tell(self);
	if (number == 1 && !all_known(self)) {
		ask_known(self);
		return OP_MORE;
	}
	self->kept = true;
	return keep(self);
}

/* ---- answers ---- */

static void new_rows(struct bulk_op *self, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++) {
		struct str kind = row_peek(rows, i, 2);
		const char *known = kind.p[0] == 'p' ? "phone" : kind.p[1] == 'm' ? "email" : "external_id";
		struct name *name = find(self, (struct name){.self = {known, row_peek(rows, i, 1)}});
		name->lead_id = row_int8(rows, i, 0);
		name->created = true;
	}
}

static void taken_rows(struct bulk_op *self, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++)
		self->seconds[row_int4(rows, i, 0)]->taken = true;
	if (PQntuples(rows))
		op_fail(&self->op, ERROR_INVALID, "external_id", "another lead has this external id. Bring the row without it, then merge the two leads.");
}

static void bulk_rows(struct op *op, int tag, const PGresult *rows)
{
	struct bulk_op *self = (struct bulk_op *)op;
	if (tag == TAG_IDS)
		ids_rows(op, rows);
	else if (tag == TAG_OWNER && !PQntuples(rows))
		op_fail(op, ERROR_DENIED, "job", "another process goes on with this job.");
	else if (tag == TAG_NEW)
		new_rows(self, rows);
	else if (tag == TAG_KNOWN)
		for (int i = 0; i < PQntuples(rows); i++)
			self->names[self->asked[row_int4(rows, i, 0)]].lead_id = row_int8(rows, i, 1);
	else if (tag == TAG_TAKEN)
		taken_rows(self, rows);
	else if (tag == TAG_STOPPED)
		bulk_consent_overs(op, rows, &self->overs);
	else if (tag == TAG_GROUP && self->bulk->trial && !op_failed(op)) {
		self->tried = true;
		op_fail(op, ERROR_CONFLICT, NULL, "tried.");
	}
}

static void bulk_done(struct op *op, const struct error *error)
{
	struct bulk_op *self = (struct bulk_op *)op;
	self->bulk->fn(self->bulk->arg, self->tried ? NULL : error);
}

void store_bulk(struct store *store, struct bulk *bulk)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = bulk_segment, .rows = bulk_rows, .done = bulk_done};
	struct bulk_op *self = op_new(store, &class, sizeof *self);
	self->bulk = bulk;
	for (size_t i = 0; i < bulk->count; i++)
		bulk->rows[i].taken = false;
	op_submit(&self->op);
}
