/* See offer.h. */
#include "offer.h"

#include "settings.h"

#include <stdio.h>
#include <string.h>

enum { ZONES_MOST = 64, ROUNDS = 64 };
static const int64_t MINUTE = INT64_C(60000000);

const char *offer_country(const struct nurture_look *look)
{
	const char *country = json_string_value(json_object_get(json_object_get(look->sheet, "place"), "country"));
	return country ? country : "";
}

/* Every zone that the lead may be in. */
struct spots {
	const char *names[ZONES_MOST], *country, *region;
	size_t count;
};

static struct spots spots_of(const json_t *place)
{
	struct spots spots = {.country = json_string_value(json_object_get(place, "country")), .region = json_string_value(json_object_get(place, "region"))};
	size_t i;
	json_t *name;
	json_array_foreach (json_object_get(place, "zones"), i, name)
		if (spots.count < ZONES_MOST && json_is_string(name))
			spots.names[spots.count++] = json_string_value(name);
	spots.country = spots.country ? spots.country : "";
	spots.region = spots.region ? spots.region : "";
	return spots;
}

static void by_law(const struct desk *desk, const struct spots *spots, int64_t from, struct offer *out)
{
	int64_t open = law_open_at(desk->settings.law, spots->country, spots->region, spots->names, spots->count, from);
	if (open == from && out->verdict == OFFER_GO)
		return;
	out->verdict = OFFER_WAIT;
	out->until = open ? open : from + 60 * MINUTE;
	if (open != from)
		snprintf(out->reason, sizeof out->reason, "closed by the table of %s", spots->country);
}

int64_t offer_lawful_at(const struct desk *desk, const json_t *place, int64_t at)
{
	const struct spots spots = spots_of(place);
	for (int i = 0; i < ROUNDS; i++) {
		int64_t open = law_open_at(desk->settings.day, SETTINGS_DAY, "", spots.names, spots.count, at);
		open = open ? law_open_at(desk->settings.law, spots.country, spots.region, spots.names, spots.count, open) : 0;
		if (!open || open == at)
			return open;
		at = open;
	}
	return 0;
}

static void add_zones(struct offer *out, size_t count)
{
	size_t used = strlen(out->reason);
	snprintf(out->reason + used, sizeof out->reason - used, ", in one of the %zu time zones that the lead may be in", count);
}

const char *offer_refuses(const struct desk *desk, const char *number)
{
	size_t n = strlen(number);
	if (n < 4 || number[0] != '+' || strspn(number + 1, "0123456789") != n - 1)
		return "this is no telephone number with a country code";
	return desk->host->phone_possible(desk->host->data, number) ? NULL : "there is no telephone number of this length in its country";
}

void offer_judge(struct desk *desk, const struct nurture_look *look, int64_t until, struct offer *out)
{
	static const enum offer_verdict verdicts[] = {
		[NURTURE_LOOK_GO] = OFFER_GO, [NURTURE_LOOK_WAIT] = OFFER_WAIT, [NURTURE_LOOK_HOLD] = OFFER_BACK, [NURTURE_LOOK_OVER] = OFFER_GONE, [NURTURE_LOOK_LATER] = OFFER_LATER};
	int64_t now = desk_now(desk);
	*out = (struct offer){.verdict = verdicts[look->standing], .until = look->until, .whole = NURTURE_HAS(look, whole) && look->whole};
	snprintf(out->reason, sizeof out->reason, "%s", look->reason ? look->reason : "");
	if (out->verdict == OFFER_GO || out->verdict == OFFER_WAIT) {
		const struct spots spots = spots_of(json_object_get(look->sheet, "place"));
		by_law(desk, &spots, out->until > now ? out->until : now, out);
		if (out->verdict == OFFER_WAIT && spots.count > 1) /* why it waits though it is noon in one of them */
			add_zones(out, spots.count);
	}
	const char *wrong = out->verdict == OFFER_GO ? offer_refuses(desk, look->address) : NULL;
	if (wrong) { /* it was another one when the call was queued: delivered again it is refused */
		out->verdict = OFFER_BACK;
		snprintf(out->reason, sizeof out->reason, "%s", wrong);
	}
	if (out->verdict == OFFER_GO && look->expires_at && look->expires_at <= now && until <= now) {
		out->verdict = OFFER_LATER; /* its campaign takes it back in a moment */
		snprintf(out->reason, sizeof out->reason, "its time is over");
	}
}

static void add_lists(const struct desk *desk, const char *country, json_t *out)
{
	const json_t *lists = json_object_get(desk->settings.lists, country);
	size_t i;
	json_t *name;
	if (json_is_string(lists))
		json_array_append(out, (json_t *)(uintptr_t)lists);
	json_array_foreach ((json_t *)(uintptr_t)lists, i, name)
		json_array_append(out, name);
}

json_t *offer_lists(const struct desk *desk, const struct nurture_look *look)
{
	const char *country = offer_country(look), *number = json_string_value(json_object_get(json_object_get(look->sheet, "place"), "phone_country"));
	json_t *out = json_array();
	add_lists(desk, country, out);
	if (number && strcmp(number, country) != 0)
		add_lists(desk, number, out);
	return out;
}
