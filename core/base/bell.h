/* A bell for foreign code that may go round for ever and is asked nothing meanwhile: it rings when this thread has worked for
 * some milliseconds between start and stop. playbook gets it as a pointer (playbook_site.bell), as it reads no clock itself.
 *
 * It costs no system call but one now and then: the timer runs on while it is needed, counts this thread's own work (so it
 * never wakes who sleeps), and stops by itself at the first ring that finds nothing started. One thread of a process uses it. */
#ifndef NURTURE_BASE_BELL_H
#define NURTURE_BASE_BELL_H

#include <stdint.h>

enum { BELL_MS = 5 };

struct bell {
	/* Until stop, ring(arg) is called every BELL_MS of work, the first time maybe sooner, inside a signal handler: it may do
	 * only what such a one may. Gives ticks, or 0: there is no bell to be had, and nothing was started. */
	uint64_t (*start)(void (*ring)(void *), void *arg);
	uint64_t (*stop)(void); /* gives ticks; ring is not called after it */
};
/* Ticks are the fastest counter there is: on x86 the time-stamp counter (1 to 4 in a nanosecond), elsewhere nanoseconds. They
 * only tell short times apart. */
extern const struct bell bell_of_thread;

#endif
