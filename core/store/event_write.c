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

static bool any_lane(const struct event_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->rows[i].lane != LANE_NONE)
			return true;
	return false;
}

static size_t without_ids(const struct event_list *list)
{
	size_t n = 0;
	for (size_t i = 0; i < list->count; i++)
		n += list->rows[i].id == 0;
	return n;
}

bool event_list_ready(struct op *op, const struct event_list *list)
{
	return ids_ask(op, without_ids(list));
}

void event_list_send(struct op *op, const struct event_list *list, int tag)
{
	static const enum param_type types[] = {PARAM_TIME, PARAM_INT8, PARAM_INT2, PARAM_INT8, PARAM_TIME, PARAM_TEXT,
						PARAM_TEXT, PARAM_FLOAT8, PARAM_BOOL, PARAM_JSONB, PARAM_INT2, PARAM_BOOL};
	bool told = any_lane(list);
	size_t columns = told ? 12 : 10;
	struct param *c[12];
	if (!list->count)
		return;
	struct params *p = op_params(op);
	for (size_t i = 0; i < columns; i++)
		c[i] = param_array(p, types[i]);
	for (size_t i = 0; i < list->count; i++) {
		if (!list->rows[i].id)
			list->rows[i].id = ids_take(op, lead_shard(list->rows[i].lead_id));
		fill_event(c, &list->rows[i]);
		if (told) {
			array_int2(c[10], (int)list->rows[i].lane);
			array_bool(c[11], list->rows[i].data.n > EVENT_DATA_CARRIED);
		}
	}
	op_send(op, told ? STATEMENT(event_inbox_insert) : STATEMENT(event_insert), tag);
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
	*row = (struct event_row){.lead_id = touch->lead_id, .at = now, .received_at = now, .verb = STR("touch.over"), .data = arena_str(op->arena, buf_str(&data)), .lane = LANE_LIVE};
	buf_fini(&data);
}
