/* What would change, shown: shared by `nurture preview` and `nurture publish`. */
#ifndef NURTURE_CLI_PREVIEW_H
#define NURTURE_CLI_PREVIEW_H

#include "cli/playbook.h"

/* Looks at every lead, with a bar. New reference; NULL after it said why not. */
json_t *cli_preview(struct cli *cli, const struct cli_playbook *playbook);
void cli_preview_print(const json_t *preview);

#endif
