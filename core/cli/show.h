/* What `nurture email` and `nurture mail preview` share: the message that a lead would get. */
#ifndef NURTURE_CLI_SHOW_H
#define NURTURE_CLI_SHOW_H

#include "cli/command.h"

/* Prints the message of the template args[0] of that kind ("email", "letter"), as options --lead, --field, --data and --playbook say, each of them known to the command. Its exit
 * status. */
int cli_show(struct cli *cli, const char *kind);

#endif
