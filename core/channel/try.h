/* Does a channel open? Tried by delivery when its generation is to replace one that works. */
#ifndef NURTURE_CHANNEL_TRY_H
#define NURTURE_CHANNEL_TRY_H

#include "channel/channel.h"

/* Opens and closes the channel in a child; blocks, ten seconds at most. -1 when the plugin refuses, crashes or hangs, with what it says. */
int channel_try(const struct nurture_plugin *plugin, const struct channel_options *options, struct error *error) MUST_USE;

#endif
