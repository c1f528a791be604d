/* nurture version: what this is, and the libraries that run with it: asked of each as it was loaded, not as it was compiled against. */
#include "cli/command.h"

#include <cmark-gfm.h>
#include <event2/event.h>
#include <gnu/libc-version.h>
#include <jansson.h>
#include <libpq-fe.h>
#include <lua.h>
#include <sodium.h>
#include <unicode/uversion.h>

enum { VERSION_TEXT = 64 };

static void say_libc(char out[VERSION_TEXT])
{
	snprintf(out, VERSION_TEXT, "%s", gnu_get_libc_version());
}

static void say_event(char out[VERSION_TEXT])
{
	snprintf(out, VERSION_TEXT, "%s", event_get_version());
}

/* "$LuaVersion: Lua 5.4.4  Copyright …" */
static void say_lua(char out[VERSION_TEXT])
{
	struct str rest = str_of(lua_ident);
	(void)str_cut(&rest, ' ');
	(void)str_cut(&rest, ' ');
	struct str number = str_cut(&rest, ' ');
	snprintf(out, VERSION_TEXT, "%.*s", STR_ARG(number));
}

static void say_jansson(char out[VERSION_TEXT])
{
	snprintf(out, VERSION_TEXT, "%s", jansson_version_str());
}

static void say_pq(char out[VERSION_TEXT])
{
	snprintf(out, VERSION_TEXT, "%d.%d", PQlibVersion() / 10000, PQlibVersion() % 10000);
}

static void say_sodium(char out[VERSION_TEXT])
{
	snprintf(out, VERSION_TEXT, "%s", sodium_version_string());
}

static void say_icu(char out[VERSION_TEXT])
{
	UVersionInfo version;
	u_getVersion(version);
	snprintf(out, VERSION_TEXT, "%d.%d", version[0], version[1]);
}

static void say_cmark(char out[VERSION_TEXT])
{
	snprintf(out, VERSION_TEXT, "%s", cmark_version_string());
}

static const struct {
	const char *name;
	void (*say)(char out[VERSION_TEXT]);
} libraries[] = {
	{"glibc", say_libc},   {"libevent", say_event},   {"lua", say_lua}, {"jansson", say_jansson},
	{"libpq", say_pq},     {"libsodium", say_sodium}, {"icu", say_icu}, {"cmark", say_cmark},
};

static int run(struct cli *cli)
{
	char text[VERSION_TEXT];
	json_t *json = json_pack("{s:s}", "nurture", NURTURE_VERSION);
	for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
		libraries[i].say(text);
		json_object_set_new(json, libraries[i].name, json_string(text));
	}
	if (cli->json)
		return cli_print_json(json);
	const char *name;
	json_t *version;
	json_object_foreach(json, name, version)
		printf("%-10s %s\n", name, json_string_value(version));
	json_decref(json);
	return CLI_DONE;
}

extern const struct cli_command cli_version;
const struct cli_command cli_version = {
	.name = "version", .arguments = "", .summary = "Prints the version, and those of the libraries in use.", .json = true, .run = run,
};
