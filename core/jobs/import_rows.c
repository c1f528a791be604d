/* Rows into groups: read, turned by the map, refused with a reason. What was refused is written down when its group is committed, so that the
 * file of refused rows and the job's progress say the same. */
#include "jobs/import_parts.h"

#include "base/loop.h"

#include <stdio.h>
#include <stdlib.h>

enum { LISTEN_ROWS = 64 /* between two looks at what the database says meanwhile */ };

void import_refuse(struct import_group *group, const struct csv_row *row, const char *where, const char *why)
{
	group->refused[group->refused_count++] = (struct import_refused){*row, arena_dup(group->arena, where), arena_dup(group->arena, why)};
}

static const char *lead_named(struct import_group *group, int64_t lead_id)
{
	return lead_id ? arena_printf(group->arena, "lead %lld", (long long)lead_id) : "a lead that an earlier row of this file makes";
}

void import_refuse_two(struct import_group *group, const struct csv_row *row, int64_t address_of, int64_t id_of)
{
	const char *advice = "Bring the row without its id; if the two are one person, merge them after the import.";
	if (address_of && id_of)
		advice = arena_printf(group->arena, "If the two are one person, merge them and bring the row again: nurture merge %lld %lld.", (long long)address_of, (long long)id_of);
	import_refuse(group, row, "external_id",
		      arena_printf(group->arena, "%s has this address, and another one, %s, this external id. %s", lead_named(group, address_of), lead_named(group, id_of), advice));
}

static int by_line(const void *a, const void *b)
{
	const struct import_refused *x = a, *y = b;
	return x->row.line < y->row.line ? -1 : x->row.line > y->row.line;
}

static void first_reason(struct import_result *result, const struct import_refused *r)
{
	snprintf(result->first_reason, sizeof result->first_reason, "line %lld: %s%s%s", (long long)r->row.line, r->where, r->where[0] ? ": " : "", r->why);
}

int import_write_refused(struct importing *run, struct import_group *group)
{
	struct import_result *result = run->result;
	json_t *errors = json_array();
	int status = 0;
	if (group->refused_count)
		qsort(group->refused, group->refused_count, sizeof *group->refused, by_line);
	for (size_t i = 0; i < group->refused_count && status == 0; i++) {
		const struct import_refused *r = &group->refused[i];
		if (result->rejected++ == 0)
			first_reason(result, r);
		if (run->rejects)
			status = rejects_add(run->rejects, &run->header, &r->row, r->where, r->why, run->error);
		else if (result->rejected <= ERRORS_KEPT)
			json_array_append_new(errors, json_pack("{s:I, s:s, s:s}", "line", (json_int_t)r->row.line, "field", r->where, "detail", r->why));
	}
	if (status == 0 && run->rejects)
		status = rejects_flush(run->rejects, run->error);
	else if (status == 0 && json_array_size(errors))
		status = import_say_errors(run, errors);
	json_decref(errors);
	return status;
}

/* An earlier run has committed it. Asked in the order of the file. */
static bool is_done(struct importing *run, int64_t number)
{
	while (run->span_at < run->span_count && run->spans[run->span_at].first + run->spans[run->span_at].rows <= number)
		run->span_at++;
	return run->span_at < run->span_count && run->spans[run->span_at].first <= number;
}

static void add_consents(struct import_group *group, const struct csv_row *row, const struct import_row *made)
{
	for (size_t i = 0; i < made->consent_count; i++) {
		const struct import_consent *c = &made->consents[i];
		struct bulk_consent *to = arena_push(group->arena, &group->consents, group->consent_count++, &group->consent_room, sizeof *to);
		*to = (struct bulk_consent){.row = group->count, .line = row->line, .channel = c->channel, .purpose = c->purpose, .wording = c->wording, .granted = c->granted};
	}
}

static void add_row(struct importing *run, struct import_group *group, const struct csv_row *row)
{
	struct error why = {0};
	struct import_row made;
	if (row->broken) {
		import_refuse(group, row, "row", row->broken);
	} else if (import_map_row(run->map, row, group->arena, &made, &why)) {
		import_refuse(group, row, why.where, why.message);
	} else if (made.at > run->now || made.outcome_at > run->now) {
		import_refuse(group, row, "at", "it lies in the future: a file tells what was.");
	} else if (!is_done(run, run->rows)) {
		if (!group->count)
			group->bulk.first = run->rows;
		add_consents(group, row, &made);
		group->sources[group->count] = *row;
		group->rows[group->count++] = (struct bulk_row){.email = made.email, .external_id = made.external_id, .phone = made.phone, .data = made.data, .address = made.address,
								 .at = made.at, .verb = made.outcome, .verb_at = made.outcome_at};
	}
}

int import_skip_settled(struct importing *run, struct arena *arena)
{
	struct csv_row row;
	int got = 1;
	while (run->rows < run->result->resumed && (got = csv_next(run->reader, arena, &row, run->error)) == 1)
		if (++run->rows % GROUP_ROWS == 0)
			arena_reset(arena);
	return got;
}

int import_read_group(struct importing *run, struct import_group *group)
{
	struct csv_row row;
	arena_reset(group->arena);
	group->count = group->refused_count = group->consent_count = group->consent_room = 0;
	group->consents = NULL;
	group->bulk = (struct bulk){.rows = group->rows};
	if (import_read_now(run))
		return -1;
	int got = import_skip_settled(run, group->arena);
	int64_t begun = csv_bytes(run->reader);
	for (int n = 0; got == 1 && n < GROUP_ROWS && csv_bytes(run->reader) - begun < GROUP_BYTES; n++) {
		got = csv_next(run->reader, group->arena, &row, run->error);
		if (got != 1)
			break;
		run->rows++;
		add_row(run, group, &row);
		if (n % LISTEN_ROWS == 0)
			loop_once(run->import->loop, 0);
	}
	group->last = run->rows;
	run->result->rows = run->rows - run->result->resumed;
	return got;
}
