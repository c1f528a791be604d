/* What can be asked of the plugin without sending: the message of a touch. Runs in a process of its own (nurture_channel.show): no host, no relay. */
#ifndef NURTURE_EMAIL_SHOW_H
#define NURTURE_EMAIL_SHOW_H

#include "message.h"
#include "settings.h"

/* The composer that these settings want, for sending and showing alike. Borrows settings. */
struct composer *show_composer(const struct settings *settings);

int email_show(const json_t *settings, const char *data_dir, const struct nurture_touch *touch, nurture_write_fn *write, void *arg,
	       struct nurture_problem *problem);

#endif
