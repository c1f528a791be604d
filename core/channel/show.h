/* What a channel's plugin would give to the outside for a touch, and its own commands: asked in a child (ask.h), so that the plugin never comes into a process of ours.
 * Called by the commands and, by a function pointer, by web's child for a preview. Both block: some ten seconds at most, a plugin's own command two minutes. */
#ifndef NURTURE_CHANNEL_SHOW_H
#define NURTURE_CHANNEL_SHOW_H

#include "base/buf.h"
#include "base/config.h"
#include "base/error.h"
#include "channel/touch.h"

#include <nurture/plugin.h>

/* The channel of the configuration that serves this kind (its plugins were described); NULL with an error that says so. */
const struct config_channel *channel_of_kind(const struct config *config, const char *kind, struct error *error) MUST_USE;
/* Adds the bytes to out. */
int channel_show(const struct config *config, const struct config_channel *channel, const struct nurture_touch *touch, struct buf *out,
		 struct error *error) MUST_USE;
/* The same of a touch as we have it, by the channel of its kind. */
int channel_show_message(const struct config *config, const struct touch *touch, const struct touch_content *content, struct arena *arena, struct buf *out,
			 struct error *error) MUST_USE;
/* The plugin's command words[0]; channel NULL = the configuration has none. *status: its exit status. */
int channel_command(const struct config *config, const char *plugin, const struct config_channel *channel, size_t count, const char *const *words,
		    struct buf *out, int *status, struct error *error) MUST_USE;

#endif
