/* Routes as rows of a const table of a plugin's: checked once, when its file is loaded, so that everybody else may believe them. */
#include "channel/routes.h"

#include "base/str.h"

#include <stdbool.h>
#include <strings.h>

enum { PATH_MOST = 200, HEADERS_MOST = 20, TITLE_MOST = 100, BODY_STANDARD = 1 << 20 };
static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", NULL};
static const char *const scopes[] = {"public", "track", "read", "write", "admin", NULL};
static const char *const roles[] = {"agent", "supervisor", "owner", "marketing", "admin", NULL};
static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

enum { FIRST_ROW = offsetof(struct nurture_route, roles) }; /* as rows were when routes began */

static size_t count_of(const struct nurture_plugin *plugin)
{
	return plugin->routes ? plugin->routes->count : 0;
}

static const struct nurture_route *at(const struct nurture_plugin *plugin, size_t i)
{
	return (const struct nurture_route *)((const char *)plugin->routes->routes + i * plugin->routes->route_size);
}

/* What a plugin of before did not know stands behind its rows. */
static const char *const *roles_of(const struct nurture_plugin *plugin, const struct nurture_route *row)
{
	return plugin->routes->route_size >= offsetof(struct nurture_route, roles) + sizeof row->roles ? row->roles : NULL;
}

static const char *title_of(const struct nurture_plugin *plugin, const struct nurture_route *row)
{
	return plugin->routes->route_size >= offsetof(struct nurture_route, title) + sizeof row->title ? row->title : NULL;
}

/* What the server itself answers under a channel. */
static const char *const taken[] = {"/stop", "/resume", NULL};

static bool is_one_of(const char *word, const char *const *words)
{
	for (; word && *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

/* A segment of a path: "calls" or ":call". "." and ".." never come to a route. */
static bool is_segment(struct str segment)
{
	size_t colon = segment.n && segment.p[0] == ':';
	if (segment.n == colon || str_is(segment, ".") || str_is(segment, ".."))
		return false;
	for (size_t i = colon; i < segment.n; i++)
		if (!strchr(plain, segment.p[i]))
			return false;
	return true;
}

static const char *wrong_path(const char *path)
{
	if (!path || path[0] != '/' || strlen(path) > PATH_MOST)
		return "its path must begin with a slash and have at most 200 bytes";
	struct str rest = str_of(path + 1);
	int parameters = 0;
	while (rest.p) {
		struct str segment = str_cut(&rest, '/');
		if (!is_segment(segment))
			return "each part of its path has letters, digits, - _ and . only, or is a :name";
		parameters += segment.p[0] == ':';
	}
	if (is_one_of(path, taken))
		return "the server itself answers there";
	return parameters > NURTURE_PARAMETERS_MOST ? "its path has more than four :names" : NULL;
}

static const char *wrong_headers(const char *const *headers)
{
	size_t n = 0;
	for (; headers && headers[n]; n++) {
		const char *name = headers[n];
		if (!*name || strspn(name, plain) != strlen(name))
			return "it asks for a header whose name is none";
		if (strcasecmp(name, "authorization") == 0 || strcasecmp(name, "cookie") == 0)
			return "it asks for Authorization or Cookie, which are the server's";
		if (n >= HEADERS_MOST)
			return "it asks for more than 20 headers";
	}
	return NULL;
}

/* Which requests they take: names of parameters do not matter. */
static bool same_shape(const char *a, const char *b)
{
	struct str x = str_of(a + 1), y = str_of(b + 1);
	while (x.p && y.p) {
		struct str u = str_cut(&x, '/'), v = str_cut(&y, '/');
		if ((u.p[0] == ':') != (v.p[0] == ':') || (u.p[0] != ':' && !str_same(u, v)))
			return false;
	}
	return !x.p && !y.p;
}

static const char *wrong_people(const char *const *names, const char *title, const struct nurture_route *row)
{
	for (; names && *names; names++)
		if (!is_one_of(*names, roles))
			return "its roles are agent, supervisor, owner, marketing and admin";
	if (title && (strcmp(row->method, "GET") != 0 || strchr(row->path, ':')))
		return "only a GET without :names is a page with a title";
	return title && (!*title || strlen(title) > TITLE_MOST || !str_is_text(str_of(title))) ? "its title has 1 to 100 bytes of text" : NULL;
}

static const char *wrong_row(const struct nurture_plugin *plugin, size_t i)
{
	const struct nurture_route *row = at(plugin, i);
	if (!is_one_of(row->method, methods))
		return "its method must be GET, POST, PUT, PATCH or DELETE";
	const char *why = wrong_path(row->path);
	if (why || (why = wrong_headers(row->headers)))
		return why;
	if (!is_one_of(row->scope, scopes))
		return "its scope must be public, track, read, write or admin";
	if (!row->fn)
		return "it has no function";
	if ((why = wrong_people(roles_of(plugin, row), title_of(plugin, row), row)))
		return why;
	if (row->body > NURTURE_BODY_MOST)
		return "its body may have at most 16 MiB";
	for (size_t j = 0; j < i; j++)
		if (strcmp(at(plugin, j)->method, row->method) == 0 && same_shape(at(plugin, j)->path, row->path))
			return "another row takes the same requests";
	return NULL;
}

int channel_routes_check(const char *file, const struct nurture_plugin *plugin, struct error *error)
{
	const struct nurture_routes *routes = plugin->routes;
	if (!routes)
		return 0;
	if (routes->size < sizeof *routes || routes->route_size < FIRST_ROW || !routes->routes)
		return error_set(error, ERROR_INVALID, file, "its table of routes says %zu and %zu bytes, %zu and %zu are needed.", routes->size,
				 routes->route_size, sizeof *routes, (size_t)FIRST_ROW);
	if (routes->count > NURTURE_ROUTES_MOST)
		return error_set(error, ERROR_INVALID, file, "it has %zu routes, at most %d may be.", routes->count, NURTURE_ROUTES_MOST);
	for (size_t i = 0; i < routes->count; i++) {
		const char *why = wrong_row(plugin, i);
		if (why)
			return error_set(error, ERROR_INVALID, file, "route %zu (%.10s %.100s): %s.", i + 1, at(plugin, i)->method ? at(plugin, i)->method : "?",
					 at(plugin, i)->path ? at(plugin, i)->path : "?", why);
	}
	return 0;
}

static json_t *list_of(const char *const *words)
{
	json_t *list = json_array();
	for (; words && *words; words++)
		json_array_append_new(list, json_string(*words));
	return list;
}

json_t *channel_routes_describe(const struct nurture_plugin *plugin)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < count_of(plugin); i++) {
		const struct nurture_route *row = at(plugin, i);
		json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:s?}", "method", row->method, "path", row->path, "scope", row->scope, "body",
						      (int)(row->body ? row->body : BODY_STANDARD), "headers", list_of(row->headers), "roles",
						      list_of(roles_of(plugin, row)), "title", title_of(plugin, row)));
	}
	return rows;
}

const struct nurture_route *channel_route_find(const struct nurture_plugin *plugin, const char *method, const char *path)
{
	for (size_t i = 0; i < count_of(plugin); i++)
		if (strcmp(at(plugin, i)->method, method) == 0 && strcmp(at(plugin, i)->path, path) == 0)
			return at(plugin, i);
	return NULL;
}
