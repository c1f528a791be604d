/* The import's loop: rows are read into groups; while one group is being committed the next one is read. A group that the
 * database refuses for its data is halved until the row is found. When the database is away the group is tried again for a
 * while; after that the run ends and says how to go on.
 *
 *   read group → commit → job progress (rows, bytes of the rejects file) → … → job done */
#include "jobs/import.h"

#include "base/log.h"
#include "base/mem.h"
#include "jobs/map.h"
#include "jobs/rejects.h"
#include "playbook/current.h"
#include "playbook/site.h"
#include "store/admin.h"
#include "store/intake.h"
#include "store/revision.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GROUP_ROWS = 500, TRIES = 30, ANSWER_SECONDS = 300, KEY_DIGITS = 24 };

struct refused {
	struct csv_row row;
	const char *where, *why; /* in the group's arena */
};

/* Rows on their way to the database, and what they were made of. */
struct group {
	struct arena *arena;
	struct refused refused[GROUP_ROWS];
	size_t refused_count;
	struct intake_event events[2 * GROUP_ROWS];
	struct csv_row rows[GROUP_ROWS];
	size_t event_of[GROUP_ROWS + 1]; /* first event of each row */
	size_t row_count;
	int64_t last;                    /* number of rows read up to its end, header not counted */
	struct intake intake;
	bool flying, done;
	struct error error;
};

struct run {
	const struct import *import;
	struct store *store;
	struct import_result *result;
	struct error *error;
	int fd;
	int64_t size;
	char key[KEY_DIGITS + 1];
	char owner[33];
	struct import_map *map;
	struct csv_reader *reader;
	struct csv_row header;
	struct arena *arena;             /* of the header and the schema */
	struct playbook_current *playbook;
	struct rejects *rejects;
	int64_t rejects_bytes;           /* where an earlier run left the file */
	int64_t rows;                    /* read, header not counted */
	struct group groups[2];
	moment_t now;
};

/* ---- waiting for the store ---- */

struct reply {
	bool done, flag;
	int64_t number;
	moment_t now;
	json_t *rows;
	struct error error;
};

static void on_done(void *arg, const struct error *error)
{
	struct reply *answer = arg;
	answer->done = true;
	if (error)
		answer->error = *error;
}

static void on_id(void *arg, int64_t id, const struct error *error)
{
	((struct reply *)arg)->number = id;
	on_done(arg, error);
}

static void on_job(void *arg, bool cancel, const struct error *error)
{
	((struct reply *)arg)->flag = cancel;
	on_done(arg, error);
}

static void on_rows(void *arg, json_t *rows, const struct error *error)
{
	((struct reply *)arg)->rows = error ? NULL : json_incref(rows);
	on_done(arg, error);
}

static void on_clock(void *arg, const struct clock *clock, const struct error *error)
{
	if (!error)
		((struct reply *)arg)->now = clock_domain(clock, real_now());
	on_done(arg, error);
}

/* The store answers now, while what it answers into is there. */
static int no_answer(struct run *run)
{
	store_free(run->store);
	run->store = NULL;
	return error_set(run->error, ERROR_UNAVAILABLE, "database", "the database did not answer.");
}

static int wait_for(struct run *run, struct reply *answer)
{
	if (!store_wait(run->import->loop, &answer->done, ANSWER_SECONDS * MOMENT_SECOND))
		return no_answer(run);
	if (!answer->error.code)
		return 0;
	*run->error = answer->error;
	return -1;
}

static int read_now(struct run *run)
{
	struct reply answer = {0};
	store_clock_read(run->store, on_clock, &answer);
	if (wait_for(run, &answer))
		return -1;
	run->now = answer.now;
	return 0;
}

/* ---- the playbook's fields ---- */

struct loading {
	struct reply answer;
	struct run *run;
};

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct loading *loading = arg;
	if (!error && revision && revision->activation)
		playbook_current_offer(loading->run->playbook, revision->activation, &revision->files);
	on_done(&loading->answer, error);
}

static int load_playbook(struct run *run)
{
	struct loading loading = {.run = run};
	run->playbook = playbook_current_new(playbook_site_of(run->import->config, run->arena), "import");
	store_revision_active(run->store, on_revision, &loading);
	if (wait_for(run, &loading.answer) && run->error->code != ERROR_NOT_FOUND)
		return -1;
	if (!playbook_current_get(run->playbook))
		return error_set(run->error, ERROR_NOT_FOUND, "playbook", "no playbook is published yet, so there are no fields to import into. Run: nurture publish DIR");
	return 0;
}

/* ---- groups ---- */

/* Written down with the group's commit, so that the file and the job's progress say the same. */
static int reject(struct group *group, const struct csv_row *row, const char *where, const char *why)
{
	group->refused[group->refused_count++] =
		(struct refused){*row, arena_dup(group->arena, where), arena_dup(group->arena, why)};
	return 0;
}

static int write_refused(struct run *run, struct group *group)
{
	struct import_result *result = run->result;
	for (size_t i = 0; i < group->refused_count; i++) {
		const struct refused *r = &group->refused[i];
		if (result->rejected++ == 0)
			snprintf(result->first_reason, sizeof result->first_reason, "line %lld: %s%s%s", (long long)r->row.line, r->where,
				 r->where[0] ? ": " : "", r->why);
		if (rejects_add(run->rejects, &run->header, &r->row, r->where, r->why, run->error))
			return -1;
	}
	return rejects_flush(run->rejects, run->error);
}

static void add_event(struct run *run, struct group *group, const struct csv_row *row, const struct import_row *made, struct str verb, struct str data,
		      const char *suffix)
{
	struct intake_event *event = &group->events[group->intake.event_count++];
	*event = (struct intake_event){.email = made->email, .external_id = made->external_id, .verb = verb, .data = data, .at = run->now,
		.create = true, .bulk = true, .source = STR("import")};
	event->key = str_of(arena_printf(group->arena, "import:%s:%lld%s", run->key, (long long)row->line, suffix));
}

static int add_row(struct run *run, struct group *group, const struct csv_row *row)
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
static int read_group(struct run *run, struct group *group)
{
	struct csv_row row;
	int got = 0;
	arena_reset(group->arena);
	group->row_count = group->refused_count = 0;
	group->intake = (struct intake){.events = group->events};
	if (read_now(run))
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
	struct group *group = arg;
	group->done = true;
	group->error = error ? *error : (struct error){0};
}

static void fly(struct run *run, struct group *group)
{
	group->flying = true;
	group->done = group->row_count == 0;
	group->error = (struct error){0};
	group->intake.fn = on_taken;
	group->intake.arg = group;
	if (group->row_count)
		store_intake(run->store, &group->intake);
}

static void count(struct run *run, const struct intake_event *events, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		run->result->created += events[i].created;
		run->result->duplicates += events[i].duplicate;
	}
}

static int take_rows(struct run *run, struct group *group, size_t from, size_t to);

/* One of these rows is refused by the database: halves, until it is found. */
static int halve(struct run *run, struct group *group, size_t from, size_t to, const struct error *why)
{
	size_t middle = from + (to - from) / 2;
	if (to - from == 1)
		return reject(group, &group->rows[from], why->where, why->message);
	return take_rows(run, group, from, middle) || take_rows(run, group, middle, to) ? -1 : 0;
}

/* Commits rows [from, to) and waits; a database that is away is waited for. */
static int take_rows(struct run *run, struct group *group, size_t from, size_t to)
{
	struct intake_event *events = &group->events[group->event_of[from]];
	size_t n = group->event_of[to] - group->event_of[from];
	for (int tries = 1;; tries++) {
		struct reply answer = {0};
		struct intake intake = {.events = events, .event_count = n, .now = group->intake.now, .fn = on_done, .arg = &answer};
		store_intake(run->store, &intake);
		if (wait_for(run, &answer) == 0)
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

static int say_progress(struct run *run, const struct group *group)
{
	struct reply answer = {0};
	json_t *state = json_pack("{s:I, s:I}", "rejects_bytes", (json_int_t)rejects_bytes(run->rejects), "rejected", (json_int_t)run->result->rejected);
	store_job_progress(run->store, run->result->job, run->owner, group->last, -1, state, on_job, &answer);
	int result = wait_for(run, &answer);
	json_decref(state);
	run->result->cancelled = answer.flag;
	if (run->import->progress)
		run->import->progress(run->import->arg, csv_bytes(run->reader), run->size);
	return result;
}

/* Waits for a group's commit and writes down how far we are. */
static int settle(struct run *run, struct group *group)
{
	if (!group->flying)
		return 0;
	group->flying = false;
	if (!store_wait(run->import->loop, &group->done, ANSWER_SECONDS * MOMENT_SECOND))
		return no_answer(run);
	if (!group->error.code)
		count(run, group->events, group->intake.event_count);
	else if (take_rows(run, group, 0, group->row_count))
		return -1;
	return write_refused(run, group) || say_progress(run, group) ? -1 : 0;
}

static int take_all(struct run *run)
{
	int got = 1;
	for (size_t turn = 0; got == 1 && !run->result->cancelled; turn++) {
		struct group *group = &run->groups[turn % 2], *before = &run->groups[(turn + 1) % 2];
		got = read_group(run, group);
		if (got < 0 || settle(run, before))
			return -1;
		if (got == 1 && !run->result->cancelled)
			fly(run, group);
	}
	return settle(run, &run->groups[0]) || settle(run, &run->groups[1]) ? -1 : 0;
}

/* ---- the job ---- */

static int open_file(struct run *run)
{
	struct stat st;
	run->fd = open(run->import->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (run->fd < 0)
		return error_errno(run->error, run->import->path, "cannot open this file");
	if (fstat(run->fd, &st) || !S_ISREG(st.st_mode))
		return error_set(run->error, ERROR_INVALID, run->import->path, "this is not a regular file.");
	run->size = st.st_size;
	return 0;
}

/* The hash of file and map: what is the same import when it is run again. */
static int make_key(struct run *run)
{
	char chunk[65536], hex[2 * 32 + 1];
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	struct str map = import_map_text(run->map);
	ssize_t n;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)map.p, map.n);
	while ((n = read(run->fd, chunk, sizeof chunk)) != 0) {
		if (n < 0 && errno != EINTR)
			return error_errno(run->error, run->import->path, "cannot read this file");
		if (n > 0)
			crypto_hash_sha256_update(&state, (const unsigned char *)chunk, (unsigned long long)n);
	}
	crypto_hash_sha256_final(&state, hash);
	hash_hex(hash, sizeof hash, hex);
	snprintf(run->key, sizeof run->key, "%.*s", KEY_DIGITS, hex);
	return lseek(run->fd, 0, SEEK_SET) < 0 ? error_errno(run->error, run->import->path, "cannot read this file again") : 0;
}

static int create_job(struct run *run)
{
	struct reply answer = {0};
	json_t *arguments = json_pack("{s:s, s:s, s:s}", "key", run->key, "file", run->import->path, "map", run->import->map_path);
	if (!arguments)
		return error_set(run->error, ERROR_INVALID, run->import->path, "the file's name is not UTF-8 text.");
	store_job_create(run->store, "import", arguments, run->owner, run->now, on_id, &answer);
	int result = wait_for(run, &answer);
	json_decref(arguments);
	run->result->job = answer.number;
	return result;
}

/* An earlier run of the same import: done, or to be gone on with. */
static int resume_job(struct run *run, json_t *row)
{
	const char *state = json_string_value(json_object_get(row, "state"));
	struct reply answer = {0};
	run->result->job = json_integer_value(json_object_get(row, "job_id"));
	if (state && strcmp(state, "done") == 0) {
		run->result->done_before = true;
		return 0;
	}
	if (state && (strcmp(state, "cancelled") == 0 || strcmp(state, "failed") == 0))
		return create_job(run);
	store_job_take(run->store, run->result->job, "import", run->owner, on_rows, &answer);
	if (wait_for(run, &answer))
		return -1;
	bool ours = json_array_size(answer.rows) > 0;
	json_decref(answer.rows);
	if (!ours)
		return error_set(run->error, ERROR_CONFLICT, "job", "job %lld imports this file just now (or its process died less than %d seconds ago: wait, and run this again).",
				 (long long)run->result->job, JOB_SECONDS);
	run->result->resumed = json_integer_value(json_object_get(row, "progress"));
	run->rejects_bytes = json_integer_value(json_object_get(json_object_get(row, "result"), "rejects_bytes"));
	run->result->rejected = json_integer_value(json_object_get(json_object_get(row, "result"), "rejected"));
	return 0;
}

static int find_job(struct run *run)
{
	struct reply answer = {0};
	const char *const params[] = {"import", run->key};
	store_query(run->store, "job_find", params, 2, on_rows, &answer);
	if (wait_for(run, &answer))
		return -1;
	json_t *row = json_array_get(answer.rows, 0);
	int result = row ? resume_job(run, row) : create_job(run);
	json_decref(answer.rows);
	return result;
}

static int end_job(struct run *run, int failed)
{
	struct reply answer = {0};
	struct import_result *r = run->result;
	struct error keep = *run->error;
	if (failed) /* the row stays as it is: the next run goes on from there */
		return -1;
	json_t *result = json_pack("{s:I, s:I, s:I, s:I}", "rows", (json_int_t)(r->rows + r->resumed), "created", (json_int_t)r->created, "duplicates",
				   (json_int_t)r->duplicates, "rejected", (json_int_t)r->rejected);
	store_job_end(run->store, r->job, run->owner, r->cancelled ? "cancelled" : "done", result, NULL, run->now, on_done, &answer);
	int status = wait_for(run, &answer);
	json_decref(result);
	if (status == 0)
		*run->error = keep;
	return status;
}

/* ---- all of it ---- */

static void connect_store(struct run *run)
{
	unsigned char random[16];
	char name[64];
	hash_random(random, sizeof random);
	hash_hex(random, sizeof random, run->owner);
	snprintf(name, sizeof name, "nurture job %s", run->owner);
	run->store = store_new(run->import->loop, run->import->conninfo, name);
}

static int begin(struct run *run)
{
	connect_store(run);
	run->map = import_map_load(run->import->map_path, run->error);
	if (!run->map || open_file(run) || make_key(run) || load_playbook(run))
		return -1;
	run->reader = csv_reader_new(run->fd, import_map_separator(run->map));
	int got = csv_next(run->reader, run->arena, &run->header, run->error);
	if (got < 0)
		return -1;
	if (got == 0 || run->header.broken)
		return error_set(run->error, ERROR_INVALID, run->import->path, "the first line must name the columns%s%s", got ? ": " : ". The file is empty.",
				 got ? run->header.broken : "");
	return import_map_bind(run->map, &run->header, playbook_current_schema(run->playbook), run->error) || read_now(run) || find_job(run) ? -1 : 0;
}

static void finish(struct run *run)
{
	store_free(run->store);
	rejects_free(run->rejects);
	csv_reader_free(run->reader);
	import_map_free(run->map);
	playbook_current_free(run->playbook);
	arena_free(run->arena);
	arena_free(run->groups[0].arena);
	arena_free(run->groups[1].arena);
	if (run->fd >= 0)
		close(run->fd);
	free(run);
}

int import_run(const struct import *import, struct import_result *result, struct error *error)
{
	struct run *run = mem_alloc(sizeof *run);
	*result = (struct import_result){0};
	run->import = import;
	run->result = result;
	run->error = error;
	run->fd = -1;
	run->arena = arena_new();
	run->groups[0].arena = arena_new();
	run->groups[1].arena = arena_new();
	int status = begin(run);
	if (status == 0 && !result->done_before) {
		run->rejects = rejects_new(import->rejects, run->rejects_bytes);
		status = end_job(run, take_all(run));
	}
	finish(run);
	return status;
}
