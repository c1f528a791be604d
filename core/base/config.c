/* nurture.conf: a text of assignments and channel declarations, read by a Lua without power.
 *
 * The globals of the text are an empty table whose assignments and look-ups come to us: an assignment finds its row in
 * the table of options, checks the type, and remembers the line, so that a second one is refused. What came from env() is
 * remembered too, so that config_describe never prints it. Nothing here opens, makes or connects anything. */
#include "base/config.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/config_check.h"
#include "base/config_retention.h"
#include "base/luadata.h"
#include "base/mem.h"

#include <lauxlib.h>
#include <limits.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef NURTURE_LIBDIR
#define NURTURE_LIBDIR "lib"
#endif

enum { CHANNELS = 32, SECRETS = 64, LIST = 64 };

enum option_kind { OPTION_TEXT, OPTION_PATH, OPTION_YES_NO, OPTION_NUMBER, OPTION_TEXTS, OPTION_PATHS, OPTION_WORKERS, OPTION_RETENTION };

struct option {
	const char *name;
	enum option_kind kind;
	size_t offset;
	int low, high;   /* OPTION_NUMBER */
	bool fixed;      /* SIGHUP cannot change it */
	config_check_fn *check; /* a sentence when the text is wrong; NULL = any text */
};

#define AT(field) offsetof(struct config, field)
static const struct option options[] = {
	{"listen", OPTION_TEXT, AT(listen), .fixed = true, .check = config_check_listen},
	{"public_url", OPTION_TEXT, AT(public_url), .check = config_check_url},
	{"trusted_proxies", OPTION_TEXTS, AT(trusted_proxies), .check = config_check_network},
	{"machine_networks", OPTION_PATHS, AT(machine_networks), .fixed = false},
	{"proxy_networks", OPTION_PATHS, AT(proxy_networks), .fixed = false},
	{"data_dir", OPTION_PATH, AT(data_dir), .fixed = true},
	{"database", OPTION_TEXT, AT(database), .fixed = true, .check = config_check_database},
	{"database_owner", OPTION_TEXT, AT(database_owner), .fixed = true, .check = config_check_database},
	{"auto_migrate", OPTION_YES_NO, AT(auto_migrate), .fixed = false},
	{"playbook", OPTION_PATH, AT(playbook), .fixed = false},
	{"watch", OPTION_YES_NO, AT(watch), .fixed = false},
	{"connections_per_address", OPTION_NUMBER, AT(connections_per_address), .low = 1, .high = 1000000},
	{"workers", OPTION_WORKERS, 0, .low = 1, .high = 64},
	{"import_limit", OPTION_NUMBER, AT(import_limit), .low = 1, .high = 1000000},
	{"retention", OPTION_RETENTION, .fixed = false},
	{"session_idle", OPTION_NUMBER, AT(session_idle), .low = 1, .high = 1440},
	{"session_life", OPTION_NUMBER, AT(session_life), .low = 1, .high = 720},
	{"drain", OPTION_NUMBER, AT(drain), .low = 1, .high = 3600},
	{"watchdog", OPTION_NUMBER, AT(watchdog), .low = 2, .high = 3600},
	{"postal_address", OPTION_TEXT, AT(postal_address), .fixed = false},
	{"user", OPTION_TEXT, AT(user), .fixed = true},
	{"plugin_dir", OPTION_PATH, AT(plugin_dir), .fixed = false},
	{"log_level", OPTION_TEXT, AT(log_level), .check = config_check_level},
};
enum { OPTION_COUNT = sizeof options / sizeof *options };

struct reader {
	struct config config; /* first: what the caller holds */
	struct arena *arena;
	const char *path;     /* for errors */
	const json_t *given;  /* what env() reads; NULL = the environment */
	int lines[OPTION_COUNT];
	struct config_channel channels[CHANNELS];
	int channel_lines[CHANNELS];
	bool channel_open[CHANNELS];
	const char *secrets[SECRETS];
	size_t secret_count;
};

static void *slot(struct config *config, const struct option *option)
{
	return (char *)config + option->offset;
}

static const struct option *find_option(struct str name)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (str_is(name, options[i].name))
			return &options[i];
	return NULL;
}

static int refuse_unknown(lua_State *L, const char *name)
{
	const char *names[OPTION_COUNT + 2];
	for (size_t i = 0; i < OPTION_COUNT; i++)
		names[i] = options[i].name;
	names[OPTION_COUNT] = "channel";
	names[OPTION_COUNT + 1] = "env";
	const char *near = str_nearest(str_of(name), names, OPTION_COUNT + 2);
	if (near)
		return luadata_refuse(L, 0, "there is no option \"%.100s\". Did you mean \"%s\"?", name, near);
	return luadata_refuse(L, 0, "there is no option \"%.100s\".", name);
}

static const char *absolute(struct arena *arena, const char *path)
{
	char cwd[PATH_MAX];
	while (path[0] == '.' && path[1] == '/')
		path += 2;
	if (path[0] == '/')
		return arena_dup(arena, path);
	if (!getcwd(cwd, sizeof cwd))
		return arena_printf(arena, "/%s", path);
	return strcmp(path, ".") == 0 ? arena_dup(arena, cwd) : arena_printf(arena, "%s/%s", cwd, path);
}

/* ---- assignments ---- */

static const char *take_text(lua_State *L, int index, const struct option *option)
{
	struct reader *reader = luadata_arg(L);
	size_t n;
	if (lua_type(L, index) != LUA_TSTRING)
		luadata_refuse(L, 0, "%s must be a text in quotes, not %s.", option->name, luaL_typename(L, index));
	const char *s = lua_tolstring(L, index, &n);
	if (!str_is_text((struct str){s, n}))
		luadata_refuse(L, 0, "%s is not UTF-8 text or holds control characters.", option->name);
	bool is_path = option->kind == OPTION_PATH || option->kind == OPTION_PATHS;
	if (is_path && n == 0)
		luadata_refuse(L, 0, "%s is empty.", option->name);
	char why[256] = "";
	if (option->check && !option->check(s, why, sizeof why))
		luadata_refuse(L, 0, "%s %s", option->name, why);
	return is_path ? absolute(reader->arena, s) : arena_dup_n(reader->arena, s, n);
}

static int take_number(lua_State *L, int index, const struct option *option, const char *name)
{
	int exact = 0;
	lua_Integer n = lua_type(L, index) == LUA_TNUMBER ? lua_tointegerx(L, index, &exact) : 0;
	if (!exact || n < option->low || n > option->high)
		luadata_refuse(L, 0, "%s must be a whole number from %d to %d.", name, option->low, option->high);
	return (int)n;
}

static void take_texts(lua_State *L, int index, const struct option *option, struct config *config)
{
	struct reader *reader = luadata_arg(L);
	size_t n = lua_istable(L, index) ? lua_rawlen(L, index) : LIST + 1;
	if (n > LIST)
		luadata_refuse(L, 0, "%s must be a list of at most %d texts: { \"…\", \"…\" }.", option->name, LIST);
	const char **texts = arena_array(reader->arena, n + 1, sizeof *texts);
	for (size_t i = 0; i < n; i++) {
		lua_rawgeti(L, index, (lua_Integer)i + 1);
		texts[i] = take_text(L, -1, option);
		lua_pop(L, 1);
	}
	*(const char *const **)slot(config, option) = texts;
}

static void take_workers(lua_State *L, int index, const struct option *option, struct config *config)
{
	if (!lua_istable(L, index))
		luadata_refuse(L, 0, "workers must be { web = N, engine = N }.");
	lua_pushnil(L);
	while (lua_next(L, index)) {
		const char *role = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
		if (strcmp(role, "web") == 0)
			config->workers_web = take_number(L, lua_gettop(L), option, "workers.web");
		else if (strcmp(role, "engine") == 0)
			config->workers_engine = take_number(L, lua_gettop(L), option, "workers.engine");
		else
			luadata_refuse(L, 0, "workers knows web and engine, not \"%.40s\".", role);
		lua_pop(L, 1);
	}
}

static int on_assign(lua_State *L)
{
	struct reader *reader = luadata_arg(L);
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	const struct option *option = find_option(str_of(name));
	if (!option)
		return refuse_unknown(L, name);
	int *line = &reader->lines[option - options];
	if (*line)
		return luadata_refuse(L, 0, "%s is given twice (first on line %d).", name, *line);
	*line = luadata_line(L);
	struct config *config = &reader->config;
	switch (option->kind) {
	case OPTION_TEXT:
	case OPTION_PATH: *(const char **)slot(config, option) = take_text(L, 3, option); break;
	case OPTION_YES_NO:
		if (!lua_isboolean(L, 3))
			return luadata_refuse(L, 0, "%s must be true or false.", name);
		*(bool *)slot(config, option) = lua_toboolean(L, 3);
		break;
	case OPTION_NUMBER: *(int *)slot(config, option) = take_number(L, 3, option, name); break;
	case OPTION_TEXTS:
	case OPTION_PATHS: take_texts(L, 3, option, config); break;
	case OPTION_WORKERS: take_workers(L, 3, option, config); break;
	case OPTION_RETENTION: config_retention_take(L, 3, reader->arena, config); break;
	}
	return 0;
}

/* ---- words: channel, env, and options said before ---- */

static int on_env(lua_State *L)
{
	struct reader *reader = luadata_arg(L);
	if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING)
		return luadata_refuse(L, 0, "env takes one name: env(\"SMTP_PASSWORD\").");
	const char *name = lua_tostring(L, 1);
	const char *value = reader->given ? json_string_value(json_object_get(reader->given, name)) : getenv(name);
	if (!value)
		return luadata_refuse(L, 0, "the environment has no %.100s. Set it before nurture is started.", name);
	if (json_object_set_new(reader->config.env, name, json_string(value)))
		return luadata_refuse(L, 0, "the environment's %.100s is not UTF-8 text.", name);
	if (value[0] && reader->secret_count < SECRETS)
		reader->secrets[reader->secret_count++] = arena_dup(reader->arena, value);
	lua_pushstring(L, value);
	return 1;
}

static const char *take_setting(lua_State *L, json_t *settings, const char *key)
{
	struct reader *reader = luadata_arg(L);
	json_t *value = json_object_get(settings, key);
	if (!value)
		return NULL;
	if (!json_is_string(value))
		luadata_refuse(L, 0, "%s must be a text in quotes.", key);
	const char *text = arena_dup(reader->arena, json_string_value(value));
	json_object_del(settings, key);
	return text;
}

static int take_limit(lua_State *L, json_t *settings, const char *key, int otherwise, int low, int high)
{
	json_t *value = json_object_get(settings, key);
	if (!value)
		return otherwise;
	json_int_t n = json_integer_value(value);
	if (!json_is_integer(value) || n < low || n > high)
		luadata_refuse(L, 0, "%s must be a whole number from %d to %d.", key, low, high);
	json_object_del(settings, key);
	return (int)n;
}

static int on_channel_settings(lua_State *L)
{
	struct reader *reader = luadata_arg(L);
	int i = (int)lua_tointeger(L, lua_upvalueindex(1));
	struct config_channel *channel = &reader->channels[i];
	const char *why = NULL;
	if (!reader->channel_open[i])
		return luadata_refuse(L, 0, "channel \"%s\" has two pairs of braces.", channel->name);
	if (!lua_istable(L, 1))
		return luadata_refuse(L, 0, "after channel \"%s\" comes { plugin = \"…\", … }.", channel->name);
	channel->settings = lua_rawlen(L, 1) ? NULL : luadata_json(L, 1, &why);
	if (!json_is_object(channel->settings))
		return luadata_refuse(L, 0, "channel \"%s\": %s.", channel->name, why ? why : "every setting needs a name: relay = \"…\"");
	reader->channel_open[i] = false;
	channel->plugin = take_setting(L, channel->settings, "plugin");
	channel->in_doubt = take_setting(L, channel->settings, "in_doubt");
	channel->patience = take_limit(L, channel->settings, "patience", 900, 1, 3600);
	channel->memory = take_limit(L, channel->settings, "memory", 2048, 64, 1000000);
	if (!channel->plugin)
		return luadata_refuse(L, reader->channel_lines[i], "channel \"%s\" names no plugin. Add plugin = \"email\".", channel->name);
	if (!config_is_name(channel->plugin))
		return luadata_refuse(L, 0, "plugin \"%.60s\" is not a name: small letters, digits, hyphens.", channel->plugin);
	if (!channel->in_doubt)
		channel->in_doubt = "hold";
	if (strcmp(channel->in_doubt, "hold") != 0 && strcmp(channel->in_doubt, "resend") != 0)
		return luadata_refuse(L, 0, "in_doubt is \"hold\" or \"resend\", not \"%.40s\".", channel->in_doubt);
	return 0;
}

static int on_channel(lua_State *L)
{
	struct reader *reader = luadata_arg(L);
	size_t i = reader->config.channel_count;
	const char *name = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : "";
	if (!config_is_name(name))
		return luadata_refuse(L, 0, "a channel needs a name of small letters, digits and hyphens: channel \"email\" { … }.");
	if (i == CHANNELS)
		return luadata_refuse(L, 0, "there are more than %d channels.", CHANNELS);
	for (size_t k = 0; k < i; k++)
		if (strcmp(reader->channels[k].name, name) == 0)
			return luadata_refuse(L, 0, "there are two channels \"%s\" (first on line %d).", name, reader->channel_lines[k]);
	reader->channel_lines[i] = luadata_line(L);
	reader->channel_open[i] = true;
	reader->channels[i] = (struct config_channel){.name = arena_dup(reader->arena, name),
		.where = arena_printf(reader->arena, "%s:%d", reader->path, reader->channel_lines[i])};
	reader->config.channel_count++;
	lua_pushinteger(L, (lua_Integer)i);
	lua_pushcclosure(L, on_channel_settings, 1);
	return 1;
}

static int on_look_up(lua_State *L)
{
	struct reader *reader = luadata_arg(L);
	const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
	const struct option *option = find_option(str_of(name));
	if (strcmp(name, "channel") == 0)
		lua_pushcfunction(L, on_channel);
	else if (strcmp(name, "env") == 0)
		lua_pushcfunction(L, on_env);
	else if (option && option->kind <= OPTION_PATH && reader->lines[option - options])
		lua_pushstring(L, *(const char **)slot(&reader->config, option));
	else if (option)
		return luadata_refuse(L, 0, "%s has no value here: it is an option that is set with %s = ….", name, name);
	else
		return refuse_unknown(L, name);
	return 1;
}

/* ---- defaults ---- */

static const char *standard_plugin_dir(struct arena *arena)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	if (n <= 0)
		return "/usr/" NURTURE_LIBDIR "/nurture/plugins";
	exe[n] = '\0';
	for (int up = 0; up < 2; up++) { /* PREFIX/bin/nurture, BUILD/core/nurture */
		char *slash = strrchr(exe, '/');
		if (slash)
			*slash = '\0';
	}
	if (access(arena_printf(arena, "%s/CMakeCache.txt", exe), F_OK) == 0)
		return arena_printf(arena, "%s/plugins", exe);
	return arena_printf(arena, "%s/" NURTURE_LIBDIR "/nurture/plugins", exe);
}

static void fill_defaults(struct reader *reader)
{
	static const char *const none[] = {NULL};
	struct config *config = &reader->config;
	config->listen = "127.0.0.1:8080";
	config->trusted_proxies = config->machine_networks = config->proxy_networks = none;
	config->data_dir = geteuid() == 0 ? "/var/lib/nurture" : absolute(reader->arena, "var");
	config->auto_migrate = true;
	config->workers_web = config->workers_engine = 1;
	config->connections_per_address = 256;
	config->import_limit = 1024;
	config->anonymous_days = 90;
	config->session_idle = 120;
	config->session_life = 12;
	config->drain = 60;
	config->watchdog = 20;
	config->user = "nurture";
	config->log_level = "info";
	config->plugin_dir = standard_plugin_dir(reader->arena);
	config->channels = reader->channels;
	config->env = json_object();
}

static void finish(struct reader *reader)
{
	struct config *config = &reader->config;
	struct str url = str_of(config->public_url);
	if (!url.n)
		url = str_of(strncmp(config->listen, "unix:", 5) == 0 ? "http://localhost" : arena_printf(reader->arena, "http://%s", config->listen));
	while (url.n && url.p[url.n - 1] == '/')
		url.n--;
	config->public_url = arena_dup_n(reader->arena, url.p, url.n);
}

static struct reader *reader_new(const char *path)
{
	struct arena *arena = arena_new();
	struct reader *reader = arena_alloc(arena, sizeof *reader);
	reader->arena = arena;
	reader->path = path ? arena_dup(arena, path) : "nurture.conf";
	reader->config.path = path ? reader->path : NULL;
	fill_defaults(reader);
	return reader;
}

static void push_globals(lua_State *L)
{
	lua_newtable(L);
	lua_newtable(L);
	lua_pushcfunction(L, on_assign);
	lua_setfield(L, -2, "__newindex");
	lua_pushcfunction(L, on_look_up);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
}

static int read_text(struct reader *reader, struct str text, struct error *error)
{
	struct luadata *data = luadata_new(reader->path, reader);
	push_globals(luadata_state(data));
	int result = luadata_run(data, text, 0, error);
	for (size_t i = 0; result == 0 && i < reader->config.channel_count; i++)
		if (reader->channel_open[i])
			result = error_set(error, ERROR_INVALID, reader->channels[i].where,
					   "channel \"%s\" has no braces. Write channel \"%s\" { plugin = \"…\" }.", reader->channels[i].name,
					   reader->channels[i].name);
	if (result == 0 && reader->config.database_owner && !reader->config.database)
		result = error_set(error, ERROR_INVALID, reader->path, "database_owner says who migrates the database that database names, and there is no database.");
	luadata_free(data);
	return result;
}

struct config *config_parse_again(const char *path, struct str text, const json_t *env, struct error *error)
{
	struct reader *reader = reader_new(path);
	reader->given = env;
	if (read_text(reader, text, error)) {
		config_free(&reader->config);
		return NULL;
	}
	finish(reader);
	return &reader->config;
}

struct config *config_parse(const char *path, struct str text, struct error *error)
{
	return config_parse_again(path, text, NULL, error);
}

struct config *config_load(const char *path, struct error *error)
{
	if (!path)
		return config_parse(NULL, STR(""), error);
	size_t n = 0;
	char *text = luadata_read(path, &n, error);
	struct config *config = text ? config_parse(path, (struct str){text, n}, error) : NULL;
	free(text);
	return config;
}

void config_free(struct config *config)
{
	struct reader *reader = (struct reader *)config;
	if (!config)
		return;
	for (size_t i = 0; i < CHANNELS; i++)
		json_decref(reader->channels[i].settings), json_decref(reader->channels[i].says);
	json_decref(reader->config.env);
	arena_free(reader->arena);
}

void config_override(struct config *config, const char *name, const char *value)
{
	struct reader *reader = (struct reader *)config;
	const struct option *option = find_option(str_of(name));
	if (!option || option->kind > OPTION_PATH)
		abort();
	*(const char **)slot(config, option) =
		option->kind == OPTION_PATH ? absolute(reader->arena, value) : arena_dup(reader->arena, value);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

const char *config_fixed_difference(const struct config *running, const struct config *wanted)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (options[i].fixed && !same_text(*(const char **)slot((struct config *)running, &options[i]),
						   *(const char **)slot((struct config *)wanted, &options[i])))
			return options[i].name;
	return NULL;
}

/* ---- what it says, without secrets ---- */

static void put_masked(const struct reader *reader, struct buf *out, const char *text)
{
	char *masked = config_mask(text, reader->secrets, reader->secret_count);
	buf_printf(out, "\"%s\"", masked);
	free(masked);
}

static void put_setting(const struct reader *reader, struct buf *out, const char *key, const json_t *value)
{
	buf_printf(out, ", %s = ", key);
	if (config_is_secret_key(key)) {
		buf_puts(out, "\"***\"");
		return;
	}
	char *text = json_is_string(value) ? mem_dup(json_string_value(value)) : json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS);
	if (json_is_string(value)) {
		put_masked(reader, out, text);
	} else {
		char *masked = config_mask(text ? text : "", reader->secrets, reader->secret_count);
		buf_puts(out, masked);
		free(masked);
	}
	free(text);
}

static void put_option(const struct reader *reader, struct buf *out, const struct option *option)
{
	struct config *config = (struct config *)&reader->config;
	const char *text;
	buf_printf(out, "%s = ", option->name);
	switch (option->kind) {
	case OPTION_TEXT:
	case OPTION_PATH:
		text = *(const char **)slot(config, option);
		if (text)
			put_masked(reader, out, text);
		else
			buf_puts(out, "nil");
		break;
	case OPTION_YES_NO: buf_puts(out, *(bool *)slot(config, option) ? "true" : "false"); break;
	case OPTION_NUMBER: buf_printf(out, "%d", *(int *)slot(config, option)); break;
	case OPTION_RETENTION: config_retention_describe(config, out); break;
	case OPTION_WORKERS: buf_printf(out, "{ web = %d, engine = %d }", config->workers_web, config->workers_engine); break;
	case OPTION_TEXTS:
	case OPTION_PATHS:
		buf_puts(out, "{");
		for (const char *const *p = *(const char *const **)slot(config, option); *p; p++)
			buf_printf(out, " \"%s\",", *p);
		buf_puts(out, " }");
		break;
	}
	buf_putc(out, '\n');
}

bool config_has_channel(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->channel_count; i++)
		if (strcmp(config->channels[i].name, name) == 0)
			return true;
	return false;
}

char *config_describe(const struct config *config)
{
	const struct reader *reader = (const struct reader *)config;
	struct buf out = {0};
	for (size_t i = 0; i < OPTION_COUNT; i++)
		put_option(reader, &out, &options[i]);
	for (size_t i = 0; i < config->channel_count; i++) {
		const struct config_channel *channel = &config->channels[i];
		const char *key;
		json_t *value;
		buf_printf(&out, "channel \"%s\" { plugin = \"%s\", in_doubt = \"%s\", patience = %d, memory = %d", channel->name, channel->plugin,
			   channel->in_doubt, channel->patience, channel->memory);
		json_object_foreach(channel->settings, key, value)
			put_setting(reader, &out, key, value);
		buf_puts(&out, " }\n");
	}
	return buf_take(&out);
}
