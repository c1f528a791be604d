/* What would change, shown: shared by `nurture preview`, `nurture publish` and `nurture rollback`. */
#ifndef NURTURE_CLI_PREVIEW_H
#define NURTURE_CLI_PREVIEW_H

#include "cli/playbook.h"

/* Looks at every lead, with a bar. New reference; NULL after it said why not. */
json_t *cli_preview(struct cli *cli, const struct cli_playbook *playbook);
/* Shows how leads would move, asks when they would (--yes: does not ask; --dry-run: publishes nothing), and makes it the active revision. The answer is to what was
 * shown: when another revision became active meanwhile, nothing is published. what: "published". The database is open. */
int cli_shown_publish(struct cli *cli, struct cli_playbook *p, const char *message, const char *what);
void cli_preview_print(const json_t *preview);

#endif
