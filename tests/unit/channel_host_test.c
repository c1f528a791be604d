/* The channel as a plugin's host: each ticket is over once, whatever the plugin does. The plugin is tests/plugin/puppet.c. */
#include "base/log.h"
#include "base/mem.h"
#include "channel/channel.h"
#include "channel/plugin.h"
#include "unit/check_main.h"

#include <fcntl.h>

/* The one who would speak with the database. */
struct fake {
	struct loop *loop;
	struct channel *channel;
	struct nurture_handle asked[16];
	size_t ask_count;
	int over, late, cookie;
	uint32_t capacity;
	enum nurture_outcome outcome;
	bool unpermitted;
	char reason[600];
};

static moment_t fake_now(void *arg)
{
	(void)arg;
	return 1000;
}
static void fake_permit(void *arg, void *cookie, struct nurture_handle handle)
{
	struct fake *fake = arg;
	(void)cookie;
	fake->asked[fake->ask_count++] = handle;
}
static void fake_over(void *arg, void *cookie, const struct channel_result *result)
{
	struct fake *fake = arg;
	ck_assert_ptr_eq(cookie, &fake->cookie);
	fake->over++;
	fake->outcome = result->outcome;
	fake->unpermitted = result->unpermitted;
	snprintf(fake->reason, sizeof fake->reason, "%.*s", STR_ARG(result->reason));
}
static void fake_capacity(void *arg, uint32_t n)
{
	((struct fake *)arg)->capacity = n;
}
static void fake_late(void *arg)
{
	((struct fake *)arg)->late++;
}
static const struct channel_calls calls = {
	.now = fake_now, .permit = fake_permit, .over = fake_over, .capacity = fake_capacity, .late = fake_late};

static void begin(struct fake *fake, const char *act)
{
	struct error error = {0};
	json_t *settings = json_pack("{s:s, s:i}", "act", act, "capacity", 5000);
	const struct nurture_plugin *plugin = channel_plugin_load(NURTURE_BUILD "/tests/plugins/puppet.so", &error);
	ck_assert_msg(plugin, "%s", error.message);
	log_set_fd(open("/dev/null", O_WRONLY | O_CLOEXEC));
	*fake = (struct fake){.loop = loop_new()};
	struct channel_options options = {.name = "test", .settings = settings, .data_dir = "/tmp", .deadline_us = 20000, .grace_us = 20000};
	fake->channel = channel_open(fake->loop, plugin, &options, &calls, fake, &error);
	ck_assert_msg(fake->channel, "%s", error.message);
	json_decref(settings);
	struct nurture_touch touch = {.touch_id = 64, .lead_id = 64, .kind = "email", .address = "a@example.com", .name = "", .attempt = 1};
	channel_deliver(fake->channel, &touch, &fake->cookie);
}

static void wait_over(struct fake *fake)
{
	mono_t end = mono_now() + 60 * MOMENT_SECOND;
	while (!fake->over && mono_now() < end)
		loop_once(fake->loop, 10000);
	ck_assert_int_eq(fake->over, 1);
}

static void end(struct fake *fake)
{
	channel_close(fake->channel);
	loop_free(fake->loop);
	ck_assert_int_eq(fake->over, 1);
}

START_TEST(a_touch_is_sent_after_permission_and_over_once)
{
	struct fake fake;
	begin(&fake, "send");
	ck_assert_uint_eq(fake.ask_count, 1);
	ck_assert_int_eq(fake.over, 0);
	channel_permitted(fake.channel, fake.asked[0], true);
	ck_assert_int_eq(fake.over, 1);
	ck_assert_int_eq(fake.outcome, NURTURE_SENT);
	ck_assert(!fake.unpermitted);
	channel_permitted(fake.channel, fake.asked[0], true); /* a late answer finds nothing */
	ck_assert_uint_eq(channel_in_hand(fake.channel), 0);
	end(&fake);
}
END_TEST

START_TEST(without_permission_nothing_is_sent)
{
	struct fake fake;
	begin(&fake, "send");
	channel_permitted(fake.channel, fake.asked[0], false);
	ck_assert_int_eq(fake.outcome, NURTURE_CANCELLED);
	end(&fake);
}
END_TEST

/* It was given, its connection was lost before anything was done, and it is asked for again: the second answer counts. */
START_TEST(permission_may_be_asked_for_again_and_the_last_answer_counts)
{
	struct fake fake;
	begin(&fake, "hesitant");
	channel_permitted(fake.channel, fake.asked[0], true);
	ck_assert_uint_eq(fake.ask_count, 2);
	ck_assert_int_eq(fake.late, 0);
	channel_permitted(fake.channel, fake.asked[1], false);
	ck_assert_int_eq(fake.outcome, NURTURE_CANCELLED);
	end(&fake);
	begin(&fake, "hesitant");
	channel_permitted(fake.channel, fake.asked[0], true);
	channel_permitted(fake.channel, fake.asked[1], true);
	ck_assert_int_eq(fake.outcome, NURTURE_SENT);
	ck_assert(!fake.unpermitted);
	end(&fake);
	begin(&fake, "hesitant");
	channel_permitted(fake.channel, fake.asked[0], true);
	end(&fake);
	ck_assert_int_eq(fake.outcome, NURTURE_CANCELLED); /* who asks again has done nothing */
}
END_TEST

START_TEST(the_second_completion_is_counted_and_changes_nothing)
{
	struct fake fake;
	begin(&fake, "double");
	ck_assert_int_eq(fake.over, 1);
	ck_assert_int_eq(fake.outcome, NURTURE_REJECTED);
	ck_assert_str_eq(fake.reason, "first");
	ck_assert_int_eq(fake.late, 1);
	ck_assert_uint_eq(channel_late(fake.channel), 1);
	end(&fake);
}
END_TEST

START_TEST(an_outcome_that_is_none_is_in_doubt)
{
	struct fake fake;
	begin(&fake, "garbage");
	ck_assert_int_eq(fake.outcome, NURTURE_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(fake.reason, "77"));
	end(&fake);
}
END_TEST

START_TEST(a_reason_with_line_ends_and_wrong_bytes_is_made_plain)
{
	struct fake fake;
	begin(&fake, "reject");
	ck_assert_str_eq(fake.reason, "550 5.1.1 no? such user ?");
	end(&fake);
}
END_TEST

START_TEST(a_touch_sent_without_asking_is_recorded_as_sent_and_told)
{
	struct fake fake;
	begin(&fake, "unpermitted");
	ck_assert_int_eq(fake.outcome, NURTURE_SENT);
	ck_assert(fake.unpermitted);
	end(&fake);
}
END_TEST

/* It would tell of it as sent, later, and nobody could have said no. */
START_TEST(a_touch_queued_without_asking_is_told)
{
	struct fake fake;
	begin(&fake, "queues-unasked");
	ck_assert_int_eq(fake.outcome, NURTURE_QUEUED);
	ck_assert(fake.unpermitted);
	end(&fake);
}
END_TEST

START_TEST(a_mute_plugin_without_permission_cannot_have_sent)
{
	struct fake fake;
	begin(&fake, "mute");
	wait_over(&fake);
	ck_assert_int_eq(fake.outcome, NURTURE_CANCELLED);
	end(&fake);
}
END_TEST

START_TEST(a_mute_plugin_with_permission_leaves_the_touch_in_doubt)
{
	struct fake fake;
	begin(&fake, "vanish");
	channel_permitted(fake.channel, fake.asked[0], true);
	wait_over(&fake);
	ck_assert_int_eq(fake.outcome, NURTURE_UNKNOWN);
	end(&fake);
}
END_TEST

START_TEST(a_plugin_s_thread_comes_back_through_post)
{
	struct fake fake;
	begin(&fake, "thread");
	wait_over(&fake);
	ck_assert_str_eq(fake.reason, "from a thread");
	end(&fake);
}
END_TEST

START_TEST(capacity_is_kept_in_bounds)
{
	struct fake fake;
	begin(&fake, "reject");
	ck_assert_uint_eq(fake.capacity, CHANNEL_CAPACITY_MAX);
	end(&fake);
}
END_TEST

START_TEST(closing_ends_what_is_in_hand)
{
	struct fake fake;
	begin(&fake, "vanish");
	channel_permitted(fake.channel, fake.asked[0], true);
	end(&fake);
	ck_assert_int_eq(fake.outcome, NURTURE_UNKNOWN);
}
END_TEST

START_TEST(cancelling_spares_what_has_permission)
{
	struct fake fake;
	begin(&fake, "send");
	channel_cancel_all(fake.channel);
	ck_assert_int_eq(fake.outcome, NURTURE_CANCELLED);
	end(&fake);
	begin(&fake, "vanish");
	channel_permitted(fake.channel, fake.asked[0], true);
	channel_cancel_all(fake.channel);
	ck_assert_int_eq(fake.over, 0);
	end(&fake);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_touch_is_sent_after_permission_and_over_once),
	UNIT(without_permission_nothing_is_sent),
	UNIT(permission_may_be_asked_for_again_and_the_last_answer_counts),
	UNIT(the_second_completion_is_counted_and_changes_nothing),
	UNIT(an_outcome_that_is_none_is_in_doubt),
	UNIT(a_reason_with_line_ends_and_wrong_bytes_is_made_plain),
	UNIT(a_touch_sent_without_asking_is_recorded_as_sent_and_told),
	UNIT(a_touch_queued_without_asking_is_told),
	UNIT(a_mute_plugin_without_permission_cannot_have_sent),
	UNIT(a_mute_plugin_with_permission_leaves_the_touch_in_doubt),
	UNIT(a_plugin_s_thread_comes_back_through_post),
	UNIT(capacity_is_kept_in_bounds),
	UNIT(closing_ends_what_is_in_hand),
	UNIT(cancelling_spares_what_has_permission),
};
UNIT_MAIN("channel/host", cases)
