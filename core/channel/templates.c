/* Templates looked at by the plugins of their channels, before a playbook is published. One child a channel: it loads the plugin, shows it the
 * templates one by one and answers with what is wrong, [{"file", "line", "message"}]. */
#include "base/mem.h"
#include "channel/ask.h"
#include "channel/plugin.h"
#include "playbook/playbook.h"

#include <stdlib.h>
#include <string.h>

enum { FRONT_MOST = 32 };

struct question {
	const char *path, *folder, *user; /* folder: "templates/email/" */
	const json_t *settings;
	const struct playbook_files *files;
};

/* A template's source, taken apart. The playbook's own check has found it well-formed. */
struct source {
	char *names[FRONT_MOST], *values[FRONT_MOST];
	struct nurture_field fields[FRONT_MOST];
	int lines[FRONT_MOST];
	size_t count;
	struct str body;
	int body_line;
};

static struct str without_quotes(struct str s)
{
	bool quoted = s.n > 1 && (*s.p == '"' || *s.p == '\'') && s.p[s.n - 1] == *s.p;
	return quoted ? (struct str){s.p + 1, s.n - 2} : s;
}

static void take_line(struct source *source, struct str line, int number)
{
	struct str value = line, name = str_trim(str_cut(&value, ':'));
	if (!str_trim(line).n || *line.p == '#' || !value.p || source->count == FRONT_MOST)
		return;
	value = without_quotes(str_trim(value));
	size_t i = source->count++;
	source->names[i] = mem_dup_n(name.p, name.n);
	source->values[i] = mem_dup_n(value.p, value.n);
	source->fields[i] = (struct nurture_field){source->names[i], source->values[i], value.n};
	source->lines[i] = number;
}

static void take_apart(struct source *source, struct str text)
{
	struct str rest = text;
	*source = (struct source){.body = text, .body_line = 1};
	if (!str_is(str_trim(str_cut(&rest, '\n')), "---"))
		return;
	for (int number = 2; rest.p; number++) {
		struct str line = str_cut(&rest, '\n');
		if (str_is(str_trim(line), "---")) {
			source->body = rest.p ? rest : STR("");
			source->body_line = number + 1;
			return;
		}
		take_line(source, line, number);
	}
}

static void source_fini(struct source *source)
{
	for (size_t i = 0; i < source->count; i++) {
		free(source->names[i]);
		free(source->values[i]);
	}
}

static int line_of(const struct source *source, const char *field)
{
	for (size_t i = 0; i < source->count; i++)
		if (strcmp(source->names[i], field) == 0)
			return source->lines[i];
	return *field ? 1 : source->body_line;
}

/* "templates/email/thanks.md" → "thanks". */
static char *name_of(const char *path, const char *folder)
{
	const char *name = path + strlen(folder);
	return mem_dup_n(name, strcspn(name, "."));
}

static void look(const struct nurture_plugin *plugin, const struct question *q, const struct playbook_file *file, json_t *wrong)
{
	struct nurture_problem problem = {.size = sizeof problem};
	struct source source;
	take_apart(&source, file->bytes);
	char *name = name_of(file->path, q->folder), *body = mem_dup_n(source.body.p, source.body.n);
	struct nurture_template template = {.size = sizeof template, .name = name, .fields = source.fields, .field_count = source.count,
					    .body = body, .body_length = source.body.n};
	if (plugin->channel->check_template(q->settings, &template, &problem)) {
		problem.where[sizeof problem.where - 1] = problem.message[sizeof problem.message - 1] = 0;
		json_t *row = json_pack("{s:s, s:i, s:s}", "file", file->path, "line", line_of(&source, problem.where), "message",
					*problem.message ? problem.message : "the channel's plugin refuses this template and does not say why.");
		json_array_append_new(wrong, row ? row : json_pack("{s:s, s:i, s:s}", "file", file->path, "line", 1, "message",
								   "the channel's plugin refuses this template in words that are not UTF-8."));
	}
	free(body);
	free(name);
	source_fini(&source);
}

static json_t *answer(const void *arg, struct error *error)
{
	const struct question *q = arg;
	const struct nurture_plugin *plugin = channel_plugin_load(q->path, error);
	if (!plugin || channel_ask_plainly(q->user, error))
		return NULL;
	json_t *wrong = json_array();
	for (size_t i = 0; channel_checks_templates(plugin) && i < q->files->count; i++)
		if (str_starts(str_of(q->files->files[i].path), str_of(q->folder)))
			look(plugin, q, &q->files->files[i], wrong);
	return wrong;
}

static void add(struct problems *problems, const char *plugin, const json_t *wrong)
{
	size_t i;
	json_t *row;
	char *context = mem_printf("as plugin \"%s\" sees it", plugin);
	json_array_foreach(wrong, i, row)
		problems_add(problems, PROBLEM_ERROR, (struct place){json_string_value(json_object_get(row, "file")),
				(int)json_integer_value(json_object_get(row, "line"))}, context, "%s", json_string_value(json_object_get(row, "message")));
	free(context);
}

static void ask_channel(const struct config *config, const struct config_channel *channel, const struct playbook_files *files, struct problems *problems)
{
	struct error error = {0};
	const char *kind = json_string_value(json_object_get(channel->says, "kind"));
	char *path = channel_plugin_path(config->plugin_dir, channel->plugin, &error), *folder = mem_printf("templates/%s/", kind);
	struct question q = {.path = path, .folder = folder, .user = config->user, .settings = channel->settings, .files = files};
	json_t *wrong = path ? channel_ask(path, answer, &q, ASK_SECONDS, &error) : NULL;
	if (wrong)
		add(problems, channel->plugin, wrong);
	else
		problems_add(problems, PROBLEM_ERROR, (struct place){"templates", 1}, "", "plugin \"%s\" could not look at its templates: %s",
			     channel->plugin, error.message);
	json_decref(wrong);
	free(folder);
	free(path);
}

void channel_check_templates(const struct config *config, const struct playbook_files *files, struct problems *problems)
{
	for (size_t i = 0; i < config->channel_count; i++)
		if (json_is_true(json_object_get(config->channels[i].says, "checks_templates")))
			ask_channel(config, &config->channels[i], files, problems);
}
