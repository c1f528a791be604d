/* Reads the channel's settings: see settings.h. One row of a table a setting; a wrong one is named, with what to do. */
#include "settings_parts.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

typedef int read_fn(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);

int problem_set(struct nurture_problem *problem, const char *where, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	snprintf(problem->where, sizeof problem->where, "%s", where);
	vsnprintf(problem->message, sizeof problem->message, fmt, args);
	va_end(args);
	return -1;
}

/* The text of a setting, which is one line of UTF-8 and not empty. */
int settings_text(const char **out, const char *name, const json_t *value, struct nurture_problem *problem)
{
	*out = json_string_value(value);
	if (!*out || json_string_length(value) == 0)
		return problem_set(problem, name, "%s must be a text", name);
	for (const char *p = *out; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			return problem_set(problem, name, "%s must be one line without control characters", name);
	if (strlen(*out) != json_string_length(value))
		return problem_set(problem, name, "%s holds a NUL", name);
	return 0;
}

char *settings_path(const struct settings *s, const char *path)
{
	bool whole = g_path_is_absolute(path) || !s->data_dir;
	return whole ? g_strdup(path) : g_build_filename(s->data_dir, path, NULL);
}

/* Read when all else is: settings_relays.c. */
static int read_later(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	(void)s, (void)name, (void)value, (void)problem;
	return 0;
}

static int read_mailbox(struct mailbox *out, const char *name, const json_t *value, struct nurture_problem *problem)
{
	const char *text, *why;
	if (settings_text(&text, name, value, problem))
		return -1;
	if (!mailbox_parse(text, out, &why))
		return problem_set(problem, name, "%s \"%s\": %s; write \"Name <address>\"", name, text, why);
	return 0;
}

static int read_from(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	return read_mailbox(&s->from, name, value, problem);
}

static int read_reply_to(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	return read_mailbox(&s->reply_to, name, value, problem);
}

static int read_return_path(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	const char *text, *why;
	if (settings_text(&text, name, value, problem))
		return -1;
	if (!address_parse(text, &s->return_path, &why))
		return problem_set(problem, name, "%s \"%s\": %s", name, text, why);
	return 0;
}

int settings_number(uint32_t *out, const char *name, const json_t *value, uint32_t least, uint32_t most, struct nurture_problem *problem)
{
	json_int_t n = json_integer_value(value);
	if (!json_is_integer(value) || n < least || n > most)
		return problem_set(problem, name, "%s must be a whole number from %u to %u", name, least, most);
	*out = (uint32_t)n;
	return 0;
}

static int read_connections(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	return settings_number(&s->connections, name, value, 1, 1000, problem);
}

static int read_per_minute(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	return settings_number(&s->per_minute, name, value, 1, 10000000, problem);
}

static int read_warm_up(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	return settings_warm_up(&s->warm_up, name, value, problem);
}

int settings_tls(enum tls_policy *out, const char *name, const json_t *value, struct nurture_problem *problem)
{
	static const char *const words[] = {
		[TLS_OPPORTUNISTIC] = "opportunistic",
		[TLS_REQUIRE] = "require",
		[TLS_NONE] = "none",
	};
	const char *text = json_string_value(value);
	for (int i = 0; text && i < 3; i++)
		if (!strcmp(text, words[i])) {
			*out = (enum tls_policy)i;
			return 0;
		}
	return problem_set(problem, name, "%s must be \"opportunistic\", \"require\" or \"none\"", name);
}

static int read_tls(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	return settings_tls(&s->tls, name, value, problem);
}

int settings_tls_ca(char **out, const struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	const char *text;
	if (settings_text(&text, name, value, problem))
		return -1;
	g_free(*out);
	*out = settings_path(s, text);
	FILE *file = fopen(*out, "re");
	if (!file)
		return problem_set(problem, name, "%s: %s cannot be read", name, *out);
	fclose(file);
	return 0;
}

static int read_tls_ca(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	return settings_tls_ca(&s->tls_ca, s, name, value, problem);
}

static int read_helo(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	const char *text;
	struct address probe;
	if (settings_text(&text, name, value, problem))
		return -1;
	char *address = g_strdup_printf("x@%s", text);
	const char *why;
	bool good = address_parse(address, &probe, &why);
	g_free(address);
	if (!good)
		return problem_set(problem, name, "helo must be this machine's name in the DNS, or [address]");
	s->helo = g_strdup(probe.domain);
	return 0;
}

static const struct {
	const char *name;
	int seconds;
} deadlines[DEADLINES] = {
	[DEADLINE_CONNECT] = {"connect", 30},   [DEADLINE_GREETING] = {"greeting", 300},
	[DEADLINE_COMMAND] = {"command", 300},  [DEADLINE_DATA] = {"data", 120},
	[DEADLINE_BODY] = {"body", 180},        [DEADLINE_FINAL] = {"final", 600},
	[DEADLINE_IDLE] = {"idle", 60},
};

static int read_deadline(struct settings *s, const char *key, const json_t *value, struct nurture_problem *problem)
{
	const char *names[DEADLINES + 1] = {NULL};
	char where[128];
	snprintf(where, sizeof where, "deadlines.%.100s", key);
	for (int i = 0; i < DEADLINES; i++) {
		names[i] = deadlines[i].name;
		if (strcmp(key, names[i]) != 0)
			continue;
		double seconds = json_number_value(value);
		if (!json_is_number(value) || !(seconds >= 0.05 && seconds <= 3600))
			return problem_set(problem, where, "%s must be a number of seconds from 0.05 to 3600", where);
		s->deadlines[i] = (int64_t)(seconds * 1e6);
		return 0;
	}
	const char *nearest = text_nearest(key, names);
	return problem_set(problem, where, "there is no deadline \"%.100s\"%s%s%s", key, nearest ? "; did you mean \"" : "",
			   nearest ? nearest : "", nearest ? "\"?" : "");
}

static int read_deadlines(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	const char *key;
	json_t *each;
	if (!json_is_object(value))
		return problem_set(problem, name, "deadlines must be a table like { connect = 30, final = 600 }, in seconds");
	json_object_foreach((json_t *)value, key, each)
		if (read_deadline(s, key, each, problem))
			return -1;
	return 0;
}

enum { OPTIONS = 20 };
static const struct option {
	const char *name;
	read_fn *read;
	const char *must; /* what to say when it is missing; NULL = it may be */
} options[OPTIONS] = {
	{"relay", read_later, NULL},
	{"relays", read_later, NULL},
	{"from", read_from, "say who sends: from = \"Name <address>\""},
	{"reply_to", read_reply_to, NULL},
	{"return_path", read_return_path, NULL},
	{"bounces", settings_read_bounces, NULL},
	{"mailbox", settings_read_boxes, NULL},
	{"soft_bounces", settings_read_soft, NULL},
	{"ses", settings_read_ses, NULL},
	{"connections", read_connections, NULL},
	{"per_minute", read_per_minute, NULL},
	{"warm_up", read_warm_up, NULL},
	{"domains", settings_domains, NULL},
	{"retries", settings_retries, NULL},
	{"brake", settings_brake, NULL},
	{"tls", read_tls, NULL},
	{"tls_ca", read_tls_ca, NULL},
	{"helo", read_helo, NULL},
	{"deadlines", read_deadlines, NULL},
	{"dkim", settings_read_dkim, NULL},
};

int settings_unknown(const char *where, const char *key, const char *const names[], struct nurture_problem *problem)
{
	const char *nearest = text_nearest(key, names);
	if (nearest)
		return problem_set(problem, where, "there is no setting \"%.100s\"; did you mean \"%s\"?", key, nearest);
	return problem_set(problem, where, "there is no setting \"%.100s\"", key);
}

static int read_option(struct settings *s, const char *key, const json_t *value, struct nurture_problem *problem)
{
	const char *names[OPTIONS + 1] = {NULL};
	for (int i = 0; i < OPTIONS; i++) {
		names[i] = options[i].name;
		if (!strcmp(key, names[i]))
			return options[i].read(s, key, value, problem);
	}
	return settings_unknown(key, key, names, problem);
}

int settings_read(struct settings *out, const json_t *object, const char *data_dir, struct nurture_problem *problem)
{
	const char *key;
	json_t *value;
	*out = (struct settings){.connections = 20, .data_dir = data_dir, .retry = retry_standard, .brake = {.warn = 0.001, .slow = 0.002, .stop = 0.003},
				 .returns = {.soft_most = 5, .soft_days = 30}};
	for (int i = 0; i < DEADLINES; i++)
		out->deadlines[i] = deadlines[i].seconds * INT64_C(1000000);
	if (object && !json_is_object(object))
		return problem_set(problem, "", "the channel's settings must be a table");
	json_object_foreach((json_t *)object, key, value)
		if (read_option(out, key, value, problem))
			return -1;
	for (int i = 0; i < OPTIONS; i++)
		if (options[i].must && !json_object_get(object, options[i].name))
			return problem_set(problem, options[i].name, "%s", options[i].must);
	if (out->bounces.text[0] && out->return_path.text[0])
		return problem_set(problem, "return_path", "return_path and bounces both say where bounces go: say one of them");
	return settings_relays(out, object, problem);
}

void settings_fini(struct settings *s)
{
	g_free(s->path);
	for (size_t i = 0; i < s->server_count; i++)
		server_fini(&s->servers[i]);
	g_free(s->servers);
	for (size_t i = 0; i < s->domain_count; i++)
		g_free(s->domains[i].pattern);
	g_free(s->domains);
	g_free(s->tls_ca);
	g_free(s->helo);
	returns_settings_fini(&s->returns);
	mailbox_fini(&s->from);
	mailbox_fini(&s->reply_to);
	dkim_fini(&s->dkim);
}
