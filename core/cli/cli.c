/* Finds the command that was meant and runs it. Names of two words ("token create") are looked for first. */
#include "cli/cli.h"

#include "base/log.h"
#include "cli/command.h"
#include "server/server.h"

#include <signal.h>
#include <stdlib.h>

extern const struct cli_command cli_serve, cli_check, cli_publish, cli_preview_command, cli_revisions, cli_rollback, cli_import, cli_export, cli_erase, cli_purge, cli_score, cli_backtest, cli_fit, cli_simulate, cli_forecast, cli_campaign, cli_trace, cli_lead, cli_account_recount, cli_account_set, cli_account, cli_lead_release, cli_merge, cli_unmerge, cli_rescore,
	cli_report, cli_token_create, cli_token_list, cli_token_revoke, cli_user_add, cli_user_list, cli_user_show, cli_user_role, cli_user_password, cli_user_sessions,
	cli_user_disable, cli_user_enable, cli_user_remove, cli_plugin_list, cli_plugin_check, cli_touch_list, cli_touch_show,
	cli_touch_resend, cli_touch_drop, cli_suppression_list, cli_suppression_add, cli_suppression_remove, cli_job_list, cli_job_show, cli_job_cancel, cli_db_migrate, cli_db_status, cli_db_rebuild_history, cli_status, cli_config, cli_version, cli_audit_list, cli_audit_verify;

extern const struct cli_command cli_channel_list, cli_channel_stop, cli_channel_resume;
extern const struct cli_command cli_campaign_list, cli_campaign_pause, cli_campaign_resume, cli_campaign_leave, cli_campaign_finish, cli_enroll, cli_email, cli_mail_preview, cli_email_key, cli_email_domain;

extern const struct cli_command cli_calls_status, cli_calls_lists, cli_calls_dnc, cli_calls_export, cli_calls_import;

extern const struct cli_command cli_mail_response, cli_mail_jobs, cli_mail_show, cli_mail_cut, cli_mail_release, cli_mail_cancel, cli_mail_acknowledge, cli_mail_sample,
	cli_mail_returns, cli_mail_match, cli_mail_lists, cli_mail_list, cli_mail_moved, cli_mail_report;

const struct cli_command *const cli_commands[] = {
	&cli_mail_jobs, &cli_mail_show, &cli_mail_cut, &cli_mail_release, &cli_mail_cancel, &cli_mail_acknowledge, &cli_mail_sample, &cli_mail_response,
	&cli_mail_returns, &cli_mail_match, &cli_mail_lists, &cli_mail_list, &cli_mail_moved, &cli_mail_report,
	&cli_calls_status, &cli_calls_lists, &cli_calls_dnc, &cli_calls_export, &cli_calls_import,
	&cli_channel_list, &cli_channel_stop, &cli_channel_resume,
	&cli_campaign_list, &cli_campaign_pause, &cli_campaign_resume, &cli_campaign_leave, &cli_campaign_finish, &cli_enroll, &cli_email_key, &cli_email_domain, &cli_email, &cli_mail_preview,
	&cli_serve, &cli_check, &cli_preview_command, &cli_publish, &cli_revisions, &cli_rollback, &cli_import, &cli_export, &cli_score, &cli_backtest, &cli_fit, &cli_simulate, &cli_forecast, &cli_campaign, &cli_trace, &cli_lead_release, &cli_lead, &cli_account_recount, &cli_account_set, &cli_account, &cli_erase, &cli_purge, &cli_merge, &cli_unmerge, &cli_rescore, &cli_report,
	&cli_token_create, &cli_token_list, &cli_token_revoke, &cli_user_add, &cli_user_list, &cli_user_show, &cli_user_role, &cli_user_password, &cli_user_sessions,
	&cli_user_disable, &cli_user_enable, &cli_user_remove, &cli_plugin_list, &cli_plugin_check, &cli_touch_list, &cli_touch_show,
	&cli_touch_resend, &cli_touch_drop, &cli_suppression_list, &cli_suppression_add, &cli_suppression_remove, &cli_job_list, &cli_job_show, &cli_job_cancel, &cli_db_migrate, &cli_db_status, &cli_db_rebuild_history, &cli_status, &cli_config, &cli_audit_list, &cli_audit_verify, &cli_version, NULL,
};
enum { COMMANDS = sizeof cli_commands / sizeof *cli_commands - 1 };

/* Commands of the design that this version does not have: known, and refused by name. */
static const char *const not_built[] = {NULL};

static void print_overview(FILE *out)
{
	fprintf(out, "usage: nurture COMMAND [ARGUMENTS] [--config FILE]\n\n");
	for (size_t i = 0; i < COMMANDS; i++) {
		char head[64];
		snprintf(head, sizeof head, "%s %s", cli_commands[i]->name, cli_commands[i]->arguments);
		fprintf(out, "  %-28s %s\n", head, cli_commands[i]->summary);
	}
	fprintf(out, "\nnurture COMMAND --help says more. --config FILE, else $NURTURE_CONFIG, else /etc/nurture/nurture.conf.\n");
}

/* *words: how many words of argv the name took. */
static const struct cli_command *find(int argc, char **argv, int *words)
{
	char two[128];
	snprintf(two, sizeof two, "%.60s %.60s", argv[0], argc > 1 ? argv[1] : "");
	for (size_t i = 0; i < COMMANDS; i++) {
		*words = strcmp(cli_commands[i]->name, two) == 0 ? 2 : 1;
		if (*words == 2 || strcmp(cli_commands[i]->name, argv[0]) == 0)
			return cli_commands[i];
	}
	return NULL;
}

static bool is_group(const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i < COMMANDS; i++)
		if (strncmp(cli_commands[i]->name, word, n) == 0 && cli_commands[i]->name[n] == ' ')
			return true;
	return false;
}

static void print_group(const char *word, FILE *out)
{
	size_t n = strlen(word);
	for (size_t i = 0; i < COMMANDS; i++)
		if (strncmp(cli_commands[i]->name, word, n) == 0 && cli_commands[i]->name[n] == ' ')
			fprintf(out, "  nurture %s %s\n      %s\n", cli_commands[i]->name, cli_commands[i]->arguments, cli_commands[i]->summary);
}

static int unknown(int argc, char **argv)
{
	const char *names[COMMANDS + 8];
	char two[128];
	size_t count = 0;
	for (size_t i = 0; not_built[i]; i++) {
		if (strcmp(argv[0], not_built[i]) == 0) {
			fprintf(stderr, "nurture %s is not built in this version.\n", not_built[i]);
			return CLI_FAILED;
		}
		names[count++] = not_built[i];
	}
	for (size_t i = 0; i < COMMANDS; i++)
		names[count++] = cli_commands[i]->name;
	snprintf(two, sizeof two, "%.60s%s%.60s", argv[0], argc > 1 && is_group(argv[0]) ? " " : "", argc > 1 && is_group(argv[0]) ? argv[1] : "");
	const char *near = str_nearest(str_of(two), names, count);
	fprintf(stderr, "nurture: there is no command \"%s\".", two);
	if (near)
		fprintf(stderr, " Did you mean \"%s\"?", near);
	fprintf(stderr, " nurture --help lists them all.\n");
	return CLI_WRONG_USAGE;
}

int cli_main(int argc, char **argv)
{
	struct cli cli = {0};
	int words = 0;
	bool help = false;
	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && strcmp(argv[1], "worker") == 0)
		return server_worker(argc - 1, argv + 1);
	if (argc < 2) {
		print_overview(stderr);
		return CLI_WRONG_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		print_overview(stdout);
		return CLI_DONE;
	}
	if (strcmp(argv[1], "--version") == 0)
		argv[1] = (char *)"version";
	cli.command = find(argc - 1, argv + 1, &words);
	if (!cli.command && is_group(argv[1]) && (argc == 2 || strcmp(argv[2], "--help") == 0)) {
		print_group(argv[1], argc == 2 ? stderr : stdout);
		return argc == 2 ? CLI_WRONG_USAGE : CLI_DONE;
	}
	if (!cli.command)
		return unknown(argc - 1, argv + 1);
	log_set_level(LOG_LEVEL_WARN); /* a command's words are its output; serve sets its own */
	int status = cli_parse(&cli, argc - 1 - words, argv + 1 + words, &help);
	if (status == CLI_DONE && help)
		cli_help(cli.command, stdout);
	else if (status == CLI_DONE)
		status = cli.command->run(&cli);
	cli_close(&cli);
	if (fflush(stdout) && status == CLI_DONE)
		status = CLI_FAILED;
	return status;
}
