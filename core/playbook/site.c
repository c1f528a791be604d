/* Channels and postal address of the configuration, as playbook_load wants them. */
#include "playbook/site.h"

static const char *const *field_names(const json_t *list, struct arena *arena)
{
	if (!json_is_array(list))
		return NULL;
	const char **names = arena_array(arena, json_array_size(list) + 1, sizeof *names);
	for (size_t i = 0; i < json_array_size(list); i++)
		names[i] = json_string_value(json_array_get(list, i));
	return names;
}

static struct playbook_site *make(const struct config *config, struct arena *arena)
{
	struct playbook_site *site = arena_alloc(arena, sizeof *site);
	struct playbook_channel *channels = arena_array(arena, config->channel_count + 1, sizeof *channels);
	for (size_t i = 0; i < config->channel_count; i++) {
		const struct config_channel *c = &config->channels[i];
		if (!c->says)
			continue;
		channels[site->channel_count++] = (struct playbook_channel){
			.name = c->name,
			.kind = json_string_value(json_object_get(c->says, "kind")),
			.body = json_string_value(json_object_get(c->says, "body")),
			.template_fields = field_names(json_object_get(c->says, "template_fields"), arena),
		};
	}
	site->channels = channels;
	site->postal_address = config->postal_address;
	site->now = mono_now;
	site->bell = &bell_of_thread;
	return site;
}

const struct playbook_site *playbook_site_of(const struct config *config, struct arena *arena)
{
	return make(config, arena);
}

const struct playbook_site *playbook_site_without_templates(const struct config *config, struct arena *arena)
{
	struct playbook_site *site = make(config, arena);
	site->no_templates = true;
	return site;
}

const struct playbook_site *playbook_site_with_pages(const struct config *config, struct arena *arena)
{
	struct playbook_site *site = make(config, arena);
	site->no_templates = site->pages = true;
	return site;
}
