/* nurture mail preview TEMPLATE: the letter that a lead would get, as the channel would print it. */
#include "cli/show.h"

static int run(struct cli *cli)
{
	return cli_show(cli, "letter");
}

extern const struct cli_command cli_mail_preview;
const struct cli_command cli_mail_preview = {
	.name = "mail preview", .arguments = "TEMPLATE",
	.summary = "The letter that a lead would get, as PDF: nurture mail preview executive-invitation --lead ann@example.com > x.pdf. Nothing is kept or printed.",
	.more = "It is stamped as a sample and its code is nobody's; all else is what a job would hold, made by the same code. Without --lead it goes to somebody invented.\n"
		"Whether the lead may get it is not asked: nurture simulate does.",
	.options = {
		{"--lead", NULL, "LEAD", "a real one: an id, an e-mail address or an external id"},
		{"--field", NULL, "NAME=VALUE", "of an invented lead (account.NAME=VALUE: of its account); many"},
		{"--data", NULL, "NAME=VALUE", "what the template prints as data.NAME; many"},
		{"--playbook", NULL, "DIR", "the template of this folder (else of the active playbook)"},
	},
	.many = "--field --data", .least = 1, .most = 1, .run = run,
};
