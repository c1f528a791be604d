/* Plugins as files: finding, checking and loading NAME.so, and what it says of itself.
 *
 * Only the delivery process of a channel loads its plugin into itself (and never unloads it). Everybody else asks with
 * channel_describe, which loads it in a child that ends at once: a plugin that crashes while it is loaded hurts nobody. */
#ifndef NURTURE_CHANNEL_PLUGIN_H
#define NURTURE_CHANNEL_PLUGIN_H

#include "base/config.h"
#include "base/error.h"

#include <nurture/plugin.h>

/* The path of plugin `name` in `dir`, caller frees; NULL when the name is not one (small letters, digits, hyphens). */
char *channel_plugin_path(const char *dir, const char *name, struct error *error) MUST_USE;

/* Checks the file (regular, not empty, nobody else's and not writable by others: trust.h), loads it, checks ABI, sizes and that its name is the file's. The
 * descriptor lives as long as the process. NULL with an error that says what is wrong with which file. */
const struct nurture_plugin *channel_plugin_load(const char *path, struct error *error) MUST_USE;

/* What the plugin says of itself: {"name", "version", "licence", "kind", "body", "template_fields": […], "routes": […], "migrations": […]}, a new reference. */
json_t *channel_plugin_describe(const char *path, struct error *error) MUST_USE;

/* Its migrations with their SQL, [{"number", "name", "sql"}], a new reference; [] = none. */
json_t *channel_plugin_migrations(const char *path, struct error *error) MUST_USE;

/* Fills `says` of every channel of the configuration, and lets each plugin look at its settings. -1 at the first channel
 * whose plugin is missing, refused or refuses its settings (where = file:line of the channel). Blocking; for the master's
 * start and for commands, before workers are forked. */
int channel_describe(struct config *config, struct error *error) MUST_USE;

/* Whether it wants to look at templates before they are published. */
bool channel_checks_templates(const struct nurture_plugin *plugin);

/* Lets the plugins of the configuration's channels look at the templates of their kinds among the files of a playbook that loads, and adds what
 * they find to *problems; each is asked in a child of its own. Nothing is asked of plugins that do not want to look. Blocking. */
struct playbook_files;
struct problems;
void channel_check_templates(const struct config *config, const struct playbook_files *files, struct problems *problems);

#endif
