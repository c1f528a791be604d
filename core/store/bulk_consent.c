/* Permissions that come with an import. A grant is only a word in a file: it never outweighs what a person took back. A withdrawal is believed, and
 * stops what is planned, in the same transaction. */
#include "store/bulk_consent.h"

#include "store/bulk_consent.sql.h"

static size_t count_of(const struct bulk *bulk, bool granted)
{
	size_t n = 0;
	for (size_t i = 0; i < bulk->consent_count; i++)
		n += bulk->consents[i].granted == granted;
	return n;
}

void bulk_consent_lock(struct op *op, const struct bulk *bulk, uint64_t alone)
{
	if (count_of(bulk, false)) {
		op_params(op);
		op_send(op, STATEMENT(bulk_lock_alone), 0);
	} else if (alone) {
		struct param *shards = param_array(op_params(op), PARAM_INT4);
		for (int i = 0; i < SHARD_COUNT; i++)
			if (alone >> i & 1)
				array_int4(shards, i);
		op_send(op, bulk->consent_count ? STATEMENT(bulk_lock_both) : STATEMENT(bulk_lock_some), 0);
	} else if (bulk->consent_count) {
		op_params(op);
		op_send(op, STATEMENT(bulk_lock_shared), 0);
	}
}

static void send_words(struct op *op, const struct bulk *bulk, bool granted, int tag)
{
	static const enum param_type types[] = {PARAM_INT8, PARAM_TEXT, PARAM_TEXT, PARAM_INT8, PARAM_TEXT};
	struct params *p = op_params(op);
	struct param *c[5];
	param_time(p, bulk->now);
	param_int8(p, bulk->job_id);
	for (size_t i = 0; i < (granted ? 5 : 4); i++)
		c[i] = param_array(p, types[i]);
	for (size_t i = 0; i < bulk->consent_count; i++) {
		const struct bulk_consent *consent = &bulk->consents[i];
		if (consent->granted != granted)
			continue;
		array_int8(c[0], bulk->rows[consent->row].lead_id);
		array_text(c[1], consent->channel);
		array_text(c[2], consent->purpose);
		array_int8(c[3], consent->line);
		if (granted)
			array_text(c[4], consent->wording);
	}
	op_send(op, granted ? STATEMENT(bulk_grant) : STATEMENT(bulk_withdraw), tag);
}

static void send_stop(struct op *op, const struct bulk *bulk, int tag)
{
	struct params *p = op_params(op);
	param_time(p, bulk->now);
	struct param *lead = param_array(p, PARAM_INT8), *channel = param_array(p, PARAM_TEXT), *purpose = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < bulk->consent_count; i++) {
		const struct bulk_consent *consent = &bulk->consents[i];
		if (consent->granted)
			continue;
		array_int8(lead, bulk->rows[consent->row].lead_id);
		array_text(channel, consent->channel);
		array_text(purpose, consent->purpose);
	}
	op_send(op, STATEMENT(bulk_stop), tag);
}

bool bulk_consent_send(struct op *op, const struct bulk *bulk, int tag, int tag_stopped)
{
	bool withdrawals = count_of(bulk, false) > 0;
	if (withdrawals) {
		send_words(op, bulk, false, tag);
		send_stop(op, bulk, tag_stopped);
	}
	if (count_of(bulk, true))
		send_words(op, bulk, true, tag);
	return withdrawals;
}

void bulk_consent_overs(struct op *op, const PGresult *rows, struct bulk_overs *overs)
{
	for (int i = 0; i < PQntuples(rows); i++) {
		struct over_touch *over = arena_push(op->arena, &overs->items, overs->count++, &overs->room, sizeof *over);
		*over = (struct over_touch){.touch_id = row_int8(rows, i, 0), .lead_id = row_int8(rows, i, 1), .outcome = STR("cancelled"), .reason = STR("withdrawn"),
					    .channel = row_text(rows, i, 2, op->arena), .campaign = row_text(rows, i, 3, op->arena), .step = row_text(rows, i, 4, op->arena)};
	}
}

void bulk_consent_tell(struct op *op, const struct bulk *bulk, const struct bulk_overs *overs, int tag)
{
	struct event_list events = {0};
	for (size_t i = 0; i < overs->count; i++)
		event_list_add_over(&events, op, &overs->items[i], bulk->now);
	event_list_send(op, &events, tag);
}
