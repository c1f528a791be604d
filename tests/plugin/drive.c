/* plugin_drive PLUGIN.so SETTINGS DATA_DIR [PATIENCE]: drives a channel plugin by the fake host, for the integration tests.
 *
 * Standard input: one JSON object a line, a touch: touch_id, address, name, fields {…}, and of the defaults below what
 * differs; `permit`: "yes" (default), "no", "once" (no when asked again), "never" or milliseconds; `cancel`: milliseconds after which the host wants it
 * back; {"sleep": ms} waits before the next line, {"wait": true} until all is complete, {"standing": true}
 * prints what the plugin said of itself; its notes of before are the JSON in $NURTURE_KEPT, or in the file $NURTURE_KEPT_IN, where they are written, too. Standard output: one object a
 * completed touch, in order of completion. With "--check" as DATA_DIR only the settings are looked at. Exit status 1 and
 * {"problem": …, "where": …} when the plugin refuses its settings; 3 when a touch is not complete PATIENCE ms after
 * the last line, or is completed twice. Touches beyond the plugin's capacity are not held back: tests want to press. */
#include "host.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOUCHES_MAX = 100000, FIELDS_MAX = 16, PATIENCE_S = 60 };

struct driven {
	struct nurture_handle handle;
	int64_t touch_id;
	json_t *order; /* the line */
	struct event *cancel;
	unsigned completions, asked;
	int64_t begun;
};

static struct host host;
static const struct nurture_channel *channel;
static void *self;
static struct driven touches[TOUCHES_MAX];
static size_t begun, ended;
static bool waiting;
static int64_t waits_for_all;

static int64_t machine_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static void on_complete(void *arg, struct nurture_handle handle, const struct nurture_result *result)
{
	struct driven *driven = &touches[handle.id];
	(void)arg;
	driven->completions++;
	json_t *line = json_pack("{sIssss?ss?sIsbss?sisI}", "touch_id", (json_int_t)driven->touch_id, "outcome",
				 host_outcome_name(result->outcome), "reason", result->reason, "remote_id",
				 result->remote_id, "until", (json_int_t)result->until, "untried", result->untried, "kind", result->kind, "completions",
				 (int)driven->completions, "ms", (json_int_t)((machine_us() - driven->begun) / 1000));
	if (!line) /* a reason that is no UTF-8: the plugin's fault, said so */
		line = json_pack("{sIss}", "touch_id", (json_int_t)driven->touch_id, "outcome", "not-utf8");
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(line);
	ended++;
	if (waiting && ended == begun)
		event_base_loopbreak(host.base);
}

static int64_t on_permit(void *arg, struct nurture_handle handle, bool *allowed)
{
	const json_t *permit = json_object_get(touches[handle.id].order, "permit");
	const char *word = json_string_value(permit);
	(void)arg;
	if (json_is_integer(permit))
		return json_integer_value(permit) * 1000;
	bool again = touches[handle.id].asked++ > 0;
	*allowed = !word || (strcmp(word, "no") != 0 && !(again && !strcmp(word, "once")));
	return word && !strcmp(word, "never") ? -1 : 0;
}

static void on_cancel(evutil_socket_t fd, short what, void *arg)
{
	struct driven *driven = arg;
	(void)fd, (void)what;
	channel->cancel(self, driven->handle);
}

static const char *text_of(const json_t *order, const char *key, const char *otherwise)
{
	const json_t *value = json_object_get(order, key);
	return value ? json_string_value(value) : otherwise;
}

static void deliver(json_t *order)
{
	struct driven *driven = &touches[begun];
	struct nurture_field fields[FIELDS_MAX];
	size_t count = 0;
	const char *key;
	json_t *value;
	json_object_foreach(json_object_get(order, "fields"), key, value)
		fields[count++] = (struct nurture_field){key, json_string_value(value), json_string_length(value)};
	*driven = (struct driven){
		.handle = {.id = begun, .generation = 7},
		.touch_id = json_integer_value(json_object_get(order, "touch_id")),
		.order = json_incref(order),
		.begun = machine_us(),
	};
	begun++;
	json_int_t cancel = json_integer_value(json_object_get(order, "cancel"));
	struct timeval tv = {cancel / 1000, cancel % 1000 * 1000};
	if (cancel) {
		driven->cancel = evtimer_new(host.base, on_cancel, driven);
		evtimer_add(driven->cancel, &tv);
	}
	struct nurture_touch touch = {
		.size = sizeof touch,
		.handle = driven->handle,
		.touch_id = driven->touch_id,
		.lead_id = 64,
		.kind = channel->kind,
		.template_name = text_of(order, "template", "thanks"),
		.campaign = text_of(order, "campaign", "nurture"),
		.step = "step",
		.address = text_of(order, "address", "jane@example.net"),
		.name = text_of(order, "name", "Jane Doe"),
		.purpose = text_of(order, "purpose", "marketing"),
		.attempt = json_is_integer(json_object_get(order, "attempt")) ? (uint32_t)json_integer_value(json_object_get(order, "attempt")) : 1,
		.now = host.table.now(host.data),
		.fields = fields,
		.field_count = count,
		.unsubscribe_url = text_of(order, "unsubscribe_url", "https://go.example.com/u/token"),
		.postal_address = text_of(order, "postal_address", "Example Ltd\n1 Main Street\nSpringfield"),
	};
	channel->deliver(self, &touch);
}

static void on_quiet(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what, (void)arg;
	event_base_loopbreak(host.base);
}

static void run_for(int64_t us)
{
	struct timeval tv = {us / 1000000, us % 1000000};
	struct event *timer = evtimer_new(host.base, on_quiet, NULL);
	evtimer_add(timer, &tv);
	event_base_dispatch(host.base);
	event_free(timer);
}

static void run_until_complete(void)
{
	waiting = true;
	if (ended < begun)
		run_for(waits_for_all);
	waiting = false;
}

/* {"standing": …, "held": …, "kept": …}: what the plugin said of itself so far. */
static void say_standing(void)
{
	json_t *line = json_pack("{sO?sssO?}", "standing", host.told, "held", host.held, "kept", host.kept);
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(line);
}

static void obey(json_t *order)
{
	if (json_object_get(order, "standing"))
		say_standing();
	else if (json_object_get(order, "wait"))
		run_until_complete();
	else if (json_object_get(order, "sleep"))
		run_for(json_integer_value(json_object_get(order, "sleep")) * 1000);
	else
		deliver(order);
}

static int refuse(const struct nurture_problem *problem)
{
	json_t *line = json_pack("{ssss}", "problem", problem->message, "where", problem->where);
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
	return 1;
}

int main(int argc, char **argv)
{
	struct nurture_problem problem = {.size = sizeof problem};
	char *line = NULL;
	size_t room = 0;
	if (argc < 4)
		return 2;
	void *object = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	const struct nurture_plugin *plugin = object ? dlsym(object, "nurture_plugin") : NULL;
	json_t *settings = json_loads(argv[2], 0, NULL);
	if (!plugin || plugin->abi != NURTURE_PLUGIN_ABI || !settings) {
		fprintf(stderr, "%s\n", object ? "no plugin, or no settings" : dlerror());
		return 2;
	}
	channel = plugin->channel;
	waits_for_all = (argc > 4 ? atoi(argv[4]) : PATIENCE_S * 1000) * INT64_C(1000);
	host_init(&host, on_complete, NULL);
	host.permit = on_permit;
	host.kept = getenv("NURTURE_KEPT") ? json_loads(getenv("NURTURE_KEPT"), 0, NULL) : NULL;
	host.keep_in = getenv("NURTURE_KEPT_IN");
	if (host.keep_in && !host.kept)
		host.kept = json_load_file(host.keep_in, 0, NULL);
	bool check = !strcmp(argv[3], "--check");
	bool refused = channel->open(check ? NULL : &host.table, settings, argv[3], &self, &problem);
	if (refused || check) {
		host_fini(&host);
		json_decref(settings);
		return refused ? refuse(&problem) : 0;
	}
	while (getline(&line, &room, stdin) > 0) {
		json_t *order = json_loads(line, JSON_ALLOW_NUL, NULL);
		if (!order) {
			fprintf(stderr, "not JSON: %s", line);
			return 2;
		}
		obey(order);
		json_decref(order);
	}
	run_until_complete();
	channel->drain(self);
	run_for(1000);
	run_until_complete();
	bool all = ended == begun;
	channel->close(self);
	host_closed(&host);
	run_for(1000);
	for (size_t i = 0; i < begun; i++) {
		all = all && touches[i].completions == 1;
		json_decref(touches[i].order);
		if (touches[i].cancel)
			event_free(touches[i].cancel);
	}
	host_fini(&host);
	json_decref(settings);
	free(line);
	return all ? 0 : 3;
}
