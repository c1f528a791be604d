/* What people may do, by their role: a row each. A route is theirs when its scope is among what their scope may, when its address begins as one of `also`,
 * or when it is a plugin's that names the role. */
#include "web/session.h"

static const struct role {
	const char *name;
	enum web_scope scope;
	const char *also[3]; /* NULL ends */
} roles[] = {
	{"agent", SCOPE_PUBLIC, {"/v1/letters/", NULL}}, /* the pages of channels that name agents, the code of a letter that a caller reads out, and nothing else */
	{"supervisor", SCOPE_READ, {"/v1/letters/", NULL}},
	{"owner", SCOPE_READ, {"/v1/letters/", NULL}},
	{"marketing", SCOPE_WRITE, {"/v1/playbook/", NULL}}, /* publishes without asking an admin */
	{"admin", SCOPE_ADMIN, {NULL}},
};

static const struct role *find(const char *name)
{
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (name && strcmp(roles[i].name, name) == 0)
			return &roles[i];
	return NULL;
}

enum web_scope web_role_scope(const char *role)
{
	const struct role *found = find(role);
	return found ? found->scope : SCOPE_PUBLIC;
}

static bool route_names(const struct web_route *route, const char *role)
{
	if (route->handler != web_channel_pass)
		return false;
	const json_t *names = ((const struct web_channel_route *)(const void *)route)->roles, *name = NULL;
	size_t i = 0;
	json_array_foreach (names, i, name)
		if (strcmp(json_string_value(name), role) == 0)
			return true;
	return false;
}

bool web_role_may(const char *role, const struct web_route *route)
{
	const struct role *found = find(role);
	if (!found)
		return false;
	for (size_t i = 0; found->also[i]; i++)
		if (str_starts(str_of(route->pattern), str_of(found->also[i])))
			return true;
	return route->scope == SCOPE_PERSON || web_scope_may(found->scope, route->scope) || route_names(route, role);
}
