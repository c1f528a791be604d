/* /healthz, /readyz, /metrics: for probes and Prometheus. No token; a reverse proxy keeps strangers away (samples in etc/). */
#include "web/context.h"

#include "base/mem.h"

#include <stdlib.h>

void web_health(struct web_request *req)
{
	struct http_header headers[] = {{"Content-Type", STR("text/plain; charset=utf-8")}, {"Cache-Control", STR("no-store")}, {0}};
	http_reply(req->http, 200, headers, STR("ok\n"));
}

/* ---- readiness: the database answers, a playbook is active and loads here, engines can work, no channel is faulted, and nodes agree ---- */

static const int64_t READY_PATIENCE = 3 * MOMENT_SECOND; /* probes wait about as long */

struct ready {
	struct web *web;
	struct web_request *req;    /* NULL: answered, since the database took too long; what still comes of it is thrown away */
	struct loop_timer *patience;
	json_t *differences, *troubles;
};

static const char *text(const json_t *row, const char *key)
{
	const char *value = json_string_value(json_object_get(row, key));
	return value ? value : "";
}

static void problem_of_playbook(const struct web *web, json_t *problems, bool known)
{
	const char *broken = web_revision_error(web->revision);
	if (!web_playbook(web) && known)
		json_array_append_new(problems, json_string("playbook: none is published (nurture publish DIR)"));
	if (broken)
		json_array_append_new(problems, json_sprintf("playbook: %s", broken));
}

static void problems_of_nodes(const json_t *differences, json_t *problems)
{
	size_t i;
	json_t *row;
	json_array_foreach (differences, i, row)
		json_array_append_new(problems, json_sprintf("node %s (%s): %s differs from node %s (%s)", text(row, "host"), text(row, "listen"),
							     text(row, "option"), text(row, "other_host"), text(row, "other_listen")));
}

static void problems_of_engines(const json_t *troubles, json_t *problems)
{
	size_t i;
	json_t *row;
	json_array_foreach (troubles, i, row)
		json_array_append_new(problems, json_sprintf("engine: %s: %s", text(row, "what"), text(row, "message")));
}

/* A channel that nobody can use is a problem. One that is held waits for a person, and stays a note: a load balancer that took the nodes away for it would take
 * the unsubscribing and the forms of all with them, and alarms have nurture_channel_held. */
static void problem_of_channel(const json_t *channel, json_t *problems, json_t *notes)
{
	const char *name = text(channel, "channel");
	size_t i;
	json_t *trouble;
	if (strcmp(text(channel, "state"), "faulted") == 0)
		json_array_append_new(problems, json_sprintf("channel %s: faulted: %s", name, text(channel, "reason")));
	if (text(channel, "held_at")[0])
		json_array_append_new(notes, json_sprintf("channel %s: held: %s", name, text(channel, "held_reason")));
	if (text(channel, "stopped_at")[0])
		json_array_append_new(notes, json_sprintf("channel %s: stopped by %s", name, text(channel, "stopped_by")));
	if (strcmp(text(channel, "state"), "down") == 0)
		json_array_append_new(notes, json_sprintf("channel %s: down: %s", name, text(channel, "reason")));
	json_array_foreach (json_object_get(json_object_get(channel, "standing"), "troubles"), i, trouble)
		json_array_append_new(notes, json_sprintf("channel %s: %s", name, json_string_value(trouble)));
}

static void answer(struct ready *ready, json_t *rows, const struct error *error)
{
	struct web_request *req = ready->req;
	const struct playbook *playbook = web_playbook(req->web);
	json_t *channel, *problems = json_array(), *notes = json_array(), *channels = rows ? web_channels_configured(req->web->worker->config, rows) : NULL;
	size_t i;
	if (error)
		json_array_append_new(problems, json_sprintf("database: %s", error->message));
	problem_of_playbook(req->web, problems, !error);
	json_array_foreach (channels, i, channel)
		problem_of_channel(channel, problems, notes);
	problems_of_nodes(ready->differences, problems);
	problems_of_engines(ready->troubles, problems);
	bool is_ready = json_array_size(problems) == 0;
	http_reply_json(req->http, is_ready ? 200 : 503, NULL,
			json_pack("{s:b, s:o, s:o, s:s?, s:I, s:O?}", "ready", is_ready, "problems", problems, "notes", notes, "revision", playbook ? playbook->revision : NULL,
				  "switched_off", (json_int_t)metrics_get(req->web->worker->metrics, METRIC_SWITCHED_OFF), "channels", channels));
	json_decref(channels);
	ready->req = NULL;
}

static void on_ready(void *arg, json_t *rows, const struct error *error)
{
	struct ready *ready = arg;
	if (ready->req)
		answer(ready, rows, error);
	json_decref(ready->differences);
	json_decref(ready->troubles);
	loop_timer_free(ready->patience);
	free(ready);
}

static void on_patience(void *arg)
{
	struct error silent;
	error_set(&silent, ERROR_UNAVAILABLE, NULL, "has not answered for %d s", (int)(READY_PATIENCE / MOMENT_SECOND));
	answer(arg, NULL, &silent);
}

static void on_troubles(void *arg, json_t *rows, const struct error *error)
{
	struct ready *ready = arg;
	if (error) {
		on_ready(ready, NULL, error);
		return;
	}
	ready->troubles = json_incref(rows);
	store_query(ready->web->store, "channel_states", NULL, 0, on_ready, ready);
}

static void on_nodes(void *arg, json_t *rows, const struct error *error)
{
	struct ready *ready = arg;
	if (error) {
		on_ready(ready, NULL, error);
		return;
	}
	ready->differences = json_incref(rows);
	store_query(ready->web->store, "engine_troubles", NULL, 0, on_troubles, ready);
}

void web_ready(struct web_request *req)
{
	struct error down;
	struct ready *ready = mem_alloc(sizeof *ready);
	*ready = (struct ready){.web = req->web, .req = req, .patience = loop_timer_new(req->web->worker->loop, on_patience, ready)};
	if (store_is_up(req->web->store)) {
		loop_timer_set(ready->patience, READY_PATIENCE);
		store_query(req->web->store, "node_differences", NULL, 0, on_nodes, ready);
		return;
	}
	error_set(&down, ERROR_UNAVAILABLE, NULL, "not connected");
	on_ready(ready, NULL, &down);
}

/* ---- figures: those of this node, and those of the channels while the database answers ---- */

static void put_touches(struct buf *out, const json_t *channel, const char *state)
{
	buf_puts(out, "nurture_channel_touches{channel=");
	buf_put_json(out, str_of(text(channel, "channel")));
	buf_printf(out, ",state=\"%s\"} %lld\n", state, (long long)json_integer_value(json_object_get(channel, state)));
}

static void put_held(struct buf *out, const json_t *channel)
{
	buf_puts(out, "nurture_channel_held{channel=");
	buf_put_json(out, str_of(text(channel, "channel")));
	buf_printf(out, "} %d\n", text(channel, "held_at")[0] != '\0');
}

static void write_channels(json_t *channels, struct buf *out)
{
	json_t *channel;
	size_t i;
	if (json_array_size(channels))
		buf_puts(out, "# HELP nurture_channel_touches touches that wait for a person (in_doubt) or for news of the channel (queued), on all nodes\n"
			      "# TYPE nurture_channel_touches gauge\n");
	json_array_foreach (channels, i, channel) {
		put_touches(out, channel, "in_doubt");
		put_touches(out, channel, "queued");
	}
	if (json_array_size(channels))
		buf_puts(out, "# HELP nurture_channel_held 1 = it waits for a person: nurture status says why\n# TYPE nurture_channel_held gauge\n");
	json_array_foreach (channels, i, channel)
		put_held(out, channel);
}

static void write_engines(const json_t *rows, struct buf *out)
{
	const json_t *held = json_object_get(json_array_get(rows, 0), "held");
	if (held)
		buf_printf(out, "# HELP nurture_enrollments_held enrollments whose step is gone or failed, on all nodes: they wait for a publish\n"
				"# TYPE nurture_enrollments_held gauge\nnurture_enrollments_held %lld\n"
				"# HELP nurture_accounts_failing accounts whose turn the database refuses, on all nodes: tried again\n"
				"# TYPE nurture_accounts_failing gauge\nnurture_accounts_failing %lld\n"
				"# HELP nurture_engine_troubles things that engines, on all nodes, try in vain for ten seconds and more (nurture status)\n"
				"# TYPE nurture_engine_troubles gauge\nnurture_engine_troubles %lld\n",
			   (long long)json_integer_value(held), (long long)json_integer_value(json_object_get(json_array_get(rows, 0), "accounts_failing")),
			   (long long)json_integer_value(json_object_get(json_array_get(rows, 0), "troubles")));
}

struct figures {
	struct web_request *req;
	struct buf out;
};

static void on_engines(void *arg, json_t *rows, const struct error *error)
{
	struct figures *figures = arg;
	struct http_header headers[] = {{"Content-Type", STR("text/plain; version=0.0.4; charset=utf-8")}, {0}};
	if (!error)
		write_engines(rows, &figures->out);
	size_t n = figures->out.n;
	http_reply_take(figures->req->http, 200, headers, buf_take(&figures->out), n);
	free(figures);
}

static void on_channels(void *arg, json_t *rows, const struct error *error)
{
	struct figures *figures = arg;
	if (error) {
		on_engines(figures, NULL, error);
		return;
	}
	json_t *channels = web_channels_configured(figures->req->web->worker->config, rows);
	write_channels(channels, &figures->out);
	web_channel_figures(channels, &figures->out);
	json_decref(channels);
	store_query(figures->req->web->store, "engine_figures", NULL, 0, on_engines, figures);
}

void web_metrics(struct web_request *req)
{
	struct error down;
	struct figures *figures = mem_alloc(sizeof *figures);
	*figures = (struct figures){.req = req};
	metrics_write(req->web->worker->metrics, &figures->out);
	if (store_is_up(req->web->store)) {
		store_query(req->web->store, "channel_states", NULL, 0, on_channels, figures);
		return;
	}
	error_set(&down, ERROR_UNAVAILABLE, NULL, "not connected");
	on_channels(figures, NULL, &down);
}
