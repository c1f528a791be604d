/* pause → page → page … until nobody is left → pause. Where it stands is in the database (campaign_pause): a worker that dies loses nothing, and two of
 * them, on two nodes, take turns at the row. One page is in flight at a time. */
#include "jobs/waking.h"

#include "base/log.h"
#include "base/mem.h"
#include "store/admin.h"
#include "store/campaign.h"

#include <stdlib.h>

enum { PAUSE_SECONDS = 1 };

struct waking {
	struct store *store;
	struct loop_timer *timer;
	bool busy, stopped, dead;
	int64_t woken; /* since the pause */
};

static void on_page(void *arg, int64_t woken, const struct error *error);

static void next_page(void *arg)
{
	struct waking *w = arg;
	w->busy = true;
	store_campaign_wake(w->store, on_page, w);
}

static void pause_now(struct waking *w)
{
	w->busy = false;
	if (w->dead)
		free(w);
	else if (!w->stopped)
		loop_timer_set(w->timer, PAUSE_SECONDS * MOMENT_SECOND);
}

static void on_page(void *arg, int64_t woken, const struct error *error)
{
	struct waking *w = arg;
	if (error && !w->dead)
		log_warn("waking.failed", log_str("error", error->message));
	if (!error && woken < 0 && w->woken) {
		log_info("campaign.woken", log_int("leads", w->woken));
		w->woken = 0;
	}
	if (error || woken < 0 || w->stopped || w->dead) {
		pause_now(w);
		return;
	}
	w->woken += woken;
	next_page(w);
}

struct waking *waking_new(struct worker *worker, struct store *store)
{
	struct waking *w = mem_alloc(sizeof *w);
	*w = (struct waking){.store = store};
	w->timer = loop_timer_new(worker->loop, next_page, w);
	loop_timer_set(w->timer, 0);
	return w;
}

void waking_stop(struct waking *w)
{
	w->stopped = true;
	loop_timer_stop(w->timer);
}

bool waking_is_busy(const struct waking *w)
{
	return w->busy;
}

void waking_free(struct waking *w)
{
	if (!w)
		return;
	loop_timer_free(w->timer);
	if (w->busy)
		w->dead = true;
	else
		free(w);
}
