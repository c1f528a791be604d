/* Groups of single events, which are what comes most: one statement finds their leads, counts their keys and writes them, and is committed in the message that
 * brings it (op.h, OP_ONCE). So such a group goes to the database once. There are two such statements: event_once makes leads that are new; event_known, which
 * costs less, leaves their events. Called by intake.c; all other requests take the way of intake_group.c, and so do the few of a group that event_once leaves:
 * the second event of a key, or of a new lead, in one group, a new name beside a key that was seen, and a lead that somebody else made in that moment. Where the
 * answer is lost and the group was committed, what was kept is looked up by the events' numbers; what is not found there goes the next way, and hears there that
 * its key was seen.
 *
 * Answers are written into the requests as they become known and count only when fn is told of success. */
#include "store/intake_group.h"

#include "store/ids.h"
#include "store/private.h"

#include "base/hash.h"

#include <stdlib.h>

#include "store/intake_once.sql.h"

enum { TAG_KEPT = 1, TAG_LOOKED };

struct one {
	struct intake *request;
	struct intake_name name; /* of an event that names its lead by number: none */
	struct str key;          /* its hash; "" = none, or its second */
	bool maker, left;
	int64_t number;          /* the event's id without its shard; of lead.create: the one before */
};
struct once {
	struct op op;
	intake_once_fn *fn;
	struct intake **requests;
	struct one *ones; /* in the order of names */
	size_t count, sent;
	struct one **sent_ones;
	bool makes;       /* leads that are new; else these are left */
	bool looked;      /* the answer itself was lost */
};

bool intake_is_single(const struct intake *intake)
{
	const struct intake_event *e = intake->events;
	return intake->event_count == 1 && intake->consent_count == 0 && !e->visitor.n && !e->tells && !(e->lead_id && e->renames) &&
	       (e->lead_id || (intake_is_named(e) && !(e->email.n && e->external_id.n)));
}

/* ---- gathering ---- */

static int compare_names(const void *a, const void *b)
{
	const struct one *x = a, *y = b;
	if (!x->name.kind || !y->name.kind)
		return (x->name.kind != NULL) - (y->name.kind != NULL);
	return intake_name_compare(&x->name, &y->name);
}

static int compare_keys(const void *a, const void *b)
{
	return str_compare((*(struct one *const *)a)->key, (*(struct one *const *)b)->key);
}

/* Of several events of one key, one goes this way. */
static void leave_doubles(struct once *once)
{
	struct one **keyed = arena_array(once->op.arena, once->count, sizeof(struct one *));
	size_t n = 0;
	for (size_t i = 0; i < once->count; i++)
		if (once->ones[i].key.n)
			keyed[n++] = &once->ones[i];
	qsort(keyed, n, sizeof(struct one *), compare_keys);
	for (size_t i = 1; i < n; i++)
		keyed[i]->left = str_same(keyed[i]->key, keyed[i - 1]->key);
}

static void gather(struct once *once)
{
	for (size_t i = 0; i < once->count; i++) {
		struct one *one = &once->ones[i];
		const struct intake_event *e = once->requests[i]->events;
		one->request = once->requests[i];
		if (!e->lead_id)
			one->name = intake_names_name(e);
		if (e->key.n)
			one->key = intake_key_hash(e->key, once->op.arena);
	}
	qsort(once->ones, once->count, sizeof *once->ones, compare_names);
	leave_doubles(once);
	const struct one *maker = NULL;
	for (size_t i = 0; i < once->count; i++) {
		struct one *one = &once->ones[i];
		one->maker = one->name.create && !one->left && !(maker && intake_name_compare(&maker->name, &one->name) == 0);
		maker = one->maker ? one : maker;
		if (!one->left)
			once->sent_ones[once->sent++] = one;
	}
}

/* ---- the statement ---- */

enum { COLUMNS = 17, COLUMNS_KNOWN = 13 /* without those of leads to be made */ };

static void put_who(struct param *const c[COLUMNS], const struct one *one, const struct intake_event *e)
{
	array_text_or_null(c[0], str_of(one->name.kind ? one->name.kind : ""));
	array_text_or_null(c[1], one->name.value);
	array_int8_or_null(c[2], e->lead_id);
	array_text_or_null(c[3], one->key);
	array_int8(c[4], one->number);
}

static void put_what(struct param *const c[COLUMNS], const struct intake_event *e, moment_t now)
{
	array_time(c[5], e->at ? e->at : now);
	array_text(c[6], e->verb);
	array_text_or_null(c[7], e->subject);
	if (e->has_value)
		array_float8(c[8], e->value);
	else
		array_null(c[8]);
	array_bool(c[9], e->machine);
	if (e->data.n)
		array_json(c[10], e->data);
	else
		array_null(c[10]);
	array_int2(c[11], e->bulk ? LANE_BULK : LANE_LIVE);
	array_bool(c[12], e->data.n > EVENT_DATA_CARRIED);
}

static void put_new(struct param *const c[COLUMNS], const struct one *one, const struct intake_event *e)
{
	array_bool(c[13], one->maker);
	array_int2(c[14], (int)(hash_stable(one->name.value) % SHARD_COUNT));
	array_text(c[15], e->source.n ? e->source : STR("event"));
	if (e->create_data.n)
		array_json(c[16], e->create_data);
	else
		array_null(c[16]);
}

static void send_all(struct once *once)
{
	static const enum param_type types[COLUMNS] = {
		PARAM_TEXT, PARAM_TEXT, PARAM_INT8, PARAM_TEXT, PARAM_INT8, PARAM_TIME, PARAM_TEXT, PARAM_TEXT, PARAM_FLOAT8,
		PARAM_BOOL, PARAM_JSONB, PARAM_INT2, PARAM_BOOL, PARAM_BOOL, PARAM_INT2, PARAM_TEXT, PARAM_JSONB};
	struct params *p = op_params(&once->op);
	struct param *columns[COLUMNS];
	param_int8(p, once->op.session);
	param_int8(p, once->op.mark);
	param_time(p, once->requests[0]->now);
	for (size_t i = 0; i < (once->makes ? COLUMNS : COLUMNS_KNOWN); i++)
		columns[i] = param_array(p, types[i]);
	for (size_t i = 0; i < once->sent; i++) {
		struct one *one = once->sent_ones[i];
		if (once->makes)
			(void)ids_take(&once->op, 0); /* of lead.create */
		one->number = ids_take(&once->op, 0) >> 6;
		put_who(columns, one, one->request->events);
		put_what(columns, one->request->events, one->request->now);
		if (once->makes)
			put_new(columns, one, one->request->events);
	}
	if (once->makes)
		op_send(&once->op, STATEMENT(event_once), TAG_KEPT);
	else
		op_send(&once->op, STATEMENT(event_known), TAG_KEPT);
}

static enum op_more once_segment(struct op *op, int number)
{
	struct once *once = (struct once *)op;
	(void)number;
	if (!ids_ask(op, once->makes ? once->sent * 2 : once->sent))
		return OP_MORE;
	send_all(once);
	return OP_LAST;
}

static void once_look(struct op *op)
{
	const struct once *once = (struct once *)op;
	struct params *p = op_params(op);
	param_time(p, once->requests[0]->now);
	struct param *number = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < once->sent; i++)
		array_int8(number, once->sent_ones[i]->number);
	op_send(op, STATEMENT(event_once_look), TAG_LOOKED);
}

/* ---- answers ---- */

static void kept_rows(struct once *once, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++) {
		const struct one *one = once->sent_ones[row_int4(rows, i, 0)];
		struct intake_event *e = one->request->events;
		e->found_lead = row_int8(rows, i, 1);
		e->created = once->makes && row_bool(rows, i, 2);
		e->duplicate = !row_bool(rows, i, 3);
		e->event_id = e->duplicate ? 0 : one->number << 6 | lead_shard(e->found_lead);
	}
}

static void once_rows(struct op *op, int tag, const PGresult *rows)
{
	struct once *once = (struct once *)op;
	once->looked = once->looked || tag == TAG_LOOKED;
	if (tag == TAG_IDS)
		ids_rows(op, rows);
	else
		kept_rows(once, rows);
}

static void once_done(struct op *op, const struct error *error)
{
	struct once *once = (struct once *)op;
	for (size_t i = 0; i < once->count; i++) {
		const struct one *one = &once->ones[i];
		struct intake_event *e = one->request->events;
		e->left = one->left || ((e->create || once->looked) && !e->found_lead);
	}
	once->fn(op->store, once->requests, once->count, once->makes, error, op->again);
}

void intake_once_submit(struct store *store, struct intake *const *requests, size_t count, bool makes, mono_t since, intake_once_fn *fn)
{
	static const struct op_class class = {.kind = OP_ONCE, .by_key = true, .segment = once_segment, .look = once_look, .rows = once_rows, .done = once_done};
	struct once *once = op_new(store, &class, sizeof *once);
	once->fn = fn;
	once->makes = makes;
	once->count = count;
	once->requests = arena_array(once->op.arena, count, sizeof(struct intake *));
	once->sent_ones = arena_array(once->op.arena, count, sizeof(struct one *));
	once->ones = arena_array(once->op.arena, count, sizeof *once->ones);
	memcpy(once->requests, requests, count * sizeof(struct intake *));
	for (size_t i = 0; i < count; i++) {
		struct intake_event *e = requests[i]->events;
		e->event_id = e->found_lead = 0;
		e->created = e->duplicate = e->anonymous = false;
	}
	gather(once);
	op_submit_since(&once->op, since);
}
