/* How the relays stand, for status, /readyz and /metrics; what of it is logged. Told a second after something changed. */
#include "fleet.h"

#include "smtp_pool.h"

#include <stdio.h>
#include <string.h>

enum { TELL_ANYWAY_S = 60 };

static void put_line(json_t *list, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put_line(json_t *list, const char *fmt, ...)
{
	char line[480]; /* the host takes 500 */
	va_list args;
	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	json_t *text = json_string(line);
	if (text) /* cut inside a letter of UTF-8: cannot be, reasons are harmless ASCII or whole */
		json_array_append_new(list, text);
}

static void put_figure(json_t *list, const char *name, const char *label, const char *of, double value)
{
	json_array_append_new(list, json_pack("{s:s, s:{s:s}, s:f}", "name", name, "labels", label, of, "value", value));
}

/* ---- relays ---- */

static bool is_up(const struct pool *pool)
{
	return pool->failures == 0;
}

static void warm_up_text(struct fleet *fleet, struct berth *berth, char out[120])
{
	const struct warm_up *w = &berth->pool->server->warm_up;
	int64_t now = fleet_now(fleet);
	uint32_t limit = warm_up_limit(w, now), left = berth_left(fleet, berth);
	out[0] = 0;
	if (w->from && warm_up_day(w, now) < 0)
		snprintf(out, 120, ", warms up from a day that has not come");
	else if (limit != UINT32_MAX)
		snprintf(out, 120, ", warm-up day %lld: %u of %u messages", (long long)warm_up_day(w, now) + 1, limit - left, limit);
}

static void tell_relay(struct fleet *fleet, struct berth *berth, json_t *lines, json_t *troubles, json_t *figures)
{
	const struct pool *pool = berth->pool;
	char warm[120];
	warm_up_text(fleet, berth, warm);
	put_line(lines, "relay %s: %s%s%.200s, weight %u, %llu sent since its process began%s", pool->server->name, is_up(pool) ? "up" : "down",
		 is_up(pool) ? "" : ": ", is_up(pool) ? "" : pool->why, pool->server->weight, (unsigned long long)berth->sent, warm);
	if (!is_up(pool))
		put_line(troubles, "relay %s is down: %.300s", pool->server->name, pool->why);
	put_figure(figures, "relay_up", "relay", pool->server->name, is_up(pool));
}

/* One figure's rows stand together. */
static void tell_relay_figures(struct fleet *fleet, json_t *figures)
{
	for (size_t i = 0; i < fleet->berth_count; i++)
		put_figure(figures, "relay_sent", "relay", fleet->berths[i].pool->server->name, (double)fleet->berths[i].sent);
	for (size_t i = 0; i < fleet->berth_count; i++) {
		struct berth *b = &fleet->berths[i];
		if (warm_up_limit(&b->pool->server->warm_up, fleet_now(fleet)) != UINT32_MAX)
			put_figure(figures, "relay_warm_up_left", "relay", b->pool->server->name, berth_left(fleet, b));
	}
}

/* ---- lanes, providers ---- */

static void tell_lanes(struct fleet *fleet, json_t *lines, json_t *figures)
{
	for (size_t i = 0; i + 1 < fleet->lane_count; i++) {
		const struct lane *lane = &fleet->lanes[i];
		if (lane->put_off)
			put_line(lines, "domain %s: limited, %llu times a message was not its turn", lane->limit->pattern, (unsigned long long)lane->put_off);
	}
	for (size_t i = 0; i + 1 < fleet->lane_count; i++)
		put_figure(figures, "domain_put_off", "domain", fleet->lanes[i].limit->pattern, (double)fleet->lanes[i].put_off);
}

static void tell_provider(struct fleet *fleet, unsigned provider, json_t *lines, json_t *troubles)
{
	uint32_t sent, complaints;
	int64_t now = fleet_now(fleet);
	enum brake_state state = brake_state(&fleet->brake, provider, now);
	brake_sums(&fleet->brake, provider, now, &sent, &complaints);
	double share = sent ? 100.0 * complaints / sent : 0;
	if (complaints)
		put_line(lines, "provider %s: %u sent, %u complaints in seven days (%.2f %%)%s%s", provider_name(provider), sent, complaints, share,
			 state ? ", " : "", brake_word(state));
	if (state)
		put_line(troubles, "people at %s complain of %.2f %% of what was sent in seven days: %s (0.3 %% is the providers' limit)", provider_name(provider),
			 share, brake_word(state));
	if (state != fleet->braked[provider])
		desk_log(fleet->desk, state > fleet->braked[provider] ? NURTURE_LOG_WARN : NURTURE_LOG_INFO, "email.complaints",
			 "provider=%s sent=%u complaints=%u state=\"%s\"", provider_name(provider), sent, complaints, state ? brake_word(state) : "free");
	fleet->braked[provider] = state;
}

static void tell_providers(struct fleet *fleet, json_t *lines, json_t *troubles, json_t *figures)
{
	static const char *const names[] = {"provider_sent_7d", "provider_complaints_7d"};
	int64_t now = fleet_now(fleet);
	for (unsigned i = 0; i < provider_count(); i++)
		tell_provider(fleet, i, lines, troubles);
	for (int which = 0; which < 2; which++)
		for (unsigned i = 0; i < provider_count(); i++) {
			uint32_t of[2];
			brake_sums(&fleet->brake, i, now, &of[0], &of[1]);
			if (of[0] || of[1])
				put_figure(figures, names[which], "provider", provider_name(i), of[which]);
		}
}

static void tell(struct fleet *fleet)
{
	const struct nurture_host *host = fleet->desk->host;
	json_t *lines = json_array(), *troubles = json_array(), *figures = json_array();
	for (size_t i = 0; i < fleet->berth_count; i++)
		tell_relay(fleet, &fleet->berths[i], lines, troubles, figures);
	tell_relay_figures(fleet, figures);
	tell_lanes(fleet, lines, figures);
	tell_providers(fleet, lines, troubles, figures);
	if (fleet->desk->stand)
		fleet->desk->stand(fleet->desk->stand_arg, lines, troubles, figures);
	json_t *standing = json_pack("{s:o, s:o, s:o}", "lines", lines, "troubles", troubles, "figures", figures);
	host->tell(host->data, standing);
	json_decref(standing);
}

/* ---- now and then ---- */

static void on_tell(evutil_socket_t fd, short what, void *arg)
{
	struct fleet *fleet = arg;
	struct timeval again = {1, 0};
	(void)fd, (void)what;
	fleet->changed |= ++fleet->told_ago >= TELL_ANYWAY_S; /* days pass, and with them complaints and shares */
	if (fleet->changed) {
		fleet->changed = false;
		fleet->told_ago = 0;
		fleet_note(fleet);
		tell(fleet);
	}
	evtimer_add(fleet->tell, &again);
}

void fleet_changed(struct fleet *fleet)
{
	fleet->changed = true;
}

void fleet_tell_init(struct fleet *fleet)
{
	struct timeval at_once = {0, 1000};
	fleet->changed = true;
	fleet->tell = evtimer_new(fleet->base, on_tell, fleet);
	evtimer_add(fleet->tell, &at_once);
}

void fleet_tell_fini(struct fleet *fleet)
{
	event_free(fleet->tell);
}
