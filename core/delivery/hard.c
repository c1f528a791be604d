/* An address where nobody is, as the outside said when it was asked to take a mail (rejected, "hard"): it is suppressed for e-mail, and what is planned to it
 * stops, in one transaction behind the one that recorded the outcome. Only of leads: who of us has a bad address is for an admin. Kept and tried again while
 * the database is away; what dies with the process in between stands in the event email.bounce all the same. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/parts.h"
#include "store/suppress.h"

#include <stdlib.h>

static const int64_t again_us = MOMENT_SECOND;

struct hard {
	TAILQ_ENTRY(hard) entry;
	struct delivery *delivery;
	struct suppress list;
	struct str value;
	char *address;
	struct loop_timer *again;
};

static void hard_free(struct hard *hard)
{
	loop_timer_free(hard->again);
	free(hard->address);
	free(hard);
}

static void on_suppressed(void *arg, const struct error *error)
{
	struct hard *hard = arg;
	struct delivery *d = hard->delivery;
	if (error && !d->stopping && (error->code == ERROR_UNAVAILABLE || error->code == ERROR_SYSTEM)) {
		loop_timer_set(hard->again, again_us);
		return;
	}
	if (error)
		log_warn("channel.hard", log_str("channel", d->name), log_str("message", error->message));
	TAILQ_REMOVE(&d->hards, hard, entry);
	d->told_count--;
	hard_free(hard);
	if (d->state == DELIVERY_DRAINS)
		delivery_pump(d); /* it waits for this */
}

static void on_again(void *arg)
{
	struct hard *hard = arg;
	store_suppress(hard->delivery->writes, &hard->list);
}

void hard_look(struct item *item)
{
	struct delivery *d = item->delivery;
	const struct value *email = &item->claim->facts->facts.lead.fields[LEAD_EMAIL];
	bool is_hard = item->outcome.state == TOUCH_REJECTED && str_is(item->outcome.rejected_as, "hard") && str_is(item->outcome.kind, "email");
	if (!is_hard || item->claim->recipient.n || email->type != VALUE_TEXT || !email->text.n)
		return;
	struct hard *hard = mem_alloc(sizeof *hard);
	*hard = (struct hard){.delivery = d, .address = mem_dup_n(email->text.p, email->text.n)};
	hard->value = str_of(hard->address);
	hard->again = loop_timer_new(d->worker->loop, on_again, hard);
	hard->list = (struct suppress){.kind = "email", .values = &hard->value, .count = 1, .channel = "email", .reason = "bounce", .now = delivery_now(d),
				       .fn = on_suppressed, .arg = hard};
	TAILQ_INSERT_TAIL(&d->hards, hard, entry);
	d->told_count++;
	store_suppress(d->writes, &hard->list);
}

/* The stores are gone: nobody answers any more. */
void hard_fini(struct delivery *d)
{
	struct hard *hard;
	while ((hard = TAILQ_FIRST(&d->hards))) {
		TAILQ_REMOVE(&d->hards, hard, entry);
		hard_free(hard);
	}
}
