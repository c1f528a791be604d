/* Which letter goes by which relay: see fleet.h. Relays that are well share by their weights; one that is away, or has its day's or minute's limit, is passed
 * over, and tried again with one letter when its pause is over (smtp_pool.c). */
#include "fleet.h"

#include "smtp_judged.h"
#include "smtp_pool.h"
#include "transfer.h"

#include <stdio.h>
#include <string.h>

enum { AHEAD = 4 }; /* letters that may wait in a pool for each of its connections, when there are several pools */

int64_t fleet_now(const struct fleet *fleet)
{
	return fleet->desk->host->now(fleet->desk->host->data);
}

void fleet_soon(struct fleet *fleet)
{
	event_active(fleet->soon, EV_TIMEOUT, 1);
}

struct berth *fleet_berth(struct fleet *fleet, const struct pool *pool)
{
	for (size_t i = 0; i < fleet->berth_count; i++)
		if (fleet->berths[i].pool == pool)
			return &fleet->berths[i];
	g_error("a pool without a berth");
}

GQueue *fleet_queue(struct letter *letter)
{
	return letter->pool ? &letter->pool->waiting : &letter->lane->waiting;
}

bool fleet_suspects(struct fleet *fleet, int64_t touch_id)
{
	for (int i = 0; i < SUSPECTS; i++)
		if (fleet->suspects[i] == touch_id)
			return true;
	fleet->suspects[fleet->suspect++ % SUSPECTS] = touch_id;
	return false;
}

/* ---- from lanes to pools ---- */

static bool is_full(const struct fleet *fleet, const struct pool *pool)
{
	return fleet->berth_count > 1 && pool->waiting.length >= AHEAD * pool->server->connections;
}

/* Whether the relay has a part in the shares just now. What somebody waits for goes beyond a new sender's day: it is little, and counted. One that is full has: the
 * others wait for it, or weights would mean nothing as soon as there is much to do; but not when it has not taken anything for a while. */
static bool takes_part(struct fleet *fleet, struct berth *berth, bool urgent, int64_t now)
{
	struct pool *pool = berth->pool;
	if (pool_is_away(pool) || !bucket_has(&berth->bucket, now) || (!urgent && !berth_left(fleet, berth)) || !berth_is_noted(fleet, berth))
		return false;
	if (pool_is_unsure(pool))
		return pool->waiting.length < 1 + pool_ready(pool);
	return !is_full(fleet, pool) || now - pool->took_at < FLEET_STUCK_US;
}

/* Smooth weighted round-robin: among those that take part the shares follow the weights, without runs. NULL: nobody may have more just now. */
static struct berth *choose(struct fleet *fleet, const struct letter *letter, int64_t now)
{
	struct berth *best = NULL;
	int64_t all = 0;
	bool parts[SERVERS_MAX];
	for (size_t i = 0; i < fleet->berth_count; i++) {
		struct berth *b = &fleet->berths[i];
		parts[i] = fleet_may_take(fleet, letter, i) && takes_part(fleet, b, letter->urgent, now);
		if (!parts[i])
			continue;
		all += b->pool->server->weight;
		if (!best || b->share + b->pool->server->weight > best->share + best->pool->server->weight)
			best = b;
	}
	if (!best || is_full(fleet, best->pool))
		return NULL;
	for (size_t i = 0; i < fleet->berth_count; i++)
		fleet->berths[i].share += parts[i] ? fleet->berths[i].pool->server->weight : 0;
	best->share -= all;
	return best;
}

static void give(struct fleet *fleet, struct lane *lane, struct berth *berth, int64_t now)
{
	struct letter *letter = g_queue_pop_head_link(&lane->waiting)->data;
	fleet->waiting--;
	lane->out++;
	bucket_take(&lane->bucket, now);
	bucket_take(&berth->bucket, now);
	berth->used++;
	letter->pool = berth->pool;
	if (!berth->pool->waiting.length)
		berth->pool->took_at = now;
	g_queue_push_tail_link(&berth->pool->waiting, &letter->link);
}

/* The lane forgets that it gave the letter away. */
static void ungive(struct fleet *fleet, struct letter *letter)
{
	struct berth *berth = fleet_berth(fleet, letter->pool);
	letter->lane->out--;
	berth->used -= berth->used ? 1 : 0;
	bucket_refund(&letter->lane->bucket);
	bucket_refund(&berth->bucket);
	letter->pool = NULL;
}

void fleet_take_back(struct fleet *fleet, struct letter *letter)
{
	ungive(fleet, letter);
	letter->owner = NULL;
	letter_forget_permission(letter);
	if (fleet->draining || letter->cancelled) {
		letter_end(letter, NURTURE_CANCELLED, "the channel is closing", NULL, 0);
		return;
	}
	g_queue_push_head_link(&letter->lane->waiting, &letter->link);
	fleet->waiting++;
	fleet_soon(fleet);
}

void fleet_desert(struct fleet *fleet, struct pool *pool)
{
	GList *link;
	while ((link = g_queue_pop_tail_link(&pool->waiting)) != NULL)
		fleet_take_back(fleet, link->data);
}

/* What only relays that are away could carry does not hold up the others. */
static void put_off_first(struct fleet *fleet, struct lane *lane)
{
	struct letter *letter = lane->waiting.head->data;
	if (!letter->without)
		return;
	(void)lane_pop(fleet, lane);
	if (fleet_put_off_utf8(fleet, letter))
		return;
	g_queue_push_head_link(&lane->waiting, &letter->link);
	fleet->waiting++;
}

/* One letter of each lane in turn, so that many letters to one domain do not hold up the others. */
static void dispatch(struct fleet *fleet)
{
	int64_t now = pool_now(fleet->berths[0].pool);
	struct berth *berth;
	for (size_t idle = 0; idle < fleet->lane_count && fleet->waiting; idle++) {
		struct lane *lane = &fleet->lanes[fleet->next_lane++ % fleet->lane_count];
		if (!lane->waiting.length || !lane_may(lane, now))
			continue;
		struct letter *first = lane->waiting.head->data;
		berth = choose(fleet, first, now);
		if (!berth) {
			put_off_first(fleet, lane);
			continue;
		}
		give(fleet, lane, berth, now);
		idle = (size_t)-1;
	}
	for (size_t i = 0; i < fleet->berth_count; i++)
		if (fleet->berths[i].pool->waiting.length)
			pool_dispatch(fleet->berths[i].pool);
	if (fleet->waiting)
		fleet_wait(fleet, now);
}

static void on_soon(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	dispatch(arg);
}

/* ---- the desk's calls ---- */

static void on_permitted(void *relay, struct letter *letter)
{
	struct fleet *fleet = relay;
	if (letter->owner) {
		pool_permitted(letter);
	} else if (letter->permission == PERMISSION_DENIED) {
		fleet->waiting -= letter->pool ? 0 : 1;
		g_queue_unlink(fleet_queue(letter), &letter->link);
		letter_end(letter, NURTURE_CANCELLED, "permission was refused", NULL, 0);
	} else {
		letter_forget_permission(letter); /* it was asked for a connection that is gone */
	}
}

static void on_cancel(void *relay, struct letter *letter)
{
	struct fleet *fleet = relay;
	if (letter->owner) {
		pool_cancel(letter);
		return;
	}
	fleet->waiting -= letter->pool ? 0 : 1;
	g_queue_unlink(fleet_queue(letter), &letter->link);
	letter_end(letter, NURTURE_CANCELLED, NULL, NULL, 0);
}

/* Each end of a letter comes by here, before the host hears of it. */
static void on_ended(void *relay, struct letter *letter, enum nurture_outcome outcome)
{
	struct fleet *fleet = relay;
	bool tried = outcome != NURTURE_CANCELLED && outcome != NURTURE_CHANNEL_DOWN;
	if (letter->pool) {
		struct berth *berth = fleet_berth(fleet, letter->pool);
		letter->lane->out--;
		berth->used -= !tried && berth->used ? 1 : 0;
		berth->sent += outcome == NURTURE_SENT;
		letter->pool = NULL;
	}
	if (outcome == NURTURE_SENT) {
		brake_sent(&fleet->brake, letter->provider, fleet_now(fleet));
		sender_is_taken(&fleet->sender);
	}
	fleet->changed |= tried;
	if (fleet->draining && g_hash_table_size(fleet->desk->letters) == 1)
		fleet_note(fleet); /* it was the last: behind its end the host takes nothing more */
	if (fleet->waiting)
		fleet_soon(fleet);
}

static void on_complained(void *relay, const char *address)
{
	struct fleet *fleet = relay;
	if (!brake_complained(&fleet->brake, provider_of(letter_domain_of(address)), address_person(address), fleet_now(fleet)))
		return;
	fleet_changed(fleet);
	fleet_note(fleet);
}

static void on_came_back(void *relay, const char *address, const char *code, const char *reason)
{
	smtp_came_back(relay, address, code, reason);
}

static void on_changed(void *relay)
{
	fleet_changed(relay);
}

/* ---- the plugin's calls ---- */

static void fleet_send(struct relay *relay, struct letter *letter)
{
	struct fleet *fleet = (struct fleet *)relay;
	transfer_stuff_dots(letter->message);
	const char *domain = letter_domain(letter);
	letter->lane = fleet_lane(fleet, domain);
	letter->provider = (uint8_t)provider_of(domain);
	if (letter->urgent)
		g_queue_push_head_link(&letter->lane->waiting, &letter->link);
	else
		g_queue_push_tail_link(&letter->lane->waiting, &letter->link);
	fleet->waiting++;
	fleet_soon(fleet);
}

static void fleet_drain(struct relay *relay)
{
	struct fleet *fleet = (struct fleet *)relay;
	struct letter *letter;
	fleet->draining = true;
	for (size_t i = 0; i < fleet->lane_count; i++)
		while ((letter = lane_pop(fleet, &fleet->lanes[i])) != NULL)
			letter_end(letter, NURTURE_CANCELLED, "the channel is closing", NULL, 0);
	for (size_t i = 0; i < fleet->berth_count; i++)
		pool_drain(fleet->berths[i].pool);
	fleet_note(fleet);
}

static void fleet_close(struct relay *relay)
{
	struct fleet *fleet = (struct fleet *)relay;
	fleet_tell_fini(fleet);
	for (size_t i = 0; i < fleet->berth_count; i++)
		pool_free(fleet->berths[i].pool);
	event_free(fleet->soon);
	g_free(fleet->limits);
	g_free(fleet->berths);
	g_free(fleet->lanes);
	g_free(fleet);
}

static const struct relay_kind fleet_kind = {
	.send = fleet_send,
	.full = fleet_full,
	.turns = fleet_turns,
	.drain = fleet_drain,
	.close = fleet_close,
};

static void make_lanes(struct fleet *fleet)
{
	const struct settings *s = fleet->settings;
	fleet->lane_count = s->domain_count + 1;
	fleet->lanes = g_new0(struct lane, fleet->lane_count);
	for (size_t i = 0; i < fleet->lane_count; i++) {
		fleet->lanes[i].limit = i < s->domain_count ? &s->domains[i] : NULL;
		bucket_init(&fleet->lanes[i].bucket, fleet->lanes[i].limit ? fleet->lanes[i].limit->per_minute : 0);
	}
}

struct relay *fleet_new(struct desk *desk, const struct settings *settings)
{
	struct fleet *fleet = g_new0(struct fleet, 1);
	fleet->relay.kind = &fleet_kind;
	fleet->desk = desk;
	fleet->settings = settings;
	fleet->base = desk->host->loop(desk->host->data);
	memset(fleet->suspects, 0xFF, sizeof fleet->suspects); /* no touch has this number */
	fleet->soon = evtimer_new(fleet->base, on_soon, fleet);
	fleet->berth_count = settings->server_count;
	fleet->berths = g_new0(struct berth, fleet->berth_count);
	for (size_t i = 0; i < fleet->berth_count; i++) {
		fleet->berths[i] = (struct berth){.pool = pool_new(fleet, &settings->servers[i]), .was_up = true};
		bucket_init(&fleet->berths[i].bucket, settings->servers[i].per_minute);
	}
	make_lanes(fleet);
	brake_init(&fleet->brake, &settings->brake);
	fleet_notes_init(fleet);
	desk->relay = fleet;
	desk->permitted = on_permitted;
	desk->cancel = on_cancel;
	desk->ended = on_ended;
	desk->complained = on_complained;
	desk->came_back = on_came_back;
	desk->changed = on_changed;
	fleet_tell_init(fleet);
	return &fleet->relay;
}
