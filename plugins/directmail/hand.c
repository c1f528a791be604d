/* See hand.h. */
#include "hand.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

TAILQ_HEAD(tasks, hand_task);

struct hand {
	const struct nurture_host *host;
	pthread_t thread;
	bool running;            /* there is a thread */
	pthread_mutex_t lock;    /* of all below */
	pthread_cond_t given;
	struct tasks todo, done;
	bool stopping, posted;
};

static void on_posted(void *arg)
{
	struct hand *hand = arg;
	struct hand_task *task;
	pthread_mutex_lock(&hand->lock);
	hand->posted = false;
	while ((task = TAILQ_FIRST(&hand->done))) {
		TAILQ_REMOVE(&hand->done, task, entry);
		pthread_mutex_unlock(&hand->lock);
		task->done(task);
		pthread_mutex_lock(&hand->lock);
	}
	pthread_mutex_unlock(&hand->lock);
}

/* With the lock. */
static void put_down(struct hand *hand, struct hand_task *task)
{
	TAILQ_INSERT_TAIL(&hand->done, task, entry);
	if (!hand->posted && !hand->stopping) {
		hand->posted = true;
		hand->host->post(hand->host->data, on_posted, hand);
	}
}

static void *work(void *arg)
{
	struct hand *hand = arg;
	struct hand_task *task;
	pthread_mutex_lock(&hand->lock);
	while (!hand->stopping) {
		if (!(task = TAILQ_FIRST(&hand->todo))) {
			pthread_cond_wait(&hand->given, &hand->lock);
			continue;
		}
		TAILQ_REMOVE(&hand->todo, task, entry);
		pthread_mutex_unlock(&hand->lock);
		task->run(task, hand);
		pthread_mutex_lock(&hand->lock);
		put_down(hand, task);
	}
	pthread_mutex_unlock(&hand->lock);
	return NULL;
}

struct hand *hand_new(const struct nurture_host *host)
{
	struct hand *hand = calloc(1, sizeof *hand);
	if (!hand)
		abort();
	hand->host = host;
	TAILQ_INIT(&hand->todo);
	TAILQ_INIT(&hand->done);
	pthread_mutex_init(&hand->lock, NULL);
	pthread_cond_init(&hand->given, NULL);
	return hand;
}

/* Signals are the loop's. */
static void begin(struct hand *hand)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&hand->thread, NULL, work, hand))
		abort(); /* ends this process; the next one goes on */
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	hand->running = true;
}

void hand_give(struct hand *hand, struct hand_task *task)
{
	pthread_mutex_lock(&hand->lock);
	TAILQ_INSERT_TAIL(&hand->todo, task, entry);
	pthread_cond_signal(&hand->given);
	pthread_mutex_unlock(&hand->lock);
	if (!hand->running)
		begin(hand);
}

bool hand_stopping(struct hand *hand)
{
	pthread_mutex_lock(&hand->lock);
	bool stopping = hand->stopping;
	pthread_mutex_unlock(&hand->lock);
	return stopping;
}

static void drop_all(struct tasks *tasks)
{
	struct hand_task *task;
	while ((task = TAILQ_FIRST(tasks))) {
		TAILQ_REMOVE(tasks, task, entry);
		task->drop(task);
	}
}

void hand_free(struct hand *hand)
{
	if (!hand)
		return;
	pthread_mutex_lock(&hand->lock);
	hand->stopping = true;
	pthread_cond_signal(&hand->given);
	pthread_mutex_unlock(&hand->lock);
	if (hand->running)
		pthread_join(hand->thread, NULL);
	drop_all(&hand->todo);
	drop_all(&hand->done);
	pthread_cond_destroy(&hand->given);
	pthread_mutex_destroy(&hand->lock);
	free(hand);
}
