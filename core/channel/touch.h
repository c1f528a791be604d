/* A touch as a plugin gets it. Called by delivery, and by `nurture email` for a preview: one filling, so that both show a plugin the same. */
#ifndef NURTURE_CHANNEL_TOUCH_H
#define NURTURE_CHANNEL_TOUCH_H

#include "model/lead.h"
#include "playbook/template.h"

#include <nurture/plugin.h>

enum { TOUCH_FIELDS_MAX = 64, TOUCH_FILES_MAX = 32 };

struct channel_touch {
	struct nurture_touch touch; /* borrows from the two below, and from the arena */
	struct nurture_field fields[TOUCH_FIELDS_MAX];
	struct nurture_file files[TOUCH_FILES_MAX];
};

/* Size and handle are channel_deliver's. */
void channel_touch_fill(struct channel_touch *out, const struct touch *touch, const struct touch_content *content, struct arena *arena);

#endif
