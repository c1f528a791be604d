/* The plugin's face: the descriptor, its routes, and the desk's life. */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rank.h"

enum { CAPACITY = 200 };

static void desk_drain(void *self)
{
	struct desk *desk = self;
	desk->draining = true;
}

static void desk_close(void *self)
{
	struct desk *desk = self;
	sweep_end(desk);
	queue_end(desk);
	wishes_end(desk);
	give_end(desk);
	ending_end(desk);
	news_end(desk);
	while (!LIST_EMPTY(&desk->askings))
		asking_free(LIST_FIRST(&desk->askings));
	settings_fini(&desk->settings);
	free(desk->paused);
	free(desk);
}

static int desk_open(const struct nurture_host *host, const json_t *object, const char *data_dir, void **self, struct nurture_problem *problem)
{
	struct settings settings;
	(void)data_dir;
	int refused = settings_read(&settings, object, problem);
	struct desk *desk = host && !refused ? calloc(1, sizeof *desk) : NULL;
	if (!desk) {
		settings_fini(&settings);
		return refused || host ? -1 : 0;
	}
	*desk = (struct desk){.host = host, .settings = settings};
	LIST_INIT(&desk->askings);
	LIST_INIT(&desk->entries);
	LIST_INIT(&desk->all_wishes);
	TAILQ_INIT(&desk->wishes);
	TAILQ_INIT(&desk->gifts);
	LIST_INIT(&desk->tellings);
	host->capacity(host->data, CAPACITY);
	news_begin(desk);
	ending_begin(desk);
	sweep_begin(desk);
	*self = desk;
	return 0;
}

/* What is written out must be what it will be read as; what Liquid fills in is looked at when it is there. */
static int check_template(const json_t *settings, const struct nurture_template *template, struct nurture_problem *problem)
{
	(void)settings;
	for (size_t i = 0; i < template->field_count; i++) {
		int64_t points;
		const struct nurture_field *field = &template->fields[i];
		if (strcmp(field->name, "points") != 0 || strchr(field->value, '{') || rank_points_read(field->value, &points))
			continue;
		snprintf(problem->where, sizeof problem->where, "points");
		snprintf(problem->message, sizeof problem->message, "points is a number, or Liquid that prints one: {{ score.nurture }}.");
		return -1;
	}
	return 0;
}

static const char *const fields[] = {"points", "language", "territory", NULL};

static const struct nurture_channel channel = {
	.size = sizeof channel, .kind = "call", .template_fields = fields, .body = "text", .open = desk_open, .deliver = queue_deliver, .cancel = queue_cancel,
	.drain = desk_drain, .close = desk_close, .check_template = check_template, .forget = desk_forget, .part = desk_part, .pauses = desk_pauses,
};

static const char *const callers[] = {"agent", "supervisor", "admin", NULL}, *const supervisors[] = {"supervisor", "admin", NULL};

static const struct nurture_route rows[] = {
	{.method = "POST", .path = "/calls/next", .scope = "write", .fn = route_next, .roles = callers},
	{.method = "POST", .path = "/calls/:call/heartbeat", .scope = "write", .fn = route_heartbeat, .roles = callers},
	{.method = "POST", .path = "/calls/:call/release", .scope = "write", .fn = route_release, .roles = callers},
	{.method = "POST", .path = "/calls/:call/outcome", .scope = "write", .fn = route_outcome, .roles = callers},
	{.method = "POST", .path = "/calls/release", .scope = "write", .fn = route_release_all, .roles = callers},
	{.method = "POST", .path = "/here", .scope = "write", .fn = route_here, .roles = callers},
	{.method = "GET", .path = "/status", .scope = "read", .fn = route_status, .roles = supervisors},
	{.method = "PUT", .path = "/agents/:agent", .scope = "admin", .fn = route_agent, .roles = supervisors},
	{.method = "GET", .path = "/lists", .scope = "read", .fn = route_lists, .roles = supervisors},
	{.method = "PUT", .path = "/lists/:list", .scope = "admin", .fn = route_list_put, .body = NURTURE_BODY_MOST},
	{.method = "GET", .path = "/agent", .scope = "write", .fn = route_page, .roles = callers, .title = "Calls"},
	{.method = "GET", .path = "/agent.js", .scope = "write", .fn = route_script, .roles = callers},
	{.method = "GET", .path = "/agent.css", .scope = "write", .fn = route_style, .roles = callers},
};
static const struct nurture_routes routes = {.size = sizeof routes, .route_size = sizeof *rows, .count = sizeof rows / sizeof *rows, .routes = rows};

NURTURE_EXPORT const struct nurture_plugin nurture_plugin = {
	.size = sizeof(struct nurture_plugin), .abi = NURTURE_PLUGIN_ABI, .name = "telemarketing", .version = "1.0", .licence = "LicenseRef-Nurture",
	.host_needs = sizeof(struct nurture_host), .channel = &channel, .routes = &routes, .migrations = &desk_migrations,
};
