/* Addresses where nobody is, as the outside said when it was asked to take a mail (rejected, "hard"): they are suppressed for e-mail, and what is planned to
 * them stops, in a transaction behind the one that recorded the outcome. Only of leads: who of us has a bad address is for an admin.
 *
 * A list that goes in holds up every permission and every turn for a moment (suppress.sql), so they go in groups, one a second at most: of an old list one
 * mail in twenty comes back. Kept and tried again while the database is away; what dies with the process stands in the event email.bounce all the same. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/parts.h"
#include "store/suppress.h"

#include <stdlib.h>
#include <string.h>

static const int64_t pause_us = MOMENT_SECOND;

struct hards {
	struct delivery *delivery;
	struct suppress list;
	struct str *values; /* all; the first `flying` of them are being written, by the copy in `group`: it stays where it is */
	struct str *group;
	size_t count, room, flying;
	size_t one_by_one;  /* so many more go alone: a group failed on data */
	struct loop_timer *timer;
	mono_t next;        /* not before */
};

static void drop(struct hards *h, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free((char *)h->values[i].p);
	h->count -= n;
	if (h->count)
		memmove(h->values, h->values + n, h->count * sizeof *h->values);
}

static void want(struct hards *h)
{
	mono_t now = mono_now();
	if (h->count && !h->flying && !loop_timer_is_set(h->timer))
		loop_timer_set(h->timer, h->next > now && h->delivery->state != DELIVERY_DRAINS ? h->next - now : 0);
}

static void written(struct hards *h)
{
	drop(h, h->flying);
	h->next = mono_now() + (h->one_by_one ? 0 : pause_us);
	if (h->one_by_one)
		h->one_by_one--;
}

/* Because of what it says. */
static void refused(struct hards *h, const struct error *error)
{
	if (h->flying > 1) {
		h->one_by_one = h->flying;
		h->next = 0;
		return;
	}
	log_warn("channel.hard", log_str("channel", h->delivery->name), log_str("message", error->message));
	written(h);
}

static void on_suppressed(void *arg, const struct error *error)
{
	struct hards *h = arg;
	struct delivery *d = h->delivery;
	if (d->stopping)
		return;
	if (!error)
		written(h);
	else if (error->code == ERROR_UNAVAILABLE || error->code == ERROR_SYSTEM)
		loop_timer_set(h->timer, pause_us);
	else
		refused(h, error);
	h->flying = 0;
	want(h);
	if (d->state == DELIVERY_DRAINS)
		delivery_pump(d); /* it waits for this */
}

static void on_timer(void *arg)
{
	struct hards *h = arg;
	size_t most = h->one_by_one ? 1 : CHANNEL_CAPACITY_MAX;
	h->flying = h->count < most ? h->count : most;
	h->group = mem_resize(h->group, h->flying, sizeof *h->group);
	memcpy(h->group, h->values, h->flying * sizeof *h->group);
	h->list = (struct suppress){.kind = "email", .values = h->group, .count = h->flying, .channel = "email", .reason = "bounce",
				    .now = delivery_now(h->delivery), .fn = on_suppressed, .arg = h};
	store_suppress(h->delivery->writes, &h->list);
}

void hard_init(struct delivery *d)
{
	d->hards = mem_alloc(sizeof *d->hards);
	*d->hards = (struct hards){.delivery = d};
	d->hards->timer = loop_timer_new(d->worker->loop, on_timer, d->hards);
}

void hard_look(struct item *item)
{
	struct hards *h = item->delivery->hards;
	const struct value *email = &item->claim->facts->facts.lead.fields[LEAD_EMAIL];
	bool is_hard = item->outcome.state == TOUCH_REJECTED && str_is(item->outcome.rejected_as, "hard") && str_is(item->outcome.kind, "email");
	if (!is_hard || item->claim->recipient.n || email->type != VALUE_TEXT || !email->text.n)
		return;
	if (h->count == h->room) {
		h->room = h->room ? 2 * h->room : 64;
		h->values = mem_resize(h->values, h->room, sizeof *h->values);
	}
	h->values[h->count++] = (struct str){mem_dup_n(email->text.p, email->text.n), email->text.n};
	want(h);
}

bool hard_is_out(const struct delivery *d)
{
	return d->hards->count != 0;
}

/* The stores are gone: nobody answers any more. */
void hard_fini(struct delivery *d)
{
	drop(d->hards, d->hards->count);
	loop_timer_free(d->hards->timer);
	free(d->hards->values);
	free(d->hards->group);
	free(d->hards);
}
