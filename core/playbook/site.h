/* What check must know of the server, read from the configuration. Called by whoever loads a playbook: engine, delivery,
 * web, jobs and the commands. A channel whose plugin has not been described yet (config_channel.says) is left out: its
 * steps would be recorded as "held: no channel". */
#ifndef NURTURE_PLAYBOOK_SITE_H
#define NURTURE_PLAYBOOK_SITE_H

#include "base/config.h"
#include "playbook/playbook.h"

/* Lives in the arena; texts are borrowed from config. */
const struct playbook_site *playbook_site_of(const struct config *config, struct arena *arena);
/* The same for who only decides or reads by a revision that was checked, and renders nothing: ten thousand templates are then no memory
 * and no time. */
const struct playbook_site *playbook_site_without_templates(const struct config *config, struct arena *arena);

/* For who shows pages, and renders nothing else. */
const struct playbook_site *playbook_site_with_pages(const struct config *config, struct arena *arena);

#endif
