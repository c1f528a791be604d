/* See zones.h. A place is looked for in the lead's address first, as its number may have moved with it. Pure. */
#include "turn/zones.h"

#include "turn/inside.h"

#include <stdio.h>

enum { ROUNDS = 200 };

static struct str text_of(const struct value *v)
{
	return v->type == VALUE_TEXT ? v->text : (struct str){"", 0};
}

static bool put(struct turn_zones *out, struct zone_list list, const char *by)
{
	for (size_t i = 0; i < list.count && out->count < TURN_ZONES_MOST; i++)
		out->names[out->count++] = list.names[i];
	out->by = out->count ? by : "";
	return out->count > 0;
}

static bool put_country(struct turn_zones *out, struct str country, const char *by)
{
	if (!put(out, zones_of_country(country), by))
		return false;
	snprintf(out->country, sizeof out->country, "%.*s", STR_ARG(country));
	return true;
}

bool turn_phone_country(const struct turn_facts *facts, char country[3])
{
	struct str phone = text_of(&facts->lead.fields[LEAD_PHONE]);
	*country = 0;
	return phone.n && facts->phone_country && facts->phone_country(phone, country);
}

static bool by_phone(const struct turn_facts *facts, struct turn_zones *out)
{
	char country[3];
	return turn_phone_country(facts, country) && put_country(out, str_of(country), "telephone");
}

void turn_zones(const struct playbook *playbook, const struct turn_facts *facts, struct turn_zones *out)
{
	const struct value *fields = facts->lead.fields;
	struct str zone = text_of(&fields[LEAD_TIME_ZONE]), country = text_of(&fields[LEAD_COUNTRY]);
	*out = (struct turn_zones){.by = "", .region = text_of(&fields[LEAD_REGION])};
	snprintf(out->country, sizeof out->country, "%.*s", STR_ARG(country));
	if (zone.n) {
		put(out, (struct zone_list){(const char *const[]){zone.p}, 1}, "time zone");
		return;
	}
	if (put(out, zones_of_region(country, out->region), "region") || put_country(out, country, "country") || by_phone(facts, out))
		return;
	if (facts->account && put_country(out, text_of(&facts->account->fields[ACCOUNT_COUNTRY]), "account"))
		return;
	if (put_country(out, str_of(playbook->country), "playbook") || facts->phone_country)
		return;
	put(out, (struct zone_list){(const char *const[]){playbook->time_zone}, playbook->time_zone != NULL}, "playbook");
}

/* Each zone moves it on until none does. */
moment_t turn_zones_open(const struct turn_zones *zones, const struct calendar_hours *hours, moment_t t)
{
	for (int round = 0; round < ROUNDS && zones->count; round++) {
		moment_t before = t;
		for (size_t i = 0; i < zones->count && t < MOMENT_NEVER; i++)
			t = calendar_next_open(hours, t, zones->names[i]);
		if (t == before || t == MOMENT_NEVER)
			return t;
	}
	return MOMENT_NEVER;
}
