/* Reads the arguments of a command against its entry: `--name value`, `--name=value`, `-m value`; `--` ends options. */
#include "cli/command.h"

#include <stdlib.h>
#include <unistd.h>

static const char standard_config[] = "/etc/nurture/nurture.conf";

static const struct cli_option common[] = {
	{"--config", "-c", "FILE", "the configuration (else $NURTURE_CONFIG, else /etc/nurture/nurture.conf)"},
	{"--help", "-h", NULL, "these words"},
	{"--json", NULL, NULL, "prints JSON"},
	{0},
};

const char *cli_option(const struct cli *cli, const char *name)
{
	for (int i = cli->given_count - 1; i >= 0; i--)
		if (strcmp(cli->given[i].name, name) == 0)
			return cli->given[i].value;
	return NULL;
}

const char *cli_option_at(const struct cli *cli, const char *name, int i)
{
	for (int k = 0; k < cli->given_count; k++)
		if (strcmp(cli->given[k].name, name) == 0 && i-- == 0)
			return cli->given[k].value;
	return NULL;
}

static void print_option(const struct cli_option *option, FILE *out)
{
	char head[64];
	snprintf(head, sizeof head, "%s%s%s%s%s", option->short_name ? option->short_name : "", option->short_name ? ", " : "", option->name,
		 option->value ? " " : "", option->value ? option->value : "");
	fprintf(out, "  %-24s %s\n", head, option->help);
}

void cli_help(const struct cli_command *command, FILE *out)
{
	fprintf(out, "usage: nurture %s %s%s[OPTIONS]\n\n%s\n", command->name, command->arguments, command->arguments[0] ? " " : "", command->summary);
	if (command->more)
		fprintf(out, "\n%s\n", command->more);
	fprintf(out, "\n");
	for (const struct cli_option *option = command->options; option->name; option++)
		print_option(option, out);
	for (const struct cli_option *option = common; option->name; option++)
		if (command->json || strcmp(option->name, "--json") != 0)
			print_option(option, out);
}

static bool is(const struct cli_option *option, struct str name)
{
	return str_is(name, option->name) || (option->short_name && str_is(name, option->short_name));
}

static const struct cli_option *find(const struct cli *cli, struct str name)
{
	for (const struct cli_option *option = cli->command->options; option->name; option++)
		if (is(option, name))
			return option;
	for (const struct cli_option *option = common; option->name; option++)
		if (is(option, name) && (cli->command->json || strcmp(option->name, "--json") != 0))
			return option;
	return NULL;
}

static int wrong(const struct cli *cli, const char *fmt, struct str name)
{
	fprintf(stderr, "nurture %s: ", cli->command->name);
	fprintf(stderr, fmt, STR_ARG(name));
	fprintf(stderr, "\nusage: nurture %s %s\n", cli->command->name, cli->command->arguments);
	return CLI_WRONG_USAGE;
}

static int unknown(const struct cli *cli, struct str name)
{
	const char *names[CLI_OPTIONS + 4];
	size_t count = 0;
	for (const struct cli_option *option = cli->command->options; option->name; option++)
		names[count++] = option->name;
	for (const struct cli_option *option = common; option->name; option++)
		names[count++] = option->name;
	const char *near = str_nearest(name, names, count);
	if (near && strcmp(near, "--json") == 0 && !cli->command->json)
		return wrong(cli, "%.*s: this command prints no data, so there is no --json.", name);
	if (!near)
		return wrong(cli, "there is no option %.*s.", name);
	fprintf(stderr, "nurture %s: there is no option %.*s. Did you mean %s?\n", cli->command->name, STR_ARG(name), near);
	return CLI_WRONG_USAGE;
}

static bool may_be_many(const struct cli_command *command, const char *name)
{
	struct str rest = str_of(command->many);
	while (rest.p)
		if (str_is(str_cut(&rest, ' '), name))
			return true;
	return false;
}

/* Reads the option at argv[*i]; moves *i onto its value when that is a word of its own. */
static int take_option(struct cli *cli, int argc, char **argv, int *i)
{
	struct str rest = str_of(argv[*i]);
	struct str name = rest.n > 2 && rest.p[1] == '-' ? str_cut(&rest, '=') : rest;
	const char *value = name.n < strlen(argv[*i]) ? rest.p : NULL;
	const struct cli_option *option = find(cli, name);
	if (!option)
		return unknown(cli, name);
	if (!option->value && value)
		return wrong(cli, "%.*s takes no value.", name);
	if (option->value && !value && (++*i >= argc || str_starts(str_of(argv[*i]), STR("--"))))
		return wrong(cli, "%.*s needs a value.", name);
	if (cli_option(cli, option->name) && !may_be_many(cli->command, option->name))
		return wrong(cli, "%.*s is given twice.", name);
	if (cli->given_count == CLI_GIVEN)
		return wrong(cli, "%.*s: too many options.", name);
	cli->given[cli->given_count++] = (struct cli_given){option->name, option->value ? (value ? value : argv[*i]) : ""};
	return CLI_DONE;
}

static void settle(struct cli *cli)
{
	cli->json = cli_option(cli, "--json") != NULL;
	cli->config_path = cli_option(cli, "--config");
	if (!cli->config_path)
		cli->config_path = getenv("NURTURE_CONFIG");
	if (!cli->config_path && access(standard_config, F_OK) == 0)
		cli->config_path = standard_config;
}

int cli_parse(struct cli *cli, int argc, char **argv, bool *help)
{
	bool over = false;
	*help = false;
	for (int i = 0; i < argc; i++) {
		if (!over && strcmp(argv[i], "--") == 0) {
			over = true;
		} else if (!over && argv[i][0] == '-' && argv[i][1]) {
			int status = take_option(cli, argc, argv, &i);
			if (status)
				return status;
		} else if (cli->arg_count == cli->command->most) {
			return wrong(cli, "\"%.*s\" is one argument too many.", str_of(argv[i]));
		} else {
			cli->args[cli->arg_count++] = argv[i];
		}
	}
	settle(cli);
	*help = cli_option(cli, "--help") != NULL;
	if (!*help && cli->arg_count < cli->command->least)
		return wrong(cli, "%.*s is missing.", str_of(cli->command->arguments));
	return CLI_DONE;
}

int cli_number(const char *what, const char *text, int64_t low, int64_t high, int64_t *out)
{
	if (text && str_to_int(str_of(text), out) && *out >= low && *out <= high)
		return 0;
	if (high == INT64_MAX)
		fprintf(stderr, "nurture: %s must be a whole number from %lld, not \"%s\".\n", what, (long long)low, text ? text : "");
	else
		fprintf(stderr, "nurture: %s must be a whole number from %lld to %lld, not \"%s\".\n", what, (long long)low, (long long)high, text ? text : "");
	return -1;
}
