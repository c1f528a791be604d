/* The snapshot as JSON in a sealed memory file. */
#include "server/snapshot.h"

#include "base/mem.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *to_json(const struct snapshot *s)
{
	const struct config *config = s->config;
	json_t *says = json_array();
	for (size_t i = 0; i < config->channel_count; i++)
		json_array_append_new(says, config->channels[i].says ? json_incref(config->channels[i].says) : json_null());
	return json_pack("{s:O, s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:b, s:f, s:I, s:o, s:s, s:s, s:s, s:I}", "env", config->env, "path", text_or_null(config->path), "text", s->text,
			 "conninfo", s->conninfo, "data_dir", config->data_dir, "plugin_dir", config->plugin_dir, "public_url",
			 s->public_url, "playbook", text_or_null(config->playbook), "watch", config->watch, "time_scale", s->time_scale,
			 "generation", (json_int_t)s->generation, "says", says, "node_token", s->node.token, "node_before", s->node.before,
			 "listen", s->node.listen, "started_at", (json_int_t)s->node.started_at);
}

int snapshot_write(const struct snapshot *snapshot, int *fd, struct error *error)
{
	json_t *json = to_json(snapshot);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	int result = -1;
	json_decref(json);
	*fd = -1;
	if (!text)
		return error_set(error, ERROR_INVALID, NULL, "the configuration cannot be passed to workers: it is not UTF-8 text.");
	size_t n = strlen(text);
	*fd = memfd_create("nurture-snapshot", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd < 0 || write(*fd, text, n) != (ssize_t)n || fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL))
		error_errno(error, NULL, "cannot keep the configuration in memory");
	else
		result = 0;
	if (result && *fd >= 0)
		close(*fd);
	free(text);
	return result;
}

static void take_says(struct config *config, const json_t *says)
{
	for (size_t i = 0; i < config->channel_count; i++) {
		struct config_channel *channel = (struct config_channel *)&config->channels[i];
		json_t *said = json_array_get(says, i);
		channel->says = json_is_object(said) ? json_incref(said) : NULL;
	}
}

static struct config *take_config(json_t *json, struct error *error)
{
	static const char *const overrides[] = {"data_dir", "plugin_dir", "public_url", "playbook"};
	const char *text = json_string_value(json_object_get(json, "text"));
	struct config *config = config_parse_again(json_string_value(json_object_get(json, "path")), str_of(text), json_object_get(json, "env"), error);
	if (!config)
		return NULL;
	for (size_t i = 0; i < sizeof overrides / sizeof *overrides; i++) {
		const char *value = json_string_value(json_object_get(json, overrides[i]));
		if (value)
			config_override(config, overrides[i], value);
	}
	config->watch = json_is_true(json_object_get(json, "watch"));
	take_says(config, json_object_get(json, "says"));
	return config;
}

static char *take_text(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	return mem_dup(text ? text : "");
}

int snapshot_read(int fd, struct snapshot_read *out, struct error *error)
{
	struct stat st;
	*out = (struct snapshot_read){0};
	if (fstat(fd, &st))
		return error_errno(error, NULL, "cannot read what the master says");
	char *text = mem_alloc((size_t)st.st_size + 1);
	json_t *json = pread(fd, text, (size_t)st.st_size, 0) == st.st_size ? json_loads(text, 0, NULL) : NULL;
	free(text);
	if (!json || !json_is_string(json_object_get(json, "text")))
		error_set(error, ERROR_INVALID, NULL, "what the master says cannot be read: workers are started by nurture serve only.");
	else
		out->config = take_config(json, error);
	if (out->config) {
		out->conninfo = take_text(json, "conninfo");
		out->node_token = take_text(json, "node_token");
		out->node_before = take_text(json, "node_before");
		out->listen = take_text(json, "listen");
		out->started_at = json_integer_value(json_object_get(json, "started_at"));
		out->time_scale = json_number_value(json_object_get(json, "time_scale"));
		out->generation = json_integer_value(json_object_get(json, "generation"));
	}
	json_decref(json);
	return out->config ? 0 : -1;
}

void snapshot_fini(struct snapshot_read *read)
{
	config_free(read->config);
	free(read->conninfo);
	free(read->node_token);
	free(read->node_before);
	free(read->listen);
}
