/* What follows from an answer: see smtp_judged.h. The table of answers is smtp_verdict.c's, how long to wait is quota.c's. */
#include "smtp_judged.h"

#include <stdio.h>

enum { SAID = 400, REFUSALS = 3, PROBED_S = 300 };

void smtp_put_off(struct pool *pool, struct letter *letter, enum smtp_fault fault, int wait_s, const char *why)
{
	uint32_t wait = retry_wait(&pool->settings->retry, letter->attempt, (uint32_t)wait_s);
	if (wait) {
		letter_end(letter, NURTURE_DEFERRED, why, NULL, fleet_now(pool->fleet) + wait * INT64_C(1000000));
		return;
	}
	char given_up[SAID + 100];
	letter->kind = smtp_fault_kind(fault);
	snprintf(given_up, sizeof given_up, "given up after %u attempts: %s", letter->attempt, why);
	letter_end(letter, NURTURE_REJECTED, given_up, NULL, 0);
}

static void hold(struct fleet *fleet, const char *what, const char *said)
{
	const struct nurture_host *host = fleet->desk->host;
	char why[SAID + 500];
	snprintf(why, sizeof why, "%s: \"%s\"", what, said);
	host->hold(host->data, why);
}

/* SPF, DKIM, DMARC … */
static void hold_the_sender(struct fleet *fleet, const char *domain, const char *said)
{
	char what[400];
	snprintf(what, sizeof what, "the sender is not accepted at %.250s (SPF, DKIM, DMARC or DNS: nurture email check-domain)", domain);
	hold(fleet, what, said);
}

/* As it was, when the channel is held; while only one small domain says so, later. */
static void sender_is_blamed(struct pool *pool, struct letter *letter, const char *said)
{
	const char *domain = letter_domain(letter);
	struct fleet *fleet = pool->fleet;
	if (!sender_is_broken(&fleet->sender, provider_is_large(provider_of(domain)), domain, fleet_now(fleet))) {
		smtp_put_off(pool, letter, FAULT_SENDER, 0, said);
		return;
	}
	hold_the_sender(fleet, domain, said);
	letter_end(letter, NURTURE_CHANNEL_DOWN, said, NULL, 0);
}

void smtp_came_back(struct fleet *fleet, const char *address, const char *code, const char *reason)
{
	struct smtp_reply reply;
	char said[SAID];
	smtp_reply_init(&reply);
	reply.code = 550;
	reply.subject = reply.detail = -1;
	if (g_str_has_prefix(code, "5.") && g_ascii_isdigit(code[2])) {
		char *dot;
		reply.subject = (int)g_ascii_strtoull(code + 2, &dot, 10);
		reply.detail = *dot == '.' ? (int)g_ascii_strtoull(dot + 1, NULL, 10) : -1;
	}
	g_string_printf(reply.lines, "%s\n", reason);
	smtp_reply_say(&reply, said, sizeof said);
	const char *domain = letter_domain_of(address);
	if (smtp_judge(STAGE_FINAL, &reply).fault == FAULT_SENDER && sender_came_back(&fleet->sender, provider_is_large(provider_of(domain)), address, fleet_now(fleet)))
		hold_the_sender(fleet, domain, said);
	smtp_reply_fini(&reply);
}

static void message_is_refused(struct pool *pool, struct letter *letter, const char *said)
{
	char what[100];
	letter->kind = smtp_fault_kind(FAULT_MESSAGE);
	if (sender_is_refused(&pool->fleet->sender)) {
		snprintf(what, sizeof what, "the last %d messages were all refused as spam or by policy", SENDER_POLICY_MOST);
		hold(pool->fleet, what, said);
	}
	letter_end(letter, NURTURE_REJECTED, said, NULL, 0);
}

/* Refused again while nothing else was taken: it is the relay, and probing it costs nobody an attempt. */
static void probe_is_refused(struct pool *pool, struct letter *letter, const char *said)
{
	pool_failed(pool, said);
	pool->refusing = true;
	letter_put_off(letter, said, fleet_now(pool->fleet) + PROBED_S * INT64_C(1000000));
	fleet_desert(pool->fleet, pool);
}

/* Another relay may take it. If relays say so of this letter again, it may be the letter: it waits, that it holds up nobody. An only relay is believed when it has said
 * so of letters to two domains at least, with none taken in between: one recipient (`one`: it may be about that one) whom it does not serve stops nobody else. */
static void relay_does_not_serve(struct pool *pool, struct letter *letter, bool one, const char *said)
{
	bool again = fleet_suspects(pool->fleet, letter->touch_id), alone = pool->fleet->berth_count == 1;
	unsigned domain = g_str_hash(letter_domain(letter));
	pool->refused_many = pool->refusals && (pool->refused_many || pool->refused_domain != domain);
	pool->refused_domain = domain;
	pool->refusals++;
	bool down = pool_is_unsure(pool) || (pool->refusals >= REFUSALS && (pool->refused_many || !one));
	if (again && down)
		probe_is_refused(pool, letter, said);
	else if (again)
		smtp_put_off(pool, letter, FAULT_MOMENT, 0, said);
	else if (alone && !down && !one)
		letter_end(letter, NURTURE_CHANNEL_DOWN, said, NULL, 0);
	else if (alone && !down)
		letter_put_off(letter, said, fleet_now(pool->fleet) + PROBED_S * INT64_C(1000000));
	else
		pool_refused(pool, letter, said);
}

void smtp_judged(struct pool *pool, struct letter *letter, enum smtp_stage stage, const struct smtp_reply *reply)
{
	struct smtp_verdict verdict = smtp_judge(stage, reply);
	char said[SAID], id[128];
	smtp_reply_say(reply, said, sizeof said);
	if (verdict.fault == FAULT_RELAY) {
		relay_does_not_serve(pool, letter, stage == STAGE_RCPT && reply->code / 10 == 55, said);
		return;
	}
	pool_is_well(pool);
	if (verdict.fault == FAULT_SENDER) {
		sender_is_blamed(pool, letter, said);
	} else if (verdict.fault == FAULT_MESSAGE) {
		message_is_refused(pool, letter, said);
	} else if (verdict.outcome == NURTURE_DEFERRED) {
		smtp_put_off(pool, letter, verdict.fault, verdict.wait_s, said);
	} else {
		smtp_reply_remote_id(reply, id, sizeof id);
		letter->kind = smtp_fault_kind(verdict.fault);
		letter_end(letter, verdict.outcome, said, verdict.outcome == NURTURE_SENT ? id : NULL, 0);
	}
}
