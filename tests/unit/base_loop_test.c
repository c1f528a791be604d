/* What is put off is done once, while its object lives. */
#include "base/loop.h"
#include "unit/check_main.h"

struct put_off {
	struct loop *loop;
	int called;
};

static void count(void *arg)
{
	struct put_off *put_off = arg;
	put_off->called++;
}

static void put_off_and_stop(void *arg)
{
	struct put_off *put_off = arg;
	loop_stop(put_off->loop);
	loop_later(put_off->loop, count, put_off);
}

START_TEST(what_was_put_off_when_the_loop_was_stopped_is_done_before_it_returns)
{
	struct put_off put_off = {.loop = loop_new()};
	struct loop_timer *timer = loop_timer_new(put_off.loop, put_off_and_stop, &put_off);
	loop_timer_set(timer, 0);
	loop_run(put_off.loop);
	ck_assert_int_eq(put_off.called, 1);
	loop_timer_free(timer);
	loop_free(put_off.loop);
	ck_assert_int_eq(put_off.called, 1);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_was_put_off_when_the_loop_was_stopped_is_done_before_it_returns),
};
UNIT_MAIN("base/loop", cases)
