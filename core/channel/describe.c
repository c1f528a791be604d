/* What a plugin says of itself, and whether it takes its settings; asked in a child (ask.h). */
#include "channel/plugin.h"

#include "base/mem.h"
#include "channel/ask.h"
#include "channel/migrations.h"
#include "channel/routes.h"

#include <stdlib.h>
#include <string.h>

struct question {
	const char *path;
	const json_t *settings; /* NULL = do not ask */
	const char *data_dir, *user;
	const char *where;      /* file:line of the channel */
};

static json_t *describe(const struct nurture_plugin *p)
{
	json_t *fields = json_array();
	for (const char *const *f = p->channel->template_fields; *f; f++)
		json_array_append_new(fields, json_string(*f));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:o}", "name", p->name, "version", p->version, "licence", p->licence, "kind",
			 p->channel->kind, "body", p->channel->body, "checks_templates", channel_checks_templates(p), "template_fields", fields,
			 "routes", channel_routes_describe(p), "migrations", channel_migrations_describe(p, false));
}

static json_t *answer(const void *arg, struct error *error)
{
	const struct question *q = arg;
	struct nurture_problem problem = {.size = sizeof problem};
	const struct nurture_plugin *plugin = channel_plugin_load(q->path, error);
	if (!plugin || (q->user && channel_ask_plainly(q->user, error)))
		return NULL;
	if (!q->settings || plugin->channel->open(NULL, q->settings, q->data_dir, NULL, &problem) == 0)
		return describe(plugin) ?: (error_set(error, ERROR_INVALID, q->path, "what it says of itself is not UTF-8."), NULL);
	problem.where[sizeof problem.where - 1] = problem.message[sizeof problem.message - 1] = 0;
	error_set(error, ERROR_INVALID, q->where, "%s%s%s", problem.where, *problem.where ? ": " : "",
		  *problem.message ? problem.message : "the plugin refuses these settings and does not say why.");
	return NULL;
}

json_t *channel_plugin_describe(const char *path, struct error *error)
{
	return channel_ask(path, answer, &(struct question){.path = path}, ASK_START_SECONDS, error);
}

int channel_describe(struct config *config, struct error *error)
{
	for (size_t i = 0; i < config->channel_count; i++) {
		struct config_channel *channel = (struct config_channel *)&config->channels[i]; /* const for everybody else */
		struct error why = {0};
		char *path = channel_plugin_path(config->plugin_dir, channel->plugin, &why);
		struct question q = {.path = path, .settings = channel->settings, .data_dir = config->data_dir, .user = config->user, .where = channel->where};
		json_t *says = path ? channel_ask(path, answer, &q, ASK_START_SECONDS, &why) : NULL;
		free(path);
		if (!says)
			return error_set(error, why.code, channel->where, "channel \"%s\": %s%s%s", channel->name,
					 strcmp(why.where, channel->where) ? why.where : "", strcmp(why.where, channel->where) ? ": " : "", why.message);
		json_decref(channel->says);
		channel->says = says;
	}
	return 0;
}
