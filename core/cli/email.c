/* nurture email TEMPLATE: the message that a lead would get, byte for byte as the channel would send it, but for its links. */
#include "cli/show.h"
#include "playbook/layout.h"

static int run(struct cli *cli)
{
	if (cli_option(cli, "--layout"))
		return fputs(LAYOUT_TEXT, stdout) < 0 ? CLI_FAILED : CLI_DONE;
	if (cli->arg_count)
		return cli_show(cli, "email");
	fprintf(stderr, "nurture email: TEMPLATE is missing.\n");
	return CLI_WRONG_USAGE;
}

extern const struct cli_command cli_email;
const struct cli_command cli_email = {
	.name = "email", .arguments = "TEMPLATE",
	.summary = "The message that a lead would get, as the channel would send it: nurture email welcome --lead ann@example.com > x.eml. Nothing is sent or written.",
	.more = "Its links and the picture that tells of opening begin with preview- and open nothing; all else is what would be sent, made by the same code (also\n"
		"signed, where the channel signs). Without --lead it goes to somebody invented. Campaign, step, purpose and offer are those of the first step with\n"
		"this template. Whether the lead may get it is not asked: nurture simulate does.",
	.options = {
		{"--lead", NULL, "LEAD", "a real one: an id, an e-mail address or an external id"},
		{"--field", NULL, "NAME=VALUE", "of an invented lead (account.NAME=VALUE: of its account); many"},
		{"--data", NULL, "NAME=VALUE", "what the template prints as data.NAME; many"},
		{"--playbook", NULL, "DIR", "the template of this folder (else of the active playbook)"},
		{"--layout", NULL, NULL, "prints our own layout, to begin from: nurture email --layout > templates/email/layout.html"},
	},
	.many = "--field --data", .least = 0, .most = 1, .run = run,
};
