/* The transaction of a group, each step one statement over all of its rows:
 *
 *   asking      whom the rows mean that bring an address and an id in another system (only then: bulk_names.h)
 *   making      locks; whose the job is; new names with their bare leads, in sorted order; ids
 *   finding     whom names mean that were known already (only then)
 *   keeping     further names, permissions, events, inbox, the group itself
 *   telling     what the turns must know of touches that a withdrawal stopped (only then; ids for it one segment before)
 *
 * Of names that were not asked for, those are known that the insert passed over: a file of new leads looks little up, a file of known ones writes no names. */
#include "store/bulk_consent.h"
#include "store/bulk_names.h"
#include "store/ids.h"
#include "store/private.h"

#include <stdlib.h>

#include "store/bulk.sql.h"

enum { TAG_NONE, TAG_WHOSE, TAG_OWNER, TAG_MOVED, TAG_NEW, TAG_KNOWN, TAG_SECOND, TAG_KEPT, TAG_STOPPED, TAG_GROUP };
enum bulk_stage { ASKING, MAKING, FINDING, KEEPING, TELLING }; /* each a segment */

struct bulk_op {
	struct op op;
	struct bulk *bulk;
	enum bulk_stage stage; /* the next segment */
	struct bulk_names names;
	struct bulk_overs overs;
	bool told, tried;
};

/* ---- segments ---- */

static void begin(struct bulk_op *self)
{
	const struct bulk *bulk = self->bulk;
	bulk_consent_lock(&self->op, bulk, bulk_names_shards(&self->names));
	struct params *p = op_params(&self->op);
	param_int8(p, bulk->job_id);
	param_text(p, str_of(bulk->owner));
	op_send(&self->op, STATEMENT(bulk_owner), TAG_OWNER);
	bulk_names_stay(&self->op, &self->names, TAG_MOVED);
	bulk_names_make(&self->op, &self->names, bulk->now, TAG_NEW);
	ids_ask(&self->op, bulk->count * 2);
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
				array_json(c[4], row->asked.data.n ? row->asked.data : row->data);
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

static enum op_more keep(struct bulk_op *self)
{
	bulk_names_resolve(&self->op, &self->names, self->bulk);
	if (op_failed(&self->op))
		return OP_LAST;
	bulk_names_second(&self->op, &self->names, self->bulk->now, TAG_KEPT, TAG_SECOND);
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
	enum bulk_stage stage = self->stage++;
	(void)number;
	if (stage == ASKING) {
		bulk_names_gather(&self->names, self->bulk, op->arena);
		if (bulk_names_whose(op, &self->names, TAG_WHOSE))
			return OP_MORE;
		stage = self->stage++;
	}
	if (stage == MAKING) {
		bulk_names_settle(op, &self->names, self->bulk);
		if (op_failed(op))
			return OP_LAST;
		begin(self);
		return OP_MORE;
	}
	if (stage == FINDING) {
		if (bulk_names_ask(op, &self->names, TAG_KNOWN))
			return OP_MORE;
		stage = self->stage++;
	}
	return stage == KEEPING ? keep(self) : tell(self);
}

/* ---- answers ---- */

static void bulk_rows(struct op *op, int tag, const PGresult *rows)
{
	struct bulk_op *self = (struct bulk_op *)op;
	if (tag == TAG_IDS)
		ids_rows(op, rows);
	else if (tag == TAG_OWNER && !PQntuples(rows))
		op_fail(op, ERROR_DENIED, "job", "another process goes on with this job.");
	else if (tag == TAG_WHOSE)
		bulk_names_whose_rows(&self->names, rows);
	else if (tag == TAG_NEW)
		bulk_names_made_rows(&self->names, rows);
	else if (tag == TAG_KNOWN)
		bulk_names_known_rows(&self->names, rows);
	else if ((tag == TAG_MOVED && PQntuples(rows)) || (tag == TAG_SECOND && strtoull(PQcmdTuples((PGresult *)(uintptr_t)rows), NULL, 10) != self->names.seconds))
		bulk_names_again(op);
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
