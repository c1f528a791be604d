/* nurture user …: people who work with the system, how they sign in, and where they are signed in. */
#include "cli/command.h"

#include "cli/secret.h"
#include "report/report.h"
#include "store/people.h"

static const char ROLES[] = "agent, supervisor, owner (sales), marketing, admin";

static bool role_known(const char *role)
{
	for (size_t i = 0; store_person_roles[i]; i++)
		if (strcmp(store_person_roles[i], role) == 0)
			return true;
	fprintf(stderr, "nurture user: there is no role \"%.40s\". Roles are %s.\n", role, ROLES);
	return false;
}

static int finish(struct cli_wait *wait)
{
	return cli_wait(wait) ? cli_fail(&wait->error) : CLI_DONE;
}

static int run_add(struct cli *cli)
{
	const char *role = cli_option(cli, "--role"), *name = cli->args[0];
	char hash[PASSWORD_HASH] = "";
	struct cli_wait wait = {.cli = cli};
	if (!name[0] || strlen(name) > 100 || !str_is_text(str_of(name)) || !str_same(str_trim(str_of(name)), str_of(name)))
		return cli_refuse("the name must be text of 1 to 100 bytes, without blanks around it.");
	if (str_starts(str_of(name), STR("token:")))
		return cli_refuse("names that begin with \"token:\" are those of tokens: a person of that name could not be told from one.");
	if (!role_known(role ? role : "marketing"))
		return CLI_WRONG_USAGE;
	if (cli_option(cli, "--password") && cli_ask_password(name, hash))
		return CLI_FAILED;
	if (cli_open(cli))
		return CLI_FAILED;
	const struct store_person person = {.name = name, .email = cli_option(cli, "--email"), .role = role ? role : "marketing", .password = *hash ? hash : NULL};
	store_person_add(cli->store, &person, cli_on_id, &wait);
	if (finish(&wait))
		return CLI_FAILED;
	printf("%s is known as person %lld%s.\n", name, (long long)wait.number, *hash ? "" : "; to sign in they need a password (nurture user password)");
	return CLI_DONE;
}

static const struct report_column columns[] = {
	{"person_id", "person", REPORT_COUNT}, {"name", "name", REPORT_TEXT}, {"role", "role", REPORT_TEXT}, {"email", "e-mail", REPORT_TEXT},
	{"password", "password", REPORT_TEXT}, {"disabled_at", "disabled", REPORT_MOMENT}, {"created_at", "since", REPORT_MOMENT},
	{"sessions", "signed in", REPORT_COUNT}, {0},
};

static int run_list(struct cli *cli)
{
	return cli_open(cli) ? CLI_FAILED : cli_print_rows(cli, columns, cli_query(cli, "persons", NULL, 0));
}

static int unknown(const char *name)
{
	return cli_refuse("there is no person \"%s\" (nurture user list).", name);
}

static int run_show(struct cli *cli)
{
	if (cli_open(cli))
		return CLI_FAILED;
	json_t *rows = cli_query(cli, "person_get", cli->args, 1);
	if (!rows || json_array_size(rows))
		return cli_print_rows(cli, columns, rows);
	json_decref(rows);
	return unknown(cli->args[0]);
}

static const struct report_column session_columns[] = {
	{"session", "session", REPORT_COUNT}, {"created_at", "signed in", REPORT_MOMENT}, {"seen_at", "last seen", REPORT_MOMENT}, {"until", "ends", REPORT_MOMENT},
	{"address", "from", REPORT_TEXT}, {"agent", "browser", REPORT_TEXT}, {0},
};

static int end_sessions(struct cli *cli, const char *which)
{
	int64_t session = 0;
	struct cli_wait wait = {.cli = cli};
	if (strcmp(which, "all") != 0 && cli_number("--end: a session's number, or all", which, 1, INT64_MAX, &session))
		return CLI_WRONG_USAGE;
	store_sessions_end(cli->store, cli->args[0], session, cli_on_id, &wait);
	if (finish(&wait))
		return CLI_FAILED;
	if (session && !wait.number)
		return cli_refuse("%s has no session %lld.", cli->args[0], (long long)session);
	printf("%lld of %s's sessions ended.\n", (long long)wait.number, cli->args[0]);
	return CLI_DONE;
}

static int run_sessions(struct cli *cli)
{
	const char *which = cli_option(cli, "--end");
	if (cli_open(cli))
		return CLI_FAILED;
	if (which)
		return end_sessions(cli, which);
	json_t *known = cli_query(cli, "person_get", cli->args, 1);
	bool is = json_array_size(known) > 0, failed = !known;
	json_decref(known);
	if (failed)
		return CLI_FAILED;
	return is ? cli_print_rows(cli, session_columns, cli_query(cli, "person_sessions", cli->args, 1)) : unknown(cli->args[0]);
}

static int run_role(struct cli *cli)
{
	struct cli_wait wait = {.cli = cli};
	if (!role_known(cli->args[1]))
		return CLI_WRONG_USAGE;
	if (cli_open(cli))
		return CLI_FAILED;
	store_person_role(cli->store, cli->args[0], cli->args[1], cli_on_done, &wait);
	if (finish(&wait))
		return CLI_FAILED;
	printf("%s has the role %s; who was signed in under another one signs in again.\n", cli->args[0], cli->args[1]);
	return CLI_DONE;
}

static int run_password(struct cli *cli)
{
	char hash[PASSWORD_HASH];
	struct cli_wait wait = {.cli = cli};
	if (cli_ask_password(cli->args[0], hash))
		return CLI_FAILED;
	if (cli_open(cli))
		return CLI_FAILED;
	store_person_password(cli->store, cli->args[0], hash, NULL, cli_on_done, &wait);
	if (finish(&wait))
		return CLI_FAILED;
	printf("%s has a new password; all sessions ended.\n", cli->args[0]);
	return CLI_DONE;
}

static int set_disabled(struct cli *cli, bool disabled)
{
	struct cli_wait wait = {.cli = cli};
	if (cli_open(cli))
		return CLI_FAILED;
	store_person_disable(cli->store, cli->args[0], disabled, cli_on_done, &wait);
	if (finish(&wait))
		return CLI_FAILED;
	printf(disabled ? "%s cannot sign in any more; all sessions ended.\n" : "%s may sign in.\n", cli->args[0]);
	return CLI_DONE;
}

static int run_disable(struct cli *cli)
{
	return set_disabled(cli, true);
}

static int run_enable(struct cli *cli)
{
	return set_disabled(cli, false);
}

static int run_remove(struct cli *cli)
{
	struct cli_wait wait = {.cli = cli};
	int sure = cli_confirm(cli, "%s is forgotten, with all sessions. (nurture user disable only shuts the door.) Remove?", cli->args[0]);
	if (sure != CLI_DONE)
		return sure;
	if (cli_open(cli))
		return CLI_FAILED;
	store_person_remove(cli->store, cli->args[0], cli_on_done, &wait);
	if (finish(&wait))
		return CLI_FAILED;
	printf("%s is removed.\n", cli->args[0]);
	return CLI_DONE;
}

extern const struct cli_command cli_user_add, cli_user_list, cli_user_show, cli_user_role, cli_user_password, cli_user_disable, cli_user_enable, cli_user_remove,
	cli_user_sessions;
const struct cli_command cli_user_add = {
	.name = "user add", .arguments = "NAME", .summary = "Adds a person who works with the system.",
	.more = "With --password one is asked for on the terminal, twice, or read as a line from standard input.",
	.options = {{"--email", NULL, "ADDRESS", "where the person is reached"},
		{"--role", NULL, "ROLE", "agent, supervisor, owner (sales), marketing (else), admin"},
		{"--password", NULL, NULL, "may sign in: with a password that is asked for"}},
	.least = 1, .most = 1, .run = run_add,
};
const struct cli_command cli_user_list = {.name = "user list", .arguments = "", .summary = "Lists people (never a password).", .json = true, .run = run_list};
const struct cli_command cli_user_show = {
	.name = "user show", .arguments = "NAME", .summary = "Tells of one person.", .least = 1, .most = 1, .json = true, .run = run_show};
const struct cli_command cli_user_sessions = {
	.name = "user sessions", .arguments = "NAME", .summary = "Lists where a person is signed in, or ends it.",
	.options = {{"--end", NULL, "SESSION", "ends this one, or all"}}, .least = 1, .most = 1, .json = true, .run = run_sessions};
const struct cli_command cli_user_role = {
	.name = "user role", .arguments = "NAME ROLE", .summary = "Gives a person another role; all sessions end.", .least = 2, .most = 2, .run = run_role};
const struct cli_command cli_user_password = {
	.name = "user password", .arguments = "NAME", .summary = "Sets a person's password; all sessions end.",
	.more = "It is asked for on the terminal, twice, or read as a line from standard input; never an argument, which others could see.", .least = 1, .most = 1,
	.run = run_password};
const struct cli_command cli_user_disable = {
	.name = "user disable", .arguments = "NAME", .summary = "A person may not sign in any more; all sessions end.", .least = 1, .most = 1, .run = run_disable};
const struct cli_command cli_user_enable = {
	.name = "user enable", .arguments = "NAME", .summary = "A person who was disabled may sign in again.", .least = 1, .most = 1, .run = run_enable};
const struct cli_command cli_user_remove = {
	.name = "user remove", .arguments = "NAME", .summary = "Forgets a person; all sessions end.",
	.options = {{"--yes", NULL, NULL, "without asking"}}, .least = 1, .most = 1, .run = run_remove};
