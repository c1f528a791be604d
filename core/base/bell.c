/* The bell: a timer of this thread's CPU time that raises SIGVTALRM.
 *
 *   start → armed? no: the timer is set to ring every BELL_MS
 *   rings → between start and stop: ring(arg), and again after BELL_MS
 *           else: the timer is stopped, and the next start sets it again
 *
 * `running` is set before `armed` is asked, and the handler asks `running` before it clears `armed`: so whatever moment the
 * signal comes at, nothing runs without a timer. A child has no timers: it makes its own. */
#include "base/bell.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static struct {
	void (*volatile ring)(void *);
	void *volatile running; /* arg, between start and stop */
	volatile sig_atomic_t armed;
	bool made, refused;
	timer_t timer;
} bell;

static uint64_t ticks(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return __builtin_ia32_rdtsc();
#else
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
#endif
}

static bool set_timer(long ms)
{
	struct itimerspec every = {.it_interval.tv_nsec = ms * 1000000, .it_value.tv_nsec = ms * 1000000};
	return timer_settime(bell.timer, 0, &every, NULL) == 0;
}

static void on_signal(int signal)
{
	(void)signal;
	int before = errno;
	void *arg = bell.running;
	if (arg)
		bell.ring(arg);
	else if (bell.armed && set_timer(0))
		bell.armed = 0;
	errno = before;
}

static void forget_in_child(void)
{
	bell.made = false;
	bell.armed = 0;
	bell.running = NULL;
}

static bool make_timer(void)
{
	static bool watched;
	sigset_t ours;
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGVTALRM};
	event.sigev_notify_thread_id = gettid();
	sigemptyset(&ours);
	sigaddset(&ours, SIGVTALRM);
	if (!watched && pthread_atfork(NULL, NULL, forget_in_child))
		return false;
	watched = true;
	return sigaction(SIGVTALRM, &action, NULL) == 0 && pthread_sigmask(SIG_UNBLOCK, &ours, NULL) == 0 &&
	       timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &bell.timer) == 0;
}

static bool arm(void)
{
	if (!bell.made && !bell.refused) {
		bell.made = make_timer();
		bell.refused = !bell.made;
	}
	bell.armed = 1; /* before the timer: a ring in between finds `running`, and leaves it so */
	if (bell.made && set_timer(BELL_MS))
		return true;
	bell.armed = 0;
	return false;
}

static uint64_t start(void (*ring)(void *), void *arg)
{
	bell.ring = ring;
	bell.running = arg;
	if (!bell.armed && !arm()) {
		bell.running = NULL;
		return 0;
	}
	return ticks();
}

static uint64_t stop(void)
{
	bell.running = NULL;
	return ticks();
}

const struct bell bell_of_thread = {start, stop};
