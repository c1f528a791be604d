/* Where the routes of the channel for letters are: see mail.h. */
#include "cli/mail.h"

#include "base/mem.h"

#include <string.h>

char *mail_path(const struct cli *cli, const char *rest)
{
	const char *name = cli_option(cli, "--channel");
	for (size_t i = 0; !name && i < cli->config->channel_count; i++)
		if (strcmp(cli->config->channels[i].plugin, "directmail") == 0)
			name = cli->config->channels[i].name;
	if (name)
		return mem_printf("/v1/channels/%s/%s", name, rest);
	(void)cli_refuse("the configuration has no channel for letters: channel \"letters\" { plugin = \"directmail\" }");
	return NULL;
}
