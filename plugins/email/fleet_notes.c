/* The notes that survive the process and the machine: how much of a new sender's day is used, complaints by provider, the turns that were promised.
 *
 * A day's limit must hold whatever dies when. So a part of it is noted before it is used: as many as are noted on disk may go, and the next part is noted in time. What
 * was noted and not used is lost with a process that is killed; one that drains notes what it has used. */
#include "fleet.h"

#include "smtp_pool.h"

#include <string.h>

static const int64_t second = 1000000;
enum { PART_LEAST = 5, PART_MOST = 1000 };

static bool is_warming(const struct fleet *fleet, const struct berth *berth)
{
	return warm_up_limit(&berth->pool->server->warm_up, fleet_now(fleet)) != UINT32_MAX;
}

/* A tenth of the day, that a kill costs little of it. */
static uint32_t part_of(const struct fleet *fleet, const struct berth *berth)
{
	uint32_t part = warm_up_limit(&berth->pool->server->warm_up, fleet_now(fleet)) / 10;
	return part < PART_LEAST ? PART_LEAST : part > PART_MOST ? PART_MOST : part;
}

static int64_t domain_of(struct fleet *fleet, const struct turnstile *turn)
{
	int64_t ahead = turn->slot - pool_now(fleet->berths[0].pool);
	return ahead > 0 ? fleet_now(fleet) + ahead : 0;
}

static json_t *warm_up_notes(struct fleet *fleet)
{
	json_t *days = json_object();
	for (size_t i = 0; i < fleet->berth_count; i++) {
		struct berth *b = &fleet->berths[i];
		if (!b->pool->server->warm_up.from)
			continue;
		(void)berth_left(fleet, b); /* today's */
		b->wanted = fleet->draining || b->wanted < b->used ? b->used : b->wanted;
		json_object_set_new(days, b->pool->server->name, json_pack("[I, I]", (json_int_t)b->day, (json_int_t)b->wanted));
	}
	return days;
}

static json_t *turn_notes(struct fleet *fleet)
{
	json_t *turns = json_object();
	for (size_t i = 0; i < fleet->lane_count; i++) {
		const struct lane *lane = &fleet->lanes[i];
		int64_t at = domain_of(fleet, &lane->turn);
		if (lane->limit && at)
			json_object_set_new(turns, lane->limit->pattern, json_integer(at));
	}
	return json_pack("{s:o, s:I, s:[I, I], s:s}", "domains", turns, "all", (json_int_t)domain_of(fleet, &fleet->turn), "days", (json_int_t)fleet->ahead.day,
			 (json_int_t)fleet->ahead.used, "limits", fleet->limits);
}

static void on_noted(void *arg, bool kept)
{
	struct fleet *fleet = arg;
	int64_t now = pool_now(fleet->berths[0].pool);
	fleet->noting = false;
	for (size_t i = 0; i < fleet->berth_count && kept; i++) {
		struct berth *b = &fleet->berths[i];
		if (b->noting_day == b->day && b->noted < b->noting)
			b->noted = b->noting;
	}
	if (!fleet->waiting)
		return;
	if (kept)
		fleet_soon(fleet);
	else
		fleet_look_again(fleet, now + second, now);
}

void fleet_note(struct fleet *fleet)
{
	const struct nurture_host *host = fleet->desk->host;
	json_t *notes = json_pack("{s:o, s:o, s:o}", "warm_up", warm_up_notes(fleet), "complaints", brake_notes(&fleet->brake), "turns", turn_notes(fleet));
	if (fleet->noting) {
		host->keep(host->data, notes); /* goes with the next */
		json_decref(notes);
		return;
	}
	fleet->noting = true;
	for (size_t i = 0; i < fleet->berth_count; i++) {
		fleet->berths[i].noting = fleet->berths[i].wanted;
		fleet->berths[i].noting_day = fleet->berths[i].day;
	}
	host->keep_then(host->data, notes, on_noted, fleet);
	json_decref(notes);
}

bool berth_is_noted(struct fleet *fleet, struct berth *berth)
{
	uint32_t part = part_of(fleet, berth);
	if (!is_warming(fleet, berth))
		return true;
	(void)berth_left(fleet, berth); /* today's */
	if (berth->used + part / 2 >= berth->noted && !fleet->noting && !fleet->draining) {
		uint32_t limit = warm_up_limit(&berth->pool->server->warm_up, fleet_now(fleet)), wanted = berth->used + part;
		berth->wanted = berth->used < limit && wanted > limit ? limit : wanted; /* beyond it goes what somebody waits for */
		fleet_note(fleet);
	}
	return berth->used < berth->noted;
}

/* ---- as it begins ---- */

static void recall_days(struct fleet *fleet, const json_t *days)
{
	for (size_t i = 0; i < fleet->berth_count; i++) {
		struct berth *b = &fleet->berths[i];
		json_int_t day = 0, used = 0;
		if (json_unpack((json_t *)json_object_get(days, b->pool->server->name), "[I, I]", &day, &used) || used < 0 || used > UINT32_MAX)
			continue;
		b->day = day;
		b->used = b->noted = b->wanted = (uint32_t)used;
	}
}

static void recall_turn(struct fleet *fleet, struct turnstile *turn, const json_t *at)
{
	int64_t ahead = json_integer_value(at) - fleet_now(fleet);
	if (ahead > 0 && ahead < 400 * 86400 * second)
		turn->slot = pool_now(fleet->berths[0].pool) + ahead;
}

/* Limits that were changed make promised turns void. */
static void recall_turns(struct fleet *fleet, const json_t *turns)
{
	const char *limits = json_string_value(json_object_get(turns, "limits"));
	const json_t *domains = json_object_get(turns, "domains");
	json_int_t day = 0, used = 0;
	if (limits && strcmp(limits, fleet->limits) != 0) {
		fleet_turns_anew(fleet);
		return;
	}
	recall_turn(fleet, &fleet->turn, json_object_get(turns, "all"));
	for (size_t i = 0; i < fleet->lane_count; i++)
		if (fleet->lanes[i].limit)
			recall_turn(fleet, &fleet->lanes[i].turn, json_object_get(domains, fleet->lanes[i].limit->pattern));
	if (!json_unpack((json_t *)json_object_get(turns, "days"), "[I, I]", &day, &used) && used >= 0 && used <= UINT32_MAX) {
		fleet->ahead.day = day;
		fleet->ahead.used = (uint32_t)used;
	}
}

void fleet_notes_init(struct fleet *fleet)
{
	const struct nurture_host *host = fleet->desk->host;
	const json_t *notes = host->kept(host->data);
	fleet->limits = fleet_limits(fleet);
	brake_recall(&fleet->brake, json_object_get(notes, "complaints"));
	recall_days(fleet, json_object_get(notes, "warm_up"));
	recall_turns(fleet, json_object_get(notes, "turns"));
}
