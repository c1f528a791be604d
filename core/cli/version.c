/* nurture version: what this is and what it is linked with. */
#include "cli/command.h"

#include <event2/event.h>
#include <jansson.h>
#include <libpq-fe.h>
#include <lua.h>
#include <sodium.h>

static int run(struct cli *cli)
{
	int pq = PQlibVersion();
	if (cli->json)
		return cli_print_json(json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "nurture", NURTURE_VERSION, "libevent", event_get_version(), "lua",
						LUA_RELEASE, "jansson", jansson_version_str(), "libsodium", sodium_version_string(), "libpq",
						json_sprintf("%d.%d", pq / 10000, pq % 10000)));
	printf("nurture %s\nlibevent %s, %s, libpq %d.%d, jansson %s, libsodium %s\n", NURTURE_VERSION, event_get_version(), LUA_RELEASE, pq / 10000,
	       pq % 10000, jansson_version_str(), sodium_version_string());
	return CLI_DONE;
}

extern const struct cli_command cli_version;
const struct cli_command cli_version = {
	.name = "version", .arguments = "", .summary = "Prints the version, and those of the libraries in use.", .json = true, .run = run,
};
