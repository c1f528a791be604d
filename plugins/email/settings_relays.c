/* "relay" and "relays": one way out, or several with weights. Called by settings.c when all else is read, for what a relay does not say the channel does. */
#include "settings_parts.h"

#include <stdio.h>
#include <string.h>

typedef int server_fn(struct settings *s, struct server *server, const char *where, const json_t *value, struct nurture_problem *problem);

static int read_weight(struct settings *s, struct server *server, const char *where, const json_t *value, struct nurture_problem *problem)
{
	(void)s;
	return settings_number(&server->weight, where, value, 1, 1000, problem);
}

static int read_connections(struct settings *s, struct server *server, const char *where, const json_t *value, struct nurture_problem *problem)
{
	(void)s;
	return settings_number(&server->connections, where, value, 1, 1000, problem);
}

static int read_per_minute(struct settings *s, struct server *server, const char *where, const json_t *value, struct nurture_problem *problem)
{
	(void)s;
	return settings_number(&server->per_minute, where, value, 1, 10000000, problem);
}

static int read_tls(struct settings *s, struct server *server, const char *where, const json_t *value, struct nurture_problem *problem)
{
	(void)s;
	return settings_tls(&server->tls, where, value, problem);
}

static int read_tls_ca(struct settings *s, struct server *server, const char *where, const json_t *value, struct nurture_problem *problem)
{
	return settings_tls_ca(&server->tls_ca, s, where, value, problem);
}

static int read_warm_up(struct settings *s, struct server *server, const char *where, const json_t *value, struct nurture_problem *problem)
{
	(void)s;
	return settings_warm_up(&server->warm_up, where, value, problem);
}

static int read_address(struct settings *s, struct server *server, const char *where, const json_t *value, struct nurture_problem *problem)
{
	const char *text;
	(void)s;
	if (settings_text(&text, where, value, problem))
		return -1;
	if (g_str_has_prefix(text, "maildir:"))
		return problem_set(problem, where, "a folder stands alone: write relay = \"maildir:FOLDER\"; relays are servers");
	return settings_read_server(server, where, text, problem);
}

enum { OPTIONS = 7 };
static const struct {
	const char *name;
	server_fn *read;
} options[OPTIONS] = {
	{"relay", read_address}, {"weight", read_weight}, {"connections", read_connections}, {"per_minute", read_per_minute},
	{"tls", read_tls},       {"tls_ca", read_tls_ca}, {"warm_up", read_warm_up},
};

static int read_option(struct settings *s, struct server *server, const char *where, const char *key, const json_t *value,
		       struct nurture_problem *problem)
{
	const char *names[OPTIONS + 1] = {NULL};
	char path[160];
	snprintf(path, sizeof path, "%s.%.60s", where, key);
	for (int i = 0; i < OPTIONS; i++) {
		names[i] = options[i].name;
		if (!strcmp(key, names[i]))
			return options[i].read(s, server, path, value, problem);
	}
	return settings_unknown(path, key, names, problem);
}

static int finish(struct settings *s, struct server *server, const char *where, struct nurture_problem *problem)
{
	for (size_t i = 0; i < s->server_count; i++)
		if (&s->servers[i] != server && !g_strcmp0(s->servers[i].name, server->name) && !g_strcmp0(s->servers[i].user, server->user))
			return problem_set(problem, where, "%s stands there twice: give it a weight instead", server->name);
	if (server->scheme == RELAY_SMTPS && server->tls == TLS_NONE)
		return problem_set(problem, "tls", "tls = \"none\" contradicts smtps://…, which is TLS from the first octet");
	return 0;
}

/* A text, or a table with `relay` and what is its own. */
static int add_server(struct settings *s, const char *where, const json_t *value, struct nurture_problem *problem)
{
	const char *key;
	json_t *each;
	if (s->server_count == SERVERS_MAX)
		return problem_set(problem, where, "there are more than %d relays", SERVERS_MAX);
	struct server *server = &s->servers[s->server_count++];
	*server = (struct server){.weight = 1, .connections = s->connections, .per_minute = s->per_minute, .tls = s->tls, .tls_ca = g_strdup(s->tls_ca),
				  .warm_up = s->warm_up};
	if (!json_is_object(value))
		return read_address(s, server, where, value, problem) ? -1 : finish(s, server, where, problem);
	json_object_foreach((json_t *)value, key, each)
		if (read_option(s, server, where, key, each, problem))
			return -1;
	if (!server->host)
		return problem_set(problem, where, "say where it is: { relay = \"smtp://user:password@host:587\", weight = 2 }");
	return finish(s, server, where, problem);
}

static int add_servers(struct settings *s, const json_t *list, struct nurture_problem *problem)
{
	size_t i;
	json_t *each;
	if (!json_is_array(list) || !json_array_size(list))
		return problem_set(problem, "relays", "relays must be a list like { { relay = \"smtp://a.example:587\", weight = 3 }, \"smtp://b.example\" }");
	json_array_foreach((json_t *)list, i, each) {
		char where[40];
		snprintf(where, sizeof where, "relays[%zu]", i + 1);
		if (add_server(s, where, each, problem))
			return -1;
	}
	return 0;
}

int settings_relays(struct settings *s, const json_t *object, struct nurture_problem *problem)
{
	const json_t *relay = json_object_get(object, "relay"), *relays = json_object_get(object, "relays");
	const char *text = json_string_value(relay);
	if (!relay && !relays)
		return problem_set(problem, "relay", "say where mail goes: relay = \"maildir:outbox\" or \"smtp://user:password@host:587\"");
	if (relay && relays)
		return problem_set(problem, "relays", "say relay or relays, not both");
	if (text && g_str_has_prefix(text, "maildir:") && text[8] && json_string_length(relay) == strlen(text)) {
		s->scheme = RELAY_MAILDIR;
		s->path = settings_path(s, text + 8);
		return 0;
	}
	s->servers = g_new0(struct server, SERVERS_MAX);
	if (relay ? json_is_object(relay) || add_server(s, "relay", relay, problem) : add_servers(s, relays, problem))
		return json_is_object(relay) ? problem_set(problem, "relay", "relay must be a text; several, or one with a table: relays = { { relay = … } }") : -1;
	s->scheme = s->servers[0].scheme;
	return 0;
}
