/* Whose turn it is. The host asks about touches that are due before it claims them: who would wait longer than a few seconds is promised a turn, as far ahead as it
 * really is, and stays with the host, at no cost, until then. Asked once more when a touch is delivered, for it may have become another's turn meanwhile.
 *
 * A turn is a number: each limit counts its promised ones on (turnstile.slot), by its rate. Who comes when it was promised goes first; who is new while others wait may
 * take half of the room, so that nothing stands idle when those who were promised do not come (withdrawn, closed for the night). Limits of a day (warm_up)
 * promise days. Mail that somebody waits for (all but marketing) knows no day, no brake, and has room of its own. */
#include "fleet.h"

#include "smtp_pool.h"

#include <stdio.h>
#include <string.h>

static const int64_t second = 1000000, hour = 3600 * INT64_C(1000000), day = 24 * 3600 * INT64_C(1000000);
enum { SOON_S = 10, URGENT_MORE = 100, DAYS_MOST = 400 };

struct question {
	struct fleet *fleet;
	struct lane *lane;
	const char *domain;
	bool urgent, promised;
	int64_t now;     /* machine time */
	int64_t expires_at;
	int64_t wait, until;
	char *why;       /* RELAY_WHY */
};

static unsigned taken(const struct fleet *fleet)
{
	return fleet->waiting + fleet->turn.asked;
}

/* ---- the day of a new sender ---- */

static uint32_t left_on(const struct fleet *fleet, int64_t date)
{
	uint64_t all = 0;
	for (size_t i = 0; i < fleet->berth_count; i++) {
		uint32_t limit = warm_up_limit(&fleet->berths[i].pool->server->warm_up, date * day);
		if (limit == UINT32_MAX)
			return limit;
		all += limit;
	}
	return all < UINT32_MAX ? (uint32_t)all : UINT32_MAX;
}

/* Each its own moment, so that they come in their order. */
static bool waits_for_a_day(struct question *q)
{
	struct fleet *fleet = q->fleet;
	int64_t today = quota_day(fleet_now(fleet));
	uint32_t left = fleet_left(fleet);
	if (left == UINT32_MAX || left > taken(fleet))
		return false;
	if (fleet->ahead.day <= today) {
		fleet->ahead.day = today + 1;
		fleet->ahead.used = 0;
	}
	while (fleet->ahead.used >= left_on(fleet, fleet->ahead.day) && fleet->ahead.day < today + DAYS_MOST) {
		fleet->ahead.day++;
		fleet->ahead.used = 0;
	}
	q->until = fleet->ahead.day * day + fleet->ahead.used++;
	snprintf(q->why, RELAY_WHY, "the day's messages of a new sender (warm_up) are out");
	return true;
}

/* ---- complaints ---- */

/* Shares change as days pass: a stopped provider is looked at tomorrow, a slowed one twice a day; not all in one moment. */
static bool waits_for_the_brake(struct question *q)
{
	struct fleet *fleet = q->fleet;
	int64_t now = fleet_now(fleet);
	unsigned provider = provider_of(q->domain);
	if (brake_lets(&fleet->brake, provider, now))
		return false;
	enum brake_state state = brake_state(&fleet->brake, provider, now);
	int64_t spread = (int64_t)(++q->lane->put_off * 2654435761u % 3600) * second;
	q->until = state == BRAKE_STOP ? fleet_tomorrow(fleet) + spread : now + 6 * hour + 6 * spread;
	snprintf(q->why, RELAY_WHY, "too many complaints from people at %s: messages to it are %s", provider_name(provider), brake_word(state));
	return true;
}

/* ---- so many a minute ---- */

static void promise(struct question *q, struct turnstile *turn, int64_t step)
{
	int64_t soonest = q->now + SOON_S * second, slot = turn->slot + step < soonest ? soonest : turn->slot + step;
	q->wait = slot - q->now;
	if (q->expires_at && fleet_now(q->fleet) + q->wait >= q->expires_at) {
		q->wait = 0; /* its time is over before: it takes nobody's turn */
		q->until = q->expires_at;
	} else {
		turn->slot = slot;
	}
}

static bool waits_at(struct question *q, struct turnstile *turn, uint32_t room, int64_t step, unsigned there)
{
	bool others_wait = turn->slot > q->now + SOON_S * second;
	if (room == UINT32_MAX)
		return false;
	if (q->urgent)
		room += URGENT_MORE;
	else if (!q->promised && others_wait)
		room = (room + 1) / 2;
	if (there + turn->asked < room)
		return false;
	promise(q, turn, step);
	return true;
}

static bool waits_for_a_limit(struct question *q)
{
	struct fleet *fleet = q->fleet;
	int64_t step = 0;
	uint32_t room = lane_room(q->lane, &step);
	bool by_domain = waits_at(q, &q->lane->turn, room, step, q->lane->waiting.length);
	if (!by_domain) {
		room = fleet_room(fleet, &step);
		if (!waits_at(q, &fleet->turn, room, step, fleet->waiting))
			return false;
	}
	q->lane->put_off++;
	snprintf(q->why, RELAY_WHY, "not its turn yet: messages to %s are limited", by_domain ? q->lane->limit->pattern : fleet->berth_count > 1 ? "these relays" : "this relay");
	return true;
}

/* ---- asked ---- */

static bool waits(struct question *q)
{
	if (!q->urgent && (waits_for_a_day(q) || waits_for_the_brake(q)))
		return true;
	if (waits_for_a_limit(q))
		return true;
	q->lane->turn.asked++;
	q->fleet->turn.asked++;
	return false;
}

/* address is as the host has it; only its domain is looked at, and what is no address is found later. */
static struct question question_of(struct fleet *fleet, int64_t now, const char *address, char *domain, size_t size)
{
	const char *at = strrchr(address, '@');
	snprintf(domain, size, "%s", at ? at + 1 : "");
	for (char *p = domain; *p; p++)
		*p = g_ascii_tolower(*p);
	return (struct question){.fleet = fleet, .lane = fleet_lane(fleet, domain), .domain = domain, .now = now};
}

static void nobody_asked(struct fleet *fleet)
{
	fleet->turn.asked = 0;
	for (size_t i = 0; i < fleet->lane_count; i++)
		fleet->lanes[i].turn.asked = 0;
}

static bool may_have_to_wait(struct fleet *fleet)
{
	int64_t step;
	if (fleet->lane_count > 1 || fleet_room(fleet, &step) != UINT32_MAX || fleet_left(fleet) != UINT32_MAX)
		return true;
	for (unsigned i = 0; i < provider_count(); i++)
		if (brake_state(&fleet->brake, i, fleet_now(fleet)) >= BRAKE_SLOW)
			return true;
	return false;
}

bool fleet_turns(struct relay *relay, struct nurture_turn *turns, size_t count)
{
	char why[RELAY_WHY];
	struct fleet *fleet = (struct fleet *)relay;
	int64_t now = pool_now(fleet->berths[0].pool);
	nobody_asked(fleet);
	for (size_t i = 0; i < count; i++) {
		char domain[260];
		struct question q = question_of(fleet, now, turns[i].address, domain, sizeof domain);
		q.urgent = strcmp(turns[i].purpose, "marketing") != 0;
		q.promised = turns[i].promised;
		q.expires_at = turns[i].expires_at;
		q.why = why;
		if (!waits(&q))
			continue;
		turns[i].wait = q.wait;
		turns[i].until = q.until;
		turns[i].reason = g_intern_string(why);
	}
	if (count)
		nobody_asked(fleet);
	fleet->changed |= count > 0;
	return may_have_to_wait(fleet);
}

bool fleet_full(struct relay *relay, const char *address, bool urgent, int64_t *until, char why[RELAY_WHY])
{
	struct fleet *fleet = (struct fleet *)relay;
	char domain[260];
	nobody_asked(fleet);
	struct question q = question_of(fleet, pool_now(fleet->berths[0].pool), address, domain, sizeof domain);
	q.urgent = urgent;
	q.promised = true; /* it was let through a moment ago */
	q.why = why;
	bool full = waits(&q);
	nobody_asked(fleet);
	*until = q.until ? q.until : fleet_now(fleet) + q.wait;
	return full;
}

void fleet_turns_anew(struct fleet *fleet)
{
	const struct nurture_host *host = fleet->desk->host;
	fleet->turn.slot = 0;
	fleet->ahead.day = 0;
	for (size_t i = 0; i < fleet->lane_count; i++)
		fleet->lanes[i].turn.slot = 0;
	host->turns_anew(host->data);
}
