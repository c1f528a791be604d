/* Rows on their way: read into groups; while one group is being committed the next one is read. A group that the database
 * refuses for its data is halved until the row is found. When the database is away the group is tried again for a while. */
#include "jobs/import_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- groups ---- */

/* Written down with the group's commit, so that the file and the job's progress say the same. */
static int reject(struct import_group *group, const struct csv_row *row, const char *where, const char *why)
{
	group->refused[group->refused_count++] =
		(struct import_refused){*row, arena_dup(group->arena, where), arena_dup(group->arena, why)};
	return 0;
}

static int write_refused(struct importing *run, struct import_group *group)
{
	struct import_result *result = run->result;
	json_t *errors = json_array();
	int status = 0;
	for (size_t i = 0; i < group->refused_count && status == 0; i++) {
		const struct import_refused *r = &group->refused[i];
		if (result->rejected++ == 0)
			snprintf(result->first_reason, sizeof result->first_reason, "line %lld: %s%s%s", (long long)r->row.line, r->where,
				 r->where[0] ? ": " : "", r->why);
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

static void add_event(struct importing *run, struct import_group *group, const struct csv_row *row, const struct import_row *made, struct str verb, struct str data,
		      const char *suffix)
{
	struct intake_event *event = &group->events[group->intake.event_count++];
	*event = (struct intake_event){.email = made->email, .external_id = made->external_id, .verb = verb, .data = data, .at = run->now,
		.create = true, .bulk = true, .source = STR("import")};
	event->key = str_of(arena_printf(group->arena, "import:%s:%lld%s", run->key, (long long)row->line, suffix));
}

static int add_row(struct importing *run, struct import_group *group, const struct csv_row *row)
{
	struct error why = {0};
	struct import_row made;
	if (row->broken)
		return reject(group, row, "row", row->broken);
	if (import_map_row(run->map, row, group->arena, &made, &why))
		return reject(group, row, why.where, why.message);
	group->event_of[group->row_count] = group->intake.event_count;
	group->rows[group->row_count++] = *row;
	add_event(run, group, row, &made, STR("lead.update"), made.data, "");
	if (made.won.n)
		add_event(run, group, row, &made, made.won, (struct str){"", 0}, ":outcome");
	group->event_of[group->row_count] = group->intake.event_count;
	return 0;
}

/* Reads the next rows. 1, 0 when the file is over, -1. */
static int read_group(struct importing *run, struct import_group *group)
{
	struct csv_row row;
	int got = 0;
	arena_reset(group->arena);
	group->row_count = group->refused_count = 0;
	group->intake = (struct intake){.events = group->events};
	if (import_read_now(run))
		return -1;
	group->intake.now = run->now;
	for (int n = 0; n < GROUP_ROWS && (got = csv_next(run->reader, group->arena, &row, run->error)) == 1; n++) {
		run->rows++;
		if (run->rows > run->result->resumed && add_row(run, group, &row))
			return -1;
	}
	group->last = run->rows;
	run->result->rows = run->rows - run->result->resumed;
	return got < 0 ? -1 : group->row_count > 0 || got == 1;
}

static void on_taken(void *arg, const struct error *error)
{
	struct import_group *group = arg;
	group->done = true;
	group->error = error ? *error : (struct error){0};
}

static void fly(struct importing *run, struct import_group *group)
{
	group->flying = true;
	group->done = group->row_count == 0;
	group->error = (struct error){0};
	group->intake.fn = on_taken;
	group->intake.arg = group;
	if (group->row_count)
		store_intake(run->store, &group->intake);
}

static void count(struct importing *run, const struct intake_event *events, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		run->result->created += events[i].created;
		run->result->duplicates += events[i].duplicate;
	}
}

static int take_rows(struct importing *run, struct import_group *group, size_t from, size_t to);

/* One of these rows is refused by the database: halves, until it is found. */
static int halve(struct importing *run, struct import_group *group, size_t from, size_t to, const struct error *why)
{
	size_t middle = from + (to - from) / 2;
	if (to - from == 1)
		return reject(group, &group->rows[from], why->where, why->message);
	return take_rows(run, group, from, middle) || take_rows(run, group, middle, to) ? -1 : 0;
}

/* Commits rows [from, to) and waits; a database that is away is waited for. */
static int take_rows(struct importing *run, struct import_group *group, size_t from, size_t to)
{
	struct intake_event *events = &group->events[group->event_of[from]];
	size_t n = group->event_of[to] - group->event_of[from];
	for (int tries = 1;; tries++) {
		struct import_reply answer = {0};
		struct intake intake = {.events = events, .event_count = n, .now = group->intake.now, .fn = import_on_done, .arg = &answer};
		store_intake(run->store, &intake);
		if (import_wait_for(run, &answer) == 0)
			break;
		if (!run->store)
			return -1;
		if (answer.error.code != ERROR_UNAVAILABLE)
			return halve(run, group, from, to, &answer.error);
		if (tries == TRIES)
			return -1;
		sleep(1);
	}
	count(run, events, n);
	return 0;
}

/* Waits for a group's commit and writes down how far we are. */
static int settle(struct importing *run, struct import_group *group)
{
	if (!group->flying)
		return 0;
	group->flying = false;
	if (!store_wait(run->import->loop, &group->done, ANSWER_SECONDS * MOMENT_SECOND))
		return import_no_answer(run);
	if (!group->error.code)
		count(run, group->events, group->intake.event_count);
	else if (take_rows(run, group, 0, group->row_count))
		return -1;
	return write_refused(run, group) || import_say_progress(run, group) ? -1 : 0;
}

int import_take_all(struct importing *run)
{
	int got = 1;
	for (size_t turn = 0; got == 1 && !run->result->cancelled; turn++) {
		struct import_group *group = &run->groups[turn % 2], *before = &run->groups[(turn + 1) % 2];
		got = read_group(run, group);
		if (got < 0 || settle(run, before))
			return -1;
		if (got == 1 && !run->result->cancelled)
			fly(run, group);
	}
	return settle(run, &run->groups[0]) || settle(run, &run->groups[1]) ? -1 : 0;
}
