/* Events and their inbox rows, by unnest. */
#include "store/event_write.h"

#include "store/ids.h"

#include "store/event_write.sql.h"

struct event_row *event_list_add(struct event_list *list, struct arena *arena)
{
	struct event_row *row = arena_push(arena, &list->rows, list->count, &list->room, sizeof *row);
	list->count++;
	return row;
}

static void fill_event(struct param *const c[10], const struct event_row *e)
{
	array_time(c[0], e->received_at);
	array_int8(c[1], e->id);
	array_int2(c[2], lead_shard(e->lead_id));
	array_int8(c[3], e->lead_id);
	array_time(c[4], e->at);
	array_text(c[5], e->verb);
	array_text_or_null(c[6], e->subject);
	if (e->has_value)
		array_float8(c[7], e->value);
	else
		array_null(c[7]);
	array_bool(c[8], e->machine);
	if (e->data.n)
		array_json(c[9], e->data);
	else
		array_null(c[9]);
}

static void send_events(struct op *op, const struct event_list *list, int tag)
{
	static const enum param_type types[] = {PARAM_TIME, PARAM_INT8, PARAM_INT2, PARAM_INT8, PARAM_TIME,
						PARAM_TEXT, PARAM_TEXT, PARAM_FLOAT8, PARAM_BOOL, PARAM_JSONB};
	struct params *p = op_params(op);
	struct param *c[10];
	for (size_t i = 0; i < 10; i++)
		c[i] = param_array(p, types[i]);
	for (size_t i = 0; i < list->count; i++)
		fill_event(c, &list->rows[i]);
	op_send(op, STATEMENT(event_insert), tag);
}

static void send_inbox(struct op *op, const struct event_list *list, int tag)
{
	struct params *p = op_params(op);
	struct param *shard = param_array(p, PARAM_INT2), *lane = param_array(p, PARAM_INT2), *lead = param_array(p, PARAM_INT8);
	struct param *event = param_array(p, PARAM_INT8), *received = param_array(p, PARAM_TIME);
	size_t count = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct event_row *e = &list->rows[i];
		if (e->lane == LANE_NONE)
			continue;
		array_int2(shard, lead_shard(e->lead_id));
		array_int2(lane, (int)e->lane);
		array_int8(lead, e->lead_id);
		array_int8(event, e->id);
		array_time(received, e->received_at);
		count++;
	}
	if (count)
		op_send(op, STATEMENT(inbox_insert), tag);
}

void event_list_send(struct op *op, const struct event_list *list, int tag)
{
	if (!list->count)
		return;
	send_events(op, list, tag);
	send_inbox(op, list, tag);
}

void event_list_probe(struct op *op, const struct event_list *list)
{
	if (!list->count) {
		op->probed = true; /* nothing depends on it */
		return;
	}
	struct params *p = op_params(op);
	param_time(p, list->rows[0].received_at);
	param_int8(p, list->rows[0].id);
	op_send(op, STATEMENT(event_probe), 0);
}

void event_list_add_over(struct event_list *list, struct op *op, const struct over_touch *touch, moment_t now)
{
	struct buf data = {0};
	const struct { const char *key; struct str value; } texts[] = {
		{"outcome", touch->outcome}, {"reason", touch->reason}, {"channel", touch->channel}, {"campaign", touch->campaign}, {"step", touch->step},
	};
	buf_printf(&data, "{\"touch\":%lld", (long long)touch->touch_id);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (!texts[i].value.n)
			continue;
		buf_printf(&data, ",\"%s\":", texts[i].key);
		buf_put_json(&data, texts[i].value);
	}
	buf_putc(&data, '}');
	struct event_row *row = event_list_add(list, op->arena);
	*row = (struct event_row){.id = ids_take(op, lead_shard(touch->lead_id)), .lead_id = touch->lead_id, .at = now, .received_at = now,
				  .verb = STR("touch.over"), .data = arena_str(op->arena, buf_str(&data)), .lane = LANE_LIVE};
	buf_fini(&data);
}
