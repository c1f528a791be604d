/* Finding whom a name means, in routes and alerts. Needs only the plain structs. */
#include "playbook/sales.h"

struct recipient_of playbook_recipient(const struct playbook *playbook, struct str name)
{
	if (str_is(name, "owner"))
		return (struct recipient_of){TO_OWNER, -1};
	for (size_t i = 0; i < playbook->people_count; i++)
		if (str_is(name, playbook->people[i].name))
			return (struct recipient_of){TO_PERSON, (int)i};
	for (size_t i = 0; i < playbook->team_count; i++)
		if (str_is(name, playbook->teams[i].name))
			return (struct recipient_of){TO_TEAM, (int)i};
	return (struct recipient_of){TO_NOBODY, -1};
}
