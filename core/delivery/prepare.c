/* Before the plugin sees a touch: is it too late, does the gate (on fresh facts) let it pass, where does it go, what does it
 * say. What fails here is never sent: it is held with the reason, postponed or expired; where the template fails, until the next publish. */
#include "base/log.h"
#include "base/phone.h"
#include "base/return_token.h"
#include "channel/touch.h"
#include "delivery/parts.h"
#include "turn/message.h"

static void hand_over(struct item *item, const struct message *message, struct arena *arena)
{
	struct channel_touch filled;
	char token[RETURN_TOKEN_TEXT];
	struct touch_content content = {
		.address = message->address, .name = message->name, .unsubscribe_url = message->unsubscribe_url, .postal_address = message->postal_address,
		.reply_code = message->reply_code, .reply_url = message->reply_url, .fields = &message->fields, .attempt = (uint32_t)item->claim->attempt, .now = delivery_now(item->delivery)};
	channel_touch_fill(&filled, &item->claim->touch, &content, arena);
	return_token_write(&item->delivery->link_keys, item->claim->touch.id, message->address, token);
	filled.touch.return_token = token;
	channel_deliver(item->delivery->channel, &filled.touch, item);
}

/* Ends the item when the gate does not let it pass. It is asked as of the moment of the claim, as it depended on that moment what was read. Touches to
 * colleagues are not the gate's business. */
static bool passes(struct item *item, struct arena *arena, struct message_ask *ask)
{
	const struct claim *claim = item->claim;
	struct turn_facts facts;
	struct error error = {0};
	if (claim->recipient.n)
		return true;
	if (turn_facts_read(&facts, &claim->facts->facts, item->haul->claims->now, arena, &error)) {
		delivery_end(item, TOUCH_HELD, 0, true, error.message);
		return false;
	}
	facts.phone_country = phone_country;
	struct gate_answer answer = turn_gate(item->haul->edition->playbook, &facts, &claim->touch, true);
	turn_message_follow(ask, &facts);
	if (answer.verdict == GATE_PASS)
		return true;
	if (answer.verdict == GATE_LATER)
		delivery_end(item, TOUCH_PLANNED, answer.at, false, answer.reason);
	else
		delivery_end(item, TOUCH_HELD, 0, false, answer.reason);
	return false;
}

static struct message_ask ask_of(const struct item *item)
{
	const struct claim *claim = item->claim;
	const struct delivery *d = item->delivery;
	const struct lead_facts *facts = &claim->facts->facts;
	return (struct message_ask){
		.playbook = item->haul->edition->playbook, .lead = &facts->lead, .account = facts->account, .scores = facts->scores,
		.score_count = facts->score_count, .touch = &claim->touch, .person = claim->recipient, .now = delivery_now(d), .keys = &d->link_keys,
		.public_url = d->worker->config->public_url, .postal_address = d->worker->config->postal_address};
}

static void prepare(struct item *item)
{
	struct delivery *d = item->delivery;
	struct arena *arena = d->scratch;
	const struct touch *t = &item->claim->touch;
	struct message_ask ask = ask_of(item);
	struct message message = {0};
	struct error error = {0};
	arena_reset(arena);
	if (d->stopping || d->state != DELIVERY_RUNS || d->faulted || standing_waits(d)) {
		delivery_end(item, TOUCH_PLANNED, t->due_at, false, "");
		return;
	}
	if (t->expires_at && delivery_now(d) >= t->expires_at) {
		delivery_end(item, TOUCH_EXPIRED, 0, false, "its time was over before it could go out");
		return;
	}
	if (!passes(item, arena, &ask))
		return;
	if (!turn_message_to(&ask, arena, &message))
		delivery_end(item, TOUCH_HELD, 0, false, "no address");
	else if (turn_message_write(&ask, arena, &message, &error))
		delivery_park(item, error.where, str_of(error.message), arena);
	else
		hand_over(item, &message, arena);
}

void delivery_prepare(struct item *item)
{
	struct worker *worker = item->delivery->worker;
	worker_note(worker, "touch %lld", (long long)item->claim->touch.id);
	prepare(item); /* may free it */
	worker_note(worker, "%s", "");
}
