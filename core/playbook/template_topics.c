/* What each e-mail template is about: the `topic` of its front matter, for all who decide and render nothing (the engine, a simulation), for
 * they load no templates. Whether there is such a topic is template_compile.c's matter: what is none is about nothing here. */
#include "playbook/template_parts.h"

#include "base/map.h"

static const struct topic *find_topic(const struct playbook *playbook, struct str name)
{
	for (size_t i = 0; i < playbook->topic_count; i++)
		if (str_is(name, playbook->topics[i].name))
			return &playbook->topics[i];
	return NULL;
}

struct str template_front(struct str text, const char *name)
{
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = (struct str){text.p + 3, text.n - 3};
	if (!str_is(str_trim(str_cut(&text, '\n')), "---"))
		return STR("");
	while (text.p) {
		struct str value = str_trim(str_cut(&text, '\n'));
		if (str_is(value, "---"))
			break;
		if (!str_is(str_trim(str_cut(&value, ':')), name) || !value.p)
			continue;
		value = str_trim(value);
		bool quoted = value.n > 1 && (*value.p == '"' || *value.p == '\'') && value.p[value.n - 1] == *value.p;
		return quoted ? (struct str){value.p + 1, value.n - 2} : value;
	}
	return STR("");
}

struct map *template_topics(const struct playbook *playbook, const struct playbook_files *files, struct arena *arena)
{
	const struct str before = STR("templates/email/"), behind = STR(".md");
	struct map *topics = map_new();
	for (size_t i = 0; i < files->count; i++) {
		struct str path = str_of(files->files[i].path);
		if (!str_starts(path, before) || !str_ends(path, behind))
			continue;
		const struct topic *topic = find_topic(playbook, template_front(files->files[i].bytes, "topic"));
		struct str name = {path.p + before.n, path.n - before.n - behind.n};
		if (topic)
			map_put(topics, arena_str(arena, name), arena_dup(arena, topic->name));
	}
	return topics;
}

const char *playbook_template_topic(const struct playbook *playbook, struct str kind, struct str name)
{
	return playbook->topic_of && str_is(kind, "email") ? map_get(playbook->topic_of, name) : NULL;
}
