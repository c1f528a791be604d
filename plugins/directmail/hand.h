/* The thread that does what would keep the loop waiting: files, pictures of letters, uploads. One task at a time, in order. A task belongs to the thread from hand_give until its `done` is
 * called on the loop; in between nobody else touches it. */
#ifndef DIRECTMAIL_HAND_H
#define DIRECTMAIL_HAND_H

#include <nurture/plugin.h>

#include <stdbool.h>
#include <sys/queue.h>

struct hand;
struct hand_task {
	TAILQ_ENTRY(hand_task) entry;
	void (*run)(struct hand_task *task, struct hand *hand); /* in the thread */
	void (*done)(struct hand_task *task);                   /* on the loop: free it there */
	void (*drop)(struct hand_task *task);                   /* on the loop, in done's place, when the plugin closes; run may never have been called */
};

struct hand *hand_new(const struct nurture_host *host);
/* Waits for the task that runs (it should look at hand_stopping), drops all others. NULL is taken. */
void hand_free(struct hand *hand);
void hand_give(struct hand *hand, struct hand_task *task);
/* In the thread: end soon, whatever it costs. */
bool hand_stopping(struct hand *hand);

#endif
