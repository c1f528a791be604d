/* An import from its beginning to its end: file, map, playbook, job; then the rows (import_rows.c).
 *
 *   read group → commit → job progress (rows, bytes of the rejects file) → … → job done */
#include "jobs/import_parts.h"

#include "base/hash.h"
#include "base/mem.h"
#include "playbook/current.h"
#include "playbook/site.h"
#include "store/revision.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the playbook's fields ---- */

struct loading {
	struct import_reply answer;
	struct importing *run;
};

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct loading *loading = arg;
	if (!error && revision && revision->activation)
		playbook_current_offer(loading->run->playbook, revision->activation, &revision->files);
	import_on_done(&loading->answer, error);
}

static int load_playbook(struct importing *run)
{
	struct loading loading = {.run = run};
	run->playbook = playbook_current_new(playbook_site_without_templates(run->import->config, run->arena), "import");
	store_revision_active(run->store, on_revision, &loading);
	if (import_wait_for(run, &loading.answer) && run->error->code != ERROR_NOT_FOUND)
		return -1;
	if (!playbook_current_get(run->playbook) && !run->suppress.name) /* of a list it only says of which country numbers are */
		return error_set(run->error, ERROR_NOT_FOUND, "playbook", "no playbook is published yet, so there are no fields to import into. Run: nurture publish DIR");
	return 0;
}

/* ---- the file ---- */

/* In messages: who posted a file does not know our name for it. */
static const char *name_of(const struct importing *run)
{
	return run->import->posted ? "file" : run->import->path;
}

static int open_file(struct importing *run)
{
	struct stat st;
	run->fd = open(run->import->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (run->fd < 0)
		return error_errno(run->error, name_of(run), "cannot open this file");
	if (fstat(run->fd, &st) || !S_ISREG(st.st_mode))
		return error_set(run->error, ERROR_INVALID, name_of(run), "this is not a regular file.");
	run->size = st.st_size;
	return 0;
}

/* A list is the same import by its kind, its column and its country. */
static struct str list_key(const struct importing *run)
{
	const char *column = run->import->column, *country = run->import->country;
	return str_of(arena_printf(run->arena, "suppress:%s%s%s%s%s", run->suppress.name, column ? ":" : "", column ? column : "",
				   country ? "\ncountry:" : "", country ? country : ""));
}

/* The hash of file and map: what is the same import when it is run again. Looks at the letters on the way. */
static int make_key(struct importing *run)
{
	char chunk[65536], hex[2 * 32 + 1];
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	struct str map = run->map ? import_map_text(run->map) : STR("columns");
	if (run->suppress.name)
		map = list_key(run);
	struct encoding_look look = {0};
	if (run->import->trial)
		map = str_of(arena_printf(run->arena, "trial:%.*s", STR_ARG(map)));
	ssize_t n;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)map.p, map.n);
	while ((n = read(run->fd, chunk, sizeof chunk)) != 0) {
		if (n < 0 && errno != EINTR)
			return error_errno(run->error, name_of(run), "cannot read this file");
		if (n < 0)
			continue;
		crypto_hash_sha256_update(&state, (const unsigned char *)chunk, (unsigned long long)n);
		encoding_look(&look, chunk, (size_t)n);
	}
	if (encoding_no_text(&look))
		return error_set(run->error, ERROR_INVALID, name_of(run), "%s", encoding_no_text(&look));
	run->encoding = encoding_tell(&look);
	bool named = run->map && !encoding_marked(&look) && import_map_encoding(run->map, &run->encoding);
	if (!named && encoding_in_doubt(&look))
		run->result->doubt = ENCODING_DOUBT;
	crypto_hash_sha256_final(&state, hash);
	hash_hex(hash, sizeof hash, hex);
	if (!run->import->posted)
		snprintf(run->key, sizeof run->key, "%.*s", KEY_DIGITS, hex);
	return lseek(run->fd, 0, SEEK_SET) < 0 ? error_errno(run->error, name_of(run), "cannot read this file again") : 0;
}

/* ---- all of it ---- */

static void connect_store(struct importing *run)
{
	unsigned char random[16];
	char name[64];
	hash_random(random, sizeof random);
	hash_hex(random, sizeof random, run->owner);
	snprintf(name, sizeof name, "nurture job %s", run->owner);
	run->store = store_new(run->import->loop, run->import->conninfo, name);
	run->bulk = store_new(run->import->loop, run->import->conninfo, name);
}

static int load_map(struct importing *run)
{
	const struct import *import = run->import;
	if (import->suppress || (import->posted && !import->rules))
		return 0; /* made when the columns are known */
	run->map = import->posted ? import_map_new(json_deep_copy(import->rules), "map", run->error) : import_map_load(import->map_path, run->error);
	return run->map ? 0 : -1;
}

/* Every column is the field of its name, in whatever letters; one without a name is nothing (spreadsheets write such at the end). */
static struct import_map *map_of_columns(const struct csv_row *header, struct arena *arena, struct error *error)
{
	json_t *rules = json_object(), *fields = json_object();
	for (size_t i = 0; i < header->count; i++) {
		struct str head = str_trim(header->cells[i]);
		char *name = arena_dup_n(arena, head.p, head.n);
		for (size_t k = 0; k < head.n; k++)
			name[k] = (char)(name[k] >= 'A' && name[k] <= 'Z' ? name[k] + ('a' - 'A') : name[k]);
		if (!head.n)
			continue;
		if (json_object_get(rules, name) || json_object_get(fields, name)) {
			json_decref(rules);
			json_decref(fields);
			(void)error_set(error, ERROR_INVALID, "columns", "the file has two columns \"%.80s\", and no map says which is meant.", name);
			return NULL;
		}
		if (strcmp(name, "email") == 0 || strcmp(name, "external_id") == 0 || strcmp(name, "phone") == 0)
			json_object_set_new(rules, name, json_sprintf("{%s}", name));
		else
			json_object_set_new(fields, name, json_string(name));
	}
	json_object_set_new(rules, "fields", fields);
	return import_map_new(rules, "columns", error);
}

/* The columns, and what becomes of them. */
static int bind_columns(struct importing *run)
{
	int first = run->suppress.name ? import_suppress_bind(run) : 0;
	if (run->suppress.name) {
		run->first_is_value = first == 1;
		return first < 0 ? -1 : 0;
	}
	if (!run->map && !(run->map = map_of_columns(&run->header, run->arena, run->error)))
		return -1;
	const struct playbook *playbook = playbook_current_get(run->playbook);
	return import_map_bind(run->map, &run->header, playbook_current_schema(run->playbook), playbook ? playbook->country : "", run->error);
}

static int begin(struct importing *run)
{
	if (run->import->suppress && !import_suppress_kind(run->import->suppress, &run->suppress))
		return error_set(run->error, ERROR_INVALID, "suppress", "a list is of email, domain, phone, address or competitor, not \"%.40s\".", run->import->suppress);
	if (run->import->suppress && run->import->trial)
		return error_set(run->error, ERROR_INVALID, "suppress", "a list has no trial run: put in twice it adds nothing.");
	connect_store(run);
	if (load_map(run) || open_file(run) || make_key(run) || load_playbook(run))
		return -1;
	run->reader = csv_reader_new(run->fd, run->encoding, run->map ? import_map_separator(run->map) : '\0');
	int got = csv_next(run->reader, run->arena, &run->header, run->error);
	if (got < 0)
		return -1;
	if (got == 0 || run->header.broken)
		return error_set(run->error, ERROR_INVALID, name_of(run), "the first line must name the columns%s%s", got ? ": " : ". The file is empty.",
				 got ? run->header.broken : "");
	return bind_columns(run) || import_read_now(run) || import_find_job(run) ? -1 : 0;
}

static void begin_groups(struct importing *run)
{
	for (int i = 0; i < 2; i++) {
		struct import_group *group = &run->groups[i];
		group->arena = arena_new();
		group->refused = mem_array(GROUP_ROWS, sizeof *group->refused);
		group->rows = mem_array(GROUP_ROWS, sizeof *group->rows);
		group->sources = mem_array(GROUP_ROWS, sizeof *group->sources);
	}
}

static void end_groups(struct importing *run)
{
	for (int i = 0; i < 2; i++) {
		struct import_group *group = &run->groups[i];
		arena_free(group->arena);
		free(group->refused);
		free(group->rows);
		free(group->sources);
	}
}

static void finish(struct importing *run)
{
	store_free(run->bulk);
	store_free(run->store);
	rejects_free(run->rejects);
	csv_reader_free(run->reader);
	import_map_free(run->map);
	playbook_current_free(run->playbook);
	arena_free(run->arena);
	end_groups(run);
	if (run->fd >= 0)
		close(run->fd);
	free(run);
}

int import_run(const struct import *import, struct import_result *result, struct error *error)
{
	struct importing *run = mem_alloc(sizeof *run);
	*result = (struct import_result){.encoding = "utf-8", .changes = json_object()};
	run->import = import;
	run->result = result;
	run->error = error;
	run->fd = -1;
	run->arena = arena_new();
	snprintf(run->key, sizeof run->key, "%s", import->posted ? import->posted : ""); /* whatever fails from here on finds its job */
	begin_groups(run);
	int status = begin(run);
	if (status == 0 && !result->done_before && !result->cancelled) {
		run->rejects = import->rejects ? rejects_new(import->rejects, run->rejects_bytes, csv_separator(run->reader)) : NULL;
		status = import_end_job(run, import->trial ? import_trial_all(run) : run->suppress.name ? import_suppress_all(run) : import_take_all(run));
	}
	if (status && import->posted && (error->code == ERROR_INVALID || error->code == ERROR_NOT_FOUND || error->code == ERROR_LIMIT))
		import_fail_job(run);
	finish(run);
	return status;
}
