/* Letters wait, and none can be given to a relay now: for what? For a relay's pause, for a minute's or a day's limit; or all relays are away, and the host keeps
 * what waits. Called by fleet.c. */
#include "fleet.h"

#include "smtp_pool.h"

struct letter *lane_pop(struct fleet *fleet, struct lane *lane)
{
	GList *link = g_queue_pop_head_link(&lane->waiting);
	fleet->waiting -= link ? 1 : 0;
	return link ? link->data : NULL;
}

/* All relays are away: the host keeps what waits. */
static void give_up(struct fleet *fleet)
{
	GString *why = g_string_new(NULL);
	for (size_t i = 0; i < fleet->berth_count; i++) {
		const struct pool *pool = fleet->berths[i].pool;
		g_string_append_printf(why, fleet->berth_count == 1 ? "%.0s%s" : i ? "; %s: %s" : "%s: %s", pool->server->name, pool->why);
	}
	for (size_t i = 0; i < fleet->lane_count; i++) {
		GQueue letters = fleet->lanes[i].waiting; /* new ones may come from within */
		fleet->waiting -= letters.length;
		g_queue_init(&fleet->lanes[i].waiting);
		for (GList *link; (link = g_queue_pop_head_link(&letters)) != NULL;)
			letter_end(link->data, NURTURE_CHANNEL_DOWN, why->str, NULL, 0);
	}
	g_string_free(why, TRUE);
}

/* Every relay that is there has its day's share: what somebody waits for stays, in its order. */
static void give_back_until_tomorrow(struct fleet *fleet, bool some_away)
{
	int64_t until = some_away ? fleet_now(fleet) + 300 * INT64_C(1000000) : fleet_tomorrow(fleet);
	for (size_t i = 0; i < fleet->lane_count; i++) {
		struct letter *letter;
		for (unsigned n = fleet->lanes[i].waiting.length; n && (letter = lane_pop(fleet, &fleet->lanes[i])); n--) {
			if (!letter->urgent) {
				letter_put_off(letter, "the day's messages of a new sender (warm_up) are out", until);
				continue;
			}
			g_queue_push_tail_link(&fleet->lanes[i].waiting, &letter->link);
			fleet->waiting++;
		}
	}
}

void fleet_look_again(struct fleet *fleet, int64_t at, int64_t now)
{
	int64_t us = at > now ? at - now : 1000;
	struct timeval tv = {us / 1000000, us % 1000000};
	event_add(fleet->soon, &tv);
}

/* Letters wait, and none can be given now: for what? */
void fleet_wait(struct fleet *fleet, int64_t now)
{
	int64_t next = INT64_MAX;
	size_t away = 0, spent = 0;
	for (size_t i = 0; i < fleet->berth_count; i++) {
		struct berth *b = &fleet->berths[i];
		bool is_away = pool_is_away(b->pool);
		away += is_away;
		spent += !is_away && berth_left(fleet, b) == 0;
		int64_t at = is_away ? b->pool->not_before : bucket_when(&b->bucket, now);
		next = at > now && at < next ? at : next;
	}
	if (away == fleet->berth_count) {
		give_up(fleet);
		return;
	}
	if (away + spent == fleet->berth_count) {
		give_back_until_tomorrow(fleet, away > 0);
		if (!fleet->waiting)
			return;
	}
	for (size_t i = 0; i < fleet->lane_count; i++) {
		int64_t at = fleet->lanes[i].waiting.length ? bucket_when(&fleet->lanes[i].bucket, now) : 0;
		next = at > now && at < next ? at : next;
	}
	if (fleet->berth_count > 1 && next > now + FLEET_STUCK_US / 5)
		next = now + FLEET_STUCK_US / 5; /* one may be stuck */
	if (next < INT64_MAX)
		fleet_look_again(fleet, next, now);
}
