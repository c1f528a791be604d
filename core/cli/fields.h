/* What commands ask of the active playbook. */
#ifndef NURTURE_CLI_FIELDS_H
#define NURTURE_CLI_FIELDS_H

#include "cli/command.h"
#include "playbook/current.h"

/* The playbook in force (none published: its schema is the standard one); NULL after it said why not. site lies in arena, which outlives it. */
struct playbook_current *cli_playbook(struct cli *cli, struct arena *arena);

#endif
