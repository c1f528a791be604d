/* The event loop of a worker: one libevent base with the flags that pay (EPOLL_USE_CHANGELIST), and the sweep of
 * objects that died inside a callback (STYLE habit 8). Callers use libevent's own event, bufferevent … on loop_base(). */
#ifndef NURTURE_BASE_LOOP_H
#define NURTURE_BASE_LOOP_H

#include "base/clock.h"

#include <event2/event.h>
#include <stdbool.h>

struct loop;
struct loop_timer;
typedef void loop_fn(void *arg);

struct loop *loop_new(void);
void loop_free(struct loop *loop); /* takes NULL; sweeps first */
struct event_base *loop_base(struct loop *loop);
void loop_run(struct loop *loop);  /* until loop_stop; what was put off by then is done before it returns, while its objects live */
void loop_stop(struct loop *loop); /* after the callback that runs */
void loop_once(struct loop *loop, int64_t wait_us); /* waits at most so long for something to happen, and does it */

/* Calls fn(arg) after the callbacks that are due now and before the loop sleeps: the place where an object that died in its own callback is
 * freed. (Not at a higher priority: libevent asks the kernel again after each callback that was overtaken.) */
void loop_later(struct loop *loop, loop_fn *fn, void *arg);

/* A timer that can be set again and again; one shot each. Microseconds of machine time from now. */
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fn, void *arg);
void loop_timer_free(struct loop_timer *timer); /* takes NULL; may be called inside its own callback */
void loop_timer_set(struct loop_timer *timer, int64_t in_us);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_is_set(const struct loop_timer *timer);

#endif
