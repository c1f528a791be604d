/* Resources that are one named query: lists in pages, single objects. The query's name stands in the route. */
#include "web/context.h"

#include "base/mem.h"

#include <stdlib.h>

enum { PAGE = 100, PAGE_MAX = 1000 };

struct reading {
	struct web_request *req;
	int64_t limit;
	bool must_have; /* rows: a page without any is of a thing that is not there */
};

static void reply_none(struct web_request *req)
{
	web_refuse(req, ERROR_NOT_FOUND, NULL, "there is no such thing here.");
}

static void reply_one(struct web_request *req, json_t *rows)
{
	if (json_array_size(rows) == 0)
		reply_none(req);
	else
		http_reply_json(req->http, 200, NULL, json_incref(json_array_get(rows, 0)));
}

/* A full page has a next one, from its last row's cursor on. The cursor itself is not shown in the rows. */
static void reply_page(struct web_request *req, json_t *rows, int64_t limit)
{
	json_t *next = json_null(), *row;
	size_t i;
	if ((int64_t)json_array_size(rows) >= limit) {
		json_t *cursor = json_object_get(json_array_get(rows, json_array_size(rows) - 1), "cursor");
		next = cursor ? json_incref(cursor) : json_null();
	}
	json_array_foreach (rows, i, row)
		json_object_del(row, "cursor");
	http_reply_json(req->http, 200, NULL, json_pack("{s:O, s:o}", "items", rows, "next", next));
}

static bool is_single(const struct web_request *req)
{
	return str_ends(str_of(req->route->detail), STR("_get"));
}

/* The database refuses a value only where it is no number or no text: an address of nothing, or a cursor that is none. */
static void refuse_value(struct web_request *req)
{
	if (http_param(http_query(req->http), "after").p)
		web_refuse(req, ERROR_INVALID, "after", "after is what an answer before gave as next.");
	else
		reply_none(req);
}

static void on_rows(void *arg, json_t *rows, const struct error *error)
{
	struct reading *reading = arg;
	if (error && error->code == ERROR_INVALID)
		refuse_value(reading->req);
	else if (error)
		web_fail(reading->req, error);
	else if (is_single(reading->req))
		reply_one(reading->req, rows);
	else if (reading->must_have && json_array_size(rows) == 0)
		reply_none(reading->req);
	else
		reply_page(reading->req, rows, reading->limit);
}

/* Reads ?after= and ?limit=; false when the refusal is replied already. */
static bool read_page(struct web_request *req, const char **after, int64_t *limit)
{
	const struct http_params *query = http_query(req->http);
	for (size_t i = 0; i < query->count; i++) {
		struct str name = query->items[i].name;
		if (is_single(req) || !(str_is(name, "limit") || str_is(name, "after"))) {
			web_refuse(req, ERROR_INVALID, "query", "this address takes %s, not \"%.*s\".", is_single(req) ? "no parameters" : "after and limit",
				   STR_ARG(name));
			return false;
		}
	}
	struct str wanted = http_param(query, "limit"), from = http_param(query, "after");
	*limit = PAGE;
	if (wanted.p && (!str_to_int(wanted, limit) || *limit < 1 || *limit > PAGE_MAX)) {
		web_refuse(req, ERROR_INVALID, "limit", "limit is a number from 1 to %d.", PAGE_MAX);
		return false;
	}
	*after = from.p ? arena_dup_n(http_arena(req->http), from.p, from.n) : NULL;
	return true;
}

/* Runs the route's query with `first` and `second` (or nothing) before the page's two parameters. After a page there may be none; must_have is of the first. */
static void run(struct web_request *req, const char *first, const char *second, bool must_have)
{
	struct reading *reading = arena_alloc(http_arena(req->http), sizeof *reading);
	const char *params[4], *after = NULL;
	size_t count = 0;
	reading->req = req;
	if (!read_page(req, &after, &reading->limit))
		return;
	if (first)
		params[count++] = first;
	if (second)
		params[count++] = second;
	reading->must_have = must_have && !after;
	if (!is_single(req)) {
		params[count++] = after;
		params[count++] = arena_printf(http_arena(req->http), "%lld", (long long)reading->limit);
	}
	store_query(req->web->store, req->route->detail, params, count, on_rows, reading);
}

void web_rows(struct web_request *req)
{
	struct str arg = req->args[0];
	run(req, arg.p ? arena_dup_n(http_arena(req->http), arg.p, arg.n) : NULL, NULL, false);
}

static const char *names_of(const struct playbook *playbook, struct arena *arena)
{
	json_t *names = json_array();
	for (size_t i = 0; playbook && i < playbook->campaign_count; i++)
		json_array_append_new(names, json_string(playbook->campaigns[i].name));
	char *text = json_dumps(names, JSON_COMPACT);
	const char *out = arena_dup(arena, text);
	free(text);
	json_decref(names);
	return out;
}

/* Campaigns are there when the active playbook has them, entered or not, and when somebody ever entered them. */
void web_campaign_rows(struct web_request *req)
{
	struct arena *arena = http_arena(req->http);
	const struct playbook *playbook = web_playbook(req->web);
	struct str name = req->args[0];
	bool known = name.p && playbook && playbook_campaign(playbook, name);
	if (!name.p)
		run(req, names_of(playbook, arena), NULL, false);
	else
		run(req, arena_dup_n(arena, name.p, name.n), is_single(req) ? (known ? "true" : "false") : NULL, !known);
}

static void on_lead(struct web_request *req, int64_t lead_id)
{
	struct str second = req->args[1];
	run(req, arena_printf(http_arena(req->http), "%lld", (long long)lead_id), second.p ? arena_dup_n(http_arena(req->http), second.p, second.n) : NULL, second.p != NULL);
}

static void on_account(struct web_request *req, int64_t account_id)
{
	run(req, arena_printf(http_arena(req->http), "%lld", (long long)account_id), NULL, false);
}

void web_account_rows(struct web_request *req)
{
	web_find_account(req, req->args[0], on_account);
}

void web_lead_rows(struct web_request *req)
{
	web_find_lead(req, req->args[0], on_lead);
}
