/* GET /v1/export: leads as CSV or NDJSON, as `nurture export` writes them, a page a request, so that no client however slow holds memory or a
 * transaction.
 *   ?segment=NAME      only who is in it            ?fields=a,b       as the command takes them
 *   ?format=csv|ndjson (csv)                        ?limit=1…10000    rows of this page (1000)
 *   ?after=N           what the page before gave as header Nurture-Next; a page without that header is the last. Only the first page of a CSV has
 *                      the heading line, so that pages put behind each other are one file. */
#include "report/export.h"
#include "web/context.h"

#include <stdio.h>

enum { PAGE_MOST = 10000 };

struct exporting {
	struct web_request *req;
	struct export_shape shape;
	const char *after;
	int64_t limit;
};

static void on_rows(void *arg, json_t *rows, const struct error *error)
{
	struct exporting *e = arg;
	char next[24];
	struct http_header headers[4] = {{"Content-Type", e->shape.csv ? STR("text/csv; charset=utf-8") : STR("application/x-ndjson")},
					 {"Cache-Control", STR("no-store")}};
	if (error) {
		web_fail(e->req, error);
		return;
	}
	struct buf out = {0};
	if (!e->after)
		export_head(&e->shape, &out);
	int64_t last = export_rows(&e->shape, rows, &out);
	if ((int64_t)json_array_size(rows) == e->limit) {
		snprintf(next, sizeof next, "%lld", (long long)last);
		headers[2] = (struct http_header){"Nurture-Next", str_of(next)};
	}
	size_t n = out.n;
	http_reply_take(e->req->http, 200, headers, buf_take(&out), n);
}

static bool read_parameters(struct exporting *e)
{
	static const char *const known[] = {"segment", "fields", "format", "limit", "after"};
	const struct http_params *query = http_query(e->req->http);
	struct str limit = http_param(query, "limit"), after = http_param(query, "after");
	int64_t lead = 0;
	for (size_t i = 0; i < query->count; i++) {
		bool found = false;
		for (size_t k = 0; k < sizeof known / sizeof *known; k++)
			found = found || str_is(query->items[i].name, known[k]);
		if (found)
			continue;
		web_refuse(e->req, ERROR_INVALID, "query", "this address takes segment, fields, format, limit and after, not \"%.*s\".",
			   STR_ARG(query->items[i].name));
		return false;
	}
	e->limit = EXPORT_PAGE;
	if (limit.p && (!str_to_int(limit, &e->limit) || e->limit < 1 || e->limit > PAGE_MOST)) {
		web_refuse(e->req, ERROR_INVALID, "limit", "limit is a number from 1 to %d.", PAGE_MOST);
		return false;
	}
	if (after.p && (!str_to_int(after, &lead) || lead < 1)) {
		web_refuse(e->req, ERROR_INVALID, "after", "after is what an answer before gave as Nurture-Next.");
		return false;
	}
	e->after = after.p ? arena_dup_n(http_arena(e->req->http), after.p, after.n) : NULL;
	return true;
}

static bool read_shape(struct exporting *e)
{
	const struct playbook *playbook = web_playbook(e->req->web);
	const struct http_params *query = http_query(e->req->http);
	struct arena *arena = http_arena(e->req->http);
	struct str format = http_param(query, "format"), segment = http_param(query, "segment");
	size_t models_count = playbook ? playbook->model_count : 0, grades_count = playbook ? playbook->grades_count : 0;
	const char **models = arena_array(arena, models_count + 1, sizeof *models), **grades = arena_array(arena, grades_count + 1, sizeof *grades);
	struct export_names names = {.schema = web_schema(e->req->web), .models = models, .grades = grades};
	struct error error = {0};
	bool known = !segment.p;
	for (size_t i = 0; i < models_count; i++)
		models[i] = playbook->models[i].name;
	for (size_t i = 0; i < grades_count; i++)
		grades[i] = playbook->grades[i].name;
	for (size_t i = 0; playbook && !known && i < playbook->segment_count; i++)
		known = str_is(segment, playbook->segments[i].name);
	if (!known)
		web_refuse(e->req, ERROR_INVALID, "segment", "there is no segment \"%.*s\" in the active playbook.", STR_ARG(segment));
	else if (export_shape_read(&e->shape, format.p ? format : STR("csv"), http_param(query, "fields"), &names, arena, &error) < 0)
		web_fail(e->req, &error);
	return known && !error.code;
}

void web_export_get(struct web_request *req)
{
	struct exporting *e = arena_alloc(http_arena(req->http), sizeof *e);
	*e = (struct exporting){.req = req};
	if (!read_parameters(e) || !read_shape(e))
		return;
	struct str segment = http_param(http_query(req->http), "segment");
	const char *const params[] = {e->after, arena_printf(http_arena(req->http), "%lld", (long long)e->limit),
				      segment.p ? arena_dup_n(http_arena(req->http), segment.p, segment.n) : NULL, e->shape.scores ? "true" : "false"};
	store_query(req->web->store, "export_page", params, 4, on_rows, e);
}
