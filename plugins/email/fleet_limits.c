/* Lanes and their limits; what is given back to the host before anybody makes a message of it: see fleet.h.
 *
 * A letter that would wait longer than a few seconds is promised the next turn of its lane and given back until then; so the host brings it again when it can
 * go. Turns are promised an hour ahead at most: behind that letters come again spread over the second half of that hour. */
#include "fleet.h"

#include "smtp_pool.h"

#include <stdio.h>
#include <string.h>

static const int64_t second = 1000000, hour = 3600 * INT64_C(1000000);
enum { SOON_S = 10, URGENT_MORE = 100 };

struct lane *fleet_lane(struct fleet *fleet, const char *domain)
{
	size_t i = 0;
	while (fleet->lanes[i].limit && !domain_fits(fleet->lanes[i].limit->pattern, domain))
		i++;
	return &fleet->lanes[i];
}

bool lane_may(struct lane *lane, int64_t now)
{
	if (!lane->limit)
		return true;
	return (!lane->limit->connections || lane->out < lane->limit->connections) && bucket_has(&lane->bucket, now);
}

/* ---- the day of a new sender ---- */

uint32_t berth_left(const struct fleet *fleet, struct berth *berth)
{
	int64_t now = fleet_now(fleet), day = quota_day(now);
	uint32_t limit = warm_up_limit(&berth->pool->server->warm_up, now);
	if (berth->day != day) {
		berth->day = day;
		berth->used = 0;
	}
	return limit == UINT32_MAX ? limit : limit > berth->used ? limit - berth->used : 0;
}

int64_t fleet_tomorrow(const struct fleet *fleet)
{
	return (quota_day(fleet_now(fleet)) + 1) * 24 * hour;
}

/* ---- how much a lane may hold ---- */

/* Messages a minute that all relays together may send; 0 = one of them has no limit. */
static uint32_t rate_of_all(const struct fleet *fleet)
{
	uint32_t all = 0;
	for (size_t i = 0; i < fleet->berth_count; i++) {
		if (!fleet->berths[i].bucket.per_minute)
			return 0;
		all += fleet->berths[i].bucket.per_minute;
	}
	return all;
}

/* What goes out within SOON_S: *step = microseconds between two of it. UINT32_MAX = no limit. */
static uint32_t room_of(const struct fleet *fleet, const struct lane *lane, int64_t *step)
{
	uint32_t rate = lane->limit ? lane->limit->per_minute : 0, together = rate_of_all(fleet);
	uint32_t most = lane->limit && lane->limit->connections ? lane->limit->connections * 8 : UINT32_MAX;
	if (together && (!rate || together < rate))
		rate = together;
	*step = rate ? 60 * second / rate : second / 4;
	if (!rate)
		return most;
	uint32_t soon = rate * SOON_S / 60 + 1;
	return soon < most ? soon : most;
}

/* Domain time of the next turn that nobody was promised. */
static int64_t promise(struct fleet *fleet, struct lane *lane, int64_t step)
{
	int64_t now = pool_now(fleet->berths[0].pool), soonest = now + SOON_S * second;
	lane->slot = lane->slot + step < soonest ? soonest : lane->slot + step;
	lane->put_off++;
	if (lane->slot > now + hour) {
		lane->slot = now + hour;
		return fleet_now(fleet) + hour / 2 + (int64_t)(lane->put_off * 2654435761u % 1800) * second;
	}
	return fleet_now(fleet) + (lane->slot - now);
}

static bool braked(struct fleet *fleet, const char *domain, int64_t *until, char why[RELAY_WHY])
{
	int64_t now = fleet_now(fleet);
	unsigned provider = provider_of(domain);
	if (brake_lets(&fleet->brake, provider, now))
		return false;
	*until = now + hour;
	snprintf(why, RELAY_WHY, "too many complaints from people at %s: messages to it are %s", provider_name(provider),
		 brake_word(brake_state(&fleet->brake, provider, now)));
	return true;
}

/* Every relay that is there has its day's share; those that are away count as there, for they may come back. */
static bool day_is_over(struct fleet *fleet, int64_t *until, char why[RELAY_WHY])
{
	for (size_t i = 0; i < fleet->berth_count; i++)
		if (berth_left(fleet, &fleet->berths[i]))
			return false;
	*until = fleet_tomorrow(fleet);
	snprintf(why, RELAY_WHY, "the day's messages of a new sender (warm_up) are out");
	return true;
}

/* address is as the host has it; only its domain is looked at, and what is no address is found later. */
bool fleet_full(struct relay *relay, const char *address, bool urgent, int64_t *until, char why[RELAY_WHY])
{
	struct fleet *fleet = (struct fleet *)relay;
	const char *at = strrchr(address, '@');
	char *domain = g_ascii_strdown(at ? at + 1 : "", -1);
	struct lane *lane = fleet_lane(fleet, domain);
	int64_t step;
	uint32_t room = room_of(fleet, lane, &step);
	bool full = !urgent && (day_is_over(fleet, until, why) || braked(fleet, domain, until, why));
	if (!full && room != UINT32_MAX && lane->waiting.length >= room + (urgent ? URGENT_MORE : 0)) {
		full = true;
		*until = promise(fleet, lane, step);
		snprintf(why, RELAY_WHY, "not its turn yet: messages to %s are limited", lane->limit ? lane->limit->pattern : "this relay");
	}
	g_free(domain);
	return full;
}
