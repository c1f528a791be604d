/* choose "field" { choice = … }: points, questions and steps by what a field says. What all of them have in common is checked here:
 * the field, its choices, and that none is forgotten. Messages 15 and 41. */
#include "playbook/build.h"

static void check_choices(struct build *b, const struct phrase *choose, const struct field *field)
{
	for (size_t i = 0; i < choose->details.property_count; i++) {
		const char *key = choose->details.properties[i].key;
		bool known = field->choice_count == 0 || strcmp(key, "otherwise") == 0;
		for (size_t c = 0; c < field->choice_count; c++)
			known |= strcmp(field->choices[c], key) == 0;
		if (!known)
			build_error(b, choose->at, "%s has no choice \"%s\". Its choices are %s.", field->name, key,
				    build_join(b, field->choices, field->choice_count));
	}
}

/* Message 41: every choice is named, or there is an otherwise. */
static void check_covered(struct build *b, const struct phrase *choose, const struct field *field)
{
	if (detail_of(choose, "otherwise"))
		return;
	if (field->choice_count == 0)
		build_error(b, choose->at,
			    "choose \"%s\" needs otherwise = …: %s is text, so anything may stand there.", field->name,
			    field->name);
	for (size_t c = 0; c < field->choice_count; c++) {
		if (detail_of(choose, field->choices[c]))
			continue;
		build_error(b, choose->at, "choose \"%s\" says nothing about \"%s\". Add it, or otherwise = ….",
			    field->name, field->choices[c]);
		return;
	}
}

int build_choose(struct build *b, const struct phrase *choose, bool of_account, const char *what)
{
	const struct schema *schema = &b->playbook->schema;
	int slot = build_slot(b, choose->at, choose->name, of_account);
	if (slot < 0)
		return -1;
	const struct field *field = of_account ? &schema->account[slot] : &schema->lead[slot];
	if (field->type != FIELD_CHOICE && field->type != FIELD_TEXT) {
		build_error(b, choose->at, "choose needs a field with choices; %s is none.", field->name);
		return -1;
	}
	if (choose->details.part_count)
		build_error(b, choose->at, "choose takes choice = %s, nothing else.", what);
	check_choices(b, choose, field);
	check_covered(b, choose, field);
	return slot;
}
