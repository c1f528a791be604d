/* nurture mail response CODE: a lead answered a letter by telephone, or in another way that no computer saw. Asks the running server. */
#include "cli/command.h"

#include "base/buf.h"
#include "base/mem.h"
#include "cli/own_server.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Digits and letters of what was typed: nothing else has a meaning in a code, or a place in a path. */
static char *code_of(const char *typed)
{
	char *code = mem_dup(typed), *out = code;
	for (const char *p = typed; *p; p++)
		if (isalnum((unsigned char)*p))
			*out++ = *p;
	*out = '\0';
	return code;
}

static char *body_of(const struct cli *cli)
{
	static const char *const texts[] = {"by", "note", "subject", "key"};
	json_t *body = json_object();
	char option[20];
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		snprintf(option, sizeof option, "--%s", texts[i]);
		if (cli_option(cli, option))
			json_object_set_new(body, texts[i], json_string(cli_option(cli, option)));
	}
	if (cli_option(cli, "--value"))
		json_object_set_new(body, "value", json_real(strtod(cli_option(cli, "--value"), NULL)));
	char *text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return text;
}

static int say(struct cli *cli, json_t *letter, bool asked)
{
	if (cli->json)
		return cli_print_json(letter);
	printf("Lead %lld, campaign \"%s\", step \"%s\", letter \"%s\" (%s).", (long long)json_integer_value(json_object_get(letter, "lead")), cli_text(letter, "campaign"),
	       cli_text(letter, "step"), cli_text(letter, "template"), cli_text(letter, "state"));
	printf("%s\n", asked ? "" : json_is_true(json_object_get(letter, "recorded")) ? " The answer is recorded." : " It was told before: it counts once.");
	json_decref(letter);
	return CLI_DONE;
}

static int run(struct cli *cli)
{
	struct own_server server;
	json_t *answer = NULL;
	const char *number = cli_option(cli, "--value");
	bool asked = cli_option(cli, "--look") != NULL;
	char *end = NULL;
	if (number && (strtod(number, &end), !*number || *end)) {
		fprintf(stderr, "nurture mail response: --value is a number.\n");
		return CLI_WRONG_USAGE;
	}
	if (own_server_open(&server, cli, cli_user()))
		return CLI_FAILED;
	char *code = code_of(cli->args[0]), *path = mem_printf("/v1/letters/%s%s", *code ? code : "0", asked ? "" : "/response"), *body = body_of(cli);
	int status = own_server_ask(&server, asked ? "GET" : "POST", path, asked ? NULL : "application/json", asked ? STR("") : str_of(body), &answer);
	own_server_close(&server);
	free(code), free(path), free(body);
	int result = status == 200 ? say(cli, json_incref(answer), asked) : status ? own_server_refused(status, answer) : CLI_FAILED;
	json_decref(answer);
	return result;
}

extern const struct cli_command cli_mail_response;
const struct cli_command cli_mail_response = {
	.name = "mail response", .arguments = "CODE", .summary = "A lead answered a letter by telephone: CODE is what stands on it.",
	.more = "Event letter.response, as if the lead had come to the letter's page. Told again within the hour by the same way, or with the same key, it counts once.",
	.options = {{"--by", NULL, "WAY", "phone (the default), post, fax, talk …"}, {"--note", NULL, "TEXT", "what was said"}, {"--subject", NULL, "TEXT", "what it is about (else the letter's template)"},
		    {"--value", NULL, "NUMBER", "of an order, say"}, {"--key", NULL, "TEXT", "what makes it count once"}, {"--look", NULL, NULL, "only say whose letter it is"}},
	.least = 1, .most = 1, .json = true, .run = run,
};
