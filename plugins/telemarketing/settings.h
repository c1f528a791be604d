/* The settings of channel "calls" in nurture.conf. */
#ifndef TELEMARKETING_SETTINGS_H
#define TELEMARKETING_SETTINGS_H

#include "desk.h"

/* Under which country settings.day has its hours. */
#define SETTINGS_DAY "US"

/* 0, or -1 with the problem; what was filled is freed by settings_fini in both cases. */
int settings_read(struct settings *out, const json_t *object, struct nurture_problem *problem);
void settings_fini(struct settings *settings);

#endif
