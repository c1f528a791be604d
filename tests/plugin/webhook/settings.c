/* The settings: each is a row of the table; what is not in it is refused by name. */
#include "webhook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SECRET_MIN = 16, TIMEOUT_MAX = 600, CONNECTIONS_MAX = 100 };

static int refuse(struct nurture_problem *problem, const char *where, const char *message)
{
	snprintf(problem->where, sizeof problem->where, "%s", where);
	snprintf(problem->message, sizeof problem->message, "%s", message);
	return -1;
}

static bool take_url(struct settings *settings, const json_t *value)
{
	const char *text = json_string_value(value);
	char *scheme = NULL, *user = NULL;
	CURLU *url = curl_url();
	bool good = text && url && !curl_url_set(url, CURLUPART_URL, text, 0) && !curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) &&
		    (!strcmp(scheme, "https") || !strcmp(scheme, "http")) && curl_url_get(url, CURLUPART_USER, &user, 0);
	curl_free(scheme);
	curl_free(user);
	curl_url_cleanup(url);
	settings->url = good ? strdup(text) : NULL;
	return settings->url;
}

static bool take_secret(struct settings *settings, const json_t *value)
{
	if (!json_is_string(value) || json_string_length(value) < SECRET_MIN)
		return false;
	settings->secret = strdup(json_string_value(value));
	return settings->secret;
}

static bool take_private(struct settings *settings, const json_t *value)
{
	settings->allow_private = json_is_true(value);
	return json_is_boolean(value);
}

static bool take_timeout(struct settings *settings, const json_t *value)
{
	settings->timeout = (long)json_integer_value(value);
	return json_is_integer(value) && settings->timeout >= 1 && settings->timeout <= TIMEOUT_MAX;
}

static bool take_connections(struct settings *settings, const json_t *value)
{
	json_int_t n = json_integer_value(value);
	settings->connections = (uint32_t)n;
	return n >= 1 && n <= CONNECTIONS_MAX;
}

static const struct option {
	const char *name;
	bool (*take)(struct settings *, const json_t *);
	const char *wants;
	bool needed;
} options[] = {
	{"url", take_url, "is where touches are posted to: \"https://example.com/hook\", without a user or a password in it.", true},
	{"secret", take_secret, "is what signatures are made with: a text of at least 16 characters, say env(\"HOOK_SECRET\").", true},
	{"allow_private", take_private, "is true or false: whether the URL may lead to addresses of a private network or of this machine.", false},
	{"timeout", take_timeout, "is how many seconds an answer may take: 1 to 600.", false},
	{"connections", take_connections, "is how many touches are on their way at once: 1 to 100.", false},
};
enum { OPTIONS = sizeof options / sizeof *options };

static int read_all(struct settings *settings, const json_t *object, struct nurture_problem *problem)
{
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)object, key, value) {
		size_t i = 0;
		while (i < OPTIONS && strcmp(options[i].name, key) != 0)
			i++;
		if (i == OPTIONS)
			return refuse(problem, key, "there is no such setting: write url, secret, allow_private, timeout or connections.");
		if (!options[i].take(settings, value))
			return refuse(problem, key, options[i].wants);
	}
	for (size_t i = 0; i < OPTIONS; i++)
		if (options[i].needed && !json_object_get(object, options[i].name))
			return refuse(problem, options[i].name, options[i].wants);
	return 0;
}

int settings_read(struct settings *settings, const json_t *object, struct nurture_problem *problem)
{
	*settings = (struct settings){.timeout = 30, .connections = 8};
	if (!read_all(settings, object, problem))
		return 0;
	settings_free(settings);
	return -1;
}

void settings_free(struct settings *settings)
{
	free(settings->url);
	free(settings->secret);
	*settings = (struct settings){0};
}
