/* Quality of the lead: flags from its own fields, the playbook's lists, what the database knows of older leads alike and libphonenumber of its number
 * (model/quality.h). Asked before scores and segments, which may ask for field `quality` like for any other. Nothing is dropped here: a flag is a fact. */
#include "turn/inside.h"

/* The library is asked once for a number, and again by new words; what it said stands in the field. */
static enum phone_sense sense_of(const struct turn *turn)
{
	const struct value *fields = turn->facts->lead.fields, *phone = &fields[LEAD_PHONE], *quality = &fields[LEAD_QUALITY];
	if (phone->type != VALUE_TEXT || !phone_is_e164(phone->text) || !turn->facts->phone_sense)
		return PHONE_UNKNOWN;
	if (turn->slot_changed[LEAD_PHONE] || (turn->new_words && !turn->facts->in_bulk))
		return turn->facts->phone_sense(phone->text);
	for (size_t i = 0; quality->type == VALUE_LIST && i < quality->list.count; i++)
		if (str_is(quality->list.items[i], quality_names[QUALITY_IMPOSSIBLE_PHONE]))
			return PHONE_IMPOSSIBLE;
	return PHONE_POSSIBLE;
}

/* Of suppressions that fit the lead, the reason that an import of competitors gives (jobs/import_suppress.c). */
static bool is_rival(const struct turn_facts *facts)
{
	for (size_t i = 0; i < facts->suppression_count; i++)
		if (str_is(facts->suppressions[i].reason, "competitor"))
			return true;
	return false;
}

void turn_scrub(struct turn *turn)
{
	const struct turn_facts *facts = turn->facts;
	if (LEAD_QUALITY >= turn->playbook->schema.lead_count)
		return;
	struct quality_known known = {.twin = facts->twin, .rival = is_rival(facts), .phone = sense_of(turn)};
	turn_set_field(turn, LEAD_QUALITY, quality_value(quality_of(facts->lead.fields, &turn->playbook->quality, &known), turn->arena));
}
