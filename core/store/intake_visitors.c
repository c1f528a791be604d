/* Visitors of a group: by the number in their cookie, alone or beside a name. Called by intake_names.c and intake_group.c.
 *
 * The order in which everybody waits: visitors' numbers that are new, those that come with a name, then the anonymous leads that they have, then all
 * other names. A lead that is anonymous
 * when it is held here stays so until this transaction ends, unless this transaction itself gives it a name. */
#include "store/intake_group.h"

#include "base/hash.h"

#include <stdlib.h>

#include "store/intake_visitors.sql.h"

struct coming {
	const struct intake_event *event;
	size_t ord;
};

static int compare_coming(const void *a, const void *b)
{
	const struct coming *x = a, *y = b;
	int order = str_compare(x->event->visitor, y->event->visitor);
	return order ? order : x->ord < y->ord ? -1 : x->ord > y->ord;
}

static bool has_name(const struct intake_event *e)
{
	return e->lead_id || intake_is_named(e);
}

static void add_coming(struct intake_names *names, const struct intake_event *e)
{
	struct intake_visitor *v = names->visitor_count ? &names->visitors[names->visitor_count - 1] : NULL;
	if (!v || !str_same(v->self.value, e->visitor)) {
		v = &names->visitors[names->visitor_count++];
		*v = (struct intake_visitor){.self = {.kind = "cookie", .value = e->visitor}};
	}
	v->self.create = v->self.create || e->create;
	if (e->told.n)
		v->told = e->told; /* of a form all its events say the same */
	if (e->proof == PROOF_IDENTIFY && e->lead_id && e->said_at >= v->said_at) {
		v->login = e->lead_id;
		v->said_at = e->said_at;
	}
	if (v->name || v->lead_id || !has_name(e))
		return;
	v->lead_id = e->lead_id;
	v->proof = e->proof;
	struct intake_name *name = e->lead_id ? NULL : intake_names_find(names, intake_names_name(e));
	v->name = name;
	if (!name || name->visitor.n)
		return;
	name->visitor = e->visitor;
	name->proof = e->proof;
}

void intake_visitors_gather(struct intake_names *names, struct intake **requests, size_t count, struct arena *arena)
{
	size_t n = 0;
	EACH_EVENT(requests, count, r, e)
		n += e->visitor.n > 0;
	if (!n)
		return;
	struct coming *all = arena_array(arena, n, sizeof *all);
	names->visitors = arena_array(arena, n, sizeof *names->visitors);
	n = 0;
	EACH_EVENT(requests, count, r, e)
		if (e->visitor.n) {
			all[n] = (struct coming){e, n};
			n++;
		}
	qsort(all, n, sizeof *all, compare_coming);
	for (size_t i = 0; i < n; i++)
		add_coming(names, all[i].event);
}

/* As it stands in identity.how; null: it proves nothing. */
static void put_how(struct param *how, enum intake_proof proof)
{
	static const char *const names[] = {[PROOF_SERVER] = "server", [PROOF_CLICK] = "click", [PROOF_IDENTIFY] = "identify", [PROOF_NONE] = ""};
	array_text_or_null(how, str_of(names[proof]));
}

static void send_new(struct op *op, const struct intake_names *names, moment_t now)
{
	struct params *p = op_params(op);
	struct param *number = param_array(p, PARAM_TEXT), *shard = param_array(p, PARAM_INT2), *make = param_array(p, PARAM_BOOL);
	struct param *kind = param_array(p, PARAM_TEXT), *value = param_array(p, PARAM_TEXT), *lead = param_array(p, PARAM_INT8);
	struct param *how = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < names->visitor_count; i++) {
		const struct intake_visitor *v = &names->visitors[i];
		array_text(number, v->self.value);
		put_how(how, v->proof);
		array_int2(shard, (int)(hash_stable(v->self.value) % SHARD_COUNT));
		array_bool(make, v->self.create);
		array_text_or_null(kind, str_of(v->name ? v->name->kind : ""));
		array_text_or_null(value, v->name ? v->name->value : STR(""));
		array_int8_or_null(lead, v->lead_id);
	}
	param_time(p, now);
	op_send(op, STATEMENT(visitor_insert), 0);
}

static void send_hold(struct op *op, const struct intake_names *names)
{
	struct param *number = param_array(op_params(op), PARAM_TEXT);
	for (size_t i = 0; i < names->visitor_count; i++) {
		const struct intake_visitor *v = &names->visitors[i];
		if (v->name || v->lead_id || v->told.n)
			array_text(number, v->self.value);
	}
	if (number->count)
		op_send(op, STATEMENT(visitor_hold), 0);
}

void intake_visitors_make(struct op *op, const struct intake_names *names, moment_t now)
{
	if (!names->visitor_count)
		return;
	send_new(op, names, now);
	send_hold(op, names);
	struct param *number = param_array(op_params(op), PARAM_TEXT);
	for (size_t i = 0; i < names->visitor_count; i++)
		array_text(number, names->visitors[i].self.value);
	op_send(op, STATEMENT(visitor_lock), 0);
}

void intake_visitors_name(struct op *op, const struct intake_names *names, moment_t now, int tag)
{
	struct params *p = op_params(op);
	struct param *kind = param_array(p, PARAM_TEXT), *value = param_array(p, PARAM_TEXT), *shard = param_array(p, PARAM_INT2);
	struct param *visitor = param_array(p, PARAM_TEXT), *how = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < names->name_count; i++) {
		const struct intake_name *name = &names->names[i];
		if (!name->create)
			continue;
		array_text(kind, str_of(name->kind));
		array_text(value, name->value);
		array_int2(shard, (int)(hash_stable(name->value) % SHARD_COUNT));
		array_text_or_null(visitor, name->visitor);
		put_how(how, name->proof);
	}
	param_time(p, now);
	intake_names_put_owners(p, names);
	if (kind->count)
		op_send(op, STATEMENT(visitor_names), tag);
}

static void send_told(struct op *op, const struct intake_names *names)
{
	struct params *p = op_params(op);
	struct param *number = param_array(p, PARAM_TEXT), *told = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < names->visitor_count; i++) {
		if (!names->visitors[i].told.n)
			continue;
		array_text(number, names->visitors[i].self.value);
		array_text(told, names->visitors[i].told);
	}
	if (number->count)
		op_send(op, STATEMENT(visitor_told), 0);
}

void intake_visitors_join(struct op *op, const struct intake_names *names, moment_t now)
{
	struct params *p = op_params(op);
	struct param *number = param_array(p, PARAM_TEXT), *kind = param_array(p, PARAM_TEXT), *value = param_array(p, PARAM_TEXT);
	struct param *lead = param_array(p, PARAM_INT8), *how = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < names->visitor_count; i++) {
		const struct intake_visitor *v = &names->visitors[i];
		if (!v->name && !v->lead_id)
			continue;
		array_text(number, v->self.value);
		array_text_or_null(kind, str_of(v->name ? v->name->kind : ""));
		array_text_or_null(value, v->name ? v->name->value : STR(""));
		array_int8_or_null(lead, v->lead_id);
		put_how(how, v->proof);
	}
	param_time(p, now);
	if (number->count)
		op_send(op, STATEMENT(visitor_join), 0);
	send_told(op, names);
}

void intake_visitors_login(struct op *op, const struct intake_names *names)
{
	if (!names->visitor_count)
		return;
	struct params *p = op_params(op);
	struct param *number = param_array(p, PARAM_TEXT), *lead = param_array(p, PARAM_INT8), *said_at = param_array(p, PARAM_TIME);
	for (size_t i = 0; i < names->visitor_count; i++) {
		const struct intake_visitor *v = &names->visitors[i];
		if (!v->login)
			continue;
		array_text(number, v->self.value);
		array_int8(lead, v->login);
		array_time(said_at, v->said_at);
	}
	if (number->count)
		op_send(op, STATEMENT(visitor_login), 0);
}

static int compare_visitors(const void *a, const void *b)
{
	return str_compare(((const struct intake_visitor *)a)->self.value, ((const struct intake_visitor *)b)->self.value);
}

const struct intake_name *intake_visitors_of(const struct intake_names *names, const struct intake_event *event)
{
	struct intake_visitor wanted = {.self.value = event->visitor};
	if (!event->visitor.n || !names->visitor_count)
		return NULL;
	const struct intake_visitor *v = bsearch(&wanted, names->visitors, names->visitor_count, sizeof *names->visitors, compare_visitors);
	return v ? &v->self : NULL;
}
