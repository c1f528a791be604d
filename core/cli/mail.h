/* What the commands `nurture mail …` share. */
#ifndef NURTURE_CLI_MAIL_H
#define NURTURE_CLI_MAIL_H

#include "cli/command.h"

/* "/v1/channels/NAME/" and rest, of the channel that --channel names, or the first one whose plugin is directmail; the caller frees it. NULL after it said that there is none. */
char *mail_path(const struct cli *cli, const char *rest);
#define MAIL_CHANNEL_OPTION {"--channel", NULL, "NAME", "of the configuration (else the first with plugin \"directmail\")"}

#endif
