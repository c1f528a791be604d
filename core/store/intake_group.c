/* The transaction of a group: names → leads → keys → events → inbox → permissions (intake_consents.c), each sorted the same way by everybody, so that two
 * groups can wait for each other but never in a circle (DESIGN section 5, "Intake").
 *
 *   asking      locks of withdrawals, visitors, names that are new with their bare leads, whom all names mean, keys that were not seen, ids
 *   resolving   second names, leads and keys that nobody needs, permissions that are confirmed (only then)
 *   keeping     events, inbox, browsers in which somebody logged in, permissions, touches that a withdrawal stops
 *   telling     what the turns must know of these touches (only then)
 *
 * What comes most, events of leads that are known, takes two segments and the commit: each costs the group a way to the database and back.
 *
 * Answers are written into the requests as they become known and count only when fn is told of success. */
#include "store/intake_group.h"

#include "store/event_write.h"
#include "store/ids.h"
#include "store/new_address.h"
#include "store/private.h"

#include "base/mem.h"

#include <stdlib.h>

#include "store/intake.sql.h"

enum { TAG_NONE, TAG_WHOSE, TAG_CREATED, TAG_NAMES, TAG_LEADS, TAG_TAKEN, TAG_KEYS, TAG_CONFIRMED, TAG_CANCELLED };

struct made {
	int64_t lead_id;
	bool needed; /* some event counts that names it */
};

enum group_stage { ASKING, RESOLVING, KEEPING, TELLING }; /* each a segment */

struct group {
	struct op op;
	enum group_stage stage;         /* the next segment */
	intake_group_fn *fn;
	struct intake **requests;
	size_t count;
	struct intake_names names;
	struct map *created;      /* ids of new leads, as 8 bytes → struct made */
	struct intake_name *seconds; size_t second_count;
	struct intake_keys keys;
	struct event_list events;
	struct intake_consents consents;
	size_t total; /* events */
};

/* ---- asking: who is meant, what was not seen ---- */

static void begin(struct group *group)
{
	intake_names_gather(&group->names, group->requests, group->count, group->op.arena);
	intake_consents_lock(&group->op, group->requests, group->count);
	intake_names_whose(&group->op, &group->names, group->op.arena, TAG_WHOSE);
	intake_names_make(&group->op, &group->names, group->requests[0]->now, TAG_CREATED);
	intake_names_ask(&group->op, &group->names, TAG_NAMES, TAG_LEADS);
	intake_keys_ask(&group->op, &group->keys, group->requests, group->count, TAG_KEYS);
	ids_ask(&group->op, group->total * 2); /* events, as many lead.create */
}

/* ---- resolving: what is new ---- */

static bool is_anonymous(const struct group *group, const struct intake_event *e)
{
	const struct intake_name *visitor = intake_visitors_of(&group->names, e);
	return visitor && visitor->anonymous && visitor->lead_id == e->found_lead;
}

/* A visitor who is there, and has no lead: it came back in the moment in which it was purged. Requests of a group are redone one by one. */
static bool is_purged(struct group *group, const struct intake_event *e)
{
	if (e->found_lead || !e->visitor.n || !e->create || e->lead_id)
		return false;
	op_fail(&group->op, group->count > 1 ? ERROR_CONFLICT : ERROR_UNAVAILABLE, "visitor", "this visitor was forgotten just now: send it again.");
	return true;
}

static void resolve(struct group *group)
{
	if (intake_consents_elsewhere(&group->op, &group->names, group->requests, group->count))
		return;
	size_t at = 0;
	EACH_EVENT(group->requests, group->count, r, e) {
		e->event_id = 0;
		e->created = e->duplicate = false;
		e->found_lead = intake_names_of(&group->names, e);
		e->anonymous = is_anonymous(group, e);
		if (is_purged(group, e))
			return;
		if (e->found_lead)
			intake_keys_want(&group->keys, at);
		at++;
	}
}

static struct params *put_seconds(struct group *group)
{
	struct params *p = op_params(&group->op);
	struct param *kind = param_array(p, PARAM_TEXT), *value = param_array(p, PARAM_TEXT), *lead = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < group->second_count; i++) {
		array_text(kind, str_of(group->seconds[i].kind));
		array_text(value, group->seconds[i].value);
		array_int8(lead, group->seconds[i].lead_id);
	}
	return p;
}

static void add_second(struct group *group, const char *kind, struct str value, int64_t lead_id)
{
	if (value.n)
		group->seconds[group->second_count++] = (struct intake_name){.kind = kind, .value = value, .lead_id = lead_id};
}

static bool changes_address(const struct intake_event *e)
{
	return intake_readdresses(e) || (intake_brings_two(e) && e->held);
}

static void send_new_addresses(struct group *group)
{
	struct new_address *all = arena_array(group->op.arena, group->total + 1, sizeof *all);
	size_t n = 0;
	EACH_EVENT(group->requests, group->count, r, e)
		if (e->found_lead && changes_address(e))
			all[n++] = (struct new_address){e->email, e->found_lead};
	new_address_send(&group->op, all, n, group->requests[0]->now, TAG_NONE);
}

/* One that is another lead's would leave two leads with a name each of one person: that is for a merge to say. */
static bool send_second_names(struct group *group)
{
	group->seconds = arena_array(group->op.arena, group->total * 2 + 1, sizeof *group->seconds);
	EACH_EVENT(group->requests, group->count, r, e) {
		if (!e->found_lead || (e->lead_id ? !e->renames : !e->email.n))
			continue;
		if (e->lead_id)
			add_second(group, "email", e->email, e->found_lead);
		add_second(group, "external_id", e->external_id, e->found_lead);
	}
	send_new_addresses(group);
	if (!group->second_count)
		return false;
	qsort(group->seconds, group->second_count, sizeof *group->seconds, intake_name_compare);
	param_time(put_seconds(group), group->requests[0]->now);
	op_send(&group->op, STATEMENT(identity_second), TAG_NONE);
	put_seconds(group);
	op_send(&group->op, STATEMENT(identity_taken), TAG_TAKEN);
	return true;
}

static bool was_made(const struct group *group, int64_t lead_id)
{
	return map_get(group->created, (struct str){(const char *)&lead_id, sizeof lead_id}) != NULL;
}

/* Requests of a group are redone one by one: what is said here is about one of them. Where its lead was made just now, the id came to be somebody's in that
 * moment: tried again, it names that lead. So both leads that the message names are there. */
static void taken_rows(struct group *group, const PGresult *rows)
{
	if (!PQntuples(rows))
		return;
	const struct intake_name *name = &group->seconds[row_int4(rows, 0, 0)];
	long long lead = name->lead_id, other = row_int8(rows, 0, 1);
	group->op.again = group->total == 1 && was_made(group, lead) && !was_made(group, other);
	op_fail(&group->op, ERROR_CONFLICT, name->kind,
		"another lead, %lld, has this %s. Send it without; if lead %lld is the same person, merge the two: nurture merge %lld %lld.", other, name->kind, lead, lead, other);
}

static struct made *made_for(const struct group *group, const struct intake_event *e)
{
	return e->found_lead ? map_get(group->created, (struct str){(const char *)&e->found_lead, sizeof e->found_lead}) : NULL;
}

/* Whether the event will count, as add_event decides later; of one that waits for a permission nobody knows yet. */
static bool is_needing(struct group *group, const struct intake_event *e, size_t at)
{
	return e->found_lead && (e->tells || !e->key.n || intake_keys_claim(&group->keys, at));
}

/* Of leads that were made here, those whose events all carry keys that were seen: they would be people of whom nothing is known but a name. Who came with
 * a visitor stays, for the visitor is theirs by now. */
static bool drop_leads(struct group *group)
{
	struct param *dropped = NULL;
	size_t at = 0;
	if (!group->keys.count || !map_count(group->created) || group->names.visitor_count)
		return false;
	EACH_EVENT(group->requests, group->count, r, e) {
		struct made *made = made_for(group, e);
		bool needs = is_needing(group, e, at++);
		if (made && needs)
			made->needed = true;
	}
	EACH_EVENT(group->requests, group->count, s, d) {
		struct made *made = made_for(group, d);
		if (!made || made->needed)
			continue;
		if (!dropped)
			dropped = param_array(op_params(&group->op), PARAM_INT8);
		array_int8(dropped, made->lead_id);
		d->found_lead = 0;
		d->duplicate = true;
	}
	if (dropped)
		op_send(&group->op, STATEMENT(identity_needless), TAG_NONE);
	return dropped != NULL;
}

/* ---- keeping ---- */

static void add_create_event(struct group *group, const struct intake *r, const struct intake_event *e, enum lane lane)
{
	*event_list_add(&group->events, group->op.arena) = (struct event_row){
		.id = ids_take(&group->op, lead_shard(e->found_lead)), .lead_id = e->found_lead, .at = r->now, .received_at = r->now,
		.verb = STR("lead.create"), .subject = e->source.n ? e->source : STR("event"), .data = e->create_data, .lane = lane};
}

static void add_event(struct group *group, const struct intake *r, struct intake_event *e, size_t at)
{
	enum lane lane = e->anonymous ? LANE_NONE : e->bulk ? LANE_BULK : LANE_LIVE;
	struct str id = {(const char *)&e->found_lead, sizeof e->found_lead};
	if (!e->found_lead || (e->tells && !e->tells->written))
		return;
	if (e->create && intake_is_named(e) && map_remove(group->created, id)) {
		e->created = true;
		add_create_event(group, r, e, lane);
	}
	e->duplicate = e->key.n && !intake_keys_use(&group->keys, at);
	if (e->duplicate)
		return;
	e->event_id = ids_take(&group->op, lead_shard(e->found_lead));
	*event_list_add(&group->events, group->op.arena) = (struct event_row){
		.id = e->event_id, .lead_id = e->found_lead, .at = e->at ? e->at : r->now, .received_at = r->now, .verb = e->verb, .subject = e->subject,
		.data = e->data, .value = e->value, .has_value = e->has_value, .machine = e->machine, .lane = lane};
}

static enum op_more keep(struct group *group)
{
	size_t at = 0;
	EACH_EVENT(group->requests, group->count, r, e)
		add_event(group, r, e, at++);
	event_list_send(&group->op, &group->events, TAG_NONE);
	intake_visitors_login(&group->op, &group->names);
	intake_consents_write(&group->op, &group->consents, &group->names, group->requests, group->count, TAG_CANCELLED);
	return group->consents.withdrawal_count ? OP_MORE : OP_LAST;
}

/* true: something was sent, or it failed; the answers are waited for. */
static bool resolves_more(struct group *group)
{
	resolve(group);
	if (op_failed(&group->op))
		return true;
	bool sent = drop_leads(group);
	sent |= send_second_names(group);
	sent |= intake_keys_drop(&group->op, &group->keys);
	return intake_consents_confirm(&group->op, &group->consents, &group->names, group->requests, group->count, TAG_CONFIRMED) || sent;
}

static enum op_more group_segment(struct op *op, int number)
{
	struct group *group = (struct group *)op;
	enum group_stage stage = group->stage++;
	(void)number;
	if (stage == ASKING) {
		begin(group);
		return OP_MORE;
	}
	if (stage == RESOLVING) {
		if (resolves_more(group))
			return OP_MORE;
		stage = group->stage++;
	}
	if (stage == KEEPING)
		return keep(group);
	if (!event_list_ready(op, &group->consents.overs))
		return OP_MORE;
	event_list_send(op, &group->consents.overs, TAG_NONE);
	return OP_LAST;
}

/* ---- answers ---- */

static void created_rows(struct group *group, const PGresult *rows)
{
	int count = PQntuples(rows);
	struct made *made = arena_array(group->op.arena, (size_t)count + 1, sizeof *made);
	for (int i = 0; i < count; i++) {
		made[i].lead_id = row_int8(rows, i, 0);
		map_put(group->created, (struct str){(const char *)&made[i].lead_id, sizeof made[i].lead_id}, &made[i]);
	}
}

static void group_rows(struct op *op, int tag, const PGresult *rows)
{
	struct group *group = (struct group *)op;
	if (tag == TAG_IDS)
		ids_rows(op, rows);
	else if (tag == TAG_WHOSE)
		intake_names_whose_rows(&group->names, rows);
	else if (tag == TAG_CREATED)
		created_rows(group, rows);
	else if (tag == TAG_NAMES)
		intake_names_rows(&group->names, rows);
	else if (tag == TAG_LEADS)
		for (int i = 0; i < PQntuples(rows); i++)
			group->names.found[row_int4(rows, i, 0)] = row_int8(rows, i, 1);
	else if (tag == TAG_TAKEN)
		taken_rows(group, rows);
	else if (tag == TAG_KEYS)
		intake_keys_rows(&group->keys, rows);
	else if (tag == TAG_CONFIRMED)
		intake_consents_confirmed_rows(&group->consents, rows);
	else if (tag == TAG_CANCELLED)
		intake_consents_cancelled_rows(op, &group->consents, rows, group->requests[0]->now);
}

static void group_done(struct op *op, const struct error *error)
{
	struct group *group = (struct group *)op;
	map_free(group->created);
	group->fn(op->store, group->requests, group->count, error, op->again);
}

static const struct op_class group_class = {.kind = OP_WRITE, .by_key = true, .segment = group_segment, .rows = group_rows, .done = group_done};

void intake_group_submit(struct store *store, struct intake *const *requests, size_t count, mono_t since, intake_group_fn *fn)
{
	struct group *group = op_new(store, &group_class, sizeof *group);
	group->fn = fn;
	group->count = count;
	group->requests = arena_array(group->op.arena, count, sizeof(struct intake *));
	memcpy(group->requests, requests, count * sizeof(struct intake *));
	for (size_t i = 0; i < count; i++)
		group->total += requests[i]->event_count;
	group->created = map_new();
	op_submit_since(&group->op, since);
}
