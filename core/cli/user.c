/* nurture user add: people who work with the system. */
#include "cli/command.h"

#include "store/admin.h"

static int run(struct cli *cli)
{
	const char *email = cli_option(cli, "--email"), *role = cli_option(cli, "--role");
	struct cli_wait wait = {.cli = cli};
	if (!cli->args[0][0] || strlen(cli->args[0]) > 100 || !str_is_text(str_of(cli->args[0])))
		return cli_refuse("the name must be text of 1 to 100 bytes.");
	if (cli_open(cli))
		return CLI_FAILED;
	store_person_add(cli->store, cli->args[0], email, role ? role : "marketing", cli_on_id, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	printf("%s is known as person %lld.\n", cli->args[0], (long long)wait.number);
	return CLI_DONE;
}

extern const struct cli_command cli_user_add;
const struct cli_command cli_user_add = {
	.name = "user add", .arguments = "NAME", .summary = "Adds a person who works with the system.",
	.options = {{"--email", NULL, "ADDRESS", "where the person is reached"}, {"--role", NULL, "ROLE", "marketing (else), sales, agent, admin"}},
	.least = 1, .most = 1, .run = run,
};
