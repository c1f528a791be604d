/* How a delivery ended → what is written: retries, in doubt, channel down. The store is a fake of this program: it takes outcomes down. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/parts.h"
#include "unit/check_main.h"

#include <fcntl.h>

static struct outcome written; /* the last one */
static int writes;
static char told[16];

void group_record(struct item *item)
{
	written = item->outcome;
	writes++;
}
void delivery_tell(struct delivery *d, const char *state, const char *reason)
{
	(void)d, (void)reason;
	snprintf(told, sizeof told, "%s", state);
}
bool standing_waits(const struct delivery *d)
{
	return d->stopped_by || d->held_why;
}
void standing_say(struct delivery *d)
{
	delivery_tell(d, "up", NULL);
}
void delivery_pump(struct delivery *d)
{
	(void)d;
}
moment_t delivery_now(const struct delivery *d)
{
	return d->clock.domain0;
}
static int noted;
void answers_note(struct item *item)
{
	noted += !item->outcome.doubt;
}
static int freed;
void item_free(struct item *item)
{
	(void)item;
	freed++;
}

static struct config_channel channel = {.name = "email", .plugin = "puppet", .in_doubt = "hold"};
static struct worker worker = {.channel = &channel};
static struct delivery d;
static struct claim claim;
static struct claims claims = {.now = 900 * MOMENT_DAY};
static struct haul haul = {.claims = &claims};
static struct item item;
static const moment_t now = 1000 * MOMENT_DAY;

static void begin(int attempt)
{
	log_set_fd(open("/dev/null", O_WRONLY | O_CLOEXEC));
	channel.in_doubt = "hold";
	d = (struct delivery){.worker = &worker, .name = "email", .state = DELIVERY_RUNS, .held = true, .clock = {.domain0 = now, .scale = 2}};
	claim = (struct claim){.touch = {.id = 70, .lead_id = 6, .due_at = now - 5}, .attempt = attempt};
	item = (struct item){.delivery = &d, .haul = &haul, .claim = &claim, .permit = PERMIT_GIVEN};
	writes = freed = noted = 0;
	told[0] = 0;
}

static void end(enum nurture_outcome outcome, moment_t until)
{
	delivery_result(&item, &(struct channel_result){.outcome = outcome, .reason = STR("why"), .remote_id = STR("q1"), .until = until});
}

START_TEST(what_is_final_is_written_with_reason_and_remote_id)
{
	begin(1);
	end(NURTURE_SENT, 0);
	ck_assert_int_eq(written.state, TOUCH_SENT);
	ck_assert_int_eq(written.claimed_at, claims.now);
	ck_assert_int_eq(noted, 1);
	ck_assert(str_is(written.remote_id, "q1") && str_is(written.reason, "why"));
	begin(1);
	end(NURTURE_REJECTED, 0);
	ck_assert_int_eq(written.state, TOUCH_REJECTED);
	begin(1);
	end(NURTURE_QUEUED, 0);
	ck_assert_int_eq(written.state, TOUCH_QUEUED);
}
END_TEST

START_TEST(what_is_put_off_comes_again_later_each_time_and_ends_after_about_five_days)
{
	moment_t at = now, last = 0;
	int attempt = 1;
	for (;; attempt++) {
		moment_t next = delivery_retry_at(at, attempt, 0);
		if (!next)
			break;
		ck_assert_int_ge(next - at, last);
		last = next - at;
		at = next;
	}
	ck_assert_int_gt(at - now, 4 * MOMENT_DAY);
	ck_assert_int_lt(at - now, 6 * MOMENT_DAY);
	begin(1);
	end(NURTURE_DEFERRED, 0);
	ck_assert_int_eq(written.state, TOUCH_DEFERRED);
	ck_assert_int_eq(written.due_at, now + MOMENT_MINUTE);
	begin(attempt);
	end(NURTURE_DEFERRED, 0);
	ck_assert_int_eq(written.state, TOUCH_EXPIRED);
	ck_assert_msg(str_starts(written.reason, STR("given up after 13 attempts: ")), "%.*s", STR_ARG(written.reason));
}
END_TEST

START_TEST(the_plugin_may_say_when_but_not_beyond_five_days_nor_its_last_moment)
{
	begin(1);
	end(NURTURE_DEFERRED, now + MOMENT_HOUR);
	ck_assert_int_eq(written.due_at, now + MOMENT_HOUR);
	end(NURTURE_DEFERRED, INT64_MAX);
	ck_assert_int_eq(written.due_at, now + 5 * MOMENT_DAY);
	claim.touch.expires_at = now + MOMENT_HOUR;
	end(NURTURE_DEFERRED, now + 2 * MOMENT_HOUR);
	ck_assert_int_eq(written.state, TOUCH_EXPIRED);
}
END_TEST

START_TEST(a_channel_that_is_down_costs_no_attempt_and_is_left_alone_for_longer_each_time)
{
	begin(3);
	end(NURTURE_CHANNEL_DOWN, 0);
	ck_assert_int_eq(written.state, TOUCH_PLANNED);
	ck_assert_int_eq(written.due_at, claim.touch.due_at);
	ck_assert(!written.attempt_spent);
	ck_assert_str_eq(told, "down");
	int64_t first = d.back_off;
	end(NURTURE_CHANNEL_DOWN, 0); /* of the same breath */
	ck_assert_int_eq(d.back_off, first);
	d.down_until = 0;
	end(NURTURE_CHANNEL_DOWN, 0);
	ck_assert_int_eq(d.back_off, 2 * first);
	d.down_until = 0;
	end(NURTURE_SENT, 0);
	ck_assert(!d.down);
	ck_assert_str_eq(told, "up");
}
END_TEST

START_TEST(what_may_have_gone_is_held_in_doubt_or_sent_again_as_the_channel_says)
{
	begin(1);
	end(NURTURE_UNKNOWN, 0);
	ck_assert_int_eq(written.state, TOUCH_IN_DOUBT);
	channel.in_doubt = "resend";
	end(NURTURE_UNKNOWN, 0);
	ck_assert_int_eq(written.state, TOUCH_DEFERRED);
}
END_TEST

START_TEST(a_touch_that_the_store_cancelled_is_not_written_again)
{
	begin(1);
	item.permit = PERMIT_DENIED;
	end(NURTURE_CANCELLED, 0);
	ck_assert_int_eq(writes, 0);
	ck_assert_int_eq(freed, 1);
	end(NURTURE_SENT, 0); /* the plugin's bug: it is out, and that is what is written */
	ck_assert_int_eq(written.state, TOUCH_SENT);
}
END_TEST

START_TEST(what_comes_back_unsent_costs_an_attempt_only_when_the_plugin_would_not)
{
	begin(1);
	item.permit = PERMIT_FAILED;
	end(NURTURE_CANCELLED, 0);
	ck_assert_int_eq(written.state, TOUCH_PLANNED);
	ck_assert(!written.attempt_spent);
	begin(1);
	d.state = DELIVERY_DRAINS;
	end(NURTURE_CANCELLED, 0);
	ck_assert_int_eq(written.state, TOUCH_PLANNED);
	begin(1);
	item.permit = PERMIT_NONE;
	end(NURTURE_CANCELLED, 0);
	ck_assert_int_eq(written.state, TOUCH_DEFERRED);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_is_final_is_written_with_reason_and_remote_id),
	UNIT(what_is_put_off_comes_again_later_each_time_and_ends_after_about_five_days),
	UNIT(the_plugin_may_say_when_but_not_beyond_five_days_nor_its_last_moment),
	UNIT(a_channel_that_is_down_costs_no_attempt_and_is_left_alone_for_longer_each_time),
	UNIT(what_may_have_gone_is_held_in_doubt_or_sent_again_as_the_channel_says),
	UNIT(a_touch_that_the_store_cancelled_is_not_written_again),
	UNIT(what_comes_back_unsent_costs_an_attempt_only_when_the_plugin_would_not),
};
UNIT_MAIN("delivery/outcome", cases)
