/* One history out of its events, compared with the one that is stored. Called by rebuild.c and save_merge.c. */
#include "store/rebuild_events.h"

#include "store/rebuild_events.sql.h"

void rebuilt_ask(struct op *op, const struct rebuilt *leads, size_t count, int tag)
{
	struct param *ids = param_array(op_params(op), PARAM_INT8);
	for (size_t i = 0; i < count; i++)
		array_int8(ids, leads[i].lead_id);
	op_send(op, STATEMENT(rebuild_events), tag);
}

void rebuilt_events(struct rebuilt *leads, size_t count, const PGresult *rows, struct arena *arena)
{
	size_t at = 0;
	for (int row = 0; row < PQntuples(rows); row++) {
		struct event event = {
			.lead_id = row_int8(rows, row, 0), .id = row_int8(rows, row, 1), .at = row_time(rows, row, 2), .verb = row_text(rows, row, 3, arena),
			.subject = row_text(rows, row, 4, arena), .value = row_float8(rows, row, 5), .has_value = !row_is_null(rows, row, 5),
			.machine = row_bool(rows, row, 6), .data = row_json(rows, row, 7, arena)};
		while (at < count && leads[at].lead_id < event.lead_id)
			at++;
		if (at < count && leads[at].lead_id == event.lead_id && history_keeps(&event))
			(void)history_add(&leads[at].history, &event, arena);
	}
}

static bool is_empty(const struct history *history)
{
	return history->count == 0 && history->fold_count == 0;
}

bool rebuilt_differs(struct rebuilt *lead, struct arena *arena, bool *damaged)
{
	struct history stored = {0};
	struct error error = {0};
	*damaged = history_read(&stored, lead->stored, arena, &error) != 0;
	if (!*damaged && (history_same(&stored, &lead->history) || (lead->stored.n == 0 && is_empty(&lead->history))))
		return false;
	lead->history.seen_at = stored.seen_at;
	lead->history.seen_by = stored.seen_by;
	lead->history.held = stored.held;
	lead->history.held_count = stored.held_count;
	lead->packed = history_write(&lead->history, arena);
	return true;
}
