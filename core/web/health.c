/* /healthz, /readyz, /metrics: for probes and Prometheus. No token; a reverse proxy keeps strangers away (samples in etc/). */
#include "web/context.h"

void web_health(struct web_request *req)
{
	struct http_header headers[] = {{"Content-Type", STR("text/plain; charset=utf-8")}, {"Cache-Control", STR("no-store")}, {0}};
	http_reply(req->http, 200, headers, STR("ok\n"));
}

/* Ready = the database answers, a playbook is active and loads here, no channel is faulted, and nodes agree. */
static void on_ready(void *arg, json_t *rows, const struct error *error)
{
	struct web_request *req = arg;
	const struct web *web = req->web;
	const struct playbook *playbook = web_playbook(web);
	const char *broken = web_revision_error(web->revision);
	json_t *channel, *problems = json_array();
	size_t i;
	if (error)
		json_array_append_new(problems, json_sprintf("database: %s", error->message));
	if (!playbook && !error)
		json_array_append_new(problems, json_string("playbook: none is published (nurture publish DIR)"));
	if (broken)
		json_array_append_new(problems, json_sprintf("playbook: %s", broken));
	json_array_foreach (rows, i, channel)
		if (strcmp(json_string_value(json_object_get(channel, "state")) ?: "", "faulted") == 0)
			json_array_append_new(problems, json_sprintf("channel %s: faulted: %s", json_string_value(json_object_get(channel, "channel")),
								     json_string_value(json_object_get(channel, "reason")) ?: ""));
	bool ready = json_array_size(problems) == 0;
	http_reply_json(req->http, ready ? 200 : 503, NULL,
			json_pack("{s:b, s:o, s:s?, s:O?}", "ready", ready, "problems", problems, "revision", playbook ? playbook->revision : NULL,
				  "channels", rows));
}

void web_ready(struct web_request *req)
{
	if (!store_is_up(req->web->store)) {
		struct error down;
		error_set(&down, ERROR_UNAVAILABLE, NULL, "not connected");
		on_ready(req, NULL, &down);
		return;
	}
	store_query(req->web->store, "channel_states", NULL, 0, on_ready, req);
}

void web_metrics(struct web_request *req)
{
	struct buf out = {0};
	struct http_header headers[] = {{"Content-Type", STR("text/plain; version=0.0.4; charset=utf-8")}, {0}};
	metrics_write(req->web->worker->metrics, &out);
	size_t n = out.n;
	http_reply_take(req->http, 200, headers, buf_take(&out), n);
}
