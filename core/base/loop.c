/* libevent base, one-shot timers, and the list of things to do after the current callback. */
#include "base/loop.h"

#include "base/mem.h"

#include <stdlib.h>
#include <sys/time.h>

struct later {
	loop_fn *fn;
	void *arg;
};

struct loop {
	struct event_base *base;
	struct event *sweep;
	struct later *laters;
	size_t count;
	size_t room;
};

struct loop_timer {
	struct event *event;
	loop_fn *fn;
	void *arg;
};

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;
	(void)fd, (void)what;
	for (size_t i = 0; i < loop->count; i++) /* a later may add laters: they run in the same sweep */
		loop->laters[i].fn(loop->laters[i].arg);
	loop->count = 0;
}

struct loop *loop_new(void)
{
	struct loop *loop = mem_alloc(sizeof *loop);
	struct event_config *config = event_config_new();
	if (!config)
		abort();
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	loop->base = event_base_new_with_config(config);
	event_config_free(config);
	if (!loop->base)
		abort();
	loop->sweep = event_new(loop->base, -1, 0, on_sweep, loop);
	if (!loop->sweep)
		abort();
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	on_sweep(-1, 0, loop);
	event_free(loop->sweep);
	event_base_free(loop->base);
	free(loop->laters);
	free(loop);
}

struct event_base *loop_base(struct loop *loop)
{
	return loop->base;
}

void loop_run(struct loop *loop)
{
	event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
	on_sweep(-1, 0, loop); /* what was put off when the loop was stopped: the caller frees its objects next */
}

void loop_stop(struct loop *loop)
{
	event_base_loopbreak(loop->base);
}

static void on_wait_over(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what, (void)arg;
}

void loop_once(struct loop *loop, int64_t wait_us)
{
	struct timeval tv = {.tv_sec = wait_us / 1000000, .tv_usec = wait_us % 1000000};
	struct event *limit = event_new(loop->base, -1, 0, on_wait_over, NULL);
	if (!limit)
		abort();
	event_add(limit, &tv);
	event_base_loop(loop->base, EVLOOP_ONCE);
	event_free(limit);
}

void loop_later(struct loop *loop, loop_fn *fn, void *arg)
{
	if (loop->count == loop->room) {
		loop->room = loop->room ? loop->room * 2 : 16;
		loop->laters = mem_resize(loop->laters, loop->room, sizeof *loop->laters);
	}
	loop->laters[loop->count++] = (struct later){fn, arg};
	event_active(loop->sweep, EV_TIMEOUT, 1);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *timer = arg;
	(void)fd, (void)what;
	timer->fn(timer->arg);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fn, void *arg)
{
	struct loop_timer *timer = mem_alloc(sizeof *timer);
	*timer = (struct loop_timer){.event = event_new(loop->base, -1, 0, on_timer, timer), .fn = fn, .arg = arg};
	if (!timer->event)
		abort();
	return timer;
}

void loop_timer_free(struct loop_timer *timer)
{
	if (!timer)
		return;
	event_free(timer->event);
	free(timer);
}

void loop_timer_set(struct loop_timer *timer, int64_t in_us)
{
	if (in_us < 0)
		in_us = 0;
	struct timeval tv = {.tv_sec = in_us / 1000000, .tv_usec = in_us % 1000000};
	event_add(timer->event, &tv);
}

void loop_timer_stop(struct loop_timer *timer)
{
	event_del(timer->event);
}

bool loop_timer_is_set(const struct loop_timer *timer)
{
	return event_pending(timer->event, EV_TIMEOUT, NULL);
}
