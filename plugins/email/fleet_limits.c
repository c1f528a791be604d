/* Lanes and their limits, days of a new sender: what there is room for. See fleet.h. */
#include "fleet.h"

#include "smtp_pool.h"

#include <string.h>

static const int64_t second = 1000000, hour = 3600 * INT64_C(1000000);
enum { SOON_S = 10 };

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
		berth->used = berth->noted = berth->wanted = 0;
	}
	return limit == UINT32_MAX ? limit : limit > berth->used ? limit - berth->used : 0;
}

/* Those that are away count as there, for they may come back. */
uint32_t fleet_left(const struct fleet *fleet)
{
	uint32_t all = 0;
	for (size_t i = 0; i < fleet->berth_count; i++) {
		uint32_t left = berth_left(fleet, &fleet->berths[i]);
		if (left == UINT32_MAX)
			return left;
		all += left;
	}
	return all;
}

int64_t fleet_tomorrow(const struct fleet *fleet)
{
	return (quota_day(fleet_now(fleet)) + 1) * 24 * hour;
}

/* ---- how much may wait ---- */

static uint32_t room_at(uint32_t rate, int64_t *step)
{
	*step = 60 * second / rate;
	return rate * SOON_S / 60 + 1;
}

uint32_t lane_room(const struct lane *lane, int64_t *step)
{
	uint32_t most = lane->limit && lane->limit->connections ? lane->limit->connections * 8 : UINT32_MAX, soon = UINT32_MAX;
	*step = second / 4;
	if (lane->limit && lane->limit->per_minute)
		soon = room_at(lane->limit->per_minute, step);
	return soon < most ? soon : most;
}

uint32_t fleet_room(const struct fleet *fleet, int64_t *step)
{
	uint64_t all = 0;
	for (size_t i = 0; i < fleet->berth_count; i++) {
		if (!fleet->berths[i].bucket.per_minute)
			return UINT32_MAX;
		all += fleet->berths[i].bucket.per_minute;
	}
	return room_at((uint32_t)(all < 60000000 ? all : 60000000), step);
}

char *fleet_limits(const struct fleet *fleet)
{
	const struct settings *s = fleet->settings;
	GString *text = g_string_new(NULL);
	for (size_t i = 0; i < s->server_count; i++) {
		const struct warm_up *w = &s->servers[i].warm_up;
		g_string_append_printf(text, "%s %u %u %lld %u %g %u\n", s->servers[i].name, s->servers[i].per_minute, s->servers[i].connections, (long long)w->from,
				       w->first_day, w->grows, w->most);
	}
	for (size_t i = 0; i < s->domain_count; i++)
		g_string_append_printf(text, "%s %u %u\n", s->domains[i].pattern, s->domains[i].per_minute, s->domains[i].connections);
	g_string_append_printf(text, "%g %g\n", s->brake.slow, s->brake.stop);
	char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, (gssize)text->len);
	g_string_free(text, TRUE);
	return sum;
}
