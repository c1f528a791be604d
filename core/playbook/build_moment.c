/* before("1 day", "zero-trust-live"), after("1 year", "renewal_day"): a length of time and the asset or date field that it is counted from.
 * Called where a step says when it is due and where something is asked. What names nothing, or two things, is refused. */
#include "playbook/build.h"

static const struct asset *asset_named(const struct build *b, const char *name)
{
	for (size_t i = 0; i < b->playbook->asset_count; i++)
		if (strcmp(b->playbook->assets[i].name, name) == 0)
			return &b->playbook->assets[i];
	return NULL;
}

static const struct field *field_of(const struct build *b, bool of_account, int slot)
{
	const struct schema *schema = &b->playbook->schema;
	return slot < 0 ? NULL : of_account ? &schema->account[slot] : &schema->lead[slot];
}

static void say_unknown(struct build *b, const struct phrase *phrase)
{
	const struct schema *schema = &b->playbook->schema;
	const char **names = arena_array(b->arena, b->playbook->asset_count + schema->lead_count + schema->account_count + 1, sizeof *names);
	size_t n = 0;
	for (size_t i = 0; i < b->playbook->asset_count; i++)
		if (b->playbook->assets[i].starts_at)
			names[n++] = b->playbook->assets[i].name;
	for (size_t i = 0; i < schema->lead_count; i++)
		if (schema->lead[i].type == FIELD_DATE)
			names[n++] = schema->lead[i].name;
	for (size_t i = 0; i < schema->account_count; i++)
		if (schema->account[i].type == FIELD_DATE)
			names[n++] = schema->account[i].name;
	build_error(b, phrase->at, "there is no asset and no date field \"%s\".%s", phrase->second, build_near(b, phrase->second, names, n));
}

static bool is_date(struct build *b, const struct phrase *phrase, const struct field *field)
{
	if (field->type == FIELD_DATE)
		return true;
	build_error(b, phrase->at, "field \"%s\" is no date, and %s counts from one: field \"%s\" { type = \"date\" }.", field->name, phrase->word->name, field->name);
	return false;
}

static bool read_asset(struct build *b, const struct phrase *phrase, const struct asset *asset, struct date_moment *out)
{
	out->of = DATE_OF_ASSET;
	out->at = asset->starts_at;
	if (!asset->starts_at)
		build_error(b, phrase->at, "asset \"%s\" does not say when it is: at = \"2027-03-18 15:00 Europe/Berlin\".", asset->name);
	return asset->starts_at != 0;
}

static bool read_name(struct build *b, const struct phrase *phrase, struct date_moment *out)
{
	const struct asset *asset = asset_named(b, phrase->second);
	int slot = schema_lead_slot(&b->playbook->schema, str_of(phrase->second)), account = schema_account_slot(&b->playbook->schema, str_of(phrase->second));
	if ((asset != NULL) + (slot >= 0) + (account >= 0) > 1) {
		build_error(b, phrase->at, "\"%s\" is two things: %s and %s. Give one of them another name.", phrase->second,
			    asset ? "an asset" : "a field of leads", account >= 0 ? "a field of accounts" : "a field of leads");
		return false;
	}
	if (asset)
		return read_asset(b, phrase, asset, out);
	if (slot < 0 && account < 0) {
		say_unknown(b, phrase);
		return false;
	}
	if (account >= 0 && b->in_people) {
		build_error(b, phrase->at, "%s is of the company, and what stands in people { … } is asked of each person. Write it beside people { … }, not in it.",
			    phrase->second);
		return false;
	}
	out->of = account >= 0 ? DATE_OF_ACCOUNT : DATE_OF_LEAD;
	out->slot = account >= 0 ? account : slot;
	return is_date(b, phrase, field_of(b, account >= 0, out->slot));
}

const struct date_moment *build_date_moment(struct build *b, const struct phrase *phrase)
{
	struct date_moment *out = arena_alloc(b->arena, sizeof *out);
	struct error error = {0};
	*out = (struct date_moment){.before = strcmp(phrase->word->name, "before") == 0, .name = phrase->second};
	if (duration_parse(str_of(phrase->name), &out->length, &error) < 0) {
		build_error(b, phrase->at, "%s", error.message);
		return NULL;
	}
	return read_name(b, phrase, out) ? out : NULL;
}

const struct condition *build_moment(struct build *b, const struct phrase *phrase)
{
	struct condition *c = arena_alloc(b->arena, sizeof *c);
	*c = (struct condition){.kind = CONDITION_MOMENT, .at = phrase->at, .moment = build_date_moment(b, phrase)};
	return c->moment ? c : NULL;
}
