/* The routes of plugins as rows like those of route.c: made at the start from what each channel's plugin says of itself (config_channel.says), so
 * that scopes, methods, limits and the matching of paths are the same for all. What is done with their requests is in pass.c. */
#include "web/context.h"

#include "base/mem.h"

#include <stdlib.h>

static enum http_method method_of(const char *name)
{
	enum http_method method = HTTP_GET;
	for (int m = 0; m < HTTP_METHODS; m++)
		if (strcmp(http_method_name((enum http_method)m), name) == 0)
			method = (enum http_method)m;
	return method;
}

static void add(struct web *web, const struct config_channel *channel, const json_t *says)
{
	struct web_channel_route *row = &web->channel_routes[web->channel_route_count++];
	char *pattern = mem_printf("/v1/channels/%s%s", channel->name, json_string_value(json_object_get(says, "path")));
	*row = (struct web_channel_route){
		.route = {.method = method_of(json_string_value(json_object_get(says, "method"))), .pattern = pattern, .handler = web_channel_pass,
			  .scope = web_scope_of(json_string_value(json_object_get(says, "scope"))),
			  .body_limit = (size_t)json_integer_value(json_object_get(says, "body"))},
		.channel = channel->name, .path = pattern + strlen("/v1/channels/") + strlen(channel->name), .headers = json_object_get(says, "headers"),
		.roles = json_object_get(says, "roles"), .title = json_string_value(json_object_get(says, "title"))};
}

void web_channel_routes_new(struct web *web)
{
	const struct config *config = web->worker->config;
	size_t count = 0, r = 0;
	json_t *says = NULL;
	for (size_t i = 0; i < config->channel_count; i++)
		count += json_array_size(json_object_get(config->channels[i].says, "routes"));
	web->channel_routes = mem_array(count, sizeof *web->channel_routes);
	for (size_t i = 0; i < config->channel_count; i++)
		json_array_foreach (json_object_get(config->channels[i].says, "routes"), r, says)
			add(web, &config->channels[i], says);
}

void web_channel_routes_free(struct web *web)
{
	for (size_t i = 0; i < web->channel_route_count; i++)
		free((char *)web->channel_routes[i].route.pattern);
	free(web->channel_routes);
}
