/* Showing and commanding in a child: see show.h. The answer comes through the pipe as base64, as what a plugin shows need not be text. */
#include "channel/show.h"

#include "base/mem.h"
#include "channel/ask.h"
#include "channel/plugin.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct question {
	const char *path, *data_dir, *user;
	const json_t *settings;
	const struct nurture_touch *touch; /* NULL: a command */
	size_t count;
	const char *const *words;
};

static void take(void *arg, const void *bytes, size_t n)
{
	buf_put(arg, bytes, n);
}

static char *encoded(const struct buf *bytes)
{
	size_t room = sodium_base64_encoded_len(bytes->n, sodium_base64_VARIANT_ORIGINAL);
	return sodium_bin2base64(mem_alloc(room), room, (const unsigned char *)bytes->p, bytes->n, sodium_base64_VARIANT_ORIGINAL);
}

static int ask(const struct nurture_plugin *plugin, const struct question *q, struct buf *out, struct nurture_problem *problem)
{
	const struct nurture_channel *c = plugin->channel;
	if (q->touch && NURTURE_HAS(c, show) && c->show)
		return c->show(q->settings, q->data_dir, q->touch, take, out, problem);
	if (!q->touch && NURTURE_HAS(c, command) && c->command)
		return c->command(q->settings, q->data_dir, q->count, q->words, take, out, problem);
	snprintf(problem->message, sizeof problem->message, "plugin \"%s\" %s", plugin->name, q->touch ? "has nothing to show." : "has no commands of its own.");
	return -1;
}

static json_t *answer(const void *arg, struct error *error)
{
	const struct question *q = arg;
	struct nurture_problem problem = {.size = sizeof problem};
	struct buf out = {0};
	const struct nurture_plugin *plugin = channel_plugin_load(q->path, error);
	if (!plugin || channel_ask_plainly(q->user, error))
		return NULL;
	int status = ask(plugin, q, &out, &problem);
	char *text = encoded(&out);
	json_t *said = status < 0 ? NULL : json_pack("{s:i, s:s}", "status", status, "bytes", text);
	problem.where[sizeof problem.where - 1] = problem.message[sizeof problem.message - 1] = 0;
	if (status < 0)
		error_set(error, ERROR_INVALID, problem.where, "%s", *problem.message ? problem.message : "the plugin refuses and does not say why.");
	free(text);
	buf_fini(&out);
	return said;
}

static int decode(const char *text, struct buf *out, struct error *error)
{
	size_t n = strlen(text), got = 0;
	unsigned char *bytes = mem_alloc(n + 1);
	int bad = sodium_base642bin(bytes, n + 1, text, n, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL);
	if (!bad)
		buf_put(out, bytes, got);
	free(bytes);
	return bad ? error_set(error, ERROR_SYSTEM, "", "the plugin's answer came broken.") : 0;
}

static int put(const struct config *config, const char *plugin, struct question *q, struct buf *out, int *status, struct error *error)
{
	char *path = channel_plugin_path(config->plugin_dir, plugin, error);
	q->path = path;
	q->data_dir = config->data_dir;
	q->user = config->user;
	json_t *said = path ? channel_ask(path, answer, q, q->touch ? ASK_SECONDS : ASK_COMMAND_SECONDS, error) : NULL;
	int result = said ? decode(json_string_value(json_object_get(said, "bytes")) ?: "", out, error) : -1;
	*status = (int)json_integer_value(json_object_get(said, "status"));
	json_decref(said);
	free(path);
	return result;
}

const struct config_channel *channel_of_kind(const struct config *config, const char *kind, struct error *error)
{
	for (size_t i = 0; i < config->channel_count; i++) {
		const char *says = json_string_value(json_object_get(config->channels[i].says, "kind"));
		if (says && strcmp(says, kind) == 0)
			return &config->channels[i];
	}
	error_set(error, ERROR_NOT_FOUND, "", "the configuration has no channel of kind \"%s\": channel \"%s\" { plugin = \"%s\", … }", kind, kind, kind);
	return NULL;
}

int channel_show(const struct config *config, const struct config_channel *channel, const struct nurture_touch *touch, struct buf *out, struct error *error)
{
	struct question q = {.settings = channel->settings, .touch = touch};
	int status;
	return put(config, channel->plugin, &q, out, &status, error);
}

int channel_show_message(const struct config *config, const struct touch *touch, const struct touch_content *content, struct arena *arena, struct buf *out,
			 struct error *error)
{
	struct channel_touch filled;
	char *kind = mem_dup_n(touch->kind.p, touch->kind.n);
	const struct config_channel *channel = channel_of_kind(config, kind, error);
	free(kind);
	channel_touch_fill(&filled, touch, content, arena);
	return channel ? channel_show(config, channel, &filled.touch, out, error) : -1;
}

int channel_command(const struct config *config, const char *plugin, const struct config_channel *channel, size_t count, const char *const *words,
		    struct buf *out, int *status, struct error *error)
{
	struct question q = {.settings = channel ? channel->settings : NULL, .count = count, .words = words};
	return put(config, plugin, &q, out, status, error);
}
