/* POST /v1/imports?map=NAME: a CSV file is streamed to disk, and imported by the jobs role. Without a map the columns are named as the
 * fields. With trial=yes it is only told what the import would do ("trial" of GET /v1/imports/ID); with suppress=email, domain, phone, address or
 * competitor the file is a list of whom not to contact. What a map can say stands in etc/import-maps.md. 202 with the import's number when file and job are on disk; the same file with the same map again is the same import: 200.
 *
 *   head → token, type, map ─► body → spool (back-pressure) ─► file is there ─► its job is found or written ─► reply
 *
 * DELETE stops an import behind the group of rows at hand; what it did stays. Reading is in rows.c. */
#include "web/context.h"

#include "base/mem.h"
#include "model/import_shape.h"
#include "store/admin.h"
#include "web/spool.h"

#include <stdlib.h>

enum { UPLOADS = 8 /* at once, for each worker */, SLOWEST = 32 * 1024 /* bytes a second */ };

struct upload {
	struct web *web;
	struct http_request *http;
	struct web_request *req;  /* set when the body is complete */
	struct spool *spool;
	json_t *arguments;        /* of the job */
	char key[SPOOL_KEY];      /* "" until the file is there */
};

static void upload_free(struct upload *upload)
{
	upload->web->uploads--;
	spool_free(upload->spool);
	json_decref(upload->arguments);
	free(upload);
}

static void fail(struct upload *upload, int status, const struct error *error)
{
	http_reply_problem(upload->http, status, error);
	upload_free(upload);
}

/* ---- the job ---- */

static void reply(struct upload *upload, int status, int64_t id, const char *state)
{
	struct http_header headers[] = {{"Location", str_of(arena_printf(http_arena(upload->http), "/v1/imports/%lld", (long long)id))}, {0}};
	http_reply_json(upload->http, status, headers,
			json_pack("{s:I, s:s, s:O}", "import", (json_int_t)id, "state", state, "bytes", json_object_get(upload->arguments, "bytes")));
	upload_free(upload);
}

static void on_created(void *arg, int64_t id, const struct error *error)
{
	struct upload *upload = arg;
	if (error)
		fail(upload, 0, error);
	else
		reply(upload, 202, id, "waiting");
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct upload *upload = arg;
	if (error)
		fail(upload, 0, error);
	else
		store_job_create(upload->web->store, "import", upload->arguments, NULL, now, on_created, upload);
}

static void on_earlier(void *arg, json_t *rows, const struct error *error)
{
	struct upload *upload = arg;
	json_t *row = json_array_get(rows, 0);
	const char *state = json_string_value(json_object_get(row, "state"));
	if (error)
		fail(upload, 0, error);
	else if (state && strcmp(state, "failed") != 0 && strcmp(state, "cancelled") != 0)
		reply(upload, 200, json_integer_value(json_object_get(row, "job_id")), state);
	else
		web_now(upload->web, on_time, upload);
}

static void find_job(struct upload *upload)
{
	const char *params[] = {"import", upload->key};
	json_object_set_new(upload->arguments, "key", json_string(upload->key));
	store_query(upload->web->store, "job_find", params, 2, on_earlier, upload);
}

/* ---- the body ---- */

static void on_file(void *arg, const char *key, const struct error *error)
{
	struct upload *upload = arg;
	if (error) {
		fail(upload, error->code == ERROR_LIMIT ? 507 : 0, error);
		return;
	}
	memcpy(upload->key, key, sizeof upload->key);
	if (upload->req)
		find_job(upload);
}

static void on_room(void *arg)
{
	struct upload *upload = arg;
	http_resume(upload->http);
}

static void on_chunk(struct http_request *http, struct str data, void *arg)
{
	struct upload *upload = http_data(http);
	(void)arg;
	if (!spool_write(upload->spool, data))
		http_pause(http);
}

static void on_aborted(struct http_request *http, void *arg)
{
	struct web_request *req = arg;
	struct upload *upload = http_data(http);
	if (req->asked)
		*req->asked = NULL;
	if (upload)
		upload_free(upload);
}

void web_imports_post(struct web_request *req)
{
	struct upload *upload = http_data(req->http);
	if (!upload) {
		web_refuse(req, ERROR_INVALID, "body", "send the file as the body, with Content-Type: text/csv.");
		return;
	}
	upload->req = req;
	if (upload->key[0])
		find_job(upload);
}

/* ---- the head ---- */

/* What the file's bytes are hashed with, as the import does (jobs/import.c, make_key): what makes it the same import. */
static char *make_seed(const struct http_params *query, const json_t *rules)
{
	struct str list = http_param(query, "suppress");
	char *map = rules ? json_dumps(rules, JSON_COMPACT | JSON_SORT_KEYS) : list.p ? mem_printf("suppress:%.*s", STR_ARG(list)) : mem_dup("columns");
	char *seed = http_param(query, "trial").p ? mem_printf("trial:%s", map) : mem_dup(map);
	free(map);
	return seed;
}

static void start(struct web_request *req, struct str name, json_t *rules)
{
	struct error error = {0};
	const struct http_params *query = http_query(req->http);
	struct str list = http_param(query, "suppress");
	struct upload *upload = mem_alloc(sizeof *upload);
	char *seed = make_seed(query, rules);
	*upload = (struct upload){.web = req->web, .http = req->http};
	req->web->uploads++;
	upload->arguments = json_pack("{s:I, s:o, s:O*, s:b, s:o*}", "bytes", (json_int_t)http_content_length(req->http), "map",
				      rules ? json_stringn(name.p, name.n) : json_null(), "rules", rules, "trial", http_param(query, "trial").p != NULL, "suppress",
				      list.p ? json_stringn(list.p, list.n) : NULL);
	upload->spool = spool_new(http_loop(req->http), req->web->worker->config->data_dir, http_content_length(req->http), str_of(seed),
				  (struct spool_events){on_room, on_file, upload}, &error);
	free(seed);
	if (!upload->spool) {
		fail(upload, 0, &error);
		return;
	}
	http_set_data(req->http, upload);
	http_resume(req->http);
}

struct asking {
	struct web_request *req;
};

static void on_map(void *arg, json_t *rows, const struct error *error)
{
	struct web_request *req = ((struct asking *)arg)->req;
	free(arg);
	if (!req)
		return;
	web_hold(req, NULL);
	struct str name = http_param(http_query(req->http), "map");
	if (error)
		web_fail(req, error);
	else if (!json_array_size(rows))
		web_refuse(req, ERROR_NOT_FOUND, "map", "there is no map \"%.*s\". PUT /v1/import-maps/NAME makes one.", STR_ARG(name));
	else
		start(req, name, json_object_get(json_array_get(rows, 0), "map"));
}

static int check_query(const struct http_params *query, struct error *error)
{
	static const char *const names[] = {"map", "trial", "suppress"};
	bool seen[3] = {false};
	struct str trial = http_param(query, "trial"), list = http_param(query, "suppress");
	for (size_t i = 0; i < query->count; i++) {
		size_t k = 0;
		while (k < 3 && !str_is(query->items[i].name, names[k]))
			k++;
		if (k == 3 || seen[k])
			return error_set(error, ERROR_INVALID, "query", "this address takes map=NAME, trial=yes and suppress=KIND, each once, not \"%.*s\".",
					 STR_ARG(query->items[i].name));
		seen[k] = true;
	}
	if (trial.p && !str_is(trial, "yes"))
		return error_set(error, ERROR_INVALID, "trial", "write trial=yes, or leave it out.");
	if (list.p && !import_shape_is_list(list))
		return error_set(error, ERROR_INVALID, "suppress", "a list is of email, domain, phone, address or competitor.");
	if (list.p && query->count > 1)
		return error_set(error, ERROR_INVALID, "suppress", "a list has neither a map nor a trial.");
	return 0;
}

static int check(struct web_request *req, int *status, struct error *error)
{
	struct str type = http_content_type(req->http);
	*status = 0;
	if (check_query(http_query(req->http), error))
		return -1;
	if (!str_is(type, "text/csv")) {
		*status = 415;
		return error_set(error, ERROR_INVALID, "Content-Type", "send text/csv; this is %.*s.", type.n ? (int)type.n : 7, type.n ? type.p : "nothing");
	}
	if (req->web->uploads >= UPLOADS)
		return error_set(error, ERROR_UNAVAILABLE, NULL, "%d files are coming in already. Try again later.", UPLOADS);
	return 0;
}

static void on_allowed(struct web_request *req)
{
	struct error error;
	int status;
	struct str name = http_param(http_query(req->http), "map");
	if (check(req, &status, &error)) {
		http_reply_problem(req->http, status, &error);
		return;
	}
	if (!name.p) {
		start(req, name, NULL);
		return;
	}
	struct asking *asking = mem_alloc(sizeof *asking);
	const char *params[] = {arena_dup_n(http_arena(req->http), name.p, name.n)};
	asking->req = req;
	web_hold(req, &asking->req);
	store_query(req->web->store, "import_map_get", params, 1, on_map, asking);
}

void web_imports_begin(struct web_request *req, struct http_plan *plan)
{
	plan->limit = (size_t)req->web->worker->config->import_limit << 20;
	plan->deadline_us += (int64_t)(http_content_length(req->http) / SLOWEST) * MOMENT_SECOND;
	plan->chunk = on_chunk;
	plan->aborted = on_aborted;
	plan->arg = req;
	if (http_content_length(req->http) > plan->limit) {
		plan->advice = arena_printf(http_arena(req->http), "That is import_limit = %d (MB) of nurture.conf: raise it, send the file in parts, or run nurture import"
					    " beside the server.", req->web->worker->config->import_limit);
		return; /* http refuses it */
	}
	http_pause(req->http);
	web_auth_check(req, on_allowed);
}

/* ---- cancelling ---- */

static void on_cancelled_row(void *arg, json_t *rows, const struct error *error)
{
	struct web_request *req = arg;
	if (error)
		web_fail(req, error);
	else
		http_reply_json(req->http, 200, NULL, json_incref(json_array_get(rows, 0)));
}

static const char *id_of(const struct web_request *req)
{
	return arena_dup_n(http_arena(req->http), req->args[0].p, req->args[0].n);
}

static void on_cancelled(void *arg, const struct error *error)
{
	struct web_request *req = arg;
	const char *params[] = {id_of(req)};
	if (error)
		web_fail(req, error);
	else
		store_query(req->web->store, "import_get", params, 1, on_cancelled_row, req);
}

static void on_import(void *arg, json_t *rows, const struct error *error)
{
	struct web_request *req = arg;
	if (error && error->code != ERROR_INVALID)
		web_fail(req, error);
	else if (error || !json_array_size(rows))
		web_refuse(req, ERROR_NOT_FOUND, "import", "there is no such import.");
	else
		store_job_cancel(req->web->store, json_integer_value(json_object_get(json_array_get(rows, 0), "import")), req->actor, on_cancelled, req);
}

void web_import_cancel(struct web_request *req)
{
	const char *params[] = {id_of(req)};
	store_query(req->web->store, "import_get", params, 1, on_import, req);
}
