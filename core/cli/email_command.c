/* nurture email dkim-key, nurture email check-domain: commands of the e-mail plugin (nurture_channel.command), run in a child. Here are their arguments only. */
#include "cli/command.h"

#include "base/mem.h"
#include "channel/show.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS = 8 };

/* The channel of that name, else the first of plugin "email". */
static const struct config_channel *choose(const struct cli *cli)
{
	const char *name = cli_option(cli, "--channel");
	for (size_t i = 0; i < cli->config->channel_count; i++) {
		const struct config_channel *channel = &cli->config->channels[i];
		if (name ? strcmp(channel->name, name) == 0 : strcmp(channel->plugin, "email") == 0)
			return channel;
	}
	return NULL;
}

static int ask(struct cli *cli, const char *word, const char *const *options)
{
	const char *words[WORDS] = {word};
	char *made[WORDS] = {NULL};
	size_t count = 1, first;
	struct buf out = {0};
	struct error error = {0};
	int status = CLI_FAILED;
	cli->config = config_load(cli->config_path, &error); /* plugins are not described: a key that the settings name may be what is to be made */
	if (!cli->config)
		return cli_fail(&error);
	if (cli->arg_count)
		words[count++] = cli->args[0];
	first = count;
	for (size_t i = 0; options[i]; i++)
		if (cli_option(cli, options[i]))
			words[count] = made[count] = mem_printf("%s=%s", options[i], cli_option(cli, options[i])), count++;
	const struct config_channel *channel = choose(cli);
	if (channel_command(cli->config, channel ? channel->plugin : "email", channel, count, words, &out, &status, &error))
		status = cli_fail(&error);
	else
		fwrite(out.p, 1, out.n, stdout);
	while (count-- > first)
		free(made[count]);
	buf_fini(&out);
	return status;
}

static int run_key(struct cli *cli)
{
	static const char *const options[] = {"--new", "--ed25519", "--domain", "--selector", NULL};
	return ask(cli, "dkim-key", options);
}

static int run_domain(struct cli *cli)
{
	static const char *const options[] = {"--server", NULL};
	return ask(cli, "check-domain", options);
}

extern const struct cli_command cli_email_key, cli_email_domain;
const struct cli_command cli_email_key = {
	.name = "email dkim-key", .arguments = "", .summary = "The DNS records of the keys that the channel signs with, or a new key.",
	.more = "nurture.conf: channel \"email\" { …, dkim = { domain = \"example.com\", selector = \"n1\", key = \"dkim.pem\" } }; a list of such signs with each.",
	.options = {
		{"--new", NULL, "FILE", "makes an RSA key of 2048 bits, in a file that only its owner reads"},
		{"--ed25519", NULL, NULL, "with --new: an Ed25519 key (to stand beside an RSA one)"},
		{"--domain", NULL, "DOMAIN", "with --new: whose key it shall be"},
		{"--selector", NULL, "NAME", "with --new: its name in the DNS (n1)"},
		{"--channel", NULL, "NAME", "of the configuration (else the first with plugin \"email\")"},
	},
	.run = run_key,
};
const struct cli_command cli_email_domain = {
	.name = "email check-domain", .arguments = "[DOMAIN]", .summary = "SPF, DKIM and DMARC of the sender's domain: looked up, compared with the configuration; says what to write into the DNS.",
	.more = "DOMAIN is that of the From address (else that of the channel's `from`). Exit status 1 when something is missing or not aligned.",
	.options = {
		{"--server", NULL, "ADDRESS[:PORT]", "asks this DNS server (IPv4) instead of the machine's"},
		{"--channel", NULL, "NAME", "of the configuration (else the first with plugin \"email\")"},
	},
	.most = 1, .run = run_domain,
};
