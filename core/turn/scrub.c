/* Quality of the lead: flags from its own fields, the playbook's lists and what the database knows of older leads alike (model/quality.h). Asked
 * before scores and segments, which may ask for field `quality` like for any other. Nothing is dropped here: a flag is a fact. */
#include "turn/inside.h"

void turn_scrub(struct turn *turn)
{
	const struct turn_facts *facts = turn->facts;
	if (LEAD_QUALITY < turn->playbook->schema.lead_count)
		turn_set_field(turn, LEAD_QUALITY, quality_value(quality_of(facts->lead.fields, &turn->playbook->quality, facts->twin), turn->arena));
}
