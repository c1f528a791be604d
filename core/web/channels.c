/* POST /v1/channels/{channel}/stop | resume: a person stops a channel, also in the middle of a batch, and lets it go on. 200 {"channel", "act", "changed"}.
 * 404: no such channel in the configuration. And what plugins tell of themselves, as figures of /metrics. */
#include "web/context.h"

#include "store/standing.h"

#include <string.h>

static void on_answer(void *arg, json_t *answer, const struct error *error)
{
	struct web_request *req = arg;
	if (error)
		web_fail(req, error);
	else
		http_reply_json(req->http, 200, NULL, json_incref(answer));
}

void web_channel_post(struct web_request *req)
{
	const char *name = arena_dup_n(http_arena(req->http), req->args[0].p, req->args[0].n);
	if (!config_has_channel(req->web->worker->config, name))
		web_refuse(req, ERROR_NOT_FOUND, "channel", "there is no such channel in the configuration.");
	else
		store_channel_stop(req->web->store, name, strcmp(req->route->detail, "resume") == 0, req->actor, on_answer, req);
}

/* ---- figures ---- */

static void put_label(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s=", name);
	buf_put_json(out, str_of(value));
}

/* nurture_KIND_NAME{channel="…",…} VALUE: the plugin's words were checked when it told them (channel/standing.c). */
static void put_figure(struct buf *out, const json_t *channel, json_t *figure)
{
	const char *label;
	json_t *value;
	buf_printf(out, "nurture_%s_%s{", json_string_value(json_object_get(channel, "kind")), json_string_value(json_object_get(figure, "name")));
	put_label(out, "channel", json_string_value(json_object_get(channel, "channel")));
	json_object_foreach (json_object_get(figure, "labels"), label, value) {
		buf_putc(out, ',');
		put_label(out, label, json_string_value(value));
	}
	buf_printf(out, "} %.15g\n", json_number_value(json_object_get(figure, "value")));
}

json_t *web_channels_configured(const struct config *config, json_t *channels)
{
	json_t *channel, *ours = json_array();
	size_t i;
	json_array_foreach (channels, i, channel)
		if (config_has_channel(config, json_string_value(json_object_get(channel, "channel"))))
			json_array_append(ours, channel);
	return ours;
}

static const char *metric_of(struct arena *arena, const json_t *channel, json_t *figure)
{
	return arena_printf(arena, "%s_%s", json_string_value(json_object_get(channel, "kind")), json_string_value(json_object_get(figure, "name")));
}

/* The rows of one metric stand together, of whatever channel: so the format wants it. */
void web_channel_figures(json_t *channels, struct buf *out)
{
	size_t i, j;
	json_t *channel, *figure, *rows;
	const char *metric;
	struct arena *arena = arena_new();
	json_t *metrics = json_object();
	json_array_foreach (channels, i, channel)
		json_array_foreach (json_object_get(json_object_get(channel, "standing"), "figures"), j, figure) {
			metric = metric_of(arena, channel, figure);
			if (!(rows = json_object_get(metrics, metric)))
				json_object_set_new(metrics, metric, rows = json_array());
			json_array_append_new(rows, json_pack("[O, O]", channel, figure));
		}
	json_object_foreach (metrics, metric, rows)
		json_array_foreach (rows, i, figure)
			put_figure(out, json_array_get(figure, 0), json_array_get(figure, 1));
	json_decref(metrics);
	arena_free(arena);
}
