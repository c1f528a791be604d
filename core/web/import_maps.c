/* /v1/import-maps/NAME: which column of a CSV file becomes which field, kept for POST /v1/imports?map=NAME. The keys are those of the maps of
 * `nurture import`, as JSON. Whether fields and columns exist is known with the file; until then only the shape is looked at. */
#include "web/context.h"

#include "model/import_shape.h"
#include "store/imports.h"

struct putting {
	struct web_request *req;
	json_t *map;
	const char *name;
};

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '-'))
			return false;
	return s.n > 0 && s.n <= 60;
}

static void on_put(void *arg, const struct error *error)
{
	struct putting *putting = arg;
	if (error)
		web_fail(putting->req, error);
	else
		http_reply_json(putting->req->http, 200, NULL, json_pack("{s:s, s:O}", "name", putting->name, "map", putting->map));
	json_decref(putting->map);
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct putting *putting = arg;
	if (error)
		on_put(putting, error);
	else
		store_import_map_put(putting->req->web->store, putting->name, putting->map, now, on_put, putting);
}

void web_import_map_put(struct web_request *req)
{
	struct error error;
	struct str name = req->args[0];
	if (!is_name(name)) {
		web_refuse(req, ERROR_INVALID, "name", "a map's name is small letters, digits and hyphens, at most 60.");
		return;
	}
	json_t *map = web_json_body(req);
	if (!map)
		return;
	if (import_shape_check(map, NULL, &error)) {
		json_decref(map);
		web_fail(req, &error);
		return;
	}
	struct putting *putting = arena_alloc(http_arena(req->http), sizeof *putting);
	*putting = (struct putting){req, map, arena_dup_n(http_arena(req->http), name.p, name.n)};
	web_now(req->web, on_time, putting);
}

static void on_dropped(void *arg, const struct error *error)
{
	struct web_request *req = arg;
	if (error)
		web_fail(req, error);
	else
		http_reply(req->http, 204, NULL, (struct str){0});
}

void web_import_map_drop(struct web_request *req)
{
	store_import_map_drop(req->web->store, arena_dup_n(http_arena(req->http), req->args[0].p, req->args[0].n), on_dropped, req);
}
