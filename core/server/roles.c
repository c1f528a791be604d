/* Which roles there are, and how many workers each has. */
#include "server/roles.h"

#include "delivery/delivery.h"
#include "engine/engine.h"
#include "jobs/jobs.h"
#include "web/web.h"

#include <string.h>

const struct role_entry roles[] = {
	{&engine_role, ROLE_OF_ENGINE},
	{&delivery_role, ROLE_OF_CHANNEL},
	{&jobs_role, ROLE_ONE},
	{&web_role, ROLE_OF_WEB},
	{NULL, ROLE_ONE},
};

const struct role_entry *roles_find(const char *name)
{
	for (const struct role_entry *entry = roles; entry->role; entry++)
		if (strcmp(entry->role->name, name) == 0)
			return entry;
	return NULL;
}

int roles_count(const struct role_entry *entry, const struct config *config)
{
	switch (entry->count) {
	case ROLE_OF_WEB: return config->workers_web;
	case ROLE_OF_ENGINE: return config->workers_engine;
	case ROLE_OF_CHANNEL: return (int)config->channel_count;
	case ROLE_ONE: break;
	}
	return 1;
}
